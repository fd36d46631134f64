"""How long personal data stay (§5.5): closed prospects one year, matters ten years after the archive, then anonymised.

What is left says that there was a matter, when, of what kind and with which amounts; not whose. Prospects are treated
by a monthly app job; of matters Dirección gets a list, since their paper goes at the same time, and says when
(`cauce retention --apply`). What still runs, or belongs to a person of whom something is kept, stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Text, func, literal, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from engine import history
from engine.handler import Context, Outside, service_task
from engine.storage import tables
from tasks import ajustes, correo, logo
from tasks import calendario as dias
from tasks.bitacora import anotar
from tasks.paso import Accion, Paso
from tasks.registros import (
    ESTADOS_FINALES,
    Analisis,
    AsignacionHistorial,
    Asunto,
    Avance,
    Bono,
    Cancelacion,
    Correo,
    Documento,
    Duda,
    Encuesta,
    Enlace,
    EventoBitacora,
    Factura,
    GestionCobranza,
    Informe,
    Oportunidad,
    Pago,
    Parte,
    Persona,
    Plazo,
    Propuesta,
    Prospecto,
    Reunion,
    RevisionConflicto,
    SolicitudArco,
)

CLAVE = "retencion/mensual"
SUPRIMIDO = "(suprimido)"
DE_PROSPECTO: dict[Any, tuple[str, ...]] = {
    Duda: ("pregunta", "respuesta"),
    RevisionConflicto: ("coincidencias", "justificacion"),
    SolicitudArco: ("detalle", "respuesta"),
    Parte: ("nombre", "rfc"),
    Analisis: ("estrategia", "riesgos"),
    Propuesta: ("contenido", "justificacion", "comentarios_aprobacion", "comentarios_cliente", "firma", "pdf_sha256"),
    Documento: ("rubro", "nombre", "motivo", "datos", "archivo", "sha256"),
    Reunion: ("titulo", "lugar", "asistentes", "minuta", "historial"),
    Cancelacion: ("motivo", "entrega"),
    Factura: ("concepto", "referencia", "receptor", "xml", "pdf", "uuid"),
    Plazo: ("descripcion", "fundamento"),
    Oportunidad: ("servicio", "motivo"),
}
DE_ASUNTO: dict[Any, tuple[str, ...]] = {
    AsignacionHistorial: ("justificacion", "nota_entrega"),
    Avance: ("nota_interna", "texto_cliente", "documentos"),
    Informe: (
        *("resumen", "cumplimiento", "recomendaciones", "originales_por_devolver", "devuelto_motivo"),
        *("respuesta_texto", "aclaracion"),
    ),
    Encuesta: ("comentario",),
    Bono: ("motivo",),
}
DE_FACTURA: dict[Any, tuple[str, ...]] = {
    GestionCobranza: ("convenio", "motivo"),
    Pago: ("referencia", "complemento"),
}
DEL_PROSPECTO = (
    *("fuente", "descripcion", "motivo_cierre", "hechos", "pretension", "autoridad", "num_exp_autoridad", "mensaje"),
    "canalizar_a",
)
DEL_ASUNTO = ("autoridad", "num_exp_autoridad", "primeros_pasos", "contacto")
DE_CORREO = ("destinatario", "destinatario_nombre", "datos", "asunto", "texto", "html", "calendario", "error")
DE_BITACORA = ("antes", "despues", "ip")
DE_PERSONA = (
    *("nombre", "tratamiento", "correo", "telefono", "rfc", "curp", "razon_social", "cp_fiscal", "correo_facturas"),
)
_LISTAS = frozenset({"coincidencias"})


def prospectos_vencidos(session: Session, ahora: datetime) -> Sequence[Prospecto]:
    """Closed without a matter for longer than `retencion_prospecto_anios`, and not yet anonymised; oldest first."""
    limite = _antes(dias.dia(ahora), int(ajustes.ajuste(session, "retencion_prospecto_anios")))
    consulta = (
        select(Prospecto)
        .outerjoin(Asunto, Asunto.prospecto_id == Prospecto.id)
        .where(Asunto.id.is_(None), Prospecto.estado.in_(ESTADOS_FINALES), Prospecto.descripcion != SUPRIMIDO)
        .where(func.coalesce(Prospecto.cerrado, Prospecto.actualizado) < datetime.combine(limite, time(), dias.ZONA))
        .where(~_corre())
        .order_by(Prospecto.id)
    )
    return session.scalars(consulta).all()


def asuntos_vencidos(session: Session, ahora: datetime) -> Sequence[Asunto]:
    """Archived for longer than `retencion_anios` (or past their own `retencion_hasta`), not yet anonymised."""
    hoy = dias.dia(ahora)
    limite = _antes(hoy, int(ajustes.ajuste(session, "retencion_anios")))
    consulta = (
        select(Asunto)
        .join(Prospecto, Prospecto.id == Asunto.prospecto_id)
        .where(Asunto.archivo.is_not(None), Prospecto.descripcion != SUPRIMIDO)
        .where(or_(Asunto.retencion_hasta < hoy, Asunto.retencion_hasta.is_(None) & (Asunto.archivo < limite)))
        .where(~_corre())
        .order_by(Asunto.id)
    )
    return session.scalars(consulta).all()


def anonimizar(paso: Paso, prospecto: Prospecto) -> None:
    """Take out of everything about this matter what says whose it is and what about. Cannot be undone; logged."""
    session = paso.session
    session.flush()
    archivos = _archivos(session, prospecto.id)
    asuntos = select(Asunto.id).where(Asunto.prospecto_id == prospecto.id)
    facturas = select(Factura.id).where(Factura.prospecto_id == prospecto.id)
    for clase, campos in DE_PROSPECTO.items():
        _suprimir(session, clase, campos, clase.prospecto_id == prospecto.id)
    for clase, campos in DE_ASUNTO.items():
        _suprimir(session, clase, campos, clase.asunto_id.in_(asuntos))
    for clase, campos in DE_FACTURA.items():
        _suprimir(session, clase, campos, clase.factura_id.in_(facturas))
    _suprimir(session, Asunto, DEL_ASUNTO, Asunto.prospecto_id == prospecto.id)
    _suprimir(session, Prospecto, DEL_PROSPECTO, Prospecto.id == prospecto.id)
    _suprimir(session, Correo, DE_CORREO, _de_clave(Correo.business_key, prospecto.folio))
    # The log keeps who did what and when; what stood there before and after goes.
    _suprimir(session, EventoBitacora, DE_BITACORA, _de_clave(EventoBitacora.business_key, prospecto.folio))
    # So do the log of what operators did and the history: their words go.
    operaciones = tables.operation
    session.execute(
        operaciones.update()
        .where(_de_clave(operaciones.c.business_key, prospecto.folio))
        .values(reason=SUPRIMIDO, changes=[])
    )
    _motivos(session, prospecto.folio)
    session.execute(
        update(Enlace)
        .where(Enlace.business_key == prospecto.folio, Enlace.revocado.is_(None))
        .values(revocado=paso.now)
    )
    adjuntos = tables.attachment
    session.execute(adjuntos.delete().where(_de_clave(adjuntos.c.business_key, prospecto.folio)))
    session.expire_all()
    _de_la_persona(paso, prospecto.persona)
    anotar(paso, "retencion.anonimizar", prospecto, business_key=prospecto.folio)
    if archivos:
        paso.schedule("retencion.borrar", paso.now, f"retencion/{prospecto.id}", {"archivos": sorted(archivos)})
    session.flush()


def aplicar(tx: Any, *, asuntos: bool) -> tuple[int, int]:
    """Anonymise prospects, and with `asuntos` matters too, whose time is over; answers how many of each."""
    prospectos = prospectos_vencidos(tx.session, tx.now)
    vencidos = asuntos_vencidos(tx.session, tx.now) if asuntos else []
    for prospecto in (*prospectos, *(asunto.prospecto for asunto in vencidos)):
        anonimizar(Accion(tx, prospecto.folio), prospecto)
    return len(prospectos), len(vencidos)


def _de_la_persona(paso: Paso, persona: Persona) -> None:
    """The person goes with the last of their matters."""
    otros = select(Prospecto.id).where(Prospecto.persona_id == persona.id, Prospecto.descripcion != SUPRIMIDO)
    if persona.anonimizada is not None or paso.session.scalar(otros.limit(1)) is not None:
        return
    _suprimir(paso.session, Persona, DE_PERSONA, Persona.id == persona.id)
    _suprimir(paso.session, EventoBitacora, DE_BITACORA, EventoBitacora.entidad_id == persona.id)
    paso.session.expire(persona)
    persona.nombre, persona.anonimizada = SUPRIMIDO, paso.now


def _suprimir(session: Session, clase: Any, campos: tuple[str, ...], condicion: Any) -> None:
    """In the table itself: the log refuses to be changed through its class, and rows need not be read for this."""
    tabla = clase.__table__
    valores: dict[str, Any] = {}
    for campo in campos:
        columna = tabla.c[campo]
        if columna.nullable:
            valores[campo] = None
        elif columna.type.python_type is str:
            valores[campo] = SUPRIMIDO
        else:
            valores[campo] = [] if campo in _LISTAS else {}
    if "nombre_normalizado" in tabla.c and "nombre" in campos:
        valores["nombre_normalizado"] = ""
    session.execute(tabla.update().where(condicion).values(valores))


def _motivos(session: Session, folio: str) -> None:
    """What people wrote in the engine's history as their reason."""
    historia, corrida = tables.history, tables.process_instance
    texto = type_coerce(historia.c.events, Text)
    consulta = (
        select(historia.c.sequence, historia.c.events)
        .join(corrida, corrida.c.id == historia.c.instance_id)
        .where(_de_clave(corrida.c.business_key, folio))
        .where(or_(texto.contains('"reason"'), texto.contains('"error.thrown"')))
    )
    for fila in session.execute(consulta).all():
        sin = historia.update().where(historia.c.sequence == fila.sequence)
        session.execute(sin.values(events=history.without_words(fila.events, SUPRIMIDO)))


def _archivos(session: Session, prospecto_id: str) -> set[str]:
    """Content hashes that the matter's rows refer to."""
    documentos = select(Documento.sha256).where(Documento.prospecto_id == prospecto_id)
    propuestas = select(Propuesta.pdf_sha256).where(Propuesta.prospecto_id == prospecto_id)
    facturas = select(Factura.xml, Factura.pdf).where(Factura.prospecto_id == prospecto_id)
    pagos = select(Pago.complemento).join(Factura).where(Factura.prospecto_id == prospecto_id)
    folio = select(Prospecto.folio).where(Prospecto.id == prospecto_id).scalar_subquery()
    adjuntos = select(tables.attachment.c.hash).where(_de_clave(tables.attachment.c.business_key, folio))
    consultas = (documentos, propuestas, facturas, pagos, adjuntos)
    return {valor for consulta in consultas for fila in session.execute(consulta) for valor in fila if valor}


def _de_clave(columna: Any, folio: Any) -> Any:
    """The matter's own key, and the keys below it."""
    return or_(columna == folio, columna.like(literal(folio) + "/%" if isinstance(folio, str) else folio + "/%"))


def _corre() -> Any:
    """SQL: something of this prospect is still under way in the engine."""
    corrida = tables.process_instance.c
    return (
        select(literal(1))
        .where(_de_clave(corrida.business_key, Prospecto.folio), corrida.state.in_(("running", "suspended")))
        .exists()
    )


def _antes(hoy: date, anios: int) -> date:
    """The same day so many years ago; 29 February counts as the 28th."""
    try:
        return hoy.replace(year=hoy.year - anios)
    except ValueError:
        return hoy.replace(year=hoy.year - anios, day=28)


# --- files without an owner

ARCHIVOS = (Documento.sha256, Propuesta.pdf_sha256, Factura.xml, Factura.pdf, Pago.complemento)
"""Columns of the firm that hold the hash of a stored file; those of attachments the engine knows."""


def archivos_en_uso(session: Session) -> set[str]:
    """Hashes of the files that a record of the firm refers to, for `Engine.sweep_files`."""
    de_registros = {digest for columna in ARCHIVOS for digest in session.scalars(select(columna)) if digest}
    return de_registros | {ajustes.ajuste(session, logo.AJUSTE).partition(".")[0]}


# --- app jobs


class Mensual(BaseModel):
    pass


class PorBorrar(BaseModel):
    archivos: list[str]


def programar(tx: Any) -> None:
    """Have it looked at every month from the next one on; to be called at set-up."""
    _siguiente(Accion(tx, ""))


@service_task("retencion.revisar")
def revisar(job: Mensual, ctx: Context) -> None:
    """Anonymise closed prospects whose time is over; tell Dirección of the matters."""
    for prospecto in prospectos_vencidos(ctx.session, ctx.now):
        anonimizar(ctx, prospecto)
    vencidos = asuntos_vencidos(ctx.session, ctx.now)
    if vencidos:
        datos = {
            "titulo": f"{len(vencidos)} expedientes cumplieron su plazo de conservación",
            "texto": "Destruya sus originales y pida que se supriman sus datos: cauce retention --apply.",
            "datos": [{"dato": "Expediente", "valor": asunto.folio} for asunto in vencidos[:50]],
            "accion": "Ver los asuntos",
        }
        correo.enviar_a_grupo(ctx, "cor_00_escalamiento", "direccion", datos=datos, enlace="/asuntos?vista=terminados")
    _siguiente(ctx)


def _siguiente(paso: Any) -> None:
    hoy = dias.dia(paso.now)
    primero = date(hoy.year + hoy.month // 12, hoy.month % 12 + 1, 1)
    paso.schedule("retencion.revisar", dias.a_las(primero), CLAVE)


def _sin_dueno(job: PorBorrar, ctx: Context) -> list[str]:
    """Of these, what no other row refers to: equal bytes are stored once."""
    columnas = (*ARCHIVOS, tables.attachment.c.hash)
    usados = {v for c in columnas for v in ctx.session.scalars(select(c).where(c.in_(job.archivos)))}
    return [digest for digest in job.archivos if digest not in usados]


def _borrados(job: PorBorrar, resultado: int, ctx: Context) -> None:
    return None


@service_task("retencion.borrar", outside=True, prepare=_sin_dueno, finish=_borrados)
def borrar(payload: list[str], outside: Outside) -> int:
    """Delete the bytes."""
    for digest in payload:
        # A repeat finds some of them gone.
        with suppress(FileNotFoundError):
            outside.adapters.archivos.delete(digest)
    return len(payload)
