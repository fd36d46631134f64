"""The daily digest: who gets it, with what, and on which days."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import SYSTEM
from tasks import resumen
from tasks.registros import Correo
from tests.processes.despacho import Despacho
from tests.processes.prospecto import Caso


@pytest.fixture
def despacho(database_url, tmp_path):
    despacho = Despacho(database_url, tmp_path, "2027-01-29 10:00")
    yield despacho
    despacho.cerrar()


def resumenes(despacho):
    with despacho.registros() as session:
        consulta = select(Correo).where(Correo.plantilla == "cor_00_resumen").order_by(Correo.id)
        return [
            (c.creado.isoformat()[:16], c.destinatario.partition(".")[0], c.asunto) for c in session.scalars(consulta)
        ]


def test_a_person_is_told_each_business_day_while_something_is_due(despacho):
    with despacho.engine.transaction(SYSTEM) as tx:
        resumen.programar(tx)
        resumen.programar(tx)  # Set up twice: one digest all the same.
    caso = Caso(despacho)
    caso.contacto()  # «Informar servicios» of the group ventas, due 2027-02-02 18:00; Monday 02-01 is free.
    assert "ut_01_informar_servicios" in despacho.abiertas()
    despacho.a_las("2027-02-03 10:00")
    una = "Tiene una tarea que vence o ya venció"
    assert resumenes(despacho) == [("2027-02-02T15:00", "laura", una), ("2027-02-03T15:00", "laura", una)]
    with despacho.registros() as session:
        texto = session.scalars(select(Correo.texto).where(Correo.plantilla == "cor_00_resumen")).all()
    assert "02/02/2027: Informar servicios, PRO-2027-0001" in texto[0]
    assert "02/02/2027 (vencida): Informar servicios" in texto[1]
    caso.informado()  # «Programar reunión», due in 2 dh: nothing for tomorrow's digest, but for the one after.
    despacho.a_las("2027-02-04 08:00")
    assert len(resumenes(despacho)) == 2
    despacho.a_las("2027-02-04 10:00")
    assert [cuando for cuando, _, _ in resumenes(despacho)][2:] == ["2027-02-04T15:00"]


def test_what_somebody_else_has_taken_is_theirs(despacho):
    Caso(despacho).contacto()
    tarea = despacho.abiertas()["ut_01_informar_servicios"]
    with despacho.engine.reading(SYSTEM) as tx:
        from tasks.registros import Colaborador

        lvega, hruiz = (tx.session.get(Colaborador, u) for u in ("lvega", "hruiz"))
        assert [f.name for f in resumen.pendientes(tx.session, lvega, tarea.due, tx.now)] == ["Informar servicios"]
        assert resumen.pendientes(tx.session, hruiz, tarea.due, tx.now) == []
    despacho.engine.assign(tarea.id, "hruiz", by=SYSTEM)
    with despacho.engine.reading(SYSTEM) as tx:
        assert resumen.pendientes(tx.session, lvega, tarea.due, tx.now) == []
        assert len(resumen.pendientes(tx.session, hruiz, tarea.due, tx.now)) == 1
