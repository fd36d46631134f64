"""What stands on a tax document: an invoice, a credit note or a payment receipt, as rows of the firm say it (§5.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.handler import Context
from tasks import ajustes, expediente
from tasks.paso import Paso
from tasks.registros import Factura, Pago, Prospecto

TITULOS = {"nota_credito": "Nota de crédito"}
_CAMPOS = (
    *("tipo", "serie", "uuid", "emision", "vencimiento", "concepto", "metodo", "forma", "referencia"),
    *("subtotal", "iva", "ret_isr", "ret_iva", "total"),
)
_TASAS = ("iva_pct", "ret_isr_pct", "ret_iva_pct")


def receptor(paso: Paso, factura: Factura) -> dict[str, Any]:
    """The client's fiscal data as they are at the moment of issue."""
    cliente = paso.session.get_one(Prospecto, factura.prospecto_id).persona
    return {
        "rfc": cliente.rfc,
        "razon_social": cliente.razon_social or cliente.nombre.upper(),
        "regimen_fiscal": cliente.regimen_fiscal,
        "uso_cfdi": cliente.uso_cfdi,
        "cp_fiscal": cliente.cp_fiscal,
    }


def datos(ctx: Context, factura: Factura, pago: Pago | None, *, simulada: bool, momento: datetime) -> dict[str, Any]:
    """All that XML and PDF show; FEEL values. `momento`: when it is issued."""
    prospecto = ctx.session.get_one(Prospecto, factura.prospecto_id)
    asunto = expediente.asunto_de(ctx.session, prospecto.folio)
    relacionada = ctx.session.get(Factura, factura.relacionada_id) if factura.relacionada_id else None
    return {
        "despacho": ajustes.despacho(ctx.session),
        "cliente": prospecto.persona.nombre,
        "folio": asunto.folio if asunto else prospecto.folio,
        "fecha": factura.emision if pago is None else pago.fecha,
        "momento": momento,
        "titulo": TITULOS.get(factura.tipo, "Factura") if pago is None else "Complemento de pago de la factura",
        "simulada": simulada,
        "folio_factura": factura.folio,
        "pago": de_pago(factura, pago) if pago is not None else None,
        # An invoice from before the system: its receipts say who the client is now.
        "receptor": factura.receptor or receptor(ctx, factura),
        "relacionada": (relacionada.uuid or relacionada.folio) if relacionada is not None else None,
        "relacionada_uuid": relacionada.uuid if relacionada is not None else None,
        **{clave: ajustes.ajuste(ctx.session, clave) for clave in _TASAS},
        **{campo: getattr(factura, campo) for campo in _CAMPOS},
    }


def de_pago(factura: Factura, pago: Pago) -> dict[str, Any]:
    """The payment, its number, and the balance before and after it, by the order in which payments were registered."""
    antes = [otro for otro in factura.pagos if otro.estado == "registrado" and otro.id < pago.id]
    anterior = factura.total - sum((otro.monto for otro in antes), start=0)
    return {
        "fecha": pago.fecha,
        "monto": pago.monto,
        "forma": pago.forma,
        "parcialidad": len(antes) + 1,
        "saldo_anterior": anterior,
        "saldo": anterior - pago.monto,
    }
