"""The syntax tree of FEEL. Plain frozen values; `compiler.py` makes them run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf

from engine.values import Value


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Value


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic or comparison."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    operator: OneOf["and", "or"]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: tuple[Iterator, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    kind: OneOf["some", "every"]
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`[low..high]`, or a range open to one side: `< 5`, `(>= 5)`; `=` and `!=` only as tests."""

    low: Node | None
    high: Node | None
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Test(Node):
    """One unary test of an implicit input: `operator` with an operand, or (None) an expression."""

    operator: str | None
    operand: Node


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Unary tests, any of which may hold; the input is the name `?`. No test at all (`-`) always holds."""

    tests: tuple[Test, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class In(Node):
    value: Node
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Type:
    """A type as written after `instance of` or `:`. `arguments` holds element types, parameter types or entry types."""

    name: str
    arguments: tuple[Type, ...] = ()
    entries: tuple[tuple[str, Type], ...] = ()
    result: Type | None = None


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()
    """Parameter names, one for each argument, of a call with named parameters."""
    position: int = field(default=0, compare=False)
    """Where its bracket opens in the source."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    parameters: tuple[Parameter, ...]
    body: Node | None
    """None for an external function, which is never run: it gives null."""


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    items: tuple[Node, ...]
