"""Messages reach exactly one instance, start one, are kept for one, or are refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import SYSTEM, Conflict
from engine.storage import tables as t

from .cases import (
    ANA,
    BETO,
    NINE,
    assert_rows_equal_waits,
    frozen,
    how_many,
    kinds,
    new_engine,
    only_task,
    open_elements,
)
from .models import message, message_start, model, service_task, throw, timer, user_task

COBRO = model(
    "cobro",
    message("pago"),
    user_task("agradecer"),
    flows="inicio > pago > agradecer > fin",
    messages={"pago": "=factura"},
)
ENTRE = model(
    "venta",
    user_task("cerrar"),
    throw("facturar", "factura_emitida", {"correlationKey": '="V-1/F-7"', "monto": "=monto"}),
    throw("avisar", "nadie_lo_espera"),
    user_task("archivar"),
    flows="inicio > cerrar > facturar > avisar > archivar > fin",
    messages={"factura_emitida": None, "nadie_lo_espera": None},
)
SEGUIMIENTO = model(
    "seguimiento",
    message_start("inicio", "factura_emitida"),
    user_task("cobrar"),
    flows="inicio > cobrar > fin",
    messages={"factura_emitida": None},
)


def test_a_message_goes_to_the_instance_with_its_correlation_key(database_url: str) -> None:
    engine = new_engine(database_url, COBRO)
    first = engine.start("cobro", "C-1", {"factura": "F-1"}, by=BETO)
    engine.start("cobro", "C-2", {"factura": 2}, by=BETO)
    (waits,) = engine.subscriptions(first.id, by=ANA)
    assert (waits.name, waits.correlation, waits.element_id) == ("pago", "F-1", "pago")
    receiver = engine.correlate("pago", business_key="C-1", correlation="F-1", variables={"monto": 5}, by=ANA)
    assert receiver is not None
    assert receiver.id == first.id
    assert engine.variables(first.id, by=ANA)["monto"] == 5
    assert open_elements(engine, "C-1") == ["agradecer"]
    assert open_elements(engine, "C-2") == []
    assert "message.received" in kinds(engine, first.id)
    with pytest.raises(Conflict) as refused:
        engine.correlate("pago", business_key="C-1", correlation="F-1", by=ANA)
    assert refused.value.details["reason"] == "nobody_waits"
    engine.correlate("pago", business_key="C-2", correlation="2", by=ANA)
    assert open_elements(engine, "C-2") == ["agradecer"]
    assert_rows_equal_waits(engine)
    engine.close()


def test_a_kept_message_is_offered_once_to_whoever_comes(database_url: str) -> None:
    engine = new_engine(database_url, COBRO, clock=frozen())
    assert engine.correlate("pago", business_key="C-1", correlation="F-1", keep="P7D", by=ANA) is None
    engine.start("cobro", "C-1", {"factura": "F-1"}, by=BETO)
    engine.start("cobro", "C-2", {"factura": "F-1"}, by=BETO)
    assert open_elements(engine, "C-1") == ["agradecer"]
    assert open_elements(engine, "C-2") == []
    assert how_many(engine, t.kept_message) == 0
    engine.move_clock(NINE + timedelta(days=8), by=ANA)
    assert engine.incidents(by=ANA).items == ()
    assert_rows_equal_waits(engine)
    engine.close()


def test_a_kept_message_that_nobody_wants_is_an_incident(database_url: str) -> None:
    engine = new_engine(database_url, COBRO, clock=frozen())
    engine.correlate("pago", business_key="C-1", correlation="F-1", keep="P7D", by=ANA)
    engine.move_clock(NINE + timedelta(days=6), by=ANA)
    assert engine.incidents(by=ANA).items == ()
    engine.move_clock(NINE + timedelta(days=8), by=ANA)
    (incident,) = engine.incidents(by=ANA).items
    assert (incident.kind, incident.business_key) == ("message", "C-1")
    engine.start("cobro", "C-1", {"factura": "F-1"}, by=BETO)
    assert open_elements(engine, "C-1") == []
    engine.resolve(incident.id, by=ANA)
    assert engine.incidents(by=ANA).items == ()
    engine.close()


def test_a_thrown_message_starts_a_process_once(database_url: str) -> None:
    engine = new_engine(database_url, ENTRE, SEGUIMIENTO)
    sale = engine.start("venta", "V-1", {"monto": 10}, by=BETO)
    engine.complete(only_task(engine, "V-1").id, {}, by=ANA)
    # Both messages were delivered in transactions of their own, right after the step.
    assert open_elements(engine, "V-1") == ["archivar"]
    task = only_task(engine, "V-1/F-7")
    assert engine.variables(task.instance_id, by=ANA) == {"monto": 10}
    assert kinds(engine, sale.id).count("message.sent") == 2
    (refused,) = engine.history(sale.id, kinds=["message.refused"], by=ANA).items
    assert refused.details["reason"] == "nadie esperaba"
    assert engine.jobs(by=SYSTEM).items == ()
    again = engine.correlate("factura_emitida", business_key="V-1/F-7", by=ANA)
    assert again is not None
    assert again.id == task.instance_id
    assert how_many(engine, t.process_instance) == 2
    engine.close()


def test_a_message_waits_for_a_suspended_receiver(database_url: str) -> None:
    engine = new_engine(database_url, COBRO, clock=frozen())
    receiver = engine.start("cobro", "C-1", {"factura": "F-1"}, by=BETO)
    engine.suspend(receiver.id, reason="revisión", by=ANA)
    with pytest.raises(Conflict) as refused:
        engine.correlate("pago", business_key="C-1", correlation="F-1", by=ANA)
    assert refused.value.details["reason"] == "suspended"
    with engine.transaction(SYSTEM) as tx:
        tx.send("pago", "C-1", {"monto": 1}, correlation="F-1")
    engine.run_due_jobs()
    engine.resume(receiver.id, reason="listo", by=ANA)
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    assert open_elements(engine, "C-1") == ["agradecer"]
    engine.close()


def test_a_message_that_is_sent_waits_if_it_may(database_url: str) -> None:
    slow = model(
        "lento",
        timer("pausa", "PT1H"),
        message("pago"),
        flows="inicio > pausa > pago > fin",
        messages={"pago": None},
    )
    engine = new_engine(database_url, slow, clock=frozen())
    instance = engine.start("lento", "L-1", by=BETO)
    with engine.transaction(ANA) as tx:
        tx.send("pago", "L-1", keep="P1D")
    assert how_many(engine, t.kept_message) == 1
    engine.move_clock(NINE + timedelta(hours=2), by=ANA)
    assert engine.instance(instance.id, by=ANA).state == "completed"
    engine.close()


def test_what_a_step_causes_elsewhere_is_there_when_it_returns(database_url: str) -> None:
    """A message sent by an action, the receiver's service task, and what follows it."""
    receiver = model(
        "surtido",
        message("pago"),
        service_task("apartar", "almacen.apartar"),
        user_task("entregar"),
        flows="inicio > pago > apartar > entregar > fin",
        messages={"pago": None},
    )
    engine = new_engine(database_url, receiver)
    engine.start("surtido", "S-1", {"piezas": 3}, by=BETO)
    with engine.transaction(ANA) as tx:
        tx.send("pago", "S-1", {"monto": 1})
    assert open_elements(engine, "S-1") == ["entregar"]
    engine.close()


def test_a_verb_in_a_transaction_is_undone_as_a_whole(database_url: str) -> None:
    engine = new_engine(database_url, COBRO)
    instance = engine.start("cobro", "C-1", {"factura": "F-1"}, by=BETO)
    with engine.transaction(ANA) as tx:
        with pytest.raises(Conflict):
            tx.correlate("otra_cosa", business_key="C-1")
        tx.correlate("pago", business_key="C-1", correlation="F-1")
        tx.set_variables(instance.id, {"a": 1}, reason="prueba")
    assert open_elements(engine, "C-1") == ["agradecer"]
    assert engine.instance(instance.id, by=ANA).revision == 3
    engine.close()
