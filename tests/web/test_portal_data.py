"""«Mis datos» and the way in: what a client takes away, what never leaves, a link for an address on file."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import SYSTEM, Actor, Engine, UserTaskQuery
from tasks import contacto, mis_datos
from tasks.registros import Asunto, Avance, Base, Correo, Documento, Prospecto
from tests.web.conftest import token
from tests.web.test_portal import link
from web import throttle


@pytest.fixture
def engine(busy_app: Flask) -> Engine:
    found: Engine = busy_app.extensions["engine"]
    return found


@pytest.fixture
def client(busy_app: Flask) -> FlaskClient:
    return busy_app.test_client()


def test_the_client_takes_away_what_is_theirs_and_nothing_internal(engine: Engine, client: FlaskClient) -> None:
    with engine.transaction(SYSTEM) as tx:
        asunto = tx.session.scalars(select(Asunto).where(Asunto.folio == "J-2027-0001")).one()
        facts = {"asunto_id": asunto.id, "fecha": tx.now.date(), "actuacion": "gestion", "autor": "sluna"}
        said = {"texto_cliente": "Demanda presentada", "nota_interna": "El juez no simpatiza con el despacho."}
        tx.session.add_all([Avance(**facts, **said, visible=True), Avance(**facts, nota_interna="Solo nuestra")])
        hidden = tx.session.scalars(select(Documento).where(Documento.sha256.is_not(None))).first()
        hidden.visible_cliente, hidden.nombre = False, "dictamen interno.pdf"
    path = link(engine, "mis_datos")
    answer = client.get(f"{path}/mis-datos/datos.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mis-datos-J-2027-0001.json"'
    found = json.loads(answer.data)
    assert found["persona"]["correo"] == "mflopez@ejemplo.mx"
    assert found["propuestas"][0]["firma"]["nombre_completo"] == "María Fernanda López Ortega"
    assert found["facturas"][0]["pagos"][0]["monto"] == "34800.00"
    assert found["avances"][0]["texto_cliente"] == "Demanda presentada"
    assert "simpatiza" not in answer.text
    assert "Solo nuestra" not in answer.text
    assert "dictamen interno" not in answer.text
    sent = client.get(f"{path}/mis-datos/todo.zip")
    archive = zipfile.ZipFile(io.BytesIO(sent.data))
    sent.close()
    names = archive.namelist()
    assert json.loads(archive.read("mis-datos.json"))["persona"] == found["persona"]
    assert any(name.endswith("Contrato J-2027-0001.pdf") for name in names)
    assert not [name for name in names if "dictamen" in name or ".." in name]
    assert archive.read(next(name for name in names if "Contrato" in name)).startswith(b"%PDF")


def test_every_column_of_a_record_is_given_or_kept_on_purpose() -> None:
    """A column that does not exist is not promised."""
    for record, columns in mis_datos.COLUMNAS.items():
        assert issubclass(record, Base)
        assert set(columns) <= {column.key for column in record.__mapper__.column_attrs}


def test_an_address_on_file_gets_a_link_and_any_other_hears_the_same(engine: Engine, client: FlaskClient) -> None:
    form = {"csrf_token": token(client, "/portal")}
    answers = [
        client.post("/portal", data={**form, "correo": address}).text
        for address in ("MFLopez@ejemplo.mx ", "nadie@ejemplo.mx")
    ]
    assert answers[0] == answers[1]
    assert "Revise su correo" in answers[0]
    engine.run_due_jobs(20)
    with engine.reading(SYSTEM) as tx:
        (mail,) = tx.session.scalars(select(Correo).where(Correo.plantilla == "cor_00_enlace")).all()
    assert mail.destinatario == "mflopez@ejemplo.mx"
    path = "/" + mail.datos["enlace"].split("/", 3)[3]
    assert "Expediente digital" in client.get(path, follow_redirects=True).text
    assert client.post("/portal", data={**form, "correo": "sin arroba"}).status_code == 422


def test_asking_for_links_again_and_again_has_an_end(engine: Engine, client: FlaskClient) -> None:
    form = {"csrf_token": token(client, "/portal"), "correo": "mflopez@ejemplo.mx"}
    statuses = [client.post("/portal", data=form).status_code for _ in range(throttle.FREE + 1)]
    assert statuses == [200] * throttle.FREE + [429]


def test_the_end_of_a_prospect_is_told_without_reasons(engine: Engine, client: FlaskClient) -> None:
    with engine.transaction(Actor("lvega", frozenset({"ventas"}))) as tx:
        contact = {"canal": "referido", "nombre": "Ricardo Ibáñez", "telefono": "5512345678"}
        made = contacto.nuevo(tx, {**contact, "descripcion_breve": "No le pagan.", "tipo_tentativo": "juicio"})
        other = made.instance.business_key
    path = link(engine, key=other)
    for state in ("declinado_conflicto", "rechazado_interno", "no_viable", "sin_respuesta"):
        with engine.transaction(SYSTEM) as tx:
            tx.session.scalars(select(Prospecto).where(Prospecto.folio == other)).one().estado = state
        text = client.get(f"{path}/expediente").text
        assert "Concluido" in text
        assert not [word for word in ("Declinado", "Rechazado", "viable", "conflicto") if word in text]
        # There is nothing left to be cancelled.
        assert client.get(f"{path}/cancelar").status_code == 302


def test_a_request_about_ones_data_is_acknowledged_and_answered(
    engine: Engine, client: FlaskClient, busy: Callable[..., FlaskClient]
) -> None:
    page = f"{link(engine, 'mis_datos')}/mis-datos/derechos"
    form = {"csrf_token": token(client, page), "derecho": "rectificacion"}
    assert client.post(page, data={**form, "detalle": ""}).status_code == 422
    for _ in range(2):  # a double click is one request
        text = client.post(page, data={**form, "detalle": "Mi calle es <b>Roma</b>."}, follow_redirects=True).text
        assert "la respondemos a más tardar el" in text
    while engine.run_due_jobs(50):
        pass
    (task,) = engine.user_tasks(UserTaskQuery(element_id="ut_ar_responder_solicitud"), by=SYSTEM).items
    assert busy("msoto").get(f"/tareas/{task.id}").status_code == 404
    staff = busy("abarrera")
    shown = staff.get(f"/tareas/{task.id}").text
    assert "Mi calle es &lt;b&gt;Roma&lt;/b&gt;." in shown
    answer = {
        "csrf_token": token(staff, f"/tareas/{task.id}"),
        "decision": "no_procede",
        "respuesta": "Así dice su INE.",
    }
    assert staff.post(f"/tareas/{task.id}", data=answer).status_code == 302
    while engine.run_due_jobs(50):
        pass
    assert "No procede. Así dice su INE." in client.get(page.rpartition("/")[0]).text
    with engine.reading(SYSTEM) as tx:
        mails = tx.session.scalars(select(Correo).where(Correo.plantilla == "cor_00_arco").order_by(Correo.id)).all()
    assert [mail.destinatario for mail in mails] == ["mflopez@ejemplo.mx"] * 2
    assert "Así dice su INE." in mails[1].texto
