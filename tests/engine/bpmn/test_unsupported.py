"""What would not run as drawn is refused, by the executor's list and by the deployment's checks; what runs is not."""

from __future__ import annotations

import pytest

from engine.bpmn import Program, unsupported
from engine.definitions import check, read_model
from engine.errors import ProcessFailed
from tests.engine.bpmn.drawing import draw, processes
from tests.engine.bpmn.test_constructs import ROWS


def around(element: str, more: str = "") -> str:
    id = element.split()[1]
    return f"startEvent s\nendEvent e\n{element}\ns -> {id}\n{id} -> e\n{more}"


REFUSED = {
    "signal that is caught": (around("intermediateCatchEvent x signal=aviso"), "not-executed"),
    "signal that is thrown": (around("intermediateThrowEvent x signal=aviso"), "not-executed"),
    "signal at the end": ("startEvent s\nendEvent x signal=aviso\ns -> x", "not-executed"),
    "catch event without an event": (around("intermediateCatchEvent x"), "not-executed"),
    "error thrown on the way": (around("intermediateThrowEvent x error=malo"), "not-executed"),
    "boundary without an event": (around("userTask u", "boundaryEvent x on=u\nx -> e"), "not-executed"),
    "timer start": ("startEvent x timer=PT1H\nendEvent e\nx -> e", "not-executed"),
    "conditional start": ('startEvent x condition="=y"\nendEvent e\nx -> e', "not-executed"),
    "complex gateway": (around("complexGateway x"), "not-executed"),
    "transaction": (around("transaction x"), "not-executed"),
    "ad hoc sub-process": (around("adHocSubProcess x"), "not-executed"),
    "work without topic": (around("serviceTask x"), "not-executed"),
    "script without text": (around("scriptTask x"), "not-executed"),
    "decision without id": (around("businessRuleTask x"), "not-executed"),
    "receive without message": (around("receiveTask x"), "not-executed"),
    "instances of an event": (around('intermediateCatchEvent x timer=PT1H each="=y"'), "loop-out-of-place"),
    "error that does not interrupt": (
        around("userTask u", "boundaryEvent x on=u error=malo interrupting=false\nx -> e"),
        "error-must-interrupt",
    ),
    "code that is computed": ("startEvent s\nendEvent x error==c\ns -> x", "dynamic-code"),
    "outputs of a gateway": (around('exclusiveGateway x out="=1 to y"'), "mapping-out-of-place"),
    "inputs of a catch event": (around('intermediateCatchEvent x timer=PT1H in="=1 to y"'), "mapping-out-of-place"),
    "outputs of a plain end": ('startEvent s\nendEvent x out="=1 to y"\ns -> x', "mapping-out-of-place"),
    "inputs of a terminating end": (
        'startEvent s\nendEvent x terminate=1 in="=1 to y"\ns -> x',
        "mapping-out-of-place",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    model, rule = REFUSED[name]
    # The drawing gives every receive task a message.
    data = draw("p", model).replace(b' messageRef="message_x"', b"")
    (process,) = _read(data)
    assert [(finding.element_id, finding.rule) for finding in unsupported(process)] == [("x", rule)]
    assert "x" in {finding.element_id for finding in check({"bpmn/p.bpmn": data}) if finding.severity == "error"}
    if rule == "not-executed":
        with pytest.raises(ProcessFailed, match="x"):
            Program.compile("p", {"p": process})


def _read(data: bytes):
    return read_model("bpmn/p.bpmn", data).processes.values()


def test_event_sub_processes_are_refused():
    model = "startEvent s\nendEvent e\ns -> e\nsubProcess x\nstartEvent xs\nendEvent xe\nxs -> xe\nend x"
    data = draw("p", model).replace(b'<subProcess id="x"', b'<subProcess triggeredByEvent="true" id="x"')
    (process,) = _read(data)
    assert [(finding.element_id, finding.rule) for finding in unsupported(process)] == [("x", "not-executed")]
    with pytest.raises(ProcessFailed):
        Program.compile("p", {"p": process})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_the_table_of_constructs_proves_is_not_refused(row):
    texts = {"p": row.model} if isinstance(row.model, str) else row.model
    assert [finding for process in processes(**texts).values() for finding in unsupported(process)] == []
