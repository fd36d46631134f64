"""The operator's handbook: what each state means and what to do about it."""

from __future__ import annotations

from flask import render_template

from web.ops import definitions, handbook_words, loose
from web.ops.actions import ACTIONS
from web.ops.frame import blueprint, see


@blueprint.get("/manual")
@see
def handbook() -> str:
    return render_template(
        "ops/handbook.html",
        words=handbook_words,
        deeds=[*ACTIONS.values(), *loose.DEEDS.values(), loose.DISMISS, *definitions.DEEDS.values()],
    )
