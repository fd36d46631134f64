"""Compensation: what is done is undone, the last first."""

from tests.engine.bpmn.constructs.row import Row, number

TRIP = """
        startEvent s
        userTask vuelo
        boundaryEvent bv on=vuelo compensate=1 by=anular_vuelo
        userTask anular_vuelo undoes=1
        userTask hotel
        boundaryEvent bh on=hotel compensate=1 by=anular_hotel
        scriptTask anular_hotel undoes=1 script="=n + 1" result=n
        userTask auto
        boundaryEvent ba on=auto compensate=1 by=anular_auto
        userTask anular_auto undoes=1
        s -> vuelo
        vuelo -> hotel
        """


ROWS = [
    Row(
        "compensation of all that is done in the scope, the last first; what throws it waits",
        TRIP
        + """
        parallelGateway f
        intermediateThrowEvent undo compensate=1
        task after
        endEvent e
        endEvent e2
        hotel -> f
        f -> undo
        f -> auto
        undo -> after
        after -> e
        auto -> e2
        """,
        [
            ("user_task vuelo",),
            ("complete", "vuelo", "user_task hotel"),
            ("complete", "hotel", "user_task auto, user_task anular_vuelo"),
            ("complete", "anular_vuelo", "user_task auto"),
            ("complete", "auto", ""),
        ],
        "s vuelo hotel f anular_hotel anular_vuelo undo after e auto e2",
        start={"n": number(0)},
        variables={"n": number(1)},
    ),
    Row(
        "compensation of one activity, as often as it was done, and only once",
        TRIP
        + """
        exclusiveGateway again
        intermediateThrowEvent undo compensate=hotel
        endEvent e compensate=1
        hotel -> again
        again -> hotel if =mas
        again -> undo default
        undo -> e
        auto -> e
        """,
        [
            ("user_task vuelo",),
            ("complete", "vuelo", "user_task hotel"),
            ("complete", "hotel", "user_task hotel", {"mas": True}),
            ("complete", "hotel", "user_task anular_vuelo", {"mas": False}),
            ("complete", "anular_vuelo", ""),
        ],
        "s vuelo hotel again hotel again anular_hotel anular_hotel undo anular_vuelo e",
        start={"n": number(0)},
        variables={"n": number(2), "mas": False},
    ),
    Row(
        "compensation at the end of a scope where nothing is done yet: the token just ends",
        """
        startEvent s
        endEvent e compensate=1
        s -> e
        """,
        [],
        "s e",
    ),
    Row(
        "compensation of a sub-process by its own handler, itself a sub-process",
        """
        startEvent s
        subProcess sub
        startEvent is
        userTask u
        endEvent ie
        is -> u
        u -> ie
        end sub
        boundaryEvent b on=sub compensate=1 by=undo
        subProcess undo undoes=1
        startEvent us
        userTask v
        endEvent ue
        us -> v
        v -> ue
        end undo
        intermediateThrowEvent t compensate=sub
        endEvent e
        s -> sub
        sub -> t
        t -> e
        """,
        [("user_task u",), ("complete", "u", "user_task v"), ("complete", "v", "")],
        "s is u ie sub us v ue undo t e",
    ),
    Row(
        "transaction that is cancelled: what is done in it is undone, then its boundary goes on",
        """
        startEvent s
        transaction tx
        startEvent is
        userTask pay
        boundaryEvent b on=pay compensate=1 by=refund
        userTask refund undoes=1
        exclusiveGateway g
        endEvent ie
        endEvent no cancel=1
        is -> pay
        pay -> g
        g -> no if =malo
        g -> ie default
        end tx
        boundaryEvent c on=tx cancel=1
        endEvent e
        endEvent out
        s -> tx
        tx -> e
        c -> out
        """,
        [
            ("user_task pay",),
            ("complete", "pay", "user_task refund", {"malo": True}),
            ("complete", "refund", ""),
        ],
        "s is pay g refund c out",
        variables={"malo": True},
    ),
    Row(
        "compensation that an interruption takes away with what it is doing",
        """
        startEvent s
        subProcess sub
        startEvent is
        userTask a
        boundaryEvent b on=a compensate=1 by=undo
        userTask undo undoes=1
        endEvent ie compensate=1
        is -> a
        a -> ie
        end sub
        boundaryEvent m on=sub message=baja
        endEvent e
        endEvent out
        s -> sub
        sub -> e
        m -> out
        """,
        [
            ("message m, user_task a",),
            ("complete", "a", "message m, user_task undo"),
            ("fire", "m", ""),
        ],
        "s is a m out",
    ),
]
