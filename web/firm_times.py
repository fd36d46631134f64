"""Configuración, «Tiempos»: due times, reminders and limits of the process that the firm chooses, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from engine.errors import Invalid
from tasks.ajustes import ajuste, guardar
from tasks.calendarios import unidad_en_palabras
from tasks.definicion import Definicion
from tasks.tiempos import ETAPAS, TIEMPOS
from web.firm_settings import latest_changes, may_change, readers, shown, writers
from web.permissions import actor
from web.runtime import engine, reading

blueprint = Blueprint("firm_times", __name__, url_prefix="/configuracion/tiempos")

NAMES = frozenset(one.clave for one in TIEMPOS)


@blueprint.get("")
@readers
def index() -> str:
    return _page({}, {})


@blueprint.post("")
@writers
def save() -> Response | tuple[str, int]:
    """Every time of the form at once; with one error none is kept. «De origen» puts the default into every field."""
    asked: dict[str, Any] = {one.clave: request.form[one.clave] for one in TIEMPOS if one.clave in request.form}
    if "de_origen" in request.form:
        asked = {one.clave: one.defecto for one in TIEMPOS}
    try:
        with engine().transaction(actor()) as tx:
            changed = guardar(tx, asked)
    except Invalid as invalid:
        return _page(asked, invalid.fields), 422
    said = ngettext("Se cambió %(num)d tiempo.", "Se cambiaron %(num)d tiempos.", len(changed))
    flash(said if changed else _("No había nada que cambiar."), "good" if changed else "")
    return redirect(url_for("firm_times.index"))


def _page(asked: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    with reading() as tx:
        values = {name: shown(ajuste(tx.session, name)) for name in NAMES}
        changes = latest_changes(tx, NAMES)
    stages = [(key, title, [one for one in TIEMPOS if one.etapa == key]) for key, title in ETAPAS.items()]
    return render_template(
        "firm/times.html",
        stages=stages,
        changed={one.clave for one in TIEMPOS if values[one.clave] != shown(one.defecto)},
        values=values | asked,
        units={one.clave: _unit(one, (values | asked)[one.clave]) for one in TIEMPOS},
        errors=errors,
        labels={one.clave: f"{ETAPAS[one.etapa]} · {one.nombre}" for one in TIEMPOS},
        changes=changes,
        shown=shown,
        may_change=may_change(),
    )


def _unit(one: Definicion, value: Any) -> str:
    return unidad_en_palabras(1 if str(value).strip() == "1" else 2, one.unidad)
