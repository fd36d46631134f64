"""Every other way out of stages 1 to 6: refusals, silence, more time, negotiation, lapse (§1.1–§1.6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from engine import SYSTEM, Actor, Conflict, Invalid, JobQuery, NotAllowed, NotFound
from tasks import contacto, envio, plazos, reuniones
from tasks.paso import Accion
from tasks.registros import Correo, EventoBitacora, Prospecto

from .despacho import Despacho, momento
from .prospecto import PDF, PROPUESTA, Caso

SIN_PLAZO = {"tipo_procedimiento": "queja", "subtipo": "administrativa", "surte_efectos": None}


@pytest.fixture
def c(tmp_path: Path) -> Iterator[Caso]:
    despacho = Despacho(f"sqlite:///{tmp_path / 'cauce.db'}", tmp_path, "2027-01-11 10:00")
    yield Caso(despacho)
    assert not despacho.incidentes()
    despacho.cerrar()


def test_a_meeting_that_is_moved_moves_the_minuta_and_missing_two_closes(c: Caso) -> None:
    c.contacto()
    c.informado()
    with pytest.raises(Invalid) as refused:
        c.d.completar("lvega", "ut_02_programar_reunion", inicio=momento("2027-01-16 11:00"))
    assert set(refused.value.fields) == {"inicio"}
    c.d.completar("lvega", "ut_02_programar_reunion", inicio=momento("2027-01-12 11:00"))
    (reunion,) = c.reuniones("cliente")
    with c.d.engine.transaction(c.d.quien("cliente")) as tx:
        reuniones.confirmar_asistencia(tx, reunion.id, "proponer_otra")
    with c.d.engine.transaction(c.d.quien("lvega")) as tx:
        otra = {"inicio": momento("2027-01-13 16:00"), "duracion_min": 30, "motivo": "La pidió el cliente"}
        reuniones.reprogramar(tx, reunion.id, otra)
    c.d.trabajar()
    (movida,) = c.reuniones("cliente")
    assert (movida.uid, movida.sequence, movida.estado) == (reunion.uid, 1, "tentativa")
    c.d.a_las("2027-01-13 16:29")
    assert c.abiertas() == set()
    c.d.a_las("2027-01-13 16:30")
    c.d.completar("hruiz", "ut_02_registrar_minuta", asistencia="reprogramar")
    c.d.completar("lvega", "ut_02_programar_reunion", inicio=momento("2027-01-14 10:00"))
    assert [r.sequence for r in c.reuniones("cliente")] == [2]
    c.d.a_las("2027-01-14 11:00")
    c.d.completar("hruiz", "ut_02_registrar_minuta", asistencia="no_asistio")
    c.d.completar("lvega", "ut_02_programar_reunion", inicio=momento("2027-01-15 10:00"))
    assert [r.estado for r in c.reuniones("cliente")] == ["cancelada", "tentativa"]
    c.d.a_las("2027-01-15 11:00")
    c.d.completar("hruiz", "ut_02_registrar_minuta", asistencia="no_asistio")
    assert (c.prospecto(), c.terminada()) == ("sin_respuesta", True)


def test_more_documents_and_a_receipt_for_originals(c: Caso) -> None:
    c.contacto()
    c.informado()
    c.reunido("2027-01-12 11:00", **SIN_PLAZO)
    c.entrega()
    original = [{"resultado": "aceptado", "original_recibido": True}]
    otro = [{"documento": "Contrato con el banco", "obligatorio": True}]
    c.d.completar("hruiz", "ut_03_revisar_documentos", documentos=original, adicionales=otro)
    assert c.documentos()["Acuse de documentos"].estado == "generado"
    assert "Contrato con el banco" in c.ultimo_texto()
    c.entrega()
    c.revisa("aceptado")
    assert c.abiertas() == {"ut_04_analizar_caso"}


def test_a_legal_deadline_ends_the_wait_for_documents(c: Caso) -> None:
    """§1.0: a Plazo recorded meanwhile moves the limit to the day on which it has 5 dh left."""
    c.contacto()
    c.informado()
    c.reunido("2027-01-12 11:00", **SIN_PLAZO)
    with c.d.engine.transaction(c.d.quien("hruiz")) as tx:
        prospecto = tx.session.scalars(select(Prospecto).where(Prospecto.folio == c.d.clave)).one()
        plazos.registrar(Accion(tx, c.d.clave), prospecto, "Presentar la queja", date(2027, 1, 27))
        tx.refresh_timers(c.d.clave)
    c.d.a_las("2027-01-20 08:59")
    assert c.abiertas() == {"ut_03_entregar_documentos"}
    c.d.a_las("2027-01-20 09:00")
    assert c.abiertas() == {"ut_03_decidir_sin_documentos"}
    c.d.completar("hruiz", "ut_03_decidir_sin_documentos", decision="cerrar")
    assert c.correos()[-1].endswith("cor_04_no_aceptacion")
    assert "27/01/2027" in c.ultimo_texto()


def test_deciding_cancels_the_session_and_signing_needs_the_mailed_code(c: Caso) -> None:
    c.hasta_envio()
    c.d.completar("hruiz", "ut_06_programar_sesion", inicio=momento("2027-01-15 11:00"))
    firma = {"decision": "aceptar", "nombre_completo": "María Fernanda López Ortega", "acepto": True}
    with pytest.raises(Invalid) as refused:
        c.d.completar("cliente", "ut_06_decidir_propuesta", **firma, codigo="123456")
    assert set(refused.value.fields) == {"codigo"}
    viejo, nuevo = c.codigo(), c.codigo()
    with pytest.raises(Invalid) as refused:
        c.d.completar("cliente", "ut_06_decidir_propuesta", **firma, codigo=viejo)
    assert set(refused.value.fields) == {"codigo"}
    c.d.completar("cliente", "ut_06_decidir_propuesta", **firma, codigo=nuevo)
    assert [r.estado for r in c.reuniones("sesion")] == ["cancelada"]
    with c.d.registros() as session:
        citas = session.scalars(select(Correo.calendario).where(Correo.plantilla == "cor_02_invitacion")).all()
    assert "METHOD:CANCEL" in (citas[-1] or "")
    assert not {"ut_06_presentar_propuesta", "ut_06_decidir_propuesta"} & c.abiertas()
    with pytest.raises(Conflict), c.d.engine.transaction(c.d.quien("cliente")) as tx:
        reuniones.confirmar_asistencia(tx, c.reuniones("sesion")[0].id, "confirmo")


def test_the_code_is_only_sent_while_there_is_something_to_sign(c: Caso) -> None:
    c.hasta_propuesta()
    c.d.completar("hruiz", "ut_05_elaborar_propuesta", **PROPUESTA)
    with pytest.raises(NotFound), c.d.engine.transaction(c.d.quien("cliente")) as tx:
        envio.enviar_codigo(tx, c.d.clave)


def test_the_gerente_may_deliver_in_the_clients_place(c: Caso) -> None:
    """Whoever acts for the client says how the client asked for it, and keeps the evidence."""
    c.contacto()
    c.informado()
    c.reunido("2027-01-12 11:00", **SIN_PLAZO)
    hector = c.d.quien("hruiz")
    tarea = c.d.abiertas()["ut_03_entregar_documentos"]
    c.d.engine.assign(tarea.id, "hruiz", by=hector)
    documentos = [{"archivo": [c.sube(tarea.id, 0, hector)]}, {}, {}]
    with pytest.raises(Invalid) as refused:
        c.d.completar("hruiz", "ut_03_entregar_documentos", documentos=documentos)
    assert set(refused.value.fields) == {"por_cuenta_canal"}
    prueba = c.d.engine.attach(tarea.id, "por_cuenta_evidencia", BytesIO(PDF), "correo.pdf", by=hector).id
    como = {"por_cuenta_canal": "correo", "por_cuenta_evidencia": [prueba]}
    c.d.completar("hruiz", "ut_03_entregar_documentos", documentos=documentos, **como)
    assert c.abiertas() == {"ut_03_revisar_documentos"}
    evidencia = c.documentos()["Evidencia de lo pedido por el cliente"]
    assert (evidencia.nombre, evidencia.visible_cliente) == ("correo.pdf", False)
    with c.d.registros() as session:
        linea = session.scalars(select(EventoBitacora).where(EventoBitacora.accion == "por_cuenta_del_cliente")).one()
        assert (linea.usuario, linea.despues) == ("hruiz", {"canal": "correo", "elemento": "ut_03_entregar_documentos"})


def test_client_and_gerente_answer_at_the_same_time(c: Caso) -> None:
    """Whoever is first counts, the other one is told who was, and no document is kept twice."""
    c.contacto()
    c.informado()
    c.reunido("2027-01-12 11:00", **SIN_PLAZO)
    hector, clienta = c.d.quien("hruiz"), c.d.quien("cliente")
    tarea = c.d.abiertas()["ut_03_entregar_documentos"]
    de_ella = {"documentos": [{"archivo": [c.sube(tarea.id, 0, clienta)]}, {}, {}]}
    vista = c.d.engine.form(tarea.id, by=clienta).revision
    c.d.engine.assign(tarea.id, "hruiz", by=hector)
    with pytest.raises((Conflict, NotAllowed)):
        c.d.engine.complete(tarea.id, de_ella, revision=vista, by=clienta)
    de_el = {"documentos": [{"archivo": [c.sube(tarea.id, 0, hector)]}, {}, {}], "por_cuenta_canal": "correo"}
    prueba = c.d.engine.attach(tarea.id, "por_cuenta_evidencia", BytesIO(PDF), "correo.pdf", by=hector).id
    c.d.engine.complete(tarea.id, {**de_el, "por_cuenta_evidencia": [prueba]}, by=hector)
    with pytest.raises(Conflict) as tarde:
        c.d.engine.complete(tarea.id, de_ella, revision=vista, by=clienta)
    assert tarde.value.details["who"] == "hruiz"
    c.d.trabajar()
    entregada = c.documentos()["Identificación oficial vigente"]
    assert (entregada.estado, entregada.version) == ("entregado", 1)
    assert c.abiertas() == {"ut_03_revisar_documentos"}


def test_two_approvals_at_once_are_one_and_the_proposal_goes_out_once(c: Caso) -> None:
    c.hasta_propuesta()
    c.d.completar("hruiz", "ut_05_elaborar_propuesta", **PROPUESTA)
    tarea = c.d.abiertas()["ut_05_aprobar_propuesta"]
    juntos, dicho = Barrier(2), []

    def aprobar(usuario: str) -> None:
        juntos.wait()
        try:
            c.d.engine.complete(tarea.id, {"decision": "aprobar"}, by=Actor(usuario, frozenset({"direccion"})))
            dicho.append("aprobada")
        except Conflict as tarde:
            dicho.append(str(tarde.details["who"]))

    hilos = [Thread(target=aprobar, args=(usuario,)) for usuario in ("abarrera", "socia")]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    c.d.trabajar()
    (version,) = c.propuestas()
    assert sorted(dicho) == sorted(["aprobada", str(version.aprobador)])
    assert [correo for correo in c.correos() if "cor_06_propuesta" in correo] == ["01-12 12:00 cor_06_propuesta"]


def test_the_same_reply_twice_starts_the_clock_again_once(c: Caso) -> None:
    c.contacto()
    c.d.completar("lvega", "ut_01_informar_servicios")
    c.d.a_las("2027-01-13 12:00")
    for _ in range(2):
        with c.d.engine.transaction(c.d.quien("lvega")) as tx:
            contacto.respuesta(tx, c.d.clave)
    c.d.trabajar()
    temporizadores = c.d.engine.jobs(JobQuery(business_key=c.d.clave, kind="timer"), by=SYSTEM).items
    assert sorted(uno.element_id or "" for uno in temporizadores) == [
        "be_01_recordatorio_1",
        "be_01_recordatorio_2",
        "be_01_sin_respuesta",
    ]
    c.d.a_las("2027-01-18 09:00")
    assert [correo for correo in c.correos() if "recordatorio" in correo] == ["01-18 09:00 cor_01_recordatorio"]
