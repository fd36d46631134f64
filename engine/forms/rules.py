"""What a filled field must obey. Each rule answers a sentence for the person, or None."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import re2

from engine.forms.component import MANY_TYPES, TEXT_TYPES, Component, Scope
from engine.forms.fields import Field
from engine.forms.typed import ZONE, Unreadable, from_value, local, to_text
from engine.values import Value

REQUIRED = "Este campo es obligatorio."
_EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_PHONE = re.compile(r"\d{10}|(\+|00)[1-9]\d{6,14}")


def judge(field: Field, scope: Scope) -> str | None:
    """The first thing wrong with a visible field."""
    component = field.component
    if component.settings.get("disabled") is True or component.is_true("readonly", scope):
        return None
    if field.error:
        return field.error
    if component.type == "dynamiclist":
        return _rows(field, scope)
    if not component.is_input:
        return None
    if _is_empty(field.value):
        return _required(component, scope)
    for rule in _RULES:
        sentence = rule(component, field.value, scope)
        if sentence:
            return sentence
    return None


def _is_empty(value: Value) -> bool:
    return value is None or value is False or value == "" or value == []


def _required(component: Component, scope: Scope) -> str | None:
    if not component.is_true("required", scope):
        return None
    if component.type == "checkbox":
        return "Marque esta casilla para continuar."
    if component.type == "filepicker":
        return "Adjunte un archivo."
    if component.type in MANY_TYPES:
        return "Elija al menos una opción."
    return REQUIRED


def _rows(field: Field, scope: Scope) -> str | None:
    component, count = field.component, len(field.rows)
    least, most = (_number_or_none(component.value_of(name, scope)) for name in ("min", "max"))
    if component.is_true("required", scope):
        least = max(least or Decimal(1), Decimal(1))
    if least is not None and count < least:
        return "Agregue al menos un renglón." if least == 1 else f"Agregue al menos {least} renglones."
    if most is not None and count > most:
        return f"El máximo son {most} renglones."
    return None


def _length(component: Component, value: Value, scope: Scope) -> str | None:
    if component.type not in TEXT_TYPES or not isinstance(value, str):
        return None
    least, most = (_number_or_none(component.value_of(name, scope)) for name in ("minLength", "maxLength"))
    if least is not None and len(value) < least:
        return f"Escriba al menos {least} caracteres."
    if most is not None and len(value) > most:
        return f"Escriba como máximo {most} caracteres (lleva {len(value)})."
    return None


def _shape(component: Component, value: Value, scope: Scope) -> str | None:
    if component.type not in TEXT_TYPES or not isinstance(value, str):
        return None
    kind = component.settings.get("validationType")
    if kind == "email" and (len(value) > 254 or not _EMAIL.fullmatch(value)):
        return "Escriba un correo electrónico, por ejemplo nombre@ejemplo.mx."
    if kind == "phone" and not _PHONE.fullmatch(value):
        return "Escriba un teléfono de 10 dígitos."
    pattern = component.settings.get("pattern")
    if pattern and not re2.search(str(pattern), value):
        return str(component.settings.get("patternErrorMessage") or "El texto no tiene la forma esperada.")
    return None


def _bounds(component: Component, value: Value, scope: Scope) -> str | None:
    if component.type not in ("number", "datetime"):
        return None
    lower, upper = (bound(component, name, scope) for name in ("min", "max"))
    dated = component.type == "datetime"
    if lower is not None and value < lower:
        said = spoken(component, lower)
        return f"Puede ser el {said} o después." if dated else f"El mínimo es {said}."
    if upper is not None and value > upper:
        said = spoken(component, upper)
        return f"Puede ser el {said} o antes." if dated else f"El máximo es {said}."
    return None


def bound(component: Component, name: str, scope: Scope) -> Any:
    """The lower (`min`) or upper (`max`) bound in the type of the field; None when there is none."""
    limit = component.value_of(name, scope)
    if name == "min" and limit is None and component.settings.get("disallowPassedDates") is True:
        now = (scope.now or datetime.now(ZONE)).astimezone(ZONE)
        limit = now if component.subtype == "datetime" else now.date()
    if limit is None or isinstance(limit, bool):
        return None
    if component.type == "number":
        return _number_or_none(limit)
    if component.subtype == "datetime" and isinstance(limit, date) and not isinstance(limit, datetime):
        limit = datetime.combine(limit, time.min if name == "min" else time(23, 59, 59), ZONE)
    try:
        return from_value(component, limit, ())
    except Unreadable:
        return None


def _increment(component: Component, value: Value, scope: Scope) -> str | None:
    step = _number_or_none(component.settings.get("increment"))
    if component.type != "number" or not step or step <= 0:
        return None
    return f"Use múltiplos de {to_text(component, step)}." if value % step else None


def _own(component: Component, value: Value, scope: Scope) -> str | None:
    """The analyst's own rule of the field: it refuses when it says false, null lets pass."""
    if component.value_of("rule", scope) is False:
        return str(component.settings.get("message") or "El valor no se admite.")
    return None


_RULES: tuple[Callable[[Component, Value, Scope], str | None], ...] = (_length, _shape, _bounds, _increment, _own)


def warning(field: Field, scope: Scope) -> str | None:
    """A remark that does not refuse: the text that the property `warning` gives, if any."""
    found = field.component.value_of("warning", scope)
    return found if isinstance(found, str) and found else None


def spoken(component: Component, value: Any) -> str:
    """A bound as a sentence says it."""
    if isinstance(value, datetime):
        return local(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if "currency" in component.settings:
        return f"{component.settings.get('prefix', '')}{to_text(component, value)}"
    return to_text(component, value)


def _number_or_none(value: Any) -> Decimal | None:
    try:
        return None if value is None or isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None
