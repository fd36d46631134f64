"""Who comes to the firm, and what about: persons, prospects, parties, conflict checks, opportunities (L2–L13, L47)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from tasks.registros.base import Codigo, Importe, Registro, referencia
from tasks.registros.nombres import normalizar

ESTADOS_ABIERTOS = (
    "nuevo",
    "en_contacto",
    "en_reunion",
    "en_documentos",
    "en_analisis",
    "en_propuesta",
    "propuesta_enviada",
)
"""Prospecto.estado while it may still become a client."""
ESTADOS_FINALES = (
    "declinado_conflicto",
    "sin_respuesta",
    "no_interesado",
    "no_es_competencia",
    "no_viable",
    "rechazado_interno",
    "rechazado_cliente",
    "vencido",
)
"""Prospecto.estado at the end without a matter; with one it is «ganado»."""


class Persona(Registro):
    """A person or company. Prospect until the signed acceptance, then client with a CLI folio (A12)."""

    __tablename__ = "persona"

    tipo_persona: Mapped[Codigo] = mapped_column(default="fisica")
    """fisica, moral."""
    nombre: Mapped[str]
    """Full name, or the company's name with its régimen de capital."""
    nombre_normalizado: Mapped[str] = mapped_column(index=True, default="")
    """`nombres.normalizar(nombre)`; follows `nombre` by itself."""
    tratamiento: Mapped[str | None]
    """Title before the surname in mails: «Lic.», «Ing.», «Sra.»."""
    correo: Mapped[str | None] = mapped_column(index=True)
    telefono: Mapped[str | None]
    rfc: Mapped[str | None] = mapped_column(String(13), index=True)
    curp: Mapped[str | None] = mapped_column(String(18))
    razon_social: Mapped[str | None]
    """As in the constancia: upper case, no régimen de capital (§1.7)."""
    cp_fiscal: Mapped[str | None] = mapped_column(String(5))
    regimen_fiscal: Mapped[str | None] = mapped_column(String(3))
    uso_cfdi: Mapped[str | None] = mapped_column(String(4))
    correo_facturas: Mapped[str | None]
    clasificacion_manual: Mapped[str | None] = mapped_column(String(20))
    """Overrides D0 «Tipo de cliente»."""
    convenio: Mapped[bool] = mapped_column(default=False)
    folio: Mapped[str | None] = mapped_column(String(20), unique=True)
    """CLI-AAAA-NNNN from the acceptance on."""
    cliente_desde: Mapped[datetime | None]
    anonimizada: Mapped[datetime | None]

    consentimientos: Mapped[list[Consentimiento]] = relationship(
        back_populates="persona", order_by="Consentimiento.creado, Consentimiento.id"
    )

    @validates("nombre")
    def _al_nombrar(self, _: str, nombre: str) -> str:
        self.nombre_normalizado = normalizar(nombre)
        return nombre

    @property
    def es_cliente(self) -> bool:
        return self.folio is not None


class Consentimiento(Registro):
    """Aviso de privacidad put at disposal, and opposition to voluntary purposes (§5.5). The last row counts."""

    __tablename__ = "consentimiento"

    persona_id: Mapped[str] = referencia("persona.id")
    aviso_version: Mapped[str] = mapped_column(default="2025-1")
    aviso_fecha: Mapped[date | None]
    aviso_medio: Mapped[str | None]
    oposicion_voluntarias: Mapped[bool] = mapped_column(default=False)
    fecha: Mapped[datetime]
    medio: Mapped[str | None]

    persona: Mapped[Persona] = relationship(back_populates="consentimientos")


class SolicitudArco(Registro):
    """A client's request about personal data: access, rectification, cancellation, opposition (§5.5)."""

    __tablename__ = "solicitud_arco"

    persona_id: Mapped[str] = referencia("persona.id")
    prospecto_id: Mapped[str] = referencia("prospecto.id")
    numero: Mapped[int]
    """1, 2, … within the matter."""
    derecho: Mapped[Codigo]
    """acceso, rectificacion, cancelacion, oposicion."""
    detalle: Mapped[str]
    recibida: Mapped[datetime]
    vence: Mapped[date]
    estado: Mapped[Codigo] = mapped_column(default="abierta")
    """abierta, atendida."""
    decision: Mapped[str | None] = mapped_column(String(20))
    """procede, procede_en_parte, no_procede."""
    respuesta: Mapped[str | None]
    atendida: Mapped[datetime | None]
    atendida_por: Mapped[str | None] = mapped_column(String(80))


class Prospecto(Registro):
    """A contact about one problem (L3). Its folio is the business key of the matter, for ever."""

    __tablename__ = "prospecto"

    folio: Mapped[str] = mapped_column(String(20), unique=True)
    persona_id: Mapped[str] = referencia("persona.id")
    canal: Mapped[Codigo]
    """telefono, correo, whatsapp, web, visita, referido, venta_cruzada."""
    fuente: Mapped[str | None]
    descripcion: Mapped[str]
    estado: Mapped[Codigo] = mapped_column(default="nuevo", index=True)
    motivo_cierre: Mapped[str | None]
    origen: Mapped[str | None] = mapped_column(String(40))
    """venta_cruzada, reapertura, alta_en_curso, publico."""
    reapertura_de: Mapped[str | None] = referencia("prospecto.id")
    oportunidad_id: Mapped[str | None] = mapped_column(String(24), index=True)
    instance_id: Mapped[str | None] = mapped_column(String(64), index=True)
    gerente_id: Mapped[str | None] = referencia("colaborador.usuario")
    """Who leads it before there is a supervisor."""
    tipo_tentativo: Mapped[str | None] = mapped_column(String(40))
    tipo_procedimiento: Mapped[str | None] = mapped_column(String(40))
    """queja, recurso, juicio (A7)."""
    subtipo: Mapped[str | None] = mapped_column(String(40))
    hechos: Mapped[str | None]
    pretension: Mapped[str | None]
    autoridad: Mapped[str | None]
    num_exp_autoridad: Mapped[str | None]
    cuantia: Mapped[Importe | None]
    fecha_notificacion: Mapped[date | None]
    surte_efectos: Mapped[date | None]
    servicios: Mapped[list[str] | None]
    """Services informed of (L4)."""
    mensaje: Mapped[str | None]
    """Ventas' own words in `cor_01_informacion` (L4)."""
    ya_informe_y_resolvi: Mapped[bool] = mapped_column(default=False)
    informado: Mapped[datetime | None]
    """When `cor_01_informacion` went out; first-response KPI, and condition of the polite closing mail."""
    inasistencias: Mapped[int] = mapped_column(default=0)
    canalizar_a: Mapped[str | None]
    """Where to turn with what is not the firm's business (§1.2)."""
    cerrado: Mapped[datetime | None]

    persona: Mapped[Persona] = relationship()
    partes: Mapped[list[Parte]] = relationship(back_populates="prospecto", order_by="Parte.id")
    analisis: Mapped[list[Analisis]] = relationship(back_populates="prospecto", order_by="Analisis.version")

    @property
    def abierto(self) -> bool:
        return self.estado in ESTADOS_ABIERTOS


class Duda(Registro):
    """A question of the prospect and its answer (L5)."""

    __tablename__ = "duda"

    prospecto_id: Mapped[str] = referencia("prospecto.id")
    pregunta: Mapped[str]
    respuesta: Mapped[str | None]


class RevisionConflicto(Registro):
    """One run of «Verificar conflicto de interés», with what it found and how it was settled."""

    __tablename__ = "revision_conflicto"

    prospecto_id: Mapped[str] = referencia("prospecto.id")
    coincidencias: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    dictamen: Mapped[str | None] = mapped_column(String(40))
    """sin_coincidencias (nobody had to decide), sin_conflicto, conflicto; None while open."""
    justificacion: Mapped[str | None]
    autor: Mapped[str | None] = mapped_column(String(80))


class Parte(Registro):
    """Another party: contraparte, tercero, autoridad, abogado_contrario, autoridad_responsable, tercero_interesado."""

    __tablename__ = "parte"

    prospecto_id: Mapped[str] = referencia("prospecto.id")
    asunto_id: Mapped[str | None] = referencia("asunto.id")
    nombre: Mapped[str]
    nombre_normalizado: Mapped[str] = mapped_column(index=True, default="")
    rfc: Mapped[str | None] = mapped_column(String(13), index=True)
    calidad: Mapped[Codigo] = mapped_column(default="contraparte")

    prospecto: Mapped[Prospecto] = relationship(back_populates="partes")

    @validates("nombre")
    def _al_nombrar(self, _: str, nombre: str) -> str:
        self.nombre_normalizado = normalizar(nombre)
        return nombre


class Analisis(Registro):
    """The Gerente's analysis (L11); «Actualizar análisis» after the team meeting adds the next version (L13)."""

    __tablename__ = "analisis"

    prospecto_id: Mapped[str] = referencia("prospecto.id")
    version: Mapped[int] = mapped_column(default=1)
    viabilidad: Mapped[Codigo]
    """alta, media, baja, no_viable."""
    estrategia: Mapped[str]
    complejidad: Mapped[int]
    cuantia: Mapped[Importe]
    requiere_equipo_manual: Mapped[Codigo] = mapped_column(default="auto")
    riesgos: Mapped[str | None]
    probabilidad_exito: Mapped[int | None]
    horas_estimadas: Mapped[Decimal | None]

    prospecto: Mapped[Prospecto] = relationship(back_populates="analisis")


class Oportunidad(Registro):
    """A service that the client could need too, noticed on the way (stages 4, 10, 11), offered in stage 12 (L47)."""

    __tablename__ = "oportunidad"

    cliente_id: Mapped[str] = referencia("persona.id")
    prospecto_id: Mapped[str] = referencia("prospecto.id")
    asunto_origen: Mapped[str | None] = referencia("asunto.id")
    servicio: Mapped[str]
    motivo: Mapped[str | None]
    prioridad: Mapped[str | None] = mapped_column(String(20))
    etapa_deteccion: Mapped[str | None] = mapped_column(String(40))
    estado: Mapped[Codigo] = mapped_column(default="identificada", index=True)
    """identificada, ofrecida, interesado, ganada, rechazada, pospuesta."""
    recontacto: Mapped[date | None]
    asunto_nuevo: Mapped[str | None] = mapped_column(String(24))
