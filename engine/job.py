"""Jobs: the rows for work that a worker does: service tasks, timers, messages and starts to deliver, and what the firm
schedules by key. `engine/worker.py` runs them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, select

from engine import given, incident, operation, timers, wait_states
from engine import instance as instances
from engine.errors import Conflict, EngineError, Invalid, NotFound
from engine.handler import ServiceTaskHandler
from engine.ids import new_id
from engine.storage import tables as t
from engine.values import Job, JobQuery, OperationChange, Page, Value

if TYPE_CHECKING:
    from engine.bpmn import Wait
    from engine.instance import Instance
    from engine.transaction import Transaction

log = logging.getLogger(__name__)

_j = t.job.c
_INSERT = t.job.insert()
DELIVERY_RETRIES = 10
"""Repeats for what the engine itself does: timers, messages, starts."""


def new_row(tx: Transaction, kind: str, topic: str, **columns: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": new_id(),
        "kind": kind,
        "topic": topic,
        "instance_id": None,
        "wait_id": None,
        "business_key": None,
        "process_key": None,
        "element_id": None,
        "key": None,
        "input": {},
        "due": tx.now,
        "entered_at": tx.now,
        "attempts": 0,
        "retries_left": DELIVERY_RETRIES,
        "state": "due",
    }
    return {**row, **columns}


def _of_wait(instance: Instance, wait: Wait) -> dict[str, Any]:
    return {
        "instance_id": instance.id,
        "wait_id": wait.id,
        "business_key": instance.business_key,
        "process_key": wait.process_key,
        "element_id": wait.element.id,
    }


# --- rows of waits


def open_rows(instance: Instance, waits: Sequence[Wait]) -> list[wait_states.Row]:
    """Jobs of service tasks: the outbox."""
    tx, rows, opened = instance.tx, [], []
    for wait in waits:
        topic = wait.element.topic or ""
        handler = tx.engine.service_handlers.get(topic)
        try:
            retries = _retries(instance, wait, handler)
        except (EngineError, ValueError, TypeError, ArithmeticError) as error:
            sentence = f"«{wait.element.name or wait.element.id}»: los reintentos no son un número: {error}"
            instance.run.fail(wait.id, sentence)
            opened.append(incident.open_one(instance, wait, sentence))
            continue
        rows.append(new_row(tx, "service", topic, retries_left=retries, **_of_wait(instance, wait)))
        instance.record(
            "job.created", process_key=wait.process_key, element_id=wait.element.id, job=rows[-1]["id"], topic=topic
        )
        if handler is None or not handler.outside:
            tx.urgent.add(instance.id)
    return opened + _insert(tx, rows)


def _retries(instance: Instance, wait: Wait, handler: ServiceTaskHandler | None) -> int:
    value = instance.text(wait, wait.element.retries)
    if value is None:
        return handler.retries if handler else 0
    return int(value)


def open_timer_rows(instance: Instance, waits: Sequence[Wait]) -> list[wait_states.Row]:
    """Timers: the due time is stored here once, and moved only on purpose."""
    tx, rows, opened = instance.tx, [], []
    for wait in waits:
        try:
            due = instances.due_of(instance, wait)
        except timers.TimerError as error:
            sentence = f"El temporizador «{wait.element.name or wait.element.id}» no da un momento: {error}."
            instance.run.fail(wait.id, sentence)
            opened.append(incident.open_one(instance, wait, sentence))
            continue
        if due is None:
            continue
        entered = instance.last_firing.get(wait.element.id, tx.now) if wait.repetition else tx.now
        rows.append(new_row(tx, "timer", "timer", due=due, entered_at=entered, **_of_wait(instance, wait)))
        instance.record("timer.set", process_key=wait.process_key, element_id=wait.element.id, due=due)
        if due <= tx.now:
            tx.urgent.add(instance.id)
    return opened + _insert(tx, rows)


def _insert(tx: Transaction, rows: list[dict[str, Any]]) -> list[wait_states.Row]:
    if rows:
        tx.execute(_INSERT, rows)
    return [wait_states.Row("job", row["id"], row["wait_id"], row["due"], row["kind"], "due") for row in rows]


def close_rows(instance: Instance, ids: Sequence[str]) -> None:
    delete(instance.tx, ids)


def delete(tx: Transaction, ids: Sequence[str]) -> None:
    tx.execute(t.job.delete().where(_j.id.in_(ids)))


# --- the operator's verbs


def _get(tx: Transaction, job_id: str) -> Any:
    row = tx.execute(select(t.job).where(_j.id == job_id, tx.visible(_j.business_key))).first()
    if row is None:
        raise NotFound("Este trabajo ya no existe.")
    return row


def retry(tx: Transaction, job_id: str, values: Mapping[str, Value], reason: str = "", verb: str = "retry") -> None:
    """A failed job is due again, with all its retries; its incident is resolved."""
    row = _get(tx, job_id)
    tx.allow(verb, row.business_key)
    instance = instances.lock(tx, row.instance_id) if row.instance_id is not None else None
    row = _get(tx, job_id)
    if row.state != "failed":
        raise Conflict("Este trabajo no ha fallado.", reason=row.state)
    again = {
        "state": "due",
        "due": tx.now,
        "retries_left": _all_retries(tx, row, instance),
        "error": None,
        "lease_owner": None,
        "lease_until": None,
    }
    tx.execute(t.job.update().where(_j.id == job_id).values(again))
    resolved = incident.close_of_job(tx, job_id)
    if instance is None:
        about = OperationChange("job", row.topic)
        operation.note(tx, "retry", reason, [about], business_key=row.business_key)
        return
    where = {"process_key": row.process_key, "element_id": row.element_id}
    instance.rows[:] = [known for known in instance.rows if known.id not in resolved]
    names: dict[str, Any] = {"names": sorted(values)} if values else {}
    instance.record("job.retried", **where, job=job_id, reason=reason, **names, **_own_topic(row))
    for incident_id in resolved:
        instance.record("incident.resolved", **where, incident=incident_id)
    if values:
        instance.run.set_variables(given.feel_values(values), row.wait_id, own=False)
    if row.kind == "service":
        # Its inputs are evaluated again: what was repaired counts.
        instance.run.retry(row.wait_id)
        instance.settle()
    elif values:
        instance.settle()
    else:
        instance.write()
    tx.urgent.add(instance.id)


def _all_retries(tx: Transaction, row: Any, instance: Instance | None) -> int:
    """As when the job was made: the diagram's number, else the handler's."""
    handler = tx.engine.service_handlers.get(row.topic)
    if row.kind not in ("service", "scheduled") or handler is None:
        return DELIVERY_RETRIES
    wait = instance.wait(row.wait_id) if instance is not None and row.wait_id is not None else None
    if instance is None or wait is None:
        return handler.retries
    try:
        return _retries(instance, wait, handler)
    except (EngineError, ValueError, TypeError, ArithmeticError):
        return handler.retries


def set_due(tx: Transaction, job_id: str, due: datetime, reason: str = "") -> None:
    row = _get(tx, job_id)
    tx.allow("set_due", row.business_key)
    if due.tzinfo is None:
        raise Invalid({"due": "Falta la zona horaria."})
    instance = instances.lock(tx, row.instance_id) if row.instance_id is not None else None
    moved = tx.execute(t.job.update().where(_j.id == job_id, _j.state == "due").values(due=due))
    if moved.rowcount != 1:
        raise Conflict("Este trabajo ya no espera.", reason="stale")
    if instance is not None:
        kind = "timer.set" if row.kind == "timer" else "job.moved"
        instance.record(
            kind,
            process_key=row.process_key,
            element_id=row.element_id,
            due=due,
            old=row.due,
            reason=reason,
            **_own_topic(row),
        )
        instance.write()
    else:
        changes = [OperationChange("job", row.topic), OperationChange("due", None, row.due, due)]
        operation.note(tx, "set_due", reason, changes, business_key=row.business_key)


def discard(tx: Transaction, job_id: str, reason: str) -> None:
    """It is not done any more, and its incident is closed; only a job of its own, that no element waits for."""
    given.must_have_reason(reason)
    row = _get(tx, job_id)
    tx.allow("discard", row.business_key)
    instance = instances.lock(tx, row.instance_id) if row.instance_id is not None else None
    row = _get(tx, job_id)
    if row.wait_id is not None:
        raise Conflict("Un paso del asunto espera este trabajo: omita el paso.", reason="waited_for")
    if row.state == "leased":
        raise Conflict("Este trabajo se está haciendo ahora.", reason="leased")
    delete(tx, [job_id])
    if kept := row.input.get("expired"):
        # The end of a message's time: without it the message would be kept for ever, and for nobody.
        tx.execute(t.kept_message.delete().where(t.kept_message.c.id == kept))
    incident.close_of_job(tx, job_id)
    if instance is None:
        operation.note(tx, "discard", reason, [OperationChange("job", row.topic)], business_key=row.business_key)
        return
    instance.record("job.discarded", job=job_id, reason=reason, **_own_topic(row))
    instance.write()


def _own_topic(row: Any) -> dict[str, str]:
    """What the history calls a job that is of no element."""
    return {"topic": row.topic} if row.element_id is None else {}


def refresh(instance: Instance) -> int:
    """Evaluate the waiting timers again, as of when they were entered; answers how many moved."""
    tx, moved = instance.tx, 0
    query = select(t.job).where(_j.instance_id == instance.id, _j.kind == "timer", _j.state == "due")
    for row in tx.execute(query.order_by(_j.id)).all():
        wait = instance.wait(row.wait_id)
        event = wait.element.event if wait is not None else None
        if wait is None or event is None or event.timer_kind is None or not (event.timer or "").startswith("="):
            continue
        instance.entered_at = row.entered_at
        try:
            value = instance.run.evaluate(wait.id, event.timer or "")
            due = timers.due(event.timer_kind, value, row.entered_at, repetition=wait.repetition)
        except (EngineError, timers.TimerError) as error:
            # The timer keeps its due time: a wrong record of today must not stop what was right when it was set.
            log.warning("the timer %s of %s keeps its due time: %s", row.element_id, row.business_key, error)
            continue
        finally:
            instance.entered_at = None
        if due is not None and due != row.due:
            tx.execute(t.job.update().where(_j.id == row.id).values(due=due))
            instance.record("timer.set", process_key=row.process_key, element_id=row.element_id, due=due, old=row.due)
            moved += 1
            if due <= tx.now:
                tx.urgent.add(instance.id)
    return moved


# --- reading


def active() -> ColumnElement[bool]:
    """SQL over jobs: not of a suspended instance."""
    held = select(t.process_instance.c.id).where(t.process_instance.c.state == "suspended")
    return _j.instance_id.is_(None) | _j.instance_id.not_in(held)


def value(row: Any) -> Job:
    return Job(
        row.id,
        row.kind,
        row.topic,
        row.instance_id,
        row.business_key,
        row.element_id,
        row.key,
        row.due,
        row.attempts,
        row.retries_left,
        row.state,
        row.lease_owner,
        row.lease_until,
        row.error,
        row.process_key,
    )


def find(tx: Transaction, query: JobQuery, page: str | None, size: int) -> Page[Job]:
    tx.allow_list("jobs", query.business_key)
    select_ = select(t.job).where(tx.visible(_j.business_key))
    for column, wanted in (
        (_j.id, query.id),
        (_j.instance_id, query.instance_id),
        (_j.business_key, query.business_key),
        (_j.kind, query.kind),
        (_j.topic, query.topic),
        (_j.state, query.state),
    ):
        if wanted is not None:
            select_ = select_.where(column == wanted)
    if query.due_before is not None:
        select_ = select_.where(_j.due < query.due_before)
    if query.due_from is not None:
        select_ = select_.where(_j.due >= query.due_from)
    if query.loose:
        select_ = select_.where(_j.instance_id.is_(None))
    if query.active:
        select_ = select_.where(active())
    if page is not None:
        due, id = page.split("|")
        moment = datetime.fromisoformat(due)
        select_ = select_.where((_j.due > moment) | ((_j.due == moment) & (_j.id > id)))
    found = tx.execute(select_.order_by(_j.due, _j.id).limit(size + 1)).all()
    items = tuple(value(row) for row in found[:size])
    return Page(items, f"{items[-1].due.isoformat()}|{items[-1].id}" if len(found) > size else None)
