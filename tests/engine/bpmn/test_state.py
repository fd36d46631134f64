"""The state as bytes: small, without the specification, strict; old ones still load and finish."""

from __future__ import annotations

import threading
import zlib
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from engine.bpmn import BadState, Program, Run
from engine.feel import YearMonthDuration
from tests.engine.bpmn.drawing import processes
from tests.engine.bpmn.host import Case, TestHost

GOLDEN = Path(__file__).parent / "states"

MODEL = {
    "p": """
        startEvent s
        parallelGateway f
        userTask a in="=1 to propia"
        boundaryEvent late on=a cycle=R3/PT1H interrupting=false
        task remind
        callActivity call called=q
        userTask many each="=items" item=item collect=results value="=item" sequential=true
        eventBasedGateway g
        intermediateCatchEvent m message=pago key="=folio"
        intermediateCatchEvent t timer=P1D
        exclusiveGateway x
        parallelGateway j
        endEvent e
        endEvent re
        s -> f
        f -> a
        f -> call
        f -> many
        f -> g
        g -> m
        g -> t
        late -> remind
        remind -> re
        a -> j
        call -> j
        many -> j
        m -> x
        t -> x
        x -> j
        j -> e
    """,
    "q": """
        startEvent qs
        subProcess sub
        startEvent is
        serviceTask job topic=correo.enviar
        endEvent ie
        is -> job
        job -> ie
        end sub
        endEvent qe
        qs -> sub
        sub -> qe
    """,
}
"""Never changed: the golden states were dumped from it. A new codec version adds a model or a file."""

VALUES = {
    "folio": "PRO-2026-0001",
    "items": [Decimal("1.10"), None, {"a b": [True]}],
    "dia": date(2026, 1, 2),
    "hora": time(9, 30),
    "momento": datetime(2026, 1, 2, 9, 30, tzinfo=timezone(timedelta(hours=-6))),
    "plazo": timedelta(days=1, microseconds=1),
    "meses": YearMonthDuration(14),
    "nada": None,
}


def case() -> Case:
    return Case(MODEL, VALUES)


def opened(blob: bytes) -> dict:
    return orjson.loads(zlib.decompress(blob[5 + blob[4] :]))


def closed(blob: bytes, state: dict) -> bytes:
    return blob[: 5 + blob[4]] + zlib.compress(orjson.dumps(state))


def test_every_type_of_value_survives():
    one = case()
    again = Run.load(one.program, one.host, one.run.dump())
    assert again.variables() == VALUES
    assert repr(again.variables()) == repr(one.run.variables())


def test_the_state_is_small_and_holds_no_specification():
    one = case()
    blob = one.run.dump()
    assert len(blob) < 1300
    assert b"Gateway" not in zlib.decompress(blob[5 + blob[4] :])


def finish(run: Run) -> None:
    for element_id in ("job", "many", "many", "many", "a"):
        wait = next(wait for wait in run.waits() if wait.element.id == element_id)
        run.complete(wait.id, {})
        run.advance()
    run.fire(next(wait for wait in run.waits() if wait.kind == "message").id, {})
    run.advance()
    assert run.completed
    assert run.variables() == {**VALUES, "results": VALUES["items"]}


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.state")), ids=lambda file: file.stem)
def test_golden_states_load_and_finish(file):
    run = Run.load(Program.compile("p", processes(**MODEL)), TestHost(), file.read_bytes())
    assert [f"{wait.kind} {wait.element.id}" for wait in run.waits()] == [
        "user_task a",
        "timer late",
        "user_task many",
        "message m",
        "timer t",
        "job job",
    ]
    finish(run)


def test_there_is_a_golden_state_for_this_codec_version():
    version = case().run.dump()[3]
    assert (GOLDEN / f"v{version}.state").exists()


BREAKS = {
    "no state": lambda blob: b"",
    "another magic": lambda blob: b"XYZ" + blob[3:],
    "another version": lambda blob: blob[:3] + bytes([99]) + blob[4:],
    "cut": lambda blob: blob[:-20],
    "no JSON": lambda blob: blob[: 5 + blob[4]] + zlib.compress(b"{"),
    "no workflows": lambda blob: closed(blob, {**opened(blob), "workflows": []}),
    "an element that is not there": lambda blob: edited(blob, lambda flow: flow["tasks"][1].__setitem__(2, "gone")),
    "a child before its parent": lambda blob: edited(blob, lambda flow: flow["tasks"].reverse()),
    "a token twice": lambda blob: edited(blob, lambda flow: flow["tasks"].append(flow["tasks"][-1])),
    "a parent that is not there": lambda blob: edited(blob, lambda flow: flow["tasks"][2].__setitem__(1, "0" * 32)),
    "an unknown state": lambda blob: edited(blob, lambda flow: flow["tasks"][2].__setitem__(3, 4)),
    "a value that is none": lambda blob: edited(blob, lambda flow: flow.__setitem__("data", {"q": 1})),
    "a process without its caller": lambda blob: edited(blob, lambda flow: flow.__setitem__("of", "0" * 32), 1),
    "another process": lambda blob: edited(blob, lambda flow: flow.__setitem__("spec", "r")),
}


def edited(blob: bytes, edit, place: int = 0) -> bytes:
    state = opened(blob)
    edit(state["workflows"][place])
    return closed(blob, state)


@pytest.mark.parametrize("name", BREAKS)
def test_what_does_not_fit_is_refused(name):
    one = case()
    with pytest.raises(BadState):
        Run.load(one.program, one.host, BREAKS[name](one.run.dump()))


def test_what_was_done_before_the_bytes_goes_on_after_them():
    one = case()
    one.run.complete(one.one("a").id, {"hecho": True})
    run = Run.load(one.program, one.host, one.run.dump())
    assert "a" not in [wait.element.id for wait in run.waits()]
    run.advance()
    assert run.tokens() == [
        ("p", "call", 1), ("p", "g", 1), ("p", "j", 1), ("p", "many", 1), ("q", "job", 1), ("q", "sub", 1),
    ]  # fmt: skip


def test_threads_share_a_program():
    program = Program.compile("p", processes(**MODEL))
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                host = TestHost()
                run = Run.start(program, host, VALUES)
                run.advance()
                finish(Run.load(program, host, run.dump()))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
