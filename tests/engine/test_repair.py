"""What an operator does by hand: each operation leaves a state that goes on after a restart, and tells of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import SYSTEM, Conflict, Engine, Instruction, Invalid, JobQuery, NotFound, UserTaskQuery

from .cases import (
    ANA,
    BETO,
    NINE,
    assert_rows_equal_waits,
    frozen,
    how_many,
    new_engine,
    only_task,
    open_elements,
    open_engine,
    records,
)
from .models import boundary, call, exclusive, message, model, parallel, script, timer, user_task
from .models import service_task as service

MAIN = model(
    "viaje",
    user_task("planear"),
    call("ida", "tramo"),
    call("vuelta", "regreso"),
    flows="inicio > planear > ida > vuelta > fin",
)
TRAMO = model("tramo", user_task("subir"), user_task("bajar"), flows="inicio > subir > bajar > fin")
REGRESO = model("regreso", user_task("volver"), flows="inicio > volver > fin")
RAMAS = model(
    "ramas",
    user_task("a"),
    user_task("b"),
    user_task("c"),
    parallel("abre", "cierra"),
    flows="inicio > abre > a > cierra > c > fin\nabre > b > cierra",
)
ESPERA = model(
    "espera",
    timer("reloj", "P3D"),
    message("carta"),
    user_task("leer"),
    flows="inicio > reloj > carta > leer > fin",
    messages={"carta": None},
)


def before(process_key: str, element_id: str, **variables: Any) -> Instruction:
    return Instruction("start_before", process_key, element_id, variables=variables)


def after(process_key: str, element_id: str) -> Instruction:
    return Instruction("start_after", process_key, element_id)


def cancel(process_key: str, element_id: str) -> Instruction:
    return Instruction("cancel", process_key, element_id)


def restarted(engine: Engine, url: str, **options: Any) -> Engine:
    """Another process on the same database: nothing of the old one's memory is left."""
    assert_rows_equal_waits(engine)
    engine.close()
    return open_engine(url, **options)


def finish(engine: Engine, business_key: str) -> str:
    """Complete whatever is open until nothing is; answers the state of the instance."""
    for _ in range(20):
        found = engine.user_tasks(UserTaskQuery(business_key=business_key), by=SYSTEM).items
        if not found:
            break
        engine.complete(found[0].id, {}, by=SYSTEM)
    (instance,) = engine.instances(by=ANA).items
    return instance.state


def operations(engine: Engine, instance_id: str) -> list[tuple[str, str]]:
    found = engine.history(instance_id, kinds=["operation"], by=SYSTEM).items
    return [(event.details["verb"], event.details["reason"]) for event in found]


def test_back_to_an_earlier_element_with_other_variables(database_url: str) -> None:
    engine = new_engine(database_url, MAIN, TRAMO, REGRESO)
    instance = engine.start("viaje", "V-1", {"plazas": 1}, by=BETO)
    engine.complete(only_task(engine, "V-1").id, {}, by=ANA)
    engine.complete(only_task(engine, "V-1").id, {}, by=ANA)
    assert open_elements(engine, "V-1") == ["bajar"]
    engine.modify(
        instance.id, [cancel("tramo", "bajar"), before("tramo", "subir", plazas=2)], reason=" se equivocó ", by=ANA
    )
    engine = restarted(engine, database_url)
    assert open_elements(engine, "V-1") == ["subir"]
    (inner,) = [one for one in engine.scopes(instance.id, by=SYSTEM) if one.process_key == "tramo"]
    assert inner.values["plazas"] == 2
    (event,) = engine.history(instance.id, kinds=["operation"], by=SYSTEM).items
    assert (event.actor, event.details["reason"]) == ("ana", "se equivocó")
    assert ["tramo", "bajar", 1] in event.details["before"]
    assert ["tramo", "subir", 1] in event.details["after"]
    assert finish(engine, "V-1") == "completed"
    engine.close()


def test_forward_into_a_process_that_nobody_has_called_yet(database_url: str) -> None:
    engine = new_engine(database_url, MAIN, TRAMO, REGRESO)
    instance = engine.start("viaje", "V-1", {"plazas": 1}, by=BETO)
    engine.complete(only_task(engine, "V-1").id, {}, by=ANA)
    # The only token inside «tramo» goes: its call activity goes with it, or the matter would run on behind it.
    engine.modify(instance.id, [cancel("tramo", "subir"), before("regreso", "volver")], reason="directo", by=ANA)
    engine = restarted(engine, database_url)
    assert open_elements(engine, "V-1") == ["volver"]
    (inner,) = [one for one in engine.scopes(instance.id, by=SYSTEM) if one.process_key == "regreso"]
    assert inner.values["plazas"] == 1
    engine.modify(instance.id, [cancel("viaje", "vuelta"), before("tramo", "bajar")], reason="de nuevo", by=ANA)
    assert open_elements(engine, "V-1") == ["bajar"]
    engine = restarted(engine, database_url)
    engine.complete(only_task(engine, "V-1").id, {}, by=ANA)
    assert open_elements(engine, "V-1") == ["volver"]
    assert finish(engine, "V-1") == "completed"
    assert operations(engine, instance.id) == [("modify", "directo"), ("modify", "de nuevo")]
    engine.close()


def test_after_an_element_and_past_a_join(database_url: str) -> None:
    engine = new_engine(database_url, RAMAS)
    instance = engine.start("ramas", "R-1", by=BETO)
    engine.modify(instance.id, [cancel("ramas", "a"), after("ramas", "a")], reason="ya está", by=ANA)
    engine = restarted(engine, database_url)
    assert open_elements(engine, "R-1") == ["b"]
    taken = engine.diagram(instance_id=instance.id, by=ANA).taken
    assert taken["a_cierra"] == 1
    engine.complete(only_task(engine, "R-1").id, {}, by=ANA)
    assert open_elements(engine, "R-1") == ["c"]
    engine.modify(instance.id, [cancel("ramas", "c"), before("ramas", "cierra")], reason="otra vez", by=ANA)
    assert open_elements(engine, "R-1") == ["c"], "put before the join it goes on alone"
    engine = restarted(engine, database_url)
    assert finish(engine, "R-1") == "completed"
    engine.close()


def test_a_branch_taken_away_leaves_no_join_waiting_in_silence(database_url: str) -> None:
    engine = new_engine(database_url, RAMAS)
    instance = engine.start("ramas", "R-1", by=BETO)
    tasks = {task.element_id: task for task in engine.user_tasks(UserTaskQuery(business_key="R-1"), by=ANA).items}
    engine.complete(tasks["a"].id, {}, by=ANA)
    engine.modify(instance.id, [cancel("ramas", "b")], reason="no hace falta", by=ANA)
    (incident,) = engine.incidents(by=SYSTEM).items
    assert "«cierra» espera por el camino de «b»" in incident.message
    engine = restarted(engine, database_url)
    engine.modify(instance.id, [cancel("ramas", "cierra"), after("ramas", "cierra")], reason="sigue", by=ANA)
    assert open_elements(engine, "R-1") == ["c"]
    assert engine.incidents(by=SYSTEM).items == ()
    assert finish(engine, "R-1") == "completed"
    engine.close()


@pytest.mark.parametrize(
    ("instructions", "error"),
    [
        ([cancel("ramas", "a"), cancel("ramas", "b")], Conflict),
        ([cancel("ramas", "c")], Conflict),
        ([before("ramas", "z")], NotFound),
        ([after("ramas", "fin")], Conflict),
        ([], Invalid),
    ],
)
def test_what_would_leave_no_right_state_changes_nothing(
    database_url: str, instructions: list[Instruction], error: type[Exception]
) -> None:
    engine = new_engine(database_url, RAMAS)
    instance = engine.start("ramas", "R-1", by=BETO)
    with pytest.raises(error):
        engine.modify(instance.id, instructions, reason="prueba", by=ANA)
    assert engine.instance(instance.id, by=ANA).revision == instance.revision
    assert open_elements(engine, "R-1") == ["a", "b"]
    engine.close()


def test_no_operation_without_a_reason(database_url: str) -> None:
    engine = new_engine(database_url, ESPERA, clock=frozen())
    instance = engine.start("espera", "E-1", by=BETO)
    (job,) = engine.jobs(by=SYSTEM).items
    for refused in (
        lambda: engine.modify(instance.id, [cancel("espera", "reloj")], reason=" ", by=ANA),
        lambda: engine.skip(job.id, reason="", by=ANA),
        lambda: engine.fire(job.id, reason="", by=ANA),
    ):
        with pytest.raises(Invalid) as caught:
            refused()
        assert list(caught.value.fields) == ["reason"]
    engine.close()


def test_a_suspended_instance_stays_where_it_was_put(database_url: str) -> None:
    engine = new_engine(database_url, MAIN, TRAMO, REGRESO)
    instance = engine.start("viaje", "V-1", by=BETO)
    engine.suspend(instance.id, reason="alto", by=ANA)
    engine.modify(instance.id, [cancel("viaje", "planear"), before("viaje", "ida")], reason="adelante", by=ANA)
    engine = restarted_without_check(engine, database_url)
    assert open_elements(engine, "V-1") == []
    engine.resume(instance.id, reason="ya", by=ANA)
    assert open_elements(engine, "V-1") == ["subir"]
    assert_rows_equal_waits(engine)
    engine.close()


def restarted_without_check(engine: Engine, url: str) -> Engine:
    engine.close()
    return open_engine(url)


def test_skip_whatever_waits(database_url: str) -> None:
    engine = new_engine(database_url, ESPERA, clock=frozen())
    instance = engine.start("espera", "E-1", by=BETO)
    for element in ("reloj", "carta", "leer"):
        (wait,) = engine.wait_states(instance.id, by=ANA)
        assert wait.element_id == element
        engine.skip(wait.id, {element: "omitido"}, reason=f"sin {element}", by=ANA)
        with pytest.raises((Conflict, NotFound)):
            engine.skip(wait.id, reason="otra vez", by=ANA)
        if element != "leer":
            engine = restarted(engine, database_url, clock=frozen())
    assert engine.instance(instance.id, by=ANA).state == "completed"
    assert engine.variables(instance.id, by=SYSTEM) == dict.fromkeys(("reloj", "carta", "leer"), "omitido")
    (task,) = engine.user_tasks(UserTaskQuery(business_key="E-1", state="completed"), by=ANA).items
    assert task.ended_by == "ana"
    engine.close()


def test_fire_a_timer_before_its_time_and_a_message_by_hand(database_url: str) -> None:
    engine = new_engine(database_url, ESPERA, clock=frozen())
    instance = engine.start("espera", "E-1", by=BETO)
    (wait,) = engine.wait_states(instance.id, by=ANA)
    assert (wait.kind, wait.due) == ("timer", NINE + timedelta(days=3))
    engine.set_due(wait.id, NINE + timedelta(days=1), reason="antes", by=ANA)
    (wait,) = engine.wait_states(instance.id, by=ANA)
    assert wait.due == NINE + timedelta(days=1)
    engine.fire(wait.id, reason="ahora", by=ANA)
    engine = restarted(engine, database_url, clock=frozen())
    (wait,) = engine.wait_states(instance.id, by=ANA)
    assert (wait.kind, wait.message, wait.correlation) == ("message", "carta", "E-1")
    engine.fire(wait.id, {"texto": "hola"}, reason="llegó por teléfono", by=ANA)
    assert engine.variables(instance.id, by=SYSTEM)["texto"] == "hola"
    (wait,) = engine.wait_states(instance.id, by=ANA)
    with pytest.raises(Conflict):
        engine.fire(wait.id, reason="una tarea no se dispara", by=ANA)
    engine.close()


def test_a_failed_job_is_skipped_or_ends_in_an_error(database_url: str) -> None:
    pedido = new_engine(database_url, clock=frozen())
    for key in ("P-1", "P-2"):
        pedido.start("pedido", key, {"piezas": 13}, by=BETO)
        pedido.complete(only_task(pedido, key).id, {}, by=ANA)
    pedido.move_clock(NINE + timedelta(hours=1), by=ANA)
    jobs = {job.business_key: job for job in pedido.jobs(JobQuery(state="failed"), by=SYSTEM).items}
    assert len(pedido.incidents(by=SYSTEM).items) == 2

    pedido.skip(jobs["P-1"].id, {"apartadas": 13}, reason="se apartaron a mano", by=ANA)
    assert open_elements(pedido, "P-1") == ["entregar"]
    pedido.throw_error(jobs["P-2"].id, "AGOTADO", "no hay", reason="no hay", by=ANA)
    assert open_elements(pedido, "P-2") == ["avisar"]
    assert pedido.incidents(by=SYSTEM).items == ()
    assert how_many_jobs(pedido, "service") == 0
    pedido = restarted(pedido, database_url, clock=frozen())
    with pytest.raises(NotFound):
        pedido.throw_error(jobs["P-2"].id, "AGOTADO", reason="otra vez", by=ANA)
    pedido.close()


def how_many_jobs(engine: Engine, kind: str) -> int:
    return len(engine.jobs(JobQuery(kind=kind), by=SYSTEM).items)


def test_retry_changes_the_variable_that_the_job_sees(database_url: str) -> None:
    """In a called process the variable is a copy of the caller's: that one counts, not the caller's."""
    inner = model(
        "bodega", service("apartar", "almacen.apartar", inputs={"piezas": "=piezas"}), flows="inicio > apartar > fin"
    )
    outer = model(
        "compra", call("bodega_llamada", "bodega"), user_task("pagar"), flows="inicio > bodega_llamada > pagar > fin"
    )
    engine = new_engine(database_url, outer, inner, clock=frozen())
    engine.start("compra", "C-1", {"piezas": 13}, by=BETO)
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    (job,) = engine.jobs(JobQuery(state="failed"), by=SYSTEM).items
    engine.retry(job.id, {"piezas": 7}, reason="eran siete", by=ANA)
    assert open_elements(engine, "C-1") == ["pagar"]
    assert how_many(engine, records) == 1
    engine.close()


def test_a_failure_of_a_script_is_skipped_with_its_result_and_of_a_gateway_is_not(database_url: str) -> None:
    modelo = model(
        "calculo",
        script("suma", '=plazo("x")', "total"),
        exclusive("hay", "hay_fin"),
        user_task("ver"),
        flows="inicio > suma > hay > ver > fin_ver\nhay > fin",
        conditions={"hay_ver": "=3"},
    )
    engine = new_engine(database_url, modelo)
    instance = engine.start("calculo", "K-1", by=BETO)
    (wait,) = engine.wait_states(instance.id, by=ANA)
    assert (wait.kind, wait.element_id) == ("failure", "suma")
    engine.skip(wait.id, {"total": 3}, reason="es tres", by=ANA)
    engine = restarted(engine, database_url)
    (wait,) = engine.wait_states(instance.id, by=ANA)
    assert (wait.kind, wait.element_id) == ("failure", "hay")
    with pytest.raises(Conflict):
        engine.skip(wait.id, reason="sin salida", by=ANA)
    engine.modify(instance.id, [cancel("calculo", "hay"), before("calculo", "ver")], reason="a ver", by=ANA)
    assert open_elements(engine, "K-1") == ["ver"]
    assert finish(engine, "K-1") == "completed"
    engine.close()


def test_boundary_events_go_with_their_activity(database_url: str) -> None:
    modelo = model(
        "plazo",
        user_task("firmar"),
        boundary("tarde", "firmar", timer="P1D"),
        user_task("archivar"),
        flows="inicio > firmar > archivar > fin\ntarde > fin_tarde",
    )
    engine = new_engine(database_url, modelo, clock=frozen())
    instance = engine.start("plazo", "L-1", by=BETO)
    with pytest.raises(Conflict):
        engine.modify(instance.id, [cancel("plazo", "tarde")], reason="sin plazo", by=ANA)
    with pytest.raises(Conflict):
        engine.modify(instance.id, [before("plazo", "tarde")], reason="al borde", by=ANA)
    (edge,) = [one for one in engine.wait_states(instance.id, by=ANA) if one.attached]
    with pytest.raises(Conflict):
        engine.skip(edge.id, reason="al borde", by=ANA)
    engine.modify(instance.id, [cancel("plazo", "firmar"), before("plazo", "archivar")], reason="ya", by=ANA)
    assert how_many_jobs(engine, "timer") == 0
    engine.modify(instance.id, [cancel("plazo", "archivar"), before("plazo", "firmar")], reason="otra", by=ANA)
    assert how_many_jobs(engine, "timer") == 1
    engine.modify(instance.id, [cancel("plazo", "firmar"), after("plazo", "tarde")], reason="venció", by=ANA)
    assert engine.instance(instance.id, by=ANA).state == "completed"
    engine.close()


def test_the_history_can_be_read_from_its_end(database_url: str) -> None:
    engine = new_engine(database_url)
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {"a": 1}, by=ANA)
    forward = [event.sequence for event in engine.history(instance.id, size=1000, by=SYSTEM).items]
    back: list[int] = []
    page: str | None = None
    while True:
        found = engine.history(instance.id, page, 3, latest_first=True, by=SYSTEM)
        back += [event.sequence for event in found.items]
        page = found.next
        if page is None:
            break
    assert len(forward) > 6
    assert back == forward[::-1]
    (last, *_) = engine.history(instance.id, kinds=["user_task.*"], latest_first=True, by=SYSTEM).items
    assert last.kind == "user_task.created"
    engine.close()
