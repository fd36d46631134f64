"""The client's links: what they open, what they never open, and when they end."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import EnvironBuilder

from engine import SYSTEM, Engine, Transaction, UserTaskQuery, metadata
from tasks import enlaces
from tasks.paso import Accion
from tasks.registros import Correo, Documento, Enlace, Factura, Persona, Prospecto, Reunion
from tests.conftest import ROOT
from tests.web.conftest import KEY, token
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm
from web.scenarios.samples import sample_file
from web.tables import metadata as web_tables


@pytest.fixture
def engine(busy_app: Flask) -> Engine:
    found: Engine = busy_app.extensions["engine"]
    return found


@pytest.fixture
def client(busy_app: Flask) -> FlaskClient:
    return busy_app.test_client()


def link(engine: Engine, destino: str = "expediente", key: str = KEY, days: int = 30) -> str:
    """Path of a new link."""
    with engine.transaction(SYSTEM) as tx:
        prospecto = tx.session.scalar(select(Prospecto).where(Prospecto.folio == key))
        return link_in(tx, prospecto, destino, days)


def link_in(tx: Transaction, prospecto: Prospecto, destino: str = "expediente", days: int = 30) -> str:
    _row, url = enlaces.crear(
        Accion(tx, prospecto.folio),
        business_key=prospecto.folio,
        persona_id=prospecto.persona_id,
        destino=destino,
        vigencia=timedelta(days=days),
    )
    return "/" + url.split("/", 3)[3]


def test_a_link_opens_its_own_matter_only(engine: Engine, client: FlaskClient) -> None:
    path = link(engine)
    text = client.get(path, follow_redirects=True).text
    assert "María Fernanda" in text
    assert "Contrato" in text
    with engine.reading(SYSTEM) as tx:
        mine = tx.session.scalars(select(Documento).where(Documento.plantilla == "contrato")).one()
        other = tx.session.scalars(select(Prospecto).where(Prospecto.folio != KEY)).first().folio
    assert client.get(f"{path}/documentos/{mine.id}").data.startswith(b"%PDF")
    assert client.get(f"{link(engine, key=other)}/documentos/{mine.id}").status_code == 404


def test_unknown_and_revoked_links_are_not_there(engine: Engine, client: FlaskClient) -> None:
    unknown = client.get("/portal/inventado")
    assert (unknown.status_code, "Pedir un enlace nuevo" in unknown.text) == (404, True)
    path = link(engine)
    with engine.transaction(SYSTEM) as tx:
        row = tx.session.scalars(select(Enlace).order_by(Enlace.id.desc())).first()
        enlaces.revocar(Accion(tx, KEY), row.id)
    assert client.get(f"{path}/expediente").status_code == 404


def test_an_expired_link_offers_a_new_one_to_the_address_on_file(engine: Engine, client: FlaskClient) -> None:
    path = link(engine, days=-1)
    page = client.get(f"{path}/expediente")
    assert page.status_code == 410
    assert "María Fernanda" not in page.text
    form = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]}
    assert "Revise su correo" in client.post(f"{path}/renovar", data=form).text
    client.post(f"{path}/renovar", data=form)
    with engine.reading(SYSTEM) as tx:
        sent = tx.session.scalars(select(Correo).where(Correo.plantilla == "cor_00_enlace")).all()
    assert [mail.destinatario for mail in sent] == ["mflopez@ejemplo.mx"]


def test_reading_pages_changes_nothing(engine: Engine, client: FlaskClient) -> None:
    path = link(engine)
    before = counts(engine)
    for page in (
        "",
        "/expediente",
        "/pagos",
        "/mis-datos",
        "/mis-datos/datos.json",
        "/mis-datos/todo.zip",
        "/cancelar",
    ):
        answer = client.get(path + page)
        answer.close()
        assert answer.status_code in (200, 302)
    assert counts(engine) == before


def test_the_client_sees_no_internal_note_and_no_staff_page(engine: Engine, client: FlaskClient) -> None:
    path = link(engine)
    assert "nota interna" not in client.get(f"{path}/expediente").text.lower()
    assert client.get(f"/asuntos/{KEY}").status_code == 302


def test_a_staff_task_cannot_be_opened_through_a_link(engine: Engine, client: FlaskClient) -> None:
    (task,) = engine.user_tasks(by=SYSTEM, query=None).items
    path = f"{link(engine)}/tarea/{task.id}"
    assert client.get(path).status_code in (403, 404)
    data = {"csrf_token": token(client, "/contacto")}
    assert client.post(path, data=data).status_code in (403, 404)


def test_a_receipt_is_taken_in_and_a_disguised_one_is_not(engine: Engine, client: FlaskClient) -> None:
    with engine.transaction(SYSTEM) as tx:
        invoice = tx.session.scalars(select(Factura)).one()
        invoice.saldo, invoice.estado = invoice.total, "timbrada_simulada"
        invoice_id = invoice.id
    path = link(engine, "pagos")
    form = {"csrf_token": token(client, f"{path}/pagos")}
    for content, said in ((b"MZ program", "message bad"), (b"%PDF-1.4\n%%EOF\n", "Recibimos su comprobante")):
        answer = client.post(
            f"{path}/facturas/{invoice_id}/comprobante",
            data={**form, "comprobante": (io.BytesIO(content), "pago.pdf")},
            content_type="multipart/form-data",
            follow_redirects=True,
        )
        assert said in answer.text


def test_links_do_not_leak_by_referer(engine: Engine, client: FlaskClient) -> None:
    assert client.get(f"{link(engine)}/expediente").headers["Referrer-Policy"] == "same-origin"


def counts(engine: Engine) -> dict[str, int]:
    """Rows of every table, and when links were last used."""
    with engine.reading(SYSTEM) as tx:
        tables = [*metadata.sorted_tables, *Persona.metadata.sorted_tables, *web_tables.sorted_tables]
        found = {table.name: tx.connection.scalar(select(func.count()).select_from(table)) for table in tables}
        found["used"] = tx.connection.scalar(select(func.count()).where(Enlace.usado.is_not(None)))
        return found


def test_the_client_opposes_to_other_purposes_and_takes_it_back(engine: Engine, client: FlaskClient) -> None:
    path = link(engine, "mis_datos")
    page = f"{path}/mis-datos"
    assert "Puede pedir que no lo hagamos" in client.get(path, follow_redirects=True).text
    form = {"csrf_token": token(client, page)}
    for wanted, said in (("si", "Usted pidió que no usemos"), ("si", "Usted pidió"), ("no", "Puede pedir que no")):
        assert said in client.post(page, data={**form, "oposicion": wanted}, follow_redirects=True).text
    with engine.reading(SYSTEM) as tx:
        person = tx.session.scalars(select(Persona).where(Persona.correo == "mflopez@ejemplo.mx")).one()
        assert [one.oposicion_voluntarias for one in person.consentimientos][-2:] == [True, False]


def test_another_date_is_asked_for_in_the_clients_own_words(engine: Engine, client: FlaskClient) -> None:
    with engine.transaction(SYSTEM) as tx:
        prospecto = tx.session.scalars(select(Prospecto).where(Prospecto.folio == KEY)).one()
        start = tx.now + timedelta(days=400)
        meeting = Reunion(
            prospecto_id=prospecto.id, tipo="cliente", inicio=start, fin=start + timedelta(hours=1), uid="x@y",
            estado="confirmada", modalidad="videollamada",
        )  # fmt: skip
        tx.session.add(meeting)
        tx.session.flush()
        page = f"{link_in(tx, prospecto)}/asistencia/{meeting.id}"
    form = {"csrf_token": token(client, page), "respuesta": "proponer_otra"}
    assert client.post(page, data={**form, "nota": "x" * 501}).status_code == 422
    said = "Puedo el jueves por la tarde | o el\nviernes <b>"
    text = client.post(page, data={**form, "nota": said}, follow_redirects=True).text
    assert "Le escribiremos para acordar otra" in text
    while engine.run_due_jobs(50):
        pass
    with engine.reading(SYSTEM) as tx:
        mail = tx.session.scalars(select(Correo).where(Correo.plantilla == "cor_00_escalamiento")).all()[-1]
    assert "Puedo el jueves por la tarde" in mail.texto
    assert "<b>" not in mail.html.partition("Puedo el jueves")[2].partition("</table>")[0]
    assert f"/asuntos/{KEY}" in mail.texto


def test_a_colleague_answers_in_the_clients_place(app: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    """Who leads the matter gives the client's task to somebody who knows it, and gives it back to the client."""
    engine: Engine = app.extensions["engine"]
    scenario = load(ROOT / "processes" / "procedimiento_legal" / "scenarios" / "e1_camino_feliz.yaml")
    assert run(scenario, lambda: ScenarioFirm(engine, keep_open=True), until=6).failure is None
    [task] = engine.user_tasks(UserTaskQuery(element_id="ut_03_entregar_documentos"), by=SYSTEM).items
    hector, path = sign_in("hruiz"), f"/tareas/{task.id}"
    page = hector.get(path).text
    offered = page.split("Responder por cuenta del cliente", 1)[1].split("</form>", 1)[0]
    assert set(re.findall(r'<option value="(\w*)"', offered)) == {"", "hruiz", "lvega", "abarrera"}
    give = {"csrf_token": token(hector, path), "assignee": "hruiz"}
    assert hector.post(f"{path}/asignar", data=give).status_code == 302
    assert "Cómo lo pidió" in hector.get(path).text
    portal = app.test_client()
    assert "Cómo lo pidió" not in portal.get(link(engine, "documentos"), follow_redirects=True).text
    assert hector.post(f"{path}/asignar", data={**give, "assignee": ""}).status_code == 302
    assert "la termina otra persona" in hector.get(path).text
    assert portal.get(link(engine, "documentos"), follow_redirects=True).request.path.endswith(task.id)


def test_files_that_lie_or_are_too_large_are_refused_and_good_ones_stay(app: Flask) -> None:
    engine: Engine = app.extensions["engine"]
    scenario = load(ROOT / "processes" / "procedimiento_legal" / "scenarios" / "e1_camino_feliz.yaml")
    assert run(scenario, lambda: ScenarioFirm(engine, keep_open=True), until=6).failure is None
    path, browser = link(engine, "documentos"), app.test_client()
    page = browser.get(path, follow_redirects=True)
    task = page.request.path
    shown = {"documentos.0._row": "1", "documentos.1._row": "1", "documentos.2._row": "1", "documentos.3._row": "1"}
    form = {"csrf_token": token(browser, task), "_request_id": "uno", **shown}

    def send(first: bytes, second: bytes, **more: str) -> str:
        files = {"documentos.0.archivo": (io.BytesIO(first), "ine.pdf")}
        if second:
            files["documentos.1.archivo"] = (io.BytesIO(second), "acto.pdf")
        builder = EnvironBuilder(path=task, method="POST", data={**form, **files, **more})
        environ = builder.get_environ()
        answer = browser.open(environ)
        environ["wsgi.input"].close()
        builder.close()
        return answer.text

    text = send(b"MZ a program", sample_file("acto.pdf"))
    assert "Identificación oficial vigente</a>" in text
    assert "acto.pdf" in text
    kept = re.search(r'name="documentos.1.archivo" value="([^"]+)"', text)[1]
    assert "MB." in send(b"%PDF-1.4" + b"0" * (20 * 2**20), b"", **{"documentos.1.archivo": kept})
    # Another device, another day: what was good is still there, and nothing has been sent.
    later = app.test_client().get(path, follow_redirects=True).text
    assert "Aquí está lo que ya había llenado" in later
    assert "acto.pdf" in later
    with engine.reading(SYSTEM) as tx:
        states = tx.session.scalars(select(Documento.estado).where(Documento.origen == "solicitado")).all()
    assert set(states) == {"pendiente"}
    # A colleague has taken it over, to answer in the client's place.
    engine.assign(task.rpartition("/")[2], "hruiz", by=SYSTEM)
    text = send(sample_file("ine.pdf"), sample_file("acto.pdf"))
    assert "ya están respondiendo esto por usted" in text
    assert "hruiz" not in text


def test_an_expired_or_revoked_link_answers_nothing_any_more(engine: Engine, client: FlaskClient) -> None:
    page = f"{link(engine, 'mis_datos')}/mis-datos"
    form = {"csrf_token": token(client, page), "oposicion": "si"}
    with engine.transaction(SYSTEM) as tx:
        row = tx.session.scalars(select(Enlace).order_by(Enlace.id.desc())).first()
        row.vence = tx.now
    before = counts(engine)
    assert client.post(page, data=form).status_code == 410
    with engine.transaction(SYSTEM) as tx:
        enlaces.revocar(Accion(tx, KEY), row.id)
    assert client.post(page, data=form).status_code == 404
    assert counts(engine) == before
