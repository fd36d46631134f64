"""Events at the boundary of an activity, and what is thrown to them."""

from tests.engine.bpmn.constructs.row import Row, number

ROWS = [
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
        "interrupting boundary condition",
        """
        startEvent s
        userTask a
        boundaryEvent c on=a condition="=urgente"
        endEvent e
        s -> a
        a -> e
        c -> e
        """,
        [("user_task a, condition c",), ("set", {"urgente": True}, "")],
        "s c e",
        variables={"urgente": True},
    ),
    Row(
        "escalation end: an interrupting boundary takes the sub-process away",
        """
        startEvent s
        subProcess sub
        startEvent is
        parallelGateway f
        userTask u
        userTask v
        endEvent ie
        endEvent up escalation=lento
        is -> f
        f -> u
        f -> v
        u -> up
        v -> ie
        end sub
        boundaryEvent b on=sub escalation= out="=escalationCode to codigo"
        endEvent e
        endEvent out
        s -> sub
        sub -> e
        b -> out
        """,
        [("user_task u, user_task v",), ("complete", "u", "")],
        "s is f u b out",
        variables={"codigo": "lento"},
    ),
    Row(
        "escalation that nobody catches: goes on",
        """
        startEvent s
        intermediateThrowEvent up escalation=lento
        endEvent e escalation=lento
        s -> up
        up -> e
        """,
        [],
        "s up e",
    ),
    Row(
        "interrupting boundary signal and message on a task",
        """
        startEvent s
        userTask a
        boundaryEvent b on=a signal=aviso
        boundaryEvent m on=a message=baja
        endEvent e
        s -> a
        a -> e
        b -> e
        m -> e
        """,
        [("user_task a, signal b, message m",), ("fire", "b", "", {"x": True})],
        "s b e",
        variables={"x": True},
    ),
]
