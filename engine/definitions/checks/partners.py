"""Rules about what elements throw: somebody in the folder catches it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definitions.checks.material import Material, Problem, named
from engine.definitions.model import Element, Event

_RECEIVE = ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
_THROW = ("intermediateThrowEvent", "endEvent", "sendTask")


def message_without_receiver(material: Material) -> Iterator[Problem]:
    """A message that an element throws by name is one that some element of the folder waits for."""
    caught = {
        element.event.name
        for _, element in material.elements(*_RECEIVE)
        if element.event is not None and element.event.kind == "message"
    }
    open_names = any(name and name.startswith("=") for name in caught)
    for process, element in material.elements(*_THROW):
        event = element.event
        if event is None or event.kind != "message" or not event.name or element.topic:
            continue
        if event.name not in caught and not event.name.startswith("=") and not open_names:
            message = f"Nadie espera el mensaje «{event.name}» que manda {named(element)}."
            yield Problem(process.resource, element.id, message, "Revise el nombre del mensaje.", "warning")


def error_without_catcher(material: Material) -> Iterator[Problem]:
    """An error that an end event throws is caught at a border around it, by an event sub-process or where its process
    is called."""
    codes = {
        catcher.event.code
        for _, catcher in material.elements("boundaryEvent", "startEvent")
        if catcher.event is not None and catcher.event.kind == "error"
    }
    for process, element in material.elements("endEvent"):
        if element.event is None or element.event.kind != "error":
            continue
        if None not in codes and element.event.code not in codes:
            message = f"Nadie atrapa el error «{element.event.code}» de {named(element)}: detendría el asunto."
            yield Problem(process.resource, element.id, message, "Añada un evento de borde que lo atrape.", "warning")


def caught_twice(material: Material) -> Iterator[Problem]:
    """Of the borders of one activity, and of the event sub-processes of one scope, one catches an error or
    escalation."""
    for process in material.processes():
        seen: set[tuple[object, ...]] = set()
        for element in process.elements.values():
            event = element.event
            if event is None or event.kind not in ("error", "escalation"):
                continue
            holder = process.elements.get(element.scope)
            if element.kind == "boundaryEvent":
                place = element.attached_to
            elif element.kind == "startEvent" and holder is not None:
                place = f"in {holder.scope}"
            else:
                continue
            if (key := (place, event.kind, event.code)) in seen:
                message = f"{named(element)} atrapa lo mismo que otro evento en el mismo lugar: no se sabe cuál."
                yield Problem(process.resource, element.id, message, "Deje uno, o deles códigos distintos.")
            seen.add(key)


def signal_without_listener(material: Material) -> Iterator[Problem]:
    """A signal that an element throws by name is one that some element of the folder listens to."""
    heard = {event.name for _, element in material.elements(*_RECEIVE) if (event := _signal(element))}
    open_names = any(name and name.startswith("=") for name in heard)
    for process, element in material.elements(*_THROW):
        event = _signal(element)
        if event is None or element.topic or not event.name or event.name.startswith("=") or open_names:
            continue
        if event.name not in heard:
            message = f"Nadie escucha la señal «{event.name}» que manda {named(element)}."
            yield Problem(process.resource, element.id, message, "Revise el nombre de la señal.", "warning")


def _signal(element: Element) -> Event | None:
    return element.event if element.event is not None and element.event.kind == "signal" else None


RULES = (message_without_receiver, signal_without_listener, error_without_catcher, caught_twice)
