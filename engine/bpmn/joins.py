"""Gateways with several incoming flows: when a token may go on for all that have come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.gateways import InclusiveGateway
from engine.bpmn.nodes import Node
from engine.bpmn.workflow import is_finished, node_of

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine


class Joins:
    """Parallel joins fire as soon as a token has come by every flow, inclusive ones when none can come any more."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def arrived(self, task: Task) -> None:
        """A token has come to a parallel join; inclusive ones are looked at when all else is at rest."""
        node = node_of(task)
        if not isinstance(node, InclusiveGateway):
            waiting = _by_flow(task.workflow.arrived[node.name])
            if len(waiting) == len(node.incoming):
                self._fire(list(waiting.values()))

    def settle(self) -> bool:
        """All else is at rest: fire what can fire, mark what never can. True when there is something to do again."""
        for workflow in list(self.machine.top.workflows()):
            for name, tasks in list(workflow.arrived.items()):
                if tasks and self._settle(workflow, workflow.spec.task_specs[name], tasks):
                    return True
            self._mark_stuck(workflow)
        return False

    def _mark_stuck(self, workflow: Any) -> None:
        """Inclusive joins can wait for each other: nobody would ever see it, so the first one says so."""
        if not any(workflow.arrived.values()):
            return
        unfinished = [task for task in workflow.tasks.values() if not is_finished(task)]
        live = [task for task in unfinished if "attached" not in task.internal_data]
        at_joins = [task for tasks in workflow.arrived.values() for task in tasks]
        if len(live) == len(at_joins) and not any("failure" in task.internal_data for task in live):
            names = ", ".join(f"«{node_of(tasks[0]).said}»" for tasks in workflow.arrived.values() if tasks)
            self.machine.fail(at_joins[0], f"Nadie puede seguir: {names} se esperan entre sí.")

    def _settle(self, workflow: Any, node: Any, tasks: list[Task]) -> bool:
        waiting = _by_flow(tasks)
        missing = [flow for flow in node.incoming if flow not in waiting]
        if isinstance(node, InclusiveGateway):
            if any(self._must_wait(other, node, waiting, missing) for other in _others(workflow, node)):
                return False
            self._fire(list(waiting.values()))
            return True
        never = [flow for flow in missing if not self._can_come(workflow, node, flow)]
        if never and "failure" not in tasks[0].internal_data:
            ways = ", ".join(f"el camino de «{came_from(workflow.spec.task_specs, flow)}»" for flow in never)
            self.machine.fail(tasks[0], f"«{node.said}» espera por {ways}, y por ahí ya no puede llegar nadie.")
        return False

    @staticmethod
    def _must_wait(other: Node, node: Any, waiting: dict[str, Task], missing: list[str]) -> bool:
        """BPMN 2.0.2, table 13.3: a token that can still come by an empty flow, and by none that has one already."""
        if not any(other.name in node.sources[flow] for flow in missing):
            return False
        return not any(other.name in node.sources[flow] for flow in waiting)

    @staticmethod
    def _can_come(workflow: Any, node: Any, flow: str) -> bool:
        return any(other.name in node.sources[flow] for other in _others(workflow, node))

    def _fire(self, tasks: list[Task]) -> None:
        """The first token goes on for all; the others end here."""
        first, *others = tasks
        workflow = first.workflow
        for task in tasks:
            workflow.arrived[node_of(first).name].remove(task)
            task.internal_data.pop("failure", None)
        for task in others:
            task._set_state(TaskState.COMPLETED)
            workflow.compact(task)
        first._ready()


def _by_flow(tasks: list[Task]) -> dict[str, Task]:
    """The first token of each incoming flow; later ones on the same flow wait for the next time."""
    found: dict[str, Task] = {}
    for task in tasks:
        found.setdefault(task.internal_data["flow"], task)
    return found


def _others(workflow: Any, node: Any) -> list[Node]:
    """Where the other tokens of this scope stand; a sub-process stands for everything inside it."""
    return [
        task.task_spec
        for task in workflow.tasks.values()
        if not is_finished(task) and task.task_spec is not node and "attached" not in task.internal_data
    ]


def came_from(specs: Mapping[str, Any], flow: str) -> str:
    """What people call the element that a flow comes from."""
    for node in specs.values():
        if any(way.id == flow for way in getattr(node, "ways", ())):
            return str(node.said)
    return flow
