"""What was published: the list, one version with its name and note, its files, and bringing it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine import SYSTEM, Deployment
from engine.errors import NotFound
from web.permissions import actor
from web.runtime import engine, reading
from web.studio import sides
from web.studio.blueprint import blueprint, modelers, publishers
from web.studio.draft import Draft, Item
from web.studio.tables import Publication
from web.studio.workspace import archive

if TYPE_CHECKING:
    from engine.transaction import Transaction


@blueprint.get("/versiones")
@modelers
def versions() -> str:
    """Everything that was published, the latest first."""
    with reading() as tx:
        deployments = tx.deployments()
        return render_template(
            "studio/versions.html",
            versions=[(one, _said(tx, one)) for one in deployments],
            running=_running(),
            choices=[(sides.DRAFT, _("Borrador")), *sides.titles(tx).items()],
        )


@blueprint.get("/versiones/<deployment_id>")
@modelers
def version(deployment_id: str) -> str:
    """One version: what its publisher said, what it holds, whom it serves, and what can be done with it."""
    return _page(deployment_id, {})


@blueprint.post("/versiones/<deployment_id>/nombre")
@publishers
def describe(deployment_id: str) -> Answer | tuple[str, int]:
    """Another name and note; what was published stays as it is."""
    name, note = request.form.get("nombre", "").strip(), request.form.get("nota", "").strip()
    if not name:
        return _page(deployment_id, {"nombre": _("Escriba un nombre.")}), 422
    with engine().transaction(actor()) as tx:
        found = _deployment(tx, deployment_id)
        row = tx.session.get(Publication, deployment_id)
        if row is None:
            row = Publication(deployment_id=found.id, author=found.deployed_by, published=found.deployed_at)
            tx.session.add(row)
        row.name, row.note = name[:255], note[:4000]
    flash(_("El nombre y la nota quedaron guardados."), "good")
    return redirect(url_for("studio.version", deployment_id=deployment_id))


@blueprint.post("/versiones/<deployment_id>/restaurar")
@modelers
def restore(deployment_id: str) -> Answer | tuple[str, int]:
    """Bring the files of an earlier version into the draft; nothing is published by that.

    Changes that nobody has published are lost by it, so it is asked first.
    """
    with engine().transaction(actor()) as tx:
        draft = Draft(tx)
        files = tx.resources(deployment_id)
        asked = not _unpublished(draft) or request.form.get("perder") == "si"
        if asked:
            draft.replace(files)
    if not asked:
        return _page(deployment_id, {"perder": _("Confirme que esos cambios se pueden perder.")}), 409
    flash(_("El borrador tiene ahora los archivos de esa versión. Revíselo y publíquelo cuando quiera."), "good")
    return redirect(url_for("studio.publish_page"))


@blueprint.get("/versiones/<deployment_id>/exportar.zip")
@modelers
def export_version(deployment_id: str) -> Response:
    """The files of a version, as `cauce deploy` reads them."""
    with reading() as tx:
        return archive(tx.resources(deployment_id), f"version-{deployment_id[:8]}.zip")


def _page(deployment_id: str, errors: dict[str, str]) -> str:
    with reading() as tx:
        deployments = tx.deployments()
        found = _deployment(tx, deployment_id)
        place = next(number for number, one in enumerate(deployments) if one.id == deployment_id)
        previous = deployments[place + 1] if place + 1 < len(deployments) else None
        came_from = request.args.get("desde")
        running, known = _running(), {one.id for one in deployments}
        return render_template(
            "studio/version.html",
            one=found,
            said=_said(tx, found),
            latest=place == 0,
            previous=previous,
            files=sorted(tx.resources(deployment_id)),
            running=running,
            others=[(one, running[one.id]) for one in deployments if one.id != deployment_id and running.get(one.id)],
            came_from=came_from if came_from in known else None,
            titles=sides.titles(tx),
            unpublished=_unpublished(Draft(tx)),
            errors=errors,
            asked={name: request.form[name] for name in ("nombre", "nota") if name in request.form},
        )


def _deployment(tx: Transaction, deployment_id: str) -> Deployment:
    """Raises NotFound."""
    for one in tx.deployments():
        if one.id == deployment_id:
            return one
    raise NotFound(_("No existe esa versión."))


def _said(tx: Transaction, deployment: Deployment) -> dict[str, Any]:
    row = tx.session.get(Publication, deployment.id)
    return {"title": sides.title(deployment, row.name if row else None), "note": row.note if row else ""}


def _running() -> dict[str, int]:
    """How many instances run in each version: numbers only, so no matter is told of."""
    found: dict[str, int] = {}
    for one in engine().workload(by=SYSTEM).definitions:
        found[one.deployment_id] = found.get(one.deployment_id, 0) + one.running + one.suspended
    return found


def _unpublished(draft: Draft) -> list[Item]:
    return [item for item in draft.items() if item.state != "same" and not item.path.startswith("scenarios/")]
