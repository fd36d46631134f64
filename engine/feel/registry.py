"""How a built-in function is declared: its parameters with their kinds, so that its body sees only what it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel.run import ABSENT, Run
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
        """Declare a built-in. `signature`: `name: kind, …`; `?` = may be left out or null, `~` = may be left out but
        not null, `*` = one or more arguments, as one list. No kind = any value, null too. `others`: parameter names of
        further forms.

        An argument of another kind makes the result null, except that a list of one counts as its element and one
        value as a list (DMN 1.5, 10.3.2.9.4).
        """
        parameters = [_parameter(text) for text in signature.split(",")] if signature else []

        def declare(body: Body) -> Body:
            self[name] = Function(
                tuple(parameter.name for parameter in parameters),
                _checked(body, parameters),
                name,
                optional=sum(parameter.optional for parameter in parameters),
                variadic=bool(parameters) and parameters[-1].variadic,
                signatures=tuple(tuple(part.strip() for part in other.split(",")) for other in others),
            )
            return body

        return declare


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    kind: type | None
    optional: bool
    nullable: bool
    variadic: bool


def _parameter(text: str) -> _Parameter:
    text = text.strip()
    mark = text[-1] if text[-1] in "?~*" else ""
    name, _, kind = text.rstrip("?~*").partition(":")
    wanted = _KINDS[kind.strip()] if kind else None
    return _Parameter(name.strip(), wanted, mark in ("?", "~") and mark != "", mark == "?", mark == "*")


def _checked(body: Body, parameters: list[_Parameter]) -> Callable[[Run, list[Value]], Value]:
    checks = [
        (index, parameter.kind, parameter.optional, parameter.nullable)
        for index, parameter in enumerate(parameters)
        if parameter.kind is not None or parameter.optional
    ]

    def call(run: Run, values: list[Value]) -> Value:
        for index, kind, optional, nullable in checks:
            value = values[index]
            if type(value) is kind:
                continue
            if value is ABSENT or (value is None and nullable):
                values[index] = None
                continue
            if kind is None and not (value is None and optional):
                continue
            converted = None if kind is None else _converted(value, kind)
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
