"""Messages: who waits for them, delivering them to exactly one instance, keeping them for whoever comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, tuple_

from engine import given, incident, lifecycle, outbox, timers, wait_states
from engine import instance as instances
from engine.errors import Conflict, Invalid
from engine.ids import new_id
from engine.storage import tables as t
from engine.values import ProcessInstance, Subscription, Value

if TYPE_CHECKING:
    from engine.bpmn import Wait
    from engine.instance import Instance
    from engine.transaction import Transaction

_s = t.subscription.c
_k = t.kept_message.c


def open_rows(instance: Instance, waits: Sequence[Wait]) -> list[wait_states.Row]:
    """Subscriptions; name and correlation key were evaluated on entry."""
    tx, opened = instance.tx, []
    for wait in waits:
        if max(len(wait.name or ""), len(_key(instance, wait))) > 255:
            sentence = f"El nombre o la clave del mensaje de «{wait.element.id}» pasa de 255 caracteres."
            instance.run.fail(wait.id, sentence)
            opened.append(incident.open_one(instance, wait, sentence))
    waits = [wait for wait in waits if all(wait.id != row.wait_id for row in opened)]
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "kind": wait.kind,
            "instance_id": instance.id,
            "wait_id": wait.id,
            "business_key": instance.business_key,
            "process_key": wait.process_key,
            "element_id": wait.element.id,
            "name": wait.name or "",
            "correlation": _key(instance, wait),
            "created": tx.now,
        }
        for wait in waits
    ]
    if rows:
        tx.execute(t.subscription.insert(), rows)
    return opened + [wait_states.Row("subscription", row["id"], row["wait_id"], None, row["kind"]) for row in rows]


def _key(instance: Instance, wait: Wait) -> str:
    return instance.business_key if wait.correlation is None else wait.correlation


def close_rows(instance: Instance, ids: Sequence[str]) -> None:
    instance.tx.execute(t.subscription.delete().where(_s.id.in_(ids)))


def subscriptions(tx: Transaction, instance_id: str) -> list[Subscription]:
    tx.allow("subscriptions", instances.get(tx, instance_id).business_key)
    query = select(t.subscription).where(_s.instance_id == instance_id).order_by(_s.id)
    return [
        Subscription(
            row.id,
            row.kind,
            row.instance_id,
            row.business_key,
            row.process_key,
            row.element_id,
            row.name,
            row.correlation,
            row.created,
        )
        for row in tx.execute(query)
    ]


def correlate(
    tx: Transaction,
    name: str,
    business_key: str,
    correlation: str | None,
    variables: Mapping[str, Value],
    keep: str | None,
) -> ProcessInstance | None:
    """The verb: deliver, start, keep, or refuse with a Conflict."""
    tx.allow("correlate", business_key)
    for field, value in (("business_key", business_key), ("correlation", correlation), ("name", name)):
        given.short(field, value)
    variables = given.feel_values(variables)
    receiver = deliver(tx, name, correlation or business_key, variables)
    if receiver is not None:
        return receiver
    if keep is None:
        raise Conflict(f"Nadie espera el mensaje «{name}».", reason="nobody_waits")
    _keep(tx, name, correlation or business_key, business_key, variables, keep)
    return None


def deliver(tx: Transaction, name: str, correlation: str, variables: Mapping[str, Value]) -> ProcessInstance | None:
    """To the instance that has waited longest, else to the process that it starts; None if there is neither.

    Raises Conflict when those who wait are suspended.
    """
    waiting = (
        select(_s.instance_id, _s.wait_id)
        .join(t.process_instance, t.process_instance.c.id == _s.instance_id)
        .where(_s.kind == "message", _s.name == name, _s.correlation == correlation)
        .order_by(t.process_instance.c.state != "running", _s.id)
    )
    tried: set[str] = set()
    # The one that we found may be gone when we have its lock: then the next.
    while row := tx.execute(waiting.where(_s.wait_id.not_in(tried)) if tried else waiting).first():
        tried.add(row.wait_id)
        instance = instances.lock(tx, row.instance_id)
        if instance.state in ("completed", "cancelled"):
            continue
        instance.must_run()
        instance.fire_overdue()
        wait = instance.wait(row.wait_id)
        if wait is None or wait.kind != "message":
            if instance.events:
                instance.settle()
            continue
        _receive(instance, wait, name, variables)
        instance.settle()
        tx.urgent.add(instance.id)
        return instance.value()
    starts = select(t.message_start).where(t.message_start.c.message == name)
    for row in tx.execute(starts.order_by(t.message_start.c.process_key)):
        return lifecycle.start(tx, row.process_key, correlation, variables, None, None, element_id=row.element_id)
    return None


def _receive(instance: Instance, wait: Wait, name: str, variables: Mapping[str, Value]) -> None:
    instance.record("message.received", process_key=wait.process_key, element_id=wait.element.id, message=name)
    instance.run.fire(wait.id, dict(variables))


def deliver_signal(tx: Transaction, instance_id: str, wait_id: str, variables: Mapping[str, Value]) -> bool:
    """To one of the instances that listen; False when it does not any more."""
    instance = instances.lock(tx, instance_id)
    if instance.state != "running":
        return False
    instance.fire_overdue()
    wait = instance.wait(wait_id)
    if wait is not None and wait.kind == "signal":
        instance.record("signal.received", process_key=wait.process_key, element_id=wait.element.id, signal=wait.name)
        instance.run.fire(wait.id, dict(variables))
    instance.settle()
    tx.urgent.add(instance.id)
    return wait is not None


def listeners(tx: Transaction, name: str) -> list[tuple[str, str]]:
    """Instance and wait of everybody who listens to a signal."""
    query = select(_s.instance_id, _s.wait_id).where(_s.kind == "signal", _s.name == name).order_by(_s.id)
    return [(row.instance_id, row.wait_id) for row in tx.execute(query)]


# --- kept messages


def _keep(
    tx: Transaction, name: str, correlation: str, business_key: str, variables: Mapping[str, Value], keep: str
) -> None:
    try:
        expires = timers.later(tx.now, keep)
    except timers.TimerError as error:
        raise Invalid({"keep": str(error)}) from None
    row: dict[str, Any] = {
        "id": new_id(),
        "name": name,
        "correlation": correlation,
        "business_key": business_key,
        "variables": dict(variables),
        "sent_at": tx.now,
        "sent_by": tx.actor.id,
        "expires": expires,
    }
    tx.execute(t.kept_message.insert().values(row))
    outbox.expire_later(tx, row["id"], name, business_key, expires)


def keep_request(tx: Transaction, name: str, input: Mapping[str, Any]) -> None:
    """A requested message that found nobody and may wait."""
    _keep(tx, name, input["correlation"], input["business_key"], input["variables"], input["keep"])


def offer_kept(instance: Instance, waits: Sequence[Wait]) -> bool:
    """Give kept messages to these new subscriptions, each message once; True when one was received."""
    if not waits:
        return False
    tx = instance.tx
    keys = sorted({(wait.name or "", _key(instance, wait)) for wait in waits})
    query = (
        select(t.kept_message)
        .where(tuple_(_k.name, _k.correlation).in_(keys), _k.expires > tx.now)
        .order_by(_k.id)
        .with_for_update(skip_locked=True)
    )
    for row in tx.execute(query).all():
        wait = next(w for w in waits if (w.name or "", _key(instance, w)) == (row.name, row.correlation))
        tx.execute(t.kept_message.delete().where(_k.id == row.id))
        outbox.unexpire(tx, row.id)
        _receive(instance, wait, row.name, row.variables)
        return True
    return False


def expire(tx: Transaction, kept_id: str) -> None:
    """Nobody came for a kept message: an incident."""
    row = tx.execute(select(t.kept_message).where(_k.id == kept_id)).first()
    if row is None:
        return
    tx.execute(t.kept_message.delete().where(_k.id == kept_id))
    incident.open_without_element(
        tx,
        "message",
        f"Nadie recibió el mensaje «{row.name}» para {row.correlation}, enviado el {row.sent_at:%d/%m/%Y}.",
        business_key=row.business_key,
    )
