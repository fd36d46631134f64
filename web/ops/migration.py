"""Move instances to another version: choose, compare, map elements, see a verdict for each, then apply to a subset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request
from flask_babel import ngettext

from engine import Deployment, Difference, Invalid, Migrated, Plan
from web import process_words
from web.ops.frame import blueprint, models
from web.permissions import actor
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

CHANGES = {"added": ("Nuevo", "good"), "removed": ("Quitado", "bad"), "changed": ("Cambiado", "warn")}


@blueprint.route("/migrar", methods=["GET", "POST"])
@models
def migration() -> tuple[str, int]:
    """One page for all steps; nothing is kept between them but what the form holds."""
    mapping = {key[2:]: value for key, value in request.values.items() if key.startswith("m:") and value}
    source, target = request.values.get("de", ""), request.values.get("a", "")
    errors: dict[str, str] = {}
    outcomes: list[Migrated] = []
    plan: Plan | None = None
    if request.method == "POST" and "aplicar" in request.form:
        outcomes, errors = _apply(source, target, mapping)
    with reading() as tx:
        deployments = tx.deployments()
        known = {one.id for one in deployments}
        found: Difference | None = None
        if source in known and target in known and source != target:
            found = tx.diff(source, target)
            if request.method == "POST" or "probar" in request.args:
                try:
                    plan = tx.plan_migration(source, target, mapping)
                except Invalid as invalid:
                    errors = invalid.fields
        gone = _gone(tx, found, source, target) if found else []
        return render_template(
            "ops/migration.html",
            deployments=deployments,
            under_way=_under_way(tx),
            source=source if source in known else "",
            target=target if target in known else "",
            difference=found,
            gone=gone,
            process_names=_process_names(source, target) if found else {},
            concerned={place.partition("/")[0] for place, *_rest in gone},
            mapping=mapping,
            plan=plan,
            outcomes=outcomes,
            errors=errors,
            reason=request.form.get("reason", ""),
            chosen=set(request.form.getlist("asunto")),
            seen=set(request.form.getlist("visto")),
            words_of=process_words.FIELDS,
            changes=CHANGES,
            kinds=process_words.KINDS,
            titles={one.id: _title(one) for one in deployments},
            may_apply="operador" in actor().groups,
        ), 422 if errors else 200


def _apply(source: str, target: str, mapping: Mapping[str, str]) -> tuple[list[Migrated], dict[str, str]]:
    ids, reason = request.form.getlist("asunto"), request.form.get("reason", "")
    if not ids:
        return [], {"asunto": "Elija al menos un asunto."}
    try:
        plan = engine().plan_migration(source, target, mapping, by=actor())
        outcomes = engine().migrate(plan, ids, reason=reason, by=actor())
    except Invalid as invalid:
        return [], invalid.fields
    done = sum(one.done for one in outcomes)
    flash(ngettext("%(num)d asunto migrado.", "%(num)d asuntos migrados.", done), "good" if done else "warn")
    return outcomes, {}


def _gone(
    tx: Transaction, found: Difference, source: str, target: str
) -> list[tuple[str, str, int, list[tuple[str, str]]]]:
    """Elements that the new version does not have and where instances wait: (process/element, name, how many, what
    they may become)."""
    numbers = {(one.process_key, one.element_id): one.count for one in tx.standing(source)}
    new = engine().bundles.get(target).processes
    rows = []
    for one in found.elements:
        count = numbers.get((one.process_key, one.element_id), 0)
        if one.change != "removed" or not count or one.process_key not in new:
            continue
        options = [
            (element.id, element.name or element.id)
            for element in new[one.process_key].elements.values()
            if element.kind == one.kind
        ]
        rows.append((f"{one.process_key}/{one.element_id}", one.name or one.element_id, count, options))
    return rows


def _under_way(tx: Transaction) -> Counter[str]:
    """Deployment → its instances under way, of all its processes."""
    found: Counter[str] = Counter()
    for one in tx.workload().definitions:
        found[one.deployment_id] += one.running + one.suspended
    return found


def _process_names(source: str, target: str) -> dict[str, str]:
    both = (engine().bundles.get(one).processes for one in (source, target))
    return {key: process.name or key for processes in both for key, process in processes.items()}


def _title(deployment: Deployment) -> dict[str, Any]:
    return {"when": deployment.deployed_at, "number": deployment.number, "name": deployment.name}
