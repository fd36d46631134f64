"""Cuts the values of one input into classes that a column's cells cannot tell apart: the constants in the cells, what
lies between and outside of them, any other text, null."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel import YearMonthDuration, format_value, parse_unary_tests
from engine.feel import nodes as n
from engine.feel.builtins import BUILTINS
from engine.feel.compiler import Compiler
from engine.feel.formatting import quoted
from engine.feel.run import Run, Scope
from engine.feel.unary import INPUT
from engine.values import Value

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_TEMPORAL = ("date", "time", "date and time", "duration")


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that an input can take: those that satisfy the unary tests; only whole numbers if `whole`."""

    tests: str = "-"
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ValueClass:
    """Values that no cell of the column tells apart: one of them, and all of them as a unary test."""

    example: Value
    text: str


def constants(node: n.Node) -> list[Value] | None:
    """The constants at which the tests of a cell can change their verdict; None when the cell depends on more than
    constants, so that no finite number of values can stand for all."""
    found: list[Value] = []
    return found if isinstance(node, n.Tests) and all(_collect_test(test, found) for test in node.tests) else None


def _collect_test(test: n.Test, found: list[Value]) -> bool:
    return _collect(test.operand, found)


def _collect(node: n.Node, found: list[Value]) -> bool:
    if isinstance(node, n.Range):
        return all(end is None or _collect(end, found) for end in (node.low, node.high))
    if isinstance(node, n.ListLiteral):
        return all(_collect(item, found) for item in node.items)
    if isinstance(node, n.Logic):
        return all(_collect(part, found) for part in node.parts)
    if isinstance(node, n.Binary) and node.operator in _COMPARISONS:
        return all(_is_input(side) or _collect(side, found) for side in (node.left, node.right))
    if isinstance(node, n.Between):
        return _is_input(node.value) and _collect(node.low, found) and _collect(node.high, found)
    if isinstance(node, n.In):
        return _is_input(node.value) and all(_collect_test(test, found) for test in node.tests)
    if isinstance(node, n.Call) and _called(node) == "not":
        return all(_collect(argument, found) for argument in node.arguments)
    if isinstance(node, n.Literal):
        found.append(node.value)
        return True
    if isinstance(node, n.Call) and _called(node) in _TEMPORAL:
        if not all(isinstance(argument, n.Literal) for argument in node.arguments):
            return False
        found.append(_value(node))
        return True
    return False


def _is_input(node: n.Node) -> bool:
    return isinstance(node, n.Name) and node.name == INPUT


def _called(node: n.Call) -> str:
    return node.function.name if isinstance(node.function, n.Name) else ""


def _value(node: n.Node) -> Value:
    return Compiler(BUILTINS, {}, frozenset()).part(node).code(Scope(Run(), {}))


def classes(found: list[Value], type_name: str | None, domain: Domain) -> list[ValueClass]:
    """The classes of a column with these constants, as far as the domain admits them."""
    tests = parse_unary_tests(domain.tests)
    limits = constants(tests.node) or []
    every = [*found, *limits]
    cut: list[ValueClass] = [ValueClass(None, "null")]
    if type_name == "boolean" or any(type(value) is bool for value in every):
        cut += [ValueClass(True, "true"), ValueClass(False, "false")]
    texts = sorted({value for value in every if type(value) is str})
    if texts or type_name == "string":
        cut += [ValueClass(text, quoted(text)) for text in texts]
        others = ", ".join(map(quoted, texts))
        cut.append(ValueClass(_other(texts), f"not({others})" if others else "-"))
    for kind, (between, smallest) in _LINES.items():
        of_kind: set[Any] = {value for value in every if type(value) is kind}
        points = sorted(of_kind)
        if kind is Decimal and domain.whole:
            between, smallest = _between_whole, Decimal(1)
        if points or (kind is Decimal and type_name == "number"):
            cut += _line(points, between, smallest)
    return [part for part in cut if tests.evaluate({INPUT: part.example}) is True]


def _other(texts: list[str]) -> str:
    other = "otro"
    while other in texts:
        other += "_"
    return other


Between = Callable[[Any, Any], Any]


def _line(points: list[Any], between: Between, step: Any) -> Iterator[ValueClass]:
    """Below the first point, each point, between two, above the last."""
    if not points:
        yield ValueClass(Decimal(0), "-")
        return
    below, above = _shifted(points[0], step, -1), _shifted(points[-1], step, 1)
    if below is not None:
        yield ValueClass(below, f"< {_text(points[0])}")
    for index, point in enumerate(points):
        yield ValueClass(point, _text(point))
        if index + 1 < len(points):
            middle = between(point, points[index + 1])
            if middle is not None:
                yield ValueClass(middle, f"({_text(point)}..{_text(points[index + 1])})")
    if above is not None:
        yield ValueClass(above, f"> {_text(points[-1])}")


def _shifted(point: Any, step: Any, sign: int) -> Any:
    try:
        if isinstance(point, time):
            moved = datetime.combine(date(2000, 1, 2), point) + sign * step
            return moved.timetz() if moved.day == 2 else None
        if isinstance(point, YearMonthDuration):
            return YearMonthDuration(point.months + sign * step.months)
        return point + sign * step
    except OverflowError:
        return None


def _text(point: Any) -> str:
    text = format_value(point)
    return text if isinstance(point, Decimal) else f'@"{text}"'


def _between_whole(low: Decimal, high: Decimal) -> Decimal | None:
    middle = low.to_integral_value("ROUND_FLOOR") + 1
    return middle if middle < high else None


def _between_days(low: date, high: date) -> date | None:
    return low + timedelta(days=1) if (high - low).days > 1 else None


def _between_moments(low: datetime, high: datetime) -> datetime | None:
    return low + (high - low) / 2


def _between_times(low: time, high: time) -> time | None:
    day = date(2000, 1, 2)
    first, last = datetime.combine(day, low), datetime.combine(day, high)
    return (first + (last - first) / 2).timetz()


def _between_months(low: YearMonthDuration, high: YearMonthDuration) -> YearMonthDuration | None:
    return YearMonthDuration(low.months + 1) if high.months - low.months > 1 else None


_LINES: dict[type, tuple[Between, Any]] = {
    Decimal: (lambda low, high: (low + high) / 2, Decimal(1)),
    date: (_between_days, timedelta(days=1)),
    datetime: (_between_moments, timedelta(days=1)),
    time: (_between_times, timedelta(seconds=1)),
    timedelta: (lambda low, high: low + (high - low) / 2, timedelta(days=1)),
    YearMonthDuration: (_between_months, YearMonthDuration(1)),
}
