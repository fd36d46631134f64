from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from engine.storage import tables
from engine.values import Actor
from tasks.calendario import ZONA
from tasks.registros import Base, Persona, Prospecto
from tests.tasks.firma import Firma


@pytest.fixture(scope="session")
def tablas():
    """The tables of engine and firm on SQLite in memory; each test undoes what it wrote."""
    database = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})
    event.listen(database, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    event.listen(database, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    tables.metadata.create_all(database)
    Base.metadata.create_all(database)
    yield database
    database.dispose()


@pytest.fixture
def session(tablas):
    """A session on empty tables."""
    with tablas.connect() as connection, connection.begin() as transaction:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        transaction.rollback()


@dataclass
class Paso:
    """A step as handlers see it, with the jobs that it asked for; stands for the engine, which has its own tests."""

    session: Session
    now: datetime
    business_key: str = ""
    actor: Actor = Actor("hruiz", frozenset({"gerente"}))
    adapters: Any = None
    entered_at: datetime | None = None
    jobs: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    variables: dict = field(default_factory=dict)

    def __post_init__(self):
        self.entered_at = self.entered_at or self.now
        self.session.info["transaction"] = self

    def at(self, now, **changes):
        """The same matter at another moment."""
        return replace(self, now=now, entered_at=None, **changes)

    def schedule(self, topic, due, key, input=None):
        self.jobs[key] = (topic, due, input)

    def unschedule(self, key):
        for name in [n for n in self.jobs if n == key or (key.endswith("*") and n.startswith(key[:-1]))]:
            del self.jobs[name]

    def resource(self, name):
        return self.files[name]


@pytest.fixture
def paso(session):
    """`paso(datetime)`: a step at that moment of the firm's own time."""

    def at(*moment, **values):
        return Paso(session, datetime(*moment, tzinfo=ZONA), **values)

    return at


@pytest.fixture
def prospecto(session):
    persona = Persona(nombre="María Fernanda López Ortega", correo="mflopez@ejemplo.mx", tratamiento="Sra.")
    session.add(persona)
    session.flush()
    fila = Prospecto(
        folio="PRO-2027-0001", persona_id=persona.id, canal="telefono", descripcion="Embargo de una cuenta"
    )
    session.add(fila)
    session.flush()
    return fila


@pytest.fixture
def firma(database_url, tmp_path):
    """`firma(**adapters)`: a firm with its engine, on each database; ends with the test."""
    abiertas = []

    def abrir(**adaptadores):
        abiertas.append(Firma(database_url, tmp_path, **adaptadores))
        return abiertas[-1]

    yield abrir
    for una in abiertas:
        una.cerrar()
