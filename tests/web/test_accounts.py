"""Signing in and out, and what nobody may see without."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password

from tests.web.conftest import token
from web import accounts

SignIn = Callable[[str], FlaskClient]


def test_a_person_signs_in_and_sees_the_inbox(sign_in: SignIn) -> None:
    page = sign_in("lvega").get("/bandeja")
    assert page.status_code == 200
    assert "Laura Vega" in page.text


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(app: Flask) -> None:
    client = app.test_client()
    answers = [
        client.post("/entrar", data={"usuario": name, "password": "no es esta", "csrf_token": token(client)}).text
        for name in ("lvega", "nadie")
    ]
    assert all("El usuario o la contraseña no son correctos." in text for text in answers)
    without_token = [
        re.sub(r'value="[^"]{60,}"|<section class="panel demo-accounts".*?</section>', "", text, flags=re.DOTALL)
        for text in answers
    ]
    assert without_token[0].replace("lvega", "nadie") == without_token[1]


def test_without_signing_in_pages_lead_to_the_sign_in_page_and_back(app: Flask) -> None:
    answer = app.test_client().get("/bandeja?vista=hoy")
    assert answer.status_code == 302
    assert answer.location == "/entrar?next=/bandeja?vista%3Dhoy"


def test_guessing_is_slowed_down(app: Flask) -> None:
    client = app.test_client()
    form = {"usuario": "lvega", "password": "no es esta", "csrf_token": token(client)}
    for _ in range(5):
        assert "no son correctos" in client.post("/entrar", data=form).text
    assert "Demasiados intentos" in client.post("/entrar", data=form).text


def test_signing_out_ends_the_session_and_only_by_post(sign_in: SignIn) -> None:
    client = sign_in("hruiz")
    assert client.get("/salir").status_code == 405
    client.post("/salir", data={"csrf_token": token(client, "/bandeja")})
    assert client.get("/bandeja").status_code == 302


def test_a_form_without_csrf_token_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/entrar", data={"usuario": "lvega", "password": "x"})
    assert answer.status_code == 400


def test_every_answer_carries_the_strict_policy(app: Flask) -> None:
    headers = app.test_client().get("/entrar").headers
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_another_site_cannot_write(app: Flask) -> None:
    answer = app.test_client().post("/entrar", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_pages_of_other_groups_are_refused(sign_in: SignIn) -> None:
    assert sign_in("lvega").get("/personas").status_code == 403
    assert sign_in("abarrera").get("/personas").status_code == 200


def test_passwords_are_kept_at_the_cost_that_is_declared(app: Flask) -> None:
    declared = accounts.CONFIG["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"]
    cost = ",".join(f"{letter}={declared[f'argon2__{name}']}" for letter, name in
                    (("m", "memory_cost"), ("t", "time_cost"), ("p", "parallelism")))  # fmt: skip
    with app.app_context():
        assert hash_password("una frase larga").startswith(f"$argon2id$v=19${cost}$")


def test_the_demo_offers_its_accounts_and_a_real_firm_does_not(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/entrar").text
    offered = re.findall(r'name="usuario" value="(\w+)"><input type="hidden" name="password" value="([^"]+)"', page)
    assert {"lvega", "admin"} <= {usuario for usuario, _ in offered}
    usuario, password = offered[0]
    form = {"usuario": usuario, "password": password, "csrf_token": token(client)}
    assert client.post("/entrar", data=form).location.endswith("/bandeja")
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], demo=False)
    assert "cauce-2027" not in app.test_client().get("/entrar").text
