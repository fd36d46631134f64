"""The firm: handlers and actions by area of the process, its records, its doors to the outside.

`HANDLERS` is what the engine is given. Every module with declarations is listed here by name; a topic declared twice is
refused.
"""

from __future__ import annotations

from engine.handler import declared
from tasks import funciones

HANDLERS = declared(funciones)

__all__ = ["HANDLERS"]
