"""The demo's data: the firm with its people, their accounts, the published process; and how to begin again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import Session

import engine as cauce
from engine import SYSTEM, Engine, load_folder
from engine.storage.database import writing
from tasks import base
from tasks.registros import Base as FirmBase
from tasks.registros import Colaborador
from web import accounts
from web.tables import metadata

ADMIN = ("admin", "Administración", ["admin", "operador", "analista", "publicador"])


def metadatas() -> tuple[MetaData, ...]:
    """Tables of the engine, of the firm and of the web, in this order."""
    return cauce.metadata, FirmBase.metadata, metadata


def demo(engine: Engine, processes: Path) -> list[tuple[str, str, list[str]]]:
    """Fill an empty database with the demo, and publish the process as it stands in its folder.

    Answers (user name, password, groups) of the demo's accounts, whether they were made now or before. Needs an
    application context, for the hashing of passwords.
    """
    with engine.transaction(SYSTEM) as tx:
        if base.sembrar(tx.session):
            usuario, nombre, grupos = ADMIN
            tx.session.add(
                Colaborador(usuario=usuario, nombre=nombre, correo="admin@barrerasolis.example", grupos=grupos)
            )
            tx.session.flush()
            for person in tx.session.query(Colaborador):
                accounts.create(tx.session, person.usuario, password_of(person.usuario), temporary=False)
        people = [
            (person.usuario, password_of(person.usuario), list(person.grupos))
            for person in tx.session.query(Colaborador).order_by(Colaborador.usuario)
        ]
    publish(engine, processes)
    return people


def publish(engine: Engine, processes: Path) -> None:
    """Deploy the process folder; nothing happens when exactly this content is deployed already."""
    resources = load_folder(processes)
    if any(name.startswith("bpmn/") for name in resources):
        engine.deploy(resources, name=processes.name, by=SYSTEM)


def password_of(usuario: str) -> str:
    """Password of a demo account."""
    return f"{usuario}-cauce-2027"


def reset(engine: Engine, processes: Path) -> None:
    """Delete everything, and put the demo's data back."""
    with writing(engine.database) as connection, Session(connection) as session:
        for table in _children_first():
            session.execute(table.delete())
        session.flush()
    demo(engine, processes)


def _children_first() -> Iterator[Table]:
    for tables in reversed(metadatas()):
        yield from reversed(tables.sorted_tables)
