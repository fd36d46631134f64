"""Events: who waits for what, and what happens when it has come.

The library's clock and event queue are not used: a timer, message or signal never fires by itself, only by `fire`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.expressions import more_rounds, timer_value
from engine.bpmn.nodes import Node, Trigger
from engine.bpmn.scope import scopes_of
from engine.bpmn.variables import shown
from engine.bpmn.wait import Fault
from engine.bpmn.workflow import is_finished, node_of
from engine.definitions.model import Event
from engine.values import Value

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine

WAITED_FOR = frozenset({"timer", "message", "signal", "conditional"})
"""Kinds of events that wait; errors and escalations look for their catcher when they are thrown."""


class Events:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    # Waiting

    def arm(self, task: Task) -> None:
        """The boundary events of an activity begin to wait, as children of its token."""
        for node in node_of(task).boundaries:
            if node.event.kind in WAITED_FOR:
                self.attach(task, node)

    def attach(self, activity: Task, node: Node, repetition: int = 0) -> None:
        """One boundary event begins to wait."""
        child = activity._add_child(node, TaskState.FUTURE)
        child.internal_data["attached"] = True
        if repetition:
            child.internal_data["repetition"] = repetition
        node._update(child)

    def race(self, task: Task) -> None:
        """The events behind an event gateway begin to wait, as children of its token."""
        task.run()
        for way in node_of(task).ways:
            child = task._add_child(way.target, TaskState.FUTURE)
            child.internal_data.update(flow=way.id, race=True)
            way.target._update(child)

    def subscribe(self, task: Task) -> None:
        """Evaluate what an event waits for, once; from here on only `fire` moves it. Raises Fault."""
        event = node_of(task).event
        values: dict[str, Value] = {}
        if event.kind == "timer":
            values["due"] = self._due(task, event)
        elif event.kind == "message":
            values["name"] = self.machine.variables.name(task, event.name)
            values["correlation"] = self._correlation(task, event)
        elif event.kind == "signal":
            values["name"] = self.machine.variables.name(task, event.name)
        else:
            # Looked at when all else is at rest.
            self.machine.variables.changed = True
        task.internal_data["values"] = values
        task._set_state(TaskState.WAITING)

    def _due(self, task: Task, event: Event) -> Value:
        """The timer's value: what is no date, duration or text stops here, not in the clock."""
        value = self.machine.variables.evaluate(task, event.timer, "El temporizador")
        due = timer_value(event.timer_kind, value)
        if due is not None:
            return due
        given = f"{event.timer} = {shown(value)}"
        raise Fault(f"El temporizador de «{task.task_spec.said}» no da fecha, duración ni ciclo: {given}.")

    def _correlation(self, task: Task, event: Event) -> str | None:
        if event.correlation_key is None:
            return None
        key = self.machine.variables.evaluate(task, event.correlation_key, "La clave de correlación")
        if key is None:
            raise Fault(f"La clave de correlación de «{task.task_spec.said}» está vacía: {event.correlation_key}.")
        return self.machine.variables.correlation(task, key)

    def settle(self) -> bool:
        """All else is at rest: the first conditional event whose condition has become true. True when one fired."""
        if not self.machine.variables.changed or not self.machine.top.watches:
            return False
        for workflow in list(self.machine.top.workflows()):
            for task in list(workflow.tasks.values()):
                if not is_finished(task) and node_of(task).event.kind == "conditional" and self._turned_true(task):
                    self.fire(task, {})
                    return True
        self.machine.variables.changed = False
        return False

    def _turned_true(self, task: Task) -> bool:
        state = task.internal_data
        if task.state != TaskState.WAITING or "failure" in state:
            return False
        condition = node_of(task).event.condition
        try:
            holds = self.machine.variables.evaluate(task, condition, "La condición")
            if holds is not None and not isinstance(holds, bool):
                raise Fault(f"La condición de «{task.task_spec.said}» no es verdadera ni falsa: {condition}.")
        except Fault as fault:
            self.machine.fail(task, fault.message)
            return False
        before = state.get("held", False)
        state["held"] = holds is True
        return holds is True and not before

    # Firing

    def fire(self, task: Task, payload: Mapping[str, Value]) -> None:
        """What this event waits for has come."""
        if isinstance(node_of(task), Trigger):
            self._start_handler(task, payload)
            return
        if "attached" in task.internal_data:
            task = self._fire_boundary(task)
        elif "race" in task.internal_data:
            self._win(task)
        self.go_on(task, payload)

    def go_on(self, task: Task, payload: Mapping[str, Value]) -> None:
        """The event has happened; its outputs and its flows are the next step."""
        self.machine.entered(task)
        self.machine.variables.put_result(task, payload)
        task.internal_data.pop("values", None)
        task.internal_data["done"] = True
        task._ready()

    def spawn(self, activity: Task, node: Node) -> Task:
        """A token that leaves an activity by a boundary event."""
        fired = activity._add_child(node, TaskState.FUTURE)
        fired.internal_data["n"] = self.machine.top.number()
        return fired

    def _fire_boundary(self, task: Task) -> Task:
        """The token that goes on from a boundary event; the event itself may wait for the next time."""
        node, activity = node_of(task), task.parent
        if node.element.interrupting:
            del task.internal_data["attached"]
            self.machine.cancel(activity, keep=task)
            return task
        if node.event.kind != "timer":
            return self.spawn(activity, node)
        del task.internal_data["attached"]
        self._again(task)
        return task

    def _again(self, task: Task) -> None:
        """A timer that does not interrupt has fired: a cycle waits for its next time."""
        node = node_of(task)
        repetition = task.internal_data.get("repetition", 0) + 1
        if node.event.timer_kind == "cycle" and more_rounds(task.internal_data["values"]["due"], repetition):
            self.attach(task.parent, node, repetition)

    def _start_handler(self, task: Task, payload: Mapping[str, Value]) -> None:
        """The event of an event sub-process has come: what it brings is the start event's, or goes outward by name."""
        trigger, root = node_of(task), task.parent
        assert isinstance(trigger, Trigger)
        if not trigger.element.outputs:
            self.machine.variables.write(task, payload, scopes_of(task, own=False))
            payload = {}
        if not trigger.element.interrupting and trigger.event.kind == "timer":
            self._again(task)
            self.machine.top.drop(task)
        self.handle(root, trigger, brought=payload)

    def handle(
        self,
        root: Task,
        trigger: Trigger,
        *,
        brought: Mapping[str, Value] | None = None,
        own: Mapping[str, Value] | None = None,
    ) -> None:
        """An event sub-process begins, instead of all else in its scope or beside it. `own` are its variables."""
        if trigger.element.interrupting:
            self.machine.interrupt(root.workflow)
        begun = root._add_child(trigger.handler, TaskState.FUTURE)
        if brought:
            begun.internal_data["values"] = {"brought": dict(brought)}
        begun.data.update(own or {})
        trigger.handler._update(begun)

    def _win(self, task: Task) -> None:
        """The first event behind an event gateway: the others stop waiting."""
        gateway = task.parent
        del task.internal_data["race"]
        self.machine.record("element.completed", gateway)
        way = next(way for way in node_of(gateway).ways if way.id == task.internal_data["flow"])
        self.machine.record_flow(gateway, way)
        self.machine.top.drop_children(gateway, but=task)
        gateway.complete()
