"""The firm: handlers and actions by area of the process, its records, its doors to the outside.

`HANDLERS` is what the engine is given. Every module with declarations is listed here by name; a topic declared twice is
refused.
"""

from __future__ import annotations

from engine.handler import declared
from tasks import (
    analisis,
    conocimiento,
    contacto,
    documentacion,
    envio,
    funciones,
    propuesta,
    propuestas,
    reuniones,
)

HANDLERS = declared(
    funciones,
    contacto,
    conocimiento,
    documentacion,
    analisis,
    propuestas,
    propuesta,
    envio,
    reuniones,
)

__all__ = ["HANDLERS"]
