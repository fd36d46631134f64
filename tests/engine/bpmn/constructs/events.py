"""Events on the way, at the start and at the end."""

from tests.engine.bpmn.constructs.row import Row, number

ROWS = [
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
        "message start: one of several starts, with what the message brings",
        """
        startEvent s
        startEvent m message=pedido
        userTask a
        task b
        endEvent e
        s -> a
        m -> b
        a -> e
        b -> e
        """,
        [],
        "m b e",
        begin="m",
        start={"x": number(1)},
        variables={"x": number(1)},
    ),
    Row(
        "message throw and message end: they leave",
        """
        startEvent s
        intermediateThrowEvent n
        intermediateThrowEvent t message=uno
        endEvent e message=dos
        s -> n
        n -> t
        t -> e
        """,
        [],
        "s n t e",
        sent=["uno", "dos"],
    ),
    Row(
        "message throw with a topic: a job",
        """
        startEvent s
        intermediateThrowEvent t message=uno topic=a.b
        endEvent e message=dos topic=a.b
        s -> t
        t -> e
        """,
        [("job t",), ("complete", "t", "job e"), ("complete", "e", "")],
        "s t e",
    ),
    Row(
        "event definition by reference: copied to the event",
        """
        startEvent s
        intermediateCatchEvent t
        endEvent e
        s -> t
        t -> e
        """,
        [("timer t",), ("fire", "t", "")],
        "s t e",
        edit=(
            '<process id="p" isExecutable="true"><startEvent id="s"></startEvent><intermediateCatchEvent id="t">',
            '<timerEventDefinition id="td"><timeDuration>PT1H</timeDuration></timerEventDefinition>'
            '<process id="p" isExecutable="true"><startEvent id="s"></startEvent><intermediateCatchEvent id="t">'
            "<eventDefinitionRef>td</eventDefinitionRef>",
        ),
    ),
    Row(
        "intermediate timer with a cycle: its first time",
        """
        startEvent s
        intermediateCatchEvent t cycle=R3/PT1H
        endEvent e
        s -> t
        t -> e
        """,
        [("timer t",), ("fire", "t", "")],
        "s t e",
    ),
    Row(
        "interrupting boundary timer with a cycle: its first time",
        """
        startEvent s
        userTask u
        boundaryEvent t on=u cycle=R3/PT1H
        endEvent e
        endEvent late
        s -> u
        u -> e
        t -> late
        """,
        [("user_task u, timer t",), ("fire", "t", "")],
        "s t late",
    ),
]
