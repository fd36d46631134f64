"""Migration: instances under way move from one deployment to another.

`plan` looks at every instance and changes nothing; `migrate` moves one, in the transaction that it is given, after
judging it again under its lock. User tasks keep their ids and drafts, timers their due times. The state before is kept
until the next migration, and `restore` brings it back as long as the instance has not gone on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import deployment, operation, task_row
from engine import instance as instances
from engine.bpmn import BadState, Run
from engine.bpmn.migration import Move, move
from engine.definitions.difference import difference
from engine.errors import Conflict, Invalid, NotFound
from engine.repair import Repair
from engine.storage import tables as t
from engine.values import Difference, Migrated, OperationChange, Plan, ProcessInstance, Verdict

if TYPE_CHECKING:
    from engine.definitions.bundle import Bundle
    from engine.instance import Instance
    from engine.transaction import Transaction

_i, _j, _k = t.process_instance.c, t.job.c, t.kept_state.c
UNDER_WAY = ("running", "suspended")


def diff(tx: Transaction, source: str, target: str) -> Difference:
    tx.allow("diff")
    return difference(deployment.bundle(tx, source), deployment.bundle(tx, target))


def plan(tx: Transaction, source: str, target: str, mapping: Mapping[str, str]) -> Plan:
    tx.allow("plan_migration")
    before, after = deployment.bundle(tx, source), deployment.bundle(tx, target)
    mapping = _checked(mapping, before, after)
    query = (
        select(t.process_instance)
        .where(_i.deployment_id == source, _i.state.in_(UNDER_WAY), _i.ended_at.is_(None), tx.visible(_i.business_key))
        .order_by(_i.id)
    )
    verdicts = tuple(_verdict(tx, row, before, after, mapping) for row in tx.execute(query).all())
    return Plan(source, target, mapping, verdicts)


def _checked(mapping: Mapping[str, str], before: Bundle, after: Bundle) -> dict[str, str]:
    """Raises Invalid for a name on either side that is not there."""
    old, new = _names(before), _names(after)
    kept = {source: target for source, target in mapping.items() if source and target and source != target}
    wrong = {source: f"«{source}» no está en el diagrama anterior." for source in kept if _base(source) not in old}
    wrong |= {s: f"«{target}» no está en el diagrama nuevo." for s, target in kept.items() if target not in new}
    if wrong:
        raise Invalid(wrong)
    return kept


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _names(bundle: Bundle) -> set[str]:
    return {name for one in bundle.processes.values() for name in (*one.elements, *one.flows)}


def _verdict(tx: Transaction, row: Any, before: Bundle, after: Bundle, mapping: Mapping[str, str]) -> Verdict:
    moved = _judge(tx, instances.Instance(tx, row), before, after, mapping)
    return Verdict(row.id, row.business_key, row.process_key, tuple(moved.reasons), tuple(moved.notes))


def _judge(tx: Transaction, instance: Instance, before: Bundle, after: Bundle, mapping: Mapping[str, str]) -> Move:
    key = instance.process_key
    if key not in after.processes:
        return Move({}, [f"La publicación nueva no tiene el proceso «{key}»."])
    assert instance.blob is not None
    try:
        moved = move(before.program(key), after.program(key), instance.blob, mapping)
        if not moved.reasons:
            Run.load(after.program(key), instance, moved.blob)
    except BadState as error:
        return Move({}, [error.message])
    if moved.topics and _is_leased(tx, instance, moved.topics):
        moved.reasons.append("Un trabajo suyo se está haciendo en este momento: intente en un minuto.")
    return moved


def _is_leased(tx: Transaction, instance: Instance, tokens: list[str]) -> bool:
    wanted = {wait.id for wait in instance.run.waits() if wait.id.replace("-", "") in tokens}
    query = select(_j.id).where(_j.instance_id == instance.id, _j.state == "leased", _j.wait_id.in_(wanted))
    return tx.execute(query).first() is not None


# --- moving


def order(tx: Transaction, found: Plan, instance_ids: Sequence[str], reason: str) -> str | None:
    """The line of the operation log for all of these; each one that is moved has its own, too. One needs no order."""
    number = len(set(instance_ids))
    if number < 2:
        return None
    tx.allow("migrate")
    changes = [
        OperationChange("deployment", None, found.source, found.target),
        OperationChange("instances", None, None, number),
    ]
    return operation.note(tx, "migrate", reason, changes, deployment_id=found.target)


def migrate(tx: Transaction, found: Plan, instance_id: str, reason: str) -> Migrated:
    """Move one instance. What cannot be is told in the answer, and changes nothing."""
    instance = instances.lock(tx, instance_id)
    tx.allow("migrate", instance.business_key)
    if instance.state not in UNDER_WAY:
        return _refused(instance, "El asunto ya terminó.")
    if instance.row.deployment_id != found.source:
        return _refused(instance, "El asunto ya está en otra publicación.")
    before, after = deployment.bundle(tx, found.source), deployment.bundle(tx, found.target)
    moved = _judge(tx, instance, before, after, found.mapping)
    if moved.reasons:
        return _refused(instance, " ".join(moved.reasons))
    repair = Repair(instance, "migrate", reason)
    kept = _state_before(tx, instance)
    _put(instance, found.target, after, moved.blob)
    for task_id, boundary in moved.to_arm:
        instance.run.arm(task_id, boundary)
    repair.end(source=found.source, target=found.target, notes=list(moved.notes))
    _keep(instance, kept)
    return Migrated(instance.id, instance.business_key, True)


def _refused(instance: Instance, message: str) -> Migrated:
    return Migrated(instance.id, instance.business_key, False, message)


def _put(instance: Instance, target: str, bundle: Bundle, blob: bytes) -> None:
    """The instance runs this state of this deployment from now on; its rows follow."""
    tx, key = instance.tx, instance.process_key
    definition = deployment.definition(tx, target, key)
    instance.version = definition.version
    rows = instance.rows  # Read before the run changes.
    instance.bundle = bundle
    instance.run = Run.load(bundle.program(key), instance, blob)
    where = {"deployment_id": target, "definition_id": definition.id, "version": definition.version}
    if definition.id != instance.row.definition_id:
        # Whoever resumes the version that it has left does not mean it any more.
        where["held"] = False
    tx.execute(t.process_instance.update().where(_i.id == instance.id).values(where))
    tables = {"user_task": t.user_task, "job": t.job, "subscription": t.subscription, "incident": t.incident}
    for row in rows:
        wait = instance.wait(row.wait_id)
        if wait is None:
            continue
        element = wait.element
        values: dict[str, Any] = {"process_key": wait.process_key, "element_id": element.id}
        if row.table == "user_task":
            name = element.name or element.id
            values |= {"name": name, "search": task_row.folded(name)}
            values |= {"form_id": element.form_id, "handler": element.handler}
        elif row.table == "job" and row.kind == "service":
            values["topic"] = element.topic
        table = tables[row.table]
        tx.execute(table.update().where(table.c.id == row.id).values(values))


# --- the state before


def _state_before(tx: Transaction, instance: Instance) -> dict[str, Any]:
    row = instance.row
    timers = select(_j.wait_id, _j.due).where(_j.instance_id == instance.id, _j.kind == "timer")
    return {
        "instance_id": instance.id,
        "at": tx.now,
        "by": tx.actor.id,
        "definition_id": row.definition_id,
        "version": row.version,
        "deployment_id": row.deployment_id,
        "blob": instance.blob,
        "dues": {one.wait_id: one.due for one in tx.execute(timers)},
    }


def _keep(instance: Instance, kept: dict[str, Any]) -> None:
    tx = instance.tx
    tx.execute(t.kept_state.delete().where(_k.instance_id == instance.id))
    if instance.blob is not None:
        tx.execute(t.kept_state.insert().values(**kept, after=_hash(instance.blob)))


def _hash(blob: bytes | None) -> str:
    return hashlib.sha256(blob or b"").hexdigest()


def restorable(tx: Transaction, instance_id: str) -> bool:
    """Whether `restore` has something to bring back now."""
    query = select(_k.after, _i.blob).join(t.process_instance, _i.id == _k.instance_id)
    row = tx.execute(query.where(_k.instance_id == instance_id, tx.visible(_i.business_key))).first()
    return row is not None and row.blob is not None and row.after == _hash(row.blob)


def restore(tx: Transaction, instance_id: str, reason: str) -> ProcessInstance:
    instance = instances.lock(tx, instance_id)
    tx.allow("restore", instance.business_key)
    kept = tx.execute(select(t.kept_state).where(_k.instance_id == instance_id)).first()
    if kept is None:
        raise NotFound("No se guarda un estado anterior de este asunto.")
    if instance.state not in UNDER_WAY:
        instance.must_run()
    if _hash(instance.blob) != kept.after:
        raise Conflict("El asunto siguió adelante desde la migración: ya no se puede regresar.", reason="stale")
    repair = Repair(instance, "restore", reason)
    left = instance.row.deployment_id
    _put(instance, kept.deployment_id, deployment.bundle(tx, kept.deployment_id), kept.blob)
    repair.end(source=left, target=kept.deployment_id)
    for wait_id, due in kept.dues.items():
        tx.execute(t.job.update().where(_j.instance_id == instance.id, _j.wait_id == wait_id).values(due=due))
    tx.execute(t.kept_state.delete().where(_k.instance_id == instance_id))
    return instances.get(tx, instance_id)
