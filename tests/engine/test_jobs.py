"""Service tasks: attempts, back-off, incidents, business errors, dead workers, handlers outside the house."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from engine import SYSTEM, Conflict, Engine, IncidentQuery, JobQuery
from engine import lease as leases
from engine.context import StepContext
from engine.errors import EngineError
from engine.instance import lock
from engine.storage.database import real_time

from .cases import (
    ANA,
    BETO,
    NINE,
    assert_rows_equal_waits,
    frozen,
    kinds,
    new_engine,
    only_task,
    open_elements,
    open_engine,
    record_ids,
)
from .models import model, parallel, user_task
from .models import service_task as service

CORREO = model(
    "aviso",
    service("mandar", "correo", inputs={"para": "=para"}),
    user_task("leer"),
    flows="inicio > mandar > leer > fin",
)

RAMAS = model(
    "ramas",
    parallel("abre", "cierra"),
    service("una", "almacen.apartar", inputs={"piezas": "=piezas"}),
    service("otra", "almacen.apartar", inputs={"piezas": "=piezas"}),
    flows="inicio > abre > una > cierra > fin\nabre > otra > cierra",
)


def test_a_step_of_a_person_runs_the_jobs_that_it_caused(database_url: str) -> None:
    engine = new_engine(database_url)
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    done = engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    assert done.next_task is not None
    assert done.next_task.element_id == "entregar"
    assert done.instance.state == "running"
    engine.close()


def test_a_handler_that_raises_is_tried_again_and_then_an_incident(database_url: str) -> None:
    engine = new_engine(database_url, clock=frozen())
    instance = engine.start("pedido", "P-1", {"piezas": 13}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    (job,) = engine.jobs(JobQuery(kind="service"), by=SYSTEM).items
    assert (job.state, job.attempts, job.retries_left) == ("due", 1, 1)
    assert job.due == NINE + timedelta(minutes=1)
    assert job.error == "la báscula no contesta"
    assert engine.run_due_jobs() == 0  # Not before its time.

    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    (job,) = engine.jobs(JobQuery(kind="service"), by=SYSTEM).items
    assert (job.state, job.attempts, job.retries_left) == ("failed", 3, 0)
    assert record_ids(engine) == []  # What the handler wrote went with its failures.
    (incident,) = engine.incidents(by=ANA).items
    assert (incident.kind, incident.element_id, incident.message) == ("job", "apartar", "la báscula no contesta")
    assert "RuntimeError" in incident.details
    assert engine.instance(instance.id, by=ANA).incidents == 1
    assert_rows_equal_waits(engine)

    engine.resolve(incident.id, {"piezas": 5}, by=ANA)
    assert open_elements(engine, "P-1") == ["entregar"]
    assert engine.instance(instance.id, by=ANA).incidents == 0
    assert engine.incidents(by=ANA).items == ()
    with pytest.raises(Conflict):
        engine.resolve(incident.id, by=ANA)
    seen = kinds(engine, instance.id)
    assert seen.count("job.failed") == 3
    assert seen.index("incident.opened") < seen.index("incident.resolved") < seen.index("job.completed")
    engine.close()


def test_a_bpmn_error_goes_to_the_boundary_of_its_own_element(database_url: str) -> None:
    engine = new_engine(database_url)
    instance = engine.start("pedido", "P-1", {"piezas": 120}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    assert open_elements(engine, "P-1") == ["avisar"]
    assert record_ids(engine) == []  # The savepoint was rolled back.
    assert engine.jobs(by=SYSTEM).items == ()
    assert "error.thrown" in kinds(engine, instance.id)
    assert_rows_equal_waits(engine)
    engine.close()


def test_a_bpmn_error_that_nobody_catches_is_an_incident_at_once(database_url: str) -> None:
    alone = model("solo", service("apartar", "almacen.apartar"), flows="inicio > apartar > fin")
    engine = new_engine(database_url, alone)
    engine.start("solo", "S-1", {"piezas": 500}, by=BETO)
    (incident,) = engine.incidents(by=ANA).items
    assert "AGOTADO" in incident.message
    (job,) = engine.jobs(by=SYSTEM).items
    assert (job.state, job.attempts) == ("failed", 1)
    engine.retry(job.id, {"piezas": 1}, by=ANA)
    assert engine.jobs(by=SYSTEM).items == ()
    engine.close()


def in_a_process_of_its_own(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_handler_that_kills_its_process_does_not_restart_for_ever(database_url: str) -> None:
    lease = timedelta(milliseconds=1)
    engine = new_engine(database_url, after_step=0)
    engine.start("pedido", "P-1", {"piezas": 666}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    engine.close()
    codes = [in_a_process_of_its_own(lambda: open_engine(database_url, lease=lease).run_due_jobs()) for _ in range(4)]
    # The first attempt and two repeats, as the handler declares; then it is not tried any more.
    assert codes == [9, 9, 9, 0]
    engine = open_engine(database_url, lease=lease)
    (incident,) = engine.incidents(by=ANA).items
    assert incident.element_id == "apartar"
    assert record_ids(engine) == []
    assert_rows_equal_waits(engine)
    engine.close()


def test_a_dead_worker_holds_a_job_for_a_minute_at_most(database_url: str) -> None:
    """By the clock of the database, whatever the time of the firm is."""
    engine = new_engine(database_url, after_step=0, clock=frozen())
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    (job,) = engine.jobs(JobQuery(kind="service"), by=SYSTEM).items
    assert leases.take(engine, job.id, "dies") is not None
    (job,) = engine.jobs(JobQuery(kind="service"), by=SYSTEM).items
    with engine.reading(SYSTEM) as tx:
        now = tx.execute(select(real_time(tx.connection))).scalar_one()
    assert job.lease_until is not None
    assert timedelta(0) < job.lease_until - now <= timedelta(seconds=60)
    assert engine.run_due_jobs(worker_name="other") == 0
    engine.close()


def test_a_lease_that_ran_out_loses_against_the_next(database_url: str) -> None:
    from engine import handling, lease, worker

    engine = new_engine(database_url, after_step=0, lease=timedelta(0))
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    (job,) = engine.jobs(by=SYSTEM).items
    slow = lease.take(engine, job.id, "slow")
    assert slow is not None
    assert worker.run(engine, job.id, "quick")
    with pytest.raises(handling.LeaseLost):
        worker._finish(engine, slow, None)
    assert len(record_ids(engine)) == 1
    engine.close()


def test_jobs_of_one_instance_never_run_at_the_same_time(database_url: str, database_kind: str) -> None:
    """While the handler of one is inside its transaction, another worker finds the other branch taken, and serves
    another instance meanwhile."""
    if database_kind == "sqlite":
        pytest.skip("one writer at a time")
    engine = new_engine(database_url, RAMAS, after_step=0)
    other, meanwhile = open_engine(database_url), list[int]()
    for key in ("P-1", "P-2"):
        engine.start("ramas", key, {"piezas": 7}, by=BETO)
    first = engine.jobs(JobQuery(business_key="P-1"), by=ANA).items[0]

    @event.listens_for(engine.database, "before_cursor_execute")
    def inside(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO shipment") and not meanwhile:
            meanwhile.append(0)
            meanwhile.append(other.run_due_jobs(worker_name="otro"))

    assert engine.run_job(first.id)
    assert meanwhile == [0, 2], "both branches of the other one, none of this one"
    assert engine.run_due_jobs() == 1
    assert {one.state for one in engine.instances(by=ANA).items} == {"completed"}
    other.close()
    engine.close()


def test_workers_that_meet_do_not_walk_the_same_list(database_url: str, database_kind: str) -> None:
    """Each tries few of the jobs that the other has done meanwhile."""
    if database_kind == "sqlite":
        pytest.skip("one writer at a time")
    engine = new_engine(database_url, RAMAS, after_step=0)
    other, third, takes, asked = open_engine(database_url), open_engine(database_url), list[str](), set[str]()
    for number in range(8):
        engine.start("ramas", f"P-{number}", {"piezas": 7}, by=BETO)
    first = engine.jobs(JobQuery(business_key="P-0"), by=ANA).items[0]

    def meanwhile(statement: str, name: str, runs: Engine) -> None:
        if statement.startswith("INSERT INTO shipment") and name not in asked:
            asked.add(name)
            runs.run_due_jobs(worker_name=name)

    @event.listens_for(engine.database, "before_cursor_execute")
    def inside(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        meanwhile(statement, "other", other)

    @event.listens_for(other.database, "before_cursor_execute")
    def of_other(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT job.instance_id"):
            takes.append(statement)
        meanwhile(statement, "third", third)

    assert engine.run_job(first.id)
    # One held, one done while the third did all the rest, its sibling, and at most two in vain.
    assert asked == {"other", "third"}
    assert 2 <= len(takes) <= 5
    assert engine.run_due_jobs() == 1
    assert {one.state for one in engine.instances(by=ANA).items} == {"completed"}
    for one in (third, other, engine):
        one.close()


def test_an_outside_handler_works_without_a_transaction(database_url: str) -> None:
    sent: list[tuple[str, str, str]] = []
    engine = new_engine(database_url, CORREO, adapters=sent)
    instance = engine.start("aviso", "A-1", {"para": "luz"}, by=BETO)
    assert sent == []  # Not in the request.
    assert engine.run_due_jobs() == 1
    assert [entry[1:] for entry in sent] == [("luz", "A-1")]
    assert engine.variables(instance.id, by=ANA)["enviado"] == "a luz"
    assert open_elements(engine, "A-1") == ["leer"]
    engine.close()


def test_an_outside_handler_is_repeated_with_the_same_key(database_url: str) -> None:
    sent: list[tuple[str, str, str]] = []
    engine = new_engine(database_url, CORREO, adapters=sent, clock=frozen())
    engine.start("aviso", "A-1", {"para": "rota"}, by=BETO)
    engine.run_due_jobs()
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    assert len(sent) == 2
    assert sent[0][0] == sent[1][0]
    assert [incident.message for incident in engine.incidents(by=ANA).items] == ["el servidor no contesta"]
    engine.close()


def test_what_prepare_raises_counts_as_an_attempt(database_url: str) -> None:
    engine = new_engine(database_url, CORREO, adapters=[], clock=frozen())
    engine.start("aviso", "A-1", {}, by=BETO)  # No `para`: null, and prepare takes it; then the adapter list has it.
    with engine.transaction(SYSTEM) as tx:
        tx.schedule("correo", None, "k", {}, business_key="A-9")
    engine.run_due_jobs()
    (job,) = engine.jobs(JobQuery(business_key="A-9"), by=SYSTEM).items
    assert (job.attempts, job.retries_left) == (1, 0)
    # A mistake of the program is told apart from what a handler says on purpose.
    assert job.error == "El programa tiene un error que nadie previó (KeyError: 'para'). Avise a quien lo mantiene."
    engine.close()


def test_scheduled_jobs_are_replaced_and_taken_back_by_key(database_url: str) -> None:
    engine = new_engine(database_url, clock=frozen())
    with engine.transaction(ANA) as tx:
        tx.schedule("recordar", NINE + timedelta(days=1), "cita:1", {"que": "vieja"}, business_key="P-1")
        tx.schedule("recordar", NINE + timedelta(days=2), "cita:1", {"que": "nueva"}, business_key="P-1")
        tx.schedule("recordar", NINE + timedelta(days=2), "cita:1", {"que": "de otro"}, business_key="P-2")
        tx.schedule("recordar", NINE + timedelta(days=1), "pago:1", {"que": "pago"}, business_key="P-1")
        tx.schedule("recordar", NINE + timedelta(days=1), "pago:2", {"que": "pago"}, business_key="P-1")
        tx.unschedule("pago:*", business_key="P-1")
    engine.move_clock(NINE + timedelta(days=3), by=ANA)
    assert record_ids(engine) == ["recordar:de otro", "recordar:nueva"]
    engine.close()


@pytest.mark.parametrize("end", ["replaced", "taken back", "taken back with others"])
def test_the_incident_of_a_failed_job_goes_with_it(database_url: str, end: str) -> None:
    """A job that nobody wants any more leaves no incident that nobody could resolve; others keep theirs."""
    engine = new_engine(database_url, adapters=[], clock=frozen())
    with engine.transaction(ANA) as tx:
        tx.schedule("correo", None, "aviso/1", {"para": "rota"}, business_key="P-1")
        tx.schedule("correo", None, "aviso/1", {"para": "rota"}, business_key="P-2")
    engine.move_clock(NINE + timedelta(minutes=2), by=ANA)
    assert [job.state for job in engine.jobs(by=SYSTEM).items] == ["failed", "failed"]
    assert len(engine.incidents(by=SYSTEM).items) == 2
    with engine.transaction(ANA) as tx:
        if end == "replaced":
            tx.schedule("correo", NINE + timedelta(days=1), "aviso/1", {"para": "bien"}, business_key="P-1")
        else:
            tx.unschedule("aviso/1" if end == "taken back" else "aviso/*", business_key="P-1")
    (open_one,) = engine.incidents(by=SYSTEM).items
    assert open_one.business_key == "P-2"
    (closed,) = engine.incidents(IncidentQuery(resolved=True), by=SYSTEM).items
    assert (closed.business_key, closed.resolved_by) == ("P-1", "ana")
    engine.resolve(open_one.id, by=SYSTEM)
    engine.close()


def test_jobs_of_a_suspended_instance_are_not_served(database_url: str) -> None:
    engine = new_engine(database_url, after_step=0)
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    engine.suspend(instance.id, reason="inventario", by=ANA)
    assert engine.run_due_jobs() == 0
    engine.resume(instance.id, reason="listo", by=ANA)
    assert engine.run_due_jobs() == 1
    assert open_elements(engine, "P-1") == ["entregar"]
    engine.close()


def test_the_diagrams_retries_win(database_url: str) -> None:
    stubborn = model("terco", service("apartar", "almacen.apartar", retries="=1 - 1"), flows="inicio > apartar > fin")
    engine = new_engine(database_url, stubborn)
    engine.start("terco", "T-1", {"piezas": 13}, by=BETO)
    (job,) = engine.jobs(by=SYSTEM).items
    assert (job.state, job.attempts) == ("failed", 1)
    engine.close()


def test_jobs_that_are_left_wait_for_a_click_and_may_be_made_to_fail(database_url: str) -> None:
    """As a trial does: nothing runs by itself, whether due now or on the way of the clock."""
    engine = new_engine(database_url, clock=frozen(), after_step=0)
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    (job,) = engine.jobs(JobQuery(kind="service"), by=SYSTEM).items

    def leave(due: Any) -> bool:
        return bool(due.element_id == job.element_id)

    assert engine.run_due_jobs(leave=leave) == 0
    assert engine.move_clock(NINE + timedelta(hours=1), by=ANA, leave=leave) == 0
    assert engine.fail_job(job.id, "Sin tinta.")
    (again,) = engine.jobs(JobQuery(kind="service"), by=SYSTEM).items
    assert (again.state, again.error, again.retries_left) == ("due", "Sin tinta.", 1)
    assert not engine.run_job(job.id)  # Not before its time.
    engine.move_clock(again.due, by=ANA, leave=leave)
    assert engine.fail_job(job.id, "Sin papel.", last=True)
    assert [one.message for one in engine.incidents(IncidentQuery(instance_id=instance.id), by=SYSTEM).items] == [
        "Sin papel."
    ]
    engine.retry(job.id, by=ANA)
    assert engine.run_job(job.id)
    assert open_elements(engine, "P-1") == ["entregar"]
    engine.close()


def test_a_job_of_no_instance_may_assign_and_a_step_may_not(database_url: str) -> None:
    engine = new_engine(database_url)
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    task = only_task(engine, "P-1")
    with engine.transaction(SYSTEM) as tx:
        StepContext(tx, business_key="").assign(task.id, "carla", "Ausencia de Ana")
    assert only_task(engine, "P-1").assignee == "carla"
    (said,) = engine.history(instance.id, kinds=("user_task.assigned",), by=ANA).items
    assert (said.actor, said.details["reason"]) == ("system", "Ausencia de Ana")
    with engine.transaction(SYSTEM) as tx, pytest.raises(EngineError, match="does not assign"):
        StepContext(tx, instance=lock(tx, instance.id)).assign(task.id, "ana")
    engine.close()
