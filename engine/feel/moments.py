"""Built-in functions that make dates, times and durations, and read the calendar (DMN 1.5, tables 72, 77 and 79)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from decimal import ROUND_DOWN, Decimal

from engine.feel.arithmetic import days_in_month
from engine.feel.errors import FeelError
from engine.feel.numbers import NUMBERS, whole
from engine.feel.registry import Registry
from engine.feel.run import Run
from engine.feel.temporal import (
    ZONE,
    YearMonthDuration,
    offset_zone,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    zone,
)
from engine.feel.values import equal
from engine.values import Value

MOMENTS = Registry()
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@MOMENTS.add("date", "from, month: number?, day: number?", "year, month, day")
def make_date(run: Run, value: Value, month: Decimal | None, day: Decimal | None) -> Value:
    run.charge(3)
    if month is not None or day is not None:
        return _date(value, month, day)
    if type(value) is str:
        return parse_date(value)
    if type(value) is datetime:
        return value.date()
    return value if type(value) is date else None


def _date(year: Value, month: Value, day: Value) -> date | None:
    numbers = [whole(part) for part in (year, month, day)]
    if None in numbers:
        return None
    try:
        return date(*numbers)  # type: ignore[arg-type]
    except ValueError:
        return None


@MOMENTS.add(
    "date and time",
    "from, time~, day?, hour?, minute?, second?, offset?",
    "date, time",
    "year, month, day, hour, minute, second, offset",
    "year, month, day, hour, minute, second",
    "from, timezone",
)
def make_date_time(
    run: Run,
    value: Value,
    clock: Value = None,
    day: Value = None,
    hour: Value = None,
    minute: Value = None,
    second: Value = None,
    offset: Value = None,
) -> Value:
    """From a text; from a date and a time; from the parts; a moment in another time zone."""
    _charge_zone(run, value)
    if type(value) is Decimal:
        return _joined(_date(value, clock, day), _clock(hour, minute, second, offset))
    if any(part is not None for part in (day, hour, minute, second, offset)):
        return None
    if type(clock) is time:
        return _joined(value.date() if type(value) is datetime else value, clock)
    if type(clock) is str and type(value) is datetime:
        where = zone(clock)
        return None if where is None or value.tzinfo is None else _elsewhere(value, where)
    if clock is not None:
        return None
    if type(value) is str:
        return parse_date_time(value)
    if type(value) is date:
        return datetime(value.year, value.month, value.day)
    return value if type(value) is datetime else None


def _charge_zone(run: Run, value: Value) -> None:
    """A named zone that is not known yet is looked for in files."""
    run.charge(60 if type(value) is str and "@" in value else 5)


def _joined(day: Value, clock: time | None) -> datetime | None:
    return datetime.combine(day, clock) if type(day) is date and clock is not None else None


def _elsewhere(moment: datetime, where: tzinfo) -> datetime | None:
    try:
        return moment.astimezone(where)
    except OverflowError:
        return None


@MOMENTS.add("time", "from, minute: number?, second: number?, offset: duration?", "hour, minute, second, offset")
def make_time(
    run: Run, value: Value, minute: Decimal | None, second: Decimal | None, offset: timedelta | None
) -> Value:
    _charge_zone(run, value)
    if minute is not None or second is not None:
        return _clock(value, minute, second, offset)
    if type(value) is str:
        return parse_time(value)
    if type(value) is datetime:
        return value.timetz()
    if type(value) is date:
        return time(tzinfo=zone("UTC"))
    return value if type(value) is time else None


def _clock(hour: Value, minute: Value, second: Value, offset: Value) -> time | None:
    hours, minutes = whole(hour), whole(minute)
    if hours is None or minutes is None or type(second) is not Decimal or not 0 <= second < 60:
        return None
    where: tzinfo | None = None
    if offset is not None:
        where = zone(offset) if type(offset) is str else offset_zone(offset) if type(offset) is timedelta else None
        if where is None:
            return None
    seconds = int(second)
    microseconds = int(NUMBERS.scaleb(second - seconds, 6).to_integral_value(ROUND_DOWN))
    try:
        return time(hours, minutes, seconds, microseconds, where)
    except ValueError:
        return None


@MOMENTS.add("duration", "from")
def make_duration(run: Run, value: Value) -> Value:
    run.charge(3)
    if type(value) is str:
        return parse_duration(value)
    return value if type(value) in (timedelta, YearMonthDuration) else None


@MOMENTS.add("years and months duration", "from, to")
def years_and_months_duration(run: Run, start: Value, end: Value) -> Value:
    """Whole months from one date to another, toward zero."""
    first, last = _day(start), _day(end)
    if first is None or last is None:
        return None
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearMonthDuration(months)


def _day(value: Value) -> date | None:
    if type(value) is datetime:
        return value.date()
    return value if type(value) is date else None


@MOMENTS.add("now")
def now(run: Run) -> Value:
    """The business clock."""
    return _now(run, "now")


@MOMENTS.add("today")
def today(run: Run) -> Value:
    """The day of the business clock in Mexico City."""
    return _now(run, "today").astimezone(ZONE).date()


def _now(run: Run, name: str) -> datetime:
    if run.now is None:
        raise FeelError("no_clock", name=name)
    return run.now


@MOMENTS.add("day of year", "date")
def day_of_year(run: Run, value: Value) -> Value:
    day = _day(value)
    return None if day is None else Decimal(day.timetuple().tm_yday)


@MOMENTS.add("day of week", "date")
def day_of_week(run: Run, value: Value) -> Value:
    day = _day(value)
    return None if day is None else _DAYS[day.weekday()]


@MOMENTS.add("month of year", "date")
def month_of_year(run: Run, value: Value) -> Value:
    day = _day(value)
    return None if day is None else _MONTHS[day.month - 1]


@MOMENTS.add("week of year", "date")
def week_of_year(run: Run, value: Value) -> Value:
    """ISO 8601."""
    day = _day(value)
    return None if day is None else Decimal(day.isocalendar().week)


@MOMENTS.add("last day of month", "date")
def last_day_of_month(run: Run, value: Value) -> Value:
    day = _day(value)
    return None if day is None else day.replace(day=days_in_month(day.year, day.month))


@MOMENTS.add("is", "value1, value2")
def is_same(run: Run, one: Value, other: Value) -> Value:
    """Same kind, same value, and for times the same writing of the zone."""
    if type(one) is not type(other):
        return False
    if type(one) in (time, datetime):
        return one.replace(tzinfo=None) == other.replace(tzinfo=None) and _offset(one) == _offset(other)
    return equal(run, one, other) is True


def _offset(value: Value) -> Value:
    return None if value.tzinfo is None else (value.utcoffset(), getattr(value.tzinfo, "key", None))
