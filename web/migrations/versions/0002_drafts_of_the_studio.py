"""Drafts of the studio, and what was said at each publication."""

import sqlalchemy as sa
from alembic import op

import engine.storage.types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "draft_file",
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("base", sa.String(length=64), nullable=True),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("changed", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_draft_file")),
    )
    op.create_table(
        "publication",
        sa.Column("deployment_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("published", engine.storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_publication")),
    )


def downgrade() -> None:
    op.drop_table("publication")
    op.drop_table("draft_file")
