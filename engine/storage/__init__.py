"""Tables, connections, files: where everything is kept."""

from engine.storage.tables import metadata
from engine.storage.types import FeelJson, UtcDateTime

__all__ = ["FeelJson", "UtcDateTime", "metadata"]
