"""Gateways and flows."""

from tests.engine.bpmn.constructs.row import Row, number

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
        "a parallel gateway that joins and splits at once",
        """
        startEvent s
        parallelGateway f
        userTask a
        userTask b
        parallelGateway g
        userTask c
        userTask d
        endEvent e
        s -> f
        f -> a
        f -> b
        a -> g
        b -> g
        g -> c
        g -> d
        c -> e
        d -> e
        """,
        [
            ("user_task a, user_task b",),
            ("complete", "a", "user_task b"),
            ("complete", "b", "user_task c, user_task d"),
            ("complete", "d", "user_task c"),
            ("complete", "c", ""),
        ],
        "s f a b g d e c e",
    ),
    Row(
        "an inclusive gateway that joins and splits at once",
        """
        startEvent s
        inclusiveGateway f
        userTask a
        userTask b
        inclusiveGateway g
        userTask c
        userTask d
        endEvent e
        s -> f
        f -> a if =true
        f -> b if =true
        f -> e default
        a -> g
        b -> g
        g -> c if =true
        g -> d if =false
        g -> e default
        c -> e
        d -> e
        """,
        [
            ("user_task a, user_task b",),
            ("complete", "a", "user_task b"),
            ("complete", "b", "user_task c"),
            ("complete", "c", ""),
        ],
        "s f a b g c e",
    ),
    Row(
        "event gateway: a receive task waits like a message event",
        """
        startEvent s
        eventBasedGateway g
        receiveTask r message=aviso key="=k"
        intermediateCatchEvent t timer=PT1H
        task b
        endEvent e
        s -> g
        g -> r
        g -> t
        r -> e
        t -> b
        b -> e
        """,
        [("message r, timer t",), ("fire", "r", "")],
        "s g r e",
        start={"k": "1"},
        variables={"k": "1"},
    ),
]
