"""Incidents: what cannot go on until a person has looked at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import given, job, operation, wait_states
from engine import instance as instances
from engine.errors import Conflict, NotFound
from engine.ids import new_id
from engine.storage import tables as t
from engine.values import Incident, IncidentQuery, Page, Value

if TYPE_CHECKING:
    from engine.bpmn import Wait
    from engine.instance import Instance
    from engine.transaction import Transaction

_n = t.incident.c


def open_rows(instance: Instance, waits: Sequence[Wait]) -> list[wait_states.Row]:
    """Incidents for elements that cannot go on."""
    return [open_one(instance, wait, wait.message or "El elemento no puede seguir.") for wait in waits]


def open_one(
    instance: Instance, wait: Wait, message: str, *, details: str = "", job_id: str | None = None
) -> wait_states.Row:
    """Open an incident at a wait of a locked instance."""
    kind = "process" if job_id is None else "job"
    row = _insert(
        instance.tx,
        kind=kind,
        instance_id=instance.id,
        wait_id=wait.id,
        business_key=instance.business_key,
        job_id=job_id,
        process_key=wait.process_key,
        element_id=wait.element.id,
        message=message,
        details=details,
    )
    instance.record(
        "incident.opened", process_key=wait.process_key, element_id=wait.element.id, incident=row, message=message
    )
    return wait_states.Row("incident", row, wait.id, None, kind)


def open_without_element(
    tx: Transaction, kind: str, message: str, *, details: str = "", business_key: str | None, job_id: str | None = None
) -> str:
    """An incident of a job or message that belongs to no element."""
    return _insert(
        tx,
        kind=kind,
        instance_id=None,
        wait_id=None,
        business_key=business_key,
        job_id=job_id,
        process_key=None,
        element_id=None,
        message=message,
        details=details,
    )


def _insert(tx: Transaction, **columns: Any) -> str:
    id = new_id()
    tx.execute(t.incident.insert().values(id=id, created=tx.now, **columns))
    return id


def close_rows(instance: Instance, ids: Sequence[str]) -> None:
    """What they stood for is gone."""
    _resolve(instance.tx, ids)
    for id in ids:
        instance.record("incident.resolved", incident=id)


def _resolve(tx: Transaction, ids: Sequence[str]) -> None:
    tx.execute(t.incident.update().where(_n.id.in_(ids)).values(resolved_at=tx.now, resolved_by=tx.actor.id))


def close_of_job(tx: Transaction, job_id: str) -> list[str]:
    """Resolve the open incidents of a job that is tried again; answers their ids."""
    ids = list(tx.execute(select(_n.id).where(_n.job_id == job_id, _n.resolved_at.is_(None))).scalars())
    if ids:
        _resolve(tx, ids)
    return ids


def resolve(tx: Transaction, incident_id: str, values: Mapping[str, Value], reason: str = "") -> None:
    """Try again at the same point."""
    query = select(t.incident).where(_n.id == incident_id, tx.visible(_n.business_key))
    row = tx.execute(query).first()
    if row is None:
        raise NotFound()
    tx.allow("resolve", row.business_key)
    if row.resolved_at is not None:
        raise _resolved(row)
    if row.kind == "job" and row.job_id is not None:
        job.retry(tx, row.job_id, values, reason, verb="resolve")
        return
    if row.instance_id is None:
        _resolve(tx, [incident_id])
        # There is nothing to try again: nobody came for a message, and a person has seen it.
        operation.note(tx, "discard", reason, business_key=row.business_key)
        return
    instance = instances.lock(tx, row.instance_id)
    instance.must_run()
    row = tx.execute(query).one()
    if row.resolved_at is not None:
        raise _resolved(row)
    if values:
        instance.run.set_variables(given.feel_values(values), row.wait_id, own=False)
    _resolve(tx, [incident_id])
    instance.rows[:] = [known for known in instance.rows if known.id != incident_id]
    where = {"process_key": row.process_key, "element_id": row.element_id}
    names: dict[str, Any] = {"names": sorted(values)} if values else {}
    instance.record("incident.resolved", **where, incident=incident_id, reason=reason, **names)
    wait = instance.wait(row.wait_id)
    if wait is not None and wait.kind == "failure":
        instance.run.retry(wait.id)
    instance.settle()
    tx.urgent.add(instance.id)


def _resolved(row: Any) -> Conflict:
    return Conflict("El incidente ya está resuelto.", reason="resolved", who=row.resolved_by, when=row.resolved_at)


def open_ones(tx: Transaction) -> Any:
    return select(_n.id).where(_n.resolved_at.is_(None), tx.visible(_n.business_key))


def places(tx: Transaction, instance_id: str) -> set[tuple[str, str]]:
    """Process and element of an instance's open incidents."""
    query = select(_n.process_key, _n.element_id).where(_n.instance_id == instance_id, _n.resolved_at.is_(None))
    return {(row.process_key, row.element_id) for row in tx.execute(query) if row.process_key and row.element_id}


def find(tx: Transaction, asked: IncidentQuery, page: str | None, size: int) -> Page[Incident]:
    tx.allow_list("incidents")
    query = select(t.incident).where(tx.visible(_n.business_key))
    query = query.where(_n.resolved_at.is_not(None) if asked.resolved else _n.resolved_at.is_(None))
    for column, wanted in (
        (_n.id, asked.id),
        (_n.instance_id, asked.instance_id),
        (_n.business_key, asked.business_key),
        (_n.job_id, asked.job_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if asked.loose:
        query = query.where(_n.instance_id.is_(None))
    if page is not None:
        query = query.where(_n.id < page)
    found = tx.execute(query.order_by(_n.id.desc()).limit(size + 1)).all()
    items = tuple(
        Incident(
            row.id,
            row.instance_id,
            row.business_key,
            row.job_id,
            row.element_id,
            row.kind,
            row.message,
            row.details,
            row.created,
            row.resolved_at,
            row.resolved_by,
            row.process_key,
        )
        for row in found[:size]
    )
    return Page(items, items[-1].id if len(found) > size else None)
