"""Lists of process instances: pages, filters, counts. One instance is `engine/instance.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, union_all

from engine import incident
from engine import instance as instances
from engine.storage import tables as t
from engine.values import InstanceQuery, Page, ProcessInstance

if TYPE_CHECKING:
    from engine.transaction import Transaction

_i, _j, _n = t.process_instance.c, t.job.c, t.incident.c


def find(tx: Transaction, query: InstanceQuery, page: str | None, size: int) -> Page[ProcessInstance]:
    tx.allow_list("instances", query.business_key)
    select_ = _meant(tx, instances.PLAIN, query)
    if page is not None:
        select_ = select_.where(_i.id < page)
    # Ids grow with time: the latest first.
    found = tx.execute(select_.order_by(_i.id.desc()).limit(size + 1)).all()
    items = tuple(instances.value(row) for row in found[:size])
    return Page(items, items[-1].id if len(found) > size else None)


def number(tx: Transaction, query: InstanceQuery) -> int:
    tx.allow_list("instances", query.business_key)
    found = _meant(tx, select(_i.id), query).subquery()
    return int(tx.execute(select(func.count()).select_from(found)).scalar_one())


def _meant(tx: Transaction, select_: Any, query: InstanceQuery) -> Any:
    """The rows that the query means, of those that the actor may see."""
    select_ = select_.where(tx.visible(_i.business_key))
    for column, wanted in (
        (_i.process_key, query.process_key),
        (_i.business_key, query.business_key),
        (_i.state, query.state),
        (_i.deployment_id, query.deployment_id),
        (_i.definition_id, query.definition_id),
        (_i.held, query.held),
    ):
        if wanted is not None:
            select_ = select_.where(column == wanted)
    if query.state in ("running", "suspended"):
        select_ = select_.where(_i.ended_at.is_(None))
    if query.search:
        select_ = select_.where(_i.business_key >= query.search, _i.business_key < query.search + "\U0010ffff")
    if query.with_incidents:
        loose = select(_n.business_key).where(_n.resolved_at.is_(None), _n.instance_id.is_(None))
        failed = select(_i.id).where(_i.incidents > 0), select(_i.id).where(_i.business_key.in_(loose))
        select_ = select_.where(_i.id.in_(union_all(*failed)))
    for condition in _further(query):
        select_ = select_.where(condition)
    return select_


def _further(query: InstanceQuery) -> list[Any]:
    """The conditions that look beyond the instance's own row, and those on its time."""
    found: list[Any] = []
    if query.started_from is not None:
        found.append(_i.started_at >= query.started_from)
    if query.started_to is not None:
        found.append(_i.started_at < query.started_to)
    if query.element_ids:
        at = [
            select(table.c.instance_id).where(table.c.element_id.in_(query.element_ids), condition)
            for table, condition in (
                (t.user_task, t.user_task.c.state == "open"),
                (t.job, t.job.c.wait_id.is_not(None)),
                (t.subscription, t.subscription.c.id.is_not(None)),
                (t.incident, t.incident.c.resolved_at.is_(None)),
            )
        ]
        found.append(_i.id.in_(union_all(*at)))
    if query.error:
        text = query.error.lower()
        said = _n.resolved_at.is_(None) & func.lower(_n.message).contains(text, autoescape=True)
        failed = func.lower(_j.error).contains(text, autoescape=True)
        own = union_all(select(_n.instance_id).where(said), select(_j.instance_id).where(failed))
        loose = union_all(
            select(_n.business_key).where(said, _n.instance_id.is_(None)),
            select(_j.business_key).where(failed, _j.instance_id.is_(None)),
        )
        found.append(_i.id.in_(own) | _i.business_key.in_(loose))
    return found


def counts(tx: Transaction) -> dict[str, int]:
    conditions = {
        "running": select(_i.id).where(_i.state == "running", tx.visible(_i.business_key)),
        "suspended": select(_i.id).where(_i.state == "suspended", tx.visible(_i.business_key)),
        "incidents": incident.open_ones(tx),
        "failed_jobs": select(t.job.c.id).where(t.job.c.state == "failed", tx.visible(t.job.c.business_key)),
    }
    return {name: count(tx, query) for name, query in conditions.items()}


def count(tx: Transaction, query: Any, most: int = 1000) -> int:
    """Number of rows, counted up to `most`."""
    return int(tx.execute(select(func.count()).select_from(query.limit(most).subquery())).scalar_one())
