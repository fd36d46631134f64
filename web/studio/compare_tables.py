"""Two states of a decision: its tables side by side, with the rules and cells that differ; other logic as text."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from lxml import etree

from engine.definitions import safe_xml

State = Literal["same", "added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Cell:
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Row:
    """One rule; the number is that of the newer table, of the older one for a rule that went."""

    id: str
    number: int
    state: State
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    title: Cell
    state: State


@dataclass(frozen=True, slots=True)
class ComparedDecision:
    """One decision of the file."""

    id: str
    name: Cell
    state: State
    policy: Cell
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    logic: Cell = Cell("", "")
    """The expression of a decision without a table."""


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    policy: str
    columns: dict[str, str]
    """Column id → what it asks or gives."""
    rules: dict[str, dict[str, str]]
    """Rule id → column id → text of the cell."""
    logic: str


def compared_decisions(path: str, before: bytes | None, after: bytes | None) -> list[ComparedDecision]:
    """Every decision of the file that differs. Raises ModelError."""
    old, new = _decisions(path, before), _decisions(path, after)
    found = []
    for id in dict.fromkeys([*new, *old]):
        if old.get(id) != new.get(id) or list(_rules(old.get(id))) != list(_rules(new.get(id))):
            found.append(_compared(id, old.get(id), new.get(id)))
    return found


_NONE = _Table("", "", {}, {}, "")


def _rules(table: _Table | None) -> dict[str, dict[str, str]]:
    return table.rules if table else {}


def _compared(id: str, old: _Table | None, new: _Table | None) -> ComparedDecision:
    one, other = old or _NONE, new or _NONE
    columns = list(dict.fromkeys([*other.columns, *one.columns]))
    order = [rule for rule in one.rules if rule in other.rules]
    moved = _moved(order, [rule for rule in other.rules if rule in one.rules])
    rows = [_row(rule, one, other, columns, rule in moved) for rule in _together(one.rules, other.rules)]
    return ComparedDecision(
        id,
        Cell(one.name, other.name),
        "added" if old is None else "removed" if new is None else "changed",
        Cell(one.policy, other.policy),
        tuple(_column(column, one, other) for column in columns),
        tuple(rows),
        Cell(one.logic, other.logic),
    )


def _together(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The rules of the newer table, and those that went where they stood."""
    found = list(new)
    for place, rule in enumerate(old):
        if rule not in new:
            found.insert(min(place, len(found)), rule)
    return found


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The rules that stand elsewhere among those that are in both."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return set(after) - {rule for block in blocks for rule in after[block.b : block.b + block.size]}


def _row(rule: str, one: _Table, other: _Table, columns: list[str], moved: bool) -> Row:
    before, after = one.rules.get(rule), other.rules.get(rule)
    cells = tuple(Cell((before or {}).get(column, ""), (after or {}).get(column, "")) for column in columns)
    state: State = "moved" if moved else "same"
    if before is None or after is None:
        state = "added" if before is None else "removed"
    elif any(cell.changed for cell in cells):
        state = "changed"
    return Row(rule, list(other.rules if after is not None else one.rules).index(rule) + 1, state, cells)


def _column(id: str, one: _Table, other: _Table) -> Column:
    title = Cell(one.columns.get(id, ""), other.columns.get(id, ""))
    state: State = "changed" if title.changed else "same"
    if id not in one.columns or id not in other.columns:
        state = "added" if id not in one.columns else "removed"
    return Column(title, state)


# --- reading


def _decisions(path: str, data: bytes | None) -> dict[str, _Table]:
    if data is None:
        return {}
    root = safe_xml.parse(path, data)
    return {
        node.get("id", ""): _table(node)
        for node in root.iter(etree.Element)
        if etree.QName(node).localname in ("decision", "businessKnowledgeModel")
    }


def _table(node: Any) -> _Table:
    name = node.get("name", "")
    table = _child(node, "decisionTable")
    if table is None:
        return _Table(name, "", {}, {}, "\n".join(text.strip() for text in node.itertext() if text.strip()))
    inputs, outputs = _children(table, "input"), _children(table, "output")
    columns: dict[str, str] = {}
    for number, one in enumerate(inputs):
        said = _words(_child(one, "inputExpression"))
        columns[one.get("id", f"e{number}")] = _titled(one.get("label"), said)
    for number, one in enumerate(outputs):
        columns[one.get("id", f"s{number}")] = _titled(one.get("label"), one.get("name") or "→")
    ids = [*columns]
    rules = {}
    for number, rule in enumerate(_children(table, "rule")):
        entries = [*_children(rule, "inputEntry"), *_children(rule, "outputEntry")]
        cells = {column: _words(entry) for column, entry in zip(ids, entries, strict=False)}
        note = _words(_child(rule, "annotationEntry")) or _words(_child(rule, "description"))
        rules[rule.get("id", f"r{number}")] = {**cells, "nota": note}
    if any(rule["nota"] for rule in rules.values()):
        columns["nota"] = "Nota"
    policy = " ".join(filter(None, (table.get("hitPolicy", "UNIQUE"), table.get("aggregation"))))
    return _Table(name, policy, columns, rules, "")


def _titled(label: str | None, expression: str) -> str:
    return f"{label} ({expression})" if label and label != expression else expression


def _children(node: Any, name: str) -> list[Any]:
    return [one for one in node if isinstance(one.tag, str) and etree.QName(one).localname == name]


def _child(node: Any, name: str) -> Any:
    return next(iter(_children(node, name)), None)


def _words(node: Any) -> str:
    return "" if node is None else " ".join("".join(node.itertext()).split())
