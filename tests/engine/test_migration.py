"""Migration: what waits goes on where it stood; what cannot be right is refused, in words, and changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import (
    SYSTEM,
    Conflict,
    Engine,
    Instruction,
    Invalid,
    JobQuery,
    NotFound,
    UserTaskQuery,
)

from .cases import (
    ANA,
    BETO,
    NINE,
    assert_rows_equal_waits,
    deploy,
    frozen,
    new_engine,
    only_task,
    open_elements,
    open_engine,
)
from .models import boundary, call, message, model, parallel, timer, user_task
from .models import service_task as service

TWO = {"flows": "inicio > uno > dos > fin"}


def moved(
    url: str, before: list[bytes], after: list[bytes], mapping: dict[str, str] | None = None, **variables: Any
) -> tuple[Engine, Any, Any]:
    """An instance of the first process of `before`, and the plan of its migration to `after`."""
    engine = new_engine(url, *before, clock=frozen(), after_step=0)
    key = before[0].split(b'process id="')[1].split(b'"')[0].decode()
    instance = engine.start(key, "M-1", variables, by=BETO)
    target = deploy(engine, *after)
    return engine, instance, engine.plan_migration(instance.deployment_id, target.id, mapping, by=ANA)


def go(engine: Engine, plan: Any, url: str) -> Engine:
    (outcome,) = engine.migrate(plan, [one.instance_id for one in plan.verdicts], reason="nueva versión", by=ANA)
    assert outcome.done, outcome.message
    assert_rows_equal_waits(engine)
    engine.close()
    return open_engine(url, clock=frozen())


def refusal(engine: Engine, plan: Any) -> str:
    """The one reason; the plan's verdict and the verb say the same, and nothing has changed."""
    (verdict,) = plan.verdicts
    assert not verdict.possible
    before = engine.instance(verdict.instance_id, by=ANA)
    (outcome,) = engine.migrate(plan, [verdict.instance_id], reason="a ver", by=ANA)
    assert not outcome.done
    assert outcome.message == " ".join(verdict.reasons)
    assert engine.instance(verdict.instance_id, by=ANA) == before
    engine.close()
    return outcome.message


def test_an_open_user_task_keeps_id_draft_and_assignee_under_its_new_name(database_url: str) -> None:
    old = model("p", user_task("uno"), user_task("dos"), **TWO)
    new = model(
        "p",
        user_task("primero", name="La primera", form=None),
        user_task("entre"),
        user_task("dos"),
        flows="inicio > primero > entre > dos > fin",
    )
    engine, instance, plan = moved(database_url, [old], [new], {"uno": "primero"}, a=1)
    task = only_task(engine, "M-1")
    engine.assign(task.id, "ana", by=ANA)
    engine.draft(task.id, {"nota": "a medias"}, by=ANA)
    engine = go(engine, plan, database_url)
    found = only_task(engine, "M-1")
    assert (found.id, found.element_id, found.name, found.assignee) == (task.id, "primero", "La primera", "ana")
    assert engine.form(task.id, by=ANA).draft == {"nota": "a medias"}
    at = engine.instance(instance.id, by=ANA)
    assert (at.deployment_id, at.version, at.definition_id) == (plan.target, 2, "p:2")
    engine.complete(task.id, {}, by=ANA)
    assert open_elements(engine, "M-1") == ["entre"]
    assert engine.variables(instance.id, by=SYSTEM) == {"a": 1}
    (event,) = engine.history(instance.id, kinds=["operation"], by=SYSTEM).items
    assert (event.details["verb"], event.details["reason"]) == ("migrate", "nueva versión")
    engine.close()


def test_a_timer_keeps_its_due_time_and_fires_then(database_url: str) -> None:
    old = model("p", timer("espera", "P3D"), user_task("dos"), flows="inicio > espera > dos > fin")
    new = model("p", timer("espera", "P30D"), user_task("dos"), flows="inicio > espera > dos > fin")
    engine, _instance, plan = moved(database_url, [old], [new])
    assert plan.verdicts[0].notes == ("«espera» conserva la fecha que ya tenía.",)
    engine.move_clock(NINE + timedelta(days=1), by=ANA)
    engine = go(engine, plan, database_url)
    (job,) = engine.jobs(by=SYSTEM).items
    assert job.due == NINE + timedelta(days=3)
    engine.move_clock(NINE + timedelta(days=3), by=ANA)
    assert open_elements(engine, "M-1") == ["dos"]
    engine.close()


def test_messages_and_failed_jobs_move_too(database_url: str) -> None:
    old = model(
        "p",
        parallel("abre"),
        message("carta"),
        service("apartar", "almacen.apartar", inputs={"piezas": "=piezas"}),
        flows="inicio > abre > carta > fin\nabre > apartar > fin_b",
        messages={"carta": None},
    )
    new = old.replace(b'"apartar"', b'"apartar_bien"').replace(b"apartar_fin_b", b"x").replace(b"abre_apartar", b"y")
    engine, instance, plan = moved(database_url, [old], [new], {"apartar": "apartar_bien"}, piezas=13)
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    (incident,) = engine.incidents(by=SYSTEM).items
    engine = go(engine, plan, database_url)
    (incident,) = engine.incidents(by=SYSTEM).items
    assert incident.element_id == "apartar_bien"
    engine.resolve(incident.id, {"piezas": 7}, reason="eran siete", by=ANA)
    engine.run_due_jobs()
    engine.correlate("carta", business_key="M-1", by=ANA)
    assert engine.instance(instance.id, by=ANA).state == "completed"
    engine.close()


def test_inside_a_called_process(database_url: str) -> None:
    outer = model("p", call("llama", "q"), user_task("dos"), flows="inicio > llama > dos > fin")
    inner = model("q", user_task("uno"), flows="inicio > uno > fin")
    other = model("q", user_task("una"), user_task("mas"), flows="inicio > una > mas > fin")
    engine, _, plan = moved(database_url, [outer, inner], [outer, other], {"q/uno": "una"})
    engine = go(engine, plan, database_url)
    for element in ("una", "mas", "dos"):
        assert open_elements(engine, "M-1") == [element]
        engine.complete(only_task(engine, "M-1").id, {}, by=ANA)
    engine.close()


def test_boundary_events_come_and_go_with_the_diagram(database_url: str) -> None:
    plain, late = user_task("uno"), boundary("tarde", "uno", timer="P1D")
    old = model("p", plain, late, flows="inicio > uno > fin\ntarde > fin_tarde")
    new = model(
        "p",
        plain,
        boundary("aviso", "uno", timer="P2D", interrupting=False),
        user_task("avisar"),
        flows="inicio > uno > fin\naviso > avisar > fin_aviso",
    )
    engine, instance, plan = moved(database_url, [old], [new])
    assert plan.verdicts[0].notes == (
        "«aviso» empieza a esperarse desde ahora.",
        "«tarde» deja de esperarse: ya no está en su actividad.",
    )
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    engine = go(engine, plan, database_url)
    (job,) = engine.jobs(by=SYSTEM).items
    assert (job.element_id, job.due) == ("aviso", NINE + timedelta(days=2, hours=1))
    # And back: the old event is due when it was due before, not a day from now.
    assert engine.restorable(instance.id, by=ANA)
    engine.restore(instance.id, reason="mejor no", by=ANA)
    (job,) = engine.jobs(by=SYSTEM).items
    assert (job.element_id, job.due) == ("tarde", NINE + timedelta(days=1))
    assert_rows_equal_waits(engine)
    engine.close()


def test_restore_only_before_the_instance_goes_on(database_url: str) -> None:
    old = model("p", user_task("uno"), user_task("dos"), **TWO)
    new = model("p", user_task("una"), user_task("dos"), flows="inicio > una > dos > fin")
    engine, instance, plan = moved(database_url, [old], [new], {"uno": "una"})
    with pytest.raises(NotFound):
        engine.restore(instance.id, reason="nada que regresar", by=ANA)
    task = only_task(engine, "M-1")
    engine = go(engine, plan, database_url)
    back = engine.restore(instance.id, reason="regresar", by=ANA)
    assert (back.deployment_id, back.version) == (plan.source, 1)
    assert (only_task(engine, "M-1").id, only_task(engine, "M-1").element_id) == (task.id, "uno")
    engine = go(engine, plan, database_url)
    engine.complete(task.id, {}, by=ANA)
    assert not engine.restorable(instance.id, by=ANA)
    with pytest.raises(Conflict):
        engine.restore(instance.id, reason="tarde", by=ANA)
    assert open_elements(engine, "M-1") == ["dos"]
    engine.close()


def test_refused_because_the_element_is_gone_or_of_another_kind(database_url: str) -> None:
    old = model("p", user_task("uno"), user_task("dos"), **TWO)
    new = model("p", user_task("dos"), flows="inicio > dos > fin")
    engine, _, plan = moved(database_url, [old], [new])
    assert refusal(engine, plan) == "Está en «uno», que ya no existe: diga a qué elemento pasa."


def test_refused_because_of_another_kind(database_url: str) -> None:
    old = model("p", user_task("uno"), user_task("dos"), **TWO)
    new = model("p", timer("uno", "P1D"), user_task("dos"), **TWO)
    engine, _, plan = moved(database_url, [old], [new])
    assert refusal(engine, plan) == "«uno» y «uno» no son de la misma clase."


def test_refused_because_a_called_process_is_another_one(database_url: str) -> None:
    inner = model("q", user_task("uno"), flows="inicio > uno > fin")
    other = model("r", user_task("uno"), flows="inicio > uno > fin")
    old = model("p", call("llama", "q"), flows="inicio > llama > fin")
    new = model("p", call("llama", "r"), flows="inicio > llama > fin")
    engine, _, plan = moved(database_url, [old, inner], [new, other])
    assert "lo que lleva dentro es otro proceso" in refusal(engine, plan)


FORK = model(
    "p",
    parallel("abre", "cierra"),
    user_task("a"),
    user_task("b"),
    flows="inicio > abre > a > cierra > fin\nabre > b > cierra",
)


def test_refused_because_a_join_under_way_has_other_entries(database_url: str) -> None:
    new = model(
        "p",
        parallel("abre", "cierra"),
        user_task("a"),
        user_task("b"),
        user_task("c"),
        flows="inicio > abre > a > cierra > fin\nabre > b > cierra\nabre > c > cierra",
    )
    engine, _, plan = moved(database_url, [FORK], [new])
    assert "hacia «cierra», cuyas entradas cambiaron" in refusal(engine, plan)


def test_a_join_under_way_moves_when_its_flows_are_named(database_url: str) -> None:
    new = FORK.replace(b'"a_cierra"', b'"uno"').replace(b'"b_cierra"', b'"otro"').replace(b'"cierra"', b'"junta"')
    engine, instance, plan = moved(database_url, [FORK], [new], {"cierra": "junta"})
    assert "cuyas entradas cambiaron" in plan.verdicts[0].reasons[0]
    tasks = {task.element_id: task for task in engine.user_tasks(UserTaskQuery(business_key="M-1"), by=ANA).items}
    engine.complete(tasks["a"].id, {}, by=ANA)
    mapping = {"cierra": "junta", "a_cierra": "uno", "b_cierra": "otro"}
    engine = go(engine, engine.plan_migration(plan.source, plan.target, mapping, by=ANA), database_url)
    engine.complete(tasks["b"].id, {}, by=ANA)
    assert engine.instance(instance.id, by=ANA).state == "completed"
    engine.close()


def test_refused_because_a_new_join_would_wait_for_ever(database_url: str) -> None:
    old = model("p", user_task("a"), flows="inicio > a > fin")
    engine, _, plan = moved(database_url, [old], [FORK])
    assert refusal(engine, plan) == "«cierra» esperaría por el camino de «b», y por ahí ya no viene nadie."


def test_before_the_fork_everything_may_change(database_url: str) -> None:
    first = model("p", user_task("ya"), user_task("a"), flows="inicio > ya > a > fin")
    later = model(
        "p",
        user_task("ya"),
        parallel("abre", "cierra"),
        user_task("a"),
        user_task("b"),
        flows="inicio > ya > abre > a > cierra > fin\nabre > b > cierra",
    )
    engine, _, plan = moved(database_url, [first], [later])
    engine = go(engine, plan, database_url)
    engine.complete(only_task(engine, "M-1").id, {}, by=ANA)
    assert open_elements(engine, "M-1") == ["a", "b"]
    engine.close()


def test_refused_because_a_multi_instance_under_way_has_changed(database_url: str) -> None:
    def each(collection: str) -> bytes:
        loop = (
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics "
            f'inputCollection="{collection}" inputElement="quien"/></bpmn:extensionElements>'
            "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
        )
        return model("p", user_task("votar"), flows="inicio > votar > fin").replace(b"</bpmn:userTask>", loop.encode())

    engine, _, plan = moved(database_url, [each("=[1, 2]")], [each("=[1, 2, 3]")])
    assert "su repetición cambió" in refusal(engine, plan)


def test_a_chosen_subset_moves_and_who_has_gone_on_is_told(database_url: str) -> None:
    old = model("p", user_task("uno"), user_task("dos"), **TWO)
    new = model("p", user_task("uno"), user_task("tres"), flows="inicio > uno > tres > fin")
    engine, _, _ = moved(database_url, [old], [new])
    started = [engine.start("p", f"M-{n}", version=1, by=BETO) for n in range(2, 6)]
    target = engine.deployments(by=ANA)[0].id
    plan = engine.plan_migration(started[0].deployment_id, target, by=ANA)
    assert [one.possible for one in plan.verdicts] == [True] * 5
    engine.complete(only_task(engine, "M-2").id, {}, by=ANA)  # Now it stands at «dos», which is gone.
    engine.cancel(started[1].id, reason="ya no", by=ANA)
    outcomes = engine.migrate(plan, [one.id for one in started[:3]], reason="por partes", by=ANA)
    assert [outcome.done for outcome in outcomes] == [False, False, True]
    assert "ya no existe" in outcomes[0].message
    assert "terminó" in outcomes[1].message
    left = engine.plan_migration(plan.source, plan.target, by=ANA)
    assert [one.business_key for one in left.verdicts] == ["M-1", "M-2", "M-5"]
    again = engine.migrate(plan, [started[2].id], reason="otra vez", by=ANA)
    assert not again[0].done
    engine.close()


def test_a_mapping_names_what_is_there(database_url: str) -> None:
    old = model("p", user_task("uno"), user_task("dos"), **TWO)
    new = model("p", user_task("una"), user_task("dos"), flows="inicio > una > dos > fin")
    engine, instance, plan = moved(database_url, [old], [new], {"uno": "una"})
    for mapping in ({"nada": "una"}, {"uno": "nada"}):
        with pytest.raises(Invalid):
            engine.plan_migration(plan.source, plan.target, mapping, by=ANA)
    with pytest.raises(NotFound):
        engine.plan_migration(plan.source, "f" * 64, by=ANA)
    with pytest.raises(Invalid):
        engine.migrate(plan, [instance.id], reason=" ", by=ANA)
    engine.close()


def test_difference_of_two_deployments(database_url: str) -> None:
    old = model("p", user_task("uno", due="=now()"), user_task("dos"), **TWO)
    new = model(
        "p", user_task("uno", due='=now() + duration("P1D")'), user_task("tres"), flows="inicio > uno > tres > fin"
    )
    engine, _, plan = moved(database_url, [old], [new])
    found = engine.diff(plan.source, plan.target, by=ANA)
    said = {(one.element_id, one.change, one.fields) for one in found.elements}
    assert said == {
        ("uno", "changed", ("due_date",)),
        ("tres", "added", ()),
        ("dos", "removed", ()),
        ("uno_tres", "added", ()),
        ("tres_fin", "added", ()),
        ("uno_dos", "removed", ()),
        ("dos_fin", "removed", ()),
    }
    assert found.files == {"bpmn/1.bpmn": "changed"}
    assert engine.diff(plan.source, plan.source, by=ANA).elements == ()
    engine.close()


def test_modify_then_migrate_what_could_not_be(database_url: str) -> None:
    old = model("p", user_task("uno"), user_task("dos"), **TWO)
    new = model("p", user_task("dos"), flows="inicio > dos > fin")
    engine, instance, plan = moved(database_url, [old], [new])
    forward = [Instruction("cancel", "p", "uno"), Instruction("start_before", "p", "dos")]
    engine.modify(instance.id, forward, reason="antes de migrar", by=ANA)
    engine = go(engine, plan, database_url)
    assert open_elements(engine, "M-1") == ["dos"]
    assert engine.jobs(JobQuery(state="failed"), by=SYSTEM).items == ()
    engine.close()
