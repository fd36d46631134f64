"""Activities: what has variables of its own and boundary events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine.bpmn.nodes import Catch, Node
from engine.bpmn.wait import Fault
from engine.definitions.model import Element

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine


class Activity(Node):
    """Anything with variables of its own and boundary events."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.open(task)
        self.work(machine, task)

    def work(self, machine: Machine, task: Task) -> None:
        self.leave(machine, task)


class Waiting(Activity):
    """A user task or a job: stays ready until somebody says that it is done."""

    def __init__(self, spec: Any, name: str, element: Element, *, kind: str) -> None:
        super().__init__(spec, name, element, manual=True)
        self.kind = kind

    def work(self, machine: Machine, task: Task) -> None:
        task.internal_data["active"] = True


class Script(Activity):
    """A script or a decision: one value, here and now."""

    def work(self, machine: Machine, task: Task) -> None:
        element = self.element
        if element.decision_id:
            value = machine.variables.decide(task, element.decision_id)
        else:
            value = machine.variables.evaluate(task, element.script, "El guion")
        machine.variables.put_result(task, {element.result_variable: value} if element.result_variable else {})
        task.internal_data["done"] = True
        self.leave(machine, task)


class SendMessage(Activity):
    """A message leaves; the input mappings are its payload, except for the reserved target `correlationKey`."""

    def work(self, machine: Machine, task: Task) -> None:
        message = machine.variables.name(task, self.event.name)
        # Not all of its variables: those of an instance of a multi-instance are not meant for others.
        targets = {mapping.target.partition(".")[0] for mapping in self.element.inputs}
        payload = {name: value for name, value in task.data.items() if name in targets}
        correlation = machine.variables.correlation(task, payload.pop("correlationKey", None))
        machine.host.send(message, correlation, payload, element_id=self.element.id)
        task.internal_data["done"] = True
        self.leave(machine, task)


class SubProcess(Activity):
    """An embedded sub-process or a call activity; `inside` names the specification of what runs in it."""

    def __init__(self, spec: Any, name: str, element: Element, *, inside: str) -> None:
        super().__init__(spec, name, element)
        self.inside = inside

    def work(self, machine: Machine, task: Task) -> None:
        if task.workflow.depth >= machine.max_depth:
            raise Fault(f"«{self.said}» está a más de {machine.max_depth} niveles: ¿se llama el proceso a sí mismo?")
        self.prepare(machine, task)
        task.run()

    def prepare(self, machine: Machine, task: Task) -> None:
        """What the inside needs to begin with."""

    def _run_hook(self, my_task: Task) -> None:
        """None leaves the task STARTED: it completes when its inside is empty."""
        my_task.workflow.top_workflow.create_subprocess(my_task, self.inside)


class EventSubProcess(SubProcess):
    """A sub-process that an event of its scope starts. `start` is the id of its start event."""

    start: str
    interrupting: bool

    def _run_hook(self, my_task: Task) -> None:
        inner = my_task.workflow.top_workflow.create_subprocess(my_task, self.inside)
        root = inner.task_tree
        root.internal_data["take"] = [f":start:{self.start}"]
        root.data.update(my_task.internal_data.pop("values", {}).get("brought", {}))


class CallActivity(SubProcess):
    def _run_hook(self, my_task: Task) -> None:
        inner = my_task.workflow.top_workflow.create_subprocess(my_task, self.inside)
        inner.data.update(my_task.internal_data.pop("call"))

    def prepare(self, machine: Machine, task: Task) -> None:
        root = machine.top.subprocess_specs[self.inside].start
        if not any(way.target.event.kind == "none" for way in root.ways):
            raise Fault(f"«{self.inside}», que llama «{self.said}», no tiene un evento de inicio sin disparador.")
        task.internal_data["call"] = machine.variables.for_call(task)

    def leave(self, machine: Machine, task: Task) -> None:
        inner = task.workflow.top_workflow.subprocesses[task.id]
        machine.variables.leave(task, inner.data, inner.written)
        machine.finish(task)


class Receive(Catch):
    """A receive task: an activity, so it may have inputs and boundary events."""

    def begin(self, machine: Machine, task: Task) -> None:
        machine.open(task)
        machine.events.subscribe(task)


class MultiInstance(Node):
    """The body of a multi-instance activity; its instances are the tokens of `each` below it."""

    each: Node

    def begin(self, machine: Machine, task: Task) -> None:
        machine.instances.open(task)

    def leave(self, machine: Machine, task: Task) -> None:
        machine.instances.close(task)

    def _run_hook(self, my_task: Task) -> None:
        """None leaves the task STARTED: it completes with its last instance."""
