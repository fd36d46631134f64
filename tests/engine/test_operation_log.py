"""The operation log: a line for each thing done by hand, in its own transaction, found across all instances."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import ColumnElement

from engine import (
    SYSTEM,
    Actor,
    Conflict,
    Engine,
    InstanceQuery,
    Instruction,
    Invalid,
    JobQuery,
    NotAllowed,
    OpenAccess,
    Operation,
    OperationQuery,
    UserTaskQuery,
)
from engine.storage import tables as t

from .cases import ANA, BETO, NINE, deploy, frozen, how_many, new_engine, only_task
from .models import boundary, exclusive, message, model, script, timer, user_task
from .models import service_task as service
from .test_costs import assert_read_from_indexes, counted

VIAJE = model(
    "viaje",
    user_task("planear"),
    boundary("nunca", "planear", error="e_no"),
    timer("reloj", "P3D"),
    message("carta"),
    script("suma", "=plazas + 1", "total"),
    exclusive("grande", "grande_fin"),
    service("apartar", "almacen.apartar", inputs={"piezas": "=plazas"}, retries="0"),
    flows="inicio > planear > reloj > carta > suma > grande > apartar > fin_lejos\ngrande > fin\nnunca > fin_nunca",
    conditions={"grande_apartar": "=total > limite"},
    messages={"carta": None},
    errors={"e_no": "NO"},
)
OTRO = model("otro", user_task("algo"), flows="inicio > algo > fin")
CORREGIDO = OTRO.replace(b'name="algo"', b'name="otra cosa"')


class OnlyMine(OpenAccess):
    """Carla knows of the matters that begin with V."""

    def visible(self, actor: Actor, business_key: ColumnElement[str], now: Any) -> ColumnElement[bool]:
        return business_key.startswith("V") if actor.id == "carla" else super().visible(actor, business_key, now)

    def may(self, actor: Actor, verb: str, business_key: str | None, session: Any) -> bool:
        return verb != "operations" or actor.id != "beto"


CARLA = Actor("carla", frozenset({"ventas"}))


def wait_id(engine: Engine, instance_id: str, element_id: str) -> str:
    return next(one.id for one in engine.wait_states(instance_id, by=SYSTEM) if one.element_id == element_id)


def log(engine: Engine, by: Actor = ANA, **query: Any) -> list[Operation]:
    """The oldest first."""
    return list(reversed(engine.operations(OperationQuery(**query), size=200, by=by).items))


def told(engine: Engine, **query: Any) -> list[tuple[str, str]]:
    return [(one.action, one.reason) for one in log(engine, **query)]


def changes(line: Operation) -> list[tuple[Any, ...]]:
    return [(one.kind, one.name, one.old, one.new) for one in line.changes]


def test_every_verb_of_an_operator_leaves_a_line(database_url: str) -> None:
    engine = new_engine(database_url, VIAJE, clock=frozen())
    one = engine.start("viaje", "V-1", {"plazas": 13}, by=BETO)
    engine.assign(only_task(engine, "V-1").id, "beto", reason="de vacaciones", by=ANA)
    engine.skip(wait_id(engine, one.id, "planear"), {"ruta": "mar"}, reason="ya está", by=ANA)
    engine.set_due(wait_id(engine, one.id, "reloj"), NINE + timedelta(days=1), reason="antes", by=ANA)
    engine.suspend(one.id, reason=" pausa ", by=ANA)
    engine.resume(one.id, reason="sigue", by=ANA)
    engine.fire(wait_id(engine, one.id, "reloj"), reason="ya", by=ANA)
    engine.set_variables(one.id, {"plazas": 12, "limite": None}, reason="mal contadas", by=ANA)
    engine.fire(wait_id(engine, one.id, "carta"), {"plazas": 13, "total": 0}, reason="llegó por teléfono", by=ANA)
    (incident,) = engine.incidents(by=ANA).items
    engine.resolve(incident.id, {"limite": 1}, reason="faltaba", by=ANA)
    (job,) = engine.jobs(JobQuery(state="failed"), by=ANA).items
    engine.retry(job.id, {"plazas": 3}, reason="otra cuenta", by=ANA)
    two = engine.start("viaje", "V-2", {"plazas": 1}, by=BETO)
    move = [Instruction("cancel", "viaje", "planear"), Instruction("start_before", "viaje", "reloj")]
    engine.modify(two.id, move, reason="de frente", by=ANA)
    engine.cancel(two.id, reason="repetido", by=ANA)
    engine.start("viaje", "V-3", by=BETO)
    engine.throw_error(only_task(engine, "V-3").id, "NO", "no hay", reason="no hay barco", by=ANA)

    lines = {(line.action, line.reason): line for line in log(engine)}
    assert list(lines) == [
        ("deploy", "prueba"), ("assign", "de vacaciones"), ("skip", "ya está"), ("set_due", "antes"),
        ("suspend", "pausa"), ("resume", "sigue"), ("fire", "ya"), ("set_variables", "mal contadas"),
        ("fire", "llegó por teléfono"), ("retry", "faltaba"), ("retry", "otra cuenta"), ("modify", "de frente"),
        ("cancel", "repetido"), ("throw_error", "no hay barco"),
    ]  # fmt: skip
    line = lines["assign", "de vacaciones"]
    assert (line.actor, line.at, line.business_key, line.instance_id) == ("ana", NINE, "V-1", one.id)
    assert (line.process_key, line.version, line.element_id, line.deployment_id) == (
        "viaje", 1, "planear", one.deployment_id,
    )  # fmt: skip
    assert changes(line) == [("assignee", None, None, "beto")]
    assert changes(lines["deploy", "prueba"]) == [("version", "viaje", None, Decimal(1))]
    due = ("due", None, NINE + timedelta(days=3), NINE + timedelta(days=1))
    assert changes(lines["set_due", "antes"]) == [due]
    assert changes(lines["suspend", "pausa"]) == []
    moved = ("tokens", None, [["viaje", "planear", Decimal(1)]], [["viaje", "reloj", Decimal(1)]])
    assert changes(lines["skip", "ya está"]) == [moved, ("result", "ruta", None, "mar")]
    assert changes(lines["modify", "de frente"]) == [moved]
    assert changes(lines["set_variables", "mal contadas"]) == [
        ("variable", "plazas", Decimal(13), Decimal(12)), ("variable", "limite", None, None),
    ]  # fmt: skip
    # What the run then wrote («total» is 14 by now) is no change by hand.
    assert changes(lines["fire", "llegó por teléfono"])[1:] == [
        ("variable", "plazas", Decimal(12), Decimal(13)), ("variable", "total", None, Decimal(0)),
    ]  # fmt: skip
    assert changes(lines["retry", "faltaba"]) == [("variable", "limite", None, Decimal(1))]
    assert changes(lines["retry", "otra cuenta"]) == [("variable", "plazas", Decimal(13), Decimal(3))]
    assert changes(lines["throw_error", "no hay barco"]) == [("error", "NO", None, "no hay")]
    engine.close()


def test_what_is_undone_or_refused_leaves_no_line_and_a_completion_writes_none(database_url: str) -> None:
    engine = new_engine(database_url, VIAJE, clock=frozen())
    instance = engine.start("viaje", "V-1", {"plazas": 1}, by=BETO)

    class Undo(Exception):
        pass

    with pytest.raises(Undo), engine.transaction(ANA) as tx:
        tx.suspend(instance.id, reason="a ver", by=ANA)
        assert [one.action for one in tx.operations(by=ANA).items] == ["suspend", "deploy"]
        raise Undo
    with pytest.raises(Conflict):
        engine.resume(instance.id, reason="no estaba", by=ANA)
    with pytest.raises(Invalid):
        engine.suspend(instance.id, reason=" ", by=ANA)
    with engine.transaction(ANA) as tx:
        # The verb is undone as a whole, the transaction goes on.
        with pytest.raises(Conflict):
            tx.throw_error(only_task(engine, "V-1").id, "OTRO", reason="nadie atiende", by=ANA)
        tx.set_variables(instance.id, {"plazas": 2}, reason="sí", by=ANA)
    assert told(engine) == [("deploy", "prueba"), ("set_variables", "sí")]
    with counted(engine) as seen:
        engine.complete(only_task(engine, "V-1").id, {}, by=ANA)
    assert not [sql for sql, _parameters in seen["statements"] if "INTO operation" in sql]
    engine.close()


def test_what_the_program_does_of_itself_is_no_operation(database_url: str) -> None:
    engine = new_engine(database_url, VIAJE, clock=frozen())
    engine.start("viaje", "V-1", {"plazas": 1}, by=BETO)
    engine.assign(only_task(engine, "V-1").id, "beto", reason="Ausencia de Ana", by=SYSTEM)
    engine.claim(engine.release(only_task(engine, "V-1").id, by=Actor("beto", frozenset({"ventas"}))).id, by=ANA)
    assert told(engine) == [("deploy", "prueba")]
    engine.close()


def test_an_order_is_one_line_and_each_matter_is_found(database_url: str) -> None:
    engine = new_engine(database_url, OTRO, clock=frozen(), access=OnlyMine())
    ids = [engine.start("otro", f"O-{number}", by=BETO).id for number in range(3)]
    engine.suspend_definition("otro:1", reason="alto", instances=True, most=2, by=ANA)
    engine.suspend_definition("otro:1", reason="alto", instances=True, most=2, by=ANA)
    engine.suspend_definition("otro:1", reason="otra vez", instances=True, by=ANA)
    engine.resume_definition("otro:1", reason="ya", most=1, by=ANA)
    engine.resume_definition("otro:1", reason="ya", by=ANA)
    assert engine.count_instances(InstanceQuery(state="running"), by=ANA) == 3
    _deployed, stopped, resumed = log(engine)
    assert (stopped.action, stopped.reason, stopped.process_key, stopped.version, stopped.parts) == (
        "suspend_definition", "alto", "otro", 1, 3,
    )  # fmt: skip
    assert (resumed.action, resumed.reason, resumed.parts, resumed.business_key) == ("resume_definition", "ya", 3, None)
    assert changes(stopped) == [("instances", None, None, Decimal(3))]
    assert [(one.action, one.order_id) for one in log(engine, business_key="O-1")] == [
        ("suspend", stopped.id), ("resume", resumed.id),
    ]  # fmt: skip
    assert {one.instance_id for one in log(engine, order_id=stopped.id)} == set(ids)
    assert [(one.reason, one.parts) for one in log(engine, by=CARLA)][1:] == [("alto", 0), ("ya", 0)]
    # Without its matters, then with them: two orders. By itself no order at all.
    engine.suspend_definition("otro:1", reason="nada nuevo", by=ANA)
    engine.suspend(ids[0], reason="este", by=ANA)
    engine.suspend_definition("otro:1", reason="todos", instances=True, by=ANA)
    assert told(engine)[3:] == [
        ("suspend_definition", "nada nuevo"),
        ("suspend", "este"),
        ("suspend_definition", "todos"),
    ]
    assert log(engine)[-1].parts == 2
    engine.close()


@pytest.mark.parametrize("inside", [False, True], ids=["each by itself", "in one transaction"])
def test_a_migration_of_many_is_one_line_and_of_one_too(database_url: str, inside: bool) -> None:
    engine = new_engine(database_url, OTRO, clock=frozen())
    ids = [engine.start("otro", f"O-{number}", by=BETO).id for number in range(3)]
    source, target = engine.instance(ids[0], by=ANA).deployment_id, deploy(engine, CORREGIDO).id
    plan = engine.plan_migration(source, target, by=ANA)
    engine.migrate(plan, ids[:1], reason="probar", by=ANA)
    if inside:
        with engine.transaction(ANA) as tx:
            tx.migrate(plan, ids, reason="todos", by=ANA)
            tx.set_variables(ids[-1], {"a": 1}, reason="aparte", by=ANA)
    else:
        engine.migrate(plan, ids, reason="todos", by=ANA)
        engine.set_variables(ids[-1], {"a": 1}, reason="aparte", by=ANA)
    engine.restore(ids[1], reason="de regreso", by=ANA)
    found = log(engine)[2:]
    assert [(one.action, one.reason, one.parts, one.business_key) for one in found] == [
        ("migrate", "probar", 0, "O-0"),
        ("migrate", "todos", 2, None),
        ("set_variables", "aparte", 0, "O-2"),
        ("restore", "de regreso", 0, "O-1"),
    ]
    assert changes(found[0]) == [("deployment", None, source, target)]
    assert (found[0].version, found[0].deployment_id) == (2, target)
    assert changes(found[1]) == [("deployment", None, source, target), ("instances", None, None, Decimal(3))]
    assert (found[3].version, found[3].deployment_id) == (1, source)
    engine.close()


def test_a_job_of_no_instance_and_a_long_value(database_url: str) -> None:
    engine = new_engine(database_url, OTRO, clock=frozen())
    with engine.transaction(ANA) as tx:
        tx.schedule("recordar", NINE + timedelta(days=2), "uno", {"que": "x"}, business_key="O-1")
    (job,) = engine.jobs(by=ANA).items
    engine.set_due(job.id, NINE, reason="antes", by=ANA)
    assert engine.fail_job(job.id, "no", last=True)
    engine.retry(job.id, reason="ya contesta", by=ANA)
    assert engine.correlate("carta", business_key="O-1", keep="PT1M", by=ANA) is None
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    (incident,) = engine.incidents(by=ANA).items
    engine.resolve(incident.id, reason="nadie la esperaba", by=ANA)
    moved, again, looked_at = log(engine, business_key="O-1")
    assert (moved.action, moved.instance_id) == ("set_due", None)
    assert changes(moved) == [("job", "recordar", None, None), ("due", None, NINE + timedelta(days=2), NINE)]
    assert (again.action, again.reason, changes(again)) == ("retry", "ya contesta", [("job", "recordar", None, None)])
    assert (looked_at.action, looked_at.reason, changes(looked_at)) == ("discard", "nadie la esperaba", [])
    instance = engine.start("otro", "O-2", by=BETO)
    many = {f"v{number:02}": "ñ" * 2000 for number in range(30)}
    engine.set_variables(instance.id, many, reason="larga", by=ANA)
    (line,) = log(engine, business_key="O-2")
    assert len(line.changes) == 20
    assert line.changes[0].new == "ñ" * 500 + "…"
    engine.close()


def test_filters_pages_and_who_may_see(database_url: str, database_kind: str) -> None:
    engine = new_engine(database_url, OTRO, VIAJE, clock=frozen(), access=OnlyMine(), after_step=0)
    v, o = engine.start("viaje", "V-1", by=BETO).id, engine.start("otro", "O-1", by=BETO).id
    engine.suspend(v, reason="uno", by=ANA)
    engine.suspend(o, reason="dos", by=BETO)
    engine.suspend_definition("otro:1", reason="tres", instances=True, by=ANA)
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    engine.resume(o, reason="cuatro", by=ANA)
    # The order holds nothing: O-1 stood already.
    assert [reason for _action, reason in told(engine)] == ["prueba", "uno", "dos", "tres", "cuatro"]
    assert [reason for _action, reason in told(engine, actor="beto")] == ["dos"]
    assert [reason for _action, reason in told(engine, action="suspend")] == ["uno", "dos"]
    assert [reason for _action, reason in told(engine, process_key="otro")] == ["dos", "tres", "cuatro"]
    assert [reason for _action, reason in told(engine, search="O")] == ["dos", "cuatro"]
    assert [reason for _action, reason in told(engine, instance_id=v)] == ["uno"]
    later = NINE + timedelta(minutes=30)
    assert [reason for _action, reason in told(engine, since=later)] == ["cuatro"]
    assert [reason for _action, reason in told(engine, until=later, actor="ana")] == ["prueba", "uno", "tres"]
    # Not the line of a matter that one may not know of; what concerns no matter is for whoever may read the log.
    assert [one.reason for one in log(engine, by=CARLA)] == ["prueba", "uno", "tres"]
    assert log(engine, by=CARLA, business_key="O-1") == []
    with pytest.raises(NotAllowed):
        engine.operations(by=BETO)
    first = engine.operations(size=2, by=ANA)
    second = engine.operations(page=first.next, size=2, by=ANA)
    third = engine.operations(page=second.next, size=2, by=ANA)
    assert [one.reason for page in (first, second, third) for one in page.items] == [
        "cuatro", "tres", "dos", "uno", "prueba",
    ]  # fmt: skip
    assert third.next is None
    for page in ("", "x", "2026|", "2026-03-02T15:00:00+00:00"):
        with pytest.raises(Invalid):
            engine.operations(page=page, by=ANA)
    for query in ({}, {"actor": "ana"}, {"action": "suspend"}, {"process_key": "otro"}, {"search": "O"}):
        with counted(engine) as seen:
            engine.operations(OperationQuery(**query), first.next, 2, by=ANA)  # type: ignore[arg-type]
        of_the_log = [one for one in seen["statements"] if "FROM operation" in one[0]]
        assert_read_from_indexes(engine, database_kind, of_the_log)
    assert how_many(engine, t.operation) == 5
    assert engine.user_tasks(UserTaskQuery(), by=SYSTEM).items
    engine.close()
