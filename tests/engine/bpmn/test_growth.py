"""Cost does not grow with age: the tree of round 10,000 is the tree of round 10. Counts and bytes, never times."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.bpmn import Program, Run
from tests.engine.bpmn.drawing import processes
from tests.engine.bpmn.host import Case, TestHost

LOOP = {
    "p": """
        startEvent s
        parallelGateway f
        userTask beside
        exclusiveGateway m
        userTask u
        boundaryEvent t on=u timer=PT2H interrupting=false
        task remind
        endEvent te
        callActivity call called=q
        parallelGateway f2
        task left
        task right
        parallelGateway j2
        exclusiveGateway g
        endEvent e
        endEvent be
        s -> f
        f -> beside
        f -> m
        beside -> be
        m -> u
        t -> remind
        remind -> te
        u -> call
        call -> f2
        f2 -> left
        f2 -> right
        left -> j2
        right -> j2
        j2 -> g
        g -> m if =otra
        g -> e default
    """,
    "q": """
        startEvent qs
        scriptTask count script="=n + 1" result=n
        endEvent qe
        qs -> count
        count -> qe
    """,
}


class Quiet(TestHost):
    def record(self, *args, **kwargs):
        """Ten thousand rounds of history prove nothing here."""


def size(run: Run) -> tuple[int, int]:
    return sum(len(one.tasks) for one in run._top.workflows()), len(list(run._top.workflows()))


def test_ten_thousand_rounds_beside_a_waiting_branch_with_a_timer_and_a_called_process():
    host = Quiet()
    program = Program.compile("p", processes(**LOOP))
    run = Run.start(program, host, {"n": Decimal(0), "otra": True})
    run.advance()
    sizes, bytes_ = {}, {}
    for number in range(1, 10_001):
        waits = {wait.element.id: wait for wait in run.waits()}
        if number % 3 == 0:
            run.fire(waits["t"].id)
            run.advance()
        run.complete(waits["u"].id, {})
        run.advance()
        if number in (10, 10_000):
            sizes[number], bytes_[number] = size(run), len(run.dump())
        if number % 500 == 0:
            run = Run.load(program, host, run.dump())
    assert run.variables()["n"] == 10_000
    assert sizes[10_000] == sizes[10] == (5, 1)
    # The numbers of tokens and the counter have more digits.
    assert bytes_[10_000] <= bytes_[10] + 40
    waits = {wait.element.id: wait for wait in run.waits()}
    assert set(waits) == {"beside", "u", "t"}
    run.complete(waits["u"].id, {"otra": False})
    run.complete(waits["beside"].id, {})
    run.advance()
    assert run.completed


def test_an_automatic_loop_neither_recurses_nor_grows():
    case = Case(
        """
        startEvent s
        exclusiveGateway m
        scriptTask c script="=n + 1" result=n
        exclusiveGateway g
        endEvent e
        s -> m
        m -> c
        c -> g
        g -> m if =n < 10000
        g -> e default
        """,
        {"n": Decimal(0)},
    )
    # The budget stops it in the middle: visible, repairable, not lost.
    (wait,) = case.run.waits()
    assert wait.kind == "failure"
    assert "demasiados pasos" in (wait.message or "")
    rounds = 0
    while not case.run.completed:
        rounds += 1
        case.run.retry(case.run.waits()[0].id)
        case.run.advance(20_000)
        assert size(case.run)[0] <= 2
    assert rounds == 2
    assert case.run.variables() == {"n": Decimal(10_000)}


def test_three_thousand_elements_in_a_row():
    lines = ["startEvent s", *(f"task t{i}" for i in range(3000)), "endEvent e", "s -> t0", "t2999 -> e"]
    lines += [f"t{i} -> t{i + 1}" for i in range(2999)]
    case = Case("\n".join(lines))
    assert case.run.completed


def test_a_process_that_calls_itself_stops_with_a_failure():
    case = Case("startEvent s\ncallActivity c called=p\nendEvent e\ns -> c\nc -> e")
    (wait,) = case.run.waits()
    assert (wait.kind, wait.element.id) == ("failure", "c")
    assert "niveles" in (wait.message or "")


@pytest.mark.parametrize("count", [500])
def test_a_wide_multi_instance(count):
    case = Case(
        {
            "p": """
            startEvent s
            callActivity c called=q each="=items" item=item collect=results value="=doble"
            endEvent e
            s -> c
            c -> e
            """,
            "q": """
            startEvent qs
            scriptTask d script="=item * 2" result=doble
            endEvent qe
            qs -> d
            d -> qe
            """,
        },
        {"items": [Decimal(i) for i in range(count)]},
    )
    assert case.run.completed
    assert case.run.variables()["results"] == [Decimal(2 * i) for i in range(count)]
