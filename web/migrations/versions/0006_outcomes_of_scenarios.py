"""How scenarios went on a state of the draft."""

from alembic import op

from web.studio.tables import ScenarioOutcome

revision = "0006"
down_revision = "0005"

TABLE = ScenarioOutcome.__table__


def upgrade() -> None:
    # A new database has it from 0001, which makes what the program declares.
    TABLE.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    TABLE.drop(op.get_bind(), checkfirst=True)
