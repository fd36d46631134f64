"""What a decision answered, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.values.actor import Value


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What a decision answered, and why."""

    decision_id: str
    name: str
    outputs: Value
    """One output column: the bare value; several: a dict by output name; list policies: a list of those."""
    inputs: Mapping[str, Value]
    matched: Sequence[int] = ()
    """Numbers of the matched rules, from 1, in table order; empty for literal expressions."""
    required: Sequence[DecisionResult] = ()
    """Results of the decisions that this one requires."""
