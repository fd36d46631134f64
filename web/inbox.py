"""The inbox: open user tasks of a person and of the person's groups, by due date, priority or age."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from engine.values import UserTaskQuery
from tasks import ausencias, calendario, calendarios, correo_detenido, tramites
from tasks.registros import Colaborador
from web import matter_facts
from web.permissions import staff
from web.runtime import reading
from web.texts import local

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("inbox", __name__, url_prefix="/bandeja")

VIEWS = {
    "todas": _l("Para mí"),
    "mias": _l("Mías"),
    "grupos": _l("De mis grupos"),
    "hoy": _l("Para hoy"),
    "vencidas": _l("Vencidas"),
}
SORTS = {"due": _l("Vencimiento"), "priority": _l("Prioridad"), "created": _l("Llegada")}
SIZE = 25


@blueprint.get("")
@staff
def index() -> str:
    """One page of a view; `tras` is the key of the page, `q` the beginning of a name or folio."""
    view = request.args.get("vista", "todas")
    view = view if view in VIEWS else "todas"
    sort = request.args.get("orden", "due")
    sort = sort if sort in SORTS else "due"
    search = request.args.get("q", "").strip()
    with reading() as tx:
        found = matter_facts.as_key(tx.session, search)
        page = tx.user_tasks(_query(view, sort, found, tx.now), page=request.args.get("tras"), size=SIZE)
        return render_template(
            "inbox/index.html",
            page=page,
            view=view,
            views=VIEWS,
            sort=sort,
            sorts=SORTS,
            search=search,
            counts=tx.counts(),
            titles=_titles(tx.session, {task.business_key for task in page.items}),
            away=ausencias.de(tx.session, g.actor.id, tx.now),
            covers=ausencias.suplencias(tx.session, g.actor.id, tx.now),
            name_of=lambda usuario: tx.session.get_one(Colaborador, usuario).nombre,
            calendars=_empty_calendars(tx),
            next_year=local(tx.now).year + 1,
            stuck=correo_detenido.pendientes(tx.session, g.actor),
            people=_people(tx.session, {task.assignee for task in page.items if task.assignee}),
        )


def _titles(session: Session, keys: set[str]) -> dict[str, tuple[str, str]]:
    """Business key → (folio, client or what the trámite is)."""
    return {**matter_facts.titles(session, keys), **tramites.titulos(session, keys)}


def _empty_calendars(tx: Transaction) -> list[str]:
    """Calendars that whoever keeps them has to fill for next year."""
    if not g.actor.groups & calendarios.CUIDAN:
        return []
    empty = calendario.vacios_del_siguiente(tx.session, local(tx.now).date())
    return [calendario.CALENDARIOS[name] for name in empty]


def _query(view: str, sort: Any, search: str, now: datetime) -> UserTaskQuery:
    return UserTaskQuery(
        mine=view != "grupos",
        groups=view != "mias",
        due_before={"hoy": _end_of_day(now), "vencidas": now}.get(view),
        search=search or None,
        sort=sort,
    )


def _end_of_day(now: datetime) -> datetime:
    today = local(now)
    return datetime.combine(today.date() + timedelta(days=1), time(), today.tzinfo)


def _people(session: Any, usuarios: set[str]) -> dict[str, str]:
    """Names of assignees that are not the reader."""
    found = {usuario: session.get(Colaborador, usuario) for usuario in usuarios if usuario != g.actor.id}
    return {usuario: person.nombre for usuario, person in found.items() if person}
