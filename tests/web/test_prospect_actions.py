"""What people do for a prospect outside of its user tasks: note an answer, move a meeting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import SYSTEM, Engine
from tasks.registros import EventoBitacora, Reunion
from tests.conftest import ROOT
from tests.web.conftest import KEY, token
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm
from web.texts import ZONE

SignIn = Callable[..., FlaskClient]


def played(app: Flask, until: int) -> Engine:
    engine: Engine = app.extensions["engine"]
    scenario = load(ROOT / "processes" / "procedimiento_legal" / "scenarios" / "e1_camino_feliz.yaml")
    report = run(scenario, lambda: ScenarioFirm(engine, keep_open=True), until=until)
    assert report.failure is None, report.failure
    return engine


def test_an_answer_of_the_prospect_is_noted_and_delivered(app: Flask, sign_in: SignIn) -> None:
    engine = played(app, 2)
    client = sign_in("lvega")
    page = client.get(f"/asuntos/{KEY}")
    assert "El prospecto contestó" in page.text
    answer = client.post(f"/asuntos/{KEY}/respuesta", data={"csrf_token": token(client, f"/asuntos/{KEY}")})
    assert answer.status_code == 302
    engine.run_due_jobs()
    with engine.reading(SYSTEM) as tx:
        assert "contacto.respuesta" in tx.session.scalars(select(EventoBitacora.accion)).all()
        instance = tx.instances().items[0]
        kinds = [event.kind for event in tx.history(instance.id, size=500).items]
    assert "message.received" in kinds
    assert sign_in("msoto").post(f"/asuntos/{KEY}/respuesta").status_code in (400, 403)


def test_a_meeting_is_moved_and_the_minuta_with_it(app: Flask, sign_in: SignIn) -> None:
    engine = played(app, 5)
    with engine.reading(SYSTEM) as tx:
        meeting = tx.session.scalars(select(Reunion)).one()
    client = sign_in("lvega")
    path = f"/asuntos/{KEY}/reuniones/{meeting.id}/reprogramar"
    assert path in client.get(f"/asuntos/{KEY}/plazos").text
    assert "https://reuniones.barrerasolis.example/hruiz" in client.get(path).text
    values = {"duracion_min": "30", "modalidad": "videollamada", "lugar_o_enlace": "", "motivo": "La pidió"}
    send = {"csrf_token": token(client, path), "_request_id": "r1", **values}
    refused = client.post(path, data={**send, "inicio": "2027-01-16T11:00"})
    assert refused.status_code == 422
    assert "día hábil" in refused.text
    assert client.post(path, data={**send, "inicio": "2027-01-13T16:00"}).status_code == 302
    with engine.reading(SYSTEM) as tx:
        moved = tx.session.scalars(select(Reunion)).one()
        assert (moved.uid, moved.sequence, moved.estado) == (meeting.uid, 1, "tentativa")
        timers = [job.due for job in tx.jobs().items if job.element_id == "ev_02_reunion_terminada"]
    assert timers == [datetime(2027, 1, 13, 16, 30, tzinfo=ZONE)]
