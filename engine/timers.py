"""When a timer is due: BPMN's three kinds of timers over ISO 8601 and FEEL values."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from engine.feel import YearMonthDuration
from engine.values import Value

ZONE = ZoneInfo("America/Mexico_City")
"""Where a moment without a time zone is."""

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_CYCLE = re.compile(r"R(?P<times>\d*)/(?:(?P<start>[^P/][^/]*)/)?(?P<interval>P[^/]+)")

Duration = tuple[int, timedelta]
"""Months and the rest: a month has no fixed length."""


class TimerError(ValueError):
    """The value gives no moment; the message is for the analyst."""


def parse_duration(text: str) -> Duration:
    """Read an ISO 8601 duration. Raises TimerError."""
    match = _DURATION.fullmatch(text.strip())
    parts = match.groupdict() if match else {}
    if not any(value for name, value in parts.items() if name != "sign"):
        raise TimerError(f"«{text}» no es una duración ISO 8601, p. ej. PT2H o P3D")
    number = {name: float(value or 0) for name, value in parts.items() if name != "sign"}
    sign = -1 if parts["sign"] else 1
    months = sign * int(number["years"] * 12 + number["months"])
    rest = timedelta(
        weeks=number["weeks"],
        days=number["days"],
        hours=number["hours"],
        minutes=number["minutes"],
        seconds=number["seconds"],
    )
    return months, sign * rest


def moment(value: Value) -> datetime:
    """A date and time from FEEL or ISO 8601 text, in UTC. Raises TimerError."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise TimerError(f"«{value}» no es una fecha y hora ISO 8601") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise TimerError(f"«{_shown(value)}» no es una fecha y hora")
    if value.tzinfo is None:
        value = value.replace(tzinfo=ZONE)
    found: datetime = value.astimezone(UTC)
    return found


def later(start: datetime, duration: Value) -> datetime:
    """`start` plus a FEEL duration or ISO 8601 text. Raises TimerError."""
    if isinstance(duration, timedelta):
        return start + duration
    if isinstance(duration, YearMonthDuration):
        return _add_months(start, duration.months)
    if isinstance(duration, str):
        months, rest = parse_duration(duration)
        return _add_months(start, months) + rest
    raise TimerError(f"«{_shown(duration)}» no es una duración")


def due(
    kind: Literal["date", "duration", "cycle"], value: Value, now: datetime, *, repetition: int = 0
) -> datetime | None:
    """When a timer with this value, entered at `now`, fires. Raises TimerError.

    A cycle (`R3/PT10M`, `R/2026-01-05T09:00:00Z/P7D`, a bare duration: without end) that has fired `repetition` times
    counts from `now`, the moment of its last firing; None when it has fired as often as it should.
    """
    if kind == "date":
        return moment(value)
    if kind == "duration":
        return later(now, value)
    if not isinstance(value, str):
        return later(now, value)
    match = _CYCLE.fullmatch(value.strip())
    if match is None:
        return later(now, value)
    if match["times"] and repetition >= int(match["times"]):
        return None
    if repetition == 0 and match["start"]:
        return moment(match["start"])
    return later(now, match["interval"])


def _add_months(start: datetime, months: int) -> datetime:
    if not months:
        return start
    local = start.astimezone(ZONE)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    for day in range(local.day, 27, -1):
        try:
            return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)
        except ValueError:
            continue
    return local.replace(year=year, month=month + 1).astimezone(UTC)


def _shown(value: Value) -> str:
    return "null" if value is None else str(value)
