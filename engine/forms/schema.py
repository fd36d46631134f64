"""Reads a form-js schema (`*.form`) into components. What we do not render is refused, with the component named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

import re2

from engine.errors import FormError
from engine.feel import Expression, FeelSyntaxError, Functions, parse
from engine.forms.component import CHOICE_TYPES, INPUT_TYPES, MANY_TYPES, TYPES, Component, Dynamic, Rule, said
from engine.values import Finding

MAX_BYTES = 512 * 1024
MAX_COMPONENTS = 400
MAX_DEPTH = 8

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_RESERVED = frozenset(
    {"and", "or", "not", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between"}
) | {"true", "false", "null", "function", "this", "parent", "item", "i"}
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_SUBTYPES = ("date", "time", "datetime")


class Reader:
    """Reads one schema and gathers everything that is wrong with it."""

    def __init__(self, resource: str, functions: Functions | None) -> None:
        self.resource = resource
        self.functions = functions
        self.findings: list[Finding] = []
        self.count = 0
        self.paths: set[str] = set()

    def document(self, data: bytes) -> Mapping[str, Any]:
        """The JSON object of the file. Raises FormError when it is none."""
        if len(data) > MAX_BYTES:
            self.fatal("form-too-large", f"El formulario pesa más de {MAX_BYTES // 1024} kB.", "Divídalo en varios.")
        try:
            found: Any = json.loads(data.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            self.fatal("form-not-json", f"El archivo no es JSON: {error}.", "Guárdelo de nuevo desde el editor.")
        if not isinstance(found, dict) or not isinstance(found.get("components"), list):
            self.fatal("form-not-json", "El archivo no es un formulario form-js.", "Guárdelo desde el editor.")
        return found

    def fatal(self, rule: str, message: str, remedy: str) -> NoReturn:
        raise FormError([Finding(self.resource, None, rule, message, remedy)])

    def find(self, element_id: str | None, rule: str, message: str, remedy: str, *, warning: bool = False) -> None:
        severity: Any = "warning" if warning else "error"
        self.findings.append(Finding(self.resource, element_id, rule, message, remedy, severity))

    # components

    def components(self, nodes: Any, prefix: str = "", depth: int = 0) -> tuple[Component, ...]:
        if depth > MAX_DEPTH:
            self.fatal("form-too-large", "Hay grupos dentro de grupos en demasiados niveles.", "Simplifique.")
        if not isinstance(nodes, list):
            return ()
        found = (self.component(node, prefix, depth) for node in nodes if isinstance(node, dict))
        return tuple(component for component in found if component is not None)

    def component(self, node: Mapping[str, Any], prefix: str, depth: int) -> Component | None:
        self.count += 1
        if self.count > MAX_COMPONENTS:
            self.fatal("form-too-large", f"Hay más de {MAX_COMPONENTS} componentes.", "Divida el formulario.")
        kind, id = str(node.get("type") or ""), str(node.get("id") or node.get("key") or "")
        if kind not in TYPES:
            self.find(
                id or None,
                "form-component-type",
                f"El componente «{node.get('label') or id}» es de tipo «{kind}», que no se usa en estos formularios.",
                "Sustitúyalo por uno de la paleta: " + ", ".join(sorted(TYPES)) + ".",
            )
            return None
        key = self.key(node, kind, id, prefix)
        below = f"{prefix}{key}." if key else prefix
        if kind == "dynamiclist":
            below = f"{prefix}{key}.0."
        component = Component(
            type=kind,
            id=id,
            key=key,
            label=self.label(node, kind, id),
            description=self.dynamic(id, "description", node.get("description"), template=True),
            subtype=self.subtype(node, id) if kind == "datetime" else "",
            dynamic=self.dynamics(node, id),
            settings=_settings(node),
            properties={str(k): str(v) for k, v in _mapping(node, "properties").items()},
            children=self.components(node.get("components"), below, depth + 1),
        )
        self.judge(component)
        return component

    def key(self, node: Mapping[str, Any], kind: str, id: str, prefix: str) -> str:
        key = str(node.get("path" if kind in ("group", "dynamiclist") else "key") or "")
        needed = kind in INPUT_TYPES or kind == "dynamiclist"
        if not needed and kind != "group":
            return ""
        if not key:
            if needed:
                self.find(id, "form-key", "El campo no tiene clave.", "Escriba en «Clave» el nombre de su valor.")
            return ""
        if not KEY.fullmatch(key) or _RESERVED & set(key.split(".")):
            self.find(
                id,
                "form-key",
                f"La clave «{key}» no es un nombre.",
                "Use letras sin acento, cifras y guion bajo, sin palabras reservadas de FEEL.",
            )
        path = prefix + key
        if path in self.paths and kind != "group":
            self.find(id, "form-key-twice", f"Dos campos tienen la clave «{path}».", "Cambie una de las dos.")
        self.paths.add(path)
        return key

    def label(self, node: Mapping[str, Any], kind: str, id: str) -> Dynamic:
        text = node.get("label")
        if kind == "datetime":
            text = node.get("timeLabel" if node.get("subtype") == "time" else "dateLabel") or text
        if not text and kind in INPUT_TYPES:
            self.find(id, "form-label", "El campo no tiene etiqueta.", "Escriba en «Etiqueta» cómo se llama.")
        return self.dynamic(id, "label", text, template=True)

    def subtype(self, node: Mapping[str, Any], id: str) -> str:
        subtype = str(node.get("subtype") or "date")
        if subtype not in _SUBTYPES:
            self.find(id, "form-component-type", f"El subtipo «{subtype}» no existe.", "Use date, time o datetime.")
        return subtype

    def judge(self, component: Component) -> None:
        """What only the finished component shows."""
        settings = component.settings
        for name, of_right_kind in _KINDS.items():
            if name in settings and not of_right_kind(settings[name]):
                message = f"«{component.key}» tiene en {name} el valor {settings[name]!r}, que no se admite."
                self.find(component.id, "form-setting", message, "Corríjalo en el editor.")
        offers = settings.get("values") or settings.get("valuesKey") or "options" in component.dynamic
        if component.type in CHOICE_TYPES | MANY_TYPES and not offers:
            self.find(
                component.id,
                "form-options",
                f"«{component.key}» no tiene opciones.",
                "Escriba las opciones, o de dónde salen (valuesKey o valuesExpression).",
            )
        if settings.get("pattern"):
            try:
                re2.compile(str(settings["pattern"]))
            except re2.error as error:
                self.find(
                    component.id,
                    "form-pattern",
                    f"La expresión regular «{settings['pattern']}» no se admite: {error}.",
                    "Use sintaxis RE2: sin referencias hacia atrás ni miradas adelante o atrás.",
                )

    # attributes that may be FEEL

    def dynamics(self, node: Mapping[str, Any], id: str) -> dict[str, Dynamic]:
        properties, validate = _mapping(node, "properties"), _mapping(node, "validate")
        given: dict[str, Any] = {
            "hide": _mapping(node, "conditional").get("hide"),
            "readonly": node.get("readonly"),
            "options": node.get("valuesExpression"),
            "default": properties.get("default"),
            "warning": properties.get("warning"),
            "rule": properties.get("rule"),
        }
        for name in ("required", "min", "max", "minLength", "maxLength"):
            given[name] = properties.get(name, validate.get(name))
        found = {name: self.dynamic(id, name, text) for name, text in given.items() if text not in (None, "", False)}
        if node.get("type") == "text":
            found["text"] = self.dynamic(id, "text", node.get("text"), template=True)
        return found

    def dynamic(self, id: str | None, name: str, text: Any, *, template: bool = False) -> Dynamic:
        if not isinstance(text, str):
            return Dynamic(literal=text)
        if text.startswith("="):
            return Dynamic(expression=self.expression(id, name, text[1:]))
        if name == "required" and text in ("true", "false"):
            return Dynamic(literal=text == "true")
        if not template or "{{" not in text:
            return Dynamic(literal=text)
        pieces: list[str | Expression] = []
        for index, piece in enumerate(_TEMPLATE.split(text)):
            parsed = self.expression(id, name, piece.strip().removeprefix("=")) if index % 2 else piece
            if parsed:
                pieces.append(parsed)
        return Dynamic(pieces=tuple(pieces))

    def expression(self, id: str | None, name: str, source: str) -> Expression | None:
        try:
            expression = parse(source) if self.functions is None else parse(source, functions=self.functions)
        except FeelSyntaxError as error:
            self.find(
                id,
                "form-expression",
                f"La expresión de «{said(name)}» no se entiende: {error.spanish} («{source}»).",
                "Corrija la expresión FEEL.",
            )
            return None
        if self.functions is None:
            return expression
        if unknown := expression.functions - self.functions.names:
            self.find(
                id,
                "feel-unknown-function",
                f"La expresión de «{said(name)}» llama a {', '.join(sorted(unknown))}, que no existe.",
                "Corrija el nombre de la función.",
            )
        for function, argument in expression.strange:
            self.find(
                id,
                "feel-unknown-argument",
                f'La expresión de «{said(name)}» pide {function}("{argument}"), que no existe.',
                self.functions.remedy(function, argument),
            )
        return expression

    def used_by(self, document: Mapping[str, Any]) -> str:
        return str(_mapping(document, "properties").get("usedBy") or "")

    def rules(self, document: Mapping[str, Any]) -> tuple[Rule, ...]:
        """The rules across fields: `properties.rules` of the form, a list of {expression, field, message}."""
        rules = _mapping(document, "properties").get("rules") or []
        return tuple(self._rules(rules if isinstance(rules, list) else [rules]))

    def _rules(self, nodes: Iterable[Any]) -> Iterable[Rule]:
        for node in nodes:
            source = str(node.get("expression") or "") if isinstance(node, dict) else ""
            message = str(node.get("message") or "") if isinstance(node, dict) else ""
            if not source.startswith("=") or not message:
                self.find(
                    None,
                    "form-rule",
                    "Una regla del formulario no tiene expresión («=…») o mensaje.",
                    "Cada regla necesita expression, message y, si concierne a un campo, field.",
                )
                continue
            expression, field = self.expression(None, "rules", source[1:]), str(node.get("field") or "")
            if field and field not in self.paths:
                self.find(None, "form-rule", f"Una regla nombra el campo «{field}», que no existe.", "Corríjalo.")
            if expression is not None:
                yield Rule(expression, field, message)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _mapping(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = node.get(name)
    return found if isinstance(found, dict) else {}


_PLAIN = (
    "disabled", "decimalDigits", "increment", "serializeToString", "values", "valuesKey", "accept", "multiple",
    "disallowPassedDates", "timeInterval", "defaultValue", "defaultRepetitions", "allowAddRemove",
    "searchable", "height",
)  # fmt: skip


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000


_KINDS: dict[str, Callable[[Any], bool]] = {
    "decimalDigits": lambda value: _whole(value) and value <= 10,
    "increment": lambda value: re.fullmatch(r"\d{1,10}(\.\d{1,10})?", str(value)) is not None,
    "values": lambda value: isinstance(value, list),
    "valuesKey": lambda value: isinstance(value, str),
    "defaultRepetitions": _whole,
    "height": _whole,
}
"""Attributes that we compute with, and what they must be."""


def _settings(node: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: node[name] for name in _PLAIN if node.get(name) not in (None, "")}
    validate, properties = _mapping(node, "validate"), _mapping(node, "properties")
    for name in ("pattern", "patternErrorMessage", "validationType"):
        if validate.get(name):
            found[name] = validate[name]
    for name in ("currency", "message"):
        if properties.get(name):
            found[name] = str(properties[name])
    appearance = _mapping(node, "appearance")
    for name in ("prefix", "suffix"):
        if appearance.get(f"{name}Adorner"):
            found[name] = str(appearance[f"{name}Adorner"])
    if "currency" in found:
        found.setdefault("decimalDigits", 2)
        found.setdefault("prefix", "$")
    columns = _mapping(node, "layout").get("columns")
    if isinstance(columns, int) and 0 < columns <= 16:
        found["columns"] = columns
    return found
