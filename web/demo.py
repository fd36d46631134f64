"""The demo: move the business clock, begin again."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.permissions import staff

blueprint = Blueprint("demo", __name__, url_prefix="/demostracion")


@blueprint.get("")
@staff
def index() -> str:
    return render_template("demo/index.html")
