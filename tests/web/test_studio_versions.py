"""Versions: name and note, what is different between any two and for how many, and bringing one back."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask.testing import FlaskClient

from engine import SYSTEM, Engine
from tests.web.studio_draft import SignIn, analyst, engine, post, put, revision_of
from tests.web.two_steps import RESOURCES

__all__ = ["analyst", "engine"]

DIAGRAM = next(path for path in RESOURCES if path.startswith("bpmn/"))
FORM = "forms/anotar.form"
RENAMED = RESOURCES[DIAGRAM].replace(b"Revisar lo anotado", b"Dar el visto bueno")


@pytest.fixture
def second(engine: Engine) -> str:
    """A second version, published; answers the id of the first."""
    first = engine.deployments(by=SYSTEM)[0].id
    engine.start("two_steps", "PRO-2027-0001", by=SYSTEM)
    engine.deploy({**RESOURCES, DIAGRAM: RENAMED.replace(b'name="Anotar', b'name="Apuntar')}, name="segunda", by=SYSTEM)
    return first


def test_any_two_versions_are_compared_with_how_many_stand_there(analyst: FlaskClient, second: str) -> None:
    text = analyst.get(f"/estudio/diferencias?de={second}&a=publicado").text
    assert "<del>Revisar lo anotado</del> → <ins>Dar el visto bueno</ins>" in text
    row = text.split("Apuntar lo que pasó", 1)[1].split("</tr>", 1)[0]
    assert 'class="number">1<' in row
    shown = analyst.get(f"/estudio/diferencias/{DIAGRAM}?de={second}&a=publicado").text
    assert '"ut_revisar": "changed"' in shown
    assert '"standing": {"ut_anotar": 1}' in shown
    assert "Son iguales" in analyst.get(f"/estudio/diferencias?de={second}&a={second}").text
    assert analyst.get("/estudio/diferencias?de=nada&a=borrador").status_code == 404
    assert analyst.get("/estudio/diferencias/bpmn/nada.bpmn").status_code == 404


def test_a_form_says_which_fields_differ_and_how_many_have_it_before_them(analyst: FlaskClient, engine: Engine) -> None:
    engine.start("two_steps", "PRO-2027-0001", by=SYSTEM)
    changed = RESOURCES[FORM].replace(b"Motivo de la urgencia", "¿Por qué urge?".encode())
    assert changed != RESOURCES[FORM]
    put(analyst, FORM, changed, revision_of(analyst, FORM))
    text = analyst.get(f"/estudio/diferencias/{FORM}").text
    assert "<del>Motivo de la urgencia</del> → <ins>¿Por qué urge?</ins>" in text
    assert 'class="number">1<' in text.split("Dónde se usa", 1)[1].split("</tbody>", 1)[0]


def test_a_version_gets_a_name_and_a_note_from_a_publisher(analyst: FlaskClient, second: str, sign_in: SignIn) -> None:
    url = f"/estudio/versiones/{second}"
    assert post(analyst, f"{url}/nombre", nombre="x").status_code == 403
    publisher = sign_in("osanz")
    assert post(publisher, f"{url}/nombre", nombre=" ").status_code == 422
    post(publisher, f"{url}/nombre", nombre="La de enero", nota="Antes del cambio.")
    listed = publisher.get("/estudio/versiones").text
    assert "La de enero" in listed
    assert "Antes del cambio." in listed
    assert "1 corre con esta versión." in publisher.get(url).text


def test_an_earlier_version_comes_back_into_the_draft_and_not_into_force(
    analyst: FlaskClient, second: str, engine: Engine
) -> None:
    assert post(analyst, f"/estudio/versiones/{second}/restaurar").status_code == 302
    assert analyst.get(f"/estudio/archivo/{DIAGRAM}/descargar").data == RESOURCES[DIAGRAM]
    assert engine.resources(by=SYSTEM)[DIAGRAM] != RESOURCES[DIAGRAM]


def test_changes_that_nobody_published_are_lost_only_when_it_is_said(analyst: FlaskClient, second: str) -> None:
    put(analyst, DIAGRAM, RENAMED, revision_of(analyst, DIAGRAM))
    url = f"/estudio/versiones/{second}/restaurar"
    assert post(analyst, url).status_code == 409
    assert analyst.get(f"/estudio/archivo/{DIAGRAM}/descargar").data == RENAMED
    assert post(analyst, url, perder="si").status_code == 302
    assert analyst.get(f"/estudio/archivo/{DIAGRAM}/descargar").data == RESOURCES[DIAGRAM]


def test_a_version_is_exported_whole(analyst: FlaskClient, second: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(analyst.get(f"/estudio/versiones/{second}/exportar.zip").data))
    assert {name: archive.read(name) for name in archive.namelist()} == RESOURCES
