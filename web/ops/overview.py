"""The first look: what runs, what failed, what is late, who works, whether mails and disk are well."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import render_template, request
from sqlalchemy import func, or_, select

from engine import IncidentQuery, JobQuery
from tasks.correo_detenido import detenidos
from tasks.registros import Correo
from web import timeline
from web.ops import words
from web.ops.frame import SEES_MATTERS, blueprint, see, see_matters
from web.permissions import actor, may_open
from web.runtime import engine, reading, settings

if TYPE_CHECKING:
    from engine import Incident
    from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is not the engine's: mails that wait or failed, the disk, the last backup."""

    mails_waiting: int
    oldest_mail: datetime | None
    mails_failed: int
    disk_free: int
    disk_share: int
    """Percent free."""
    backup: datetime | None


@blueprint.get("/")
@see
def index() -> str:
    with reading() as tx:
        load = tx.workload()
        known = {(one.process_key, one.version) for one in load.definitions}
        return render_template(
            "ops/index.html",
            load=load,
            others=[one for one in tx.definitions() if (one.key, one.version) not in known],
            around=surroundings(tx),
            loose=load.incidents - sum(one.incidents for one in load.definitions),
            incidents=tx.incidents(size=10).items if may_open(actor(), SEES_MATTERS) else (),
            handler_line=words.handler_line,
            names=lambda one: incident_place(tx, one),
        )


@blueprint.get("/fallas")
@see_matters
def incidents() -> str:
    """All open incidents, the latest first."""
    resolved, loose = (request.args.get("ver") == one for one in ("resueltas", "sueltas"))
    with reading() as tx:
        page = tx.incidents(IncidentQuery(resolved=resolved, loose=loose), request.args.get("tras"))
        return render_template(
            "ops/incidents.html",
            page=page,
            resolved=resolved,
            loose=loose,
            who=timeline.Names(tx.session, None),
            handler_line=words.handler_line,
            names=lambda one: incident_place(tx, one),
        )


def incident_place(tx: Transaction, incident: Incident) -> str:
    """What the element is called where something failed, or what the job of its own does."""
    if incident.instance_id is None:
        found = tx.jobs(JobQuery(id=incident.job_id)).items if incident.job_id else ()
        return words.job_words(found[0]) if found else ""
    deployment = tx.instance(incident.instance_id).deployment_id
    return words.element_name(engine().bundles.get(deployment).processes, incident.element_id, incident.process_key)


def surroundings(tx: Transaction) -> Surroundings:
    waiting = select(func.count(), func.min(Correo.creado)).where(Correo.estado == "en_cola", ~detenidos())
    count, oldest = tx.session.execute(waiting).one()
    # Those that nobody tries any more as well as those that a server refused for good.
    lost = or_(Correo.estado == "fallido", detenidos())
    failed = tx.session.scalar(select(func.count()).select_from(Correo).where(lost)) or 0
    disk = shutil.disk_usage(settings().var)
    return Surroundings(count, oldest, failed, disk.free, round(disk.free * 100 / disk.total), last_backup())


def last_backup() -> datetime | None:
    from web.backup import latest

    found = latest(settings().var / "backups")
    return found.made if found else None
