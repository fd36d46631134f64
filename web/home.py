"""The front door and the icon."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, url_for
from werkzeug.wrappers import Response as Answer

from engine.errors import NotFound
from engine.values import SYSTEM
from tasks import logo as logos
from web.permissions import public
from web.runtime import engine

blueprint = Blueprint("home", __name__)

ICON = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#0d5559"/>
<g fill="none" stroke="#fff" stroke-linecap="round">
<path d="M8 7c6 3 2 8 8 9s4 6 8 9" stroke-width="3"/>
<path d="M8 15c3 1.5 2 4 5 5.5s3 3 4 4.5M16 7c3 1.5 3 4 8 6.5" stroke-width="2" opacity=".55"/>
</g></svg>"""


@blueprint.get("/")
@public
def index() -> Answer | str:
    """People of the firm go to their inbox; everybody else sees the firm's own door."""
    if g.actor is not None:
        return redirect(url_for("inbox.index"))
    return redirect(url_for("security.login"))


@blueprint.get("/logo")
@public
def logo() -> Response | Answer:
    """The firm's logo, for the portal; its address changes with it. Without one: our own mark."""
    try:
        with engine().reading(SYSTEM) as tx:
            content, kind = logos.leer(tx.session, engine().adapters.archivos)
    except NotFound:
        return redirect(url_for("home.icon"))
    response = Response(content, mimetype=kind)
    response.cache_control.max_age = 86_400
    return response


@blueprint.get("/icono.svg")
@public
def icon() -> Response:
    response = Response(ICON, mimetype="image/svg+xml")
    response.cache_control.max_age = 86_400
    return response
