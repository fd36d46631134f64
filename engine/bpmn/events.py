"""Events: who waits for what, what happens when it comes, and errors that look for somebody who catches them.

The library's clock and event queue are not used: a timer, message or signal never fires by itself, only by `fire`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.nodes import Node, Way
from engine.bpmn.wait import Fault
from engine.bpmn.workflow import node_of
from engine.definitions.model import Event
from engine.values import Value

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine

WAITED_FOR = frozenset({"timer", "message", "signal", "conditional"})
"""Kinds of events that somebody from outside has to fire; errors and escalations find their catcher by themselves."""

_CYCLE = re.compile(r"R(\d*)/\S")


class Events:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    # Waiting

    def arm(self, task: Task) -> None:
        """The boundary events of an activity begin to wait, as children of its token."""
        for node in node_of(task).boundaries:
            if node.element.event and node.element.event.kind in WAITED_FOR:
                self._attach(task, node)

    def _attach(self, activity: Task, node: Node, repetition: int = 0) -> None:
        child = activity._add_child(node, TaskState.FUTURE)
        child.internal_data["attached"] = True
        if repetition:
            child.internal_data["repetition"] = repetition
        node._update(child)

    def race(self, task: Task) -> None:
        """The events behind an event gateway begin to wait, as children of its token."""
        node = node_of(task)
        task.run()
        for way in node.ways:
            child = task._add_child(way.target, TaskState.FUTURE)
            child.internal_data["flow"] = way.id
            child.internal_data["race"] = True
            way.target._update(child)

    def subscribe(self, task: Task) -> None:
        """Evaluate what an event waits for, once; from here on only `fire` moves it. Raises Fault."""
        event = node_of(task).element.event or Event("none")
        values: dict[str, Value] = {}
        if event.kind == "timer":
            values["due"] = self._due(task, event)
        elif event.kind == "message":
            values["name"] = self.machine.evaluate_name(task, event.name)
            key = self.machine.evaluate(task, event.correlation_key or "", "La clave de correlación")
            if event.correlation_key and key is None:
                raise Fault(f"La clave de correlación de «{task.task_spec.bpmn_id}» es null: {event.correlation_key}.")
            values["correlation"] = self.machine.correlation(task, key)
        elif event.kind == "signal":
            values["name"] = self.machine.evaluate_name(task, event.name)
        task.internal_data["values"] = values
        task._set_state(TaskState.WAITING)

    def _due(self, task: Task, event: Event) -> Value:
        """The timer's value: what is no date, duration or text stops here, not in the clock."""
        value = self.machine.evaluate(task, event.timer or "", "El temporizador")
        value = value.strip() if isinstance(value, str) else value
        if event.timer_kind == "cycle":
            if isinstance(value, str) and _CYCLE.match(value):
                return value
        elif isinstance(value, date | datetime | timedelta) or (isinstance(value, str) and value):
            return value
        shown = "null" if value is None else value
        raise Fault(
            f"El temporizador de «{task.task_spec.bpmn_id}» no da fecha, duración ni ciclo: {event.timer} = {shown}."
        )

    # Firing

    def fire(self, task: Task, payload: Mapping[str, Value]) -> None:
        """What this event waits for has come."""
        if "attached" in task.internal_data:
            task = self._fire_boundary(task)
        elif "race" in task.internal_data:
            self._win(task)
        self._go_on(task, payload)

    def _go_on(self, task: Task, payload: Mapping[str, Value]) -> None:
        """The event has happened; its outputs and its flows are the next step."""
        self.machine.entered(task)
        self.machine.put_result(task, payload)
        task.internal_data.pop("values", None)
        task.internal_data["done"] = True
        task._ready()

    def _fire_boundary(self, task: Task) -> Task:
        """The token that goes on from a boundary event; the event itself may wait for the next time."""
        node, activity = node_of(task), task.parent
        event = node.element.event
        if node.element.interrupting:
            del task.internal_data["attached"]
            self.machine.cancel(activity, keep=task)
            return task
        if event is None or event.kind != "timer":
            fired = activity._add_child(node, TaskState.FUTURE)
            fired.internal_data["n"] = self.machine.top.number()
            return fired
        repetition = task.internal_data.get("repetition", 0) + 1
        del task.internal_data["attached"]
        if event.timer_kind == "cycle":
            limit = _CYCLE.match(task.internal_data["values"]["due"])
            if limit and (not limit[1] or repetition < int(limit[1])):
                self._attach(activity, node, repetition)
        return task

    def _win(self, task: Task) -> None:
        """The first event behind an event gateway: the others stop waiting."""
        gateway = task.parent
        del task.internal_data["race"]
        self.machine.record("element.completed", gateway)
        self.machine._record_flow(gateway, _way(node_of(gateway), task.internal_data["flow"]))
        self.machine.top.drop_children(gateway, but=task)
        gateway.complete()

    # Errors

    def throw_error_end(self, task: Task) -> None:
        """An error end event: caught further out, or a failure here. Raises Fault."""
        element = node_of(task).element
        code = (element.event.code if element.event else None) or ""
        payload = dict(task.data)
        if element.inputs:
            self.machine.open(task)
            payload = dict(task.data)
        if self._catcher(task, code, own=False) is None:
            raise Fault(f"Nadie atrapa el error «{code}» de «{element.id}».")
        self.throw(task, code, "", payload, own=False)

    def throw(self, task: Task, code: str, message: str, payload: Mapping[str, Value], *, own: bool = True) -> bool:
        """Look for an error boundary event from here outward, across called processes; False when nobody catches."""
        found = self._catcher(task, code, own=own)
        if found is None:
            return False
        activity, node = found
        self.machine.record("error.thrown", task, code=code, message=message, caught_by=node.bpmn_id)
        caught = activity._add_child(node, TaskState.FUTURE)
        caught.internal_data["n"] = self.machine.top.number()
        self.machine.cancel(activity, keep=caught)
        # Local to the catching event: only its output mappings bring them out.
        caught.data.update({"errorCode": code, "errorMessage": message, **payload})
        self._go_on(caught, {})
        return True

    def _catcher(self, task: Task, code: str, *, own: bool) -> tuple[Task, Node] | None:
        """The nearest activity with a fitting error boundary event; one with the code goes before one for all codes."""
        while True:
            if node_of(task).instance:
                task = task.parent
            if own:
                fitting = [node for node in node_of(task).boundaries if _catches(node, code)]
                fitting.sort(key=lambda node: node.element.event is not None and node.element.event.code is None)
                if fitting:
                    return task, fitting[0]
            workflow = task.workflow
            if not workflow.depth:
                return None
            task, own = workflow.parent_task, True


def _catches(node: Node, code: str) -> bool:
    event = node.element.event
    return event is not None and event.kind == "error" and event.code in (None, code)


def _way(node: Node, flow_id: str) -> Way:
    return next(way for way in node.ways if way.id == flow_id)
