"""A suspended definition starts nothing new; with its instances, everything of it stands until it is resumed."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from engine import (
    Actor,
    Conflict,
    Engine,
    InstanceQuery,
    Invalid,
    NotAllowed,
    NotFound,
    UserTaskQuery,
    outbox,
    suspension,
)

from .cases import ANA, BETO, NINE, assert_rows_equal_waits, deploy, frozen, kinds, new_engine
from .models import model, timer, user_task

ONE = model("p", user_task("uno"), timer("espera", "P1D"), user_task("dos"), flows="inicio > uno > espera > dos > fin")
OTHER = model("q", user_task("algo"), flows="inicio > algo > fin")
LATER = ONE.replace(b">P1D<", b">P2D<")


def states(engine: Engine) -> dict[str, str]:
    return {one.business_key: one.state for one in engine.instances(size=100, by=ANA).items}


def test_nothing_new_starts_and_what_runs_goes_on(database_url: str) -> None:
    engine = new_engine(database_url, ONE, OTHER, clock=frozen())
    first = engine.start("p", "A-1", by=BETO)
    engine.suspend_definition("p:1", reason="el diagrama está mal", by=ANA)
    with pytest.raises(Conflict) as refused:
        engine.start("p", "A-2", by=BETO)
    assert refused.value.details["reason"] == "definition_suspended"
    assert "A-2" not in states(engine)
    # The same start again is no new one; another process and another version are not concerned.
    assert engine.start("p", "A-1", by=BETO).id == first.id
    engine.start("q", "B-1", by=BETO)
    (task,) = engine.user_tasks(UserTaskQuery(business_key="A-1"), by=ANA).items
    engine.complete(task.id, {}, by=ANA)
    deploy(engine, LATER, OTHER)
    assert engine.start("p", "A-3", by=BETO).version == 2
    with pytest.raises(Conflict):
        engine.start("p", "A-4", version=1, by=BETO)
    with pytest.raises(Conflict) as twice:
        engine.suspend_definition("p:1", reason="otra vez", by=ANA)
    assert twice.value.details["who"] == "ana"
    engine.resume_definition("p:1", reason="ya", by=ANA)
    assert engine.start("p", "A-4", version=1, by=BETO).version == 1
    (kept,) = engine.suspensions("p:1", by=ANA)
    assert (kept.by, kept.reason, kept.with_instances, kept.resumed_reason) == (
        "ana", "el diagrama está mal", False, "ya",
    )  # fmt: skip
    engine.close()


def test_with_its_instances_and_back_without_those_that_stood_before(database_url: str) -> None:
    engine = new_engine(database_url, ONE, OTHER, clock=frozen(), after_step=0)
    started = {key: engine.start("p", key, by=BETO) for key in ("A-1", "A-2", "A-3")}
    engine.start("q", "B-1", by=BETO)
    for key in ("A-1", "A-2"):
        (task,) = engine.user_tasks(UserTaskQuery(business_key=key), by=ANA).items
        engine.complete(task.id, {}, by=ANA)
    engine.suspend(started["A-2"].id, reason="pleito aparte", by=ANA)
    engine.suspend_definition("p:1", reason="alto", instances=True, by=ANA)
    assert states(engine) == {"A-1": "suspended", "A-2": "suspended", "A-3": "suspended", "B-1": "running"}
    engine.move_clock(NINE + timedelta(days=3), by=ANA)
    assert "timer.fired" not in kinds(engine, started["A-1"].id)
    with pytest.raises(Conflict):
        (task,) = engine.user_tasks(UserTaskQuery(business_key="A-3"), by=ANA).items
        engine.complete(task.id, {}, by=ANA)
    (load,) = [one for one in engine.workload(by=ANA).definitions if one.process_key == "p"]
    assert (load.running, load.suspended, load.stopped) == (0, 3, True)

    engine.resume_definition("p:1", reason="sigue", by=ANA)
    assert states(engine) == {"A-1": "running", "A-2": "suspended", "A-3": "running", "B-1": "running"}
    engine.run_due_jobs()
    assert "timer.fired" in kinds(engine, started["A-1"].id)
    (event,) = engine.history(started["A-1"].id, kinds=["instance.suspended"], by=ANA).items
    assert (event.details["reason"], event.details["definition"]) == ("alto", "p:1")
    # Resumed by hand and suspended anew: it is the person's now, not the definition's.
    engine.suspend_definition("p:1", reason="otra vez", instances=True, by=ANA)
    engine.resume(started["A-3"].id, reason="este sí", by=ANA)
    engine.suspend(started["A-3"].id, reason="este no", by=ANA)
    engine.resume_definition("p:1", reason="sigue", by=ANA)
    assert states(engine)["A-3"] == "suspended"
    # What has left for another version is not resumed with the one that it left.
    engine.suspend_definition("p:1", reason="alto", instances=True, by=ANA)
    target = deploy(engine, LATER, OTHER).id
    plan = engine.plan_migration(started["A-1"].deployment_id, target, {}, by=ANA)
    (moved,) = engine.migrate(plan, [started["A-1"].id], reason="corregido", by=ANA)
    assert moved.done, moved.message
    engine.resume_definition("p:1", reason="sigue", by=ANA)
    assert states(engine)["A-1"] == "suspended"
    assert_rows_equal_waits(engine)
    engine.close()


def test_what_was_left_half_way_is_finished_by_the_second_call(database_url: str) -> None:
    engine = new_engine(database_url, ONE, clock=frozen())
    for number in range(3):
        engine.start("p", f"A-{number}", by=BETO)
    # As if the process had died right after the first commit.
    engine.suspend_definition("p:1", reason="alto", by=ANA)
    engine.suspend_definition("p:1", reason="alto", instances=True, most=2, by=ANA)
    assert engine.count_instances(InstanceQuery(definition_id="p:1", state="running"), by=ANA) == 1
    engine.suspend_definition("p:1", reason="alto", instances=True, most=2, by=ANA)
    assert set(states(engine).values()) == {"suspended"}
    with engine.transaction(ANA) as tx:
        suspension.resume(tx, "p:1", "ya")
    engine.resume_definition("p:1", reason="ya", most=1, by=ANA)
    assert engine.count_instances(InstanceQuery(definition_id="p:1", held=True), by=ANA) == 2
    engine.resume_definition("p:1", reason="ya", by=ANA)
    assert set(states(engine).values()) == {"running"}
    with pytest.raises(Conflict):
        engine.resume_definition("p:1", reason="ya", by=ANA)
    engine.close()


def test_a_requested_start_waits_until_the_definition_goes_on(database_url: str) -> None:
    engine = new_engine(database_url, ONE, clock=frozen())
    engine.suspend_definition("p:1", reason="alto", by=ANA)
    with engine.transaction(ANA) as tx:
        outbox.request_start(tx, "p", "A-9", {})
    engine.run_due_jobs()
    (job,) = engine.jobs(by=ANA).items
    assert (job.kind, job.state) == ("start", "due")
    assert engine.workload(by=ANA).incidents == 0
    engine.resume_definition("p:1", reason="ya", by=ANA)
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    assert states(engine) == {"A-9": "running"}
    engine.close()


def test_no_start_slips_through(database_url: str) -> None:
    """Starts and the suspension at once: whatever has started by then is suspended, too."""
    engine = new_engine(database_url, ONE, after_step=0)
    go = threading.Barrier(5)
    refused: list[str] = []

    def start(number: int) -> None:
        go.wait()
        for again in range(8):
            try:
                engine.start("p", f"A-{number}-{again}", by=BETO)
            except Conflict:
                refused.append(f"{number}-{again}")

    threads = [threading.Thread(target=start, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    go.wait()
    engine.suspend_definition("p:1", reason="alto", instances=True, by=ANA)
    for thread in threads:
        thread.join()
    found = states(engine)
    assert set(found.values()) <= {"suspended"}
    assert len(found) + len(refused) == 32
    engine.close()


def test_what_it_refuses(database_url: str) -> None:
    engine = new_engine(database_url, ONE)
    with pytest.raises(NotFound):
        engine.suspend_definition("p:7", reason="x", by=ANA)
    with pytest.raises(Invalid):
        engine.suspend_definition("p:1", reason="  ", by=ANA)
    with pytest.raises(Conflict):
        engine.resume_definition("p:1", reason="x", by=ANA)
    with pytest.raises(NotAllowed):
        engine.suspend_definition("p:1", reason="x", by=Actor("otra", frozenset()))
    assert engine.suspensions("p:1", by=ANA) == []
    engine.close()
