"""The migrations make exactly the tables that the program declares, on both databases."""

from __future__ import annotations

import pathlib
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Boolean, MetaData, column, select
from sqlalchemy import table as lightweight_table

from engine.storage import database as storage
from engine.storage.types import UtcDateTime
from tasks.registros import Ausencia
from tasks.registros.tipos import Datos
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


def test_who_was_away_before_is_away_after_the_upgrade(database_url: str) -> None:
    database = storage.connect(database_url)
    try:
        schema.upgrade_database(database, "0002")
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)
        person = {
            "usuario": "hruiz", "nombre": "Héctor Ruiz", "correo": "h@ejemplo.mx", "horario": "", "grupos": [],
            "activo": True, "suplente": "abarrera", "ausente_hasta": until,
        }  # fmt: skip
        types = {"grupos": Datos(), "activo": Boolean(), "ausente_hasta": UtcDateTime()}
        with storage.writing(database) as connection:
            people = lightweight_table("colaborador", *(column(name, types.get(name)) for name in person))
            connection.execute(people.insert(), [person, person | {"usuario": "abarrera", "ausente_hasta": None}])
        schema.upgrade_database(database)
        with storage.reading(database) as connection:
            found = connection.execute(select(Ausencia.ausente, Ausencia.suplente, Ausencia.hasta)).one()
        assert tuple(found) == ("hruiz", "abarrera", until)
    finally:
        database.dispose()
