"""Gaps, overlaps and dead rules of a decision table, found without running it on data.

The cells of a column cut the values of its input into finitely many classes (`domains.py`); the rules are then compared
class by class over all columns. Exact for tables whose cells hold constants; what holds more is named in `unanalysed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from engine.decisions import model as m
from engine.decisions.domains import Domain, ValueClass, classes, constants
from engine.decisions.item_types import plain
from engine.feel import FeelSyntaxError, parse_unary_tests
from engine.feel.expression import Expression
from engine.feel.unary import INPUT
from engine.values import Value

COMBINATIONS = 100_000
"""A table with more different regions is not analysed."""
TRIALS = 50_000
"""Values tried in cells, of all columns of a table: one that asks for more is not analysed (it would take seconds)."""


@dataclass(frozen=True, slots=True)
class Region:
    """Some of the inputs that a table can get."""

    conditions: Mapping[str, str]
    """Expression of each input that matters → unary test."""
    example: Mapping[str, Value]
    """One value for each input."""

    def __str__(self) -> str:
        return "; ".join(f"{name}: {test}" for name, test in self.conditions.items()) or "-"


@dataclass(frozen=True, slots=True)
class Overlap:
    rules: tuple[int, ...]
    """Numbers of the rules that match together, from 1."""
    region: Region


@dataclass(frozen=True, slots=True)
class Analysis:
    gaps: tuple[Region, ...]
    """Inputs that no rule matches."""
    overlaps: tuple[Overlap, ...]
    """Inputs that several rules match."""
    dead: tuple[int, ...]
    """Numbers of rules that match no input at all; under FIRST also those that earlier rules leave nothing for."""
    unanalysed: tuple[str, ...]
    """Ids of cells that depend on more than constants; rules with such cells take no part."""
    complete: bool = True
    """False when the table is too large to be analysed."""
    trials: int = 0
    """What the analysis has cost."""

    @property
    def total(self) -> bool:
        """Whether every input has exactly one matching rule, for certain."""
        return self.complete and not (self.gaps or self.overlaps or self.unanalysed)


@dataclass(frozen=True, slots=True)
class _Part:
    """Classes of one column that the same rules match, `rules` as a set of bits."""

    members: tuple[ValueClass, ...]
    rules: int


class _TooMany(Exception):
    """The table asks for more trials than are left."""


def analyse(table: m.Table, domains: Mapping[str, Domain | str] | None = None, *, trials: int = TRIALS) -> Analysis:
    """Analyse a table. `domains`: expression of an input → the values it can take, as unary tests or a Domain; without
    one, its own list of values and null, else every value of its type and null. `trials`: at most so many."""
    cells = [[_cell(cell) for cell in rule.inputs] for rule in table.rules]
    unanalysed = [
        cell.id or cell.text
        for rule, row in zip(table.rules, cells, strict=True)
        for cell, (_, found) in zip(rule.inputs, row, strict=True)
        if found is None
    ]
    usable = [index for index, row in enumerate(cells) if all(found is not None for _, found in row)]
    columns, left = [], trials
    try:
        for place, column in enumerate(table.inputs):
            own = [(index, cells[index][place]) for index in usable]
            parts, left = _column(column, own, (domains or {}).get(column.expression.text), left)
            columns.append(parts)
    except _TooMany:
        return Analysis((), (), (), tuple(unanalysed), complete=False)
    everything = sum(1 << index for index in usable)
    found = list(islice(_regions(columns, everything), COMBINATIONS + 1))
    if len(found) > COMBINATIONS:
        return Analysis((), (), (), tuple(unanalysed), complete=False, trials=trials - left)
    names = [column.expression.text for column in table.inputs]
    gaps = tuple(_region(names, columns, path) for path, rules in found if not rules)
    overlaps = _overlaps(names, columns, found)
    return Analysis(gaps, overlaps, _dead(table, usable, found), tuple(unanalysed), trials=trials - left)


def _cell(cell: m.Literal) -> tuple[Expression | None, list[Value] | None]:
    """The tests of a cell and their constants."""
    if not cell.text:
        return None, []
    try:
        expression = parse_unary_tests(cell.text)
    except FeelSyntaxError:
        return None, None
    return expression, constants(expression.node)


def _column(
    column: m.Input,
    cells: list[tuple[int, tuple[Expression | None, list[Value] | None]]],
    domain: Domain | str | None,
    trials: int,
) -> tuple[list[_Part], int]:
    """The parts of a column, and how many trials are left. Raises _TooMany."""
    if domain is None:
        domain = Domain(f"{column.allowed}, null" if column.allowed else "-")
    elif isinstance(domain, str):
        domain = Domain(domain)
    found = [value for _, (_, values) in cells for value in values or ()]
    by_rules: dict[int, list[ValueClass]] = {}
    tested = sum(expression is not None for _, (expression, _) in cells)
    if len(found) * tested > trials:
        raise _TooMany
    parts = list(classes(found, plain(column.type_name) if column.type_name else None, domain))
    left = trials - len(parts) * tested
    if left < 0:
        raise _TooMany
    for part in parts:
        rules = 0
        for index, (expression, _) in cells:
            if expression is None or expression.evaluate({INPUT: part.example}) is True:
                rules |= 1 << index
        by_rules.setdefault(rules, []).append(part)
    return [_Part(tuple(members), rules) for rules, members in by_rules.items()], left


Chosen = tuple[_Part, ...]


def _regions(columns: list[list[_Part]], rules: int, path: Chosen = ()) -> Iterator[tuple[Chosen, int]]:
    """Every combination of parts with the rules that match it; a gap ends its path early."""
    if len(path) == len(columns) or (not rules and path):
        yield path, rules
        return
    # Parts that leave the same rules standing go on together.
    alike: dict[int, tuple[ValueClass, ...]] = {}
    for part in columns[len(path)]:
        left = rules & part.rules
        alike[left] = alike.get(left, ()) + part.members
    for left, members in alike.items():
        yield from _regions(columns, left, (*path, _Part(members, left)))


def _region(names: list[str], columns: list[list[_Part]], path: Chosen) -> Region:
    conditions: dict[str, str] = {}
    example: dict[str, Value] = {}
    for place, name in enumerate(names):
        if place < len(path) and len(path[place].members) < sum(len(part.members) for part in columns[place]):
            conditions[name] = ", ".join(member.text for member in path[place].members)
        chosen = path[place] if place < len(path) else columns[place][0] if columns[place] else None
        example[name] = None if chosen is None else chosen.members[-1].example
    return Region(conditions, example)


def _overlaps(names: list[str], columns: list[list[_Part]], found: list[tuple[Chosen, int]]) -> tuple[Overlap, ...]:
    """One example region for each set of rules that match together."""
    seen: dict[tuple[int, ...], Overlap] = {}
    for path, rules in found:
        numbers = tuple(index + 1 for index in range(rules.bit_length()) if rules >> index & 1)
        if len(numbers) > 1 and numbers not in seen:
            seen[numbers] = Overlap(numbers, _region(names, columns, path))
    return tuple(seen.values())


def _dead(table: m.Table, usable: list[int], found: list[tuple[Chosen, int]]) -> tuple[int, ...]:
    alive = 0
    for _, rules in found:
        alive |= rules & -rules if table.hit_policy == "FIRST" else rules
    return tuple(index + 1 for index in usable if not alive >> index & 1)
