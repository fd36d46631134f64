"""The demo's data: the firm with its people, their accounts, the published process; and how to begin again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import Session

import engine as cauce
from engine import SYSTEM, Engine, MovableClock, load_folder
from engine.storage.database import writing
from tasks import base, resumen, retencion
from tasks.registros import Base as FirmBase
from tasks.registros import Colaborador
from web import accounts, scenarios
from web.scenarios.firm import ScenarioFirm
from web.tables import metadata

ADMIN = ("admin", "Administración", ["admin", "operador", "analista", "publicador"])


def metadatas() -> tuple[MetaData, ...]:
    """Tables of the engine, of the firm and of the web, in this order."""
    return cauce.metadata, FirmBase.metadata, metadata


STORY = "demo_*.yaml"
"""The scenario that brings the demo's first matters under way; a folder of processes without one begins empty."""


def demo(
    engine: Engine, processes: Path, tell: Callable[[str], None] = lambda line: None, *, story: bool = True
) -> list[tuple[str, str, list[str]]]:
    """Fill an empty database with the demo, publish the process as it stands in its folder, and play the story that
    brings the first matters under way.

    Answers (user name, password, groups) of the demo's accounts, whether they were made now or before. `tell` gets a
    line for each step of the story; without `story` there are people but no matters, and the clock stays as it is.
    Needs an application context, for the hashing of passwords. Raises ValueError when the story does not go as told.
    """
    told = [scenarios.load(path) for path in sorted((processes / "scenarios").glob(STORY))] if story else []
    with engine.reading(SYSTEM) as tx:
        new = tx.session.query(Colaborador).first() is None
    if new and told:
        with _standing_clock(engine):
            engine.move_clock(told[0].starts, by=SYSTEM)
            _people(engine)
            publish(engine, processes)
            for one in told:
                report = scenarios.run(one, lambda: ScenarioFirm(engine, keep_open=True), tell=tell)
                if report.failure is not None:
                    raise ValueError(f"{one.path}: {report.failure}")
    else:
        _people(engine)
        publish(engine, processes)
    if new:
        with engine.transaction(SYSTEM) as tx:
            resumen.programar(tx)
            retencion.programar(tx)
    with engine.reading(SYSTEM) as tx:
        return [
            (person.usuario, password_of(person.usuario), list(person.grupos))
            for person in tx.session.query(Colaborador).order_by(Colaborador.usuario)
        ]


@contextmanager
def _standing_clock(engine: Engine) -> Iterator[None]:
    """Business time stands still but for the moves of the story, then goes on from there. How long its steps take on
    this machine is of no interest to whoever reads the story."""
    clock, engine.clock = engine.clock, MovableClock(frozen=True)
    handling = logging.getLogger("engine.handling")
    level = handling.level
    handling.setLevel(logging.ERROR)
    try:
        yield
    finally:
        engine.clock = clock
        handling.setLevel(level)
    with engine.reading(SYSTEM) as tx:
        now = tx.now
    engine.move_clock(now, by=SYSTEM)


def _people(engine: Engine) -> None:
    """The firm's people with their accounts and old matters, unless there are people already."""
    with engine.transaction(SYSTEM) as tx:
        if not base.sembrar(tx.session):
            return
        usuario, nombre, grupos = ADMIN
        tx.session.add(Colaborador(usuario=usuario, nombre=nombre, correo="admin@barrerasolis.example", grupos=grupos))
        tx.session.flush()
        for person in tx.session.query(Colaborador):
            accounts.create(tx.session, person.usuario, password_of(person.usuario), temporary=False)


def publish(engine: Engine, processes: Path) -> None:
    """Deploy the process folder; nothing happens when exactly this content is deployed already, or when somebody has
    published in the studio since: what they published stays."""
    latest = next(iter(engine.deployments(by=SYSTEM)), None)
    if latest is not None and latest.deployed_by != SYSTEM.id:
        return
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
