"""The verbs about whole instances: start, suspend, resume, cancel, and what changes them by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from engine import deployment, given, job, suspension, task_row
from engine import instance as instances
from engine.bpmn import Run
from engine.errors import Conflict, Invalid
from engine.ids import new_id
from engine.storage import tables as t
from engine.values import Instruction, ProcessInstance, Value

if TYPE_CHECKING:
    from engine.instance import Instance
    from engine.transaction import Transaction

_i = t.process_instance.c


def start(
    tx: Transaction,
    process_key: str,
    business_key: str,
    values: Mapping[str, Value],
    request_id: str | None,
    version: int | None,
    element_id: str | None = None,
    at: Sequence[Instruction] = (),
) -> ProcessInstance:
    """Start, or answer with the instance that this call, or another one, has started before.

    `element_id`: the message start event, when a message starts it. `at`: begin there instead of at the start event.
    """
    tx.allow("start", business_key)
    if at:
        tx.allow("start_at")
    if not business_key:
        raise Invalid({"business_key": "Falta la clave del asunto."})
    given.short("business_key", business_key)
    given.short("request_id", request_id)
    values = given.feel_values(values)
    definition = deployment.latest(tx, process_key, version, share=True)
    row = {
        "id": new_id(),
        "process_key": process_key,
        "definition_id": definition.id,
        "version": definition.version,
        "deployment_id": definition.deployment_id,
        "business_key": business_key,
        "state": "running",
        "revision": 0,
        "request_id": request_id,
        "started_at": tx.now,
        "started_by": tx.actor.id,
        "changed_at": tx.now,
        "changed_by": tx.actor.id,
        "incidents": 0,
    }
    insert = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    # Of two at once the second waits here for the first, and then finds its instance.
    inserted = insert(t.process_instance).values(row).on_conflict_do_nothing().returning(*t.process_instance.c)
    created = tx.execute(inserted).first()
    if created is None:
        return _started_before(tx, process_key, business_key, request_id)
    suspension.refuse_start(definition)
    instance = instances.Instance(tx, created)
    instance.rows = []
    instance.record("instance.started", process_key=process_key, element_id=element_id, version=definition.version)
    program = instance.bundle.program(process_key)
    if at:
        instance.run = Run.start_at(program, instance, values, at)
        said = [[one.action, one.process_key, one.element_id] for one in at]
        where = {"process_key": at[0].process_key, "element_id": at[0].element_id}
        instance.record("operation", **where, verb="start_at", reason="", before=[], after=[], instructions=said)
    else:
        instance.run = Run.start(program, instance, values, start_event=element_id)
    instance.settle()
    tx.locked[instance.id] = instance
    return instance.value()


def _started_before(tx: Transaction, process_key: str, business_key: str, request_id: str | None) -> ProcessInstance:
    """The instance of an earlier request with this id, else of this process and business key.

    Whoever may start it may know that it is there, even if they may not look into it (the public contact form).
    """
    if request_id is not None:
        before = tx.execute(instances.PLAIN.where(_i.request_id == request_id)).first()
        if before is not None:
            if (before.process_key, before.business_key) != (process_key, business_key):
                raise Conflict("Esta solicitud ya inició otro asunto.", reason="request_id")
            return instances.value(before)
    same = instances.PLAIN.where(_i.process_key == process_key, _i.business_key == business_key)
    return instances.value(tx.execute(same).one())


def set_variables(
    tx: Transaction, instance_id: str, values: Mapping[str, Value], reason: str, wait_id: str | None = None
) -> None:
    instance = instances.lock(tx, instance_id)
    tx.allow("set_variables", instance.business_key)
    given.must_have_reason(reason)
    checked = given.feel_values(values)
    if wait_id is not None and instance.wait(wait_id) is None:
        raise Conflict("Ya no está en espera: el asunto siguió adelante.", reason="stale")
    instance.record(
        "operation",
        process_key=instance.process_key,
        verb="set_variables",
        reason=reason.strip(),
        names=sorted(checked),
    )
    instance.run.set_variables(checked, wait_id)
    instance.settle()
    tx.urgent.add(instance.id)


def suspend(tx: Transaction, instance_id: str, reason: str) -> ProcessInstance:
    instance = instances.lock(tx, instance_id)
    tx.allow("suspend", instance.business_key)
    given.must_have_reason(reason)
    instance.must_run()
    suspend_locked(instance, reason)
    return instance.value()


def suspend_locked(instance: Instance, reason: str, **details: Any) -> None:
    instance.state = "suspended"
    instance.record("instance.suspended", process_key=instance.process_key, reason=reason, **details)
    instance.write()


def resume(tx: Transaction, instance_id: str, reason: str) -> ProcessInstance:
    instance = instances.lock(tx, instance_id)
    tx.allow("resume", instance.business_key)
    given.must_have_reason(reason)
    if instance.state != "suspended":
        raise Conflict("El asunto no está suspendido.", reason=instance.state)
    resume_locked(instance, reason)
    return instance.value()


def resume_locked(instance: Instance, reason: str, **details: Any) -> None:
    instance.state = "running"
    instance.record("instance.resumed", process_key=instance.process_key, reason=reason, **details)
    instance.settle()
    if instance.row.held:
        instance.tx.execute(t.process_instance.update().where(_i.id == instance.id).values(held=False))
    instance.tx.urgent.add(instance.id)


def cancel(tx: Transaction, instance_id: str, reason: str) -> ProcessInstance:
    instance = instances.lock(tx, instance_id)
    tx.allow("cancel", instance.business_key)
    given.must_have_reason(reason)
    if instance.state in ("completed", "cancelled"):
        raise Conflict("El asunto ya terminó.", reason=instance.state, when=instance.row.ended_at)
    instance.run.cancel()
    instance.state = "cancelled"
    instance.record("instance.cancelled", process_key=instance.process_key, reason=reason)
    instance.settle()
    return instance.value()


def refresh_timers(tx: Transaction, business_key: str) -> int:
    query = select(_i.id).where(_i.business_key == business_key, _i.state.in_(("running", "suspended")))
    moved = 0
    for (instance_id,) in tx.execute(query.order_by(_i.id)).all():
        instance = instances.lock(tx, instance_id)
        # No permission of its own: it evaluates again what the diagram says, and decides nothing.
        found = job.refresh(instance) + task_row.refresh(instance)
        if found:
            instance.write()
        moved += found
    return moved
