"""PostgreSQL crashes and recovers while everybody works: nobody ends, nothing is lost, nothing happens twice."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from engine import Conflict, Engine
from tests.engine.cases import BETO, new_engine
from tests.faults.conftest import OwnServer
from tests.faults.crowd import LIMIT, Crowd, check, progress, running
from tests.faults.figures import tell
from tests.faults.node import CASO


def test_crash_and_recovery(own_server: OwnServer, tmp_path: Path, request: Any) -> None:
    long = request.config.getoption("--long")
    instances, crashes = (300, 3) if long else (24, 2)
    engine = new_engine(own_server.url, CASO)
    for number in range(instances):
        engine.start("caso", f"C-{number:04}", by=BETO)
    crowd = Crowd(own_server.url, tmp_path, ("worker", "worker", "people"))
    recovered: list[float] = []
    try:
        for _ in range(crashes):
            seen = _patient(engine, progress)
            while _patient(engine, progress) < seen + instances and _patient(engine, running):
                pass
            seen = _patient(engine, progress)
            own_server.crash()
            crashed = time.monotonic()
            while _patient(engine, progress) <= seen and _patient(engine, running):
                pass
            recovered.append(round(time.monotonic() - crashed, 1))
        began = time.monotonic()
        while _patient(engine, running) and time.monotonic() - began < LIMIT:
            time.sleep(0.05)
        assert all(node.alive for node in crowd.nodes), "a process ended because its database was away"
    finally:
        crowd.end()
    facts = check(engine, instances, tmp_path)
    engine.close()
    tell("crashed_database", instances=instances, crashes=crashes, recovered_s=recovered, **facts)


def _patient(engine: Engine, ask: Any) -> int:
    """Ask until the database answers."""
    while True:
        try:
            return int(ask(engine))
        except (DBAPIError, Conflict):
            time.sleep(0.05)
