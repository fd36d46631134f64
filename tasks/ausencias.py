"""Absences: while a person is away a substitute sees the same matters and gets their user tasks and mails (A1, §1.0).

An absence is an interval: everything that depends on it asks the business clock, so it begins and ends by itself; jobs
at both ends hand the open user tasks over and back. The rows stay: they say for whom somebody acted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid, NotAllowed, NotFound
from engine.handler import Context, service_task
from engine.storage import tables
from engine.values import SYSTEM, Actor
from tasks import calendario as dias
from tasks import expediente, formato
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import AsignacionHistorial, Asunto, Ausencia, Colaborador, Prospecto

ENCARGADOS = frozenset({"gerente", "direccion", "admin"})
"""Who notes the absence of somebody else."""
DE_ASUNTOS = frozenset({"ventas", "gerente", "direccion", "cobranza", "asesor"})
SUPLEN = frozenset({"gerente", "direccion"})
"""Who may stand in for anybody; the others for colleagues of one of their own groups."""
MAS_LARGA = timedelta(days=366)
_t = tables.user_task.c


class DeAusencia(BaseModel):
    ausencia_id: str


# --- who is away


def presente_en(ahora: datetime) -> Any:
    """SQL: absences that hold at this moment."""
    return (Ausencia.desde <= ahora) & (Ausencia.hasta > ahora)


def de(session: Session, usuario: str, ahora: datetime) -> Ausencia | None:
    """The absence of a person at this moment."""
    return session.scalar(select(Ausencia).where(Ausencia.ausente == usuario, presente_en(ahora)).limit(1))


def ausentes(session: Session, ahora: datetime) -> dict[str, Ausencia]:
    """Everybody who is away at this moment."""
    return {una.ausente: una for una in session.scalars(select(Ausencia).where(presente_en(ahora)))}


def suplencias(session: Session, usuario: str, ahora: datetime) -> Sequence[Ausencia]:
    """Whom a person stands in for at this moment."""
    return session.scalars(select(Ausencia).where(Ausencia.suplente == usuario, presente_en(ahora))).all()


def grupos_de(session: Session, quien: Colaborador, ahora: datetime) -> frozenset[str]:
    """The person's own groups and, while they stand in for somebody, that one's groups of work on matters."""
    prestados = select(Colaborador.grupos).where(
        Colaborador.usuario.in_(select(Ausencia.ausente).where(Ausencia.suplente == quien.usuario, presente_en(ahora)))
    )
    de_otros = {grupo for grupos in session.scalars(prestados) for grupo in grupos}
    return frozenset(quien.grupos) | (DE_ASUNTOS & de_otros)


def suplente_de(session: Session, usuario: str, ahora: datetime) -> Colaborador | None:
    """Who stands in for a person now; None when they are here, or when the substitute has left the firm."""
    ausencia = de(session, usuario, ahora)
    suplente = session.get(Colaborador, ausencia.suplente) if ausencia else None
    return suplente if suplente is not None and suplente.activo else None


def en_ausencia_de(session: Session, suplente: str, posibles: Iterable[str], cuando: datetime) -> str | None:
    """For which of these people `suplente` stood in at a moment, past or present."""
    consulta = select(Ausencia.ausente).where(
        Ausencia.suplente == suplente, Ausencia.ausente.in_(set(posibles)), presente_en(cuando)
    )
    return session.scalar(consulta.order_by(Ausencia.desde.desc()).limit(1))


def titulares(session: Session, prospecto: Prospecto) -> dict[str, set[str]]:
    """Everybody who was Gerente or advisor of a matter: group → user names."""
    gerente = expediente.gerente_de(session, prospecto)
    asignados = (
        select(AsignacionHistorial.asesor_nuevo)
        .join(Asunto, Asunto.id == AsignacionHistorial.asunto_id)
        .where(Asunto.prospecto_id == prospecto.id)
    )
    return {
        "gerente": {u for u in (gerente.usuario if gerente else None, prospecto.gerente_id) if u},
        "asesor": set(session.scalars(asignados)),
    }


def vigentes(session: Session, actor: Actor, ahora: datetime) -> Sequence[Ausencia]:
    """Absences that hold or are to come, by date: all for who keeps them, else one's own and those one covers."""
    consulta = select(Ausencia).where(Ausencia.hasta > ahora).order_by(Ausencia.desde, Ausencia.id)
    if not actor.groups & ENCARGADOS:
        consulta = consulta.where(or_(Ausencia.ausente == actor.id, Ausencia.suplente == actor.id))
    return session.scalars(consulta).all()


def pueden_suplir(session: Session, ausente: Colaborador) -> list[Colaborador]:
    """Active people who may stand in for this person."""
    propios = SUPLEN | (DE_ASUNTOS & set(ausente.grupos))
    activos = session.scalars(select(Colaborador).where(Colaborador.activo).order_by(Colaborador.nombre))
    return [uno for uno in activos if uno.usuario != ausente.usuario and propios & set(uno.grupos)]


# --- actions


def registrar(tx: Any, ausente: str, suplente: str, desde: date | None, hasta: date | None) -> Ausencia:
    """Action: a person is away from the beginning of one day to the end of another (from now, if that is today).

    Raises NotAllowed for the absence of somebody else, Invalid by field.
    """
    paso = Accion(tx, "")
    quien = paso.session.get(Colaborador, ausente)
    if quien is None or not quien.activo:
        raise Invalid({"ausente": "Elija a una persona activa."})
    _exigir(paso, quien, suplente)
    inicio, fin = _intervalo(paso.now, desde, hasta)
    if suplente not in {uno.usuario for uno in pueden_suplir(paso.session, quien)}:
        raise Invalid({"suplente": "Elija a alguien del mismo grupo, a un gerente o a Dirección."})
    _sin_choques(paso.session, quien, suplente, inicio, fin)
    ausencia = Ausencia(ausente=ausente, suplente=suplente, desde=inicio, hasta=fin)
    paso.session.add(ausencia)
    paso.session.flush()
    anotar(paso, "ausencia.registrar", ausencia, despues={"ausente": ausente, "suplente": suplente, "hasta": fin})
    paso.schedule("ausencia.empezar", inicio, f"ausencia/{ausencia.id}/empezar", {"ausencia_id": ausencia.id})
    _programar_fin(paso, ausencia)
    return ausencia


def terminar(tx: Any, ausencia_id: str) -> Ausencia:
    """Action «Ya regresó»: the absence ends now; one that has not begun never was. Raises NotAllowed, Conflict."""
    paso = Accion(tx, "")
    ausencia = paso.session.get(Ausencia, ausencia_id)
    if ausencia is None:
        raise NotFound("No existe esa ausencia.")
    _exigir(paso, paso.session.get_one(Colaborador, ausencia.ausente))
    if ausencia.hasta <= paso.now:
        raise Conflict("Esa ausencia ya terminó.")
    anotar(paso, "ausencia.terminar", ausencia, antes={"hasta": ausencia.hasta}, despues={"hasta": paso.now})
    ausencia.desde, ausencia.hasta = min(ausencia.desde, paso.now), paso.now
    paso.session.flush()
    paso.unschedule(f"ausencia/{ausencia.id}/empezar")
    _programar_fin(paso, ausencia)
    return ausencia


def _exigir(paso: Accion, ausente: Colaborador, suplente: str | None = None) -> None:
    """Standing in gives rights: nobody takes them for themselves, and those of Dirección only Dirección lends."""
    actor = paso.actor
    propio = actor.id == ausente.usuario and actor.business_key is None
    if actor == SYSTEM or propio or "direccion" in actor.groups:
        return
    if not actor.groups & ENCARGADOS or ("direccion" in ausente.grupos and "admin" not in actor.groups):
        raise NotAllowed("La ausencia de otros la registra un gerente; la de Dirección, Dirección o Administración.")
    if suplente == actor.id:
        raise NotAllowed("Que usted la supla lo registra la persona ausente o Dirección.")


def _intervalo(ahora: datetime, desde: date | None, hasta: date | None) -> tuple[datetime, datetime]:
    hoy = dias.dia(ahora)
    desde = desde or hoy
    if desde < hoy:
        raise Invalid({"desde": "No puede ser anterior a hoy."})
    if hasta is None:
        raise Invalid({"hasta": "Diga hasta qué día."})
    if hasta < desde:
        raise Invalid({"hasta": "No puede ser anterior al primer día."})
    if hasta - desde > MAS_LARGA:
        raise Invalid({"hasta": "A lo más un año."})
    return max(ahora, _medianoche(desde)), _medianoche(hasta + timedelta(days=1))


def _medianoche(dia: date) -> datetime:
    return datetime(dia.year, dia.month, dia.day, tzinfo=dias.ZONA)


def _sin_choques(session: Session, quien: Colaborador, suplente: str, inicio: datetime, fin: datetime) -> None:
    """One absence at a time, and nobody stands in who is away: a matter must never wait for two absent people."""
    a_la_vez = (Ausencia.desde < fin) & (Ausencia.hasta > inicio)
    otra = session.scalar(select(Ausencia).where(Ausencia.ausente == quien.usuario, a_la_vez).limit(1))
    if otra is not None:
        raise Invalid({"desde": f"Ya hay una ausencia {_periodo(otra)}."})
    otra = session.scalar(select(Ausencia).where(Ausencia.ausente == suplente, a_la_vez).limit(1))
    if otra is not None:
        raise Invalid({"suplente": f"También estará ausente, {_periodo(otra)}."})
    otra = session.scalar(select(Ausencia).where(Ausencia.suplente == quien.usuario, a_la_vez).limit(1))
    if otra is not None:
        suplido = session.get_one(Colaborador, otra.ausente)
        raise Invalid({"ausente": f"Suple a {suplido.nombre} {_periodo(otra)}; antes debe suplirlo alguien más."})


def _periodo(ausencia: Ausencia) -> str:
    ultimo = dias.dia(ausencia.hasta - timedelta(seconds=1))
    return f"del {formato.fecha_larga(dias.dia(ausencia.desde))} al {formato.fecha_larga(ultimo)}"


def _programar_fin(paso: Accion, ausencia: Ausencia) -> None:
    paso.schedule("ausencia.terminar", ausencia.hasta, f"ausencia/{ausencia.id}/terminar", {"ausencia_id": ausencia.id})


# --- user tasks at both ends


@service_task("ausencia.empezar")
def empezar(job: DeAusencia, ctx: Context) -> None:
    """The substitute gets what the absent person has open."""
    ausencia = ctx.session.get_one(Ausencia, job.ausencia_id)
    abiertas = ctx.session.scalars(tareas_abiertas(ausencia.ausente).with_only_columns(_t.id)).all()
    nombre = ctx.session.get_one(Colaborador, ausencia.ausente).nombre
    for tarea in abiertas:
        ctx.assign(tarea, ausencia.suplente, f"Ausencia de {nombre}")
    ausencia.tareas = list(abiertas)


@service_task("ausencia.terminar")
def regresar(job: DeAusencia, ctx: Context) -> None:
    """Back to the person: what was handed over and is still open, and what came up for them in the meantime."""
    ausencia = ctx.session.get_one(Ausencia, job.ausencia_id)
    quien = ctx.session.get_one(Colaborador, ausencia.ausente)
    for tarea in ctx.session.execute(tareas_abiertas(ausencia.suplente)).all():
        if tarea.id in ausencia.tareas or _le_toca(ctx.session, ausencia.ausente, tarea):
            ctx.assign(tarea.id, quien.usuario if quien.activo else None, f"Regreso de {quien.nombre}")


def tareas_abiertas(*usuarios: str) -> Any:
    """Query of what these people have open: id, business_key, candidate_groups. In the order in which one transaction
    may take several instances."""
    consulta = select(_t.id, _t.business_key, _t.candidate_groups)
    return consulta.where(_t.state == "open", _t.assignee.in_(usuarios)).order_by(_t.instance_id, _t.id)


def _le_toca(session: Session, usuario: str, tarea: Any) -> bool:
    """Whether the user task falls to this person as Gerente or advisor of the matter, as `responsable` would say."""
    prospecto = expediente.buscar_prospecto(session, tarea.business_key)
    if prospecto is None:
        return False
    de_grupo = {"gerente": expediente.gerente_de, "asesor": expediente.asesor_de}
    titulares = [de_grupo[grupo](session, prospecto) for grupo in tarea.candidate_groups if grupo in de_grupo]
    return any(titular is not None and titular.usuario == usuario for titular in titulares)
