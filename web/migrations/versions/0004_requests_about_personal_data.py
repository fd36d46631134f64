"""Requests of clients about their personal data (ARCO)."""

from alembic import op

from tasks.registros import SolicitudArco

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # A new database has it from 0001, which makes what the program declares.
    SolicitudArco.__table__.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    SolicitudArco.__table__.drop(op.get_bind(), checkfirst=True)
