"""What is thrown: errors, escalations and cancellations look outward for who catches them, signals go to all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.activities import EventSubProcess
from engine.bpmn.nodes import Node, Trigger
from engine.bpmn.wait import Fault
from engine.bpmn.workflow import is_finished, node_of
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
        holder, node = found
        self.machine.record("error.thrown", task, code=code, message=message, caught_by=node.bpmn_id)
        # Local to who catches it: only its output mappings bring them out.
        self._catch(holder, node, {"errorCode": code, "errorMessage": message, **payload})
        return True

    def _catch(self, holder: Task, node: Node, own: Mapping[str, Value]) -> None:
        """A boundary event of this activity, or an event sub-process of this scope, goes on with what was thrown."""
        if isinstance(node, Trigger):
            self.machine.events.handle(holder, node, own=own)
            return
        caught = self.machine.events.spawn(holder, node)
        if node.element.interrupting:
            self.machine.cancel(holder, keep=caught)
        caught.data.update(own)
        self.machine.events.go_on(caught, {})

    def error_end(self, task: Task) -> None:
        """An error end event: caught further out, or a failure here. Raises Fault."""
        node = node_of(task)
        code = node.event.code or ""
        self.machine.variables.open(task)
        if not self.error(task, code, "", dict(task.data), own=False):
            raise Fault(f"Nadie atrapa el error «{code}» de «{node.said}».")

    def escalate(self, task: Task) -> None:
        """An escalation: whoever catches it goes on beside or instead of the scope; nobody has to."""
        node = node_of(task)
        code = node.event.code or ""
        self.machine.variables.open(task)
        found = self._catcher(task, "escalation", code, own=False)
        goes_on = found is None or not found[1].element.interrupting
        if goes_on:
            self.machine.variables.leave(task)
        if found is not None:
            self._catch(*found, {"escalationCode": code, **task.data})
        if goes_on:
            self.machine.finish(task)

    def cancel(self, task: Task) -> None:
        """A transaction is given up: it goes on from the cancel event on its boundary. Raises Fault."""
        found = self._catcher(task, "cancel", "", own=False)
        if found is None:
            raise Fault(f"Nadie atrapa la cancelación de «{task.task_spec.said}».")
        self._catch(*found, {})

    def signal(self, task: Task) -> None:
        """A signal: everybody who listens at this moment hears it, here at once and in other instances soon."""
        node, machine = node_of(task), self.machine
        machine.variables.open(task)
        name = machine.variables.name(task, node.event.name)
        targets = {mapping.target.partition(".")[0] for mapping in node.element.inputs}
        payload = {target: value for target, value in task.data.items() if target in targets}
        machine.host.broadcast(name, payload, element_id=node.bpmn_id)
        for listener in self._listeners(name):
            # One that was heard before may have taken this one away.
            if _is_there(listener):
                where = {"process_key": node_of(listener).element.process_id, "element_id": node_of(listener).bpmn_id}
                machine.host.record("signal.received", **where, signal=name)
                machine.events.fire(listener, payload)
        if _is_there(task):
            machine.finish(task)

    def _listeners(self, name: str) -> list[Task]:
        found = [
            task
            for workflow in self.machine.top.workflows()
            for task in workflow.tasks.values()
            if task.state == TaskState.WAITING and node_of(task).event.kind == "signal"
            if "failure" not in task.internal_data and task.internal_data["values"]["name"] == name
        ]
        return sorted(found, key=lambda task: int(task.internal_data["n"]))

    def _catcher(self, task: Task, kind: str, code: str, *, own: bool) -> tuple[Task, Node] | None:
        """The nearest activity with a fitting boundary event, or scope with a fitting event sub-process; one with the
        code goes before one for all codes."""
        while True:
            if node_of(task).instance:
                task = task.parent
            if own and (node := _fitting(node_of(task).boundaries, kind, code)):
                return task, node
            workflow = task.workflow
            node = _fitting(workflow.spec.start.boundaries, kind, code)
            if node and not _is_interrupted(workflow):
                return workflow.task_tree, node
            if not workflow.depth:
                return None
            task, own = workflow.parent_task, True


def _fitting(nodes: Iterable[Node], kind: str, code: str) -> Node | None:
    found = [node for node in nodes if node.event.kind == kind and node.event.code in (None, code)]
    return min(found, key=lambda node: node.event.code is None, default=None)


def _is_interrupted(workflow: Any) -> bool:
    """An event sub-process has begun there instead of all else: no other begins any more."""
    return any(
        isinstance(task.task_spec, EventSubProcess) and task.task_spec.interrupting and not is_finished(task)
        for task in workflow.tasks.values()
    )


def _is_there(task: Task) -> bool:
    return task.workflow.tasks.get(task.id) is task and not is_finished(task)
