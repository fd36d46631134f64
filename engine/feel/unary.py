"""Unary tests and the operator `in` (DMN 1.5, 7.3.15 and table 55)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.feel import nodes as n
from engine.feel.run import Run, Scope
from engine.feel.values import Range, compare, equal, within
from engine.values import Value

if TYPE_CHECKING:
    from engine.feel.compiler import Compiler, Part

INPUT = "?"
"""The name of the tested value inside a test."""

Holds = Callable[[Scope, Value], bool | None]

_ORDERS = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (1, 0)}


def is_in(compiler: Compiler, node: n.In) -> Part:
    value = compiler.part(node.value)
    value_of = value.code
    found = [_test(compiler, test) for test in node.tests]
    tests = tuple(holds for holds, _ in found)

    def code(scope: Scope) -> Value:
        candidate = value_of(scope)
        return _any(tests, Scope(scope.run, {INPUT: candidate}, scope), candidate)

    return compiler.made(code, value, *(part for _, part in found))


def tests(compiler: Compiler, node: n.Tests) -> Part:
    found = [_test(compiler, test) for test in node.tests]
    holders = tuple(holds for holds, _ in found)
    negated, always = node.negated, not node.tests
    compiler.lookups.add(INPUT)

    def code(scope: Scope) -> Value:
        if always:
            return True
        verdict = _any(holders, scope, _input(scope))
        if negated:
            return None if verdict is None else not verdict
        return verdict

    return compiler.made(code, *(part for _, part in found))


def _input(scope: Scope) -> Value:
    here: Scope | None = scope
    while here is not None:
        if INPUT in here.names:
            return here.names[INPUT]
        here = here.outer
    return None


def lone_test(compiler: Compiler, node: n.Test) -> Part:
    """`(!= 5)` as a value has no meaning outside a test; it gives null."""
    operand = compiler.part(node.operand)
    return compiler.made(lambda scope: None, operand)


def _any(tests: tuple[Holds, ...], scope: Scope, value: Value) -> bool | None:
    unknown = False
    for holds in tests:
        verdict = holds(scope, value)
        if verdict:
            return True
        unknown = unknown or verdict is None
    return None if unknown else False


def _test(compiler: Compiler, node: n.Test) -> tuple[Holds, Part]:
    uses_input = mentions_input(node.operand)
    operand = compiler.part(node.operand)
    operand_of, operator = operand.code, node.operator
    if operator is None:
        if uses_input:
            return (lambda scope, value: _truth(operand_of(scope))), operand
        if isinstance(node.operand, n.Range):
            return (lambda scope, value: _in_range(scope.run, value, operand_of(scope))), operand
        if isinstance(node.operand, n.Literal):
            return (lambda scope, value: equal(scope.run, value, operand_of(scope))), operand
        return (lambda scope, value: matches(scope.run, value, operand_of(scope))), operand
    if operator in ("=", "!="):
        wanted = operator == "="

        def same(scope: Scope, value: Value) -> bool | None:
            verdict = equal(scope.run, value, operand_of(scope))
            return None if verdict is None else verdict is wanted

        return same, operand
    orders = _ORDERS[operator]

    def ordered(scope: Scope, value: Value) -> bool | None:
        order = compare(scope.run, value, operand_of(scope))
        return None if order is None else order in orders

    return ordered, operand


def _truth(value: Value) -> bool | None:
    return value if type(value) is bool else None


def _in_range(run: Run, value: Value, interval: Value) -> bool | None:
    return None if interval is None else within(run, value, interval)


def matches(run: Run, value: Value, candidate: Value) -> bool | None:
    """Whether the value equals the candidate, lies in it (a range) or is one of its elements (a list).

    A candidate that is true counts as a test of its own that holds, unless the value is a boolean to compare with.
    """
    if type(candidate) is Range:
        return within(run, value, candidate)
    if type(candidate) is list:
        if type(value) is list and equal(run, value, candidate):
            return True
        run.charge(len(candidate))
        return any(
            bool(within(run, value, item) if type(item) is Range else equal(run, value, item)) for item in candidate
        )
    if candidate is True and type(value) is not bool:
        return True
    return equal(run, value, candidate)


def mentions_input(node: object) -> bool:
    """Whether `?` stands in this part of the tree (not as the input of a test inside it)."""
    if isinstance(node, n.Name):
        return node.name == INPUT
    if isinstance(node, tuple):
        return any(mentions_input(item) for item in node)
    if isinstance(node, (n.Node, n.Iterator)):
        return any(mentions_input(getattr(node, field)) for field in node.__slots__)
    return False
