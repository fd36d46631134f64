"""How a built-in function is declared: its parameters with their kinds, so that its body sees only what it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel.run import Run
from engine.feel.values import Function
from engine.values import Value

Body = Callable[..., Value]
"""A built-in's own function: the run, then one argument for each parameter."""

_KINDS: dict[str, type] = {
    "string": str,
    "number": Decimal,
    "boolean": bool,
    "list": list,
    "context": dict,
    "function": Function,
    "date": date,
    "time": time,
    "date and time": datetime,
    "duration": timedelta,
}


class Registry(dict[str, Function]):
    """Built-in functions by name."""

    def add(self, name: str, signature: str = "", *others: str) -> Callable[[Body], Body]:
        """Declare a built-in. `signature`: `name: kind, …`; `?` after the kind = may be left out, `*` = any number of
        arguments, as one list. No kind = any value, null too. `others`: parameter names of further forms.

        An argument of another kind makes the result null, except that a list of one counts as its element and one
        value as a list (DMN 1.5, 10.3.2.9.4).
        """
        parameters = [_parameter(text) for text in signature.split(",")] if signature else []

        def declare(body: Body) -> Body:
            self[name] = Function(
                tuple(parameter[0] for parameter in parameters),
                _checked(body, [(index, p[1], p[2]) for index, p in enumerate(parameters) if p[1] is not None]),
                name,
                optional=sum(1 for parameter in parameters if parameter[2] or parameter[3]),
                variadic=bool(parameters) and parameters[-1][3],
                signatures=tuple(tuple(part.strip() for part in other.split(",")) for other in others),
            )
            return body

        return declare


def _parameter(text: str) -> tuple[str, type | None, bool, bool]:
    name, _, kind = text.strip().partition(":")
    optional, variadic = text.endswith("?"), text.endswith("*")
    kind = kind.strip(" ?*")
    return name.strip(" ?*"), _KINDS[kind] if kind else None, optional, variadic


def _checked(body: Body, checks: list[tuple[int, type, bool]]) -> Callable[[Run, list[Value]], Value]:
    def call(run: Run, values: list[Value]) -> Value:
        for index, kind, optional in checks:
            value = values[index]
            if type(value) is kind or (optional and value is None):
                continue
            converted = _converted(value, kind)
            if converted is None:
                return None
            values[index] = converted
        return body(run, *values)

    return call


def _converted(value: Any, kind: type) -> Any:
    if kind is list:
        return None if value is None else [value]
    return value[0] if type(value) is list and len(value) == 1 and type(value[0]) is kind else None


def listed(values: list[Value]) -> list[Value]:
    """The list that `f(a, b, c)` and `f([a, b, c])` both mean."""
    return values[0] if len(values) == 1 and type(values[0]) is list else values
