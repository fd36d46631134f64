"""FEEL values as text: for `string()`, for people, and as FEEL source."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

from engine.feel.errors import FeelError
from engine.feel.run import LIMITS, Run
from engine.feel.temporal import YearMonthDuration, format_value_of_time
from engine.feel.values import Function, Range
from engine.values import Value


def format_value(value: Value) -> str:
    """The value as a person reads it in FEEL; texts inside lists and contexts are quoted. Null is `null`."""
    return text_of(Run(LIMITS), value)


def text_of(run: Run, value: Value) -> str:
    """As `string()` gives it: a text as it is."""
    if type(value) is str:
        return value
    pieces: list[str] = []
    _Writer(run, pieces).write(value, run.limits.nesting)
    return "".join(pieces)


def format_number(number: Decimal) -> str:
    """Without exponent."""
    return "0" if number == 0 and number.is_signed() else format(number, "f")


def quoted(text: str) -> str:
    """The text as a FEEL literal."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


class _Writer:
    """Writes a value piece by piece and pays for each: parts may be shared, so a small value can have a long text."""

    def __init__(self, run: Run, pieces: list[str]) -> None:
        self.run = run
        self.pieces = pieces
        self.length = 0

    def put(self, text: str) -> None:
        self.length += len(text)
        if self.length > self.run.limits.text:
            raise FeelError("text", limit=self.run.limits.text)
        self.run.charge(1 + (len(text) >> 5))
        self.pieces.append(text)

    def write(self, value: Value, nesting: int) -> None:
        if nesting == 0:
            raise FeelError("nesting", limit=self.run.limits.nesting)
        if isinstance(value, list):
            self._sequence("[", "]", [(None, item) for item in value], nesting)
        elif isinstance(value, dict):
            self._sequence("{", "}", list(value.items()), nesting)
        elif isinstance(value, Range):
            self._range(value, nesting)
        else:
            self.put(_scalar(value))

    def _sequence(self, opening: str, closing: str, entries: list[tuple[str | None, Value]], nesting: int) -> None:
        self.put(opening)
        for index, (key, value) in enumerate(entries):
            if index:
                self.put(", ")
            if key is not None:
                self.put((key if key.isidentifier() else quoted(key)) + ": ")
            self.write(value, nesting - 1)
        self.put(closing)

    def _range(self, value: Range, nesting: int) -> None:
        if value.low is None:
            self.put("<= " if value.high_included else "< ")
            self.write(value.high, nesting - 1)
        elif value.high is None:
            self.put(">= " if value.low_included else "> ")
            self.write(value.low, nesting - 1)
        else:
            self.put("[" if value.low_included else "(")
            self.write(value.low, nesting - 1)
            self.put("..")
            self.write(value.high, nesting - 1)
            self.put("]" if value.high_included else ")")


def _scalar(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (date, time, timedelta, YearMonthDuration)):
        return format_value_of_time(value)
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    raise FeelError("value", type=type(value).__name__)
