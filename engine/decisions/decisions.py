"""The decisions of one or more DMN files, compiled once and then decided any number of times.

A decision sees the variables given, the results of the decisions it requires, and the functions of the knowledge
models and decision services it requires. Variables that the diagram does not draw are visible all the same, as
analysts expect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from engine.decisions import model as m
from engine.decisions.errors import DecisionError
from engine.decisions.evaluation import Evaluation, resolve
from engine.decisions.item_types import Types
from engine.decisions.logic import Code, LogicCompiler, function_maker
from engine.decisions.reader import read
from engine.decisions.table import CompiledTable
from engine.feel import FeelError, Functions, Limits
from engine.feel.expression import NO_FUNCTIONS
from engine.feel.run import Run
from engine.feel.values import admitted
from engine.values import DecisionResult, Value

LIMITS = Limits(steps=400_000)
"""A whole graph of decisions may take twice what one expression may."""


class Unit:
    """One file with everything compiled."""

    def __init__(self, definitions: m.Definitions, functions: Functions, names: frozenset[str], findings: Findings):
        self.definitions = definitions
        self.types = Types(definitions, lambda name, problem: findings.append(("", name, problem)), names)
        self.imports: dict[str, Unit] = {}
        self.tables: dict[str, CompiledTable] = {}
        self.codes: dict[str, Code] = {}
        self.makers: dict[str, Any] = {}
        for element in definitions.elements.values():
            self._compile(element, functions, names, findings)

    def _compile(self, element: m.Element, functions: Functions, names: frozenset[str], findings: Findings) -> None:
        def report(fault: DecisionError) -> None:
            findings.append((element.id, fault.element_id or element.id, fault.spanish))

        compiler = LogicCompiler(functions, names, self.types, report)
        if isinstance(element, m.Decision):
            if element.logic is None:
                report(DecisionError("no_logic"))
            elif isinstance(element.logic, m.Table):
                self.tables[element.id] = CompiledTable(compiler, element.logic)
            else:
                self.codes[element.id] = compiler.code(element.logic)
        elif isinstance(element, m.KnowledgeModel):
            if element.logic is None:
                report(DecisionError("no_body"))
            else:
                self.makers[element.id] = function_maker(compiler, element.logic)


Findings = list[tuple[str, str, str]]


class Decisions:
    """All decisions of a bundle. Immutable after `parse`; shared between threads."""

    def __init__(self, units: list[Unit], findings: Findings) -> None:
        self.findings: tuple[tuple[str, str, str], ...] = tuple(findings)
        """(decision id, element id, message in Spanish) of everything that will fail when it is reached."""
        self.units = units
        self.names = frozenset().union(*(_names(unit.definitions) for unit in units)) if units else frozenset()
        """Every name that the files introduce anywhere."""
        self._decisions = {
            element.id: (unit, element)
            for unit in units
            for element in unit.definitions.elements.values()
            if isinstance(element, m.Decision)
        }
        self._services = {
            element.id: (unit, element)
            for unit in units
            for element in unit.definitions.elements.values()
            if isinstance(element, m.DecisionService)
        }

    @classmethod
    def parse(cls, sources: bytes | Iterable[bytes], *, functions: Functions | None = None) -> Decisions:
        """Read one or more DMN files. Raises DecisionError for one that is not readable; faults inside single
        expressions are `findings`, and DecisionErrors when they are reached."""
        files = [read(data) for data in ([sources] if isinstance(sources, bytes) else sources)]
        names = frozenset().union(*(_names(definitions) for definitions in files)) if files else frozenset()
        findings: Findings = []
        units = [Unit(definitions, functions or NO_FUNCTIONS, names, findings) for definitions in files]
        _connect(units)
        decisions = cls(units, findings)
        decisions.findings += tuple(decisions._graph_findings())
        return decisions

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the decisions, in the order of the files."""
        return tuple(self._decisions)

    def decision(self, decision_id: str) -> m.Decision:
        """What is drawn and written. Raises DecisionError."""
        return self._found(decision_id)[1]

    def decide(
        self,
        decision_id: str,
        variables: Mapping[str, Value],
        *,
        context: Any = None,
        now: datetime | None = None,
        limits: Limits = LIMITS,
    ) -> DecisionResult:
        """Decide, with everything that the decision requires. No rule matching gives the default outputs, else None.

        Raises DecisionError: overlapping rules of UNIQUE, contradicting ones of ANY, inputs outside their type or
        values, a broken expression, or a spent budget.
        """
        unit, decision = self._found(decision_id)
        evaluation = Evaluation(Run(limits, context, now), self._admitted(variables))
        try:
            return evaluation.decision(unit, decision)
        except RecursionError:
            raise DecisionError("evaluation", decision_id=decision_id, fault=FeelError("depth")) from None

    def invoke_service(self, service_id: str, variables: Mapping[str, Value], *, now: datetime | None = None) -> Value:
        """The outputs of a decision service: a value, or a context when it has several. Raises DecisionError."""
        if service_id not in self._services:
            raise DecisionError("not_found", id=service_id)
        unit, service = self._services[service_id]
        return Evaluation(Run(LIMITS, None, now), self._admitted(variables)).service(unit, service)

    def _admitted(self, variables: Mapping[str, Value]) -> dict[str, Value]:
        return {name: admitted(value) for name, value in variables.items()}

    def _found(self, decision_id: str) -> tuple[Unit, m.Decision]:
        found = self._decisions.get(decision_id)
        if found is None:
            raise DecisionError("not_found", decision_id=decision_id, id=decision_id)
        return found

    def _graph_findings(self) -> Iterable[tuple[str, str, str]]:
        """References that lead nowhere, and decisions that require themselves."""
        for unit, decision in self._decisions.values():
            requires = decision.requires
            for reference in (*requires.inputs, *requires.decisions, *requires.knowledge):
                if resolve(unit, reference) is None:
                    yield decision.id, decision.id, DecisionError("reference", reference=reference).spanish
            if _requires_itself(unit, decision):
                yield decision.id, decision.id, DecisionError("cycle").spanish


def _requires_itself(unit: Unit, decision: m.Decision) -> bool:
    seen: set[str] = set()
    waiting: list[tuple[Unit, m.Decision]] = [(unit, decision)]
    while waiting:
        place, current = waiting.pop()
        for reference in current.requires.decisions:
            found = resolve(place, reference)
            if found is None or not isinstance(found[1], m.Decision):
                continue
            if found[1] is decision:
                return True
            if found[1].id not in seen:
                seen.add(found[1].id)
                waiting.append((found[0], found[1]))
    return False


def _connect(units: list[Unit]) -> None:
    """Join the files by their imports; an id may occur once among all decisions."""
    by_namespace = {unit.definitions.namespace: unit for unit in units}
    for unit in units:
        for name, namespace in unit.definitions.imports.items():
            imported = by_namespace.get(namespace)
            if imported is not None and imported is not unit:
                unit.imports[name] = imported
                unit.types.imported[name] = imported.types
    seen: set[str] = set()
    for unit in units:
        for element in unit.definitions.elements.values():
            if isinstance(element, m.Decision):
                if element.id in seen:
                    raise DecisionError("duplicate_id", element_id=element.id, id=element.id)
                seen.add(element.id)


def _names(item: Any) -> frozenset[str]:
    """Every name that the file introduces anywhere, so that those with blanks are read as one."""
    found: set[str] = set()
    stack = [item]
    while stack:
        part = stack.pop()
        if isinstance(part, (m.Variable, m.ItemDefinition)):
            found.add(part.name)
        elif isinstance(part, m.Definitions):
            found.update(part.imports)
        elif isinstance(part, m.Relation):
            found.update(part.columns)
        elif isinstance(part, m.Loop):
            found.add(part.variable)
        elif isinstance(part, m.Output) and part.name:
            found.add(part.name)
        if isinstance(part, (tuple, list)):
            stack.extend(part)
        elif isinstance(part, Mapping):
            stack.extend(part.values())
        elif is_dataclass(part):
            stack.extend(getattr(part, field.name) for field in fields(part))
    return frozenset(found - {""})
