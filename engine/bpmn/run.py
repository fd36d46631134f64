"""One process instance, from one set of wait states to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import codec, scope
from engine.bpmn.activities import CallActivity, MultiInstance, Waiting
from engine.bpmn.expressions import source_of
from engine.bpmn.machine import Machine
from engine.bpmn.program import Program
from engine.bpmn.repair import Repair
from engine.bpmn.wait import Host, Wait
from engine.bpmn.workflow import TopWorkflow, is_finished, node_of
from engine.errors import Conflict, ProcessFailed
from engine.values import Instruction, Value, VariableScope

BUDGET = 10_000
"""Steps that a run may take until it has to wait for somebody."""

_KINDS = {"timer": "timer", "message": "message", "signal": "signal", "conditional": "condition"}


class Run:
    """A process instance in memory. Not thread-safe; after an exception throw it away and load the last state.

    `complete`, `fire`, `throw_error` and `retry` note what has happened; `advance` then runs on from there.
    """

    def __init__(self, program: Program, host: Host, top: TopWorkflow) -> None:
        self.program = program
        self._top = top
        self._machine = Machine(top, host)

    @classmethod
    def start(
        cls,
        program: Program,
        host: Host,
        variables: Mapping[str, Value] | None = None,
        *,
        start_event: str | None = None,
    ) -> Run:
        """Begin an instance at its none start event, or at the one named. Call `advance` to run it.

        What a message brings to a start event with output mappings is local to it, else variables of the process.

        Raises ProcessFailed when there is no such start event.
        """
        wanted = [
            element
            for element in program.start_events()
            if element.id == start_event or (start_event is None and element.event and element.event.kind == "none")
        ]
        if not wanted:
            raise ProcessFailed(f"«{program.process_key}» no tiene {start_event or 'un evento de inicio simple'}.")
        run = cls(program, host, program.workflow())
        root = run._top.task_tree
        root.internal_data["take"] = [f":start:{wanted[0].id}"]
        if start_event is not None and wanted[0].outputs:
            root.data.update(scope.copied(variables))
        else:
            run._machine.variables.write(root, scope.copied(variables), scope.scopes_of(root, own=False))
        return run

    @classmethod
    def start_at(
        cls, program: Program, host: Host, variables: Mapping[str, Value], instructions: Sequence[Instruction]
    ) -> Run:
        """Begin in the middle: the tokens stand where the instructions put them, and nowhere else.

        Raises NotFound, Conflict as `modify`.
        """
        run = cls.start(program, host, variables)
        run._top.task_tree.internal_data["take"] = []
        run.modify(instructions)
        return run

    @classmethod
    def load(cls, program: Program, host: Host, blob: bytes) -> Run:
        """A run as it was dumped. Raises codec.BadState when the state does not fit the program."""
        return cls(program, host, codec.load(program, blob))

    def dump(self) -> bytes:
        return codec.dump(self._top)

    def advance(self, budget: int = BUDGET) -> None:
        """Run until everything waits. What cannot go on becomes a wait of kind "failure"; nothing is raised."""
        self._machine.run(budget)

    @property
    def completed(self) -> bool:
        """No token is left."""
        return bool(self._top.completed)

    # What waits

    def waits(self) -> list[Wait]:
        """Everything that waits, in the order in which it began to."""
        found = [(task.internal_data["n"], wait) for task in self._live() if (wait := self._wait(task))]
        return [wait for _, wait in sorted(found, key=lambda pair: pair[0])]

    def wait(self, wait_id: str) -> Wait | None:
        """One wait; None when it is not there (any more)."""
        task = self._find(wait_id)
        return self._wait(task) if task else None

    def tokens(self) -> list[tuple[str, str, int]]:
        """Where the tokens stand: process key, element id, how many."""
        count: Counter[tuple[str, str]] = Counter()
        for task in self._live():
            node = node_of(task)
            if not node.visible or "attached" in task.internal_data or "race" in task.internal_data:
                continue
            if isinstance(node, MultiInstance) and any(node_of(child).instance for child in task.children):
                continue
            count[node.element.process_id, node.bpmn_id] += 1
        return [(process_key, element_id, n) for (process_key, element_id), n in sorted(count.items())]

    # What happens

    def complete(self, wait_id: str, result: Mapping[str, Value] | None = None) -> None:
        """A user task or job is done, with these variables. Raises Conflict when it does not wait (any more)."""
        task = self._waiting(wait_id, "user_task", "job")
        self._machine.variables.put_result(task, scope.copied(result))
        del task.internal_data["active"]
        task.internal_data["done"] = True
        self._top.push(task)

    def fire(self, wait_id: str, variables: Mapping[str, Value] | None = None) -> None:
        """A timer is due, or a message or signal has come with these variables. Raises Conflict."""
        task = self._waiting(wait_id, "timer", "message", "signal", "condition")
        self._machine.events.fire(task, scope.copied(variables))

    def throw_error(
        self, wait_id: str, code: str, message: str = "", variables: Mapping[str, Value] | None = None
    ) -> bool:
        """A BPMN error at this element: caught at its own boundary or further out. False when nobody catches it."""
        task = self._find(wait_id)
        if task is None:
            raise _gone(wait_id)
        return self._machine.throwing.error(task, code, message, scope.copied(variables))

    def fail(self, wait_id: str, message: str) -> None:
        """Make a wait a failure: whoever evaluates more of its element (assignee, due date) could not."""
        task = self._find(wait_id)
        if task is None:
            raise _gone(wait_id)
        self._machine.fail(task, message)

    def retry(self, wait_id: str) -> None:
        """Try again what failed. A job or user task gets its inputs evaluated again."""
        task = self._find(wait_id)
        if task is None:
            raise _gone(wait_id)
        task.internal_data.pop("failure", None)
        task.internal_data.pop("active", None)
        if task.internal_data.get("values") is not None and task.state == TaskState.WAITING:
            # An event that was waiting: evaluate again what it waits for.
            task._set_state(TaskState.READY)
        self._top.push(task)

    def cancel(self) -> None:
        """Take every token away."""
        gone = self._top.drop_children(self._top.task_tree)
        self._machine.record_cancelled(gone)
        self._top.completed = True

    # By hand

    def skip(self, wait_id: str, result: Mapping[str, Value] | None = None) -> None:
        """Go past whatever waits here, as if it had given this result. Raises Conflict where that means nothing."""
        task = self._find(wait_id)
        wait = self._wait(task) if task else None
        if task is None or wait is None:
            raise _gone(wait_id)
        if wait.attached_to is not None:
            raise Conflict(
                f"«{wait.element.name or wait.element.id}» sólo puede llegar a ocurrir: nadie está detenido ahí.",
                reason="structure",
            )
        if wait.kind in ("user_task", "job"):
            self.complete(wait_id, result)
        elif wait.kind == "failure":
            Repair(self._machine).skip(task, scope.copied(result))
        else:
            self.fire(wait_id, result)

    def modify(self, instructions: Sequence[Instruction]) -> None:
        """Take tokens away and put others, as one change. Raises NotFound, Conflict."""
        Repair(self._machine).modify(instructions)

    def arm(self, task_id: str, boundary: str) -> None:
        """A boundary event, or a trigger of a scope, that the diagram has got since its activity was entered begins to
        wait."""
        for one in self._top.workflows():
            task = one.tasks.get(UUID(task_id))
            if task is not None:
                node = next(node for node in node_of(task).boundaries if node.bpmn_id == boundary)
                self._machine.events.attach(task, node)

    # Variables

    def scopes(self) -> list[VariableScope]:
        """Every scope with variables of its own, the process first, then what it calls and the elements' own."""
        found = []
        for one in self._top.workflows():
            if one.depth and not isinstance(one.parent_task.task_spec, CallActivity):
                continue
            owner = one.parent_task.task_spec.bpmn_id if one.depth else None
            found.append(VariableScope(one.spec.start.element.process_id, owner, None, scope.copied(one.data)))
        for task in self._live():
            if task.data:
                node = node_of(task)
                found.append(
                    VariableScope(node.element.process_id, node.bpmn_id, str(task.id), scope.copied(task.data))
                )
        return found

    def variables(self, wait_id: str | None = None) -> dict[str, Value]:
        """What is visible from a wait; without one, the variables of the process."""
        return scope.copied(scope.view(self._scopes(wait_id)))

    def locals(self, wait_id: str) -> dict[str, Value]:
        """The element's own variables: its input mappings, and the item of a multi-instance."""
        return scope.copied(self._scopes(wait_id)[0].values)

    def set_variables(self, values: Mapping[str, Value], wait_id: str | None = None, *, own: bool = True) -> None:
        """Write as the element would: to the nearest scope that has the name, else to the process.

        `own=False` leaves out the element's own variables, which its inputs make anew at a retry.
        """
        task = self._task(wait_id)
        scopes = scope.scopes_of(task, own=own and wait_id is not None)
        self._machine.variables.write(task, scope.copied(values), scopes)

    def evaluate(self, wait_id: str | None, expression: str) -> Value:
        """Evaluate a text of the model ("=…" is FEEL, any other is itself) as seen from a wait. Raises FeelError."""
        if not expression.startswith("="):
            return expression
        element_id = self._task(wait_id).task_spec.bpmn_id if wait_id else None
        return self._machine.host.evaluate(
            source_of(expression), scope.view(self._scopes(wait_id)), element_id=element_id
        )

    # Inside

    def _scopes(self, wait_id: str | None) -> list[scope.Scope]:
        task = self._task(wait_id)
        return scope.scopes_of(task, own=wait_id is not None)

    def _task(self, wait_id: str | None) -> Task:
        if wait_id is None:
            return self._top.task_tree
        task = self._find(wait_id)
        if task is None:
            raise _gone(wait_id)
        return task

    def _live(self) -> list[Task]:
        return [task for one in self._top.workflows() for task in one.tasks.values() if not is_finished(task)]

    def _find(self, wait_id: str) -> Task | None:
        try:
            id = UUID(wait_id)
        except ValueError:
            return None
        for one in self._top.workflows():
            task = one.tasks.get(id)
            if task is not None:
                return None if is_finished(task) else task
        return None

    def _waiting(self, wait_id: str, *kinds: str) -> Task:
        task = self._find(wait_id)
        wait = self._wait(task) if task else None
        if task is None or wait is None or wait.kind not in kinds:
            raise _gone(wait_id)
        return task

    def _wait(self, task: Task) -> Wait | None:
        node, state = node_of(task), task.internal_data
        facts: dict[str, Any] = {}
        if "failure" in state:
            kind, facts["message"] = "failure", state["failure"]
        elif isinstance(node, Waiting) and state.get("active"):
            kind = node.kind
        elif task.state == TaskState.WAITING and "values" in state and node.element.event:
            kind = _KINDS[node.element.event.kind]
            facts.update(state["values"], repetition=state.get("repetition", 0))
        else:
            return None
        if "attached" in state:
            facts.update(attached_to=str(task._parent), interrupting=node.element.interrupting)
        if node.instance:
            facts["loop_counter"] = state["index"] + 1
        return Wait(str(task.id), kind, node.element.process_id, node.element, **facts)  # type: ignore[arg-type]


def _gone(wait_id: str) -> Conflict:
    return Conflict(f"El elemento {wait_id} ya no está en espera.", reason="stale")


__all__ = ["BUDGET", "Run", "Wait"]
