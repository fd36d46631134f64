"""The way back into the portal without a mail at hand: an address, and a new link goes there. There is no password."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from engine.values import SYSTEM
from tasks import enlaces
from tasks.ajustes import despacho
from web import throttle
from web.contact import TooMany
from web.permissions import public
from web.runtime import engine

blueprint = Blueprint("portal_door", __name__)


@blueprint.get("/portal")
@public
def ask() -> str:
    return _page()


@blueprint.post("/portal")
@public
def send() -> str | tuple[str, int]:
    """The answer is the same whether the address is known or not."""
    address = request.form.get("correo", "").strip()[:200]
    if "@" not in address:
        return _page(_("Escriba su correo, por ejemplo nombre@correo.mx.")), 422
    database, name = engine().database, f"enlace:{address.lower()}"
    if throttle.wait(database, name, request.remote_addr):
        raise TooMany
    throttle.note(database, name, request.remote_addr, right=False)
    with engine().transaction(SYSTEM) as tx:
        enlaces.enviar_a(tx, address)
        firm = despacho(tx.session)
    return render_template("portal/renewed.html", firm=firm)


def _page(error: str = "") -> str:
    with engine().reading(SYSTEM) as tx:
        return render_template("portal/door.html", firm=despacho(tx.session), error=error)
