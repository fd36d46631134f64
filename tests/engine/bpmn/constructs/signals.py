"""Signals: everybody who listens at the moment hears it."""

from tests.engine.bpmn.constructs.row import Row, number

ROWS = [
    Row(
        "signal: all who listen hear it, whoever comes later does not",
        """
        startEvent s
        parallelGateway f
        intermediateCatchEvent one signal=aviso
        userTask work
        boundaryEvent two on=work signal=aviso
        eventBasedGateway g
        intermediateCatchEvent three signal=aviso
        intermediateCatchEvent four timer=PT1H
        userTask first
        intermediateThrowEvent say signal=aviso in="=x + 1 to y"
        intermediateCatchEvent late signal=aviso
        endEvent e
        s -> f
        f -> one
        f -> work
        f -> g
        g -> three
        g -> four
        f -> first
        first -> say
        say -> late
        late -> e
        one -> e
        work -> e
        two -> e
        three -> e
        four -> e
        """,
        [
            ("signal one, user_task work, user_task first, signal two, signal three, timer four",),
            ("complete", "first", "signal late"),
            ("fire", "late", ""),
        ],
        "s f first g say one two three e e e late e",
        start={"x": number(1)},
        variables={"x": number(1), "y": number(2)},
        sent=["aviso"],
    ),
    Row(
        "signal end event: heard at the boundary of its own sub-process, beside what goes on",
        """
        startEvent s
        subProcess sub
        startEvent is
        endEvent ie signal=aviso
        is -> ie
        end sub
        boundaryEvent b on=sub signal=aviso interrupting=false
        userTask told
        endEvent e
        s -> sub
        sub -> e
        b -> told
        told -> e
        """,
        [("user_task told",), ("complete", "told", "")],
        "s is ie sub b e told e",
        sent=["aviso"],
    ),
    Row(
        "signal that interrupts the scope it is thrown in",
        """
        startEvent s
        subProcess sub
        startEvent is
        parallelGateway f
        userTask a
        intermediateThrowEvent say signal=aviso
        task never
        endEvent ie
        is -> f
        f -> a
        f -> say
        say -> never
        never -> ie
        a -> ie
        end sub
        boundaryEvent b on=sub signal=aviso
        endEvent e
        endEvent out
        s -> sub
        sub -> e
        b -> out
        """,
        [],
        "s is f b out",
        sent=["aviso"],
    ),
]
