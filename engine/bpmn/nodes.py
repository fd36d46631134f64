"""The library's task specifications, one class for each way of a BPMN element to behave.

A node only says *what* happens at an element, in calls of the machine; how tokens move is the machine's. Whatever can
fail is evaluated before the library's task is run, so that a failure never leaves its tree between two states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.wait import Fault
from engine.definitions.model import Element, Event

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine


@dataclass(frozen=True, slots=True)
class Way:
    """A sequence flow as the executor sees it."""

    id: str
    target: Node
    condition: str | None = None
    default: bool = False


class Node(BpmnSpecMixin):  # type: ignore[misc]
    """One element of a diagram. By itself: a token passes through."""

    visible = True
    """False for nodes that stand in no diagram."""

    def __init__(self, spec: Any, name: str, element: Element, **kwargs: Any) -> None:
        super().__init__(spec, name, bpmn_name=element.name, lane=element.lane, **kwargs)
        self.bpmn_id = element.id
        self.element = element
        self.event = element.event or Event("none")
        self.ways: tuple[Way, ...] = ()
        self.incoming: tuple[str, ...] = ()
        self.boundaries: tuple[Node, ...] = ()
        self.instance = False
        """True for the node that stands for one instance of a multi-instance activity."""

    # What the library calls.

    def _predict_hook(self, my_task: Task) -> None:
        """Nothing is predicted: the tree holds what is, not what may come."""

    def _update_hook(self, my_task: Task) -> bool:
        my_task.internal_data["n"] = my_task.workflow.top_workflow.number()
        return self.arrive(my_task)

    def _on_ready(self, my_task: Task) -> None:
        my_task.workflow.top_workflow.push(my_task)

    def _run_hook(self, my_task: Task) -> bool | None:
        return True

    def _on_complete(self, my_task: Task) -> None:
        for way in self.taken(my_task):
            child = my_task._add_child(way.target, TaskState.FUTURE)
            child.internal_data["flow"] = way.id
            way.target._update(child)
        my_task.workflow._task_completed_notify(my_task)

    def _on_cancel(self, my_task: Task) -> None:
        """The machine cancels; the library's own events are not used."""

    # What the machine calls.

    def arrive(self, task: Task) -> bool:
        """A token has come; False when it has to wait for others before anything happens."""
        return True

    def taken(self, task: Task) -> tuple[Way, ...]:
        """The flows that a completed token leaves by."""
        chosen = task.internal_data.get("take")
        return self.ways if chosen is None else tuple(way for way in self.ways if way.id in chosen)

    def enter(self, machine: Machine, task: Task) -> None:
        """The first step at this element, and the first again after a failure. Raises Fault."""
        machine.entered(task)
        self.begin(machine, task)

    def begin(self, machine: Machine, task: Task) -> None:
        machine.finish(task)

    def leave(self, machine: Machine, task: Task) -> None:
        """The last step: the work is done, its results go where they belong. Raises Fault before it writes."""
        machine.variables.leave(task)
        machine.finish(task)


class Root(Node):
    """Stands before the start events of a scope."""

    visible = False

    def _on_ready(self, my_task: Task) -> None:
        """The library begins a workflow with its root ready: nothing has called `_update` on it."""
        my_task.internal_data["n"] = my_task.workflow.top_workflow.number()
        super()._on_ready(my_task)


class Start(Node):
    """A start event. What a message brought to it waits at the root of its scope."""

    def begin(self, machine: Machine, task: Task) -> None:
        root = task.workflow.task_tree
        task.data.update(root.data)
        machine.variables.leave(task)
        root.data = {}
        machine.finish(task)


class Activity(Node):
    """Anything with variables of its own and boundary events."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.open(task)
        self.work(machine, task)

    def work(self, machine: Machine, task: Task) -> None:
        self.leave(machine, task)


class Waiting(Activity):
    """A user task or a job: stays ready until somebody says that it is done."""

    def __init__(self, spec: Any, name: str, element: Element, *, kind: str) -> None:
        super().__init__(spec, name, element, manual=True)
        self.kind = kind

    def work(self, machine: Machine, task: Task) -> None:
        task.internal_data["active"] = True


class Script(Activity):
    """A script or a decision: one value, here and now."""

    def work(self, machine: Machine, task: Task) -> None:
        element = self.element
        if element.decision_id:
            value = machine.variables.decide(task, element.decision_id)
        else:
            value = machine.variables.evaluate(task, element.script, "El guion")
        machine.variables.put_result(task, {element.result_variable: value} if element.result_variable else {})
        task.internal_data["done"] = True
        self.leave(machine, task)


class SendMessage(Activity):
    """A message leaves; the input mappings are its payload, except for the reserved target `correlationKey`."""

    def work(self, machine: Machine, task: Task) -> None:
        name = machine.variables.name(task, self.event.name)
        payload = dict(task.data)
        correlation = machine.variables.correlation(task, payload.pop("correlationKey", None))
        machine.host.send(name, correlation, payload, element_id=self.element.id)
        self.leave(machine, task)


class SubProcess(Activity):
    """An embedded sub-process or a call activity; `inside` names the specification of what runs in it."""

    def __init__(self, spec: Any, name: str, element: Element, *, inside: str) -> None:
        super().__init__(spec, name, element)
        self.inside = inside

    def work(self, machine: Machine, task: Task) -> None:
        if task.workflow.depth >= machine.max_depth:
            raise Fault(
                f"«{self.element.id}» está a más de {machine.max_depth} niveles: ¿se llama el proceso a sí mismo?"
            )
        self.prepare(machine, task)
        task.run()

    def prepare(self, machine: Machine, task: Task) -> None:
        """What the inside needs to begin with."""

    def _run_hook(self, my_task: Task) -> None:
        """None leaves the task STARTED: it completes when its inside is empty."""
        my_task.workflow.top_workflow.create_subprocess(my_task, self.inside)


class CallActivity(SubProcess):
    def _run_hook(self, my_task: Task) -> None:
        inner = my_task.workflow.top_workflow.create_subprocess(my_task, self.inside)
        inner.data.update(my_task.internal_data.pop("call"))

    def prepare(self, machine: Machine, task: Task) -> None:
        task.internal_data["call"] = machine.variables.for_call(task)

    def leave(self, machine: Machine, task: Task) -> None:
        inner = task.workflow.top_workflow.subprocesses[task.id]
        machine.variables.leave(task, inner.data, inner.written)
        machine.finish(task)


class MultiInstance(Node):
    """The body of a multi-instance activity; its instances are the tokens of `each` below it."""

    each: Node

    def begin(self, machine: Machine, task: Task) -> None:
        machine.instances.open(task)

    def leave(self, machine: Machine, task: Task) -> None:
        machine.instances.close(task)

    def _run_hook(self, my_task: Task) -> None:
        """None leaves the task STARTED: it completes with its last instance."""


class Catch(Node):
    """Waits for an event: intermediate, on the boundary, behind an event gateway, or a receive task."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.events.subscribe(task)


class Receive(Catch):
    """A receive task: an activity, so it may have inputs and boundary events."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.open(task)
        machine.events.subscribe(task)


class Boundary(Catch):
    """A boundary event: a child of its activity's token while it waits."""


class EventGateway(Node):
    """The first of the events behind it wins."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.events.race(task)

    def _run_hook(self, my_task: Task) -> None:
        """None leaves the task STARTED: it completes with the first event."""

    def taken(self, task: Task) -> tuple[Way, ...]:
        return ()


class ExclusiveGateway(Node):
    def begin(self, machine: Machine, task: Task) -> None:
        machine.variables.choose(task, first_only=True)
        machine.finish(task)


class InclusiveSplit(Node):
    """The flows whose condition holds; stands, invisible, behind an activity with several or conditional flows, too."""

    def __init__(self, spec: Any, name: str, element: Element, *, visible: bool = True) -> None:
        super().__init__(spec, name, element)
        self.visible = visible

    def begin(self, machine: Machine, task: Task) -> None:
        machine.variables.choose(task, first_only=False)
        machine.finish(task)


class _Join(Node):
    """A gateway with several incoming flows: tokens wait here until `joins` lets one go on for all."""

    sources: dict[str, frozenset[str]]
    """Incoming flow → names of the nodes from which a token can still come by it."""

    def arrive(self, task: Task) -> bool:
        if len(self.incoming) <= 1:
            return True
        task._set_state(TaskState.WAITING)
        task.workflow.arrived.setdefault(self.name, []).append(task)
        task.workflow.top_workflow.push(task)
        return False

    def enter(self, machine: Machine, task: Task) -> None:
        if task.state == TaskState.WAITING:
            machine.joins.arrived(task)
        else:
            super().enter(machine, task)


class ParallelGateway(_Join):
    pass


class InclusiveGateway(_Join):
    def begin(self, machine: Machine, task: Task) -> None:
        machine.variables.choose(task, first_only=False)
        machine.finish(task)


class Terminate(Node):
    """Ends everything else in its scope."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.terminate(task)
        machine.finish(task)


class ThrowError(Node):
    """An error end event."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.throwing.error_end(task)


class ThrowEscalation(Node):
    """An intermediate or end event that throws an escalation."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.throwing.escalate(task)
