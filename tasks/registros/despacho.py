"""The firm itself: people, settings, folios, mailbox, portal links, log (§1, §4, §5.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tasks.registros.base import Base, Clave, Codigo, Registro
from tasks.registros.tipos import Datos


class Colaborador(Base):
    """A person of the firm, known by the user name that signs in."""

    __tablename__ = "colaborador"

    usuario: Mapped[str] = mapped_column(String(80), primary_key=True)
    nombre: Mapped[str]
    titulo: Mapped[str | None]
    """Before the name: «Lic.», «Mtra.»."""
    puesto: Mapped[str | None]
    correo: Mapped[str]
    telefono: Mapped[str | None]
    horario: Mapped[str] = mapped_column(default="lunes a viernes, 9:00 a 18:00")
    enlace_reunion: Mapped[str | None]
    grupos: Mapped[list[str]] = mapped_column(Datos, default=list)
    """ventas, gerente, direccion, cobranza, asesor, admin, analista, publicador, operador."""
    activo: Mapped[bool] = mapped_column(default=True)
    cedula_profesional: Mapped[str | None]
    suplente: Mapped[str | None] = mapped_column(String(80))
    """Who usually stands in; who really does is said in each `Ausencia`."""

    asesor: Mapped[Asesor | None] = relationship(back_populates="colaborador")

    @property
    def presentacion(self) -> str:
        """Title and name: «Lic. Sofía Luna»."""
        return f"{self.titulo} {self.nombre}" if self.titulo else self.nombre

    @property
    def con_cedula(self) -> str:
        """«Lic. Sofía Luna, cédula profesional 1234567»: who signs for the firm, as far as it is on file."""
        cedula = f", cédula profesional {self.cedula_profesional}" if self.cedula_profesional else ""
        return f"{self.presentacion}{cedula}"


class Ausencia(Registro):
    """From when to when a person is away, and who stands in: who may see what, and for whom somebody acted."""

    __tablename__ = "ausencia"

    ausente: Mapped[str] = mapped_column(ForeignKey("colaborador.usuario"), index=True)
    suplente: Mapped[str] = mapped_column(ForeignKey("colaborador.usuario"), index=True)
    desde: Mapped[datetime]
    hasta: Mapped[datetime]
    """The first moment at which the person is back; earlier than planned when they come back earlier."""
    tareas: Mapped[list[str]] = mapped_column(Datos, default=list)
    """Ids of the user tasks that the person left open and the substitute got."""


class Asesor(Base):
    """What the assignment rule needs to know of an advisor (L26–L28, D7)."""

    __tablename__ = "asesor"

    usuario: Mapped[str] = mapped_column(ForeignKey("colaborador.usuario"), primary_key=True)
    especialidades: Mapped[list[str]] = mapped_column(Datos, default=list)
    """consumo, financiero, administrativo, fiscal, constitucional, mercantil, laboral, civil."""
    nivel: Mapped[Codigo] = mapped_column(default="junior")
    """junior < semi_senior < senior."""
    disponible: Mapped[bool] = mapped_column(default=True)

    colaborador: Mapped[Colaborador] = relationship(back_populates="asesor")


class Ajuste(Base):
    """A setting of the firm that differs from its default (`tasks.ajustes`)."""

    __tablename__ = "ajuste"

    clave: Mapped[str] = mapped_column(String(80), primary_key=True)
    valor: Mapped[dict[str, Any]]
    """{"valor": …}."""
    usuario: Mapped[str | None] = mapped_column(String(80))
    actualizado: Mapped[datetime | None]


class Folio(Base):
    """Last number given out for a prefix in a year; see `tasks.folios`."""

    __tablename__ = "folio"

    prefijo: Mapped[str] = mapped_column(String(10), primary_key=True)
    anio: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """0 for folios that do not start again each year."""
    ultimo: Mapped[int] = mapped_column(Integer)


class Enlace(Registro):
    """A portal link: stored, expiring, revocable, bound to one matter. Of its token only the SHA-256 is kept."""

    __tablename__ = "enlace"

    business_key: Mapped[str] = mapped_column(String(60), index=True)
    persona_id: Mapped[str | None] = mapped_column(ForeignKey("persona.id"), index=True)
    destino: Mapped[str] = mapped_column(String(120), default="expediente")
    """Page of the portal that it opens (`tasks.enlaces.DESTINOS`), may carry an id: `tarjeta`, `propuesta`."""
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    vence: Mapped[datetime]
    revocado: Mapped[datetime | None]
    usado: Mapped[datetime | None]
    """Last use."""
    renovado_por: Mapped[str | None] = mapped_column(String(24))


class Correo(Registro):
    """One mail of the outbox, and at once the mailbox that the interface shows (§1.13)."""

    __tablename__ = "correo"

    business_key: Mapped[str | None] = mapped_column(String(60), index=True)
    plantilla: Mapped[str] = mapped_column(String(80), index=True)
    """cor_06_propuesta, …"""
    interno: Mapped[bool] = mapped_column(default=False)
    destinatario: Mapped[str]
    """Mail address."""
    destinatario_nombre: Mapped[str | None]
    datos: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asunto: Mapped[str | None]
    """Subject, once rendered."""
    texto: Mapped[str | None]
    html: Mapped[str | None]
    calendario: Mapped[str | None]
    """The .ics attached (METHOD inside)."""
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    estado: Mapped[Codigo] = mapped_column(default="en_cola", index=True)
    """en_cola, enviado (SMTP took it, or there is none: it lies in the mailbox), fallido, avisado_otro_medio."""
    enviado: Mapped[datetime | None]
    intentos: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


class Plantilla(Registro):
    """A text block that lawyers keep: starting point of a proposal or of first steps per subtype (§1.5, §1.8)."""

    __tablename__ = "plantilla"

    tipo: Mapped[Codigo]
    """propuesta, primeros_pasos."""
    subtipo: Mapped[str | None] = mapped_column(String(40))
    nombre: Mapped[str]
    contenido: Mapped[dict[str, Any]]


class EventoBitacora(Base):
    """Append-only log of what people did to records: who, what, before and after, from where (§4)."""

    __tablename__ = "evento_bitacora"

    id: Mapped[Clave]
    momento: Mapped[datetime]
    usuario: Mapped[str] = mapped_column(String(80))
    accion: Mapped[str] = mapped_column(String(80))
    business_key: Mapped[str | None] = mapped_column(String(60), index=True)
    entidad: Mapped[str | None] = mapped_column(String(40))
    entidad_id: Mapped[str | None] = mapped_column(String(80))
    antes: Mapped[dict[str, Any] | None]
    despues: Mapped[dict[str, Any] | None]
    ip: Mapped[str | None] = mapped_column(String(45))


@event.listens_for(EventoBitacora, "before_update")
@event.listens_for(EventoBitacora, "before_delete")
def _solo_se_agrega(*_: object) -> None:
    raise RuntimeError("The log is append-only")
