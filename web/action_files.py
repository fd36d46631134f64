"""Files that come with a form of an action: stored at once like those of user tasks, carried by a signed id.

There is no row yet that they could belong to; the id holds what the store said, so that a form with an error keeps
them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import BinaryIO

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from engine.errors import Invalid
from web.runtime import engine


@dataclass(frozen=True, slots=True)
class ActionFile:
    """One stored file."""

    hash: str
    filename: str
    size: int
    type: str


def store(path: str, stream: BinaryIO, filename: str) -> str:
    """Keep the file; answers its id. Raises Invalid at `path` for what is empty, too large or not accepted."""
    shown = engine().files.shown_name(filename)
    stored = engine().files.store(stream, shown, path)
    return str(_signer().dumps(asdict(ActionFile(stored.hash, shown, stored.size, stored.type))))


def find(file_id: str, path: str = "") -> ActionFile:
    """The file behind an id. Raises Invalid at `path` for an id that this program did not give."""
    try:
        return ActionFile(**_signer().loads(file_id))
    except (BadSignature, TypeError):
        raise Invalid({path: "Adjunte el archivo de nuevo: no se encontró."}) from None


def known(file_ids: set[str]) -> dict[str, ActionFile]:
    """Those of these ids that are files, for the page that shows them."""
    found = {}
    for file_id in file_ids:
        try:
            found[file_id] = find(file_id)
        except Invalid:
            continue
    return found


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="action-file")
