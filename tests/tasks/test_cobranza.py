"""Payments, balance and closed invoices through the engine (§1.7, §5.1, §5.2): what is refused changes nothing."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from engine.errors import Conflict, EngineError, Invalid, NotAllowed
from engine.values import Actor
from tasks import ajustes, cobranza, facturador, facturas, personas, seguimiento_pagos
from tasks.paso import Accion
from tasks.registros import Asunto, Correo, Factura, Pago, Propuesta
from tests.tasks.firma import prospecto

MSOTO = Actor("msoto", frozenset({"cobranza"}))


@pytest.fixture
def con_factura(firma):
    """A firm that is a person, and one invoice for a company: 20,000 + IVA − withholdings = 19,066.66 (§5.2)."""
    firma = firma()
    with firma.tx() as tx:
        paso, pro = Accion(tx, "PRO-2027-0001"), prospecto(tx)
        ajustes.cambiar(paso, "ret_isr_pct", "10")
        ajustes.cambiar(paso, "ret_iva_pct", "10.6667")
        pro.persona.tipo_persona = "moral"
        tx.session.add(
            Propuesta(
                folio="PROP-2027-0001", prospecto_id=pro.id, honorarios=Decimal(40000), iva=Decimal(0),
                honorarios_netos=Decimal(40000), total=Decimal(40000), primera_factura_pct=Decimal(50), dias_credito=0,
                estado="aceptada", autor="hruiz",
            )
        )  # fmt: skip
        asunto = Asunto(
            folio="J-2027-0001", prospecto_id=pro.id, cliente_id=pro.persona_id, tipo="juicio", subtipo="laboral"
        )
        tx.session.add(asunto)
        tx.session.flush()
        factura = facturas.borrador(paso, asunto, "primera", Decimal(20000), "Honorarios")
        facturador.emitir(paso, factura)
        firma.factura_id, firma.asunto_id = factura.id, asunto.id
    return firma


def pagar(firma, monto, referencia="SPEI 1", by=MSOTO, **otros):
    with firma.engine.transaction(by) as tx:
        cobranza.registrar_pago(tx, firma.factura_id, referencia=referencia, monto=Decimal(monto), **otros)


def estado(firma):
    with firma.tx() as tx:
        factura = tx.session.get(Factura, firma.factura_id)
        pagado = tx.session.scalar(select(func.sum(Pago.monto))) or Decimal(0)
        assert factura.saldo + pagado == factura.total, "what is paid and what is open are the whole"
        return factura.estado, factura.saldo


def test_partial_payments_with_withholdings(con_factura):
    with con_factura.tx() as tx:
        factura = tx.session.get(Factura, con_factura.factura_id)
        assert (factura.ret_isr, factura.ret_iva, factura.total) == (2000, Decimal("2133.34"), Decimal("19066.66"))
    pagar(con_factura, "9533.33")
    assert estado(con_factura) == ("parcial", Decimal("9533.33"))
    with con_factura.tx() as tx:
        assert facturas.pct_pagado(tx.session.get(Factura, con_factura.factura_id)) == 50
        assert facturas.saldo_pendiente(tx.session, con_factura.asunto_id) == Decimal("9533.33")
    pagar(con_factura, "9533.33", "SPEI 2")
    assert estado(con_factura) == ("pagada", 0)
    con_factura.trabajar()
    with con_factura.tx() as tx:
        assert len(tx.session.scalars(select(Correo).where(Correo.plantilla == "cor_07_recibo")).all()) == 2
        assert all(pago.complemento for pago in tx.session.scalars(select(Pago)))
        asunto = tx.session.get(Asunto, con_factura.asunto_id)
        assert facturas.por_facturar(tx.session, asunto) == 20000
        assert personas.saldo_vencido(tx.session, asunto.cliente_id, date(2027, 6, 1)) == 0


@pytest.mark.parametrize(
    ("monto", "campo"), [("19066.67", "monto"), ("-1", "monto"), ("0", "monto"), ("0.001", "monto"), ("1e9", "monto")]
)
def test_a_wrong_amount_is_refused_at_its_field(con_factura, monto, campo):
    with pytest.raises(Invalid) as refused:
        pagar(con_factura, monto)
    assert list(refused.value.fields) == [campo]
    assert estado(con_factura) == ("timbrada_simulada", Decimal("19066.66"))


def test_the_same_payment_twice(con_factura):
    pagar(con_factura, "100")
    for referencia in ("SPEI 1", " spei  1 "):
        with pytest.raises(Invalid) as refused:
            pagar(con_factura, "100.00", referencia)
        assert "ya está registrado" in refused.value.fields["referencia"]
    pagar(con_factura, "100", "SPEI 2")
    pagar(con_factura, "50", "SPEI 1")
    pagar(con_factura, "100", "SPEI 1", fecha=date(2027, 1, 11))
    assert estado(con_factura) == ("parcial", Decimal("18716.66"))


@pytest.mark.parametrize("cierre", ["cancelada", "incobrable", "pagada"])
def test_a_closed_invoice_takes_no_payment(con_factura, cierre):
    if cierre == "pagada":
        pagar(con_factura, "19066.66", "todo")
    else:
        with con_factura.engine.transaction(MSOTO) as tx:
            cobranza.cerrar_factura(tx, con_factura.factura_id, estado=cierre, motivo="Así se acordó")
    with pytest.raises(Conflict) as refused:
        pagar(con_factura, "1")
    porque = {"cancelada": "se canceló", "incobrable": "incobrable", "pagada": "ya está pagada"}
    assert porque[cierre] in refused.value.message
    with pytest.raises(Conflict), con_factura.engine.transaction(MSOTO) as tx:
        cobranza.cerrar_factura(tx, con_factura.factura_id, estado="incobrable", motivo="x")
    with con_factura.tx() as tx:
        assert facturas.saldo_pendiente(tx.session, con_factura.asunto_id) == 0
        assert len(tx.session.scalars(select(Pago)).all()) == (cierre == "pagada")


def test_a_closed_matter_pays_what_it_owes_and_an_archived_one_owes_nothing(con_factura):
    def poner(estado):
        with con_factura.tx() as tx:
            asunto = tx.session.get(Asunto, con_factura.asunto_id)
            asunto.estado, asunto.archivo = estado, date(2027, 1, 11) if estado == "archivado" else None

    for abierto in ("suspendido", "en_cierre", "cerrado", "cancelado"):
        poner(abierto)
        pagar(con_factura, "1", abierto)
    poner("archivado")
    with pytest.raises(Conflict, match="se archivó el 11/01/2027") as refused:
        pagar(con_factura, "1", "otra")
    assert refused.value.details["reason"] == "archivado"
    assert estado(con_factura) == ("parcial", Decimal("19062.66"))


@pytest.mark.parametrize(
    ("estado_asunto", "liquidado"), [("en_cierre", False), ("cerrado", True), ("en_tramite", False)]
)
def test_a_cancelled_balance_does_not_keep_a_closed_matter_waiting(con_factura, estado_asunto, liquidado):
    """While it is being closed the balance is still to be invoiced; afterwards nothing more comes."""
    with con_factura.engine.transaction(MSOTO) as tx:
        cobranza.cerrar_factura(tx, con_factura.factura_id, estado="cancelada", motivo="No se cobra")
    with con_factura.tx() as tx:
        asunto = tx.session.get(Asunto, con_factura.asunto_id)
        asunto.estado = estado_asunto
        assert seguimiento_pagos.liquidado(Accion(tx, "PRO-2027-0001"), asunto) is liquidado


def test_only_who_collects(con_factura):
    for usuario, grupo in (("sluna", "asesor"), ("lvega", "ventas")):
        with pytest.raises(NotAllowed):
            pagar(con_factura, "1", by=Actor(usuario, frozenset({grupo})))
    assert estado(con_factura)[0] == "timbrada_simulada"


def test_two_payments_at_once_never_exceed_the_balance(con_factura):
    """Both pay the whole: one is registered, the other one is told."""
    juntos, dicho = Barrier(2), []

    def uno(referencia):
        juntos.wait()
        try:
            pagar(con_factura, "19066.66", referencia)
            dicho.append("registrado")
        except EngineError as error:
            dicho.append(type(error).__name__)

    hilos = [Thread(target=uno, args=(f"SPEI {n}",)) for n in (1, 2)]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    assert sorted(dicho) == ["Conflict", "registrado"]
    assert estado(con_factura) == ("pagada", 0)
