"""Two at once: one winner, one polite refusal, nothing faulted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import ColumnElement, false, text

from engine import SYSTEM, Actor, Conflict, OpenAccess
from engine.errors import Raced
from engine.instance import lock
from engine.storage import tables as t

from .cases import ANA, BETO, assert_rows_equal_waits, how_many, kinds, new_engine, only_task, open_elements


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gave or raised, all let go at the same moment."""
    barrier, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def one(number: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            outcomes[number] = call()
        except Exception as error:
            outcomes[number] = error

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_submits_have_one_winner_and_one_conflict(database_url: str) -> None:
    engine = new_engine(database_url)
    for number in range(5):
        key = f"P-{number}"
        engine.start("pedido", key, {"piezas": 7}, by=BETO)
        task = only_task(engine, key)
        outcomes = at_once(
            lambda task=task: engine.complete(task.id, {"quien": "ana"}, by=ANA),
            lambda task=task: engine.complete(task.id, {"quien": "beto"}, by=BETO),
        )
        (loser,) = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert isinstance(loser, Conflict)
        winner = "beto" if loser is outcomes[0] else "ana"
        assert loser.details["who"] == winner
        assert loser.details["when"] is not None
        assert loser.details["reason"] == "completed"
        assert open_elements(engine, key) == ["entregar"]
    assert how_many(engine, t.incident) == 0
    assert_rows_equal_waits(engine)
    engine.close()


def test_a_double_click_gets_the_first_answer_twice(database_url: str) -> None:
    engine = new_engine(database_url)
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    task = only_task(engine, "P-1")
    outcomes = at_once(*[lambda: engine.complete(task.id, {}, request_id="r-1", by=ANA)] * 3)
    assert sorted(outcome.repeated for outcome in outcomes) == [False, True, True]
    assert {outcome.user_task.ended_by for outcome in outcomes} == {"ana"}
    engine.close()


def test_starts_at_once_give_one_instance(database_url: str) -> None:
    engine = new_engine(database_url)

    def start(request_id: str | None) -> Any:
        return engine.start("pedido", "P-1", {"piezas": 7}, request_id=request_id, by=BETO)

    outcomes = at_once(*[lambda: start("r-1")] * 2, *[lambda: start(None)] * 2)
    assert len({outcome.id for outcome in outcomes}) == 1
    assert how_many(engine, t.process_instance) == 1
    assert open_elements(engine, "P-1") == ["revisar"]
    engine.close()


def test_claims_at_once_have_one_winner(database_url: str) -> None:
    engine = new_engine(database_url)
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    task = only_task(engine, "P-1")
    outcomes = at_once(lambda: engine.claim(task.id, by=ANA), lambda: engine.claim(task.id, by=BETO))
    (loser,) = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(loser, Conflict)
    assert loser.details["who"] == only_task(engine, "P-1").assignee
    engine.close()


def test_workers_at_once_run_each_job_once(database_url: str) -> None:
    engine = new_engine(database_url, after_step=0)
    for number in range(6):
        engine.start("pedido", f"P-{number}", {"piezas": 7}, by=BETO)
        engine.complete(only_task(engine, f"P-{number}").id, {}, by=ANA)
    outcomes = at_once(*[lambda: engine.run_due_jobs(100, "w")] * 3)
    assert sum(outcomes) == 6
    for instance in engine.instances(by=ANA).items:
        assert kinds(engine, instance.id).count("job.completed") == 1
    assert_rows_equal_waits(engine)
    engine.close()


def test_complete_against_cancel(database_url: str) -> None:
    engine = new_engine(database_url)
    for number in range(5):
        instance = engine.start("pedido", f"P-{number}", {"piezas": 7}, by=BETO)
        task = only_task(engine, f"P-{number}")
        _, cancelled = at_once(
            lambda task=task: engine.complete(task.id, {}, by=ANA),
            lambda instance=instance: engine.cancel(instance.id, reason="ya no", by=ANA),
        )
        assert cancelled.state == "cancelled"
    assert_rows_equal_waits(engine)
    engine.close()


def test_who_may_start_gets_the_first_answer_even_if_it_may_not_look(database_url: str) -> None:
    class OnlyStart(OpenAccess):
        def visible(self, actor: Actor, business_key: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
            return false()

    engine = new_engine(database_url, access=OnlyStart())
    first = engine.start("pedido", "P-1", {"piezas": 7}, request_id="r-1", by=BETO)
    assert engine.start("pedido", "P-1", {"piezas": 9}, request_id="r-1", by=BETO).id == first.id
    with pytest.raises(Conflict):
        engine.start("pedido", "P-2", request_id="r-1", by=BETO)
    engine.close()


def test_who_waits_too_long_for_a_lock_is_told_to_try_again(database_url: str, database_kind: str) -> None:
    if database_kind == "sqlite":
        pytest.skip("waits up to 30 s for its turn")
    engine = new_engine(database_url)
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    task = only_task(engine, "P-1")
    with engine.transaction(SYSTEM) as tx:
        lock(tx, instance.id)
        # What a step waits for no longer than this in the test, and 5 s outside of it.
        with pytest.raises(Raced) as refused, engine.transaction(ANA) as other:
            other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            other.complete(task.id, {})
    assert refused.value.details["reason"] == "busy"
    engine.complete(task.id, {}, by=ANA)
    engine.close()
