"""What a verb is given by whoever calls it: names that a column holds, values that FEEL knows, a reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from engine.errors import Invalid
from engine.feel import FeelError, check_value
from engine.values import Value


def short(field: str, value: str | None, most: int = 255) -> None:
    """Raises Invalid for a name that no column holds: too long, or with control characters."""
    if value is not None and (len(value) > most or any(unicodedata.category(letter) == "Cc" for letter in value)):
        raise Invalid({field: f"Debe ser un texto de {most} caracteres a lo más."})


def feel_values(values: Mapping[str, Any]) -> dict[str, Value]:
    """Python values as FEEL values. Raises Invalid for what is none."""
    checked, wrong = {}, {}
    for name, value in values.items():
        try:
            checked[name] = check_value(value)
        except FeelError as error:
            wrong[name] = str(error)
    if wrong:
        raise Invalid(wrong)
    return checked


def must_have_reason(reason: str) -> None:
    """Raises Invalid when no reason is given."""
    if not reason.strip():
        raise Invalid({"reason": "Escriba el motivo."})
