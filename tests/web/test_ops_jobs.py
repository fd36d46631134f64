"""What belongs to no element (a mail, a notice, a message that nobody came for) is seen and repaired, too."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Conflict, Engine, IncidentQuery, JobQuery, UserTaskQuery
from tasks.registros import Correo
from tests.conftest import ROOT
from tests.web import test_ops
from tests.web.conftest import token
from tests.web.test_ops import MANY, start, text
from web.ops import words

__all__ = ["MANY"]
engine, olga = test_ops.engine, test_ops.olga
KEY = "PRO-2027-0001"


def schedule(engine: Engine, topic: str, key: str, **about: object) -> str:
    """A job of its own; its id."""
    with engine.transaction(SYSTEM) as tx:
        tx.schedule(topic, tx.now, key, dict(about), business_key=KEY)
    return next(one.id for one in engine.jobs(by=SYSTEM).items if one.key == key)


def fail(engine: Engine, job: str, said: str) -> None:
    assert engine.fail_job(job, said, last=True)


def repair(client: FlaskClient, path: str, **fields: str) -> str:
    """The form, the look, the deed; answers what the look said."""
    data = {"csrf_token": token(client, path), **fields}
    assert client.post(path, data={**data, "reason": " "}).status_code == 422
    shown = unescape(client.post(path, data=data).text)
    told = shown.split("Esto cambiará", 1)[1].split("Corregir", 1)[0]
    seen = re.search(r'name="seen" value="(\w+)"', told)
    assert seen
    done = client.post(path, data={**data, "confirmar": "si", "seen": seen[1]})
    assert done.status_code == 302, unescape(done.text)
    assert ": hecho." in text(client, done.location)
    return told


def test_a_mail_that_failed_is_found_and_tried_again(engine: Engine, olga: FlaskClient, app: Flask) -> None:
    instance = start(engine)
    job = schedule(engine, "correo.entregar", "correo/x", correo_id="x")
    fail(engine, job, "El servidor de correo no contesta.")
    overview = text(olga, "/operacion/")
    assert re.search(
        r'Trabajos que fallaron</p><p class="big-number"><a href="/operacion/trabajos\?ver=fallidos"', overview
    )
    # The table says what the number above it says.
    assert re.search(
        r'Fuera de un paso.*?<a class="count bad" href="/operacion/fallas\?ver=sueltas">1</a>', overview, re.S
    )
    (incident,) = engine.incidents(IncidentQuery(loose=True), by=SYSTEM).items
    for page in (
        "/operacion/",
        "/operacion/fallas",
        "/operacion/fallas?ver=sueltas",
        f"/operacion/instancias/{instance}",
    ):
        assert f"/operacion/fallas/{incident.id}" in text(olga, page), page
    assert "1 falla" in text(olga, f"/operacion/instancias/{instance}")
    assert f"/operacion/trabajos/{job}" in text(olga, f"/operacion/instancias/{instance}/trabajos")
    assert olga.get(f"/operacion/fallas/{incident.id}").location == f"/operacion/trabajos/{job}"
    for query in ("estado=fallas", "error=no+CONTESTA"):
        page = text(olga, f"/operacion/asuntos?{query}")
        assert f"/operacion/instancias/{instance}" in page, query
        assert '<span class="count bad" title="Fallas">1</span>' in page
    page = text(olga, f"/operacion/trabajos/{job}")
    assert "Enviar un correo" in page
    assert "El servidor de correo no contesta." in page
    told = repair(olga, f"/operacion/trabajos/{job}/reintentar", reason="ya contesta")
    assert "falló y espera a una persona → <strong>El trabajo se hace en cuanto haya un trabajador libre" in told
    assert "Falla por resolver: El servidor de correo no contesta." in told
    assert engine.incidents(by=SYSTEM).items == ()
    assert engine.jobs(JobQuery(id=job), by=SYSTEM).items[0].state == "due"


def test_a_mail_that_will_never_go_out_is_discarded(engine: Engine, olga: FlaskClient, app: Flask) -> None:
    with engine.transaction(SYSTEM) as tx:
        mail = Correo(
            id="x", business_key=KEY, plantilla="p", interno=False, destinatario="a@x.mx", datos={}, message_id="<x>"
        )
        tx.session.add(mail)
    job = schedule(engine, "correo.entregar", "correo/x", correo_id="x")
    assert re.search(
        r"Correos en cola</dt><dd>1 .*?Correos sin entregar</dt><dd class=\"\">0<", text(olga, "/operacion/")
    )
    fail(engine, job, "El servidor rechazó al destinatario: 550 no existe")
    # Nobody sends it any more: it does not wait, it is lost unless somebody does something.
    assert re.search(
        r"Correos en cola</dt><dd>0<.*?Correos sin entregar</dt><dd class=\"overdue\">1<", text(olga, "/operacion/")
    )
    told = repair(olga, f"/operacion/trabajos/{job}/descartar", reason="la dirección no existe")
    assert "El trabajo falló y espera a una persona" in told.split("Termina", 1)[1]
    assert engine.jobs(JobQuery(id=job), by=SYSTEM).items == ()
    assert engine.incidents(by=SYSTEM).items == ()
    with engine.reading(SYSTEM) as tx:
        found = tx.session.get(Correo, "x")
        assert (found.estado, found.error) == ("fallido", "Se descartó su envío: la dirección no existe")
    line = text(olga, "/operacion/bitacora")
    for said in ("Descartó", "Enviar un correo", "la dirección no existe", "Olga Pérez"):
        assert said in line


def test_a_job_that_waits_is_moved_or_done_now(engine: Engine, olga: FlaskClient) -> None:
    job = schedule(engine, "correo.entregar", "correo/x", correo_id="x")
    told = repair(olga, f"/operacion/trabajos/{job}/mover", reason="de día", due="2031-05-02T09:00")
    assert "2 may 2031, 09:00" in told
    assert "Enviar un correo" in text(olga, "/operacion/trabajos?ver=programados")
    assert "Enviar un correo" not in text(olga, "/operacion/trabajos?ver=por-hacer")
    assert "Enviar un correo" not in text(olga, "/operacion/trabajos?ver=programados&q=PRO-2027-0002")
    repair(olga, f"/operacion/trabajos/{job}/ahora", reason="urge")
    assert "Enviar un correo" in text(olga, "/operacion/trabajos?ver=por-hacer")
    # Looked at before, done by somebody else meanwhile: nothing happens.
    path = f"/operacion/trabajos/{job}/mover"
    data = {"csrf_token": token(olga, path), "reason": "x", "due": "2031-05-02T09:00", "confirmar": "si", "seen": "old"}
    answer = olga.post(path, data=data)
    assert answer.status_code == 409
    assert "Cambió mientras" in unescape(answer.text)
    assert olga.get("/operacion/trabajos/nada").status_code == 404
    assert olga.get("/operacion/trabajos?ver=nada").status_code == 404


def test_the_lists_hold_what_the_overview_counts(engine: Engine, olga: FlaskClient) -> None:
    held = start(engine)
    engine.suspend(held, reason="alto", by=SYSTEM)
    schedule(engine, "correo.entregar", "correo/x", correo_id="x")
    assert len(engine.jobs(JobQuery(business_key=KEY), by=SYSTEM).items) == 2
    (job,) = engine.jobs(JobQuery(business_key=KEY, active=True), by=SYSTEM).items
    assert job.topic == "correo.entregar", "the timer of the suspended matter is left out"
    with engine.reading(SYSTEM) as tx:
        late = tx.now + timedelta(minutes=1)
    engine.move_clock(late - timedelta(seconds=1), by=SYSTEM, leave=lambda row: True)
    assert engine.workload(by=SYSTEM).overdue == 0
    assert "Ninguno" in text(olga, "/operacion/trabajos?ver=atrasados")
    engine.move_clock(late, by=SYSTEM, leave=lambda row: True)
    assert engine.workload(by=SYSTEM).overdue == 1
    assert "el más antiguo, " in text(olga, "/operacion/")
    assert "Enviar un correo" in text(olga, "/operacion/trabajos?ver=atrasados")


def test_a_message_that_nobody_came_for_is_closed_by_a_person(engine: Engine, olga: FlaskClient) -> None:
    engine.correlate("carta", business_key=KEY, variables={}, keep="P1D", by=SYSTEM)
    with engine.reading(SYSTEM) as tx:
        then = tx.now + timedelta(days=2)
    assert "Límite para recibir el mensaje «carta»" in text(olga, "/operacion/trabajos?ver=programados")
    engine.move_clock(then, by=SYSTEM)
    (incident,) = engine.incidents(by=SYSTEM).items
    assert "Nadie recibió el mensaje «carta»" in text(olga, f"/operacion/fallas/{incident.id}")
    told = repair(olga, f"/operacion/fallas/{incident.id}/vista", reason="ya se habló por teléfono")
    assert "La falla: por resolver → <strong>La falla: resuelta" in told
    assert engine.incidents(by=SYSTEM).items == ()
    assert "Resuelta" in text(olga, f"/operacion/fallas/{incident.id}")
    assert "· Olga Pérez" in text(olga, "/operacion/fallas?ver=resueltas")


def test_a_kept_message_that_is_not_wanted_any_more_is_taken_back(engine: Engine, olga: FlaskClient) -> None:
    for day in ("P1D", "P2D"):
        engine.correlate("carta", business_key=KEY, variables={"dia": day}, keep=day, by=SYSTEM)
    first, _second = engine.jobs(JobQuery(kind="message"), by=SYSTEM).items
    repair(olga, f"/operacion/trabajos/{first.id}/descartar", reason="se mandó dos veces")
    instance = start(engine, monto=100, limite=5)
    (task,) = engine.user_tasks(UserTaskQuery(), by=SYSTEM).items
    engine.complete(task.id, {}, by=SYSTEM)
    # The other one is received: it is the one that was not taken back.
    assert engine.variables(instance, by=SYSTEM)["dia"] == "P2D"
    assert engine.jobs(JobQuery(kind="message"), by=SYSTEM).items == ()


def test_what_belongs_to_an_element_is_repaired_there(engine: Engine, olga: FlaskClient) -> None:
    instance = start(engine)
    (timer,) = engine.jobs(JobQuery(instance_id=instance), by=SYSTEM).items
    assert f'href="/operacion/instancias/{instance}"' in text(olga, "/operacion/trabajos?ver=programados")
    assert "Es de un paso del asunto" in text(olga, f"/operacion/trabajos/{timer.id}")
    assert olga.get(f"/operacion/trabajos/{timer.id}/mover").status_code == 404
    with pytest.raises(Conflict, match="omita el paso"):
        engine.discard(timer.id, reason="x", by=SYSTEM)


def test_every_mail_of_the_firm_is_called_by_what_it_is_for() -> None:
    folder = ROOT / "processes" / "procedimiento_legal" / "mail"
    assert {path.stem for path in folder.glob("cor_*.j2")} == set(words.MAILS)
    assert words.mail_words("cor_de_otro") == "cor_de_otro"


def test_every_job_that_is_scheduled_has_words() -> None:
    code = "".join(path.read_text() for path in (ROOT / "tasks").glob("*.py"))
    scheduled = set(re.findall(r'\.schedule\(\s*"([\w.]+)"', code))
    assert scheduled > {"correo.entregar", "plazo.avisar"}
    assert scheduled <= set(words.JOBS)
