"""Mails that could not be delivered: whom they are shown to, «Reintentar» and «Avisado por otro medio» (§1.12)."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM
from tasks import correo
from tasks.paso import Accion
from tasks.registros import Asunto, Correo, Persona, Prospecto
from tasks.transporte import Buzon, Smtp

from .conftest import START, token

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def stuck(app: Flask) -> str:
    """Id of a mail about a prospect of hruiz; nothing listens where the mail server should be."""
    engine = app.extensions["engine"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    engine.adapters = replace(engine.adapters, transporte=Smtp("127.0.0.1", port, tls="no"))
    with engine.transaction(SYSTEM) as tx:
        person = Persona(nombre="María Fernanda López Ortega", tratamiento="Sra.", correo="mflopez@ejemplo.mx")
        tx.session.add(person)
        tx.session.flush()
        prospecto = Prospecto(
            folio="PRO-2027-0900", persona_id=person.id, canal="telefono", descripcion="x", gerente_id="hruiz"
        )
        tx.session.add(prospecto)
        tx.session.flush()
        mail_id = correo.enviar(Accion(tx, prospecto.folio), "cor_00_enlace", a=person).id
    engine.move_clock(START + timedelta(minutes=37), by=SYSTEM)
    return mail_id


def accept(app: Flask) -> None:
    """The prospect becomes a matter of hruiz and sluna."""
    with app.extensions["engine"].transaction(SYSTEM) as tx:
        prospecto = tx.session.query(Prospecto).filter_by(folio="PRO-2027-0900").one()
        asunto = Asunto(
            folio="J-2027-0900", prospecto_id=prospecto.id, cliente_id=prospecto.persona_id, tipo="juicio",
            subtipo="laboral", supervisor_id="hruiz", asesor_id="sluna",
        )  # fmt: skip
        tx.session.add(asunto)


def state(app: Flask, mail_id: str) -> str:
    with app.extensions["engine"].reading(SYSTEM) as tx:
        return tx.session.get_one(Correo, mail_id).estado


def test_the_people_of_the_matter_see_it_first_thing(app: Flask, sign_in: SignIn, stuck: str) -> None:
    link = f'href="/correos/{stuck}"'
    hruiz = sign_in("hruiz")
    for path in ("/bandeja", "/correos"):
        page = hruiz.get(path).text
        assert "No se pudieron entregar" in page
        assert link in page
    text = hruiz.get(f"/correos/{stuck}").text
    assert "Este correo no se pudo entregar" in text
    assert "Se intentó 4 veces." in text
    assert link in sign_in("lvega").get("/bandeja").text  # Ventas: it is a prospect still.
    for usuario in ("knieto", "msoto"):
        assert "No se pudieron entregar" not in sign_in(usuario).get("/bandeja").text
        assert sign_in(usuario).get(f"/correos/{stuck}").status_code == 404
    accept(app)
    assert link in sign_in("sluna").get("/bandeja").text
    lvega = sign_in("lvega")
    assert stuck not in lvega.get("/correos").text, "after the acceptance Ventas does not read the file's mails"
    assert lvega.get(f"/correos/{stuck}").status_code == 404


def test_try_again(app: Flask, sign_in: SignIn, stuck: str) -> None:
    engine, hruiz = app.extensions["engine"], sign_in("hruiz")
    engine.adapters = replace(engine.adapters, transporte=Buzon())
    answer = hruiz.post(
        f"/correos/{stuck}/reintentar",
        data={"csrf_token": token(hruiz, f"/correos/{stuck}")},
        follow_redirects=True,
    )
    assert "El correo se está enviando de nuevo." in answer.text
    while engine.run_due_jobs():
        pass
    assert state(app, stuck) == "enviado"
    assert engine.incidents(by=SYSTEM).items == ()
    again = hruiz.post(f"/correos/{stuck}/reintentar", data={"csrf_token": token(hruiz, "/bandeja")})
    assert again.status_code == 409
    assert "Reintentar" not in hruiz.get(f"/correos/{stuck}").text


def test_told_in_another_way(app: Flask, sign_in: SignIn, stuck: str) -> None:
    engine, hruiz, page = app.extensions["engine"], sign_in("hruiz"), f"/correos/{stuck}"
    empty = hruiz.post(f"{page}/avisado", data={"csrf_token": token(hruiz, page), "medio": "  "})
    assert empty.status_code == 422
    assert "Diga cómo y cuándo avisó." in empty.text
    hruiz.post(f"{page}/avisado", data={"csrf_token": token(hruiz, page), "medio": "Por teléfono, hoy a las 10"})
    while engine.run_due_jobs():
        pass
    assert state(app, stuck) == "avisado_otro_medio"
    assert engine.incidents(by=SYSTEM).items == ()
    text = hruiz.get(page).text
    assert "Avisado por otro medio" in text
    assert "Por teléfono, hoy a las 10" in text


def test_who_may_not_read_it_can_do_nothing_about_it(app: Flask, sign_in: SignIn, stuck: str) -> None:
    knieto = sign_in("knieto")
    for action in ("reintentar", "avisado"):
        data = {"csrf_token": token(knieto, "/bandeja"), "medio": "x"}
        assert knieto.post(f"/correos/{stuck}/{action}", data=data).status_code == 404
    assert state(app, stuck) == "en_cola"


@pytest.mark.parametrize("delivered", [True, False], ids=["delivered by SMTP", "kept in the mailbox"])
def test_staff_never_read_the_clients_code_unless_the_mailbox_is_all_there_is(
    app: Flask, sign_in: SignIn, stuck: str, delivered: bool
) -> None:
    engine = app.extensions["engine"]
    if not delivered:
        engine.adapters = replace(engine.adapters, transporte=Buzon())
    with engine.transaction(SYSTEM) as tx:
        mail = tx.session.get_one(Correo, stuck)
        mail.plantilla, mail.texto, mail.html = "cor_06_codigo", "**439885**", "<b>439885</b>"
    browser = sign_in("hruiz")
    assert ("439885" in browser.get(f"/correos/{stuck}/contenido").text) is not delivered
    assert "439885" not in browser.get(f"/correos/{stuck}").text  # Nor is it there to be copied for WhatsApp.


def test_a_clients_mail_can_be_sent_as_a_message(busy_app: Flask, busy: SignIn) -> None:
    """Words and link, nothing of the firm's address; not for internal mails, nor for the code with which one signs."""
    with busy_app.extensions["engine"].reading(SYSTEM) as tx:
        mails = {mail.plantilla: mail.id for mail in tx.session.query(Correo)}
    client = busy("hruiz")
    page = client.get(f"/correos/{mails['cor_09_arranque']}").text
    message = page.split('<textarea id="texto"', 1)[1].split("</textarea>", 1)[0]
    assert "/portal/" in message
    assert "Insurgentes" not in message
    assert 'data-copy="texto"' in page
    for plantilla in ("cor_06_codigo", "cor_08_asignacion"):
        assert "Copiar para WhatsApp" not in client.get(f"/correos/{mails[plantilla]}").text


def test_mails_are_found_by_the_folio_that_the_matter_has_since_it_was_accepted(
    app: Flask, stuck: str, sign_in: SignIn
) -> None:
    accept(app)
    listed = sign_in("hruiz").get("/correos?q=j-2027-0900").text.partition("mail-list")[2]
    assert stuck in listed
    assert "Sin correos" in sign_in("hruiz").get("/correos?q=J-2027-0901").text
