"""Advice: what runs all the same, but reads badly or surprises."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from engine.definitions.checks.material import Material, Problem, named


def lane_and_groups_differ(material: Material) -> Iterator[Problem]:
    """The lane shows who works, `candidateGroups` decides; a reader trusts that they say the same."""
    for process, element in material.elements("userTask"):
        groups = element.candidate_groups
        if not groups or groups.startswith("=") or not element.lane:
            continue
        lane = plain(element.lane)
        names = [plain(group) for group in groups.split(",")]
        if not any(name and (name in lane or lane in name) for name in names):
            yield Problem(
                process.resource,
                element.id,
                f"{named(element)} está en el carril «{element.lane}» y es para «{groups}».",
                "Mueva la tarea al carril de su grupo, o cambie el grupo.",
                "warning",
            )


def plain(text: str) -> str:
    """Lower case without accents and plural endings, to compare titles with group names: «Asesores» ~ `asesor`."""
    letters = unicodedata.normalize("NFD", text.strip().lower())
    return "".join(c for c in letters if c.isalnum()).removesuffix("es").removesuffix("s")


def user_task_without_people(material: Material) -> Iterator[Problem]:
    """A user task that names nobody stands in nobody's inbox."""
    for process, element in material.elements("userTask"):
        if not (element.assignee or element.candidate_groups or element.candidate_users):
            message = f"{named(element)} no dice quién la hace."
            remedy = "Escriba «Responsable» o «Grupos»."
            yield Problem(process.resource, element.id, message, remedy, "warning")


def element_without_name(material: Material) -> Iterator[Problem]:
    """Tasks and choices have names: people see them in inbox and history."""
    for process, element in material.elements():
        activity = element.kind.endswith(("Task", "Process", "Activity")) or element.kind == "task"
        choice = element.kind in ("exclusiveGateway", "inclusiveGateway") and len(element.outgoing) > 1
        if not element.name and (activity or choice):
            message = f"«{element.id}» no tiene nombre."
            yield Problem(process.resource, element.id, message, "Escriba un nombre en el diagrama.", "warning")


RULES = (lane_and_groups_differ, user_task_without_people, element_without_name)
