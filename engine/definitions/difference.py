"""What is different between two bundles: elements and flows that came, went or mean something else, and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal

from engine.definitions.model import Element, Flow, Process
from engine.values import Difference, ElementChange

if TYPE_CHECKING:
    from engine.definitions.bundle import Bundle

Change = Literal["added", "removed", "changed"]

_PLACE = frozenset({"line", "incoming", "outgoing"})
"""Says where something stands, not what it is; flows are compared by themselves."""


def difference(source: Bundle, target: Bundle) -> Difference:
    """Compare two bundles. Moving a shape on the canvas is no difference of an element, only of its file."""
    changes: list[ElementChange] = []
    for key in sorted({*source.processes, *target.processes}):
        changes += _process(key, source.processes.get(key), target.processes.get(key))
    return Difference(source.id, target.id, tuple(changes), _files(source.resources(), target.resources()))


def _process(key: str, before: Process | None, after: Process | None) -> list[ElementChange]:
    old, new = _parts(before), _parts(after)
    changes = []
    for id in dict.fromkeys([*new, *old]):
        one, other = old.get(id), new.get(id)
        shown: Any = other if other is not None else one
        kind = shown.kind if isinstance(shown, Element) else "sequenceFlow"
        name = shown.name
        if one is None:
            changes.append(ElementChange(key, id, name, kind, "added"))
        elif other is None:
            changes.append(ElementChange(key, id, name, kind, "removed"))
        elif different := _fields(one, other):
            changes.append(ElementChange(key, id, name, kind, "changed", different))
    return changes


def _parts(process: Process | None) -> dict[str, Element | Flow]:
    return {} if process is None else {**process.elements, **process.flows}


def _fields(one: Element | Flow, other: Element | Flow) -> tuple[str, ...]:
    if type(one) is not type(other):
        return ("kind",)
    names = [field.name for field in fields(one) if field.name not in _PLACE]
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))


def _files(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, Change]:
    found: dict[str, Change] = {}
    for name in sorted({*before, *after}):
        if name not in before:
            found[name] = "added"
        elif name not in after:
            found[name] = "removed"
        elif before[name] != after[name]:
            found[name] = "changed"
    return found
