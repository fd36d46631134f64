"""Rows of user tasks, kept equal to what the run waits for: opened, put on the inbox's lists, ended. Who may work on
them is `engine/user_task.py`.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine import incident, timers, wait_states
from engine.errors import EngineError
from engine.ids import new_id
from engine.storage import tables as t
from engine.values import Value

if TYPE_CHECKING:
    from engine.bpmn import Wait
    from engine.instance import Instance
    from engine.transaction import Transaction

log = logging.getLogger(__name__)

_u = t.user_task.c
_x = t.user_task_index.c
_BY_ID = select(t.user_task).where(_u.id == bindparam("task"))

LONGEST_NAME = 200
"""Characters of a person's or group's name."""
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
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


def end_skipped(instance: Instance, task_id: str) -> None:
    """An operator went past it: completed, by them, without its form."""
    ended = {"task": task_id, "state_": "completed", "at": instance.tx.now, "who": instance.tx.actor.id}
    instance.tx.execute(_END, {**ended, "request": None})
    instance.tx.execute(_UNLIST, {"task": task_id})
