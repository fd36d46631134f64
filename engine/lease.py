"""Leases of jobs: what is due, taking it for a while, keeping hold of it, giving it up for good."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import handling, history, incident
from engine import instance as instances
from engine.handler import ServiceTaskHandler
from engine.ids import new_id
from engine.storage import tables as t
from engine.storage.database import real_time, real_time_after
from engine.values import SYSTEM

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.instance import Instance
    from engine.transaction import Transaction

_j = t.job.c
_i = t.process_instance.c


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
    taken: float = field(default_factory=time.perf_counter)


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


class Held(Exception):
    """Somebody else is at the instance of this job, and the worker would not wait."""


def take(engine: Engine, job_id: str, worker: str, *, wait: bool = False) -> Lease | None:
    """None when it is gone, not due, or somebody else has taken it. Raises Held, unless it may wait."""
    with engine.transaction(SYSTEM) as tx:
        row = tx.execute(select(_j.instance_id).where(_j.id == job_id)).first()
        if row is None:
            return None
        if _free(tx, job_id, row.instance_id, wait=wait):
            return _taken(tx, job_id, worker)
    if wait:
        return None
    raise Held


def _taken(tx: Transaction, job_id: str, worker: str) -> Lease | None:
    row = tx.execute(select(t.job).where(_j.id == job_id)).first()
    if row is None or not _may_be_taken(tx, row):
        return None
    values: dict[str, Any] = {"attempts": row.attempts + 1}
    if row.state == "leased":
        # The attempt before ended without an outcome: its process died. That one counts as failed.
        if row.retries_left == 0:
            give_up(tx, row, "El proceso que hacía este trabajo terminó sin resultado.", "")
            return None
        values["retries_left"] = row.retries_left - 1
    owner = f"{worker}/{new_id()}"
    values |= {
        "state": "leased",
        "lease_owner": owner,
        "lease_until": real_time_after(tx.connection, tx.engine.lease),
    }
    tx.execute(t.job.update().where(_j.id == job_id).values(values))
    lease = Lease(row.id, owner, row.kind, row.topic, row.instance_id, row.business_key)
    handler = tx.engine.service_handlers.get(row.topic)
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


def own(tx: Transaction, lease: Lease) -> Any:
    """The job's row, if the lease is still ours. Raises handling.LeaseLost."""
    query = select(t.job).where(_j.id == lease.id, _j.state == "leased", _j.lease_owner == lease.owner)
    row = tx.execute(query.with_for_update()).first()
    if row is None:
        raise handling.LeaseLost
    return row


def locked(tx: Transaction, lease: Lease) -> tuple[Instance, Any]:
    assert lease.instance_id is not None
    instance = instances.lock(tx, lease.instance_id)
    row = own(tx, lease)
    if instance.state == "suspended":
        # Suspended after we took it: it is due again when the instance goes on.
        tx.execute(t.job.update().where(_j.id == row.id).values(state="due", lease_owner=None, lease_until=None))
    return instance, row


def give_up(tx: Transaction, row: Any, text: str, details: str, instance: Instance | None = None) -> None:
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
