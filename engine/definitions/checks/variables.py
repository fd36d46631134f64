"""Rules about the names that expressions use: each comes from somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from difflib import get_close_matches

from engine.definitions.checks.expressions import texts
from engine.definitions.checks.material import Material, Problem
from engine.definitions.model import Element, Process
from engine.feel import FeelSyntaxError, parse
from engine.handler import FORM

LOOP = (
    "loopCounter",
    "numberOfInstances",
    "numberOfActiveInstances",
    "numberOfCompletedInstances",
    "numberOfTerminatedInstances",
)
"""What every multi-instance activity gives."""


def unknown_variable(material: Material) -> Iterator[Problem]:
    """A name that no form, handler, mapping, decision or loop of the process gives, or of one that it calls or that
    calls it, is most likely a slip.

    A warning: it may come with a message, or from whoever starts the process.
    """
    for family in families(list(material.processes())):
        known = _given(material, family)
        if known is not None:
            yield from _unknown(family, known)


def everything_given(material: Material) -> set[str] | None:
    """Every variable of every process; None when something gives variables without saying which."""
    known: set[str] = set()
    for family in families(list(material.processes())):
        given = _given(material, family)
        if given is None:
            return None
        known |= given
    return known if material.gives is not None and material.tasks_give is not None else None


def families(processes: Sequence[Process]) -> list[list[Process]]:
    """Processes that call each other, directly or through others, share their variables."""
    found: list[list[Process]] = []
    for process in processes:
        called = {element.called_process for element in process.elements.values()}
        mine = [one for one in found if any(_calls(other, process.id) or other.id in called for other in one)]
        found = [one for one in found if one not in mine] + [[process, *(other for one in mine for other in one)]]
    return found


def _calls(process: Process, key: str) -> bool:
    return any(element.called_process == key for element in process.elements.values())


def _unknown(family: Sequence[Process], known: set[str]) -> Iterator[Problem]:
    for process in sorted(family, key=lambda one: one.resource):
        for text in texts(process):
            for name in sorted(_names(text.text) - known):
                near = get_close_matches(name, known, 1)
                remedy = f"¿Quiso decir «{near[0]}»?" if near else "Elija un nombre de los que ofrece el editor."
                message = f"{text.what} usa «{name}», que nada en el proceso da."
                more = " Si llega con un mensaje, escríbala en las salidas del evento."
                yield Problem(text.resource, text.element_id, message, remedy + more, "warning", text.field)


def _names(text: str) -> frozenset[str]:
    if not text.startswith("="):
        return frozenset()
    try:
        return parse(text[1:]).names
    except FeelSyntaxError:
        return frozenset()


def _given(material: Material, family: Sequence[Process]) -> set[str] | None:
    """Every variable of these processes; None when something gives variables without saying which."""
    gives, tasks_give = material.gives, material.tasks_give
    if gives is None or tasks_give is None:
        return None
    forms = {form.id: {path.partition(".")[0] for path, _ in form.fields()} for form in material.forms.values()}
    known = set(material.given)
    for element in (element for process in family for element in process.elements.values()):
        known |= {mapping.target.partition(".")[0] for mapping in (*element.inputs, *element.outputs)}
        known |= _results(element)
        if element.outputs:
            continue
        # What handler or form give; a handler that is not there has a finding of its own.
        given: Set[str] | None
        if element.handler is not None:
            given = tasks_give.get(element.handler, frozenset())
            if given is not None and FORM in given:
                given = (given - {FORM}) | forms.get(element.form_id or "", set())
        elif element.topic is not None:
            given = gives.get(element.topic, frozenset())
        else:
            given = forms.get(element.form_id or "", set())
        if given is None:
            return None
        known |= given
    return known


def _results(element: Element) -> set[str]:
    found = {element.result_variable} if element.result_variable else set()
    if element.loop is not None:
        found |= {*LOOP, element.loop.element_variable or "", element.loop.output_collection or ""}
    return found


RULES = (unknown_variable,)
