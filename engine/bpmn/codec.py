"""The state of a run as bytes: tokens and variables, never the specification.

Layout: magic `CAU`, one byte codec version, one byte length and the library's version, then zlib over JSON. Tokens come
in pre-order, each after its parent; a state that does not fit its program is refused, never read half.
"""

from __future__ import annotations

import zlib
from typing import Any
from uuid import UUID

import orjson
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.version import __version__ as library_version

from engine.bpmn.program import Program
from engine.bpmn.workflow import SubWorkflow, TopWorkflow, is_finished
from engine.errors import EngineError
from engine.feel import FeelError, from_json, to_json

MAGIC = b"CAU"
VERSION = 1

_LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED


class BadState(EngineError):
    """The stored state of this process instance cannot be read."""

    code = "bad_state"


def dump(workflow: TopWorkflow) -> bytes:
    """The state of a workflow at rest. The same state gives the same bytes."""
    state = {
        "counter": workflow.counter,
        "completed": workflow.completed,
        "workflows": [_dump_workflow(one) for one in workflow.workflows()],
    }
    return packed(state)


def packed(state: dict[str, Any]) -> bytes:
    """A state as it is stored."""
    library = library_version.encode()
    body: bytes = zlib.compress(orjson.dumps(state), 1)
    return bytes(MAGIC + bytes([VERSION, len(library)]) + library + body)


def _dump_workflow(workflow: TopWorkflow | SubWorkflow) -> dict[str, Any]:
    tasks = []
    stack = [workflow.task_tree]
    while stack:
        task = stack.pop()
        tasks.append(_dump_task(task))
        stack.extend(workflow.tasks[child] for child in reversed(task._children))
    undoable = {"undoable": workflow.undoable} if workflow.undoable else {}
    return {
        "spec": workflow.spec.name,
        "of": workflow.parent_task_id.hex if workflow.parent_task_id else None,
        "data": to_json(workflow.data) if workflow.data else None,
        "written": sorted(workflow.written) if isinstance(workflow, SubWorkflow) else [],
        "done": workflow.completed,
        "arrived": {name: [task.id.hex for task in tasks] for name, tasks in workflow.arrived.items() if tasks},
        "tasks": tasks,
        **undoable,
    }


def _dump_task(task: Task) -> list[Any]:
    row: list[Any] = [task.id.hex, task._parent.hex if task._parent else None, task.task_spec.name, task.state]
    if is_finished(task):
        return row
    internal = dict(task.internal_data)
    if "values" in internal:
        internal["values"] = to_json(internal["values"])
    return [*row, internal, to_json(task.data) if task.data else None]


def load(program: Program, blob: bytes) -> TopWorkflow:
    """Rebuild a workflow on the program it was dumped from. Raises BadState."""
    state = opened(blob)
    try:
        first, *others = state["workflows"]
        if first["spec"] != program.process_key:
            raise BadState(f"El estado es del proceso «{first['spec']}», no de «{program.process_key}».")
        top = program.workflow(deserializing=True)
        top.counter = state["counter"]
        _load_workflow(top, first)
        by_id = dict(top.tasks)
        for one in others:
            parent = by_id.get(UUID(one["of"]))
            if parent is None or one["spec"] not in program.specs:
                raise BadState(f"El estado tiene un subproceso «{one['spec']}» sin dueño o sin definición.")
            inner = SubWorkflow(program.specs[one["spec"]], parent, top, deserializing=True)
            top.subprocesses[parent.id] = inner
            _load_workflow(inner, one)
            by_id.update(inner.tasks)
    except (KeyError, ValueError, TypeError, IndexError, FeelError) as error:
        raise BadState(f"El estado guardado no tiene la forma esperada: {error!r}.") from error
    return top


def opened(blob: bytes) -> dict[str, Any]:
    """A stored state as plain data. Raises BadState."""
    if blob[:3] != MAGIC or len(blob) < 6:
        raise BadState("El estado guardado no es de este motor.")
    if blob[3] != VERSION:
        raise BadState(f"El estado guardado es de la versión {blob[3]}; este motor lee la {VERSION}.")
    try:
        state: dict[str, Any] = orjson.loads(zlib.decompress(blob[5 + blob[4] :]))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise BadState("El estado guardado está dañado.") from error
    return state


def _load_workflow(workflow: TopWorkflow | SubWorkflow, state: dict[str, Any]) -> None:
    workflow.data = from_json(state["data"]) if state["data"] else {}
    workflow.completed = state["done"]
    if isinstance(workflow, SubWorkflow):
        workflow.written = set(state["written"])
    workflow.undoable = list(state.get("undoable", ()))
    for name in workflow.undoable:
        if name not in workflow.spec.task_specs:
            raise BadState(f"El estado compensaría con «{name}», que no existe en «{workflow.spec.name}».")
    for row in state["tasks"]:
        _load_task(workflow, row)
    workflow.arrived = {name: [workflow.tasks[UUID(id)] for id in tasks] for name, tasks in state["arrived"].items()}


def _load_task(workflow: TopWorkflow | SubWorkflow, row: list[Any]) -> None:
    id, parent_id, name, task_state = UUID(row[0]), row[1], row[2], row[3]
    spec = workflow.spec.task_specs.get(name)
    if spec is None:
        raise BadState(f"El estado está en «{name}», que no existe en «{workflow.spec.name}».")
    parent = workflow.tasks.get(UUID(parent_id)) if parent_id else None
    if (parent is None) != (not workflow.tasks) or id in workflow.tasks:
        raise BadState(f"El estado tiene en «{name}» un elemento sin su antecesor.")
    task = Task(workflow, spec, parent, task_state, id)
    if parent is None:
        workflow.task_tree = task
    if is_finished(task):
        return
    if not task_state & _LIVE:
        raise BadState(f"El estado tiene en «{name}» un elemento en la situación {task_state}.")
    task.internal_data = row[4]
    if "values" in task.internal_data:
        task.internal_data["values"] = from_json(task.internal_data["values"])
    task.data = from_json(row[5]) if row[5] else {}
    if _has_step(task):
        workflow.top_workflow.push(task)


def _has_step(task: Task) -> bool:
    """True for a token that was on the agenda: it came or was completed, and nobody ran on yet."""
    state = task.internal_data
    if "failure" in state:
        return False
    return bool(state.get("done")) or (task.state == TaskState.READY and "active" not in state)
