"""The inbox: open user tasks of a person and of the person's groups."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.permissions import staff

blueprint = Blueprint("inbox", __name__, url_prefix="/bandeja")


@blueprint.get("")
@staff
def index() -> str:
    return render_template("inbox/index.html", tasks=())
