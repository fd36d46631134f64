"""The migrations make exactly the tables that the program declares, on both databases."""

from __future__ import annotations

import pathlib

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData

from engine.storage import database as storage
from web import schema, seed
from web.settings import Settings


def test_migrations_make_the_declared_tables(database_url: str) -> None:
    database, declared = storage.connect(database_url), MetaData()
    for tables in seed.metadatas():
        for table in tables.sorted_tables:
            table.to_metadata(declared)
    try:
        schema.upgrade_database(database)
        with storage.reading(database) as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, declared) == []
        schema.upgrade_database(database)
    finally:
        database.dispose()


def test_a_database_without_tables_is_not_current(database_url: str, tmp_path: pathlib.Path) -> None:
    settings = Settings(var=tmp_path, database_url=database_url, secret_key="s" * 40)
    with pytest.raises(schema.Behind, match="cauce upgrade"):
        schema.require_current(settings)
