"""The blueprint of the studio, who may open its pages, and what all its pages share."""

from __future__ import annotations

from flask import Blueprint, g, has_request_context, request

from web.people import name_of
from web.permissions import groups
from web.runtime import reading
from web.studio.draft import Draft
from web.studio.workspaces import Workspace

blueprint = Blueprint("studio", __name__, url_prefix="/estudio")

modelers = groups("analista", "publicador")
"""Who may read and change drafts."""
publishers = groups("publicador")
"""Who may publish."""


def allow_style_attributes() -> None:
    """For pages with an editor: the bpmn.io libraries place their parts, and their mark, by style attributes."""
    g.policy_changes = {"style-src-attr": "'unsafe-inline'"}


def chosen_process() -> str | None:
    """Id of the process whose workspace the page shows (`?espacio=…`); None: all of the draft."""
    return request.args.get("espacio") or None


@blueprint.url_defaults
def _stay_in_the_workspace(endpoint: str, values: dict[str, object]) -> None:
    """Every link and form of the studio leads to a page of the same workspace; `espacio=None` leads out of it."""
    if has_request_context() and request.blueprint == "studio" and "espacio" not in values:
        values["espacio"] = chosen_process()


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"names": name_of, "workspace": _workspace}


def _workspace() -> Workspace | None:
    """The workspace that the page shows; None: all of the draft."""
    key = chosen_process()
    if key is None:
        return None
    with reading() as tx:
        return Draft(tx, key).workspaces.by_key[key]
