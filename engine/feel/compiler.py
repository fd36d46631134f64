"""Turns the tree of one expression into nested Python closures: parsed once, evaluated in microseconds.

Every part knows its cost (how many parts run when it runs once) and its depth (how many frames it needs), which loops
and functions charge before they run their body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel import calls, loops, unary
from engine.feel import nodes as n
from engine.feel.arithmetic import OPERATORS, negate
from engine.feel.properties import property_of
from engine.feel.run import MISSING, Code, Scope, find
from engine.feel.types import is_instance
from engine.feel.values import Function, Range, compare, equal
from engine.values import Value


@dataclass(frozen=True, slots=True)
class Part:
    code: Code
    cost: int
    depth: int


class Compiler:
    """Compiles one expression, and notes which variables and functions it needs."""

    def __init__(
        self,
        builtins: Mapping[str, Function],
        functions: Mapping[str, Function],
        declared: frozenset[str],
        source: str = "",
    ) -> None:
        """`functions`: the firm's; `declared`: names that hide a built-in of the same name."""
        self.source = source
        self.builtins = builtins
        self.functions = functions
        self.bound: list[str] = []
        self.declared = declared
        self.names: set[str] = set()
        self.lookups: set[str] = set()
        """As `names`, with those that inside a filter may mean an entry of the item."""
        self.called: set[str] = set()
        self.strange: list[tuple[str, str]] = []
        """Function, text that it does not take."""
        self.in_filter = 0

    def part(self, node: n.Node) -> Part:
        return _PARTS[type(node)](self, node)

    def made(self, code: Code, *parts: Part, cost: int = 1) -> Part:
        return Part(code, cost + sum(part.cost for part in parts), 1 + max((part.depth for part in parts), default=0))

    def note_name(self, name: str) -> None:
        if name not in self.bound:
            self.lookups.add(name)
            if not self.in_filter:
                self.names.add(name)

    def hides(self, name: str) -> bool:
        """Whether a name of the expression or its surroundings hides the built-in of that name."""
        return name in self.bound or name in self.declared


def _literal(compiler: Compiler, node: n.Literal) -> Part:
    value = node.value
    return Part(lambda scope: value, 1, 1)


def _name(compiler: Compiler, node: n.Name) -> Part:
    name = node.name
    if "." in name:
        return _dotted(compiler, name)
    compiler.note_name(name)

    def code(scope: Scope) -> Value:
        if name in scope.names:
            return scope.names[name]
        here = scope.outer
        while here is not None:
            if name in here.names:
                return here.names[name]
            here = here.outer
        return None

    return Part(code, 1, 1)


def _dotted(compiler: Compiler, name: str) -> Part:
    """A name of the model with a dot in it, e.g. of a parameter `Person.Age`; elsewhere the same text is a path."""
    first, *rest = name.split(".")
    path: n.Node = n.Name(first)
    for entry in rest:
        path = n.Path(path, entry)
    compiler.note_name(name)
    part = compiler.part(path)
    value_of = part.code

    def code(scope: Scope) -> Value:
        value = find(scope, name)
        return value_of(scope) if value is MISSING else value

    return compiler.made(code, part)


def _path(compiler: Compiler, node: n.Path) -> Part:
    source, name = compiler.part(node.source), node.name
    value_of = source.code

    def code(scope: Scope) -> Value:
        value = value_of(scope)
        if type(value) is dict:
            return value.get(name)
        return property_of(scope.run, value, name)

    return compiler.made(code, source)


def _binary(compiler: Compiler, node: n.Binary) -> Part:
    left, right = compiler.part(node.left), compiler.part(node.right)
    return compiler.made(_BINARY.get(node.operator, _arithmetic)(node.operator, left.code, right.code), left, right)


def _arithmetic(operator: str, left: Code, right: Code) -> Code:
    operate = OPERATORS[operator]
    return lambda scope: operate(scope.run, left(scope), right(scope))


def _equals(operator: str, left: Code, right: Code) -> Code:
    def code(scope: Scope) -> Value:
        one, other = left(scope), right(scope)
        kind = type(one)
        if kind is type(other) and (kind is Decimal or kind is bool or (kind is str and len(one) < 1_000)):
            return one == other
        return equal(scope.run, one, other)

    return code


def _differs(operator: str, left: Code, right: Code) -> Code:
    def code(scope: Scope) -> Value:
        same = equal(scope.run, left(scope), right(scope))
        return None if same is None else not same

    return code


def _ordered(operator: str, left: Code, right: Code) -> Code:
    wanted = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (1, 0)}[operator]

    def code(scope: Scope) -> Value:
        order = compare(scope.run, left(scope), right(scope))
        return None if order is None else order in wanted

    return code


_BINARY: dict[str, Callable[[str, Code, Code], Code]] = {
    "=": _equals,
    "!=": _differs,
    "<": _ordered,
    "<=": _ordered,
    ">": _ordered,
    ">=": _ordered,
}


def _logic(compiler: Compiler, node: n.Logic) -> Part:
    """Three-valued (DMN 1.5, table 49): one deciding operand is enough, else what is no boolean makes null."""
    parts = [compiler.part(part) for part in node.parts]
    codes = tuple(part.code for part in parts)
    deciding = node.operator == "or"

    def code(scope: Scope) -> Value:
        unknown = False
        for operand in codes:
            value = operand(scope)
            if value is deciding:
                return deciding
            if type(value) is not bool:
                unknown = True
        return None if unknown else not deciding

    return compiler.made(code, *parts)


def _negate(compiler: Compiler, node: n.Negate) -> Part:
    operand = compiler.part(node.operand)
    value_of = operand.code
    return compiler.made(lambda scope: negate(value_of(scope)), operand)


def _if(compiler: Compiler, node: n.If) -> Part:
    condition, then, otherwise = (compiler.part(part) for part in (node.condition, node.then, node.otherwise))
    holds, yes, no = condition.code, then.code, otherwise.code
    return compiler.made(lambda scope: yes(scope) if holds(scope) is True else no(scope), condition, then, otherwise)


def _between(compiler: Compiler, node: n.Between) -> Part:
    parts = [compiler.part(part) for part in (node.value, node.low, node.high)]
    value_of, low_of, high_of = (part.code for part in parts)

    def code(scope: Scope) -> Value:
        value = value_of(scope)
        low, high = compare(scope.run, value, low_of(scope)), compare(scope.run, value, high_of(scope))
        if low == -1 or high == 1:
            return False
        return None if low is None or high is None else True

    return compiler.made(code, *parts)


def _range(compiler: Compiler, node: n.Range) -> Part:
    absent = Part(lambda scope: None, 0, 0)
    low = compiler.part(node.low) if node.low is not None else absent
    high = compiler.part(node.high) if node.high is not None else absent
    low_of, high_of = low.code, high.code
    low_included, high_included = node.low_included, node.high_included
    point = node.low is not None and node.low is node.high
    closed = node.low is not None and node.high is not None

    def code(scope: Scope) -> Value:
        first = low_of(scope)
        last = first if point else high_of(scope)
        if closed and not point and (compare(scope.run, first, last) or 0) > 0:
            return None
        if closed and not point and first is not None and last is not None and compare(scope.run, first, last) is None:
            return None
        if (first is None and (closed or last is None)) or (last is None and closed and not point):
            return None
        return Range(first, last, low_included and first is not None, high_included and last is not None)

    return compiler.made(code, low, high)


def _instance_of(compiler: Compiler, node: n.InstanceOf) -> Part:
    operand, wanted = compiler.part(node.value), node.type
    value_of = operand.code
    return compiler.made(lambda scope: is_instance(scope.run, value_of(scope), wanted), operand)


def _list(compiler: Compiler, node: n.ListLiteral) -> Part:
    parts = [compiler.part(item) for item in node.items]
    codes = tuple(part.code for part in parts)
    return compiler.made(lambda scope: [code(scope) for code in codes], *parts, cost=2)


def _context(compiler: Compiler, node: n.ContextLiteral) -> Part:
    """Each entry sees those before it. The entries' dict is their scope, so a function in it can call itself."""
    known = len(compiler.bound)
    parts: list[Part] = []
    for key, value in node.entries:
        if isinstance(value, n.FunctionDefinition):
            compiler.bound.append(key)
            parts.append(compiler.part(value))
        else:
            parts.append(compiler.part(value))
            compiler.bound.append(key)
    del compiler.bound[known:]
    entries = tuple((key, part.code) for (key, _), part in zip(node.entries, parts, strict=True))

    def code(scope: Scope) -> Value:
        context: dict[str, Value] = {}
        inner = Scope(scope.run, context, scope)
        for key, value_of in entries:
            context[key] = value_of(inner)
        return context

    return compiler.made(code, *parts, cost=4)


_PARTS: dict[type[n.Node], Callable[[Compiler, Any], Part]] = {
    n.Literal: _literal,
    n.Name: _name,
    n.Path: _path,
    n.Binary: _binary,
    n.Logic: _logic,
    n.Negate: _negate,
    n.If: _if,
    n.Between: _between,
    n.Range: _range,
    n.InstanceOf: _instance_of,
    n.ListLiteral: _list,
    n.ContextLiteral: _context,
    n.Filter: loops.filtered,
    n.For: loops.iterated,
    n.Quantified: loops.quantified,
    n.Call: calls.call,
    n.FunctionDefinition: calls.definition,
    n.Test: unary.lone_test,
    n.Tests: unary.tests,
    n.In: unary.is_in,
}
