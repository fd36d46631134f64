"""What the client is asked for, opened by a link from a mail: user tasks of the group «cliente», a meeting to confirm.

GET never changes anything, because mail scanners open links.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from engine.errors import Conflict, Invalid, NotFound
from engine.values import SYSTEM
from tasks import documentacion, enlaces, envio, expediente, propuestas, reuniones
from tasks.registros import Documento, Reunion
from web import filled, labels, task_form, throttle
from web.permissions import public
from web.portal_link import asked, blueprint, frame
from web.runtime import engine

if TYPE_CHECKING:
    from engine.transaction import Transaction

FORMS = {
    "documentos": "entregar_documentos",
    "propuesta": "decidir_propuesta",
    "datos_fiscales": "datos_fiscales",
    "tarjeta": "confirmar_cierre",
    "encuesta": "encuesta",
}
"""Page that a link opens → form of the user task that it shows."""
TITLES = {
    "documentos": _l("Entregar documentos"),
    "propuesta": _l("Propuesta de servicios"),
    "datos_fiscales": _l("Datos fiscales"),
    "tarjeta": _l("Cierre de su asunto"),
    "encuesta": _l("Encuesta de satisfacción"),
}


@blueprint.post("/renovar")
@public
def renew() -> str:
    """A new link goes to the address on file, never onto this page."""
    with engine().transaction(SYSTEM) as tx:
        enlaces.renovar(tx, g.token)
    return render_template("portal/renewed.html", firm=g.firm, token=g.token)


@blueprint.get("")
@public
def index() -> Response | str:
    """The page that the link is for."""
    page, _separator, of = g.link.destino.partition(":")
    if page == "asistencia":
        return redirect(url_for("portal.attendance", token=g.token, meeting_id=of))
    if page == "pagos":
        return redirect(url_for("portal.invoices", token=g.token))
    if page in FORMS:
        with engine().reading(g.client) as tx:
            found = [task for task in asked(tx) if task.form_id == FORMS[page]]
            if found and page == "propuesta" and of:
                # Mails of an earlier version stay in the client's mailbox; they must not sign the next one.
                prospecto = expediente.prospecto_de(tx.session, g.link.business_key)
                found = found if propuestas.vigente(tx.session, prospecto).id == of else []
        if found:
            return redirect(url_for("portal.task", token=g.token, task_id=found[0].id))
        gone = _("Esa versión de la propuesta se sustituyó o ya se respondió.") if page == "propuesta" else ""
        flash(gone or _("Esto ya se respondió o ya no hace falta. Aquí está su expediente."), "")
    if page == "cancelacion":
        return redirect(url_for("portal.cancel", token=g.token))
    if page == "mis_datos":
        return redirect(url_for("portal.personal_data", token=g.token))
    return redirect(url_for("portal.file", token=g.token))


# --- the client's user tasks


@blueprint.get("/tarea/<task_id>")
@public
def task(task_id: str) -> Response | str:
    return _task_page(task_id)


@blueprint.post("/tarea/<task_id>")
@public
def complete(task_id: str) -> Response | str | tuple[str, int]:
    texts, refused = filled.submitted(task_form.store(task_id, g.client))
    if refused:
        _keep(task_id, texts)
        return _task_page(task_id, texts, refused), 422
    try:
        with engine().transaction(g.client) as tx:
            # Part of the signature (CCom 89 ff.): from where and with what it was given.
            tx.session.info["peticion"] = {"ip": request.remote_addr, "agente": str(request.user_agent)[:300]}
            tx.complete(task_id, texts, request_id=filled.request_id(), revision=filled.revision(), raw=True)
    except Invalid as invalid:
        if "".join(texts.get("codigo", ())) and "codigo" in invalid.fields:
            with engine().transaction(g.client) as tx:
                envio.codigo_equivocado(tx, g.client.business_key)
        _keep(task_id, texts)
        return _task_page(task_id, texts, invalid.fields or {"": invalid.message}), 422
    except Conflict as stopped:
        if stopped.details.get("reason") != "suspended":
            raise
        _keep(task_id, texts)
        said = _("Su asunto está en pausa por ahora. Lo que escribió queda guardado: vuelva más tarde, o llámenos.")
        return _task_page(task_id, texts, {"": said}), stopped.status
    return redirect(url_for("portal.thanks", token=g.token, task_id=task_id))


@blueprint.post("/tarea/<task_id>/codigo")
@public
def code(task_id: str) -> str:
    """Mail the code to sign with; what was typed stays on the page. A code bears five wrong tries; who asks for one
    after the other has to wait between them, and does not fill the client's mailbox."""
    texts, refused = filled.submitted(task_form.store(task_id, g.client))
    asked_for = f"codigo:{task_id}"
    if wait := throttle.wait(engine().database, asked_for, None):
        said = ngettext(
            "Demasiados códigos. Espere un minuto para pedir otro.",
            "Demasiados códigos. Espere %(num)d minutos para pedir otro.",
            -(-wait // 60),
        )
        return _task_page(task_id, texts, {**refused, "codigo": said})
    try:
        with engine().transaction(g.client) as tx:
            envio.enviar_codigo(tx, g.client.business_key)
        throttle.note(engine().database, asked_for, None, right=False)
        flash(_("Le enviamos un código de 6 cifras por correo. Vale 30 minutos."), "good")
    except Invalid as invalid:
        refused = {**refused, **invalid.fields}
    return _task_page(task_id, texts, refused)


@blueprint.get("/asistencia/<meeting_id>")
@public
def attendance(meeting_id: str) -> str:
    """«Confirmar asistencia»: the meeting, and three buttons."""
    return _attendance_page(meeting_id, {})


@blueprint.post("/asistencia/<meeting_id>")
@public
def answer_attendance(meeting_id: str) -> Response | tuple[str, int]:
    try:
        with engine().transaction(g.client) as tx:
            _meeting(tx, meeting_id)
            answer, note = request.form.get("respuesta", ""), request.form.get("nota", "")
            reuniones.confirmar_asistencia(tx, meeting_id, answer, note)
    except Invalid as invalid:
        return _attendance_page(meeting_id, invalid.fields), 422
    flash(_("Gracias. Su respuesta quedó registrada."), "good")
    return redirect(url_for("portal.attendance", token=g.token, meeting_id=meeting_id))


@blueprint.post("/tarea/<task_id>/campos")
@public
def refresh(task_id: str) -> str:
    texts, refused = filled.submitted(task_form.store(task_id, g.client))
    _keep(task_id, texts)
    if request.headers.get("HX-Request"):
        with engine().reading(g.client) as tx:
            return render_template("form/part.html", **_form(tx, task_id, texts, refused, refresh=True))
    return _task_page(task_id, texts, refused)


@blueprint.get("/listo/<task_id>")
@public
def thanks(task_id: str) -> str:
    """What was done, and what else there is to do."""
    with engine().reading(g.client) as tx:
        done = tx.user_task(task_id)
        return render_template("portal/done.html", **frame(tx), done=done, tasks=asked(tx))


def _keep(task_id: str, texts: filled.Submitted) -> None:
    """What was typed stays for the next time, on any device: a link may expire half-way. Not the code to sign with."""
    task_form.keep_draft(task_id, {name: values for name, values in texts.items() if name != "codigo"}, g.client)


def _attendance_page(meeting_id: str, errors: Mapping[str, str]) -> str:
    with engine().reading(g.client) as tx:
        meeting = _meeting(tx, meeting_id)
        return render_template(
            "portal/attendance.html",
            **frame(tx),
            meeting=meeting,
            errors=errors,
            note=request.form.get("nota", ""),
            longest_note=reuniones.NOTA_MAXIMA,
            pending=meeting.estado in reuniones.PENDIENTES and meeting.fin > tx.now,
            labels=labels,
        )


def _meeting(tx: Transaction, meeting_id: str) -> Reunion:
    """Raises NotFound for a meeting of another matter, or of the firm alone."""
    meeting = tx.session.get(Reunion, meeting_id)
    prospecto = expediente.prospecto_de(tx.session, g.link.business_key)
    if meeting is None or meeting.prospecto_id != prospecto.id or meeting.tipo == "equipo":
        raise NotFound
    return meeting


def _task_page(task_id: str, texts: filled.Submitted | None = None, errors: Mapping[str, str] | None = None) -> Any:
    with engine().reading(g.client) as tx:
        found = tx.user_task(task_id)
        # With an answer in hand, the form says who was first (409).
        if found.state != "open" and texts is None:
            return redirect(url_for("portal.thanks", token=g.token, task_id=task_id))
        page = next((name for name, form_id in FORMS.items() if form_id == found.form_id), "")
        return render_template(
            "portal/task.html",
            **frame(tx),
            **_form(tx, task_id, texts, errors or {}),
            title=TITLES.get(page, found.name),
            page=page,
            already=_already(tx) if page == "documentos" else (),
            request_id=filled.request_id() if texts is not None else uuid.uuid4().hex,
        )


def _form(
    tx: Transaction,
    task_id: str,
    texts: filled.Submitted | None,
    errors: Mapping[str, str],
    *,
    refresh: bool = False,
) -> dict[str, Any]:
    refresh_url = url_for("portal.refresh", token=g.token, task_id=task_id)
    code_url = url_for("portal.code", token=g.token, task_id=task_id)
    return {
        **task_form.context(tx, task_id, texts, errors, refresh_url, refresh=refresh),
        "field_buttons": {"codigo": (_("Enviarme el código"), code_url)},
    }


def _already(tx: Transaction) -> Sequence[Documento]:
    """Documents of the checklist that the client has handed in and nobody has refused."""
    prospecto = expediente.prospecto_de(tx.session, g.link.business_key)
    return documentacion.pedidos(tx.session, prospecto, "entregado", "aceptado")
