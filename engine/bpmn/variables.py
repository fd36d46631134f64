"""Evaluates what the model says at a token, and writes what comes out of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
from SpiffWorkflow.task import Task
from sqlalchemy.exc import SQLAlchemyError

from engine.bpmn import scope
from engine.bpmn.activities import CallActivity
from engine.bpmn.expressions import names_in, source_of
from engine.bpmn.nodes import Way
from engine.bpmn.scope import Scope, scopes_of, view
from engine.bpmn.wait import Fault
from engine.bpmn.workflow import node_of
from engine.feel import check_value, format_value, in_spanish, to_json
from engine.values import Value

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine


class Variables:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.changed = True
        """Something was written since conditional events were last looked at."""

    # Evaluating

    def evaluate(self, task: Task, text: str | None, what: str, *inner: dict[str, Value]) -> Value:
        """The value of a text of the model, over what this token sees. `what` begins the sentence of a failure."""
        return self.evaluate_over(task, text, what, view(scopes_of(task), *inner))

    def evaluate_over(self, task: Task, text: str | None, what: str, variables: Mapping[str, Value]) -> Value:
        """A text that starts with "=" is FEEL, any other is itself, an empty one is null. Raises Fault."""
        if not text:
            return None
        if not text.startswith("="):
            return text
        element_id = task.task_spec.bpmn_id
        try:
            return check_value(self.machine.host.evaluate(source_of(text), variables, element_id=element_id))
        except SQLAlchemyError:
            raise
        except Exception as error:  # A firm function may raise anything; its element stays and says so.
            raise Fault(
                f"{what} de «{task.task_spec.said}» no se pudo evaluar: {text} ({in_spanish(error)})."
            ) from error

    def decide(self, task: Task, decision_id: str) -> Value:
        element_id = task.task_spec.bpmn_id
        try:
            return check_value(self.machine.host.decide(decision_id, view(scopes_of(task)), element_id=element_id))
        except SQLAlchemyError:
            raise
        except Exception as error:
            raise Fault(
                f"La decisión «{decision_id}» de «{task.task_spec.said}» no se pudo evaluar: {in_spanish(error)}"
            ) from error

    def name(self, task: Task, text: str | None) -> str:
        """The name of a message or signal. Raises Fault."""
        name = self.evaluate(task, text, "El nombre")
        if not isinstance(name, str) or not name:
            raise Fault(f"El nombre del mensaje de «{task.task_spec.said}» no es un texto: {text}.")
        return name

    def correlation(self, task: Task, value: Value) -> str | None:
        """A correlation key as text; None stands for the business key. Raises Fault."""
        if isinstance(value, Decimal):
            return format(value.normalize(), "f")
        if value is None or isinstance(value, str):
            return value
        raise Fault(f"La clave de correlación de «{task.task_spec.said}» no es texto ni número.")

    def choose(self, task: Task, *, first_only: bool) -> None:
        """Evaluate the conditions of the outgoing flows in the order of the file. Raises Fault."""
        node = node_of(task)
        taken: list[str] = []
        why: dict[str, Any] = {}
        for way in node.ways:
            if way.default or (first_only and taken):
                continue
            if way.condition is not None:
                holds, values = self._holds(task, way)
                why[way.id] = {"condition": way.condition, "values": values}
                if not holds:
                    continue
            taken.append(way.id)
        if not any(way_id in why for way_id in taken) and not (first_only and taken):
            taken += [way.id for way in node.ways if way.default]
        if not taken and node.ways:
            said = "; ".join(f"{reason['condition']} {_said(reason['values'])}" for reason in why.values())
            raise Fault(f"Ninguna salida de «{node.said}» se cumple y no hay salida por defecto: {said}.")
        task.internal_data["take"] = taken
        # In memory only, from here to the record of the flow: the values may be anything FEEL knows.
        task.internal_data["why"] = why

    def _holds(self, task: Task, way: Way) -> tuple[bool, dict[str, Value]]:
        condition = way.condition or ""
        variables = view(scopes_of(task))
        values = {name: variables.get(name) for name in names_in(condition)}
        result = self.evaluate_over(task, condition, f"La condición de la flecha «{way.said}»", variables)
        if not isinstance(result, bool):
            raise Fault(
                f"La condición de la flecha «{way.said}» de «{task.task_spec.said}» no es verdadera ni falsa: "
                f"{condition} {_said(values)}."
            )
        return result, values

    # Writing

    def open(self, task: Task) -> None:
        """Input mappings make the activity's own variables; nothing else is written. Raises Fault."""
        element = node_of(task).element
        if element.inputs:
            own, *outer = scopes_of(task)
            # Not what an earlier try has put there: a mapping may read the outer variable of its own target's name.
            again = "armed" in task.internal_data
            targets = {mapping.target.partition(".")[0] for mapping in element.inputs if again}
            before = own._replace(values={name: value for name, value in own.values.items() if name not in targets})
            created = scope.inputs(element.inputs, [before, *outer], self._mapping(task, "La entrada"))
            self.write(task, created, [own])

    def put_result(self, task: Task, result: Mapping[str, Value]) -> None:
        """What a user task, job, script or event gave: local when there are output mappings, else outward by name."""
        self.write(task, result, [own_scope(task)] if node_of(task).element.outputs else scopes_of(task))

    def leave(
        self, task: Task, results: dict[str, Value] | None = None, written: Collection[str] | None = None
    ) -> None:
        """Evaluate the output mappings, then write. Raises Fault.

        `results`: what a called process ended with; of these only what was `written` in it goes back by itself, or a
        branch beside it would lose what it wrote meanwhile.
        """
        node = node_of(task)
        element = node.element
        results = results or {}
        scopes = scopes_of(task)
        sent: dict[str, Value] = {}
        if element.outputs:
            sent = scope.outputs(element.outputs, scopes, results, self._mapping(task, "La salida"))
        collected = self.machine.instances.result(task, {**results, **sent}) if node.instance else None
        if element.outputs:
            # An instance of a multi-instance keeps what is its own, its output element above all.
            self.write(task, sent, scopes if node.instance else scopes[1:])
        elif isinstance(node, CallActivity) and element.propagate_all_child_variables:
            self.write(task, {name: results[name] for name in sorted(written or ())}, scopes)
        if collected is not None:
            self.machine.instances.collect(task, collected)

    def write(self, task: Task, values: Mapping[str, Value], scopes: list[Scope]) -> None:
        """Write each value to the nearest of these scopes that has its name, else to the last one."""
        for name, value in values.items():
            place = scope.holder(scopes, name)
            old = place.values.get(name)
            if name in place.values and same(old, value):
                continue
            place.values[name] = value
            if place.written is not None:
                place.written.add(name)
            self.changed = True
            self.machine.host.record(
                "variable.changed",
                process_key=place.process_key,
                element_id=task.task_spec.bpmn_id,
                name=name,
                old=old,
                new=value,
                scope=place.owner,
            )

    def for_call(self, task: Task) -> dict[str, Value]:
        """What a called process starts with."""
        if node_of(task).element.propagate_all_parent_variables:
            return dict(view(scopes_of(task)))
        return dict(task.data)

    def _mapping(self, task: Task, what: str) -> scope.Evaluate:
        return lambda text, variables: self.evaluate_over(task, text, what, variables)


def own_scope(task: Task) -> Scope:
    element = node_of(task).element
    return Scope(task.data, element.id, element.process_id)


def same(one: Value, other: Value) -> bool:
    """Equal for FEEL: Python thinks that true is 1, and that a moment in another zone is the same."""
    if type(one) is not type(other):
        return False
    if isinstance(one, str | bool | Decimal | None):
        return bool(one == other)
    return bool(orjson.dumps(to_json(one)) == orjson.dumps(to_json(other)))


def _said(values: Mapping[str, Value]) -> str:
    return "(" + ", ".join(f"{name} = {shown(value)}" for name, value in values.items()) + ")"


def shown(value: Value) -> str:
    """A value for the sentence of a failure: as FEEL writes it, cut when it is long."""
    text = format_value(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
