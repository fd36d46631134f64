"""The list of matters: the latest first, by folio; search by the beginning of a folio or of the client's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import g, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, or_, select

from tasks import acceso
from tasks.registros import (
    ESTADOS_ABIERTOS,
    ESTADOS_ACTIVOS,
    Asunto,
    Persona,
    Plazo,
    Prospecto,
    normalizar,
)
from web import labels
from web.matters import blueprint
from web.permissions import staff
from web.runtime import reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

SIZE = 25
VIEWS = {"abiertos": _l("Abiertos"), "terminados": _l("Terminados"), "todos": _l("Todos")}


@blueprint.get("")
@staff
def index() -> str:
    """The latest first, by folio; search by the beginning of a folio or of the client's name."""
    view = request.args.get("vista", "abiertos")
    view = view if view in VIEWS else "abiertos"
    search = request.args.get("q", "").strip()
    with reading() as tx:
        known = acceso.conoce(g.actor, Prospecto.folio, tx.now)
        query = _matching(view, search, known).where(acceso.Acceso().visible(g.actor, Prospecto.folio, tx.now))
        if after := request.args.get("tras"):
            query = query.where(Prospecto.folio < after)
        rows = tx.session.execute(query.order_by(Prospecto.folio.desc()).limit(SIZE + 1)).all()
        return render_template(
            "matters/index.html",
            rows=rows[:SIZE],
            following=rows[SIZE - 1][0].folio if len(rows) > SIZE else None,
            view=view,
            views=VIEWS,
            search=search,
            deadlines=_deadlines(tx, [row[0].id for row in rows]),
            **labels.all_of_them(),
        )


def state_label(asunto: Asunto | None, prospecto: Prospecto) -> tuple[str, str]:
    """(text, colour) of the state of a matter."""
    if asunto is not None:
        return labels.ASUNTO.get(asunto.estado, (asunto.estado, ""))
    return labels.PROSPECTO.get(prospecto.estado, (prospecto.estado, ""))


def state_for_client(asunto: Asunto | None, prospecto: Prospecto) -> tuple[str, str]:
    """The same for the portal: no end of a prospect tells its reason."""
    if asunto is not None:
        return state_label(asunto, prospecto)
    return labels.PROSPECTO_CLIENTE.get(prospecto.estado) or labels.PROSPECTO_CLIENTE["concluido"]


def _matching(view: str, search: str, known: ColumnElement[bool]) -> Select[Any]:
    """(Prospecto, Asunto, Persona, whether the reader may know whose it is); what one may not know is not found."""
    query = (
        select(Prospecto, Asunto, Persona, known.label("known"))
        .join(Persona, Prospecto.persona_id == Persona.id)
        .outerjoin(Asunto, Asunto.prospecto_id == Prospecto.id)
    )
    is_open = or_(Prospecto.estado.in_(ESTADOS_ABIERTOS), Asunto.estado.in_(ESTADOS_ACTIVOS))
    if view == "abiertos":
        query = query.where(is_open)
    elif view == "terminados":
        query = query.where(~is_open | is_open.is_(None))
    if search:
        folio, name = search.upper(), normalizar(search)
        found = [Prospecto.folio.startswith(folio, autoescape=True), Asunto.folio.startswith(folio, autoescape=True)]
        if name:
            found.append(and_(known, Persona.nombre_normalizado.startswith(name, autoescape=True)))
        query = query.where(or_(*found))
    return query


def _deadlines(tx: Transaction, ids: list[str]) -> dict[str, Plazo]:
    """The next fatal deadline of each of these."""
    live = select(Plazo).where(Plazo.prospecto_id.in_(ids), Plazo.estado == "vivo", Plazo.tipo == "fatal")
    found: dict[str, Plazo] = {}
    for plazo in tx.session.scalars(live.order_by(Plazo.vence)):
        found.setdefault(plazo.prospecto_id, plazo)
    return found
