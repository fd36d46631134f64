"""The disk is full: a step is refused as a whole, what was answered is there, and with space everything goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from engine import SYSTEM, JobQuery, UserTaskQuery
from tests.engine.cases import ANA, BETO, NINE, assert_rows_equal_waits, frozen, new_engine
from tests.faults.figures import tell


def test_full_and_then_space_again(tmp_path: Path, request: Any) -> None:
    """`max_page_count` makes SQLite find its disk full at any page that we choose."""
    orders = 400 if request.config.getoption("--long") else 60
    engine = new_engine(f"sqlite:///{tmp_path / 'cauce.db'}", after_step=0, clock=frozen(), lease=timedelta(0))
    limit = [0]

    @event.listens_for(engine.database, "begin")
    def bound(connection: Any) -> None:
        pages = limit[0] or 1_000_000
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    with engine.reading(SYSTEM) as tx:
        pages = int(tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    answered: set[str] = set()
    refused = 0
    for number in range(orders):
        # A little more space each time: the disk gets full at another statement of the step.
        limit[0] = pages + number // 4
        for step in (lambda n=number: _start(engine, n), lambda: _complete(engine), lambda: engine.run_due_jobs(1)):
            done = _tried(step)
            refused += isinstance(done, OperationalError)
            answered |= {done} if isinstance(done, str) else set()
        # Between the steps too: reading goes on, and nothing is half there.
        assert_rows_equal_waits(engine)
    assert refused > 10, "the disk was never full"
    limit[0] = 0
    _there(engine, answered)
    # A job that met the full disk is none the worse for it: nobody has to retry it.
    assert engine.jobs(JobQuery(state="failed"), by=ANA).items == ()
    for hours in range(1, 4):
        while _complete(engine) is not None:
            pass
        engine.move_clock(NINE + timedelta(hours=hours), by=ANA)
    assert engine.user_tasks(UserTaskQuery(), by=ANA).items == ()
    assert {one.state for one in engine.instances(size=1000, by=ANA).items} == {"completed"}
    assert_rows_equal_waits(engine)
    engine.close()
    tell(
        "full_disk",
        database="sqlite",
        orders=orders,
        refused=refused,
        answered=len(answered),
        missing=0,
    )


def _tried(step: Callable[[], Any]) -> Any:
    """What the step gave, or the error of a full disk; any other is raised."""
    try:
        return step()
    except OperationalError as error:
        if "database or disk is full" not in str(error):
            raise
        return error


def _start(engine: Any, number: int) -> str:
    return str(engine.start("pedido", f"D-{number}", {"piezas": 7}, by=BETO).id)


def _complete(engine: Any) -> str | None:
    found = engine.user_tasks(UserTaskQuery(), size=1, by=ANA).items
    if not found:
        return None
    engine.complete(found[0].id, {}, by=SYSTEM)
    return str(found[0].id)


def _there(engine: Any, answered: set[str]) -> None:
    """Every id that was answered is in the database, as started or completed."""
    instances = {one.id for one in engine.instances(size=1000, by=ANA).items}
    completed: set[str] = set()
    for one in instances:
        query = UserTaskQuery(instance_id=one, state="completed")
        completed |= {task.id for task in engine.user_tasks(query, by=ANA).items}
    assert answered <= instances | completed
