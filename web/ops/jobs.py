"""Jobs across all matters: what failed, is late, is due; and the repair of those that belong to no element.

A mail, a notice, a message or a start is a job of its own: no wait state of an instance stands for it, so it is
repaired here. What belongs to an element is repaired where its instance waits (`actions`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from engine import Incident, IncidentQuery, Job, JobQuery, NotFound
from web.ops import words
from web.ops.frame import blueprint, see_matters
from web.permissions import actor
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

SIZE = 25
LATE = timedelta(minutes=1)
"""As the numbers of the overview: due for longer than this is late."""
LISTS = {
    "fallidos": _l("Fallaron"),
    "atrasados": _l("Atrasados"),
    "por-hacer": _l("Por hacer ahora"),
    "haciendose": _l("Haciéndose"),
    "programados": _l("Programados"),
}
STATES = {
    "due": (_l("Por hacer"), "accent"),
    "leased": (_l("Se está haciendo"), "warn"),
    "failed": (_l("Falló"), "bad"),
}


@blueprint.get("/trabajos")
@see_matters
def jobs() -> tuple[str, int]:
    """One list at a time; the same jobs that the overview counts."""
    chosen = request.args.get("ver", "fallidos")
    if chosen not in LISTS:
        raise NotFound
    key = request.args.get("q", "").strip().upper()
    with reading() as tx:
        page = tx.jobs(_query(tx, chosen, key), request.args.get("tras"), SIZE)
        load = tx.workload()
        return render_template(
            "ops/jobs.html",
            lists=LISTS,
            chosen=chosen,
            key=key,
            page=page,
            numbers={
                "fallidos": load.failed,
                "atrasados": load.overdue,
                "por-hacer": load.due,
                "haciendose": load.leased,
            },
            job_states=STATES,
            title=lambda one: job_title(tx, one),
            link=link_of,
            now=tx.now,
        ), 200


def _query(tx: Transaction, chosen: str, key: str) -> JobQuery:
    tick = timedelta(microseconds=1)
    # Due at this moment is due: the bounds of a query are open at the end.
    about: dict[str, dict[str, Any]] = {
        "fallidos": {"state": "failed"},
        "atrasados": {"state": "due", "due_before": tx.now - LATE + tick},
        "por-hacer": {"state": "due", "due_before": tx.now + tick},
        "haciendose": {"state": "leased"},
        "programados": {"state": "due", "due_from": tx.now + tick},
    }
    return JobQuery(business_key=key or None, active=True, **about[chosen])


def belongs(job: Job) -> bool:
    """To an element where an instance waits: it is repaired there."""
    return job.instance_id is not None and job.kind in ("service", "timer")


def link_of(job: Job) -> str:
    """Where the job can be repaired."""
    if belongs(job):
        return url_for("ops.instance", instance_id=job.instance_id)
    return url_for("ops.job", job_id=job.id)


def job_title(tx: Transaction, job: Job) -> str:
    """«Entregar el mensaje «pago»», «Enviar un correo», or the name of its element."""
    if job.element_id and job.instance_id:
        deployment = tx.instance(job.instance_id).deployment_id
        return words.element_name(engine().bundles.get(deployment).processes, job.element_id, job.process_key)
    return words.job_words(job)


@blueprint.get("/trabajos/<job_id>")
@see_matters
def job(job_id: str) -> str:
    with reading() as tx:
        found, incidents = read(tx, job_id)
        return render_template(
            "ops/job.html",
            job=found,
            incidents=incidents,
            title=job_title(tx, found),
            job_states=STATES,
            belongs=belongs(found),
            handler_line=words.handler_line,
            may_repair="operador" in actor().groups,
        )


@blueprint.get("/fallas/<incident_id>")
@see_matters
def incident(incident_id: str) -> Response | str:
    """Of no job and no instance: a message that was kept for somebody who never came."""
    with reading() as tx:
        found = read_incident(tx, incident_id)
        if found.instance_id is not None:
            return redirect(url_for("ops.instance", instance_id=found.instance_id))
        if found.job_id is not None and tx.jobs(JobQuery(id=found.job_id)).items:
            return redirect(url_for("ops.job", job_id=found.job_id))
        return render_template("ops/loose_incident.html", incident=found, may_repair="operador" in actor().groups)


def read(tx: Transaction, job_id: str) -> tuple[Job, tuple[Incident, ...]]:
    """The job with its open incidents. Raises NotFound."""
    found = tx.jobs(JobQuery(id=job_id)).items
    if not found:
        raise NotFound(_("Este trabajo ya se hizo, o ya no hace falta."))
    return found[0], tx.incidents(IncidentQuery(job_id=job_id)).items


def read_incident(tx: Transaction, incident_id: str) -> Incident:
    for resolved in (False, True):
        found = tx.incidents(IncidentQuery(id=incident_id, resolved=resolved)).items
        if found:
            return found[0]
    raise NotFound
