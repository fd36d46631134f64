"""Documents from templates: a Documento row at once, its PDF/A by the outside job `documento.generar` (§1.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.paso import Paso
from tasks.registros import Documento, Prospecto


def generar(
    paso: Paso,
    plantilla: str,
    *,
    prospecto: Prospecto,
    datos: Mapping[str, Any],
    rubro: str | None = None,
    asunto_id: str | None = None,
    visible_cliente: bool = True,
    nombre: str | None = None,
) -> Documento:
    """Note a document down (`estado` «en_proceso») and have its PDF rendered after the step has committed.

    `plantilla`: `propuesta` = `documents/propuesta.typ` of the bundle. `datos`: what it prints (text, Decimal,
    date, datetime, lists, dicts); `despacho`, `persona`, `folio`, `fecha` are added. `rubro`: kind of document on the
    matter's page (default: the template's name); `nombre`: file name without `.pdf` (default: rubro and folio).
    Afterwards `estado` is «generado» and `sha256` is the hash of its bytes in the file store; a Propuesta that
    refers to it by `documento_id` gets `pdf_sha256`.
    """
    raise NotImplementedError
