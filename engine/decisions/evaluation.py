"""One evaluation of a graph of decisions: every decision is made once, under one budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.decisions import model as m
from engine.decisions.errors import DecisionError
from engine.feel import FeelError
from engine.feel.run import Run
from engine.feel.values import Function
from engine.values import DecisionResult, Value

if TYPE_CHECKING:
    from engine.decisions.decisions import Unit

_FRAMES = 6
"""Frames of Python that one decision requiring another takes."""


class Evaluation:
    def __init__(self, run: Run, variables: Mapping[str, Value]) -> None:
        self.run = run
        self.variables = variables
        self.results: dict[int, DecisionResult] = {}
        """By identity of the decision: ids of imported files may clash."""
        self.given: dict[int, Value] = {}
        """Results that a decision service got as arguments."""
        self.under_way: set[int] = set()

    def decision(self, unit: Unit, decision: m.Decision) -> DecisionResult:
        known = self.results.get(id(decision))
        if known is not None:
            return known
        if id(decision) in self.under_way:
            raise DecisionError("cycle", decision_id=decision.id, element_id=decision.id)
        self.under_way.add(id(decision))
        try:
            self.run.enter(_FRAMES)
            result = self._decided(unit, decision)
            self.run.leave(_FRAMES)
        except FeelError as problem:
            raise DecisionError(
                "evaluation", decision_id=decision.id, element_id=decision.id, fault=problem
            ) from problem
        except DecisionError as problem:
            problem.decision_id = problem.decision_id or decision.id
            problem.details["decision_id"] = problem.decision_id
            raise
        finally:
            self.under_way.discard(id(decision))
        self.results[id(decision)] = result
        return result

    def _decided(self, unit: Unit, decision: m.Decision) -> DecisionResult:
        names, required = self._surroundings(unit, decision.requires)
        self.run.types = unit.types.checker
        table = unit.tables.get(decision.id)
        matched: tuple[int, ...] = ()
        if table is not None:
            result = table.decide(self.run, names)
            value, matched, inputs = result.outputs, result.matched, result.inputs
        elif decision.id in unit.codes:
            value = unit.codes[decision.id](self.run, names)
            inputs = self._inputs(unit, decision, names)
        else:
            raise DecisionError("no_logic", decision_id=decision.id, element_id=decision.id)
        value = unit.types.conform(self.run, value, decision.variable.type_name)
        return DecisionResult(decision.id, decision.name, value, inputs, matched, tuple(required))

    def _inputs(self, unit: Unit, decision: m.Decision, names: Mapping[str, Value]) -> dict[str, Value]:
        """The drawn inputs of a decision that is no table."""
        found: dict[str, Value] = {}
        for reference in (*decision.requires.inputs, *decision.requires.decisions):
            element = resolve(unit, reference)
            if element is not None and element[1].variable.name in names:
                found[element[1].variable.name] = names[element[1].variable.name]
        return found

    def _surroundings(self, unit: Unit, requires: m.Requirements) -> tuple[dict[str, Value], list[DecisionResult]]:
        """Names in scope, and the results of the decisions required."""
        names = dict(self.variables)
        required: list[DecisionResult] = []
        for reference in (*requires.inputs, *requires.decisions, *requires.knowledge):
            found = resolve(unit, reference)
            if found is None:
                raise DecisionError("reference", reference=reference)
            place, element, import_name = found
            if isinstance(element, m.InputData):
                if element.variable.name not in names:
                    continue
                value = place.types.conform(self.run, names[element.variable.name], element.variable.type_name)
            else:
                value = self._value(place, element, required)
            if import_name is None:
                names[element.variable.name] = value
            else:
                names[import_name] = {**(names.get(import_name) or {}), element.variable.name: value}
        return names, required

    def _value(self, unit: Unit, element: m.Element, required: list[DecisionResult]) -> Value:
        if id(element) in self.given:
            return self.given[id(element)]
        if isinstance(element, m.Decision):
            result = self.decision(unit, element)
            required.append(result)
            return result.outputs
        if isinstance(element, m.KnowledgeModel):
            return self._function(unit, element)
        return self._service_function(unit, element) if isinstance(element, m.DecisionService) else None

    def _function(self, unit: Unit, model: m.KnowledgeModel) -> Value:
        make = unit.makers.get(model.id)
        if make is None:
            return None
        if id(model) in self.under_way:
            raise DecisionError("cycle", element_id=model.id)
        self.under_way.add(id(model))
        names, _ = self._surroundings(unit, model.requires)
        self.under_way.discard(id(model))
        function: Function = make(names, model.name, model.variable.type_name)
        # A knowledge model may call itself.
        names[model.variable.name] = function
        return function

    def service(self, unit: Unit, service: m.DecisionService) -> Value:
        """The service with its inputs taken from the variables by name."""
        function = self._service_function(unit, service)
        values = [self.variables.get(name) for name in function.parameters]
        return function.call(self.run, values)

    def _service_function(self, unit: Unit, service: m.DecisionService) -> Function:
        """A decision service as a function of its input decisions and input data, in the order of the file."""
        inputs = [resolve(unit, reference) for reference in (*service.inputs, *service.input_decisions)]
        elements = [found[1] for found in inputs if found is not None]
        outputs = [found for reference in service.outputs if (found := resolve(unit, reference)) is not None]

        def call(run: Run, values: list[Value]) -> Value:
            inner = Evaluation(run, dict(self.variables))
            for element, value in zip(elements, values, strict=True):
                conforming = unit.types.conform(run, value, element.variable.type_name)
                if conforming is None and value is not None:
                    return None
                inner.given[id(element)] = conforming
                inner.variables = {**inner.variables, element.variable.name: conforming}
            results = {
                element.variable.name: inner.decision(place, element).outputs
                for place, element, _ in outputs
                if isinstance(element, m.Decision)
            }
            value = next(iter(results.values())) if len(results) == 1 else results
            return unit.types.conform(run, value, service.variable.type_name)

        return Function(tuple(element.variable.name for element in elements), call, service.name)


def resolve(unit: Unit, reference: str) -> tuple[Unit, m.Element, str | None] | None:
    """The element of a reference, its file, and the name of the import through which it is reached."""
    namespace, _, element_id = reference.rpartition("#")
    if not namespace or namespace == unit.definitions.namespace:
        element = unit.definitions.elements.get(element_id)
        return None if element is None else (unit, element, None)
    for name, imported in unit.imports.items():
        if imported.definitions.namespace == namespace and element_id in imported.definitions.elements:
            return imported, imported.definitions.elements[element_id], name
    return None
