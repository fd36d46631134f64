"""Forms of the draft are drawn by the pages' own renderer, and say where their keys are used."""

from __future__ import annotations

import pathlib

from flask import Flask
from flask.testing import FlaskClient

from engine import Engine, load_folder
from tests.web.studio_draft import analyst, engine, post, put, revision_of
from tests.web.two_steps import RESOURCES
from web.studio.forms import uses

__all__ = ["analyst", "engine"]

FORM = "forms/anotar.form"
PROCESS = pathlib.Path(__file__).parents[2] / "processes" / "procedimiento_legal"
PREVIEW = f"/estudio/formulario/{FORM}/vista"


def test_the_preview_shows_the_draft_and_hides_what_the_form_hides(analyst: FlaskClient) -> None:
    changed = RESOURCES[FORM].replace("Título".encode(), b"Encabezado").replace(b"T\\u00edtulo", b"Encabezado")
    put(analyst, FORM, changed, revision_of(analyst, FORM))
    text = analyst.get(PREVIEW).text
    assert "Encabezado" in text
    assert "Motivo de la urgencia" not in text
    assert "Motivo de la urgencia" in post(analyst, PREVIEW, urge="si", **{"urge._shown": "1"}).text


def test_the_preview_judges_what_is_typed_and_says_what_the_form_gives(analyst: FlaskClient) -> None:
    assert 'aria-invalid="true"' in post(analyst, PREVIEW, titulo="", _probar="1").text
    given = post(analyst, PREVIEW, titulo="Hola", urge="no", _probar="1").text
    assert "<code>titulo</code>: Hola" in given


def test_a_form_that_cannot_be_shown_says_why(analyst: FlaskClient) -> None:
    put(analyst, FORM, RESOURCES[FORM].replace(b'"textfield"', b'"iframe"'), revision_of(analyst, FORM))
    assert "todavía no se puede mostrar" in analyst.get(PREVIEW).text


def test_the_editor_says_which_user_task_shows_the_form(analyst: FlaskClient, engine: Engine) -> None:
    text = analyst.get(f"/estudio/archivo/{FORM}").text
    assert "Anotar lo que pasó" in text
    assert "sus valores pasan a ser variables" in text


def test_other_files_have_no_preview_as_a_form(analyst: FlaskClient, engine: Engine) -> None:
    assert analyst.get("/estudio/formulario/bpmn/two_steps.bpmn/vista").status_code == 404


def test_who_reads_each_key_is_said(app: Flask) -> None:
    with app.app_context():
        keys = uses("forms/autorizar_cierre.form", load_folder(PROCESS))["keys"]
    reads = {one["key"]: one["readers"] for one in keys}
    assert {"handler": "cierre.autorizar", "how": "needs"} in reads["decision"]
    assert {"handler": "cierre.autorizar", "how": "reads"} in reads["motivo"]
