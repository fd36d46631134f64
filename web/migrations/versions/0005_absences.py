"""Absences as intervals of their own, with whoever stands in; no more «ausente hasta» at the person."""

from alembic import op
from sqlalchemy import Column, DateTime, inspect

from tasks.registros import Ausencia

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # A new database has all of this from 0001, which makes what the program declares.
    Ausencia.__table__.create(op.get_bind(), checkfirst=True)
    if any(column["name"] == "ausente_hasta" for column in inspect(op.get_bind()).get_columns("colaborador")):
        op.drop_column("colaborador", "ausente_hasta")


def downgrade() -> None:
    op.add_column("colaborador", Column("ausente_hasta", DateTime(timezone=True), nullable=True))
    Ausencia.__table__.drop(op.get_bind(), checkfirst=True)
