"""A process that dies at any statement or commit: the next one finishes the case as if nothing had happened."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from engine import SYSTEM, Engine, InstanceQuery, MovableClock, UserTaskQuery
from engine.storage import tables as t

from .cases import (
    ANA,
    BETO,
    NINE,
    PEDIDO,
    assert_rows_equal_waits,
    kinds,
    new_engine,
    open_engine,
    record_ids,
    records,
)
from .models import boundary, message_start, model, throw, timer, user_task
from .models import service_task as service

VENTA = model(
    "venta",
    message_start("inicio", "compra"),
    timer("pausa", "PT1H"),
    service("avisar", "correo", inputs={"para": '="luz"'}),
    user_task("firmar"),
    boundary("insistir", "firmar", timer="PT30M", interrupting=False),
    throw("facturar", "factura", {"correlationKey": '="V-1/F-1"'}),
    flows="""
    inicio > pausa > avisar > firmar > facturar > fin
    insistir > fin_insistir
    """,
    messages={"compra": None, "factura": None},
)
FACTURA = model(
    "factura",
    message_start("inicio", "factura"),
    user_task("cobrar"),
    flows="inicio > cobrar > fin",
    messages={"factura": None},
)


class Posts:
    """The post office of a handler outside the house: what was handed in, across all processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: tuple[str, str, str]) -> None:
        with self.path.open("a") as file:
            file.write(entry[0] + "\n")

    def ids(self) -> list[str]:
        return self.path.read_text().split() if self.path.exists() else []


def order(engine: Engine) -> None:
    """One order from wherever it stands to its end, by somebody who repeats every request until it is answered."""
    instance = engine.start("pedido", "P-1", {"piezas": 7}, request_id="inicio", by=BETO)
    while engine.instance(instance.id, by=ANA).state == "running":
        engine.run_due_jobs()
        for task in engine.user_tasks(UserTaskQuery(business_key="P-1"), by=ANA).items:
            engine.complete(task.id, {"hecho": task.element_id}, request_id=task.element_id, by=ANA)


def sale(engine: Engine) -> None:
    """A message that starts, timers, a handler outside the house, a message to another process."""
    if not engine.instances(InstanceQuery(process_key="venta"), by=ANA).items:
        engine.correlate("compra", business_key="V-1", by=ANA)
    engine.move_clock(NINE + timedelta(hours=2), by=ANA)
    for key in ("V-1", "V-1/F-1"):
        for task in engine.user_tasks(UserTaskQuery(business_key=key), by=ANA).items:
            engine.claim(task.id, by=ANA)
            engine.complete(task.id, {}, request_id=task.id, by=ANA)
        engine.run_due_jobs()


@dataclass(frozen=True)
class Case:
    walk: Callable[[Engine], None]
    models: tuple[bytes, ...]
    records: int
    posts: int
    statements: int
    """A walk has more than these, or the test proves less than it says."""
    stride: int


CASES = {"order": Case(order, (PEDIDO,), 2, 0, 40, stride=3), "sale": Case(sale, (VENTA, FACTURA), 0, 1, 100, stride=6)}


@pytest.mark.parametrize("name", CASES)
def test_a_kill_at_any_statement_heals(database_url: str, database_kind: str, tmp_path: Path, name: str) -> None:
    """Some statements of each walk here; `make faults` takes every one (tests/faults)."""
    case = CASES[name]
    kill_and_heal(case, database_url, tmp_path, stride=8 if database_kind == "postgresql" else case.stride)


def kill_and_heal(case: Case, database_url: str, tmp_path: Path, *, stride: int) -> None:
    posts = Posts(tmp_path / "posts")
    options: dict[str, Any] = {"lease": timedelta(0), "adapters": posts}

    def opened() -> Engine:
        return open_engine(database_url, clock=MovableClock(start=NINE, frozen=True), **options)

    engine = new_engine(database_url, *case.models, clock=MovableClock(start=NINE, frozen=True), **options)
    case.walk(engine)
    undisturbed = _told(engine)
    _wipe(engine, posts)
    engine.close()
    for at in itertools.count(1, stride):
        if not _killed(opened, case.walk, at):
            break
        engine = opened()
        case.walk(engine)
        assert _told(engine) == undisturbed, f"killed at statement {at}"
        assert len(record_ids(engine)) == case.records, f"killed at statement {at}"
        assert len(set(posts.ids())) == case.posts, f"killed at statement {at}"
        assert_rows_equal_waits(engine)
        _wipe(engine, posts)
        engine.close()
    assert at > case.statements


def _told(engine: Engine) -> list[tuple[str, str, list[str]]]:
    """Every instance with its state and what its history says."""
    found = engine.instances(InstanceQuery(), by=ANA).items
    assert all(instance.state == "completed" for instance in found)
    return sorted((instance.business_key, instance.state, kinds(engine, instance.id)) for instance in found)


def _killed(opened: Callable[[], Engine], walk: Callable[[Engine], None], at: int) -> bool:
    """Walk in a process that dies at its `at`-th statement or commit; False when it got to the end before."""
    child = os.fork()
    if child == 0:
        try:
            engine = opened()
            count = itertools.count(1)

            def die(*_: Any) -> None:
                if next(count) == at:
                    os._exit(9)

            event.listen(engine.database, "before_cursor_execute", die)
            event.listen(engine.database, "commit", die)
            walk(engine)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9)
    return code == 9


def _wipe(engine: Engine, posts: Posts) -> None:
    """Forget all instances, keep what is deployed."""
    with engine.transaction(SYSTEM) as tx:
        for table in (t.history, t.incident, t.subscription, t.job, t.user_task_index, t.user_task):
            tx.execute(table.delete())
        tx.execute(t.process_instance.delete())
        tx.execute(t.clock.delete())
        tx.execute(records.delete())
    posts.path.unlink(missing_ok=True)
