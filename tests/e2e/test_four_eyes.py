"""Two people and a proposal (A1): its author reads why they may not approve it; Dirección does, then it is sent."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from engine import SYSTEM, UserTaskQuery
from tests.e2e.walker import Walker
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ELEMENT = "ut_05_aprobar_propuesta"


def test_the_author_is_refused_with_the_reason_and_another_approves(walker: Walker) -> None:
    scenario = load(walker.settings.processes / "scenarios" / "e1_camino_feliz.yaml")
    refused = next(number for number, step in enumerate(scenario.steps) if step.complete == ELEMENT)
    report = run(scenario, lambda: ScenarioFirm(walker.engine, keep_open=True), until=refused)
    assert report.failure is None, report.failure
    walker.at("2027-01-18T10:00")
    (task,) = walker.engine.user_tasks(UserTaskQuery(element_id=ELEMENT), by=SYSTEM).items

    author = walker.person("hruiz")
    author.goto(f"{walker.base}/tareas/{task.id}")
    walker.picture(author, "aprobar propuesta, autor")
    expect(author.get_by_text("Quien la elaboró no puede aprobarla")).to_be_visible()
    expect(author.get_by_role("button", name="Terminar tarea")).to_have_count(0)
    # The page offers no button; whoever sends the form all the same is refused.
    form = {name: author.locator(f"input[name={name}]").first.input_value() for name in ("csrf_token", "_request_id")}
    answer = author.request.post(author.url, form={**form, "decision": "aprobar", "decision._shown": "1"})
    assert answer.status == 403
    assert walker.mails("cor_06_propuesta") == 0

    walker.task("abarrera", "Aprobar propuesta", {"decision": "aprobar"})
    assert walker.mails("cor_06_propuesta") == 1
    author.goto(f"{walker.base}/tareas/{task.id}")
    expect(author.get_by_text("Ana Barrera")).to_be_visible()
    assert walker.complaints == []
