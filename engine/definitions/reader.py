"""Reads a BPMN file of our dialect into the plain values of `model.py`.

The reader is forgiving: whatever it does not understand it leaves out, and the checks, which look at the same root
element, say what is wrong. It raises only for files that are no BPMN at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from lxml import etree

from engine.definitions import safe_xml
from engine.definitions.model import Element, Event, EventKind, Flow, Loop, Model, Process, VariableMapping
from engine.errors import ModelError
from engine.values import Finding

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"

SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "scriptTask",
    }
)
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
ACTIVITIES = TASKS | SUB_PROCESSES | {"callActivity"}
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS

_SUFFIX = "EventDefinition"
_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def read_model(resource: str, data: bytes) -> Model:
    """Read one BPMN file. Raises ModelError for what is no BPMN file: too large, no XML, another root element."""
    root = safe_xml.parse(resource, data)
    if root.tag != f"{BPMN}definitions":
        message = f"El archivo no es un modelo BPMN 2.0: su elemento raíz es «{local_name(root)}»."
        raise ModelError([Finding(resource, None, "not-bpmn", message, "Elija un archivo .bpmn.")])
    by_id: dict[str, Any] = {}
    for node in root.iter("{*}*"):
        if node.get("id"):
            by_id.setdefault(node.get("id"), node)
    processes: dict[str, Process] = {}
    for node in root.findall(f"{BPMN}process"):
        if node.get("id"):
            processes.setdefault(node.get("id"), _ProcessReader(resource, by_id, node).read())
    return Model(resource, root, processes)


def local_name(node: Any) -> str:
    return str(etree.QName(node).localname)


def text_of(node: Any | None) -> str | None:
    """The text of an element, without what surrounds it; None for a missing or empty one."""
    return ("".join(node.itertext()).strip() or None) if node is not None else None


def event_definitions(node: Any, by_id: Mapping[str, Any]) -> list[Any]:
    """The event definitions of an event, those by `eventDefinitionRef` too, in document order."""
    found = []
    for child in node:
        if child.tag == f"{BPMN}eventDefinitionRef":
            child = by_id.get((child.text or "").strip().rpartition(":")[2])
        if child is not None and isinstance(child.tag, str) and local_name(child).endswith(_SUFFIX):
            found.append(child)
    return found


class _ProcessReader:
    """Reads one process; holds what its elements refer to."""

    def __init__(self, resource: str, by_id: Mapping[str, Any], node: Any) -> None:
        self.resource = resource
        self.by_id = by_id
        self.node = node
        self.id: str = node.get("id")
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, Flow] = {}
        self.lanes: list[str] = []
        self.lane_of: dict[str, str] = {}
        self.associated: dict[str, str] = {}
        self.incoming: dict[str, list[str]] = {}
        self.outgoing: dict[str, list[str]] = {}

    def read(self) -> Process:
        self._read_lanes(self.node)
        self._read_flows(self.node)
        self._read_associations()
        self._read_scope(self.node, self.id, None)
        return Process(
            id=self.id,
            name=self.node.get("name") or self.id,
            executable=self.node.get("isExecutable") in ("true", "1"),
            resource=self.resource,
            documentation=text_of(self.node.find(f"{BPMN}documentation")) or "",
            elements=self.elements,
            flows=self.flows,
            lanes=tuple(self.lanes),
        )

    def _read_lanes(self, node: Any) -> None:
        """An element may stand in a lane and in a lane inside that one: the innermost wins, so children come last."""
        for lane in node.iterfind(f"{BPMN}laneSet/{BPMN}lane"):
            self._read_lane(lane)

    def _read_lane(self, lane: Any) -> None:
        name = lane.get("name") or lane.get("id") or ""
        self.lanes.append(name)
        for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
            self.lane_of[(reference.text or "").strip()] = name
        for child in lane.iterfind(f"{BPMN}childLaneSet/{BPMN}lane"):
            self._read_lane(child)

    def _read_flows(self, scope: Any) -> None:
        for node in self._inside(scope, {"sequenceFlow"} | SUB_PROCESSES):
            if local_name(node) != "sequenceFlow":
                self._read_lanes(node)
                self._read_flows(node)
                continue
            flow = Flow(
                id=node.get("id"),
                source=node.get("sourceRef") or "",
                target=node.get("targetRef") or "",
                name=node.get("name") or "",
                condition=text_of(node.find(f"{BPMN}conditionExpression")),
            )
            if flow.id in self.flows:
                continue
            self.flows[flow.id] = flow
            self.outgoing.setdefault(flow.source, []).append(flow.id)
            self.incoming.setdefault(flow.target, []).append(flow.id)

    def _read_associations(self) -> None:
        for node in self.node.iter(f"{BPMN}association"):
            self.associated.setdefault(node.get("sourceRef"), node.get("targetRef"))

    def _read_scope(self, scope: Any, scope_id: str, lane: str | None) -> None:
        for node in self._inside(scope, FLOW_NODES):
            element = self._element(node, scope_id, self.lane_of.get(node.get("id"), lane))
            self.elements.setdefault(element.id, element)
            if element.kind in SUB_PROCESSES:
                self._read_scope(node, element.id, element.lane)

    @staticmethod
    def _inside(scope: Any, kinds: set[str] | frozenset[str]) -> Iterator[Any]:
        for node in scope.iterchildren(f"{BPMN}*"):
            if node.get("id") and local_name(node) in kinds:
                yield node

    def _element(self, node: Any, scope: str, lane: str | None) -> Element:
        kind = local_name(node)
        attached_to = node.get("attachedToRef")
        if lane is None and attached_to:
            lane = self.lane_of.get(attached_to)
        interrupting = node.get("cancelActivity" if kind == "boundaryEvent" else "isInterrupting")
        return Element(
            id=node.get("id"),
            kind=kind,
            name=node.get("name") or "",
            process_id=self.id,
            scope=scope,
            lane=lane,
            documentation=text_of(node.find(f"{BPMN}documentation")) or "",
            event=self._event(node, kind),
            attached_to=attached_to,
            interrupting=interrupting not in ("false", "0"),
            triggered_by_event=node.get("triggeredByEvent") in ("true", "1"),
            for_compensation=node.get("isForCompensation") in ("true", "1"),
            undone_by=self._undone_by(node, kind),
            loop=_loop(node),
            default_flow=node.get("default"),
            incoming=tuple(self.incoming.get(node.get("id"), ())),
            outgoing=tuple(self.outgoing.get(node.get("id"), ())),
            line=node.sourceline or 0,
            **_extensions(node),
        )

    def _undone_by(self, node: Any, kind: str) -> str | None:
        is_compensation = kind == "boundaryEvent" and node.find(f"{BPMN}compensateEventDefinition") is not None
        return self.associated.get(node.get("id")) if is_compensation else None

    def _event(self, node: Any, kind: str) -> Event | None:
        if kind in ("receiveTask", "sendTask"):
            return self._message(node) if node.get("messageRef") else None
        if kind not in EVENTS:
            return None
        definitions = event_definitions(node, self.by_id)
        if not definitions:
            return Event("none")
        definition = definitions[0]
        event_kind = cast(
            "EventKind", local_name(definition).removesuffix(_SUFFIX).replace("compensate", "compensation")
        )
        if event_kind == "message":
            return self._message(definition)
        if event_kind == "timer":
            return _timer(definition)
        if event_kind == "link":
            return Event("link", name=definition.get("name"))
        if event_kind == "compensation":
            waits = definition.get("waitForCompletion") not in ("false", "0")
            return Event("compensation", activity=definition.get("activityRef") or None, waits=waits)
        if event_kind == "conditional":
            return Event("conditional", condition=text_of(definition.find(f"{BPMN}condition")))
        reference, target = self._reference(definition, f"{event_kind}Ref")
        code = target.get(f"{event_kind}Code") if target is not None else None
        return Event(event_kind, reference=reference, name=_get(target, "name"), code=code or None)

    def _message(self, node: Any) -> Event:
        reference, target = self._reference(node, "messageRef")
        subscription = _extension(target, "subscription") if target is not None else None
        return Event(
            "message",
            reference=reference,
            name=_get(target, "name"),
            correlation_key=_get(subscription, "correlationKey") or None,
        )

    def _reference(self, node: Any, attribute: str) -> tuple[str | None, Any | None]:
        """What a QName attribute points to; its prefix does not matter, ids are unique in a file."""
        name = (node.get(attribute) or "").rpartition(":")[2] or None
        return name, self.by_id.get(name) if name else None


def _get(node: Any | None, attribute: str) -> str | None:
    value = node.get(attribute) if node is not None else None
    return None if value is None else str(value)


def _extension(node: Any, name: str) -> Any | None:
    return node.find(f"{BPMN}extensionElements/{ZEEBE}{name}")


def _timer(definition: Any) -> Event:
    for child in definition:
        timer_kind = _TIMERS.get(local_name(child))
        if timer_kind:
            return Event("timer", timer_kind=cast("Any", timer_kind), timer=text_of(child))
    return Event("timer")


def _loop(node: Any) -> Loop | None:
    standard = node.find(f"{BPMN}standardLoopCharacteristics")
    if standard is not None:
        return Loop(
            sequential=True,
            standard=True,
            condition=text_of(standard.find(f"{BPMN}loopCondition")),
            test_before=standard.get("testBefore") in ("true", "1"),
            maximum=standard.get("loopMaximum"),
        )
    loop = node.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    facts = _extension(loop, "loopCharacteristics")
    return Loop(
        sequential=loop.get("isSequential") in ("true", "1"),
        collection=_get(facts, "inputCollection") or "",
        cardinality=text_of(loop.find(f"{BPMN}loopCardinality")),
        element_variable=_get(facts, "inputElement") or None,
        output_collection=_get(facts, "outputCollection") or None,
        output_element=_get(facts, "outputElement") or None,
        completion_condition=text_of(loop.find(f"{BPMN}completionCondition")),
    )


_FACTS = {
    "topic": ("taskDefinition", "type"),
    "retries": ("taskDefinition", "retries"),
    "form_id": ("formDefinition", "formId"),
    "assignee": ("assignmentDefinition", "assignee"),
    "candidate_groups": ("assignmentDefinition", "candidateGroups"),
    "candidate_users": ("assignmentDefinition", "candidateUsers"),
    "due_date": ("taskSchedule", "dueDate"),
    "follow_up_date": ("taskSchedule", "followUpDate"),
    "priority": ("priorityDefinition", "priority"),
    "decision_id": ("calledDecision", "decisionId"),
    "script": ("script", "expression"),
}
"""Field of Element → extension element and its attribute."""


def _extensions(node: Any) -> dict[str, Any]:
    """The facts in the zeebe extension elements of a flow node, as keyword arguments of Element."""
    facts: dict[str, Any] = {}
    for name, (tag, attribute) in _FACTS.items():
        facts[name] = _get(_extension(node, tag), attribute) or None
    for tag in ("calledDecision", "script"):
        facts["result_variable"] = facts.get("result_variable") or _get(_extension(node, tag), "resultVariable")
    called = _extension(node, "calledElement")
    # The modeler writes the extension; plain BPMN files have the attribute only.
    facts["called_process"] = _get(called, "processId") or node.get("calledElement")
    facts["propagate_all_parent_variables"] = _get(called, "propagateAllParentVariables") != "false"
    facts["propagate_all_child_variables"] = _get(called, "propagateAllChildVariables") != "false"
    headers = node.iterfind(f"{BPMN}extensionElements/{ZEEBE}taskHeaders/{ZEEBE}header")
    facts["headers"] = {header.get("key"): header.get("value") or "" for header in headers if header.get("key")}
    facts["inputs"] = _mappings(node, "input")
    facts["outputs"] = _mappings(node, "output")
    return facts


def _mappings(node: Any, tag: str) -> tuple[VariableMapping, ...]:
    found = node.iterfind(f"{BPMN}extensionElements/{ZEEBE}ioMapping/{ZEEBE}{tag}")
    return tuple(VariableMapping(m.get("source") or "", m.get("target")) for m in found if m.get("target"))
