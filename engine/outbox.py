"""What a step asks for and does not do itself: jobs by key, messages to others, starts. Rows now, done later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from engine import incident, job
from engine.errors import NotFound
from engine.storage import tables as t
from engine.values import Value

if TYPE_CHECKING:
    from engine.transaction import Transaction

_j = t.job.c
_INSERT = t.job.insert()


def schedule(
    tx: Transaction,
    topic: str,
    due: datetime | None,
    key: str | None,
    input: Mapping[str, Any] | None,
    *,
    business_key: str,
    instance_id: str | None = None,
) -> None:
    """A job of its own. The same key of the same business key replaces the earlier one."""
    tx.write()
    handler = tx.engine.service_handlers.get(topic)
    if handler is None:
        raise NotFound(f"No hay quien haga el trabajo «{topic}».")
    if key is not None:
        _take_back(tx, business_key, _j.key == key)
    row = job.new_row(
        tx,
        "scheduled",
        topic,
        due=tx.now if due is None else due,
        key=key,
        input=dict(input or {}),
        business_key=business_key,
        instance_id=instance_id,
        retries_left=handler.retries,
    )
    tx.execute(_INSERT, [row])
    if not handler.outside and row["due"] <= tx.now:
        if instance_id is not None:
            tx.urgent.add(instance_id)
        else:
            tx.urgent_jobs.append(row["id"])


def unschedule(tx: Transaction, key: str, *, business_key: str) -> None:
    tx.write()
    if key.endswith("*"):
        condition = _j.key.startswith(key[:-1], autoescape=True)
    else:
        condition = _j.key == key
    _take_back(tx, business_key, condition)


def _take_back(tx: Transaction, business_key: str, condition: ColumnElement[bool]) -> None:
    """These jobs are not wanted any more; the incident of one that had failed stands for nothing now."""
    gone = t.job.delete().where(_j.business_key == business_key, condition).returning(_j.id, _j.state)
    for row in tx.execute(gone).all():
        if row.state == "failed":
            incident.close_of_job(tx, row.id)


def request_message(
    tx: Transaction,
    message: str,
    business_key: str,
    variables: Mapping[str, Value] | None,
    *,
    correlation: str | None = None,
    keep: str | None = None,
    instance_id: str | None = None,
    element_id: str | None = None,
) -> None:
    tx.write()
    input = {
        "business_key": business_key,
        "correlation": correlation or business_key,
        "variables": dict(variables or {}),
        "keep": keep,
    }
    _request(tx, "message", message, input, business_key, instance_id, element_id)


def request_start(
    tx: Transaction,
    process_key: str,
    business_key: str,
    variables: Mapping[str, Value] | None,
    *,
    instance_id: str | None = None,
) -> None:
    tx.write()
    input = {"business_key": business_key, "variables": dict(variables or {})}
    _request(tx, "start", process_key, input, business_key, instance_id, None)


def request_signal(
    tx: Transaction,
    name: str,
    receivers: Sequence[tuple[str, str]],
    variables: Mapping[str, Value],
    *,
    business_key: str,
    instance_id: str,
    element_id: str | None,
) -> None:
    """Deliver a signal to each of its listeners (instance and wait), one job for each.

    The jobs are the sender's: a row that refers to a receiver would wait for the lock of its instance.
    """
    rows = [
        job.new_row(
            tx,
            "message",
            name,
            input={"signal": receiver, "wait": wait_id, "variables": dict(variables)},
            business_key=business_key,
            instance_id=instance_id,
            element_id=element_id,
        )
        for receiver, wait_id in receivers
    ]
    if rows:
        tx.execute(_INSERT, rows)
        tx.urgent.add(instance_id)


def _request(
    tx: Transaction,
    kind: str,
    topic: str,
    input: dict[str, Any],
    business_key: str | None,
    instance_id: str | None,
    element_id: str | None,
) -> None:
    columns = {"input": input, "business_key": business_key, "instance_id": instance_id, "element_id": element_id}
    row = job.new_row(tx, kind, topic, **columns)
    tx.execute(_INSERT, [row])
    if instance_id is not None:
        tx.urgent.add(instance_id)
    else:
        tx.urgent_jobs.append(row["id"])


def expire_later(tx: Transaction, kept_id: str, name: str, business_key: str | None, expires: datetime) -> None:
    """The job that opens an incident if nobody has come for a kept message."""
    columns = {"due": expires, "business_key": business_key, "key": f"kept:{kept_id}", "input": {"expired": kept_id}}
    tx.execute(_INSERT, [job.new_row(tx, "message", name, **columns)])


def unexpire(tx: Transaction, kept_id: str) -> None:
    tx.execute(t.job.delete().where(_j.key == f"kept:{kept_id}"))
