"""Decision tables with every hit policy in its real meaning (DMN 1.5, 8.2.8-11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.decisions import model as m
from engine.decisions.errors import DecisionError
from engine.decisions.item_types import plain
from engine.decisions.logic import Code, LogicCompiler, Names, broken, failed
from engine.feel import FeelError, FeelSyntaxError, format_value
from engine.feel.builtins import BUILTINS
from engine.feel.expression import Expression
from engine.feel.nodes import Literal, Tests
from engine.feel.run import Run
from engine.feel.types import BUILT_IN
from engine.feel.unary import INPUT
from engine.feel.values import equal
from engine.values import Value

Matches = Callable[[Run, Names, Value], bool]
"""The test of a cell: the run, the names in scope with the input as `?`, and the input again."""

_CONSTANT_KINDS = (str, Decimal, type(None))
_FUNCTIONS = {"SUM": "sum", "MIN": "min", "MAX": "max"}


@dataclass(frozen=True, slots=True)
class TableResult:
    outputs: Value
    matched: tuple[int, ...]
    """Numbers of the rules that match, from 1, in table order; for FIRST the one that is used."""
    inputs: dict[str, Value]


class CompiledTable:
    def __init__(self, compiler: LogicCompiler, table: m.Table) -> None:
        self.table = table
        self.types = compiler.types
        self.inputs = [_Column(compiler, column) for column in table.inputs]
        self.rules = [[_cell(compiler, cell) for cell in rule.inputs] for rule in table.rules]
        self.outputs = [[_output(compiler, cell) for cell in rule.outputs] for rule in table.rules]
        self.defaults = [None if o.default is None else compiler.literal(o.default) for o in table.outputs]
        self.priorities = [_priorities(compiler, output) for output in table.outputs]
        if table.hit_policy in ("PRIORITY", "OUTPUT ORDER") and not any(self.priorities):
            compiler.report(DecisionError("priorities", element_id=table.id, policy=table.hit_policy))

    def decide(self, run: Run, names: Names) -> TableResult:
        """Raises DecisionError with the element at fault."""
        values = [column.value(run, names) for column in self.inputs]
        inputs = {column.input.expression.text: value for column, value in zip(self.inputs, values, strict=True)}
        matched = self._matched(run, names, values)
        if not matched:
            return TableResult(self._default(run, names), (), inputs)
        numbers = tuple(index + 1 for index in matched)
        return TableResult(self._hit(run, names, matched), numbers, inputs)

    def _matched(self, run: Run, names: Names, values: list[Value]) -> list[int]:
        first = self.table.hit_policy == "FIRST"
        run.charge(len(values) * (1 + (len(names) >> 4)))
        scopes = [{**names, INPUT: value} for value in values]
        found: list[int] = []
        for index, cells in enumerate(self.rules):
            run.charge(1 + len(cells))
            for cell, scope, value in zip(cells, scopes, values, strict=True):
                if cell is not None and not cell(run, scope, value):
                    break
            else:
                found.append(index)
                if first:
                    break
        return found

    def _hit(self, run: Run, names: Names, matched: list[int]) -> Value:
        policy = self.table.hit_policy
        rules = ", ".join(str(index + 1) for index in matched)
        if policy == "UNIQUE" and len(matched) > 1:
            raise DecisionError("overlap", element_id=self.table.id, rules=rules)
        results = [self._row(run, names, self.outputs[index]) for index in matched]
        if policy in ("UNIQUE", "FIRST"):
            return self._packed(results[0])
        if policy == "ANY":
            for other in results[1:]:
                if equal(run, results[0], other) is not True:
                    raise DecisionError("disagreement", element_id=self.table.id, rules=rules)
            return self._packed(results[0])
        if policy in ("PRIORITY", "OUTPUT ORDER"):
            results.sort(key=lambda row: self._rank(run, names, row))
            return self._packed(results[0]) if policy == "PRIORITY" else [self._packed(row) for row in results]
        if self.table.aggregation is None:
            return [self._packed(row) for row in results]
        return self._aggregated(run, [row[0] for row in results])

    def _row(self, run: Run, names: Names, cells: Sequence[Code]) -> list[Value]:
        return [
            self.types.conform(run, cell(run, names), output.type_name)
            for cell, output in zip(cells, self.table.outputs, strict=True)
        ]

    def _packed(self, row: list[Value]) -> Value:
        """One column: its value; several: a context by the names of the columns."""
        if len(row) == 1:
            return row[0]
        return {output.name or "": value for output, value in zip(self.table.outputs, row, strict=True)}

    def _default(self, run: Run, names: Names) -> Value:
        if not any(self.defaults):
            return None
        return self._packed([None if default is None else default(run, names) for default in self.defaults])

    def _rank(self, run: Run, names: Names, row: list[Value]) -> list[int]:
        return [
            _place(run, value, priority(run, names), self.table.id)
            for value, priority in zip(row, self.priorities, strict=True)
            if priority is not None
        ]

    def _aggregated(self, run: Run, values: list[Value]) -> Value:
        aggregation = self.table.aggregation or ""
        if aggregation == "COUNT":
            return Decimal(len(values))
        result = BUILTINS[_FUNCTIONS[aggregation]].call(run, [values])
        if result is None:
            listed = ", ".join(format_value(value) for value in values)
            raise DecisionError("aggregate", element_id=self.table.id, values=listed, aggregation=aggregation)
        return result


class _Column:
    """One input: its expression, its type and its values."""

    def __init__(self, compiler: LogicCompiler, column: m.Input) -> None:
        self.input = column
        self.types = compiler.types
        self.code = compiler.literal(column.expression)
        allowed = m.Literal(column.id, column.allowed) if column.allowed else None
        tests = None if allowed is None else compiler.expression(allowed, tests=True)
        self.allowed = tests if isinstance(tests, Expression) else None

    def value(self, run: Run, names: Names) -> Value:
        value = self.code(run, names)
        wanted = self.input.type_name
        if value is None or (wanted is None and self.allowed is None):
            return value
        if wanted is not None and plain(wanted) in BUILT_IN:
            conforming = self.types.conform(run, value, wanted)
            if conforming is None:
                raise self._refused("input_type", value, type=plain(wanted))
            value = conforming
        if self.allowed is not None and self.allowed.run(run, {**names, INPUT: value}) is not True:
            raise self._refused("input_value", value, allowed=self.input.allowed)
        return value

    def _refused(self, reason: str, value: Value, **params: Any) -> DecisionError:
        shown = format_value(value) if type(value) is not str else f'"{value}"'
        return DecisionError(reason, element_id=self.input.id, input=self.input.label, value=shown[:200], **params)


def _cell(compiler: LogicCompiler, cell: m.Literal) -> Matches | None:
    """The test of one cell; None for one that always holds. An empty cell is a dash."""
    if not cell.text:
        return None
    expression = compiler.expression(cell, tests=True)
    if isinstance(expression, FeelSyntaxError):
        fails = broken(expression, cell.id)
        return lambda run, names, value: bool(fails(run, names))
    node = expression.node
    if isinstance(node, Tests):
        if not node.tests:
            return None
        quick = _constants(node)
        if quick is not None:
            return quick
    return _tested(expression, cell.id)


def _tested(expression: Expression, element_id: str | None) -> Matches:
    def matches(run: Run, names: Names, value: Value) -> bool:
        try:
            return expression.run(run, names) is True
        except FeelError as problem:
            raise failed(problem, element_id) from problem

    return matches


def _constants(node: Tests) -> Matches | None:
    """Cells such as `"a", "b"` or `not("a")`, which most are, without running an expression."""
    constants: set[tuple[type, Value]] = set()
    for test in node.tests:
        if test.operator is not None or not isinstance(test.operand, Literal):
            return None
        value = test.operand.value
        if type(value) not in _CONSTANT_KINDS:
            return None
        constants.add((type(value), value))
    if not node.negated:
        return lambda run, names, value: type(value) in _CONSTANT_KINDS and (type(value), value) in constants
    kinds = {kind for kind, _ in constants} - {type(None)}

    def unlike(run: Run, names: Names, value: Value) -> bool:
        """A value of another kind is neither equal nor unequal, so `not(…)` does not hold for it."""
        if value is not None and not kinds <= {type(value)}:
            return False
        return type(value) not in _CONSTANT_KINDS or (type(value), value) not in constants

    return unlike


def _output(compiler: LogicCompiler, cell: m.Literal) -> Code:
    return compiler.literal(cell) if cell.text else lambda run, names: None


def _priorities(compiler: LogicCompiler, output: m.Output) -> Code | None:
    """The values of an output in order of priority."""
    if not output.allowed:
        return None
    return compiler.literal(m.Literal(output.id, f"[{output.allowed}]"))


def _place(run: Run, value: Value, order: list[Value], element_id: str | None) -> int:
    for place, known in enumerate(order):
        if equal(run, value, known) is True:
            return place
    raise DecisionError("priority_value", element_id=element_id, value=format_value(value))
