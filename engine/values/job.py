"""Work for workers: jobs, incidents, the workers themselves, and how much there is to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

JobState = Literal["due", "leased", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work for a worker: a service task, a timer, a message to deliver, or one scheduled by key."""

    id: str
    kind: Literal["service", "timer", "message", "start", "scheduled"]
    topic: str
    instance_id: str | None
    business_key: str | None
    element_id: str | None
    key: str | None
    due: datetime
    attempts: int
    retries_left: int
    state: JobState
    lease_owner: str | None = None
    lease_until: datetime | None = None
    error: str | None = None
    process_key: str | None = None
    """Of the element: a called process, when it is in there."""


@dataclass(frozen=True, slots=True)
class JobQuery:
    id: str | None = None
    instance_id: str | None = None
    business_key: str | None = None
    kind: str | None = None
    topic: str | None = None
    state: JobState | None = None
    due_before: datetime | None = None
    due_from: datetime | None = None
    loose: bool = False
    """Only those of no instance: what was scheduled from outside, messages, starts."""
    active: bool = False
    """Without those of suspended instances, as `Workload` counts."""


@dataclass(frozen=True, slots=True)
class Incident:
    id: str
    instance_id: str | None
    business_key: str | None
    job_id: str | None
    element_id: str | None
    kind: Literal["job", "process", "message"]
    message: str
    details: str
    created: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    process_key: str | None = None
    """Of the element: a called process, when it failed in there."""


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    id: str | None = None
    instance_id: str | None = None
    business_key: str | None = None
    job_id: str | None = None
    loose: bool = False
    """Only those of no instance: a mail, a notice, a message that nobody came for."""
    resolved: bool = False
    """The resolved ones, instead of the open ones."""


@dataclass(frozen=True, slots=True)
class DefinitionLoad:
    """How many instances of one version of a process are under way."""

    process_key: str
    version: int
    name: str
    deployment_id: str
    number: int
    """Of the deployment, in order."""
    running: int
    suspended: int
    incidents: int
    stopped: bool = False
    """The definition itself is suspended: nothing new of it starts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many instances wait at one element, and how many failed there."""

    process_key: str
    element_id: str
    count: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Worker:
    """One who runs jobs; times are real time, by the database's clock."""

    name: str
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    alive: bool
    ran: int


@dataclass(frozen=True, slots=True)
class Workload:
    """What there is to do, in numbers."""

    definitions: tuple[DefinitionLoad, ...]
    due: int
    """Jobs whose time has come; those of suspended instances left out, as in all that follows."""
    overdue: int
    """Due for more than a minute."""
    oldest_due: datetime | None
    leased: int
    failed: int
    incidents: int
    """Open ones."""
    workers: tuple[Worker, ...]
