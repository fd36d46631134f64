"""The library's task specifications, one class for each way of a BPMN element to behave: here what they
have in common, and the events; see `activities.py` and `gateways.py` for the others.

A node only says *what* happens at an element, in calls of the machine; how tokens move is the machine's. Whatever can
fail is evaluated before the library's task is run, so that a failure never leaves its tree between two states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

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
    said: str = ""
    """Its name, else that of where it leads, for the sentences that people read."""


class Node(BpmnSpecMixin):  # type: ignore[misc]
    """One element of a diagram. By itself: a token passes through."""

    visible = True
    """False for nodes that stand in no diagram."""
    chooses = False
    """True for nodes that look at the conditions of their outgoing flows themselves."""

    def __init__(self, spec: Any, name: str, element: Element, **kwargs: Any) -> None:
        super().__init__(spec, name, bpmn_name=element.name, lane=element.lane, **kwargs)
        self.bpmn_id = element.id
        self.said = element.name or element.id
        """What people read in a sentence about it."""
        self.element = element
        self.event = element.event or Event("none")
        self.ways: tuple[Way, ...] = ()
        self.incoming: tuple[str, ...] = ()
        self.boundaries: tuple[Node, ...] = ()
        self.undone_by: Node | None = None
        """What undoes it once it is done: the activity behind its compensation boundary event."""
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

    def begin(self, machine: Machine, task: Task) -> None:
        """Its boundary events, which stand in no diagram, are the triggers of the scope's event sub-processes."""
        machine.finish(task)
        machine.events.arm(task)

    def taken(self, task: Task) -> tuple[Way, ...]:
        """The start event that was asked for; without a wish, the one without a trigger."""
        if "take" in task.internal_data:
            return super().taken(task)
        return tuple(way for way in self.ways if way.target.event.kind == "none")


class Start(Node):
    """A start event. What a message brought to it comes by the root of its scope."""

    def arrive(self, task: Task) -> bool:
        root = task.workflow.task_tree
        task.data, root.data = root.data, {}
        return True

    def begin(self, machine: Machine, task: Task) -> None:
        self.leave(machine, task)


class Catch(Node):
    """Waits for an event: intermediate, on the boundary, behind an event gateway, or a receive task."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.events.subscribe(task)


class Boundary(Catch):
    """A boundary event: a child of its activity's token while it waits."""


class Trigger(Catch):
    """What an event sub-process waits for: a child of its scope's root while it waits. `element` is the start event."""

    visible = False

    def __init__(self, spec: Any, name: str, element: Element, *, handler: Node) -> None:
        super().__init__(spec, name, element)
        self.handler = handler


class Terminate(Node):
    """Ends everything else in its scope."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.terminate(task)
        machine.finish(task)


class ThrowError(Node):
    """An error end event."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.throwing.error_end(task)


class Compensate(Node):
    """Undoes what is done in its scope, the last first, and goes on when that is undone."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.compensation.begin(task, self.event.activity)

    def leave(self, machine: Machine, task: Task) -> None:
        machine.finish(task)

    def _run_hook(self, my_task: Task) -> None:
        """None leaves the task STARTED: it completes when all is undone."""


class Cancel(Compensate):
    """A cancel end event: its transaction is undone, then left by the cancel event on its boundary."""

    def leave(self, machine: Machine, task: Task) -> None:
        machine.throwing.cancel(task)


class ThrowSignal(Node):
    """An intermediate or end event that throws a signal; the input mappings are what it carries."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.throwing.signal(task)


class ThrowEscalation(Node):
    """An intermediate or end event that throws an escalation."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.throwing.escalate(task)
