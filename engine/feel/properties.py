"""What a dot gives on a value that is no context (DMN 1.5, table 65)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.feel.run import Run
from engine.feel.temporal import YearMonthDuration
from engine.feel.values import Range
from engine.values import Value

Property = Callable[[Value], Value]


def property_of(run: Run, value: Value, name: str) -> Value:
    """A property of a value; of a list, the property of each element; null where there is none."""
    kind = type(value)
    if kind is list:
        run.charge_items(len(value))
        return [
            item.get(name) if type(item) is dict else None if type(item) is list else property_of(run, item, name)
            for item in value
        ]
    read = _PROPERTIES.get(kind, {}).get(name)
    return None if read is None else read(value)


def _offset(value: Value) -> Value:
    return value.utcoffset()


def _zone(value: Value) -> Value:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _months(value: YearMonthDuration, part: int) -> Decimal:
    """Years or rest of months, toward zero."""
    return Decimal(divmod(abs(value.months), 12)[part] * (-1 if value.months < 0 else 1))


def _share(value: timedelta, unit: int, within: int | None) -> Decimal:
    """How many whole units, less what larger units hold, toward zero."""
    seconds = abs(value).days * 86_400 + abs(value).seconds
    count = (seconds if within is None else seconds % within) // unit
    return Decimal(-count if value < timedelta(0) else count)


_DATE: dict[str, Property] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.isoweekday()),
}
_TIME: dict[str, Property] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: Decimal(value.second),
    "time offset": _offset,
    "timezone": _zone,
}
_PROPERTIES: dict[type, dict[str, Property]] = {
    date: _DATE,
    time: _TIME,
    datetime: {**_DATE, **_TIME},
    timedelta: {
        "days": lambda value: _share(value, 86_400, None),
        "hours": lambda value: _share(value, 3_600, 86_400),
        "minutes": lambda value: _share(value, 60, 3_600),
        "seconds": lambda value: _share(value, 1, 60),
    },
    YearMonthDuration: {
        "years": lambda value: _months(value, 0),
        "months": lambda value: _months(value, 1),
    },
    Range: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_included,
        "end included": lambda value: value.high_included,
    },
}
