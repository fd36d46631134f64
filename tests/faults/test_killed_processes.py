"""Workers and web processes are killed with SIGKILL while people work: nothing is lost, nothing happens twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import SYSTEM, Engine
from engine.storage import tables as t
from tests.engine.cases import BETO, assert_rows_equal_waits, new_engine, record_ids
from tests.faults.figures import tell
from tests.faults.node import CASO, LEASE, Lines, main

LIMIT = 600
"""Seconds after which a run that does not end has failed."""


class Node:
    """A process forked from this one: it works from its first millisecond, so that kills meet work."""

    def __init__(self, role: str, url: str, folder: Path) -> None:
        self.role = role
        self.pid = os.fork()
        if self.pid == 0:
            try:
                main(role, url, str(folder))
            finally:
                os._exit(1)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Crowd:
    """Processes that are started anew as often as they are killed."""

    def __init__(self, url: str, folder: Path, roles: tuple[str, ...]) -> None:
        self.url, self.folder = url, folder
        self.nodes = [Node(role, url, folder) for role in roles]
        self.kills: Counter[str] = Counter()

    def kill(self, chooser: random.Random) -> None:
        place = chooser.randrange(len(self.nodes))
        killed = self.nodes[place]
        killed.kill()
        self.kills[killed.role] += 1
        self.nodes[place] = Node(killed.role, self.url, self.folder)

    def end(self) -> None:
        for one in self.nodes:
            one.kill()


def progress(engine: Engine) -> int:
    """Steps that are in the database: it grows with every one."""
    with engine.reading(SYSTEM) as tx:
        return int(tx.execute(select(func.count()).select_from(t.history)).scalar_one())


def running(engine: Engine) -> int:
    with engine.reading(SYSTEM) as tx:
        query = select(func.count()).where(t.process_instance.c.state == "running")
        return int(tx.execute(query).scalar_one())


@pytest.mark.slow
def test_killed_at_random(database_url: str, database_kind: str, tmp_path: Path, request: Any) -> None:
    long = request.config.getoption("--long")
    instances, kills = (2000, 200) if long else (60, 20)
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
        killed = time.monotonic()
        while running(engine) and time.monotonic() - began < LIMIT:
            time.sleep(0.05)
        healed = time.monotonic() - killed
    finally:
        crowd.end()
    facts = check(engine, instances, Lines(tmp_path / "posts"), Lines(tmp_path / "answers"))
    engine.close()
    tell(
        "killed_at_random", database=database_kind, seed=seed, kills=dict(crowd.kills), instances=instances,
        healed_s=round(healed, 1), lease_s=LEASE.total_seconds(), took_s=round(time.monotonic() - began, 1), **facts,
    )  # fmt: skip


def check(engine: Engine, instances: int, posts: Lines, answers: Lines) -> dict[str, int]:
    """Every instance has ended, every step once, every answer true; what left the house left under one id each."""
    with engine.reading(SYSTEM) as tx:
        rows = tx.execute(select(t.process_instance.c.id, t.process_instance.c.state)).all()
        tasks = tx.execute(select(t.user_task.c.id, t.user_task.c.state)).all()
        kept = tx.execute(select(t.history.c.instance_id, t.history.c.events)).all()
    lost = sum(row.state != "completed" for row in rows)
    counted: Counter[tuple[str, str, str]] = Counter()
    for instance_id, events in kept:
        counted.update((instance_id, kind, element or "") for kind, _process, element, _details in events)
    steps = [
        ("user_task.completed", "uno"), ("user_task.completed", "dos"), ("job.completed", "apartar"),
        ("job.completed", "mandar"), ("instance.completed", ""),
    ]  # fmt: skip
    twice = sum(counted[row.id, kind, element] > 1 for row in rows for kind, element in steps)
    missing = sum(counted[row.id, kind, element] < 1 for row in rows for kind, element in steps)
    completed = {row.id for row in tasks if row.state == "completed"}
    false_answers = len(set(answers.read()) - completed)
    sent = Counter(posts.read())
    facts = {
        "lost": lost + missing, "twice": twice, "false_answers": false_answers, "outside": len(sent),
        "outside_repeated_same_id": sum(count - 1 for count in sent.values()),
    }  # fmt: skip
    assert len(rows) == instances
    assert (facts["lost"], twice, false_answers) == (0, 0, 0), facts
    assert len(record_ids(engine)) == instances, "a handler's own row is there once for each"
    assert len(sent) == instances, "each mail has one id"
    assert_rows_equal_waits(engine)
    return facts
