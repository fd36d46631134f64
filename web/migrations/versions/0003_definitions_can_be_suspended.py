"""Definitions can be suspended, alone or with their instances."""

from alembic import op
from sqlalchemy import Boolean, Column, false, inspect

from engine.storage import tables as t

revision = "0003"
down_revision = "0002"

COLUMNS = (("process_definition", "suspended"), ("process_instance", "held"))


def upgrade() -> None:
    for table, name in COLUMNS:
        # A new database has them from 0001, which makes what the program declares.
        if name not in {one["name"] for one in inspect(op.get_bind()).get_columns(table)}:
            op.add_column(table, Column(name, Boolean(), nullable=False, server_default=false()))
    t.definition_suspension.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    t.definition_suspension.drop(op.get_bind(), checkfirst=True)
    for table, name in COLUMNS:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)
