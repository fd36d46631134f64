"""Amounts and dates of invoices (§1.7, §5.2), and when dunning acts next."""

from datetime import date
from decimal import Decimal

import pytest

from engine.errors import Conflict, Invalid
from tasks import ajustes, calendario, cobranza, facturas, seguimiento_pagos
from tasks.registros import Asunto, GestionCobranza, Pago, Propuesta


@pytest.fixture
def asunto(session, prospecto):
    return abrir(session, prospecto, "60000", "50", 0)


def abrir(session, prospecto, netos, pct, credito, folio="J-2027-0001"):
    netos = Decimal(netos)
    session.add(
        Propuesta(
            folio="PROP-2027-0001", prospecto_id=prospecto.id, honorarios=netos, honorarios_netos=netos, iva=Decimal(0),
            total=netos, primera_factura_pct=Decimal(pct), dias_credito=credito, estado="aceptada", autor="hruiz",
        )
    )  # fmt: skip
    asunto = Asunto(
        folio=folio, prospecto_id=prospecto.id, cliente_id=prospecto.persona_id, tipo="juicio", subtipo="laboral"
    )
    session.add(asunto)
    session.flush()
    return asunto


def emitir(paso, asunto, tipo="primera", subtotal=None):
    propuesta = facturas.propuesta_aceptada(paso.session, asunto.prospecto_id)
    nueva = facturas.borrador(paso, asunto, tipo, subtotal or facturas.primer_subtotal(propuesta), "Honorarios")
    nueva.estado = "timbrada_simulada"
    paso.session.flush()
    return nueva


def test_first_invoice_and_balance_add_up_to_the_fees(paso, asunto, session):
    p = paso(2027, 1, 20)
    primera = emitir(p, asunto)
    assert (primera.folio, primera.subtotal, primera.iva, primera.total) == ("A-1", 30000, 4800, 34800)
    assert facturas.por_facturar(session, asunto) == 30000
    saldo = emitir(p, asunto, "saldo", facturas.por_facturar(session, asunto))
    assert saldo.folio == "A-2"
    assert facturas.por_facturar(session, asunto) == 0
    assert facturas.honorarios_facturados(session, asunto.id) == 60000
    assert facturas.saldo_pendiente(session, asunto.id) == 69600
    primera.estado = "cancelada"
    assert facturas.por_facturar(session, asunto) == 30000, "a cancelled invoice does not count"


def test_centavos_are_rounded_half_up(paso, session, prospecto):
    asunto = abrir(session, prospecto, "100.05", "50", 0)
    factura = emitir(paso(2027, 1, 20), asunto)
    assert (factura.subtotal, factura.iva, factura.total) == (Decimal("50.03"), Decimal("8.00"), Decimal("58.03"))
    assert facturas.por_facturar(session, asunto) == Decimal("50.02")


def test_a_firm_that_is_a_person_has_taxes_withheld_by_companies_only(paso, session, prospecto):
    p = paso(2027, 1, 20)
    ajustes.cambiar(p, "ret_isr_pct", "10")
    ajustes.cambiar(p, "ret_iva_pct", "10.6667")
    asunto = abrir(session, prospecto, "20000", "100", 0)
    assert emitir(p, asunto).total == 23200
    prospecto.persona.tipo_persona = "moral"
    retenida = emitir(p, asunto)
    assert (retenida.ret_isr, retenida.ret_iva) == (2000, Decimal("2133.34"))
    assert retenida.total == Decimal("19066.66")


@pytest.mark.parametrize(
    ("emision", "credito", "vencimiento"),
    [
        ((2027, 1, 20), 0, date(2027, 1, 25)),
        ((2027, 1, 28), 0, date(2027, 2, 3)),
        ((2027, 3, 1), 15, date(2027, 3, 16)),
        ((2027, 3, 1), 14, date(2027, 3, 16)),
        ((2027, 3, 6), 7, date(2027, 3, 16)),
    ],
)
def test_due_dates(paso, session, prospecto, emision, credito, vencimiento):
    """Natural days of credit, moved to the next dh (2027-03-15 is a holiday); without credit 3 dh."""
    asunto = abrir(session, prospecto, "1000", "100", credito)
    assert emitir(paso(*emision), asunto).vencimiento == vencimiento


@pytest.mark.parametrize(
    ("credito", "primera"),
    [(0, (2027, 1, 26, 9)), (15, (2027, 2, 2, 9))],
)
def test_first_action_of_dunning(paso, session, prospecto, credito, primera):
    """2 dh before the due date if that is more than 3 dh after the issue, else 1 dh after it; 09:00."""
    asunto = abrir(session, prospecto, "1000", "100", credito)
    p = paso(2027, 1, 20)
    factura = emitir(p, asunto)
    assert seguimiento_pagos.siguiente_accion(p, asunto, factura) == paso(*primera).now


def test_dunning_follows_what_was_agreed_and_pauses_for_a_disagreement(paso, asunto, session):
    p = paso(2027, 1, 26, 10)
    factura = emitir(paso(2027, 1, 20), asunto)
    session.add(
        GestionCobranza(
            factura_id=factura.id, fecha=p.now, accion="llamada", siguiente=calendario.a_las(date(2027, 2, 3))
        )
    )
    session.flush()
    assert seguimiento_pagos.siguiente_accion(p, asunto, factura) == paso(2027, 2, 3, 9).now
    asunto.inconformidad_abierta = True
    tarde = paso(2027, 2, 5, 10)
    assert seguimiento_pagos.siguiente_accion(tarde, asunto, factura) == paso(2027, 2, 8, 9).now
    asunto.inconformidad_abierta, asunto.inconformidad_resuelta = False, tarde.now
    assert seguimiento_pagos.siguiente_accion(tarde, asunto, factura) == paso(2027, 2, 8, 9).now


def test_percentage_paid(paso, asunto):
    factura = emitir(paso(2027, 1, 20), asunto)
    factura.saldo = Decimal("23200.01")
    assert facturas.pct_pagado(factura) == Decimal("33.33")
    factura.saldo = Decimal(0)
    assert facturas.pct_pagado(factura) == 100


@pytest.mark.parametrize(
    ("cambio", "campo"),
    [
        ({"monto": Decimal("34800.01")}, "monto"),
        ({"monto": Decimal(0)}, "monto"),
        ({"monto": Decimal(-5)}, "monto"),
        ({"monto": Decimal("1.001")}, "monto"),
        ({"monto": None}, "monto"),
        ({"fecha": date(2027, 1, 21)}, "fecha"),
        ({"referencia": " "}, "referencia"),
    ],
)
def test_a_wrong_payment_changes_nothing(paso, asunto, session, cambio, campo):
    factura = emitir(paso(2027, 1, 20), asunto)
    valores = {"referencia": "SPEI 1", "monto": Decimal(100), **cambio}
    with pytest.raises(Invalid) as refused:
        cobranza.asentar_pago(paso(2027, 1, 20, 12), factura, valores)
    assert list(refused.value.fields) == [campo]
    assert factura.saldo == 34800
    assert session.query(Pago).count() == 0


def test_what_is_paid_cannot_be_paid_again(paso, asunto):
    factura = emitir(paso(2027, 1, 20), asunto)
    factura.saldo, factura.estado = Decimal(0), "pagada"
    with pytest.raises(Conflict):
        cobranza.asentar_pago(paso(2027, 1, 20), factura, {"referencia": "x", "monto": Decimal(1)})
