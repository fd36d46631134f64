"""Proposals, their signature codes, and documents (L8–L9, L14–L21)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tasks.registros.base import Codigo, Importe, Registro, referencia
from tasks.registros.personas import Prospecto


class Propuesta(Registro):
    """One version of the proposal of services (L15); immutable once sent to approval."""

    __tablename__ = "propuesta"
    __table_args__ = (UniqueConstraint("folio", "version"),)

    folio: Mapped[str] = mapped_column(String(20))
    """PROP-AAAA-NNNN, the same for all versions."""
    version: Mapped[int] = mapped_column(default=1)
    prospecto_id: Mapped[str] = referencia("prospecto.id")
    contenido: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """alcance, exclusiones, etapas, requisitos and the other texts."""
    honorarios: Mapped[Importe]
    """MXN without IVA, before the discount."""
    gastos_estimados: Mapped[Importe | None]
    descuento_pct: Mapped[Decimal] = mapped_column(default=Decimal(0))
    honorarios_netos: Mapped[Importe]
    iva: Mapped[Importe]
    retenciones: Mapped[Importe] = mapped_column(default=Decimal(0))
    total: Mapped[Importe]
    primera_factura_pct: Mapped[Decimal]
    dias_credito: Mapped[int]
    justificacion: Mapped[str | None]
    vigencia_dh: Mapped[int] = mapped_column(default=15)
    vigencia: Mapped[datetime | None]
    """Moment at which the offer lapses: limite_espera(vigencia_dh), fixed when sent."""
    sesion: Mapped[Codigo] = mapped_column(default="auto")
    estado: Mapped[Codigo] = mapped_column(default="borrador", index=True)
    """borrador, en_aprobacion, devuelta, aprobada, enviada, aceptada, rechazada, vencida, sustituida."""
    autor: Mapped[str] = mapped_column(String(80))
    aprobador: Mapped[str | None] = mapped_column(String(80))
    aprobada: Mapped[datetime | None]
    comentarios_aprobacion: Mapped[str | None]
    enviada: Mapped[datetime | None]
    decidida: Mapped[datetime | None]
    motivo_rechazo: Mapped[str | None] = mapped_column(String(40))
    comentarios_cliente: Mapped[str | None]
    documento_id: Mapped[str | None] = mapped_column(String(24))
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    contenido_sha256: Mapped[str | None] = mapped_column(String(64))
    """Hash of the approved content: exactly this version goes out (A2)."""
    firma: Mapped[dict[str, Any] | None]
    """nombre_completo, momento, ip, agente, sha256, codigo_verificado."""

    prospecto: Mapped[Prospecto] = relationship()


class CodigoFirma(Registro):
    """Code sent by mail to sign with (`cor_06_codigo`); only its hash is kept."""

    __tablename__ = "codigo_firma"

    propuesta_id: Mapped[str] = referencia("propuesta.id")
    sha256: Mapped[str] = mapped_column(String(64))
    vence: Mapped[datetime]
    intentos: Mapped[int] = mapped_column(default=0)
    usado: Mapped[datetime | None]


class Documento(Registro):
    """A document of a matter: asked from the client (L9), uploaded, or generated from a template."""

    __tablename__ = "documento"

    prospecto_id: Mapped[str] = referencia("prospecto.id")
    asunto_id: Mapped[str | None] = referencia("asunto.id")
    rubro: Mapped[str]
    """The item of the checklist («Identificación oficial vigente») or the kind («propuesta», «contrato»)."""
    origen: Mapped[Codigo] = mapped_column(default="solicitado")
    """solicitado (checklist), subido, generado."""
    obligatorio: Mapped[bool] = mapped_column(default=False)
    nombre: Mapped[str | None]
    """File name."""
    tipo: Mapped[str | None] = mapped_column(String(120))
    """Media type, sniffed."""
    tamano: Mapped[int | None]
    archivo: Mapped[str | None] = mapped_column(String(64))
    """Id of the engine's file row, for uploads."""
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    """Content hash: where the bytes lie in the file store."""
    version: Mapped[int] = mapped_column(default=1)
    estado: Mapped[Codigo] = mapped_column(default="pendiente")
    """pendiente, entregado, aceptado, rechazado, sin_documento; generated ones: en_proceso, generado, fallido."""
    motivo: Mapped[str | None]
    visible_cliente: Mapped[bool] = mapped_column(default=True)
    original_recibido: Mapped[bool] = mapped_column(default=False)
    plantilla: Mapped[str | None] = mapped_column(String(80))
    datos: Mapped[dict[str, Any] | None]
    """What the template was filled with."""
    entregado: Mapped[datetime | None]
    revisado: Mapped[datetime | None]
    revisor: Mapped[str | None] = mapped_column(String(80))
