"""Matters, mails, money and contact, as the firm's people see and change them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import SYSTEM
from tasks.registros import Correo, Documento, EventoBitacora, Factura, Plazo, Prospecto
from tests.web.conftest import KEY, token
from tests.web.two_steps import PDF

SignIn = Callable[..., FlaskClient]


def rows(app: Flask, kind: type) -> list:
    with app.extensions["engine"].reading(SYSTEM) as tx:
        return list(tx.session.scalars(select(kind).order_by(kind.id)))


def test_the_list_finds_by_beginning_of_folio_and_name(busy: SignIn) -> None:
    client = busy("hruiz")
    for text in ("maría fern", "PRO-2027", "j-2027-0001"):
        assert "María Fernanda" in client.get("/asuntos", query_string={"q": text}).text
    assert "María Fernanda" not in client.get("/asuntos?q=fernanda").text
    assert "María Fernanda" not in client.get("/asuntos?vista=terminados").text


def test_the_list_goes_on_page_by_page(busy: SignIn) -> None:
    client = busy("abarrera")
    seen, path = [], "/asuntos?vista=todos"
    while path:
        text = client.get(path).text
        seen += re.findall(r'class="row-title" href="/asuntos/([^"]+)"', text)
        following = re.search(r'href="(/asuntos\?[^"]*tras=[^"]*)"', text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) > 25
    assert seen == sorted(seen, reverse=True)


def test_the_page_says_who_must_do_what_and_what_comes_after(busy: SignIn) -> None:
    text = busy("hruiz").get(f"/asuntos/{KEY}").text
    assert "Sofía Luna" in text
    assert "Dar seguimiento" in text
    assert re.search(r'class="now"[^>]*title="10\. Seguimiento del Caso"', text)


def test_the_history_tells_who_did_what_and_why(busy: SignIn) -> None:
    client = busy("hruiz")
    text = client.get(f"/asuntos/{KEY}/historia").text
    assert "Laura Vega terminó «Registrar contacto»" in text
    assert "decision iniciar" in text
    assert "¿Continuar?" not in text
    assert "¿Continuar?" in client.get(f"/asuntos/{KEY}/historia?detalle=si").text


def test_the_diagram_knows_where_the_matter_stands(busy: SignIn) -> None:
    text = busy("sluna").get(f"/asuntos/{KEY}/diagrama").text
    assert '"ca_10_seguimiento_caso": 1' in text
    inside = busy("sluna").get(f"/asuntos/{KEY}/diagrama/p10_seguimiento_caso").text
    assert '"ut_10_dar_seguimiento": 1' in inside


def test_a_document_is_served_to_whom_it_may_concern(busy_app: Flask, busy: SignIn) -> None:
    contract = next(one for one in rows(busy_app, Documento) if one.plantilla == "contrato")
    path = f"/asuntos/{KEY}/documentos/{contract.id}"
    answer = busy("sluna").get(path)
    assert answer.data.startswith(b"%PDF")
    assert busy("msoto").get(path).status_code == 404
    other = next(one for one in rows(busy_app, Prospecto) if one.folio != KEY)
    assert busy("abarrera").get(f"/asuntos/{other.folio}/documentos/{contract.id}").status_code == 404


def test_a_deadline_is_closed_once_and_with_a_reason_where_it_was_not_met(busy_app: Flask, busy: SignIn) -> None:
    client = busy("sluna")
    plazo = next(one for one in rows(busy_app, Plazo) if one.estado == "vivo")
    path = f"/asuntos/{KEY}/plazos/{plazo.id}/cerrar"
    assert plazo.descripcion in client.get(path).text
    data = {"csrf_token": token(client, path), "_request_id": "c1", "resultado": "sin_efecto"}
    assert client.post(path, data=data).status_code == 422
    assert client.post(path, data={**data, "motivo": "Se desistió"}).status_code == 302
    assert next(one for one in rows(busy_app, Plazo) if one.id == plazo.id).estado == "sin_efecto"
    again = client.post(path, data={**data, "resultado": "cumplido"})
    assert again.status_code == 409
    assert "Ese plazo ya no corre." in again.text
    (noted,) = [one for one in rows(busy_app, EventoBitacora) if one.accion == "plazo.dejar_sin_efecto"]
    assert noted.despues == {"motivo": "Se desistió"}


def test_a_mail_is_shown_in_a_frame_that_runs_nothing(busy_app: Flask, busy: SignIn) -> None:
    client = busy("hruiz")
    mail = next(one for one in rows(busy_app, Correo) if one.plantilla == "cor_06_propuesta")
    page = client.get(f"/correos/{mail.id}").text
    assert 'sandbox="allow-popups' in page
    assert "/portal/" in page
    content = client.get(f"/correos/{mail.id}/contenido")
    assert "script-src" not in content.headers["Content-Security-Policy"]
    assert "default-src 'none'" in content.headers["Content-Security-Policy"]
    assert "allow-scripts" not in content.headers["Content-Security-Policy"]
    assert busy("msoto").get(f"/correos/{mail.id}").status_code == 404
    assert mail.asunto not in busy("knieto").get("/correos").text


def test_an_invitation_is_a_calendar_file(busy_app: Flask, busy: SignIn) -> None:
    mail = next(one for one in rows(busy_app, Correo) if one.plantilla == "cor_02_invitacion")
    hector = busy("hruiz")
    links = hector.get(f"/correos/{mail.id}").text.split("Enlaces en este correo", 1)[1]
    said = re.findall(r'<a href="http[^"]*"[^>]*>([^<]*)</a>', links)
    assert said == ["Lugar o enlace", "Confirmar asistencia", "Aviso de privacidad"]
    assert "Para María Fernanda López Ortega · PRO-2027-0001" in hector.get("/correos").text
    answer = hector.get(f"/correos/{mail.id}/invitacion.ics")
    assert answer.mimetype == "text/calendar"
    assert b"BEGIN:VEVENT" in answer.data


def test_a_payment_above_the_balance_is_refused_at_its_field(busy_app: Flask, busy: SignIn) -> None:
    (invoice,) = rows(busy_app, Factura)
    with busy_app.extensions["engine"].transaction(SYSTEM) as tx:
        owed = tx.session.get(Factura, invoice.id)
        owed.saldo, owed.estado = Decimal("100.00"), "parcial"
    client = busy("msoto")
    path = f"/cartera/{invoice.id}/pago"
    text = client.get(path).text
    assert 'value="100.00"' in text
    form = {"csrf_token": token(client, path), "referencia": "SPEI 1", "fecha": "2027-01-22", "forma_pago": "03"}
    answer = client.post(path, data={**form, "monto": "100.01"})
    assert answer.status_code == 422
    assert 'href="#f-monto"' in answer.text
    done = client.post(
        path,
        data={**form, "monto": "100", "comprobante": (io.BytesIO(PDF), "spei.pdf")},
        content_type="multipart/form-data",
    )
    assert done.status_code == 302
    assert rows(busy_app, Factura)[0].estado == "pagada"
    assert rows(busy_app, Documento)[-1].rubro.startswith("Comprobante de pago")


def test_anybody_can_write_to_the_firm_but_only_with_the_aviso(app: Flask, sign_in: SignIn) -> None:
    visitor = app.test_client()
    form = {
        "csrf_token": token(visitor, "/contacto"), "nombre": "Juan Pablo Hernández Cruz", "tipo_persona": "fisica",
        "correo": "juan@ejemplo.mx", "descripcion_breve": "El banco me cobró de más.",
    }  # fmt: skip
    refused = visitor.post("/contacto", data=form)
    assert refused.status_code == 422
    assert "Marque esta casilla para continuar." in refused.text
    assert "Juan Pablo" in refused.text
    sent = visitor.post("/contacto", data={**form, "acepto_aviso": "true", "_request_id": "r1"})
    again = visitor.post("/contacto", data={**form, "acepto_aviso": "true", "_request_id": "r1"})
    assert sent.location == again.location == "/contacto/gracias/PRO-2027-0001"
    assert "Registrar contacto" in sign_in("lvega").get("/bandeja").text


def test_nobody_floods_the_contact_form(app: Flask) -> None:
    visitor = app.test_client()
    data = {"csrf_token": token(visitor, "/contacto"), "nombre": "x"}
    answers = [visitor.post("/contacto", data=data).status_code for _ in range(7)]
    assert answers[-1] == 429


@pytest.mark.parametrize("usuario", ["lvega", "hruiz", "abarrera"])
def test_staff_start_a_matter_in_one_step(app: Flask, sign_in: SignIn, usuario: str) -> None:
    client = sign_in(usuario)
    form = {
        "csrf_token": token(client, "/nuevo-contacto"), "canal": "telefono", "nombre": "Ana Cruz",
        "tipo_persona": "fisica", "telefono": "5512345678", "descripcion_breve": "Un despido.",
        "aviso_fecha": "2027-01-11", "aviso_medio": "correo", "_request_id": "n1",
        # As the browser says that a box was there and was left empty.
        "ya_informe_y_resolvi._shown": "1",
    }  # fmt: skip
    wrong = client.post("/nuevo-contacto", data={**form, "telefono": ""})
    assert wrong.status_code == 422
    assert rows(app, Prospecto)[-1].folio != "PRO-2027-0001"
    done = client.post("/nuevo-contacto", data=form)
    assert done.location == "/asuntos/PRO-2027-0001"
    page = client.get(done.location).text
    assert "Contacto registrado" in page
    assert "Informar servicios" in page
    # It is a task of Ventas: nobody else is offered to do it.
    assert ("Hacer esta tarea" in page) == (usuario == "lvega")
    assert client.post("/nuevo-contacto", data=form).location == done.location
    assert rows(app, Prospecto)[-1].folio == "PRO-2027-0001"
