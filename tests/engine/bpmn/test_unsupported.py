"""What would not run as drawn is refused, by the executor's list and by the deployment's checks; what runs is not."""

from __future__ import annotations

import pytest

from engine.bpmn import Program, unsupported
from engine.definitions import Process, check, read_model
from engine.errors import ProcessFailed
from tests.engine.bpmn.constructs import ROWS
from tests.engine.bpmn.constructs.refused import REFUSED
from tests.engine.bpmn.drawing import draw, edited, processes


def _process(data: bytes) -> Process:
    (process,) = read_model("bpmn/p.bpmn", data).processes.values()
    return process


@pytest.mark.parametrize("one", REFUSED, ids=lambda one: one.name)
def test_refused(one):
    data = edited(draw("p", one.model), one.edit)
    process = _process(data)
    said = [(finding.element_id, finding.rule) for finding in unsupported(process)]
    found = [finding for finding in check({"bpmn/p.bpmn": data}) if finding.severity == "error"]
    if one.by_checks:
        assert one.rule in {finding.rule for finding in found}
        assert any("x" in (finding.element_id or "") for finding in found if finding.rule == one.rule)
    else:
        assert ("x", one.rule) in said
        assert {id for id, _ in said} <= {"x", "xs"}
        assert "x" in {finding.element_id for finding in found}
    assert all(finding.remedy for finding in found)
    if one.rule == "not-executed":
        with pytest.raises(ProcessFailed, match="x"):
            Program.compile("p", {"p": process})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_the_table_of_constructs_proves_is_not_refused(row):
    texts = {"p": row.model} if isinstance(row.model, str) else row.model
    assert [finding for process in processes(edit=row.edit, **texts).values() for finding in unsupported(process)] == []


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("timer start", "inícielo con un mensaje"),
        ("ad hoc sub-process", "compuerta inclusiva"),
        ("boundary without an event", "Elija qué espera"),
        ("event sub-process without an event", "Dele un solo inicio"),
        ("cancel outside of a transaction", "dentro de una"),
    ],
)
def test_what_does_not_run_comes_with_what_to_draw_instead(name: str, remedy: str) -> None:
    (one,) = [one for one in REFUSED if one.name == name]
    findings = unsupported(_process(edited(draw("p", one.model), one.edit)))
    assert remedy in next(finding.remedy for finding in findings if finding.element_id == "x")
