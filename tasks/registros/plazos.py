"""Legal deadlines, their catalogue and the days on which nobody works (§1.0, §5.3, §5.4)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tasks.registros.base import Codigo, Registro, referencia


class Plazo(Registro):
    """A deadline of a matter. Fatal: missing it loses the right."""

    __tablename__ = "plazo"

    prospecto_id: Mapped[str] = referencia("prospecto.id")
    asunto_id: Mapped[str | None] = referencia("asunto.id")
    descripcion: Mapped[str]
    tipo: Mapped[Codigo] = mapped_column(default="fatal")
    """fatal, interno, audiencia."""
    notificacion: Mapped[date | None]
    surte_efectos: Mapped[date | None]
    dias: Mapped[int | None]
    unidad: Mapped[str | None] = mapped_column(String(20))
    """habiles, naturales, meses, anios."""
    calendario: Mapped[str] = mapped_column(String(20), default="oficina")
    vence: Mapped[date]
    fijado: Mapped[datetime]
    """When `vence` became known or was last moved (business time)."""
    estado: Mapped[Codigo] = mapped_column(default="vivo", index=True)
    """vivo, cumplido, vencido, sin_efecto."""
    fundamento: Mapped[str | None]
    sugerido: Mapped[bool] = mapped_column(default=False)
    """From the catalogue: «Plazo sugerido; verifíquelo el abogado responsable»."""
    reunion_id: Mapped[str | None] = referencia("reunion.id")
    cumplido: Mapped[datetime | None]
    cumplido_por: Mapped[str | None] = mapped_column(String(80))


class PlazoCatalogo(Registro):
    """The legal term of a subtype, with its source and the time for which it holds (D10)."""

    __tablename__ = "plazo_catalogo"

    tipo: Mapped[Codigo]
    subtipo: Mapped[Codigo]
    descripcion: Mapped[str]
    dias: Mapped[int]
    unidad: Mapped[str] = mapped_column(String(20), default="habiles")
    calendario: Mapped[str] = mapped_column(String(20), default="oficina")
    fundamento: Mapped[str]
    verificado: Mapped[bool] = mapped_column(default=False)
    """False: general knowledge that the firm must confirm ([C])."""
    vigente_desde: Mapped[date]
    vigente_hasta: Mapped[date | None]
    nota: Mapped[str | None]


class DiaInhabil(Registro):
    """A day on which a calendar rests, beyond Saturdays, Sundays and the days of the LFT."""

    __tablename__ = "dia_inhabil"
    __table_args__ = (UniqueConstraint("calendario", "fecha"),)

    calendario: Mapped[str] = mapped_column(String(20))
    fecha: Mapped[date]
    motivo: Mapped[str]
