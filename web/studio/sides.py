"""What can be compared with what: the draft, what is published, and every earlier version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from engine import Deployment
from engine.errors import NotFound
from web.studio.draft import Draft
from web.studio.tables import Publication

if TYPE_CHECKING:
    from engine.transaction import Transaction

DRAFT, PUBLISHED = "borrador", "publicado"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two things that are compared."""

    id: str
    """`borrador`, `publicado` or the id of a deployment."""
    title: str
    files: Mapping[str, bytes]


def side(tx: Transaction, id: str) -> Side:
    """Raises NotFound. Scenarios are compared between the draft and the process folder only: no version holds them."""
    if id == DRAFT:
        return Side(id, _("Borrador"), Draft(tx).files())
    if id == PUBLISHED:
        return Side(id, _("Publicado"), Draft(tx).published)
    known = titles(tx)
    if id not in known:
        raise NotFound(_("No existe esa versión."))
    return Side(id, known[id], tx.resources(id))


def of_draft(draft: Draft) -> tuple[Side, Side]:
    """What is published and this draft, or this part of it."""
    return Side(PUBLISHED, _("Publicado"), draft.published), Side(DRAFT, _("Borrador"), draft.files())


def pair(tx: Transaction, before: str, after: str) -> tuple[Side, Side]:
    """Two sides that hold the same kinds of files."""
    one, other = side(tx, before), side(tx, after)
    if {one.id, other.id} <= {DRAFT, PUBLISHED}:
        return one, other
    return _without_scenarios(one), _without_scenarios(other)


def _without_scenarios(side: Side) -> Side:
    files = {path: data for path, data in side.files.items() if not path.startswith("scenarios/")}
    return Side(side.id, side.title, files)


def titles(tx: Transaction) -> dict[str, str]:
    """What every version is called, by its id, the latest first."""
    said = {one.deployment_id: one.name for one in tx.session.query(Publication)}
    return {one.id: title(one, said.get(one.id)) for one in tx.deployments()}


def title(deployment: Deployment, said: str | None) -> str:
    """The name that its publisher gave it, else that of its folder."""
    return said or deployment.name or _("Sin nombre")
