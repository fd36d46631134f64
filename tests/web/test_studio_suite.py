"""All scenarios of the draft in a program of their own: watched, ended, kept by content, painted on the diagram."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Engine
from tests.web import gasto
from tests.web.studio_draft import analyst, engine, post, put, revision_of
from web.studio import outcomes, starters, suite_run

__all__ = ["analyst", "engine"]

PATH = "scenarios/caduca.yaml"
WAY = b"""name: Nadie aprueba
process: gasto
starts: 2027-01-11 09:00
excused: {gasto.f1: nobody asks here}
steps:
  - {start: gasto, before: ut_aprobar, expect: {waiting: [be_tarde, ut_aprobar]}}
  - {at: 2027-01-14 09:00, expect: {instance: completed}}
"""
SPOILT = gasto.RESOURCES | {PATH: WAY.replace(b"instance: completed", b"instance: running, waiting: [ut_aprobar]")}


@pytest.fixture
def drafted(engine: Engine, analyst: FlaskClient) -> None:
    """The small process `gasto` published, and the scenario above in the draft."""
    engine.deploy(gasto.RESOURCES, by=SYSTEM)
    assert put(analyst, PATH, WAY, "").status_code == 200


def run(app: Flask, client: FlaskClient, which: str) -> suite_run.Run:
    assert post(client, "/estudio/escenarios/correr", cuales=which).status_code == 302
    found = app.extensions["suite_run"]
    assert isinstance(found, suite_run.Run)
    return found


def row(client: FlaskClient) -> str:
    return client.get("/estudio/escenarios").text.split("Nadie aprueba</a>", 1)[1].split("</li>", 1)[0]


def test_a_run_says_what_passes_and_what_no_scenario_takes(app: Flask, analyst: FlaskClient, drafted: None) -> None:
    assert "Sin correr" in row(analyst)
    first = run(app, analyst, PATH)
    first.wait(60)
    assert first.error == ""
    assert "Pasa" in row(analyst)
    painted = analyst.get("/estudio/escenarios/cobertura/gasto").text
    assert '"f1": "never-taken excused"' in painted
    assert '"f2": "never-taken"' in painted
    assert '"taken": {"f7": 1}' in painted
    # Kept by what was played: another scenario changes nothing, this one or the process does.
    put(analyst, "scenarios/otro.yaml", WAY, "")
    assert "Pasa" in row(analyst)
    put(analyst, PATH, SPOILT[PATH], revision_of(analyst, PATH))
    assert "Sin correr" in row(analyst)
    run(app, analyst, PATH).wait(60)
    assert "Paso 2" in row(analyst)
    assert "instancia: «completed»; se esperaba «running»" in row(analyst)
    assert "lo que espera: nada; se esperaba «Aprobar el gasto» (ut_aprobar)" in row(analyst)
    assert f"escenario={PATH}&amp;paso=1" in row(analyst)
    stands = _standing(app)
    assert (stands.passed, stands.failed) == (0, (PATH,))
    assert stands.never["gasto"] == {"f2", "f3", "f4", "f5", "f6"}
    assert not stands.good


def _standing(app: Flask) -> outcomes.Standing:
    with app.app_context():
        return outcomes.standing(SPOILT)


def test_a_run_is_watched_and_ended(app: Flask, analyst: FlaskClient, drafted: None) -> None:
    going = run(app, analyst, "")
    assert len(going.paths) > 1
    assert "hx-trigger" in analyst.get("/estudio/escenarios/avance").text
    with app.app_context():
        assert not suite_run.begin(SPOILT, [PATH], "nrey")  # One at a time.
    assert post(analyst, "/estudio/escenarios/detener").status_code == 302
    going.wait(10)
    assert not going.running
    assert len(going.done) < len(going.paths)
    assert going.error == ""
    assert analyst.get("/estudio/escenarios/avance").headers["HX-Refresh"] == "true"


def test_where_elements_stand_and_their_colour_ask_for_no_new_run() -> None:
    drawn = starters.diagram("x.bpmn").encode()

    def key(diagram: bytes) -> str:
        return outcomes.keys({"bpmn/x.bpmn": diagram, PATH: WAY})[PATH]

    assert key(drawn) == key(drawn.replace(b'x="280" y="120"', b'x="300" y="300"'))
    assert key(drawn) != key(drawn.replace(b"Hacer algo", b"Hacer otra cosa"))
    hidden = drawn.replace(b"<bpmn:process", b"<bpmndi:BPMNDiagram /><bpmn:process")
    assert key(hidden) != key(hidden.replace(b"Hacer algo", b"Hacer otra cosa"))
    noted = drawn.replace(b"<bpmn:process", b"<!-- <bpmndi:BPMNDiagram> --><bpmn:process")
    assert key(noted) != key(noted.replace(b"Hacer algo", b"Hacer otra cosa"))


def test_a_scenario_that_continues_another_depends_on_it() -> None:
    more = b"name: Sigue\nprocess: gasto\ncontinues: {scenario: caduca.yaml, until: 1}\nsteps: []\n"
    files = gasto.RESOURCES | {PATH: WAY, "scenarios/sigue.yaml": more, "scenarios/solo.yaml": WAY}
    before, after = outcomes.keys(files), outcomes.keys(files | {PATH: WAY + b"\n"})
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {PATH, "scenarios/sigue.yaml"}
    assert before[PATH] == before["scenarios/solo.yaml"]
