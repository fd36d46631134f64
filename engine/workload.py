"""How much there is to do, who does it, and where the instances stand: the numbers of an operator's first look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, case, func, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from engine.storage import tables as t
from engine.storage.database import real_time, real_time_after
from engine.values import DefinitionLoad, Standing, Worker, Workload

if TYPE_CHECKING:
    from engine.transaction import Transaction

_i, _j, _n, _w = t.process_instance.c, t.job.c, t.incident.c, t.worker.c

LATE = timedelta(seconds=60)
"""A job that is due for longer than this is overdue: nobody comes for it."""
ALIVE = timedelta(seconds=30)
"""A worker that was not seen for longer than this is taken for dead."""
FORGOTTEN = timedelta(days=1)


def workload(tx: Transaction) -> Workload:
    tx.allow("workload")
    now = tx.now
    waiting = (_j.state == "due") & (_j.due <= now)
    held = select(_i.id).where(_i.state == "suspended")
    row = tx.execute(
        select(
            func.count(case((waiting, 1))).label("due"),
            func.count(case((waiting & (_j.due <= now - LATE), 1))).label("overdue"),
            func.min(case((waiting, _j.due))).label("oldest"),
            func.count(case((_j.state == "leased", 1))).label("leased"),
            func.count(case((_j.state == "failed", 1))).label("failed"),
        ).where(_j.instance_id.is_(None) | _j.instance_id.not_in(held))
    ).one()
    incidents = tx.execute(select(func.count()).where(_n.resolved_at.is_(None), tx.visible(_n.business_key))).scalar()
    return Workload(
        tuple(_definitions(tx)),
        row.due,
        row.overdue,
        row.oldest,
        row.leased,
        row.failed,
        int(incidents or 0),
        tuple(workers(tx.connection)),
    )


def _definitions(tx: Transaction) -> list[DefinitionLoad]:
    counted = (
        select(
            _i.definition_id,
            _i.deployment_id,
            func.count(case((_i.state == "running", 1))).label("running"),
            func.count(case((_i.state == "suspended", 1))).label("suspended"),
            func.coalesce(func.sum(case((_i.state.in_(("running", "suspended")), _i.incidents), else_=0)), 0).label(
                "incidents"
            ),
        )
        .where(_i.state.in_(("running", "suspended")), tx.visible(_i.business_key))
        .group_by(_i.definition_id, _i.deployment_id)
        .subquery()
    )
    p, d = t.process_definition.c, t.deployment.c
    query = (
        select(p.key, p.version, p.name, d.number, counted)
        .join(counted, p.id == counted.c.definition_id)
        .join(t.deployment, d.id == counted.c.deployment_id)
        .order_by(p.key, d.number.desc())
    )
    return [
        DefinitionLoad(
            row.key, row.version, row.name, row.deployment_id, row.number, row.running, row.suspended, row.incidents
        )
        for row in tx.execute(query)
    ]


def standing(tx: Transaction, deployment_id: str) -> list[Standing]:
    """Where the instances of a deployment wait, and where something failed; events at an edge wait, too."""
    tx.allow("workload")
    parts = []
    for table, condition in (
        (t.user_task, t.user_task.c.state == "open"),
        (t.job, t.job.c.wait_id.is_not(None)),
        (t.subscription, t.subscription.c.id.is_not(None)),
        (t.incident, t.incident.c.resolved_at.is_(None) & t.incident.c.job_id.is_(None)),
    ):
        c: Any = table.c
        parts.append(
            select(c.process_key, c.element_id, c.wait_id)
            .join(t.process_instance, _i.id == c.instance_id)
            .where(_i.deployment_id == deployment_id, condition, tx.visible(_i.business_key))
        )
    here = union_all(*parts).subquery()
    counts = select(here.c.process_key, here.c.element_id, func.count(here.c.wait_id.distinct()).label("n")).group_by(
        here.c.process_key, here.c.element_id
    )
    broken = (
        select(_n.process_key, _n.element_id, func.count().label("n"))
        .join(t.process_instance, _i.id == _n.instance_id)
        .where(_i.deployment_id == deployment_id, _n.resolved_at.is_(None), tx.visible(_i.business_key))
        .group_by(_n.process_key, _n.element_id)
    )
    incidents: Mapping[tuple[Any, Any], int] = {(row.process_key, row.element_id): row.n for row in tx.execute(broken)}
    found = [
        Standing(row.process_key, row.element_id, row.n, incidents.get((row.process_key, row.element_id), 0))
        for row in tx.execute(counts)
        if row.element_id
    ]
    return sorted(found, key=lambda one: (one.process_key, one.element_id))


# --- workers


def beat(connection: Connection, name: str, host: str, pid: int, ran: int) -> None:
    """A worker says that it lives; by the database's clock, so that nobody's own clock matters."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    now = real_time(connection)
    row = {"name": name, "host": host, "pid": pid, "started_at": now, "seen_at": now, "ran": ran}
    statement = insert(t.worker).values(row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now, "ran": _w.ran + ran})
    )
    connection.execute(t.worker.delete().where(_w.seen_at < real_time_after(connection, -FORGOTTEN)))


def leave(connection: Connection, name: str) -> None:
    connection.execute(t.worker.delete().where(_w.name == name))


def workers(connection: Connection) -> list[Worker]:
    alive = (_w.seen_at > real_time_after(connection, -ALIVE)).label("alive")
    query = select(t.worker, alive).order_by(_w.name)
    return [
        Worker(row.name, row.host, row.pid, row.started_at, row.seen_at, bool(row.alive), row.ran)
        for row in connection.execute(query)
    ]
