"""Filters, `for`, `some` and `every`. Each round is charged before it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.feel import nodes as n
from engine.feel.errors import FeelError
from engine.feel.numbers import whole
from engine.feel.run import Code, Run, Scope
from engine.feel.values import Range, as_list
from engine.values import Value

if TYPE_CHECKING:
    from engine.feel.compiler import Compiler, Part

_DAY = timedelta(days=1)


def filtered(compiler: Compiler, node: n.Filter) -> Part:
    """`list[condition]` or `list[index]`, counted from 1, from the end when negative (DMN 1.5, 10.3.2.5)."""
    source = compiler.part(node.source)
    compiler.in_filter += 1
    compiler.bound.append("item")
    condition = compiler.part(node.condition)
    compiler.bound.pop()
    compiler.in_filter -= 1
    list_of, holds, cost = source.code, condition.code, condition.cost + 1

    def code(scope: Scope) -> Value:
        value = list_of(scope)
        items = as_list(value)
        run = scope.run
        chosen: list[Value] = []
        if not items:
            return None if _is_index(node.condition, holds, scope) else chosen
        for index, item in enumerate(items):
            run.charge(cost)
            inner = Scope(run, {"item": item}, scope)
            if type(item) is dict:
                inner = Scope(run, item, inner)
            verdict = holds(inner)
            if verdict is True:
                chosen.append(item)
            elif index == 0 and type(verdict) is Decimal:
                return _at(items, verdict)
        return chosen

    return compiler.made(code, source, condition)


def _is_index(condition: n.Node, holds: Code, scope: Scope) -> bool:
    return isinstance(condition, n.Literal) and type(condition.value) is Decimal


def _at(items: list[Value], index: Decimal) -> Value:
    place = whole(index)
    if place is None or place == 0 or abs(place) > len(items):
        return None
    return items[place - 1] if place > 0 else items[place]


Visit = Callable[[Scope], bool]
"""What a loop does in each round; True ends it."""


class _Loops:
    """Nested iterators: `for x in …, y in …`."""

    def __init__(self, compiler: Compiler, iterators: tuple[n.Iterator, ...]) -> None:
        """Leaves the iteration variables bound; the caller takes them off again."""
        self.parts: list[Part] = []
        self.steps: list[tuple[str, Code, Code | None]] = []
        for iterator in iterators:
            start = compiler.part(iterator.source)
            end = compiler.part(iterator.end) if iterator.end is not None else None
            self.parts += [start] if end is None else [start, end]
            self.steps.append((iterator.name, start.code, None if end is None else end.code))
            compiler.bound.append(iterator.name)

    def run(self, scope: Scope, cost: int, visit: Visit, index: int = 0) -> bool | None:
        """Visit every combination. None when something is not iterable, True when `visit` ended the loop."""
        name, start, end = self.steps[index]
        values = iterable(scope.run, start(scope)) if end is None else between(scope.run, start(scope), end(scope))
        if values is None:
            return None
        last = index == len(self.steps) - 1
        run = scope.run
        for value in values:
            run.charge(cost)
            inner = Scope(run, {name: value}, scope)
            if last:
                if visit(inner):
                    return True
            else:
                ended = self.run(inner, cost, visit, index + 1)
                if ended or ended is None:
                    return ended
        return False


def iterated(compiler: Compiler, node: n.For) -> Part:
    """`for … return …`; `partial` is the list of the results so far."""
    known = len(compiler.bound)
    loops = _Loops(compiler, node.iterators)
    compiler.bound.append("partial")
    body = compiler.part(node.result)
    del compiler.bound[known:]
    result_of, cost = body.code, body.cost + 2

    def code(scope: Scope) -> Value:
        results: list[Value] = []
        limit = scope.run.limits.items

        def visit(inner: Scope) -> bool:
            if len(results) >= limit:
                raise FeelError("items", limit=limit)
            results.append(result_of(inner))
            return False

        # The list of results grows while it is in scope, hence a copy for whoever keeps `partial`.
        outer = Scope(scope.run, _Partial(scope.run, results), scope)
        return None if loops.run(outer, cost, visit) is None else results

    return _deep(compiler.made(code, *loops.parts, body), len(node.iterators) + 1)


class _Partial(dict[str, Value]):
    """The scope that holds `partial`: each look gives a list of its own, paid for by its length."""

    def __init__(self, run: Run, results: list[Value]) -> None:
        super().__init__(partial=None)
        self._run = run
        self._results = results

    def __getitem__(self, name: str) -> Value:
        self._run.charge_items(len(self._results) >> 3)
        return list(self._results)


def quantified(compiler: Compiler, node: n.Quantified) -> Part:
    """`some` is a chain of `or`, `every` of `and`: null when undecided and something was no boolean."""
    known = len(compiler.bound)
    loops = _Loops(compiler, node.iterators)
    condition = compiler.part(node.condition)
    del compiler.bound[known:]
    holds, cost, deciding = condition.code, condition.cost + 2, node.kind == "some"

    def code(scope: Scope) -> Value:
        unknown = False

        def visit(inner: Scope) -> bool:
            nonlocal unknown
            verdict = holds(inner)
            unknown = unknown or type(verdict) is not bool
            return verdict is deciding

        ended = loops.run(scope, cost, visit)
        if ended is None:
            return None
        if ended:
            return deciding
        return None if unknown else not deciding

    return _deep(compiler.made(code, *loops.parts, condition), len(node.iterators) + 1)


def iterable(run: Run, value: Value) -> Iterator[Value] | None:
    """What a loop over this value visits; None for null and for ranges without steps."""
    if type(value) is Range:
        first, last = value.low, value.high
        if type(first) not in (Decimal, date) or type(first) is not type(last):
            return None
        step = Decimal(1) if type(first) is Decimal else _DAY
        try:
            first = first if value.low_included else first + step
            last = last if value.high_included else last - step
        except OverflowError:
            return None
        return iter(()) if first > last else between(run, first, last)
    return None if value is None else iter(as_list(value))


def between(run: Run, first: Value, last: Value) -> Iterator[Value] | None:
    """Whole numbers, or days, from `first` to `last`, down when `last` is less."""
    kind = type(first)
    if kind is not type(last):
        return None
    if kind is date:
        return _days(first, last)
    start, stop = whole(first), whole(last)
    if start is None or stop is None:
        return None
    return map(Decimal, range(start, stop + 1) if start <= stop else range(start, stop - 1, -1))


def _days(first: date, last: date) -> Iterator[date]:
    step = -1 if first > last else 1
    for day in range(first.toordinal(), last.toordinal() + step, step):
        yield date.fromordinal(day)


def _deep(part: Part, more: int) -> Part:
    """A part that needs more frames than its nesting shows."""
    return type(part)(part.code, part.cost, part.depth + more)
