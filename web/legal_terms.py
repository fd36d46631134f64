"""Plazos legales: the catalogue from which the program suggests deadlines, each term with its source and validity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from engine.errors import Invalid
from tasks import calendario, calendarios, catalogos
from tasks.registros import PlazoCatalogo
from web.permissions import actor, groups
from web.runtime import engine, reading
from web.texts import local

blueprint = Blueprint("legal_terms", __name__, url_prefix="/plazos-legales")

_keepers = groups(*calendarios.CUIDAN)


@blueprint.get("")
@_keepers
def index() -> str:
    return _page({}, {})


@blueprint.post("")
@_keepers
def add() -> Response | tuple[str, int]:
    """A new term; the present one of the same procedure ends on the day before."""
    sent = _sent()
    try:
        with engine().transaction(actor()) as tx:
            calendarios.agregar_termino(tx, sent)
    except Invalid as invalid:
        return _page(invalid.fields, request.form), 422
    flash(_("Término guardado."), "good")
    return redirect(url_for("legal_terms.index"))


@blueprint.post("/<term_id>/confirmar")
@_keepers
def confirm(term_id: str) -> Response:
    with engine().transaction(actor()) as tx:
        calendarios.confirmar_termino(tx, term_id)
    flash(_("Confirmado."), "good")
    return redirect(url_for("legal_terms.index"))


@blueprint.post("/<term_id>/terminar")
@_keepers
def end(term_id: str) -> Response | tuple[str, int]:
    try:
        with engine().transaction(actor()) as tx:
            calendarios.terminar_vigencia(tx, term_id, _date("vigente_hasta"))
    except Invalid as invalid:
        return _page({f"hasta-{term_id}": invalid.fields["vigente_hasta"]}, {}), 422
    flash(_("Vigencia terminada."), "good")
    return redirect(url_for("legal_terms.index"))


def _sent() -> dict[str, Any]:
    form = request.form
    tipo, _separator, subtipo = form.get("subtipo", "").partition("/")
    days = form.get("dias", "").strip()
    return {
        **{name: form.get(name, "") for name in ("descripcion", "unidad", "calendario", "fundamento", "nota")},
        "tipo": tipo,
        "subtipo": subtipo,
        "dias": int(days) if days.isdecimal() and len(days) < 6 else None,
        "vigente_desde": _date("vigente_desde"),
        "vigente_hasta": _date("vigente_hasta"),
    }


def _date(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _page(errors: Mapping[str, str], sent: Mapping[str, str]) -> str:
    with reading() as tx:
        rows = tx.session.scalars(
            select(PlazoCatalogo).order_by(
                PlazoCatalogo.tipo, PlazoCatalogo.subtipo, PlazoCatalogo.vigente_desde.desc()
            )
        ).all()
        today = local(tx.now).date()
        # «Sustituir» begins with what holds today.
        base = next((row for row in rows if row.id == request.args.get("sustituir")), None)
        return render_template(
            "firm/legal_terms.html",
            rows=rows,
            today=today,
            in_force={row.id for row in rows if row.vigente_desde <= today <= (row.vigente_hasta or date.max)},
            kinds=catalogos.TIPOS,
            subkinds=catalogos.SUBTIPOS,
            units=calendarios.UNIDADES,
            term=calendarios.termino_en_palabras,
            calendars=calendario.CALENDARIOS,
            errors=errors,
            sent=sent or _as_sent(base, today),
        )


def _as_sent(row: PlazoCatalogo | None, today: date) -> dict[str, str]:
    if row is None:
        return {"vigente_desde": today.isoformat(), "unidad": "habiles", "calendario": "oficina"}
    return {
        "subtipo": f"{row.tipo}/{row.subtipo}",
        "descripcion": row.descripcion,
        "dias": str(row.dias),
        "unidad": row.unidad,
        "calendario": row.calendario,
        "fundamento": row.fundamento,
        "nota": row.nota or "",
        "vigente_desde": today.isoformat(),
    }
