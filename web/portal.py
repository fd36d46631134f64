"""The client's pages, opened by a link from a mail: stored, expiring, revocable, bound to one matter.

GET never changes anything, because mail scanners open links. Every page asks for the link again, so a revoked one
ends at once. A client sees the user tasks of the group «cliente» of their own matter, its visible documents, and what
is to be paid.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from engine.errors import Conflict, Invalid, NotFound
from engine.values import SYSTEM, Actor, UserTask, UserTaskQuery
from tasks import cancelaciones, cobranza, enlaces, envio, expediente, reuniones
from tasks.ajustes import despacho
from tasks.registros import Asunto, Avance, Documento, Enlace, Factura, Plazo, Prospecto, Reunion
from web import action_files, documents, filled, labels, task_form, throttle
from web.action_forms import ActionForm, answer
from web.files import send
from web.permissions import public
from web.runtime import engine

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("portal", __name__, url_prefix="/portal/<token>")

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


@blueprint.url_value_preprocessor
def open_link(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The link of this request, and the actor that it makes of the visitor, in `g`."""
    g.token = (values or {}).pop("token", "")


@blueprint.before_request
def check_link() -> tuple[str, int] | None:
    """Unknown and revoked links are not there; an expired one offers a new one."""
    with engine().reading(SYSTEM) as tx:
        g.now = tx.now
        g.firm = despacho(tx.session)
        try:
            g.link, g.client = enlaces.abrir(tx, g.token)
        except enlaces.EnlaceVencido:
            if request.endpoint == "portal.renew":
                return None
            return render_template("portal/expired.html", firm=g.firm, token=g.token), 410
    return None


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
            found = [task for task in _tasks(tx) if task.form_id == FORMS[page]]
        if found:
            return redirect(url_for("portal.task", token=g.token, task_id=found[0].id))
        flash(_("Esto ya se respondió o ya no hace falta. Aquí está su expediente."), "")
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
        return _task_page(task_id, texts, refused), 422
    guesses = f"codigo:{task_id}"
    try:
        if wait := throttle.wait(engine().database, guesses, None):
            raise Invalid({"codigo": _("Demasiados intentos. Espere %(n)s segundos.", n=wait)})
        with engine().transaction(g.client) as tx:
            # Part of the signature (CCom 89 ff.): from where and with what it was given.
            tx.session.info["peticion"] = {"ip": request.remote_addr, "agente": str(request.user_agent)[:300]}
            tx.complete(task_id, texts, request_id=filled.request_id(), revision=filled.revision(), raw=True)
    except Invalid as invalid:
        if "codigo" in invalid.fields:
            throttle.note(engine().database, guesses, None, right=False)
        return _task_page(task_id, texts, invalid.fields or {"": invalid.message}), 422
    return redirect(url_for("portal.thanks", token=g.token, task_id=task_id))


@blueprint.post("/tarea/<task_id>/codigo")
@public
def code(task_id: str) -> str:
    """Mail the code to sign with; what was typed stays on the page."""
    texts, refused = filled.submitted(task_form.store(task_id, g.client))
    try:
        with engine().transaction(g.client) as tx:
            envio.enviar_codigo(tx, g.client.business_key)
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
            reuniones.confirmar_asistencia(tx, meeting_id, request.form.get("respuesta", ""))
    except Invalid as invalid:
        return _attendance_page(meeting_id, invalid.fields), 422
    flash(_("Gracias. Su respuesta quedó registrada."), "good")
    return redirect(url_for("portal.attendance", token=g.token, meeting_id=meeting_id))


@blueprint.post("/tarea/<task_id>/campos")
@public
def refresh(task_id: str) -> str:
    texts, refused = filled.submitted(task_form.store(task_id, g.client))
    if request.headers.get("HX-Request"):
        with engine().reading(g.client) as tx:
            return render_template("form/part.html", **_form(tx, task_id, texts, refused))
    return _task_page(task_id, texts, refused)


@blueprint.get("/listo/<task_id>")
@public
def thanks(task_id: str) -> str:
    """What was done, and what else there is to do."""
    with engine().reading(g.client) as tx:
        done = tx.user_task(task_id)
        return render_template("portal/done.html", **_frame(tx), done=done, tasks=_tasks(tx))


# --- what the client sees


@blueprint.get("/expediente")
@public
def file() -> str:
    """Expediente digital: where the matter stands, its progress, next dates, documents."""
    with engine().reading(g.client) as tx:
        frame = _frame(tx)
        prospecto: Prospecto = frame["prospecto"]
        asunto: Asunto | None = frame["asunto"]
        visible = Documento.visible_cliente & Documento.sha256.is_not(None)
        documents = select(Documento).where(Documento.prospecto_id == prospecto.id, visible)
        meetings = select(Reunion).where(
            Reunion.prospecto_id == prospecto.id,
            Reunion.inicio >= tx.now,
            Reunion.tipo.in_(("cliente", "sesion", "audiencia")),
        )
        progress = select(Avance).where(Avance.asunto_id == (asunto.id if asunto else ""), Avance.visible)
        deadlines = select(Plazo).where(
            Plazo.prospecto_id == prospecto.id, Plazo.tipo == "audiencia", Plazo.estado == "vivo"
        )
        return render_template(
            "portal/file.html",
            **frame,
            tasks=_tasks(tx),
            documents=tx.session.scalars(documents.order_by(Documento.id.desc())).all(),
            meetings=tx.session.scalars(meetings.order_by(Reunion.inicio)).all(),
            progress=tx.session.scalars(progress.order_by(Avance.fecha.desc(), Avance.id.desc())).all(),
            hearings=tx.session.scalars(deadlines.order_by(Plazo.vence)).all(),
            labels=labels,
        )


@blueprint.get("/pagos")
@public
def invoices() -> str:
    with engine().reading(g.client) as tx:
        frame = _frame(tx)
        query = select(Factura).where(Factura.prospecto_id == frame["prospecto"].id, Factura.estado != "borrador")
        return render_template(
            "portal/invoices.html",
            **frame,
            invoices=tx.session.scalars(query.order_by(Factura.id.desc())).all(),
            factura=labels.FACTURA,
            factura_tipo=labels.FACTURA_TIPO,
        )


@blueprint.post("/facturas/<invoice_id>/comprobante")
@public
def receipt(invoice_id: str) -> Response:
    """The client's proof of payment, for Cobranza to check."""
    sent = request.files.get("comprobante")
    if sent is None or not sent.filename:
        flash(_("Elija primero el archivo de su comprobante."), "bad")
        return redirect(url_for("portal.invoices", token=g.token))
    try:
        file_id = action_files.store("comprobante", sent.stream, sent.filename)
        with engine().transaction(g.client) as tx:
            invoice = _invoice(tx, invoice_id)
            document = documents.of_file(tx, invoice.prospecto_id, file_id, cobranza.rubro_comprobante(invoice))
            cobranza.recibir_comprobante(tx, invoice_id, document)
    except (Invalid, Conflict) as refused:
        flash(refused.message, "bad")
    else:
        flash(_("Gracias. Recibimos su comprobante; le confirmaremos el pago."), "good")
    return redirect(url_for("portal.invoices", token=g.token))


@blueprint.route("/cancelar", methods=["GET", "POST"])
@public
def cancel() -> Response | str | tuple[str, int]:
    """«Solicitar cancelación»: the Gerente answers it."""
    with engine().reading(g.client) as tx:
        frame = _frame(tx)

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        cancelaciones.solicitar(tx, g.link.business_key, values["motivo"])

    page = ActionForm(
        "solicitar_cancelacion",
        _("Solicitar cancelación"),
        run,
        lambda _result: url_for("portal.file", token=g.token),
        submit=_("Enviar solicitud"),
        said=_("Recibimos su solicitud; el gerente responsable le responderá."),
        template="portal/action.html",
        context=frame,
    )
    return answer(page, g.client)


@blueprint.get("/documentos/<document_id>")
@public
def document(document_id: str) -> Response:
    with engine().reading(g.client) as tx:
        prospecto = _frame(tx)["prospecto"]
        found = tx.session.get(Documento, document_id)
        if found is None or found.prospecto_id != prospecto.id or not found.visible_cliente or not found.sha256:
            raise NotFound
    return send(found.sha256, found.nombre or found.rubro, found.tipo or "application/pdf")


@blueprint.get("/facturas/<invoice_id>/<kind>")
@public
def invoice_file(invoice_id: str, kind: str) -> Response:
    """The PDF or XML of an invoice."""
    with engine().reading(g.client) as tx:
        found = _invoice(tx, invoice_id)
        content = getattr(found, kind, None) if kind in ("pdf", "xml") else None
        if not content:
            raise NotFound
    media_type = "application/pdf" if kind == "pdf" else "application/xml"
    return send(content, f"{found.folio}.{kind}", media_type)


def _invoice(tx: Transaction, invoice_id: str) -> Factura:
    """Raises NotFound for an invoice of another matter."""
    invoice = tx.session.get(Factura, invoice_id)
    prospecto = expediente.prospecto_de(tx.session, g.link.business_key)
    if invoice is None or invoice.prospecto_id != prospecto.id:
        raise NotFound
    return invoice


def _attendance_page(meeting_id: str, errors: Mapping[str, str]) -> str:
    with engine().reading(g.client) as tx:
        meeting = _meeting(tx, meeting_id)
        return render_template(
            "portal/attendance.html",
            **_frame(tx),
            meeting=meeting,
            errors=errors,
            pending=meeting.estado in reuniones.PENDIENTES and meeting.fin > tx.now,
            reunion=labels.REUNION,
        )


def _meeting(tx: Transaction, meeting_id: str) -> Reunion:
    """Raises NotFound for a meeting of another matter."""
    meeting = tx.session.get(Reunion, meeting_id)
    prospecto = expediente.prospecto_de(tx.session, g.link.business_key)
    if meeting is None or meeting.prospecto_id != prospecto.id:
        raise NotFound
    return meeting


def _task_page(
    task_id: str, texts: Mapping[str, list[str]] | None = None, errors: Mapping[str, str] | None = None
) -> Any:
    with engine().reading(g.client) as tx:
        found = tx.user_task(task_id)
        if found.state != "open":
            return redirect(url_for("portal.thanks", token=g.token, task_id=task_id))
        page = next((name for name, form_id in FORMS.items() if form_id == found.form_id), "")
        return render_template(
            "portal/task.html",
            **_frame(tx),
            **_form(tx, task_id, texts, errors or {}),
            title=TITLES.get(page, found.name),
            page=page,
            request_id=filled.request_id() if texts is not None else uuid.uuid4().hex,
        )


def _form(
    tx: Transaction, task_id: str, texts: Mapping[str, list[str]] | None, errors: Mapping[str, str]
) -> dict[str, Any]:
    refresh_url = url_for("portal.refresh", token=g.token, task_id=task_id)
    return task_form.context(tx, task_id, texts, errors, refresh_url)


def _frame(tx: Transaction) -> dict[str, Any]:
    """What the head of every page of the portal needs."""
    link: Enlace = g.link
    prospecto = expediente.prospecto_de(tx.session, link.business_key)
    asunto = expediente.asunto_de(tx.session, link.business_key)
    return {
        "firm": g.firm,
        "token": g.token,
        "prospecto": prospecto,
        "asunto": asunto,
        "folio": asunto.folio if asunto else prospecto.folio,
        "client": prospecto.persona,
    }


def _tasks(tx: Transaction) -> tuple[UserTask, ...]:
    """What the client is asked for in this matter."""
    client: Actor = g.client
    query = UserTaskQuery(groups=True, mine=True, business_key=client.business_key)
    return tx.user_tasks(query, size=20).items
