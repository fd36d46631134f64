"""Running jobs. One job takes two transactions: the first counts the attempt and takes a lease, the second does the
work and completes the element. What goes wrong is recorded in a third.
"""

from __future__ import annotations

import logging
import time
import traceback
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import handling, history, incident, lifecycle, message, timers
from engine import instance as instances
from engine.errors import Conflict, EngineError, NotFound, Raced
from engine.feel import check_value
from engine.handler import BpmnError, ServiceTaskHandler
from engine.ids import new_id
from engine.storage import tables as t
from engine.storage.database import real_time, real_time_after
from engine.values import SYSTEM

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.instance import Instance
    from engine.transaction import Transaction

log = logging.getLogger(__name__)

_j = t.job.c
_i = t.process_instance.c
SUSPENDED_PAUSE = timedelta(minutes=5)
"""How long a message waits before it tries a suspended receiver again."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that this worker has taken."""

    id: str
    owner: str
    kind: str
    topic: str
    instance_id: str | None
    business_key: str | None = None
    payload: Any = None
    """What an outside handler works on."""
    outside: handling.OutsideWork | None = None
    trouble: Exception | None = None
    """What `prepare` raised."""


def due_ids(tx: Transaction, limit: int, *, instance_id: str | None = None, until: datetime | None = None) -> list[Any]:
    """Id, topic, kind, element and due time of the jobs that may be taken now, the earliest first."""
    ready = (_j.state == "due") & (_j.due <= (until or tx.now))
    dead = (_j.state == "leased") & (_j.lease_until < real_time(tx.connection))
    query = (
        select(_j.id, _j.topic, _j.kind, _j.element_id, _j.due)
        .outerjoin(t.process_instance, _i.id == _j.instance_id)
        .where(ready | dead, (_i.state != "suspended") | (_i.state.is_(None)))
        .order_by(_j.due, _j.id)
        .limit(limit)
    )
    if instance_id is not None:
        query = query.where(_j.instance_id == instance_id)
    return list(tx.execute(query).all())


def run(engine: Engine, job_id: str, worker: str, *, wait: bool = False, caused: set[str] | None = None) -> bool:
    """Run one job to one of its outcomes; False when somebody else has it, or it is gone.

    `wait`: for the lock of its instance, where a worker would rather take another job. `caused` gets the instances to
    which it gave more to do.
    """
    lease = _take(engine, job_id, worker, wait=wait)
    if lease is None:
        return False
    began = time.perf_counter()
    try:
        if lease.trouble is not None:
            raise lease.trouble
        result = None
        if lease.outside is not None:
            handler = engine.service_handlers[lease.topic]
            result = handler.function(lease.payload, lease.outside)
        _finish(engine, lease, result, caused)
        took = round((time.perf_counter() - began) * 1000, 1)
        log.info("job %s (%s) done", lease.id, lease.topic, extra={**_facts(lease), "worker": worker, "ms": took})
    except BpmnError as error:
        try:
            _throw(engine, lease, error, caused)
        except Exception as trouble:
            _fail(engine, lease, trouble)
    except handling.LeaseLost:
        return False
    except Exception as error:
        _fail(engine, lease, error)
    return True


def fail(engine: Engine, job_id: str, worker: str, text: str, *, last: bool) -> bool:
    """Take a job and say that it failed with this sentence, without doing it; `last`: with no attempt left. False when
    it cannot be taken now."""
    lease = _take(engine, job_id, worker, wait=True)
    if lease is None:
        return False
    _fail(engine, lease, EngineError(text), last=last)
    return True


def _facts(lease: Lease) -> dict[str, Any]:
    """What a line of the log tells about a job, by name."""
    return {"job": lease.id, "topic": lease.topic, "instance": lease.instance_id, "matter": lease.business_key}


# --- first transaction


def _take(engine: Engine, job_id: str, worker: str, *, wait: bool = False) -> Lease | None:
    with engine.transaction(SYSTEM) as tx:
        row = tx.execute(select(_j.instance_id).where(_j.id == job_id)).first()
        if row is None or not _free(tx, job_id, row.instance_id, wait=wait):
            return None
        row = tx.execute(select(t.job).where(_j.id == job_id)).first()
        if row is None or not _may_be_taken(tx, row):
            return None
        values: dict[str, Any] = {"attempts": row.attempts + 1}
        if row.state == "leased":
            # The attempt before ended without an outcome: its process died. That one counts as failed.
            if row.retries_left == 0:
                _give_up(tx, row, "El proceso que hacía este trabajo terminó sin resultado.", "")
                return None
            values["retries_left"] = row.retries_left - 1
        owner = f"{worker}/{new_id()}"
        values |= {
            "state": "leased",
            "lease_owner": owner,
            "lease_until": real_time_after(tx.connection, engine.lease),
        }
        tx.execute(t.job.update().where(_j.id == job_id).values(values))
        lease = Lease(row.id, owner, row.kind, row.topic, row.instance_id, row.business_key)
        handler = engine.service_handlers.get(row.topic)
        if handler is None or not handler.outside or row.kind not in ("service", "scheduled"):
            return lease
        return _prepared(tx, lease, row, handler)


def _free(tx: Transaction, job_id: str, instance_id: str | None, *, wait: bool) -> bool:
    """Lock the instance, or the job where there is none; False when somebody else has it, or it must not be served."""
    if instance_id is None:
        mine = select(_j.id).where(_j.id == job_id).with_for_update(skip_locked=True)
        return tx.execute(mine).first() is not None
    lock = select(_i.state).where(_i.id == instance_id).with_for_update(skip_locked=not wait)
    row = tx.execute(lock).first()
    return row is not None and row.state != "suspended"


def _may_be_taken(tx: Transaction, row: Any) -> bool:
    if row.state == "due":
        return bool(row.due <= tx.now)
    if row.state == "leased":
        over = select(_j.id).where(_j.id == row.id, _j.lease_until < real_time(tx.connection))
        return tx.execute(over).first() is not None
    return False


def _prepared(tx: Transaction, lease: Lease, row: Any, handler: ServiceTaskHandler) -> Lease:
    """The lease of an outside job, with what its handler works on."""
    try:
        instance = instances.loaded(tx, row.instance_id) if row.instance_id is not None else None
        context = handling.context_of(tx, row, instance)
        job = handling.input_of(handler, row, instance)
        payload = job
        if handler.prepare is not None:
            with tx.savepoint():
                payload = handler.prepare(job, context)
        if instance is not None:
            history.write(tx, instance.id, instance.events)
        outside = handling.OutsideWork(row.id, tx.engine.adapters, context.resources(""))
        return replace(lease, payload=payload, outside=outside)
    except Exception as error:
        return replace(lease, trouble=error)


# --- second transaction


def _finish(engine: Engine, lease: Lease, result: Any, caused: set[str] | None = None) -> None:
    with engine.transaction(SYSTEM) as tx:
        if lease.kind == "service":
            _finish_service(tx, lease, result)
        elif lease.kind == "timer":
            _finish_timer(tx, lease)
        elif lease.kind == "scheduled":
            _finish_scheduled(tx, lease, result)
        else:
            _finish_delivery(tx, lease)
    if caused is not None:
        caused |= tx.urgent


def _own(tx: Transaction, lease: Lease) -> Any:
    """The job's row, if the lease is still ours. Raises handling.LeaseLost."""
    query = select(t.job).where(_j.id == lease.id, _j.state == "leased", _j.lease_owner == lease.owner)
    row = tx.execute(query.with_for_update()).first()
    if row is None:
        raise handling.LeaseLost
    return row


def _locked(tx: Transaction, lease: Lease) -> tuple[Instance, Any]:
    assert lease.instance_id is not None
    instance = instances.lock(tx, lease.instance_id)
    row = _own(tx, lease)
    if instance.state == "suspended":
        # Suspended after we took it: it is due again when the instance goes on.
        tx.execute(t.job.update().where(_j.id == row.id).values(state="due", lease_owner=None, lease_until=None))
    return instance, row


def _finish_service(tx: Transaction, lease: Lease, result: Any) -> None:
    instance, row = _locked(tx, lease)
    if instance.state != "running":
        return
    handler = _handler(tx, row.topic)
    context = handling.context_of(tx, row, instance)
    output = handling.call(tx, handler, handling.input_of(handler, row, instance), result, context)
    instance.record("job.completed", process_key=row.process_key, element_id=row.element_id, job=row.id)
    instance.run.complete(row.wait_id, handling.variables_of(output))
    instance.settle()


def _finish_timer(tx: Transaction, lease: Lease) -> None:
    instance, row = _locked(tx, lease)
    if instance.state != "running":
        return
    instance.fire_timer(row.id, row.wait_id)
    instance.settle()


def _finish_scheduled(tx: Transaction, lease: Lease, result: Any) -> None:
    instance = None
    if lease.instance_id is not None:
        instance, row = _locked(tx, lease)
        if instance.state == "suspended":
            return
    else:
        row = _own(tx, lease)
    handler = _handler(tx, row.topic)
    # Gone before the handler runs, so that it can schedule its own key again.
    tx.execute(t.job.delete().where(_j.id == row.id))
    handling.call(
        tx, handler, handling.input_of(handler, row, instance), result, handling.context_of(tx, row, instance)
    )
    if instance is not None:
        history.write(tx, instance.id, instance.events)


def _handler(tx: Transaction, topic: str) -> ServiceTaskHandler:
    handler = tx.engine.service_handlers.get(topic)
    if handler is None:
        raise NotFound(f"No hay quien haga el trabajo «{topic}».")
    return handler


def _finish_delivery(tx: Transaction, lease: Lease) -> None:
    """A message, a signal or a start. The receiver's row is the one that is locked, not the sender's."""
    row = tx.execute(select(t.job).where(_j.id == lease.id)).first()
    if row is None:
        raise handling.LeaseLost
    input, note = row.input, None
    if "expired" in input:
        message.expire(tx, input["expired"])
    elif row.kind == "start":
        lifecycle.start(tx, row.topic, input["business_key"], input["variables"], None, None)
    elif input.get("signal"):
        if instances.lock(tx, input["signal"]).state == "suspended":
            # From now on it is the receiver's own job: due when that goes on, and not tried before.
            _own(tx, lease)
            later = {"instance_id": input["signal"], "state": "due", "lease_owner": None, "lease_until": None}
            tx.execute(t.job.update().where(_j.id == row.id).values(later))
            return
        message.deliver_signal(tx, input["signal"], input["wait"], input["variables"])
    elif message.deliver(tx, row.topic, input["correlation"], input["variables"]) is None:
        if input["keep"] is not None:
            message.keep_request(tx, row.topic, input)
        else:
            note = {"message": row.topic, "correlation": input["correlation"], "reason": "nadie esperaba"}
    _own(tx, lease)
    tx.execute(t.job.delete().where(_j.id == row.id))
    if note is not None and row.instance_id is not None:
        history.write(tx, row.instance_id, [("message.refused", None, row.element_id, note)])


# --- other outcomes


def _throw(engine: Engine, lease: Lease, error: BpmnError, caused: set[str] | None) -> None:
    """A business failure goes to the element's own boundary; uncaught, it is an incident at once."""
    with engine.transaction(SYSTEM) as tx:
        if lease.kind != "service":
            raise error
        instance, row = _locked(tx, lease)
        if instance.state != "running":
            return
        where = {"process_key": row.process_key, "element_id": row.element_id}
        variables = {name: check_value(value) for name, value in error.variables.items()}
        instance.record("error.thrown", **where, code=error.code, message=error.message)
        if instance.run.throw_error(row.wait_id, error.code, error.message, variables):
            instance.settle()
            if caused is not None:
                caused |= tx.urgent
        else:
            _give_up(tx, row, f"Nadie atiende el error «{error.code}»: {error.message}", "", instance)


def _fail(engine: Engine, lease: Lease, error: Exception, *, last: bool = False) -> None:
    """Record a failed attempt: try again later, or (`last`, or none left) open an incident."""
    log.warning("job %s (%s) failed", lease.id, lease.topic, exc_info=error, extra=_facts(lease))
    details = "".join(traceback.format_exception(error))[-8000:]
    text = _sentence(error)
    with engine.transaction(SYSTEM) as tx:
        instance = instances.lock(tx, lease.instance_id) if lease.instance_id is not None else None
        try:
            row = _own(tx, lease)
        except handling.LeaseLost:
            return
        if isinstance(error, Raced):
            again = {"state": "due", "lease_owner": None, "lease_until": None, "attempts": row.attempts - 1}
            tx.execute(t.job.update().where(_j.id == row.id).values(again))
            return
        if isinstance(error, Conflict) and error.details.get("reason") in ("suspended", "definition_suspended"):
            later = {"state": "due", "lease_owner": None, "lease_until": None, "due": tx.now + SUSPENDED_PAUSE}
            tx.execute(t.job.update().where(_j.id == row.id).values(later))
            return
        if last or row.retries_left == 0:
            _give_up(tx, row, text, details, instance)
            return
        later = {
            "state": "due",
            "due": timers.later(tx.now, _pause(engine.service_handlers.get(row.topic), row.attempts)),
            "retries_left": row.retries_left - 1,
            "error": text,
            "lease_owner": None,
            "lease_until": None,
        }
        tx.execute(t.job.update().where(_j.id == row.id).values(later))
        if instance is not None:
            instance.record(
                "job.failed", process_key=row.process_key, element_id=row.element_id, job=row.id, message=text
            )
            history.write(tx, instance.id, instance.events)


def _pause(handler: ServiceTaskHandler | None, attempts: int) -> str:
    """The back-off after this attempt: the handler's list, its last entry for all that follow."""
    backoff = handler.backoff if handler is not None and handler.backoff else ("PT1M", "PT5M", "PT30M")
    return backoff[min(attempts, len(backoff)) - 1]


def _give_up(tx: Transaction, row: Any, text: str, details: str, instance: Instance | None = None) -> None:
    """No retries left: the job waits for a person."""
    failed = {"state": "failed", "error": text, "retries_left": 0, "lease_owner": None, "lease_until": None}
    tx.execute(t.job.update().where(_j.id == row.id).values(failed))
    if row.instance_id is None:
        incident.open_without_element(tx, "job", text, details=details, business_key=row.business_key, job_id=row.id)
        return
    instance = instance or instances.lock(tx, row.instance_id)
    instance.record("job.failed", process_key=row.process_key, element_id=row.element_id, job=row.id, message=text)
    wait = instance.wait(row.wait_id) if row.wait_id is not None and instance.blob is not None else None
    if wait is not None:
        instance.rows.append(incident.open_one(instance, wait, text, details=details, job_id=row.id))
        instance.write()
    else:
        incident.open_without_element(tx, "job", text, details=details, business_key=row.business_key, job_id=row.id)
        history.write(tx, instance.id, instance.events)


def _sentence(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text if len(text) <= 500 else text[:500] + "…"
