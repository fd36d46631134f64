"""Cartera: what clients owe, and registering what they paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, tuple_
from werkzeug.wrappers import Response

from engine.errors import NotFound
from tasks import acceso, cobranza, formato
from tasks.registros import ESTADOS_POR_COBRAR, Asunto, Factura, Pago, Persona, Prospecto
from web import documents, labels, matter_facts
from web.action_forms import ActionForm, answer
from web.permissions import actor, groups
from web.runtime import reading
from web.texts import local

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("money", __name__, url_prefix="/cartera")

_collectors = groups("cobranza", "direccion")
VIEWS = {"todas": _l("Por cobrar"), "vencidas": _l("Vencidas")}
SIZE = 40


@blueprint.get("")
@_collectors
def index() -> str:
    """Open invoices, the first due first; sums over all of them, not only over the page."""
    view = request.args.get("vista", "todas")
    with reading() as tx:
        today = local(tx.now).date()
        open_ones = [Factura.estado.in_(ESTADOS_POR_COBRAR), Factura.saldo > 0]
        visible = acceso.Acceso().visible(g.actor, Prospecto.folio, tx.now)
        query = (
            select(Factura, Asunto, Persona, Prospecto.folio)
            .join(Asunto, Factura.asunto_id == Asunto.id)
            .join(Persona, Asunto.cliente_id == Persona.id)
            .join(Prospecto, Factura.prospecto_id == Prospecto.id)
            .where(*open_ones, visible)
        )
        if view == "vencidas":
            query = query.where(Factura.vencimiento < today)
        if after := request.args.get("tras"):
            day, _separator, invoice_id = after.partition("_")
            query = query.where(tuple_(Factura.vencimiento, Factura.id) > (date.fromisoformat(day), invoice_id))
        rows = tx.session.execute(query.order_by(Factura.vencimiento, Factura.id).limit(SIZE + 1)).all()
        return render_template(
            "money/index.html",
            rows=rows[:SIZE],
            following=_key(rows[SIZE - 1][0]) if len(rows) > SIZE else None,
            view=view,
            views=VIEWS,
            today=today,
            owed=_sum(tx, *open_ones),
            overdue=_sum(tx, *open_ones, Factura.vencimiento < today),
            factura=labels.FACTURA,
        )


@blueprint.route("/<invoice_id>/pago", methods=["GET", "POST"])
@_collectors
def pay(invoice_id: str) -> Response | str | tuple[str, int]:
    """«Registrar pago»: the row, and the process is told."""
    with reading() as tx:
        invoice = _invoice(tx, invoice_id)
        facts = matter_facts.facts(tx, cobranza.clave_de(invoice))

    def prepare(tx: Transaction) -> dict[str, Any]:
        found = _invoice(tx, invoice_id)
        cobranza.debe_recibir_pagos(found)
        return {
            "folio": found.folio,
            "cliente": found.asunto.cliente.nombre if found.asunto else "",
            "saldo": found.saldo,
            "monto": found.saldo,
            "saldo_texto": formato.pesos(found.saldo),
            "vencimiento_texto": formato.fecha(found.vencimiento),
            "validar": False,
        }

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> Pago:
        return cobranza.registrar_pago(
            tx,
            invoice_id,
            referencia=values["referencia"],
            monto=values["monto"],
            fecha=values.get("fecha"),
            forma_pago=values.get("forma_pago") or "03",
            comprobante=_receipt(tx, _invoice(tx, invoice_id), values.get("comprobante")),
        )

    def done(_pago: Pago) -> str:
        return url_for("matters.money", key=facts.business_key) if facts else url_for("money.index")

    page = ActionForm(
        "registrar_pago",
        _("Registrar pago"),
        run,
        done,
        prepare,
        submit=_("Registrar pago"),
        said=_("Pago registrado."),
        context={"facts": facts},
    )
    return answer(page, actor())


def _invoice(tx: Transaction, invoice_id: str) -> Factura:
    """Raises NotFound for an invoice of a matter whose money the person may not see."""
    invoice = tx.session.get(Factura, invoice_id)
    if invoice is None or "dinero" not in acceso.secciones(tx.session, g.actor, cobranza.clave_de(invoice)):
        raise NotFound
    return invoice


def _receipt(tx: Transaction, invoice: Factura, file_ids: list[str] | None) -> str | None:
    """The uploaded proof as a document of the matter; answers its id."""
    if not file_ids:
        return None
    receipt = documents.of_file(tx, invoice.prospecto_id, file_ids[0], cobranza.rubro_comprobante(invoice))
    receipt.estado, receipt.asunto_id = "aceptado", invoice.asunto_id
    tx.session.flush()
    return receipt.id


def _sum(tx: Transaction, *conditions: Any) -> Decimal:
    return tx.session.scalar(select(func.sum(Factura.saldo)).where(*conditions)) or Decimal(0)


def _key(invoice: Factura) -> str:
    return f"{invoice.vencimiento.isoformat()}_{invoice.id}"
