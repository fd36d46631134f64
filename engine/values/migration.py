"""Moving instances to another deployment: what is judged before, what is told after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one instance can move to another deployment, and why not."""

    instance_id: str
    business_key: str
    process_key: str
    reasons: tuple[str, ...] = ()
    """Why it cannot; empty when it can."""
    notes: tuple[str, ...] = ()
    """What will be different for it."""

    @property
    def possible(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Plan:
    """A migration that has been looked at and not yet done."""

    source: str
    target: str
    mapping: Mapping[str, str]
    """Element (or sequence flow) of the source → of the target, where the ids differ; `process/element` names one of
    several processes."""
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Migrated:
    """What became of one instance in `migrate`."""

    instance_id: str
    business_key: str
    done: bool
    message: str = ""
