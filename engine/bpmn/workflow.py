"""The library's workflow classes with a tree of tokens that does not grow.

The library keeps every finished task and predicts the future into the same tree; each of its scans then costs more with
every round of a loop. Here nothing is predicted and a finished task leaves the tree at once, unless two or more
branches hang on it: what is left are the tokens, and the nodes that hold them together.
"""

from __future__ import annotations

import heapq
import itertools
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from engine.bpmn.nodes import Node

# The library computes costly extras for every line of its log unless each of these loggers has a level of its own.
for _name in ("spiff", "spiff.task", "spiff.workflow", "spiff.data"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class NoScripts:
    """Stands where the library expects a script engine: no node of ours ever asks it anything."""

    environment = None


def is_finished(task: Task) -> bool:
    return bool(task.has_state(TaskState.FINISHED_MASK))


class _Tokens:
    """What the top workflow and the sub-workflows have in common."""

    tasks: dict[Any, Task]
    task_tree: Task
    top_workflow: TopWorkflow
    arrived: dict[str, list[Task]]
    """Tokens that wait at a join, by the join's name, in order of arrival."""
    undoable: list[str]
    """Names of the nodes that would undo what is done, in order of completion."""

    def _task_completed_notify(self, task: Task) -> None:
        """Called by the library after a task has completed and its followers are in the tree."""
        self.compact(task)

    def compact(self, task: Task) -> None:
        """Take a finished task out of the tree: splice it when it has one child, remove it when it has none.

        A scope ends when nothing is left in it but what only might have begun: the starts of its event sub-processes.
        """
        while is_finished(task):
            parent = task.parent
            if parent is None:
                if all("attached" in self.tasks[child].internal_data for child in task._children):
                    self.top_workflow.drop_children(task)
                    self._emptied()
                return
            if len(task._children) > 1:
                return
            position = parent._children.index(task.id)
            del self.tasks[task.id]
            if task._children:
                child = self.tasks[task._children[0]]
                child._parent = parent.id
                parent._children[position] = child.id
                return
            del parent._children[position]
            task = parent

    def _emptied(self) -> None:
        raise NotImplementedError


class TopWorkflow(_Tokens, BpmnWorkflow):  # type: ignore[misc]
    """The workflow of the process that was started; holds the agenda for itself and everything below it."""

    def __init__(self, spec: Any, specs: dict[str, Any], *, watches: bool = False, deserializing: bool = False) -> None:
        self.watches = watches
        """Some event of the program waits for a condition."""
        self.agenda: list[tuple[int, int, int, Task]] = []
        self._pushed = itertools.count()
        self.counter = 0
        self.arrived = {}
        self.undoable = []
        super().__init__(spec, specs, script_engine=NoScripts(), deserializing=deserializing)

    def number(self) -> int:
        """The next number of a token: the order of arrival, kept over reloads."""
        self.counter += 1
        return self.counter

    def push(self, task: Task) -> None:
        """Put a token on the agenda: the outermost scope goes first, then who came first."""
        heapq.heappush(self.agenda, (task.workflow.depth, task.internal_data["n"], next(self._pushed), task))

    def pop(self) -> Task | None:
        """The next token that is still there."""
        while self.agenda:
            task: Task = heapq.heappop(self.agenda)[3]
            if task.workflow.tasks.get(task.id) is task and "failure" not in task.internal_data:
                return task
        return None

    def create_subprocess(self, my_task: Task, spec_name: str) -> SubWorkflow:
        inner = SubWorkflow(self.subprocess_specs[spec_name], my_task, self)
        self.subprocesses[my_task.id] = inner
        return inner

    def workflows(self) -> Iterator[TopWorkflow | SubWorkflow]:
        """This one and all below it, in the order in which they began."""
        yield self
        yield from self.subprocesses.values()

    def drop(self, task: Task) -> list[Task]:
        """Remove a token with everything below and inside it; answers the unfinished ones, outermost first."""
        parent = task.parent
        if parent is not None:
            parent._children.remove(task.id)
        gone, unfinished = [], []
        stack = [task]
        while stack:
            one = stack.pop()
            gone.append(one)
            if not is_finished(one) and one.parent is not None:
                unfinished.append(one)
            stack.extend(one.workflow.tasks[child] for child in reversed(one._children))
            inner = self.subprocesses.pop(one.id, None)
            if inner is not None:
                stack.append(inner.task_tree)
        for one in gone:
            _forget(one)
        return unfinished

    def drop_children(self, task: Task, *, but: Task | None = None) -> list[Task]:
        dropped = []
        for child in [task.workflow.tasks[child] for child in task._children]:
            if child is not but:
                dropped += self.drop(child)
        return dropped

    def _emptied(self) -> None:
        self.completed = True


class SubWorkflow(_Tokens, BpmnSubWorkflow):  # type: ignore[misc]
    """The inside of one sub-process or called process."""

    def __init__(self, spec: Any, parent_task: Task, top: TopWorkflow, *, deserializing: bool = False) -> None:
        self.parent_task = parent_task
        self.arrived = {}
        self.undoable = []
        self.written: set[str] = set()
        """Names of its variables that were written inside; what is not here came from the caller and is as it was."""
        super().__init__(spec, parent_task.id, top, deserializing=deserializing)

    @property
    def parent_workflow(self) -> Any:
        return self.parent_task.workflow

    def _calculate_depth(self) -> int:
        """The library walks all sub-workflows here, once for each level."""
        return int(self.parent_task.workflow.depth) + 1

    def _emptied(self) -> None:
        self.completed = True
        self.parent_task.internal_data["done"] = True
        self.top_workflow.push(self.parent_task)


def _forget(task: Task) -> None:
    task.workflow.tasks.pop(task.id, None)
    waiting = task.workflow.arrived.get(task.task_spec.name)
    if waiting and task in waiting:
        waiting.remove(task)


def node_of(task: Task) -> Node:
    node: Node = task.task_spec
    return node
