"""Rules about ids and about what refers to them, seen in the file itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.definitions.checks.material import Material, Problem, named
from engine.definitions.reader import ACTIVITIES, BPMN, FLOW_NODES, local_name

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

_ATTRIBUTES = {
    "sourceRef": None,
    "targetRef": None,
    "attachedToRef": None,
    "default": "sequenceFlow",
    "messageRef": "message",
    "errorRef": "error",
    "signalRef": "signal",
    "escalationRef": "escalation",
    "processRef": "process",
    "activityRef": None,
    "dataObjectRef": "dataObject",
    "dataStoreRef": "dataStore",
}
"""Attribute that refers → kind of what it must refer to (None: several kinds)."""

_TEXTS = {"flowNodeRef": None, "incoming": "sequenceFlow", "outgoing": "sequenceFlow", "eventDefinitionRef": None}


def duplicate_id(material: Material) -> Iterator[Problem]:
    """Every id stands for one thing: tokens, history and messages are found by it."""
    for resource, model in material.models.items():
        counts = Counter(node.get("id") for node in model.root.iter("{*}*") if node.get("id"))
        for id, count in counts.items():
            if count > 1:
                yield Problem(resource, id, f"El id «{id}» está {count} veces.", "Dé a cada elemento un id propio.")


def invalid_id(material: Material) -> Iterator[Problem]:
    """Ids are plain names: they go into addresses, files and expressions."""
    for resource, model in material.models.items():
        for node in model.root.iter(f"{BPMN}*"):
            id = node.get("id")
            if id is not None and not (_NAME.fullmatch(id) and len(id) <= 200):
                yield Problem(
                    resource,
                    id,
                    f"El id «{id}» no es un nombre.",
                    "Empiece con letra y use letras sin acento, cifras, guion bajo, guion o punto.",
                )


def element_without_id(material: Material) -> Iterator[Problem]:
    """An element without id cannot be waited for."""
    for resource, _, node in material.nodes(*FLOW_NODES, "sequenceFlow", "process", "message", "error", "signal"):
        if not node.get("id"):
            kind = local_name(node)
            yield Problem(
                resource,
                None,
                f"Un elemento «{kind}» ({node.get('name') or 'sin nombre'}) no tiene id.",
                "Guarde el modelo desde el editor, que los asigna.",
            )


def unresolved_reference(material: Material) -> Iterator[Problem]:
    """What an element refers to is in the same file and of the right kind."""
    for resource, model in material.models.items():
        known = {node.get("id"): local_name(node) for node in model.root.iter("{*}*") if node.get("id")}
        for node in model.root.iter(f"{BPMN}*"):
            for attribute, kind in _ATTRIBUTES.items():
                if node.get(attribute) is not None:
                    yield from _resolve(resource, node, attribute, node.get(attribute), kind, known)
            if local_name(node) in _TEXTS:
                tag = local_name(node)
                yield from _resolve(resource, node.getparent(), tag, node.text or "", _TEXTS[tag], known)


def _resolve(
    resource: str, node: Any, what: str, reference: str, kind: str | None, known: dict[str, str]
) -> Iterator[Problem]:
    id = reference.strip().rpartition(":")[2]
    if known.get(id) and (kind is None or known[id] == kind):
        return
    owner = node.get("id")
    problem = "no existe en este archivo" if id not in known else f"es de tipo {known[id]}, no {kind}"
    yield Problem(
        resource,
        owner,
        f"{local_name(node)} «{node.get('name') or owner}» se refiere en {what} a «{id}», que {problem}.",
        "Corrija la referencia o borre el elemento y dibújelo de nuevo.",
    )


def process_id_twice(material: Material) -> Iterator[Problem]:
    """A process id names one process in the whole folder: a call must have one meaning."""
    first: dict[str, str] = {}
    for resource, _, node in material.nodes("process"):
        id = node.get("id")
        if id in first and resource != first[id]:
            yield Problem(
                resource,
                id,
                f"El proceso «{id}» está también en {first[id]}.",
                "Cambie el id de uno de los dos, o quite el archivo que sobra.",
            )
        first.setdefault(id, resource)


def no_executable_process(material: Material) -> Iterator[Problem]:
    """A file without an executable process is a draft: published, but nothing in it runs."""
    for resource, model in material.models.items():
        if not any(process.executable for process in model.processes.values()):
            yield Problem(
                resource,
                next(iter(model.processes), None),
                "Ningún proceso del archivo está marcado como ejecutable.",
                "Marque «Ejecutable» en las propiedades del proceso, o saque el borrador de la carpeta.",
                "warning",
            )


def boundary_not_on_activity(material: Material) -> Iterator[Problem]:
    """A boundary event sits on an activity of its own scope."""
    for process, element in material.elements("boundaryEvent"):
        host = process.elements.get(element.attached_to or "")
        if host is None or host.kind not in ACTIVITIES or host.scope != element.scope:
            yield Problem(
                process.resource,
                element.id,
                f"El evento de borde {named(element)} no está sobre una actividad de su mismo nivel.",
                "Arrástrelo al borde de la tarea o del subproceso que vigila.",
            )


def default_not_own_flow(material: Material) -> Iterator[Problem]:
    """The default flow leaves the element that names it."""
    for process, element in material.elements():
        if element.default_flow and element.default_flow not in element.outgoing:
            yield Problem(
                process.resource,
                element.id,
                f"El flujo por omisión «{element.default_flow}» no sale de {named(element)}.",
                "Elija de nuevo el flujo por omisión.",
            )


RULES = (
    duplicate_id,
    invalid_id,
    element_without_id,
    unresolved_reference,
    process_id_twice,
    no_executable_process,
    boundary_not_on_activity,
    default_not_own_flow,
)
