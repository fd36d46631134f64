"""What a form holds: components, and the parts of them that may be FEEL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.feel import Expression, FeelError, format_value
from engine.values import Value

TEXT_TYPES = frozenset({"textfield", "textarea"})
CHOICE_TYPES = frozenset({"radio", "select"})
MANY_TYPES = frozenset({"checklist", "taglist"})
INPUT_TYPES = TEXT_TYPES | CHOICE_TYPES | MANY_TYPES | {"number", "datetime", "checkbox", "filepicker"}
CONTAINER_TYPES = frozenset({"group", "dynamiclist"})
SHOWN_TYPES = frozenset({"text", "separator", "spacer"})
TYPES = INPUT_TYPES | CONTAINER_TYPES | SHOWN_TYPES


@dataclass(frozen=True, slots=True)
class Scope:
    """What expressions of a form see: the task's data, the form's values over it, and in a row the row's over both."""

    variables: Mapping[str, Value]
    context: Any = None
    """The engine's Context, for functions of the firm."""
    now: datetime | None = None

    def evaluate(self, expression: Expression) -> Value:
        """The value, or None where FEEL fails: half-filled forms are full of values that are not there yet."""
        try:
            return expression.evaluate(self.variables, context=self.context, now=self.now)
        except FeelError:
            return None

    def inside_row(self, row: Mapping[str, Value], number: int) -> Scope:
        inner = {**self.variables, **row, "this": dict(row), "parent": dict(self.variables), "i": number}
        return Scope(inner, self.context, self.now)


@dataclass(frozen=True, slots=True)
class Dynamic:
    """An attribute that is a literal, or FEEL ("=…"), or a text with FEEL in double braces."""

    literal: Any = None
    expression: Expression | None = None
    pieces: tuple[str | Expression, ...] = ()

    def value(self, scope: Scope) -> Value:
        if self.expression is not None:
            return scope.evaluate(self.expression)
        if self.pieces:
            return "".join(p if isinstance(p, str) else _shown(scope.evaluate(p)) for p in self.pieces)
        return self.literal

    def text(self, scope: Scope) -> str:
        return _shown(self.value(scope))

    @property
    def given(self) -> bool:
        return self.expression is not None or bool(self.pieces) or self.literal not in (None, "")

    def expressions(self) -> Iterator[Expression]:
        if self.expression is not None:
            yield self.expression
        yield from (piece for piece in self.pieces if not isinstance(piece, str))


def _shown(value: Value) -> str:
    return "" if value is None else value if isinstance(value, str) else format_value(value)


@dataclass(frozen=True, slots=True)
class Option:
    value: Value
    label: str


@dataclass(frozen=True, slots=True)
class Component:
    """One component as the analyst drew it."""

    type: str
    id: str
    key: str
    """Dotted key below the component that holds it; the path of groups and lists; "" for what has no value."""
    label: Dynamic
    description: Dynamic
    subtype: str = ""
    """`date`, `time` or `datetime`."""
    dynamic: Mapping[str, Dynamic] = field(default_factory=dict)
    """`hide`, `readonly`, `required`, `min`, `max`, `minLength`, `maxLength`, `options`, `default`, `text`, `warning`,
    `rule`, as far as given."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Plain attributes: `disabled`, `pattern`, `patternErrorMessage`, `validationType`, `decimalDigits`, `increment`,
    `currency`, `values`, `valuesKey`, `accept`, `multiple`, `rows`, `columns`, `prefix`, `suffix`, `message`, …"""
    properties: Mapping[str, str] = field(default_factory=dict)
    """Custom properties, for whoever renders the form."""
    children: tuple[Component, ...] = ()

    def value_of(self, name: str, scope: Scope) -> Value:
        """The value of a dynamic attribute, None when it is not given."""
        found = self.dynamic.get(name)
        return None if found is None else found.value(scope)

    def is_true(self, name: str, scope: Scope) -> bool:
        return self.value_of(name, scope) is True

    @property
    def is_input(self) -> bool:
        return self.type in INPUT_TYPES


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold between fields."""

    expression: Expression
    field: str
    """Path of the field that shows the message; "": none."""
    message: str


_ATTRIBUTES = {
    "label": "Etiqueta",
    "description": "Ayuda bajo el campo",
    "text": "Texto",
    "hide": "Se oculta si",
    "readonly": "Sólo lectura",
    "options": "Opciones",
    "default": "Valor inicial",
    "required": "Obligatorio",
    "min": "Mínimo",
    "max": "Máximo",
    "minLength": "Largo mínimo",
    "maxLength": "Largo máximo",
}


def said(attribute: str) -> str:
    """An attribute as the form editor calls it."""
    return _ATTRIBUTES.get(attribute, attribute)
