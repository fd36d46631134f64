"""Moves tokens: one step at a time, the outermost scope first, until nothing is left that can go on by itself."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.compensation import Compensation
from engine.bpmn.events import Events
from engine.bpmn.instances import Instances
from engine.bpmn.joins import Joins
from engine.bpmn.nodes import Way
from engine.bpmn.throwing import Throwing
from engine.bpmn.variables import Variables
from engine.bpmn.wait import Fault, Host
from engine.bpmn.workflow import TopWorkflow, node_of

MAX_DEPTH = 50
"""How many sub-processes and called processes may stand inside each other."""


class Machine:
    """The token game over one workflow of the library."""

    def __init__(self, top: TopWorkflow, host: Host) -> None:
        self.top = top
        self.host = host
        self.max_depth = MAX_DEPTH
        self.joins = Joins(self)
        self.events = Events(self)
        self.throwing = Throwing(self)
        self.compensation = Compensation(self)
        self.instances = Instances(self)
        self.variables = Variables(self)

    # Stepping

    def run(self, budget: int) -> None:
        """Run to stability. Past `budget` steps, every token that could still go on becomes a failure."""
        while True:
            task = None if self.top.completed else self.top.pop()
            if task is None:
                if self.top.completed or not (self.joins.settle() or self.events.settle()):
                    return
                continue
            if budget <= 0:
                self.fail(
                    task,
                    f"«{task.task_spec.said}» no se ejecutó: demasiados pasos seguidos sin que nadie intervenga.",
                )
                continue
            budget -= 1
            self.step(task)

    def step(self, task: Task) -> None:
        node = node_of(task)
        try:
            if task.internal_data.get("done"):
                node.leave(self, task)
            elif task.state != TaskState.STARTED:
                node.enter(self, task)
        except Fault as fault:
            self.fail(task, fault.message)

    def fail(self, task: Task, message: str) -> None:
        task.internal_data["failure"] = message

    def entered(self, task: Task) -> None:
        """Note the arrival, once; of an event that only may come, when it has come."""
        state = task.internal_data
        if not state.keys() & {"seen", "attached", "race"}:
            task.internal_data["seen"] = True
            self.record("element.entered", task)

    def open(self, task: Task) -> None:
        """Begin an activity: input mappings make its own variables, then its boundary events wait. Raises Fault."""
        self.variables.open(task)
        if "armed" not in task.internal_data:
            task.internal_data["armed"] = True
            self.events.arm(task)

    def finish(self, task: Task) -> None:
        """Complete a token: it leaves by the flows that were chosen, else by all."""
        self.record("element.completed", task)
        self.drop_waiting_events(task)
        self.top.subprocesses.pop(task.id, None)
        self.compensation.completed(task)
        thrown_by = task.parent if "undoes" in task.internal_data else None
        for way in task.task_spec.taken(task):
            if ":" not in way.id:  # XML ids have none: the flow stands in the diagram.
                self.record_flow(task, way)
        if task.state == TaskState.STARTED:
            task.complete()
        else:
            task.run()
        if thrown_by is not None:
            self.compensation.go_on(thrown_by)

    def record_flow(self, task: Task, way: Way) -> None:
        why = task.internal_data.get("why", {})
        # By default because of what did not hold: that is the reason.
        details = why.get(way.id) or ({"refused": why} if way.default and why else {})
        process_key = task.task_spec.element.process_id
        self.host.record("flow.taken", process_key=process_key, element_id=way.id, **details)

    def drop_waiting_events(self, task: Task, *, but: Task | None = None) -> None:
        """The events that wait at this activity stop waiting; those that have fired go on."""
        for child in [task.workflow.tasks[child] for child in task._children]:
            if child is not but and "attached" in child.internal_data:
                self.top.drop(child)

    def cancel(self, task: Task, *, keep: Task | None = None) -> None:
        """Interrupt an activity with everything inside it. Tokens that left it by events before go on."""
        self.record("element.cancelled", task)
        self.drop_waiting_events(task, but=keep)
        for child in [task.workflow.tasks[child] for child in task._children]:
            if node_of(child).instance or "undoes" in child.internal_data:
                self.record_cancelled(self.top.drop(child))
        inner = self.top.subprocesses.pop(task.id, None)
        if inner is not None:
            self.record_cancelled(self.top.drop(inner.task_tree))
        thrown_by = task.parent if "undoes" in task.internal_data else None
        task._set_state(TaskState.CANCELLED)
        task.workflow.compact(task)
        if thrown_by is not None:
            self.compensation.go_on(thrown_by)

    def terminate(self, task: Task) -> None:
        """Take every other token of this scope away."""
        root = task.workflow.task_tree
        parent = task.parent
        parent._children.remove(task.id)
        gone = self.top.drop_children(root)
        task._parent, root._children = root.id, [task.id]
        self.record_cancelled(gone)

    def interrupt(self, workflow: Any) -> None:
        """Take every token of a scope away, and what only waits there."""
        self.record_cancelled(self.top.drop_children(workflow.task_tree))

    def record_cancelled(self, tasks: list[Task]) -> None:
        for task in tasks:
            if "attached" not in task.internal_data and "seen" in task.internal_data:
                self.record("element.cancelled", task)

    def record(self, kind: str, task: Task, **details: Any) -> None:
        node = node_of(task)
        if node.visible:
            if node.instance:
                details["loop_counter"] = task.internal_data["index"] + 1
            self.host.record(kind, process_key=node.element.process_id, element_id=node.bpmn_id, **details)
