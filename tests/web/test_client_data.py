"""Staff puts a client's data right; links of the portal end, or go out anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import SYSTEM, Engine
from tasks.registros import Correo, Enlace, EventoBitacora, Persona
from tests.web.conftest import KEY, token
from tests.web.test_portal import link

PAGE = f"/asuntos/{KEY}/cliente"


@pytest.fixture
def engine(busy_app: Flask) -> Engine:
    found: Engine = busy_app.extensions["engine"]
    return found


def test_another_address_ends_the_old_links_and_gets_a_new_one(
    engine: Engine, busy_app: Flask, busy: Callable[..., FlaskClient]
) -> None:
    old, visitor, staff = link(engine), busy_app.test_client(), busy("lvega")
    form = {"csrf_token": token(staff, PAGE), "nombre": "María Fernanda López Ortega", "telefono": ""}
    form["motivo"] = "Lo dictó mal"
    assert staff.post(PAGE, data={**form, "correo": ""}).status_code == 422
    assert staff.post(PAGE, data={**form, "correo": "fernanda@nuevo.mx"}).status_code == 302
    assert visitor.get(f"{old}/expediente").status_code == 404
    engine.run_due_jobs(20)
    with engine.reading(SYSTEM) as tx:
        mail = tx.session.scalars(select(Correo).order_by(Correo.id.desc())).first()
        noted = tx.session.scalars(select(EventoBitacora).where(EventoBitacora.accion == "persona.corregir")).one()
    assert (mail.plantilla, mail.destinatario) == ("cor_00_enlace", "fernanda@nuevo.mx")
    assert (noted.antes["correo"], noted.despues["motivo"]) == ("mflopez@ejemplo.mx", "Lo dictó mal")
    new = "/" + mail.datos["enlace"].split("/", 3)[3]
    assert visitor.get(f"{new}/expediente").status_code == 200


def test_a_correction_that_keeps_the_address_keeps_the_links(
    engine: Engine, busy_app: Flask, busy: Callable[..., FlaskClient]
) -> None:
    path, staff = link(engine), busy("hruiz")
    form = {"csrf_token": token(staff, PAGE), "nombre": "María Fernanda López Montaño", "correo": "mflopez@ejemplo.mx"}
    assert staff.post(PAGE, data={**form, "telefono": "55 1234 5678", "motivo": "ARCO"}).status_code == 302
    assert "López Montaño" in busy_app.test_client().get(f"{path}/mis-datos").text
    with engine.reading(SYSTEM) as tx:
        person = tx.session.scalars(select(Persona).where(Persona.correo == "mflopez@ejemplo.mx")).one()
    assert "montano" in person.nombre_normalizado.lower()


def test_links_are_revoked_and_sent_by_a_button(
    engine: Engine, busy_app: Flask, busy: Callable[..., FlaskClient]
) -> None:
    path, staff = link(engine), busy("hruiz")
    form = {"csrf_token": token(staff, f"/asuntos/{KEY}")}
    assert staff.post(f"/asuntos/{KEY}/enlaces/revocar", data=form).status_code == 302
    assert busy_app.test_client().get(path).status_code == 404
    assert staff.post(f"/asuntos/{KEY}/enlaces/enviar", data=form).status_code == 302
    with engine.reading(SYSTEM) as tx:
        alive = tx.session.scalars(select(Enlace).where(Enlace.business_key == KEY, Enlace.revocado.is_(None))).all()
    assert len(alive) == 1


def test_only_what_is_done_through_a_link_counts_as_its_use(engine: Engine, busy_app: Flask) -> None:
    path, client = link(engine, "mis_datos"), busy_app.test_client()
    page = f"{path}/mis-datos"
    form = {"csrf_token": token(client, page), "oposicion": "si"}
    for expected in (False, True):
        with engine.reading(SYSTEM) as tx:
            row = tx.session.scalars(select(Enlace).order_by(Enlace.id.desc())).first()
            assert (row.usado is not None) == expected
        client.post(page, data=form)
