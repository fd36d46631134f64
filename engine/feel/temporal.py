"""Dates, times and durations as texts and as Python values (DMN 1.5, 10.3.2.3.4-8 and 10.3.4.1).

Python's own types carry them, so years run from 1 to 9999 and seconds have six decimals; what lies outside is null.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Mexico_City")
"""Zone in which `today()` is reckoned."""


@dataclass(frozen=True, slots=True, order=True)
class YearMonthDuration:
    """A years and months duration, as a signed number of months."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if self.months < 0 else "") + "P" + (text or "0M")


_DATE = r"(?P<year>-?(?:\d{4}|[1-9]\d{4,8}))-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME = (
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?"
    r"(?:(?P<utc>[zZ])|(?P<offset>[+-]\d\d:\d\d(?::\d\d)?)|@(?P<zone>[A-Za-z][\w+-]*(?:/[\w+-]+)*))?"
)
_DATE_TEXT = re.compile(_DATE, re.ASCII)
_TIME_TEXT = re.compile("T?" + _TIME, re.ASCII)
_DATE_TIME_TEXT = re.compile(f"{_DATE}T{_TIME}", re.ASCII)
_MONTHS_TEXT = re.compile(r"(-)?P(?:(\d{1,9})Y)?(?:(\d{1,10})M)?", re.ASCII)
_DAYS_TEXT = re.compile(
    r"(-)?P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(T(?:(\d{1,10})H)?(?:(\d{1,12})M)?(?:(\d{1,14})(?:\.(\d{1,9}))?S)?)?", re.ASCII
)


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo | None:
    """The time zone with this IANA name, or None."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def parse_date(text: str) -> date | None:
    match = _DATE_TEXT.fullmatch(text)
    return _date(match) if match else None


def parse_time(text: str) -> time | None:
    match = _TIME_TEXT.fullmatch(text)
    return _time(match) if match else None


def parse_date_time(text: str) -> datetime | None:
    """A date and time; a date alone is its midnight."""
    match = _DATE_TIME_TEXT.fullmatch(text)
    if match is None:
        day = parse_date(text)
        return datetime(day.year, day.month, day.day) if day else None
    midnight_after = match["hour"] == "24" and match["minute"] == match["second"] == "00"
    day, clock = _date(match), _time(match)
    if day is None or clock is None:
        return None
    moment = datetime.combine(day, clock)
    return shifted(moment, timedelta(days=1)) if midnight_after else moment


def parse_duration(text: str) -> timedelta | YearMonthDuration | None:
    match = _MONTHS_TEXT.fullmatch(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearMonthDuration(-months if match[1] else months)
    match = _DAYS_TEXT.fullmatch(text)
    if match is None or not any(match.group(2, 3, 5, 6, 7)) or match[4] == "T":
        return None
    try:
        length = timedelta(
            weeks=int(match[2] or 0),
            days=int(match[3] or 0),
            hours=int(match[5] or 0),
            minutes=int(match[6] or 0),
            seconds=int(match[7] or 0),
            microseconds=_microseconds(match[8]),
        )
        return -length if match[1] else length
    except OverflowError:
        return None


def parse_temporal(text: str) -> date | time | datetime | timedelta | YearMonthDuration | None:
    """What `@"…"` means."""
    if text.lstrip("-").startswith("P"):
        return parse_duration(text)
    if _DATE_TEXT.fullmatch(text):
        return parse_date(text)
    if _DATE_TIME_TEXT.fullmatch(text):
        return parse_date_time(text)
    return parse_time(text)


def offset_zone(offset: timedelta) -> timezone | None:
    """A fixed zone; null where it is 24 hours or more."""
    if offset == timedelta(0):
        return UTC
    return timezone(offset) if abs(offset) < timedelta(hours=24) else None


def shifted(moment: datetime, by: timedelta) -> datetime | None:
    """Add to a date and time. One with a named zone moves on the time line, not on the face of its clock."""
    try:
        if moment.tzinfo is None or isinstance(moment.tzinfo, timezone):
            return moment + by
        return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)
    except OverflowError:
        return None


def format_duration(length: timedelta) -> str:
    """ISO 8601, e.g. `P1DT2H`, `-PT0.5S`, `PT0S`."""
    sign = "-" if length < timedelta(0) else ""
    length = abs(length)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{length.microseconds:06d}".rstrip("0") if length.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or fraction:
        clock += f"{seconds}{fraction}S"
    text = (f"{length.days}D" if length.days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{text or 'T0S'}"


def format_time(clock: time) -> str:
    """ISO 8601 with offset, or with `@` and the name of the zone."""
    text = clock.replace(tzinfo=None).isoformat()
    if clock.microsecond:
        text = text.rstrip("0")
    return text + _zone_text(clock.tzinfo, clock)


def format_date_time(moment: datetime) -> str:
    text = moment.replace(tzinfo=None).isoformat()
    if moment.microsecond:
        text = text.rstrip("0")
    return text + _zone_text(moment.tzinfo, moment)


def format_value_of_time(value: date | time | timedelta | YearMonthDuration) -> str:
    """The ISO 8601 text of any date, time or duration."""
    if isinstance(value, datetime):
        return format_date_time(value)
    if isinstance(value, time):
        return format_time(value)
    if isinstance(value, timedelta):
        return format_duration(value)
    return str(value)


def _zone_text(where: tzinfo | None, value: time | datetime) -> str:
    if where is None:
        return ""
    if isinstance(where, ZoneInfo) and where.key:
        return "@" + where.key
    offset = value.utcoffset()
    if offset is None or offset == timedelta(0):
        return "Z"
    sign = "-" if offset < timedelta(0) else "+"
    hours, rest = divmod(abs(offset).seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")


def _date(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except (ValueError, OverflowError):
        return None


def _time(match: re.Match[str]) -> time | None:
    where: tzinfo | None = None
    if match["utc"]:
        where = UTC
    elif match["offset"]:
        where = _offset(match["offset"])
        if where is None:
            return None
    elif match["zone"]:
        where = zone(match["zone"])
        if where is None:
            return None
    hour = int(match["hour"])
    if hour == 24 and match["minute"] == match["second"] == "00":
        hour = 0
    try:
        return time(hour, int(match["minute"]), int(match["second"]), _microseconds(match["fraction"]), where)
    except ValueError:
        return None


def _offset(text: str) -> timezone | None:
    parts = [int(part) for part in text[1:].split(":")]
    hours, minutes, seconds = parts[0], parts[1], parts[2] if len(parts) > 2 else 0
    if hours > 18 or minutes > 59 or seconds > 59:
        return None
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return offset_zone(-length if text[0] == "-" else length)


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))
