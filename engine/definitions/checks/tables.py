"""Rules about decision tables: what no input can reach, where two rules answer at once, words that mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.decisions.model import Literal, Rule, Table
from engine.definitions.checks.material import Material, Problem
from engine.definitions.checks.variables import everything_given
from engine.feel import FeelSyntaxError, parse, parse_unary_tests

_SHOWN = 3
_OVERLAP = "Cambie una de las dos, o la política de la tabla."


def _tables(material: Material) -> Iterator[tuple[str, str, Table]]:
    for resource, decision in material.decisions:
        if isinstance(decision.logic, Table):
            yield resource, decision.id, decision.logic


def overlapping_rules(material: Material) -> Iterator[Problem]:
    """Under UNIQUE at most one rule may match, under ANY several with one result; else the matter would stop with an
    incident."""
    for resource, id, table in _tables(material):
        if table.hit_policy not in ("UNIQUE", "ANY"):
            continue
        differing = table.hit_policy == "ANY"
        overlaps = [
            one
            for one in material.analysis(resource, id, table).overlaps
            if not differing or len({_outputs(table.rules[number - 1]) for number in one.rules}) > 1
        ]
        for overlap in overlaps[:_SHOWN]:
            numbers = " y ".join(str(number) for number in overlap.rules)
            results = ", con resultados distintos" if differing else ""
            message = f"Las reglas {numbers} de la tabla «{id}» valen a la vez para {overlap.region}{results}."
            rule = table.rules[overlap.rules[0] - 1].id
            yield Problem(
                resource, rule or table.id or id, message, "Cambie una de las dos, o la política de la tabla."
            )


def _outputs(rule: Rule) -> tuple[str, ...]:
    return tuple(cell.text.strip() for cell in rule.outputs)


def dead_rule(material: Material) -> Iterator[Problem]:
    """Every rule matches some input."""
    for resource, id, table in _tables(material):
        for number in material.analysis(resource, id, table).dead[:_SHOWN]:
            message = f"La regla {number} de la tabla «{id}» no vale nunca."
            rule = table.rules[number - 1].id
            yield Problem(resource, rule or table.id or id, message, "Corríjala o bórrela.", "warning")


def word_without_quotes(material: Material) -> Iterator[Problem]:
    """A word in a cell that is the name of nothing is null: most likely a text whose quotes were left out.

    A warning: the variable may come with a message, or from whoever starts the process.
    """
    given = everything_given(material)
    if given is None:
        return
    for resource, id, table in _tables(material):
        known = given | material.decision_names.get(resource, frozenset())
        for column in table.inputs:
            known |= _names(column.expression.text, False)
        for number, rule in enumerate(table.rules, 1):
            cells = [(cell, True) for cell in rule.inputs] + [(cell, False) for cell in rule.outputs]
            for cell, tests in cells:
                for name in sorted(_names(cell.text, tests) - known):
                    message = f"La regla {number} de la tabla «{id}» dice {name}, que no es el nombre de ningún dato."
                    remedy = f"Si es un texto, va entre comillas: {_quoted(cell, name)}."
                    yield Problem(resource, cell.id or rule.id or id, message, remedy, "warning")


def _quoted(cell: Literal, name: str) -> str:
    """The cell with the name as a text."""
    return re.sub(rf"(?<![\w\"]){re.escape(name)}(?![\w\"])", f'"{name}"', cell.text)


@lru_cache(4096)
def _names(text: str, tests: bool) -> frozenset[str]:
    try:
        return (parse_unary_tests if tests else parse)(text).names
    except FeelSyntaxError:
        return frozenset()


RULES = (overlapping_rules, dead_rule, word_without_quotes)
