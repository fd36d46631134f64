"""Pages of what people do to a matter outside of its tasks, and the client's request to cancel."""

from __future__ import annotations

import io
import pathlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import SYSTEM, Actor, MovableClock, UserTask, UserTaskQuery
from tasks import altas, ausencias, base, enlaces, supervision
from tasks.paso import Accion
from tasks.registros import (
    Asunto,
    Avance,
    Cancelacion,
    Colaborador,
    Correo,
    Documento,
    Oportunidad,
    Plazo,
    Prospecto,
    Reunion,
)
from web import accounts, create_app, create_engine, create_schema, seed
from web.settings import Settings

from .conftest import PASSWORD, token

NOW = datetime(2027, 1, 20, 16, tzinfo=UTC)
Browser = Callable[[str], FlaskClient]


@pytest.fixture
def firm(tmp_path: pathlib.Path) -> Iterator[Flask]:
    """The demo firm with its matters of the past, whose instances have never run here."""
    settings = Settings(var=tmp_path, database_url=f"sqlite:///{tmp_path / 'cauce.db'}", secret_key="s" * 40, demo=True)
    engine = create_engine(settings)
    engine.clock = MovableClock(start=NOW, frozen=True)
    app = create_app(settings, engine)
    app.testing = True
    create_schema(engine)
    seed.publish(engine, settings.processes)
    with app.app_context(), engine.transaction(SYSTEM) as tx:
        base.sembrar(tx.session)
        for usuario in ("hruiz", "sluna", "knieto", "lvega"):
            accounts.create(tx.session, usuario, PASSWORD, temporary=False)
    yield app
    engine.adapters.close()
    engine.close()


@pytest.fixture
def matter(firm: Flask) -> str:
    """Business key of a matter of Sofía Luna."""
    return one(firm, select(Asunto).where(Asunto.asesor_id == "sluna").order_by(Asunto.id)).prospecto.folio


@pytest.fixture
def browser(firm: Flask) -> Browser:
    def open_browser(usuario: str) -> FlaskClient:
        client = firm.test_client()
        client.post("/entrar", data={"usuario": usuario, "password": PASSWORD, "csrf_token": token(client)})
        return client

    return open_browser


def one(app: Flask, query: Any) -> Any:
    with app.extensions["engine"].reading(SYSTEM) as tx:
        found = tx.session.scalars(query).first()
        if isinstance(found, Asunto):
            _ = found.prospecto
        return found


def send(client: FlaskClient, path: str, **values: Any) -> Any:
    return client.post(path, data={"csrf_token": token(client, path), "_request_id": "r1", **values})


def test_a_deadline(firm: Flask, browser: Browser, matter: str) -> None:
    page = f"/asuntos/{matter}/plazos/nuevo"
    sofia = browser("sluna")
    refused = send(sofia, page, descripcion="", vence="2027-02-10", tipo="fatal", calendario="pjf")
    assert refused.status_code == 422
    answer = send(sofia, page, descripcion="Desahogar la vista", vence="2027-02-10", tipo="fatal", calendario="pjf")
    assert answer.status_code == 302, answer.text
    plazo = one(firm, select(Plazo).where(Plazo.descripcion == "Desahogar la vista"))
    assert (str(plazo.vence), plazo.calendario, plazo.tipo, plazo.estado) == ("2027-02-10", "pjf", "fatal", "vivo")


def test_a_hearing_and_another_date(firm: Flask, browser: Browser, matter: str) -> None:
    sofia = browser("sluna")
    values = {"titulo": "Audiencia", "inicio": "2027-02-10T10:00", "duracion_min": "60", "modalidad": "presencial"}
    answer = send(sofia, f"/asuntos/{matter}/audiencias/nueva", **values, lugar="Juzgado Quinto")
    assert answer.status_code == 302, answer.text
    hearing = one(firm, select(Reunion).where(Reunion.tipo == "audiencia"))
    answer = send(
        sofia, f"/asuntos/{matter}/audiencias/{hearing.id}/reprogramar", inicio="2027-02-12T10:00", motivo="Diferida"
    )
    assert answer.status_code == 302, answer.text
    moved = one(firm, select(Reunion).where(Reunion.tipo == "audiencia"))
    assert (moved.sequence, moved.inicio) == (1, datetime(2027, 2, 12, 16, tzinfo=UTC))


def test_another_advisor(firm: Flask, browser: Browser, matter: str) -> None:
    page = f"/asuntos/{matter}/reasignar"
    assert browser("sluna").get(page).status_code == 403, "the Gerente only"
    hector = browser("hruiz")
    assert "Sofía Luna" in hector.get(page).text
    answer = send(
        hector,
        page,
        asesor_nuevo="rcampos",
        justificacion="La pidió el cliente",
        motivo="carga",
        nota_entrega="Todo en orden",
    )
    assert answer.status_code == 302, answer.text
    changed = one(firm, select(Asunto).join(Asunto.prospecto).where(Prospecto.folio == matter))
    assert changed.asesor_id == "rcampos"


def test_another_manager(firm: Flask, browser: Browser, matter: str) -> None:
    """Who hands over goes on with the list; the tasks and the matter are the other one's, who may then leave."""
    page = f"/asuntos/{matter}/gerente"
    alone = browser("hruiz").get(page).text
    assert "No hay otro Gerente activo" in alone
    assert 'name="gerente_nuevo"' not in alone
    paula(firm)
    assert browser("sluna").get(page).status_code == 403, "the Gerente only"
    hector = browser("hruiz")
    assert "Héctor Ruiz" in hector.get(page).text
    assert send(hector, page, gerente_nuevo="hruiz", nota_entrega="x").status_code == 422
    answer = send(hector, page, gerente_nuevo="pgil", nota_entrega="Falta la demanda")
    assert (answer.status_code, answer.location) == (302, "/asuntos")
    assert hector.get(f"/asuntos/{matter}").status_code == 404
    shown = browser("pgil").get(f"/asuntos/{matter}").text
    assert "Paula Gil" in shown
    assert "Nota de entrega de Héctor Ruiz a Paula Gil: Falta la demanda" in shown


def test_work_on_several_matters_is_handed_over_whatever_their_order(firm: Flask, browser: Browser) -> None:
    """The older matter has the newer user task: to the substitute and back, then, all at once, to another Gerente."""
    engine = firm.extensions["engine"]
    older, newer = (ongoing(firm, name) for name in ("Ana Cruz", "Beto Díaz"))
    sofia = Actor("sluna", frozenset({"asesor"}))
    follow_up = {"actuacion": "gestion", "nota_interna": "Hablé con el juzgado"}
    engine.complete(task_of(firm, older).id, follow_up, by=sofia)
    settle(firm)

    def whose() -> set[str | None]:
        return {task_of(firm, key).assignee for key in (older, newer)}

    with engine.transaction(sofia) as tx:
        absence = ausencias.registrar(tx, "sluna", "hruiz", None, date(2027, 2, 5))
    settle(firm)
    assert whose() == {"hruiz"}
    with engine.transaction(sofia) as tx:
        ausencias.terminar(tx, absence.id)
    settle(firm)
    assert whose() == {"sluna"}
    for key in (newer, older):
        engine.complete(task_of(firm, key).id, {**follow_up, "accion": "proponer_cierre"}, by=sofia)
        report = task_of(firm, key, "ut_11_elaborar_informe")
        engine.complete(report.id, {"resumen": "Se desistió", "resultado": "favorable"}, by=sofia)
    settle(firm)
    paula(firm)
    page = f"/asuntos/{older}/gerente"
    hector = browser("hruiz")
    shown = hector.get(page).text
    assert "Lleva 27 más." in shown, shown[shown.index("Gerente actual") :][:200]
    values = {"gerente_nuevo": "pgil", "nota_entrega": "Me voy", "todos": "true"}
    assert send(hector, page, **values).status_code == 302
    assert {task_of(firm, key, "ut_11_autorizar_cierre").assignee for key in (older, newer)} == {"pgil"}
    with engine.reading(SYSTEM) as tx:
        leads = select(Prospecto.folio).outerjoin(Asunto, Asunto.prospecto_id == Prospecto.id)
        assert not tx.session.scalars(leads.where(supervision.dirige("hruiz"))).all()


def test_a_note_and_a_document(firm: Flask, browser: Browser, matter: str) -> None:
    sofia = browser("sluna")
    assert send(sofia, f"/asuntos/{matter}/nota", nota="Hablé con el juzgado").status_code == 302
    assert one(firm, select(Avance)).nota_interna == "Hablé con el juzgado"
    page = f"/asuntos/{matter}/documentos/nuevo"
    file = (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "acuerdo.pdf")
    answer = send(sofia, page, rubro="Acuerdo de admisión", archivo=file, visible_cliente="true")
    assert answer.status_code == 302, answer.text
    document = one(firm, select(Documento).where(Documento.rubro == "Acuerdo de admisión"))
    assert (document.nombre, document.visible_cliente, document.estado) == ("acuerdo.pdf", True, "aceptado")


def test_the_offer_goes_out_once_before_the_answers_are_known(firm: Flask, browser: Browser) -> None:
    engine = firm.extensions["engine"]
    values = {
        "nombre": "Ana Cruz", "correo": "ana@ejemplo.mx", "tipo": "queja", "subtipo": "condusef", "etapa": 12,
        "asesor_id": "knieto", "honorarios": Decimal(20000),
    }  # fmt: skip
    with engine.transaction(SYSTEM) as tx:
        prospect = altas.registrar(tx, values)
        tx.session.add(Oportunidad(cliente_id=prospect.persona_id, prospecto_id=prospect.id, servicio="Marca"))
        key = prospect.folio
    while engine.run_due_jobs():
        pass
    query = UserTaskQuery(business_key=key, element_id="ut_12_ofrecer_servicios")
    (task,) = engine.user_tasks(query, by=SYSTEM).items
    laura, page = browser("lvega"), f"/tareas/{task.id}"
    assert "Enviar oferta" in laura.get(page).text
    for status in (302, 409):
        assert laura.post(f"{page}/oferta", data={"csrf_token": token(laura, page)}).status_code == status
    while engine.run_due_jobs():
        pass
    assert "La oferta ya se le envió" in laura.get(page).text
    assert f'action="{page}/oferta"' not in laura.get(page).text
    assert one(firm, select(Correo.estado).where(Correo.plantilla == "cor_12_oferta")) == "enviado"
    # Put off; when the day has come Ventas opens a new contact, once.
    fields = {"ofertas.0.respuesta": "mas_adelante", "ofertas.0.fecha": "2027-09-01"}
    assert send(laura, page, **fields).status_code == 302
    put_off = one(firm, select(Oportunidad).where(Oportunidad.servicio == "Marca"))
    assert (put_off.estado, put_off.asunto_nuevo) == ("pospuesta", None)
    matter, again = f"/asuntos/{key}", f"/asuntos/{key}/oportunidades/{put_off.id}"
    assert "Volver a ofrecer el" in laura.get(matter).text
    click = {"csrf_token": token(laura, matter), "respuesta": "interesado"}
    answers = [laura.post(again, data=click) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    new = one(firm, select(Oportunidad).where(Oportunidad.servicio == "Marca")).asunto_nuevo
    assert answers[0].location == f"/asuntos/{new}"
    (opened,) = engine.user_tasks(UserTaskQuery(business_key=new), by=SYSTEM).items
    assert opened.element_id == "ut_01_registrar_contacto"


def test_matters_of_others_are_not_found(browser: Browser, matter: str) -> None:
    karla = browser("knieto")
    for page in ("plazos/nuevo", "audiencias/nueva", "nota", "documentos/nuevo"):
        assert karla.get(f"/asuntos/{matter}/{page}").status_code == 404, page


def test_the_client_asks_to_cancel(firm: Flask, matter: str) -> None:
    engine = firm.extensions["engine"]
    with engine.transaction(SYSTEM) as tx:
        asunto = tx.session.scalars(select(Asunto).join(Asunto.prospecto).where(Asunto.asesor_id == "sluna")).first()
        key = asunto.prospecto.folio
        _, url = enlaces.crear(Accion(tx, key), business_key=key, persona_id=asunto.cliente_id)
    path = "/" + url.split("/", 3)[3] + "/cancelar"
    client = firm.test_client()
    assert "le responderemos en un día hábil" in client.get(path).text
    assert send(client, path, motivo=" ").status_code == 422
    answer = send(client, path, motivo="Llegué a un arreglo")
    assert answer.status_code == 302, answer.text
    request = one(firm, select(Cancelacion))
    assert (request.solicitante, request.motivo, request.estado) == ("cliente", "Llegué a un arreglo", "solicitada")
    engine.run_due_jobs()
    tasks = [task for task in engine.user_tasks(by=SYSTEM).items if task.business_key == f"{key}/C1"]
    assert [task.element_id for task in tasks] == ["ut_cn_atender_solicitud"]
    assert one(firm, select(Colaborador).where(Colaborador.usuario == tasks[0].assignee)).usuario == "hruiz"


def ongoing(firm: Flask, name: str) -> str:
    """Key of a matter of Sofía Luna's in stage 10."""
    values = {
        "nombre": name, "correo": "x@ejemplo.mx", "tipo": "queja", "subtipo": "condusef", "etapa": 10,
        "asesor_id": "sluna", "honorarios": Decimal(20000),
    }  # fmt: skip
    with firm.extensions["engine"].transaction(SYSTEM) as tx:
        key: str = altas.registrar(tx, values).folio
    settle(firm)
    return key


def settle(firm: Flask) -> None:
    while firm.extensions["engine"].run_due_jobs():
        pass


def task_of(firm: Flask, key: str, element: str = "ut_10_dar_seguimiento") -> UserTask:
    query = UserTaskQuery(business_key=key, element_id=element)
    (task,) = firm.extensions["engine"].user_tasks(query, by=SYSTEM).items
    return task


def paula(firm: Flask) -> None:
    """Another Gerente."""
    with firm.app_context(), firm.extensions["engine"].transaction(SYSTEM) as tx:
        tx.session.add(
            Colaborador(usuario="pgil", nombre="Paula Gil", puesto="Gerente", correo="p@ejemplo.mx", grupos=["gerente"])
        )
        tx.session.flush()
        accounts.create(tx.session, "pgil", PASSWORD, temporary=False)
