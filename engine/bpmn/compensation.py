"""Compensation: what is done in a scope can be undone, the last first, one after another.

A workflow keeps the names of what would undo its completed activities, in the order of completion. An event that throws
compensation takes from that list, and stays until all that it took is undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.workflow import node_of

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine


class Compensation:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def completed(self, task: Task) -> None:
        """An activity is done: from now on it can be undone."""
        handler = node_of(task).undone_by
        if handler is not None:
            task.workflow.undoable.append(handler.name)

    def begin(self, task: Task, activity: str | None) -> None:
        """An event throws compensation, for one activity or for all of its scope."""
        workflow = task.workflow
        wanted = workflow.undoable
        if activity is not None:
            handler = workflow.spec.task_specs[activity].undone_by
            wanted = [name for name in wanted if name == handler.name]
        task.internal_data["undo"] = list(wanted)
        workflow.undoable = [name for name in workflow.undoable if name not in wanted]
        task.run()
        self.go_on(task)

    def go_on(self, task: Task) -> None:
        """Undo the next; when nothing is left the event goes on."""
        left = task.internal_data["undo"]
        if not left:
            task.internal_data["done"] = True
            self.machine.top.push(task)
            return
        node = task.workflow.spec.task_specs[left.pop()]
        child = task._add_child(node, TaskState.FUTURE)
        child.internal_data["undoes"] = True
        node._update(child)
