"""What templates draw: the visible fields with texts, options, errors and limits worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.forms.component import CONTAINER_TYPES, Option, Scope
from engine.forms.fields import MAX_ROWS, ROW_MARK, Field, values_of
from engine.forms.rules import bound, warning
from engine.forms.typed import code, to_text
from engine.values import Value


@dataclass(frozen=True, slots=True)
class View:
    """One visible component, ready to be drawn.

    `path` is the name of the input, `id` the id of the element in the page. `text` is what stands in an input, or what
    a text component says (Markdown). `rows` of a list hold the children of each row; `row_marks` the names of the
    hidden inputs, one a row, that must be sent along with it.
    """

    type: str
    subtype: str
    path: str
    id: str
    label: str
    description: str
    required: bool = False
    disabled: bool = False
    readonly: bool = False
    options: tuple[tuple[str, str], ...] = ()
    """(text to send, label)"""
    value: Value = None
    chosen: frozenset[str] = frozenset()
    """Texts of the options that are chosen."""
    text: str = ""
    error: str | None = None
    warning: str | None = None
    children: tuple[View, ...] = ()
    rows: tuple[tuple[View, ...], ...] = ()
    row_marks: tuple[str, ...] = ()
    may_add: bool = False
    may_remove: bool = False
    prefix: str = ""
    suffix: str = ""
    min: str = ""
    max: str = ""
    max_length: int | None = None
    step: str = ""
    accept: str = ""
    multiple: bool = False
    validation: str = ""
    """`email` or `phone`: which keyboard helps."""
    columns: int | None = None
    """Width in sixteenths of the row, as the form editor lays it out."""
    height: int | None = None
    properties: Mapping[str, str] | None = None

    @property
    def adornments(self) -> tuple[str, str]:
        return self.prefix, self.suffix


def views(fields: Sequence[Field], scope: Scope, errors: Mapping[str, str]) -> tuple[View, ...]:
    return tuple(_view(field, scope, errors) for field in fields if not field.hidden)


def _view(field: Field, scope: Scope, errors: Mapping[str, str]) -> View:
    component, settings = field.component, field.component.settings
    disabled = settings.get("disabled") is True
    named = component.is_input or component.type == "dynamiclist"
    shown: dict[str, Any] = {}
    if component.type in CONTAINER_TYPES:
        shown = _container(field, scope, errors)
    elif component.is_input:
        shown = _input(field, scope)
    elif component.type == "text":
        shown = {"text": component.dynamic["text"].text(scope) if "text" in component.dynamic else ""}
    return View(
        type=component.type,
        subtype=component.subtype,
        path=field.path,
        id="f-" + (field.path.replace(".", "-") if named else component.id),
        label=component.label.text(scope),
        description=component.description.text(scope),
        required=component.is_true("required", scope),
        disabled=disabled,
        readonly=component.is_true("readonly", scope),
        error=errors.get(field.path) if named else None,
        warning=warning(field, scope),
        prefix=str(settings.get("prefix", "")),
        suffix=str(settings.get("suffix", "")),
        columns=settings.get("columns"),
        properties=component.properties,
        **shown,
    )


def _container(field: Field, scope: Scope, errors: Mapping[str, str]) -> dict[str, Any]:
    if field.component.type == "group":
        return {"children": views(field.children, scope, errors)}
    free = field.component.settings.get("allowAddRemove") is not False
    least, most = (field.component.value_of(name, scope) for name in ("min", "max"))
    count = len(field.rows)
    return {
        "rows": tuple(
            views(row, scope.inside_row(values_of(row), number + 1), errors) for number, row in enumerate(field.rows)
        ),
        "row_marks": tuple(f"{field.path}.{number}.{ROW_MARK}" for number in range(count)),
        "may_add": free and count < (int(most) if most is not None else MAX_ROWS),
        "may_remove": free and count > (int(least) if least is not None else 0),
    }


def _input(field: Field, scope: Scope) -> dict[str, Any]:
    component, settings = field.component, field.component.settings
    shown: dict[str, Any] = {
        "value": field.value,
        "text": field.text,
        "options": tuple((code(option.value), option.label) for option in field.options),
        "chosen": _chosen(field.value, field.options),
        "accept": str(settings.get("accept", "")),
        "multiple": settings.get("multiple") is True,
        "validation": str(settings.get("validationType", "")),
        "height": settings.get("height"),
    }
    if component.type in ("number", "datetime"):
        for name in ("min", "max"):
            limit = bound(component, name, scope)
            shown[name] = "" if limit is None else to_text(component, limit).replace(",", "")
    if component.type == "number":
        digits = settings.get("decimalDigits")
        shown["step"] = str(settings.get("increment") or ("any" if digits is None else f"1e-{digits}"))
    longest = component.value_of("maxLength", scope)
    if longest is not None and str(longest).isdigit():
        shown["max_length"] = int(longest)
    return shown


def _chosen(value: Value, options: Sequence[Option]) -> frozenset[str]:
    if not options:
        return frozenset()
    return frozenset(code(item) for item in (value if isinstance(value, list) else [value]) if item is not None)
