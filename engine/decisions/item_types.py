"""Types of a model (item definitions), and how values conform to them where they cross a border (DMN 1.5, 7.3.2-3 and
10.3.2.9.4): a decision's result, an argument, an input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from engine.decisions import model as m
from engine.feel.errors import FeelError, FeelSyntaxError
from engine.feel.expression import Expression, parse_unary_tests
from engine.feel.nodes import Type
from engine.feel.run import Run
from engine.feel.types import BUILT_IN, is_instance
from engine.feel.values import Function
from engine.values import Value

_NUMBERS = ("integer", "long", "double", "decimal")
"""Names that older files use for numbers."""
_ALIASES = {"dateTime": "date and time", "dayTimeDuration": "days and time duration"}
_ALIASES |= {"yearMonthDuration": "years and months duration", "any": "Any"}


@dataclass(frozen=True, slots=True)
class ItemType:
    """A named type, ready to check."""

    definition: m.ItemDefinition
    allowed: Expression | None
    constraint: Expression | None
    components: tuple[ItemType, ...]
    types: Types

    def is_instance(self, run: Run, value: Value) -> bool:
        """For `instance of`, which looks at the kind only, not at the allowed values (as the TCK has it)."""
        return value is not None and replace(self, allowed=None, constraint=None).fits(run, value)

    def fits(self, run: Run, value: Value, nesting: int = 0) -> bool:
        if value is None:
            return True
        if nesting > run.limits.nesting:
            raise FeelError("nesting", limit=run.limits.nesting)
        run.charge(1)
        if self.constraint is not None and self.constraint.run(run, {"?": value}) is not True:
            return False
        if not self.definition.is_collection:
            return self._element_fits(run, value, nesting)
        return type(value) is list and all(self._element_fits(run, item, nesting + 1) for item in value)

    def _element_fits(self, run: Run, value: Value, nesting: int) -> bool:
        if value is None:
            return True
        if self.definition.parameters is not None:
            return type(value) is Function and len(value.parameters) == len(self.definition.parameters)
        if self.components and not self._components_fit(run, value, nesting):
            return False
        if self.definition.base is not None and not self.types.fits(run, value, self.definition.base, nesting + 1):
            return False
        return self.allowed is None or self.allowed.run(run, {"?": value}) is True

    def _components_fit(self, run: Run, value: Value, nesting: int) -> bool:
        return type(value) is dict and all(
            component.definition.name in value and component.fits(run, value[component.definition.name], nesting + 1)
            for component in self.components
        )


class Types:
    """The types that one file knows, those of its imports included."""

    def __init__(self, definitions: m.Definitions, report: Callable[[str, str], None], names: frozenset[str]) -> None:
        """`report(name, problem)` hears of types that cannot be read."""
        self._report = report
        self._names = names
        self._items = {item.name: self._item(item) for item in definitions.types}
        self.imported: dict[str, Types] = {}

    def _item(self, definition: m.ItemDefinition) -> ItemType:
        return ItemType(
            definition,
            self._tests(definition, definition.allowed),
            self._tests(definition, definition.constraint),
            tuple(self._item(component) for component in definition.components),
            self,
        )

    def _tests(self, definition: m.ItemDefinition, text: str | None) -> Expression | None:
        if text is None:
            return None
        try:
            return parse_unary_tests(text, names=self._names)
        except FeelSyntaxError as problem:
            self._report(definition.name, problem.spanish)
            return None

    def find(self, name: str) -> ItemType | None:
        if name in self._items:
            return self._items[name]
        prefix, dot, rest = name.partition(".")
        imported = self.imported.get(prefix) if dot else None
        return None if imported is None else imported.find(rest)

    def checker(self, name: str) -> Callable[[Run, Value], bool] | None:
        """For `instance of` in expressions."""
        item = self.find(name)
        return None if item is None else item.is_instance

    def fits(self, run: Run, value: Value, name: str, nesting: int = 0) -> bool:
        """Whether the value is of the type; any value is of a type that nobody defines."""
        name = plain(name)
        if name in BUILT_IN:
            return value is None or bool(is_instance(run, value, Type(name)))
        item = self.find(name)
        return item is None or item.fits(run, value, nesting)

    def conform(self, run: Run, value: Value, name: str | None) -> Value:
        """The value as the type wants it, or null when it cannot be had."""
        if value is None or name is None or name == "Any" or self.fits(run, value, name):
            return value
        if type(value) is list and len(value) == 1 and self.fits(run, value[0], name):
            return value[0]
        if type(value) is date and plain(name) == "date and time":
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        item = self.find(plain(name))
        if item is not None and item.definition.is_collection and item.fits(run, [value]):
            return [value]
        return None


def plain(name: str) -> str:
    """The name of a type without the prefix and the variants of older files."""
    name = name.removeprefix("feel:")
    return "number" if name in _NUMBERS else _ALIASES.get(name, name)
