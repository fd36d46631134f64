"""The other ways through stages 7 to 12: waits, refusals, loops, reminders (legal-process.md §1.7–§1.11, E4).

On SQLite alone; what scenarios tell is not told again here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import SYSTEM, Conflict, Invalid, NotAllowed, StoredFile, load_folder
from tasks import (
    acciones,
    ajustes,
    asignacion,
    audiencias,
    ausencias,
    cancelaciones,
    cobranza,
    expediente,
    reuniones,
    seguimiento_pagos,
    supervision,
)
from tasks.paso import Accion
from tasks.registros import (
    Asunto,
    Avance,
    Colaborador,
    Consentimiento,
    Correo,
    Documento,
    EventoBitacora,
    Factura,
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
            acciones.cerrar_plazo(tx, d.clave, plazo.id, {"resultado": "cumplido"})


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


def test_a_deadline_recorded_meanwhile_ends_the_wait_earlier(d: Despacho) -> None:
    empezar(d, surte_efectos=None)
    valores = {"descripcion": "Contestar la vista", "vence": date(2027, 1, 29)}
    with d.transaccion(d.quien("hruiz")) as tx:
        acciones.nuevo_plazo(tx, d.clave, valores)
    d.a_las("2027-01-22 09:00")
    assert list(d.abiertas()) == ["ut_07_autorizar_arranque"]


# --- stages 8 and 10


def test_reassignment_moves_the_open_tasks_and_tells_the_client(d: Despacho) -> None:
    hasta_seguimiento(d)
    antes = d.abiertas()["ut_10_dar_seguimiento"]
    valores = {"asesor_nuevo": "rcampos", "motivo": "licencia", "nota_entrega": "Falta la demanda"}
    with d.transaccion(d.quien("hruiz")) as tx:
        assert asignacion.preparar_reasignacion(tx, d.clave)["propuesto"] == "rcampos"
        asignacion.reasignar(tx, d.clave, valores)
    d.trabajar()
    ahora = d.abiertas()["ut_10_dar_seguimiento"]
    assert (antes.assignee, ahora.assignee, ahora.due) == ("sluna", "rcampos", antes.due)
    assert d.correos()[-2:] == ["cor_10_cambio_asesor", "cor_08_asignacion"]
    with d.registros() as session:
        nota = session.scalars(select(Avance)).one()
    assert nota.nota_interna == "Nota de entrega de Sofía Luna: Falta la demanda"
    assert not nota.visible


def test_reassignment_takes_the_tasks_from_the_substitute_too(d: Despacho) -> None:
    hasta_seguimiento(d)
    with d.transaccion(d.quien("sluna")) as tx:
        ausencias.registrar(tx, "sluna", "hruiz", None, date(2027, 2, 5))
    d.trabajar()
    assert d.abiertas()["ut_10_dar_seguimiento"].assignee == "hruiz"
    valores = {"asesor_nuevo": "rcampos", "motivo": "licencia", "nota_entrega": "Falta la demanda"}
    with d.transaccion(d.quien("hruiz")) as tx:
        asignacion.reasignar(tx, d.clave, valores)
    assert d.abiertas()["ut_10_dar_seguimiento"].assignee == "rcampos"


def test_a_new_gerente_gets_what_waits_for_the_old_one_and_what_comes(d: Despacho) -> None:
    hasta_informe(d)
    with d.transaccion(SYSTEM) as tx:
        paula = {"nombre": "Paula Gil", "puesto": "Gerente", "correo": "pgil@ejemplo.mx", "grupos": ["gerente"]}
        tx.session.add(Colaborador(usuario="pgil", **paula))
    antes = d.abiertas()["ut_11_autorizar_cierre"]
    with d.transaccion(d.quien("hruiz")) as tx:
        assert [uno["value"] for uno in supervision.preparar(tx, d.clave)["gerentes"]] == ["pgil"]
        supervision.cambiar(tx, d.clave, {"gerente_nuevo": "pgil", "nota_entrega": "Falta la firma"})
    ahora = d.abiertas()["ut_11_autorizar_cierre"]
    assert (antes.assignee, ahora.assignee, ahora.due) == ("hruiz", "pgil", antes.due)
    assert asunto(d).supervisor_id == "pgil"
    with pytest.raises(NotAllowed):
        d.completar("hruiz", "ut_11_autorizar_cierre", decision="autorizar")
    d.completar("pgil", "ut_11_autorizar_cierre", decision="autorizar")
    with d.transaccion(d.quien("abarrera")) as tx, pytest.raises(Invalid) as refused:
        supervision.cambiar(tx, d.clave, {"gerente_nuevo": "sluna", "nota_entrega": "x"})
    assert "gerente_nuevo" in refused.value.fields


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


def test_a_hearing_keeps_the_hour_of_its_place(d: Despacho) -> None:
    hasta_seguimiento(d, surte_efectos=None)
    escrito = momento("2027-01-28 10:00")
    with d.transaccion(d.quien("sluna")) as tx:
        with pytest.raises(Invalid) as refused:
            audiencias.nueva(tx, d.clave, {"titulo": "x", "inicio": escrito, "zona": "Europe/Madrid"})
        valores = {"titulo": "Incidental", "inicio": escrito, "zona": "America/Tijuana", "lugar": "Tijuana"}
        una = audiencias.nueva(tx, d.clave, valores)
        assert (una.inicio, una.hora_local) == (momento("2027-01-28 12:00"), "10:00, hora de Baja California")
        assert "28 de enero de 2027 a las 10:00, hora de Baja" in audiencias.por_reprogramar(una)["inicio_texto"]
        movida = audiencias.reprogramar(tx, una.id, {"inicio": momento("2027-01-29 09:00"), "motivo": "Diferida"})
        assert movida.inicio == momento("2027-01-29 11:00")
    assert "zona" in refused.value.fields
    d.trabajar()
    with d.registros() as session:
        textos = session.scalars(select(Correo.texto).where(Correo.plantilla == "cor_10_cambio_audiencia")).all()
    assert all("hora de Baja California" in (texto or "") for texto in textos)


def test_nothing_is_published_while_the_service_is_suspended(d: Despacho) -> None:
    hasta_seguimiento(d)
    guardado = StoredFile("a" * 64, 10, "application/pdf")
    with d.transaccion(d.quien("sluna")) as tx:
        expediente.asunto(tx.session, d.clave).estado = "suspendido"
        with pytest.raises(Invalid) as refused:
            acciones.subir_documento(tx, d.clave, guardado, nombre="a.pdf", rubro="x", visible_cliente=True)
        acciones.subir_documento(tx, d.clave, guardado, nombre="a.pdf", rubro="x")
    assert "visible_cliente" in refused.value.fields


def test_a_matter_suspended_before_the_start_stays_suspended(d: Despacho) -> None:
    empezar(d)
    pagar(d, "A-1", str(factura(d, "A-1").saldo))
    with d.transaccion(SYSTEM) as tx:
        uno = expediente.asunto(tx.session, d.clave)
        uno.estado_previo, uno.estado = uno.estado, "suspendido"
    d.completar("hruiz", "ut_08_asignar_asesor")
    d.completar("sluna", "ut_09_preparar_arranque")
    assert (asunto(d).estado, asunto(d).estado_previo) == ("suspendido", "en_tramite")
    d.a_las("2027-02-19 09:00")
    assert not any(aviso.startswith("02-19") and "hector" in aviso for aviso in d.avisos()), "nothing may be published"
    with d.transaccion(SYSTEM) as tx:
        seguimiento_pagos.reactivar(Accion(tx, d.clave), expediente.asunto(tx.session, d.clave))
    assert d.estado() == "en_tramite"
    d.a_las("2027-02-22 09:00")
    assert "02-22 09:00 hector" in d.avisos(), "the client has had no news"


def test_a_client_does_not_move_a_hearing(d: Despacho) -> None:
    hasta_seguimiento(d, surte_efectos=None)
    with d.transaccion(d.quien("sluna")) as tx:
        una = audiencias.nueva(tx, d.clave, {"titulo": "Incidental", "inicio": momento("2027-01-28 10:00")}).id
    with d.transaccion(d.quien("cliente")) as tx, pytest.raises(Conflict):
        reuniones.confirmar_asistencia(tx, una, "cancelar")


# --- cancellation


def test_a_matter_is_settled_once(d: Despacho) -> None:
    hasta_tarjeta(d)
    with d.transaccion(d.quien("cliente")) as tx:
        cancelaciones.solicitar(tx, d.clave, "Ya no quiero seguir")
    with d.transaccion(SYSTEM) as tx, pytest.raises(Invalid) as refused:
        paso = Accion(tx, d.clave)
        cancelaciones.registrar(paso, expediente.asunto(tx.session, d.clave), "despacho", "No pagó", "falta_de_pago")
    assert "en curso" in refused.value.fields["decision"]
    # The client accepts the closing before the request is answered: there is nothing left to cancel.
    d.completar("cliente", "ut_11_confirmar_cierre", respuesta="acepto")
    with pytest.raises(Invalid) as tarde:
        d.completar("hruiz", "ut_cn_atender_solicitud", decision="procede", avance_pct=100)
    assert "ya se cerró" in tarde.value.fields["decision"]
    d.completar("hruiz", "ut_cn_atender_solicitud", decision="retirada")
    assert d.estado() == "cerrado"


# --- stage 11


def test_without_authorisation_a_live_deadline_stops_the_report(d: Despacho) -> None:
    hasta_seguimiento(d)
    with d.transaccion(d.quien("abarrera")) as tx:
        ajustes.cambiar(tx, "autorizar_cierre", False)
    d.completar("sluna", "ut_10_dar_seguimiento", actuacion="sentencia", nota_interna="x", accion="proponer_cierre")
    with pytest.raises(Invalid) as refused:
        d.completar("sluna", "ut_11_elaborar_informe", resumen="x", resultado="parcial")
    assert list(refused.value.fields) == [""], "no field of this form is wrong"


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


# --- stage 12


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


def test_the_firm_answers_in_the_clients_place(d: Despacho) -> None:
    hasta_tarjeta(d)
    for elemento, valores in (
        ("ut_11_confirmar_cierre", {"respuesta": "acepto", "oposicion_voluntarias": True}),
        ("ut_12_responder_encuesta", dict.fromkeys(("p1", "p2", "p3", "p4", "p5"), 4)),
    ):
        d.engine.assign(d.abiertas()[elemento].id, "hruiz", by=d.quien("hruiz"))
        with pytest.raises(Invalid) as refused:
            d.completar("hruiz", elemento, **valores)
        assert list(refused.value.fields) == ["por_cuenta_canal"]
        d.completar("hruiz", elemento, **valores, por_cuenta_canal="telefono")
    with d.registros() as session:
        assert asunto(d).cliente_id
        dicho = session.scalars(select(Consentimiento).order_by(Consentimiento.id.desc())).first()
        anotado = select(EventoBitacora).where(EventoBitacora.accion == "por_cuenta_del_cliente")
        assert len(session.scalars(anotado).all()) == 2
    assert dicho is not None
    assert (dicho.oposicion_voluntarias, dicho.medio) == (True, "telefono")


def test_fiscal_data_that_came_on_paper_are_typed_in_by_the_firm(d: Despacho) -> None:
    empezar(d, con_datos_fiscales=False)
    elemento = "ut_07_capturar_datos_fiscales"
    valores = {"rfc": "LOOF850412QX2", "razon_social": "MARIA FERNANDA LOPEZ ORTEGA", "cp_fiscal": "03100"}
    valores |= {"regimen_fiscal": "612", "uso_cfdi": "G03"}
    d.engine.assign(d.abiertas()[elemento].id, "msoto", by=d.quien("hruiz"))
    with pytest.raises(Invalid) as refused:
        d.completar("msoto", elemento, **valores)
    assert list(refused.value.fields) == ["por_cuenta_canal"]
    d.completar("msoto", elemento, **valores, por_cuenta_canal="presencial")
    with d.registros() as session:
        [anotado] = session.scalars(select(EventoBitacora).where(EventoBitacora.accion == "por_cuenta_del_cliente"))
        assert anotado.despues == {"canal": "presencial", "elemento": elemento}
    assert elemento not in d.abiertas()


# --- receipts


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
