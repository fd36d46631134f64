"""What a matter owes: amounts of its invoices, what is still to be invoiced, what is open (L22–L25, L40).

Amounts are MXN, exact, rounded half up to centavos.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from tasks import ajustes
from tasks import calendario as dias
from tasks.folios import siguiente_folio
from tasks.formato import redondear
from tasks.paso import Paso
from tasks.registros import ESTADOS_POR_COBRAR, Asunto, Factura, Propuesta

CERO = Decimal(0)
CIEN = Decimal(100)
EMITIDAS = (*ESTADOS_POR_COBRAR, "pagada", "incobrable")
"""Factura.estado of what counts as invoiced."""


def factura(session: Session, factura_id: str) -> Factura:
    """Raises NotFound."""
    encontrada = session.get(Factura, factura_id)
    if encontrada is None:
        raise NotFound("No existe la factura.", factura_id=factura_id)
    return encontrada


def propuesta_aceptada(session: Session, prospecto_id: str) -> Propuesta:
    """The proposal that the client signed: its fees and payment scheme rule the invoices. Raises NotFound."""
    consulta = select(Propuesta).where(Propuesta.prospecto_id == prospecto_id, Propuesta.estado == "aceptada")
    aceptada = session.scalar(consulta.order_by(Propuesta.version.desc()).limit(1))
    if aceptada is None:
        raise NotFound("El asunto no tiene una propuesta aceptada.", prospecto_id=prospecto_id)
    return aceptada


def primer_subtotal(propuesta: Propuesta) -> Decimal:
    """Fees net of discount × primera_factura_pct / 100 (§1.7), without IVA."""
    return redondear(propuesta.honorarios_netos * propuesta.primera_factura_pct / CIEN)


def de_asunto(session: Session, asunto_id: str) -> Sequence[Factura]:
    """Invoices of a matter, oldest first; drafts, cancelled ones and credit notes too."""
    return session.scalars(select(Factura).where(Factura.asunto_id == asunto_id).order_by(Factura.id)).all()


def honorarios_facturados(session: Session, asunto_id: str) -> Decimal:
    """Fees without IVA invoiced for the matter: base of the bonus (§1.11)."""
    return sum((f.subtotal for f in de_asunto(session, asunto_id) if _de_honorarios(f)), CERO)


def por_facturar(session: Session, asunto: Asunto) -> Decimal:
    """Fees net of discount that are not invoiced yet, without IVA (L40)."""
    propuesta = propuesta_aceptada(session, asunto.prospecto_id)
    return max(propuesta.honorarios_netos - honorarios_facturados(session, asunto.id), CERO)


def saldo_pendiente(session: Session, asunto_id: str) -> Decimal:
    """Open balance of the matter's invoices, IVA included."""
    return sum((f.saldo for f in de_asunto(session, asunto_id) if f.por_cobrar), CERO)


def pct_pagado(factura: Factura) -> Decimal:
    """Paid / total × 100, two decimals (D5 pct_pagado_primera)."""
    if factura.total == 0:
        return CIEN
    return redondear((factura.total - factura.saldo) * CIEN / factura.total)


def borrador(paso: Paso, asunto: Asunto, tipo: str, subtotal: Decimal, concepto: str) -> Factura:
    """A draft invoice with its folio and amounts; its dates are set again when it is issued.

    IVA by the setting; withholding only from a client that is a company (§5.2).
    """
    iva, ret_isr, ret_iva = _desglose(paso, asunto, subtotal)
    total = subtotal + iva - ret_isr - ret_iva
    hoy = dias.dia(paso.now)
    folio = siguiente_folio(paso.session, "A", 0)
    nueva = Factura(
        prospecto_id=asunto.prospecto_id,
        asunto_id=asunto.id,
        tipo=tipo,
        folio=folio,
        concepto=concepto,
        subtotal=subtotal,
        iva=iva,
        ret_isr=ret_isr,
        ret_iva=ret_iva,
        total=total,
        saldo=total,
        emision=hoy,
        vencimiento=vencimiento(paso, asunto, hoy),
        referencia=folio,
    )
    paso.session.add(nueva)
    paso.session.flush()
    return nueva


def impuestos(paso: Paso, asunto: Asunto, subtotal: Decimal) -> Decimal:
    """What taxes add to an amount of fees: IVA less withholding."""
    iva, ret_isr, ret_iva = _desglose(paso, asunto, subtotal)
    return iva - ret_isr - ret_iva


def _desglose(paso: Paso, asunto: Asunto, subtotal: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """IVA, ISR withheld, IVA withheld."""
    iva = redondear(subtotal * _pct(paso, "iva_pct"))
    if asunto.cliente.tipo_persona != "moral":
        return iva, CERO, CERO
    return iva, redondear(subtotal * _pct(paso, "ret_isr_pct")), redondear(subtotal * _pct(paso, "ret_iva_pct"))


def vencimiento(paso: Paso, asunto: Asunto, emision: date) -> date:
    """Due date: natural days of credit of the proposal, moved to the next dh; else `dh_pago_contado` (§1.7)."""
    credito = propuesta_aceptada(paso.session, asunto.prospecto_id).dias_credito
    contado = int(ajustes.ajuste(paso.session, "dh_pago_contado"))
    return dias.vencimiento_de_factura(paso.session, emision, credito, contado)


def _pct(paso: Paso, clave: str) -> Decimal:
    valor: Decimal = ajustes.ajuste(paso.session, clave)
    return valor / CIEN


def _de_honorarios(factura: Factura) -> bool:
    return factura.estado in EMITIDAS and factura.tipo in ("primera", "saldo")
