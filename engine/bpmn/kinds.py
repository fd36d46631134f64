"""Which kinds of elements run, and the class of node that runs each."""

from __future__ import annotations

from typing import Any

from engine.bpmn import activities, gateways, nodes
from engine.definitions.model import Element, EventKind

JOBS = frozenset({"serviceTask", "sendTask", "businessRuleTask", "scriptTask", "intermediateThrowEvent", "endEvent"})
"""Elements that are jobs when they have a topic."""

_CAUGHT: dict[str, frozenset[str]] = {
    "startEvent": frozenset({"none", "message"}),
    "boundaryEvent": frozenset({"timer", "message", "conditional", "error", "escalation"}),
}

_CLASSES: dict[str, Any] = {
    "subProcess": activities.SubProcess,
    "callActivity": activities.CallActivity,
    "userTask": activities.Waiting,
    "task": activities.Activity,
    "manualTask": activities.Activity,
    "scriptTask": activities.Script,
    "businessRuleTask": activities.Script,
    "receiveTask": activities.Receive,
    "sendTask": activities.SendMessage,
    "exclusiveGateway": gateways.ExclusiveGateway,
    "parallelGateway": gateways.ParallelGateway,
    "inclusiveGateway": gateways.InclusiveGateway,
    "eventBasedGateway": gateways.EventGateway,
    "boundaryEvent": nodes.Boundary,
    "startEvent": nodes.Start,
}

_EVENTS: dict[tuple[str, str], Any] = {
    ("intermediateCatchEvent", "timer"): nodes.Catch,
    ("intermediateCatchEvent", "message"): nodes.Catch,
    ("intermediateCatchEvent", "conditional"): nodes.Catch,
    ("intermediateCatchEvent", "link"): nodes.Node,
    ("intermediateThrowEvent", "none"): nodes.Node,
    ("intermediateThrowEvent", "message"): activities.SendMessage,
    ("intermediateThrowEvent", "escalation"): nodes.ThrowEscalation,
    ("intermediateThrowEvent", "link"): nodes.Node,
    ("endEvent", "none"): nodes.Node,
    ("endEvent", "message"): activities.SendMessage,
    ("endEvent", "terminate"): nodes.Terminate,
    ("endEvent", "error"): nodes.ThrowError,
    ("endEvent", "escalation"): nodes.ThrowEscalation,
}


def runs(element: Element) -> bool:
    """Whether the executor has a way to run this kind of element, its attributes and surroundings apart."""
    if element.triggered_by_event:
        return False
    if element.topic and element.kind in JOBS:
        return True
    if element.kind == "serviceTask":
        return False
    if element.kind == "scriptTask" and not element.script:
        return False
    if element.kind == "businessRuleTask" and not element.decision_id:
        return False
    if element.kind in ("receiveTask", "sendTask") and _event(element) != "message":
        return False
    if element.kind in ("startEvent", "boundaryEvent"):
        return _event(element) in _CAUGHT[element.kind]
    return element.kind in _CLASSES or (element.kind, _event(element)) in _EVENTS


def _event(element: Element) -> EventKind:
    return element.event.kind if element.event else "none"


def node_class(element: Element) -> Any:
    """The class of node for an element that `runs` and is no job."""
    return _CLASSES.get(element.kind) or _EVENTS[element.kind, _event(element)]
