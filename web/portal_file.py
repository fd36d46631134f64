"""What the client sees: expediente digital, invoices, documents; and what they may send unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from engine.errors import Conflict, Invalid, NotFound
from tasks import cancelaciones, cobranza, expediente, reuniones
from tasks.registros import Asunto, Avance, Colaborador, Documento, Factura, Pago, Plazo, Prospecto, Reunion
from web import action_files, documents, labels
from web.action_forms import ActionForm, answer
from web.files import send
from web.permissions import public
from web.portal_link import asked, blueprint, frame
from web.runtime import engine

if TYPE_CHECKING:
    from engine.transaction import Transaction


@blueprint.get("/expediente")
@public
def file() -> str:
    """Expediente digital: where the matter stands, its progress, next dates, documents."""
    with engine().reading(g.client) as tx:
        shown = frame(tx)
        prospecto: Prospecto = shown["prospecto"]
        asunto: Asunto | None = shown["asunto"]
        visible = Documento.visible_cliente & Documento.sha256.is_not(None)
        documents = select(Documento).where(Documento.prospecto_id == prospecto.id, visible)
        meetings = select(Reunion).where(
            Reunion.prospecto_id == prospecto.id,
            Reunion.inicio >= tx.now,
            Reunion.tipo.in_(("cliente", "sesion", "audiencia")),
            Reunion.estado.in_(reuniones.PENDIENTES),
        )
        progress = select(Avance).where(Avance.asunto_id == (asunto.id if asunto else ""), Avance.visible)
        deadlines = select(Plazo).where(
            Plazo.prospecto_id == prospecto.id,
            Plazo.tipo == "audiencia",
            Plazo.estado == "vivo",
            # A hearing that stands among the meetings is not told twice.
            Plazo.reunion_id.is_(None),
        )
        return render_template(
            "portal/file.html",
            **shown,
            tasks=asked(tx),
            documents=tx.session.scalars(documents.order_by(Documento.id.desc())).all(),
            meetings=tx.session.scalars(meetings.order_by(Reunion.inicio)).all(),
            progress=tx.session.scalars(progress.order_by(Avance.fecha.desc(), Avance.id.desc())).all(),
            hearings=tx.session.scalars(deadlines.order_by(Plazo.vence)).all(),
            contact=_contact(tx, prospecto),
            stage=_stage(prospecto, asunto),
            may_end=cancelaciones.posible(prospecto, asunto),
            labels=labels,
        )


@blueprint.get("/pagos")
@public
def invoices() -> str:
    with engine().reading(g.client) as tx:
        shown = frame(tx)
        query = select(Factura).where(Factura.prospecto_id == shown["prospecto"].id, Factura.estado != "borrador")
        return render_template(
            "portal/invoices.html",
            **shown,
            invoices=tx.session.scalars(query.order_by(Factura.id.desc())).all(),
            receipts=_receipts_under_review(tx, shown["prospecto"]),
            factura=labels.FACTURA,
            factura_tipo=labels.FACTURA_TIPO,
        )


@blueprint.post("/facturas/<invoice_id>/comprobante")
@public
def receipt(invoice_id: str) -> Response:
    """The client's proof of payment, for Cobranza to check."""
    with engine().reading(g.client) as tx:
        _invoice(tx, invoice_id)
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
        shown = frame(tx)
        if not cancelaciones.posible(shown["prospecto"], shown["asunto"]):
            flash(_("Su asunto ya terminó: no hay nada que cancelar."), "")
            return redirect(url_for("portal.file", token=g.token))

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        cancelaciones.solicitar(tx, g.link.business_key, values["motivo"])

    page = ActionForm(
        "solicitar_cancelacion",
        _("Solicitar cancelación"),
        run,
        lambda _result: url_for("portal.file", token=g.token),
        prepare=cancelaciones.prometido,
        submit=_("Enviar solicitud"),
        said=_("Recibimos su solicitud; el gerente responsable le responderá."),
        template="portal/action.html",
        context=shown,
    )
    return answer(page, g.client)


@blueprint.get("/documentos/<document_id>")
@public
def document(document_id: str) -> Response:
    with engine().reading(g.client) as tx:
        prospecto = frame(tx)["prospecto"]
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


@blueprint.get("/pagos/<payment_id>/complemento")
@public
def payment_receipt(payment_id: str) -> Response:
    """The complemento de pago (XML) of a payment."""
    with engine().reading(g.client) as tx:
        payment = tx.session.get(Pago, payment_id)
        if payment is None or not payment.complemento:
            raise NotFound
        _invoice(tx, payment.factura_id)
    return send(payment.complemento, f"pago-{payment.fecha:%Y-%m-%d}.xml", "application/xml")


def _contact(tx: Transaction, prospecto: Prospecto) -> Colaborador | None:
    """Whom the client may call: the advisor, before that the Gerente."""
    return expediente.asesor_de(tx.session, prospecto) or expediente.gerente_de(tx.session, prospecto)


def _stage(prospecto: Prospecto, asunto: Asunto | None) -> int | None:
    """Number of the present one of `labels.ETAPAS_CLIENTE`, from 0; None when it ended on the way."""
    state = asunto.estado if asunto else prospecto.estado
    return next((n for n, (_name, states) in enumerate(labels.ETAPAS_CLIENTE) if state in states), None)


def _receipts_under_review(tx: Transaction, prospecto: Prospecto) -> dict[str, list[Documento]]:
    """Folio of an invoice → proofs of payment that Cobranza has not looked at yet."""
    mine = Documento.prospecto_id == prospecto.id
    found: dict[str, list[Documento]] = {}
    for one in tx.session.scalars(select(Documento).where(mine, Documento.estado == "entregado")):
        if one.rubro.startswith(cobranza.RUBRO_COMPROBANTE):
            found.setdefault(one.rubro.removeprefix(cobranza.RUBRO_COMPROBANTE), []).append(one)
    return found


def _invoice(tx: Transaction, invoice_id: str) -> Factura:
    """Raises NotFound for an invoice of another matter, or one that is still a draft."""
    invoice = tx.session.get(Factura, invoice_id)
    prospecto = expediente.prospecto_de(tx.session, g.link.business_key)
    if invoice is None or invoice.prospecto_id != prospecto.id or invoice.estado == "borrador":
        raise NotFound
    return invoice
