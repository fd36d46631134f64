"""The operation log: one line for each thing that a person did by hand, across all instances, newest first.

An instance's own history says the same beside everything else that happened to it; this is the other way to it: what
did Olga do last night, who suspended what, who changed this variable. A line is written with the step that it tells of,
by whoever writes that step's history: an event that has a reason, even an empty one, is something done by hand. What
the program does of itself (`SYSTEM`) is no operation, but for a deployment from the command line.

An order for many instances (a version is suspended, 200 matters are migrated) has a line of its own, and one for each
instance that is a part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func, or_, select

from engine.errors import Invalid
from engine.feel import check_value, to_json
from engine.ids import new_id
from engine.storage import tables as t
from engine.values import SYSTEM, Operation, OperationChange, OperationQuery, Page, Value

if TYPE_CHECKING:
    from engine.history import Event
    from engine.instance import Instance
    from engine.transaction import Transaction

_o = t.operation.c
_INSERT = t.operation.insert()
_ACTIONS: Mapping[str, str] = {
    "instance.suspended": "suspend",
    "instance.resumed": "resume",
    "instance.cancelled": "cancel",
    "job.retried": "retry",
    "job.discarded": "discard",
    "incident.resolved": "retry",
    "job.moved": "set_due",
    "timer.set": "set_due",
    "user_task.assigned": "assign",
    "error.thrown": "throw_error",
}
"""Event with a reason → what it is called here; of an `operation` its verb."""
_NO_OPERATION = ("start_at",)
"""Verbs that are a way to begin."""
MOST_CHANGES = 20
"""Changes, and elements of a list, that a line holds; the history has them all."""
LONGEST = 500
"""Bytes of a value."""


# --- writing


def write(instance: Instance) -> None:
    """The lines of what this step did by hand; for most steps there are none, and this is no statement."""
    tx = instance.tx
    if tx.actor == SYSTEM:
        return
    lines = [
        _line(
            tx,
            action,
            str(event[3]["reason"]),
            _changes(event, instance.events),
            business_key=instance.business_key,
            instance_id=instance.id,
            process_key=instance.process_key,
            version=instance.version,
            element_id=event[2],
            deployment_id=instance.bundle.id,
        )
        for event in instance.events
        if event[3] and (action := _action(event)) is not None
    ]
    if lines:
        tx.execute(_INSERT, lines)


def _action(event: Event) -> str | None:
    kind, _process_key, _element_id, details = event
    if not details or "reason" not in details:
        return None
    if kind != "operation":
        return _ACTIONS.get(kind)
    verb = str(details["verb"])
    return None if verb in _NO_OPERATION else verb


def note(
    tx: Transaction, action: str, reason: str, changes: Iterable[OperationChange] = (), **about: str | int | None
) -> str:
    """A line about what is no instance: a definition, a deployment, a job of its own. Answers its id."""
    line = _line(tx, action, reason, changes, **about)
    tx.execute(_INSERT, line)
    return str(line["id"])


def _line(
    tx: Transaction, action: str, reason: str, changes: Iterable[OperationChange], **about: str | int | None
) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("business_key", "instance_id", "process_key", "version", "element_id", "deployment_id"), None
    )
    return {
        "id": new_id(),
        "at": tx.now,
        "actor": tx.actor.id,
        "action": action,
        "reason": reason.strip(),
        **empty,
        **about,
        "order_id": tx.order,
        "changes": [[c.kind, c.name, _short(c.old), _short(c.new)] for c in list(changes)[:MOST_CHANGES]],
    }


def _short(value: Value) -> Value:
    """A value as it is, or the beginning of its text when it is long."""
    value = check_value(value)
    text = orjson.dumps(to_json(value)).decode()
    if len(text) <= LONGEST:
        return value
    return (value if isinstance(value, str) else text)[:LONGEST] + "…"


@contextmanager
def part_of(tx: Transaction, order_id: str | None) -> Iterator[None]:
    """What is done inside is a part of this order."""
    before, tx.order = tx.order, order_id
    try:
        yield
    finally:
        tx.order = before


def last_order(tx: Transaction, action: str, process_key: str, version: int) -> str | None:
    """The latest order of this kind about a version."""
    query = select(_o.id).where(
        _o.process_key == process_key, _o.version == version, _o.action == action, _o.instance_id.is_(None)
    )
    return tx.execute(query.order_by(_o.at.desc(), _o.id.desc()).limit(1)).scalar()


# --- what changed


def _changes(event: Event, events: Sequence[Event]) -> list[OperationChange]:
    kind, _process_key, _element_id, details = event
    assert details is not None
    if kind == "user_task.assigned":
        return [OperationChange("assignee", None, details["previous"], details["assignee"])]
    if kind in ("timer.set", "job.moved"):
        return [OperationChange("due", None, details["old"], details["due"])]
    if kind == "error.thrown":
        return [OperationChange("error", details["code"], None, details["message"])]
    found = [OperationChange("error", details["code"])] if "code" in details else []
    if "source" in details:
        found.append(OperationChange("deployment", None, details["source"], details["target"]))
    else:
        found += _moved(details.get("before") or [], details.get("after") or [])
    found += [OperationChange("result", name, None, value) for name, value in (details.get("result") or {}).items()]
    return found + _written(details.get("names") or (), events)


def _moved(before: list[Any], after: list[Any]) -> list[OperationChange]:
    left, come = [one for one in before if one not in after], [one for one in after if one not in before]
    return [OperationChange("tokens", None, left[:MOST_CHANGES], come[:MOST_CHANGES])] if left or come else []


def _written(names: Sequence[str], events: Sequence[Event]) -> list[OperationChange]:
    """What these variables were, and became by hand: the first change of each in the step."""
    found: dict[str, OperationChange] = {}
    for kind, _process_key, _element_id, details in events:
        if kind == "variable.changed" and details and details["name"] in names:
            name = details["name"]
            found.setdefault(name, OperationChange("variable", name, details["old"], details["new"]))
    return list(found.values())


# --- reading


def find(tx: Transaction, query: OperationQuery, page: str | None, size: int) -> Page[Operation]:
    tx.allow_list("operations", query.business_key)
    select_ = select(t.operation).where(_visible(tx), *_meant(query))
    if page is not None:
        moment, id = _place(page)
        select_ = select_.where((_o.at < moment) | ((_o.at == moment) & (_o.id < id)))
    found = tx.execute(select_.order_by(_o.at.desc(), _o.id.desc()).limit(size + 1)).all()
    rows = found[:size]
    parts = _parts(tx, [row.id for row in rows if row.instance_id is None])
    items = tuple(_value(row, parts.get(row.id, 0)) for row in rows)
    return Page(items, f"{items[-1].at.isoformat()}|{items[-1].id}" if len(found) > size else None)


def _place(page: str) -> tuple[datetime, str]:
    """Raises Invalid for a key that no page has given."""
    at, _bar, id = page.partition("|")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not id.isalnum():
        raise Invalid({"page": "Esta página no existe."})
    return moment, id


def _visible(tx: Transaction) -> Any:
    return or_(_o.business_key.is_(None), tx.visible(_o.business_key))


def _meant(query: OperationQuery) -> Iterator[Any]:
    for column, wanted in (
        (_o.actor, query.actor),
        (_o.action, query.action),
        (_o.process_key, query.process_key),
        (_o.business_key, query.business_key),
        (_o.instance_id, query.instance_id),
        (_o.order_id, query.order_id),
    ):
        if wanted is not None:
            yield column == wanted
    if query.search:
        yield _o.business_key >= query.search
        yield _o.business_key < query.search + "\U0010ffff"
    if query.since is not None:
        yield _o.at >= query.since
    if query.until is not None:
        yield _o.at < query.until
    if not (query.search or query.business_key or query.instance_id or query.order_id):
        yield _o.order_id.is_(None)


def _parts(tx: Transaction, ids: Sequence[str]) -> dict[str, int]:
    if not ids:
        return {}
    query = (
        select(_o.order_id, func.count().label("number"))
        .where(_o.order_id.in_(ids), _visible(tx))
        .group_by(_o.order_id)
    )
    return {row.order_id: row.number for row in tx.execute(query)}


def _value(row: Any, parts: int) -> Operation:
    return Operation(
        row.id,
        row.at,
        row.actor,
        row.action,
        row.reason,
        row.business_key,
        row.instance_id,
        row.process_key,
        row.version,
        row.element_id,
        row.deployment_id,
        row.order_id,
        tuple(OperationChange(*one) for one in row.changes),
        parts,
    )
