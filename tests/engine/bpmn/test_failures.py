"""What cannot be evaluated stays where it is, says why, and goes on when it is repaired; other branches do not care."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.bpmn import Program, Run
from engine.errors import Conflict
from engine.values import Instruction
from tests.engine.bpmn.drawing import processes
from tests.engine.bpmn.host import Case, TestHost

ONE, TWO = Decimal(1), Decimal(2)


@pytest.fixture(params=[False, True], ids=["memory", "reload"])
def reload(request):
    return request.param


CASES = {
    "condition neither true nor false": (
        "startEvent s\nexclusiveGateway x\nendEvent e\nendEvent e2\ns -> x\nx -> e if =monto > 1\nx -> e2 default",
        "x",
        ["«e» de «x»", "monto > 1", "monto = null", "no es verdadera ni falsa"],
        {"monto": TWO},
    ),
    "no way out of a gateway": (
        "startEvent s\nexclusiveGateway x\nendEvent e\nendEvent f\ns -> x\nx -> e if =monto > 1\nx -> f if =monto > 5",
        "x",
        ["Ninguna salida", "monto = 0"],
        {"monto": TWO},
    ),
    "collection is no list": (
        'startEvent s\nuserTask x each="=monto" item=i\nendEvent e\ns -> x\nx -> e',
        "x",
        ["no es una lista", "monto"],
        {"monto": []},
    ),
    "timer is nothing": (
        'startEvent s\nintermediateCatchEvent x date="=cuando"\nendEvent e\ns -> x\nx -> e',
        "x",
        ["temporizador", "cuando = null"],
        {"cuando": "2026-01-01T00:00:00Z"},
    ),
    "correlation key is null": (
        'startEvent s\nintermediateCatchEvent x message=m key="=folio"\nendEvent e\ns -> x\nx -> e',
        "x",
        ["correlación", "folio"],
        {"folio": "A"},
    ),
    "script does not evaluate": (
        'startEvent s\nscriptTask x script="=desconocida(monto)" result=r\nendEvent e\ns -> x\nx -> e',
        "x",
        ["El guion", "desconocida"],
        None,
    ),
    "input mapping does not evaluate": (
        'startEvent s\nuserTask x in="=desconocida(1) to y"\nendEvent e\ns -> x\nx -> e',
        "x",
        ["La entrada", "desconocida"],
        None,
    ),
    "error end that nobody catches": (
        "startEvent s\nendEvent x error=malo\ns -> x",
        "x",
        ["Nadie atrapa", "malo"],
        None,
    ),
    "conditions out of an activity": (
        "startEvent s\ntask x\nendEvent e\nendEvent e2\ns -> x\nx -> e if =monto > 1\nx -> e2 if =monto > 1",
        "x",
        ["monto = null"],
        {"monto": TWO},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_failure_says_why_and_goes_on_when_repaired(name, reload):
    model, element_id, words, repair = CASES[name]
    start = {"monto": Decimal(0)} if name == "no way out of a gateway" else {}
    case = Case(model, start, reload=reload)
    (wait,) = case.run.waits()
    assert (wait.kind, wait.element.id) == ("failure", element_id)
    for word in words:
        assert word in (wait.message or "")
    assert element_id in case.host.elements("element.entered")
    # Once more without a repair: the same failure, nothing done twice.
    case.run.retry(wait.id)
    case.go()
    assert [w.kind for w in case.run.waits()] == ["failure"]
    assert case.host.elements("element.entered").count(element_id) == 1
    if repair is not None:
        case.run.set_variables(repair)
        case.run.retry(case.run.waits()[0].id)
        case.go()
        assert [w.kind for w in case.run.waits() if w.kind == "failure"] == []


def test_other_branches_go_on(reload):
    case = Case(
        """
        startEvent s
        parallelGateway f
        scriptTask bad script="=desconocida()" result=r
        userTask good
        parallelGateway j
        endEvent e
        s -> f
        f -> bad
        f -> good
        bad -> j
        good -> j
        j -> e
        """,
        reload=reload,
    )
    assert case.waiting() == ["failure bad", "user_task good"]
    case.complete("good")
    assert case.waiting() == ["failure bad"]
    assert not case.run.completed


def test_a_job_is_not_done_again_when_its_outputs_fail(reload):
    case = Case(
        'startEvent s\nserviceTask j topic=t out="=f(x) to y"\nendEvent e\ns -> j\nj -> e',
        reload=reload,
    )
    case.complete("j", x=ONE)
    (wait,) = case.run.waits()
    assert wait.kind == "failure"
    assert case.run.locals(wait.id) == {"x": ONE}
    with pytest.raises(Conflict):
        case.run.complete(wait.id, {})
    case.run.retry(wait.id)
    case.go()
    assert case.waiting() == ["failure j"]


def test_inputs_are_applied_again_on_retry_and_not_on_their_own_result(reload):
    case = Case('startEvent s\nuserTask u in="=x + 1 to x"\nendEvent e\ns -> u\nu -> e', {"x": ONE}, reload=reload)
    wait = case.one("u")
    assert case.run.locals(wait.id) == {"x": TWO}
    case.run.retry(wait.id)
    case.go()
    assert case.run.locals(wait.id) == {"x": TWO}
    case.run.fail(wait.id, "sin responsable")
    assert case.one("u").message == "sin responsable"
    case.run.set_variables({"x": Decimal(5)})
    case.run.retry(wait.id)
    case.go()
    assert case.waiting() == ["user_task u"]
    assert case.run.locals(wait.id) == {"x": Decimal(6)}


def test_a_failed_boundary_timer_leaves_its_activity_alone(reload):
    case = Case(
        'startEvent s\nuserTask u\nboundaryEvent t on=u timer="=nada"\nendEvent e\ns -> u\nu -> e\nt -> e',
        reload=reload,
    )
    assert case.waiting() == ["user_task u", "failure t"]
    case.run.set_variables({"nada": "PT1H"})
    case.run.retry(case.one("t").id)
    case.go()
    assert case.waiting() == ["user_task u", "timer t"]
    case.complete("u")
    assert case.run.completed


def test_a_join_that_can_never_fire_is_a_failure(reload):
    case = Case(
        """
        startEvent s
        exclusiveGateway x
        userTask a
        userTask b
        parallelGateway j
        endEvent e
        s -> x
        x -> a if =true
        x -> b default
        a -> j
        b -> j
        j -> e
        """,
        reload=reload,
    )
    case.complete("a")
    (wait,) = case.run.waits()
    assert (wait.kind, wait.element.id) == ("failure", "j")
    assert "el camino de «b»" in (wait.message or "")


def test_two_inclusive_joins_that_wait_for_each_other_do_not_hang(reload):
    case = Case(
        """
        startEvent s
        parallelGateway f
        inclusiveGateway m1
        inclusiveGateway m2
        userTask a
        userTask b
        s -> f
        f -> m1
        f -> m2
        m1 -> a
        m2 -> b
        a -> m2 if =again
        b -> m1 if =again
        endEvent e
        a -> e default
        b -> e default
        """,
        reload=reload,
    )
    assert case.run.waits(), "a run at rest that is not complete waits for somebody"


def test_nobody_catches_a_thrown_error(reload):
    case = Case("startEvent s\nserviceTask j topic=t\nendEvent e\ns -> j\nj -> e", reload=reload)
    assert not case.throw("j", "malo")
    assert case.waiting() == ["job j"]


def test_what_has_gone_answers_with_a_conflict():
    case = Case("startEvent s\nuserTask u\nboundaryEvent t on=u timer=PT1H\nendEvent e\ns -> u\nu -> e\nt -> e")
    user, timer = case.one("u").id, case.one("t").id
    case.fire("t")
    for act in (
        lambda: case.run.complete(user),
        lambda: case.run.fire(timer),
        lambda: case.run.throw_error(user, "x"),
        lambda: case.run.retry(user),
        lambda: case.run.variables(user),
        lambda: case.run.complete("no-such-id"),
    ):
        with pytest.raises(Conflict):
            act()


def test_a_broken_decision(reload):
    case = Case(
        "startEvent s\nbusinessRuleTask d decision=dec result=r\nendEvent e\ns -> d\nd -> e", {"x": ONE}, reload=reload
    )
    (wait,) = case.run.waits()
    assert wait.kind == "failure"
    assert "dec" in (wait.message or "")
    case.host.decisions["dec"] = lambda variables: variables["x"] + 1
    case.run.retry(wait.id)
    case.go()
    assert case.run.completed
    assert case.run.variables() == {"x": ONE, "r": TWO}


def test_cancel_takes_every_token_away(reload):
    model = "startEvent s\nuserTask u\nboundaryEvent t on=u timer=PT1H\nendEvent e\ns -> u\nu -> e\nt -> e"
    case = Case(model, reload=reload)
    case.run.cancel()
    case.go()
    assert case.run.completed
    assert case.run.waits() == []
    assert case.host.elements("element.cancelled") == ["u"]


ENDLESS = {
    "a loop whose condition is always true": (
        'startEvent s\nscriptTask x while="=true" script="=1" result=n\nendEvent e\ns -> x\nx -> e'
    ),
    "a signal that starts its own handler": """
        startEvent s
        userTask u
        intermediateThrowEvent first signal=eco
        endEvent e
        s -> first
        first -> u
        u -> e
        subProcess h triggered=1
        startEvent hs signal=eco interrupting=false
        endEvent x signal=eco
        hs -> x
        end h
    """,
    "an error that its own handler throws again, outward": """
        startEvent s
        endEvent e error=malo
        s -> e
        subProcess h triggered=1
        startEvent hs error=malo
        endEvent x error=malo
        hs -> x
        end h
    """,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_would_never_end_becomes_a_failure_that_names_it(name):
    case = Case(ENDLESS[name])
    failed = [wait for wait in case.run.waits() if wait.kind == "failure"]
    assert failed
    assert {wait.element.id for wait in failed} <= {"x", "h", "hs"}
    assert "demasiados pasos" in failed[0].message or "Nadie atrapa" in failed[0].message


def test_a_wrong_number_of_instances_says_so_and_goes_on_when_repaired(reload):
    case = Case("startEvent s\nuserTask x times==n\nendEvent e\ns -> x\nx -> e", {"n": Decimal("1.5")}, reload=reload)
    failed = case.one("x", "failure")
    assert "no es un entero" in failed.message
    case.run.set_variables({"n": TWO})
    case.run.retry(failed.id)
    case.go()
    assert case.waiting() == ["user_task x", "user_task x"]


def test_the_timer_of_an_event_sub_process_that_fails_leaves_its_scope_alone(reload):
    case = Case(
        """
        startEvent s
        userTask u
        endEvent e
        s -> u
        u -> e
        subProcess h triggered=1
        startEvent hs date="=cuando"
        endEvent he
        hs -> he
        end h
        """,
        reload=reload,
    )
    failed = case.one("hs", "failure")
    assert "cuando" in failed.message
    with pytest.raises(Conflict):
        case.run.skip(failed.id)
    case.run.set_variables({"cuando": "2026-01-01T00:00:00Z"})
    case.run.retry(failed.id)
    case.go()
    assert case.waiting() == ["timer hs", "user_task u"]
    case.complete("u")
    assert case.run.completed


UNDOING = """
    startEvent s
    parallelGateway f
    userTask a
    boundaryEvent b on=a compensate=1 by=un_a
    userTask un_a undoes=1
    intermediateThrowEvent undo compensate=1
    userTask after
    userTask beside
    endEvent e
    s -> f
    f -> a
    f -> beside
    a -> undo
    undo -> after
    after -> e
    beside -> e
"""


def test_what_undoes_can_be_cancelled_by_hand_and_what_threw_it_goes_on(reload):
    case = Case(UNDOING, reload=reload)
    case.complete("a")
    assert case.waiting() == ["user_task beside", "user_task un_a"]
    case.run.modify([Instruction("cancel", "p", "un_a")])
    case.go()
    assert case.waiting() == ["user_task beside", "user_task after"]


def test_cancelling_what_threw_a_compensation_takes_what_undoes_along(reload):
    case = Case(UNDOING, reload=reload)
    case.complete("a")
    case.run.modify([Instruction("cancel", "p", "undo")])
    case.go()
    assert case.waiting() == ["user_task beside"]
    case.complete("beside")
    assert case.run.completed


def test_the_last_token_is_not_cancelled_by_hand_with_what_it_undoes(reload):
    case = Case(UNDOING, reload=reload)
    case.complete("a")
    case.complete("beside")
    with pytest.raises(Conflict):
        case.run.modify([Instruction("cancel", "p", "undo")])


def test_a_scope_that_is_entered_by_hand_waits_for_its_event_sub_processes():
    inside = """
        startEvent s
        subProcess sub
        startEvent is
        userTask u
        endEvent ie
        is -> u
        u -> ie
        subProcess h triggered=1
        startEvent hs message=baja
        userTask v
        endEvent he
        hs -> v
        v -> he
        end h
        end sub
        userTask after
        endEvent e
        s -> sub
        sub -> after
        after -> e
    """
    program = Program.compile("p", processes(p=inside))
    run = Run.start_at(program, TestHost(), {}, [Instruction("start_before", "p", "u")])
    run.advance()
    assert {wait.element.id for wait in run.waits()} == {"hs", "u"}
    run.modify([Instruction("start_before", "p", "v"), Instruction("cancel", "p", "u")])
    run.advance()
    waits = {wait.element.id: wait for wait in run.waits()}
    assert set(waits) == {"hs", "v"}
    run.complete(waits["v"].id, {})
    run.advance()
    assert [wait.element.id for wait in run.waits()] == ["after"]
