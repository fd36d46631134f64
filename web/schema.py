"""The tables of the database, brought up to this program by Alembic: one tree for engine, firm and web."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine as Database

from engine.storage import database as storage
from web.settings import Settings


class Behind(ValueError):
    """The database's tables are not those of this program."""


def upgrade(settings: Settings) -> None:
    """Run the migrations that are missing; nothing when there are none."""
    database = storage.connect(settings.database_url)
    try:
        upgrade_database(database)
    finally:
        database.dispose()


def upgrade_database(database: Database, to: str = "head") -> None:
    """The same, on an open database; tests stop at an earlier migration."""
    with storage.writing(database) as connection:
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, to)


def downgrade_database(database: Database, to: str) -> None:
    """Back to an earlier migration: what later ones keep is gone then. For tests of what an upgrade fills in."""
    with storage.writing(database) as connection:
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, to)


def stamp(database: Database) -> None:
    """Say that tables made without migrations, as tests make them, are those of this program."""
    with storage.writing(database) as connection:
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.stamp(configuration, "head")


def is_current(database: Database) -> bool:
    """Whether every migration of this program has been run."""
    with storage.reading(database) as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    return now == ScriptDirectory.from_config(_configuration()).get_current_head()


def require_current(settings: Settings) -> None:
    """Raises Behind, saying what to do, when migrations are missing."""
    database = storage.connect(settings.database_url)
    try:
        current = is_current(database)
    finally:
        database.dispose()
    if not current:
        raise Behind(f"The tables of {settings.shown_database} are not current; run: cauce upgrade")


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return configuration


def write_revision(message: str) -> Path:
    """Write the migration from the last one to the tables as the program declares them now; read it before it is kept.

    For developers: `python -m web.schema "Why the tables change"`.
    """
    scripts = ScriptDirectory.from_config(_configuration())
    last = scripts.get_current_head() or "0000"
    with TemporaryDirectory() as folder:
        database = storage.connect(f"sqlite:///{folder}/empty.db")
        upgrade_database(database)
        with storage.writing(database) as connection:
            configuration = _configuration()
            configuration.attributes["connection"] = connection
            number = f"{int(last) + 1:04}"
            command.revision(configuration, message, autogenerate=True, rev_id=number)
        database.dispose()
    return next((Path(__file__).parent / "migrations" / "versions").glob(f"{number}_*.py"))


if __name__ == "__main__":
    print(write_revision(sys.argv[1]))
