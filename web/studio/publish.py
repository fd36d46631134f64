"""Publishing: what the checks and the scenarios say of the draft, what it changes and for how many, and the button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine.definitions import bundle_id
from engine.errors import Conflict, DeployRejected, NotAllowed
from engine.values import SYSTEM, Finding
from tasks import ajustes
from tasks.ajustes import ajuste
from web.permissions import actor
from web.runtime import engine, reading
from web.studio import letters, sides, suite
from web.studio.blueprint import blueprint, chosen_process, modelers, publishers
from web.studio.compare import CHANGES, overview
from web.studio.draft import Draft
from web.studio.tables import Publication
from web.studio.workspaces import Workspace

if TYPE_CHECKING:
    from engine.transaction import Transaction

FOUR_EYES = "cuatro_ojos_publicar"
"""The firm's setting: nobody publishes what they changed themselves."""


@blueprint.get("/publicar")
@modelers
def publish_page() -> str:
    """Findings, scenarios and difference on one page."""
    return _page({})


@blueprint.post("/publicar")
@publishers
def publish() -> Answer | tuple[str, int]:
    """Deploy the draft as it was seen on the page. Refused when it changed since, has errors, or wants other eyes."""
    name, note = request.form.get("nombre", "").strip(), request.form.get("nota", "").strip()
    if not name:
        return _page({"nombre": _("Dé un nombre a esta versión, por ejemplo «Umbral de reuniones».")}), 422
    broken = [one for one in _broken_letters() if one.severity == "error"]
    if broken:
        return _page({"": _("No se publicó: hay %(n)s errores por corregir.", n=len(broken))}), 422
    try:
        # One transaction: what another publication puts in force meanwhile would else be taken back by this one.
        with engine().transaction(actor()) as tx:
            draft = Draft(tx, chosen_process())
            resources = draft.resources()
            if bundle_id(resources) != request.form.get("borrador"):
                raise Conflict(_("El borrador cambió desde que abrió esta página. Revise otra vez lo que se publica."))
            if own_changes(tx, draft):
                raise NotAllowed(_("Usted hizo parte de los cambios; publíquelos otra persona (cuatro ojos)."))
            before = next(iter(tx.deployments(by=SYSTEM)), None)
            deployment = tx.deploy(resources, name=name[:255])
            Draft(tx).settle()
            tx.session.merge(
                Publication(
                    deployment_id=deployment.id, name=name[:255], note=note[:4000], author=actor().id, published=tx.now
                )
            )
    except DeployRejected as rejected:
        return _page({"": _("No se publicó: hay %(n)s errores por corregir.", n=len(rejected.findings))}), 422
    except (Conflict, NotAllowed) as refused:
        return _page({"": refused.message}), refused.status
    flash(_("Publicado: %(name)s. Los asuntos nuevos empiezan con esta versión.", name=name), "good")
    came_from = before.id if before is not None and before.id != deployment.id else None
    return redirect(url_for("studio.version", deployment_id=deployment.id, desde=came_from))


def _broken_letters() -> list[Finding]:
    """Changed mails and documents that cannot be composed, nobody would get them; warnings about their fields."""
    with reading() as tx:
        draft = Draft(tx, chosen_process())
        files, firm, now, published = draft.files(), ajustes.despacho(tx.session), tx.now, draft.published
        changed = [item.path for item in draft.items() if item.state in ("added", "changed")]
    return letters.problems(files, changed, firm, now, published=published)


def _page(errors: dict[str, str]) -> str:
    broken = _broken_letters()
    with reading() as tx:
        draft = Draft(tx, chosen_process())
        resources, changed = draft.resources(), [item for item in draft.items() if item.state != "same"]
        found = [*broken, *tx.check(resources)]
        before, after = sides.of_draft(draft)
        context: dict[str, Any] = {
            "draft_id": bundle_id(resources),
            "errors_found": [one for one in found if one.severity == "error"],
            "warnings_found": [one for one in found if one.severity != "error"],
            "items": {item.path: item for item in changed},
            "owners": {item.path: draft.workspaces.users(item.path) for item in changed},
            "scope": _scope(draft),
            "staying": sorted(path for path in draft.all_rows if path in draft.foreign),
            "found": overview(before, after),
            "own": own_changes(tx, draft),
            **suite.shown(draft),
        }
    return render_template(
        "studio/publish.html",
        errors=errors,
        asked={"nombre": request.form.get("nombre", ""), "nota": request.form.get("nota", "")},
        changes=CHANGES,
        before=before,
        after=after,
        may_publish="publicador" in actor().groups,
        **context,
    )


def own_changes(tx: Transaction, draft: Draft) -> list[str]:
    """With four eyes: the files of what would be published that this person was the last to change."""
    if not ajuste(tx.session, FOUR_EYES):
        return []
    return [path for path in _changed(draft) if draft.rows[path].author == actor().id]


def _changed(draft: Draft) -> list[str]:
    """Scenarios are not published."""
    return [item.path for item in draft.items() if item.state != "same" and not item.path.startswith("scenarios/")]


def _scope(draft: Draft) -> list[tuple[Workspace, int]]:
    """For each process that the publication changes, how many of the changed files it uses."""
    changed = _changed(draft)
    spaces = draft.workspaces.by_key.values()
    counted = ((space, len(space.paths.intersection(changed))) for space in spaces)
    return [(space, count) for space, count in counted if count]
