"""Types as written in models: `instance of`, and the conversions at the border of functions and decisions
(DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.feel.errors import FeelError
from engine.feel.nodes import Type
from engine.feel.run import Run
from engine.feel.values import KINDS, Function, Range
from engine.values import Value

ANY = Type("Any")
BUILT_IN = frozenset(KINDS.values()) | {"Any", "Null", "list", "context", "function", "range", "dateTime"}
_ALIASES = {"dateTime": "date and time", "dayTimeDuration": "days and time duration"}
_ALIASES |= {"yearMonthDuration": "years and months duration", "Null": "null", "any": "Any"}


def is_instance(run: Run, value: Value, wanted: Type, nesting: int = 0) -> bool | None:
    """Whether the value is of the type; null when the model has no such type."""
    if nesting > run.limits.nesting:
        raise FeelError("nesting", limit=run.limits.nesting)
    run.charge(1)
    name = _ALIASES.get(wanted.name, wanted.name)
    if name == "Any":
        return value is not None
    if name == "null":
        return value is None
    if name not in BUILT_IN:
        check = run.types(name) if run.types is not None else None
        return None if check is None else bool(check(run, value))
    kind = KINDS.get(type(value), "")
    if kind != name:
        return False
    return _parts_fit(run, value, wanted, nesting + 1)


def _parts_fit(run: Run, value: Value, wanted: Type, nesting: int) -> bool:
    def fits(items: Iterable[Value], type_: Type) -> bool:
        # An element that is null is of any type.
        return all(item is None or bool(is_instance(run, item, type_, nesting)) for item in items)

    if isinstance(value, list) and wanted.arguments:
        return fits(value, wanted.arguments[0])
    if isinstance(value, dict):
        return all(key in value and fits([value[key]], type_) for key, type_ in wanted.entries)
    if isinstance(value, Range) and wanted.arguments:
        return fits([end for end in (value.low, value.high) if end is not None], wanted.arguments[0])
    if isinstance(value, Function) and wanted.result is not None:
        return _function_fits(value, wanted)
    return True


def _function_fits(value: Function, wanted: Type) -> bool:
    """Parameters may be wider, the result narrower; what a definition leaves open is Any."""
    if len(value.parameters) != len(wanted.arguments):
        return False
    declared = value.types or (None,) * len(value.parameters)
    for have, want in zip(declared, wanted.arguments, strict=True):
        if have is not None and have.name != "Any" and have != want:
            return False
    return value.result is None or wanted.result is None or wanted.result.name == "Any" or value.result == wanted.result


def coerced(run: Run, value: Value, wanted: Type | None) -> Value:
    """The value as the type wants it: one value for a list and a list of one for one; null where nothing fits."""
    if wanted is None or value is None or wanted.name == "Any":
        return value
    verdict = is_instance(run, value, wanted)
    if verdict or verdict is None:
        return value
    if type(value) is list and len(value) == 1 and is_instance(run, value[0], wanted):
        return value[0]
    if wanted.name == "list" and is_instance(run, [value], wanted):
        return [value]
    return None
