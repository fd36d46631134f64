"""Whose a user task is: claim, release, assign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import task_row
from engine import user_task as user_tasks
from engine.errors import Conflict
from engine.values import UserTask

if TYPE_CHECKING:
    from engine.instance import Instance
    from engine.transaction import Transaction


def claim(tx: Transaction, task_id: str) -> UserTask:
    instance, row = user_tasks.lock(tx, task_id, "claim")
    user_tasks.must_be_open(instance, row)
    if row.assignee == tx.actor.id:
        return user_tasks.value(row, instance.revision)
    if row.assignee is not None:
        sentence = f"La tomó {row.assignee}"
        if row.claimed_at is not None:
            sentence += f", {user_tasks.shown(row.claimed_at)}"
        raise Conflict(f"{sentence}.", who=row.assignee, when=row.claimed_at, reason="claimed")
    user_tasks.must_be_mine(tx, row)
    return _reassign(instance, row, tx.actor.id, "user_task.claimed")


def release(tx: Transaction, task_id: str) -> UserTask:
    instance, row = user_tasks.lock(tx, task_id, "release")
    user_tasks.must_be_open(instance, row)
    if row.assignee is None:
        return user_tasks.value(row, instance.revision)
    user_tasks.must_be_mine(tx, row)
    return _reassign(instance, row, None, "user_task.released")


def assign(tx: Transaction, task_id: str, assignee: str | None, reason: str = "") -> UserTask:
    instance, row = user_tasks.lock(tx, task_id, "assign")
    user_tasks.must_be_open(instance, row)
    if row.assignee == assignee:
        return user_tasks.value(row, instance.revision)
    return _reassign(instance, row, assignee, "user_task.assigned", reason)


def _reassign(instance: Instance, row: Any, assignee: str | None, kind: str, reason: str | None = None) -> UserTask:
    tx = instance.tx
    instance.record(
        kind,
        process_key=row.process_key,
        element_id=row.element_id,
        task=row.id,
        assignee=assignee,
        previous=row.assignee,
        **({} if reason is None else {"reason": reason}),
    )
    instance.write()
    changes = {"assignee": assignee, "claimed_at": tx.now if assignee else None, "revision": instance.revision}
    return user_tasks.value(task_row.relist(tx, row, changes), instance.revision)
