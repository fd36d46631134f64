"""User tasks: who may see them and work on them, and their drafts. Their rows are in `engine/task_row.py`, lists in
`engine/inbox.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, select

from engine import instance as instances
from engine import timers
from engine.errors import Conflict, Invalid, NotAllowed, NotFound
from engine.feel import check_value, to_json
from engine.storage import tables as t
from engine.values import SYSTEM, Actor, UserTask

if TYPE_CHECKING:
    from engine.instance import Instance
    from engine.transaction import Transaction

_u = t.user_task.c

LARGEST_DRAFT = 200_000
"""Bytes of a draft, as JSON."""
_BY_ID = select(t.user_task).where(_u.id == bindparam("task"))
_OPEN_OF_KEY = (
    select(t.user_task, t.process_instance.c.revision.label("instance_revision"))
    .join(t.process_instance, t.process_instance.c.id == _u.instance_id)
    .where(_u.business_key == bindparam("business_key_"), _u.state == "open")
    .order_by(_u.created, _u.id)
)


# --- reading


def value(row: Any, revision: int) -> UserTask:
    return UserTask(
        row.id,
        row.instance_id,
        row.business_key,
        row.process_key,
        row.element_id,
        row.name,
        row.state,
        row.assignee,
        row.candidate_groups,
        row.due,
        row.follow_up,
        row.priority,
        row.form_id,
        row.handler,
        row.created,
        revision,
        row.ended_at,
        row.ended_by,
    )


def may_work(actor: Actor, row: Any) -> bool:
    """Whether the task is the actor's, or nobody's and the actor is a candidate. Without candidates: anyone's of the
    firm."""
    if actor is SYSTEM:
        return True
    if row.assignee is not None:
        return bool(row.assignee == actor.id)
    if not row.candidate_groups and not row.candidate_users:
        return actor.business_key is None
    return actor.id in row.candidate_users or not actor.groups.isdisjoint(row.candidate_groups)


def _visible(tx: Transaction, row: Any) -> bool:
    """A portal actor knows only of the tasks that are meant for it."""
    actor = tx.actor
    if actor.business_key is None:
        return True
    return row.assignee == actor.id or not actor.groups.isdisjoint(row.candidate_groups)


def read(tx: Transaction, task_id: str) -> tuple[Any, int]:
    revision = t.process_instance.c.revision.label("instance_revision")
    query = (
        select(t.user_task, revision)
        .join(t.process_instance, t.process_instance.c.id == _u.instance_id)
        .where(_u.id == task_id, tx.visible(_u.business_key))
    )
    row = tx.execute(query).first()
    if row is None or not _visible(tx, row):
        raise NotFound("Esta tarea no existe o no es para usted.")
    return row, row.instance_revision


def get(tx: Transaction, task_id: str) -> UserTask:
    row, revision = read(tx, task_id)
    allow_reading(tx, row, "user_task")
    return value(row, revision)


def allow_reading(tx: Transaction, row: Any, verb: str) -> None:
    """Whoever may see the case does not for that read the form of somebody else's task: `task_of_others` decides.

    Raises NotAllowed, NotFound.
    """
    tx.allow(verb, row.business_key)
    actor, access = tx.actor, tx.engine.access
    if actor is SYSTEM or _concerns(actor, row) or access.may(actor, "task_of_others", row.business_key, tx.session):
        return
    raise NotFound("Esta tarea no existe o no es para usted.")


def _concerns(actor: Actor, row: Any) -> bool:
    """Whether the task is the actor's, or of one of their groups."""
    if not row.assignee and not row.candidate_groups and not row.candidate_users:
        return True
    mine = row.assignee == actor.id or actor.id in row.candidate_users
    return bool(mine or not actor.groups.isdisjoint(row.candidate_groups))


def gone(row: Any) -> Conflict:
    done = row.state == "completed"
    sentence = f"La completó {row.ended_by}" if done else "La tarea ya no está abierta: el asunto siguió otro camino"
    return Conflict(f"{sentence}, {shown(row.ended_at)}.", who=row.ended_by, when=row.ended_at, reason=row.state)


def shown(moment: datetime) -> str:
    return f"{moment.astimezone(timers.ZONE):%d/%m/%Y %H:%M}"


# --- verbs


def lock(tx: Transaction, task_id: str, verb: str) -> tuple[Instance, Any]:
    """Lock the task's instance, then read the task: open, of a running instance, known to the actor."""
    instance = instances.lock_of_task(tx, task_id)
    row = tx.execute(_BY_ID, {"task": task_id}).one()
    if not tx.actor.may_see(row.business_key) or not _visible(tx, row):
        raise NotFound("Esta tarea no existe o no es para usted.")
    tx.allow(verb, row.business_key)
    return instance, row


def must_be_open(instance: Instance, row: Any) -> None:
    if row.state != "open":
        raise gone(row)
    instance.must_run()


def must_be_mine(tx: Transaction, row: Any) -> None:
    if not may_work(tx.actor, row):
        if row.assignee is not None:
            raise NotAllowed(f"La tarea es de {row.assignee}.", who=row.assignee, when=row.claimed_at)
        raise NotAllowed("La tarea es de otro grupo.")


def next_task(tx: Transaction, business_key: str) -> UserTask | None:
    """The open user task of this business key that the actor may work on, the earliest first."""
    for row in tx.execute(_OPEN_OF_KEY, {"business_key_": business_key}):
        if may_work(tx.actor, row):
            return value(row, row.instance_revision)
    return None


def draft(tx: Transaction, task_id: str, values: Mapping[str, Any]) -> None:
    """No lock of the instance: a draft changes nothing of the process."""
    row, _ = read(tx, task_id)
    tx.allow("draft", row.business_key)
    if row.state != "open":
        raise gone(row)
    must_be_mine(tx, row)
    if len(orjson.dumps(to_json(check_value(dict(values))))) > LARGEST_DRAFT:
        raise Invalid({"": "El borrador es demasiado largo para guardarlo."})
    kept = t.user_task.update().where(_u.id == task_id, _u.state == "open").values(draft=dict(values))
    if tx.execute(kept).rowcount != 1:
        raise gone(read(tx, task_id)[0])
