"""The engine's tables.

The state of an instance is one blob in its row. Everything else that belongs to a running instance (user tasks, jobs,
subscriptions, incidents) is a row for what its state waits for, kept equal to it by `engine/wait_states.py`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeEngine

from engine.storage.types import Bytes, FeelJson, Names, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(length: int) -> TypeEngine[str]:
    """Text that sorts by code point on both databases: key ranges and pages mean the same, prefixes use the index."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


Id = _text(32)
Name = _text(255)
Hash = _text(64)

# --- what is deployed -------------------------------------------------------------------------------------------------

content = Table(
    "content",
    metadata,
    Column("hash", Hash, primary_key=True),
    Column("data", Bytes, nullable=False),
    comment="Files of bundles, once for each content",
)

deployment = Table(
    "deployment",
    metadata,
    Column("id", Hash, primary_key=True),
    Column("number", Integer, nullable=False, unique=True, comment="Order of deployment"),
    Column("name", Name, nullable=False),
    Column("deployed_at", UtcDateTime, nullable=False),
    Column("deployed_by", Name, nullable=False),
)

resource = Table(
    "resource",
    metadata,
    Column("deployment_id", ForeignKey("deployment.id"), primary_key=True),
    Column("name", Name, primary_key=True),
    Column("hash", ForeignKey("content.hash"), nullable=False),
)

process_definition = Table(
    "process_definition",
    metadata,
    Column("id", _text(300), primary_key=True, comment="key:version"),
    Column("key", Name, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Name, nullable=False),
    Column("hash", Hash, nullable=False, comment="Of the definition's own files"),
    Column("suspended", Boolean, nullable=False, default=False, server_default=false(), comment="Nothing new starts"),
    UniqueConstraint("key", "version"),
)

definition_suspension = Table(
    "definition_suspension",
    metadata,
    Column("id", Id, primary_key=True),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False, index=True),
    Column("suspended_at", UtcDateTime, nullable=False),
    Column("suspended_by", Name, nullable=False),
    Column("reason", Text, nullable=False),
    Column("with_instances", Boolean, nullable=False),
    Column("resumed_at", UtcDateTime),
    Column("resumed_by", Name),
    Column("resumed_reason", Text),
    comment="Each time that a definition was suspended, and how it ended",
)

deployed_definition = Table(
    "deployed_definition",
    metadata,
    Column("deployment_id", ForeignKey("deployment.id"), primary_key=True),
    Column("definition_id", ForeignKey("process_definition.id"), primary_key=True, index=True),
)

message_start = Table(
    "message_start",
    metadata,
    Column("message", Name, primary_key=True),
    Column("process_key", Name, primary_key=True),
    Column("element_id", Name, nullable=False),
    comment="Messages that start an instance of the latest deployment",
)

# --- what runs --------------------------------------------------------------------------------------------------------

process_instance = Table(
    "process_instance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("process_key", Name, nullable=False),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("deployment_id", ForeignKey("deployment.id"), nullable=False),
    Column("business_key", Name, nullable=False),
    Column("state", String(10), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("request_id", Name, unique=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("started_by", Name, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", Name, nullable=False),
    Column("incidents", Integer, nullable=False, default=0, comment="Open ones"),
    Column(
        "held", Boolean, nullable=False, default=False, server_default=false(), comment="Suspended with its definition"
    ),
    Column("blob", Bytes, comment="State of the run; dropped at the end"),
    UniqueConstraint("business_key", "process_key"),
    Index("ix_process_instance_state", "state", "id"),
)
_under_way: dict[str, Any] = {
    "postgresql_where": process_instance.c.ended_at.is_(None),
    "sqlite_where": process_instance.c.ended_at.is_(None),
}
_with_incidents: dict[str, Any] = {
    "postgresql_where": process_instance.c.incidents > 0,
    "sqlite_where": process_instance.c.incidents > 0,
}
Index("ix_process_instance_incidents", process_instance.c.id, **_with_incidents)
Index("ix_process_instance_under_way", process_instance.c.deployment_id, process_instance.c.id, **_under_way)

kept_state = Table(
    "kept_state",
    metadata,
    Column("instance_id", ForeignKey("process_instance.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Name, nullable=False),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("deployment_id", ForeignKey("deployment.id"), nullable=False),
    Column("blob", Bytes, nullable=False),
    Column("dues", FeelJson, nullable=False, comment="Wait of a timer → when it was due"),
    Column("after", Hash, nullable=False, comment="SHA-256 of the state that the migration left"),
    comment="The state before an instance's last migration",
)

user_task = Table(
    "user_task",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", ForeignKey("process_instance.id"), nullable=False),
    Column("wait_id", Hash, nullable=False),
    Column("business_key", Name, nullable=False),
    Column("process_key", Name, nullable=False),
    Column("element_id", Name, nullable=False),
    Column("name", Name, nullable=False),
    Column("search", Name, nullable=False, comment="The name in small letters without accents, while it is open"),
    Column("state", String(10), nullable=False),
    Column("assignee", Name),
    Column("candidate_groups", Names, nullable=False),
    Column("candidate_users", Names, nullable=False),
    Column("due", UtcDateTime),
    Column("follow_up", UtcDateTime),
    Column("priority", Integer, nullable=False),
    Column("form_id", Name),
    Column("handler", Name),
    Column("created", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False, comment="Of the instance when the task last changed hands"),
    Column("draft", FeelJson),
    Column("request_id", Name, comment="Of the completion: a repeat gets the first answer"),
    Column("claimed_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ended_by", Name),
)
_open: dict[str, Any] = {"postgresql_where": user_task.c.state == "open", "sqlite_where": user_task.c.state == "open"}
Index("ix_user_task_instance", user_task.c.instance_id, user_task.c.state)
Index("ix_user_task_open_business_key", user_task.c.business_key, user_task.c.created, **_open)
Index("ix_user_task_open_search", user_task.c.search, **_open)

user_task_index = Table(
    "user_task_index",
    metadata,
    # For each open user task one row for everybody ("all"), one for its assignee ("mine:ana") or, while nobody has it,
    # one for each candidate ("group:abogado", "user:ana"). A page of an inbox reads one stretch of one index.
    Column("key", Name, primary_key=True),
    Column("task_id", ForeignKey("user_task.id"), primary_key=True),
    Column("due", UtcDateTime, nullable=False, comment="Without one: the end of time"),
    Column("priority", Integer, nullable=False, comment="Negated, so that every order ascends"),
    Column("created", UtcDateTime, nullable=False),
    Index("ix_user_task_index_due", "key", "due", "task_id"),
    Index("ix_user_task_index_priority", "key", "priority", "task_id"),
    Index("ix_user_task_index_created", "key", "created", "task_id"),
    Index("ix_user_task_index_task", "task_id"),
)

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("topic", Name, nullable=False),
    Column("instance_id", ForeignKey("process_instance.id"), index=True),
    Column("wait_id", Hash),
    Column("business_key", Name),
    Column("process_key", Name),
    Column("element_id", Name),
    Column("key", Name),
    Column("input", FeelJson, nullable=False),
    Column("due", UtcDateTime, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("retries_left", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("lease_owner", Name),
    Column("lease_until", UtcDateTime, comment="By the database's clock"),
    Column("error", Text),
    UniqueConstraint("business_key", "key"),
    Index("ix_job_state", "state", "due"),
    Index("ix_job_due", "due", "id"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("instance_id", ForeignKey("process_instance.id"), nullable=False, index=True),
    Column("wait_id", Hash, nullable=False),
    Column("business_key", Name, nullable=False),
    Column("process_key", Name, nullable=False),
    Column("element_id", Name, nullable=False),
    Column("name", Name, nullable=False),
    Column("correlation", Name, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Index("ix_subscription_name", "kind", "name", "correlation"),
)

kept_message = Table(
    "kept_message",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Name, nullable=False),
    Column("correlation", Name, nullable=False),
    Column("business_key", Name),
    Column("variables", FeelJson, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("sent_by", Name, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Index("ix_kept_message_name", "name", "correlation"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("instance_id", ForeignKey("process_instance.id"), index=True),
    Column("wait_id", Hash),
    Column("business_key", Name),
    Column("job_id", Id),
    Column("process_key", Name),
    Column("element_id", Name),
    Column("message", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("resolved_by", Name),
    Index("ix_incident_resolved", "resolved_at", "id"),
)

history = Table(
    "history",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("instance_id", ForeignKey("process_instance.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Name, nullable=False),
    Column("events", FeelJson, nullable=False, comment="See engine/history.py"),
    Index("ix_history_instance", "instance_id", "sequence"),
)

operation = Table(
    "operation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Name, nullable=False),
    Column("action", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("business_key", Name),
    Column("instance_id", ForeignKey("process_instance.id"), index=True),
    Column("process_key", Name),
    Column("version", Integer),
    Column("element_id", Name),
    Column("deployment_id", ForeignKey("deployment.id")),
    Column("order_id", ForeignKey("operation.id"), comment="Done as a part of this one"),
    Column("changes", FeelJson, nullable=False, comment="Kind, name, old, new; see engine/operation.py"),
    Index("ix_operation_order_id", "order_id", "at", "id"),
    Index("ix_operation_actor", "actor", "at", "id"),
    Index("ix_operation_action", "action", "at", "id"),
    Index("ix_operation_process_key", "process_key", "at", "id"),
    Index("ix_operation_business_key", "business_key", "at", "id"),
    comment="What people did by hand, across all instances",
)

worker = Table(
    "worker",
    metadata,
    Column("name", Name, primary_key=True),
    Column("host", Name, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False, comment="By the database's clock"),
    Column("ran", Integer, nullable=False, comment="Jobs so far"),
    comment="Signs of life of those who run jobs",
)

# --- files, clock -----------------------------------------------------------------------------------------------------

attachment = Table(
    "attachment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("task_id", ForeignKey("user_task.id"), nullable=False, index=True),
    Column("instance_id", ForeignKey("process_instance.id"), nullable=False),
    Column("business_key", Name, nullable=False, index=True),
    Column("field", Name, nullable=False),
    Column("filename", Name, nullable=False),
    Column("hash", Hash, nullable=False, index=True),
    Column("size", Integer, nullable=False),
    Column("type", Name, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("created_by", Name, nullable=False),
    Column("submitted", Boolean, nullable=False, default=False, comment="False while it belongs to a draft"),
)

clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("offset_us", BigInteger, nullable=False, comment="Business time minus real time, in microseconds"),
    Column("frozen_at", UtcDateTime, comment="Business time stands still here"),
)
