"""The other ways through stages 7 to 12: waits, refusals, loops, reminders (legal-process.md §1.7–§1.11, E4).

On SQLite alone: `test_etapas_7_12` runs both databases and restarts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import SYSTEM, Conflict, Invalid, NotAllowed, load_folder
from tasks import acciones, ajustes, asignacion, audiencias, cobranza, expediente, facturas
from tasks.paso import Accion
from tasks.registros import (
    Asunto,
    Bono,
    Documento,
    Encuesta,
    Factura,
    GestionCobranza,
    Oportunidad,
    Plazo,
    Prospecto,
    Reunion,
)

from . import etapas
from .despacho import PROCESO, Despacho, momento


@pytest.fixture
def d(tmp_path: Path) -> Iterator[Despacho]:
    recursos = {**load_folder(PROCESO), "bpmn/etapas.bpmn": etapas.principal()}
    despacho = Despacho(f"sqlite:///{tmp_path / 'cauce.db'}", tmp_path, "2027-01-20 12:00", recursos=recursos)
    yield despacho
    assert despacho.incidentes() == []
    despacho.cerrar()


def empezar(d: Despacho, **datos: Any) -> None:
    variables = d.aceptado(**datos)
    d.engine.start(etapas.CLAVE, d.clave, variables, by=d.quien("lvega"))
    d.trabajar()


def propias(d: Despacho) -> dict[str, Any]:
    """Open user tasks of the matter itself, without those of its invoices."""
    return {id: tarea for id, tarea in d.abiertas().items() if tarea.business_key == d.clave}


def factura(d: Despacho, folio: str) -> Factura:
    with d.registros() as session:
        return session.scalars(select(Factura).where(Factura.folio == folio)).one()


def asunto(d: Despacho) -> Asunto:
    with d.registros() as session:
        return expediente.asunto(session, d.clave)


def pagar(d: Despacho, folio: str, monto: str) -> None:
    with d.transaccion(d.quien("msoto")) as tx:
        cobranza.registrar_pago(tx, factura(d, folio).id, referencia="SPEI 123", monto=Decimal(monto))
    d.trabajar()


def hasta_seguimiento(d: Despacho, **datos: Any) -> None:
    """Paid, assigned, started: «Dar seguimiento» is open. A client who starts without paying needs no payment."""
    empezar(d, **datos)
    if "ut_08_asignar_asesor" not in d.abiertas():
        pagar(d, "A-1", str(factura(d, "A-1").saldo))
    d.completar("hruiz", "ut_08_asignar_asesor")
    asesor = asunto(d).asesor_id
    assert asesor is not None
    d.completar(asesor, "ut_09_preparar_arranque")


def cumplir_plazos(d: Despacho) -> None:
    with d.transaccion(SYSTEM) as tx:
        for plazo in tx.session.scalars(select(Plazo).where(Plazo.estado == "vivo")).all():
            acciones.plazo_cumplido(tx, plazo.id)


def hasta_informe(d: Despacho, **datos: Any) -> None:
    hasta_seguimiento(d, **datos)
    cumplir_plazos(d)
    quien = asunto(d).asesor_id or ""
    nota = "Terminó"
    d.completar(quien, "ut_10_dar_seguimiento", actuacion="sentencia", nota_interna=nota, accion="proponer_cierre")
    d.completar(quien, "ut_11_elaborar_informe", resumen="Se obtuvo sentencia.", resultado="favorable")


def hasta_tarjeta(d: Despacho, **datos: Any) -> None:
    hasta_informe(d, **datos)
    d.completar("hruiz", "ut_11_autorizar_cierre", decision="autorizar")


# --- stage 7


def test_without_fiscal_data_the_client_gives_them(d: Despacho) -> None:
    empezar(d, con_datos_fiscales=False)
    assert list(d.abiertas()) == ["ut_07_capturar_datos_fiscales"]
    malos = {"rfc": "LOOF850412QX3", "cp_fiscal": "03100", "regimen_fiscal": "612", "uso_cfdi": "G03"}
    with pytest.raises(Invalid) as refused:
        d.completar("cliente", "ut_07_capturar_datos_fiscales", **malos)
    assert "rfc" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        d.completar("cliente", "ut_07_capturar_datos_fiscales", rfc="LOOF850412QX2", cp_fiscal="03100", uso_cfdi="G03")
    assert refused.value.fields == {"uso_cfdi": "Este uso no está permitido para el régimen elegido."}
    d.completar("cliente", "ut_07_capturar_datos_fiscales", publico_general=True)
    assert factura(d, "A-1").receptor["rfc"] == "XAXX010101000"
    assert d.correos("cor_07") == ["cor_07_factura"]


def test_fiscal_data_are_asked_again_and_then_completed_by_cobranza(d: Despacho) -> None:
    empezar(d, con_datos_fiscales=False, surte_efectos=None)
    d.a_las("2027-01-25 09:00")
    assert d.correos() == ["cor_07_datos_fiscales"]
    d.a_las("2027-01-27 17:59")
    assert list(d.abiertas()) == ["ut_07_capturar_datos_fiscales"]
    d.a_las("2027-01-27 18:00")
    assert list(d.abiertas()) == ["ut_07_completar_datos_fiscales"]
    d.completar("msoto", "ut_07_completar_datos_fiscales", rfc="LOOF850412QX2", cp_fiscal="03100")
    assert (factura(d, "A-1").emision, factura(d, "A-1").vencimiento) == (date(2027, 1, 27), date(2027, 2, 2))


def test_no_payment_within_the_limit(d: Despacho) -> None:
    empezar(d, surte_efectos=None)
    d.a_las("2027-02-04 18:00")
    assert list(propias(d)) == ["ut_07_decidir_espera_pago"]
    d.completar("hruiz", "ut_07_decidir_espera_pago", decision="prorroga", dias="5")
    assert propias(d) == {}
    d.a_las("2027-02-11 18:00")
    d.completar("hruiz", "ut_07_decidir_espera_pago", decision="solicitar_autorizacion")
    d.completar("abarrera", "ut_07_autorizar_arranque", decision="no", motivo="Que pague primero")
    assert propias(d) == {}
    d.a_las("2027-02-25 18:00")
    d.completar("hruiz", "ut_07_decidir_espera_pago", decision="cerrar")
    instancias = d.engine.instances(by=SYSTEM).items
    assert {i.process_key: i.state for i in instancias}[etapas.CLAVE] == "completed"


def test_a_payment_while_somebody_decides_starts_the_work(d: Despacho) -> None:
    empezar(d)
    d.a_las("2027-01-25 09:00")
    assert list(d.abiertas()) == ["ut_07_autorizar_arranque"]
    pagar(d, "A-1", "10000")
    assert list(d.abiertas()) == ["ut_07_autorizar_arranque"], "still not covered: asked again"
    pagar(d, "A-1", "24800")
    assert list(d.abiertas()) == ["ut_08_asignar_asesor"]


def test_a_deadline_recorded_meanwhile_ends_the_wait_earlier(d: Despacho) -> None:
    empezar(d, surte_efectos=None)
    valores = {"descripcion": "Contestar la vista", "vence": date(2027, 1, 29)}
    with d.transaccion(d.quien("hruiz")) as tx:
        acciones.nuevo_plazo(tx, d.clave, valores)
    d.a_las("2027-01-22 09:00")
    assert list(d.abiertas()) == ["ut_07_autorizar_arranque"]


def test_payments_are_checked(d: Despacho) -> None:
    empezar(d)
    with pytest.raises(Invalid) as refused:
        pagar(d, "A-1", "34800.01")
    assert "34,800.00" in refused.value.fields["monto"]
    with pytest.raises(NotAllowed), d.transaccion(d.quien("sluna")) as tx:
        cobranza.registrar_pago(tx, factura(d, "A-1").id, referencia="x", monto=Decimal(1))
    pagar(d, "A-1", "34800")
    with pytest.raises(Conflict):
        pagar(d, "A-1", "1")


# --- follow-up of payments (E4 rows 3 to 7)


def test_a_preferential_client_starts_before_payment_and_pays_late(d: Despacho) -> None:
    datos = {"tipo_cliente": "preferente", "honorarios": "200000", "pct": "30", "dias_credito": 15}
    d.a_las("2027-03-01 10:00")
    empezar(d, **datos, subtipo="mercantil_oral", surte_efectos=None)
    a1 = factura(d, "A-1")
    assert (a1.total, a1.vencimiento) == (69600, date(2027, 3, 16))
    assert d.engine.form(d.abiertas()["ut_08_asignar_asesor"].id, by=d.quien("hruiz")).data["asesor_id"] == "dpaz"
    d.completar("hruiz", "ut_08_asignar_asesor")
    d.a_las("2027-03-02 10:00")
    d.completar("dpaz", "ut_09_preparar_arranque")
    assert d.estado() == "en_tramite"
    d.a_las("2027-03-11 08:59")
    assert "cor_07_previo" not in d.correos()
    d.a_las("2027-03-11 09:00")
    assert d.correos("cor_07") == ["cor_07_factura", "cor_07_previo"]
    d.a_las("2027-03-17 09:00")
    assert d.correos("cor_07") == ["cor_07_factura", "cor_07_previo", "cor_07_vencido"]
    proxima = factura(d, "A-1").proxima_accion
    assert proxima == momento("2027-03-24 09:00")
    d.a_las("2027-03-22 10:00")
    pagar(d, "A-1", "40000")
    assert (factura(d, "A-1").estado, factura(d, "A-1").proxima_accion) == ("parcial", proxima)
    pagar(d, "A-1", "29600")
    assert factura(d, "A-1").estado == "pagada"
    d.a_las("2027-03-24 12:00")
    assert d.correos("cor_07_vencido") == ["cor_07_vencido"]
    assert [i.state for i in d.engine.instances(by=SYSTEM).items if i.process_key == "seguimiento_pagos"] == [
        "completed"
    ]


def test_promise_call_escalation_suspension_and_back(d: Despacho) -> None:
    """A queja moves fastest: reminders to day 5, calls to day 15, then the Gerente."""
    d.a_las("2027-03-01 10:00")
    hasta_seguimiento(d, tipo="queja", subtipo="condusef", tipo_cliente="institucional", pct="100", surte_efectos=None)
    assert factura(d, "A-1").vencimiento == date(2027, 3, 4)
    d.a_las("2027-03-10 12:00")
    assert "ut_sp_llamar_cliente" in d.abiertas()
    with pytest.raises(Invalid) as refused:
        d.completar("msoto", "ut_sp_llamar_cliente", resultado="promesa_pago")
    assert "fecha" in refused.value.fields
    d.completar("msoto", "ut_sp_llamar_cliente", resultado="promesa_pago", fecha=date(2027, 3, 19))
    assert factura(d, "A-1").proxima_accion == momento("2027-03-22 09:00"), "promise + 1 dh"
    d.a_las("2027-03-22 09:00")
    tarea = d.abiertas()["ut_sp_resolver_falta_pago"]
    assert tarea.candidate_groups == ("gerente",)
    valores = {"descripcion": "Ofrecer pruebas", "vence": date(2027, 5, 3)}
    with d.transaccion(d.quien("hruiz")) as tx:
        acciones.nuevo_plazo(tx, d.clave, valores)
    d.completar("hruiz", "ut_sp_resolver_falta_pago", decision="suspender", motivo="No contesta")
    assert "ut_sp_autorizar_suspension" in d.abiertas(), "a fatal deadline is alive"
    d.completar("abarrera", "ut_sp_autorizar_suspension", decision="si", motivo="Sí")
    assert d.estado() == "suspendido"
    assert "cor_07_suspension" in d.correos()
    asesor = asunto(d).asesor_id or ""
    with pytest.raises(Invalid):
        d.completar(asesor, "ut_10_dar_seguimiento", tipo_seguimiento="cliente", actuacion="otra", texto_cliente="x")
    d.completar(asesor, "ut_10_dar_seguimiento", actuacion="otra", nota_interna="Se vigila el plazo")
    pagar(d, "A-1", str(factura(d, "A-1").saldo))
    assert d.estado() == "en_tramite"
    assert "cor_07_reactivacion" in d.correos()
    with d.registros() as session:
        hechas = list(session.scalars(select(GestionCobranza.accion).order_by(GestionCobranza.id)))
    assert hechas == ["recordatorio_vencido", "llamada", "escalar"]


def test_a_payment_ends_the_call_that_was_due(d: Despacho) -> None:
    d.a_las("2027-03-01 10:00")
    empezar(d, tipo="queja", subtipo="condusef", tipo_cliente="institucional", pct="100", surte_efectos=None)
    d.a_las("2027-03-10 12:00")
    assert "ut_sp_llamar_cliente" in d.abiertas()
    pagar(d, "A-1", "69600")
    assert "ut_sp_llamar_cliente" not in d.abiertas()


def test_a_closed_invoice_ends_its_follow_up(d: Despacho) -> None:
    empezar(d)
    with d.transaccion(d.quien("abarrera")) as tx:
        cobranza.cerrar_factura(tx, factura(d, "A-1").id, estado="cancelada", motivo="Error en el RFC")
    d.trabajar()
    assert [i.state for i in d.engine.instances(by=SYSTEM).items if i.process_key == "seguimiento_pagos"] == [
        "completed"
    ]


# --- stages 8 and 10


def test_another_advisor_than_the_proposed_one_needs_a_reason(d: Despacho) -> None:
    empezar(d)
    pagar(d, "A-1", "34800")
    with pytest.raises(Invalid) as refused:
        d.completar("hruiz", "ut_08_asignar_asesor", asesor_id="rcampos")
    assert "justificacion" in refused.value.fields
    d.completar("hruiz", "ut_08_asignar_asesor", asesor_id="rcampos", justificacion="Ya conoce al cliente")
    assert (asunto(d).asesor_id, asunto(d).supervisor_id) == ("rcampos", "hruiz")


def test_reassignment_moves_the_open_tasks_and_tells_the_client(d: Despacho) -> None:
    hasta_seguimiento(d)
    antes = d.abiertas()["ut_10_dar_seguimiento"]
    valores = {"asesor_id": "rcampos", "motivo": "licencia", "nota_entrega": "Falta la demanda"}
    with d.transaccion(d.quien("hruiz")) as tx:
        assert asignacion.preparar_reasignacion(tx, d.clave)["propuesto"] == "rcampos"
        asignacion.reasignar(tx, d.clave, valores)
    d.trabajar()
    ahora = d.abiertas()["ut_10_dar_seguimiento"]
    assert (antes.assignee, ahora.assignee, ahora.due) == ("sluna", "rcampos", antes.due)
    assert d.correos()[-2:] == ["cor_10_cambio_asesor", "cor_08_asignacion"]


def test_follow_up_is_watched(d: Despacho) -> None:
    hasta_seguimiento(d, surte_efectos=None)
    with pytest.raises(Invalid) as refused:
        d.completar("sluna", "ut_10_dar_seguimiento", actuacion="otra", nota_interna="x", avance_pct=-1)
    assert "avance_pct" in refused.value.fields
    d.a_las("2027-02-08 08:59")
    assert d.avisos() == []
    d.a_las("2027-02-18 09:00")
    assert d.avisos() == ["02-08 09:00 hector", "02-18 09:00 hector"], "2 dh after its due; 15 + 5 dh without news"


def test_hearings_move_with_their_invitation_and_alerts(d: Despacho) -> None:
    hasta_seguimiento(d, surte_efectos=None)
    valores = {"titulo": "Audiencia constitucional", "inicio": momento("2027-03-10 11:00"), "lugar": "Juzgado Quinto"}
    with d.transaccion(d.quien("sluna")) as tx:
        audiencia = audiencias.nueva(tx, d.clave, valores).id
    with d.transaccion(d.quien("sluna")) as tx:
        audiencias.reprogramar(tx, audiencia, {"inicio": momento("2027-03-18 10:00"), "motivo": "La difirió el juez"})
    d.trabajar()
    with d.registros() as session:
        guardada = session.get(Reunion, audiencia)
        plazo = session.scalars(select(Plazo).where(Plazo.reunion_id == audiencia)).one()
    assert guardada is not None
    assert (guardada.sequence, len(guardada.historial or []), plazo.vence) == (1, 1, date(2027, 3, 18))
    assert d.correos("cor_10") == ["cor_10_cambio_audiencia"] * 6


# --- stage 11


def test_a_live_fatal_deadline_blocks_closing(d: Despacho) -> None:
    hasta_seguimiento(d)
    d.completar("sluna", "ut_10_dar_seguimiento", actuacion="sentencia", nota_interna="x", accion="proponer_cierre")
    d.completar("sluna", "ut_11_elaborar_informe", resumen="x", resultado="parcial")
    with pytest.raises(Invalid) as refused:
        d.completar("hruiz", "ut_11_autorizar_cierre", decision="autorizar")
    assert "Presentar la demanda (02/02/2027)" in refused.value.fields["decision"]
    d.completar("hruiz", "ut_11_autorizar_cierre", decision="devolver", motivo="Falta cumplir el plazo")
    assert list(d.abiertas()) == ["ut_10_dar_seguimiento"]
    assert d.estado() == "en_tramite"


def test_without_an_answer_the_closing_is_accepted_tacitly(d: Despacho) -> None:
    hasta_tarjeta(d)
    d.a_las("2027-01-27 17:59")
    assert d.estado() == "en_cierre"
    d.a_las("2027-01-27 18:00")
    assert d.estado() == "cerrado"


def test_disagreement_is_explained_then_reopened_then_accepted(d: Despacho) -> None:
    hasta_tarjeta(d)
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="inconformidad", texto="Falta el oficio")
    assert asunto(d).inconformidad_abierta
    d.a_las("2027-01-26 12:00")
    assert "cor_07_vencido" not in d.correos(), "dunning of A-2 (due 01-25) is paused"
    d.completar("hruiz", "ut_11_atender_inconformidad", decision="aclarar", respuesta="El oficio llega mañana.")
    assert d.correos("cor_11_tarjeta") == ["cor_11_tarjeta"] * 2
    d.a_las("2027-01-27 09:00")
    assert "cor_07_vencido" in d.correos(), "1 dh after it was settled"
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="inconformidad", texto="Sigue faltando")
    d.completar("hruiz", "ut_11_atender_inconformidad", decision="reabrir", respuesta="Lo tramitamos.")
    assert list(d.abiertas()) == ["ut_10_dar_seguimiento"]
    d.completar("sluna", "ut_10_dar_seguimiento", actuacion="gestion", nota_interna="Listo", accion="proponer_cierre")
    d.completar("sluna", "ut_11_elaborar_informe", resumen="Con el oficio.")
    d.completar("hruiz", "ut_11_autorizar_cierre", decision="autorizar")
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto")
    assert d.estado() == "cerrado"
    d.completar("cliente", "ut_12_responder_encuesta", **dict.fromkeys(("p1", "p2", "p3", "p4", "p5"), 5))
    with d.registros() as session:
        assert session.scalars(select(Bono)).all() == [], "top marks, but there was a disagreement"
        assert len(facturas.de_asunto(session, asunto(d).id)) == 2, "the balance is invoiced once"


# --- stage 12


def responder(d: Despacho, nota: int) -> None:
    d.completar("cliente", "ut_12_responder_encuesta", **dict.fromkeys(("p1", "p2", "p3", "p4", "p5"), nota))


def test_a_bonus_waits_for_the_balance(d: Despacho) -> None:
    hasta_tarjeta(d, oportunidad=None)
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto")
    responder(d, 5)
    with d.registros() as session:
        assert session.scalars(select(Bono.estado)).one() == "condicionado"
    assert d.abiertas() == {}
    pagar(d, "A-2", "34800")
    with d.registros() as session:
        assert session.scalars(select(Bono.estado)).one() == "por_autorizar"
    d.completar("abarrera", "ut_12_autorizar_bono", decision="rechazar", motivo="Ya se premió")
    assert d.estado() == "archivado"
    assert "cor_12_bono" not in d.correos()


def test_a_bonus_lapses_after_ninety_days_and_the_archive_waits_for_the_balance(d: Despacho) -> None:
    hasta_tarjeta(d, oportunidad=None, tipo="queja", subtipo="condusef", surte_efectos=None)
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto")
    responder(d, 5)
    d.a_las("2027-02-05 12:00")
    d.completar("msoto", "ut_sp_llamar_cliente", resultado="sin_contacto")
    d.a_las("2027-04-20 12:01")
    with d.registros() as session:
        assert session.scalars(select(Bono.estado)).one() == "vencido"
    assert d.estado() == "cerrado"
    assert "ut_sp_resolver_falta_pago" in d.abiertas()
    with pytest.raises(Invalid):
        d.completar("hruiz", "ut_sp_resolver_falta_pago", decision="incobrable", motivo="Desapareció")
    pagar(d, "A-2", "34800")
    assert d.estado() == "archivado"


def test_survey_reminders_then_closed_without_an_answer(d: Despacho) -> None:
    hasta_tarjeta(d, oportunidad=None)
    pagar(d, "A-2", "34800")
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto")
    d.a_las("2027-02-04 18:00")
    assert d.correos("cor_12") == ["cor_12_encuesta", "cor_12_recordatorio", "cor_12_recordatorio"]
    with d.registros() as session:
        encuesta = session.scalars(select(Encuesta)).one()
        assert (encuesta.estado, encuesta.puntuacion) == ("sin_respuesta", None)
        assert session.scalars(select(Bono)).all() == []
    assert d.estado() == "archivado"


def test_an_unhappy_client_is_attended(d: Despacho) -> None:
    hasta_tarjeta(d, oportunidad=None)
    pagar(d, "A-2", "34800")
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto")
    responder(d, 2)
    d.completar("hruiz", "ut_12_atender_insatisfecho", acciones="Se le llamó y se le ofreció una disculpa.")
    assert d.estado() == "archivado"


def test_interest_starts_a_new_matter_and_opposition_stops_offers(d: Despacho) -> None:
    hasta_tarjeta(d)
    pagar(d, "A-2", "34800")
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto")
    d.completar("lvega", "ut_12_ofrecer_servicios", ofertas=[{"respuesta": "interesado"}])
    with d.registros() as session:
        oportunidad = session.scalars(select(Oportunidad)).one()
        nuevo = session.scalars(select(Prospecto).where(Prospecto.folio == oportunidad.asunto_nuevo)).one()
        assert (nuevo.origen, nuevo.oportunidad_id, nuevo.persona_id) == (
            "venta_cruzada",
            oportunidad.id,
            asunto(d).cliente_id,
        )
    assert list(d.abiertas(nuevo.folio)) == ["ut_01_registrar_contacto"]


def test_a_client_opposed_to_voluntary_purposes_gets_no_offer(d: Despacho) -> None:
    hasta_tarjeta(d)
    pagar(d, "A-2", "34800")
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto", oposicion_voluntarias=True)
    assert list(d.abiertas()) == ["ut_12_responder_encuesta"]


# --- the other way to invoice


CFDI = """<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0" Total="{total}">
  <cfdi:Emisor Rfc="BSA150301AB0"/><cfdi:Receptor Rfc="LOOF850412QX2"/>
  <cfdi:Complemento><tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" UUID="{uuid}"/>
  </cfdi:Complemento></cfdi:Comprobante>"""
UUID = "6F4A1C52-8D1B-4C58-9E0E-3B1F6D2A7C90"


def emitir_a_mano(d: Despacho, elemento: str, total: str) -> None:
    tarea, quien = d.abiertas()[elemento], d.quien("msoto")
    xml = BytesIO(CFDI.format(total=total, uuid=UUID).encode())
    archivos = {"xml": (xml, "cfdi.xml"), "pdf": (BytesIO(b"%PDF-1.4\n%%EOF\n"), "cfdi.pdf")}
    subidos = {
        campo: [d.engine.attach(tarea.id, campo, flujo, nombre, by=quien).id]
        for campo, (flujo, nombre) in archivos.items()
    }
    d.completar("msoto", elemento, uuid=UUID, **subidos)


def test_a_firm_that_invoices_by_hand(d: Despacho) -> None:
    with d.transaccion(d.quien("abarrera")) as tx:
        ajustes.cambiar(Accion(tx, ""), "facturador", "manual")
    empezar(d)
    assert list(d.abiertas()) == ["ut_07_emitir_factura"]
    datos = d.engine.form(d.abiertas()["ut_07_emitir_factura"].id, by=d.quien("msoto")).data
    assert (datos["folio"], datos["total"]) == ("A-1", "$34,800.00")
    with pytest.raises(Invalid) as refused:
        emitir_a_mano(d, "ut_07_emitir_factura", "34800.01")
    assert list(refused.value.fields) == ["xml"]
    emitir_a_mano(d, "ut_07_emitir_factura", "34800.00")
    assert (factura(d, "A-1").estado, factura(d, "A-1").uuid) == ("timbrada", UUID)
    assert d.correos("cor_07") == ["cor_07_factura"]
    pagar(d, "A-1", "34800")
    assert list(d.abiertas()) == ["ut_08_asignar_asesor"]


def test_the_card_waits_for_a_balance_invoiced_by_hand(d: Despacho) -> None:
    hasta_informe(d)
    with d.transaccion(d.quien("abarrera")) as tx:
        ajustes.cambiar(Accion(tx, ""), "facturador", "manual")
    d.completar("hruiz", "ut_11_autorizar_cierre", decision="autorizar")
    assert list(d.abiertas()) == ["ut_11_emitir_factura"]
    assert d.correos("cor_11") == ["cor_11_cobranza"]
    emitir_a_mano(d, "ut_11_emitir_factura", "34800.00")
    assert d.correos("cor_11") == ["cor_11_cobranza", "cor_11_tarjeta"]
    assert d.correos("cor_07_factura") == ["cor_07_factura"]


def test_nothing_left_to_invoice_and_no_authorisation_asked(d: Despacho) -> None:
    with d.transaccion(d.quien("abarrera")) as tx:
        ajustes.cambiar(Accion(tx, ""), "autorizar_cierre", False)
    hasta_informe(d, pct="100")
    assert list(d.abiertas()) == ["ut_11_confirmar_cierre"]
    assert [f.folio for f in facturas_de(d)] == ["A-1"]


def facturas_de(d: Despacho) -> list[Factura]:
    with d.registros() as session:
        return list(facturas.de_asunto(session, asunto(d).id))


# --- receipts, mails that do not arrive, cancelling


def test_a_receipt_of_the_client_is_checked(d: Despacho) -> None:
    empezar(d)
    for valido, estado in (("no", "rechazado"), ("si", "aceptado")):
        with d.transaccion(d.quien("cliente")) as tx:
            documento = Documento(prospecto_id=asunto(d).prospecto_id, rubro="x", nombre="spei.pdf")
            tx.session.add(documento)
            cobranza.recibir_comprobante(tx, factura(d, "A-1").id, documento)
        d.trabajar()
        tarea = "ut_sp_validar_comprobante"
        if valido == "no":
            with pytest.raises(Invalid):
                d.completar("msoto", tarea, comprobante_valido="no")
            d.completar("msoto", tarea, comprobante_valido="no", motivo_rechazo="No llegó")
        else:
            d.completar("msoto", tarea, referencia="SPEI 9")
        with d.registros() as session:
            ultimo = session.scalars(select(Documento).order_by(Documento.id.desc())).all()
        assert estado in {uno.estado for uno in ultimo if uno.nombre == "spei.pdf"}
    assert factura(d, "A-1").estado == "pagada"
    assert list(d.abiertas()) == ["ut_08_asignar_asesor"]


def test_a_client_without_mail_is_told_in_another_way(d: Despacho) -> None:
    hasta_seguimiento(d, con_correo=False)
    assert list(d.abiertas()) == ["ut_09_contactar_cliente"]
    d.completar("sluna", "ut_09_contactar_cliente", medio="telefono", correo_nuevo="nuevo@ejemplo.mx")
    assert list(d.abiertas()) == ["ut_10_dar_seguimiento"]
    with d.registros() as session:
        assert expediente.asunto(session, d.clave).cliente.correo == "nuevo@ejemplo.mx"


def test_cancelling_for_want_of_payment_charges_what_was_earned(d: Despacho) -> None:
    d.a_las("2027-03-01 10:00")
    datos = {"tipo": "queja", "subtipo": "condusef", "tipo_cliente": "institucional", "pct": "10"}
    hasta_seguimiento(d, **datos, surte_efectos=None)
    asesor = asunto(d).asesor_id or ""
    d.completar(asesor, "ut_10_dar_seguimiento", actuacion="presentacion", nota_interna="Lista", avance_pct=50)
    for dia in ("2027-03-10", "2027-03-16", "2027-03-19"):
        d.a_las(f"{dia} 12:00")
        d.completar("msoto", "ut_sp_llamar_cliente", resultado="disputa")
    d.a_las("2027-03-24 12:00")
    d.completar("hruiz", "ut_sp_resolver_falta_pago", decision="cancelar", motivo="No va a pagar")
    d.completar("hruiz", "ut_cn_atender_solicitud", decision="procede")
    assert d.estado() == "cancelado"
    d.completar("msoto", "ut_cn_liquidar")
    cargo = factura(d, "A-2")
    assert (cargo.tipo, cargo.subtotal, cargo.total) == ("cargo", 24000, 27840)
    assert "cor_liquidacion" in d.correos()
    d.completar(asesor, "ut_cn_entregar_expediente", recibio="María Fernanda López Ortega")
    claves = {i.business_key: i.state for i in d.engine.instances(by=SYSTEM).items}
    assert claves[f"{d.clave}/C1"] == "completed"
    assert claves[f"{d.clave}/A-2"] == "running"
    pagar(d, "A-1", str(factura(d, "A-1").saldo))
    pagar(d, "A-2", "27840")
    assert {f.estado for f in facturas_de(d)} == {"pagada"}
