"""Gateways: one token in, a choice of ways out; or several in, and who waits for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.nodes import Node, Way
from engine.definitions.model import Element

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine


class EventGateway(Node):
    """The first of the events behind it wins."""

    chooses = True

    def begin(self, machine: Machine, task: Task) -> None:
        machine.events.race(task)

    def _run_hook(self, my_task: Task) -> None:
        """None leaves the task STARTED: it completes with the first event."""

    def taken(self, task: Task) -> tuple[Way, ...]:
        return ()


class ExclusiveGateway(Node):
    chooses = True

    def begin(self, machine: Machine, task: Task) -> None:
        machine.variables.choose(task, first_only=True)
        machine.finish(task)


class InclusiveSplit(Node):
    """The flows whose condition holds; stands, invisible, behind an activity with several or conditional flows, too."""

    chooses = True

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
    chooses = True

    def begin(self, machine: Machine, task: Task) -> None:
        machine.variables.choose(task, first_only=False)
        machine.finish(task)
