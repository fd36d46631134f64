"""The history of an instance: append-only, who did what and why.

One row holds all events of one step, since they share moment and actor: a third of the bytes and of the work that a row
for each would cost. An event in it is `[kind, process key, element id, details]`, with 0 for the process key of the
event before; details that there are none of, and those of `_MOSTLY_NULL` that are null, are not written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Text, or_, select, type_coerce

from engine import instance as instances
from engine.storage import tables as t
from engine.values import HistoryEvent, Page, Value

if TYPE_CHECKING:
    from engine.transaction import Transaction

_h = t.history.c
_INSERT = t.history.insert()
_PLACES = 1_000_000
"""An event's sequence is its row's, times this, plus its place in the row."""

_MOSTLY_NULL: Mapping[str, tuple[str, ...]] = {
    "variable.changed": ("old", "new", "scope"),
    "user_task.created": ("assignee", "due"),
}
"""Details that every event of a kind has, and whose null would be most of what they write."""

Event = tuple[str, str | None, str | None, Mapping[str, Any] | None]


def write(tx: Transaction, instance_id: str, events: Sequence[Event]) -> None:
    """Append the events of this step."""
    if events:
        rows: list[list[Any]] = []
        before = None
        for kind, process, element, more in events:
            quiet = _MOSTLY_NULL.get(kind, ())
            details = {name: value for name, value in (more or {}).items() if value is not None or name not in quiet}
            row = [kind, 0 if before and process == before else process, element]
            rows.append([*row, details] if details else row)
            before = process
        tx.execute(_INSERT, {"instance_id": instance_id, "at": tx.now, "actor": tx.actor.id, "events": rows})


def without_words(events: Sequence[Sequence[Any]], instead: str) -> list[list[Any]]:
    """The events of a row without what a person wrote as the reason or the text of an error, for a matter that is
    anonymised. That it happened, when, and by whom stays."""
    found = []
    for kind, process_key, element_id, *more in events:
        details = dict(more[0]) if more else {}
        for name in ("reason", *(["message"] if kind == "error.thrown" else [])):
            if details.get(name):
                details[name] = instead
        found.append([kind, process_key, element_id, *([details] if more else [])])
    return found


def _mentions(kinds: Sequence[str]) -> ColumnElement[bool]:
    """Rows that may hold an event of one of these kinds, by their text."""
    text = type_coerce(_h.events, Text)
    return or_(*[text.contains('"' + kind.rstrip("*"), autoescape=True) for kind in kinds])


def _is_one_of(kind: str, kinds: Sequence[str]) -> bool:
    return any(kind.startswith(one[:-1]) if one.endswith("*") else kind == one for one in kinds)


def _events(tx: Transaction, instance_id: str, kinds: Sequence[str] = (), after: int = -1) -> Iterator[HistoryEvent]:
    """The events behind a sequence, in order."""
    query = select(t.history).where(_h.instance_id == instance_id, _h.sequence >= after // _PLACES)
    if kinds:
        query = query.where(_mentions(kinds))
    for row in tx.execute(query.order_by(_h.sequence)):
        for place, (kind, process_key, element_id, details) in enumerate(_unpacked(row.events)):
            sequence = row.sequence * _PLACES + place
            if sequence > after and (not kinds or _is_one_of(kind, kinds)):
                yield HistoryEvent(
                    sequence, row.instance_id, row.at, row.actor, kind, process_key, element_id, details or {}
                )


def _unpacked(events: list[list[Any]]) -> Iterator[tuple[str, str | None, str | None, dict[str, Any] | None]]:
    before = None
    for kind, process_key, element_id, *more in events:
        before = before if process_key == 0 else process_key
        details = more[0] if more else None
        if kind in _MOSTLY_NULL:
            details = dict.fromkeys(_MOSTLY_NULL[kind]) | (details or {})
        yield kind, before, element_id, details


def _events_back(tx: Transaction, instance_id: str, kinds: Sequence[str], before: int | None) -> Iterator[HistoryEvent]:
    """The events ahead of a sequence, the latest first."""
    query = select(t.history).where(_h.instance_id == instance_id)
    if before is not None:
        query = query.where(_h.sequence <= before // _PLACES)
    if kinds:
        query = query.where(_mentions(kinds))
    for row in tx.execute(query.order_by(_h.sequence.desc())):
        for place, (kind, process_key, element_id, details) in reversed(list(enumerate(_unpacked(row.events)))):
            sequence = row.sequence * _PLACES + place
            if (before is None or sequence < before) and (not kinds or _is_one_of(kind, kinds)):
                yield HistoryEvent(
                    sequence, row.instance_id, row.at, row.actor, kind, process_key, element_id, details or {}
                )


def find(
    tx: Transaction, instance_id: str, page: str | None, size: int, kinds: Sequence[str], latest_first: bool = False
) -> Page[HistoryEvent]:
    tx.allow("history", instances.get(tx, instance_id).business_key)
    items: list[HistoryEvent] = []
    found = (
        _events_back(tx, instance_id, kinds, None if page is None else int(page))
        if latest_first
        else _events(tx, instance_id, kinds, -1 if page is None else int(page))
    )
    for event in found:
        if len(items) == size:
            return Page(tuple(items), str(items[-1].sequence))
        items.append(event)
    return Page(tuple(items))


def final_variables(tx: Transaction, instance_id: str, process_key: str) -> dict[str, Value]:
    """Process variables of an ended instance: the last value that the history knows of each."""
    return {
        event.details["name"]: event.details["new"]
        for event in _events(tx, instance_id, ["variable.changed"])
        if event.process_key == process_key and event.details.get("scope") is None
    }


def counted(tx: Transaction, instance_id: str, process_key: str, *kinds: str) -> dict[str, dict[str, int]]:
    """Kind → element → how often, in one process of an instance."""
    found: dict[str, dict[str, int]] = {kind: {} for kind in kinds}
    for event in _events(tx, instance_id, kinds):
        if event.process_key == process_key and event.element_id is not None:
            of_kind = found[event.kind]
            of_kind[event.element_id] = of_kind.get(event.element_id, 0) + 1
    return found


def flows_taken(tx: Transaction) -> set[tuple[str, str]]:
    tx.allow("flows_taken")
    query = select(_h.events).where(_mentions(["flow.taken"]))
    return {
        (str(process_key), str(element_id))
        for events in tx.execute(query).scalars()
        for kind, process_key, element_id, _ in _unpacked(events)
        if kind == "flow.taken"
    }
