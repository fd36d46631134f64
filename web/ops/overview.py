"""The first look: what runs, what failed, what is late, who works, whether mails and disk are well."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import render_template, request, url_for
from sqlalchemy import func, select

from engine import Diagram, Standing
from tasks.registros import Correo
from web import process_words
from web.ops import words
from web.ops.frame import SEES_MATTERS, blueprint, see, see_matters
from web.permissions import actor, may_open
from web.runtime import engine, reading, settings

if TYPE_CHECKING:
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
        return render_template(
            "ops/index.html",
            load=tx.workload(),
            around=surroundings(tx),
            incidents=tx.incidents(size=10).items if may_open(actor(), SEES_MATTERS) else (),
            handler_line=words.handler_line,
        )


@blueprint.get("/fallas")
@see_matters
def incidents() -> str:
    """All open incidents, the latest first."""
    resolved = request.args.get("ver") == "resueltas"
    with reading() as tx:
        page = tx.incidents(request.args.get("tras"), resolved=resolved)
        return render_template("ops/incidents.html", page=page, resolved=resolved, handler_line=words.handler_line)


def surroundings(tx: Transaction) -> Surroundings:
    waiting = select(func.count(), func.min(Correo.creado)).where(Correo.estado == "en_cola")
    count, oldest = tx.session.execute(waiting).one()
    failed = tx.session.scalar(select(func.count()).where(Correo.estado == "fallido")) or 0
    disk = shutil.disk_usage(settings().var)
    return Surroundings(count, oldest, failed, disk.free, round(disk.free * 100 / disk.total), last_backup())


def last_backup() -> datetime | None:
    from web.backup import latest

    found = latest(settings().var / "backups")
    return found.made if found else None


@blueprint.get("/publicaciones/<deployment_id>/<process_key>")
@see
def definition(deployment_id: str, process_key: str) -> str:
    """One process of a deployment, with the numbers of its instances; `marco` for a frame inside of another page."""
    with reading() as tx:
        found = tx.diagram(process_key, deployment_id=deployment_id)
        numbers = [one for one in tx.standing(deployment_id) if one.process_key == process_key]
        process = engine().bundles.get(deployment_id).processes[process_key]
        return render_template(
            "ops/frame_diagram.html" if "marco" in request.args else "ops/definition.html",
            diagram=found,
            process=process,
            numbers={one.element_id: one for one in numbers},
            kinds=process_words.KINDS,
            data=_data(found, numbers, deployment_id),
        )


def _data(found: Diagram, numbers: list[Standing], deployment_id: str) -> dict[str, object]:
    frame = request.args.get("marco")
    changed = {}
    if frame and (other := request.args.get("contra")):
        with reading() as tx:
            source, target = (deployment_id, other) if frame == "de" else (other, deployment_id)
            compared = tx.diff(source, target)
        changed = {one.element_id: one.change for one in compared.elements if one.process_key == found.process_key}
    return {
        "xml": found.xml.decode(),
        "tokens": {one.element_id: one.count for one in numbers},
        "taken": {},
        "completed": {},
        "incidents": [one.element_id for one in numbers if one.incidents],
        "changed": changed,
        "called": {}
        if frame
        else {
            element: url_for("ops.definition", deployment_id=deployment_id, process_key=target)
            for element, target in found.called.items()
        },
        "words": {"here": "Asuntos que están aquí", "incident": "Algo falló aquí", "open": "Abrir el diagrama"},
    }
