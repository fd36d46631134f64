"""Many instances on PostgreSQL with two workers: how fast, how quick an inbox is meanwhile, whether memory grows."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from engine import UserTaskQuery
from tests.engine.cases import ANA, BETO, new_engine
from tests.faults.conftest import OwnServer
from tests.faults.crowd import LIMIT, Crowd, check, running
from tests.faults.figures import tell
from tests.faults.node import CASO


def test_load(own_server: OwnServer, tmp_path: Path, request: Any) -> None:
    """`CAUCE_LOAD` says how many instances; 10,000 without it. Only with --long."""
    if not request.config.getoption("--long"):
        pytest.skip("long: make faults")
    instances = int(os.environ.get("CAUCE_LOAD", "10000"))
    engine = new_engine(own_server.url, CASO, after_step=0)
    began = time.monotonic()
    for number in range(instances):
        engine.start("caso", f"C-{number:05}", by=BETO)
    started = time.monotonic() - began
    crowd = Crowd(own_server.url, tmp_path, ("worker", "worker", "people", "people"))
    inbox: list[float] = []
    memory: list[list[int]] = []
    began = time.monotonic()
    try:
        while running(engine) and time.monotonic() - began < 4 * LIMIT:
            at = time.perf_counter()
            engine.user_tasks(UserTaskQuery(), size=25, by=ANA)
            inbox.append(time.perf_counter() - at)
            memory.append([node.memory for node in crowd.nodes[:2]])
            time.sleep(0.5)
        took = time.monotonic() - began
    finally:
        crowd.end()
    facts = check(engine, instances, tmp_path)
    engine.close()
    warm = memory[len(memory) // 10]
    growth = max(last - first for first, last in zip(warm, memory[-1], strict=True))
    inbox.sort()
    tell(
        "load", instances=instances, starts_per_s=round(instances / started), jobs_per_s=round(2 * instances / took),
        completions_per_s=round(2 * instances / took), took_s=round(took), cores=os.cpu_count(),
        load_average=round(os.getloadavg()[0], 1), inbox_p50_ms=round(inbox[len(inbox) // 2] * 1000),
        inbox_p95_ms=round(inbox[len(inbox) * 95 // 100] * 1000), worker_mb=round(memory[-1][0] / 2**20),
        worker_growth_mb=round(growth / 2**20, 1), **facts,
    )  # fmt: skip
    assert growth < 50 * 2**20
