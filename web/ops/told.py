"""The history of an instance in an operator's words: what, where, why (which condition with which values), and who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import HistoryEvent
from web import people, process_words
from web.ops import words

if TYPE_CHECKING:
    from engine.definitions import Process

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


def is_quiet(event: HistoryEvent) -> bool:
    if event.kind == "flow.taken":
        return not (event.details.get("condition") or event.details.get("refused"))
    return event.kind in QUIET


def event(found: HistoryEvent, processes: Mapping[str, Process], names: words.Name) -> Told:
    what = KINDS.get(found.kind, found.kind)
    if found.kind == "operation":
        what = VERBS.get(str(found.details.get("verb")), str(found.details.get("verb")))
    elif found.kind == "timer.set" and "reason" in found.details:
        what = "Movió el temporizador"
    kind = "bad" if found.kind in ("incident.opened", "job.failed", "error.thrown") else ""
    kind = "person" if found.kind == "operation" or found.actor != "system" else kind
    return Told(found.at, names(found.actor), what, element(found, processes), _why(found, processes, names), kind)


def element(found: HistoryEvent, processes: Mapping[str, Process]) -> str:
    """Where it happened, by name: an element, or the way out of a gateway."""
    if found.element_id is None:
        return ""
    process = processes.get(found.process_key or "")
    flow = process.flows.get(found.element_id) if process else None
    if process is not None and flow is not None:
        gateway = process_words.name_of(process, flow.source)
        return f"{gateway} → {flow.name or process_words.name_of(process, flow.target)}"
    if process is not None and found.element_id in process.elements:
        return process_words.name_of(process, found.element_id)
    return words.element_name(processes, found.element_id, found.process_key)


def _why(event: HistoryEvent, processes: Mapping[str, Process], names: words.Name) -> str:
    found = event.details
    if event.kind == "flow.taken":
        return _way(found)
    if event.kind == "decision.evaluated":
        return _decision(found)
    if event.kind == "operation":
        names_of = found.get("names") or ()
        written = f"Variables: {', '.join(names_of)}." if names_of else ""
        return " ".join(filter(None, (f"Motivo: {found.get('reason')}.", _moved(found, processes), written)))
    if event.kind == "variable.changed":
        return f"{found.get('name')}: {words.brief(found.get('old'))} → {words.brief(found.get('new'))}"
    if event.kind.startswith("user_task."):
        found = {key: _person(key, value, names) for key, value in found.items()}
    return words.facts({k: v for k, v in found.items() if k not in HIDDEN and v not in (None, "")})


def _way(found: Mapping[str, Any]) -> str:
    """The condition that held with what it saw; by default, those that did not."""
    if found.get("condition"):
        return f"{found['condition']}, con {words.details(found.get('values') or {})}"
    refused = [
        f"{one['condition']}, con {words.details(one.get('values') or {})}"
        for one in (found.get("refused") or {}).values()
    ]
    return f"Por defecto: no se cumple {'; ni '.join(refused)}" if refused else ""


def _decision(found: Mapping[str, Any]) -> str:
    inputs, outputs = words.details(found.get("inputs") or {}), found.get("outputs")
    rules = [words.shown(rule) for rule in found.get("rules") or []]
    if not rules:
        matched = "ninguna regla se cumple"
    else:
        matched = f"regla {rules[0]}" if len(rules) == 1 else f"reglas {', '.join(rules)}"
    given = words.details(outputs) if isinstance(outputs, Mapping) else words.brief(outputs)
    return f"{found.get('name')}: {matched}, con {inputs or 'nada'} → {given}"


def _person(key: str, value: Any, names: words.Name) -> Any:
    if key in ("assignee", "previous") and value:
        return names(str(value))
    if key == "groups" and isinstance(value, (list, tuple)):
        return people.group_titles(value)
    return value


def _moved(found: Mapping[str, Any], processes: Mapping[str, Process]) -> str:
    """Where the tokens stood before and after."""
    before, after = ([tuple(one) for one in found.get(side) or []] for side in ("before", "after"))

    def said(tokens: list[Any]) -> str:
        return ", ".join(f"«{process_words.name_of(processes.get(one[0]), one[1])}»" for one in tokens) or "nada"

    left, come = [one for one in before if one not in after], [one for one in after if one not in before]
    if come and not left:
        return f"Sigue donde estaba, y además en {said(come)}."
    return f"Antes: {said(left)}. Después: {said(come)}." if left else ""


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
    "job.discarded": "Descartó el trabajo",
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
