"""Drafts: what the process will be when it is published. The files that nobody changed are the published ones.

A revision is the hash of a file's content, so two people who wrote the same are not in each other's way, and whoever
saves over something that they have not seen is told so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flask_babel import gettext as _
from sqlalchemy import select, text

from engine.errors import Conflict, Invalid, NotFound
from web.runtime import engine, settings
from web.studio.kinds import kind_of, refuse_unreadable
from web.studio.tables import DraftFile
from web.studio.workspaces import Workspaces, workspaces

if TYPE_CHECKING:
    from engine.transaction import Transaction

State = Literal["same", "added", "changed", "removed"]
NOTHING = ""
"""Revision of a file that is not there."""
MOST_FILES = 1000
_ONE_WRITER = text(f"LOCK TABLE {DraftFile.__tablename__} IN SHARE ROW EXCLUSIVE MODE")
"""Held until the commit; whoever only reads does not wait."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file of the draft."""

    path: str
    state: State
    author: str | None = None
    changed: object = None
    overtaken: bool = False
    """Somebody published another version since this change began."""


class Draft:
    """The draft, as seen in one transaction. `process`: only the workspace of that process, whose changes alone count;
    what only other processes use is as it is published. To be read, not to be changed. Raises NotFound.

    In a transaction that writes, one at a time: what it sees is what it changes (SQLite has but one writer anyway)."""

    def __init__(self, tx: Transaction, process: str | None = None) -> None:
        self.tx = tx
        if tx.writes and tx.connection.dialect.name == "postgresql":
            tx.execute(_ONE_WRITER)
        self.process = process
        if process is not None and process not in self.workspaces.by_key:
            raise NotFound(_("El borrador no tiene el proceso «%(key)s».", key=process))

    @cached_property
    def published(self) -> dict[str, bytes]:
        """The latest deployment; scenarios are no part of one and come from the process folder."""
        try:
            found = self.tx.resources(None)
        except NotFound:
            found = {}
        return {**found, **_scenarios(settings().processes)}

    @cached_property
    def all_rows(self) -> dict[str, DraftFile]:
        return {row.path: row for row in self.tx.session.scalars(select(DraftFile))}

    @cached_property
    def workspaces(self) -> Workspaces:
        """Of the published files and of the draft's: a file that moves from one to another belongs to both."""
        return workspaces(engine(), self.published, _with(self.published, self.all_rows))

    @cached_property
    def foreign(self) -> set[str]:
        """Files that only other processes use."""
        if self.process is None:
            return set()
        return self.workspaces.foreign(self.process, {*self.published, *self.all_rows})

    @cached_property
    def rows(self) -> dict[str, DraftFile]:
        if self.process is None:
            return self.all_rows
        return {path: row for path, row in self.all_rows.items() if path not in self.foreign}

    def files(self) -> dict[str, bytes]:
        """Every file of the draft by its path."""
        return _with(self.published, self.rows)

    def scenarios(self) -> list[str]:
        """Paths of the scenarios, those of the workspace."""
        return [path for path in self.files() if path.startswith("scenarios/") and path not in self.foreign]

    def resources(self) -> dict[str, bytes]:
        """What would be deployed: everything but the scenarios."""
        return {path: data for path, data in self.files().items() if not path.startswith("scenarios/")}

    def items(self) -> list[Item]:
        """The files with their state, deleted ones too."""
        return [self._item(path) for path in sorted({*self.published, *self.rows} - self.foreign)]

    def item(self, path: str) -> Item:
        """One of them. Raises NotFound."""
        if path not in self.published and path not in self.rows:
            raise NotFound(f"El borrador no tiene el archivo {path}.")
        return self._item(path)

    def _item(self, path: str) -> Item:
        row, before = self.rows.get(path), self.published.get(path)
        if row is None or row.data == before:
            return Item(path, "same")
        state: State = "added" if before is None else "removed" if row.data is None else "changed"
        return Item(path, state, row.author, row.changed, overtaken=row.base != (before and revision(before)))

    def read(self, path: str) -> bytes:
        """Raises NotFound."""
        try:
            return self.files()[path]
        except KeyError:
            raise NotFound(f"El borrador no tiene el archivo {path}.") from None

    def revision(self, path: str) -> str:
        """Of the file as it stands; `NOTHING` when there is none."""
        data = self.files().get(path)
        return NOTHING if data is None else revision(data)

    # --- changes

    def save(self, path: str, data: bytes, seen: str) -> str:
        """Write a file that was last seen with revision `seen` (NOTHING: a new one); answers the new revision.

        Raises Conflict (`reason` «stale», with who and when) when it has been changed since, Invalid for content that
        could not be opened again.
        """
        kind_of(path)
        refuse_unreadable(path, data)
        if seen != self.revision(path):
            row = self.rows.get(path)
            raise Conflict(
                "Otra persona guardó este archivo mientras usted lo tenía abierto."
                if seen
                else "Ya hay un archivo con ese nombre.",
                reason="stale",
                who=row.author if row else None,
                when=row.changed if row else None,
            )
        if len(self.rows) >= MOST_FILES and path not in self.rows:
            raise Invalid({"archivo": "El borrador tiene demasiados cambios; publíquelo o deshaga algunos."})
        self._write(path, data)
        return revision(data)

    def rename(self, path: str, new: str, seen: str) -> None:
        """Give a file another name. Raises Conflict, Invalid, NotFound."""
        data = self.read(path)
        if kind_of(new) != kind_of(path):
            raise Invalid({"nombre": "Un archivo cambia de nombre, no de carpeta."})
        self.save(new, data, NOTHING)
        self.delete(path, seen)

    def delete(self, path: str, seen: str) -> None:
        """Take a file out of the draft. Raises Conflict when it has been changed since, NotFound."""
        self.read(path)
        self._refuse_stale(path, seen)
        if path in self.published:
            self._write(path, None)
        else:
            self.tx.session.delete(self.rows.pop(path))

    def undo(self, path: str, seen: str) -> None:
        """Back to the published version. Raises Conflict when it has been changed since, NotFound for a file that was
        never published."""
        if path not in self.published:
            raise NotFound(f"El archivo {path} no se ha publicado.")
        self._refuse_stale(path, seen)
        row = self.rows.pop(path, None)
        if row is not None:
            self.tx.session.delete(row)

    def _refuse_stale(self, path: str, seen: str) -> None:
        if self.revision(path) != seen:
            raise Conflict("Otra persona cambió este archivo entre tanto. Vea qué cambió y decida.", reason="changed")

    def replace(self, files: dict[str, bytes]) -> None:
        """Make the draft's deployable files exactly these, e.g. those of an earlier deployment."""
        for path in {*self.resources(), *files}:
            data = files.get(path)
            if data == self.published.get(path):
                row = self.rows.pop(path, None)
                if row is not None:
                    self.tx.session.delete(row)
            elif data != self.files().get(path):
                self._write(path, data)

    def settle(self) -> None:
        """Forget the changes that are published by now."""
        for path, row in list(self.rows.items()):
            if row.data == self.published.get(path):
                self.tx.session.delete(self.rows.pop(path))

    def _write(self, path: str, data: bytes | None) -> None:
        row = self.rows.get(path)
        if row is None:
            before = self.published.get(path)
            row = DraftFile(path=path, base=None if before is None else revision(before))
            self.tx.session.add(row)
            self.rows[path] = row
        row.data, row.author, row.changed = data, self.tx.actor.id, self.tx.now


def _with(files: Mapping[str, bytes], rows: Mapping[str, DraftFile]) -> dict[str, bytes]:
    """The files with these changes."""
    found = {path: data for path, data in files.items() if path not in rows}
    return dict(sorted((found | {path: row.data for path, row in rows.items() if row.data is not None}).items()))


def saved_scenarios(tx: Transaction) -> dict[str, bytes]:
    """The scenarios that were written or changed in the studio; no publication carries them."""
    rows = tx.session.scalars(select(DraftFile).where(DraftFile.path.startswith("scenarios/")))
    return {row.path: row.data for row in rows if row.data is not None}


def revision(data: bytes) -> str:
    """The revision of a file with this content."""
    return hashlib.sha256(data).hexdigest()


def _scenarios(folder: Path) -> dict[str, bytes]:
    found = sorted((folder / "scenarios").glob("*.yaml"))
    return {f"scenarios/{path.name}": path.read_bytes() for path in found if not path.name.startswith(".")}
