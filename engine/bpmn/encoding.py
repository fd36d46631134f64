"""FEEL values as JSON for the state."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.values import Value


def to_json(value: Value) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | Decimal):
        return {"n": str(value)}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {"c": {name: to_json(item) for name, item in value.items()}}
    if isinstance(value, datetime):
        return {"dt": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, time):
        return {"t": value.isoformat()}
    if isinstance(value, timedelta):
        return {"s": [value.days, value.seconds, value.microseconds]}
    raise TypeError(f"{type(value).__name__} is no FEEL value")


def from_json(data: Any) -> Value:
    if isinstance(data, list):
        return [from_json(item) for item in data]
    if not isinstance(data, dict):
        return data
    ((tag, body),) = data.items()
    return _READ[tag](body)


_READ: dict[str, Any] = {
    "n": Decimal,
    "c": lambda body: {name: from_json(item) for name, item in body.items()},
    "dt": datetime.fromisoformat,
    "d": date.fromisoformat,
    "t": time.fromisoformat,
    "s": lambda body: timedelta(*body),
}
