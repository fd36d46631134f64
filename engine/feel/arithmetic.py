"""The operators `+ - * / **` and unary minus (DMN 1.5, tables 50-53). Operands of the wrong kind give null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from engine.feel.numbers import NUMBERS, finite
from engine.feel.run import Run
from engine.feel.temporal import YearMonthDuration, shifted
from engine.values import Value

Operator = Callable[[Run, Value, Value], Value]


def add(run: Run, left: Value, right: Value) -> Value:
    kind, other = type(left), type(right)
    if kind is Decimal and other is Decimal:
        return finite(NUMBERS.add(left, right))
    if kind is str and other is str:
        run.charge_text(len(left) + len(right))
        return left + right
    if kind is YearMonthDuration and other is YearMonthDuration:
        return YearMonthDuration(left.months + right.months)
    if other is timedelta or other is YearMonthDuration:
        return moved(left, right, 1)
    if kind is timedelta or kind is YearMonthDuration:
        return moved(right, left, 1)
    return None


def subtract(run: Run, left: Value, right: Value) -> Value:
    kind, other = type(left), type(right)
    if kind is Decimal and other is Decimal:
        return finite(NUMBERS.subtract(left, right))
    if kind is YearMonthDuration and other is YearMonthDuration:
        return YearMonthDuration(left.months - right.months)
    if other is timedelta or other is YearMonthDuration:
        return moved(left, right, -1)
    if kind in (date, datetime) and other in (date, datetime):
        return _between(left, right)
    if kind is time and other is time:
        day = date(2000, 1, 1)
        return _between(datetime.combine(day, left), datetime.combine(day, right))
    return None


def multiply(run: Run, left: Value, right: Value) -> Value:
    kind, other = type(left), type(right)
    if kind is Decimal and other is Decimal:
        return finite(NUMBERS.multiply(left, right))
    if other is Decimal:
        return _scaled(left, right)
    return _scaled(right, left) if kind is Decimal else None


def divide(run: Run, left: Value, right: Value) -> Value:
    kind, other = type(left), type(right)
    if kind is Decimal and other is Decimal:
        return finite(NUMBERS.divide(left, right))
    if other is Decimal:
        return _scaled(left, NUMBERS.divide(Decimal(1), right))
    if kind is other and kind in (timedelta, YearMonthDuration):
        return finite(NUMBERS.divide(length(left), length(right)))
    return None


def power(run: Run, left: Value, right: Value) -> Value:
    if type(left) is Decimal and type(right) is Decimal:
        run.charge(50)
        return finite(NUMBERS.power(left, right))
    return None


def negate(value: Value) -> Value:
    kind = type(value)
    if kind is Decimal:
        return finite(NUMBERS.minus(value))
    if kind is timedelta:
        return _guarded(lambda: -value)
    return YearMonthDuration(-value.months) if kind is YearMonthDuration else None


OPERATORS: dict[str, Operator] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}


def moved(value: Value, by: timedelta | YearMonthDuration, sign: int) -> Value:
    """A date, time or duration, later or earlier by a duration."""
    kind = type(value)
    if isinstance(by, YearMonthDuration):
        return moved_months(value, sign * by.months) if kind in (date, datetime) else None
    if kind is timedelta:
        return _guarded(lambda: value + sign * by)
    if kind is datetime:
        return _guarded(lambda: shifted(value, sign * by))
    if kind is date:
        # A date is the midnight that begins it: half a day later is still the same date.
        return _guarded(lambda: (datetime.combine(value, time()) + sign * by).date())
    if kind is time:
        return _guarded(lambda: _turned(value, sign * by))
    return None


def moved_months(value: date, months: int) -> date | None:
    """The same day of another month, or that month's last day."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return value.replace(year=year, month=month + 1, day=min(value.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def length(duration: timedelta | YearMonthDuration) -> Decimal:
    """A duration as a number: of seconds, or of months."""
    if isinstance(duration, YearMonthDuration):
        return Decimal(duration.months)
    microseconds = (duration.days * 86_400 + duration.seconds) * 1_000_000 + duration.microseconds
    return NUMBERS.scaleb(Decimal(microseconds), -6)


def _turned(clock: time, by: timedelta) -> time:
    """A time of day moved on the dial."""
    moved = datetime.combine(date(2000, 1, 2), clock.replace(tzinfo=None)) + timedelta(
        seconds=by.seconds, microseconds=by.microseconds
    )
    return moved.time().replace(tzinfo=clock.tzinfo)


def _between(left: date, right: date) -> Value:
    """`left - right`. A date is its midnight in UTC when the other has a zone (DMN 1.5, table 53)."""
    one, other = _moment(left, right), _moment(right, left)
    if (one.tzinfo is None) is not (other.tzinfo is None):
        return None
    if one.tzinfo is not None:
        one, other = one.astimezone(UTC), other.astimezone(UTC)
    return _guarded(lambda: one - other)


def _moment(value: date, beside: date) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC if getattr(beside, "tzinfo", None) else None)


def _scaled(duration: Value, factor: Decimal) -> Value:
    kind = type(duration)
    if not factor.is_finite() or kind not in (timedelta, YearMonthDuration):
        return None
    scaled = NUMBERS.multiply(length(duration), factor)
    if not abs(scaled) < Decimal("1e15"):
        return None
    if kind is YearMonthDuration:
        return YearMonthDuration(int(scaled))
    return _guarded(lambda: timedelta(microseconds=int(NUMBERS.scaleb(scaled, 6))))


def _guarded(make: Callable[[], Value]) -> Value:
    """What Python's calendar cannot hold is null."""
    try:
        return make()
    except (OverflowError, ValueError):
        return None
