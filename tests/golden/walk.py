"""Goes on with an instance, whatever it waits for, until it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from engine import SYSTEM, Engine, IncidentQuery
from tests.engine.cases import ANA


def steps(engine: Engine, instance: str) -> Iterator[Callable[[], Any]]:
    """What can be done to it now, always in the same order; what only may come at an edge is left alone."""
    waits = [one for one in engine.wait_states(instance, by=SYSTEM) if not one.attached]
    key = engine.instance(instance, by=SYSTEM).business_key
    for wait in sorted(waits, key=lambda one: (one.kind, one.element_id)):
        if wait.kind == "user_task":
            yield partial(engine.complete, wait.id, {}, by=SYSTEM)
        elif wait.kind == "timer":
            yield partial(engine.fire, wait.id, reason="x", by=ANA)
        elif wait.kind == "message":
            yield partial(engine.correlate, str(wait.message), business_key=key, by=ANA)
        elif wait.kind == "job" and wait.state == "failed":
            yield partial(engine.retry, wait.id, {"piezas": 7}, reason="x", by=ANA)
        elif wait.kind == "job":
            yield engine.run_due_jobs
        else:
            (incident,) = [
                one for one in engine.incidents(IncidentQuery(instance_id=instance), by=SYSTEM).items if not one.job_id
            ]
            yield partial(engine.resolve, incident.id, {"monto": 10}, reason="x", by=ANA)


def walk(engine: Engine, instance: str) -> None:
    for _ in range(100):
        if engine.instance(instance, by=SYSTEM).ended_at is not None:
            return
        next(steps(engine, instance))()
    raise AssertionError("it does not end")
