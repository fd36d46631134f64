"""The heart: what the state of an instance waits for, and the rows that stand for it, are kept equal.

A run knows what it waits for (`Run.waits()`); people, workers and messages find it through rows. After every step the
difference is taken in both directions: a wait without a row gets one, a row without a wait goes. Nothing else creates
or ends user tasks, element jobs, subscriptions and incidents of the process, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, literal, null, select, union_all

from engine import incident, job, message, task_row
from engine.bpmn import Wait
from engine.storage import tables as t

if TYPE_CHECKING:
    from engine.instance import Instance

ROUNDS = 1000
"""How many kept messages one step may consume before we call it endless."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that stands for a wait."""

    table: str
    id: str
    wait_id: str
    due: datetime | None = None
    kind: str | None = None
    """Of a job: service or timer; of an incident: job or process."""
    state: str | None = None
    """Of a job."""


def _branch(table: Any, *conditions: Any, due: Any = None, kind: Any = None, state: Any = None) -> Any:
    return select(
        literal(table.name).label("table"),
        table.c.id,
        table.c.wait_id,
        (null() if due is None else due).label("due"),
        (null() if kind is None else kind).label("kind"),
        (null() if state is None else state).label("state"),
    ).where(table.c.instance_id == bindparam("instance"), table.c.wait_id.is_not(None), *conditions)


_ROWS = union_all(
    _branch(t.job, due=t.job.c.due, kind=t.job.c.kind, state=t.job.c.state),
    _branch(t.user_task, t.user_task.c.state == "open"),
    _branch(t.subscription, kind=t.subscription.c.kind),
    _branch(t.incident, t.incident.c.resolved_at.is_(None), kind=t.incident.c.kind),
)


def rows(instance: Instance) -> list[Row]:
    """All rows that stand for waits of this instance."""
    result = instance.tx.execute(_ROWS, {"instance": instance.id})
    return [Row(row.table, row.id, row.wait_id, row.due, row.kind, row.state) for row in result]


def reconcile(instance: Instance) -> None:
    """Make the rows equal to the waits; offer kept messages to new subscriptions until none fits."""
    for _ in range(ROUNDS):
        waits = {wait.id: wait for wait in instance.run.waits()}
        known = instance.rows
        _close(instance, [row for row in known if row.wait_id not in waits])
        have = {row.wait_id for row in instance.rows}
        fresh = [wait for wait in waits.values() if wait.id not in have]
        added = _open(instance, fresh)
        if not message.offer_kept(instance, added):
            return
        instance.advance()
    raise RuntimeError("an instance consumes kept messages without end")


def _open(instance: Instance, waits: list[Wait]) -> list[Wait]:
    """Write the rows of these waits, one statement per table; answers the waits for messages."""
    openers: dict[str, Callable[[Instance, list[Wait]], list[Row]]] = {
        "user_task": task_row.open_rows,
        "job": job.open_rows,
        "timer": job.open_timer_rows,
        "message": message.open_rows,
        "signal": message.open_rows,
        "condition": message.open_rows,
        "failure": incident.open_rows,
    }
    grouped: dict[str, list[Wait]] = {}
    for wait in waits:
        grouped.setdefault(wait.kind, []).append(wait)
    for kind, group in grouped.items():
        instance.rows.extend(openers[kind](instance, group))
    return grouped.get("message", [])


def _close(instance: Instance, gone: list[Row]) -> None:
    """End the rows of waits that are no more, one statement per table."""
    if not gone:
        return
    closers = {
        "user_task": task_row.close_rows,
        "job": job.close_rows,
        "subscription": message.close_rows,
        "incident": incident.close_rows,
    }
    for table, close in closers.items():
        ids = [row.id for row in gone if row.table == table]
        if ids:
            close(instance, ids)
    ended = {(row.table, row.id) for row in gone}
    instance.rows[:] = [row for row in instance.rows if (row.table, row.id) not in ended]
