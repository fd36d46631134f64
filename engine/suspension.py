"""Suspending a process definition: nothing new of this version starts, and with its instances, everything of it stands.

A version is one `key:version`. What other versions run goes on, and a later version starts as usual: that is how a
mended diagram takes over while the old one stands. Called processes run inside their caller and belong to the caller's
definition. Instances that somebody had suspended before, for a reason of their own, are not resumed with the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import deployment, given, lifecycle, operation
from engine import instance as instances
from engine.errors import Conflict, NotFound
from engine.ids import new_id
from engine.storage import tables as t
from engine.values import OperationChange, ProcessDefinition, Suspension

if TYPE_CHECKING:
    from engine.transaction import Transaction

_p, _x, _i = t.process_definition.c, t.definition_suspension.c, t.process_instance.c


def refuse_start(definition: ProcessDefinition) -> None:
    """Raises Conflict when nothing new of this version may start."""
    if definition.suspended:
        raise Conflict(
            f"«{definition.name}» está suspendido en su versión {definition.version}: por ahora no inicia nada nuevo.",
            reason="definition_suspended",
        )


def suspend(tx: Transaction, definition_id: str, reason: str, instances_too: bool) -> Suspension:
    """From the commit on nothing new starts. Suspending again with the instances goes on with those that are left."""
    tx.allow("suspend_definition")
    given.must_have_reason(reason)
    _lock(tx, definition_id)
    open_one = _open(tx, definition_id)
    if open_one is not None:
        if not instances_too:
            raise Conflict(
                "Ya está suspendido.", reason="suspended", who=open_one.suspended_by, when=open_one.suspended_at
            )
        if not open_one.with_instances:
            tx.execute(t.definition_suspension.update().where(_x.id == open_one.id).values(with_instances=True))
            _note(tx, "suspend_definition", definition_id, reason, len(to_hold(tx, definition_id)))
        return _value(tx.execute(select(t.definition_suspension).where(_x.id == open_one.id)).one())
    row = {
        "id": new_id(),
        "definition_id": definition_id,
        "suspended_at": tx.now,
        "suspended_by": tx.actor.id,
        "reason": reason.strip(),
        "with_instances": instances_too,
    }
    tx.execute(t.definition_suspension.insert().values(row))
    tx.execute(t.process_definition.update().where(_p.id == definition_id).values(suspended=True))
    _note(tx, "suspend_definition", definition_id, reason, len(to_hold(tx, definition_id)) if instances_too else 0)
    return _value(tx.execute(select(t.definition_suspension).where(_x.id == row["id"])).one())


def resume(tx: Transaction, definition_id: str, reason: str) -> Suspension:
    """New ones start again; those that were suspended with it are resumed one by one, see `to_let_go`."""
    tx.allow("resume_definition")
    given.must_have_reason(reason)
    _lock(tx, definition_id)
    open_one = _open(tx, definition_id)
    if open_one is None:
        if to_let_go(tx, definition_id):
            # It was resumed, and whoever did it did not get to the end.
            return suspensions(tx, definition_id)[0]
        raise Conflict("No está suspendido.", reason="running")
    ended = {"resumed_at": tx.now, "resumed_by": tx.actor.id, "resumed_reason": reason.strip()}
    tx.execute(t.definition_suspension.update().where(_x.id == open_one.id).values(ended))
    tx.execute(t.process_definition.update().where(_p.id == definition_id).values(suspended=False))
    _note(tx, "resume_definition", definition_id, reason, len(to_let_go(tx, definition_id)))
    return _value(tx.execute(select(t.definition_suspension).where(_x.id == open_one.id)).one())


def _note(tx: Transaction, action: str, definition_id: str, reason: str, instances: int) -> None:
    """One line for the order, however many calls it takes to do."""
    key, _colon, version = definition_id.rpartition(":")
    operation.note(
        tx,
        action,
        reason,
        [OperationChange("instances", None, None, instances)] if instances else [],
        process_key=key,
        version=int(version),
        deployment_id=deployment.latest(tx, key, int(version)).deployment_id,
    )


def order(tx: Transaction, action: str, definition_id: str) -> str | None:
    """The order that the instances of this version are suspended, or resumed, with."""
    key, _colon, version = definition_id.rpartition(":")
    return operation.last_order(tx, action, key, int(version))


def _lock(tx: Transaction, definition_id: str) -> None:
    """Starts that are under way hold the row shared: they are over when we have it. Raises NotFound."""
    tx.write()
    if tx.execute(select(_p.id).where(_p.id == definition_id).with_for_update()).first() is None:
        raise NotFound("No hay un proceso en esta versión.")


def _open(tx: Transaction, definition_id: str) -> Any:
    query = select(t.definition_suspension).where(_x.definition_id == definition_id, _x.resumed_at.is_(None))
    return tx.execute(query).first()


# --- its instances


def to_hold(tx: Transaction, definition_id: str) -> list[str]:
    """Instances of this version that run, by id."""
    query = select(_i.id).where(_i.definition_id == definition_id, _i.state == "running", tx.visible(_i.business_key))
    return list(tx.execute(query.order_by(_i.id)).scalars())


def to_let_go(tx: Transaction, definition_id: str) -> list[str]:
    """Instances that were suspended with this version and still are."""
    query = select(_i.id).where(
        _i.definition_id == definition_id, _i.state == "suspended", _i.held.is_(True), tx.visible(_i.business_key)
    )
    return list(tx.execute(query.order_by(_i.id)).scalars())


def hold(tx: Transaction, instance_id: str, definition_id: str, reason: str) -> bool:
    """Suspend one with its definition; False when it does not run any more, or runs another version now."""
    instance = instances.lock(tx, instance_id)
    if instance.state != "running" or instance.row.definition_id != definition_id:
        return False
    lifecycle.suspend_locked(instance, reason, definition=definition_id)
    tx.execute(t.process_instance.update().where(_i.id == instance_id).values(held=True))
    return True


def let_go(tx: Transaction, instance_id: str, reason: str) -> bool:
    """Resume one that was suspended with its definition; False when somebody has done so already."""
    instance = instances.lock(tx, instance_id)
    if instance.state != "suspended" or not instance.row.held:
        return False
    lifecycle.resume_locked(instance, reason, definition=instance.row.definition_id)
    return True


# --- reading


def suspensions(tx: Transaction, definition_id: str) -> list[Suspension]:
    tx.allow("suspensions")
    query = select(t.definition_suspension).where(_x.definition_id == definition_id)
    return [_value(row) for row in tx.execute(query.order_by(_x.id.desc()))]


def _value(row: Any) -> Suspension:
    return Suspension(
        row.id,
        row.definition_id,
        row.suspended_at,
        row.suspended_by,
        row.reason,
        row.with_instances,
        row.resumed_at,
        row.resumed_by,
        row.resumed_reason,
    )
