"""Event sub-processes: what starts them is waited for as long as their scope runs."""

from tests.engine.bpmn.constructs.row import Row, number


def with_handler(start: str, *, inside: str = "task handle", step: str = "handle") -> str:
    """A process of one user task, and an event sub-process."""
    return f"""
        startEvent s
        userTask a
        endEvent e
        s -> a
        a -> e
        subProcess h triggered=1
        startEvent {start}
        {inside}
        endEvent he
        hs -> {step}
        {step} -> he
        end h
        """


ROWS = [
    Row(
        "event sub-process, message, interrupting: instead of all else",
        with_handler("hs message=baja"),
        [("message hs, user_task a",), ("fire", "hs", "", {"motivo": "x"})],
        "s hs handle he h",
        variables={"motivo": "x"},
    ),
    Row(
        "event sub-process, message: no more once its scope has ended",
        with_handler("hs message=baja"),
        [("message hs, user_task a",), ("complete", "a", "")],
        "s a e",
    ),
    Row(
        "event sub-process, message, non-interrupting: beside the work, again and again, and the scope waits for it",
        with_handler("hs message=nota interrupting=false", inside="userTask note", step="note"),
        [
            ("message hs, user_task a",),
            ("fire", "hs", "message hs, user_task a, user_task note"),
            ("fire", "hs", "message hs, user_task a, user_task note, user_task note"),
            ("complete", "a", "message hs, user_task note, user_task note"),
            ("complete", "note", "message hs, user_task note"),
            ("fire", "hs", "message hs, user_task note, user_task note"),
            ("complete", "note", "message hs, user_task note"),
            ("complete", "note", ""),
        ],
        "s hs hs a e note he h hs note he h note he h",
    ),
    Row(
        "event sub-process: what its start event maps is all that comes in",
        with_handler(
            'hs message=baja out="=importe + 1 to total"', inside='scriptTask sum script="=total * 2" result=r'
        )
        .replace("-> handle", "-> sum")
        .replace("handle ->", "sum ->"),
        [("message hs, user_task a",), ("fire", "hs", "", {"importe": number(4), "otro": True})],
        "s hs sum he h",
        variables={"total": number(5), "r": number(10)},
    ),
    Row(
        "event sub-process, timer, interrupting",
        with_handler("hs timer=PT2H"),
        [("timer hs, user_task a",), ("fire", "hs", "")],
        "s hs handle he h",
    ),
    Row(
        "event sub-process, timer, non-interrupting: once",
        with_handler("hs timer=PT2H interrupting=false"),
        [("timer hs, user_task a",), ("fire", "hs", "user_task a"), ("complete", "a", "")],
        "s hs handle he h a e",
    ),
    Row(
        "event sub-process, cycle timer: as often as it says",
        with_handler("hs cycle=R2/PT1H interrupting=false"),
        [
            ("timer hs, user_task a",),
            ("fire", "hs", "user_task a, timer hs"),
            ("fire", "hs", "user_task a"),
            ("complete", "a", ""),
        ],
        "s hs handle he h hs handle he h a e",
    ),
    Row(
        "event sub-process, condition: when the variables make it true, again when they do so again",
        with_handler('hs condition="=x > 1" interrupting=false'),
        [
            ("condition hs, user_task a",),
            ("set", {"x": number(2)}, "condition hs, user_task a"),
            ("set", {"x": number(3)}, "condition hs, user_task a"),
            ("set", {"x": number(0)}, "condition hs, user_task a"),
            ("set", {"x": number(2)}, "condition hs, user_task a"),
            ("complete", "a", ""),
        ],
        "s hs handle he h hs handle he h a e",
        variables={"x": number(2)},
    ),
    Row(
        "event sub-process, condition, interrupting",
        with_handler('hs condition="=x > 1"'),
        [("condition hs, user_task a",), ("set", {"x": number(2)}, "")],
        "s hs handle he h",
        variables={"x": number(2)},
    ),
    Row(
        "event sub-process, signal, interrupting",
        with_handler("hs signal=aviso"),
        [("signal hs, user_task a",), ("fire", "hs", "")],
        "s hs handle he h",
    ),
    Row(
        "event sub-process, signal, non-interrupting, in a sub-process: listens only while that runs",
        """
        startEvent s
        userTask before
        subProcess sub
        startEvent is
        userTask u
        endEvent ie
        is -> u
        u -> ie
        subProcess h triggered=1
        startEvent hs signal=aviso interrupting=false
        task handle
        endEvent he
        hs -> handle
        handle -> he
        end h
        end sub
        userTask after
        endEvent e
        s -> before
        before -> sub
        sub -> after
        after -> e
        """,
        [
            ("user_task before",),
            ("complete", "before", "signal hs, user_task u"),
            ("fire", "hs", "signal hs, user_task u"),
            ("complete", "u", "user_task after"),
            ("complete", "after", ""),
        ],
        "s before is hs handle he h u ie sub after e",
    ),
    Row(
        "event sub-process, error of a job: its code and variables are the handler's own",
        """
        startEvent s
        parallelGateway f
        serviceTask j topic=a.b
        userTask a
        endEvent e
        s -> f
        f -> j
        f -> a
        j -> e
        a -> e
        subProcess any triggered=1
        startEvent anys error=
        endEvent anye
        anys -> anye
        end any
        subProcess h triggered=1 out="=motivo to motivo"
        startEvent hs error=sin_saldo
        scriptTask handle script="=errorCode" result=motivo
        endEvent he
        hs -> handle
        handle -> he
        end h
        """,
        [("job j, user_task a",), ("throw", "j", "", {"code": "sin_saldo", "falta": number(3)})],
        "s f hs handle he h",
        variables={"motivo": "sin_saldo"},
    ),
    Row(
        "event sub-process, error: one thrown inside the handler goes further out",
        """
        startEvent s
        subProcess sub
        startEvent is
        userTask u
        endEvent ie error=malo
        is -> u
        u -> ie
        subProcess h triggered=1
        startEvent hs error=malo
        userTask handle
        endEvent he error=malo
        hs -> handle
        handle -> he
        end h
        end sub
        boundaryEvent b on=sub error=malo
        endEvent e
        endEvent out
        s -> sub
        sub -> e
        b -> out
        """,
        [("user_task u",), ("complete", "u", "user_task handle"), ("complete", "handle", "")],
        "s is u hs handle b out",
    ),
    Row(
        "event sub-process of a called process goes before the boundary of the call",
        {
            "p": """
            startEvent s
            callActivity call called=q
            boundaryEvent b on=call error=malo
            endEvent e
            endEvent out
            s -> call
            call -> e
            b -> out
            """,
            "q": """
            startEvent qs
            serviceTask j topic=a.b
            endEvent qe
            qs -> j
            j -> qe
            subProcess h triggered=1
            startEvent hs error=malo
            endEvent he
            hs -> he
            end h
            """,
        },
        [("job j",), ("throw", "j", "", {"code": "malo"})],
        "s qs hs he h call e",
    ),
    Row(
        "event sub-process, escalation, non-interrupting: beside what throws it",
        """
        startEvent s
        intermediateThrowEvent up escalation=lento in="=1 to nivel"
        userTask u
        endEvent e
        s -> up
        up -> u
        u -> e
        subProcess h triggered=1
        startEvent hs escalation=lento interrupting=false
        userTask tell
        endEvent he
        hs -> tell
        tell -> he
        end h
        """,
        [("user_task u, user_task tell",), ("complete", "u", "user_task tell"), ("complete", "tell", "")],
        "s up hs u e tell he h",
    ),
    Row(
        "event sub-process, escalation, interrupting: instead of what throws it",
        """
        startEvent s
        parallelGateway f
        userTask u
        userTask v
        endEvent up escalation=lento
        endEvent e
        s -> f
        f -> u
        f -> v
        u -> up
        v -> e
        subProcess h triggered=1
        startEvent hs escalation=
        task tell
        endEvent he
        hs -> tell
        tell -> he
        end h
        """,
        [("user_task u, user_task v",), ("complete", "u", "")],
        "s f u hs tell he h",
    ),
    Row(
        "event sub-process inside another; terminate inside ends that alone",
        with_handler(
            "hs message=baja",
            inside="""userTask u
        subProcess h2 triggered=1
        startEvent h2s message=mas interrupting=false
        endEvent h2e terminate=1
        h2s -> h2e
        end h2""",
            step="u",
        ),
        [
            ("message hs, user_task a",),
            ("fire", "hs", "message h2s, user_task u"),
            ("fire", "h2s", "message h2s, user_task u"),
            ("complete", "u", ""),
        ],
        "s hs h2s h2e h2 u he h",
    ),
    Row(
        "terminate takes the waiting starts of event sub-processes along",
        """
        startEvent s
        parallelGateway f
        userTask a
        userTask b
        endEvent stop terminate=1
        endEvent e
        s -> f
        f -> a
        f -> b
        a -> e
        b -> stop
        subProcess h triggered=1
        startEvent hs message=baja
        endEvent he
        hs -> he
        end h
        """,
        [("message hs, user_task a, user_task b",), ("complete", "b", "")],
        "s f b stop",
    ),
]
