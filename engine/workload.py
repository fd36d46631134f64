"""How much there is to do, who does it, and where the instances stand: the numbers of an operator's first look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, case, func, select, union
from sqlalchemy.dialects import postgresql, sqlite

from engine import deployment, job
from engine.storage import tables as t
from engine.storage.database import real_time, real_time_after
from engine.values import DefinitionLoad, Standing, Worker, Workload

if TYPE_CHECKING:
    from engine.definitions.bundle import Bundle
    from engine.transaction import Transaction

_i, _j, _n, _w = t.process_instance.c, t.job.c, t.incident.c, t.worker.c

Place = tuple[str, str]
"""Process key and element."""
LATE = timedelta(seconds=60)
"""A job that is due for longer than this is overdue: nobody comes for it."""
ALIVE = timedelta(seconds=30)
"""A worker that was not seen for longer than this is taken for dead."""
FORGOTTEN = timedelta(days=1)


def workload(tx: Transaction) -> Workload:
    tx.allow("workload")
    now = tx.now
    waiting = (_j.state == "due") & (_j.due <= now)
    row = tx.execute(
        select(
            func.count(case((waiting, 1))).label("due"),
            func.count(case((waiting & (_j.due <= now - LATE), 1))).label("overdue"),
            func.min(case((waiting, _j.due))).label("oldest"),
            func.count(case((_j.state == "leased", 1))).label("leased"),
            func.count(case((_j.state == "failed", 1))).label("failed"),
        ).where(job.active())
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
        select(p.key, p.version, p.name, p.suspended.label("stopped"), d.number, counted)
        .join(counted, p.id == counted.c.definition_id)
        .join(t.deployment, d.id == counted.c.deployment_id)
        .order_by(p.key, d.number.desc())
    )
    found = [
        DefinitionLoad(
            row.key,
            row.version,
            row.name,
            row.deployment_id,
            row.number,
            row.running,
            row.suspended,
            row.incidents,
            row.stopped,
        )
        for row in tx.execute(query)
    ]
    return found + _stopped(tx, {(one.process_key, one.version) for one in found})


def _stopped(tx: Transaction, known: set[tuple[str, int]]) -> list[DefinitionLoad]:
    """Suspended definitions of which nothing is under way: nobody should forget them."""
    p, d, dd = t.process_definition.c, t.deployment.c, t.deployed_definition.c
    query = (
        select(p.key, p.version, p.name, d.id, d.number)
        .join(t.deployed_definition, dd.definition_id == p.id)
        .join(t.deployment, d.id == dd.deployment_id)
        .where(p.suspended.is_(True))
        .order_by(p.key, d.number)
    )
    latest = {(row.key, row.version): row for row in tx.execute(query)}
    return [
        DefinitionLoad(row.key, row.version, row.name, row.id, row.number, 0, 0, 0, True)
        for place, row in latest.items()
        if place not in known
    ]


def standing(tx: Transaction, deployment_id: str) -> list[Standing]:
    """Where the instances of a deployment wait, and where something failed; who waits inside a called process or a
    sub-process stands at the element that holds it, too. Events at an edge hold nobody up."""
    tx.allow("standing")
    waiting = {
        t.user_task: t.user_task.c.state == "open",
        t.job: t.job.c.wait_id.is_not(None),
        t.subscription: t.subscription.c.id.is_not(None),
        t.incident: _n.resolved_at.is_(None) & _n.job_id.is_(None),
    }
    here = [_places(table, condition, tx, deployment_id) for table, condition in waiting.items()]
    broken = _places(t.incident, _n.resolved_at.is_(None), tx, deployment_id)
    around = Around(deployment.bundle(tx, deployment_id))
    counted, failed = around.count(tx.execute(union(*here))), around.count(tx.execute(broken.distinct()))
    return [Standing(*place, len(found), len(failed.get(place, ()))) for place, found in sorted(counted.items())]


def _places(table: Any, condition: Any, tx: Transaction, deployment_id: str) -> Any:
    c = table.c
    return (
        select(c.instance_id, c.process_key, c.element_id)
        .join(t.process_instance, _i.id == c.instance_id)
        .where(_i.deployment_id == deployment_id, condition, c.element_id.is_not(None), tx.visible(_i.business_key))
    )


class Around:
    """Which elements hold others: sub-processes and call activities."""

    def __init__(self, bundle: Bundle) -> None:
        self.processes = bundle.processes
        self.callers: dict[str, list[Place]] = {}
        for process in bundle.processes.values():
            for element in process.elements.values():
                if element.called_process:
                    self.callers.setdefault(element.called_process, []).append((process.id, element.id))

    def count(self, rows: Iterable[Any]) -> dict[Place, set[str]]:
        """Place → the instances that stand there."""
        found: dict[Place, set[str]] = {}
        for row in rows:
            process = self.processes.get(row.process_key)
            element = process.elements.get(row.element_id) if process else None
            # What only may come, at a border or at the start of an event sub-process, is no place where one stands.
            if element is None or (element.attached_to is None and element.kind != "startEvent"):
                for place in self.holders((row.process_key, row.element_id)):
                    found.setdefault(place, set()).add(row.instance_id)
        return found

    def holders(self, place: Place) -> set[Place]:
        """The place itself, and what it lies in, inside out."""
        seen: set[Place] = set()
        stack = [place]
        while stack:
            one = stack.pop()
            if one in seen:
                continue
            seen.add(one)
            process = self.processes.get(one[0])
            element = process.elements.get(one[1]) if process else None
            if element is not None and element.scope != one[0]:
                stack.append((one[0], element.scope))
            stack += self.callers.get(one[0], [])
        return seen


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
    """What it still holds is due again at once; should it finish one all the same, it finds that its lease is gone."""
    held = (_j.state == "leased") & _j.lease_owner.startswith(f"{name}/", autoescape=True)
    free = {"state": "due", "lease_owner": None, "lease_until": None}
    connection.execute(t.job.update().where(held).values(free))
    connection.execute(t.worker.delete().where(_w.name == name))


def workers(connection: Connection) -> list[Worker]:
    alive = (_w.seen_at > real_time_after(connection, -ALIVE)).label("alive")
    query = select(t.worker, alive).order_by(_w.name)
    return [
        Worker(row.name, row.host, row.pid, row.started_at, row.seen_at, bool(row.alive), row.ran)
        for row in connection.execute(query)
    ]
