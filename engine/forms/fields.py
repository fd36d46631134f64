"""The fields of a form as they stand for one task: rows counted, values read, visibility settled.

A `Field` is one component at one place; a list has as many children per component as it has rows. Whether a field shows
may depend on any other field, so visibility is settled in rounds until nothing changes any more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.forms.component import MANY_TYPES, Component, Option, Scope
from engine.forms.typed import Unreadable, from_texts, from_value, to_text
from engine.values import Value

MAX_ROWS = 100
_ROUNDS = 12
ROW_MARK = "_row"
"""Last part of the hidden input that says that a row is there, even if all of its own fields are empty."""
SHOWN_MARK = "_shown"
"""Last part of the hidden input that says that a choice was on the page, even if nothing in it is chosen."""
_ALWAYS_SENT = frozenset({"textfield", "textarea", "number", "datetime", "select"})
"""Types of which a browser sends something whenever they are on the page."""


@dataclass(slots=True)
class Field:
    component: Component
    path: str
    """Dotted path of the value and name of the input: `contrapartes.0.nombre`."""
    children: list[Field] = dataclasses.field(default_factory=list)
    rows: list[list[Field]] = dataclasses.field(default_factory=list)
    value: Value = None
    text: str = ""
    options: Sequence[Option] = ()
    error: str | None = None
    """Sentence, when what was typed is no value of this field."""
    hidden: bool = False

    def everything(self) -> Iterator[Field]:
        """This field and all below it."""
        yield self
        for inner in (self.children, *self.rows):
            for child in inner:
                yield from child.everything()


class Source(Protocol):
    """Where the values of fields come from."""

    def rows(self, component: Component, path: str) -> int: ...

    def fill(self, field: Field, scope: Scope) -> None:
        """Set value, text and error of an input field whose options are known."""
        ...


def lookup(data: Any, path: str) -> Any:
    """The value at a dotted path in nested dicts and lists; None where there is nothing."""
    for part in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, (list, tuple)) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def has(data: Any, path: str) -> bool:
    """Whether something, perhaps None, stands at the path."""
    parent, _, last = path.rpartition(".")
    holder = lookup(data, parent) if parent else data
    return isinstance(holder, Mapping) and last in holder


class Prefilled:
    """Values of the task's data, else the defaults of the form."""

    def __init__(self, data: Mapping[str, Value]) -> None:
        self.data = data

    def rows(self, component: Component, path: str) -> int:
        found = lookup(self.data, path)
        if isinstance(found, (list, tuple)):
            return len(found)
        count = component.settings.get("defaultRepetitions", 1)
        return count if isinstance(count, int) and count >= 0 else 1

    def fill(self, field: Field, scope: Scope) -> None:
        component = field.component
        if has(self.data, field.path):
            value = lookup(self.data, field.path)
        elif "default" in component.dynamic:
            value = component.value_of("default", scope)
        else:
            value = component.settings.get("defaultValue")
        try:
            field.value = from_value(component, value, field.options)
        except Unreadable:
            # A value from elsewhere that the field does not accept is shown as it is and judged when it comes back.
            field.value = [] if component.type in MANY_TYPES else None
        field.text = to_text(component, value if field.value is None else field.value)


class Typed:
    """Values that a program gives, nested or by dotted path; what it leaves out keeps what the page would show."""

    def __init__(self, submitted: Mapping[str, Any], prefilled: Prefilled) -> None:
        self.submitted = submitted
        self.prefilled = prefilled

    def rows(self, component: Component, path: str) -> int:
        found = lookup(self.submitted, path)
        return len(found) if isinstance(found, (list, tuple)) else self.prefilled.rows(component, path)

    def fill(self, field: Field, scope: Scope) -> None:
        if not has(self.submitted, field.path):
            self.prefilled.fill(field, scope)
            return
        value = lookup(self.submitted, field.path)
        try:
            field.value = from_value(field.component, value, field.options)
        except Unreadable as error:
            field.error = str(error)
        field.text = to_text(field.component, value if field.error else field.value)


class Raw:
    """What a browser sends: the name of an input → its texts.

    A field that was not on the page (a choice has just made it visible, its row has just been added) starts as it would
    have shown: prefilled.
    """

    def __init__(self, submitted: Mapping[str, Sequence[str]], prefilled: Prefilled) -> None:
        self.submitted = {name: _texts(value) for name, value in submitted.items()}
        self.prefilled = prefilled
        self._marks = any(name.endswith("." + SHOWN_MARK) for name in self.submitted)

    def rows(self, component: Component, path: str) -> int:
        start = path + "."
        numbers = [name[len(start) :].partition(".")[0] for name in self.submitted if name.startswith(start)]
        return max((int(number) + 1 for number in numbers if number.isdecimal() and len(number) < 5), default=0)

    def fill(self, field: Field, scope: Scope) -> None:
        component, texts = field.component, self.submitted.get(field.path, [])
        if not self._was_shown(field):
            self.prefilled.fill(field, scope)
            return
        try:
            field.value = from_texts(component, texts, field.options)
        except Unreadable as error:
            field.error = str(error)
        typed_wins = field.error is not None or component.type in ("textfield", "textarea")
        field.text = "".join(texts[-1:]) if typed_wins else to_text(component, field.value)

    def _was_shown(self, field: Field) -> bool:
        """Whoever sends no marks at all is taken to have shown every choice."""
        if field.path in self.submitted:
            return True
        if field.component.type in _ALWAYS_SENT:
            return False
        return not self._marks or f"{field.path}.{SHOWN_MARK}" in self.submitted


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(item) for item in value]


class Fields:
    """All fields of a form, filled and with settled visibility."""

    def __init__(self, components: Sequence[Component], source: Source, prefilled: Prefilled, scope: Scope) -> None:
        self._source = source
        self._prefilled = prefilled
        self._base = scope
        self.too_many_rows: list[str] = []
        self.roots = self._build(components, "")
        self._settle()

    def _build(self, components: Sequence[Component], prefix: str) -> list[Field]:
        found = []
        for component in components:
            made = Field(component, prefix + component.key if component.key else prefix.rstrip("."))
            if component.type == "group":
                made.children = self._build(component.children, made.path + "." if component.key else prefix)
            elif component.type == "dynamiclist":
                count = self._rows(component, made.path)
                made.rows = [self._build(component.children, f"{made.path}.{number}.") for number in range(count)]
            found.append(made)
        return found

    def _rows(self, component: Component, path: str) -> int:
        fixed = component.settings.get("allowAddRemove") is False
        count = (self._prefilled if fixed else self._source).rows(component, path)
        if count > MAX_ROWS:
            self.too_many_rows.append(path)
        return min(count, MAX_ROWS)

    def _settle(self) -> None:
        """Fill and hide in rounds. The last round counts when two fields hide each other for ever."""
        for _ in range(_ROUNDS):
            before = [(field.hidden, field.value) for field in self.everything()]
            self._fill(self.roots, self.scope())
            scope = self.scope()
            self._hide(self.roots, scope, hidden=False)
            if before == [(field.hidden, field.value) for field in self.everything()]:
                return

    def _fill(self, fields: Sequence[Field], scope: Scope) -> None:
        for field in fields:
            if field.component.is_input:
                self._fill_one(field, scope)
            self._fill(field.children, scope)
            for number, row in enumerate(field.rows):
                self._fill(row, scope.inside_row(values_of(row), number + 1))

    def _fill_one(self, field: Field, scope: Scope) -> None:
        component = field.component
        field.options = options_of(component, scope, self._base.variables)
        field.error = None
        fixed = component.settings.get("disabled") is True or component.is_true("readonly", scope)
        (self._prefilled if fixed else self._source).fill(field, scope)

    def _hide(self, fields: Sequence[Field], scope: Scope, *, hidden: bool) -> None:
        for field in fields:
            field.hidden = hidden or field.component.is_true("hide", scope)
            self._hide(field.children, scope, hidden=field.hidden)
            for number, row in enumerate(field.rows):
                self._hide(row, scope.inside_row(values_of(row), number + 1), hidden=field.hidden)

    def everything(self) -> Iterator[Field]:
        for field in self.roots:
            yield from field.everything()

    def scope(self) -> Scope:
        """What expressions see now: hidden fields are null."""
        own = {field.path.partition(".")[0]: None for field in self.everything() if field.path}
        variables = {**self._base.variables, **own, **values_of(self.roots)}
        return Scope(variables, self._base.context, self._base.now)

    def visible(self) -> Iterator[tuple[Field, Scope]]:
        """Every visible field with the scope of its expressions."""
        yield from self._visible(self.roots, self.scope())

    def _visible(self, fields: Sequence[Field], scope: Scope) -> Iterator[tuple[Field, Scope]]:
        for field in fields:
            if field.hidden:
                continue
            yield field, scope
            yield from self._visible(field.children, scope)
            for number, row in enumerate(field.rows):
                yield from self._visible(row, scope.inside_row(values_of(row), number + 1))


def options_of(component: Component, scope: Scope, data: Mapping[str, Value]) -> list[Option]:
    """The options of a choice: written in the form, listed in the task's data (never in what was sent), or computed."""
    settings = component.settings
    if "options" in component.dynamic:
        found = component.value_of("options", scope)
    elif "valuesKey" in settings:
        found = lookup(data, str(settings["valuesKey"]))
    else:
        found = settings.get("values")
    options = []
    for item in found if isinstance(found, (list, tuple)) else ():
        if isinstance(item, Mapping):
            value = item.get("value")
            options.append(Option(value, str(item.get("label") or value)))
        elif item is not None:
            options.append(Option(item, str(item)))
    return options


def values_of(fields: Sequence[Field], *, submitted_only: bool = False) -> dict[str, Value]:
    """The nested values of visible fields, keyed from where these fields stand.

    `submitted_only` leaves disabled fields out: they are shown, never submitted.
    """
    values: dict[str, Value] = {}
    for field in fields:
        component = field.component
        if field.hidden:
            continue
        if component.type == "group":
            inner = values_of(field.children, submitted_only=submitted_only)
            _merge(values, _nested(component.key, inner) if component.key else inner)
        elif component.type == "dynamiclist":
            rows = [values_of(row, submitted_only=submitted_only) for row in field.rows]
            _merge(values, _nested(component.key, rows))
        elif component.is_input and not (submitted_only and component.settings.get("disabled") is True):
            _merge(values, _nested(component.key, field.value))
    return values


def _nested(key: str, value: Value) -> dict[str, Value]:
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


def _merge(into: dict[str, Value], more: Mapping[str, Value]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
