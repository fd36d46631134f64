"""Built-in functions on lists (DMN 1.5, tables 74 and 76)."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key

from engine.feel.calls import invoke
from engine.feel.errors import FeelError
from engine.feel.numbers import whole
from engine.feel.registry import Registry
from engine.feel.run import Run
from engine.feel.values import Function, compare, equal
from engine.values import Value

LISTS = Registry()


def same(run: Run, one: Value, other: Value) -> bool:
    run.charge(1)
    return equal(run, one, other) is True


@LISTS.add("list contains", "list: list, element")
def list_contains(run: Run, items: list[Value], element: Value) -> Value:
    return any(same(run, item, element) for item in items)


@LISTS.add("count", "list: list")
def count(run: Run, items: list[Value]) -> Value:
    return Decimal(len(items))


@LISTS.add("is empty", "list: list")
def is_empty(run: Run, items: list[Value]) -> Value:
    return not items


@LISTS.add("sublist", "list: list, start position: number, length: number?")
def sublist(run: Run, items: list[Value], start: Decimal, length: Decimal | None) -> Value:
    begin = whole(start)
    size = None if length is None else whole(length)
    if not begin or abs(begin) > len(items) or (length is not None and (size is None or size < 0)):
        return None
    begin = begin - 1 if begin > 0 else len(items) + begin
    end = len(items) if size is None else begin + size
    if end > len(items):
        return None
    run.charge_items(end - begin)
    return items[begin:end]


@LISTS.add("append", "list: list, item*")
def append(run: Run, items: list[Value], more: list[Value]) -> Value:
    run.charge_items(len(items) + len(more))
    return items + more


@LISTS.add("concatenate", "list*")
def concatenate(run: Run, lists: list[Value]) -> Value:
    return _joined(run, lists)


def _joined(run: Run, lists: list[Value]) -> list[Value] | None:
    parts = [item if type(item) is list else [item] for item in lists if item is not None]
    if len(parts) < len(lists):
        return None
    run.charge_items(sum(map(len, parts)))
    return [item for part in parts for item in part]


@LISTS.add("insert before", "list: list, position: number, newItem")
def insert_before(run: Run, items: list[Value], position: Decimal, item: Value) -> Value:
    place = _place(items, position)
    if place is None:
        return None
    run.charge_items(len(items) + 1)
    return [*items[:place], item, *items[place:]]


@LISTS.add("remove", "list: list, position: number")
def remove(run: Run, items: list[Value], position: Decimal) -> Value:
    place = _place(items, position)
    if place is None:
        return None
    run.charge_items(len(items))
    return items[:place] + items[place + 1 :]


@LISTS.add("list replace", "list: list, position, newItem", "list, match, newItem")
def list_replace(run: Run, items: list[Value], where: Value, item: Value) -> Value:
    """The element at a position, or every element for which `match(element, newItem)` holds."""
    run.charge_items(len(items))
    if type(where) is Function:
        if len(where.parameters) != 2:
            return None
        verdicts = [invoke(run, where, [old, item]) for old in items]
        if not all(type(verdict) is bool for verdict in verdicts):
            return None
        return [item if verdict else old for old, verdict in zip(items, verdicts, strict=True)]
    place = _place(items, where) if type(where) is Decimal else None
    return None if place is None else [*items[:place], item, *items[place + 1 :]]


def _place(items: list[Value], position: Decimal) -> int | None:
    """Index in Python for a position from 1, or from -1 backwards."""
    place = whole(position)
    if not place or abs(place) > len(items):
        return None
    return place - 1 if place > 0 else len(items) + place


@LISTS.add("reverse", "list: list")
def reverse(run: Run, items: list[Value]) -> Value:
    run.charge_items(len(items))
    return items[::-1]


@LISTS.add("index of", "list: list, match")
def index_of(run: Run, items: list[Value], match: Value) -> Value:
    return [Decimal(place) for place, item in enumerate(items, 1) if same(run, item, match)]


@LISTS.add("union", "list*")
def union(run: Run, lists: list[Value]) -> Value:
    joined = _joined(run, lists)
    return None if joined is None else _distinct(run, joined)


@LISTS.add("distinct values", "list: list")
def distinct_values(run: Run, items: list[Value]) -> Value:
    return _distinct(run, items)


def _distinct(run: Run, items: list[Value]) -> list[Value]:
    found: list[Value] = []
    plain: set[tuple[type, Value]] = set()
    for item in items:
        kind = type(item)
        if kind is str or kind is Decimal:
            run.charge(1)
            if (kind, item) not in plain:
                plain.add((kind, item))
                found.append(item)
        elif not any(same(run, item, known) for known in found):
            found.append(item)
    return found


@LISTS.add("duplicate values", "list: list")
def duplicate_values(run: Run, items: list[Value]) -> Value:
    return _distinct(run, [item for item in items if sum(same(run, item, other) for other in items) > 1])


@LISTS.add("flatten", "list: list")
def flatten(run: Run, items: list[Value]) -> Value:
    flat: list[Value] = []
    _flatten(run, items, flat, run.limits.nesting)
    return flat


def _flatten(run: Run, items: list[Value], flat: list[Value], nesting: int) -> None:
    if nesting == 0:
        raise FeelError("nesting", limit=run.limits.nesting)
    run.charge(1 + len(items))
    if len(flat) + len(items) > run.limits.items:
        raise FeelError("items", limit=run.limits.items)
    for item in items:
        if type(item) is list:
            _flatten(run, item, flat, nesting - 1)
        else:
            flat.append(item)


@LISTS.add("partition", "list: list, size: number")
def partition(run: Run, items: list[Value], size: Decimal) -> Value:
    """Lists of `size` elements, the last one of the rest."""
    width = whole(size)
    if width is None or width < 1:
        return None
    run.charge_items(2 * len(items))
    return [items[start : start + width] for start in range(0, len(items), width)]


@LISTS.add("sort", "list: list, precedes: function?")
def sort(run: Run, items: list[Value], precedes: Function | None) -> Value:
    """By `precedes(x, y)`; without it in the natural order of the elements, null where there is none."""
    run.charge_items(len(items))
    if precedes is None:
        if any(compare(run, item, items[0]) is None for item in items):
            return None
        run.charge(len(items) * len(items).bit_length())
        return sorted(items, key=cmp_to_key(lambda one, other: compare(run, one, other) or 0))
    if len(precedes.parameters) != 2:
        return None

    def order(one: Value, other: Value) -> int:
        run.charge(1)
        if invoke(run, precedes, [one, other]) is True:
            return -1
        return 1 if invoke(run, precedes, [other, one]) is True else 0

    return sorted(items, key=cmp_to_key(order))
