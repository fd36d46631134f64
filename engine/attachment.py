"""Files that belong to fields of user tasks: rows here, bytes in the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import given
from engine import user_task as user_tasks
from engine.errors import Invalid, NotFound
from engine.ids import new_id
from engine.storage import tables as t
from engine.storage.files import StoredFile
from engine.values import Attachment, Value

if TYPE_CHECKING:
    from engine.transaction import Transaction

_a = t.attachment.c
_u = t.user_task.c
FILES_PER_TASK = 20
"""Files that a form may hold at once."""
STORED_PER_TASK = 100
"""Files stored for one user task, with those that were taken out again."""


def may_attach(tx: Transaction, task_id: str) -> None:
    """Raises what `attach` would, before any byte is stored."""
    row, _ = user_tasks.read(tx, task_id)
    tx.allow("attach", row.business_key)
    if row.state != "open":
        raise user_tasks.gone(row)
    user_tasks.must_be_mine(tx, row)
    stored = {one.id for one in of_task(tx, task_id)}
    # What was taken out again stands in the row, but no longer in the draft.
    held = stored if row.draft is None else stored & set(_texts(row.draft))
    if len(held) >= FILES_PER_TASK or len(stored) >= STORED_PER_TASK:
        raise Invalid({"": f"No se admiten más de {FILES_PER_TASK} archivos."})


def attach(tx: Transaction, task_id: str, field: str, stored: StoredFile, filename: str) -> Attachment:
    may_attach(tx, task_id)
    given.short("", field)
    row, _ = user_tasks.read(tx, task_id)
    attached = Attachment(
        new_id(),
        task_id,
        row.instance_id,
        row.business_key,
        field,
        filename,
        stored.hash,
        stored.size,
        stored.type,
        tx.now,
        tx.actor.id,
    )
    columns = {name: getattr(attached, name) for name in Attachment.__slots__}
    tx.execute(t.attachment.insert().values(**columns, submitted=False))
    return attached


def sweep(tx: Transaction, before: datetime) -> set[str]:
    """Forget the files of drafts that were abandoned before this moment; answers the contents that are still used."""
    open_task = select(_u.id).where(_u.id == _a.task_id, _u.state == "open").exists()
    abandoned = _a.submitted.is_(False) & ((_a.created < before) | ~open_task)
    tx.execute(t.attachment.delete().where(abandoned))
    return set(tx.execute(select(_a.hash).distinct()).scalars())


def get(tx: Transaction, attachment_id: str) -> Attachment:
    row = tx.execute(select(t.attachment).where(_a.id == attachment_id, tx.visible(_a.business_key))).first()
    if row is None:
        raise NotFound("Este archivo no existe o no es para usted.")
    tx.allow("attachment", row.business_key)
    return _value(row)


def of_task(tx: Transaction, task_id: str) -> list[Attachment]:
    query = select(t.attachment).where(_a.task_id == task_id).order_by(_a.id)
    return [_value(row) for row in tx.execute(query)]


def _value(row: Any) -> Attachment:
    return Attachment(**{name: getattr(row, name) for name in Attachment.__slots__})


def submit(tx: Transaction, task_id: str, values: Mapping[str, Any]) -> None:
    """Files named in the values belong to the case from now on, not to a draft."""
    named = set(_texts(values))
    if named:
        condition = (_a.task_id == task_id) & _a.id.in_(named)
        tx.execute(t.attachment.update().where(condition).values(submitted=True))


def _texts(value: Value) -> Iterator[str]:
    """Every text in lists, at any depth: a list of files may stand in a row of another list."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for item in inner:
        if isinstance(item, str) and isinstance(value, list):
            yield item
        else:
            yield from _texts(item)
