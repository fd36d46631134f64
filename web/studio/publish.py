"""Publishing: what the checks and the scenarios say of the draft, what it changes and for how many, and the button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine.definitions import bundle_id
from engine.errors import DeployRejected, ModelError, NotFound
from engine.values import SYSTEM, Finding
from tasks import ajustes
from tasks.ajustes import ajuste
from web.permissions import actor
from web.runtime import engine, reading
from web.scenarios.coverage import all_flows
from web.studio import letters, rehearsal, sides
from web.studio.blueprint import blueprint, modelers, publishers
from web.studio.catalogue import processes
from web.studio.compare import CHANGES, overview
from web.studio.draft import Draft
from web.studio.tables import Publication
from web.studio.titles import title_of

if TYPE_CHECKING:
    from engine.transaction import Transaction

FOUR_EYES = "cuatro_ojos_publicar"
"""The firm's setting: who changed the draft last does not publish it."""


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
    with reading() as tx:
        draft = Draft(tx)
        resources, own = draft.resources(), _is_own(tx, draft)
    if not name:
        return _page({"nombre": _("Dé un nombre a esta versión, por ejemplo «Umbral de reuniones».")}), 422
    if bundle_id(resources) != request.form.get("borrador"):
        return _page({"": _("El borrador cambió desde que abrió esta página. Revise otra vez lo que se publica.")}), 409
    if own:
        return _page({"": _("Usted hizo el último cambio del borrador; publíquelo otra persona (cuatro ojos).")}), 403
    broken = _broken_letters()
    if broken:
        return _page({"": _("No se publicó: hay %(n)s errores por corregir.", n=len(broken))}), 422
    try:
        before = next(iter(engine().deployments(by=SYSTEM)), None)
        deployment = engine().deploy(resources, name=name[:255], by=actor())
    except DeployRejected as rejected:
        return _page({"": _("No se publicó: hay %(n)s errores por corregir.", n=len(rejected.findings))}), 422
    with engine().transaction(actor()) as tx:
        Draft(tx).settle()
        tx.session.merge(
            Publication(
                deployment_id=deployment.id, name=name[:255], note=note[:4000], author=actor().id, published=tx.now
            )
        )
    flash(_("Publicado: %(name)s. Los asuntos nuevos empiezan con esta versión.", name=name), "good")
    came_from = before.id if before is not None and before.id != deployment.id else None
    return redirect(url_for("studio.version", deployment_id=deployment.id, desde=came_from))


@blueprint.post("/escenarios/<path:path>/correr")
@modelers
def run_scenario(path: str) -> tuple[Response, int]:
    """Play one scenario of the draft; pass or fail, and why."""
    with reading() as tx:
        files = Draft(tx).files()
    if not path.startswith("scenarios/") or path not in files:
        raise NotFound
    try:
        outcome = rehearsal.play(files, path)
    except rehearsal.Busy:
        return jsonify(message=_("Se está probando otro escenario. Espere un momento.")), 409
    return jsonify(passed=outcome.passed, steps=outcome.steps, problem=outcome.problem), 200


@blueprint.get("/publicar/cobertura")
@modelers
def coverage_part() -> str:
    """The part of the page that says what the scenarios played so far went through."""
    with reading() as tx:
        files = Draft(tx).files()
    return render_template("studio/coverage.html", coverage=_coverage(files))


def _broken_letters() -> list[Finding]:
    """Changed mails and documents that cannot be composed: nobody would get them."""
    with reading() as tx:
        draft = Draft(tx)
        files, firm, now = draft.files(), ajustes.despacho(tx.session), tx.now
        changed = [item.path for item in draft.items() if item.state in ("added", "changed")]
    return letters.problems(files, changed, firm, now)


def _page(errors: dict[str, str]) -> str:
    broken = _broken_letters()
    with reading() as tx:
        draft = Draft(tx)
        files, resources = draft.files(), draft.resources()
        found = [*broken, *tx.check(resources)]
        before, after = sides.pair(tx, sides.PUBLISHED, sides.DRAFT)
        context: dict[str, Any] = {
            "draft_id": bundle_id(resources),
            "errors_found": [one for one in found if one.severity == "error"],
            "warnings_found": [one for one in found if one.severity != "error"],
            "items": {item.path: item for item in draft.items() if item.state != "same"},
            "found": overview(before, after),
            "scenarios": _scenarios(files),
            "coverage": _coverage(files),
            "own": _is_own(tx, draft),
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


def _is_own(tx: Transaction, draft: Draft) -> bool:
    """Whether the firm asks for four eyes and this person made the last change of what would be published."""
    if not ajuste(tx.session, FOUR_EYES):
        return False
    changed = [item for item in draft.items() if item.state != "same" and not item.path.startswith("scenarios/")]
    last = max((draft.rows[item.path] for item in changed), key=lambda row: row.changed, default=None)
    return last is not None and last.author == actor().id


def _scenarios(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    outcomes = rehearsal.known(files)
    paths = [path for path in files if path.startswith("scenarios/")]
    return [{"path": path, "title": title_of(path, files[path]), "outcome": outcomes.get(path)} for path in paths]


def _coverage(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """For each process, how many of its flows the scenarios played on this draft took, and which they did not."""
    outcomes = rehearsal.known(files)
    if not outcomes:
        return []
    taken = {flow for outcome in outcomes.values() for flow in outcome.taken}
    try:
        flows = all_flows(files)
    except ModelError:
        return []
    rows = []
    for process in processes(files):
        own = {flow for key, flow in flows if key == process.id}
        missed = [process.flows[id] for id in process.flows if id in own and (process.id, id) not in taken]
        if own:
            ways = [_way(process, flow) for flow in missed]
            rows.append(
                {"name": process.name or process.id, "taken": len(own) - len(missed), "all": len(own), "missed": ways}
            )
    return rows


def _way(process: Any, flow: Any) -> str:
    """«Aprobar → ¿Aprobada? (sí)»."""
    one, other = (process.elements.get(id) for id in (flow.source, flow.target))
    ends = [part.name or part.id for part in (one, other) if part is not None]
    return " → ".join(ends) + (f" ({flow.name})" if flow.name else "")
