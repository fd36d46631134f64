"""Documents of a matter that come in through a page other than a user task's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.registros import Documento
from web import action_files

if TYPE_CHECKING:
    from engine.transaction import Transaction


def of_file(tx: Transaction, prospecto_id: str, file_id: str, rubro: str) -> Documento:
    """A record for a file stored by `action_files`, in this transaction. Raises Invalid for an unknown id."""
    file = action_files.find(file_id, "comprobante")
    document = Documento(
        prospecto_id=prospecto_id,
        rubro=rubro,
        origen="subido",
        nombre=file.filename,
        tipo=file.type,
        tamano=file.size,
        sha256=file.hash,
        estado="entregado",
        entregado=tx.now,
    )
    tx.session.add(document)
    tx.session.flush()
    return document
