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
    """Variables that it starts with."""
    begin: str | None = None
    """The start event, if it is not the one without a trigger."""
    sent: list[str] = field(default_factory=list)
    """Names of the messages and signals that leave the instance."""
    edit: tuple[str, str] | None = None
    """A replacement in the file of process `p`, for what the drawing has no words for."""


def number(value: int) -> Decimal:
    return Decimal(value)
