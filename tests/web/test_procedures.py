"""Trámites: another process, made in the studio without Python, started by staff, seen by who takes part in it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Engine
from tasks.registros import Correo
from tests.web.conftest import token
from tests.web.studio_draft import SignIn, post

TITLE = "Permiso de vacaciones"
KEY = "permiso_de_vacaciones"


def published(app: Flask, sign_in: SignIn, template: str = "solicitud_con_aprobacion") -> Engine:
    """The process from the template, published by somebody in the studio."""
    admin = sign_in("admin")
    answer = post(admin, "/estudio/proceso-nuevo", titulo=TITLE, plantilla=template)
    assert answer.status_code == 302, answer.text
    assert answer.location.endswith(f"/estudio/archivo/bpmn/{KEY}.bpmn?espacio={KEY}")
    found = re.search(r'name="borrador" value="(\w+)"', admin.get("/estudio/publicar").text)
    assert found is not None
    assert post(admin, "/estudio/publicar", nombre=TITLE, borrador=found[1]).status_code == 302
    engine: Engine = app.extensions["engine"]
    return engine


def send(client: FlaskClient, url: str, **values: object) -> str:
    """Hand in a form page; answers where it leads."""
    answer = client.post(url, data={"csrf_token": token(client, url), "_request_id": "r1", **values})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def test_from_the_template_to_the_mail_with_the_decision(app: Flask, sign_in: SignIn) -> None:
    engine = published(app, sign_in)
    keys = {one.key for one in engine.definitions(by=SYSTEM)}
    assert {KEY, "p00_procedimiento_legal"} <= keys
    advisor = sign_in("sluna")
    assert TITLE in advisor.get("/tramites").text
    shown = send(advisor, f"/tramites/nuevo/{KEY}", que_se_pide="Tres días en marzo")
    assert shown == send(advisor, f"/tramites/nuevo/{KEY}", que_se_pide="Tres días en marzo"), "twice is once"
    page = advisor.get(shown).text
    assert "Aprobar la solicitud" in page
    assert "Tres días en marzo" in page

    manager = sign_in("hruiz")
    inbox = manager.get("/bandeja").text
    assert f"{TITLE} · Lic. Sofía Luna" in inbox or f"{TITLE} · Sofía Luna" in inbox
    task = re.search(r'href="(/tareas/[^"]+)">Aprobar la solicitud', inbox)
    assert task is not None
    form = manager.get(task[1]).text
    assert "Tres días en marzo" in form
    revision = re.search(r'name="_revision" value="(\d+)"', form)
    assert revision is not None
    send(manager, task[1], decision="aprobar", _revision=revision[1])
    while engine.run_due_jobs(100):
        pass
    with engine.reading(SYSTEM) as tx:
        mail = tx.session.query(Correo).filter_by(plantilla=f"{KEY}_solicitud_resuelta").one()
    assert (mail.asunto, mail.estado) == ("Aprobada: Tres días en marzo", "enviado")
    assert "Terminado" in advisor.get("/tramites").text
    operator = sign_in("admin")
    found = re.search(r'href="(/operacion/instancias/[^"/]+)"', operator.get("/operacion/asuntos?q=TRA-").text)
    assert found is not None
    for part in ("", "/diagrama", "/variables", "/historia", "/trabajos"):
        assert operator.get(found[1] + part).status_code == 200, part


@pytest.mark.parametrize(
    ("who", "sees"), [("sluna", True), ("hruiz", True), ("abarrera", True), ("dpaz", False), ("lvega", False)]
)
def test_a_procedure_is_seen_by_who_takes_part_in_it(app: Flask, sign_in: SignIn, who: str, sees: bool) -> None:
    published(app, sign_in)
    shown = send(sign_in("sluna"), f"/tramites/nuevo/{KEY}", que_se_pide="Algo privado")
    client = sign_in(who)
    assert client.get(shown).status_code == (200 if sees else 404)
    assert client.get(f"{shown}/diagrama").status_code == (200 if sees else 404)
    assert ("TRA-" in client.get("/tramites").text) is sees


def test_an_empty_process_runs_as_it_is(app: Flask, sign_in: SignIn) -> None:
    published(app, sign_in, template="")
    advisor = sign_in("sluna")
    assert "Hacer algo" in advisor.get(send(advisor, f"/tramites/nuevo/{KEY}", nota="x")).text


def test_what_is_wrong_is_said_and_nothing_is_made(app: Flask, sign_in: SignIn) -> None:
    admin, advisor = sign_in("admin"), sign_in("sluna")
    assert "empiece con una letra" in post(admin, "/estudio/proceso-nuevo", titulo="¡…!").text
    assert post(admin, "/estudio/proceso-nuevo", titulo="x", plantilla="../procedimiento_legal").status_code == 422
    assert post(admin, "/estudio/proceso-nuevo", titulo=TITLE).status_code == 302
    assert post(admin, "/estudio/proceso-nuevo", titulo=TITLE.upper()).status_code == 409
    assert advisor.get(f"/tramites/nuevo/{KEY}").status_code == 404, "not published"
    assert advisor.get("/tramites/nuevo/p00_procedimiento_legal").status_code == 404, "begins with a contact"
    assert post(advisor, "/estudio/proceso-nuevo", titulo="Otro").status_code == 403
