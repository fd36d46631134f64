"""Settings: typed, stored only where they differ, refused when they make no sense, logged."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from engine.errors import Invalid, NotFound
from tasks.ajustes import AJUSTES, ajuste, ajuste_en, cambiar, despacho
from tasks.registros import Ajuste, EventoBitacora


def test_defaults_and_changes(session, paso):
    ctx = paso(2027, 1, 11, 10)
    assert ajuste(session, "cuatro_ojos") is True
    assert ajuste(session, "iva_pct") == Decimal(16)
    cambiar(ctx, "cuatro_ojos", False)
    cambiar(ctx, "iva_pct", "8")
    assert ajuste(session, "cuatro_ojos") is False
    assert ajuste(session, "iva_pct") == Decimal(8)
    assert isinstance(ajuste(session, "iva_pct"), Decimal)
    assert session.scalars(select(Ajuste.clave).order_by(Ajuste.clave)).all() == ["cuatro_ojos", "iva_pct"]
    evento = session.scalars(select(EventoBitacora).order_by(EventoBitacora.id)).all()[-1]
    assert (evento.usuario, evento.entidad_id, evento.antes, evento.despues) == (
        "hruiz",
        "iva_pct",
        {"valor": "16"},
        {"valor": "8"},
    )


@pytest.mark.parametrize(
    ("clave", "valor"),
    [("cuatro_ojos", "sí"), ("iva_pct", "mucho"), ("iva_pct", "NaN"), ("facturador", "pac"), ("despacho_nombre", " ")],
)
def test_nonsense_is_refused_at_the_field(paso, clave, valor):
    with pytest.raises(Invalid) as error:
        cambiar(paso(2027, 1, 11, 10), clave, valor)
    assert list(error.value.fields) == [clave]


def test_unknown_settings(session, paso):
    with pytest.raises(NotFound):
        ajuste(session, "luna")
    with pytest.raises(NotFound):
        cambiar(paso(2027, 1, 11, 10), "luna", True)


def test_every_setting_says_what_it_is(session):
    assert all(definicion.nombre for definicion in AJUSTES.values())
    assert despacho(session)["rfc"] == "BSA150301AB0"


@pytest.mark.parametrize("valor", ["0", "31", "2.5", "dos", "NaN", "Infinity", "", "1E9"])
def test_a_time_is_a_whole_number_within_its_bounds(paso, valor):
    with pytest.raises(Invalid) as error:
        cambiar(paso(2027, 1, 11, 10), "dh_elaborar_propuesta", valor)
    assert error.value.fields == {"dh_elaborar_propuesta": "Escriba un número entero, de 1 a 30."}


def test_what_began_before_a_change_keeps_its_time(session, paso):
    def momento(hora):
        return paso(2027, 1, 11, hora).now

    cambiar(paso(2027, 1, 11, 10), "dh_elaborar_propuesta", 5)
    cambiar(paso(2027, 1, 11, 12), "dh_elaborar_propuesta", 8)
    cambiar(paso(2027, 1, 11, 12), "dh_aprobar_propuesta", 9)
    assert [ajuste_en(session, "dh_elaborar_propuesta", momento(h)) for h in (9, 10, 11, 12, 13)] == [3, 5, 5, 8, 8]
    assert ajuste_en(session, "dh_informar_servicios", momento(9)) == 1
