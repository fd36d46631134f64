"""Every construct that runs: each row of the tables twice, in memory and through its bytes around every step."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.bpmn.constructs import ROWS, Row
from tests.engine.bpmn.host import Case


@pytest.mark.parametrize("reload", [False, True], ids=["memory", "reload"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_construct(row: Row, reload: bool):
    case = Case(row.model, row.start, reload=reload, edit=row.edit, start_event=row.begin)
    for step in row.steps:
        act(case, step)
        expected = step[0] if len(step) == 1 else step[2]
        assert ", ".join(case.waiting()) == expected, step
    assert " ".join(map(str, case.host.elements())) == row.trace
    assert case.run.variables() == row.variables
    assert [name for name, *_ in (*case.host.sent, *case.host.broadcasts)] == row.sent
    assert case.run.completed == (not case.run.waits())
    if case.run.completed:
        assert case.run.tokens() == []
        assert len(case.run._top.tasks) == 1
        assert not case.run._top.subprocesses


def act(case: Case, step: tuple[Any, ...]) -> None:
    if len(step) == 1:
        return
    verb, whom, _, *values = step
    payload = dict(values[0]) if values else {}
    if verb == "set":
        case.run.set_variables(whom)
        case.go()
    elif verb == "throw":
        assert case.throw(whom, payload.pop("code"), **payload)
    elif isinstance(whom, tuple):
        wait = next(w for w in case.run.waits() if (w.element.id, w.loop_counter) == whom)
        getattr(case.run, verb)(wait.id, payload)
        case.go()
    else:
        getattr(case, verb)(whom, **payload)
