"""Variables: where they live, who sees them, where a value goes that is written.

A scope is the dict of a workflow (process, called process) or of a token (an activity's own variables, a sub-process,
one instance of a multi-instance activity). Reads look outward and stop at the process; a write goes to the
nearest scope that has the name, else to the process. (Rules 1 to 7 of the dialect.)
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from SpiffWorkflow.task import Task

from engine.bpmn.activities import CallActivity
from engine.definitions.model import VariableMapping
from engine.feel import check_value
from engine.values import Value


class Scope(NamedTuple):
    values: dict[str, Value]
    owner: str | None
    """Id of the element that it belongs to; None for the process."""
    process_key: str
    written: set[str] | None = None
    """Of a called process: the names that were written in it, others being copies of the caller's."""


Evaluate = Callable[[str, Mapping[str, Value]], Value]
"""Evaluates the text of a mapping's source over the variables that it sees."""


def scopes_of(task: Task, *, own: bool = True) -> list[Scope]:
    """The scopes that a token sees, innermost first. `own=False` leaves out its own."""
    found = []
    while True:
        node = task.task_spec
        if own:
            found.append(Scope(task.data, node.bpmn_id, node.element.process_id))
        own = True
        if node.instance or "attached" in task.internal_data:
            # Its multi-instance body or, while it waits, the activity that the event is attached to.
            outer = task.parent
            found.append(Scope(outer.data, outer.task_spec.bpmn_id, node.element.process_id))
        workflow = task.workflow
        parent = workflow.parent_task if workflow.depth else None
        if parent is None or isinstance(parent.task_spec, CallActivity):
            written = workflow.written if workflow.depth else None
            found.append(Scope(workflow.data, None, node.element.process_id, written))
            return found
        task = parent


def view(scopes: Iterable[Scope], *inner: dict[str, Value]) -> Mapping[str, Value]:
    """Everything visible as one mapping; an inner name covers an outer one."""
    return ChainMap(*inner, *[scope.values for scope in scopes if scope.values])


def holder(scopes: list[Scope], name: str) -> Scope:
    """Where a value of this name is written."""
    for scope in scopes:
        if name in scope.values:
            return scope
    return scopes[-1]


def inputs(mappings: Iterable[VariableMapping], scopes: list[Scope], evaluate: Evaluate) -> dict[str, Value]:
    """The locals that input mappings create; each sees those before it. A dotted target builds a whole new context."""
    created: dict[str, Value] = {}
    for mapping in mappings:
        value = evaluate(mapping.source, view(scopes, created))
        name, *path = mapping.target.split(".")
        created[name] = _put(created.get(name), path, value)
    return created


def outputs(
    mappings: Iterable[VariableMapping], scopes: list[Scope], results: dict[str, Value], evaluate: Evaluate
) -> dict[str, Value]:
    """What output mappings send outward: whole values by name. A dotted target changes one leaf, its siblings stay."""
    sent: dict[str, Value] = {}
    for mapping in mappings:
        visible = view(scopes, sent, results)
        value = evaluate(mapping.source, visible)
        name, *path = mapping.target.split(".")
        if path:
            old = sent[name] if name in sent else view(scopes[1:]).get(name)
            sent[name] = _put(old, path, value)
        else:
            sent[name] = value
    return sent


def _put(old: Value, path: list[str], value: Value) -> Value:
    """A copy of `old` with the value at this path; what is no context on the way is replaced by one."""
    if not path:
        return value
    top: dict[str, Value] = dict(old) if isinstance(old, dict) else {}
    here = top
    for name in path[:-1]:
        inner = here.get(name)
        here[name] = dict(inner) if isinstance(inner, dict) else {}
        here = here[name]
    here[path[-1]] = value
    return top


def copied(values: Mapping[str, Value] | None) -> dict[str, Value]:
    """Copies, so that nobody outside shares a list or context with the state. Raises FeelError for no FEEL value."""
    return {name: _copy(check_value(value)) for name, value in (values or {}).items()}


def _copy(value: Value) -> Value:
    if isinstance(value, list):
        return [_copy(item) for item in value]
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return value
