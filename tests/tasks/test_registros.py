"""Tables of the firm: exact money, whole numbers, moments, folios, and who wrote last."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from engine.values import Actor
from tasks.folios import siguiente_folio
from tasks.registros import Asunto, Duda, EventoBitacora, Factura


def factura(prospecto, folio, total):
    return Factura(
        prospecto_id=prospecto.id,
        tipo="primera",
        folio=folio,
        subtotal=total,
        iva=Decimal(0),
        total=total,
        saldo=total,
        emision=datetime(2027, 1, 20).date(),
        vencimiento=datetime(2027, 1, 25).date(),
    )


def test_money_is_exact_in_rows_sums_and_comparisons(session, prospecto):
    session.add_all([factura(prospecto, "A-1", Decimal("0.10")), factura(prospecto, "A-2", Decimal("34800.20"))])
    session.flush()
    session.expire_all()
    assert session.scalar(select(func.sum(Factura.total))) == Decimal("34800.30")
    assert session.scalars(select(Factura.folio).where(Factura.total > Decimal("34800.19"))).all() == ["A-2"]
    assert session.scalars(select(Factura.total).order_by(Factura.total)).first().as_tuple().exponent == -2


@pytest.mark.parametrize("monto", [0.1, Decimal("0.001"), True])
def test_money_refuses_what_is_not_exact(session, prospecto, monto):
    session.add(factura(prospecto, "A-1", monto))
    with pytest.raises(StatementError):
        session.flush()


def test_whole_numbers_come_from_feel_as_decimals(session, prospecto):
    session.add(
        Asunto(
            folio="J-2027-0001",
            prospecto_id=prospecto.id,
            cliente_id=prospecto.persona_id,
            tipo="juicio",
            subtipo="nulidad",
            avance_pct=Decimal("30"),
        )
    )
    session.flush()
    session.expire_all()
    assert session.scalar(select(Asunto.avance_pct)) == 30


def test_records_carry_business_time_and_actor(session, paso, prospecto):
    paso(2027, 1, 11, 10, actor=Actor("lvega"))
    duda = Duda(prospecto_id=prospecto.id, pregunta="¿Cuánto tarda?")
    session.add(duda)
    session.flush()
    session.expire_all()
    assert (duda.creado, duda.usuario) == (datetime(2027, 1, 11, 16, tzinfo=UTC), "lvega")
    paso(2027, 1, 12, 10, actor=Actor("hruiz"))
    duda.respuesta = "Depende del juzgado."
    session.flush()
    session.expire_all()
    assert (duda.creado.day, duda.actualizado.day) == (11, 12)
    assert duda.usuario == "hruiz"


def test_moments_need_a_zone(session, prospecto):
    prospecto.informado = datetime(2027, 1, 11)
    with pytest.raises(StatementError):
        session.flush()


def test_folios_count_per_prefix_and_year(session):
    assert [siguiente_folio(session, "PRO", 2027) for _ in range(2)] == ["PRO-2027-0001", "PRO-2027-0002"]
    assert siguiente_folio(session, "PRO", 2028) == "PRO-2028-0001"
    assert [siguiente_folio(session, "A", 0) for _ in range(2)] == ["A-1", "A-2"]


def test_the_log_only_grows(session):
    evento = EventoBitacora(momento=datetime(2027, 1, 11, tzinfo=UTC), usuario="lvega", accion="persona.cambiar")
    session.add(evento)
    session.flush()
    evento.accion = "otra"
    with pytest.raises(RuntimeError, match="append-only"):
        session.flush()
