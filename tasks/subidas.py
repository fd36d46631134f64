"""Files that people attached to a user task, as the firm's records take them over."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Invalid
from engine.storage import tables
from tasks.paso import Paso
from tasks.registros import Documento, Prospecto


@dataclass(frozen=True, slots=True)
class Subida:
    """One attached file: where its bytes are and what they are."""

    id: str
    hash: str
    filename: str
    type: str
    size: int


def subida(session: Session, archivo_id: str, campo: str) -> Subida:
    """The file behind an id of a `filepicker`. Raises Invalid at `campo` when there is none."""
    fila = tables.attachment.c
    columnas = (fila.id, fila.hash, fila.filename, fila.type, fila.size)
    hallada = session.execute(select(*columnas).where(fila.id == archivo_id)).first()
    if hallada is None:
        raise Invalid({campo: "Adjunte el archivo de nuevo: no se encontró."})
    return Subida(*hallada)


def documento(
    paso: Paso,
    prospecto: Prospecto,
    archivo_id: str,
    campo: str,
    rubro: str,
    *,
    asunto_id: str | None = None,
    visible_cliente: bool = False,
) -> Documento:
    """The file behind an id as an accepted document of the matter. Raises Invalid at `campo`."""
    archivo = subida(paso.session, archivo_id, campo)
    nuevo = Documento(
        prospecto_id=prospecto.id,
        asunto_id=asunto_id,
        rubro=rubro,
        origen="subido",
        archivo=archivo.id,
        nombre=archivo.filename,
        tipo=archivo.type,
        tamano=archivo.size,
        sha256=archivo.hash,
        estado="aceptado",
        visible_cliente=visible_cliente,
        entregado=paso.now,
    )
    paso.session.add(nuevo)
    paso.session.flush()
    return nuevo
