"""Publishing the draft: by publishers only, exactly what was seen, never with errors; scenarios say how it would go."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Engine
from engine.definitions import bundle_id
from engine.errors import NotFound
from tasks import ajustes
from tests.web.studio_draft import SignIn, analyst, engine, post, put, revision_of
from tests.web.two_steps import RESOURCES

__all__ = ["analyst", "engine"]

FORM = next(path for path in RESOURCES if path.startswith("forms/"))
DIAGRAM = next(path for path in RESOURCES if path.startswith("bpmn/"))
RENAMED = RESOURCES[DIAGRAM].replace(b"Revisar lo anotado", b"Dar el visto bueno")


@pytest.fixture
def publisher(engine: Engine, sign_in: SignIn) -> FlaskClient:
    return sign_in("osanz")


def seen(client: FlaskClient) -> str:
    found = re.search(r'name="borrador" value="(\w+)"', client.get("/estudio/publicar").text)
    assert found is not None
    return found[1]


def test_an_analyst_sees_the_page_and_may_not_publish(analyst: FlaskClient) -> None:
    assert 'name="borrador"' not in analyst.get("/estudio/publicar").text
    assert post(analyst, "/estudio/publicar", nombre="x", borrador="y").status_code == 403


def test_what_is_published_is_the_draft_and_the_draft_is_then_clean(publisher: FlaskClient, engine: Engine) -> None:
    put(publisher, DIAGRAM, RENAMED, revision_of(publisher, DIAGRAM))
    page = publisher.get("/estudio/publicar").text
    assert "Dar el visto bueno" in page
    assert "<del>Revisar lo anotado</del> → <ins>Dar el visto bueno</ins>" in page
    answer = post(publisher, "/estudio/publicar", nombre="Visto bueno", nota="Lo pidió Ana.", borrador=seen(publisher))
    assert answer.status_code == 302, answer.text
    assert engine.resources(by=SYSTEM)[DIAGRAM] == RENAMED
    assert engine.deployments(by=SYSTEM)[0].deployed_by == "osanz"
    assert "El borrador es igual a lo publicado" in publisher.get("/estudio").text
    assert "Lo pidió Ana." in publisher.get("/estudio/versiones").text
    assert "Nada impide publicar" in publisher.get("/estudio/publicar").text


def test_a_draft_that_changed_after_it_was_seen_is_not_published(
    publisher: FlaskClient, analyst: FlaskClient, engine: Engine
) -> None:
    put(analyst, DIAGRAM, RENAMED.replace(b"visto", b"Visto"), revision_of(analyst, DIAGRAM))
    before = seen(publisher)
    put(analyst, DIAGRAM, RENAMED, revision_of(analyst, DIAGRAM))
    assert post(publisher, "/estudio/publicar", nombre="x", borrador=before).status_code == 409
    assert engine.resources(by=SYSTEM)[DIAGRAM] == RESOURCES[DIAGRAM]


def test_a_draft_with_errors_is_not_published(publisher: FlaskClient, engine: Engine) -> None:
    broken = RESOURCES[DIAGRAM].replace(b'formId="anotar"', b'formId="no_existe"')
    put(publisher, DIAGRAM, broken, revision_of(publisher, DIAGRAM))
    answer = post(publisher, "/estudio/publicar", nombre="x", borrador=seen(publisher))
    assert answer.status_code == 422
    assert "unknown-form" in answer.text
    assert len(engine.deployments(by=SYSTEM)) == len({one.id for one in engine.deployments(by=SYSTEM)})
    assert engine.resources(by=SYSTEM)[DIAGRAM] == RESOURCES[DIAGRAM]


def test_the_page_counts_the_instances_that_stand_on_a_changed_element(publisher: FlaskClient, engine: Engine) -> None:
    for number in (1, 2):
        engine.start("two_steps", f"PRO-2027-000{number}", by=SYSTEM)
    changed = RESOURCES[DIAGRAM].replace("Anotar lo que pasó".encode(), b"Apuntar")
    put(publisher, DIAGRAM, changed, revision_of(publisher, DIAGRAM))
    row = publisher.get("/estudio/publicar").text.split("Apuntar", 1)[1].split("</tr>", 1)[0]
    assert 'class="number">2<' in row


def test_with_four_eyes_nobody_publishes_what_they_changed(
    publisher: FlaskClient, analyst: FlaskClient, engine: Engine
) -> None:
    put(publisher, DIAGRAM, RENAMED, revision_of(publisher, DIAGRAM))
    before = seen(publisher)
    with engine.transaction(SYSTEM) as tx:
        ajustes.guardar(tx, {"cuatro_ojos_publicar": True})
    assert "cuatro ojos" in publisher.get("/estudio/publicar").text
    refused = post(publisher, "/estudio/publicar", nombre="x", borrador=before)
    assert refused.status_code == 403
    assert engine.resources(by=SYSTEM)[DIAGRAM] == RESOURCES[DIAGRAM]
    # That somebody else changed another file last makes nobody look at this one.
    changed = RESOURCES[FORM] + b" "
    put(analyst, FORM, changed, revision_of(analyst, FORM))
    refused = post(
        publisher, "/estudio/publicar", nombre="x", borrador=bundle_id({**RESOURCES, DIAGRAM: RENAMED, FORM: changed})
    )
    assert refused.status_code == 403
    put(analyst, DIAGRAM, RENAMED.replace(b"visto", b"Visto"), revision_of(analyst, DIAGRAM))
    assert post(publisher, "/estudio/publicar", nombre="x", borrador=seen(publisher)).status_code == 302


def test_a_scenario_is_played_on_the_draft_and_not_on_what_is_published(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("admin")
    post(client, "/estudio/nuevo", tipo="scenario", nombre="contacto")
    assert _played(app, client, "scenarios/contacto.yaml") == "Pasa"
    page = client.get("/estudio/publicar").text
    assert "1. Contacto inicial" in page.split("Flujos por diagrama", 1)[1]
    path = "bpmn/01_contacto_inicial.bpmn"
    data = client.get(f"/estudio/archivo/{path}/descargar").data
    assert put(client, path, data.replace(b'isExecutable="true"', b'isExecutable="false"'), revision_of(client, path))
    assert _played(app, client, "scenarios/contacto.yaml") == ""
    assert "No se pudieron correr todos" in client.get("/estudio/escenarios").text


def test_a_scenario_reads_no_file_outside_of_its_folder(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("admin")
    post(client, "/estudio/nuevo", tipo="scenario", nombre="malo")
    path = "scenarios/malo.yaml"
    text = b"name: x\nprocess: p\nsteps: [{at: 2027-01-11 10:00}]\ncontinues: {scenario: ../../etc/passwd, until: 1}\n"
    assert put(client, path, text, revision_of(client, path)).status_code == 200
    assert _played(app, client, path) == "Falla"
    assert "misma carpeta" in client.get("/estudio/publicar").text


def _played(app: Flask, client: FlaskClient, path: str) -> str:
    """What the page that publishes says of a scenario after it was run from there."""
    answer = post(client, "/estudio/escenarios/correr", cuales=path, desde="publicar")
    assert answer.location.startswith("/estudio/publicar")
    app.extensions["suite_run"].wait(60)
    row = client.get("/estudio/publicar").text.split(f"/estudio/archivo/{path}", 1)[1].split("</li>", 1)[0]
    return next((word for word in ("Pasa", "Falla") if word in row), "")


def test_a_restart_of_the_demo_leaves_in_force_what_was_published_in_the_studio(
    publisher: FlaskClient, engine: Engine, app: Flask
) -> None:
    from web import seed

    put(publisher, DIAGRAM, RENAMED, revision_of(publisher, DIAGRAM))
    post(publisher, "/estudio/publicar", nombre="Otra", borrador=seen(publisher))
    seed.publish(engine, app.config["SETTINGS"].processes)
    assert engine.resources(by=SYSTEM)[DIAGRAM] == RENAMED
    with pytest.raises(NotFound):
        engine.resources("0" * 64, by=SYSTEM)
