"""Boxed expressions, compiled: each becomes a function of the evaluation and the names in scope."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.decisions import model as m
from engine.decisions.errors import DecisionError
from engine.feel import FeelError, FeelSyntaxError
from engine.feel.calls import invoke
from engine.feel.expression import Expression, Functions, parse, parse_unary_tests
from engine.feel.loops import iterable
from engine.feel.run import Run
from engine.feel.values import Function, as_list
from engine.values import Value

if TYPE_CHECKING:
    from engine.decisions.item_types import Types

Names = Mapping[str, Value]
Code = Callable[[Run, Names], Value]

_WORDS = re.compile(r"[^\W\d_][\w.,;¿?¡!-]*(\s+[\w.,;¿?¡!-]+)+")
"""Several words: a text whose quotes were left out."""
_FRAMES = 8
"""Frames of Python that one boxed expression inside another takes."""


class LogicCompiler:
    """Compiles the logic of one file; collects what is wrong instead of stopping at the first fault."""

    def __init__(
        self,
        functions: Functions,
        names: frozenset[str],
        types: Types,
        report: Callable[[DecisionError], None],
    ) -> None:
        self.functions = functions
        self.names = names
        self.types = types
        self.report = report

    def code(self, logic: m.Logic) -> Code:
        code = _COMPILERS[type(logic)](self, logic)
        return code if isinstance(logic, m.Literal) else self.conforming(code, logic.type_name)

    def expression(self, literal: m.Literal, *, tests: bool = False) -> Expression | FeelSyntaxError:
        """The parsed text, or what is wrong with it, which is reported."""
        read = parse_unary_tests if tests else parse
        try:
            expression = read(literal.text, functions=self.functions, names=self.names)
        except FeelSyntaxError as problem:
            words = _WORDS.fullmatch(literal.text.strip()) and problem.reason == "left_over"
            reason = {"text": literal.text.strip()} if words else {"fault": problem}
            self.report(DecisionError("words" if words else "syntax", element_id=literal.id, **reason))
            return problem
        for name in sorted(expression.functions - self.functions.names):
            self.report(DecisionError("unknown_function", element_id=literal.id, name=name))
        for function, text in expression.strange:
            self.report(DecisionError("unknown_argument", element_id=literal.id, name=function, text=text))
        return expression

    def literal(self, literal: m.Literal) -> Code:
        expression = self.expression(literal)
        if isinstance(expression, FeelSyntaxError):
            return broken(expression, literal.id)
        return self.conforming(running(expression, literal.id), literal.type_name)

    def conforming(self, code: Code, type_name: str | None) -> Code:
        """What gives values of a type, or null."""
        if type_name is None or type_name == "Any":
            return code
        types = self.types
        return lambda run, names: types.conform(run, code(run, names), type_name)


def running(expression: Expression, element_id: str | None) -> Code:
    """An expression whose failure names its element."""

    def code(run: Run, names: Names) -> Value:
        try:
            return expression.run(run, names)
        except FeelError as problem:
            raise failed(problem, element_id) from problem

    return code


def failed(problem: FeelError, element_id: str | None) -> DecisionError:
    return DecisionError("evaluation", element_id=element_id, fault=problem)


def broken(fault: FeelSyntaxError, element_id: str | None) -> Code:
    """What runs in place of a text that cannot be read: it may be that nothing ever reaches it."""

    def code(run: Run, names: Names) -> Value:
        raise DecisionError("syntax", element_id=element_id, fault=fault)

    return code


def _literal(compiler: LogicCompiler, logic: m.Literal) -> Code:
    return compiler.literal(logic)


def _table(compiler: LogicCompiler, logic: m.Table) -> Code:
    from engine.decisions.table import CompiledTable

    table = CompiledTable(compiler, logic)
    return lambda run, names: table.decide(run, names).outputs


def _context(compiler: LogicCompiler, logic: m.Context) -> Code:
    """Entries see those before them; a last one without a name is the result."""
    entries = [(entry.variable, compiler.code(entry.logic)) for entry in logic.entries]
    types = compiler.types

    def code(run: Run, names: Names) -> Value:
        inner = dict(names)
        context: dict[str, Value] = {}
        for variable, value_of in entries:
            value = value_of(run, inner)
            if variable is None or not variable.name:
                return value
            context[variable.name] = inner[variable.name] = types.conform(run, value, variable.type_name)
        return context

    return _nested(code)


def _invocation(compiler: LogicCompiler, logic: m.Invocation) -> Code:
    function_of = compiler.code(logic.function)
    bindings = [(variable.name, compiler.code(value)) for variable, value in logic.bindings]
    parameters = tuple(name for name, _ in bindings)

    def code(run: Run, names: Names) -> Value:
        function = function_of(run, names)
        if type(function) is not Function:
            return None
        return invoke(run, function, [value(run, names) for _, value in bindings], parameters)

    return _nested(code)


def _list(compiler: LogicCompiler, logic: m.BoxedList) -> Code:
    items = [compiler.code(item) for item in logic.items]
    return _nested(lambda run, names: [item(run, names) for item in items])


def _relation(compiler: LogicCompiler, logic: m.Relation) -> Code:
    rows = [[(name, compiler.code(cell)) for name, cell in zip(logic.columns, row, strict=True)] for row in logic.rows]
    return _nested(lambda run, names: [{name: cell(run, names) for name, cell in row} for row in rows])


def _function(compiler: LogicCompiler, logic: m.FunctionLogic) -> Code:
    """A closure over the names where it stands."""
    make = function_maker(compiler, logic)
    return lambda run, names: make(names, "", None)


def function_maker(compiler: LogicCompiler, logic: m.FunctionLogic) -> Callable[[Names, str, str | None], Function]:
    """Makes the function for given surroundings, name and type of the result."""
    parameters = tuple(variable.name for variable in logic.parameters)
    types = compiler.types
    body = None if logic.body is None else compiler.code(logic.body)
    if body is None:
        compiler.report(DecisionError("no_body", element_id=logic.id))

    def make(names: Names, name: str, result_type: str | None) -> Function:
        def call(run: Run, values: list[Value]) -> Value:
            if body is None:
                return None
            run.charge(5 + len(names) // 8)
            run.enter(_FRAMES)
            inner = dict(names)
            for variable, value in zip(logic.parameters, values, strict=True):
                inner[variable.name] = types.conform(run, value, variable.type_name)
                if inner[variable.name] is None and value is not None:
                    # A function is not called with an argument of another type (DMN 1.5, 10.3.2.9.4).
                    run.leave(_FRAMES)
                    return None
            result = types.conform(run, body(run, inner), result_type)
            run.leave(_FRAMES)
            return result

        return Function(parameters, call, name)

    return make


def _conditional(compiler: LogicCompiler, logic: m.Conditional) -> Code:
    condition, then, otherwise = (compiler.code(part) for part in (logic.condition, logic.then, logic.otherwise))
    return _nested(lambda run, names: then(run, names) if condition(run, names) is True else otherwise(run, names))


def _loop(compiler: LogicCompiler, logic: m.Loop) -> Code:
    source, body = compiler.code(logic.source), compiler.code(logic.body)
    variable, deciding = logic.variable, logic.kind == "some"

    def rounds(run: Run, names: Names) -> list[Value] | None:
        values = iterable(run, source(run, names))
        if values is None:
            return None
        results: list[Value] = []
        inner = dict(names)
        for value in values:
            run.charge_items(len(results) >> 6)
            if len(results) >= run.limits.items:
                raise failed(FeelError("items", limit=run.limits.items), logic.id)
            inner[variable] = value
            inner["partial"] = results
            results.append(body(run, dict(inner)))
        return results

    def quantified(run: Run, names: Names) -> Value:
        results = rounds(run, names)
        if results is None or deciding in [item for item in results if type(item) is bool]:
            return None if results is None else deciding
        return not deciding if all(type(item) is bool for item in results) else None

    return _nested(rounds if logic.kind == "for" else quantified)


def _filter(compiler: LogicCompiler, logic: m.BoxedFilter) -> Code:
    source, condition = compiler.code(logic.source), compiler.code(logic.condition)

    def code(run: Run, names: Names) -> Value:
        chosen: list[Value] = []
        for item in as_list(source(run, names)):
            run.charge(3 + len(names) // 8)
            inner: dict[str, Any] = {**names, "item": item}
            if type(item) is dict:
                inner |= item
            if condition(run, inner) is True:
                chosen.append(item)
        return chosen

    return _nested(code)


def _nested(code: Code) -> Code:
    """Pay for the frames, so that a function that calls itself ends in time."""

    def inner(run: Run, names: Names) -> Value:
        run.charge(2 + len(names) // 8)
        run.enter(_FRAMES)
        value = code(run, names)
        run.leave(_FRAMES)
        return value

    return inner


_COMPILERS: dict[type[m.Logic], Callable[[LogicCompiler, Any], Code]] = {
    m.Literal: _literal,
    m.Table: _table,
    m.Context: _context,
    m.Invocation: _invocation,
    m.BoxedList: _list,
    m.Relation: _relation,
    m.FunctionLogic: _function,
    m.Conditional: _conditional,
    m.Loop: _loop,
    m.BoxedFilter: _filter,
}
