"""Workload of the advisors (L27, KPI «carga por asesor»): the figures beside which a Gerente assigns and reassigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, case, func, select, type_coerce
from sqlalchemy.orm import Session, joinedload

from engine.storage import tables
from engine.values import Actor
from tasks import calendario as dias
from tasks import plazos
from tasks.acceso import Acceso
from tasks.asignacion import asuntos_activos
from tasks.registros import ESTADOS_ACTIVOS, Asesor, Asunto, Colaborador, Plazo, Prospecto

MAS_LARGO = timedelta(days=60)
"""Natural days that five business days never exceed, court holidays included."""
_t = tables.user_task.c


@dataclass(frozen=True, slots=True)
class Carga:
    """What one advisor has to do now."""

    asesor: Asesor
    activos: int
    """Active matters: the very number that the proposal compares (`asignacion.elegir`)."""
    abiertas: int
    """Open user tasks assigned to the person."""
    vencidas: int
    plazos: int
    """Live fatal deadlines of those matters with 5 business days left or fewer (§1.0)."""


def de_asesores(session: Session, ahora: datetime) -> list[Carga]:
    """Every active advisor, and whoever still has active matters; the most loaded first."""
    activos, tareas, cerca = asuntos_activos(session), _tareas(session, ahora), _plazos_cercanos(session, ahora)
    asesores = session.scalars(
        select(Asesor).join(Asesor.colaborador).options(joinedload(Asesor.colaborador)).order_by(Colaborador.nombre)
    )
    cargas = [
        Carga(uno, activos.get(uno.usuario, 0), *tareas.get(uno.usuario, (0, 0)), cerca[uno.usuario])
        for uno in asesores
        if uno.usuario in activos or (uno.colaborador.activo and "asesor" in uno.colaborador.grupos)
    ]
    return sorted(cargas, key=lambda carga: -carga.activos)


def asuntos_de(session: Session, usuario: str, actor: Actor, ahora: datetime) -> tuple[Sequence[Asunto], int]:
    """The active matters of an advisor that the actor may know of, by folio, and how many others there are."""
    suyos = (Asunto.asesor_id == usuario, Asunto.estado.in_(ESTADOS_ACTIVOS))
    todos = session.scalar(select(func.count()).select_from(Asunto).where(*suyos)) or 0
    vistos = session.scalars(
        select(Asunto)
        .join(Asunto.prospecto)
        .where(*suyos, Acceso().visible(actor, type_coerce(Prospecto.folio, String), ahora))
        .options(joinedload(Asunto.cliente), joinedload(Asunto.prospecto))
        .order_by(Asunto.folio)
    ).all()
    return vistos, todos - len(vistos)


def _tareas(session: Session, ahora: datetime) -> dict[str, tuple[int, int]]:
    """Assignee → (open user tasks, those of them that are overdue)."""
    vencidas = func.count(case((_t.due <= ahora, 1)))
    consulta = select(_t.assignee, func.count(), vencidas).where(_t.state == "open", _t.assignee.is_not(None))
    return {fila[0]: (fila[1], fila[2]) for fila in session.execute(consulta.group_by(_t.assignee))}


def _plazos_cercanos(session: Session, ahora: datetime) -> Counter[str]:
    hoy = dias.dia(ahora)
    consulta = (
        select(Plazo, Asunto.asesor_id)
        .join(Asunto, Asunto.prospecto_id == Plazo.prospecto_id)
        .where(Plazo.estado == "vivo", Plazo.tipo == "fatal", Plazo.vence <= hoy + MAS_LARGO)
        .where(Asunto.estado.in_(ESTADOS_ACTIVOS), Asunto.asesor_id.is_not(None))
    )
    return Counter(
        asesor or ""
        for plazo, asesor in session.execute(consulta)
        if plazos.dias_restantes(session, plazo, hoy) <= plazos.DIAS_URGENTE
    )
