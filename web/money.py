"""Cartera: what clients owe, and registering what they paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import tuple_
from werkzeug.wrappers import Response

from engine.errors import NotFound
from tasks import acceso, cartera, cobranza, formato
from tasks.registros import Factura, Pago
from web import documents, labels, matter_facts
from web.action_forms import ActionForm, answer
from web.permissions import actor, groups
from web.runtime import reading
from web.texts import local

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("money", __name__, url_prefix="/cartera")

_collectors = groups("cobranza", "direccion")
VIEWS = {"todas": _l("Por cobrar"), "vencidas": _l("Vencidas"), "por_vencer": _l("Por vencer")}
AGES = {
    "0": _l("Al corriente"),
    "1-30": _l("1 a 30 días"),
    "31-60": _l("31 a 60 días"),
    "61-90": _l("61 a 90 días"),
    "90+": _l("Más de 90 días"),
}
SIZE = 40


@blueprint.get("")
@_collectors
def index() -> str:
    """Open invoices, the first due first; sums by age over all of them, not only over the page."""
    view, age = request.args.get("vista", "todas"), request.args.get("antiguedad", "")
    with reading() as tx:
        today = local(tx.now).date()
        query = cartera.abiertas(g.actor, tx.now)
        if age in cartera.TRAMOS:
            query = query.where(cartera.del_tramo(age, today))
        elif view == "vencidas":
            query = query.where(Factura.vencimiento < today)
        elif view == "por_vencer":
            query = query.where(Factura.vencimiento >= today)
        if after := _position(request.args.get("tras", "")):
            query = query.where(tuple_(Factura.vencimiento, Factura.id) > after)
        rows = tx.session.execute(query.order_by(Factura.vencimiento, Factura.id).limit(SIZE + 1)).all()
        ages = cartera.antiguedad(tx.session, g.actor, tx.now)
        return render_template(
            "money/index.html",
            rows=rows[:SIZE],
            following=_key(rows[SIZE - 1][0]) if len(rows) > SIZE else None,
            view="" if age in cartera.TRAMOS else view,
            views=VIEWS,
            age=age,
            ages=ages,
            age_names=AGES,
            today=today,
            owed=sum((one.saldo for one in ages), Decimal(0)),
            overdue=sum((one.saldo for one in ages if one.nombre != "0"), Decimal(0)),
            factura=labels.FACTURA,
        )


@blueprint.get("/cartera.csv")
@_collectors
def download() -> Response:
    """Every open invoice, for a spreadsheet."""
    with reading() as tx:
        content = "".join(cartera.en_csv(tx.session, g.actor, tx.now))
        name = f"cartera-{local(tx.now).date()}.csv"
    response = Response(content, mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


@blueprint.route("/<invoice_id>/pago", methods=["GET", "POST"])
@_collectors
def pay(invoice_id: str) -> Response | str | tuple[str, int]:
    """«Registrar pago»: the row, and the process is told. Who comes from the Cartera goes back to the list there."""
    kept = {name: request.values[name] for name in ("_vista", "_antiguedad") if name in request.values}
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
        if kept:
            return url_for("money.index", vista=kept.get("_vista") or None, antiguedad=kept.get("_antiguedad") or None)
        return url_for("matters.money", key=facts.business_key) if facts else url_for("money.index")

    page = ActionForm(
        "registrar_pago",
        _("Registrar pago"),
        run,
        done,
        prepare,
        submit=_("Registrar pago"),
        said=_("Pago registrado."),
        context={"facts": facts, "kept": kept},
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


def _position(text: str) -> tuple[date, str] | None:
    """Where a page begins; None at the beginning, and for what is no such place."""
    day, _separator, invoice_id = text.partition("_")
    try:
        return date.fromisoformat(day), invoice_id
    except ValueError:
        return None


def _key(invoice: Factura) -> str:
    return f"{invoice.vencimiento.isoformat()}_{invoice.id}"
