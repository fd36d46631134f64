"""What an operator does to the tokens themselves: take them away, put them before or after an element, go past one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import gateways, nodes
from engine.bpmn.activities import CallActivity, MultiInstance, SubProcess
from engine.bpmn.nodes import Node, Root
from engine.bpmn.scope import scopes_of
from engine.bpmn.wait import Fault
from engine.bpmn.workflow import is_finished, node_of
from engine.errors import Conflict, NotFound
from engine.values import Instruction, Value

if TYPE_CHECKING:
    from engine.bpmn.machine import Machine


class Repair:
    """Changes the tree of tokens of one run by hand. What it cannot do right it refuses, saying why."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.top = machine.top

    def modify(self, instructions: Sequence[Instruction]) -> None:
        """Carry out the instructions as one: new tokens first, so that no scope ends in between.

        Raises NotFound for an element that is not there, Conflict for what would not leave a state that can go on.
        """
        doomed = [task for one in instructions if one.action == "cancel" for task in self._tokens_at(one)]
        for one in instructions:
            if one.action == "start_before":
                self._start_before(one, doomed)
            elif one.action == "start_after":
                self._start_after(one, doomed)
        for task in doomed:
            if task.workflow.tasks.get(task.id) is task and not is_finished(task):
                self._cancel(task)

    def skip(self, task: Task, result: Mapping[str, Value]) -> None:
        """Go past an element that failed, as if it had given this result. Raises Conflict where that means nothing."""
        node, state = node_of(task), task.internal_data
        structural = isinstance(node, SubProcess | MultiInstance | gateways.EventGateway) or node.chooses
        if (
            structural
            or (len(node.incoming) > 1 and isinstance(node, gateways._Join))
            or state.keys() & {"attached", "race"}
        ):
            raise Conflict(
                f"«{node.said}» no se puede omitir: corrija la variable y reintente, o modifique el recorrido.",
                reason="structure",
            )
        state.pop("failure", None)
        state.pop("active", None)
        self.machine.entered(task)
        self.machine.variables.put_result(task, result)
        state["done"] = True
        self.top.push(task)

    # Taking away

    def _tokens_at(self, one: Instruction) -> list[Task]:
        found = [task for task in self._live() if self._is_at(task, one)]
        if not found:
            raise Conflict(f"En «{one.element_id}» ya no hay nada que cancelar.", reason="stale")
        if any("attached" in task.internal_data for task in found):
            raise Conflict(
                f"«{node_of(found[0]).said}» espera en el borde de una actividad: cancele la actividad.",
                reason="structure",
            )
        return list({id(task): task for task in map(self._whole, found)}.values())

    def _is_at(self, task: Task, one: Instruction) -> bool:
        node = node_of(task)
        if one.wait_id is not None:
            return str(task.id) == one.wait_id
        return node.visible and node.bpmn_id == one.element_id and node.element.process_id == one.process_key

    @staticmethod
    def _whole(task: Task) -> Task:
        """What one can take away: the gateway of an event that races, the body of a multi-instance."""
        while "race" in task.internal_data or node_of(task).instance:
            task = task.parent
        return task

    def _cancel(self, task: Task) -> None:
        workflow = task.workflow
        if not any(other is not task for other in _own_tokens(workflow)):
            if not workflow.depth:
                raise Conflict("No quedaría nada por hacer: cancele el asunto completo.", reason="empty")
            self._cancel(self._whole(workflow.parent_task))
            return
        waiting = workflow.arrived.get(task.task_spec.name)
        if waiting and task in waiting:
            waiting.remove(task)
        racing = [child for child in task.children if "race" in child.internal_data]
        for child in racing:
            self.top.drop(child)
        task.internal_data.pop("failure", None)
        self.machine.cancel(task)

    def _live(self) -> list[Task]:
        return [task for one in self.top.workflows() for task in one.tasks.values() if not is_finished(task)]

    # Putting

    def _start_before(self, one: Instruction, doomed: Collection[Task]) -> None:
        node = self._node(one)
        if isinstance(node, nodes.Boundary):
            raise Conflict(
                f"«{node.said}» está en el borde de una actividad: empiece después de él.", reason="structure"
            )
        workflow = self._scope(node, doomed)
        self._write(self._token(workflow, node), one.variables)

    def _start_after(self, one: Instruction, doomed: Collection[Task]) -> None:
        node = self._node(one)
        if node.chooses and not isinstance(node, gateways.EventGateway):
            # What comes after it is its own choice, by the variables of now.
            workflow = self._scope(node, doomed)
            self._write(self._token(workflow, node), one.variables)
            return
        if not node.ways or isinstance(node, gateways.EventGateway):
            raise Conflict(f"Después de «{node.said}» no hay un camino que seguir.", reason="structure")
        workflow = self._scope(node, doomed)
        for way in node.ways:
            if ":" not in way.id:
                process_key = node.element.process_id
                self.machine.host.record("flow.taken", process_key=process_key, element_id=way.id)
            self._write(self._token(workflow, way.target, flow=way.id), one.variables)

    def _node(self, one: Instruction) -> Node:
        for spec in self.top.subprocess_specs.values():
            node = spec.task_specs.get(one.element_id)
            if node is not None and node.element.process_id == one.process_key:
                return node  # type: ignore[no-any-return]
        raise NotFound(f"No hay un elemento «{one.element_id}» en «{one.process_key}».")

    def _scope(self, node: Node, doomed: Collection[Task]) -> Any:
        """The workflow in which a token at this node belongs; begun, with what surrounds it, if it is not running."""
        name = node._wf_spec.name
        running = [w for w in self.top.workflows() if w.spec.name == name and not w.completed and not _below(w, doomed)]
        if len(running) == 1:
            return running[0]
        if running:
            raise Conflict(f"«{name}» corre varias veces a la vez: no se sabe en cuál empezar.", reason="ambiguous")
        return self._begin(name, doomed)

    def _begin(self, name: str, doomed: Collection[Task]) -> Any:
        """Enter the one sub-process or call activity that holds this scope, without starting anything in it."""
        owners = [
            node
            for spec in self.top.subprocess_specs.values()
            for node in spec.task_specs.values()
            if isinstance(node, SubProcess) and node.inside == name
        ]
        if len(owners) != 1 or owners[0].instance:
            raise Conflict(f"No se sabe desde dónde empezar «{name}»: lo llama más de un elemento.", reason="ambiguous")
        owner = owners[0]
        task = self._token(self._scope(owner, doomed), owner)
        try:
            self.machine.entered(task)
            self.machine.open(task)
            if isinstance(owner, CallActivity):
                task.internal_data["call"] = self.machine.variables.for_call(task)
        except Fault as fault:
            raise Conflict(fault.message, reason="inputs") from None
        task.run()
        inner = self.top.subprocesses[task.id]
        # Its root has nothing to start: the token that is wanted is put beside it.
        inner.task_tree.internal_data["take"] = []
        return inner

    def _token(self, workflow: Any, node: Node, flow: str | None = None) -> Task:
        child = workflow.task_tree._add_child(node, TaskState.FUTURE)
        if flow is not None:
            child.internal_data["flow"] = flow
        if flow is None and len(node.incoming) > 1:
            # Before a join means: past its waiting.
            child.internal_data["n"] = self.top.number()
            child._ready()
        else:
            node._update(child)
        return child

    def _write(self, task: Task, values: Mapping[str, Value]) -> None:
        self.machine.variables.write(task, values, scopes_of(task, own=False))


def _own_tokens(workflow: Any) -> list[Task]:
    """The tokens that keep a scope going: not the events that wait at others, not the instances of a body, not what an
    event that compensates is undoing."""
    return [
        task
        for task in workflow.tasks.values()
        if not is_finished(task)
        and not task.internal_data.keys() & {"attached", "race", "undoes"}
        and not node_of(task).instance
        and not (isinstance(node_of(task), Root) and task.internal_data.get("take") == [])
    ]


def _below(workflow: Any, doomed: Collection[Task]) -> bool:
    """Whether this scope goes away with one of these tokens."""
    while workflow.depth:
        task = workflow.parent_task
        if any(task is one or task.parent is one for one in doomed):
            return True
        workflow = task.workflow
    return False
