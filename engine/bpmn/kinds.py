"""Which kinds of elements run, and the class of node that runs each."""

from __future__ import annotations

from typing import Any

from engine.bpmn import activities, gateways, nodes
from engine.definitions.model import Element, EventKind, Process

JOBS = frozenset({"serviceTask", "sendTask", "businessRuleTask", "scriptTask", "intermediateThrowEvent", "endEvent"})
"""Elements that are jobs when they have a topic."""

TRIGGERS = frozenset({"timer", "message", "signal", "conditional", "error", "escalation"})
"""What starts an event sub-process."""

_STARTS = frozenset({"none", "message"})
_BOUNDARIES = TRIGGERS | {"cancel", "compensation"}

_CLASSES: dict[str, Any] = {
    "subProcess": activities.SubProcess,
    "transaction": activities.SubProcess,
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
    ("intermediateCatchEvent", "signal"): nodes.Catch,
    ("intermediateCatchEvent", "conditional"): nodes.Catch,
    ("intermediateCatchEvent", "link"): nodes.Node,
    ("intermediateThrowEvent", "none"): nodes.Node,
    ("intermediateThrowEvent", "message"): activities.SendMessage,
    ("intermediateThrowEvent", "signal"): nodes.ThrowSignal,
    ("intermediateThrowEvent", "escalation"): nodes.ThrowEscalation,
    ("intermediateThrowEvent", "compensation"): nodes.Compensate,
    ("intermediateThrowEvent", "link"): nodes.Node,
    ("endEvent", "none"): nodes.Node,
    ("endEvent", "message"): activities.SendMessage,
    ("endEvent", "signal"): nodes.ThrowSignal,
    ("endEvent", "terminate"): nodes.Terminate,
    ("endEvent", "cancel"): nodes.Cancel,
    ("endEvent", "compensation"): nodes.Compensate,
    ("endEvent", "error"): nodes.ThrowError,
    ("endEvent", "escalation"): nodes.ThrowEscalation,
}


def runs(element: Element, process: Process) -> bool:
    """Whether the executor has a way to run this kind of element where it stands, its attributes apart."""
    if element.triggered_by_event:
        return element.kind == "subProcess" and trigger_of(element, process) is not None
    scope = process.elements.get(element.scope)
    if element.topic and element.kind in JOBS:
        # A job stands for sending a message; it would throw no signal and no error.
        return element.kind.endswith("Task") or _event(element) in ("none", "message")
    if element.kind == "serviceTask":
        return False
    if element.kind == "scriptTask" and not element.script:
        return False
    if element.kind == "businessRuleTask" and not element.decision_id:
        return False
    if element.kind in ("receiveTask", "sendTask") and _event(element) != "message":
        return False
    if element.kind == "startEvent":
        return _event(element) in (TRIGGERS if scope is not None and scope.triggered_by_event else _STARTS)
    if element.kind == "boundaryEvent":
        host = process.elements.get(element.attached_to or "")
        of_transaction = host is not None and host.kind == "transaction"
        return _event(element) in _BOUNDARIES and (_event(element) != "cancel" or of_transaction)
    if element.kind == "endEvent" and _event(element) == "cancel":
        return scope is not None and scope.kind == "transaction"
    return element.kind in _CLASSES or (element.kind, _event(element)) in _EVENTS


def trigger_of(element: Element, process: Process) -> Element | None:
    """The start event of an event sub-process, when it has one and it can be waited for."""
    starts = [e for e in process.inside.get(element.id, ()) if e.kind == "startEvent"]
    return starts[0] if len(starts) == 1 and _event(starts[0]) in TRIGGERS else None


def _event(element: Element) -> EventKind:
    return element.event.kind if element.event else "none"


def node_class(element: Element) -> Any:
    """The class of node for an element that `runs` and is no job."""
    return _CLASSES.get(element.kind) or _EVENTS[element.kind, _event(element)]
