"""User tasks: their rows, who may work on them, and the verbs. Lists are in `engine/inbox.py`."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, select

from engine import incident, timers, wait_states
from engine import instance as instances
from engine.errors import Conflict, EngineError, Invalid, NotAllowed, NotFound
from engine.feel import check_value, to_json
from engine.ids import new_id
from engine.storage import tables as t
from engine.values import SYSTEM, Actor, UserTask, Value

if TYPE_CHECKING:
    from engine.bpmn import Wait
    from engine.instance import Instance
    from engine.transaction import Transaction

log = logging.getLogger(__name__)

_u = t.user_task.c
_x = t.user_task_index.c

LONGEST_NAME = 200
"""Characters of a person's or group's name."""
LARGEST_DRAFT = 200_000
"""Bytes of a draft, as JSON."""
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
_BY_ID = select(t.user_task).where(_u.id == bindparam("task"))
_OPEN_OF_KEY = (
    select(t.user_task, t.process_instance.c.revision.label("instance_revision"))
    .join(t.process_instance, t.process_instance.c.id == _u.instance_id)
    .where(_u.business_key == bindparam("business_key_"), _u.state == "open")
    .order_by(_u.created, _u.id)
)
_END = (
    t.user_task.update()
    .where(_u.id == bindparam("task"), _u.state == "open")
    .values(
        state=bindparam("state_"),
        ended_at=bindparam("at"),
        ended_by=bindparam("who"),
        request_id=bindparam("request"),
        draft=None,
        # Only an open task is found by them.
        search="",
        wait_id="",
    )
)
_UNLIST = t.user_task_index.delete().where(_x.task_id == bindparam("task"))
_INSERT = t.user_task.insert()
_LIST = t.user_task_index.insert()


# --- rows of waits


def open_rows(instance: Instance, waits: Sequence[Wait]) -> list[wait_states.Row]:
    """User tasks; who, until when and how urgent is evaluated once, on entry."""
    rows, opened = [], []
    for wait in waits:
        try:
            row = _row(instance, wait)
        except (EngineError, timers.TimerError, ValueError, TypeError, ArithmeticError) as error:
            sentence = f"La tarea «{wait.element.name or wait.element.id}» no se puede asignar: {error}"
            instance.run.fail(wait.id, sentence)
            opened.append(incident.open_one(instance, wait, sentence))
            continue
        rows.append(row)
        instance.record(
            "user_task.created",
            process_key=wait.process_key,
            element_id=wait.element.id,
            task=row["id"],
            assignee=row["assignee"],
            groups=list(row["candidate_groups"]),
            due=row["due"],
        )
    if rows:
        instance.tx.execute(_INSERT, rows)
        instance.tx.execute(_LIST, [listed for row in rows for listed in _listed(row)])
    return opened + [wait_states.Row("user_task", row["id"], row["wait_id"]) for row in rows]


def _row(instance: Instance, wait: Wait) -> dict[str, Any]:
    element, tx = wait.element, instance.tx
    due = instance.text(wait, element.due_date)
    follow_up = instance.text(wait, element.follow_up_date)
    priority = instance.text(wait, element.priority)
    assignee = instance.text(wait, element.assignee)
    if assignee is not None and not (isinstance(assignee, str) and len(assignee) <= LONGEST_NAME):
        raise ValueError(f"la persona asignada debe ser un texto corto, no {assignee!r}")
    name = (element.name or element.id)[:255]
    return {
        "id": new_id(),
        "instance_id": instance.id,
        "wait_id": wait.id,
        "business_key": instance.business_key,
        "process_key": wait.process_key,
        "element_id": element.id,
        "name": name,
        "search": folded(name),
        "state": "open",
        "assignee": assignee or None,
        "candidate_groups": _names(instance.text(wait, element.candidate_groups)),
        "candidate_users": _names(instance.text(wait, element.candidate_users)),
        "due": None if due is None else timers.moment(due),
        "follow_up": None if follow_up is None else timers.moment(follow_up),
        "priority": 50 if priority is None else int(priority),
        "form_id": element.form_id,
        "handler": element.handler,
        "created": tx.now,
        "revision": instance.revision + 1,
    }


def _names(value: Value) -> tuple[str, ...]:
    """A comma list, or a list of texts."""
    if value is None:
        return ()
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and len(name) <= LONGEST_NAME for name in names):
        raise ValueError(f"los candidatos deben ser una lista de textos cortos, no {value!r}")
    return tuple(name.strip() for name in names if name.strip())


def folded(text: str) -> str:
    """Small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))[:255]


def _listed(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The index rows of an open user task."""
    if row["assignee"] is not None:
        keys = [f"mine:{row['assignee']}"]
    else:
        keys = [f"group:{group}" for group in row["candidate_groups"]]
        keys += [f"user:{user}" for user in row["candidate_users"]]
    order = {
        "task_id": row["id"],
        "due": row["due"] or END_OF_TIME,
        "priority": -row["priority"],
        "created": row["created"],
    }
    return [{"key": key, **order} for key in dict.fromkeys(["all", *keys])]


def close_rows(instance: Instance, ids: Sequence[str]) -> None:
    """Their elements were left by another way: cancelled."""
    tx = instance.tx
    query = select(_u.id, _u.process_key, _u.element_id).where(_u.id.in_(ids), _u.state == "open")
    for row in tx.execute(query).all():
        instance.record("user_task.cancelled", process_key=row.process_key, element_id=row.element_id, task=row.id)
    tx.execute(
        t.user_task.update()
        .where(_u.id.in_(ids), _u.state == "open")
        .values(state="cancelled", ended_at=tx.now, ended_by=tx.actor.id, draft=None, search="", wait_id="")
    )
    tx.execute(t.user_task_index.delete().where(_x.task_id.in_(ids)))


def end(instance: Instance, task_id: str, request_id: str | None) -> None:
    """Completed: off all lists, its row stays."""
    tx = instance.tx
    ended = {"task": task_id, "state_": "completed", "at": tx.now, "who": tx.actor.id, "request": request_id}
    tx.execute(_END, ended)
    tx.execute(_UNLIST, {"task": task_id})
    instance.rows[:] = [known for known in instance.rows if known.id != task_id]


def relist(tx: Transaction, row: Any, changes: Mapping[str, Any]) -> Any:
    """Write these changes of an open user task, put it on the lists where it now belongs; answers its row."""
    tx.execute(t.user_task.update().where(_u.id == row.id).values(dict(changes)))
    tx.execute(_UNLIST, {"task": row.id})
    tx.execute(_LIST, _listed({**row._mapping, **changes}))
    return tx.execute(_BY_ID, {"task": row.id}).one()


def refresh(instance: Instance) -> int:
    """Evaluate the due dates of the open user tasks again, as of when they were created; answers how many moved."""
    tx, moved = instance.tx, 0
    for row in tx.execute(select(t.user_task).where(_u.instance_id == instance.id, _u.state == "open")).all():
        wait = instance.wait(row.wait_id)
        if wait is None or not (wait.element.due_date or "").startswith("="):
            continue
        instance.entered_at = row.created
        try:
            found = instance.text(wait, wait.element.due_date)
            due = None if found is None else timers.moment(found)
        except (EngineError, timers.TimerError) as error:
            # As with timers: what was right when it was set stays.
            log.warning("the user task %s of %s keeps its due date: %s", row.element_id, row.business_key, error)
            continue
        finally:
            instance.entered_at = None
        if due != row.due:
            tx.execute(t.user_task.update().where(_u.id == row.id).values(due=due))
            tx.execute(t.user_task_index.update().where(_x.task_id == row.id).values(due=due or END_OF_TIME))
            moved += 1
    return moved


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


def end_skipped(instance: Instance, task_id: str) -> None:
    """An operator went past it: completed, by them, without its form."""
    ended = {"task": task_id, "state_": "completed", "at": instance.tx.now, "who": instance.tx.actor.id}
    instance.tx.execute(_END, {**ended, "request": None})
    instance.tx.execute(_UNLIST, {"task": task_id})


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
