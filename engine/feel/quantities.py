"""Built-in functions on numbers, and `not` (DMN 1.5, tables 72 and 75)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)

from engine.feel.numbers import NUMBERS, finite, whole
from engine.feel.registry import Registry
from engine.feel.run import Run
from engine.feel.temporal import YearMonthDuration
from engine.values import Value

QUANTITIES = Registry()
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WIDE = Context(prec=6_200, Emin=-6_200, Emax=6_200, traps=[])
"""For rounding only: as wide as the widest number is long, so that no digit is lost on the way."""


@QUANTITIES.add("not", "negand")
def negation(run: Run, value: Value) -> Value:
    return not value if type(value) is bool else None


@QUANTITIES.add("number", "from: string, grouping separator: string?, decimal separator: string?")
def number(run: Run, text: str, grouping: str | None, point: str | None) -> Value:
    """A text as a number, e.g. `number("1,500.50", ",", ".")`."""
    if grouping not in (None, " ", ".", ",") or point not in (None, ".", ",") or (point and point == grouping):
        return None
    run.charge_text(len(text))
    if len(text) > 10_000:
        return None
    if grouping:
        text = text.replace(grouping, "")
    if point and point != ".":
        if "." in text:
            return None
        text = text.replace(point, ".")
    return finite(NUMBERS.create_decimal(text)) if _NUMBER.fullmatch(text) else None


def _rounded(value: Decimal, scale: Decimal | None, rounding: str) -> Value:
    """The number with `scale` decimals (-6111 to 6176)."""
    places = 0 if scale is None else whole(scale.to_integral_value(ROUND_DOWN))
    if places is None or not -6_111 <= places <= 6_176:
        return None
    if -int(value.as_tuple().exponent) <= places:
        # Nothing to round; zeros are added only as far as 34 digits go.
        padded = NUMBERS.quantize(value, Decimal((0, (1,), -places)))
        return padded if padded.is_finite() else value
    exact = _WIDE.copy()
    exact.rounding = rounding
    result = exact.quantize(value, Decimal((0, (1,), -places)))
    return finite(NUMBERS.plus(result))


def _rounding(name: str, rounding: str, signature: str) -> None:
    @QUANTITIES.add(name, signature)
    def rounded(run: Run, value: Decimal, scale: Decimal | None = None) -> Value:
        run.charge(5)
        return _rounded(value, scale, rounding)


_rounding("decimal", ROUND_HALF_EVEN, "n: number, scale: number")
_rounding("floor", ROUND_FLOOR, "n: number, scale: number~")
_rounding("ceiling", ROUND_CEILING, "n: number, scale: number~")
_rounding("round up", ROUND_UP, "n: number, scale: number")
_rounding("round down", ROUND_DOWN, "n: number, scale: number")
_rounding("round half up", ROUND_HALF_UP, "n: number, scale: number")
_rounding("round half down", ROUND_HALF_DOWN, "n: number, scale: number")


@QUANTITIES.add("abs", "n")
def absolute(run: Run, value: Value) -> Value:
    """Of a number or a duration."""
    from datetime import timedelta

    if type(value) is Decimal:
        return value.copy_abs()
    if type(value) is timedelta:
        return abs(value) if value > timedelta.min else None
    return YearMonthDuration(abs(value.months)) if type(value) is YearMonthDuration else None


@QUANTITIES.add("modulo", "dividend: number, divisor: number")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Value:
    """dividend - divisor * floor(dividend / divisor): has the sign of the divisor."""
    run.charge(10)
    if not divisor:
        return None
    rest = _WIDE.remainder(dividend, divisor)
    if rest and rest.is_signed() is not divisor.is_signed():
        rest = _WIDE.add(rest, divisor)
    return finite(NUMBERS.plus(rest))


def _function(name: str, compute: Callable[[Decimal], Decimal]) -> None:
    @QUANTITIES.add(name, "number: number")
    def computed(run: Run, value: Decimal) -> Value:
        run.charge(50)
        return finite(compute(value))


_function("sqrt", NUMBERS.sqrt)
_function("log", NUMBERS.ln)
_function("exp", NUMBERS.exp)


@QUANTITIES.add("odd", "number: number")
def odd(run: Run, value: Decimal) -> Value:
    return _remainder_of_two(value, 1)


@QUANTITIES.add("even", "number: number")
def even(run: Run, value: Decimal) -> Value:
    return _remainder_of_two(value, 0)


def _remainder_of_two(value: Decimal, wanted: int) -> Value:
    if value != value.to_integral_value():
        return False
    return bool(_WIDE.remainder(value, Decimal(2)).copy_abs() == wanted)
