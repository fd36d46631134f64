"""The history of an instance: append-only, one line for every change, with who and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from engine import instance as instances
from engine.storage import tables as t
from engine.values import HistoryEvent, Page, Value

if TYPE_CHECKING:
    from engine.transaction import Transaction

_h = t.history.c
_INSERT = t.history.insert()


def event(
    tx: Transaction,
    instance_id: str,
    kind: str,
    *,
    process_key: str | None = None,
    element_id: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The row of one event, for `write`."""
    return {
        "instance_id": instance_id,
        "at": tx.now,
        "actor": tx.actor.id,
        "kind": kind,
        "process_key": process_key,
        "element_id": element_id,
        "details": dict(details) if details else None,
    }


def write(tx: Transaction, events: Sequence[dict[str, Any]]) -> None:
    """Append these events, all in one statement."""
    if events:
        tx.execute(_INSERT, list(events))


def find(tx: Transaction, instance_id: str, page: str | None, size: int, kinds: Sequence[str]) -> Page[HistoryEvent]:
    instances.get(tx, instance_id)  # Raises NotFound for what the actor may not know of.
    query = select(t.history).where(_h.instance_id == instance_id)
    if page is not None:
        query = query.where(_h.sequence > int(page))
    if kinds:
        exact = [kind for kind in kinds if not kind.endswith("*")]
        begins = [_h.kind.startswith(kind[:-1], autoescape=True) for kind in kinds if kind.endswith("*")]
        query = query.where(or_(_h.kind.in_(exact), *begins))
    found = tx.execute(query.order_by(_h.sequence).limit(size + 1)).all()
    items = tuple(
        HistoryEvent(
            row.sequence,
            row.instance_id,
            row.at,
            row.actor,
            row.kind,
            row.process_key,
            row.element_id,
            row.details or {},
        )
        for row in found[:size]
    )
    return Page(items, str(items[-1].sequence) if len(found) > size else None)


def final_variables(tx: Transaction, instance_id: str, process_key: str) -> dict[str, Value]:
    """Process variables of an ended instance: the last value that the history knows of each."""
    query = (
        select(_h.details)
        .where(_h.instance_id == instance_id, _h.kind == "variable.changed", _h.process_key == process_key)
        .order_by(_h.sequence)
    )
    changes = [details for (details,) in tx.execute(query)]
    return {change["name"]: change["new"] for change in changes if change.get("scope") is None}


def counted(tx: Transaction, instance_id: str, process_key: str, kind: str) -> list[tuple[str | None, Any]]:
    """Element and details of all events of a kind in one process of an instance."""
    query = select(_h.element_id, _h.details).where(
        _h.instance_id == instance_id, _h.kind == kind, _h.process_key == process_key
    )
    return [(row.element_id, row.details) for row in tx.execute(query)]


def flows_taken(tx: Transaction) -> set[tuple[str, str]]:
    tx.allow("flows_taken")
    query = select(_h.process_key, _h.element_id).where(_h.kind == "flow.taken").distinct()
    return {(row.process_key, row.element_id) for row in tx.execute(query)}
