"""Whose turn it is: running the jobs that are due, right after a person's step, in a worker, or as the clock is moved.

How one job runs: `worker`. Who may have it meanwhile: `lease`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import lease as leases
from engine import worker
from engine.clock import MovableClock
from engine.errors import EngineError
from engine.storage import database as storage
from engine.values import SYSTEM, Actor

if TYPE_CHECKING:
    from engine.engine import Engine

Leave = Callable[[Any], bool]
"""Which due jobs (`id`, `topic`, `kind`, `element_id`, `due`) are left alone; whoever tries a process stops before
them."""
MOST_DUE = 1000
"""How many due jobs are looked through for one that is not left alone."""
MOST_IN_COMPANY = 100
"""How many due jobs a worker chooses from when others are at work, too."""
MOST_FOLLOWING = 20
"""How many jobs the thread of a person's step runs at most."""
MOST_ON_THE_WAY = 100_000
"""Jobs after which the clock goes to its end at once: a process that never rests would hold it forever."""


def follow(engine: Engine, instance_ids: set[str], job_ids: list[str], budget: float) -> int:
    """Run these jobs and the due inside jobs of these instances, then what they cause, for up to `budget` seconds;
    answers how many ran."""
    until, ran, tried = time.monotonic() + budget, 0, set[str]()
    waiting, jobs = set(instance_ids), list(job_ids)
    while (jobs or waiting) and ran < MOST_FOLLOWING and time.monotonic() < until:
        if not jobs:
            instance_id = min(waiting)
            with engine.reading(SYSTEM) as tx:
                ready = leases.due_ids(tx, MOST_FOLLOWING, instance_id=instance_id)
            jobs = [one.id for one in ready if one.id not in tried and not _is_outside(engine, one)]
            if not jobs:
                waiting.discard(instance_id)
                continue
        tried.add(jobs[0])
        ran += worker.run(engine, jobs.pop(0), "step", wait=True, caused=waiting)
    return ran


def _is_outside(engine: Engine, job: Any) -> bool:
    handler = engine.service_handlers.get(job.topic)
    return job.kind in ("service", "scheduled") and handler is not None and handler.outside


def run(engine: Engine, limit: int, worker_name: str, leave: Leave | None) -> int:
    """Run what is due, the earliest first, and what becomes due by it, up to `limit`; answers how many ran.

    A worker that meets another one at the front of the queue goes on somewhere behind: two that walk it in the same
    order try each job twice.
    """
    ran, tried, in_company = 0, set[str](), False
    worker.finish_what_waits(engine)
    while ran < limit:
        ready = _due(engine, max(limit, MOST_IN_COMPANY) if in_company else limit, None, leave)
        # A job that was not free, or that failed, is left for the next call.
        fresh = [one.id for one in ready if one.id not in tried]
        if not fresh:
            break
        if in_company:
            random.shuffle(fresh)
        for job_id in fresh[: limit - ran]:
            tried.add(job_id)
            try:
                done = worker.run(engine, job_id, worker_name)
            except leases.Held:
                done, in_company = False, True
            ran += done
            if in_company and not done:
                break  # What is left of the list was seen before others took of it.
    return ran


def _due(engine: Engine, limit: int, until: datetime | None, leave: Leave | None) -> list[Any]:
    with engine.reading(SYSTEM) as tx:
        ready = leases.due_ids(tx, limit if leave is None else MOST_DUE, until=until)
    return ready if leave is None else [one for one in ready if not leave(one)][:limit]


def move_clock(engine: Engine, to: datetime, by: Actor, leave: Leave | None) -> int:
    """Move business time to `to`, stopping at each job on the way to run it; answers how many ran. Raises Invalid for
    a moment that has passed."""
    clock, ran = _movable(engine), 0
    with engine.transaction(by) as tx:
        tx.allow("move_clock")
        if to < tx.now:
            clock.set(tx.connection, to)  # Raises, unless nobody has moved it yet.
            return 0
    while True:
        ready = _due(engine, 1, to, leave)
        if not ready or ran >= MOST_ON_THE_WAY:
            break
        with storage.writing(engine.database) as connection:
            clock.set(connection, ready[0].due, hold=True)
        done = run(engine, 1000, "clock", leave)
        if done == 0:
            break
        ran += done
    with storage.writing(engine.database) as connection:
        clock.set(connection, to)
    return ran


def _movable(engine: Engine) -> MovableClock:
    if not isinstance(engine.clock, MovableClock):
        raise EngineError("this clock shows real time and cannot be moved")
    return engine.clock
