"""Pairs of verbs let go at once, again and again: one order or the other, never a third thing, and nobody faulted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import SYSTEM, Conflict, Engine, Instruction, JobQuery, NotFound, UserTaskQuery
from engine.storage import tables as t
from tests.engine.cases import ANA, BETO, assert_rows_equal_waits, deploy, kinds, new_engine
from tests.engine.models import boundary, message, model, parallel, timer, user_task
from tests.engine.models import service_task as service
from tests.engine.test_races import at_once
from tests.faults.figures import tell

MODEL = model(
    "p",
    parallel("abre", "cierra"),
    user_task("uno"),
    boundary("tarde", "uno", timer="P3D", interrupting=False),
    timer("reloj", "P2D"),
    message("carta"),
    service("apartar", "almacen.apartar", inputs={"piezas": "=7"}),
    user_task("dos"),
    flows="""
    inicio > abre > uno > apartar > cierra > dos > fin
    abre > reloj > cierra
    abre > carta > cierra
    tarde > fin_tarde
    """,
    messages={"carta": None},
)
LATER = MODEL.replace(b'"dos"', b'"tres"').replace(b"_dos", b"_tres").replace(b"dos_", b"tres_")


@dataclass(frozen=True)
class Round:
    engine: Engine
    instance: str
    key: str
    task: str
    reloj: str
    carta: str
    plan: Any

    def complete(self, request: str | None = None) -> Any:
        return self.engine.complete(self.task, {}, request_id=request, by=ANA)

    def cancel(self) -> Any:
        return self.engine.cancel(self.instance, reason="x", by=ANA)

    def suspend(self) -> Any:
        return self.engine.suspend(self.instance, reason="x", by=ANA)

    def fire(self) -> Any:
        return self.engine.fire(self.reloj, reason="x", by=ANA)

    def skip(self) -> Any:
        return self.engine.skip(self.task, reason="x", by=BETO)

    def correlate(self) -> Any:
        return self.engine.correlate("carta", business_key=self.key, by=ANA)

    def write(self) -> Any:
        return self.engine.set_variables(self.instance, {"x": 1}, reason="x", by=ANA)

    def modify(self) -> Any:
        moves = [Instruction("cancel", "p", "uno"), Instruction("start_before", "p", "apartar")]
        return self.engine.modify(self.instance, moves, reason="x", by=ANA)

    def migrate(self) -> Any:
        (outcome,) = self.engine.migrate(self.plan, [self.instance], reason="x", by=ANA)
        return outcome

    def work(self) -> Any:
        return self.engine.run_due_jobs(20, "w")

    def refresh(self) -> Any:
        return self.engine.refresh_timers(self.key, by=ANA)


Pair = tuple[Callable[[Round], Any], ...]
PAIRS: dict[str, Pair] = {
    "complete, cancel": (Round.complete, Round.cancel),
    "complete, suspend": (Round.complete, Round.suspend),
    "complete, fire": (Round.complete, Round.fire),
    "complete, correlate": (Round.complete, Round.correlate),
    "complete, set variables": (Round.complete, Round.write),
    "complete, modify": (Round.complete, Round.modify),
    "complete, skip": (Round.complete, Round.skip),
    "complete, migrate": (Round.complete, Round.migrate),
    "complete, refresh timers": (Round.complete, Round.refresh),
    "correlate twice": (Round.correlate, Round.correlate),
    "fire twice": (Round.fire, Round.fire),
    "migrate twice": (Round.migrate, Round.migrate),
    "migrate, cancel": (Round.migrate, Round.cancel),
    "modify twice": (Round.modify, Round.modify),
    "three branches meet": (Round.complete, Round.fire, Round.correlate, Round.work),
}
POLITE = (Conflict, NotFound)
ONCE = ("user_task.completed", "instance.cancelled", "message.received", "timer.fired", "job.completed")


@pytest.mark.parametrize("name", PAIRS)
def test_one_order_or_the_other(database_url: str, database_kind: str, name: str, request: Any) -> None:
    rounds = 200 if request.config.getoption("--long") else 20 if database_kind == "sqlite" else 8
    engine = new_engine(database_url, MODEL, after_step=0)
    source = engine.deployments(by=ANA)[0].id
    starts = [engine.start("p", f"R-{number}", by=BETO) for number in range(rounds)]
    target = deploy(engine, LATER).id
    plan = engine.plan_migration(
        source, target, {"dos": "tres", "dos_fin": "tres_fin", "cierra_dos": "cierra_tres"}, by=ANA
    )
    refused = 0
    for started in starts:
        one = _round(engine, started.id, started.business_key, plan)
        outcomes = at_once(*[partial(verb, one) for verb in PAIRS[name]])
        for outcome in outcomes:
            assert not isinstance(outcome, Exception) or isinstance(outcome, POLITE), repr(outcome)
        refused += sum(isinstance(outcome, Exception) for outcome in outcomes)
        seen = kinds(engine, one.instance)
        for kind in ONCE:
            assert seen.count(kind) <= 1, (kind, seen)
        if name == "migrate twice":
            assert sorted(outcome.done for outcome in outcomes) == [False, True]
        if name.endswith("twice") and name != "migrate twice":
            assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1, outcomes
    assert_rows_equal_waits(engine)
    with engine.reading(SYSTEM) as tx:
        assert tx.execute(select(func.count()).select_from(t.incident)).scalar_one() == 0
    _finish(engine)
    engine.close()
    tell("race", pair=name, database=database_kind, rounds=rounds, refused_politely=refused, faulted=0)


def _round(engine: Engine, instance: str, key: str, plan: Any) -> Round:
    (task,) = engine.user_tasks(UserTaskQuery(business_key=key), by=ANA).items
    waits = {one.element_id: one.id for one in engine.wait_states(instance, by=ANA)}
    return Round(engine, instance, key, task.id, waits["reloj"], waits["carta"], plan)


def _finish(engine: Engine) -> None:
    """Whatever happened, every matter can still be brought to its end."""
    for instance in engine.instances(size=1000, by=ANA).items:
        if instance.state == "suspended":
            engine.resume(instance.id, reason="x", by=ANA)
        for _ in range(12):
            for job in engine.jobs(JobQuery(instance_id=instance.id, kind="timer"), by=ANA).items:
                engine.fire(job.id, reason="x", by=ANA)
            if any(one.kind == "message" for one in engine.subscriptions(instance.id, by=ANA)):
                engine.correlate("carta", business_key=instance.business_key, by=ANA)
            engine.run_jobs_of(instance.id, budget=60)
            for task in engine.user_tasks(UserTaskQuery(instance_id=instance.id), by=ANA).items:
                engine.complete(task.id, {}, by=SYSTEM)
        assert engine.instance(instance.id, by=ANA).state in ("completed", "cancelled"), instance


@pytest.mark.parametrize("threads", [12])
def test_many_on_one_task(database_url: str, threads: int, request: Any, database_kind: str) -> None:
    long = request.config.getoption("--long")
    threads, tasks = (50, 200) if long else (threads, 8)
    engine = new_engine(database_url, MODEL, after_step=0)
    winners = refused = 0
    for number in range(tasks):
        started = engine.start("p", f"R-{number}", by=BETO)
        (task,) = engine.user_tasks(UserTaskQuery(business_key=started.business_key), by=ANA).items
        outcomes = at_once(*[lambda task=task: engine.complete(task.id, {}, by=ANA)] * threads)
        good = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
        assert len(good) == 1
        assert all(isinstance(outcome, Conflict) for outcome in outcomes if outcome is not good[0])
        winners += 1
        refused += threads - 1
        assert kinds(engine, started.id).count("user_task.completed") == 1
    engine.close()
    tell("many_on_one_task", database=database_kind, threads=threads, tasks=tasks, won=winners, refused=refused)
