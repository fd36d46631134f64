"""One process of a deployment: where its instances stand, and suspending it as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import (
    Conflict,
    Diagram,
    EngineError,
    InstanceQuery,
    Invalid,
    NotFound,
    ProcessDefinition,
    Standing,
)
from web import process_words, timeline
from web.ops.frame import blueprint, repair, see
from web.permissions import actor
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

AT_ONCE = 200
"""Instances that one request suspends or resumes: seconds; the page goes on with the next ones."""
LISTED = 30
"""Instances that are named before it is done."""


@blueprint.get("/publicaciones/<deployment_id>/<process_key>")
@see
def definition(deployment_id: str, process_key: str) -> str:
    """One process of a deployment, with the numbers of its instances; `marco` for a frame inside of another page."""
    with reading() as tx:
        found = tx.diagram(process_key, deployment_id=deployment_id)
        numbers = [one for one in tx.standing(deployment_id) if one.process_key == process_key]
        process = engine().bundles.get(deployment_id).processes[process_key]
        return render_template(
            "ops/frame_diagram.html" if "marco" in request.args else "ops/definition.html",
            diagram=found,
            process=process,
            numbers={one.element_id: one for one in numbers},
            kind=process_words.kind_name,
            data=_data(found, numbers, deployment_id),
            suspensions=tx.suspensions(found.definition.id) if found.definition else (),
            running=_running(tx, found.definition) if found.definition and found.definition.suspended else 0,
            names=timeline.Names(tx.session, None),
            publication=next((one.number for one in tx.deployments() if one.id == deployment_id), 0),
            may_repair="operador" in actor().groups,
        )


def _data(found: Diagram, numbers: list[Standing], deployment_id: str) -> dict[str, object]:
    frame = request.args.get("marco")
    changed = {}
    if frame and (other := request.args.get("contra")):
        with reading() as tx:
            source, target = (deployment_id, other) if frame == "de" else (other, deployment_id)
            compared = tx.diff(source, target)
        changed = {one.element_id: one.change for one in compared.elements if one.process_key == found.process_key}
    return {
        "xml": found.xml.decode(),
        "tokens": {one.element_id: one.count for one in numbers},
        "taken": {},
        "completed": {},
        "incidents": [one.element_id for one in numbers if one.incidents],
        "changed": changed,
        "called": {}
        if frame
        else {
            element: url_for("ops.definition", deployment_id=deployment_id, process_key=target)
            for element, target in found.called.items()
        },
        "words": {"here": "Asuntos que están aquí", "incident": "Algo falló aquí", "open": "Abrir el diagrama"},
    }


# --- suspend, resume


@dataclass(frozen=True, slots=True)
class Deed:
    """What can be done to a definition."""

    title: str
    explains: str


DEEDS = {
    "suspender": Deed(
        "Suspender el proceso",
        "No inicia ningún asunto nuevo de esta versión. Los que están en curso siguen, salvo que también los suspenda. "
        "Otra versión que se publique inicia asuntos como siempre.",
    ),
    "reanudar": Deed(
        "Reanudar el proceso",
        "Vuelve a iniciar asuntos, y siguen los que se suspendieron con él; lo que venció mientras tanto ocurre ahora. "
        "Los que alguien suspendió por separado se quedan como están.",
    ),
}


@blueprint.route("/publicaciones/<deployment_id>/<process_key>/<name>", methods=["GET", "POST"])
@repair
def definition_action(deployment_id: str, process_key: str, name: str) -> Response | str | tuple[str, int]:
    """The form; what it will change; the deed."""
    if name not in DEEDS:
        raise NotFound
    with reading() as tx:
        found = tx.diagram(process_key, deployment_id=deployment_id).definition
        if found is None:
            raise NotFound
        concerned = _concerned(found, name)
        listed, number = tx.instances(concerned, None, LISTED).items, tx.count_instances(concerned)
    form = request.form.to_dict()
    page = {
        "definition": found,
        "name": name,
        "deed": DEEDS[name],
        "form": form,
        "listed": listed,
        "number": number,
    }
    if request.method == "GET":
        return _page(**page)
    reason = form.get("reason", "").strip()
    if not reason:
        return _page(**page, errors={"reason": _("Escriba el motivo: queda en la historia.")}), 422
    if "confirmar" not in form:
        return _page(**page, seen=True)
    too = "asuntos" in form or name == "reanudar"
    try:
        _do(found, name, reason, too)
    except Invalid as invalid:
        return _page(**page, errors=invalid.fields), 422
    except Conflict as refused:
        return _page(**page, refused=refused), refused.status
    with reading() as tx:
        left = tx.count_instances(concerned) if too else 0
    if left:
        return _page(**page, left=left, total=max(_whole(form.get("total", "")), number))
    flash(_("%(what)s: hecho.", what=DEEDS[name].title), "good")
    return redirect(url_for("ops.definition", deployment_id=deployment_id, process_key=process_key))


def _running(tx: Transaction, found: ProcessDefinition) -> int:
    """How many of a version run, in whichever deployment."""
    loads = tx.workload().definitions
    return sum(one.running for one in loads if (one.process_key, one.version) == (found.key, found.version))


def _concerned(found: ProcessDefinition, name: str) -> InstanceQuery:
    """The instances that would be suspended, or resumed, with it."""
    if name == "suspender":
        return InstanceQuery(definition_id=found.id, state="running")
    return InstanceQuery(definition_id=found.id, state="suspended", held=True)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _do(found: ProcessDefinition, name: str, reason: str, instances_too: bool) -> None:
    if name == "suspender":
        engine().suspend_definition(found.id, reason=reason, instances=instances_too, most=AT_ONCE, by=actor())
    else:
        engine().resume_definition(found.id, reason=reason, most=AT_ONCE, by=actor())


def _page(
    *,
    errors: dict[str, str] | None = None,
    refused: EngineError | None = None,
    seen: bool = False,
    left: int = 0,
    total: int = 0,
    **page: object,
) -> str:
    return render_template(
        "ops/definition_action.html", errors=errors or {}, refused=refused, seen=seen, left=left, total=total, **page
    )
