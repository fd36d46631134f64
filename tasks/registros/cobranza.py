"""Invoices, payments and what Cobranza does about them (L22–L25, L40)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tasks.registros.asuntos import Asunto
from tasks.registros.base import Codigo, Importe, Registro, referencia

ESTADOS_POR_COBRAR = ("timbrada_simulada", "timbrada", "parcial")
"""Factura.estado with something left to be paid."""


class Factura(Registro):
    """An invoice (CFDI 4.0), or a credit note."""

    __tablename__ = "factura"
    __table_args__ = (UniqueConstraint("serie", "folio"),)

    prospecto_id: Mapped[str] = referencia("prospecto.id")
    asunto_id: Mapped[str | None] = referencia("asunto.id")
    tipo: Mapped[Codigo]
    """primera, saldo, cargo, nota_credito."""
    serie: Mapped[str] = mapped_column(String(10), default="A")
    folio: Mapped[str] = mapped_column(String(20))
    """With its series: A-1."""
    uuid: Mapped[str | None] = mapped_column(String(36))
    concepto: Mapped[str | None]
    subtotal: Mapped[Importe]
    iva: Mapped[Importe]
    ret_isr: Mapped[Importe] = mapped_column(default=Decimal(0))
    ret_iva: Mapped[Importe] = mapped_column(default=Decimal(0))
    total: Mapped[Importe]
    saldo: Mapped[Importe]
    emision: Mapped[date]
    vencimiento: Mapped[date]
    metodo: Mapped[str] = mapped_column(String(3), default="PPD")
    forma: Mapped[str] = mapped_column(String(2), default="99")
    referencia: Mapped[str | None] = mapped_column(String(40))
    estado: Mapped[Codigo] = mapped_column(default="borrador", index=True)
    """borrador, timbrada_simulada, timbrada, parcial, pagada, cancelada, incobrable."""
    receptor: Mapped[dict[str, Any] | None]
    """rfc, razon_social, regimen_fiscal, uso_cfdi, cp_fiscal as stamped."""
    relacionada_id: Mapped[str | None] = mapped_column(String(24))
    xml: Mapped[str | None] = mapped_column(String(64))
    """Content hash of the XML in the file store."""
    pdf: Mapped[str | None] = mapped_column(String(64))
    proxima_accion: Mapped[datetime | None]
    """When seguimiento_pagos acts next, for the page Cartera."""

    asunto: Mapped[Asunto | None] = relationship()
    pagos: Mapped[list[Pago]] = relationship(back_populates="factura", order_by="Pago.id")

    @property
    def por_cobrar(self) -> bool:
        return self.estado in ESTADOS_POR_COBRAR and self.saldo > 0


class Pago(Registro):
    """A payment of one invoice (L24)."""

    __tablename__ = "pago"

    factura_id: Mapped[str] = referencia("factura.id")
    fecha: Mapped[date]
    monto: Mapped[Importe]
    forma: Mapped[str] = mapped_column(String(2), default="03")
    referencia: Mapped[str]
    comprobante: Mapped[str | None] = mapped_column(String(24))
    """Documento uploaded as proof."""
    complemento: Mapped[str | None] = mapped_column(String(64))
    """Content hash of the complemento de pago (XML)."""
    estado: Mapped[Codigo] = mapped_column(default="registrado")
    """por_validar (comprobante of the client), registrado, rechazado."""

    factura: Mapped[Factura] = relationship(back_populates="pagos")


class GestionCobranza(Registro):
    """One thing done to get an invoice paid: reminder, call, escalation, agreement, suspension (D6)."""

    __tablename__ = "gestion_cobranza"

    factura_id: Mapped[str] = referencia("factura.id")
    fecha: Mapped[datetime]
    accion: Mapped[Codigo]
    """recordatorio_previo, recordatorio_vencido, llamada, escalar, suspender, reactivar, incobrable."""
    canal: Mapped[str | None] = mapped_column(String(20))
    responsable: Mapped[str | None] = mapped_column(String(80))
    resultado: Mapped[str | None] = mapped_column(String(40))
    promesa: Mapped[date | None]
    convenio: Mapped[list[dict[str, Any]] | None]
    """Rows (fecha, monto) agreed with the client."""
    motivo: Mapped[str | None]
    dias_vencido: Mapped[int | None]
    siguiente: Mapped[datetime | None]
