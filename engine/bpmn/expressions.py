"""Texts of the model: expressions and timers."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from engine.feel import FeelSyntaxError, YearMonthDuration, parse
from engine.feel.temporal import parse_date, parse_date_time, parse_duration
from engine.values import Value

_CYCLE = re.compile(r"R(\d*)/(P.+)\Z")


def source_of(text: str) -> str:
    """The FEEL source of a text that starts with "="."""
    return text[1:].strip()


@lru_cache(maxsize=4096)
def names_in(text: str) -> tuple[str, ...]:
    """The variables that a FEEL text of the model reads, sorted; none for a text that does not parse."""
    try:
        return tuple(sorted(parse(source_of(text)).names))
    except FeelSyntaxError:
        return ()


def timer_value(kind: str | None, value: Value) -> Value:
    """What a timer waits for: a date, date and time, or duration; of a cycle its text (`R3/PT1H`). None for others."""
    if isinstance(value, str):
        text = value.strip()
        if kind == "cycle":
            cycle = _CYCLE.match(text)
            return text if cycle and parse_duration(cycle[2]) is not None else None
        for read in (parse_date, parse_date_time, parse_duration):
            found = read(text)
            if found is not None:
                return found
        return None
    known = kind != "cycle" and isinstance(value, date | timedelta | YearMonthDuration)
    return value if known else None


def more_rounds(cycle: str, fired: int) -> bool:
    """Whether a cycle timer that has fired so often fires again."""
    found = _CYCLE.match(cycle)
    return found is not None and (not found[1] or fired < int(found[1]))
