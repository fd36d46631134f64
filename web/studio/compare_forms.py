"""Two states of a form: the fields that came, went, changed or stand somewhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from web.studio.compare_diagrams import Change, Detail

_HELD = ("components", "layout")
"""What says where a field stands, or what it holds."""


@dataclass(frozen=True, slots=True)
class ChangedField:
    """One component of the form that is different."""

    id: str
    name: str
    kind: str
    change: Change
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class _Field:
    said: dict[str, Any]
    place: tuple[str, Any]
    """(the group that holds it, its columns)"""


def changed_fields(before: bytes | None, after: bytes | None) -> list[ChangedField]:
    """The difference, in the order of the newer form. Raises ValueError when one of them is no JSON."""
    old, new = _fields(before), _fields(after)
    both = old.keys() & new.keys()
    stood, stands = _before_each(old, both), _before_each(new, both)
    found = []
    for id in dict.fromkeys([*new, *old]):
        one, other = old.get(id), new.get(id)
        shown = other or one
        assert shown is not None
        change: Change | None = None
        details: tuple[Detail, ...] = ()
        if one is None or other is None:
            change = "added" if one is None else "removed"
        elif one.said != other.said:
            change, details = "changed", tuple(_details(one.said, other.said))
        elif one.place != other.place or stood[id] != stands[id]:
            change = "moved"
        if change:
            name = shown.said.get("label") or shown.said.get("key") or shown.said.get("text") or id
            found.append(ChangedField(id, str(name)[:120], str(shown.said.get("type", "")), change, details))
    return found


def _before_each(form: dict[str, _Field], both: set[str]) -> dict[str, str | None]:
    """For each field the one before it in its group, of those that both forms have."""
    last: dict[str, str] = {}
    found: dict[str, str | None] = {}
    for id, field in form.items():
        if id in both:
            found[id] = last.get(field.place[0])
            last[field.place[0]] = id
    return found


def _details(one: dict[str, Any], other: dict[str, Any]) -> Iterator[Detail]:
    for name in dict.fromkeys([*one, *other]):
        before, after = one.get(name), other.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from (Detail(f"{name}.{part.name}", part.before, part.after) for part in _details(before, after))
        elif before != after:
            yield Detail(name, _shown(before), _shown(after))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fields(data: bytes | None) -> dict[str, _Field]:
    if data is None:
        return {}
    schema = json.loads(data)
    if not isinstance(schema, dict):
        raise ValueError("not a form")
    rest = {name: value for name, value in schema.items() if name not in ("components", "exporter", "id", "type")}
    rest = {name: value for name, value in rest.items() if not name.startswith(("executionPlatform", "schemaVersion"))}
    return {"": _Field({"label": "El formulario", **rest}, ("", None)), **dict(_walk(schema, ""))}


def _walk(node: dict[str, Any], holder: str) -> Iterator[tuple[str, _Field]]:
    parts = node.get("components")
    for number, component in enumerate(parts if isinstance(parts, list) else ()):
        if not isinstance(component, dict):
            continue
        id = str(component.get("id") or component.get("key") or f"{holder}.{number}")
        said = {name: value for name, value in component.items() if name not in _HELD and name != "id"}
        layout = component.get("layout")
        columns = layout.get("columns") if isinstance(layout, dict) else None
        yield id, _Field(said, (holder, columns))
        yield from _walk(component, id)
