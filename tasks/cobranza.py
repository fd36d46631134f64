"""Actions on invoices (L24): register a payment, close an invoice, take in a receipt of the client.

The row is written first, then the message that tells the process, in one transaction and without `keep` (M5).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from engine.errors import Conflict, Invalid
from tasks import calendario as dias
from tasks import correo, facturador, facturas, formato, pagos
from tasks.acceso import exigir
from tasks.bitacora import anotar
from tasks.paso import Accion, Paso
from tasks.registros import Documento, Factura, Pago

CERRADAS = {
    "borrador": "todavía no se emite",
    "pagada": "ya está pagada",
    "cancelada": "se canceló",
    "incobrable": "se dio por incobrable",
}
"""Factura.estado → why it takes no payment."""


def registrar_pago(
    tx: Any,
    factura_id: str,
    *,
    referencia: str,
    monto: Decimal,
    fecha: date | None = None,
    forma_pago: str = "03",
    comprobante: str | None = None,
) -> Pago:
    """Action of Cobranza (§1.7): the row first, then the messages to the invoice's follow-up and to the matter (M5).

    Raises NotAllowed, and Invalid for an amount above the balance, a date in the future or an invoice that is not open.
    """
    factura = facturas.factura(tx.session, factura_id)
    valores = {"referencia": referencia, "monto": monto, "fecha": fecha, "forma_pago": forma_pago}
    paso = Accion(tx, clave_de(factura))
    exigir(paso, "cobranza", "direccion")
    pago = asentar_pago(paso, factura, valores, comprobante=comprobante)
    paso.send("msg_pago_registrado", clave_de_seguimiento(factura), carga(factura))
    return pago


def asentar_pago(paso: Paso, factura: Factura, valores: dict[str, Any], *, comprobante: str | None = None) -> Pago:
    """Write Pago, balance, receipt mail; tell the matter, where the criterion or the bonus may be waiting.

    Raises Conflict for an invoice that is paid or closed, Invalid at the field for a wrong amount, a date in the future
    and a payment that stands there already (a second click, two people with the same bank statement).
    """
    # Two payments at once: the second sees the balance that the first left.
    paso.session.flush()
    paso.session.refresh(factura, with_for_update=True)
    debe_recibir_pagos(factura)
    hoy = dias.dia(paso.now)
    monto, fecha = valores.get("monto"), valores.get("fecha") or hoy
    errores = {}
    if monto is None or not 0 < monto <= factura.saldo or formato.redondear(monto) != monto:
        errores["monto"] = f"El monto debe ser mayor que cero y no mayor que el saldo ({formato.pesos(factura.saldo)})."
    if fecha > hoy:
        errores["fecha"] = "La fecha del pago no puede ser futura."
    referencia = " ".join(str(valores.get("referencia") or "").split())
    if not referencia:
        errores["referencia"] = "Este campo es obligatorio."
    elif _registrado(factura, referencia, monto, fecha):
        errores["referencia"] = "Este pago ya está registrado. Si es otro, distíngalo en la referencia."
    if errores or monto is None:
        raise Invalid(errores)
    pago = Pago(
        factura_id=factura.id,
        fecha=fecha,
        monto=monto,
        forma=valores.get("forma_pago") or "03",
        referencia=referencia,
        comprobante=comprobante,
    )
    paso.session.add(pago)
    factura.saldo -= monto
    factura.estado = "pagada" if factura.saldo == 0 else "parcial"
    paso.session.flush()
    facturador.complemento_pago(paso, pago)
    _avisar_pago(paso, factura, pago)
    return pago


def debe_recibir_pagos(factura: Factura) -> None:
    """Raises Conflict that says why this invoice, or its matter, takes no payment. A closed matter still takes what it
    owes (§1.0, A13); an archived one owes nothing any more."""
    asunto = factura.asunto
    if asunto is not None and asunto.estado == "archivado":
        dia = f" el {formato.fecha(asunto.archivo)}" if asunto.archivo else ""
        raise Conflict(f"El asunto {asunto.folio} se archivó{dia}; ya no recibe pagos.", reason="archivado")
    if not factura.por_cobrar:
        porque = CERRADAS.get(factura.estado, "no tiene saldo por cobrar")
        raise Conflict(f"La factura {factura.folio} {porque}; no recibe pagos.", reason=factura.estado)


def _registrado(factura: Factura, referencia: str, monto: Decimal | None, fecha: date) -> bool:
    """Whether the same payment stands there: reference (capitals do not matter), amount and date."""
    buscado = (referencia.casefold(), monto, fecha)
    vivos = (pago for pago in factura.pagos if pago.estado != "rechazado")
    return any((pago.referencia.casefold(), pago.monto, pago.fecha) == buscado for pago in vivos)


def _avisar_pago(paso: Paso, factura: Factura, pago: Pago) -> None:
    clave = clave_de(factura)
    anotar(paso, "pago.registrar", factura, business_key=clave, despues={"monto": pago.monto, "saldo": factura.saldo})
    assert factura.asunto is not None
    datos = {
        **pagos.en_correo(factura),
        "monto": pago.monto,
        "fecha_pago": pago.fecha,
        "pago_referencia": pago.referencia,
    }
    correo.avisar_cliente(paso, "cor_07_recibo", factura.asunto.cliente, datos=datos, enlace="pagos")
    paso.send("msg_pago_registrado", clave, carga(factura))


def cerrar_factura(tx: Any, factura_id: str, *, estado: str, motivo: str) -> None:
    """Action: an invoice is cancelled (`cancelada`) or given up (`incobrable`); its follow-up ends (§1.7, §1.12)."""
    if estado not in ("cancelada", "incobrable"):
        raise Invalid({"estado": "Elija cancelada o incobrable."})
    factura = facturas.factura(tx.session, factura_id)
    if factura.estado in ("pagada", "cancelada", "incobrable"):
        raise Conflict(f"La factura {factura.folio} ya está cerrada.", reason=factura.estado)
    paso = Accion(tx, clave_de(factura))
    exigir(paso, "cobranza", "direccion")
    antes = factura.estado
    if estado == "cancelada":
        facturador.cancelar(paso, factura)
    else:
        factura.estado = estado
    anotar(paso, "factura.cerrar", factura, antes={"estado": antes}, despues={"estado": estado, "motivo": motivo})
    paso.send("msg_factura_cerrada", clave_de_seguimiento(factura), carga(factura))


def recibir_comprobante(tx: Any, factura_id: str, documento: Documento) -> None:
    """Action of the client in the portal: a receipt to be checked by Cobranza."""
    factura = facturas.factura(tx.session, factura_id)
    if not factura.por_cobrar:
        raise Conflict(f"La factura {factura.folio} ya está pagada.", reason=factura.estado)
    paso = Accion(tx, clave_de(factura))
    exigir(paso, "cliente", "cobranza", "direccion")
    documento.rubro, documento.estado, documento.origen = rubro_comprobante(factura), "entregado", "subido"
    tx.session.flush()
    paso.send("msg_comprobante_recibido", clave_de_seguimiento(factura), carga(factura))


RUBRO_COMPROBANTE = "Comprobante de pago "


def rubro_comprobante(factura: Factura) -> str:
    """Documento.rubro of a receipt uploaded for an invoice."""
    return RUBRO_COMPROBANTE + factura.folio


def por_validar(paso: Paso, factura: Factura) -> list[Documento]:
    """Receipts of an invoice that Cobranza has not looked at yet."""
    consulta = select(Documento).where(Documento.prospecto_id == factura.prospecto_id, Documento.estado == "entregado")
    return list(paso.session.scalars(consulta.where(Documento.rubro == rubro_comprobante(factura))))


def clave_de(factura: Factura) -> str:
    """Business key of the invoice's matter."""
    assert factura.asunto is not None
    return factura.asunto.prospecto.folio


def clave_de_seguimiento(factura: Factura) -> str:
    """Business key of the invoice's follow-up (M2)."""
    return f"{clave_de(factura)}/{factura.folio}"


def carga(factura: Factura) -> dict[str, Any]:
    """Payload of every message about an invoice (M5)."""
    return {"prospecto_id": factura.prospecto_id, "asunto_id": factura.asunto_id, "factura_id": factura.id}
