"""Who may open what: every page for every group, and matters that are somebody else's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import KEY
from web import permissions

SignIn = Callable[..., FlaskClient]

PEOPLE = ("lvega", "hruiz", "abarrera", "msoto", "sluna", "knieto", "admin")
PAGES = {
    "/bandeja": PEOPLE,
    "/asuntos": PEOPLE,
    "/correos": PEOPLE,
    "/cartera": ("msoto", "abarrera"),
    "/personas": ("admin", "abarrera"),
    "/personas/nueva": ("admin", "abarrera"),
    "/nuevo-contacto": ("lvega", "hruiz", "abarrera"),
    f"/asuntos/{KEY}": ("lvega", "hruiz", "abarrera", "msoto", "sluna", "admin"),
    f"/asuntos/{KEY}/historia": ("hruiz", "abarrera", "sluna", "admin"),
    f"/asuntos/{KEY}/diagrama": ("hruiz", "abarrera", "sluna", "admin"),
    f"/asuntos/{KEY}/documentos": ("hruiz", "abarrera", "sluna"),
    f"/asuntos/{KEY}/dinero": ("hruiz", "abarrera", "msoto"),
    f"/asuntos/{KEY}/plazos": ("hruiz", "abarrera", "sluna"),
    f"/asuntos/{KEY}/correos": ("hruiz", "abarrera", "sluna"),
}
"""Page → who may open it. After the acceptance Ventas keeps the contact, Cobranza sees money only (§5.5)."""


def test_every_view_says_who_may_open_it(app: Flask) -> None:
    for endpoint in app.view_functions:
        assert permissions.rule_of(app, endpoint) is not None


def test_a_view_that_does_not_say_it_is_refused_at_start(app: Flask) -> None:
    app.view_functions["forgotten"] = lambda: ""
    with pytest.raises(RuntimeError, match="forgotten"):
        permissions.check_declared(app)


@pytest.mark.parametrize("usuario", PEOPLE)
def test_each_person_opens_exactly_their_pages(busy: SignIn, usuario: str) -> None:
    client = busy(usuario)
    opened = {path for path in PAGES if client.get(path).status_code == 200}
    assert opened == {path for path, people in PAGES.items() if usuario in people}


def test_a_matter_that_is_somebody_elses_is_not_there(busy: SignIn) -> None:
    assert busy("knieto").get(f"/asuntos/{KEY}").status_code == 404
    assert f"/asuntos/{KEY}" not in busy("knieto").get("/asuntos").text


def test_who_repairs_processes_does_not_learn_whose_they_are(busy: SignIn) -> None:
    text = busy("admin").get(f"/asuntos/{KEY}").text
    assert "María Fernanda" not in text
    assert "mflopez@ejemplo.mx" not in text


def test_nobody_sees_anything_without_signing_in(busy_app: Flask) -> None:
    client = busy_app.test_client()
    for rule in busy_app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()):
            continue
        if busy_app.view_functions[rule.endpoint].__dict__.get("open_to") == permissions.EVERYBODY:
            continue
        if rule.endpoint.startswith("security."):
            continue
        assert client.get(rule.rule).status_code == 302, rule.rule
