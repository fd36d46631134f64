"""DMN: decision tables, boxed expressions and graphs of decisions (1.2 to 1.5), evaluated with our FEEL."""

from engine.decisions.decisions import Decisions
from engine.decisions.errors import DecisionError

__all__ = ["DecisionError", "Decisions"]
