"""A process instance: how it stands, what it waits for, what happened, what an operator does to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from engine.values.actor import Value

InstanceState = Literal["running", "suspended", "completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class ProcessInstance:
    id: str
    process_key: str
    definition_id: str
    version: int
    deployment_id: str
    business_key: str
    state: InstanceState
    revision: int
    started_at: datetime
    started_by: str
    ended_at: datetime | None = None
    incidents: int = 0
    held: bool = False
    """Suspended with its definition, and resumed with it."""


@dataclass(frozen=True, slots=True)
class InstanceQuery:
    process_key: str | None = None
    business_key: str | None = None
    search: str | None = None
    """Beginning of the business key."""
    state: InstanceState | None = None
    deployment_id: str | None = None
    definition_id: str | None = None
    held: bool | None = None
    """Suspended with its definition."""
    with_incidents: bool = False
    """Of its own, or of its business key alone (a mail, a message)."""
    element_ids: tuple[str, ...] = ()
    """Something of it waits at one of these elements."""
    error: str | None = None
    """Part of the message of an open incident or of the last error of a job, its own or of its business key alone;
    capitals do not matter."""
    started_from: datetime | None = None
    started_to: datetime | None = None
    """Not included."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A message, signal or condition that an instance waits for."""

    id: str
    kind: Literal["message", "signal", "condition"]
    instance_id: str
    business_key: str
    process_key: str
    element_id: str
    name: str
    correlation: str
    created: datetime


@dataclass(frozen=True, slots=True)
class WaitState:
    """One thing that an instance waits for, with everything an operator asks about it."""

    id: str
    """Of its row: user task, job, subscription or incident; the verbs that repair take it."""
    kind: Literal["user_task", "job", "timer", "message", "signal", "condition", "failure"]
    process_key: str
    element_id: str
    name: str
    wait_id: str
    since: datetime | None = None
    due: datetime | None = None
    """When a user task is due, a timer fires, a job is tried next."""
    assignee: str | None = None
    groups: tuple[str, ...] = ()
    topic: str | None = None
    """Of a job."""
    retries_left: int | None = None
    state: str | None = None
    """Of a job: due, leased or failed."""
    message: str | None = None
    """Name of a message or signal; condition; sentence of a failure or of a job's last error."""
    correlation: str | None = None
    attached: bool = False
    """An event at the edge of an activity: it may come, nobody is held up by it."""


@dataclass(frozen=True, slots=True)
class VariableScope:
    """The variables of one scope of a running instance."""

    process_key: str
    owner: str | None
    """Element that it belongs to (of a called process: the element that calls it); None for the process itself."""
    wait_id: str | None
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One part of `modify`: take the tokens at an element away, or put one before or after it."""

    action: Literal["cancel", "start_before", "start_after"]
    process_key: str
    """Key of the process whose diagram holds the element."""
    element_id: str
    wait_id: str | None = None
    """Cancel only this one of several that wait at the element."""
    variables: Mapping[str, Value] = field(default_factory=dict)
    """Set for the new token, in the scope where it stands."""


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One line of the append-only history.

    `kind` is one of: `instance.started`, `instance.completed`, `instance.cancelled`, `instance.suspended`,
    `instance.resumed`, `element.entered`, `element.completed`, `element.cancelled`, `flow.taken` (with `condition` and
    `values` where a gateway chose; by default, with `refused`: those of each flow that did not hold),
    `user_task.created|claimed|released|assigned|completed|cancelled`,
    `job.created|completed|failed|retried|moved|discarded`, `timer.set|fired`, `message.sent|received|refused`,
    `signal.thrown|received`,
    `decision.evaluated` (with `inputs`, `rules`, `outputs`), `variable.changed` (with `name`, `old`, `new`, `scope`),
    `incident.opened|resolved`, `error.thrown`, `operation` (what an operator did: `verb`, `reason`, tokens `before` and
    `after`); handlers may note kinds of their own.
    """

    sequence: int
    instance_id: str
    at: datetime
    actor: str
    kind: str
    process_key: str | None
    element_id: str | None
    details: Mapping[str, Any] = field(default_factory=dict)
