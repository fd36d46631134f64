"""Moves tokens: one step at a time, the outermost scope first, until nothing is left that can go on by itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from sqlalchemy.exc import SQLAlchemyError

from engine.bpmn import scope
from engine.bpmn.events import Events
from engine.bpmn.expressions import names_in, source_of
from engine.bpmn.instances import Instances
from engine.bpmn.joins import Joins
from engine.bpmn.nodes import CallActivity, Way
from engine.bpmn.wait import Fault, Host
from engine.bpmn.workflow import TopWorkflow, node_of
from engine.values import Value

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
        self.instances = Instances(self)

    # Stepping

    def run(self, budget: int) -> None:
        """Run to stability. Past `budget` steps, every token that could still go on becomes a failure."""
        while True:
            task = self.top.pop()
            if task is None:
                if self.top.completed or not self.joins.settle():
                    return
                continue
            if budget <= 0:
                self.fail(
                    task,
                    f"«{task.task_spec.bpmn_id}» no se ejecutó: demasiados pasos seguidos sin que nadie intervenga.",
                )
                continue
            budget -= 1
            self.step(task)

    def step(self, task: Task) -> None:
        node = node_of(task)
        try:
            if task.internal_data.get("done"):
                node.leave(self, task)
            else:
                node.enter(self, task)
        except Fault as fault:
            self.fail(task, fault.message)

    def fail(self, task: Task, message: str) -> None:
        task.internal_data["failure"] = message

    def entered(self, task: Task) -> None:
        """Note the arrival, once."""
        if "seen" not in task.internal_data:
            task.internal_data["seen"] = True
            self.record("element.entered", task)

    def open(self, task: Task) -> None:
        """Begin an activity: input mappings make its own variables, then its boundary events wait. Raises Fault."""
        element = task.task_spec.element
        if element.inputs:
            created = scope.inputs(element.inputs, scope.scopes_of(task), self._mapping(task, "La entrada"))
            for name, value in created.items():
                self._write(task, scope.Scope(task.data, element.id, element.process_id), name, value)
        if "armed" not in task.internal_data:
            task.internal_data["armed"] = True
            self.events.arm(task)

    def finish(self, task: Task) -> None:
        """Complete a token: it leaves by the flows that were chosen, else by all."""
        self.record("element.completed", task)
        self.drop_waiting_events(task)
        self.top.subprocesses.pop(task.id, None)
        for way in task.task_spec.taken(task):
            if ":" not in way.id:  # XML ids have none: the flow stands in the diagram.
                self._record_flow(task, way)
        if task.state == TaskState.STARTED:
            task.complete()
        else:
            task.run()

    def _record_flow(self, task: Task, way: Way) -> None:
        details = task.internal_data.get("why", {}).get(way.id, {})
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
            if node_of(child).instance:
                self.record_cancelled(self.top.drop(child))
        inner = self.top.subprocesses.pop(task.id, None)
        if inner is not None:
            self.record_cancelled(self.top.drop(inner.task_tree))
        task._set_state(TaskState.CANCELLED)
        task.workflow.compact(task)

    def terminate(self, task: Task) -> None:
        """Take every other token of this scope away."""
        root = task.workflow.task_tree
        parent = task.parent
        parent._children.remove(task.id)
        gone = self.top.drop_children(root)
        task._parent, root._children = root.id, [task.id]
        self.record_cancelled(gone)

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

    # Evaluating

    def evaluate(self, task: Task, text: str, what: str, *inner: dict[str, Value]) -> Value:
        """The value of a text of the model, over what this token sees. `what` begins the sentence of a failure."""
        if not text.startswith("="):
            return text
        return self._evaluate(task, text, what, scope.view(scope.scopes_of(task), *inner))

    def _evaluate(self, task: Task, text: str, what: str, variables: Mapping[str, Value]) -> Value:
        if not text:
            return None
        if not text.startswith("="):
            return text
        element_id = task.task_spec.bpmn_id
        try:
            return self.host.evaluate(source_of(text), variables, element_id=element_id)
        except SQLAlchemyError:
            raise
        except Exception as error:  # A firm function may raise anything; its element stays and says so.
            raise Fault(f"{what} de «{element_id}» no se pudo evaluar: {text} ({error}).") from error

    def decide(self, task: Task, decision_id: str) -> Value:
        variables = scope.view(scope.scopes_of(task))
        try:
            return self.host.decide(decision_id, variables, element_id=task.task_spec.bpmn_id)
        except SQLAlchemyError:
            raise
        except Exception as error:
            raise Fault(
                f"La decisión «{decision_id}» de «{task.task_spec.bpmn_id}» no se pudo evaluar: {error}"
            ) from error

    def _mapping(self, task: Task, what: str) -> scope.Evaluate:
        return lambda text, variables: self._evaluate(task, text, what, variables)

    def evaluate_name(self, task: Task, text: str | None) -> str:
        """The name of a message or signal."""
        name = self.evaluate(task, text or "", "El nombre del mensaje")
        if not isinstance(name, str) or not name:
            raise Fault(f"El nombre del mensaje de «{task.task_spec.bpmn_id}» no es un texto: {text}.")
        return name

    def correlation(self, task: Task, value: Value) -> str | None:
        """A correlation key as text; None stands for the business key."""
        if isinstance(value, Decimal):
            return format(value.normalize(), "f")
        if value is None or isinstance(value, str):
            return value
        raise Fault(f"La clave de correlación de «{task.task_spec.bpmn_id}» no es texto ni número.")

    def choose(self, task: Task, *, first_only: bool) -> None:
        """Evaluate the conditions of the outgoing flows in the order of the file. Raises Fault."""
        node = node_of(task)
        taken: list[str] = []
        why: dict[str, Any] = {}
        for way in node.ways:
            if way.default:
                continue
            if way.condition is None:
                taken.append(way.id)
            else:
                holds, values = self._holds(task, way)
                why[way.id] = {"condition": way.condition, "values": values}
                if holds:
                    taken.append(way.id)
            if taken and first_only:
                break
        conditional = [way_id for way_id in taken if way_id in why]
        if not conditional and not (first_only and taken):
            taken += [way.id for way in node.ways if way.default]
        if not taken and node.ways:
            said = "; ".join(f"{reason['condition']} {_said(reason['values'])}" for reason in why.values())
            raise Fault(f"Ninguna salida de «{node.bpmn_id}» se cumple y no hay salida por defecto: {said}.")
        task.internal_data["take"] = taken
        # In memory only, from here to the record of the flow: the values may be anything FEEL knows.
        task.internal_data["why"] = {way_id: why[way_id] for way_id in conditional}

    def _holds(self, task: Task, way: Way) -> tuple[bool, dict[str, Value]]:
        condition = way.condition or ""
        variables = scope.view(scope.scopes_of(task))
        values = {name: variables.get(name) for name in names_in(condition)}
        result = self._evaluate(task, condition, f"La condición de la flecha «{way.id}»", variables)
        if not isinstance(result, bool):
            raise Fault(
                f"La condición de la flecha «{way.id}» de «{task.task_spec.bpmn_id}» no es verdadera ni falsa: "
                f"{condition} {_said(values)}."
            )
        return result, values

    # Writing

    def put_result(self, task: Task, result: Mapping[str, Value]) -> None:
        """What a user task, job, script or event gave: local when there are output mappings, else outward by name."""
        element = task.task_spec.element
        if element.outputs:
            local = scope.Scope(task.data, element.id, element.process_id)
            for name, value in result.items():
                self._write(task, local, name, value)
        else:
            self.write(task, result, scope.scopes_of(task))

    def write_outputs(self, task: Task, results: dict[str, Value] | None = None) -> None:
        """Evaluate the output mappings, then write. `results`: what a called process ended with. Raises Fault."""
        node = node_of(task)
        element = node.element
        scopes = scope.scopes_of(task)
        sent: dict[str, Value] = {}
        if element.outputs:
            sent = scope.outputs(element.outputs, scopes, results or {}, self._mapping(task, "La salida"))
        collected = self.instances.result(task, {**(results or {}), **sent}) if node.instance else None
        if element.outputs:
            self.write(task, sent, scopes[1:])
        elif results and (not isinstance(node, CallActivity) or element.propagate_all_child_variables):
            self.write(task, results, scopes)
        if collected is not None:
            self.instances.collect(task, collected)

    def write(self, task: Task, values: Mapping[str, Value], scopes: list[scope.Scope]) -> None:
        for name, value in values.items():
            self._write(task, scope.holder(scopes, name), name, value)

    def _write(self, task: Task, place: scope.Scope, name: str, value: Value) -> None:
        old = place.values.get(name)
        if name in place.values and old == value and type(old) is type(value):
            return
        place.values[name] = value
        self.host.record(
            "variable.changed",
            process_key=place.process_key,
            element_id=task.task_spec.bpmn_id,
            name=name,
            old=old,
            new=value,
            scope=place.owner,
        )

    def variables_for_call(self, task: Task) -> dict[str, Value]:
        """What a called process starts with."""
        scopes = scope.scopes_of(task)
        if task.task_spec.element.propagate_all_parent_variables:
            return dict(scope.view(scopes))
        return dict(task.data)


def _said(values: Mapping[str, Value]) -> str:
    return "(" + ", ".join(f"{name} = {'null' if value is None else value}" for name, value in values.items()) + ")"
