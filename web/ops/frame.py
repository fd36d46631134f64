"""What the pages of the cockpit share: the blueprint, who may open them, and the tabs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from web.ops import words
from web.permissions import groups

blueprint = Blueprint("ops", __name__, url_prefix="/operacion")

see = groups("operador", "direccion", "admin")
"""May look at numbers."""
SEES_MATTERS = frozenset({"operador", "direccion"})
see_matters = groups(*SEES_MATTERS)
"""May look at each matter."""
models = groups("operador", "admin")
"""May compare deployments."""
repair = groups("operador")
"""May change; the verbs ask again, for each matter."""

TABS = {
    "index": _l("Panorama"),
    "search": _l("Buscar"),
    "incidents": _l("Fallas"),
    "jobs": _l("Trabajos"),
    "migration": _l("Migrar"),
    "log": _l("Bitácora"),
    "handbook": _l("Manual"),
}
INSTANCE_TABS = {
    "instance": _l("Qué espera"),
    "instance_diagram": _l("Diagrama"),
    "instance_variables": _l("Variables"),
    "instance_history": _l("Historia"),
    "instance_jobs": _l("Trabajos y correos"),
}
STATES = {
    "running": (_l("En curso"), "accent"),
    "suspended": (_l("Suspendido"), "warn"),
    "completed": (_l("Terminado"), "good"),
    "cancelled": (_l("Cancelado"), ""),
}


@blueprint.context_processor
def everywhere() -> dict[str, Any]:
    return {"ops_tabs": TABS, "instance_tabs": INSTANCE_TABS, "states": STATES, "job_kinds": words.KINDS_OF_JOB}
