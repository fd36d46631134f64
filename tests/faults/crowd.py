"""Processes that work until they are killed, and what must hold when they are done."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from engine import SYSTEM, Engine
from engine.storage import tables as t
from tests.engine.cases import assert_rows_equal_waits, record_ids
from tests.faults.node import Lines, main

LIMIT = 900
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

    @property
    def alive(self) -> bool:
        return os.waitpid(self.pid, os.WNOHANG) == (0, 0)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    @property
    def memory(self) -> int:
        """Resident bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


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


def wait_for_the_end(engine: Engine) -> float:
    """Seconds until nothing runs any more."""
    began = time.monotonic()
    while running(engine) and time.monotonic() - began < LIMIT:
        time.sleep(0.05)
    return time.monotonic() - began


def check(engine: Engine, instances: int, folder: Path) -> dict[str, int]:
    """Every instance has ended, every step once, every answer true; what left the house left under one id each."""
    posts, answers = Lines(folder / "posts"), Lines(folder / "answers")
    with engine.reading(SYSTEM) as tx:
        rows = tx.execute(select(t.process_instance.c.id, t.process_instance.c.state)).all()
        tasks = tx.execute(select(t.user_task.c.id, t.user_task.c.state)).all()
        kept = tx.execute(select(t.history.c.instance_id, t.history.c.events)).all()
    lost = sum(row.state != "completed" for row in rows)
    counted: Counter[tuple[str, str, str]] = Counter()
    for instance_id, events in kept:
        counted.update((instance_id, kind, element or "") for kind, _process, element, *_ in events)
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
