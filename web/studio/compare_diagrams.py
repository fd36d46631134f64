"""Two states of a diagram: which elements came, went, mean something else, or only stand or look different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from lxml import etree

from engine.definitions import Element, read_model
from engine.definitions.model import Flow, VariableMapping
from web.process_words import FIELDS, KINDS, kind_name

Change = Literal["added", "removed", "changed", "moved", "coloured"]

_NAMES_ANOTHER = frozenset({"source", "target", "default_flow", "attached_to", "scope", "undone_by"})
_PLACE = frozenset({"id", "line", "incoming", "outgoing", "process_id"})
_COLOURS = ("{http://bpmn.io/schema/bpmn/biocolor/1.0}", "{http://www.omg.org/spec/BPMN/non-normative/color/1.0}")
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"


@dataclass(frozen=True, slots=True)
class Detail:
    """One property that is different."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangedElement:
    """One element or flow that is different."""

    process_key: str
    id: str
    name: str
    kind: str
    change: Change
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What a file says of one element."""

    process_key: str
    name: str
    kind: str
    part: Element | Flow | None
    node: Any
    place: bytes
    """Where it is drawn, and how large."""
    colours: Mapping[str, str]
    labels: Mapping[str, str]
    """Id → what people call it, of everything in the same file."""


def changed_elements(path: str, before: bytes | None, after: bytes | None) -> list[ChangedElement]:
    """The difference, in the order of the newer file; what went comes last. Raises ModelError."""
    old, new = _drawn(path, before), _drawn(path, after)
    found = []
    for id in dict.fromkeys([*new, *old]):
        one, other = old.get(id), new.get(id)
        shown = other or one
        assert shown is not None
        change, details = _compared(one, other)
        if change:
            found.append(ChangedElement(shown.process_key, id, shown.name, _kind(shown), change, details))
    return found


def _kind(drawn: _Drawn) -> str:
    return kind_name(drawn.part) if isinstance(drawn.part, Element) else KINDS.get(drawn.kind, drawn.kind)


def _compared(one: _Drawn | None, other: _Drawn | None) -> tuple[Change | None, tuple[Detail, ...]]:
    if one is None or other is None:
        return ("added" if one is None else "removed"), ()
    details = tuple(_details(one, other))
    if details:
        return "changed", details
    if _own(one.node) != _own(other.node):
        return "changed", (Detail("otros atributos", "", ""),)
    if one.place != other.place:
        return "moved", ()
    return ("coloured" if one.colours != other.colours else None), ()


def _details(one: _Drawn, other: _Drawn) -> Iterator[Detail]:
    if one.part is None or other.part is None or type(one.part) is not type(other.part):
        for name in ("kind", "name"):
            if getattr(one, name) != getattr(other, name):
                yield Detail(FIELDS[name], getattr(one, name), getattr(other, name))
        return
    for field in fields(one.part):
        before, after = getattr(one.part, field.name), getattr(other.part, field.name)
        if field.name not in _PLACE and before != after:
            if field.name in _NAMES_ANOTHER:
                before, after = one.labels.get(before, before), other.labels.get(after, after)
            yield Detail(FIELDS.get(field.name, field.name), shown(before), shown(after))


def shown(value: Any) -> str:
    """A property as an analyst reads it."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, VariableMapping):
        return f"{value.target} ← {value.source}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(shown, value))
    if is_dataclass(value):
        said = [(field.name, getattr(value, field.name)) for field in fields(value)]
        return ", ".join(shown(one) for name, one in said if one is not None and name != "reference")
    return str(value)


def _drawn(path: str, data: bytes | None) -> dict[str, _Drawn]:
    if data is None:
        return {}
    model = read_model(path, data)
    parts: dict[str, tuple[str, Element | Flow]] = {
        id: (process.id, part)
        for process in model.processes.values()
        for id, part in (*process.elements.items(), *process.flows.items())
    }
    places = _places(model.root)
    labels = {id: _label(id, part, parts) for id, (_process, part) in parts.items()}
    found = {}
    for node in model.root.iter(etree.Element):
        id = node.get("id")
        if not id or node.tag.startswith(_DI) or (id not in parts and id not in places):
            continue
        process_key, part = parts.get(id, ("", None))
        kind = etree.QName(node).localname
        name = node.get("name") or _text(node) or (labels[id] if isinstance(part, Flow) else "")
        found[id] = _Drawn(process_key, name, kind, part, node, *places.get(id, (b"", {})), labels)
    return found


def _label(id: str, part: Element | Flow, parts: Mapping[str, tuple[str, Element | Flow]]) -> str:
    """The name; of a flow without one, what it leads from and to; else the id."""
    if part.name or isinstance(part, Element):
        return part.name or id
    return " → ".join(parts[end][1].name or end if end in parts else end for end in (part.source, part.target))


def _places(root: Any) -> dict[str, tuple[bytes, dict[str, str]]]:
    """Id of an element → where it stands, and its colours and those of its label, in either of the two vocabularies."""
    found: dict[str, tuple[bytes, dict[str, str]]] = {}
    for shape in root.iter(f"{_DI}BPMNShape", f"{_DI}BPMNEdge"):
        drawn = deepcopy(shape)
        drawn.attrib.pop("id", None)
        colours = {
            f"{number} {name}": one.attrib.pop(name)
            for number, one in enumerate(drawn.iter())
            for name in list(one.attrib)
            if name.startswith(_COLOURS)
        }
        found[shape.get("bpmnElement", "")] = etree.tostring(drawn, method="c14n", exclusive=True), colours
    return found


_HELD = frozenset({"incoming", "outgoing", "flowNodeRef"})


def _own(node: Any) -> bytes:
    """Everything written about it but the elements that it holds and its flows, however it is indented."""
    copy = deepcopy(node)
    copy.tail = None
    for child in list(copy):
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child).localname
        if name in _HELD or (child.get("id") and name not in _DEFINITIONS):
            copy.remove(child)
    for one in copy.iter():
        one.tail = (one.tail or "").strip() or None
        one.text = (one.text or "").strip() or None
    return etree.tostring(copy, method="c14n", exclusive=True)


_DEFINITIONS = frozenset(
    {"extensionElements", "documentation", "conditionExpression", "text", "multiInstanceLoopCharacteristics"}
)


def _text(node: Any) -> str:
    """What a note says."""
    return " ".join(" ".join(node.itertext()).split())[:80] if etree.QName(node).localname == "textAnnotation" else ""
