"""What a verb costs in statements and commits, and that lists are read from indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from engine import Actor, Engine, InstanceQuery, JobQuery, UserTaskQuery

from .cases import ANA, BETO, NINE, new_engine, only_task
from .models import model, user_task

THREE = model(
    "tres",
    *[user_task(name, due='=now() + duration("P1D")') for name in ("uno", "dos", "tercera")],
    flows="inicio > uno > dos > tercera > fin",
)


@contextmanager
def counted(engine: Engine) -> Iterator[dict[str, list[Any]]]:
    seen: dict[str, list[Any]] = {"statements": [], "commits": []}

    def statement(connection: Any, cursor: Any, sql: str, parameters: Any, context: Any, many: bool) -> None:
        seen["statements"].append((sql, parameters))

    def commit(connection: Any) -> None:
        seen["commits"].append(1)

    event.listen(engine.database, "before_cursor_execute", statement)
    event.listen(engine.database, "commit", commit)
    yield seen
    event.remove(engine.database, "before_cursor_execute", statement)
    event.remove(engine.database, "commit", commit)


def test_a_completion_is_one_commit_of_few_statements(database_url: str) -> None:
    engine = new_engine(database_url, THREE)
    engine.start("tres", "T-0", by=BETO)
    engine.complete(only_task(engine, "T-0").id, {}, by=ANA)
    engine.start("tres", "T-1", by=BETO)
    for number in range(3):
        task = only_task(engine, "T-1")
        with counted(engine) as seen:
            engine.complete(task.id, {"decision": "si"}, request_id=f"r{number}", revision=task.revision, by=ANA)
        assert len(seen["commits"]) == 1
        assert len(seen["statements"]) <= 10, "\n".join(sql for sql, _ in seen["statements"])
    engine.close()


def test_statements_do_not_grow_with_the_rows_of_a_table(database_url: str) -> None:
    """One statement for each table, however many tasks a step opens."""
    wide = model(
        "ancho",
        '<bpmn:parallelGateway id="abrir"/>',
        *[user_task(f"t{number}") for number in range(12)],
        flows="inicio > abrir\n" + "\n".join(f"abrir > t{n} > fin{n}" for n in range(12)),
    )
    engine = new_engine(database_url, wide)
    engine.start("ancho", "A-0", by=BETO)
    with counted(engine) as seen:
        engine.start("ancho", "A-1", by=BETO)
    assert len(seen["statements"]) <= 6, "\n".join(sql for sql, _ in seen["statements"])
    engine.close()


QUERIES: dict[str, Callable[[], UserTaskQuery]] = {
    "mine and groups": lambda: UserTaskQuery(mine=True, groups=True),
    "by priority": lambda: UserTaskQuery(groups=True, sort="priority"),
    "everything by creation": lambda: UserTaskQuery(sort="created"),
    "overdue": lambda: UserTaskQuery(mine=True, groups=True, due_before=NINE),
    "search": lambda: UserTaskQuery(mine=True, groups=True, search="P-1"),
    "of one matter": lambda: UserTaskQuery(business_key="P-1"),
}


def assert_read_from_indexes(engine: Engine, kind: str, statements: list[Any]) -> None:
    """No statement reads a whole table. (PostgreSQL prefers to read small ones whole; here it may not.)"""
    selects = [(sql, parameters) for sql, parameters in statements if sql.startswith("SELECT")]
    assert selects
    with engine.database.connect() as connection:
        for sql, parameters in selects:
            if kind == "sqlite":
                plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)]
                tables = ("user_task", "process_instance", "job", "incident", "operation")
                whole = [line for line in plan if line in {f"SCAN {table}" for table in tables}]
            else:
                connection.exec_driver_sql("SET enable_seqscan = off")
                plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", parameters)]
                whole = [line for line in plan if "Seq Scan" in line]
            assert whole == [], "\n".join(plan)


@pytest.mark.parametrize("name", QUERIES)
def test_an_inbox_is_read_from_indexes(database_url: str, database_kind: str, name: str) -> None:
    engine = new_engine(database_url)
    for number in range(30):
        engine.start("pedido", f"P-{number}", {"piezas": 1}, by=BETO)
    actor = Actor("ana", frozenset({"almacen", "ventas"}))
    first = engine.user_tasks(UserTaskQuery(mine=True, groups=True), size=5, by=actor)
    page = first.next if name == "mine and groups" else None
    with counted(engine) as seen:
        engine.user_tasks(QUERIES[name](), page, 5, by=actor)
    assert_read_from_indexes(engine, database_kind, seen["statements"])
    engine.close()


LISTS: dict[str, Callable[[Engine], Any]] = {
    "due jobs": lambda engine: engine.run_due_jobs(),
    "jobs": lambda engine: engine.jobs(by=ANA),
    "failed jobs": lambda engine: engine.jobs(JobQuery(state="failed"), by=ANA),
    "incidents": lambda engine: engine.incidents(by=ANA),
    "instances": lambda engine: engine.instances(by=ANA),
    "instances that run": lambda engine: engine.instances(InstanceQuery(state="running"), by=ANA),
    "instances with incidents": lambda engine: engine.instances(InstanceQuery(with_incidents=True), by=ANA),
    "instances by search": lambda engine: engine.instances(InstanceQuery(search="P-1"), by=ANA),
    "counts": lambda engine: engine.counts(by=ANA),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_from_indexes(database_url: str, database_kind: str, name: str) -> None:
    engine = new_engine(database_url, after_step=0)
    for number in range(5):
        engine.start("pedido", f"P-{number}", {"piezas": 1}, by=BETO)
    with counted(engine) as seen:
        LISTS[name](engine)
    assert_read_from_indexes(engine, database_kind, seen["statements"])
    engine.close()
