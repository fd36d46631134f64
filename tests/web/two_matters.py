"""The firm of the walks of «need to know»: an accepted matter and a prospect, people who stand in, marked secrets."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from engine import SYSTEM, Actor, IncidentQuery, InstanceQuery, JobQuery, Transaction, UserTaskQuery, incident
from tasks import contacto, enlaces, expediente
from tasks.paso import Accion
from tasks.registros import (
    Ausencia,
    Avance,
    Colaborador,
    Correo,
    Documento,
    Factura,
    Oportunidad,
    Pago,
    Plazo,
    Reunion,
    RevisionConflicto,
)
from tests.web.conftest import KEY, open_engine, settings_in
from web import accounts, create_app, seed

PROSPECT = "PRO-2027-0002"
ENOUGH = 2
"""Things of one kind and matter that are tried."""
MORE_PEOPLE = {"otrogerente": "gerente", "analista": "analista", "relevo": "asesor", "relevogerente": "gerente"}


@dataclass
class Firm:
    """The firm with an accepted matter and a prospect, and where their things are."""

    app: Flask
    arguments: dict[str, list[dict[str, str]]]
    """Business key → values for the arguments of routes."""
    tasks: dict[str, dict[str, set[str]]]
    """Business key → open user task → groups and people whose it is."""
    links: dict[str, str]
    """Business key → path of a link of its client."""


@pytest.fixture(scope="session")
def firm(matter_folder: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("need") / "copy"
    shutil.copytree(matter_folder, folder)
    settings = settings_in(folder)
    engine = open_engine(settings)
    app = create_app(settings, engine)
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    with engine.transaction(Actor("lvega", frozenset({"ventas"}))) as tx:
        made = contacto.nuevo(
            tx,
            {
                "canal": "referido",
                "nombre": "Ricardo Ibáñez Montoya",
                "correo": "ricardo.ibanez@ejemplo.mx",
                "descripcion_breve": "Un cliente suyo no le paga.",
                "tipo_tentativo": "juicio",
                "ya_informe_y_resolvi": True,
            },
        )
        assert made.instance.business_key == PROSPECT
    with app.app_context(), engine.transaction(SYSTEM) as tx:
        for usuario, grupo in MORE_PEOPLE.items():
            tx.session.add(
                Colaborador(usuario=usuario, nombre=usuario.title(), correo=f"{usuario}@x.mx", grupos=[grupo])
            )
            tx.session.flush()
            accounts.create(tx.session, usuario, seed.password_of(usuario), temporary=False)
        _stand_in(tx)
        _mark(tx)
    while engine.run_due_jobs(200):
        pass
    keys = (KEY, PROSPECT)
    with engine.transaction(SYSTEM) as tx:
        links = {key: _link(tx, key) for key in keys}
        for key in keys:
            incident.open_without_element(tx, "message", "Nadie recibió el mensaje «pago».", business_key=key)
    yield Firm(app, {key: _arguments(engine, key) for key in keys}, {key: _tasks(engine, key) for key in keys}, links)
    engine.adapters.close()
    engine.close()


def _stand_in(tx: Transaction) -> None:
    """Sofía and Héctor are away and have somebody for it; Raúl stood in for Diego, who is back since this moment."""
    before, later = tx.now - timedelta(days=10), tx.now + timedelta(days=10)
    for absent, substitute, until in (
        ("sluna", "relevo", later),
        ("hruiz", "relevogerente", later),
        ("dpaz", "rcampos", tx.now),
    ):
        tx.session.add(Ausencia(ausente=absent, suplente=substitute, desde=before, hasta=until))


def _mark(tx: Transaction) -> None:
    """Words in the accepted matter by which each kind of secret is known again."""
    prospecto = expediente.prospecto_de(tx.session, KEY)
    asunto = expediente.asunto(tx.session, KEY)
    prospecto.hechos = "MARCA-HECHOS"
    prospecto.analisis[-1].estrategia = "MARCA-ESTRATEGIA"
    invoice = tx.session.scalars(select(Factura).where(Factura.prospecto_id == prospecto.id)).one()
    invoice.pagos[0].referencia = "MARCA-PAGO"
    tx.session.add_all(
        [
            Avance(asunto_id=asunto.id, fecha=tx.now.date(), actuacion="gestion", autor="sluna", visible=True,
                   texto_cliente="Todo en orden", nota_interna="MARCA-NOTA"),
            Documento(prospecto_id=prospecto.id, rubro="MARCA-DOCUMENTO", nombre="interno.pdf", estado="aceptado",
                      tipo="application/pdf", sha256="0" * 64, origen="subido", visible_cliente=False),
            RevisionConflicto(prospecto_id=prospecto.id, dictamen="sin_conflicto", autor="hruiz",
                              coincidencias=[], justificacion="MARCA-CONFLICTO"),
            Reunion(prospecto_id=prospecto.id, tipo="equipo", titulo="MARCA-EQUIPO", inicio=tx.now + timedelta(days=2),
                    fin=tx.now + timedelta(days=2, hours=1), uid="equipo@x.mx", responsable_id="hruiz"),
        ]
    )  # fmt: skip


def _link(tx: Transaction, key: str) -> str:
    persona = expediente.prospecto_de(tx.session, key).persona_id
    _row, url = enlaces.crear(Accion(tx, key), business_key=key, persona_id=persona, vigencia=timedelta(days=60))
    return "/" + url.split("/", 3)[3]


def _arguments(engine: object, key: str) -> list[dict[str, str]]:
    """One set of arguments for each thing of the matter."""
    with engine.reading(SYSTEM) as tx:  # type: ignore[attr-defined]
        instances = [*tx.instances(InstanceQuery(business_key=key)).items]
        instances += tx.instances(InstanceQuery(search=key + "/"), size=50).items
        prospecto_id = expediente.prospecto_de(tx.session, key).id
        found = [
            {
                "instance_id": one.id,
                "process_key": one.process_key,
                "name": "suspender",
                "deployment_id": one.deployment_id,
            }
            for one in instances
        ]
        jobs = tx.jobs(JobQuery(business_key=key), size=50).items
        found += [{"job_id": one.id, "name": "ahora"} for one in jobs if one.kind == "scheduled"][:ENOUGH]
        found += [{"incident_id": one.id} for one in tx.incidents(IncidentQuery(business_key=key)).items]
        kinds = ((Documento, "document_id"), (Plazo, "deadline_id"), (Factura, "invoice_id"))
        for kind, name in (*kinds, (Oportunidad, "opportunity_id")):
            rows = tx.session.scalars(select(kind).where(kind.prospecto_id == prospecto_id)).all()
            found += [{name: row.id} for row in rows if name != "document_id" or row.sha256][:ENOUGH]
        payments = select(Pago.id).join(Pago.factura).where(Factura.prospecto_id == prospecto_id)
        found += [{"payment_id": row} for row in tx.session.scalars(payments)]
        hearings = select(Reunion.id).where(Reunion.prospecto_id == prospecto_id)
        found += [{"hearing_id": row, "meeting_id": row} for row in tx.session.scalars(hearings)]
        mails = tx.session.scalars(select(Correo).where(Correo.business_key.startswith(key))).all()
        found += [{"mail_id": row.id, "plantilla": row.plantilla} for row in mails if not row.calendario][:ENOUGH]
        found += [
            {"mail_id": row.id, "plantilla": row.plantilla, "calendario": "si"} for row in mails if row.calendario
        ][:1]
        tasks = tx.user_tasks(UserTaskQuery(business_key=key), size=50).items
        found += [{"task_id": task.id, "attachment_id": "x"} for task in tasks]
    return [{"key": key, **one} for one in [{}, *found]]


def _tasks(engine: object, key: str) -> dict[str, set[str]]:
    with engine.reading(SYSTEM) as tx:  # type: ignore[attr-defined]
        tasks = tx.user_tasks(UserTaskQuery(business_key=key), size=50).items
    return {task.id: set(task.candidate_groups) | {task.assignee or ""} for task in tasks}
