"""One construct: a model, what happens, the order in which elements complete, and what is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass
class Row:
    name: str
    model: str | dict[str, str]
    steps: list[tuple[Any, ...]]
    """`(what waits now,)` then for each step: what happens to whom, what waits afterwards."""
    trace: str
    variables: dict[str, Any] = field(default_factory=dict)
    start: dict[str, Any] = field(default_factory=dict)


def number(value: int) -> Decimal:
    return Decimal(value)
