"""Rules about what elements throw: somebody in the folder catches it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definitions.checks.material import Material, Problem, named

_RECEIVE = ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
_THROW = ("intermediateThrowEvent", "endEvent", "sendTask")


def message_without_receiver(material: Material) -> Iterator[Problem]:
    """A message that an element throws by name is one that some element of the folder waits for."""
    caught = {element.event.name for _, element in material.elements(*_RECEIVE) if element.event}
    open_names = any(name and name.startswith("=") for name in caught)
    for process, element in material.elements(*_THROW):
        event = element.event
        if event is None or event.kind != "message" or not event.name or element.topic:
            continue
        if event.name not in caught and not event.name.startswith("=") and not open_names:
            message = f"Nadie espera el mensaje «{event.name}» que manda {named(element)}."
            yield Problem(process.resource, element.id, message, "Revise el nombre del mensaje.", "warning")


def error_without_catcher(material: Material) -> Iterator[Problem]:
    """An error that an end event throws is caught at a border around it, or where its process is called."""
    codes = {
        boundary.event.code
        for _, boundary in material.elements("boundaryEvent")
        if boundary.event is not None and boundary.event.kind == "error"
    }
    for process, element in material.elements("endEvent"):
        if element.event is None or element.event.kind != "error":
            continue
        if None not in codes and element.event.code not in codes:
            message = f"Nadie atrapa el error «{element.event.code}» de {named(element)}: detendría el asunto."
            yield Problem(process.resource, element.id, message, "Añada un evento de borde que lo atrape.", "warning")


RULES = (message_without_receiver, error_without_catcher)
