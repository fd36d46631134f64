"""The values of FEEL in Python, their kinds, equality and order (DMN 1.5, 10.3.2.2 and 10.3.2.13).

null is None, a number Decimal, a text str, a boolean bool, a list list, a context dict; dates, times and durations are
Python's own, and `YearMonthDuration`. A `Range` or `Function` lives inside an evaluation only. Values are never changed
in place: parts of one may be shared with another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel.errors import FeelError
from engine.feel.numbers import NUMBERS
from engine.feel.run import LIMITS, Run
from engine.feel.temporal import YearMonthDuration
from engine.values import Value


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; None at an end that is open."""

    low: Value
    high: Value
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function as a value. `call` gets the run and one argument for each parameter."""

    parameters: tuple[str, ...]
    call: Callable[[Run, list[Value]], Value]
    name: str = ""
    optional: int = 0
    """How many of the last parameters may be left out."""
    variadic: bool = False
    """Whether the last parameter takes any number of arguments, as a list."""
    defaults: bool = False
    """Whether arguments left out at the end stay out, because the function has defaults of its own."""
    signatures: tuple[tuple[str, ...], ...] = ()
    """Other sets of parameter names, for a built-in with several forms."""
    known: Mapping[str, Collection[str]] = field(default_factory=dict, compare=False)
    """Parameter → the only texts that mean something there."""
    types: tuple[Any, ...] = ()
    """Types of the parameters, where the definition gives them."""
    result: Any = None


KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    date: "date",
    time: "time",
    datetime: "date and time",
    timedelta: "days and time duration",
    YearMonthDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}
_SCALARS = frozenset((type(None), bool, Decimal, str, date, time, datetime, timedelta, YearMonthDuration))
_ORDERED = frozenset((Decimal, str, date, time, datetime, timedelta, YearMonthDuration))
_INTERNAL = (Range, Function)


def check_value(value: Any) -> Value:
    """The FEEL value for a Python value: int and float become Decimal, tuples lists, mappings contexts.

    Raises FeelError for anything else, for numbers that are not finite, and for what is nested more than 40 deep.
    """
    return _checked(value, LIMITS.nesting, internal=False)


def admitted(value: Any) -> Value:
    """As `check_value`, for what enters an evaluation: ranges and functions of another expression may, too."""
    return _checked(value, LIMITS.nesting, internal=True)


def _checked(value: Any, nesting: int, internal: bool) -> Value:
    kind = type(value)
    if kind in _SCALARS and kind is not Decimal:
        return value
    if isinstance(value, (int, Decimal, float)):
        return _number(value)
    if nesting == 0:
        raise FeelError("nesting", limit=LIMITS.nesting)
    if isinstance(value, (list, tuple)):
        items = [_checked(item, nesting - 1, internal) for item in value]
        # An unchanged list keeps its identity, so that large data are not copied.
        same = kind is list and all(new is old for new, old in zip(items, value, strict=True))
        return value if same else items
    if isinstance(value, Mapping):
        entries: dict[str, Value] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise FeelError("value", type=f"A context with a key of type {type(key).__name__}")
            entries[key] = _checked(item, nesting - 1, internal)
        same = kind is dict and all(entries[key] is item for key, item in value.items())
        return value if same else entries
    if internal and isinstance(value, _INTERNAL):
        return value
    for base in (bool, str, datetime, date, time, timedelta):
        if isinstance(value, base):
            return value
    raise FeelError("value", type=kind.__name__)


def _number(value: int | float | Decimal) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, float):
        number = Decimal(repr(float(value)))
    elif value.bit_length() > 20_480:
        raise FeelError("not_finite")
    else:
        number = NUMBERS.create_decimal(value)
    if not number.is_finite():
        raise FeelError("not_finite")
    return number


def equal(run: Run, left: Value, right: Value, nesting: int | None = None) -> bool | None:
    """FEEL's `=`: null for values of different kinds."""
    kind, other = type(left), type(right)
    if left is None or right is None:
        return left is right
    if kind is not other:
        return None
    if kind is datetime or kind is time:
        return _same_moment(left, right)
    if kind is list or kind is dict:
        depth = run.limits.nesting if nesting is None else nesting
        if depth == 0:
            raise FeelError("nesting", limit=run.limits.nesting)
        return _equal_lists(run, left, right, depth) if kind is list else _equal_contexts(run, left, right, depth)
    if kind is Range:
        return (
            left.low_included == right.low_included
            and left.high_included == right.high_included
            and bool(equal(run, left.low, right.low))
            and bool(equal(run, left.high, right.high))
        )
    if kind is str:
        run.charge(len(left) >> 8)
    return bool(left == right)


def _equal_lists(run: Run, left: list[Value], right: list[Value], nesting: int) -> bool:
    if len(left) != len(right):
        return False
    run.charge(len(left))
    return all(equal(run, one, other, nesting - 1) for one, other in zip(left, right, strict=True))


def _equal_contexts(run: Run, left: dict[str, Value], right: dict[str, Value], nesting: int) -> bool:
    if left.keys() != right.keys():
        return False
    run.charge(len(left))
    return all(equal(run, value, right[key], nesting - 1) for key, value in left.items())


def _same_moment(left: Any, right: Any) -> bool | None:
    """Values with and without a zone cannot be compared."""
    if (left.tzinfo is None) is not (right.tzinfo is None):
        return None
    if type(left) is time:
        left, right = on_line(left), on_line(right)
    return bool(left == right)


def on_line(clock: time) -> Any:
    """A time of day as something that compares by its moment; one with a zone is taken to UTC.

    A named zone has no offset without a date: 1 January 2000 decides.
    """
    if clock.tzinfo is None:
        return clock
    return datetime.combine(date(2000, 1, 1), clock).astimezone(UTC)


def compare(run: Run, left: Value, right: Value) -> int | None:
    """-1, 0 or 1; null for values without a common order."""
    kind = type(left)
    if kind is not type(right) or kind not in _ORDERED:
        return None
    if kind is str:
        run.charge(len(left) >> 8)
    if kind is datetime or kind is time:
        if (left.tzinfo is None) is not (right.tzinfo is None):
            return None
        if kind is time:
            left, right = on_line(left), on_line(right)
    return -1 if left < right else 1 if left > right else 0


def within(run: Run, value: Value, interval: Range) -> bool | None:
    """Whether the value lies in the range; null when it cannot be compared with its ends."""
    if interval.low is not None:
        order = compare(run, value, interval.low)
        if order is None:
            return _within_equal(run, value, interval)
        if order < 0 or (order == 0 and not interval.low_included):
            return False
    if interval.high is not None:
        order = compare(run, value, interval.high)
        if order is None:
            return None
        if order > 0 or (order == 0 and not interval.high_included):
            return False
    return True


def _within_equal(run: Run, value: Value, interval: Range) -> bool | None:
    """`(= x)` is a range from x to x of any kind of value, such as booleans, which have no order."""
    if interval.low is interval.high and interval.low_included and interval.high_included:
        return equal(run, value, interval.low)
    return None


def as_list(value: Value) -> list[Value]:
    """A value where a list is wanted: one value is a list of one, null an empty list."""
    if type(value) is list:
        return value
    return [] if value is None else [value]


def check_size(run: Run, value: Value) -> None:
    """Refuse a value that is huge when written out: its parts may be shared many times."""
    left = run.limits.result
    stack: list[tuple[Value, int]] = [(value, 1)]
    while stack:
        item, nesting = stack.pop()
        if nesting > run.limits.nesting:
            raise FeelError("nesting", limit=run.limits.nesting)
        left -= len(item) + 1
        if left < 0:
            raise FeelError("result", limit=run.limits.result)
        for part in item.values() if type(item) is dict else item:
            if type(part) is list or type(part) is dict:
                stack.append((part, nesting + 1))
            elif type(part) is str:
                left -= len(part) >> 6
