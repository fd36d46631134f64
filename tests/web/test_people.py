"""Personas y grupos: create, change groups, new password, deactivate."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Actor, UserTaskQuery
from tasks import contacto
from tasks.registros import Colaborador
from tests.web.conftest import browser_of, token

SignIn = Callable[..., FlaskClient]
NEW = {
    "usuario": "mrojas", "nombre": "María Rojas", "correo": "mrojas@ejemplo.mx", "grupos": ["asesor"],
    "nivel": "senior", "especialidades": ["laboral"], "disponible": "on",
}  # fmt: skip


def post(client: FlaskClient, path: str, page: str, **values: object) -> object:
    return client.post(path, data={"csrf_token": token(client, page), **values}, follow_redirects=True)


def create(client: FlaskClient) -> str:
    """The new person's temporary password, as the page tells it once."""
    text = client.post("/personas/nueva", data={"csrf_token": token(client, "/personas/nueva"), **NEW}).location
    found = re.search(r"([a-z0-9]{4}-){3}[a-z0-9]{4}", client.get(text).text)
    assert found is not None
    return found[0]


def test_a_new_person_signs_in_and_must_choose_a_password(app: Flask, sign_in: SignIn) -> None:
    password = create(sign_in("admin"))
    client = browser_of(app)("mrojas", password)
    assert client.get("/bandeja").location == "/cuenta/clave"
    form = {"password": password, "new_password": "una frase mía 2027", "new_password_confirm": "una frase mía 2027"}
    client.post("/cuenta/clave", data={"csrf_token": token(client, "/cuenta/clave"), **form})
    assert client.get("/bandeja").status_code == 200
    with app.extensions["engine"].reading(SYSTEM) as tx:
        person = tx.session.get(Colaborador, "mrojas")
        assert (person.grupos, person.asesor.nivel, person.asesor.especialidades) == (["asesor"], "senior", ["laboral"])


def test_hours_meeting_link_and_usual_substitute(app: Flask, sign_in: SignIn) -> None:
    admin, page = sign_in("admin"), "/personas/sluna"
    data = {
        "csrf_token": token(admin, page),
        "nombre": "Sofía Luna",
        "correo": "sluna@ejemplo.mx",
        "grupos": ["asesor"],
    }
    data |= {"nivel": "senior", "especialidades": ["fiscal", "constitucional"], "disponible": "on"}
    data |= {"horario": "martes y jueves, 10:00 a 14:00", "enlace_reunion": "https://meet.example/sluna"}
    wrong = admin.post(page, data={**data, "suplente": "lvega", "enlace_reunion": "meet.example/sluna"})
    assert wrong.status_code == 422
    assert "mismo grupo" in wrong.text
    assert "empiece con https://" in wrong.text
    refused = admin.post(page, data={**data, "cedula_profesional": "no la sé"})
    assert (refused.status_code, "Solo el número" in refused.text) == (422, True)
    data["cedula_profesional"] = "9876543"
    assert admin.post(page, data={**data, "suplente": "rcampos"}).status_code == 302
    with app.extensions["engine"].reading(SYSTEM) as tx:
        person = tx.session.get(Colaborador, "sluna")
        kept = (person.horario, person.enlace_reunion, person.suplente)
        assert person.con_cedula == "Sofía Luna, cédula profesional 9876543"
    assert kept == ("martes y jueves, 10:00 a 14:00", "https://meet.example/sluna", "rcampos")
    assert '<option value="rcampos" selected>' in sign_in("sluna").get("/ausencias").text


def test_wrong_data_comes_back_with_sentences(sign_in: SignIn) -> None:
    client = sign_in("admin")
    data = {"csrf_token": token(client, "/personas/nueva"), "usuario": "Ñ!", "nombre": "", "correo": "nada"}
    answer = client.post("/personas/nueva", data=data)
    assert answer.status_code == 422
    assert answer.text.count('class="error"') == 3
    taken = client.post("/personas/nueva", data={**NEW, "csrf_token": data["csrf_token"], "usuario": "lvega"})
    assert "Ese usuario ya existe." in taken.text


def test_new_groups_and_a_new_password_end_the_sessions(sign_in: SignIn) -> None:
    admin, person = sign_in("admin"), sign_in("lvega")
    person_data = {
        "nombre": "Laura Vega",
        "correo": "lvega@ejemplo.mx",
        "grupos": ["ventas", "cobranza"],
        "nivel": "junior",
    }
    admin.post("/personas/lvega", data={"csrf_token": token(admin, "/personas/lvega"), **person_data})
    assert person.get("/bandeja").status_code == 302
    again = sign_in("lvega")
    assert again.get("/cartera").status_code == 200
    admin.post("/personas/lvega/clave", data={"csrf_token": token(admin, "/personas/lvega")})
    assert again.get("/bandeja").status_code == 302


def test_who_has_matters_cannot_be_deactivated_and_nobody_oneself(sign_in: SignIn) -> None:
    client = sign_in("admin")
    data = {"csrf_token": token(client, "/personas/sluna"), "activa": "no"}
    refused = client.post("/personas/sluna/activa", data=data).text
    assert "Reasigne primero" in refused
    assert (refused.count("-2026-"), client.get("/personas/sluna").text.count("-2026-")) == (4, 4), "each is named"
    assert client.post("/personas/admin/activa", data=data).status_code == 409


def test_a_deactivated_person_cannot_get_in(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("admin")
    client.post("/personas/lvega/activa", data={"csrf_token": token(client, "/personas/lvega"), "activa": "no"})
    other = app.test_client()
    answer = other.post(
        "/entrar", data={"usuario": "lvega", "password": "lvega-cauce-2027", "csrf_token": token(other)}
    )
    assert answer.status_code == 200
    assert "no son correctos" in answer.text


def test_what_who_leaves_had_taken_goes_back_to_its_group(app: Flask, sign_in: SignIn) -> None:
    engine, laura = app.extensions["engine"], Actor("lvega", frozenset({"ventas"}))
    values = {"canal": "telefono", "nombre": "Ana Cruz", "correo": "ana@ejemplo.mx", "descripcion_breve": "Un asunto."}
    with engine.transaction(laura) as tx:
        contacto.nuevo(tx, values)
    while engine.run_due_jobs():
        pass
    (task,) = engine.user_tasks(UserTaskQuery(), by=SYSTEM).items
    engine.claim(task.id, by=laura)
    admin = sign_in("admin")
    admin.post("/personas/lvega/activa", data={"csrf_token": token(admin, "/personas/lvega"), "activa": "no"})
    while engine.run_due_jobs():
        pass
    (left,) = engine.user_tasks(UserTaskQuery(), by=SYSTEM).items
    assert (left.id, left.assignee, left.due) == (task.id, None, task.due)


def test_an_administrator_cannot_lock_out_themselves(sign_in: SignIn) -> None:
    client = sign_in("admin")
    data = {
        "csrf_token": token(client, "/personas/admin"),
        "nombre": "A",
        "correo": "a@a.mx",
        "grupos": [],
        "nivel": "junior",
    }
    answer = client.post("/personas/admin", data=data)
    assert answer.status_code == 422
    assert "No puede quitarse" in answer.text
