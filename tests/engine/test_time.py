"""Timers fire when they are due, by the business clock; what has lapsed cannot be done any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine import SYSTEM, Conflict, Invalid, JobQuery, MovableClock, SystemClock, timers
from engine.ids import new_id
from engine.storage import tables as t

from . import cases
from .cases import ANA, BETO, NINE, assert_rows_equal_waits, frozen, new_engine, only_task, open_elements, open_engine
from .models import boundary, model, script, timer, user_task

REMINDED = model(
    "recordado",
    user_task("responder"),
    boundary("cada_dia", "responder", timer="R3/P1D", kind="timeCycle", interrupting=False),
    script("contar", "=if recordatorios = null then 1 else recordatorios + 1", "recordatorios"),
    boundary("limite", "responder", timer="=plazo(10)", kind="timeDate"),
    flows="""
    inicio > responder > fin
    cada_dia > contar > fin_recordado
    limite > fin_limite
    """,
)


def test_a_timer_fires_exactly_when_it_is_due(database_url: str) -> None:
    waiting = model("espera", timer("pausa", "PT2H"), user_task("seguir"), flows="inicio > pausa > seguir > fin")
    engine = new_engine(database_url, waiting, clock=frozen())
    engine.start("espera", "E-1", by=BETO)
    (job,) = engine.jobs(JobQuery(kind="timer"), by=SYSTEM).items
    assert job.due == NINE + timedelta(hours=2)
    engine.move_clock(NINE + timedelta(hours=2) - timedelta(microseconds=1), by=ANA)
    assert open_elements(engine, "E-1") == []
    engine.close()
    engine = open_engine(database_url, clock=MovableClock(frozen=True))
    engine.move_clock(NINE + timedelta(hours=2), by=ANA)
    assert open_elements(engine, "E-1") == ["seguir"]
    assert_rows_equal_waits(engine)
    with pytest.raises(Invalid):
        engine.move_clock(NINE, by=ANA)
    engine.close()


def test_what_has_lapsed_cannot_be_completed(database_url: str) -> None:
    engine = new_engine(database_url, clock=frozen())
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    task = only_task(engine, "P-1")
    with engine.transaction(SYSTEM) as tx:  # 18:05, and no worker has come by.
        engine.clock.set(tx.connection, NINE + timedelta(hours=9, minutes=5))
    with pytest.raises(Conflict) as refused:
        engine.complete(task.id, {"recibe": "Luz"}, by=ANA)
    assert refused.value.details["reason"] == "lapsed"
    assert refused.value.details["when"] == NINE + timedelta(hours=9)
    assert refused.value.message == "El plazo para esto venció el 02/03/2026 18:00."
    assert cases.record_ids(engine) == [f"P-1:{job}" for job in _jobs_done(engine, instance.id)]
    # What was refused did not stay undone: the way that the timer leads has been taken.
    assert engine.instance(instance.id, by=ANA).state == "completed"
    assert engine.user_task(task.id, by=ANA).state == "cancelled"
    with pytest.raises(Conflict) as late:
        engine.complete(task.id, {"recibe": "Luz"}, by=ANA)
    assert late.value.details["reason"] == "cancelled"
    engine.close()


def _jobs_done(engine: cases.Engine, instance_id: str) -> list[str]:
    events = engine.history(instance_id, kinds=["job.completed"], by=SYSTEM).items
    return [event.details["job"] for event in events]


def test_a_cycle_repeats_as_often_as_it_says_at_even_distances(database_url: str) -> None:
    engine = new_engine(database_url, REMINDED, clock=frozen())
    instance = engine.start("recordado", "R-1", by=BETO)
    engine.move_clock(NINE + timedelta(days=1, hours=5), by=ANA)
    assert engine.variables(instance.id, by=ANA) == {"recordatorios": Decimal(1)}
    engine.move_clock(NINE + timedelta(days=7), by=ANA)
    assert engine.variables(instance.id, by=ANA) == {"recordatorios": Decimal(3)}
    fired = [event.at for event in engine.history(instance.id, kinds=["timer.fired"], by=SYSTEM).items]
    assert fired == [NINE + timedelta(days=day) for day in (1, 2, 3)]
    assert open_elements(engine, "R-1") == ["responder"]
    engine.close()


def test_moving_the_clock_runs_everything_at_its_own_time(database_url: str) -> None:
    engine = new_engine(database_url, REMINDED, clock=frozen())
    instance = engine.start("recordado", "R-1", by=BETO)
    assert engine.move_clock(NINE + timedelta(days=30), by=ANA) == 4
    ended = engine.instance(instance.id, by=ANA)
    assert (ended.state, ended.ended_at) == ("completed", NINE + timedelta(days=10))
    assert_rows_equal_waits(engine)
    engine.close()


def test_refreshing_moves_a_timer_as_of_when_it_was_entered(database_url: str) -> None:
    engine = new_engine(database_url, REMINDED, clock=frozen())
    instance = engine.start("recordado", "R-1", by=BETO)
    engine.move_clock(NINE + timedelta(days=4), by=ANA)
    cases.EXTRA_DAYS[0] = 5
    try:
        assert engine.refresh_timers("R-1", by=ANA) == 1
        (job,) = engine.jobs(JobQuery(kind="timer"), by=SYSTEM).items
        assert job.due == NINE + timedelta(days=15)
        assert engine.refresh_timers("R-1", by=ANA) == 0
        cases.EXTRA_DAYS[0] = -8  # Now it should have been due two days ago.
        engine.refresh_timers("R-1", by=ANA)
        assert engine.instance(instance.id, by=ANA).state == "completed"
    finally:
        cases.EXTRA_DAYS[0] = 0
    engine.close()


def test_an_operator_moves_a_timer(database_url: str) -> None:
    engine = new_engine(database_url, REMINDED, clock=frozen())
    instance = engine.start("recordado", "R-1", by=BETO)
    job = next(job for job in engine.jobs(by=SYSTEM).items if job.element_id == "limite")
    engine.set_due(job.id, NINE + timedelta(hours=1), by=ANA)
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    assert engine.instance(instance.id, by=ANA).state == "completed"
    engine.close()


def test_a_timer_that_gives_no_moment_is_an_incident_that_can_be_mended(database_url: str) -> None:
    broken = model("roto", timer("pausa", "=cuando", "timeDate"), flows="inicio > pausa > fin")
    engine = new_engine(database_url, broken, clock=frozen())
    instance = engine.start("roto", "X-1", {"cuando": "mañana"}, by=BETO)
    (incident,) = engine.incidents(by=ANA).items
    assert incident.element_id == "pausa"
    assert_rows_equal_waits(engine)
    engine.resolve(incident.id, {"cuando": NINE + timedelta(hours=1)}, by=ANA)
    assert engine.incidents(by=ANA).items == ()
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    assert engine.instance(instance.id, by=ANA).state == "completed"
    engine.close()


@pytest.mark.parametrize(
    ("kind", "value", "repetition", "due"),
    [
        ("duration", "P1M", 0, datetime(2026, 4, 2, 15, 0, tzinfo=UTC)),
        ("duration", "P1DT30M", 0, datetime(2026, 3, 3, 15, 30, tzinfo=UTC)),
        ("duration", timedelta(hours=-1), 0, datetime(2026, 3, 2, 14, 0, tzinfo=UTC)),
        ("date", "2026-03-05T09:00:00", 0, datetime(2026, 3, 5, 15, 0, tzinfo=UTC)),
        ("date", "2026-03-05T09:00:00+01:00", 0, datetime(2026, 3, 5, 8, 0, tzinfo=UTC)),
        ("cycle", "R/2026-03-09T15:00:00Z/P7D", 0, datetime(2026, 3, 9, 15, 0, tzinfo=UTC)),
        ("cycle", "R/2026-03-09T15:00:00Z/P7D", 1, datetime(2026, 3, 9, 15, 0, tzinfo=UTC)),
        ("cycle", "R2/PT10M", 1, datetime(2026, 3, 2, 15, 10, tzinfo=UTC)),
        ("cycle", "R2/PT10M", 2, None),
    ],
)
def test_due_times(kind: str, value: object, repetition: int, due: datetime | None) -> None:
    assert timers.due(kind, value, NINE, repetition=repetition) == due  # type: ignore[arg-type]


def test_months_end_on_a_day_that_exists() -> None:
    assert timers.later(datetime(2026, 1, 31, 15, tzinfo=UTC), "P1M") == datetime(2026, 2, 28, 15, tzinfo=UTC)


@pytest.mark.parametrize("value", ["mañana", "P", "PT", "", None, Decimal(3), "3 days", "2026-13-01T00:00:00"])
def test_what_gives_no_moment_says_so(value: object) -> None:
    with pytest.raises(timers.TimerError):
        timers.due("duration", value, NINE)
    with pytest.raises(timers.TimerError):
        timers.moment(value)


def test_whoever_dies_while_moving_the_clock_does_not_stop_time(database_url: str) -> None:
    engine = new_engine(database_url, clock=MovableClock())
    held = datetime.now(UTC) + timedelta(days=3)
    with engine.transaction(SYSTEM) as tx:
        engine.clock.set(tx.connection, held, hold=True)
    with engine.reading(SYSTEM) as tx:
        assert tx.now == held
    with engine.transaction(SYSTEM) as tx:  # As it will be an hour later.
        tx.execute(t.clock.update().values(offset_us=t.clock.c.offset_us + 3_600_000_000))
    with engine.reading(SYSTEM) as tx:
        assert held + timedelta(hours=1) <= tx.now < held + timedelta(hours=2)
    engine.move_clock(held + timedelta(days=1), by=ANA)
    with engine.reading(SYSTEM) as tx:
        assert held + timedelta(days=1) <= tx.now < held + timedelta(days=1, hours=1)
    engine.close()


def test_ids_grow_in_the_order_in_which_they_are_given() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(set(ids))
    assert {len(id) for id in ids} == {16}


def test_the_clock_does_not_go_back_when_its_question_is_answered_late(database_url: str) -> None:
    engine = new_engine(database_url)
    clock = SystemClock()
    with engine.database.connect() as connection:
        clock.now(connection)
        # As if the last answer had come early and the next one comes late.
        clock._latest += timedelta(seconds=2)
        ahead = clock._latest
        assert clock.now(connection) == ahead
        # A clock that was wrong is followed.
        clock._latest += timedelta(hours=1)
        assert clock.now(connection) < ahead
    engine.close()
