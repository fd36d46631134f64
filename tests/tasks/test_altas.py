"""A matter that began before the program did: stands at its stage, its open invoices are followed, no mail goes out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import Actor, InstanceQuery, UserTaskQuery, load_folder
from engine.errors import Invalid, NotAllowed
from tasks import altas
from tasks.calendario import ZONA
from tasks.registros import Asunto, Correo, Factura, Plazo, Prospecto
from tests.tasks.firma import PROCESO, Firma

GERENTE = Actor("hruiz", frozenset({"gerente"}))
CASO = {
    "nombre": "Papelera del Valle, S.A. de C.V.",
    "tipo_persona": "moral",
    "correo": "papelera@ejemplo.mx",
    "tipo": "juicio",
    "subtipo": "mercantil_oral",
    "etapa": 10,
    "asesor_id": "dpaz",
    "honorarios": Decimal(100000),
    "avance_pct": Decimal(35),
    "facturas": [
        {"total": Decimal(58000), "saldo": Decimal(0), "vencimiento": date(2026, 11, 3)},
        {"total": Decimal(23200), "saldo": Decimal(23200), "vencimiento": date(2027, 1, 20)},
    ],
    "plazos": [{"descripcion": "Ofrecer pruebas", "vence": date(2027, 2, 25)}],
    "audiencias": [{"titulo": "Preliminar", "inicio": datetime(2027, 3, 3, 10, tzinfo=ZONA)}],
}
PRIMERA_TAREA = {
    3: "ut_03_entregar_documentos",
    4: "ut_04_analizar_caso",
    5: "ut_05_elaborar_propuesta",
    8: "ut_08_asignar_asesor",
    9: "ut_09_preparar_arranque",
    10: "ut_10_dar_seguimiento",
    11: "ut_11_elaborar_informe",
}


@pytest.fixture
def firma(tmp_path: Path):
    """On SQLite: the engine's own tests try the verb on both databases."""
    una = Firma(f"sqlite:///{tmp_path / 'cauce.db'}", tmp_path)
    with una.tx() as tx:
        tx.deploy(load_folder(PROCESO), name="proceso")
    yield una
    una.cerrar()


def dar_de_alta(firma: Firma, **cambios) -> str:
    with firma.engine.transaction(GERENTE) as tx:
        folio: str = altas.registrar(tx, CASO | cambios).folio
    firma.trabajar()
    return folio


@pytest.mark.parametrize("etapa", PRIMERA_TAREA)
def test_the_instance_stands_at_its_stage_and_nobody_gets_a_mail(firma, etapa):
    folio = dar_de_alta(firma, etapa=etapa)
    with firma.tx() as tx:
        abiertas = [t.element_id for t in tx.user_tasks(UserTaskQuery(business_key=folio)).items]
        assert abiertas == [PRIMERA_TAREA[etapa]]
        assert tx.session.scalars(select(Correo)).all() == []
        principal = tx.instances(InstanceQuery(business_key=folio)).items[0]
        marcas = {t.element_id for t in tx.diagram(principal.process_key, instance_id=principal.id).tokens}
        assert any(marca.startswith(f"ca_{etapa:02d}_") for marca in marcas)


def test_open_invoices_are_followed_and_paid_ones_are_not(firma):
    folio = dar_de_alta(firma)
    with firma.tx() as tx:
        facturas = tx.session.scalars(select(Factura).order_by(Factura.id)).all()
        assert [(f.estado, f.subtotal, f.saldo) for f in facturas] == [
            ("pagada", Decimal(50000), Decimal(0)),
            ("timbrada", Decimal(20000), Decimal(23200)),
        ]
        abajo = tx.instances(InstanceQuery(search=folio + "/")).items
        assert [(i.process_key, i.business_key) for i in abajo] == [
            ("seguimiento_pagos", f"{folio}/{facturas[1].folio}")
        ]
        assert facturas[1].proxima_accion is not None


def test_dates_keep_their_alerts_and_the_matter_its_folio(firma):
    folio = dar_de_alta(firma, folio="J-2025-0099")
    with firma.tx() as tx:
        asunto = tx.session.scalars(select(Asunto).where(Asunto.folio == "J-2025-0099")).one()
        assert (asunto.estado, asunto.avance_pct, asunto.asesor_id, asunto.supervisor_id) == (
            "en_tramite", 35, "dpaz", "hruiz",
        )  # fmt: skip
        assert asunto.prospecto.folio == folio
        nombres = tx.session.scalars(select(Plazo.descripcion).order_by(Plazo.vence)).all()
        assert nombres == ["Ofrecer pruebas", "Audiencia: Preliminar"]
    with pytest.raises(Invalid, match="Ya hay un asunto con este folio"):
        dar_de_alta(firma, folio="J-2025-0099")


def test_a_matter_at_payments_waits_for_its_first_invoice(firma):
    folio = dar_de_alta(firma, etapa=7, facturas=CASO["facturas"][1:], plazos=[])
    with firma.tx() as tx:
        principal = tx.instances(InstanceQuery(business_key=folio)).items[0]
        nombres = {s.name for s in tx.subscriptions(principal.id)}
        assert "msg_pago_registrado" in nombres


@pytest.mark.parametrize(
    ("cambio", "campo"),
    [
        ({"etapa": 2}, "etapa"),
        ({"nombre": " "}, "nombre"),
        ({"subtipo": "profeco"}, "subtipo"),
        ({"honorarios": None}, "honorarios"),
        ({"asesor_id": "lvega"}, "asesor_id"),
        ({"etapa": 7, "facturas": []}, "facturas"),
        ({"avance_pct": Decimal(101)}, "avance_pct"),
        (
            {"facturas": [{"total": Decimal(1), "saldo": Decimal(2), "vencimiento": date(2027, 1, 1)}]},
            "facturas.0.saldo",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(firma, cambio, campo):
    with pytest.raises(Invalid) as caught:
        dar_de_alta(firma, **cambio)
    assert set(caught.value.fields) == {campo}


def test_an_advisor_registers_none(firma):
    with pytest.raises(NotAllowed), firma.engine.transaction(Actor("dpaz", frozenset({"asesor"}))) as tx:
        altas.registrar(tx, CASO)


def test_a_file_brings_all_its_matters_or_none(firma):
    lineas = [
        ",".join(altas.COLUMNAS),
        "Ana Ruiz,fisica,,ana@ejemplo.mx,,4,queja,profeco,,,,,,,",
        'Beto Cruz,fisica,,beto@ejemplo.mx,,10,juicio,laboral,dpaz,J-2025-0007,"80,000",20,'
        "46400|46400|2027-01-29,Alegatos|2027-02-12,Pruebas|2027-03-02T09:30",
    ]
    with pytest.raises(Invalid) as caught, firma.engine.transaction(GERENTE) as tx:
        altas.importar(tx, "\n".join([*lineas, "X,fisica,,,,13,queja,x,,,,,,ayer,"]).encode())
    assert caught.value.fields["archivo"].startswith("Renglón 4, plazos:")
    with firma.tx() as tx:
        assert tx.session.scalars(select(Prospecto).where(Prospecto.folio.like("PRO-2027-%"))).all() == []
    with firma.engine.transaction(GERENTE) as tx:
        altas.importar(tx, "\n".join(lineas).encode())
    firma.trabajar()
    with firma.tx() as tx:
        tareas = [t.element_id for t in tx.user_tasks(UserTaskQuery(sort="created"), size=50).items]
        assert sorted(tareas) == ["ut_04_analizar_caso", "ut_10_dar_seguimiento"]
        assert tx.session.scalars(select(Correo)).all() == []
