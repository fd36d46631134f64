"""Publishing: what the checks and the scenarios say of the draft, what it changes and for how many, and the button."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine.definitions import Bundle, bundle_id
from engine.definitions.difference import difference
from engine.errors import DeployRejected, ModelError, NotFound
from engine.values import SYSTEM, Difference, ElementChange, Finding
from web.permissions import actor
from web.process_words import KINDS
from web.runtime import engine, reading
from web.studio import rehearsal
from web.studio.blueprint import blueprint, modelers, publishers
from web.studio.draft import Draft, Item
from web.studio.tables import Publication
from web.studio.titles import title_of

if TYPE_CHECKING:
    pass

FIELDS = {
    "name": "nombre",
    "documentation": "documentación",
    "lane": "carril",
    "topic": "tema",
    "retries": "reintentos",
    "headers": "manejador",
    "inputs": "entradas",
    "outputs": "salidas",
    "form_id": "formulario",
    "assignee": "responsable",
    "candidate_groups": "grupos",
    "candidate_users": "personas",
    "due_date": "vencimiento",
    "follow_up_date": "fecha de aviso",
    "priority": "prioridad",
    "decision_id": "decisión",
    "script": "expresión",
    "result_variable": "variable del resultado",
    "called_process": "proceso llamado",
    "event": "evento",
    "loop": "varias instancias",
    "condition": "condición",
    "source": "de dónde sale",
    "target": "a dónde llega",
    "default_flow": "flujo por omisión",
    "kind": "tipo",
    "interrupting": "si interrumpe",
    "attached_to": "actividad del borde",
}
CHANGES = {"added": ("Nuevo", "accent"), "removed": ("Borrado", "bad"), "changed": ("Cambiado", "warn")}


@dataclass(frozen=True, slots=True)
class Changed:
    """One element that the draft changes, with the instances that wait there now."""

    change: ElementChange
    kind: str
    fields: str
    standing: int


@blueprint.get("/publicar")
@modelers
def publish_page() -> str:
    """Findings, scenarios and difference on one page."""
    return _page({})


@blueprint.post("/publicar")
@publishers
def publish() -> Answer | tuple[str, int]:
    """Deploy the draft as it was seen on the page. Refused when it has changed since, or has errors."""
    name, note = request.form.get("nombre", "").strip(), request.form.get("nota", "").strip()
    with reading() as tx:
        resources = Draft(tx).resources()
    if not name:
        return _page({"nombre": _("Dé un nombre a esta versión, por ejemplo «Umbral de reuniones».")}), 422
    if bundle_id(resources) != request.form.get("borrador"):
        return _page({"": _("El borrador cambió desde que abrió esta página. Revise otra vez lo que se publica.")}), 409
    try:
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
    return redirect(url_for("studio.versions"))


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


@blueprint.get("/publicar/diagrama/<path:path>")
@modelers
def compare_diagram(path: str) -> str:
    """The published diagram and the draft's, one beside the other, with what was added, removed and changed."""
    with reading() as tx:
        draft = Draft(tx)
        before, after = draft.published.get(path), draft.files().get(path)
        if not path.startswith("bpmn/") or (before is None and after is None):
            raise NotFound
        found = _difference(draft)
    changes: dict[str, list[str]] = {"added": [], "removed": [], "changed": []}
    for one in found.elements if found else ():
        changes[one.change].append(one.element_id)
    data = {"before": _text(before), "after": _text(after), "changes": changes}
    return render_template("studio/compare.html", path=path, title=title_of(path, after or before), data=data)


@blueprint.get("/versiones")
@modelers
def versions() -> str:
    """Everything that was published, the latest first."""
    with reading() as tx:
        deployments = tx.deployments()
        said = {one.deployment_id: one for one in tx.session.query(Publication)}
        return render_template("studio/versions.html", versions=[(one, said.get(one.id)) for one in deployments])


@blueprint.post("/versiones/<deployment_id>/restaurar")
@modelers
def restore(deployment_id: str) -> Answer:
    """Bring the files of an earlier version into the draft; nothing is published by that."""
    with engine().transaction(actor()) as tx:
        Draft(tx).replace(tx.resources(deployment_id))
    flash(_("El borrador tiene ahora los archivos de esa versión. Revíselo y publíquelo cuando quiera."), "good")
    return redirect(url_for("studio.publish_page"))


def _page(errors: dict[str, str]) -> str:
    with reading() as tx:
        draft = Draft(tx)
        files, resources = draft.files(), draft.resources()
        found: list[Finding] = tx.check(resources)
        items = [item for item in draft.items() if item.state != "same"]
        changed = _difference(draft)
        context: dict[str, Any] = {
            "draft_id": bundle_id(resources),
            "errors_found": [one for one in found if one.severity == "error"],
            "warnings_found": [one for one in found if one.severity != "error"],
            "items": [_described(item, files, draft) for item in items],
            "elements": _elements(changed),
            "unreadable": changed is None,
            "scenarios": _scenarios(files),
        }
    asked = {"nombre": request.form.get("nombre", ""), "nota": request.form.get("nota", "")}
    return render_template(
        "studio/publish.html",
        errors=errors,
        asked=asked,
        changes=CHANGES,
        may_publish="publicador" in actor().groups,
        **context,
    )


def _difference(draft: Draft) -> Difference | None:
    """None when a file of the draft cannot be read."""
    functions = engine().functions
    before = {path: data for path, data in draft.published.items() if not path.startswith("scenarios/")}
    after = draft.resources()
    try:
        return difference(Bundle("published", before, functions), Bundle("draft", after, functions))
    except ModelError:
        return None


def _elements(changed: Difference | None) -> list[Changed]:
    if changed is None or not changed.elements:
        return []
    standing = waiting()
    return [
        Changed(
            one,
            "Flujo" if one.kind == "sequenceFlow" else KINDS.get(one.kind, one.kind),
            ", ".join(FIELDS.get(name, name) for name in one.fields),
            standing[one.process_key, one.element_id],
        )
        for one in changed.elements
    ]


def waiting() -> Counter[tuple[str, str]]:
    """How many running instances wait at each element, of all matters: numbers only, so no matter is told of."""
    found: Counter[tuple[str, str]] = Counter()
    load = engine().workload(by=SYSTEM)
    for deployment_id in {one.deployment_id for one in load.definitions}:
        for place in engine().standing(deployment_id, by=SYSTEM):
            found[place.process_key, place.element_id] += place.count
    return found


def _described(item: Item, files: Mapping[str, bytes], draft: Draft) -> dict[str, Any]:
    data = files.get(item.path) or draft.published.get(item.path)
    return {"item": item, "title": title_of(item.path, data), "scenario": item.path.startswith("scenarios/")}


def _scenarios(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    outcomes = rehearsal.known(files)
    paths = [path for path in files if path.startswith("scenarios/")]
    return [{"path": path, "title": title_of(path, files[path]), "outcome": outcomes.get(path)} for path in paths]


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")
