"""The budget of one evaluation, and the scopes in which it looks names up.

FEEL has no unbounded loop outside iterations, filters, function calls and built-ins, so a step is charged for each part
of an expression before a loop's body, a function's body or a built-in runs, and straight code costs nothing extra. A
step also pays for 32 characters or for one element of a list: it bounds memory as well as time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.feel.errors import FeelError
from engine.values import Value


@dataclass(frozen=True, slots=True)
class Limits:
    """What one evaluation may use. The defaults keep any expression below 1 s and 64 MB."""

    steps: int = 200_000
    depth: int = 450
    """Nested parts under evaluation, those of called functions included; about one Python frame each."""
    text: int = 100_000
    """Characters of one text."""
    items: int = 20_000
    """Elements of one list."""
    result: int = 100_000
    """Parts of the result, shared ones counted as often as they occur."""
    nesting: int = 40
    """Lists and contexts inside each other."""


LIMITS = Limits()


class Run:
    """One evaluation: what is left of its budget, and what it may ask of the world."""

    __slots__ = ("context", "depth", "limits", "now", "steps", "types")

    def __init__(
        self,
        limits: Limits = LIMITS,
        context: Any = None,
        now: datetime | None = None,
        types: Callable[[str], Any] | None = None,
    ) -> None:
        self.limits = limits
        self.steps = limits.steps
        self.depth = limits.depth
        self.context = context
        self.now = now
        self.types = types
        """Looks up a named type of the model; None when there are none."""

    def charge(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise FeelError("steps", limit=self.limits.steps)

    def charge_text(self, length: int) -> None:
        """Before a text of this length is made."""
        if length > self.limits.text:
            raise FeelError("text", limit=self.limits.text)
        self.charge(1 + (length >> 5))

    def charge_items(self, count: int) -> None:
        """Before a list of this length is made."""
        if count > self.limits.items:
            raise FeelError("items", limit=self.limits.items)
        self.charge(1 + count)

    def enter(self, depth: int) -> None:
        self.depth -= depth
        if self.depth < 0:
            raise FeelError("depth")

    def leave(self, depth: int) -> None:
        self.depth += depth


class Scope:
    """Names and their values, inside an outer scope."""

    __slots__ = ("names", "outer", "run")

    def __init__(self, run: Run, names: Mapping[str, Value], outer: Scope | None = None) -> None:
        self.run = run
        self.names = names
        self.outer = outer


Code = Callable[[Scope], Value]
"""A compiled part of an expression."""

ABSENT: Any = object()
"""Stands for an argument that was left out, which is not the same as one that is null."""

MISSING: Any = object()
"""What a name that is nowhere in scope gives to `is defined`."""


def find(scope: Scope, name: str) -> Value:
    """The value of a name, or MISSING."""
    here: Scope | None = scope
    while here is not None:
        if name in here.names:
            return here.names[name]
        here = here.outer
    return MISSING
