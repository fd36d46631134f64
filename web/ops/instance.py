"""One instance, with everything that an operator asks about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for
from sqlalchemy import select

from engine import HistoryEvent, JobQuery, NotFound, VariableScope
from tasks.registros import Correo
from web import labels, process_words, timeline
from web.drawing import drawing
from web.ops import words
from web.ops.frame import blueprint, see_matters
from web.permissions import actor
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.definitions import Process
    from engine.transaction import Transaction

EVENTS = 300
"""Events on one page of the history."""
BY_HAND = (
    "operation",
    "instance.suspended",
    "instance.resumed",
    "instance.cancelled",
    "job.retried",
    "job.moved",
    "incident.resolved",
    "user_task.assigned",
)
HIDDEN = ("task", "job", "incident")
"""Ids among the details that tell a person nothing."""
QUIET = ("element.entered", "element.completed", "job.created", "variable.changed")
"""Kinds that the history leaves out unless all of it is asked for."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the history for an operator."""

    at: datetime
    who: str
    what: str
    where: str
    why: str
    kind: str


@blueprint.get("/instancias/<instance_id>")
@see_matters
def instance(instance_id: str) -> str:
    with reading() as tx:
        page = _head(tx, instance_id)
        names = timeline.Names(tx.session, None)
        waits = [(wait, words.wait_words(wait, names)) for wait in tx.wait_states(instance_id)]
        return render_template(
            "ops/instance.html",
            **page,
            waits=waits,
            incidents=tx.incidents(instance_id=instance_id, size=100).items,
            handler_line=words.handler_line,
            failed_names=lambda one: words.element_name(page["processes"], one.element_id),
            operations=[_told(event, page["processes"], names) for event in _operations(tx, instance_id)],
            restorable=tx.restorable(instance_id),
        )


@blueprint.get("/instancias/<instance_id>/diagrama")
@blueprint.get("/instancias/<instance_id>/diagrama/<process_key>")
@see_matters
def instance_diagram(instance_id: str, process_key: str | None = None) -> str:
    with reading() as tx:
        page = _head(tx, instance_id)
        found = tx.diagram(process_key, instance_id=instance_id)
        return render_template(
            "ops/instance_diagram.html",
            **page,
            **drawing(
                found,
                page["processes"][found.process_key],
                lambda target: url_for("ops.instance_diagram", instance_id=instance_id, process_key=target),
            ),
        )


@blueprint.get("/instancias/<instance_id>/variables")
@see_matters
def instance_variables(instance_id: str) -> str:
    """By scope with types; then every change, old and new, by whom and at which element."""
    with reading() as tx:
        page = _head(tx, instance_id)
        names = timeline.Names(tx.session, None)
        if page["instance"].ended_at is None:
            scopes = [
                (
                    _scope_title(scope, page["processes"]),
                    scope.wait_id,
                    _typed(scope.values),
                )
                for scope in tx.scopes(instance_id)
            ]
        else:
            scopes = [("Al terminar", None, _typed(tx.variables(instance_id)))]
        found = tx.history(instance_id, request.args.get("tras"), EVENTS, kinds=["variable.changed"], latest_first=True)
        return render_template(
            "ops/instance_variables.html",
            **page,
            scopes=scopes,
            changes=[_change(event, page["processes"], names) for event in found.items],
            following=found.next,
        )


@blueprint.get("/instancias/<instance_id>/historia")
@see_matters
def instance_history(instance_id: str) -> str:
    """Why each gateway went its way, which rules matched, who did what with which reason."""
    everything, forward = request.args.get("todo") == "si", request.args.get("orden") == "inicio"
    with reading() as tx:
        page = _head(tx, instance_id)
        names = timeline.Names(tx.session, None)
        found = tx.history(instance_id, request.args.get("tras"), EVENTS, latest_first=not forward)
        return render_template(
            "ops/instance_history.html",
            **page,
            events=[
                told
                for event in found.items
                if everything or not _is_quiet(event)
                for told in [_told(event, page["processes"], names)]
            ],
            everything=everything,
            forward=forward,
            following=found.next,
        )


@blueprint.get("/instancias/<instance_id>/trabajos")
@see_matters
def instance_jobs(instance_id: str) -> str:
    with reading() as tx:
        page = _head(tx, instance_id)
        key = page["instance"].business_key
        mails = select(Correo).where(Correo.business_key == key).order_by(Correo.id.desc()).limit(100)
        return render_template(
            "ops/instance_jobs.html",
            **page,
            jobs=tx.jobs(JobQuery(instance_id=instance_id), size=200).items,
            mails=tx.session.scalars(mails).all(),
            correo=labels.CORREO,
            element_names=lambda element_id: words.element_name(page["processes"], element_id),
        )


def _head(tx: Transaction, instance_id: str) -> dict[str, Any]:
    """What the head of every page of an instance needs. Raises NotFound."""
    found = tx.instance(instance_id)
    processes = engine().bundles.get(found.deployment_id).processes
    if found.process_key not in processes:
        raise NotFound
    return {
        "instance": found,
        "processes": processes,
        "process": processes[found.process_key],
        "endpoint": (request.endpoint or "").partition(".")[2],
        "may_repair": "operador" in actor().groups,
    }


def _operations(tx: Transaction, instance_id: str) -> list[HistoryEvent]:
    return list(tx.history(instance_id, size=100, kinds=BY_HAND, latest_first=True).items)


def _is_quiet(event: HistoryEvent) -> bool:
    return event.kind in QUIET or (event.kind == "flow.taken" and not event.details.get("condition"))


def _element(event: HistoryEvent, processes: Mapping[str, Process]) -> str:
    process = processes.get(event.process_key or "")
    if process is None or event.element_id is None:
        return event.element_id or ""
    flow = process.flows.get(event.element_id)
    if flow is not None:
        gateway = process_words.name_of(process, flow.source)
        return f"{gateway} → {flow.name or process_words.name_of(process, flow.target)}"
    return process_words.name_of(process, event.element_id)


def _told(event: HistoryEvent, processes: Mapping[str, Process], names: words.Name) -> Told:
    told = KINDS.get(event.kind, event.kind)
    if event.kind == "operation":
        told = VERBS.get(str(event.details.get("verb")), str(event.details.get("verb")))
    kind = "bad" if event.kind in ("incident.opened", "job.failed", "error.thrown") else ""
    kind = "person" if event.kind == "operation" or event.actor != "system" else kind
    return Told(event.at, names(event.actor), told, _element(event, processes), _why(event, processes), kind)


def _why(event: HistoryEvent, processes: Mapping[str, Process]) -> str:
    found = event.details
    if event.kind == "flow.taken" and found.get("condition"):
        return f"{found['condition']}, con {words.details(found.get('values') or {})}"
    if event.kind == "decision.evaluated":
        rules = ", ".join(words.shown(rule) for rule in found.get("rules") or []) or "ninguna"
        inputs = words.details(found.get("inputs") or {})
        return f"{found.get('name')}: regla {rules} con {inputs} → {words.shown(found.get('outputs'))}"
    if event.kind == "operation":
        moved = _moved(found, processes)
        return f"Motivo: {found.get('reason')}." + (f" {moved}" if moved else "")
    if event.kind == "variable.changed":
        return f"{found.get('name')}: {words.shown(found.get('old'))} → {words.shown(found.get('new'))}"
    return words.facts({k: v for k, v in found.items() if k not in HIDDEN and v not in (None, "")})


def _moved(found: Mapping[str, Any], processes: Mapping[str, Process]) -> str:
    """Where the tokens stood before and after."""
    before, after = ([tuple(one) for one in found.get(side) or []] for side in ("before", "after"))

    def said(tokens: list[Any]) -> str:
        return ", ".join(f"«{process_words.name_of(processes.get(one[0]), one[1])}»" for one in tokens) or "nada"

    left, come = [one for one in before if one not in after], [one for one in after if one not in before]
    if come and not left:
        return f"Sigue donde estaba, y además en {said(come)}."
    return f"Antes: {said(left)}. Después: {said(come)}." if left else ""


def _scope_title(scope: VariableScope, processes: Mapping[str, Process]) -> str:
    process = processes.get(scope.process_key)
    name = process.name if process else scope.process_key
    if scope.wait_id is not None:
        return f"Propias de «{process_words.name_of(process, scope.owner)}»"
    return f"Del proceso «{name}»" + (f", llamado por {scope.owner}" if scope.owner else "")


def _typed(values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(name, words.type_name(value), words.shown(value)) for name, value in sorted(values.items())]


def _change(event: HistoryEvent, processes: Mapping[str, Process], names: words.Name) -> words.Change:
    found = event.details
    return words.Change(
        event.at,
        names(event.actor),
        str(found.get("name")),
        words.shown(found.get("old")),
        words.shown(found.get("new")),
        _element(event, processes),
    )


VERBS = {
    "modify": "Modificó el recorrido",
    "skip": "Omitió el paso",
    "throw_error": "Lanzó un error",
    "fire": "Disparó",
    "set_variables": "Cambió variables",
    "migrate": "Migró a otra versión",
    "restore": "Regresó al estado anterior",
}
KINDS = {
    "instance.started": "Inició",
    "instance.completed": "Terminó",
    "instance.cancelled": "Canceló el asunto",
    "instance.suspended": "Suspendió el asunto",
    "instance.resumed": "Reanudó el asunto",
    "element.entered": "Llegó",
    "element.completed": "Salió",
    "element.cancelled": "Se canceló",
    "flow.taken": "Eligió camino",
    "user_task.created": "Tarea abierta",
    "user_task.claimed": "Tomó la tarea",
    "user_task.released": "Soltó la tarea",
    "user_task.assigned": "Reasignó la tarea",
    "user_task.completed": "Completó la tarea",
    "user_task.cancelled": "La tarea ya no hace falta",
    "job.created": "Trabajo pedido",
    "job.completed": "Trabajo hecho",
    "job.failed": "El trabajo falló",
    "job.retried": "Reintentó el trabajo",
    "job.moved": "Movió el trabajo",
    "timer.set": "Temporizador puesto",
    "timer.fired": "Llegó el momento",
    "message.sent": "Mensaje enviado",
    "message.received": "Mensaje recibido",
    "message.refused": "Nadie esperaba el mensaje",
    "signal.thrown": "Señal enviada",
    "signal.received": "Señal recibida",
    "decision.evaluated": "Decisión por tabla",
    "variable.changed": "Variable",
    "incident.opened": "Falla abierta",
    "incident.resolved": "Falla resuelta",
    "error.thrown": "Error",
}
