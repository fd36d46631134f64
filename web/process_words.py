"""A diagram in words: what an element is called, and what comes after it.

What kind an element is has two names. Analysts and operators work on the diagram itself, so the studio, its
comparisons and trials, and the cockpit say what the editor says («Tarea de usuario»): `kind_name` and `KINDS`. Staff
read a matter's diagram and «what follows» without having learned BPMN, so there it is said in plain words («Tarea de
una persona»): `plain_kind`. No page mixes the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.definitions import Element, Process, read_model

if TYPE_CHECKING:
    from engine.transaction import Transaction

KINDS = {
    "userTask": "Tarea de usuario",
    "serviceTask": "Tarea de servicio",
    "sendTask": "Tarea de envío",
    "scriptTask": "Tarea de expresión",
    "businessRuleTask": "Tarea de decisión",
    "receiveTask": "Tarea de recepción",
    "manualTask": "Tarea manual",
    "task": "Tarea",
    "callActivity": "Actividad de llamada",
    "subProcess": "Subproceso",
    "adHocSubProcess": "Subproceso ad hoc",
    "transaction": "Transacción",
    "exclusiveGateway": "Compuerta exclusiva",
    "parallelGateway": "Compuerta paralela",
    "inclusiveGateway": "Compuerta inclusiva",
    "eventBasedGateway": "Compuerta de eventos",
    "complexGateway": "Compuerta compleja",
    "startEvent": "Evento de inicio",
    "endEvent": "Evento de fin",
    "boundaryEvent": "Evento de borde",
    "intermediateCatchEvent": "Evento que espera",
    "intermediateThrowEvent": "Evento intermedio",
    "sequenceFlow": "Flujo de secuencia",
    "messageFlow": "Flujo de mensaje",
    "association": "Asociación",
    "textAnnotation": "Nota",
    "lane": "Carril",
    "participant": "Participante",
    "group": "Grupo",
    "dataObjectReference": "Referencia de objeto de datos",
    "dataStoreReference": "Referencia de almacén de datos",
}
"""The terms of BPMN, as the editor has them: `studio/es_headings.js` and the translation of bpmn-js."""
_EVENTS = {
    "timer": "temporizador",
    "message": "mensaje",
    "signal": "señal",
    "error": "error",
    "escalation": "escalamiento",
    "conditional": "condición",
    "compensation": "compensación",
    "link": "enlace",
    "terminate": "terminar todo",
    "cancel": "cancelación",
}
_PLAIN = {
    "userTask": "Tarea de una persona",
    "serviceTask": "Paso automático",
    "sendTask": "Paso automático",
    "scriptTask": "Cálculo",
    "businessRuleTask": "Decisión por tabla",
    "callActivity": "Etapa",
    "subProcess": "Subproceso",
    "transaction": "Subproceso que se puede deshacer",
    "exclusiveGateway": "Decisión de camino",
    "parallelGateway": "Caminos en paralelo",
    "inclusiveGateway": "Uno o varios caminos",
    "eventBasedGateway": "Espera lo que ocurra primero",
    "startEvent": "Inicio",
    "endEvent": "Fin",
    "boundaryEvent": "Si ocurre mientras tanto",
    "intermediateCatchEvent": "Espera",
    "intermediateThrowEvent": "Hecho",
    "receiveTask": "Espera un mensaje",
    "manualTask": "Tarea fuera del sistema",
    "task": "Tarea",
}
"""The same for who never sees BPMN: staff and the firm's clients."""
FIELDS = {
    "name": "nombre",
    "documentation": "documentación",
    "lane": "carril",
    "topic": "trabajo",
    "retries": "reintentos",
    "headers": "encabezados",
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
    "propagate_all_parent_variables": "pasa todas las variables",
    "propagate_all_child_variables": "devuelve todas las variables",
    "event": "evento",
    "loop": "varias instancias",
    "condition": "condición",
    "source": "de dónde sale",
    "target": "a dónde llega",
    "default_flow": "flujo por omisión",
    "kind": "tipo",
    "scope": "subproceso en que está",
    "interrupting": "interrumpe",
    "triggered_by_event": "empieza por un evento",
    "attached_to": "actividad del borde",
}
"""What of an element changed, as its panel and the comparison of versions call it."""
_STOPS = ("userTask", "callActivity", "endEvent", "intermediateCatchEvent", "eventBasedGateway", "receiveTask")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that may come next."""

    name: str
    kind: str
    lane: str | None
    condition: str
    """The last choice that leads there («¿Caso cerrado? No»), empty when there is none; the questions before it are in
    the diagram."""


def kind_name(element: Element) -> str:
    """«Tarea de usuario», «Evento de borde: temporizador»: as the head of the editor's panel has it."""
    name = KINDS.get(element.kind, element.kind)
    if element.triggered_by_event:
        return "Subproceso de evento"
    if not element.kind.endswith("Event"):
        return name
    event = _EVENTS.get(element.event.kind if element.event else "none")
    if event is None:
        return name
    return f"{'Evento que lanza' if element.kind == 'intermediateThrowEvent' else name}: {event}"


def plain_kind(element: Element) -> str:
    """The same without a term of BPMN: «Tarea de una persona», «Espera»."""
    return _PLAIN.get(element.kind, element.kind)


def process(tx: Transaction, process_key: str, instance_id: str) -> Process | None:
    """The process as this instance runs it; None when the diagram is not there any more."""
    found = tx.instance(instance_id)
    try:
        return _process(process_key, found.deployment_id, tx, instance_id)
    except KeyError:
        return None


_parsed: dict[tuple[str, str], Process] = {}
"""Immutable, by deployment and process: a deployment is never changed."""


def _process(process_key: str, deployment_id: str, tx: Transaction, instance_id: str) -> Process:
    key = (deployment_id, process_key)
    if key not in _parsed:
        if len(_parsed) > 200:
            _parsed.clear()
        diagram = tx.diagram(process_key, instance_id=instance_id)
        _parsed[key] = read_model(diagram.resource, diagram.xml).processes[process_key]
    return _parsed[key]


def name_of(process: Process | None, element_id: str | None) -> str:
    """What the diagram calls this element; its id where it has no name."""
    element = process.elements.get(element_id or "") if process else None
    return (element.name if element else "") or (element_id or "")


def following(process: Process, element: Element, limit: int = 4) -> list[Step]:
    """What may come next after `element`: the people's tasks, stages, waits and ends that its flows lead to."""
    steps: dict[str, Step] = {}
    for step_element, condition in _walk(process, element, "", set()):
        steps.setdefault(
            step_element.id,
            Step(step_element.name or plain_kind(step_element), step_element.kind, step_element.lane, condition),
        )
        if len(steps) >= limit:
            break
    return list(steps.values())


def _walk(process: Process, element: Element, condition: str, seen: set[str]) -> Iterator[tuple[Element, str]]:
    for flow_id in element.outgoing:
        flow = process.flows[flow_id]
        target = process.elements[flow.target]
        if target.id in seen:
            continue
        seen.add(target.id)
        way = _choice(condition, element, flow.name)
        if target.kind in _STOPS:
            yield target, way
        else:
            yield from _walk(process, target, way, seen)


def _choice(before: str, element: Element, answer: str) -> str:
    """The question of an exclusive gateway with the name of the flow taken; other elements ask nothing."""
    if element.kind != "exclusiveGateway" or not answer:
        return before
    return f"{element.name or ''} {answer}".strip()


_TIME = re.compile(r"\n\s*Tiempo: .*")
"""Last line of who edits the diagram: how long it waits as long as the firm's settings do not say otherwise."""


@lru_cache(maxsize=1024)
def plain(documentation: str) -> str:
    """Documentation of an element as a sentence, without its «Origen L28 (7.1):» and its line «Tiempo:»."""
    documentation = _TIME.sub("", documentation)
    head, separator, rest = documentation.partition(":")
    text = rest.strip() if separator and head.startswith(("Origen", "Añadido")) else documentation.strip()
    return text[:1].upper() + text[1:]
