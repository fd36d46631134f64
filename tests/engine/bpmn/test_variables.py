"""Where variables live and go: the dialect's rules, one test each (docs: README of engine; DESIGN, variables)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.bpmn import Run
from engine.errors import ProcessFailed
from engine.feel import FeelError
from tests.engine.bpmn.host import Case

ONE, TWO, THREE = Decimal(1), Decimal(2), Decimal(3)


@pytest.fixture(params=[False, True], ids=["memory", "reload"])
def reload(request):
    return request.param


def line(element: str, **more: str) -> str:
    """A process with one element between start and end."""
    id = element.split()[1]
    return f"startEvent s\n{element}\nendEvent e\ns -> {id}\n{id} -> e\n"


def test_inputs_are_local_in_order_and_a_dotted_target_builds_a_whole_new_context(reload):
    model = line('userTask u in="=x + 1 to y; =y + 1 to z; =z to caja.a; =y to caja.b; fijo to t; =nada to n"')
    case = Case(model, {"x": ONE, "caja": {"a": Decimal(9), "c": Decimal(9)}}, reload=reload)
    wait = case.one("u")
    assert case.run.locals(wait.id) == {"y": TWO, "z": THREE, "caja": {"a": THREE, "b": TWO}, "t": "fijo", "n": None}
    assert case.run.variables(wait.id)["x"] == ONE
    case.complete("u")
    assert case.run.variables() == {"x": ONE, "caja": {"a": Decimal(9), "c": Decimal(9)}}


def test_results_without_outputs_go_to_the_nearest_scope_that_has_the_name(reload):
    model = """
        startEvent s
        subProcess sub in="=1 to dentro; =x to x2"
        startEvent is
        userTask u in="=1 to propia"
        endEvent ie
        is -> u
        u -> ie
        end sub
        endEvent e
        s -> sub
        sub -> e
    """
    case = Case(model, {"x": ONE}, reload=reload)
    wait = case.one("u")
    case.run.complete(wait.id, {"x": TWO, "dentro": TWO, "propia": TWO, "nueva": TWO})
    case.go()
    # `dentro` and `propia` were local; nothing mapped them out.
    assert case.run.variables() == {"x": TWO, "nueva": TWO}


def test_with_outputs_the_result_is_local_and_only_targets_go_out(reload):
    model = line('userTask u out="=a + 1 to b; =b + 1 to c; =a to caja.hoja"')
    case = Case(model, {"b": ONE, "caja": {"hoja": ONE, "rama": ONE}}, reload=reload)
    case.complete("u", a=TWO, otra=True)
    assert case.run.variables() == {"b": THREE, "c": Decimal(4), "caja": {"hoja": TWO, "rama": ONE}}


def test_outputs_of_a_sub_process_and_their_targets(reload):
    model = """
        startEvent s
        subProcess sub in="=1 to n" out="=n to total"
        startEvent is
        scriptTask c script="=n + 1" result=n
        endEvent ie
        is -> c
        c -> ie
        end sub
        endEvent e
        s -> sub
        sub -> e
    """
    case = Case(model, {"n": Decimal(7)}, reload=reload)
    assert case.run.variables() == {"n": Decimal(7), "total": TWO}


CALLED = """
    startEvent qs
    scriptTask c script="=if a = null then -1 else a + 1" result=b
    userTask u
    endEvent qe
    qs -> c
    c -> u
    u -> qe
"""


@pytest.mark.parametrize(
    ("facts", "inside", "after"),
    [
        ("", {"a": ONE, "x": ONE, "b": TWO}, {"a": ONE, "x": ONE, "b": TWO, "r": True}),
        ("parent_vars=false", {"b": -ONE}, {"a": ONE, "x": ONE, "b": -ONE, "r": True}),
        ('parent_vars=false in="=a + 1 to a"', {"a": TWO, "b": THREE}, {"a": ONE, "x": ONE, "b": THREE, "r": True}),
        ("child_vars=false", {"a": ONE, "x": ONE, "b": TWO}, {"a": ONE, "x": ONE}),
        ('out="=b to total"', {"a": ONE, "x": ONE, "b": TWO}, {"a": ONE, "x": ONE, "total": TWO}),
        ('in="=2 to a"', {"a": TWO, "x": ONE, "b": THREE}, {"a": ONE, "x": ONE, "b": THREE, "r": True}),
    ],
)
def test_called_processes_are_a_root_of_their_own(facts, inside, after, reload):
    case = Case({"p": line(f"callActivity call called=q {facts}"), "q": CALLED}, {"a": ONE, "x": ONE}, reload=reload)
    wait = case.one("u")
    assert case.run.variables(wait.id) == inside
    case.complete("u", r=True)
    assert case.run.variables() == after


def test_a_called_process_gives_back_what_it_wrote_not_the_copies_it_got(reload):
    model = """
        startEvent s
        parallelGateway f
        callActivity call called=q
        userTask beside
        parallelGateway j
        endEvent e
        s -> f
        f -> call
        f -> beside
        call -> j
        beside -> j
        j -> e
    """
    case = Case({"p": model, "q": CALLED}, {"a": ONE, "x": ONE}, reload=reload)
    case.complete("beside", x=THREE)
    case.complete("u")
    assert case.run.variables() == {"a": ONE, "x": THREE, "b": TWO}


def test_what_an_interrupted_called_process_wrote_stays_inside(reload):
    model = {"p": line("callActivity call called=q") + "boundaryEvent t on=call timer=PT1H\nt -> e", "q": CALLED}
    case = Case(model, {"a": ONE}, reload=reload)
    case.fire("t")
    assert case.run.completed
    assert case.run.variables() == {"a": ONE}


def test_mappings_of_a_multi_instance_are_of_each_instance(reload):
    mappings = 'in="=item * 10 to diez" out="=diez + n to n"'
    model = line(f'userTask u each="=items" item=item {mappings} collect=r value="=diez"')
    case = Case(model, {"items": [ONE, TWO], "n": Decimal(0)}, reload=reload)
    first, second = case.run.waits()
    assert case.run.locals(first.id) == {"item": ONE, "loopCounter": ONE, "diez": Decimal(10)}
    assert case.run.locals(second.id)["diez"] == Decimal(20)
    case.complete("u")
    case.complete("u")
    assert case.run.variables() == {"items": [ONE, TWO], "n": Decimal(30), "r": [Decimal(10), Decimal(20)]}


def test_boundary_events_read_their_activity_and_write_outside(reload):
    model = line('userTask u in="=folio to clave"') + (
        'boundaryEvent m on=u message=aviso key="=clave" interrupting=false\nendEvent me\nm -> me'
    )
    case = Case(model, {"folio": "A1"}, reload=reload)
    assert case.one("m").correlation == "A1"
    case.fire("m", clave="otra")
    assert case.run.locals(case.one("u").id) == {"clave": "A1"}
    case.complete("u")
    assert case.run.variables() == {"folio": "A1", "clave": "otra"}


def test_messages_that_leave_carry_their_inputs_and_their_key(reload):
    model = """
        startEvent s
        intermediateThrowEvent t message=aviso in="=folio to correlationKey; =x + 1 to y"
        endEvent e message="=nombre"
        s -> t
        t -> e
    """
    case = Case(model, {"folio": "A1", "x": ONE, "nombre": "fin"}, reload=reload)
    assert case.host.sent == [("aviso", "A1", {"y": TWO}), ("fin", None, {})]
    assert case.run.completed


def test_a_message_at_a_start_event_with_outputs_is_local_to_it(reload):
    model = 'startEvent s message=pago out="=importe * 2 to doble"\nendEvent e\ns -> e'
    case = Case(model, {"importe": TWO}, reload=reload, start_event="s")
    assert case.run.variables() == {"doble": Decimal(4)}
    early = Run.start(case.program, case.host, {"importe": TWO}, start_event="s")
    early = Run.load(case.program, case.host, early.dump())
    early.advance()
    assert early.variables() == {"doble": Decimal(4)}
    plain = Case("startEvent s message=pago\nendEvent e\ns -> e", {"importe": TWO}, start_event="s")
    assert plain.run.variables() == {"importe": TWO}
    for start in ({}, {"start_event": "nada"}):
        with pytest.raises(ProcessFailed):
            Run.start(case.program, case.host, {}, **start)


def test_a_call_begins_at_the_start_without_a_trigger(reload):
    called = """
        startEvent m message=pago
        startEvent s2
        task a
        userTask b
        endEvent e2
        m -> a
        s2 -> b
        a -> e2
        b -> e2
    """
    case = Case({"p": line("callActivity call called=q"), "q": called}, reload=reload)
    assert case.waiting() == ["user_task b"]
    case.complete("b")
    assert case.run.completed
    triggered = called.replace("s2 -> b", "").replace("startEvent s2", "")
    only = Case({"p": line("callActivity call called=q"), "q": triggered})
    assert only.waiting() == ["failure call"]


def test_every_change_is_noted_old_and_new_and_only_changes():
    case = Case(line("userTask u"), {"x": ONE, "lista": [True]})
    case.host.history.clear()
    case.complete("u", x=ONE, lista=[ONE], y=None)
    changes = [(id, details) for kind, id, details in case.host.history if kind == "variable.changed"]
    assert changes == [
        ("u", {"name": "lista", "old": [True], "new": [ONE], "scope": None}),
        ("u", {"name": "y", "old": None, "new": None, "scope": None}),
    ]


def test_what_comes_in_is_a_copy_and_must_be_feel():
    mine = {"a": [ONE]}
    case = Case(line("userTask u"), {"caja": mine})
    mine["a"].append(TWO)
    seen = case.run.variables()
    seen["caja"]["a"].append(THREE)
    assert case.run.variables() == {"caja": {"a": [ONE]}}
    with pytest.raises(FeelError):
        case.run.complete(case.one("u").id, {"x": object()})
    assert case.waiting() == ["user_task u"]


def test_set_variables_and_evaluate_as_seen_from_a_wait(reload):
    case = Case(line('userTask u in="=1 to propia"'), {"x": ONE}, reload=reload)
    wait = case.one("u")
    case.run.set_variables({"propia": TWO, "x": TWO, "nueva": TWO}, wait.id)
    assert case.run.locals(wait.id) == {"propia": TWO}
    assert case.run.variables() == {"x": TWO, "nueva": TWO}
    assert case.run.evaluate(wait.id, "=propia + x") == Decimal(4)
    assert case.run.evaluate(wait.id, "propia") == "propia"
    assert case.run.evaluate(None, "=propia") is None
