"""The analyst's handbook: the first change in ten minutes, and what each part of the studio does."""

from __future__ import annotations

from flask import render_template

from web.studio.blueprint import blueprint, modelers


@blueprint.get("/manual")
@modelers
def handbook() -> str:
    return render_template("studio/handbook.html")
