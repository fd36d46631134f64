"""The client's page of a proposal: the link of an earlier version never decides a later one (E2, row 9)."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from engine import SYSTEM, Engine
from tasks import enlaces
from tasks.paso import Accion
from tasks.registros import Documento, Enlace, Propuesta, Prospecto
from tests.conftest import ROOT
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm


def test_the_link_of_an_earlier_version_does_not_open_the_decision(app: Flask) -> None:
    engine: Engine = app.extensions["engine"]
    scenario = load(ROOT / "processes" / "procedimiento_legal" / "scenarios" / "e2_rechazos.yaml")
    third = next(n for n, step in enumerate(scenario.steps, 1) if step.name == "Ana la aprueba")
    report = run(scenario, lambda: ScenarioFirm(engine, keep_open=True), until=third)
    assert report.failure is None, report.failure
    with engine.reading(SYSTEM) as tx:
        versions = tx.session.scalars(select(Propuesta).order_by(Propuesta.version)).all()
        prospecto = tx.session.scalars(select(Prospecto).where(Prospecto.id == versions[0].prospecto_id)).one()
        sent = tx.session.scalars(select(Enlace.destino).where(Enlace.destino.startswith("propuesta:"))).all()
        documents = select(Documento.nombre).where(Documento.plantilla == "propuesta", Documento.visible_cliente)
        shown = tx.session.scalars(documents).all()
    assert sent == [f"propuesta:{one.id}" for one in versions[1:]]
    assert shown == ["PROP-2027-0001 v3.pdf"]
    client = app.test_client()
    pages = []
    for one in versions[1:]:
        with engine.transaction(SYSTEM) as tx:
            _row, url = enlaces.crear(
                Accion(tx, prospecto.folio),
                business_key=prospecto.folio,
                persona_id=prospecto.persona_id,
                destino=f"propuesta:{one.id}",
                vigencia=timedelta(days=30),
            )
        pages.append(client.get("/" + url.split("/", 3)[3], follow_redirects=True).text)
    earlier, current = pages
    assert "Esa versión de la propuesta se sustituyó" in earlier
    assert 'name="decision"' not in earlier
    assert 'name="decision"' in current
