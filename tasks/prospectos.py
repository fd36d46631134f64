"""A prospect from its opening to its end: who it is, what stages 1 to 6 show of it, and how it is closed (L2–L21)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.errors import EngineError, Invalid
from engine.storage import tables
from engine.values import UserTaskQuery
from tasks import ajustes, catalogos, correo, documentos, formato, plazos, reuniones
from tasks import calendario as dias
from tasks.bitacora import anotar
from tasks.folios import siguiente_folio
from tasks.paso import Paso
from tasks.personas import validar_rfc
from tasks.registros import (
    ESTADOS_FINALES,
    Duda,
    Parte,
    Persona,
    Prospecto,
    RevisionConflicto,
    normalizar,
)

PROCESO = "p00_procedimiento_legal"
MES = Decimal("30.5")
"""Mean days of a month: who comes back within `reapertura_meses` continues an earlier contact (§1.1)."""
NO_ACEPTACION = frozenset({"declinado_conflicto", "no_es_competencia", "no_viable", "rechazado_interno"})
"""Ends that the firm decides: the prospect gets the «Aviso de no aceptación del asunto»."""

SERVICIOS = [
    {"value": subtipo, "label": f"{catalogos.TIPOS[tipo]}: {nombre}"}
    for tipo, subtipos in catalogos.SUBTIPOS.items()
    for subtipo, nombre in subtipos.items()
]


def servicios_por_tipo(codigos: Collection[str]) -> list[str]:
    """The services of these codes as a prospect reads them: a line for each kind, «Queja: PROFECO, CONDUSEF»."""
    renglones = []
    for tipo, subtipos in catalogos.SUBTIPOS.items():
        nombres = [nombre for codigo, nombre in subtipos.items() if codigo in codigos]
        if nombres:
            renglones.append(f"**{catalogos.TIPOS[tipo]}:** {', '.join(nombres)}")
    return renglones


def servicios_de(tipo: str | None) -> list[str]:
    """Codes of the services of a kind of procedure; all when it is not known yet."""
    return [
        s for t, subtipos in catalogos.SUBTIPOS.items() if tipo not in catalogos.TIPOS or t == tipo for s in subtipos
    ]


def abrir(paso: Paso, *, persona: Persona | None = None, canal: str = "telefono", **otros: Any) -> Prospecto:
    """A new prospect with the next PRO folio, which is the business key of the matter for ever."""
    persona = persona or Persona(nombre="")
    paso.session.add(persona)
    paso.session.flush()
    folio = siguiente_folio(paso.session, "PRO", dias.dia(paso.now).year)
    prospecto = Prospecto(folio=folio, persona_id=persona.id, canal=canal, descripcion="", **otros)
    paso.session.add(prospecto)
    paso.session.flush()
    return prospecto


def primera_tarea(tx: Any, prospecto: Prospecto) -> str:
    """Id of the matter's open «Registrar contacto»."""
    abiertas = tx.user_tasks(UserTaskQuery(business_key=prospecto.folio, element_id="ut_01_registrar_contacto"))
    if not abiertas.items:
        raise EngineError(f"«Registrar contacto» no se abrió en {prospecto.folio}.")
    id: str = abiertas.items[0].id
    return id


def tarea_del_envio(session: Session, request_id: str | None) -> str | None:
    """Id of the user task that this submit completed before: a double click gets the first answer."""
    fila = tables.user_task.c
    hallada: str | None = session.scalar(select(fila.id).where(fila.request_id == request_id)) if request_id else None
    return hallada


def prospecto_del_envio(session: Session, request_id: str | None) -> Prospecto | None:
    """The contact that this submit started before."""
    fila = tables.process_instance.c
    clave = session.scalar(select(fila.business_key).where(fila.request_id == request_id)) if request_id else None
    return session.scalar(select(Prospecto).where(Prospecto.folio == clave)) if clave else None


def identificar(paso: Paso, prospecto: Prospecto, datos: Mapping[str, Any]) -> Persona:
    """The person behind a contact: a client by folio or RFC, who came before, or a new one. Raises Invalid."""
    session = paso.session
    rfc = validar_rfc(datos["rfc"], datos["tipo_persona"]) if datos.get("rfc") else None
    persona = _conocida(session, prospecto, datos, rfc)
    if persona is None:
        persona = prospecto.persona
    elif persona.id != prospecto.persona_id:
        provisional, prospecto.persona = prospecto.persona, persona
        session.flush()
        _retirar(session, provisional)
    persona.nombre = datos["nombre"].strip()
    persona.tipo_persona = datos["tipo_persona"]
    persona.correo = datos["correo"] or persona.correo
    persona.telefono = datos["telefono"] or persona.telefono
    persona.rfc = rfc or persona.rfc
    anterior = _anterior(session, prospecto, persona)
    if anterior is not None and prospecto.reapertura_de is None:
        prospecto.reapertura_de, prospecto.origen = anterior.id, prospecto.origen or "reapertura"
    session.flush()
    return persona


def _conocida(session: Session, prospecto: Prospecto, datos: Mapping[str, Any], rfc: str | None) -> Persona | None:
    folio = (datos.get("cliente_existente_id") or "").strip()
    if folio:
        persona = session.scalar(select(Persona).where(or_(Persona.folio == folio.upper(), Persona.id == folio)))
        if persona is None:
            raise Invalid({"cliente_existente_id": "No hay un cliente con este folio."})
        return persona
    if rfc:
        por_rfc = session.scalar(select(Persona).where(Persona.rfc == rfc).order_by(Persona.id))
        if por_rfc is not None:
            return por_rfc
    medios = [
        columna == datos[campo]
        for campo, columna in (("correo", Persona.correo), ("telefono", Persona.telefono))
        if datos.get(campo)
    ]
    return session.scalar(
        select(Persona)
        .where(Persona.nombre_normalizado == normalizar(datos["nombre"]), or_(*medios))
        .where(Persona.id != prospecto.persona_id)
        .order_by(Persona.id)
    )


def _retirar(session: Session, persona: Persona) -> None:
    """The placeholder of a contact that turned out to be somebody known."""
    for consentimiento in list(persona.consentimientos):
        session.delete(consentimiento)
    session.delete(persona)


def _anterior(session: Session, prospecto: Prospecto, persona: Persona) -> Prospecto | None:
    """The latest contact of the same person that ended without a matter less than `reapertura_meses` ago."""
    reapertura = timedelta(days=round(ajustes.ajuste(session, "reapertura_meses") * MES))
    return session.scalar(
        select(Prospecto)
        .where(Prospecto.persona_id == persona.id, Prospecto.id != prospecto.id)
        .where(Prospecto.estado.in_(ESTADOS_FINALES), Prospecto.cerrado >= prospecto.creado - reapertura)
        .order_by(Prospecto.cerrado.desc())
    )


def poner_contraparte(paso: Paso, prospecto: Prospecto, nombre: str | None) -> None:
    """The other party as far as the prospect named it; the minuta adds the rest."""
    if not nombre:
        return
    if prospecto.partes:
        prospecto.partes[0].nombre = nombre
    else:
        prospecto.partes.append(Parte(nombre=nombre, calidad="contraparte"))
    paso.session.flush()


def revisiones(session: Session, prospecto: Prospecto) -> Sequence[RevisionConflicto]:
    """Its conflict checks, the earliest first."""
    consulta = select(RevisionConflicto).where(RevisionConflicto.prospecto_id == prospecto.id)
    return session.scalars(consulta.order_by(RevisionConflicto.id)).all()


def revision_abierta(session: Session, prospecto: Prospecto) -> RevisionConflicto | None:
    """The check that waits for a ruling."""
    return next((r for r in reversed(revisiones(session, prospecto)) if r.dictamen is None), None)


def dudas(session: Session, prospecto: Prospecto) -> Sequence[Duda]:
    return session.scalars(select(Duda).where(Duda.prospecto_id == prospecto.id).order_by(Duda.id)).all()


def ficha(prospecto: Prospecto) -> dict[str, Any]:
    """Who and what about, for the head of a form."""
    persona = prospecto.persona
    medios = [medio for medio in (persona.correo, persona.telefono) if medio]
    return {
        "nombre": persona.nombre,
        "contacto": " · ".join(medios),
        "descripcion": prospecto.descripcion,
        "asunto_texto": asunto_texto(prospecto),
    }


def asunto_texto(prospecto: Prospecto) -> str:
    """«Juicio: Amparo indirecto», as far as known."""
    tipo, subtipo = prospecto.tipo_procedimiento, prospecto.subtipo
    if tipo is None or subtipo is None:
        return catalogos.TIPOS.get(prospecto.tipo_tentativo or "", "Asunto por conocer")
    return f"{catalogos.TIPOS[tipo]}: {catalogos.nombre_subtipo(tipo, subtipo)}"


def plazo_texto(session: Session, prospecto: Prospecto) -> str | None:
    """The nearest live fatal deadline: ««Presentar la demanda» vence el 02/02/2027»."""
    vivos = plazos.fatales_vivos(session, prospecto.id)
    return f"«{vivos[0].descripcion}» vence el {formato.fecha(vivos[0].vence)}" if vivos else None


def cerrar(paso: Paso, prospecto: Prospecto, motivo: str) -> None:
    """End a prospect without a matter: state, notice, meetings, deadlines.

    The firm's own refusals, and every end while a legal deadline lives or a hearing is to come, send the «Aviso de no
    aceptación del asunto», which states them; silence is answered politely, if the prospect had been informed (§1.1,
    §1.6).
    """
    if motivo not in ESTADOS_FINALES:
        raise ValueError(f"{motivo!r} no es un final de prospecto")
    prospecto.estado, prospecto.cerrado = motivo, paso.now
    prospecto.motivo_cierre = prospecto.motivo_cierre or motivo
    vivos = plazos.fatales_vivos(paso.session, prospecto.id)
    audiencias = [r for r in reuniones.pendientes(paso.session, prospecto) if r.tipo == "audiencia"]
    if motivo in NO_ACEPTACION or vivos or audiencias:
        datos = {
            "canalizar_a": prospecto.canalizar_a if motivo == "no_es_competencia" else None,
            "plazos": [{"descripcion": p.descripcion, "vence": p.vence} for p in vivos],
            "audiencias": [{"titulo": r.titulo, "inicio": r.inicio} for r in audiencias if r.inicio > paso.now],
        }
        documentos.generar(
            paso, "aviso_no_aceptacion", prospecto=prospecto, datos=datos, rubro="Aviso de no aceptación"
        )
        _avisar(paso, prospecto, "cor_04_no_aceptacion", datos, enlace="expediente")
    elif motivo == "sin_respuesta" and prospecto.informado is not None:
        _avisar(paso, prospecto, "cor_01_cierre_sin_respuesta", {})
    for plazo in plazos.vivos(paso.session, prospecto.id):
        plazos.dejar_sin_efecto(paso, plazo)
    reuniones.cancelar_pendientes(paso, prospecto)
    anotar(paso, "prospecto.cerrar", prospecto, despues={"estado": motivo})


def _avisar(
    paso: Paso, prospecto: Prospecto, plantilla: str, datos: Mapping[str, Any], *, enlace: str | None = None
) -> None:
    persona = prospecto.persona
    if persona.correo:
        correo.enviar(paso, plantilla, a=persona, datos=datos, business_key=prospecto.folio, enlace=enlace)
