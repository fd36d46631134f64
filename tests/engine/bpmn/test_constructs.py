"""Every construct that runs: a model, what happens, the order in which elements complete, and what is left.

Each row runs twice: in memory, and through its bytes before and after every step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from tests.engine.bpmn.host import Case


@dataclass
class Row:
    name: str
    model: str | dict[str, str]
    steps: list[tuple[Any, ...]]
    """`(what waits now,)` then for each step: what happens to whom, what waits afterwards."""
    trace: str
    variables: dict[str, Any] = field(default_factory=dict)
    start: dict[str, Any] = field(default_factory=dict)


def number(value: int) -> Decimal:
    return Decimal(value)


ROWS = [
    Row(
        "exclusive: the first true flow of the file, then the merge",
        """
        startEvent s
        exclusiveGateway g
        task a
        task b
        task c
        exclusiveGateway m
        endEvent e
        s -> g
        g -> a if =x > 10
        g -> b if =x > 5
        g -> c default
        a -> m
        b -> m
        c -> m
        m -> e
        """,
        [],
        "s g b m e",
        start={"x": number(7)},
        variables={"x": number(7)},
    ),
    Row(
        "parallel: both branches, joined once",
        """
        startEvent s
        parallelGateway f
        userTask a
        userTask b
        parallelGateway j
        task c
        endEvent e
        s -> f
        f -> a
        f -> b
        a -> j
        b -> j
        j -> c
        c -> e
        """,
        [("user_task a, user_task b",), ("complete", "b", "user_task a"), ("complete", "a", "")],
        "s f b a j c e",
    ),
    Row(
        "parallel branches see each other's variables at once",
        """
        startEvent s
        parallelGateway f
        userTask a
        userTask b
        parallelGateway j
        scriptTask sum script="=x + y" result=z
        endEvent e
        s -> f
        f -> a
        f -> b
        a -> j
        b -> j
        j -> sum
        sum -> e
        """,
        [
            ("user_task a, user_task b",),
            ("complete", "a", "user_task b", {"x": number(1)}),
            ("complete", "b", "", {"x": number(5), "y": number(2)}),
        ],
        "s f a b j sum e",
        variables={"x": number(5), "y": number(2), "z": number(7)},
    ),
    Row(
        "inclusive: the branches that were taken, joined when no other can come",
        """
        startEvent s
        inclusiveGateway f
        userTask a
        userTask b
        userTask c
        inclusiveGateway j
        endEvent e
        s -> f
        f -> a if =x > 1
        f -> b if =x > 2
        f -> c if =x > 3
        a -> j
        b -> j
        c -> j
        j -> e
        """,
        [("user_task a, user_task b",), ("complete", "a", "user_task b"), ("complete", "b", "")],
        "s f a b j e",
        start={"x": number(3)},
        variables={"x": number(3)},
    ),
    Row(
        "inclusive: default when none is true",
        """
        startEvent s
        inclusiveGateway f
        task a
        task b
        inclusiveGateway j
        endEvent e
        s -> f
        f -> a if =x > 1
        f -> b default
        a -> j
        b -> j
        j -> e
        """,
        [],
        "s f b j e",
        start={"x": number(0)},
        variables={"x": number(0)},
    ),
    Row(
        "inclusive join waits for a token inside a sub-process behind an exclusive gateway",
        """
        startEvent s
        parallelGateway f
        userTask a
        subProcess sub
        startEvent is
        userTask inner
        endEvent ie
        is -> inner
        inner -> ie
        end sub
        exclusiveGateway x
        endEvent aside
        inclusiveGateway j
        endEvent e
        s -> f
        f -> a
        f -> sub
        a -> j
        sub -> x
        x -> j if =si
        x -> aside default
        j -> e
        """,
        [
            ("user_task a, user_task inner",),
            ("complete", "a", "user_task inner"),
            ("complete", "inner", "", {"si": True}),
        ],
        "s f is a inner ie sub x j e",
        variables={"si": True},
    ),
    Row(
        "inclusive join goes on when the last other token has left for elsewhere",
        {
            "p": """
            startEvent s
            parallelGateway f
            userTask a
            callActivity call called=q
            exclusiveGateway x
            endEvent aside
            inclusiveGateway j
            userTask after
            endEvent e
            s -> f
            f -> a
            f -> call
            a -> j
            call -> x
            x -> j if =si
            x -> aside default
            j -> after
            after -> e
            """,
            "q": """
            startEvent qs
            userTask u
            endEvent qe
            qs -> u
            u -> qe
            """,
        },
        [
            ("user_task a, user_task u",),
            ("complete", "a", "user_task u"),
            ("complete", "u", "user_task after", {"si": False}),
            ("complete", "after", ""),
        ],
        "s f qs a u qe call x aside j after e",
        variables={"si": False},
    ),
    Row(
        "conditional flows out of an activity, with a default",
        """
        startEvent s
        userTask a
        task b
        task c
        task d
        endEvent e
        s -> a
        a -> b if =x > 1
        a -> c if =x > 2
        a -> d default
        b -> e
        c -> e
        d -> e
        """,
        [("user_task a",), ("complete", "a", "", {"x": number(2)})],
        "s a b e",
        variables={"x": number(2)},
    ),
    Row(
        "two flows out of an activity split, two into one merge without waiting",
        """
        startEvent s
        task a
        userTask b
        userTask c
        userTask d
        endEvent e
        s -> a
        a -> b
        a -> c
        b -> d
        c -> d
        d -> e
        """,
        [
            ("user_task b, user_task c",),
            ("complete", "b", "user_task c, user_task d"),
            ("complete", "c", "user_task d, user_task d"),
            ("complete", "d", "user_task d"),
            ("complete", "d", ""),
        ],
        "s a b c d e d e",
    ),
    Row(
        "a second token on one flow waits for the next time at a parallel join",
        """
        startEvent s
        task a
        exclusiveGateway m
        userTask once
        parallelGateway j
        userTask u
        endEvent e
        s -> a
        a -> m
        a -> once
        a -> again
        task again
        again -> m
        m -> j
        once -> j
        j -> u
        u -> e
        """,
        [
            ("user_task once",),
            ("complete", "once", "failure j, user_task u"),
            ("complete", "u", "failure j"),
        ],
        "s a m again m once j u e",
    ),
    Row(
        "message: waits, and brings its variables",
        """
        startEvent s
        intermediateCatchEvent m message=pago key="=folio"
        endEvent e
        s -> m
        m -> e
        """,
        [("message m",), ("fire", "m", "", {"importe": number(5)})],
        "s m e",
        start={"folio": "A1"},
        variables={"folio": "A1", "importe": number(5)},
    ),
    Row(
        "receive task with outputs: only their targets come out",
        """
        startEvent s
        receiveTask m message=pago out="=importe + 1 to total"
        endEvent e
        s -> m
        m -> e
        """,
        [("message m",), ("fire", "m", "", {"importe": number(5)})],
        "s m e",
        variables={"total": number(6)},
    ),
    Row(
        "intermediate timer",
        """
        startEvent s
        intermediateCatchEvent t date="=cuando"
        endEvent e
        s -> t
        t -> e
        """,
        [("timer t",), ("fire", "t", "")],
        "s t e",
        start={"cuando": "2026-01-01T00:00:00Z"},
        variables={"cuando": "2026-01-01T00:00:00Z"},
    ),
    Row(
        "event gateway: the first event wins",
        """
        startEvent s
        eventBasedGateway g
        intermediateCatchEvent m message=pago
        intermediateCatchEvent t timer=PT2H
        receiveTask r message=baja
        task a
        task b
        endEvent e
        s -> g
        g -> m
        g -> t
        g -> r
        m -> a
        t -> b
        r -> b
        a -> e
        b -> e
        """,
        [("message m, timer t, message r",), ("fire", "t", "")],
        "s g t b e",
    ),
    Row(
        "interrupting boundary timer takes the work away",
        """
        startEvent s
        userTask a
        boundaryEvent t on=a timer=PT2H
        task lapsed
        endEvent e
        s -> a
        a -> e
        t -> lapsed
        lapsed -> e
        """,
        [("user_task a, timer t",), ("fire", "t", "")],
        "s t lapsed e",
    ),
    Row(
        "boundary events end with their activity",
        """
        startEvent s
        userTask a
        boundaryEvent t on=a timer=PT2H
        boundaryEvent m on=a message=baja interrupting=false
        endEvent e
        s -> a
        a -> e
        t -> e
        m -> e
        """,
        [("user_task a, timer t, message m",), ("complete", "a", "")],
        "s a e",
    ),
    Row(
        "non-interrupting boundary message: again and again, beside the work",
        """
        startEvent s
        userTask a
        boundaryEvent m on=a message=nota interrupting=false
        userTask note
        endEvent e
        endEvent ne
        s -> a
        a -> e
        m -> note
        note -> ne
        """,
        [
            ("user_task a, message m",),
            ("fire", "m", "user_task a, message m, user_task note"),
            ("fire", "m", "user_task a, message m, user_task note, user_task note"),
            ("complete", "note", "user_task a, message m, user_task note"),
            ("complete", "a", "user_task note"),
            ("complete", "note", ""),
        ],
        "s m m note ne a e note ne",
    ),
    Row(
        "non-interrupting boundary timer fires once",
        """
        startEvent s
        userTask a
        boundaryEvent t on=a timer=PT2H interrupting=false
        task remind
        endEvent e
        s -> a
        a -> e
        t -> remind
        """,
        [("user_task a, timer t",), ("fire", "t", "user_task a"), ("complete", "a", "")],
        "s t remind a e",
    ),
    Row(
        "cycle timer: as often as it says",
        """
        startEvent s
        userTask a
        boundaryEvent t on=a cycle=R2/PT1H interrupting=false
        task remind
        endEvent e
        s -> a
        a -> e
        t -> remind
        """,
        [
            ("user_task a, timer t",),
            ("fire", "t", "user_task a, timer t"),
            ("fire", "t", "user_task a"),
            ("complete", "a", ""),
        ],
        "s t remind t remind a e",
    ),
    Row(
        "boundary on a sub-process takes everything inside away",
        {
            "p": """
            startEvent s
            subProcess sub
            startEvent is
            parallelGateway f
            userTask a
            callActivity call called=q
            endEvent ie
            is -> f
            f -> a
            f -> call
            a -> ie
            call -> ie
            end sub
            boundaryEvent m on=sub message=baja
            endEvent e
            endEvent out
            s -> sub
            sub -> e
            m -> out
            """,
            "q": """
            startEvent qs
            userTask u
            endEvent qe
            qs -> u
            u -> qe
            """,
        },
        [("message m, user_task a, user_task u",), ("fire", "m", "")],
        "s is f qs m out",
    ),
    Row(
        "a token that left by a non-interrupting event outlives the interruption",
        """
        startEvent s
        userTask a
        boundaryEvent m on=a message=nota interrupting=false
        boundaryEvent t on=a timer=PT2H
        userTask note
        endEvent e
        s -> a
        a -> e
        m -> note
        t -> e
        """,
        [
            ("user_task a, message m, timer t",),
            ("fire", "m", "user_task a, message m, timer t, user_task note"),
            ("fire", "t", "user_task note"),
            ("complete", "note", ""),
        ],
        "s m t e note",
    ),
    Row(
        "error of a job: its own boundary, the code before the catch-all, variables only by output mappings",
        """
        startEvent s
        serviceTask j topic=a.b
        boundaryEvent any on=j error=
        boundaryEvent known on=j error=sin_saldo out="=falta to falta"
        task a
        task b
        endEvent e
        s -> j
        j -> e
        any -> a
        known -> b
        """,
        [("job j",), ("throw", "j", "", {"code": "sin_saldo", "falta": number(3), "otro": True})],
        "s known b",
        variables={"falta": number(3)},
    ),
    Row(
        "error end event: caught on the called process's activity, across the sub-process",
        {
            "p": """
            startEvent s
            callActivity call called=q
            boundaryEvent err on=call error=no out="=errorCode to motivo"
            endEvent e
            endEvent bad
            s -> call
            call -> e
            err -> bad
            """,
            "q": """
            startEvent qs
            subProcess sub
            startEvent is
            userTask u
            endEvent ie error=no
            is -> u
            u -> ie
            end sub
            endEvent qe
            qs -> sub
            sub -> qe
            """,
        },
        [("user_task u",), ("complete", "u", "")],
        "s qs is u err bad",
        variables={"motivo": "no"},
    ),
    Row(
        "escalation: a non-interrupting boundary goes on beside",
        """
        startEvent s
        subProcess sub
        startEvent is
        intermediateThrowEvent up escalation=lento
        userTask u
        endEvent ie
        is -> up
        up -> u
        u -> ie
        end sub
        boundaryEvent esc on=sub escalation=lento interrupting=false
        task tell
        endEvent e
        s -> sub
        sub -> e
        esc -> tell
        """,
        [("user_task u",), ("complete", "u", "")],
        "s is up esc tell u ie sub e",
    ),
    Row(
        "terminate ends its scope only",
        """
        startEvent s
        subProcess sub
        startEvent is
        parallelGateway f
        userTask a
        userTask b
        endEvent ie
        endEvent stop terminate=1
        is -> f
        f -> a
        f -> b
        a -> ie
        b -> stop
        end sub
        userTask c
        endEvent e
        s -> sub
        sub -> c
        c -> e
        """,
        [("user_task a, user_task b",), ("complete", "b", "user_task c"), ("complete", "c", "")],
        "s is f b stop sub c e",
    ),
    Row(
        "terminate ends the instance, boundary and all",
        """
        startEvent s
        parallelGateway f
        userTask a
        boundaryEvent t on=a timer=PT2H
        userTask b
        endEvent stop terminate=1
        endEvent e
        s -> f
        f -> a
        f -> b
        a -> e
        t -> e
        b -> stop
        """,
        [("user_task a, user_task b, timer t",), ("complete", "b", "")],
        "s f b stop",
    ),
    Row(
        "link events",
        """
        startEvent s
        intermediateThrowEvent go link=A
        intermediateCatchEvent here link=A
        userTask a
        endEvent e
        s -> go
        here -> a
        a -> e
        """,
        [("user_task a",), ("complete", "a", "")],
        "s go here a e",
    ),
    Row(
        "conditional events: when the variables make them true",
        """
        startEvent s
        userTask a
        boundaryEvent c on=a condition="=urgente" interrupting=false
        intermediateCatchEvent w condition="=x > 1"
        task remind
        endEvent e
        s -> a
        a -> w
        w -> e
        c -> remind
        """,
        [
            ("user_task a, condition c",),
            ("set", {"urgente": True}, "user_task a, condition c"),
            ("set", {"urgente": False}, "user_task a, condition c"),
            ("set", {"urgente": True, "x": number(0)}, "user_task a, condition c"),
            ("complete", "a", "condition w"),
            ("set", {"x": number(2)}, ""),
        ],
        "s c remind c remind a w e",
        variables={"urgente": True, "x": number(2)},
    ),
    Row(
        "parallel multi-instance: results by the item's place, whatever the order",
        """
        startEvent s
        userTask u each="=items" item=item collect=results value="=answer"
        endEvent e
        s -> u
        u -> e
        """,
        [
            ("user_task u, user_task u, user_task u",),
            ("complete", ("u", 3), "user_task u, user_task u", {"answer": "c"}),
            ("complete", ("u", 1), "user_task u", {"answer": "a"}),
            ("complete", ("u", 2), "", {"answer": "b"}),
        ],
        "s u u u u e",
        start={"items": [number(1), number(2), number(3)]},
        variables={"items": [number(1), number(2), number(3)], "results": ["a", "b", "c"]},
    ),
    Row(
        "sequential multi-instance, enough after the second",
        """
        startEvent s
        userTask u each="=items" item=item sequential=true collect=results value="=item + 1" until="=stop"
        endEvent e
        s -> u
        u -> e
        """,
        [
            ("user_task u",),
            ("complete", "u", "user_task u", {"stop": False}),
            ("complete", "u", "", {"stop": True}),
        ],
        "s u u u e",
        start={"items": [number(1), number(2), number(3)]},
        variables={
            "items": [number(1), number(2), number(3)],
            "results": [number(2), number(3), None],
            "stop": True,
        },
    ),
    Row(
        "parallel multi-instance: enough ends the others",
        """
        startEvent s
        userTask u each="=items" item=item until="=numberOfCompletedInstances = 2"
        endEvent e
        s -> u
        u -> e
        """,
        [
            ("user_task u, user_task u, user_task u",),
            ("complete", ("u", 2), "user_task u, user_task u"),
            ("complete", ("u", 3), ""),
        ],
        "s u u u e",
        start={"items": [number(1), number(2), number(3)]},
        variables={"items": [number(1), number(2), number(3)]},
    ),
    Row(
        "multi-instance over nothing: an empty result",
        """
        startEvent s
        userTask u each="=items" item=item collect=results value="=item"
        endEvent e
        s -> u
        u -> e
        """,
        [],
        "s u e",
        start={"items": []},
        variables={"items": [], "results": []},
    ),
    Row(
        "multi-instance of a sub-process, taken away by its boundary",
        """
        startEvent s
        subProcess sub each="=items" item=item collect=results value="=item"
        startEvent is
        userTask u
        endEvent ie
        is -> u
        u -> ie
        end sub
        boundaryEvent m on=sub message=baja
        endEvent e
        s -> sub
        sub -> e
        m -> e
        """,
        [
            ("message m, user_task u, user_task u",),
            ("complete", "u", "message m, user_task u"),
            ("fire", "m", ""),
        ],
        "s is is u ie sub m e",
        start={"items": [number(1), number(2)]},
        variables={"items": [number(1), number(2)]},
    ),
    Row(
        "multi-instance of a call activity: each its own root scope",
        {
            "p": """
            startEvent s
            callActivity call called=q each="=items" item=item collect=results value="=doble" out="=doble to doble"
            endEvent e
            s -> call
            call -> e
            """,
            "q": """
            startEvent qs
            scriptTask d script="=item * 2" result=doble
            endEvent qe
            qs -> d
            d -> qe
            """,
        },
        [],
        "s qs qs d d qe call qe call call e",
        start={"items": [number(1), number(2)]},
        variables={"items": [number(1), number(2)], "results": [number(2), number(4)]},
    ),
]


@pytest.mark.parametrize("reload", [False, True], ids=["memory", "reload"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_construct(row: Row, reload: bool):
    case = Case(row.model, row.start, reload=reload)
    for step in row.steps:
        act(case, step)
        expected = step[0] if len(step) == 1 else step[2]
        assert ", ".join(case.waiting()) == expected, step
    assert " ".join(map(str, case.host.elements())) == row.trace
    assert case.run.variables() == row.variables
    assert case.run.completed == (not case.run.waits())
    if case.run.completed:
        assert case.run.tokens() == []
        assert len(case.run._top.tasks) == 1
        assert not case.run._top.subprocesses


def act(case: Case, step: tuple[Any, ...]) -> None:
    if len(step) == 1:
        return
    verb, whom, _, *values = step
    payload = dict(values[0]) if values else {}
    if verb == "set":
        case.run.set_variables(whom)
        case.go()
    elif verb == "throw":
        assert case.throw(whom, payload.pop("code"), **payload)
    elif isinstance(whom, tuple):
        wait = next(w for w in case.run.waits() if (w.element.id, w.loop_counter) == whom)
        getattr(case.run, verb)(wait.id, payload)
        case.go()
    else:
        getattr(case, verb)(whom, **payload)
