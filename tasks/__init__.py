"""The firm: handlers and actions by area of the process, its records, its doors to the outside.

`HANDLERS` is what the engine is given. Every module with declarations is listed here by name; a topic declared twice is
refused.
"""

from __future__ import annotations

from engine.handler import declared
from tasks import (
    analisis,
    arco,
    arranque,
    asignacion,
    ausencias,
    avisos,
    bajas,
    cancelacion,
    cierre,
    conocimiento,
    contacto,
    correo,
    documentacion,
    documentos,
    envio,
    facturador,
    funciones,
    pagos,
    postventa,
    propuesta,
    propuestas,
    resumen,
    retencion,
    reuniones,
    seguimiento,
    seguimiento_pagos,
    timbrado,
    tramites,
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
    pagos,
    seguimiento_pagos,
    asignacion,
    arco,
    arranque,
    seguimiento,
    cierre,
    cancelacion,
    postventa,
    correo,
    documentos,
    facturador,
    timbrado,
    tramites,
    avisos,
    ausencias,
    bajas,
    resumen,
    retencion,
)

DADAS = ("solicitante", "solicitante_nombre", "folio", "prospecto_id", "clave_asunto", "decidida")
"""Variables with which the firm's program starts processes: trámites, matters, cancellations."""

__all__ = ["DADAS", "HANDLERS"]
