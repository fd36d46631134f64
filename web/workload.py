"""Carga de trabajo: how much each advisor has, the matters behind it, and from there «Reasignar asesor»."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from sqlalchemy import select

from engine.errors import NotFound
from engine.values import UserTask, UserTaskQuery
from tasks import ausencias, carga
from tasks.registros import Asesor, Plazo
from web import labels
from web.people import LEVELS
from web.permissions import groups
from web.runtime import reading

blueprint = Blueprint("workload", __name__, url_prefix="/carga")

_assigners = groups("gerente", "direccion")
MOST_TASKS = 200


@blueprint.get("")
@_assigners
def index() -> str:
    """Numbers of all matters: the same that the proposal of an advisor goes by."""
    with reading() as tx:
        return render_template(
            "workload/index.html",
            loads=carga.de_asesores(tx.session, tx.now),
            away=ausencias.ausentes(tx.session, tx.now),
            levels=LEVELS,
        )


@blueprint.get("/<usuario>")
@_assigners
def show(usuario: str) -> str:
    """The active matters of one advisor; of those that one may not know only how many."""
    with reading() as tx:
        advisor = tx.session.get(Asesor, usuario)
        if advisor is None:
            raise NotFound
        seen, hidden = carga.asuntos_de(tx.session, usuario, g.actor, tx.now)
        tasks: dict[str, list[UserTask]] = {}
        for task in tx.user_tasks(UserTaskQuery(assignee=usuario), size=MOST_TASKS).items:
            tasks.setdefault(task.business_key.partition("/")[0], []).append(task)
        live = select(Plazo).where(Plazo.estado == "vivo", Plazo.tipo == "fatal").order_by(Plazo.vence.desc())
        deadlines = {
            one.prospecto_id: one
            for one in tx.session.scalars(live.where(Plazo.prospecto_id.in_([a.prospecto_id for a in seen])))
        }
        return render_template(
            "workload/show.html",
            advisor=advisor,
            matters=seen,
            hidden=hidden,
            tasks=tasks,
            deadlines=deadlines,
            levels=LEVELS,
            **labels.all_of_them(),
        )
