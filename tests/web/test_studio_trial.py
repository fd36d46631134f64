"""Trying the draft: on the real engine, in a space that shares nothing with the firm; every step can be taken back."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine import SYSTEM, Engine, InstanceQuery, load_folder
from tasks.adapters import Adapters
from tasks.registros import Correo
from tasks.transporte import Buzon, Smtp
from tests.conftest import ROOT
from tests.web import gasto
from tests.web.conftest import token
from tests.web.studio_draft import SignIn, analyst, put, revision_of
from tests.web.studio_draft import engine as small
from web.scenarios.format import Step
from web.studio import outcomes, suite_run
from web.studio.trials import spaces
from web.trial import space as limits
from web.trial import walk
from web.trial.space import Space

__all__ = ["analyst", "small"]

DIAGRAM = next(path for path in gasto.RESOURCES if path.startswith("bpmn/"))
START = {"how": "variables", "process": "gasto", "starts": "2027-01-11T09:00"}


@pytest.fixture
def engine(small: Engine, app: Flask) -> Iterator[Engine]:
    """The firm's engine, with the small process `gasto` as all that is published."""
    small.deploy(gasto.RESOURCES, by=SYSTEM)
    yield small
    with app.app_context():
        spaces().close()


def post(client: FlaskClient, url: str, **values: object) -> TestResponse:
    return client.post(url, data={"csrf_token": token(client, "/estudio"), **values})


def begin(client: FlaskClient, **values: str) -> str:
    """Address of a new trial."""
    answer = post(client, "/estudio/probar", **{**START, **values})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].partition("#")[0]


def do(client: FlaskClient, url: str, deed: str, element: str = "", **values: str) -> TestResponse:
    return post(client, f"{url}/paso", deed=deed, element=element, matter="asunto", number="1", **values)


def fill(client: FlaskClient, url: str, **values: object) -> TestResponse:
    """The form of the first user task that waits."""
    task = re.search(rf'href="({re.escape(url)}/tarea/\w+)"', client.get(url).text)
    assert task is not None
    return post(client, task[1], _terminar="1", **values)


def waits(client: FlaskClient, url: str) -> list[str]:
    """Elements on the cards."""
    cards = re.findall(r'class="card-now.*?</small>', client.get(url).text, re.DOTALL)
    return sorted(re.findall(r"(\w+)</small>", card)[-1] for card in cards)


def opened(app: Flask, url: str) -> Space:
    with app.app_context():
        return spaces().get(url.rpartition("/")[2])


def test_a_way_is_walked_taken_back_and_kept_as_a_scenario_that_passes(
    analyst: FlaskClient, engine: Engine, app: Flask
) -> None:
    url = begin(analyst, variables="monto = 10", stops="si")
    assert waits(analyst, url) == ["ut_pedir"]
    assert fill(analyst, url, _como="lvega", concepto="", monto="1").status_code == 422
    given = {
        "concepto": "Taxi",
        "monto": "120.50",
        "fecha": "2027-01-12",
        "recibo": (io.BytesIO(b"x"), "mi recibo.pdf"),
    }
    assert fill(analyst, url, _como="lvega", **given).status_code == 302
    page = analyst.get(url).text
    assert '<code>10</code></td><td data-label="Ahora"><code>120.5</code>' in page  # old and new
    assert waits(analyst, url) == ["st_apartar"]
    do(analyst, url, "skip", "st_apartar", variables="hay_coincidencias = false")
    do(analyst, url, "time", by="due", due="2027-01-14T15:00:00+00:00")
    assert waits(analyst, url) == []
    assert post(analyst, f"{url}/volver", to="3").status_code == 302
    assert waits(analyst, url) == ["be_tarde", "ut_aprobar"]
    assert fill(analyst, url, _como="hruiz").status_code != 302  # He is no director.
    assert fill(analyst, url, _como="abarrera").status_code == 302
    do(analyst, url, "message", message="msg_recibo", variables='folio = "R1"')
    assert "Terminó" in analyst.get(url).text
    assert post(analyst, f"{url}/guardar", nombre="", archivo="taxi").status_code == 422
    assert post(analyst, f"{url}/guardar", nombre="Un taxi", archivo="taxi").status_code == 302
    kept = analyst.get("/estudio/archivo/scenarios/taxi.yaml/descargar").text
    assert "recibo: {file: mi recibo.pdf}" in kept
    assert "waiting: [be_tarde, ut_aprobar]" in kept
    assert "be_tarde: 2027-01-14 09:00" in kept
    outcome = _played(app, gasto.RESOURCES | {"scenarios/taxi.yaml": kept.encode()})
    assert outcome.passed, outcome.problem
    spoilt = kept.replace("instance: completed", "instance: running")
    assert not _played(app, gasto.RESOURCES | {"scenarios/taxi.yaml": spoilt.encode()}).passed


def test_a_due_time_is_told_from_the_clock_of_the_trial(analyst: FlaskClient, engine: Engine) -> None:
    path = next(path for path in gasto.RESOURCES if path.startswith("bpmn/"))
    given = re.sub(
        rb"(<zeebe:formDefinition)",
        rb'<zeebe:taskSchedule dueDate="2027-01-08T18:00:00-06:00" />\1',
        gasto.RESOURCES[path],
    )
    put(analyst, path, given, revision_of(analyst, path))
    url = begin(analyst, starts="2027-01-06T09:00", variables="monto = 10")
    assert "vie 8 ene, 18:00" in analyst.get(url).text  # For the firm that day is over.


def _played(app: Flask, files: dict[str, bytes]) -> outcomes.Outcome:
    path = "scenarios/taxi.yaml"
    with app.app_context():
        assert suite_run.begin(files, [path], "nrey")
        app.extensions["suite_run"].wait(60)
        return outcomes.known(files)[path]


def test_a_job_stops_fails_is_tried_again_and_throws_an_error_that_the_diagram_catches(
    analyst: FlaskClient, engine: Engine
) -> None:
    url = begin(analyst, stops="si")
    fill(analyst, url, _como="lvega", concepto="Taxi", monto="1")
    assert do(analyst, url, "fail", "st_apartar", error="Sin red.", last="si").status_code == 302
    text = analyst.get(url).text
    assert text.count("<p>Sin red.</p>") == 1  # Of the failure, and not again of the incident that it opened.
    assert "Reintentar" in text
    do(analyst, url, "retry", "st_apartar")
    text = analyst.get(url).text
    assert '<option value="sin_fondos">No alcanza</option>' in text
    assert do(analyst, url, "throw", "st_apartar", code="otra_cosa").status_code == 409
    assert waits(analyst, url) == ["st_apartar"]  # Refused: nothing has changed.
    do(analyst, url, "throw", "st_apartar", code="sin_fondos")
    assert "Terminó" in analyst.get(url).text
    assert 'value="4"' in analyst.get(url).text  # start, form, failure, retry, error: the step refused is none


def test_nothing_of_a_trial_touches_the_firm(analyst: FlaskClient, engine: Engine, app: Flask) -> None:
    engine.adapters = Adapters(engine.files, engine.adapters.imprenta, Smtp.de_url("smtp://127.0.0.1:9"))
    url = begin(analyst)
    secret = b"%PDF-1.4 del expediente de verdad"
    fill(analyst, url, _como="lvega", concepto="Taxi", monto="1", recibo=(io.BytesIO(secret), "real.pdf"))
    trial = opened(app, url)
    assert isinstance(trial.engine.adapters.transporte, Buzon)
    assert trial.settings.smtp_url == trial.settings.pac_url == ""
    assert trial.engine.database.url != engine.database.url
    assert trial.engine.files is not engine.files
    assert len(trial.engine.instances(by=SYSTEM).items) == 1
    assert engine.instances(InstanceQuery(process_key="gasto"), by=SYSTEM).items == ()
    with engine.reading(SYSTEM) as tx:
        assert tx.session.scalars(select(Correo)).all() == []
    everything = [path.read_bytes() for path in app.config["SETTINGS"].var.rglob("*") if path.is_file()]
    assert not any(secret in data for data in everything)
    assert post(analyst, f"{url}/cerrar").status_code == 302
    assert not trial.folder.exists()
    assert analyst.get(url).status_code == 404


def test_two_people_do_not_step_on_each_other(analyst: FlaskClient, engine: Engine, sign_in: SignIn) -> None:
    url = begin(analyst)
    other = sign_in("osanz")
    assert do(other, url, "set", variables="monto = 1", _visto="1").status_code == 302
    late = do(analyst, url, "set", variables="monto = 2", _visto="1")
    assert late.status_code == 409
    assert "Otra persona siguió con esta prueba" in late.text
    assert "<code>1</code>" in late.text


def test_a_draft_with_errors_is_not_tried(analyst: FlaskClient, engine: Engine) -> None:
    path = "bpmn/gasto.bpmn"
    broken = gasto.RESOURCES[path].replace(b'formId="gasto"', b'formId="no_existe"')
    put(analyst, path, broken, revision_of(analyst, path))
    assert "Antes hay que corregir" in analyst.get("/estudio/probar").text
    answer = post(analyst, "/estudio/probar", **START)
    assert answer.status_code == 422
    assert "no_existe" in answer.text


def test_the_same_way_again_with_what_has_been_changed(analyst: FlaskClient, engine: Engine) -> None:
    url = begin(analyst, stops="si")
    fill(analyst, url, _como="lvega", concepto="Taxi", monto="1")
    path = "bpmn/gasto.bpmn"
    changed = gasto.RESOURCES[path].replace(b"Apartar el dinero", b"Reservar el dinero")
    put(analyst, path, changed, revision_of(analyst, path))
    assert "El borrador cambió" in analyst.get(url).text
    again = post(analyst, f"{url}/repetir").headers["Location"]
    text = html.unescape(analyst.get(again).text)
    assert "Reservar el dinero" in text
    assert "El borrador cambió" not in text
    assert analyst.get(url).status_code == 404
    broken = changed.replace(b'formId="gasto"', b'formId="no_existe"')
    put(analyst, path, broken, revision_of(analyst, path))
    assert post(analyst, f"{again}/repetir").headers["Location"] == again  # Nothing is lost by a draft with errors.
    put(
        analyst,
        path,
        changed.replace(b'<bpmn:process id="gasto"', b'<bpmn:process id="otro"'),
        revision_of(analyst, path),
    )
    assert post(analyst, f"{again}/repetir").headers["Location"] == again
    assert waits(analyst, again) == ["st_apartar"]


def test_spaces_are_few_and_old_ones_go(
    analyst: FlaskClient, engine: Engine, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_OF_ONE", 1)
    url = begin(analyst)
    full = post(analyst, "/estudio/probar", **START)
    assert full.status_code == 409
    assert "demasiadas pruebas" in full.text
    with app.app_context():
        spaces().sweep(now=opened(app, url).used + limits.OLDEST.total_seconds() + 60)
        assert spaces().all() == []
    assert begin(analyst)


@pytest.mark.parametrize("name", ["../../etc", "x" * 16, "0" * 15, "%2e%2e"])
def test_an_address_that_is_no_trial_is_not_found(analyst: FlaskClient, engine: Engine, name: str) -> None:
    assert analyst.get(f"/estudio/probar/{name}").status_code == 404


def test_a_step_that_never_ends_is_undone(
    analyst: FlaskClient, engine: Engine, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "MOST_JOBS", 0)
    url = begin(analyst)
    trial = opened(app, url)
    with app.test_request_context(), pytest.raises(walk.TooLong):
        walk.take(
            trial, Step.model_validate({"as": "lvega", "complete": "ut_pedir", "with": {"concepto": "x", "monto": 1}})
        )
    assert len(trial.log.steps) == 1
    assert waits(analyst, url) == ["ut_pedir"]


def test_a_trial_begins_where_a_scenario_ends(analyst: FlaskClient, engine: Engine) -> None:
    text = b"""name: Camino
process: gasto
starts: 2027-01-11 09:00
steps:
  - {start: gasto}
  - {as: lvega, complete: ut_pedir, with: {concepto: Taxi, monto: 1}, hold: [st_apartar]}
"""
    put(analyst, "scenarios/camino.yaml", text, "")
    url = begin(analyst, how="scenario", scenario="scenarios/camino.yaml", until="2", stops="si")
    assert waits(analyst, url) == ["st_apartar"]
    assert begin(analyst, how="scenario", scenario="scenarios/camino.yaml", until="1")
    wrong = post(analyst, "/estudio/probar", **{**START, "how": "scenario", "scenario": "scenarios/nada.yaml"})
    assert wrong.status_code == 422


def test_the_steps_of_a_scenario_are_offered_by_name(analyst: FlaskClient, engine: Engine) -> None:
    text = b"""name: Camino
process: gasto
starts: 2027-01-11 09:00
steps:
  - {start: gasto}
  - {name: Luc\xc3\xada pide el gasto, as: lvega, complete: ut_pedir}
"""
    put(
        analyst,
        "scenarios/a_sin_fin.yaml",
        b"continues: {scenario: a_sin_fin.yaml, until: 1}\nname: A\nprocess: gasto\nsteps: []\n",
        "",
    )
    put(analyst, "scenarios/camino.yaml", text, "")
    assert analyst.get("/estudio/probar").status_code == 200
    page = analyst.get("/estudio/probar?escenario=scenarios/camino.yaml&paso=2").text
    assert '<option value="1">1 · gasto</option>' in page
    assert '<option value="2" selected>2 · lvega · Lucía pide el gasto</option>' in page
    # From the editor of a diagram or form: to just before what it is about.
    for path in (DIAGRAM, "forms/gasto.form"):
        led = analyst.get(f"/estudio/probar?desde={path}").text
        assert 'value="scenario" checked' in led, path
        assert '<option value="1" selected>1 · gasto</option>' in led
    assert f'href="/estudio/probar?desde={DIAGRAM}"' in analyst.get(f"/estudio/archivo/{DIAGRAM}").text
    first = page[page.index('id="start"') :].partition("<button")[2].partition(">")[0]
    assert "name=" not in first, "the enter key must begin the trial"
    # Without a script a button brings them, and a step of the list that stood there is not taken for these.
    asked = {**START, "how": "scenario", "scenario": "scenarios/camino.yaml", "until": "2"}
    shown = post(analyst, "/estudio/probar", **asked, steps_of="scenarios/a_sin_fin.yaml", _pasos="si")
    assert (shown.status_code, "Lucía pide el gasto" in shown.text) == (200, True)
    wrong = post(analyst, "/estudio/probar", **asked, steps_of="scenarios/a_sin_fin.yaml")
    assert (wrong.status_code, "Ese paso era de otro escenario" in wrong.text) == (422, True)


def test_a_process_that_people_start_begins_with_its_form(analyst: FlaskClient, engine: Engine) -> None:
    """The template that ships: it is asked for by one, and sent back by another."""
    engine.deploy(load_folder(ROOT / "processes" / "solicitud_con_aprobacion"), by=SYSTEM)
    answer = post(
        analyst, "/estudio/probar", how="action:tramites.nuevo:solicitud_con_aprobacion", starts=START["starts"]
    )
    form = answer.headers["Location"]
    assert "Actuar como" in analyst.get(form).text
    assert post(analyst, form, _terminar="1", _como="dpaz").status_code == 422
    assert "Ejemplo de" in post(analyst, form, _ejemplo="1").text
    url = form.partition("/accion/")[0]
    assert post(analyst, form, _terminar="1", _como="dpaz", que_se_pide="Un monitor").status_code == 302
    assert waits(analyst, url) == ["ut_aprobar"]
    assert fill(analyst, url, _como="hruiz", decision="devolver", comentarios="¿Cuál?").status_code == 302
    assert waits(analyst, url) == ["ut_corregir"]
    assert "Diego Paz" in analyst.get(url).text


def test_of_several_at_one_element_each_does_their_own(analyst: FlaskClient, engine: Engine, app: Flask) -> None:
    path = "bpmn/gasto.bpmn"
    several = gasto.RESOURCES[path].replace(
        b'candidateGroups="direccion"/>\n      </bpmn:extensionElements>',
        b"""assignee="=quien"/></bpmn:extensionElements>
        <bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>
        <zeebe:loopCharacteristics inputCollection="=[&quot;sluna&quot;, &quot;dpaz&quot;]" inputElement="quien"/>
        </bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>""",
    )
    put(analyst, path, several, revision_of(analyst, path))
    url = begin(analyst)
    do(analyst, url, "skip", "ut_pedir")
    do(analyst, url, "skip", "st_apartar")
    tasks = re.findall(rf'href="({re.escape(url)}/tarea/\w+)".*?como ([\w ]+)', analyst.get(url).text, re.DOTALL)
    second = next(address for address, who in tasks if who.startswith("Diego"))
    assert post(analyst, second, _terminar="1", _como="sluna").status_code in (403, 404, 409)
    assert post(analyst, second, _terminar="1", _como="dpaz").status_code == 302
    assert "Sofía Luna" in analyst.get(url).text
    post(analyst, f"{url}/guardar", nombre="Un taxi", archivo="")
    kept = analyst.get("/estudio/archivo/scenarios/un_taxi.yaml/descargar").data
    outcome = _played(app, {**gasto.RESOURCES, path: several, "scenarios/taxi.yaml": kept})
    assert outcome.passed, outcome.problem
