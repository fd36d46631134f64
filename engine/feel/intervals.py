"""Built-in functions on ranges and points (Allen's relations; DMN 1.5, table 80), and `range`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from engine.feel.registry import Registry
from engine.feel.run import Limits, Run
from engine.feel.temporal import parse_temporal
from engine.feel.values import Range, compare, equal
from engine.values import Value

INTERVALS = Registry()
_UNCHARGED = Run(Limits(steps=sys.maxsize))
"""For comparisons that `related` has paid for beforehand."""


class _NoOrder(Exception):
    """The ends of two ranges cannot be compared."""


def _order(one: Value, other: Value) -> int:
    order = compare(_UNCHARGED, one, other)
    if order is None:
        raise _NoOrder
    return order


def _starts(one: Range, other: Range) -> int:
    """Order of the lower ends; an included end begins earlier."""
    order = _order(one.low, other.low)
    return order or int(other.low_included) - int(one.low_included)


def _ends(one: Range, other: Range) -> int:
    """Order of the upper ends; an included end goes further."""
    order = _order(one.high, other.high)
    return order or int(one.high_included) - int(other.high_included)


def _before(one: Range, other: Range) -> bool:
    order = _order(one.high, other.low)
    return order < 0 or (order == 0 and not (one.high_included and other.low_included))


def _touching(one: Range, other: Range) -> bool:
    return one.high_included and other.low_included and _order(one.high, other.low) == 0


def _inside(one: Range, other: Range) -> bool:
    return _starts(other, one) <= 0 and _ends(one, other) <= 0


def _overlapping(one: Range, other: Range) -> bool:
    return not _before(one, other) and not _before(other, one)


def _overlapping_before(one: Range, other: Range) -> bool:
    return _starts(one, other) < 0 and not _before(one, other) and _ends(one, other) <= 0


def _span(value: Value) -> Range | None:
    """A range as it is, a point as the range from itself to itself."""
    if type(value) is Range:
        return value
    return None if value is None or compare(_UNCHARGED, value, value) is None else Range(value, value, True, True)


def _length(interval: Range | None) -> int:
    """Steps for comparing the ends, if they are texts, a few times."""
    ends = () if interval is None else (interval.low, interval.high)
    return sum(len(end) >> 6 for end in ends if type(end) is str)


Relation = Callable[[Range, Range], bool]


def _relation(name: str, holds: Relation, *, points: str = "", signature: str = "range1, range2") -> None:
    """Declare a relation. `points`: which arguments may be points, out of "12"."""

    @INTERVALS.add(name, signature, "range1, range2", "point1, point2", "point, range", "range, point", "range1, point")
    def related(run: Run, one: Value, other: Value) -> Value:
        for value, place in ((one, "1"), (other, "2")):
            if type(value) is not Range and place not in points:
                return None
        first, second = _span(one), _span(other)
        run.charge(10 + _length(first) + _length(second))
        if first is None or second is None:
            return None
        try:
            return holds(first, second)
        except _NoOrder:
            return None


_relation("before", _before, points="12")
_relation("after", lambda one, other: _before(other, one), points="12")
_relation("meets", _touching)
_relation("met by", lambda one, other: _touching(other, one))
_relation("overlaps", _overlapping)
_relation("overlaps before", _overlapping_before)
_relation("overlaps after", lambda one, other: _overlapping_before(other, one))
_relation("finishes", lambda one, other: _ends(one, other) == 0 and _starts(other, one) <= 0, points="1")
_relation("finished by", lambda one, other: _ends(one, other) == 0 and _starts(one, other) <= 0, points="2")
_relation("includes", lambda one, other: _inside(other, one), points="2")
_relation("during", _inside, points="1")
_relation("starts", lambda one, other: _starts(one, other) == 0 and _ends(one, other) <= 0, points="1")
_relation("started by", lambda one, other: _starts(one, other) == 0 and _ends(other, one) <= 0, points="2")
_relation("coincides", lambda one, other: _starts(one, other) == 0 and _ends(one, other) == 0, points="12")


@INTERVALS.add("range", "from: string")
def make_range(run: Run, text: str) -> Value:
    """A range from a text such as `[18..21)` or `["a".."b"]`; its ends are literals."""
    run.charge(5 + len(text))
    text = text.strip()
    if len(text) < 4 or text[0] not in "[(]" or text[-1] not in "])[" or ".." not in text:
        return None
    low_text, _, high_text = text[1:-1].partition("..")
    if (text[0] == "[" and not low_text.strip()) or (text[-1] == "]" and not high_text.strip()):
        return None  # An open end cannot be included.
    low, high = _endpoint(low_text.strip()), _endpoint(high_text.strip())
    if (low is None and low_text.strip()) or (high is None and high_text.strip()) or low is high is None:
        return None
    if low is not None and high is not None and (compare(run, low, high) or 0) > 0:
        return None
    if low is not None and high is not None and equal(run, low, high) is None:
        return None
    return Range(low, high, text[0] == "[" and low is not None, text[-1] == "]" and high is not None)


def _endpoint(text: str) -> Value:
    """A literal: a number, a quoted text, or `@"…"` or a call such as `date("…")` with one."""
    from decimal import InvalidOperation

    from engine.feel.numbers import NUMBERS, finite

    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        return text[1:-1]
    quote = text.find('"')
    if quote > 0 and (text[:quote].strip() == "@" or text[:quote].rstrip().endswith("(")):
        return parse_temporal(text[quote + 1 :].rstrip(' )"'))
    try:
        return finite(NUMBERS.create_decimal(text)) if text.lstrip("-")[:1].isdigit() else None
    except InvalidOperation:
        return None
