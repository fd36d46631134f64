"""Pairs of verbs let go at once, again and again: one order or the other, never a third thing, and nobody faulted."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import pytest

from engine import SYSTEM, Conflict, Engine, HistoryEvent, JobQuery, NotFound, UserTaskQuery
from tests.engine.cases import ANA, BETO, assert_rows_equal_waits, deploy, kinds, new_engine
from tests.engine.test_races import at_once
from tests.faults.figures import tell
from tests.faults.races import LATER, MAPPING, MODEL, PAIRS, Round

POLITE = (Conflict, NotFound)
ONCE = (
    "user_task.completed",
    "instance.cancelled",
    "instance.completed",
    "message.received",
    "timer.fired",
    "job.completed",
)
_keys = itertools.count(1)


@pytest.mark.parametrize("name", PAIRS)
def test_one_order_or_the_other(racing: tuple[Engine, Any], database_kind: str, name: str, request: Any) -> None:
    engine, plan = racing
    rounds = 200 if request.config.getoption("--long") else 20
    pair, refused, instances, ends = PAIRS[name], 0, [], {}
    with engine.transaction(BETO) as tx:
        begun = [tx.start("p", f"R-{next(_keys)}", {"piezas": 7}, version=1) for _ in range(rounds)]
    for started in begun:
        one = Round(engine, started.id, started.business_key, plan).look()
        if pair.first is not None:
            pair.first(one)
            one.look()
        outcomes = at_once(*[partial(verb, one) for verb in pair.verbs])
        for outcome in outcomes:
            assert not isinstance(outcome, Exception) or isinstance(outcome, POLITE), repr(outcome)
        lost = sum(isinstance(outcome, Exception) for outcome in outcomes)
        refused += lost
        if pair.one_wins:
            assert lost == 1, outcomes
        if name == "migrate twice":
            assert sorted(outcome.done for outcome in outcomes) == [False, True]
        instances.append(one)
        ends.setdefault(_where(one), one)
    assert_rows_equal_waits(engine, [one.instance for one in instances])
    prepared = pair.first is Round.job_has_failed
    assert prepared or engine.incidents(by=SYSTEM).items == ()
    for one in instances if prepared else ends.values():
        _finish(one)
    for one in instances:
        events = [(event.kind, event.element_id) for event in _once(one)]
        assert len(set(events)) == len(events), (events, kinds(engine, one.instance))
    assert engine.incidents(by=SYSTEM).items == ()
    tell("race", pair=name, database=database_kind, rounds=rounds, refused_politely=refused, faulted=0)


def _once(one: Round) -> tuple[HistoryEvent, ...]:
    return one.engine.history(one.instance, kinds=ONCE, size=1000, by=SYSTEM).items


def _where(one: Round) -> tuple[Any, ...]:
    """Where the race has left a matter: those that stand alike come to their end alike, so one of them shows it."""
    waits = one.engine.wait_states(one.instance, by=ANA)
    state = one.engine.instance(one.instance, by=ANA)
    standing = sorted((wait.kind, wait.element_id, str(wait.state), str(wait.assignee)) for wait in waits)
    happened = sorted((event.kind, str(event.element_id)) for event in _once(one))
    return state.state, state.version, tuple(standing), tuple(happened)


def _finish(one: Round) -> None:
    """Whatever happened, every matter can still be brought to its end."""
    engine = one.engine
    for _ in range(20):
        state = engine.instance(one.instance, by=ANA).state
        if state in ("completed", "cancelled"):
            return
        if state == "suspended":
            engine.resume(one.instance, reason="x", by=ANA)
        for job in engine.jobs(JobQuery(instance_id=one.instance, state="failed"), by=ANA).items:
            engine.retry(job.id, {"piezas": 7}, reason="x", by=ANA)
        for task in engine.user_tasks(UserTaskQuery(instance_id=one.instance), by=ANA).items:
            engine.complete(task.id, {}, by=SYSTEM)
        engine.run_jobs_of(one.instance, budget=60)
        for job in engine.jobs(JobQuery(instance_id=one.instance, kind="timer"), by=ANA).items:
            if job.element_id == "reloj":
                engine.fire(job.id, reason="x", by=ANA)
        if any(wait.kind == "message" for wait in engine.subscriptions(one.instance, by=ANA)):
            one.correlate()
    raise AssertionError(f"{one.key} does not come to its end")


def test_many_on_one_task(database_url: str, request: Any, database_kind: str) -> None:
    threads, tasks = (50, 200) if request.config.getoption("--long") else (50, 2)
    engine = new_engine(database_url, MODEL, after_step=0)
    winners = refused = 0
    for number in range(tasks):
        started = engine.start("p", f"R-{number}", {"piezas": 7}, by=BETO)
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


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Database → engine and plan of a migration, made once: making them costs more than racing."""
    found: dict[str, tuple[Engine, Any]] = {}
    yield found, tmp_path_factory
    for engine, _plan in found.values():
        engine.close()


@pytest.fixture
def racing(engines: Any, database_kind: str, request: Any) -> tuple[Engine, Any]:
    found, folders = engines
    if database_kind not in found:
        url = (
            f"sqlite:///{folders.mktemp('races') / 'cauce.db'}"
            if database_kind == "sqlite"
            else request.getfixturevalue("module_schema")
        )
        engine = new_engine(url, MODEL, after_step=0)
        source, target = engine.deployments(by=ANA)[0].id, deploy(engine, LATER).id
        found[database_kind] = engine, engine.plan_migration(source, target, MAPPING, by=ANA)
    return found[database_kind]  # type: ignore[no-any-return]
