"""What an analyst sees of the difference between what somebody saved and what they hold: elements, rules, fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from engine.errors import ModelError
from web.studio.compare import CHANGES
from web.studio.compare_diagrams import Change, Detail, changed_elements
from web.studio.compare_forms import changed_fields
from web.studio.compare_tables import Cell, ComparedDecision, compared_decisions


def changed_parts(path: str, saved: bytes, mine: bytes) -> list[dict[str, Any]]:
    """Each part that differs, with its details; nothing of a file that cannot be read, or that is plain text."""
    try:
        if path.startswith("bpmn/"):
            return [
                _part(one.name or one.id, one.kind, one.change, one.details)
                for one in changed_elements(path, saved, mine)
            ]
        if path.startswith("forms/"):
            return [_part(one.name, one.kind, one.change, one.details) for one in changed_fields(saved, mine)]
        if path.startswith("dmn/"):
            return [part for one in compared_decisions(path, saved, mine) for part in _decision(one)]
    except (ModelError, ValueError):
        pass
    return []


def _decision(found: ComparedDecision) -> Iterator[dict[str, Any]]:
    """The decision itself, its columns, its rules."""
    name = found.name.after or found.name.before
    own = {"Nombre": found.name, "Política": found.policy, "Expresión": found.logic}
    if found.state != "changed":
        yield _part(name, "decisión", found.state, ())
        return
    if details := _details(own):
        yield _part(name, "decisión", "changed", details)
    for column in found.columns:
        if column.state != "same":
            title = column.title.after or column.title.before
            yield _part(title, f"columna de {name}", column.state, _details({"Título": column.title}))
    titles = [column.title.after or column.title.before for column in found.columns]
    for row in found.rows:
        if row.state != "same":
            cells = dict(zip(titles, row.cells, strict=False))
            yield _part(f"Regla {row.number}", name, row.state, _details(cells))


def _details(cells: dict[str, Cell]) -> tuple[Detail, ...]:
    return tuple(Detail(title, cell.before, cell.after) for title, cell in cells.items() if cell.changed)


def _part(name: str, kind: str, change: Change | str, details: tuple[Detail, ...]) -> dict[str, Any]:
    return {"name": name, "kind": kind, "change": CHANGES[change][0], "details": [asdict(one) for one in details]}
