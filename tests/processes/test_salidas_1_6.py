"""Every other way out of stages 1 to 6: refusals, silence, more time, negotiation, lapse (§1.1–§1.6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import Conflict, Invalid, NotFound
from tasks import contacto, envio, plazos, reuniones
from tasks.paso import Accion
from tasks.registros import Correo, Duda, EventoBitacora, Prospecto, RevisionConflicto

from .despacho import Despacho, momento
from .prospecto import ANALISIS, PDF, PROPUESTA, Caso

SIN_PLAZO = {"tipo_procedimiento": "queja", "subtipo": "administrativa", "surte_efectos": None}


@pytest.fixture
def c(tmp_path: Path) -> Iterator[Caso]:
    despacho = Despacho(f"sqlite:///{tmp_path / 'cauce.db'}", tmp_path, "2027-01-11 10:00")
    yield Caso(despacho)
    assert not despacho.incidentes()
    despacho.cerrar()


def test_a_conflict_with_an_active_client_is_declined_by_direccion_without_reasons(c: Caso) -> None:
    c.contacto(contraparte="Olga Zamudio Peralta")
    tarea = c.d.abiertas()["ut_01_resolver_conflicto"]
    assert tarea.candidate_groups == ("direccion",)
    justificacion = "La contraparte es clienta"
    c.d.completar("abarrera", "ut_01_resolver_conflicto", dictamen="conflicto", justificacion=justificacion)
    assert (c.prospecto(), c.terminada()) == ("declinado_conflicto", True)
    assert [correo.split()[-1] for correo in c.correos()] == ["cor_04_no_aceptacion"]
    assert "Zamudio" not in c.ultimo_texto()
    assert "conflicto" not in c.ultimo_texto()
    with c.d.registros() as session:
        revision = session.scalars(select(RevisionConflicto)).one()
        assert (revision.dictamen, revision.autor) == ("conflicto", "abarrera")


def test_what_the_minuta_brings_is_checked_again_and_a_ruling_is_not_asked_twice(c: Caso) -> None:
    c.contacto(contraparte="Textiles Xochitl")
    c.d.completar("abarrera", "ut_01_resolver_conflicto", dictamen="sin_conflicto", justificacion="Otra empresa")
    c.informado()
    conocida = {"nombre": "Textiles Xochitl", "rfc": None, "calidad": "contraparte"}
    c.reunido("2027-01-12 11:00", contrapartes=[conocida, {"nombre": "Úrsula Kuri Bremer", "calidad": "tercero"}])
    assert c.abiertas() == {"ut_02_resolver_conflicto"}
    with c.d.registros() as session:
        ultima = session.scalars(select(RevisionConflicto).order_by(RevisionConflicto.id.desc())).first()
        assert ultima is not None
        assert [hallada["con"] for hallada in ultima.coincidencias] == ["Úrsula Kuri Bremer"]
    c.d.completar("abarrera", "ut_02_resolver_conflicto", dictamen="sin_conflicto", justificacion="Homónima")
    assert c.abiertas() == {"ut_03_entregar_documentos"}


def test_informed_at_once_then_referred_elsewhere(c: Caso) -> None:
    """«Ya informé y resolví dudas» (E4): the mail goes out once, both steps are on record."""
    c.contacto(ya_informe_y_resolvi=True)
    assert c.correos() == ["01-11 10:00 cor_01_informacion"]
    assert c.abiertas() == {"ut_02_programar_reunion"}
    with c.d.registros() as session:
        acciones = session.scalars(select(EventoBitacora.accion).where(EventoBitacora.business_key == c.d.clave)).all()
        assert acciones == ["contacto.registrar", "contacto.dudas_resueltas"]
    c.reunido("2027-01-12 11:00", tipo_procedimiento="otro", subtipo=None, canalizar_a="la Defensoría Pública")
    assert (c.prospecto(), c.terminada()) == ("no_es_competencia", True)
    assert "la Defensoría Pública" in c.ultimo_texto()


def test_cross_selling_skips_information_but_not_the_conflict_check(c: Caso) -> None:
    c.contacto(canal="venta_cruzada", contraparte="Olga Zamudio Peralta")
    c.d.completar("abarrera", "ut_01_resolver_conflicto", dictamen="sin_conflicto", justificacion="Homónima")
    assert (c.abiertas(), c.correos()) == ({"ut_02_programar_reunion"}, [])


def test_doubts_loop_an_answer_starts_the_clock_again_and_who_says_no_is_closed(c: Caso) -> None:
    c.contacto()
    c.d.completar("lvega", "ut_01_informar_servicios")
    dudas = [{"pregunta": "¿Cuánto tarda?", "respuesta": "Unos meses"}]
    c.d.completar("lvega", "ut_01_resolver_dudas", resultado_contacto="mas_dudas", dudas=dudas)
    c.d.a_las("2027-01-13 12:00")
    with c.d.engine.transaction(c.d.quien("lvega")) as tx:
        contacto.respuesta(tx, c.d.clave)
    c.d.trabajar()
    c.d.a_las("2027-01-15 23:00")
    assert "cor_01_recordatorio" not in str(c.correos())
    c.d.a_las("2027-01-18 09:00")
    assert c.correos()[-1] == "01-18 09:00 cor_01_recordatorio"
    c.d.completar("lvega", "ut_01_resolver_dudas", resultado_contacto="no_interesado")
    with c.d.registros() as session:
        assert session.scalars(select(Duda.pregunta)).all() == ["¿Cuánto tarda?"]
    assert (c.prospecto(), c.terminada()) == ("no_interesado", True)
    assert c.correos()[-1] == "01-18 09:00 cor_01_recordatorio"


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


def test_documents_more_time_then_without_them_then_not_viable(c: Caso) -> None:
    c.contacto()
    c.informado()
    c.reunido("2027-01-12 11:00", **SIN_PLAZO)
    c.d.a_las("2027-02-04 18:00")
    c.d.completar("hruiz", "ut_03_decidir_sin_documentos", decision="prorroga", prorroga_dh=2)
    assert c.abiertas() == {"ut_03_entregar_documentos"}
    c.d.a_las("2027-02-08 18:00")
    with pytest.raises(Invalid) as refused:
        c.d.completar("hruiz", "ut_03_decidir_sin_documentos", decision="continuar_sin")
    assert set(refused.value.fields) == {"razon"}
    razon = "Constan en el expediente oficial"
    c.d.completar("hruiz", "ut_03_decidir_sin_documentos", decision="continuar_sin", razon=razon)
    assert c.documentos()["Identificación oficial vigente"].estado == "pendiente"
    c.d.completar("hruiz", "ut_04_analizar_caso", **{**ANALISIS, "viabilidad": "baja"})
    acta = {"participantes": ["hruiz", "sluna"], "conclusiones": "No prospera.", "recomendacion": "no_tomar"}
    c.d.completar("hruiz", "ut_04_reunion_equipo", **acta)
    tarea = c.d.abiertas()["ut_04_actualizar_analisis"]
    datos = c.d.engine.form(tarea.id, by=c.d.quien("hruiz")).data
    assert (datos["estrategia"], datos["reunion_texto"]) == ("Amparo.", "recomienda no tomar el caso. No prospera.")
    c.d.completar("hruiz", "ut_04_actualizar_analisis", viabilidad="no_viable")
    assert (c.prospecto(), c.terminada()) == ("no_viable", True)
    assert c.correos()[-1].endswith("cor_04_no_aceptacion")


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


def test_refused_inside_after_reminder_and_escalation(c: Caso) -> None:
    c.hasta_propuesta()
    c.d.completar("hruiz", "ut_05_elaborar_propuesta", **PROPUESTA)
    c.d.a_las("2027-01-15 18:00")
    with c.d.registros() as session:
        internos = select(Correo.plantilla).where(Correo.interno, Correo.business_key == c.d.clave).order_by(Correo.id)
        propios = [p for p in session.scalars(internos) if p in ("cor_05_aprobacion", "cor_00_escalamiento")]
    assert propios == ["cor_05_aprobacion", "cor_05_aprobacion", "cor_00_escalamiento"]
    rechazo = {"decision": "rechazar", "comentarios": "No es rentable"}
    c.d.completar("abarrera", "ut_05_aprobar_propuesta", **rechazo)
    assert (c.prospecto(), c.terminada()) == ("rechazado_interno", True)
    assert "No es rentable" not in c.ultimo_texto()
    assert "02/02/2027" in c.ultimo_texto()


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


def test_three_rounds_of_negotiation_then_the_gerente_decides(c: Caso) -> None:
    c.hasta_envio()
    for ronda in (1, 2):
        pide = {"decision": "negociar", "comentarios": f"Más barato, {ronda}"}
        c.d.completar("cliente", "ut_06_decidir_propuesta", **pide)
        tarea = c.d.abiertas()["ut_05_elaborar_propuesta"]
        assert c.d.engine.form(tarea.id, by=c.d.quien("hruiz")).data["comentarios_cliente"] == f"Más barato, {ronda}"
        c.propone()
    c.d.completar("cliente", "ut_06_decidir_propuesta", decision="negociar", comentarios="Todavía no")
    assert c.abiertas() == {"ut_06_decidir_negociacion"}
    c.d.completar("hruiz", "ut_06_decidir_negociacion", decision="nueva_version")
    c.propone()
    assert [v.estado for v in c.propuestas()] == ["sustituida"] * 3 + ["enviada"]
    c.d.completar("cliente", "ut_06_decidir_propuesta", decision="negociar", comentarios="No")
    c.d.completar("hruiz", "ut_06_decidir_negociacion", decision="cerrar")
    assert (c.prospecto(), c.terminada()) == ("rechazado_cliente", True)


def test_a_lapsed_proposal_is_renewed_rewritten_or_closed(c: Caso) -> None:
    _hasta_envio_sin_plazo(c)
    assert c.propuestas()[0].vigencia == momento("2027-01-19 18:00")
    c.d.a_las("2027-01-19 18:00")
    assert c.abiertas() == {"ut_06_gestionar_vencimiento"}
    c.d.completar("lvega", "ut_06_gestionar_vencimiento", decision="renovar", vigencia_dh=5)
    assert c.correos()[-1] == "01-19 18:00 cor_06_propuesta"
    assert c.propuestas()[0].vigencia == momento("2027-01-26 18:00")
    assert "ut_06_decidir_propuesta" in c.abiertas()
    c.d.a_las("2027-01-26 18:00")
    c.d.completar("lvega", "ut_06_gestionar_vencimiento", decision="nueva_version", comentarios="Más plazo")
    assert c.propuestas()[0].estado == "vencida"
    c.propone(vigencia_dh=5)
    c.d.a_las("2027-02-03 18:00")
    c.d.completar("lvega", "ut_06_gestionar_vencimiento", decision="cerrar")
    assert (c.prospecto(), c.terminada()) == ("vencido", True)


def _hasta_envio_sin_plazo(c: Caso) -> None:
    c.contacto()
    c.informado()
    c.reunido("2027-01-12 11:00", **SIN_PLAZO)
    c.entrega()
    c.revisa("aceptado")
    c.d.completar("hruiz", "ut_04_analizar_caso", **ANALISIS)
    c.propone(vigencia_dh=5)


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
