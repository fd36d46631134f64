"""Repairing what belongs to no element: jobs of their own, and messages that nobody came for.

As `actions`: the form asks for a reason, the first POST shows what will change and undoes it, the second one
(`confirmar`) does it, unless it has changed in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import Conflict, EngineError, Invalid, Job, JobQuery, NotFound
from tasks.registros import Correo
from web.ops import jobs, preview, words
from web.ops.actions import Form, required_reason
from web.ops.frame import blueprint, repair
from web.permissions import actor
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

Do = Callable[["Transaction", str, Form], None]
"""(transaction, id of the job, the form)"""


@dataclass(frozen=True, slots=True)
class Deed:
    title: str
    explains: str
    do: Do
    states: tuple[str, ...]
    """Of the job."""
    fields: tuple[str, ...] = ()
    danger: bool = False


def _retry(tx: Transaction, job_id: str, form: Form) -> None:
    tx.retry(job_id, reason=required_reason(form))


def _now(tx: Transaction, job_id: str, form: Form) -> None:
    tx.set_due(job_id, tx.now, reason=required_reason(form))


def _move(tx: Transaction, job_id: str, form: Form) -> None:
    tx.set_due(job_id, words.moment(form.get("due", "")), reason=required_reason(form))


def _discard(tx: Transaction, job_id: str, form: Form) -> None:
    reason = required_reason(form)
    found, _incidents = jobs.read(tx, job_id)
    tx.discard(job_id, reason=reason)
    if found.topic == "correo.entregar" and found.key:
        mail = tx.session.get(Correo, found.key.rpartition("/")[2])
        if mail is not None and mail.estado == "en_cola":
            mail.estado, mail.error = "fallido", f"Se descartó su envío: {reason}"


DEEDS: dict[str, Deed] = {
    "reintentar": Deed(
        "Reintentar el trabajo",
        "Vuelve a intentarlo ahora, con todos sus intentos. Úselo cuando lo que lo impedía ya se arregló: el servidor "
        "de correo contesta, el dato está completo.",
        _retry,
        ("failed",),
    ),
    "ahora": Deed(
        "Hacerlo ahora",
        "No espera a su hora: lo toma el primer trabajador libre.",
        _now,
        ("due",),
    ),
    "mover": Deed(
        "Mover el trabajo",
        "Se hace en otro momento.",
        _move,
        ("due",),
        ("due",),
    ),
    "descartar": Deed(
        "Descartar el trabajo",
        "Ya no se hace, y su falla se cierra. Úselo cuando nunca se podrá o ya no hace falta: una dirección que no "
        "existe, un mensaje para un asunto que terminó.",
        _discard,
        ("failed", "due"),
        danger=True,
    ),
}
DISMISS = Deed(
    "Dar la falla por vista",
    "Cierra la falla sin hacer nada más. Úselo cuando el mensaje ya no hace falta, o después de entregarlo a mano en "
    "el asunto que lo esperaba.",
    lambda tx, incident_id, form: tx.resolve(incident_id, reason=required_reason(form)),
    (),
)


def for_job(job: Job) -> list[tuple[str, Deed]]:
    """What can be done to a job of its own."""
    return [] if jobs.belongs(job) else [(name, deed) for name, deed in DEEDS.items() if job.state in deed.states]


@blueprint.app_context_processor
def _offered() -> dict[str, object]:
    return {"deeds_for_job": for_job, "dismiss": DISMISS}


@blueprint.route("/trabajos/<job_id>/<name>", methods=["GET", "POST"])
@repair
def job_action(job_id: str, name: str) -> Response | str | tuple[str, int]:
    """The form; its dry run; the deed."""
    if name not in DEEDS:
        raise NotFound
    deed = DEEDS[name]
    with reading() as tx:
        found, _incidents = jobs.read(tx, job_id)
        page = {
            "title": jobs.job_title(tx, found),
            "key": found.business_key,
            "back": url_for("ops.job", job_id=job_id),
        }
    if jobs.belongs(found):
        raise NotFound
    return _answer(
        deed, page, lambda tx, form: deed.do(tx, job_id, form), lambda tx: _lines(tx, job_id), url_for("ops.jobs")
    )


@blueprint.route("/fallas/<incident_id>/vista", methods=["GET", "POST"])
@repair
def dismiss(incident_id: str) -> Response | str | tuple[str, int]:
    """An incident of no job and no instance is closed."""
    with reading() as tx:
        found = jobs.read_incident(tx, incident_id)
    if found.instance_id is not None or found.job_id is not None:
        raise NotFound
    page = {
        "title": found.message,
        "key": found.business_key,
        "back": url_for("ops.incident", incident_id=incident_id),
    }

    def look(tx: Transaction) -> dict[str, str]:
        state = "resuelta" if jobs.read_incident(tx, incident_id).resolved_at else "por resolver"
        return {incident_id: f"La falla: {state}"}

    return _answer(DISMISS, page, lambda tx, form: DISMISS.do(tx, incident_id, form), look, url_for("ops.incidents"))


def _lines(tx: Transaction, job_id: str) -> dict[str, str]:
    """The job, and its open incidents, in words."""
    found = tx.jobs(JobQuery(id=job_id)).items
    if not found:
        return {}
    said = {job_id: words.standing_of(found[0], tx.now)}
    _job, incidents = jobs.read(tx, job_id)
    return said | {one.id: f"Falla por resolver: {words.first_line(one.message)}" for one in incidents}


def _answer(
    deed: Deed,
    page: Mapping[str, object],
    do: Callable[[Transaction, Form], None],
    look: Callable[[Transaction], dict[str, str]],
    after: str,
) -> Response | str | tuple[str, int]:
    form: Form = request.form.to_dict()

    def render(**more: object) -> str:
        return render_template("ops/loose_action.html", deed=deed, form=form, **page, **more)

    if request.method == "GET":
        return render()
    try:
        if "confirmar" in form:
            with engine().transaction(actor()) as tx:
                if preview.seen(look(tx)) != form.get("seen"):
                    raise Conflict(_("Cambió mientras usted lo revisaba: vea de nuevo qué cambiará."), reason="seen")
                do(tx, form)
            flash(_("%(what)s: hecho.", what=deed.title), "good")
            return redirect(after)
        before, then = preview.both_sides(engine(), actor(), look, lambda tx: do(tx, form))
    except Invalid as invalid:
        return render(errors=invalid.fields), 422
    except (Conflict, NotFound) as refused:
        return _refused(render, refused)
    return render(changes=preview.differences(before, then), seen=preview.seen(before))


def _refused(render: Callable[..., str], refused: EngineError) -> tuple[str, int]:
    return render(refused=refused), refused.status
