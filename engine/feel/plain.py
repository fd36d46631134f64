"""FEEL values as JSON that people write and read, for the command line and for logs. Not for storage: `encoding.py` is.

Numbers keep every digit. A text that begins with `@` is a date, time or duration: `"@2026-11-24"`, `"@P3D"`.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from engine.feel.errors import FeelError
from engine.feel.formatting import format_number, format_value
from engine.feel.numbers import NUMBERS
from engine.feel.temporal import parse_temporal
from engine.feel.values import check_value
from engine.values import Value


def read_json(text: str, *, moments: bool = True) -> Value:
    """The value written as JSON. Raises FeelError for what is no JSON or holds no FEEL value. `moments`: whether texts
    with `@` are dates, times and durations."""
    try:
        number = NUMBERS.create_decimal
        data = json.loads(text, parse_int=number, parse_float=number, parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        raise FeelError("json", problem=str(problem)) from None
    return check_value(_read(data) if moments else data)


def write_json(value: Value) -> str:
    """The value as JSON; a date, time or duration as its ISO 8601 text."""
    if isinstance(value, list):
        return f"[{', '.join(map(write_json, value))}]"
    if isinstance(value, dict):
        entries = (f"{write_json(key)}: {write_json(item)}" for key, item in value.items())
        return f"{{{', '.join(entries)}}}"
    if isinstance(value, Decimal):
        return format_number(value)
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(format_value(value), ensure_ascii=False)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _read(data: Any) -> Any:
    if isinstance(data, str) and data.startswith("@"):
        moment = parse_temporal(data[1:].strip('"'))
        return data if moment is None else moment
    if isinstance(data, list):
        return [_read(item) for item in data]
    return {key: _read(item) for key, item in data.items()} if isinstance(data, dict) else data
