"""The frozen values that the verbs of the engine take and give.

Ids are opaque strings. Times are aware datetimes in UTC. Variables hold FEEL values only: None, bool, Decimal, str,
date, time, datetime, the two durations, lists and string-keyed dicts of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

Value = Any
"""A FEEL value. An alias for readers: Python's type system cannot say "recursively one of these"."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person of the firm, a client in the portal, or the program itself."""

    id: str
    groups: frozenset[str] = frozenset()
    business_key: str | None = None
    """Set for a portal actor: the one business key (with those below it, `key/…`) that it may see."""

    def may_see(self, business_key: str) -> bool:
        """False when this actor is bound to another business key."""
        bound = self.business_key
        return bound is None or business_key == bound or business_key.startswith(bound + "/")


SYSTEM = Actor("system", frozenset({"system"}))
"""The program itself: timers, jobs, deployments at set-up."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a model, said so that an analyst can mend it."""

    resource: str
    """Path inside the process folder, e.g. `bpmn/05_propuesta_servicios.bpmn`."""
    element_id: str | None
    rule: str
    """Stable name of the rule, e.g. `gateway-without-default`."""
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"{self.resource}: {self.element_id}" if self.element_id else self.resource
        return f"{where}: {self.message} {self.remedy} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """One executable process in one version."""

    id: str
    key: str
    version: int
    name: str
    deployment_id: str
    suspended: bool = False
    """Nothing new of this version starts."""


@dataclass(frozen=True, slots=True)
class Suspension:
    """One time that a process definition was suspended; the `resumed` ones are None while it is."""

    id: str
    definition_id: str
    at: datetime
    by: str
    reason: str
    with_instances: bool
    resumed_at: datetime | None
    resumed_by: str | None
    resumed_reason: str | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """One immutable bundle of resources, known by the hash of its content."""

    id: str
    name: str
    deployed_at: datetime
    deployed_by: str
    definitions: tuple[ProcessDefinition, ...]
    created: bool
    """False when exactly this content had been deployed before."""
    findings: tuple[Finding, ...] = ()
    """Warnings only; errors refuse the deployment."""


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


UserTaskState = Literal["open", "completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class UserTask:
    id: str
    instance_id: str
    business_key: str
    process_key: str
    """Key of the process whose diagram holds the element (a called one, mostly)."""
    element_id: str
    name: str
    state: UserTaskState
    assignee: str | None
    candidate_groups: tuple[str, ...]
    due: datetime | None
    follow_up: datetime | None
    priority: int
    form_id: str | None
    handler: str | None
    created: datetime
    revision: int
    """Revision of the instance when this value was read; `complete` and `draft` take it back."""
    ended_at: datetime | None = None
    ended_by: str | None = None


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


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One line of the append-only history.

    `kind` is one of: `instance.started`, `instance.completed`, `instance.cancelled`, `instance.suspended`,
    `instance.resumed`, `element.entered`, `element.completed`, `element.cancelled`, `flow.taken` (with `condition` and
    `values` where a gateway chose), `user_task.created|claimed|released|assigned|completed|cancelled`,
    `job.created|completed|failed|retried|moved`, `timer.set|fired`, `message.sent|received|refused`,
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


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next` is the opaque key of the following page, None at the end."""

    items: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """What `complete` answers."""

    instance: ProcessInstance
    user_task: UserTask
    next_task: UserTask | None
    """The next open user task of the same matter that the actor may work on, if it is there already."""
    repeated: bool = False
    """True when this `request_id` had been answered before and nothing was done again."""


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


@dataclass(frozen=True, slots=True)
class UserTaskQuery:
    """Which user tasks, in which order. The conditions hold together; those not given do not matter."""

    mine: bool = False
    """Assigned to the actor."""
    groups: bool = False
    """Unassigned, and the actor is a candidate. With `mine`: either of the two."""
    group: str | None = None
    """Unassigned, and this group is a candidate."""
    assignee: str | None = None
    business_key: str | None = None
    instance_id: str | None = None
    element_id: str | None = None
    due_before: datetime | None = None
    search: str | None = None
    """Beginning of the name or of the business key; capitals and accents do not matter in the name."""
    state: UserTaskState = "open"
    """Other states need `business_key` or `instance_id`."""
    sort: Literal["due", "priority", "created"] = "due"


@dataclass(frozen=True, slots=True)
class InstanceQuery:
    process_key: str | None = None
    business_key: str | None = None
    search: str | None = None
    """Beginning of the business key."""
    state: InstanceState | None = None
    deployment_id: str | None = None
    definition_id: str | None = None
    with_incidents: bool = False
    element_id: str | None = None
    """Something of it waits at this element."""
    error: str | None = None
    """Part of the message of an open incident or of the last error of a job, capitals do not matter."""
    started_from: datetime | None = None
    started_to: datetime | None = None
    """Not included."""


@dataclass(frozen=True, slots=True)
class JobQuery:
    instance_id: str | None = None
    business_key: str | None = None
    kind: str | None = None
    topic: str | None = None
    state: JobState | None = None
    due_before: datetime | None = None


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
class ElementChange:
    """One element or sequence flow that differs between two deployments."""

    process_key: str
    element_id: str
    name: str
    kind: str
    change: Literal["added", "removed", "changed"]
    fields: tuple[str, ...] = ()
    """What is different, by the names of `definitions.Element`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different between two deployments."""

    source: str
    target: str
    elements: tuple[ElementChange, ...]
    files: Mapping[str, Literal["added", "removed", "changed"]]
    """Every file that differs, by name."""


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


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a field of a user task's form."""

    id: str
    task_id: str
    instance_id: str
    business_key: str
    field: str
    filename: str
    hash: str
    size: int
    type: str
    created: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Token:
    """How many tokens stand at an element."""

    process_key: str
    element_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """One process's diagram, and what an instance has done on it."""

    process_key: str
    name: str
    resource: str
    xml: bytes
    deployment_id: str
    called: Mapping[str, str]
    """Call activity → key of the process that it calls."""
    tokens: tuple[Token, ...] = ()
    """Of all processes of the instance, so that a call activity can show what goes on inside."""
    taken: Mapping[str, int] = field(default_factory=dict)
    """Sequence flow of this process → how often it was taken."""
    completed: Mapping[str, int] = field(default_factory=dict)
    """Element of this process → how often it was completed."""
    incidents: frozenset[str] = frozenset()
    """Elements of this process with an open incident, also inside of what they call."""
    definition: ProcessDefinition | None = None
    """Of a deployment's diagram; None where the process cannot be started by itself."""
