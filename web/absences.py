"""Ausencias: until when somebody is away, and who stands in; one's own, and for gerentes and Dirección everybody's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.errors import Invalid
from tasks import ausencias
from tasks.registros import Ausencia, Colaborador
from web.permissions import actor, groups
from web.runtime import engine, reading
from web.texts import fecha, local

blueprint = Blueprint("absences", __name__, url_prefix="/ausencias")

_workers = groups(*(ausencias.DE_ASUNTOS | ausencias.ENCARGADOS))


@blueprint.app_template_global()
def last_day(absence: Ausencia) -> date:
    """The last day on which the person is away."""
    return local(absence.hasta - timedelta(seconds=1)).date()


@blueprint.get("")
@_workers
def index() -> str:
    return _page({})


@blueprint.post("")
@_workers
def add() -> Response | tuple[str, int]:
    form = request.form
    away = form.get("ausente") or g.actor.id
    try:
        with engine().transaction(actor()) as tx:
            made = ausencias.registrar(tx, away, form.get("suplente", ""), _day("desde"), _day("hasta"))
            name, last = tx.session.get_one(Colaborador, made.suplente).nombre, last_day(made)
    except Invalid as invalid:
        return _page(invalid.fields), 422
    flash(_("Ausencia registrada hasta el %(day)s; suple %(name)s.", day=fecha(last), name=name), "good")
    return redirect(url_for("absences.index"))


@blueprint.post("/<absence_id>/terminar")
@_workers
def end(absence_id: str) -> Response:
    """Back earlier, or not gone at all."""
    with engine().transaction(actor()) as tx:
        ausencias.terminar(tx, absence_id)
    flash(_("La ausencia terminó; las tareas abiertas regresaron."), "good")
    return redirect(url_for("absences.index"))


def _day(field: str) -> date | None:
    """The day of this field; None when it is empty. Raises Invalid for what is no date."""
    text = request.form.get(field, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid({field: _("Escriba una fecha.")}) from None


def _page(errors: Mapping[str, str]) -> str:
    with reading() as tx:
        for_others = bool(g.actor.groups & ausencias.ENCARGADOS)
        people = {one.usuario: one for one in tx.session.scalars(select(Colaborador).order_by(Colaborador.nombre))}
        away = _away(people.values()) if for_others else [people[g.actor.id]] if g.actor.id in people else []
        own = g.actor.id if g.actor.id in {one.usuario for one in away} else ""
        asked = request.values.get("ausente") or own
        chosen = next((one for one in away if one.usuario == asked), away[0] if away else None)
        able = _able(tx.session, chosen) if chosen else []
        usual = chosen.suplente if chosen and chosen.suplente in {one.usuario for one in able} else ""
        return render_template(
            "people/absences.html",
            absences=ausencias.vigentes(tx.session, g.actor, tx.now),
            names={usuario: one.nombre for usuario, one in people.items()},
            away=[(one.usuario, one.nombre) for one in away] if for_others else [],
            chosen=chosen.usuario if chosen else "",
            substitutes=[(one.usuario, one.nombre) for one in able],
            usual=usual,
            for_others=for_others,
            today=local(tx.now).date(),
            now=tx.now,
            errors=errors,
            sent=request.form,
        )


def _able(session: Session, away: Colaborador) -> list[Colaborador]:
    """Who may be named to stand in: nobody but Dirección names themselves for somebody else."""
    named = away.usuario == g.actor.id or "direccion" in g.actor.groups
    return [one for one in ausencias.pueden_suplir(session, away) if named or one.usuario != g.actor.id]


def _away(people: Iterable[Colaborador]) -> list[Colaborador]:
    """Whose absence may be noted here: those who work on matters; of Dirección only by Dirección or Administración."""
    lends_all = bool(g.actor.groups & {"direccion", "admin"})
    return [
        one
        for one in people
        if one.activo
        and ausencias.DE_ASUNTOS & set(one.grupos)
        and (lends_all or one.usuario == g.actor.id or "direccion" not in one.grupos)
    ]
