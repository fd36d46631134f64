"""Reads the test cases of the DMN TCK (https://github.com/dmn-tck/tck), which is not part of this repository."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from engine.decisions import DecisionError, Decisions
from engine.decisions.model import DecisionService
from engine.feel import YearMonthDuration
from engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def folder() -> Path | None:
    """The TCK beside the repository or above it, if it is there."""
    for parent in Path(__file__).resolve().parents:
        found = parent / "shared" / "dmn-tck"
        if found.is_dir():
            return found
    return None


@dataclass(frozen=True)
class Case:
    """One result node: what a decision must give for certain inputs."""

    id: str
    models: tuple[Path, ...]
    inputs: dict[str, Any]
    name: str
    service: str | None
    error: bool
    expected: Any


def cases(level: str) -> Iterator[Case]:
    root = folder()
    if root is None:
        return
    for file in sorted((root / f"compliance-level-{level}").glob("*/*test*.xml")):
        tree = etree.parse(file).getroot()
        model = file.parent / tree.findtext("{*}modelName")
        models = (model, *(other for other in sorted(file.parent.glob("*.dmn")) if other != model))
        for case in tree.iterfind("{*}testCase"):
            inputs = {node.get("name"): _value(node) for node in case.iterfind("{*}inputNode")}
            service = case.get("invocableName") if case.get("type") == "decisionService" else None
            for node in case.iterfind("{*}resultNode"):
                yield Case(
                    f"{file.parent.name}/{case.get('id')}/{node.get('name')}",
                    models,
                    inputs,
                    node.get("name"),
                    service,
                    node.get("errorResult") == "true",
                    _value(node.find("{*}expected")),
                )


_READ: dict[Path, Decisions | DecisionError] = {}


def result(case: Case) -> Any:
    """What our engine gives; null for a decision that cannot be made, as the TCK counts it."""
    decisions = _decisions(case.models)
    if case.service is not None:
        services = [
            element
            for element in decisions.units[0].definitions.elements.values()
            if isinstance(element, DecisionService) and element.name == case.service
        ]
        value = decisions.invoke_service(services[0].id, case.inputs)
        return value[case.name] if isinstance(value, dict) and case.name in value else value
    ids = [i for i in decisions.ids if decisions.decision(i).name == case.name]
    return decisions.decide(ids[0], case.inputs).outputs


def _decisions(models: tuple[Path, ...]) -> Decisions:
    if models[0] not in _READ:
        _READ[models[0]] = Decisions.parse([model.read_bytes() for model in models])
    return _READ[models[0]]


def _value(node: Any) -> Any:
    items = node.find("{*}list")
    if items is not None:
        return None if items.get(XSI + "nil") == "true" else [_value(item) for item in items.iterfind("{*}item")]
    components = node.findall("{*}component")
    if components:
        return {component.get("name"): _value(component) for component in components}
    value = node.find("{*}value")
    if value is None or value.get(XSI + "nil") == "true" or value.text is None and not value.get(XSI + "type"):
        return None
    return _scalar(value.text or "", (value.get(XSI + "type") or "xsd:string").rpartition(":")[2])


def _scalar(text: str, kind: str) -> Any:
    if kind == "string":
        return text
    if kind == "boolean":
        return text.strip() == "true"
    if kind in ("decimal", "double", "integer", "int", "float", "long"):
        return Decimal(text.strip())
    readers = {"date": parse_date, "time": parse_time, "dateTime": parse_date_time}
    return readers.get(kind, parse_duration)(text.strip())


def same(actual: Any, expected: Any) -> bool:
    """Equal, numbers to 8 places as the TCK's own runners compare them."""
    if isinstance(expected, Decimal) and isinstance(actual, Decimal):
        return abs(actual - expected) <= Decimal("1e-8") * max(1, abs(expected))
    if isinstance(expected, list) and isinstance(actual, list):
        return len(actual) == len(expected) and all(map(same, actual, expected))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return actual.keys() == expected.keys() and all(same(actual[key], expected[key]) for key in expected)
    if expected is None:
        return actual is None
    if isinstance(expected, YearMonthDuration):
        return actual == expected
    return type(actual) is type(expected) and actual == expected
