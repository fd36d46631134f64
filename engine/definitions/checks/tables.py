"""Rules about decision tables: what no input can reach, and where two rules answer at once."""

from __future__ import annotations

from collections.abc import Iterator

from engine.decisions.model import Table
from engine.definitions.checks.material import Material, Problem

_SHOWN = 3


def _tables(material: Material) -> Iterator[tuple[str, str, Table]]:
    for resource, decision in material.decisions:
        if isinstance(decision.logic, Table):
            yield resource, decision.id, decision.logic


def overlapping_rules(material: Material) -> Iterator[Problem]:
    """Under UNIQUE at most one rule may match; two would stop the matter with an incident."""
    for resource, id, table in _tables(material):
        if table.hit_policy != "UNIQUE":
            continue
        for overlap in material.analysis(resource, id, table).overlaps[:_SHOWN]:
            numbers = " y ".join(str(number) for number in overlap.rules)
            message = f"Las reglas {numbers} de la tabla «{id}» valen a la vez para {overlap.region}."
            yield Problem(resource, table.id or id, message, "Cambie una de las dos, o la política de la tabla.")


def dead_rule(material: Material) -> Iterator[Problem]:
    """Every rule matches some input."""
    for resource, id, table in _tables(material):
        for number in material.analysis(resource, id, table).dead[:_SHOWN]:
            message = f"La regla {number} de la tabla «{id}» no vale nunca."
            yield Problem(resource, table.id or id, message, "Corríjala o bórrela.", "warning")


RULES = (overlapping_rules, dead_rule)
