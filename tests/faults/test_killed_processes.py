"""Workers and web processes are killed with SIGKILL while people work: nothing is lost, nothing happens twice."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.engine.cases import BETO, new_engine
from tests.faults.crowd import Crowd, check, progress, running, wait_for_the_end
from tests.faults.figures import tell
from tests.faults.node import CASO, LEASE


@pytest.mark.slow
def test_killed_at_random(database_url: str, database_kind: str, tmp_path: Path, request: Any) -> None:
    long = request.config.getoption("--long")
    # CAUCE_MATTERS: how many with --long; a tenth as many kills.
    instances = int(os.environ.get("CAUCE_MATTERS", "2000")) if long else 60
    kills = instances // 10 if long else 20
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chooser = random.Random(seed)
    engine = new_engine(database_url, CASO)
    for number in range(instances):
        engine.start("caso", f"C-{number:04}", by=BETO)
    crowd = Crowd(database_url, tmp_path, ("worker", "worker", "people"))
    began = time.monotonic()
    try:
        # At moments of the work, not of the clock: each kill waits until something has happened since the last one.
        seen = progress(engine)
        while sum(crowd.kills.values()) < kills and running(engine):
            after = seen + chooser.randrange(1, max(2, instances * 6 // kills))
            while progress(engine) < after and running(engine):
                pass
            crowd.kill(chooser)
            seen = progress(engine)
        healed = wait_for_the_end(engine)
    finally:
        crowd.end()
    facts = check(engine, instances, tmp_path)
    engine.close()
    tell(
        "killed_at_random", database=database_kind, seed=seed, kills=dict(crowd.kills), instances=instances,
        finished_after_last_kill_s=round(healed, 1), lease_s=LEASE.total_seconds(),
        took_s=round(time.monotonic() - began, 1), **facts,
    )  # fmt: skip


def test_a_worker_that_never_comes_back(database_url: str, database_kind: str, tmp_path: Path) -> None:
    """It stops where it is, as a machine does that loses its power; the other one takes over what it had."""
    engine = new_engine(database_url, CASO)
    for number in range(15):
        engine.start("caso", f"C-{number:04}", by=BETO)
    crowd = Crowd(database_url, tmp_path, ("worker", "worker", "people"))
    try:
        seen = progress(engine)
        while progress(engine) < seen + 10:
            pass
        crowd.nodes.pop(0).kill()
        took = wait_for_the_end(engine)
    finally:
        crowd.end()
    facts = check(engine, 15, tmp_path)
    engine.close()
    tell("never_comes_back", database=database_kind, finished_after_s=round(took, 1), **facts)


def test_a_worker_that_comes_back_late(postgresql_only: str, tmp_path: Path, request: Any) -> None:
    """It stands still longer than its leases last, then goes on as if nothing had been: it must not undo the others."""
    if not request.config.getoption("--long"):
        pytest.skip("long: make faults")
    engine = new_engine(postgresql_only, CASO)
    for number in range(60):
        engine.start("caso", f"C-{number:04}", by=BETO)
    crowd = Crowd(postgresql_only, tmp_path, ("worker", "worker", "people"))
    try:
        for stopped in (0, 1, 0, 1):
            seen = progress(engine)
            while running(engine) and progress(engine) < seen + 30:
                pass
            crowd.nodes[stopped].signal(signal.SIGSTOP)
            time.sleep(3 * LEASE.total_seconds())
            crowd.nodes[stopped].signal(signal.SIGCONT)
        took = wait_for_the_end(engine)
    finally:
        crowd.end()
    facts = check(engine, 60, tmp_path)
    engine.close()
    tell("comes_back_late", database="postgresql", pauses=4, finished_after_s=round(took, 1), **facts)
