"""Calendarios: on which days each authority rests; one list per calendar and year, CSV import."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from engine.errors import Invalid
from tasks import calendario, calendarios
from tasks.registros import DiaInhabil
from web.csv_upload import sent_csv
from web.permissions import actor, groups
from web.runtime import engine, reading
from web.texts import local

blueprint = Blueprint("calendars", __name__, url_prefix="/calendarios")

_keepers = groups(*calendarios.CUIDAN)


@blueprint.get("")
@_keepers
def index() -> str:
    return _page({})


@blueprint.post("")
@_keepers
def add() -> Response | tuple[str, int]:
    name = request.form.get("calendario", "")
    try:
        day = date.fromisoformat(request.form.get("fecha", ""))
    except ValueError:
        day = None
    try:
        with engine().transaction(actor()) as tx:
            calendarios.agregar_dia(tx, name, day, request.form.get("motivo", ""))
    except Invalid as invalid:
        return _page(invalid.fields), 422
    flash(_("Día agregado."), "good")
    return redirect(url_for("calendars.index", calendario=name, anio=day.year if day else None))


@blueprint.post("/<day_id>/quitar")
@_keepers
def remove(day_id: str) -> Response:
    with engine().transaction(actor()) as tx:
        row = calendarios.quitar_dia(tx, day_id)
        back = {"calendario": row.calendario, "anio": row.fecha.year}
    flash(_("Día quitado."), "good")
    return redirect(url_for("calendars.index", **back))


@blueprint.post("/importar")
@_keepers
def upload() -> Response | tuple[str, int]:
    """A CSV file; with one wrong line nothing is taken."""
    try:
        content = sent_csv()
        with engine().transaction(actor()) as tx:
            new = calendarios.importar(tx, content)
    except Invalid as invalid:
        return _page(invalid.fields), 422
    flash(ngettext("Se agregó %(num)d día.", "Se agregaron %(num)d días.", new), "good" if new else "")
    return redirect(url_for("calendars.index"))


def _page(errors: Mapping[str, str]) -> str:
    with reading() as tx:
        today = local(tx.now).date()
        name = request.values.get("calendario", "oficina")
        if name not in calendario.CALENDARIOS:
            if not errors:
                abort(404)
            name = "oficina"
        year = request.args.get("anio", today.year, type=int)
        year = year if 2000 <= year <= 2100 else today.year
        rows = tx.session.scalars(
            select(DiaInhabil)
            .where(DiaInhabil.calendario == name, DiaInhabil.fecha.between(date(year, 1, 1), date(year, 12, 31)))
            .order_by(DiaInhabil.fecha)
        ).all()
        empty = {n: calendario.calendarios_vacios(tx.session, n) for n in (today.year, today.year + 1)}
        return render_template(
            "firm/calendars.html",
            name=name,
            year=year,
            today=today,
            calendars=calendario.CALENDARIOS,
            official=calendario.dias_oficiales(name, year),
            rows=rows,
            empty=empty,
            errors=errors,
            sent=request.form,
        )
