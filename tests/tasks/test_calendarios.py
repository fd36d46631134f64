"""The actions that keep calendars and legal terms: judged, logged, refused to whoever may not."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from engine.errors import Conflict, Invalid, NotAllowed
from engine.values import Actor
from tasks import calendario, calendarios, plazos
from tasks.ajustes import ajuste, guardar
from tasks.catalogos import sembrar_plazos
from tasks.registros import DiaInhabil, EventoBitacora, PlazoCatalogo

NULIDAD = {
    "tipo": "juicio",
    "subtipo": "nulidad",
    "descripcion": "Presentar la demanda",
    "dias": 45,
    "unidad": "habiles",
    "calendario": "tfja",
    "fundamento": "Ley nueva 1",
    "vigente_desde": date(2027, 4, 1),
}


@pytest.fixture
def tx(paso):
    """The transaction of an action, as the Gerente."""
    step = paso(2027, 1, 11, 10)
    return SimpleNamespace(session=step.session, now=step.now, actor=step.actor)


def test_a_day_is_added_once_and_taken_back(tx):
    calendarios.agregar_dia(tx, "oficina", date(2027, 3, 25), " Jueves Santo ")
    assert calendario.calendario(tx.session).sumar(date(2027, 3, 24), 1) == date(2027, 3, 26)
    with pytest.raises(Invalid, match="ya es inhábil"):
        calendarios.agregar_dia(tx, "oficina", date(2027, 3, 25), "Jueves Santo")
    with pytest.raises(Invalid):
        calendarios.agregar_dia(tx, "oficina", date(2027, 2, 1), "Día de la Constitución, ya de ley")
    calendarios.quitar_dia(tx, tx.session.scalars(select(DiaInhabil)).one().id)
    assert calendario.calendario(tx.session).sumar(date(2027, 3, 24), 1) == date(2027, 3, 25)
    said = [(e.accion, e.usuario) for e in tx.session.scalars(select(EventoBitacora).order_by(EventoBitacora.id))]
    assert said == [("calendario.agregar", "hruiz"), ("calendario.quitar", "hruiz")]


def test_every_wrong_line_of_a_file_is_named_and_nothing_is_kept(tx):
    content = "calendario,fecha,motivo\npjf,2027-07-16,Receso\nmarte,2027-07-16,x\npjf,16/07/2027,x\n".encode("cp1252")
    with pytest.raises(Invalid) as caught:
        calendarios.importar(tx, content)
    lines = caught.value.fields["archivo"].split("\n")
    assert [line[:10] for line in lines] == ["Renglón 3:", "Renglón 4:"]
    assert tx.session.scalars(select(DiaInhabil)).all() == []
    with pytest.raises(Invalid, match="primer renglón"):
        calendarios.importar(tx, b"pjf,2027-07-16,Receso\n")
    good = "calendario,fecha,motivo\r\npjf,2027-07-16,Receso de julio, año 2027\r\n".encode("utf-8-sig")
    assert calendarios.importar(tx, good) == 1
    assert calendarios.importar(tx, good) == 0


def test_a_new_term_ends_the_one_before_it_and_rules_by_date(tx):
    sembrar_plazos(tx.session)
    assert plazos.calcular(tx.session, "juicio", "nulidad", date(2027, 4, 5)).dias == 30
    calendarios.agregar_termino(tx, NULIDAD)
    assert plazos.calcular(tx.session, "juicio", "nulidad", date(2027, 3, 31)).dias == 30
    assert plazos.calcular(tx.session, "juicio", "nulidad", date(2027, 4, 1)).dias == 45
    with pytest.raises(Invalid, match="Ya hay un término"):
        calendarios.agregar_termino(tx, NULIDAD)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"dias": 0}, "dias"),
        ({"dias": None}, "dias"),
        ({"unidad": "lustros"}, "unidad"),
        ({"calendario": "marte"}, "calendario"),
        ({"subtipo": "profeco"}, "subtipo"),
        ({"fundamento": " "}, "fundamento"),
        ({"vigente_desde": None}, "vigente_desde"),
        ({"vigente_hasta": date(2027, 3, 1)}, "vigente_hasta"),
    ],
)
def test_a_wrong_term_is_refused_at_its_field(tx, wrong, field):
    with pytest.raises(Invalid) as caught:
        calendarios.agregar_termino(tx, NULIDAD | wrong)
    assert set(caught.value.fields) == {field}


def test_a_term_is_confirmed_once_and_ended(tx):
    sembrar_plazos(tx.session)
    term = tx.session.scalars(select(PlazoCatalogo).where(PlazoCatalogo.subtipo == "nulidad")).one()
    calendarios.confirmar_termino(tx, term.id)
    with pytest.raises(Conflict):
        calendarios.confirmar_termino(tx, term.id)
    with pytest.raises(Invalid):
        calendarios.terminar_vigencia(tx, term.id, date(2024, 12, 31))
    calendarios.terminar_vigencia(tx, term.id, date(2027, 3, 31))
    assert plazos.calcular(tx.session, "juicio", "nulidad", date(2027, 4, 1)) is None


def test_an_advisor_changes_neither_calendars_nor_settings(tx):
    tx.actor = Actor("sluna", frozenset({"asesor"}))
    with pytest.raises(NotAllowed):
        calendarios.agregar_dia(tx, "oficina", date(2027, 3, 25), "Jueves Santo")
    with pytest.raises(NotAllowed):
        calendarios.agregar_termino(tx, NULIDAD)
    with pytest.raises(NotAllowed):
        guardar(tx, {"cuatro_ojos": False})


def test_settings_are_saved_together_or_not_at_all(tx):
    tx.actor = Actor("abarrera", frozenset({"direccion"}))
    asked = {"cuatro_ojos": False, "vigencia_dh": "31", "despacho_rfc": "BSA150301AB1", "despacho_clabe": "123"}
    with pytest.raises(Invalid) as caught:
        guardar(tx, asked)
    assert set(caught.value.fields) == {"vigencia_dh", "despacho_rfc", "despacho_clabe"}
    tx.session.rollback()
    assert guardar(tx, {"cuatro_ojos": False, "vigencia_dh": "20", "iva_pct": "16.00"}) == [
        "cuatro_ojos",
        "vigencia_dh",
    ]
    assert ajuste(tx.session, "vigencia_dh") == 20
