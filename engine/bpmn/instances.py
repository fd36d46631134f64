"""Activities that are done several times: multi-instance (rule 7 of the dialect: one instance for each item, results by
the item's place) and standard loops."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import scope
from engine.bpmn.activities import MultiInstance
from engine.bpmn.variables import shown
from engine.bpmn.wait import Fault
from engine.bpmn.workflow import node_of
from engine.definitions.model import Loop
from engine.values import Value

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine

MOST = 10_000
"""So many instances a number may ask for."""

_NAME = re.compile(r"=\s*([^\W\d]\w*)\s*\Z")


class Result(NamedTuple):
    """What one finished instance gives to its body."""

    output: Value
    enough: bool
    """The completion condition holds: the other instances are not needed."""


class Instances:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def open(self, body: Task) -> None:
        """Evaluate over what it runs, once, and start the instances. Raises Fault."""
        loop = _loop(body)
        if loop.standard:
            self._open_standard(body, loop)
            return
        items = self._items(body, loop)
        if loop.output_collection:
            body.data[loop.output_collection] = [None] * len(items)
        body.internal_data.update(total=len(items), finished=0, started=0)
        self.machine.events.arm(body)
        body.run()
        if not items:
            body.internal_data["done"] = True
            self.machine.top.push(body)
        elif loop.sequential:
            body.internal_data["values"] = {"items": items}
            self._start(body, items[0])
        else:
            for item in items:
                self._start(body, item)

    def _items(self, body: Task, loop: Loop) -> list[Value]:
        if loop.cardinality:
            count = self.machine.variables.evaluate(body, loop.cardinality, "El número de instancias")
            if isinstance(count, str) and count.isdecimal():
                count = Decimal(count)
            if not isinstance(count, Decimal) or count != int(count) or not 0 <= count <= MOST:
                given = f"{loop.cardinality} = {shown(count)}"
                raise Fault(
                    f"El número de instancias de «{body.task_spec.said}» no es un entero de 0 a {MOST}: {given}."
                )
            return [Decimal(number + 1) for number in range(int(count))]
        items = self.machine.variables.evaluate(body, loop.collection, "La colección")
        if not isinstance(items, list):
            given = f"{loop.collection} = {shown(items)}"
            raise Fault(f"La colección de «{body.task_spec.said}» no es una lista: {given}.")
        return items

    def _open_standard(self, body: Task, loop: Loop) -> None:
        """A standard loop: one instance at a time; how many there will be nobody knows."""
        wanted = self._again(body, loop, 0) if loop.test_before else loop.maximum != "0"
        body.internal_data.update(total=None, finished=0, started=0)
        self.machine.events.arm(body)
        body.run()
        if wanted:
            self._start(body, None)
        else:
            body.internal_data["done"] = True
            self.machine.top.push(body)

    def _again(self, task: Task, loop: Loop, rounds: int, *inner: dict[str, Value]) -> bool:
        """Whether a standard loop goes into one more round after so many. Raises Fault."""
        if loop.maximum is not None and rounds >= int(loop.maximum):
            return False
        if loop.condition is None:
            return True
        again = self.machine.variables.evaluate(task, loop.condition, "La condición del ciclo", *inner)
        if not isinstance(again, bool):
            raise Fault(
                f"La condición del ciclo de «{task.task_spec.said}» no es verdadera ni falsa: {loop.condition}."
            )
        return again

    def _start(self, body: Task, item: Value) -> None:
        node, loop = node_of(body), _loop(body)
        assert isinstance(node, MultiInstance)
        index = body.internal_data["started"]
        body.internal_data["started"] += 1
        child = body._add_child(node.each, TaskState.FUTURE)
        child.internal_data["index"] = index
        if loop.element_variable:
            child.data[loop.element_variable] = item
        child.data["loopCounter"] = Decimal(index + 1)
        name = _NAME.match(loop.output_element or "")
        if name:
            # Local from the start, so that the instance's result under this name stays with it.
            child.data.setdefault(name[1], None)
        node.each._update(child)

    def result(self, task: Task, written: dict[str, Value]) -> Result:
        """What a finishing instance gives, `written` being what it is about to write. Raises Fault."""
        body = task.parent
        loop = _loop(body)
        output, enough = None, False
        if loop.standard:
            return Result(None, not self._again(task, loop, body.internal_data["finished"] + 1, written))
        if loop.output_collection and loop.output_element:
            output = self.machine.variables.evaluate(task, loop.output_element, "El resultado", written)
        if loop.completion_condition:
            finished, started = body.internal_data["finished"] + 1, body.internal_data["started"]
            numbers: dict[str, Value] = {
                "numberOfInstances": Decimal(body.internal_data["total"]),
                "numberOfActiveInstances": Decimal(started - finished),
                "numberOfCompletedInstances": Decimal(finished),
                "numberOfTerminatedInstances": Decimal(0),
            }
            enough = self.machine.variables.evaluate(
                task, loop.completion_condition, "La condición de fin", numbers, written
            )
            if not isinstance(enough, bool):
                raise Fault(
                    f"La condición de fin de «{body.task_spec.said}» no es verdadera ni falsa: "
                    f"{loop.completion_condition}."
                )
        return Result(output, enough)

    def collect(self, task: Task, result: Result) -> None:
        """Take in the result of an instance that is about to finish; the body goes on when it was the last one."""
        body = task.parent
        loop, state = _loop(body), body.internal_data
        if loop.output_collection:
            # A new list: an expression may have put the old one somewhere else.
            results = list(body.data[loop.output_collection])
            results[task.internal_data["index"]] = result.output
            body.data[loop.output_collection] = results
        state["finished"] += 1
        if result.enough:
            others = [child for child in body.children if node_of(child).instance and child is not task]
            for child in others:
                self.machine.record_cancelled(self.machine.top.drop(child))
        if result.enough or state["finished"] == state["total"]:
            state["done"] = True
            self.machine.top.push(body)
        elif loop.standard:
            self._start(body, None)
        elif loop.sequential:
            self._start(body, state["values"]["items"][state["started"]])

    def close(self, body: Task) -> None:
        """The last instance has finished: the collected results go outward."""
        loop = _loop(body)
        if loop.output_collection:
            results: Any = list(body.data[loop.output_collection])
            self.machine.variables.write(body, {loop.output_collection: results}, scope.scopes_of(body, own=False))
        self.machine.finish(body)


def _loop(body: Task) -> Loop:
    loop = node_of(body).element.loop
    assert loop is not None
    return loop
