"""The matter after acceptance: file, advisors, meetings, progress, report, survey, bonus (L21, L26–L45)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tasks.registros.base import Codigo, Importe, Registro, referencia
from tasks.registros.personas import Persona, Prospecto

ESTADOS_ACTIVOS = ("por_iniciar", "asignado", "en_tramite", "suspendido", "en_cierre")
"""Asunto.estado of a matter that counts as active for its advisor."""


class Asunto(Registro):
    """The file of a matter (expediente), from the signed acceptance on (L21)."""

    __tablename__ = "asunto"

    folio: Mapped[str] = mapped_column(String(20), unique=True)
    """Q-, R- or J-AAAA-NNNN: a label; the business key stays the prospect's folio."""
    prospecto_id: Mapped[str] = mapped_column(ForeignKey("prospecto.id"), unique=True)
    cliente_id: Mapped[str] = referencia("persona.id")
    tipo: Mapped[Codigo]
    subtipo: Mapped[Codigo]
    autoridad: Mapped[str | None]
    num_exp_autoridad: Mapped[str | None]
    cuantia: Mapped[Importe | None]
    complejidad: Mapped[int | None]
    viabilidad: Mapped[str | None] = mapped_column(String(20))
    tipo_cliente: Mapped[str | None] = mapped_column(String(20))
    estado: Mapped[Codigo] = mapped_column(default="por_iniciar", index=True)
    """por_iniciar, asignado, en_tramite, suspendido, en_cierre, cerrado, archivado, cancelado."""
    estado_previo: Mapped[str | None] = mapped_column(String(20))
    """State before `suspendido`, to go back to."""
    asesor_id: Mapped[str | None] = referencia("colaborador.usuario")
    supervisor_id: Mapped[str | None] = referencia("colaborador.usuario")
    avance_pct: Mapped[int] = mapped_column(default=0)
    resultado: Mapped[str | None] = mapped_column(String(40))
    inconformidad: Mapped[bool] = mapped_column(default=False)
    """The client did not agree with the closing; kept for the bonus even when settled."""
    inconformidad_abierta: Mapped[bool] = mapped_column(default=False)
    """While true, dunning of this matter pauses (§1.7)."""
    inconformidad_resuelta: Mapped[datetime | None]
    contrato_id: Mapped[str | None] = mapped_column(String(24))
    """Documento of the signed contract."""
    primeros_pasos: Mapped[list[dict[str, Any]] | None]
    """Rows (paso, fecha) of the start notice (L32)."""
    contacto: Mapped[dict[str, Any] | None]
    """telefono, correo, horario_atencion of the advisor, as told to the client (L32)."""
    seguimiento_vence: Mapped[datetime | None]
    """Due time of the next «Dar seguimiento»."""
    apertura: Mapped[date | None]
    arranque: Mapped[date | None]
    cierre: Mapped[date | None]
    archivo: Mapped[date | None]
    retencion_hasta: Mapped[date | None]
    actividad_vulnerable: Mapped[bool] = mapped_column(default=False)

    prospecto: Mapped[Prospecto] = relationship()
    cliente: Mapped[Persona] = relationship()

    @property
    def activo(self) -> bool:
        return self.estado in ESTADOS_ACTIVOS

    def pasar_a(self, estado: str) -> None:
        """The next state. A suspended matter stays suspended, and goes on there once it is paid (§1.7)."""
        if self.estado == "suspendido":
            self.estado_previo = estado
        else:
            self.estado = estado


class AsignacionHistorial(Registro):
    """Who was made advisor of a matter, by whom and why (L27, «Reasignar asesor»)."""

    __tablename__ = "asignacion_historial"

    asunto_id: Mapped[str] = referencia("asunto.id")
    asesor_anterior: Mapped[str | None] = mapped_column(String(80))
    asesor_nuevo: Mapped[str] = mapped_column(String(80), index=True)
    propuesto: Mapped[str | None] = mapped_column(String(80))
    """Whom the rule proposed; None: «Sin asesor disponible»."""
    motivo: Mapped[str | None] = mapped_column(String(40))
    justificacion: Mapped[str | None]
    nota_entrega: Mapped[str | None]
    fecha: Mapped[datetime]


ZONAS = {
    "America/Mexico_City": "Ciudad de México (centro)",
    "America/Cancun": "Quintana Roo",
    "America/Hermosillo": "Sonora",
    "America/Mazatlan": "Sinaloa, Nayarit y Baja California Sur",
    "America/Tijuana": "Baja California",
    "America/Ciudad_Juarez": "Ciudad Juárez (frontera)",
    "America/Ojinaga": "Ojinaga (frontera)",
    "America/Matamoros": "Tamaulipas, Nuevo León y Coahuila (frontera)",
}
"""Time zones of Mexico that differ from each other some day of the year: where a hearing is held (§5.3)."""


class Reunion(Registro):
    """A meeting, a session or a hearing, with its calendar identity (uid, sequence)."""

    __tablename__ = "reunion"

    prospecto_id: Mapped[str] = referencia("prospecto.id")
    asunto_id: Mapped[str | None] = referencia("asunto.id")
    tipo: Mapped[Codigo]
    """cliente, equipo, sesion, audiencia."""
    titulo: Mapped[str | None]
    responsable_id: Mapped[str | None] = referencia("colaborador.usuario")
    """The Gerente (or advisor) in whose agenda it stands."""
    inicio: Mapped[datetime]
    fin: Mapped[datetime]
    zona: Mapped[str] = mapped_column(String(60), default="America/Mexico_City")
    modalidad: Mapped[str | None] = mapped_column(String(40))
    """presencial, videollamada, telefonica."""
    lugar: Mapped[str | None]
    asistentes: Mapped[list[Any] | None]
    estado: Mapped[Codigo] = mapped_column(default="tentativa")
    """tentativa, confirmada, por_reprogramar, celebrada, cancelada."""
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    minuta: Mapped[dict[str, Any] | None]
    historial: Mapped[list[dict[str, Any]] | None]
    """Earlier dates with their reason («Reprogramar»)."""

    @property
    def hora_local(self) -> str | None:
        """«08:00, hora de Baja California»; None where it is the firm's own hour."""
        if self.zona == "America/Mexico_City":
            return None
        return f"{self.inicio.astimezone(ZoneInfo(self.zona)):%H:%M}, hora de {ZONAS.get(self.zona, self.zona)}"


class Avance(Registro):
    """One follow-up (L34–L38): internal note, or text for the client, or both."""

    __tablename__ = "avance"

    asunto_id: Mapped[str] = referencia("asunto.id")
    fecha: Mapped[date]
    actuacion: Mapped[Codigo]
    tipo: Mapped[Codigo] = mapped_column(default="interno")
    """interno (L35), cliente (L37)."""
    nota_interna: Mapped[str | None]
    texto_cliente: Mapped[str | None]
    visible: Mapped[bool] = mapped_column(default=False)
    avance_pct: Mapped[int | None]
    documentos: Mapped[list[str] | None]
    autor: Mapped[str] = mapped_column(String(80))


class Informe(Registro):
    """Report of results and closing (L39–L42); one version per closing attempt."""

    __tablename__ = "informe"

    asunto_id: Mapped[str] = referencia("asunto.id")
    version: Mapped[int] = mapped_column(default=1)
    resumen: Mapped[str]
    resultado: Mapped[Codigo]
    cumplimiento: Mapped[str | None]
    recomendaciones: Mapped[str | None]
    originales_por_devolver: Mapped[str | None]
    autor: Mapped[str] = mapped_column(String(80))
    autorizado_por: Mapped[str | None] = mapped_column(String(80))
    autorizado: Mapped[datetime | None]
    devuelto_motivo: Mapped[str | None]
    documento_id: Mapped[str | None] = mapped_column(String(24))
    acuerdo_id: Mapped[str | None] = mapped_column(String(24))
    tarjeta_id: Mapped[str | None] = mapped_column(String(24))
    tarjeta_enviada: Mapped[datetime | None]
    respuesta: Mapped[str | None] = mapped_column(String(20))
    """acepto, inconformidad, tacita."""
    respuesta_texto: Mapped[str | None]
    respondido: Mapped[datetime | None]
    aclaracion: Mapped[str | None]
    """The Gerente's answer to an inconformidad; goes out with the next card."""


class Encuesta(Registro):
    """Satisfaction survey (L44): p1 atención, p2 comunicación, p3 resultado, p4 tiempos, p5 claridad de costos."""

    __tablename__ = "encuesta"

    asunto_id: Mapped[str] = referencia("asunto.id")
    p1: Mapped[int | None]
    p2: Mapped[int | None]
    p3: Mapped[int | None]
    p4: Mapped[int | None]
    p5: Mapped[int | None]
    nps: Mapped[int | None]
    puntuacion: Mapped[Decimal | None]
    """Mean of p1–p5, two decimals; None: without answer."""
    comentario: Mapped[str | None]
    estado: Mapped[Codigo] = mapped_column(default="enviada")
    """enviada, respondida, sin_respuesta."""
    enviada: Mapped[datetime]
    respondida: Mapped[datetime | None]


class Bono(Registro):
    """Performance bonus of the advisor (L45): proposed by D9, always authorised by Dirección (A11)."""

    __tablename__ = "bono"

    asunto_id: Mapped[str] = referencia("asunto.id")
    asesor_id: Mapped[str] = referencia("colaborador.usuario")
    puntuacion: Mapped[Decimal | None]
    base: Mapped[Importe]
    pct: Mapped[Decimal]
    tope: Mapped[Importe]
    importe: Mapped[Importe]
    estado: Mapped[Codigo]
    """condicionado, por_autorizar, autorizado, rechazado, vencido."""
    motivo: Mapped[str | None]
    autorizado_por: Mapped[str | None] = mapped_column(String(80))
    autorizado: Mapped[datetime | None]


class Cancelacion(Registro):
    """A request to cancel a matter, and its settlement (§1.12)."""

    __tablename__ = "cancelacion"

    prospecto_id: Mapped[str] = referencia("prospecto.id")
    asunto_id: Mapped[str | None] = referencia("asunto.id")
    numero: Mapped[int] = mapped_column(default=1)
    """n of the instance's business key `<business key>/C<n>`."""
    solicitante: Mapped[Codigo]
    """cliente, despacho."""
    motivo: Mapped[str]
    causa: Mapped[str | None] = mapped_column(String(40))
    """falta_de_pago_inicial, renuncia, …"""
    etapa: Mapped[str | None] = mapped_column(String(40))
    """antes_arranque, en_tramite, por_cerrar: from Asunto.estado when requested."""
    estado: Mapped[Codigo] = mapped_column(default="solicitada")
    """solicitada, retirada, en_liquidacion, en_entrega, concluida."""
    avance_pct: Mapped[int | None]
    devengado_pct: Mapped[Decimal | None]
    devengado: Mapped[Importe | None]
    saldo_a_favor: Mapped[Importe | None]
    saldo_en_contra: Mapped[Importe | None]
    reembolso: Mapped[Importe | None]
    entrega: Mapped[dict[str, Any] | None]
