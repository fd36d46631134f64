"""Errors and escalations: thrown at a token, they look outward for a boundary event that catches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task

from engine.bpmn.nodes import Node
from engine.bpmn.wait import Fault
from engine.bpmn.workflow import node_of
from engine.values import Value

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine


class Throwing:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def error(self, task: Task, code: str, message: str, payload: Mapping[str, Value], *, own: bool = True) -> bool:
        """Throw an error at a token, across called processes if need be; False when nobody catches it.

        `own=False` leaves out the token's own boundary: an end event throws from inside its scope.
        """
        found = self._catcher(task, "error", code, own=own)
        if found is None:
            return False
        activity, node = found
        self.machine.record("error.thrown", task, code=code, message=message, caught_by=node.bpmn_id)
        caught = self.machine.events.spawn(activity, node)
        self.machine.cancel(activity, keep=caught)
        # Local to the catching event: only its output mappings bring them out.
        caught.data.update({"errorCode": code, "errorMessage": message, **payload})
        self.machine.events.go_on(caught, {})
        return True

    def error_end(self, task: Task) -> None:
        """An error end event: caught further out, or a failure here. Raises Fault."""
        node = node_of(task)
        code = node.event.code or ""
        self.machine.variables.open(task)
        if not self.error(task, code, "", dict(task.data), own=False):
            raise Fault(f"Nadie atrapa el error «{code}» de «{node.bpmn_id}».")

    def escalate(self, task: Task) -> None:
        """An escalation: whoever catches it goes on beside or instead of the scope; nobody has to."""
        node = node_of(task)
        code = node.event.code or ""
        self.machine.variables.open(task)
        found = self._catcher(task, "escalation", code, own=False)
        if found is None:
            self.machine.variables.leave(task)
            self.machine.finish(task)
            return
        activity, catcher = found
        payload = {"escalationCode": code, **task.data}
        if not catcher.element.interrupting:
            self.machine.variables.leave(task)
            self.machine.finish(task)
        caught = self.machine.events.spawn(activity, catcher)
        if catcher.element.interrupting:
            self.machine.cancel(activity, keep=caught)
        caught.data.update(payload)
        self.machine.events.go_on(caught, {})

    def _catcher(self, task: Task, kind: str, code: str, *, own: bool) -> tuple[Task, Node] | None:
        """The nearest activity with a fitting boundary event; one with the code goes before one for all codes."""
        while True:
            if node_of(task).instance:
                task = task.parent
            if own:
                fitting = [node for node in node_of(task).boundaries if _catches(node, kind, code)]
                if fitting:
                    return task, min(fitting, key=lambda node: node.event.code is None)
            workflow = task.workflow
            if not workflow.depth:
                return None
            task, own = workflow.parent_task, True


def _catches(node: Node, kind: str, code: str) -> bool:
    return node.event.kind == kind and node.event.code in (None, code)
