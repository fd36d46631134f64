"""What one has to give to try a decision, its lower decisions included, and what is typed turned into values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any

from engine.decisions import Decisions
from engine.decisions import model as m
from engine.decisions.decisions import Unit
from engine.decisions.evaluation import resolve
from engine.decisions.item_types import plain
from engine.errors import Invalid
from engine.feel import FeelError, FeelSyntaxError, check_value, in_spanish, parse, parse_unary_tests
from engine.values import Value

_TEXTS = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PLAIN_NUMBER = re.compile(r"[-+]?\s*\$?\s*[\d,]*\.?\d+")
_YES = {"true": True, "sí": True, "si": True, "verdadero": True, "false": False, "no": False, "falso": False}
_UNITS = {"día": "D", "dia": "D", "hora": "TH", "minuto": "TM", "mes": "M", "año": "Y", "semana": "W"}
_SPAN = re.compile(r"(\d+)\s*(día|dia|hora|minuto|mes|año|semana)(?:e?s)?", re.IGNORECASE)
_MOMENTS = {
    "date": ("date", "una fecha, por ejemplo 2027-01-31"),
    "time": ("time", "una hora, por ejemplo 09:30:00"),
    "date and time": ("date and time", "fecha y hora, por ejemplo 2027-01-31T09:30:00"),
    "days and time duration": ("duration", "una duración, por ejemplo 3 días o P3DT4H"),
    "years and months duration": ("duration", "una duración, por ejemplo 2 meses o P1Y2M"),
}


@dataclass
class Given:
    """One input to be typed."""

    name: str
    label: str
    type: str = "Any"
    """Name of the FEEL type, of a list: of its elements."""
    options: list[str] = field(default_factory=list)
    many: bool = False

    def value(self, text: str, now: datetime) -> Value:
        """What was typed: as the column's type wants it, else FEEL. Raises Invalid, with the reason."""
        text = text.strip()
        if not text:
            return None
        if self.many and not text.startswith("["):
            return [self._one(part.strip(), now) for part in text.split(",") if part.strip()]
        return self._evaluated(text, now) if self.many else self._one(text, now)

    def _one(self, text: str, now: datetime) -> Value:
        if self.type == "string":
            return self._evaluated(text, now) if text.startswith('"') else text
        if self.type == "boolean" and text.lower() in _YES:
            return _YES[text.lower()]
        if self.type == "number" and _PLAIN_NUMBER.fullmatch(text):
            text = re.sub(r"[\s$,+]", "", text)
        if self.type in _MOMENTS:
            return self._moment(text, now)
        value = self._evaluated(text, now)
        if self.type == "number" and (isinstance(value, (str, bool)) or value is None):
            raise Invalid({self.name: f"{self.label}: escriba un número."})
        return value

    def _moment(self, text: str, now: datetime) -> Value:
        function, wanted = _MOMENTS[self.type]
        if re.match(r"@|[a-z ]+\(", text):
            return self._evaluated(text, now)
        if function == "duration":
            text = _duration(text)
        elif re.fullmatch(r"(.*T)?\d\d:\d\d", text):
            text += ":00"
        try:
            value = parse(f'{function}("{text}")').evaluate({}, now=now) if '"' not in text else None
        except (FeelError, FeelSyntaxError):
            value = None
        if value is None:
            raise Invalid({self.name: f"{self.label}: escriba {wanted}."})
        return check_value(value)

    def _evaluated(self, text: str, now: datetime) -> Value:
        """FEEL, or a plain text that is no FEEL: nobody types quotes around a word."""
        try:
            expression = parse(text)
            return text if expression.names else check_value(expression.evaluate({}, now=now))
        except FeelSyntaxError:
            return text
        except FeelError as error:
            raise Invalid({self.name: f"{self.label}: {in_spanish(error)}"}) from None


def _duration(text: str) -> str:
    """«3 días» → P3D; what is no such phrase stays."""
    found = _SPAN.findall(text)
    if not found or _SPAN.sub("", text).strip(" ,y"):
        return text
    days, hours = "", ""
    for number, unit in found:
        code = _UNITS[unit.lower()]
        if code == "W":
            number, code = str(int(number) * 7), "D"
        if code[0] == "T":
            hours += number + code[1]
        else:
            days += number + code
    return f"P{days}{'T' + hours if hours else ''}"


def inputs_of(decisions: Decisions, decision_id: str) -> list[Given]:
    """In the order in which they are needed: those of lower decisions first. Raises DecisionError."""
    found: dict[str, Given] = {}
    seen: set[int] = set()

    def walk(unit: Unit, element: m.Decision | m.KnowledgeModel) -> None:
        if id(element) in seen:
            return
        seen.add(id(element))
        made = set(unit.imports)
        for reference in (*element.requires.decisions, *element.requires.knowledge):
            target = resolve(unit, reference)
            if target is not None and isinstance(target[1], (m.Decision, m.KnowledgeModel)):
                walk(target[0], target[1])
                made.add(target[1].variable.name)
        for reference in element.requires.inputs:
            target = resolve(unit, reference)
            if target is not None and isinstance(target[1], m.InputData):
                name, kind = target[1].variable.name, target[1].variable.type_name
                _add(found, unit, Given(name, target[1].name or name), kind)
        for one, kind in _own(element):
            if one.name not in made:
                _add(found, unit, one, kind)

    decisions.decision(decision_id)
    unit = next(unit for unit in decisions.units if decision_id in unit.definitions.elements)
    walk(unit, decisions.decision(decision_id))
    return list(found.values())


def _add(found: dict[str, Given], unit: Unit, one: Given, type_name: str | None) -> None:
    """Join what is known of an input from its node, its column and its type."""
    known = found.setdefault(one.name, one)
    if one.label != one.name:
        known.label = one.label
    known.options = known.options or one.options
    kind, many, options = _kind(unit, type_name)
    if known.type == "Any" and kind != "Any":
        known.type, known.many = kind, many
    known.options = known.options or options


def _kind(unit: Unit, type_name: str | None) -> tuple[str, bool, list[str]]:
    """(built-in type, whether it is a list of them, values that it allows) of a type of the file."""
    name, many, options = plain(type_name or "Any"), False, list[str]()
    for _ in range(8):
        item = unit.types.find(name)
        if item is None:
            break
        many = many or item.definition.is_collection
        options = options or _TEXTS.findall(item.definition.allowed or "")
        name = plain(item.definition.base or "Any")
    return name, many, options


def _own(element: m.Decision | m.KnowledgeModel) -> Iterator[tuple[Given, str | None]]:
    """The names that the element's own logic asks for: (input, name of its type)."""
    logic = element.logic
    if isinstance(logic, m.Table):
        for place, column in enumerate(logic.inputs):
            texts = [column.allowed or "", *(rule.inputs[place].text for rule in logic.rules)]
            options = list(dict.fromkeys(match for text in texts for match in _TEXTS.findall(text)))
            for name in sorted(_names(column.expression.text)):
                plain_name = column.expression.text.strip() == name
                one = Given(name, (column.label if plain_name else "") or name, options=options if plain_name else [])
                yield one, column.type_name if plain_name else None
        return
    texts, introduced = _texts_of(logic)
    for name in sorted({name for text in texts for name in _names(text)} - introduced):
        yield Given(name, name), None


def _texts_of(logic: m.Logic | None) -> tuple[list[str], set[str]]:
    """Every expression inside boxed ones, and the names that these introduce."""
    texts: list[str] = []
    names: set[str] = set()
    stack: list[Any] = [logic]
    while stack:
        part = stack.pop()
        if isinstance(part, m.Literal):
            texts.append(part.text)
        elif isinstance(part, m.Variable):
            names.add(part.name)
        elif isinstance(part, m.Loop):
            names.add(part.variable)
        if isinstance(part, (tuple, list)):
            stack.extend(part)
        elif is_dataclass(part) and not isinstance(part, m.Literal):
            stack.extend(getattr(part, one.name) for one in fields(part))
    return texts, names


def _names(expression: str) -> frozenset[str]:
    for read in (parse, parse_unary_tests):
        try:
            return read(expression).names
        except FeelSyntaxError:
            continue
    return frozenset()
