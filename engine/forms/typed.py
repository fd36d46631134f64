"""From what a person types to FEEL values and back, one pair for each type of field.

Amounts are Decimal: `1,234.50`, `$1,234.50` and `1234.5` are the same; a comma that does not group thousands is refused
rather than guessed. Dates are ISO as browsers send them, or day/month/year as people write them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from engine.forms.component import CHOICE_TYPES, MANY_TYPES, Component, Option
from engine.values import Value

ZONE = ZoneInfo("America/Mexico_City")
"""Zone of dates with time that a form gives without one."""

MAX_TEXT = 1_000
MAX_TEXTAREA = 20_000

T = TypeVar("T", bound=date)

_NUMBER = re.compile(r"-?(\d{1,3}(,\d{3})+|\d{1,34})?(\.\d{1,20})?")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Unreadable(Exception):
    """What was typed is no value of the field; the argument is the sentence for the person."""


def from_texts(component: Component, texts: Sequence[str], options: Sequence[Option]) -> Value:
    """The value of what a browser sends for one field. Raises Unreadable; None for an empty field."""
    kind = component.type
    if kind == "checkbox":
        return any(text not in ("", "false") for text in texts)
    given = [text for text in texts if text.strip()]
    if kind == "filepicker":
        return [text.strip() for text in given]
    if kind in MANY_TYPES:
        return _chosen(given, options)
    if not given:
        return None
    if kind in CHOICE_TYPES:
        return _chosen(given[-1:], options)[0]
    text = given[-1].strip()
    if kind == "number":
        return _number(component, text)
    if kind == "datetime":
        return _READ_TIMES[component.subtype](text)
    return _text(component, given[-1])


def from_value(component: Component, value: Any, options: Sequence[Option]) -> Value:
    """The value of what a program gives for one field: typed already, or as text. Raises Unreadable."""
    kind = component.type
    if value is None:
        return False if kind == "checkbox" else [] if kind in MANY_TYPES or kind == "filepicker" else None
    if isinstance(value, (list, tuple)):
        if kind in MANY_TYPES:
            return _chosen([code(item) for item in value], options)
        return from_texts(component, [str(item) for item in value], options)
    if kind == "checkbox" and isinstance(value, bool):
        return value
    if kind in CHOICE_TYPES:
        return _chosen([code(value)], options)[0] if value != "" else None
    if kind == "datetime" and not isinstance(value, str):
        return _typed_time(component.subtype, value)
    return from_texts(component, [code(value)], options)


def to_text(component: Component, value: Value) -> str:
    """The text of a value as it stands in an input of the page."""
    if value is None:
        return ""
    if component.type == "number" and isinstance(value, (Decimal, int)) and not isinstance(value, bool):
        digits: int | None = component.settings.get("decimalDigits")
        number = Decimal(value)
        if "currency" in component.settings and digits is not None and number == round(number, digits):
            return f"{number:,.{digits}f}"
        return format(number, "f")
    if component.type == "datetime":
        if isinstance(value, datetime):
            shape = {"date": "%Y-%m-%d", "time": "%H:%M"}.get(component.subtype, "%Y-%m-%dT%H:%M")
            return local(value).strftime(shape)
        if isinstance(value, time):
            return value.strftime("%H:%M")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return code(value)


def local(value: datetime) -> datetime:
    """The moment on the firm's clocks; one without zone is on them already."""
    return value.replace(tzinfo=ZONE) if value.tzinfo is None else value.astimezone(ZONE)


def code(value: Value) -> str:
    """The text by which a value is chosen from options: `true`, `3`, `profeco`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(str(value)).normalize(), "f")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def _chosen(texts: Sequence[str], options: Sequence[Option]) -> list[Value]:
    known = {code(option.value): option.value for option in options}
    if any(text not in known for text in texts):
        raise Unreadable("Elija una de las opciones.")
    return [known[text] for text in dict.fromkeys(texts)]


def _text(component: Component, text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    longest = MAX_TEXT if component.type == "textfield" else MAX_TEXTAREA
    if len(text) > longest:
        raise Unreadable(f"El texto es demasiado largo: el máximo son {longest:,} caracteres.")
    if _CONTROL.search(text) or (component.type == "textfield" and "\n" in text):
        raise Unreadable("El texto contiene caracteres que no se admiten.")
    if component.settings.get("validationType") == "phone":
        return re.sub(r"[\s().-]", "", text)
    return text


def _number(component: Component, text: str) -> Decimal:
    compact = re.sub(r"[\s$%]|MXN", "", text).replace("−", "-")
    if not _NUMBER.fullmatch(compact) or not any(c.isdigit() for c in compact):
        example = "1,234.50" if component.settings.get("decimalDigits") != 0 else "1,234"
        raise Unreadable(f"Escriba un número, por ejemplo {example}.")
    try:
        number = Decimal(compact.replace(",", ""))
    except InvalidOperation:
        raise Unreadable("Escriba un número.") from None
    digits = component.settings.get("decimalDigits")
    if digits is not None:
        try:
            exact = number.quantize(Decimal(1).scaleb(-int(digits)))
        except InvalidOperation:  # More figures than the arithmetic of money and counts keeps.
            raise Unreadable("Escriba un número con menos cifras.") from None
        if exact != number:
            raise Unreadable("Escriba un número entero." if digits == 0 else f"Use como máximo {digits} decimales.")
        return exact
    return number


def _date(text: str) -> date:
    match = _DAY_FIRST.fullmatch(text)
    try:
        if match:
            return date(int(match[3]), int(match[2]), int(match[1]))
        return _year(date.fromisoformat(text))
    except ValueError:
        raise Unreadable("Escriba una fecha, por ejemplo 2026-11-30.") from None


def _time(text: str) -> time:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise Unreadable("Escriba una hora, por ejemplo 09:30.") from None
    if found.tzinfo is not None:
        raise Unreadable("Escriba una hora, por ejemplo 09:30.")
    return found


def _datetime(text: str) -> datetime:
    try:
        if "T" not in text and " " not in text:
            raise ValueError(text)
        found = _year(datetime.fromisoformat(text))
    except ValueError:
        raise Unreadable("Escriba fecha y hora, por ejemplo 2026-11-30 09:30.") from None
    return local(found)


def _year(found: T) -> T:
    """Years outside these are slips of the finger, and would overflow when moved between zones."""
    if not 1900 <= found.year <= 2200:
        raise ValueError(found)
    return found


_READ_TIMES = {"date": _date, "time": _time, "datetime": _datetime}


def _typed_time(subtype: str, value: Any) -> Value:
    if subtype == "datetime" and isinstance(value, datetime):
        return _datetime(value.isoformat())
    if subtype == "date" and isinstance(value, datetime):
        return local(value).date()
    if subtype == "date" and isinstance(value, date):
        return value
    if subtype == "time" and isinstance(value, time):
        return value
    raise Unreadable("El valor no es del tipo del campo.")
