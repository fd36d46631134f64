"""A workspace for each process: its files, those that it shares, and publishing it without the others' changes."""

from __future__ import annotations

import io
import re
import threading
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Engine
from engine.definitions import load_folder
from tests.conftest import ROOT
from tests.web import gasto
from tests.web.studio_draft import SignIn, analyst, engine, post, put, revision_of
from tests.web.two_steps import RESOURCES
from web.studio import starters
from web.studio.workspaces import workspaces

__all__ = ["analyst", "engine"]

TWO = next(path for path in RESOURCES if path.startswith("bpmn/"))
GASTO = next(path for path in gasto.RESOURCES if path.startswith("bpmn/"))
RENAMED = RESOURCES[TWO].replace(b"Revisar lo anotado", b"Dar el visto bueno")


@pytest.fixture
def publisher(engine: Engine, sign_in: SignIn) -> FlaskClient:
    """Two processes published; that of expenses is broken in the draft, the other one changed."""
    engine.deploy(RESOURCES | gasto.RESOURCES, by=SYSTEM)
    client = sign_in("osanz")
    put(client, TWO, RENAMED, revision_of(client, TWO))
    broken = re.sub(rb'formId="\w+"', b'formId="no_existe"', gasto.RESOURCES[GASTO])
    put(client, GASTO, broken, revision_of(client, GASTO))
    return client


def test_a_process_is_published_without_the_unfinished_changes_of_another(
    publisher: FlaskClient, engine: Engine
) -> None:
    assert "impide" in publisher.get("/estudio/publicar").text
    assert 'href="/estudio/probar?espacio=two_steps"' in publisher.get("/estudio/probar").text
    assert "Empezar una prueba" in publisher.get("/estudio/probar?espacio=two_steps").text
    page = publisher.get("/estudio/publicar?espacio=two_steps").text
    assert "Nada impide publicar" in page
    assert "Queda en el borrador 1 cambio de otros procesos" in page
    seen = re.search(r'name="borrador" value="(\w+)"', page)
    assert seen is not None
    answer = post(publisher, "/estudio/publicar?espacio=two_steps", nombre="Visto bueno", borrador=seen[1])
    assert answer.status_code == 302, answer.text
    published = engine.resources(by=SYSTEM)
    assert published[TWO] == RENAMED
    assert published[GASTO] == gasto.RESOURCES[GASTO]
    left = publisher.get("/estudio").text.split('id="cambios"', 1)[1]
    assert GASTO in left
    assert TWO not in left


def test_the_tree_of_a_workspace_holds_what_the_process_uses_and_its_links_stay_there(publisher: FlaskClient) -> None:
    everything = publisher.get("/estudio").text
    assert 'href="/estudio?espacio=gasto"' in everything
    tree = publisher.get("/estudio?espacio=gasto").text
    assert f"/estudio/archivo/{GASTO}?espacio=gasto" in tree
    assert TWO not in tree
    assert 'href="/estudio/publicar?espacio=gasto"' in tree
    assert 'name="espacio" value="gasto"' in publisher.get("/estudio/versiones?espacio=gasto").text
    # The main menu leads out of it.
    assert 'href="/estudio"' in tree
    with zipfile.ZipFile(io.BytesIO(publisher.get("/estudio/exportar.zip?espacio=gasto").data)) as packed:
        assert GASTO in packed.namelist()
        assert TWO not in packed.namelist()
    assert publisher.get("/estudio?espacio=nada").status_code == 404


def test_a_file_of_several_processes_is_shared_and_what_a_handler_sends_is_found(app: Flask) -> None:
    files = load_folder(ROOT / "processes" / "procedimiento_legal")
    found = workspaces(app.extensions["engine"], files)
    assert list(found.by_key)[-1] == "seguimiento_pagos"
    main = found.by_key["p00_procedimiento_legal"]
    assert {"bpmn/05_propuesta_servicios.bpmn", "dmn/reunion_equipo.dmn", "mail/cor_06_propuesta.j2"} <= main.paths
    assert {one.key for one in found.users("forms/datos_fiscales.form")} == {"cancelacion", "p00_procedimiento_legal"}
    assert found.users("mail/cor_07_vencido.j2") == [found.by_key["seguimiento_pagos"]]
    assert "mail/cor_07_vencido.j2" in found.foreign("cancelacion", files)
    assert "forms/nuevo_plazo.form" not in found.foreign("cancelacion", files)  # No diagram names it: everybody's.


def test_of_two_publications_at_the_same_moment_neither_takes_the_other_back(
    publisher: FlaskClient, engine: Engine, sign_in: SignIn
) -> None:
    renamed = gasto.RESOURCES[GASTO].replace(b"Aprobar el gasto", b"Autorizar el gasto")
    put(publisher, GASTO, renamed, revision_of(publisher, GASTO))
    asked = []
    for key, client in (("two_steps", publisher), ("gasto", sign_in("osanz"))):
        page = client.get(f"/estudio/publicar?espacio={key}").text
        form = dict(re.findall(r'name="(csrf_token|borrador)" value="([^"]+)"', page))
        asked.append((client, f"/estudio/publicar?espacio={key}", {"nombre": key, **form}))
    barrier, answers = threading.Barrier(2), list[int]()

    def publish(client: FlaskClient, url: str, form: dict[str, str]) -> None:
        barrier.wait()
        answers.append(client.post(url, data=form).status_code)

    threads = [threading.Thread(target=publish, args=one) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409]
    published = engine.resources(by=SYSTEM)
    assert (published[TWO] == RENAMED) != (published[GASTO] == renamed)


def test_a_diagram_that_does_not_run_yet_is_in_the_way_of_no_other_process(publisher: FlaskClient) -> None:
    path = "bpmn/traido.bpmn"
    data = starters.diagram("traido.bpmn").replace('isExecutable="true"', 'isExecutable="false"').encode()
    upload = {"archivos": (io.BytesIO(data), "traido.bpmn")}
    answer = post(publisher, "/estudio/importar?espacio=two_steps", **upload)
    assert answer.headers["Location"] == f"/estudio/archivo/{path}?espacio=traido"
    assert "Es un proceso aparte" in publisher.get(answer.headers["Location"]).text
    other = publisher.get("/estudio/publicar?espacio=two_steps").text
    assert "Nada impide publicar" in other
    assert path not in other
    assert path in publisher.get("/estudio/publicar?espacio=traido").text
    trials = publisher.get("/estudio/probar").text
    assert "/estudio/probar?espacio=two_steps" in trials
    assert "/estudio/probar?espacio=traido" not in trials
