"""Work for people: user tasks, the question for a list of them, their files, what completing one answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.values.instance import ProcessInstance

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
class Completed:
    """What `complete` answers."""

    instance: ProcessInstance
    user_task: UserTask
    next_task: UserTask | None
    """The next open user task of the same matter that the actor may work on, if it is there already."""
    repeated: bool = False
    """True when this `request_id` had been answered before and nothing was done again."""
