"""The demo: move the business clock, begin again. Offered only when the program was started as a demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from engine.errors import Invalid
from engine.values import SYSTEM
from tasks.registros import Colaborador
from web import seed
from web.permissions import staff
from web.runtime import engine, reading, settings
from web.texts import ZONE, local, momento

blueprint = Blueprint("demo", __name__, url_prefix="/demostracion")

ORDER = ("ventas", "gerente", "asesor", "direccion", "cobranza")
"""Accounts on the page of entry stand as their people meet a matter; who keeps the system comes last."""
FARTHEST = timedelta(days=400)
"""One move at most: longer ones run so many jobs that the page would not answer."""


@blueprint.before_request
def only_in_a_demo() -> None:
    if not settings().demo:
        abort(404)


@blueprint.app_context_processor
def accounts() -> dict[str, Any]:
    """For the page on which people sign in: (user name, name, groups, password) of everybody, in the demo alone."""
    return {"demo_accounts": _accounts if settings().demo else list}


def _accounts() -> list[tuple[str, str, list[str], str]]:
    with engine().reading(SYSTEM) as tx:
        people = tx.session.query(Colaborador).filter_by(activo=True).order_by(Colaborador.nombre).all()
        people.sort(key=lambda one: min((ORDER.index(group) for group in one.grupos if group in ORDER), default=9))
        return [(one.usuario, one.nombre, one.grupos, seed.password_of(one.usuario)) for one in people]


@blueprint.get("")
@staff
def index() -> str:
    with reading():
        return _page({})


@blueprint.post("/reloj")
@staff
def move() -> Response | tuple[str, int]:
    """Business time moves forward; everything that becomes due on the way happens at its own moment."""
    with reading():
        try:
            target = _target()
        except Invalid as invalid:
            return _page(invalid.fields), 422
    ran = engine().move_clock(target, by=SYSTEM)
    happened = ngettext("Ocurrió %(num)d cosa.", "Ocurrieron %(num)d cosas.", ran) if ran else _("No ocurrió nada.")
    flash(_("El reloj está en %(when)s.", when=momento(target)) + " " + happened, "good")
    return redirect(url_for("demo.index"))


@blueprint.post("/empezar")
@staff
def reset() -> Response:
    """Everything is deleted and the demo's data is put back."""
    seed.reset(engine(), settings().processes)
    flash(_("La demostración empezó de nuevo. Entre otra vez."), "good")
    return redirect(url_for("security.login"))


def _target() -> datetime:
    """The moment that was asked for: a step from now, or a day and hour."""
    now = local(g.now)
    steps = {
        "hora": now + timedelta(hours=1),
        "dia": _at(now + timedelta(days=1), 9),
        "semana": _at(now + timedelta(days=7), 9),
        "tarde": _at(now if now.hour < 18 else now + timedelta(days=1), 18),
    }
    step = request.form.get("paso", "")
    if step in steps:
        return steps[step]
    try:
        target = datetime.fromisoformat(request.form.get("momento", "")).replace(tzinfo=ZONE)
    except ValueError:
        raise Invalid({"momento": _("Escriba fecha y hora.")}) from None
    if target <= now:
        raise Invalid({"momento": _("El reloj solo avanza.")})
    if target - now > FARTHEST:
        raise Invalid({"momento": _("Avance como máximo 400 días de una vez.")})
    return target


def _at(moment: datetime, hour: int) -> datetime:
    return moment.replace(hour=hour, minute=0, second=0, microsecond=0)


def _page(errors: dict[str, str]) -> str:
    asked = request.form.get("momento") or local(g.now).strftime("%Y-%m-%dT%H:%M")
    return render_template("demo/index.html", errors=errors, asked=asked)
