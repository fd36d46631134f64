"""The optional second step of signing in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import password_of, token

SignIn = Callable[..., FlaskClient]
PAGE = "/cuenta/segundo-paso"


def turn_on(client: FlaskClient) -> pyotp.TOTP:
    """The authenticator app of this person, after scanning what the page shows."""
    text = client.get(PAGE).text
    assert "<svg" in text
    app = pyotp.TOTP(re.search(r"<code>(\w{32})</code>", text)[1])
    wrong = client.post(PAGE, data={"csrf_token": token(client, PAGE), "codigo": "000000"})
    assert wrong.status_code == 422
    client.post(PAGE, data={"csrf_token": token(client, PAGE), "codigo": app.now()})
    assert "Activo" in client.get(PAGE).text
    return app


def password(app: Flask, usuario: str, page: str = "/entrar") -> FlaskClient:
    client = app.test_client()
    form = {"usuario": usuario, "password": password_of(usuario), "csrf_token": token(client, page)}
    assert client.post(page, data=form).location == "/entrar/codigo"
    return client


def test_the_password_alone_no_longer_opens_anything(app: Flask, sign_in: SignIn) -> None:
    turn_on(sign_in("hruiz"))
    client = password(app, "hruiz")
    assert client.get("/bandeja").status_code == 302


def test_a_right_code_opens_once(app: Flask, sign_in: SignIn) -> None:
    codes = turn_on(sign_in("hruiz"))
    code = codes.at(time.time())
    for expected in (302, 422):
        client = password(app, "hruiz")
        answer = client.post("/entrar/codigo", data={"csrf_token": token(client, "/entrar/codigo"), "codigo": code})
        assert answer.status_code == expected
    assert "ya se usó" in answer.text


def test_a_wrong_code_does_not_open(app: Flask, sign_in: SignIn) -> None:
    turn_on(sign_in("hruiz"))
    client = password(app, "hruiz")
    client.post("/entrar/codigo", data={"csrf_token": token(client, "/entrar/codigo"), "codigo": "123456"})
    assert client.get("/bandeja").status_code == 302


def test_without_the_password_there_is_no_question_for_a_code(app: Flask, sign_in: SignIn) -> None:
    turn_on(sign_in("hruiz"))
    assert app.test_client().get("/entrar/codigo").location == "/entrar"


def test_the_page_that_was_wanted_comes_after_the_code_but_never_a_foreign_one(app: Flask, sign_in: SignIn) -> None:
    codes = turn_on(sign_in("hruiz"))
    client = app.test_client()
    form = {"usuario": "hruiz", "password": password_of("hruiz"), "csrf_token": token(client)}
    assert client.post("/entrar", data={**form, "next": "//example.com/"}).location is None
    assert client.post("/entrar", data={**form, "next": "/asuntos"}).location == "/entrar/codigo"
    data = {"csrf_token": token(client, "/entrar/codigo"), "codigo": codes.now()}
    assert client.post("/entrar/codigo", data=data).location == "/asuntos"


def test_a_new_password_from_the_administrator_turns_it_off(app: Flask, sign_in: SignIn) -> None:
    turn_on(sign_in("hruiz"))
    admin = sign_in("admin")
    admin.post("/personas/hruiz/clave", data={"csrf_token": token(admin, "/personas/hruiz")})
    found = re.search(r"([a-z0-9]{4}-){3}[a-z0-9]{4}", admin.get("/personas").text)
    sign_in("hruiz", found[0])
