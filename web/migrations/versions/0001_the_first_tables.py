"""The first tables."""

import sqlalchemy as sa
from alembic import op

import engine.storage.types
import tasks.registros.tipos

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "offset_us", sa.BigInteger(), nullable=False, comment="Business time minus real time, in microseconds"
        ),
        sa.Column(
            "frozen_at",
            engine.storage.types.UtcDateTime(timezone=True),
            nullable=True,
            comment="Business time stands still here",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_table(
        "content",
        sa.Column(
            "hash", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_content")),
        comment="Files of bundles, once for each content",
    )
    op.create_table(
        "deployment",
        sa.Column(
            "id", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="Order of deployment"),
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("deployed_at", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "deployed_by",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
        sa.UniqueConstraint("number", name=op.f("uq_deployment_number")),
    )
    op.create_table(
        "kept_message",
        sa.Column(
            "id", sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "correlation",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "business_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("variables", engine.storage.types.FeelJson(), nullable=False),
        sa.Column("sent_at", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "sent_by",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("expires", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_message")),
    )
    with op.batch_alter_table("kept_message", schema=None) as batch_op:
        batch_op.create_index("ix_kept_message_name", ["name", "correlation"], unique=False)

    op.create_table(
        "message_start",
        sa.Column(
            "message",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "process_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "element_id",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("message", "process_key", name=op.f("pk_message_start")),
        comment="Messages that start an instance of the latest deployment",
    )
    op.create_table(
        "process_definition",
        sa.Column(
            "id",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=False,
            comment="key:version",
        ),
        sa.Column(
            "key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "hash",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
            comment="Of the definition's own files",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_process_definition_key_version")),
    )
    op.create_table(
        "worker",
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "host",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "seen_at",
            engine.storage.types.UtcDateTime(timezone=True),
            nullable=False,
            comment="By the database's clock",
        ),
        sa.Column("ran", sa.Integer(), nullable=False, comment="Jobs so far"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
        comment="Signs of life of those who run jobs",
    )
    op.create_table(
        "deployed_definition",
        sa.Column(
            "deployment_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "definition_id",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_deployed_definition_definition_id_process_definition"),
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_deployed_definition_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("deployment_id", "definition_id", name=op.f("pk_deployed_definition")),
    )
    with op.batch_alter_table("deployed_definition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deployed_definition_definition_id"), ["definition_id"], unique=False)

    op.create_table(
        "process_instance",
        sa.Column(
            "id", sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "process_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "definition_id",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "deployment_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "business_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "request_id",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("started_at", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "started_by",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("ended_at", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("changed_at", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "changed_by",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("incidents", sa.Integer(), nullable=False, comment="Open ones"),
        sa.Column("blob", sa.LargeBinary(), nullable=True, comment="State of the run; dropped at the end"),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_process_instance_definition_id_process_definition"),
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_process_instance_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
        sa.UniqueConstraint("business_key", "process_key", name=op.f("uq_process_instance_business_key_process_key")),
        sa.UniqueConstraint("request_id", name=op.f("uq_process_instance_request_id")),
    )
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.create_index(
            "ix_process_instance_incidents",
            ["id"],
            unique=False,
            postgresql_where=sa.text("incidents > 0"),
            sqlite_where=sa.text("incidents > 0"),
        )
        batch_op.create_index("ix_process_instance_state", ["state", "id"], unique=False)
        batch_op.create_index(
            "ix_process_instance_under_way",
            ["deployment_id", "id"],
            unique=False,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "resource",
        sa.Column(
            "deployment_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "hash", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_resource_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["hash"], ["content.hash"], name=op.f("fk_resource_hash_content")),
        sa.PrimaryKeyConstraint("deployment_id", "name", name=op.f("pk_resource")),
    )
    op.create_table(
        "history",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "instance_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("at", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "actor",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("events", engine.storage.types.FeelJson(), nullable=False, comment="See engine/history.py"),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_history_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("ix_history_instance", ["instance_id", "sequence"], unique=False)

    op.create_table(
        "incident",
        sa.Column(
            "id", sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column(
            "instance_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "wait_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "business_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "job_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "process_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "element_id",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("created", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "resolved_by",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_incident_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_incident_resolved", ["resolved_at", "id"], unique=False)

    op.create_table(
        "job",
        sa.Column(
            "id", sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column(
            "topic",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "instance_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "wait_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "business_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "process_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "element_id",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "key", sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"), nullable=True
        ),
        sa.Column("input", engine.storage.types.FeelJson(), nullable=False),
        sa.Column("due", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("entered_at", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retries_left", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column(
            "lease_owner",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "lease_until",
            engine.storage.types.UtcDateTime(timezone=True),
            nullable=True,
            comment="By the database's clock",
        ),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_job_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("business_key", "key", name=op.f("uq_job_business_key_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_due", ["due", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_job_state", ["state", "due"], unique=False)

    op.create_table(
        "kept_state",
        sa.Column(
            "instance_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("at", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "by", sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "definition_id",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "deployment_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("dues", engine.storage.types.FeelJson(), nullable=False, comment="Wait of a timer → when it was due"),
        sa.Column(
            "after",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
            comment="SHA-256 of the state that the migration left",
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_kept_state_definition_id_process_definition")
        ),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_kept_state_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_kept_state_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_kept_state")),
        comment="The state before an instance's last migration",
    )
    op.create_table(
        "subscription",
        sa.Column(
            "id", sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column(
            "instance_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "wait_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "business_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "process_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "element_id",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "correlation",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("created", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_subscription_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_subscription_name", ["kind", "name", "correlation"], unique=False)

    op.create_table(
        "user_task",
        sa.Column(
            "id", sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "instance_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "wait_id",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "business_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "process_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "element_id",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "search",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
            comment="The name in small letters without accents, while it is open",
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column(
            "assignee",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("candidate_groups", engine.storage.types.Names(), nullable=False),
        sa.Column("candidate_users", engine.storage.types.Names(), nullable=False),
        sa.Column("due", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("follow_up", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column(
            "form_id",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "handler",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("created", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="Of the instance when the task last changed hands"),
        sa.Column("draft", engine.storage.types.FeelJson(), nullable=True),
        sa.Column(
            "request_id",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
            comment="Of the completion: a repeat gets the first answer",
        ),
        sa.Column("claimed_at", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "ended_by",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_user_task_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
    )
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.create_index("ix_user_task_instance", ["instance_id", "state"], unique=False)
        batch_op.create_index(
            "ix_user_task_open_business_key",
            ["business_key", "created"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_user_task_open_search",
            ["search"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "attachment",
        sa.Column(
            "id", sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "task_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "instance_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "business_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "field",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "filename",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "hash", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column(
            "type",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("created", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "created_by",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("submitted", sa.Boolean(), nullable=False, comment="False while it belongs to a draft"),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_attachment_instance_id_process_instance")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_attachment_task_id_user_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_business_key"), ["business_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_hash"), ["hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_task_id"), ["task_id"], unique=False)

    op.create_table(
        "user_task_index",
        sa.Column(
            "key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "task_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "due",
            engine.storage.types.UtcDateTime(timezone=True),
            nullable=False,
            comment="Without one: the end of time",
        ),
        sa.Column("priority", sa.Integer(), nullable=False, comment="Negated, so that every order ascends"),
        sa.Column("created", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_user_task_index_task_id_user_task")),
        sa.PrimaryKeyConstraint("key", "task_id", name=op.f("pk_user_task_index")),
    )
    with op.batch_alter_table("user_task_index", schema=None) as batch_op:
        batch_op.create_index("ix_user_task_index_created", ["key", "created", "task_id"], unique=False)
        batch_op.create_index("ix_user_task_index_due", ["key", "due", "task_id"], unique=False)
        batch_op.create_index("ix_user_task_index_priority", ["key", "priority", "task_id"], unique=False)
        batch_op.create_index("ix_user_task_index_task", ["task_id"], unique=False)

    op.create_table(
        "ajuste",
        sa.Column("clave", sa.String(length=80), nullable=False),
        sa.Column("valor", tasks.registros.tipos.Datos(), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=True),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("clave", name=op.f("pk_ajuste")),
    )
    op.create_table(
        "colaborador",
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("titulo", sa.Text(), nullable=True),
        sa.Column("puesto", sa.Text(), nullable=True),
        sa.Column("correo", sa.Text(), nullable=False),
        sa.Column("telefono", sa.Text(), nullable=True),
        sa.Column("horario", sa.Text(), nullable=False),
        sa.Column("enlace_reunion", sa.Text(), nullable=True),
        sa.Column("grupos", tasks.registros.tipos.Datos(), nullable=False),
        sa.Column("activo", sa.Boolean(), nullable=False),
        sa.Column("cedula_profesional", sa.Text(), nullable=True),
        sa.Column("suplente", sa.String(length=80), nullable=True),
        sa.Column("ausente_hasta", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("usuario", name=op.f("pk_colaborador")),
    )
    op.create_table(
        "correo",
        sa.Column("business_key", sa.String(length=60), nullable=True),
        sa.Column("plantilla", sa.String(length=80), nullable=False),
        sa.Column("interno", sa.Boolean(), nullable=False),
        sa.Column("destinatario", sa.Text(), nullable=False),
        sa.Column("destinatario_nombre", sa.Text(), nullable=True),
        sa.Column("datos", tasks.registros.tipos.Datos(), nullable=False),
        sa.Column("asunto", sa.Text(), nullable=True),
        sa.Column("texto", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("calendario", sa.Text(), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("enviado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("intentos", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correo")),
        sa.UniqueConstraint("message_id", name=op.f("uq_correo_message_id")),
    )
    with op.batch_alter_table("correo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correo_business_key"), ["business_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_correo_estado"), ["estado"], unique=False)
        batch_op.create_index(batch_op.f("ix_correo_plantilla"), ["plantilla"], unique=False)

    op.create_table(
        "dia_inhabil",
        sa.Column("calendario", sa.String(length=20), nullable=False),
        sa.Column("fecha", sa.Date(), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dia_inhabil")),
        sa.UniqueConstraint("calendario", "fecha", name=op.f("uq_dia_inhabil_calendario_fecha")),
    )
    op.create_table(
        "evento_bitacora",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("momento", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.Column("accion", sa.String(length=80), nullable=False),
        sa.Column("business_key", sa.String(length=60), nullable=True),
        sa.Column("entidad", sa.String(length=40), nullable=True),
        sa.Column("entidad_id", sa.String(length=80), nullable=True),
        sa.Column("antes", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("despues", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evento_bitacora")),
    )
    with op.batch_alter_table("evento_bitacora", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evento_bitacora_business_key"), ["business_key"], unique=False)

    op.create_table(
        "folio",
        sa.Column("prefijo", sa.String(length=10), nullable=False),
        sa.Column("anio", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ultimo", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefijo", "anio", name=op.f("pk_folio")),
    )
    op.create_table(
        "persona",
        sa.Column("tipo_persona", sa.String(length=40), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("nombre_normalizado", sa.Text(), nullable=False),
        sa.Column("tratamiento", sa.Text(), nullable=True),
        sa.Column("correo", sa.Text(), nullable=True),
        sa.Column("telefono", sa.Text(), nullable=True),
        sa.Column("rfc", sa.String(length=13), nullable=True),
        sa.Column("curp", sa.String(length=18), nullable=True),
        sa.Column("razon_social", sa.Text(), nullable=True),
        sa.Column("cp_fiscal", sa.String(length=5), nullable=True),
        sa.Column("regimen_fiscal", sa.String(length=3), nullable=True),
        sa.Column("uso_cfdi", sa.String(length=4), nullable=True),
        sa.Column("correo_facturas", sa.Text(), nullable=True),
        sa.Column("clasificacion_manual", sa.String(length=20), nullable=True),
        sa.Column("convenio", sa.Boolean(), nullable=False),
        sa.Column("folio", sa.String(length=20), nullable=True),
        sa.Column("cliente_desde", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("anonimizada", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persona")),
        sa.UniqueConstraint("folio", name=op.f("uq_persona_folio")),
    )
    with op.batch_alter_table("persona", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_persona_correo"), ["correo"], unique=False)
        batch_op.create_index(batch_op.f("ix_persona_nombre_normalizado"), ["nombre_normalizado"], unique=False)
        batch_op.create_index(batch_op.f("ix_persona_rfc"), ["rfc"], unique=False)

    op.create_table(
        "plantilla",
        sa.Column("tipo", sa.String(length=40), nullable=False),
        sa.Column("subtipo", sa.String(length=40), nullable=True),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("contenido", tasks.registros.tipos.Datos(), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plantilla")),
    )
    op.create_table(
        "plazo_catalogo",
        sa.Column("tipo", sa.String(length=40), nullable=False),
        sa.Column("subtipo", sa.String(length=40), nullable=False),
        sa.Column("descripcion", sa.Text(), nullable=False),
        sa.Column("dias", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("unidad", sa.String(length=20), nullable=False),
        sa.Column("calendario", sa.String(length=20), nullable=False),
        sa.Column("fundamento", sa.Text(), nullable=False),
        sa.Column("verificado", sa.Boolean(), nullable=False),
        sa.Column("vigente_desde", sa.Date(), nullable=False),
        sa.Column("vigente_hasta", sa.Date(), nullable=True),
        sa.Column("nota", sa.Text(), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plazo_catalogo")),
    )
    op.create_table(
        "asesor",
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.Column("especialidades", tasks.registros.tipos.Datos(), nullable=False),
        sa.Column("nivel", sa.String(length=40), nullable=False),
        sa.Column("disponible", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["usuario"], ["colaborador.usuario"], name=op.f("fk_asesor_usuario_colaborador")),
        sa.PrimaryKeyConstraint("usuario", name=op.f("pk_asesor")),
    )
    op.create_table(
        "consentimiento",
        sa.Column("persona_id", sa.String(length=24), nullable=False),
        sa.Column("aviso_version", sa.Text(), nullable=False),
        sa.Column("aviso_fecha", sa.Date(), nullable=True),
        sa.Column("aviso_medio", sa.Text(), nullable=True),
        sa.Column("oposicion_voluntarias", sa.Boolean(), nullable=False),
        sa.Column("fecha", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("medio", sa.Text(), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("fk_consentimiento_persona_id_persona")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consentimiento")),
    )
    with op.batch_alter_table("consentimiento", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consentimiento_persona_id"), ["persona_id"], unique=False)

    op.create_table(
        "enlace",
        sa.Column("business_key", sa.String(length=60), nullable=False),
        sa.Column("persona_id", sa.String(length=24), nullable=True),
        sa.Column("destino", sa.String(length=120), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("vence", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revocado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("usado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("renovado_por", sa.String(length=24), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("fk_enlace_persona_id_persona")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enlace")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_enlace_token_sha256")),
    )
    with op.batch_alter_table("enlace", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enlace_business_key"), ["business_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_enlace_persona_id"), ["persona_id"], unique=False)

    op.create_table(
        "prospecto",
        sa.Column("folio", sa.String(length=20), nullable=False),
        sa.Column("persona_id", sa.String(length=24), nullable=False),
        sa.Column("canal", sa.String(length=40), nullable=False),
        sa.Column("fuente", sa.Text(), nullable=True),
        sa.Column("descripcion", sa.Text(), nullable=False),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("motivo_cierre", sa.Text(), nullable=True),
        sa.Column("origen", sa.String(length=40), nullable=True),
        sa.Column("reapertura_de", sa.String(length=24), nullable=True),
        sa.Column("oportunidad_id", sa.String(length=24), nullable=True),
        sa.Column("instance_id", sa.String(length=64), nullable=True),
        sa.Column("gerente_id", sa.String(length=80), nullable=True),
        sa.Column("tipo_tentativo", sa.String(length=40), nullable=True),
        sa.Column("tipo_procedimiento", sa.String(length=40), nullable=True),
        sa.Column("subtipo", sa.String(length=40), nullable=True),
        sa.Column("hechos", sa.Text(), nullable=True),
        sa.Column("pretension", sa.Text(), nullable=True),
        sa.Column("autoridad", sa.Text(), nullable=True),
        sa.Column("num_exp_autoridad", sa.Text(), nullable=True),
        sa.Column("cuantia", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("fecha_notificacion", sa.Date(), nullable=True),
        sa.Column("surte_efectos", sa.Date(), nullable=True),
        sa.Column("servicios", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("mensaje", sa.Text(), nullable=True),
        sa.Column("ya_informe_y_resolvi", sa.Boolean(), nullable=False),
        sa.Column("informado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("inasistencias", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("canalizar_a", sa.Text(), nullable=True),
        sa.Column("cerrado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["gerente_id"], ["colaborador.usuario"], name=op.f("fk_prospecto_gerente_id_colaborador")
        ),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("fk_prospecto_persona_id_persona")),
        sa.ForeignKeyConstraint(["reapertura_de"], ["prospecto.id"], name=op.f("fk_prospecto_reapertura_de_prospecto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prospecto")),
        sa.UniqueConstraint("folio", name=op.f("uq_prospecto_folio")),
    )
    with op.batch_alter_table("prospecto", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prospecto_estado"), ["estado"], unique=False)
        batch_op.create_index(batch_op.f("ix_prospecto_gerente_id"), ["gerente_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prospecto_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prospecto_oportunidad_id"), ["oportunidad_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prospecto_persona_id"), ["persona_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prospecto_reapertura_de"), ["reapertura_de"], unique=False)

    op.create_table(
        "analisis",
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("version", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("viabilidad", sa.String(length=40), nullable=False),
        sa.Column("estrategia", sa.Text(), nullable=False),
        sa.Column("complejidad", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("cuantia", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("requiere_equipo_manual", sa.String(length=40), nullable=False),
        sa.Column("riesgos", sa.Text(), nullable=True),
        sa.Column("probabilidad_exito", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("horas_estimadas", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_analisis_prospecto_id_prospecto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analisis")),
    )
    with op.batch_alter_table("analisis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_analisis_prospecto_id"), ["prospecto_id"], unique=False)

    op.create_table(
        "asunto",
        sa.Column("folio", sa.String(length=20), nullable=False),
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("cliente_id", sa.String(length=24), nullable=False),
        sa.Column("tipo", sa.String(length=40), nullable=False),
        sa.Column("subtipo", sa.String(length=40), nullable=False),
        sa.Column("autoridad", sa.Text(), nullable=True),
        sa.Column("num_exp_autoridad", sa.Text(), nullable=True),
        sa.Column("cuantia", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("complejidad", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("viabilidad", sa.String(length=20), nullable=True),
        sa.Column("tipo_cliente", sa.String(length=20), nullable=True),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("estado_previo", sa.String(length=20), nullable=True),
        sa.Column("asesor_id", sa.String(length=80), nullable=True),
        sa.Column("supervisor_id", sa.String(length=80), nullable=True),
        sa.Column("avance_pct", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("resultado", sa.String(length=40), nullable=True),
        sa.Column("inconformidad", sa.Boolean(), nullable=False),
        sa.Column("inconformidad_abierta", sa.Boolean(), nullable=False),
        sa.Column("inconformidad_resuelta", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("contrato_id", sa.String(length=24), nullable=True),
        sa.Column("primeros_pasos", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("contacto", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("seguimiento_vence", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("apertura", sa.Date(), nullable=True),
        sa.Column("arranque", sa.Date(), nullable=True),
        sa.Column("cierre", sa.Date(), nullable=True),
        sa.Column("archivo", sa.Date(), nullable=True),
        sa.Column("retencion_hasta", sa.Date(), nullable=True),
        sa.Column("actividad_vulnerable", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asesor_id"], ["colaborador.usuario"], name=op.f("fk_asunto_asesor_id_colaborador")),
        sa.ForeignKeyConstraint(["cliente_id"], ["persona.id"], name=op.f("fk_asunto_cliente_id_persona")),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_asunto_prospecto_id_prospecto")),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["colaborador.usuario"], name=op.f("fk_asunto_supervisor_id_colaborador")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asunto")),
        sa.UniqueConstraint("folio", name=op.f("uq_asunto_folio")),
        sa.UniqueConstraint("prospecto_id", name=op.f("uq_asunto_prospecto_id")),
    )
    with op.batch_alter_table("asunto", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asunto_asesor_id"), ["asesor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_asunto_cliente_id"), ["cliente_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_asunto_estado"), ["estado"], unique=False)
        batch_op.create_index(batch_op.f("ix_asunto_supervisor_id"), ["supervisor_id"], unique=False)

    op.create_table(
        "duda",
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("pregunta", sa.Text(), nullable=False),
        sa.Column("respuesta", sa.Text(), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_duda_prospecto_id_prospecto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duda")),
    )
    with op.batch_alter_table("duda", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duda_prospecto_id"), ["prospecto_id"], unique=False)

    op.create_table(
        "propuesta",
        sa.Column("folio", sa.String(length=20), nullable=False),
        sa.Column("version", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("contenido", tasks.registros.tipos.Datos(), nullable=False),
        sa.Column("honorarios", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("gastos_estimados", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("descuento_pct", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("honorarios_netos", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("iva", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("retenciones", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("total", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("primera_factura_pct", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("dias_credito", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("justificacion", sa.Text(), nullable=True),
        sa.Column("vigencia_dh", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("vigencia", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sesion", sa.String(length=40), nullable=False),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("autor", sa.String(length=80), nullable=False),
        sa.Column("aprobador", sa.String(length=80), nullable=True),
        sa.Column("aprobada", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("comentarios_aprobacion", sa.Text(), nullable=True),
        sa.Column("enviada", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decidida", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("motivo_rechazo", sa.String(length=40), nullable=True),
        sa.Column("comentarios_cliente", sa.Text(), nullable=True),
        sa.Column("documento_id", sa.String(length=24), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("contenido_sha256", sa.String(length=64), nullable=True),
        sa.Column("firma", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_propuesta_prospecto_id_prospecto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_propuesta")),
        sa.UniqueConstraint("folio", "version", name=op.f("uq_propuesta_folio_version")),
    )
    with op.batch_alter_table("propuesta", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_propuesta_estado"), ["estado"], unique=False)
        batch_op.create_index(batch_op.f("ix_propuesta_prospecto_id"), ["prospecto_id"], unique=False)

    op.create_table(
        "revision_conflicto",
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("coincidencias", tasks.registros.tipos.Datos(), nullable=False),
        sa.Column("dictamen", sa.String(length=40), nullable=True),
        sa.Column("justificacion", sa.Text(), nullable=True),
        sa.Column("autor", sa.String(length=80), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["prospecto_id"], ["prospecto.id"], name=op.f("fk_revision_conflicto_prospecto_id_prospecto")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision_conflicto")),
    )
    with op.batch_alter_table("revision_conflicto", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revision_conflicto_prospecto_id"), ["prospecto_id"], unique=False)

    op.create_table(
        "asignacion_historial",
        sa.Column("asunto_id", sa.String(length=24), nullable=False),
        sa.Column("asesor_anterior", sa.String(length=80), nullable=True),
        sa.Column("asesor_nuevo", sa.String(length=80), nullable=False),
        sa.Column("propuesto", sa.String(length=80), nullable=True),
        sa.Column("motivo", sa.String(length=40), nullable=True),
        sa.Column("justificacion", sa.Text(), nullable=True),
        sa.Column("nota_entrega", sa.Text(), nullable=True),
        sa.Column("fecha", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_asignacion_historial_asunto_id_asunto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asignacion_historial")),
    )
    with op.batch_alter_table("asignacion_historial", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asignacion_historial_asesor_nuevo"), ["asesor_nuevo"], unique=False)
        batch_op.create_index(batch_op.f("ix_asignacion_historial_asunto_id"), ["asunto_id"], unique=False)

    op.create_table(
        "avance",
        sa.Column("asunto_id", sa.String(length=24), nullable=False),
        sa.Column("fecha", sa.Date(), nullable=False),
        sa.Column("actuacion", sa.String(length=40), nullable=False),
        sa.Column("tipo", sa.String(length=40), nullable=False),
        sa.Column("nota_interna", sa.Text(), nullable=True),
        sa.Column("texto_cliente", sa.Text(), nullable=True),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.Column("avance_pct", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("documentos", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("autor", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_avance_asunto_id_asunto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avance")),
    )
    with op.batch_alter_table("avance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_avance_asunto_id"), ["asunto_id"], unique=False)

    op.create_table(
        "bono",
        sa.Column("asunto_id", sa.String(length=24), nullable=False),
        sa.Column("asesor_id", sa.String(length=80), nullable=False),
        sa.Column("puntuacion", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("base", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("pct", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("tope", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("importe", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=True),
        sa.Column("autorizado_por", sa.String(length=80), nullable=True),
        sa.Column("autorizado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asesor_id"], ["colaborador.usuario"], name=op.f("fk_bono_asesor_id_colaborador")),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_bono_asunto_id_asunto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bono")),
    )
    with op.batch_alter_table("bono", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bono_asesor_id"), ["asesor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bono_asunto_id"), ["asunto_id"], unique=False)

    op.create_table(
        "cancelacion",
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("asunto_id", sa.String(length=24), nullable=True),
        sa.Column("numero", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("solicitante", sa.String(length=40), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=False),
        sa.Column("causa", sa.String(length=40), nullable=True),
        sa.Column("etapa", sa.String(length=40), nullable=True),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("avance_pct", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("devengado_pct", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("devengado", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("saldo_a_favor", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("saldo_en_contra", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("reembolso", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("entrega", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_cancelacion_asunto_id_asunto")),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_cancelacion_prospecto_id_prospecto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancelacion")),
    )
    with op.batch_alter_table("cancelacion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cancelacion_asunto_id"), ["asunto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cancelacion_prospecto_id"), ["prospecto_id"], unique=False)

    op.create_table(
        "codigo_firma",
        sa.Column("propuesta_id", sa.String(length=24), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("vence", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("intentos", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("usado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["propuesta_id"], ["propuesta.id"], name=op.f("fk_codigo_firma_propuesta_id_propuesta")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codigo_firma")),
    )
    with op.batch_alter_table("codigo_firma", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_codigo_firma_propuesta_id"), ["propuesta_id"], unique=False)

    op.create_table(
        "documento",
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("asunto_id", sa.String(length=24), nullable=True),
        sa.Column("rubro", sa.Text(), nullable=False),
        sa.Column("origen", sa.String(length=40), nullable=False),
        sa.Column("obligatorio", sa.Boolean(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=True),
        sa.Column("tipo", sa.String(length=120), nullable=True),
        sa.Column("tamano", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("archivo", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("version", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=True),
        sa.Column("visible_cliente", sa.Boolean(), nullable=False),
        sa.Column("original_recibido", sa.Boolean(), nullable=False),
        sa.Column("plantilla", sa.String(length=80), nullable=True),
        sa.Column("datos", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("entregado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revisado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revisor", sa.String(length=80), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_documento_asunto_id_asunto")),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_documento_prospecto_id_prospecto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documento")),
    )
    with op.batch_alter_table("documento", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_documento_asunto_id"), ["asunto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_documento_prospecto_id"), ["prospecto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_documento_sha256"), ["sha256"], unique=False)

    op.create_table(
        "encuesta",
        sa.Column("asunto_id", sa.String(length=24), nullable=False),
        sa.Column("p1", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("p2", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("p3", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("p4", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("p5", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("nps", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("puntuacion", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=True),
        sa.Column("comentario", sa.Text(), nullable=True),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("enviada", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("respondida", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_encuesta_asunto_id_asunto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encuesta")),
    )
    with op.batch_alter_table("encuesta", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_encuesta_asunto_id"), ["asunto_id"], unique=False)

    op.create_table(
        "factura",
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("asunto_id", sa.String(length=24), nullable=True),
        sa.Column("tipo", sa.String(length=40), nullable=False),
        sa.Column("serie", sa.String(length=10), nullable=False),
        sa.Column("folio", sa.String(length=20), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=True),
        sa.Column("concepto", sa.Text(), nullable=True),
        sa.Column("subtotal", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("iva", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("ret_isr", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("ret_iva", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("total", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("saldo", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("emision", sa.Date(), nullable=False),
        sa.Column("vencimiento", sa.Date(), nullable=False),
        sa.Column("metodo", sa.String(length=3), nullable=False),
        sa.Column("forma", sa.String(length=2), nullable=False),
        sa.Column("referencia", sa.String(length=40), nullable=True),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("receptor", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("relacionada_id", sa.String(length=24), nullable=True),
        sa.Column("xml", sa.String(length=64), nullable=True),
        sa.Column("pdf", sa.String(length=64), nullable=True),
        sa.Column("proxima_accion", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_factura_asunto_id_asunto")),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_factura_prospecto_id_prospecto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factura")),
        sa.UniqueConstraint("serie", "folio", name=op.f("uq_factura_serie_folio")),
    )
    with op.batch_alter_table("factura", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_factura_asunto_id"), ["asunto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_factura_estado"), ["estado"], unique=False)
        batch_op.create_index(batch_op.f("ix_factura_prospecto_id"), ["prospecto_id"], unique=False)

    op.create_table(
        "informe",
        sa.Column("asunto_id", sa.String(length=24), nullable=False),
        sa.Column("version", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("resumen", sa.Text(), nullable=False),
        sa.Column("resultado", sa.String(length=40), nullable=False),
        sa.Column("cumplimiento", sa.Text(), nullable=True),
        sa.Column("recomendaciones", sa.Text(), nullable=True),
        sa.Column("originales_por_devolver", sa.Text(), nullable=True),
        sa.Column("autor", sa.String(length=80), nullable=False),
        sa.Column("autorizado_por", sa.String(length=80), nullable=True),
        sa.Column("autorizado", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("devuelto_motivo", sa.Text(), nullable=True),
        sa.Column("documento_id", sa.String(length=24), nullable=True),
        sa.Column("acuerdo_id", sa.String(length=24), nullable=True),
        sa.Column("tarjeta_id", sa.String(length=24), nullable=True),
        sa.Column("tarjeta_enviada", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("respuesta", sa.String(length=20), nullable=True),
        sa.Column("respuesta_texto", sa.Text(), nullable=True),
        sa.Column("respondido", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("aclaracion", sa.Text(), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_informe_asunto_id_asunto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_informe")),
    )
    with op.batch_alter_table("informe", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_informe_asunto_id"), ["asunto_id"], unique=False)

    op.create_table(
        "oportunidad",
        sa.Column("cliente_id", sa.String(length=24), nullable=False),
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("asunto_origen", sa.String(length=24), nullable=True),
        sa.Column("servicio", sa.Text(), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=True),
        sa.Column("prioridad", sa.String(length=20), nullable=True),
        sa.Column("etapa_deteccion", sa.String(length=40), nullable=True),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("recontacto", sa.Date(), nullable=True),
        sa.Column("asunto_nuevo", sa.String(length=24), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_origen"], ["asunto.id"], name=op.f("fk_oportunidad_asunto_origen_asunto")),
        sa.ForeignKeyConstraint(["cliente_id"], ["persona.id"], name=op.f("fk_oportunidad_cliente_id_persona")),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_oportunidad_prospecto_id_prospecto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oportunidad")),
    )
    with op.batch_alter_table("oportunidad", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oportunidad_asunto_origen"), ["asunto_origen"], unique=False)
        batch_op.create_index(batch_op.f("ix_oportunidad_cliente_id"), ["cliente_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oportunidad_estado"), ["estado"], unique=False)
        batch_op.create_index(batch_op.f("ix_oportunidad_prospecto_id"), ["prospecto_id"], unique=False)

    op.create_table(
        "parte",
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("asunto_id", sa.String(length=24), nullable=True),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("nombre_normalizado", sa.Text(), nullable=False),
        sa.Column("rfc", sa.String(length=13), nullable=True),
        sa.Column("calidad", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_parte_asunto_id_asunto")),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_parte_prospecto_id_prospecto")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parte")),
    )
    with op.batch_alter_table("parte", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parte_asunto_id"), ["asunto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parte_nombre_normalizado"), ["nombre_normalizado"], unique=False)
        batch_op.create_index(batch_op.f("ix_parte_prospecto_id"), ["prospecto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_parte_rfc"), ["rfc"], unique=False)

    op.create_table(
        "reunion",
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("asunto_id", sa.String(length=24), nullable=True),
        sa.Column("tipo", sa.String(length=40), nullable=False),
        sa.Column("titulo", sa.Text(), nullable=True),
        sa.Column("responsable_id", sa.String(length=80), nullable=True),
        sa.Column("inicio", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("fin", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("zona", sa.String(length=60), nullable=False),
        sa.Column("modalidad", sa.String(length=40), nullable=True),
        sa.Column("lugar", sa.Text(), nullable=True),
        sa.Column("asistentes", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("uid", sa.String(length=120), nullable=False),
        sa.Column("sequence", tasks.registros.tipos.Entero(), nullable=False),
        sa.Column("minuta", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("historial", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_reunion_asunto_id_asunto")),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_reunion_prospecto_id_prospecto")),
        sa.ForeignKeyConstraint(
            ["responsable_id"], ["colaborador.usuario"], name=op.f("fk_reunion_responsable_id_colaborador")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reunion")),
        sa.UniqueConstraint("uid", name=op.f("uq_reunion_uid")),
    )
    with op.batch_alter_table("reunion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reunion_asunto_id"), ["asunto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reunion_prospecto_id"), ["prospecto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reunion_responsable_id"), ["responsable_id"], unique=False)

    op.create_table(
        "gestion_cobranza",
        sa.Column("factura_id", sa.String(length=24), nullable=False),
        sa.Column("fecha", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("accion", sa.String(length=40), nullable=False),
        sa.Column("canal", sa.String(length=20), nullable=True),
        sa.Column("responsable", sa.String(length=80), nullable=True),
        sa.Column("resultado", sa.String(length=40), nullable=True),
        sa.Column("promesa", sa.Date(), nullable=True),
        sa.Column("convenio", tasks.registros.tipos.Datos(), nullable=True),
        sa.Column("motivo", sa.Text(), nullable=True),
        sa.Column("dias_vencido", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("siguiente", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["factura_id"], ["factura.id"], name=op.f("fk_gestion_cobranza_factura_id_factura")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gestion_cobranza")),
    )
    with op.batch_alter_table("gestion_cobranza", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gestion_cobranza_factura_id"), ["factura_id"], unique=False)

    op.create_table(
        "pago",
        sa.Column("factura_id", sa.String(length=24), nullable=False),
        sa.Column("fecha", sa.Date(), nullable=False),
        sa.Column("monto", tasks.registros.tipos.Dinero(precision=14, scale=2), nullable=False),
        sa.Column("forma", sa.String(length=2), nullable=False),
        sa.Column("referencia", sa.Text(), nullable=False),
        sa.Column("comprobante", sa.String(length=24), nullable=True),
        sa.Column("complemento", sa.String(length=64), nullable=True),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["factura_id"], ["factura.id"], name=op.f("fk_pago_factura_id_factura")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pago")),
    )
    with op.batch_alter_table("pago", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pago_factura_id"), ["factura_id"], unique=False)

    op.create_table(
        "plazo",
        sa.Column("prospecto_id", sa.String(length=24), nullable=False),
        sa.Column("asunto_id", sa.String(length=24), nullable=True),
        sa.Column("descripcion", sa.Text(), nullable=False),
        sa.Column("tipo", sa.String(length=40), nullable=False),
        sa.Column("notificacion", sa.Date(), nullable=True),
        sa.Column("surte_efectos", sa.Date(), nullable=True),
        sa.Column("dias", tasks.registros.tipos.Entero(), nullable=True),
        sa.Column("unidad", sa.String(length=20), nullable=True),
        sa.Column("calendario", sa.String(length=20), nullable=False),
        sa.Column("vence", sa.Date(), nullable=False),
        sa.Column("fijado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("estado", sa.String(length=40), nullable=False),
        sa.Column("fundamento", sa.Text(), nullable=True),
        sa.Column("sugerido", sa.Boolean(), nullable=False),
        sa.Column("reunion_id", sa.String(length=24), nullable=True),
        sa.Column("cumplido", engine.storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cumplido_por", sa.String(length=80), nullable=True),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("creado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actualizado", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["asunto_id"], ["asunto.id"], name=op.f("fk_plazo_asunto_id_asunto")),
        sa.ForeignKeyConstraint(["prospecto_id"], ["prospecto.id"], name=op.f("fk_plazo_prospecto_id_prospecto")),
        sa.ForeignKeyConstraint(["reunion_id"], ["reunion.id"], name=op.f("fk_plazo_reunion_id_reunion")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plazo")),
    )
    with op.batch_alter_table("plazo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plazo_asunto_id"), ["asunto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plazo_estado"), ["estado"], unique=False)
        batch_op.create_index(batch_op.f("ix_plazo_prospecto_id"), ["prospecto_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plazo_reunion_id"), ["reunion_id"], unique=False)

    op.create_table(
        "account",
        sa.Column("usuario", sa.String(length=80), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_is_temporary", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("totp_number", sa.String(length=32), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("usuario", name=op.f("pk_account")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_account_fs_uniquifier")),
    )
    op.create_table(
        "failure",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_failure")),
    )


def downgrade() -> None:
    op.drop_table("failure")
    op.drop_table("account")
    with op.batch_alter_table("plazo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plazo_reunion_id"))
        batch_op.drop_index(batch_op.f("ix_plazo_prospecto_id"))
        batch_op.drop_index(batch_op.f("ix_plazo_estado"))
        batch_op.drop_index(batch_op.f("ix_plazo_asunto_id"))

    op.drop_table("plazo")
    with op.batch_alter_table("pago", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pago_factura_id"))

    op.drop_table("pago")
    with op.batch_alter_table("gestion_cobranza", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gestion_cobranza_factura_id"))

    op.drop_table("gestion_cobranza")
    with op.batch_alter_table("reunion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reunion_responsable_id"))
        batch_op.drop_index(batch_op.f("ix_reunion_prospecto_id"))
        batch_op.drop_index(batch_op.f("ix_reunion_asunto_id"))

    op.drop_table("reunion")
    with op.batch_alter_table("parte", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parte_rfc"))
        batch_op.drop_index(batch_op.f("ix_parte_prospecto_id"))
        batch_op.drop_index(batch_op.f("ix_parte_nombre_normalizado"))
        batch_op.drop_index(batch_op.f("ix_parte_asunto_id"))

    op.drop_table("parte")
    with op.batch_alter_table("oportunidad", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oportunidad_prospecto_id"))
        batch_op.drop_index(batch_op.f("ix_oportunidad_estado"))
        batch_op.drop_index(batch_op.f("ix_oportunidad_cliente_id"))
        batch_op.drop_index(batch_op.f("ix_oportunidad_asunto_origen"))

    op.drop_table("oportunidad")
    with op.batch_alter_table("informe", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_informe_asunto_id"))

    op.drop_table("informe")
    with op.batch_alter_table("factura", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_factura_prospecto_id"))
        batch_op.drop_index(batch_op.f("ix_factura_estado"))
        batch_op.drop_index(batch_op.f("ix_factura_asunto_id"))

    op.drop_table("factura")
    with op.batch_alter_table("encuesta", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_encuesta_asunto_id"))

    op.drop_table("encuesta")
    with op.batch_alter_table("documento", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_documento_sha256"))
        batch_op.drop_index(batch_op.f("ix_documento_prospecto_id"))
        batch_op.drop_index(batch_op.f("ix_documento_asunto_id"))

    op.drop_table("documento")
    with op.batch_alter_table("codigo_firma", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_codigo_firma_propuesta_id"))

    op.drop_table("codigo_firma")
    with op.batch_alter_table("cancelacion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cancelacion_prospecto_id"))
        batch_op.drop_index(batch_op.f("ix_cancelacion_asunto_id"))

    op.drop_table("cancelacion")
    with op.batch_alter_table("bono", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bono_asunto_id"))
        batch_op.drop_index(batch_op.f("ix_bono_asesor_id"))

    op.drop_table("bono")
    with op.batch_alter_table("avance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_avance_asunto_id"))

    op.drop_table("avance")
    with op.batch_alter_table("asignacion_historial", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asignacion_historial_asunto_id"))
        batch_op.drop_index(batch_op.f("ix_asignacion_historial_asesor_nuevo"))

    op.drop_table("asignacion_historial")
    with op.batch_alter_table("revision_conflicto", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revision_conflicto_prospecto_id"))

    op.drop_table("revision_conflicto")
    with op.batch_alter_table("propuesta", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_propuesta_prospecto_id"))
        batch_op.drop_index(batch_op.f("ix_propuesta_estado"))

    op.drop_table("propuesta")
    with op.batch_alter_table("duda", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duda_prospecto_id"))

    op.drop_table("duda")
    with op.batch_alter_table("asunto", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asunto_supervisor_id"))
        batch_op.drop_index(batch_op.f("ix_asunto_estado"))
        batch_op.drop_index(batch_op.f("ix_asunto_cliente_id"))
        batch_op.drop_index(batch_op.f("ix_asunto_asesor_id"))

    op.drop_table("asunto")
    with op.batch_alter_table("analisis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_analisis_prospecto_id"))

    op.drop_table("analisis")
    with op.batch_alter_table("prospecto", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prospecto_reapertura_de"))
        batch_op.drop_index(batch_op.f("ix_prospecto_persona_id"))
        batch_op.drop_index(batch_op.f("ix_prospecto_oportunidad_id"))
        batch_op.drop_index(batch_op.f("ix_prospecto_instance_id"))
        batch_op.drop_index(batch_op.f("ix_prospecto_gerente_id"))
        batch_op.drop_index(batch_op.f("ix_prospecto_estado"))

    op.drop_table("prospecto")
    with op.batch_alter_table("enlace", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enlace_persona_id"))
        batch_op.drop_index(batch_op.f("ix_enlace_business_key"))

    op.drop_table("enlace")
    with op.batch_alter_table("consentimiento", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consentimiento_persona_id"))

    op.drop_table("consentimiento")
    op.drop_table("asesor")
    op.drop_table("plazo_catalogo")
    op.drop_table("plantilla")
    with op.batch_alter_table("persona", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_persona_rfc"))
        batch_op.drop_index(batch_op.f("ix_persona_nombre_normalizado"))
        batch_op.drop_index(batch_op.f("ix_persona_correo"))

    op.drop_table("persona")
    op.drop_table("folio")
    with op.batch_alter_table("evento_bitacora", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evento_bitacora_business_key"))

    op.drop_table("evento_bitacora")
    op.drop_table("dia_inhabil")
    with op.batch_alter_table("correo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correo_plantilla"))
        batch_op.drop_index(batch_op.f("ix_correo_estado"))
        batch_op.drop_index(batch_op.f("ix_correo_business_key"))

    op.drop_table("correo")
    op.drop_table("colaborador")
    op.drop_table("ajuste")
    with op.batch_alter_table("user_task_index", schema=None) as batch_op:
        batch_op.drop_index("ix_user_task_index_task")
        batch_op.drop_index("ix_user_task_index_priority")
        batch_op.drop_index("ix_user_task_index_due")
        batch_op.drop_index("ix_user_task_index_created")

    op.drop_table("user_task_index")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_task_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_hash"))
        batch_op.drop_index(batch_op.f("ix_attachment_business_key"))

    op.drop_table("attachment")
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_user_task_open_search",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "ix_user_task_open_business_key",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index("ix_user_task_instance")

    op.drop_table("user_task")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index("ix_subscription_name")
        batch_op.drop_index(batch_op.f("ix_subscription_instance_id"))

    op.drop_table("subscription")
    op.drop_table("kept_state")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_state")
        batch_op.drop_index(batch_op.f("ix_job_instance_id"))
        batch_op.drop_index("ix_job_due")

    op.drop_table("job")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_resolved")
        batch_op.drop_index(batch_op.f("ix_incident_instance_id"))

    op.drop_table("incident")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index("ix_history_instance")

    op.drop_table("history")
    op.drop_table("resource")
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_process_instance_under_way",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_process_instance_state")
        batch_op.drop_index(
            "ix_process_instance_incidents",
            postgresql_where=sa.text("incidents > 0"),
            sqlite_where=sa.text("incidents > 0"),
        )

    op.drop_table("process_instance")
    with op.batch_alter_table("deployed_definition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deployed_definition_definition_id"))

    op.drop_table("deployed_definition")
    op.drop_table("worker")
    op.drop_table("process_definition")
    op.drop_table("message_start")
    with op.batch_alter_table("kept_message", schema=None) as batch_op:
        batch_op.drop_index("ix_kept_message_name")

    op.drop_table("kept_message")
    op.drop_table("deployment")
    op.drop_table("content")
    op.drop_table("clock")
