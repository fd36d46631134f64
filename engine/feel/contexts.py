"""Built-in functions on contexts (DMN 1.5, table 78), and those that analysts know from the modeler: JSON, defaults,
assertions."""

from __future__ import annotations

from engine.feel.errors import FeelError
from engine.feel.plain import read_json, write_json
from engine.feel.registry import Registry
from engine.feel.run import Run
from engine.feel.values import Function, Range, check_size
from engine.values import Value

CONTEXTS = Registry()
_ENTRY = 4
"""Steps for one entry of a new context: it takes about as much memory as four elements of a list."""


@CONTEXTS.add("get value", "m: context, key")
def get_value(run: Run, context: dict[str, Value], key: Value) -> Value:
    """The entry of that name; with a list of names, the entry at the end of that path."""
    if type(key) is str:
        return context.get(key)
    if type(key) is not list or not key:
        return None
    run.charge(len(key))
    value: Value = context
    for name in key:
        if type(value) is not dict or type(name) is not str:
            return None
        value = value.get(name)
    return value


@CONTEXTS.add("get entries", "m: context")
def get_entries(run: Run, context: dict[str, Value]) -> Value:
    run.charge_items(len(context) * _ENTRY)
    return [{"key": key, "value": value} for key, value in context.items()]


@CONTEXTS.add("context", "entries: list")
def context_of(run: Run, entries: list[Value]) -> Value:
    """A context from a list of `{key: …, value: …}`; null when a key comes twice."""
    run.charge_items(len(entries) * _ENTRY)
    result: dict[str, Value] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            return None
        if entry["key"] in result:
            return None
        result[entry["key"]] = entry["value"]
    return result


@CONTEXTS.add("context put", "context: context, key, value", "context, keys, value")
def context_put(run: Run, context: dict[str, Value], key: Value, value: Value) -> Value:
    """A copy with one entry changed or added; with a list of names, at the end of that path."""
    path = key if type(key) is list else [key]
    if not path or not all(type(name) is str for name in path):
        return None
    run.charge(len(path))
    return _put(run, context, path, value, 0)


def _put(run: Run, context: Value, path: list[str], value: Value, index: int) -> Value:
    if type(context) is not dict or index > run.limits.nesting:
        return None
    run.charge((len(context) + 1) * _ENTRY)
    name = path[index]
    if index < len(path) - 1:
        value = _put(run, context.get(name, {}), path, value, index + 1)
        if value is None:
            return None
    return {**context, name: value}


@CONTEXTS.add("context merge", "contexts: list")
def context_merge(run: Run, contexts: list[Value]) -> Value:
    """All entries; of one name, the last."""
    result: dict[str, Value] = {}
    for context in contexts:
        if type(context) is not dict:
            return None
        run.charge(len(context) * _ENTRY)
        result.update(context)
    return result


@CONTEXTS.add("get or else", "value, default")
def get_or_else(run: Run, value: Value, default: Value) -> Value:
    """The value, or the default where it is null."""
    return default if value is None else value


@CONTEXTS.add("to json", "value")
def to_json(run: Run, value: Value) -> Value:
    """The value as JSON text; null for a function or range."""
    if type(value) in (Function, Range):
        return None
    if type(value) is list or type(value) is dict:
        check_size(run, value)
        run.charge(len(value))
    text = write_json(value)
    run.charge_text(len(text))
    run.charge(len(text) >> 3)
    return text


@CONTEXTS.add("from json", "value: string")
def from_json(run: Run, text: str) -> Value:
    """The value of a JSON text; null when it is none."""
    run.charge(1 + (len(text) >> 2))
    try:
        return read_json(text, moments=False)
    except FeelError:
        return None


@CONTEXTS.add("assert", "value, condition, cause: string?")
def assertion(run: Run, value: Value, condition: Value, cause: str | None) -> Value:
    """The value, if the condition is true; else the evaluation fails with the cause."""
    if condition is True:
        return value
    raise FeelError("assertion", cause=(cause or "assert")[:200])
