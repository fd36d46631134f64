"""How Alembic meets the database: on the connection that it is given, with the tables of engine, firm and web."""

from __future__ import annotations

from alembic import context

import engine
from tasks.registros import Base as FirmBase
from web.tables import metadata

TARGETS = [engine.metadata, FirmBase.metadata, metadata]


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=TARGETS,
        compare_type=True,
        # SQLite adds and drops columns itself; a table changed by copying it cannot be dropped while rows refer to it.
        render_as_batch=False,
        # The caller's transaction is the one that counts.
        transactional_ddl=False,
    )
    context.run_migrations()


run()
