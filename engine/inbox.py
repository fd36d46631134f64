"""Lists of user tasks that stay fast with a million open ones.

`user_task_index` holds for every open user task one row for each list in which it may be asked for, so a page is one
short stretch of one index for each of the actor's groups, merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, True_, func, or_, select, union

from engine import task_row, user_task
from engine.errors import Invalid
from engine.storage import tables as t
from engine.values import Page, UserTask, UserTaskQuery

if TYPE_CHECKING:
    from engine.transaction import Transaction

_u = t.user_task.c
_x = t.user_task_index.c
_i = t.process_instance.c
FEW = 1000
"""A search that finds no more than this is answered from what it found; a wider one from the order of the list."""


def find(tx: Transaction, query: UserTaskQuery, page: str | None, size: int) -> Page[UserTask]:
    tx.allow_list("user_tasks", query.business_key)
    keys = _keys(tx, query)
    if query.state != "open" or query.business_key or query.instance_id or _is_rare(tx, query):
        found = _few(tx, query, keys, page, size)
    else:
        found = _many(tx, query, keys, page, size)
    items = tuple(user_task.value(row, row.instance_revision) for row in found[:size])
    following = f"{_token(found[size - 1].ordered)}|{found[size - 1].id}" if len(found) > size else None
    return Page(items, following)


def _keys(tx: Transaction, query: UserTaskQuery) -> list[str]:
    """The lists to look into; a portal actor has only its own."""
    actor, keys = tx.actor, []
    confined = actor.business_key is not None
    everything = not (query.mine or query.groups or query.group or query.assignee)
    if query.mine or (confined and everything):
        keys.append(f"mine:{actor.id}")
    if query.groups or (confined and everything):
        keys += [f"group:{group}" for group in sorted(actor.groups)] + [f"user:{actor.id}"]
    if query.group is not None and (not confined or query.group in actor.groups):
        keys.append(f"group:{query.group}")
    if query.assignee is not None and (not confined or query.assignee == actor.id):
        keys.append(f"mine:{query.assignee}")
    return ["all"] if everything and not confined else keys


def _conditions(tx: Transaction, query: UserTaskQuery) -> list[ColumnElement[bool]]:
    """What holds of the user task's own row; none when everybody may see everything."""
    conditions = _visible(tx)
    for column, wanted in (
        (_u.business_key, query.business_key),
        (_u.instance_id, query.instance_id),
        (_u.element_id, query.element_id),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    if query.search:
        conditions.append(_search(query.search))
    return conditions


def _visible(tx: Transaction) -> list[ColumnElement[bool]]:
    condition = tx.visible(_u.business_key)
    return [] if isinstance(condition, True_) else [condition]


def _search(text: str) -> ColumnElement[bool]:
    return or_(*_ranges(text))


def _ranges(text: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Names and business keys that begin so: one stretch of an index each."""
    text = text.replace("\0", "").strip()
    plain, key, end = task_row.folded(text), text.upper(), "\U0010ffff"
    return (
        (_u.search >= plain) & (_u.search < plain + end),
        (_u.business_key >= key) & (_u.business_key < key + end),
    )


def _matches(text: str) -> Any:
    """The open user tasks that a search finds, but no more than show that they are too many."""
    # A union, since neither database reads two indexes for an OR when it also sees a limit.
    found = [select(select(_u.id).where(_u.state == "open", one).limit(FEW + 1).subquery()) for one in _ranges(text)]
    return union(*found).subquery()


def _is_rare(tx: Transaction, query: UserTaskQuery) -> bool:
    if not query.search:
        return False
    found: int = tx.execute(select(func.count()).select_from(_matches(query.search))).scalar_one()
    return found <= FEW


_SORTED = {"due": _x.due, "priority": _x.priority, "created": _x.created}
_OWN = {
    "due": func.coalesce(_u.due, task_row.END_OF_TIME, type_=t.user_task.c.due.type),
    "priority": -_u.priority,
    "created": _u.created,
}


def _many(tx: Transaction, query: UserTaskQuery, keys: Sequence[str], page: str | None, size: int) -> list[Any]:
    """From the index: of each list the first ones, then of those the first."""
    column = _SORTED[query.sort]
    conditions = _conditions(tx, query)
    lists = []
    for key in keys:
        one = select(_x.task_id, column.label("ordered")).where(_x.key == key)
        if conditions:
            one = one.join(t.user_task, _u.id == _x.task_id).where(*conditions)
        if query.due_before is not None:
            one = one.where(_x.due < query.due_before)
        if page is not None:
            one = one.where(_after(column, _x.task_id, query.sort, page))
        lists.append(select(one.order_by(column, _x.task_id).limit(size + 1).subquery()))
    if not lists:
        return []
    merged: Any = union(*lists) if len(lists) > 1 else lists[0]
    first = merged.subquery("listed")
    chosen = select(first).order_by(first.c.ordered, first.c.task_id).limit(size + 1).subquery("chosen")
    final = (
        select(t.user_task, _i.revision.label("instance_revision"), chosen.c.ordered)
        .join_from(chosen, t.user_task, _u.id == chosen.c.task_id)
        .join(t.process_instance, _i.id == _u.instance_id)
        .order_by(chosen.c.ordered, _u.id)
    )
    return list(tx.execute(final).all())


def _few(tx: Transaction, query: UserTaskQuery, keys: Sequence[str], page: str | None, size: int) -> list[Any]:
    """From the user tasks themselves, when the conditions leave few of them."""
    if query.state != "open" and not (query.business_key or query.instance_id):
        raise Invalid({"state": "Elija un asunto para ver sus tareas terminadas."})
    column = _OWN[query.sort]
    final: Select[Any] = (
        select(t.user_task, _i.revision.label("instance_revision"), column.label("ordered"))
        .join(t.process_instance, _i.id == _u.instance_id)
        .where(_u.state == query.state, *_conditions(tx, query))
    )
    if query.search and query.state == "open" and not (query.business_key or query.instance_id):
        final = final.where(_u.id.in_(select(_matches(query.search).c.id)))
    if keys != ["all"] and query.state == "open":
        final = final.where(select(_x.task_id).where(_x.task_id == _u.id, _x.key.in_(keys)).exists())
    elif keys != ["all"]:
        final = final.where(_u.ended_by == tx.actor.id)
    if query.due_before is not None:
        final = final.where(_u.due < query.due_before)
    if page is not None:
        final = final.where(_after(column, _u.id, query.sort, page))
    return list(tx.execute(final.order_by(column, _u.id).limit(size + 1)).all())


def _token(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _after(column: Any, id: Any, sort: str, page: str) -> ColumnElement[bool]:
    """What comes behind the last row of the page before."""
    try:
        text, last = page.rsplit("|", 1)
        value: Any = int(text) if sort == "priority" else datetime.fromisoformat(text)
    except ValueError:
        raise Invalid({"page": "Esta página ya no existe."}) from None
    # The first condition alone bounds the stretch of the index; the second leaves out what was shown.
    behind: ColumnElement[bool] = (column >= value) & ((column > value) | (id > last))
    return behind


def counts(tx: Transaction) -> dict[str, int]:
    """`mine`, `groups` and of both `overdue`, each counted up to 1000."""
    tx.allow_list("counts")
    mine = [f"mine:{tx.actor.id}"]
    groups = _keys(tx, UserTaskQuery(groups=True))
    return {
        "mine": _count(tx, mine),
        "groups": _count(tx, groups),
        "overdue": _count(tx, mine + groups, _x.due < tx.now),
    }


def _count(tx: Transaction, keys: Sequence[str], *conditions: ColumnElement[bool]) -> int:
    lists = []
    for key in keys:
        one = select(_x.task_id).where(_x.key == key, *conditions)
        if visible := _visible(tx):
            one = one.join(t.user_task, _u.id == _x.task_id).where(*visible)
        lists.append(select(one.limit(1000).subquery()))
    merged: Any = union(*lists) if len(lists) > 1 else lists[0]
    return min(1000, int(tx.execute(select(func.count()).select_from(merged.subquery())).scalar_one()))
