"""FEEL values as JSON and back, without loss: for stored state, history and jobs.

null, booleans, texts and lists are themselves; a whole number is a JSON integer; everything else is an object with one
tag: `n` number, `d` date, `t` time, `dt` date and time, `p` days and time duration, `ym` months, `c` context.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel.errors import FeelError
from engine.feel.temporal import (
    YearMonthDuration,
    format_date_time,
    format_duration,
    format_time,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from engine.values import Value

_SAFE_INTEGER = 1 << 53


def to_json(value: Value) -> Any:
    """What `orjson` or `json` can write. Raises FeelError for what is no FEEL value."""
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is Decimal:
        return _number(value)
    if kind is list:
        return [to_json(item) for item in value]
    if kind is dict:
        return {"c": {key: to_json(item) for key, item in value.items()}}
    write = _WRITERS.get(kind)
    if write is None:
        raise FeelError("value", type=kind.__name__)
    tag, text = write
    return {tag: text(value)}


def from_json(data: Any) -> Value:
    """The value that `to_json` encoded. Raises FeelError for anything else."""
    kind = type(data)
    if data is None or kind is bool or kind is str:
        return data
    if kind is int:
        return Decimal(data)
    if kind is list:
        return [from_json(item) for item in data]
    if kind is dict and len(data) == 1:
        tag, content = next(iter(data.items()))
        if tag == "c" and type(content) is dict:
            return {key: from_json(item) for key, item in content.items()}
        read = _READERS.get(tag)
        value = read(content) if read is not None else None
        if value is not None:
            return value
    raise FeelError("encoding", found=repr(data)[:80])


def _number(value: Decimal) -> Any:
    if not value.is_finite():
        raise FeelError("not_finite")
    sign, _, exponent = value.as_tuple()
    if exponent == 0 and -_SAFE_INTEGER <= value <= _SAFE_INTEGER and not (sign and value == 0):
        return int(value)
    return {"n": str(value)}


def _date_time(value: datetime) -> str:
    """The second of two equal clock readings, when summer time ends, is marked by `~`."""
    return ("~" if value.fold else "") + format_date_time(value)


def _read_date_time(text: Any) -> datetime | None:
    value = parse_date_time(text.removeprefix("~"))
    return value.replace(fold=1) if value is not None and text.startswith("~") else value


def _read_number(text: Any) -> Decimal | None:
    value = Decimal(text)
    return value if value.is_finite() else None


def _read_duration(text: Any) -> timedelta | None:
    value = parse_duration(text)
    return value if isinstance(value, timedelta) else None


_WRITERS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    date: ("d", date.isoformat),
    time: ("t", format_time),
    datetime: ("dt", _date_time),
    timedelta: ("p", format_duration),
    YearMonthDuration: ("ym", lambda value: value.months),
}
_READERS: dict[str, Callable[[Any], Value]] = {
    "n": _read_number,
    "d": parse_date,
    "t": parse_time,
    "dt": _read_date_time,
    "p": _read_duration,
    "ym": YearMonthDuration,
}
