"""Drafts of the studio, and what was said at each publication."""

from alembic import op

from web.studio.tables import DraftFile, Publication

revision = "0002"
down_revision = "0001"

TABLES = (DraftFile.__table__, Publication.__table__)


def upgrade() -> None:
    for table in TABLES:
        # A new database has them from 0001, which makes what the program declares.
        table.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    for table in TABLES:
        table.drop(op.get_bind(), checkfirst=True)
