"""What every page does for people without mouse or sight, read from the templates and the pages themselves.

axe judges the drawn pages in tests/e2e/test_pages.py; here is what it does not ask.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

import web
from engine import SYSTEM, Engine
from tests.web.conftest import token
from tests.web.two_steps import RESOURCES
from web import languages

SignIn = Callable[[str], FlaskClient]
TEMPLATES = sorted((pathlib.Path(web.__file__).parent / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_tables_frames_and_pictures_have_a_name(path: pathlib.Path) -> None:
    text = path.read_text()
    for tag in re.finditer(r"<table\b[^>]*>(?P<next>\s*<caption)?", text):
        assert tag["next"] or "aria-label" in tag[0], f"a table without a caption: {tag[0]}"
    for tag in re.finditer(r"<iframe\b[^>]*>", text):
        assert "title=" in tag[0], tag[0]
    for tag in re.finditer(r"<img\b[^>]*>", text):
        assert "alt=" in tag[0], tag[0]


@pytest.fixture
def instance(app: Flask) -> str:
    """The page of an instance in the cockpit."""
    engine: Engine = app.extensions["engine"]
    engine.deploy(RESOURCES, by=SYSTEM)
    return f"/operacion/instancias/{engine.start('two_steps', 'PRO-2027-0001', by=SYSTEM).id}"


def title(client: FlaskClient, path: str) -> str:
    (found,) = re.findall("<title>(.*?) · [^·]*</title>", client.get(path).text)
    return str(found)


def test_the_title_says_which_part_of_a_page_is_open(sign_in: SignIn, instance: str) -> None:
    client = sign_in("admin")
    parts = ["/operacion/", "/operacion/asuntos", "/operacion/fallas", "/operacion/trabajos", "/operacion/migrar"]
    pages = [*parts, *(instance + part for part in ("", "/variables", "/historia", "/trabajos", "/diagrama"))]
    titles = [title(client, page) for page in pages]
    assert len(set(titles)) == len(titles), titles
    assert titles[2] == "Fallas · Operación"
    assert '<h1>Operación<span class="hide-visually">: Fallas</span></h1>' in client.get(parts[2]).text
    assert title(client, "/estudio?espacio=two_steps") == "Dos pasos · Estudio"
    staff = sign_in("lvega")
    assert title(staff, "/bandeja?vista=vencidas") == "Vencidas · Bandeja"
    assert title(staff, "/asuntos?q=lopez").startswith("«lopez» · ")


def test_a_deed_of_an_operator_begins_where_the_answer_is(sign_in: SignIn, instance: str) -> None:
    """What is wrong, and what will change, are told by the title and take the focus; hints belong to their field."""
    client, path = sign_in("admin"), f"{instance}/hacer/variables"
    sent = {"csrf_token": token(client, path), "variables": "", "reason": "", "en": ""}
    refused = client.post(path, data=sent).text
    assert "<title>Por corregir: Cambiar variables" in refused
    assert 'aria-describedby="variables-hint variables-error"' in refused
    looked = client.post(path, data={**sent, "variables": "monto = 1", "reason": "Faltaba"}).text
    assert "<title>Esto cambiará: Cambiar variables" in looked
    (first,) = re.findall(r"<section[^>]* autofocus[^>]*>", looked)
    assert 'aria-labelledby="cambiara"' in first


def test_a_page_without_english_is_read_aloud_as_spanish(sign_in: SignIn, instance: str) -> None:
    client = sign_in("admin")
    assert 'tabindex="-1" lang="es"' not in client.get(instance).text
    client.set_cookie(languages.COOKIE, "en")
    page = client.get(instance).text
    assert '<html lang="en">' in page
    assert '<main id="contenido" tabindex="-1" lang="es">' in page
    assert '<main id="contenido" tabindex="-1">' in client.get("/bandeja").text
    assert set(client.application.blueprints) >= languages.IN_BOTH


def test_clients_need_not_type_what_their_browser_knows_of_them(busy_app: Flask, busy: SignIn) -> None:
    """Of themselves (WCAG 1.3.5); what staff write is somebody else's."""
    purposes = re.compile(r'name="(nombre|correo|telefono)"[^>]* autocomplete="([a-z]+)"')
    public = busy_app.test_client().get("/contacto").text
    assert dict(purposes.findall(public)) == {"nombre": "name", "correo": "email", "telefono": "tel"}
    assert not purposes.findall(busy("lvega").get("/nuevo-contacto").text)
