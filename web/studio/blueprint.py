"""The blueprint of the studio, who may open its pages, and what all its pages share."""

from __future__ import annotations

from flask import Blueprint, g

from web.people import name_of
from web.permissions import groups

blueprint = Blueprint("studio", __name__, url_prefix="/estudio")

modelers = groups("analista", "publicador")
"""Who may read and change drafts."""
publishers = groups("publicador")
"""Who may publish."""


def allow_style_attributes() -> None:
    """For pages with an editor: the bpmn.io libraries place their parts, and their mark, by style attributes."""
    g.policy_changes = {"style-src-attr": "'unsafe-inline'"}


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"names": name_of}
