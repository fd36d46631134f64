"""What our dialect says about each element of a BPMN model, as plain values.

The dialect is BPMN 2.0 with the Camunda 8 (zeebe) extension elements; `engine/definitions/reader.py` reads it,
`engine/bpmn/` executes it, `engine/definitions/checks/` judges it. Texts of expressions are kept as the analyst wrote
them: a text that starts with "=" is FEEL, any other is a literal string.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

EventKind = Literal[
    "none",
    "timer",
    "message",
    "signal",
    "error",
    "escalation",
    "conditional",
    "compensation",
    "link",
    "terminate",
    "cancel",
]


@dataclass(frozen=True, slots=True)
class VariableMapping:
    """One input or output mapping."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Event:
    """The definition of a start, intermediate, boundary or end event, or the message of a receive task."""

    kind: EventKind
    timer_kind: Literal["date", "duration", "cycle"] | None = None
    timer: str | None = None
    """Text of the timer: ISO 8601, or "=…"."""
    reference: str | None = None
    """Id of the message, signal, error or escalation."""
    name: str | None = None
    """Name of the message or signal (literal or "=…"); name of a link."""
    activity: str | None = None
    """Of a compensation that is thrown: the activity that is undone; None means all of its scope."""
    waits: bool = True
    """Of the same: whether it waits until all is undone."""
    code: str | None = None
    """Code of the error or escalation; None catches every code."""
    correlation_key: str | None = None
    """`zeebe:subscription`; None means the business key."""
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """How often an activity is done: for each item of a collection, a number of times, or again and again while a
    condition holds (BPMN's standard loop)."""

    sequential: bool
    collection: str = ""
    element_variable: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None
    cardinality: str | None = None
    """`loopCardinality`: how many instances, where there is no collection."""
    standard: bool = False
    """A standard loop: `condition`, `test_before` and `maximum` are its own."""
    condition: str | None = None
    test_before: bool = False
    maximum: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    name: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Element:
    """One flow node."""

    id: str
    kind: str
    """Local name of the BPMN element: `userTask`, `exclusiveGateway`, `boundaryEvent`, `subProcess`, …"""
    name: str
    process_id: str
    scope: str
    """Id of the process or sub-process that holds it."""
    lane: str | None = None
    documentation: str = ""
    # service, send, message throw
    topic: str | None = None
    retries: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()
    # user task
    form_id: str | None = None
    assignee: str | None = None
    candidate_groups: str | None = None
    candidate_users: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    priority: str | None = None
    # business rule, script
    decision_id: str | None = None
    script: str | None = None
    result_variable: str | None = None
    # call activity
    called_process: str | None = None
    propagate_all_parent_variables: bool = True
    propagate_all_child_variables: bool = True
    # events, loops, flows
    event: Event | None = None
    attached_to: str | None = None
    interrupting: bool = True
    triggered_by_event: bool = False
    """An event sub-process."""
    for_compensation: bool = False
    """Undoes another activity; no flow leads to it."""
    undone_by: str | None = None
    """Of a compensation boundary event: the activity that an association leads to."""
    loop: Loop | None = None
    default_flow: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    line: int = 0

    @property
    def handler(self) -> str | None:
        """Topic of the user task's handler."""
        return self.headers.get("handler")


@dataclass(frozen=True)
class Process:
    """One `bpmn:process` of a file."""

    id: str
    name: str
    executable: bool
    resource: str
    documentation: str
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    lanes: tuple[str, ...] = ()

    @cached_property
    def inside(self) -> Mapping[str, tuple[Element, ...]]:
        """Scope (the process or a sub-process) → the elements directly in it; a scope with none is not there."""
        found: dict[str, list[Element]] = {}
        for element in self.elements.values():
            found.setdefault(element.scope, []).append(element)
        return {scope: tuple(elements) for scope, elements in found.items()}

    @cached_property
    def boundaries(self) -> Mapping[str, tuple[Element, ...]]:
        """Activity → the events on its boundary; an activity with none is not there."""
        found: dict[str, list[Element]] = {}
        for element in self.elements.values():
            if element.attached_to:
                found.setdefault(element.attached_to, []).append(element)
        return {activity: tuple(events) for activity, events in found.items()}


@dataclass(frozen=True, slots=True)
class Model:
    """One BPMN file, read safely."""

    resource: str
    root: Any
    """The lxml root element, unchanged; whoever rewrites works on a copy."""
    processes: Mapping[str, Process]
