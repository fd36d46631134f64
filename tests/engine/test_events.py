"""Events in the database: signals between instances, event sub-processes with their timers and messages, migration."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import SYSTEM, Conflict, Engine, UserTaskQuery
from tests.engine.bpmn.drawing import draw

from .cases import ANA, BETO, NINE, assert_rows_equal_waits, frozen, kinds, new_engine, only_task

SAYS = draw(
    "avisa",
    """
    startEvent s
    userTask decidir
    intermediateThrowEvent say signal=tarifa in="=precio to precio"
    intermediateCatchEvent late signal=tarifa
    endEvent e
    s -> decidir
    decidir -> say
    say -> late
    late -> e
    """,
)
HEARS = draw(
    "oye",
    """
    startEvent s
    userTask trabajar
    endEvent e
    s -> trabajar
    trabajar -> e
    subProcess h triggered=1
    startEvent hs signal=tarifa interrupting=false
    userTask revisar
    endEvent he
    hs -> revisar
    revisar -> he
    end h
    """,
)


def waiting(engine: Engine, business_key: str) -> list[str]:
    tasks = engine.user_tasks(UserTaskQuery(business_key=business_key), by=SYSTEM).items
    return sorted(task.element_id for task in tasks)


def test_a_signal_is_heard_by_every_instance_that_listens_and_not_by_what_comes_later(database_url: str) -> None:
    engine = new_engine(database_url, SAYS, HEARS)
    first = engine.start("oye", "O-1", by=BETO)
    engine.start("oye", "O-2", by=BETO)
    standing = engine.standing(first.deployment_id, by=SYSTEM)
    assert [(one.element_id, one.count) for one in standing] == [("trabajar", 2)]
    speaker = engine.start("avisa", "A-1", {"precio": 7}, by=BETO)
    engine.complete(only_task(engine, "A-1").id, {}, by=ANA)
    assert waiting(engine, "O-1") == waiting(engine, "O-2") == ["revisar", "trabajar"]
    assert engine.variables(first.id, by=ANA) == {"precio": 7}
    assert "signal.received" in kinds(engine, first.id)
    assert "signal.thrown" in kinds(engine, speaker.id)
    assert [one.element_id for one in engine.subscriptions(speaker.id, by=ANA)] == ["late"]
    assert engine.jobs(by=SYSTEM).items == ()
    assert_rows_equal_waits(engine)
    # Both work on: each instance ends when its handlers have, too.
    for task in engine.user_tasks(UserTaskQuery(business_key="O-1"), by=ANA).items:
        engine.complete(task.id, {}, by=ANA)
    assert engine.instance(first.id, by=ANA).state == "completed"
    assert engine.subscriptions(first.id, by=ANA) == []
    engine.close()


def test_a_suspended_instance_hears_a_signal_when_it_goes_on(database_url: str) -> None:
    engine = new_engine(database_url, SAYS, HEARS, clock=frozen())
    listener = engine.start("oye", "O-1", by=BETO)
    engine.suspend(listener.id, reason="revisión", by=ANA)
    engine.start("avisa", "A-1", {"precio": 7}, by=BETO)
    engine.complete(only_task(engine, "A-1").id, {}, by=ANA)
    assert waiting(engine, "O-1") == ["trabajar"]
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    (waits,) = engine.jobs(by=SYSTEM).items
    assert (waits.instance_id, waits.attempts) == (listener.id, 1)
    engine.resume(listener.id, reason="listo", by=ANA)
    assert waiting(engine, "O-1") == ["revisar", "trabajar"]
    engine.close()


GUARDED = """
    startEvent s
    userTask trabajar
    endEvent e
    s -> trabajar
    trabajar -> e
    """
LAPSES = """
    subProcess h triggered=1
    startEvent hs timer=PT2H
    userTask cerrar
    endEvent he
    hs -> cerrar
    cerrar -> he
    end h
    """


def test_the_timer_of_an_event_sub_process_takes_what_has_lapsed(database_url: str) -> None:
    engine = new_engine(database_url, draw("guardado", GUARDED + LAPSES), clock=frozen())
    instance = engine.start("guardado", "G-1", by=BETO)
    task = only_task(engine, "G-1")
    engine.move_clock(NINE + timedelta(hours=3), by=ANA)
    assert waiting(engine, "G-1") == ["cerrar"]
    with pytest.raises(Conflict):
        engine.complete(task.id, {}, by=ANA)
    engine.complete(only_task(engine, "G-1").id, {}, by=ANA)
    assert engine.instance(instance.id, by=ANA).state == "completed"
    assert_rows_equal_waits(engine)
    engine.close()


def test_a_migration_waits_for_the_event_sub_process_that_the_new_diagram_has(database_url: str) -> None:
    engine = new_engine(database_url, draw("guardado", GUARDED), clock=frozen())
    old = engine.start("guardado", "G-1", by=BETO)
    new = engine.deploy({"bpmn/1.bpmn": draw("guardado", GUARDED + LAPSES)}, name="más", by=ANA)
    plan = engine.plan_migration(old.deployment_id, new.id, {}, by=ANA)
    (verdict,) = plan.verdicts
    assert any("hs" in note for note in verdict.notes)
    engine.migrate(plan, [old.id], reason="nuevo", by=ANA)
    assert_rows_equal_waits(engine)
    # And back: what the old diagram has not is waited for no more.
    engine.deploy({"bpmn/1.bpmn": draw("guardado", GUARDED)}, name="menos", by=ANA)
    back = engine.plan_migration(new.id, old.deployment_id, {}, by=ANA)
    engine.migrate(back, [old.id], reason="viejo", by=ANA)
    assert_rows_equal_waits(engine)
    engine.move_clock(NINE + timedelta(hours=3), by=ANA)
    assert waiting(engine, "G-1") == ["trabajar"]
    engine.close()


def undone(handler: str) -> bytes:
    return draw(
        "viaje",
        f"""
        startEvent s
        userTask reservar
        boundaryEvent b on=reservar compensate=1 by={handler}
        userTask {handler} undoes=1
        userTask pagar
        endEvent e compensate=1
        s -> reservar
        reservar -> pagar
        pagar -> e
        """,
    )


def test_a_migration_keeps_what_can_be_undone_under_its_new_name(database_url: str) -> None:
    engine = new_engine(database_url, undone("anular"))
    old = engine.start("viaje", "V-1", by=BETO)
    engine.complete(only_task(engine, "V-1").id, {}, by=ANA)
    new = engine.deploy({"bpmn/1.bpmn": undone("devolver")}, name="otro", by=ANA)
    (forgets,) = engine.plan_migration(old.deployment_id, new.id, {}, by=ANA).verdicts
    assert any("anular" in note for note in forgets.notes)
    plan = engine.plan_migration(old.deployment_id, new.id, {"anular": "devolver"}, by=ANA)
    engine.migrate(plan, [old.id], reason="nuevo", by=ANA)
    engine.complete(only_task(engine, "V-1").id, {}, by=ANA)
    assert waiting(engine, "V-1") == ["devolver"]
    engine.complete(only_task(engine, "V-1").id, {}, by=ANA)
    assert engine.instance(old.id, by=ANA).state == "completed"
    engine.close()
