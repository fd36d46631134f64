"""Running jobs. One job takes two transactions: the first counts the attempt and takes a lease, the second does the
work and completes the element. What goes wrong is recorded in a third.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import handling, history, lifecycle, message, timers
from engine import instance as instances
from engine import lease as leases
from engine.errors import Conflict, EngineError, NotFound, Raced
from engine.feel import check_value
from engine.handler import BpmnError, ServiceTaskHandler
from engine.storage import database as storage
from engine.storage import tables as t
from engine.values import SYSTEM

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.transaction import Transaction

log = logging.getLogger(__name__)

_j = t.job.c
SUSPENDED_PAUSE = timedelta(minutes=5)
"""How long a message waits before it tries a suspended receiver again."""


def run(engine: Engine, job_id: str, worker: str, *, wait: bool = False, caused: set[str] | None = None) -> bool:
    """Run one job to one of its outcomes; False when somebody else has it, or it is gone.

    `wait`: for the lock of its instance, where a worker would rather take another job: it gets lease.Held. `caused`
    gets the instances to which it gave more to do.
    """
    lease = leases.take(engine, job_id, worker, wait=wait)
    if lease is None:
        return False
    try:
        if lease.trouble is not None:
            raise lease.trouble
        result = _outside(engine, lease)
    except BpmnError as error:
        return _outcome(engine, lease, partial(_throw, engine, lease, error, caused), caused)
    except Exception as error:
        return _went_wrong(engine, lease, error)
    return _outcome(engine, lease, partial(_finish, engine, lease, result, caused), caused)


def finish_what_waits(engine: Engine) -> None:
    """Write down what this process could not because the database was away; nothing is done a second time for it."""
    for _ in range(len(engine.unfinished)):
        try:
            lease, write = engine.unfinished.popleft()
        except IndexError:
            return
        _outcome(engine, lease, write)


def fail(engine: Engine, job_id: str, worker: str, text: str, *, last: bool) -> bool:
    """Take a job and say that it failed with this sentence, without doing it; `last`: with no attempt left. False when
    it cannot be taken now."""
    lease = leases.take(engine, job_id, worker, wait=True)
    if lease is None:
        return False
    _fail(engine, lease, EngineError(text), last=last)
    return True


def _facts(lease: leases.Lease) -> dict[str, Any]:
    """What a line of the log tells about a job, by name."""
    return {"job": lease.id, "topic": lease.topic, "instance": lease.instance_id, "matter": lease.business_key}


# --- the work


def _outside(engine: Engine, lease: leases.Lease) -> Any:
    """What a handler outside the house answers; None for the others, which work in the transaction."""
    if lease.outside is None:
        return None
    return engine.service_handlers[lease.topic].function(lease.payload, lease.outside)


def _outcome(engine: Engine, lease: leases.Lease, write: Callable[[], object], caused: set[str] | None = None) -> bool:
    """True when that was an attempt, whatever came of it."""
    try:
        write()
    except BpmnError as error:
        throw = partial(_throw, engine, lease, error, caused)
        try:
            throw()
        except Exception as trouble:
            return _went_wrong(engine, lease, trouble, throw)
    except handling.LeaseLost:
        return False
    except Exception as error:
        return _went_wrong(engine, lease, error, write)
    return True


def _finish(engine: Engine, lease: leases.Lease, result: Any, caused: set[str] | None = None) -> None:
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
    took = round((time.perf_counter() - lease.taken) * 1000, 1)
    worker = lease.owner.rpartition("/")[0]
    log.info("job %s (%s) done", lease.id, lease.topic, extra={**_facts(lease), "worker": worker, "ms": took})


def _finish_service(tx: Transaction, lease: leases.Lease, result: Any) -> None:
    instance, row = leases.locked(tx, lease)
    if instance.state != "running":
        return
    handler = _handler(tx, row.topic)
    context = handling.context_of(tx, row, instance)
    output = handling.call(tx, handler, handling.input_of(handler, row, instance), result, context)
    instance.record("job.completed", process_key=row.process_key, element_id=row.element_id, job=row.id)
    instance.run.complete(row.wait_id, handling.variables_of(output))
    instance.settle()


def _finish_timer(tx: Transaction, lease: leases.Lease) -> None:
    instance, row = leases.locked(tx, lease)
    if instance.state != "running":
        return
    instance.fire_timer(row.id, row.wait_id)
    instance.settle()


def _finish_scheduled(tx: Transaction, lease: leases.Lease, result: Any) -> None:
    instance = None
    if lease.instance_id is not None:
        instance, row = leases.locked(tx, lease)
        if instance.state == "suspended":
            return
    else:
        row = leases.own(tx, lease)
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


def _finish_delivery(tx: Transaction, lease: leases.Lease) -> None:
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
            leases.own(tx, lease)
            later = {"instance_id": input["signal"], "state": "due", "lease_owner": None, "lease_until": None}
            tx.execute(t.job.update().where(_j.id == row.id).values(later))
            return
        message.deliver_signal(tx, input["signal"], input["wait"], input["variables"])
    elif message.deliver(tx, row.topic, input["correlation"], input["variables"]) is None:
        if input["keep"] is not None:
            message.keep_request(tx, row.topic, input)
        else:
            note = {"message": row.topic, "correlation": input["correlation"], "reason": "nadie esperaba"}
    leases.own(tx, lease)
    tx.execute(t.job.delete().where(_j.id == row.id))
    if note is not None and row.instance_id is not None:
        history.write(tx, row.instance_id, [("message.refused", None, row.element_id, note)])


# --- other outcomes


def _throw(engine: Engine, lease: leases.Lease, error: BpmnError, caused: set[str] | None = None) -> None:
    """A business failure goes to the element's own boundary; uncaught, it is an incident at once."""
    with engine.transaction(SYSTEM) as tx:
        if lease.kind != "service":
            raise error
        instance, row = leases.locked(tx, lease)
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
            leases.give_up(tx, row, f"Nadie atiende el error «{error.code}»: {error.message}", "", instance)


def _went_wrong(
    engine: Engine, lease: leases.Lease, error: Exception, write: Callable[[], object] | None = None
) -> bool:
    """True when that was an attempt. Where the database could not, it was none: a job inside the house is due as
    before; of one that has done its work outside, `write` writes the outcome down as soon as that can be done."""
    if not storage.is_away(error) or (lease.outside is not None and write is None):
        _fail(engine, lease, error)
        return True
    log.warning("job %s (%s) waits: %s", lease.id, lease.topic, _sentence(error), extra=_facts(lease))
    if lease.outside is None or write is None:
        write = partial(_hand_back, engine, lease)
        try:
            write()
            return False
        except handling.LeaseLost:
            return False
        except Exception as trouble:
            if not storage.is_away(trouble):
                raise
    engine.unfinished.append((lease, write))
    return False


def _hand_back(engine: Engine, lease: leases.Lease) -> None:
    """Due as before, with as many attempts left. Raises LeaseLost."""
    with engine.transaction(SYSTEM) as tx:
        _due_again(tx, leases.own(tx, lease))


def _due_again(tx: Transaction, row: Any) -> None:
    again = {"state": "due", "lease_owner": None, "lease_until": None, "attempts": row.attempts - 1}
    tx.execute(t.job.update().where(_j.id == row.id).values(again))


def _fail(engine: Engine, lease: leases.Lease, error: Exception, *, last: bool = False) -> None:
    """Record a failed attempt: try again later, or (`last`, or none left) open an incident."""
    log.warning("job %s (%s) failed", lease.id, lease.topic, exc_info=error, extra=_facts(lease))
    details = "".join(traceback.format_exception(error))[-8000:]
    text = _sentence(error)
    with engine.transaction(SYSTEM) as tx:
        instance = instances.lock(tx, lease.instance_id) if lease.instance_id is not None else None
        try:
            row = leases.own(tx, lease)
        except handling.LeaseLost:
            return
        if isinstance(error, Raced):
            _due_again(tx, row)
            return
        if isinstance(error, Conflict) and error.details.get("reason") in ("suspended", "definition_suspended"):
            later = {"state": "due", "lease_owner": None, "lease_until": None, "due": tx.now + SUSPENDED_PAUSE}
            tx.execute(t.job.update().where(_j.id == row.id).values(later))
            return
        if last or row.retries_left == 0:
            leases.give_up(tx, row, text, details, instance)
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


_MISTAKES = (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, NotImplementedError, TypeError)
"""What a handler does not raise on purpose: its text is for who wrote it, not for who reads the incident."""


def _sentence(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    if isinstance(error, _MISTAKES):
        text = (
            f"El programa tiene un error que nadie previó ({type(error).__name__}: {text}). Avise a quien lo mantiene."
        )
    return text if len(text) <= 500 else text[:500] + "…"
