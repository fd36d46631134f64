"""Built-in functions that make one value of many: extremes, sums, means, `all` and `any` (DMN 1.5, tables 74-76)."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.arithmetic import add
from engine.feel.numbers import NUMBERS, finite
from engine.feel.registry import Registry, listed
from engine.feel.run import Run
from engine.feel.values import compare
from engine.values import Value

AGGREGATES = Registry()


@AGGREGATES.add("min", "c*", "list")
def least(run: Run, values: list[Value]) -> Value:
    return _extreme(run, listed(values), -1)


@AGGREGATES.add("max", "c*", "list")
def greatest(run: Run, values: list[Value]) -> Value:
    return _extreme(run, listed(values), 1)


def _extreme(run: Run, items: list[Value], sign: int) -> Value:
    run.charge(len(items))
    if not items:
        return None
    best = items[0]
    for item in items:
        order = compare(run, item, best)
        if order is None:
            return None
        if order == sign:
            best = item
    return best


@AGGREGATES.add("sum", "n*", "list")
def total(run: Run, values: list[Value]) -> Value:
    """Of numbers, or of durations of one kind."""
    items = listed(values)
    run.charge(len(items))
    if not items:
        return None
    if all(type(item) is Decimal for item in items):
        return _sum(items)
    if any(type(item) in (str, Decimal) or item is None for item in items):
        return None
    result = items[0]
    for item in items[1:]:
        result = add(run, result, item) if type(item) is type(result) else None
    return result if len(items) > 1 or add(run, result, result) is not None else None


def _sum(numbers: list[Decimal]) -> Decimal | None:
    result = Decimal(0)
    for number in numbers:
        result = NUMBERS.add(result, number)
    return finite(result)


def _numbers(run: Run, values: list[Value]) -> list[Decimal] | None:
    """The arguments of a statistical function; None unless there are some and all are numbers."""
    items = listed(values)
    run.charge(len(items))
    return items if items and all(type(item) is Decimal for item in items) else None


@AGGREGATES.add("mean", "n*", "list")
def mean(run: Run, values: list[Value]) -> Value:
    numbers = _numbers(run, values)
    return None if numbers is None else _mean(numbers)


def _mean(numbers: list[Decimal]) -> Decimal | None:
    result = _sum(numbers)
    return None if result is None else finite(NUMBERS.divide(result, Decimal(len(numbers))))


@AGGREGATES.add("product", "n*", "list")
def product(run: Run, values: list[Value]) -> Value:
    numbers = _numbers(run, values)
    if numbers is None:
        return None
    result = Decimal(1)
    for number in numbers:
        result = NUMBERS.multiply(result, number)
    return finite(result)


@AGGREGATES.add("median", "n*", "list")
def median(run: Run, values: list[Value]) -> Value:
    numbers = _numbers(run, values)
    if numbers is None:
        return None
    run.charge(len(numbers))
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _mean(ordered[middle - 1 : middle + 1])


@AGGREGATES.add("stddev", "n*", "list")
def stddev(run: Run, values: list[Value]) -> Value:
    """Of a sample, so of two numbers at least."""
    numbers = _numbers(run, values)
    if numbers is None or len(numbers) < 2:
        return None
    middle = _mean(numbers)
    if middle is None:
        return None
    squares = [NUMBERS.power(NUMBERS.subtract(number, middle), 2) for number in numbers]
    return finite(NUMBERS.sqrt(NUMBERS.divide(_sum(squares) or Decimal(0), Decimal(len(numbers) - 1))))


@AGGREGATES.add("mode", "n*", "list")
def mode(run: Run, values: list[Value]) -> Value:
    """The most frequent numbers, ascending."""
    if listed(values) == []:
        return []
    numbers = _numbers(run, values)
    if numbers is None:
        return None
    counts: dict[Decimal, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values())
    return sorted(number for number, times in counts.items() if times == most)


@AGGREGATES.add("all", "b*", "list")
def every(run: Run, values: list[Value]) -> Value:
    return _decided(run, listed(values), False)


@AGGREGATES.add("any", "b*", "list")
def some(run: Run, values: list[Value]) -> Value:
    return _decided(run, listed(values), True)


def _decided(run: Run, items: list[Value], deciding: bool) -> Value:
    run.charge(len(items))
    if any(item is deciding for item in items):
        return deciding
    return not deciding if all(type(item) is bool for item in items) else None
