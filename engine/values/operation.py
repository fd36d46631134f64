"""One line of the operation log: what a person did by hand, beside what the diagrams say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.values.actor import Value

Action = Literal[
    "retry",
    "discard",
    "skip",
    "throw_error",
    "fire",
    "set_due",
    "set_variables",
    "assign",
    "modify",
    "suspend",
    "resume",
    "cancel",
    "migrate",
    "restore",
    "suspend_definition",
    "resume_definition",
    "deploy",
]


@dataclass(frozen=True, slots=True)
class OperationChange:
    """One thing that an operation changed, before and after.

    `kind`, with what the others then hold: `variable` (`name`), `result` (`name`: what a skipped step gave), `due`
    (moments), `assignee` (people), `tokens` (lists of process key and element that tokens left, and came to),
    `deployment` (ids), `version` (`name`: process key; numbers), `error` (`name`: code; `new`: what was said of it),
    `job` (`name`: topic of a job without an instance), `instances` (`new`: how many were meant).
    """

    kind: str
    name: str | None = None
    old: Value = None
    new: Value = None


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    at: datetime
    actor: str
    action: Action
    reason: str
    business_key: str | None = None
    """None: about a definition or a deployment."""
    instance_id: str | None = None
    process_key: str | None = None
    version: int | None = None
    element_id: str | None = None
    deployment_id: str | None = None
    """That the instance runs since; for a definition the latest one that holds it."""
    order_id: str | None = None
    """Done as a part of this one."""
    changes: tuple[OperationChange, ...] = ()
    parts: int = 0
    """How many were done as parts of it so far, of those that the actor may see."""


@dataclass(frozen=True, slots=True)
class OperationQuery:
    """What was done as a part of an order is among the answers only where a matter, an instance or the order is asked
    for; else the order's line stands for it."""

    actor: str | None = None
    action: Action | None = None
    process_key: str | None = None
    business_key: str | None = None
    search: str | None = None
    """Beginning of the business key."""
    instance_id: str | None = None
    order_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""
