"""The first tables.

Written out by Alembic at the first release; until then it makes what the program declares.
"""

from alembic import op

import engine
from tasks.registros import Base as FirmBase
from web.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    for tables in (engine.metadata, FirmBase.metadata, metadata):
        tables.create_all(op.get_bind())


def downgrade() -> None:
    for tables in (metadata, FirmBase.metadata, engine.metadata):
        tables.drop_all(op.get_bind())
