"""From the start to the end, with a restart between all steps."""

from __future__ import annotations

from decimal import Decimal

from engine import SYSTEM

from .cases import ANA, BETO, assert_rows_equal_waits, new_engine, only_task, open_engine


def test_an_instance_runs_from_start_to_end(database_url: str) -> None:
    engine = new_engine(database_url)
    started = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    assert started.state == "running"
    engine.close()

    engine = open_engine(database_url, after_step=0)
    task = only_task(engine, "P-1")
    assert (task.element_id, task.candidate_groups) == ("revisar", ("ventas",))
    engine.complete(task.id, {"visto": True}, request_id="r1", by=BETO)
    assert_rows_equal_waits(engine)
    engine.close()

    engine = open_engine(database_url)
    assert engine.run_due_jobs() == 1
    assert_rows_equal_waits(engine)
    engine.close()

    engine = open_engine(database_url)
    task = only_task(engine, "P-1")
    assert (task.element_id, task.assignee) == ("entregar", "ana")
    form = engine.form(task.id, by=ANA)
    assert form.data["para"] == "P-1"
    done = engine.complete(task.id, {"recibe": "Luz"}, by=ANA)
    assert done.instance.state == "completed"
    assert engine.variables(started.id, by=SYSTEM) == {
        "piezas": Decimal(7),
        "visto": True,
        "apartadas": Decimal(7),
        "entregado": True,
    }
    # What is null is not written, and read as null.
    events = engine.history(started.id, kinds=["variable.changed", "user_task.created"], by=SYSTEM).items
    seen = next(event for event in events if event.details.get("name") == "visto")
    assert seen.details == {"name": "visto", "old": None, "new": True, "scope": None}
    assert [event.details["assignee"] for event in events if event.kind == "user_task.created"] == [None, "ana"]
    assert_rows_equal_waits(engine)
    engine.close()
