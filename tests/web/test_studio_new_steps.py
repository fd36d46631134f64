"""A user task is added: the scenarios that stop at it get its step, all at once, and pass again."""

from __future__ import annotations

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Engine
from tests.web import gasto
from tests.web.studio_draft import analyst, engine, post, put
from web.studio.new_steps import with_step

__all__ = ["analyst", "engine"]

OLD = b"""name: De antes
process: gasto
starts: 2027-01-11 09:00
steps:
  - {start: gasto}
  - {as: lvega, complete: ut_pedir, with: {concepto: Taxi, monto: 1}, hold: [st_apartar]}
  - {skip: st_apartar, expect: {waiting: [ev_recibo]}}  # Nobody approved it then.
"""
ON = b"""name: El recibo llega
process: gasto
continues: {scenario: de_antes.yaml, until: 3}
steps:
  - {message: msg_recibo, correlation: R1, expect: {instance: running}}
"""


def run_all(app: Flask, client: FlaskClient) -> str:
    assert post(client, "/estudio/escenarios/correr", cuales="").status_code == 302
    app.extensions["suite_run"].wait(60)
    return client.get("/estudio/escenarios").text


def test_a_step_is_put_into_every_scenario_that_stops_at_it(app: Flask, analyst: FlaskClient, engine: Engine) -> None:
    engine.deploy(gasto.RESOURCES, by=SYSTEM)
    put(analyst, "scenarios/de_antes.yaml", OLD, "")
    put(analyst, "scenarios/sigue.yaml", ON, "")
    page = run_all(app, analyst)
    assert "1 escenario se detiene en «Aprobar el gasto» (Un gasto)" in page
    assert '<option value="abarrera" selected>Ana Barrera (Dirección)</option>' in page
    asked = {"element": "ut_aprobar", "who": "abarrera"}
    assert post(analyst, "/estudio/escenarios/agregar", **{**asked, "who": "nadie"}).status_code == 422
    assert "después del paso 3" in page
    assert post(analyst, "/estudio/escenarios/agregar", **asked).status_code == 302
    app.extensions["suite_run"].wait(60)
    text = analyst.get("/estudio/archivo/scenarios/de_antes.yaml/descargar").text
    assert "- {skip: st_apartar}  # Nobody approved it then.\n" in text
    assert text.endswith("    complete: ut_aprobar\n    expect: {waiting: [ev_recibo]}\n")
    assert "until: 4}" in analyst.get("/estudio/archivo/scenarios/sigue.yaml/descargar").text
    assert post(analyst, "/estudio/escenarios/agregar", **asked).status_code == 422  # It is nowhere missing any more.
    page = analyst.get("/estudio/escenarios").text
    assert "se detiene en" not in page
    first = page.split("De antes</a>", 1)[1].split("</li>", 1)[0]
    assert "Pasa" in first, first


TWICE = b"""name: Dos gastos
process: gasto
starts: 2027-01-11 09:00
steps:
  - {start: gasto}
  - {as: lvega, complete: ut_pedir, with: {concepto: Taxi, monto: 1}, hold: [st_apartar]}
  - {skip: st_apartar, expect: {waiting: [ev_recibo]}}
  - {start: gasto, matter: otro}
  - {as: lvega, matter: otro, complete: ut_pedir, with: {concepto: Luz, monto: 1}, hold: [st_apartar]}
  - {matter: otro, skip: st_apartar, expect: {waiting: [ev_recibo]}}
"""


def test_a_scenario_that_comes_there_twice_gets_it_twice(app: Flask, analyst: FlaskClient, engine: Engine) -> None:
    engine.deploy(gasto.RESOURCES, by=SYSTEM)
    put(analyst, "scenarios/dos.yaml", TWICE, "")
    run_all(app, analyst)
    post(analyst, "/estudio/escenarios/agregar", element="ut_aprobar", who="abarrera")
    app.extensions["suite_run"].wait(60)
    steps = yaml.safe_load(analyst.get("/estudio/archivo/scenarios/dos.yaml/descargar").text)["steps"]
    assert [step.get("matter") for step in steps if step.get("complete") == "ut_aprobar"] == [None, "otro"], steps
    assert "se detiene en" not in analyst.get("/estudio/escenarios").text


STEP = {"name": "nuevo", "as": "ana", "complete": "ut_n", "with": {"a": 1}}
BLOCK = """steps:
- name: uno
  matter: otro
  at: 2027-01-11 09:00
  expect:
    open: [x]  # because

    rows:
    - {table: T, count: 1}

# about the second
- name: dos
  complete: y
"""


@pytest.mark.parametrize(("index", "before"), [(0, False), (1, False), (0, True), (1, True)])
def test_everything_else_stands_as_it_was(index: int, before: bool) -> None:
    found = with_step(BLOCK, index, STEP, before=before)
    old, new = yaml.safe_load(BLOCK)["steps"], yaml.safe_load(found)["steps"]
    place = index if before else index + 1
    added = new.pop(place)
    if not before and index == 0:
        assert added.pop("expect") == old[0].pop("expect")
    assert (added, new) == ({**STEP, "matter": "otro"} if index == 0 else STEP, old)
    assert all(comment in found for comment in ("# because", "# about the second\n- name: dos"))
