"""An operator's numbers and search: counted in the database, seen through the firm's access."""

from __future__ import annotations

from datetime import timedelta

from engine import SYSTEM, InstanceQuery, Standing

from .cases import ANA, BETO, NINE, frozen, new_engine, only_task
from .models import call, model, user_task


def test_numbers_of_what_runs_waits_and_failed(database_url: str) -> None:
    engine = new_engine(database_url, clock=frozen())
    for number in range(4):
        engine.start("pedido", f"P-{number}", {"piezas": 13 if number else 7}, by=BETO)
    for number in range(3):
        engine.complete(only_task(engine, f"P-{number}").id, {}, by=ANA)
    (held,) = engine.instances(InstanceQuery(business_key="P-3"), by=ANA).items
    engine.suspend(held.id, reason="alto", by=ANA)
    engine.move_clock(NINE + timedelta(minutes=5), by=ANA)

    found = engine.workload(by=ANA)
    (definition,) = found.definitions
    assert (definition.process_key, definition.version) == ("pedido", 1)
    assert (definition.running, definition.suspended, definition.incidents) == (3, 1, 0)
    assert (found.due, found.overdue, found.failed, found.incidents) == (0, 0, 0, 0)

    engine.move_clock(NINE + timedelta(minutes=30), by=ANA)
    found = engine.workload(by=ANA)
    assert (found.failed, found.incidents, found.definitions[0].incidents) == (2, 2, 2)
    assert engine.standing(definition.deployment_id, by=ANA) == [
        Standing("pedido", "apartar", 2, 2),
        Standing("pedido", "entregar", 1, 0),
        Standing("pedido", "revisar", 1, 0),
    ]
    engine.close()


def test_overdue_jobs_are_those_that_nobody_comes_for(database_url: str) -> None:
    engine = new_engine(database_url, after_step=0)
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    found = engine.workload(by=ANA)
    assert (found.due, found.overdue) == (1, 0)
    (job,) = engine.jobs(by=SYSTEM).items
    engine.set_due(job.id, job.due - timedelta(minutes=2), by=ANA)
    found = engine.workload(by=ANA)
    assert (found.due, found.overdue, found.oldest_due) == (1, 1, job.due - timedelta(minutes=2))
    engine.close()


def test_workers_are_alive_while_they_say_so(database_url: str) -> None:
    engine = new_engine(database_url)
    engine.beat("uno")
    engine.beat("uno", ran=3)
    engine.beat("dos")
    found = engine.workload(by=ANA).workers
    assert [(one.name, one.alive, one.ran) for one in found] == [("dos", True, 0), ("uno", True, 3)]
    engine.sign_off("dos")
    assert [one.name for one in engine.workload(by=ANA).workers] == ["uno"]
    engine.close()


def test_search_by_element_error_and_time(database_url: str) -> None:
    engine = new_engine(database_url, clock=frozen())
    for number in (1, 2):
        engine.start("pedido", f"P-{number}", {"piezas": 13}, by=BETO)
        engine.move_clock(NINE + timedelta(hours=number), by=ANA)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)

    def keys(**query: object) -> list[str]:
        return [one.business_key for one in engine.instances(InstanceQuery(**query), by=ANA).items]

    assert keys(element_ids=("revisar",)) == ["P-2"]
    assert keys(element_ids=("apartar",)) == ["P-1"]
    assert keys(error="BÁSCULA no contesta".replace("Á", "á")) == ["P-1"]
    assert keys(error="%") == []
    assert keys(started_from=NINE + timedelta(minutes=1)) == ["P-2"]
    assert keys(started_to=NINE + timedelta(minutes=1)) == ["P-1"]
    engine.close()


def test_who_waits_inside_stands_at_the_call_too(database_url: str) -> None:
    outer = model("compra", call("llamada", "bodega"), user_task("pagar"), flows="inicio > llamada > pagar > fin")
    inner = model("bodega", user_task("contar"), user_task("pesar"), flows="inicio > contar > pesar > fin")
    engine = new_engine(database_url, outer, inner)
    for number in range(3):
        instance = engine.start("compra", f"C-{number}", by=BETO)
    engine.complete(only_task(engine, "C-0").id, {}, by=ANA)
    assert engine.standing(instance.deployment_id, by=ANA) == [
        Standing("bodega", "contar", 2, 0),
        Standing("bodega", "pesar", 1, 0),
        Standing("compra", "llamada", 3, 0),
    ]
    engine.close()
