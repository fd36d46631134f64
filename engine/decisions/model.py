"""A DMN file as plain values: what is drawn and written, before anything is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf

HitPolicy = OneOf["UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]
Aggregation = OneOf["SUM", "COUNT", "MIN", "MAX"]


@dataclass(frozen=True, slots=True)
class Logic:
    """One boxed expression."""

    id: str | None
    type_name: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Logic):
    text: str


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions."""

    id: str | None
    label: str
    expression: Literal
    type_name: str | None
    allowed: str | None
    """Unary tests that its values satisfy, as text."""


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results."""

    id: str | None
    name: str | None
    label: str
    type_name: str | None
    allowed: str | None
    """Its values in order of priority, as text."""
    default: Literal | None


@dataclass(frozen=True, slots=True)
class Rule:
    id: str | None
    inputs: tuple[Literal, ...]
    outputs: tuple[Literal, ...]
    annotation: str = ""


@dataclass(frozen=True, slots=True)
class Table(Logic):
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    type_name: str | None = None


@dataclass(frozen=True, slots=True)
class ContextEntry:
    variable: Variable | None
    """None for the last entry, the result."""
    logic: Logic


@dataclass(frozen=True, slots=True)
class Context(Logic):
    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, slots=True)
class Invocation(Logic):
    function: Logic
    bindings: tuple[tuple[Variable, Logic], ...]


@dataclass(frozen=True, slots=True)
class BoxedList(Logic):
    items: tuple[Logic, ...]


@dataclass(frozen=True, slots=True)
class Relation(Logic):
    columns: tuple[str, ...]
    rows: tuple[tuple[Logic, ...], ...]


@dataclass(frozen=True, slots=True)
class FunctionLogic(Logic):
    parameters: tuple[Variable, ...]
    body: Logic | None
    """None where another language than FEEL is meant: such a function gives null."""


@dataclass(frozen=True, slots=True)
class Conditional(Logic):
    condition: Logic
    then: Logic
    otherwise: Logic


@dataclass(frozen=True, slots=True)
class Loop(Logic):
    """A boxed iterator."""

    kind: OneOf["for", "some", "every"]
    variable: str
    source: Logic
    body: Logic


@dataclass(frozen=True, slots=True)
class BoxedFilter(Logic):
    source: Logic
    condition: Logic


@dataclass(frozen=True, slots=True)
class Requirements:
    """References as written: `#id`, or `namespace#id` for an element of an imported file."""

    inputs: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """One node of the requirements diagram."""

    id: str
    name: str
    variable: Variable
    documentation: str


@dataclass(frozen=True, slots=True)
class InputData(Element):
    pass


@dataclass(frozen=True, slots=True)
class Decision(Element):
    logic: Logic | None
    requires: Requirements


@dataclass(frozen=True, slots=True)
class KnowledgeModel(Element):
    logic: FunctionLogic | None
    requires: Requirements


@dataclass(frozen=True, slots=True)
class DecisionService(Element):
    outputs: tuple[str, ...]
    input_decisions: tuple[str, ...]
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type of the model."""

    name: str
    base: str | None
    is_collection: bool
    allowed: str | None
    """Unary tests that values satisfy; of a collection, its elements."""
    constraint: str | None
    """Unary tests on the whole value."""
    components: tuple[ItemDefinition, ...]
    parameters: tuple[Variable, ...] | None = None
    """Of a function type."""
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Definitions:
    """One file."""

    namespace: str
    name: str
    imports: Mapping[str, str]
    """Name of an import → its namespace."""
    types: tuple[ItemDefinition, ...]
    elements: Mapping[str, Element] = field(default_factory=dict)
