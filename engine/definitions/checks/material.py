"""What the rules look at, and how they say what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from engine.decisions.analysis import TRIALS, Analysis, analyse
from engine.decisions.model import Decision, Table
from engine.definitions.model import Element, Model, Process
from engine.definitions.reader import BPMN
from engine.definitions.token_game import Soundness
from engine.feel import Functions
from engine.form_keys import FormKeys
from engine.forms import Form
from engine.values import Finding

ALL_TRIALS = 3 * TRIALS
"""What the decision tables of one bundle may cost together: about a second."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule found; `check` adds the name of the rule."""

    resource: str
    element_id: str | None
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"
    field: str | None = None
    """As in `Finding`."""


@dataclass(frozen=True)
class Material:
    """A bundle, read as far as it can be read, and what the program around it knows."""

    resources: Mapping[str, bytes]
    models: Mapping[str, Model]
    forms: Mapping[str, Form]
    """By resource."""
    decisions: Sequence[tuple[str, Decision]]
    """(resource, decision)"""
    decision_names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Resource → every name that its decisions, inputs and functions introduce."""
    topics: frozenset[str] | None = None
    """Topics that have a handler of service tasks; None: not known, not checked."""
    handlers: frozenset[str] | None = None
    """Names of the handlers of user tasks."""
    functions: Functions | None = None
    gives: Mapping[str, frozenset[str] | None] | None = None
    """Topic → variables that its handler may give, None where it does not say; None: not known, not checked."""
    tasks_give: Mapping[str, frozenset[str] | None] | None = None
    """The same of the handlers of user tasks."""
    form_keys: Mapping[str, FormKeys] = field(default_factory=dict)
    """Handler of a user task → what it reads of its form."""
    given: frozenset[str] = frozenset()
    """Variables that the program gives to processes that it starts."""
    unread: frozenset[str] = field(default_factory=frozenset)
    """Resources that could not be read and have findings already."""

    games: dict[tuple[str, str, str], Soundness | None] = field(default_factory=dict)
    """Played so far, by resource, process and scope."""

    analyses: dict[tuple[str, str], Analysis] = field(default_factory=dict)
    """Of decision tables so far, by resource and decision."""

    def analysis(self, resource: str, id: str, table: Table) -> Analysis:
        """Gaps and overlaps of a table. All tables of the bundle share so many trials; later ones may be left out."""
        if (resource, id) not in self.analyses:
            spent = sum(one.trials for one in self.analyses.values())
            self.analyses[resource, id] = analyse(table, trials=min(TRIALS, max(0, ALL_TRIALS - spent)))
        return self.analyses[resource, id]

    def processes(self) -> Iterator[Process]:
        """Every executable process; the others are drafts, which may be as unfinished as they like."""
        for model in self.models.values():
            yield from (process for process in model.processes.values() if process.executable)

    def elements(self, *kinds: str) -> Iterator[tuple[Process, Element]]:
        """Every element of the executable processes, of these kinds if any are named."""
        for process in self.processes():
            for element in process.elements.values():
                if not kinds or element.kind in kinds:
                    yield process, element

    def nodes(self, *tags: str) -> Iterator[tuple[str, Any, Any]]:
        """(resource, root, XML element) for every BPMN element with one of these tags."""
        for resource, model in self.models.items():
            for node in model.root.iter(*(BPMN + tag for tag in tags)):
                yield resource, model.root, node

    def decision_files(self) -> dict[str, str]:
        """Id of the decision → resource; the first, if there are two."""
        return {decision.id: resource for resource, decision in reversed(self.decisions)}

    def form_ids(self) -> dict[str, str]:
        """Id of the form → resource."""
        return {form.id: resource for resource, form in self.forms.items()}


Rule = Callable[[Material], Iterator[Problem]]
"""One rule: its name, with dashes, is the name in the findings; its docstring says what it demands and why."""


def named(element: Element) -> str:
    """The element as a sentence names it."""
    return f"«{element.name}»" if element.name else f"«{element.id}»"


def rule_name(rule: Rule) -> str:
    return rule.__name__.replace("_", "-")


MOST = 100
"""Findings of one rule; what is more is said in one line."""


def run(rules: tuple[Rule, ...], material: Material) -> Iterator[Finding]:
    for rule in rules:
        name = rule_name(rule)
        problems = list(islice(rule(material), MOST + 1))
        for problem in problems[:MOST]:
            yield Finding(
                problem.resource,
                problem.element_id,
                name,
                problem.message,
                problem.remedy,
                problem.severity,
                problem.field,
            )
        if len(problems) > MOST:
            last = problems[MOST]
            yield Finding(
                last.resource,
                None,
                name,
                f"Hay más de {MOST} hallazgos como los anteriores.",
                "Corrija los primeros y revise de nuevo.",
                last.severity,
            )
