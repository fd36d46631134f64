"""Compiles processes of our dialect into specifications of the library, everything that they call included.

The library's own XML parser is not used: it is recursive, knows nothing of the dialect and passes over what it does not
understand. Every element keeps its id; what is added in between has a colon in its name, which no XML id can have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.bpmn import activities, gateways, nodes
from engine.bpmn.kinds import JOBS, node_class, runs, trigger_of
from engine.bpmn.nodes import Node, Way
from engine.bpmn.workflow import TopWorkflow
from engine.definitions.model import Element, Flow, Model, Process
from engine.errors import ProcessFailed


class Program:
    """A compiled process. Immutable after `compile`, shared between threads and instances."""

    def __init__(self, process_key: str, specs: dict[str, BpmnProcessSpec]) -> None:
        self.process_key = process_key
        self.specs = specs
        all_nodes = [node for spec in specs.values() for node in spec.task_specs.values()]
        self.watches = any(node.event.kind == "conditional" for node in all_nodes)
        """Somewhere in it an event waits for a condition."""

    @classmethod
    def compile(
        cls, process_key: str, processes: Mapping[str, Process], models: Mapping[str, Model] | None = None
    ) -> Program:
        """Compile one process with everything that it calls, directly or not.

        Raises ProcessFailed for a model that the checks would have refused: a called process that is not there, an
        element that is not executed.
        """
        specs: dict[str, BpmnProcessSpec] = {}
        queue = [process_key]
        while queue:
            key = queue.pop()
            if key in specs:
                continue
            if key not in processes:
                raise ProcessFailed(f"No hay un proceso «{key}» en esta publicación.")
            process = processes[key]
            for scope in [key, *(e.id for e in process.elements.values() if e.kind in ("subProcess", "transaction"))]:
                specs[spec_name(process, scope)] = _Compiler(process, scope).compile()
            queue += [e.called_process for e in process.elements.values() if e.called_process]
        return cls(process_key, specs)

    def workflow(self, *, deserializing: bool = False) -> TopWorkflow:
        return TopWorkflow(self.specs[self.process_key], self.specs, watches=self.watches, deserializing=deserializing)

    def start_events(self) -> list[Element]:
        """The start events of the process itself, in the order of the file."""
        return [way.target.element for way in self.specs[self.process_key].start.ways]


def spec_name(process: Process, scope: str) -> str:
    """Name of the specification of a process or of one of its sub-processes."""
    return process.id if scope == process.id else f"{process.id}:{scope}"


class _Compiler:
    """Compiles one scope: a process or a sub-process."""

    def __init__(self, process: Process, scope: str) -> None:
        self.process = process
        self.scope = scope
        self.elements = process.inside.get(scope, ())
        self.spec = BpmnProcessSpec(name=spec_name(process, scope), description=process.name)
        # The library's own start and end stand for its way of predicting and joining.
        self.spec.task_specs.clear()
        self.nodes: dict[str, Node] = {}

    def compile(self) -> BpmnProcessSpec:
        owner = self.process.elements.get(self.scope) or _anonymous(self.process)
        self.spec.start = nodes.Root(self.spec, ":start", owner)
        for element in self.elements:
            self.nodes[element.id] = self._node(element)
        for element in self.elements:
            self._connect(element)
        self.spec.start.boundaries = tuple(self._trigger(e) for e in self.elements if e.triggered_by_event)
        for boundary in self.elements:
            if boundary.undone_by and boundary.attached_to:
                self.nodes[boundary.attached_to].undone_by = self.nodes[boundary.undone_by]
        starts = [self.nodes[e.id] for e in self.elements if e.kind == "startEvent"]
        _lead(self.spec.start, [Way(f":start:{start.bpmn_id}", start) for start in starts])
        for node in list(self.spec.task_specs.values()):
            if isinstance(node, gateways.ParallelGateway | gateways.InclusiveGateway) and len(node.incoming) > 1:
                node.sources = _sources(self.spec.task_specs.values(), node)
        return self.spec

    def _trigger(self, element: Element) -> Node:
        """What waits for the event of an event sub-process as long as this scope runs."""
        handler = self.nodes[element.id]
        start = trigger_of(element, self.process)
        assert isinstance(handler, activities.EventSubProcess)
        assert start is not None
        handler.start, handler.interrupting = start.id, start.interrupting
        return nodes.Trigger(self.spec, f"{element.id}:trigger", start, handler=handler)

    def _node(self, element: Element) -> Node:
        if element.loop is None:
            return self._plain_node(element, element.id)
        body = activities.MultiInstance(self.spec, element.id, element)
        body.each = self._plain_node(element, f"{element.id}:each")
        body.each.instance = True
        return body

    def _plain_node(self, element: Element, name: str) -> Node:
        kind = element.kind
        if not runs(element, self.process):
            raise ProcessFailed(f"El motor no ejecuta «{element.id}» ({kind}).", element_id=element.id)
        if kind in ("subProcess", "transaction"):
            sub_process = activities.EventSubProcess if element.triggered_by_event else activities.SubProcess
            return sub_process(self.spec, name, element, inside=spec_name(self.process, element.id))
        if kind == "callActivity":
            return activities.CallActivity(self.spec, name, element, inside=element.called_process or "")
        if kind == "userTask":
            return activities.Waiting(self.spec, name, element, kind="user_task")
        if element.topic and kind in JOBS:
            return activities.Waiting(self.spec, name, element, kind="job")
        node: Node = node_class(element)(self.spec, name, element)
        return node

    def _connect(self, element: Element) -> None:
        node = self.nodes[element.id]
        if isinstance(node, activities.MultiInstance | activities.Activity | activities.Receive):
            node.boundaries = tuple(self.nodes[e.id] for e in self.process.boundaries.get(element.id, ()))
        ways = [self._way(element, self.process.flows[flow]) for flow in element.outgoing if flow in self.process.flows]
        if element.event and element.event.kind == "link" and element.kind == "intermediateThrowEvent":
            ways = [self._link(element)]
        if not node.chooses and any(way.condition or way.default for way in ways):
            # Conditional flows out of an activity: an inclusive gateway behind it that no diagram shows.
            split = gateways.InclusiveSplit(self.spec, f"{element.id}:split", element, visible=False)
            _lead(split, ways)
            ways = [Way(f"{element.id}:split", split)]
        _lead(node, ways)

    def _way(self, element: Element, flow: Flow) -> Way:
        default = element.default_flow == flow.id
        if flow.target not in self.nodes:
            raise ProcessFailed(f"La flecha «{flow.id}» no lleva a un elemento del mismo nivel.", element_id=flow.id)
        target = self.nodes[flow.target]
        return Way(flow.id, target, None if default else flow.condition, default, flow.name or target.said)

    def _link(self, element: Element) -> Way:
        """A link throw event leads to the catch event of the same name."""
        name = element.event.name if element.event else None
        for other in self.elements:
            event = other.event if other.kind == "intermediateCatchEvent" else None
            if event and event.kind == "link" and event.name == name:
                return Way(f"{element.id}:link", self.nodes[other.id])
        raise ProcessFailed(f"El enlace «{name}» de «{element.id}» no tiene destino.", element_id=element.id)


def _lead(node: Node, ways: list[Way]) -> None:
    """Connect a node to what follows it, for us (with the flows) and for the library."""
    node.ways = tuple(ways)
    for way in ways:
        way.target.incoming = (*way.target.incoming, way.id)
        node.connect(way.target)


def _sources(all_nodes: Iterable[Any], join: Node) -> dict[str, frozenset[str]]:
    """For each flow into a join: the nodes from which a token can come by it without passing the join."""
    before: dict[str, list[str]] = {}
    by_flow: dict[str, str] = {}
    for node in all_nodes:
        for way in node.ways:
            before.setdefault(way.target.name, []).append(node.name)
            if way.target is join:
                by_flow[way.id] = node.name
        for boundary in node.boundaries:
            before.setdefault(boundary.name, []).append(node.name)
    found = {}
    for flow, source in by_flow.items():
        reached, stack = set(), [source]
        while stack:
            name = stack.pop()
            if name not in reached and name != join.name:
                reached.add(name)
                stack += before.get(name, [])
        found[flow] = frozenset(reached)
    return found


def _anonymous(process: Process) -> Element:
    """Stands for the process where a node needs an element."""
    return Element(id=process.id, kind="process", name=process.name, process_id=process.id, scope="")
