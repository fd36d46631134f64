"""The migrations make exactly the tables that the program declares, on both databases."""

from __future__ import annotations

import pathlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Boolean, MetaData, column, select
from sqlalchemy import table as lightweight_table

from engine import SYSTEM, Engine, Instruction, Operation, OperationQuery
from engine.storage import database as storage
from engine.storage.types import UtcDateTime
from tasks.registros import Ausencia, Persona, Prospecto
from tasks.registros.tipos import Datos
from tests.engine.cases import ANA, BETO, NINE, deploy, frozen, only_task, open_engine
from tests.engine.models import model as simple
from tests.engine.models import timer, user_task
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


def test_what_was_done_by_hand_before_the_log_is_told_from_the_history(database_url: str) -> None:
    """Everything that the history knows: the same lines as those that were written when it was done."""
    database = storage.connect(database_url)
    schema.upgrade_database(database)
    engine = open_engine(database_url, clock=frozen())
    target = operate(engine)
    before = lines_of(engine)
    assert len(before) == 23
    with engine.transaction(SYSTEM) as tx:
        person = Persona(nombre="Luis Nava", usuario="ana")
        tx.session.add(person)
        tx.session.flush()
        gone = Prospecto(folio="O-4", persona_id=person.id, canal="web", descripcion="(suprimido)", usuario="ana")
        tx.session.add(gone)
    schema.downgrade_database(database, "0003")
    schema.upgrade_database(database)
    after = lines_of(engine)
    # Of an order for a migration the history knows the parts only; of one for a version not for how many it was.
    (order,) = [line for line in before if line["action"] == "migrate" and line["business_key"] is None]
    expected = []
    for line in before:
        if line["action"].endswith("_definition"):
            line = {**line, "changes": ()}
        if line["business_key"] == "O-4":
            line = {**line, "reason": "(suprimido)", "changes": ()}
        if line is not order:
            expected.append({**line, "order": None if line["order"] == ("migrate", order["reason"]) else line["order"]})
    assert after == sorted(expected, key=str)
    assert target in {line["deployment_id"] for line in after}
    engine.close()
    database.dispose()


def operate(engine: Engine) -> str:
    """What operators do, each kind of event once; answers the deployment that some were moved to."""
    model = user_task("algo"), timer("espera", "P1D")
    one = simple("otro", *model, flows="inicio > algo > espera > fin")
    deploy(engine, one)
    ids = [engine.start("otro", f"O-{number}", {"a": 1}, by=BETO).id for number in range(5)]
    moment = NINE

    def later() -> None:
        nonlocal moment
        moment += timedelta(minutes=1)
        engine.move_clock(moment, by=ANA)

    later()
    engine.assign(only_task(engine, "O-0").id, "beto", by=ANA)
    engine.assign(only_task(engine, "O-0").id, None, reason="ya no", by=SYSTEM)
    engine.set_variables(ids[0], {"a": Decimal("2.50"), "largo": "x" * 600}, reason="corrige", by=ANA)
    engine.skip(only_task(engine, "O-1").id, {"b": 3}, reason="no hace falta", by=ANA)
    (wait,) = engine.wait_states(ids[1], by=ANA)
    engine.set_due(wait.id, NINE + timedelta(days=3), reason="más tarde", by=ANA)
    later()
    engine.suspend_definition("otro:1", reason="alto", instances=True, by=ANA)
    later()
    engine.resume_definition("otro:1", reason="ya", by=ANA)
    source, target = engine.instance(ids[0], by=ANA).deployment_id, deploy(engine, one.replace(b"P1D", b"P2D")).id
    later()
    plan = engine.plan_migration(source, target, by=ANA)
    engine.migrate(plan, ids[:2], reason="al día", by=ANA)
    engine.modify(ids[0], [Instruction("cancel", "otro", "algo"), Instruction("start_before", "otro", "espera")],
                  reason="de frente", by=ANA)  # fmt: skip
    engine.cancel(ids[4], reason="secreto", by=ANA)
    return target


def lines_of(engine: Engine) -> list[dict[str, Any]]:
    """The operation log but for the ids, in an order that depends on what the lines say only."""
    queries = [OperationQuery(), *(OperationQuery(search=f"O-{number}") for number in range(5))]
    found = {one.id: one for query in queries for one in engine.operations(query, size=500, by=SYSTEM).items}
    orders = {one.id: (one.action, one.reason) for one in found.values()}
    left_out = ("id", "order_id", "parts")
    lines = [
        {name: getattr(one, name) for name in Operation.__slots__ if name not in left_out}
        | {"order": orders.get(one.order_id or "")}
        for one in found.values()
    ]
    return sorted(lines, key=str)
