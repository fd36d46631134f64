"""Activities that are done several times."""

from tests.engine.bpmn.constructs.row import Row, number

ROWS = [
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
    Row(
        "multi-instance by number, in parallel",
        """
        startEvent s
        userTask u times="=n" collect=results value="=answer"
        endEvent e
        s -> u
        u -> e
        """,
        [
            ("user_task u, user_task u",),
            ("complete", ("u", 2), "user_task u", {"answer": "b"}),
            ("complete", ("u", 1), "", {"answer": "a"}),
        ],
        "s u u u e",
        start={"n": number(2)},
        variables={"n": number(2), "results": ["a", "b"]},
    ),
    Row(
        "multi-instance by number, one after another",
        """
        startEvent s
        userTask u times=2 sequential=true
        endEvent e
        s -> u
        u -> e
        """,
        [("user_task u",), ("complete", ("u", 1), "user_task u"), ("complete", ("u", 2), "")],
        "s u u u e",
    ),
    Row(
        "standard loop, tested after: at least once, as long as its condition holds",
        """
        startEvent s
        userTask u while="=mas"
        boundaryEvent b on=u message=baja
        endEvent e
        s -> u
        u -> e
        b -> e
        """,
        [
            ("message b, user_task u",),
            ("complete", "u", "message b, user_task u", {"mas": True}),
            ("complete", ("u", 2), "", {"mas": False}),
        ],
        "s u u u e",
        variables={"mas": False},
    ),
    Row(
        "standard loop, tested before: not even once",
        """
        startEvent s
        scriptTask u while="=n < 0" before=true script="=n + 1" result=n
        scriptTask v while="=n < 3" before=true script="=n + 1" result=n
        endEvent e
        s -> u
        u -> v
        v -> e
        """,
        [],
        "s u v v v v e",
        start={"n": number(0)},
        variables={"n": number(3)},
    ),
    Row(
        "standard loop with a maximum",
        """
        startEvent s
        userTask u while="=true" most=2
        endEvent e
        s -> u
        u -> e
        """,
        [("user_task u",), ("complete", "u", "user_task u"), ("complete", "u", "")],
        "s u u u e",
    ),
    Row(
        "transaction: a sub-process",
        """
        startEvent s
        transaction tx
        startEvent is
        userTask u
        endEvent ie
        is -> u
        u -> ie
        end tx
        endEvent e
        s -> tx
        tx -> e
        """,
        [("user_task u",), ("complete", "u", "")],
        "s is u ie tx e",
    ),
    Row(
        "transaction that is cancelled: everything inside goes, its cancel boundary goes on",
        """
        startEvent s
        transaction tx
        startEvent is
        parallelGateway f
        userTask a
        userTask b
        endEvent ie
        endEvent no cancel=1
        is -> f
        f -> a
        f -> b
        a -> ie
        b -> no
        end tx
        boundaryEvent c on=tx cancel=1
        task undo
        endEvent e
        endEvent out
        s -> tx
        tx -> e
        c -> undo
        undo -> out
        """,
        [("user_task a, user_task b",), ("complete", "b", "")],
        "s is f b c undo out",
    ),
]
