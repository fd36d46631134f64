"""Machines whose clocks are an hour ahead, an hour behind, or set forth and back while they work.

On SQLite the machine's clock is the only one there is: what becomes due by a clock that is then set back waits for it.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from engine import SYSTEM, Engine
from tests.engine.cases import ANA, BETO, kinds, new_engine, only_task, open_elements
from tests.engine.models import model, timer, user_task
from tests.faults.crowd import Crowd, Node, check, wait_for_the_end
from tests.faults.figures import tell
from tests.faults.node import CASO, main

HOUR = timedelta(hours=1)
PAUSA = model("p", timer("espera", "PT30M"), user_task("uno"), flows="inicio > espera > uno > fin")


class WrongNode(Node):
    """A process that believes another time: `offset` from the true one, or (None) set an hour ahead and back all the
    time."""

    def __init__(self, role: str, url: str, folder: Path, offset: timedelta | None) -> None:
        self.role = role
        self.pid = os.fork()
        if self.pid == 0:
            try:
                traveller = time_machine.travel(datetime.now(UTC) + (offset or timedelta(0)), tick=True)
                clock = traveller.start()
                if offset is None:
                    threading.Thread(target=_jump, args=(clock,), daemon=True).start()
                main(role, url, str(folder))
            finally:
                os._exit(1)


def _jump(clock: Any) -> None:
    for step in itertools.cycle((HOUR, -HOUR)):
        time.sleep(0.1)
        clock.shift(step)


def test_clocks_that_disagree(database_url: str, database_kind: str, tmp_path: Path, request: Any) -> None:
    """Nothing lost, nothing twice; what leaves the house may leave again where leases go by a wrong clock (SQLite)."""
    instances = 600 if request.config.getoption("--long") else 30
    engine = new_engine(database_url, CASO)
    for number in range(instances):
        engine.start("caso", f"C-{number:04}", by=BETO)
    crowd = Crowd(database_url, tmp_path, ())
    crowd.nodes = [
        WrongNode("worker", database_url, tmp_path, HOUR),
        WrongNode("worker", database_url, tmp_path, -HOUR),
        WrongNode("people", database_url, tmp_path, None),
    ]
    try:
        took = wait_for_the_end(engine)
    finally:
        crowd.end()
    facts = check(engine, instances, tmp_path)
    engine.close()
    tell("wrong_clocks", database=database_kind, instances=instances, took_s=round(took, 1), **facts)


@pytest.fixture
def on_postgresql(module_schema: str) -> Iterator[Engine]:
    engine = new_engine(module_schema, PAUSA, after_step=0)
    yield engine
    engine.close()


def test_a_wrong_clock_fires_no_timer_early(on_postgresql: Engine) -> None:
    """Timers go by the database's clock: neither an hour ahead nor an hour back makes a difference."""
    engine = on_postgresql
    started = engine.start("p", "M-1", by=BETO)
    with time_machine.travel(datetime.now(UTC) + HOUR, tick=True):
        assert engine.run_due_jobs() == 0
        later = engine.start("p", "M-2", by=BETO)
    (first, second) = (engine.jobs(by=SYSTEM).items[number].due for number in (0, 1))
    assert abs(second - first) < timedelta(minutes=5), "both were set by the same clock"
    with time_machine.travel(datetime.now(UTC) - HOUR, tick=True):
        (job,) = [one for one in engine.jobs(by=SYSTEM).items if one.business_key == "M-1"]
        with engine.reading(SYSTEM) as tx:
            engine_now = tx.now
        engine.set_due(job.id, engine_now, reason="ya", by=ANA)
        assert engine.run_due_jobs() == 1
    assert open_elements(engine, "M-1") == ["uno"]
    engine.complete(only_task(engine, "M-1").id, {}, by=ANA)
    assert kinds(engine, started.id).count("timer.fired") == 1
    assert engine.instance(later.id, by=ANA).state == "running"
