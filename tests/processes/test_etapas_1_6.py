"""Stages 1 to 6 through the engine and the main process: E1 rows 1 to 9, E2 and E3 of legal-process.md §8."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import Actor, Invalid, NotAllowed
from tasks import base, contacto, reuniones
from tasks.registros import Asunto, Oportunidad, Persona, Plazo, RevisionConflicto

from .despacho import Despacho, momento
from .prospecto import ANALISIS, CONTACTO, MINUTA, PROPUESTA, Caso


def abrir(url: str, carpeta: Path, ahora: str) -> Iterator[Caso]:
    despacho = Despacho(url, carpeta, ahora)
    yield Caso(despacho)
    assert not despacho.incidentes()
    despacho.cerrar()


@pytest.fixture
def e1(database_url: str, tmp_path: Path) -> Iterator[Caso]:
    yield from abrir(database_url, tmp_path, "2027-01-11 10:00")


@pytest.fixture
def e2(tmp_path: Path) -> Iterator[Caso]:
    # The scenario of the same name runs on PostgreSQL too.
    yield from abrir(f"sqlite:///{tmp_path / 'cauce.db'}", tmp_path, "2027-02-02 10:00")


@pytest.fixture
def e3(tmp_path: Path) -> Iterator[Caso]:
    # The scenario of the same name runs on PostgreSQL too.
    yield from abrir(f"sqlite:///{tmp_path / 'cauce.db'}", tmp_path, "2027-01-25 10:00")


def test_e1_from_contact_to_signature(e1: Caso) -> None:
    c, d = e1, e1.d
    c.contacto()
    assert d.clave == "PRO-2027-0001"
    assert c.abiertas() == {"ut_01_informar_servicios"}
    assert c.prospecto() == "nuevo"
    with d.registros() as session:
        assert session.scalars(select(RevisionConflicto.dictamen)).all() == ["sin_coincidencias"]

    c.informado()
    assert c.correos() == ["01-11 10:00 cor_01_informacion"]
    assert (c.prospecto(), c.abiertas()) == ("en_reunion", {"ut_02_programar_reunion"})

    d.completar("lvega", "ut_02_programar_reunion", inicio=momento("2027-01-12 11:00"))
    (reunion,) = c.reuniones("cliente")
    assert (reunion.responsable_id, reunion.modalidad, reunion.sequence) == ("hruiz", "videollamada", 0)
    assert reunion.fin == momento("2027-01-12 12:00")
    with d.engine.transaction(d.quien("cliente")) as tx:
        reuniones.confirmar_asistencia(tx, reunion.id, "confirmo")
    assert c.reuniones("cliente")[0].estado == "confirmada"
    d.a_las("2027-01-12 11:59")
    assert c.abiertas() == set()

    d.a_las("2027-01-12 12:00")
    d.completar("hruiz", "ut_02_registrar_minuta", **MINUTA)
    with d.registros() as session:
        plazo = session.scalars(select(Plazo)).one()
        assert (plazo.vence, plazo.tipo, plazo.estado) == (date(2027, 2, 2), "fatal", "vivo")

    d.a_las("2027-01-13 10:00")
    assert [nombre for nombre, doc in c.documentos().items() if doc.obligatorio] == [
        "Identificación oficial vigente",
        "Acto reclamado y constancia de notificación",
    ]
    with pytest.raises(Invalid) as refused:
        d.completar("cliente", "ut_03_entregar_documentos", documentos=[{}, {}, {}, {}])
    assert set(refused.value.fields) == {"documentos.0.archivo", "documentos.1.archivo"}
    c.entrega()
    c.revisa("ilegible", "aceptado")
    assert c.correos()[-1] == "01-13 10:00 cor_03_rechazo"
    c.entrega()
    c.revisa("aceptado")
    identificacion = c.documentos()["Identificación oficial vigente"]
    assert (identificacion.estado, identificacion.version) == ("aceptado", 2)
    assert (c.prospecto(), c.abiertas()) == ("en_analisis", {"ut_04_analizar_caso"})

    d.a_las("2027-01-14 10:00")
    identificado = [{"servicio": "Regularización fiscal", "motivo": "Adeudos", "prioridad": "media"}]
    d.completar("hruiz", "ut_04_analizar_caso", **ANALISIS, servicios_identificados=identificado)
    with d.registros() as session:
        assert session.scalars(select(Oportunidad.estado)).all() == ["identificada"]
    assert c.abiertas() == {"ut_05_elaborar_propuesta"}

    d.a_las("2027-01-15 10:00")
    tarea = d.abiertas()["ut_05_elaborar_propuesta"]
    formulario = d.engine.form(tarea.id, by=d.quien("hruiz"))
    assert formulario.data["vigencia_limite_texto"] == "25 de enero de 2027 a las 09:00"
    assert (formulario.data["primera_factura_pct"], formulario.data["dias_credito"]) == (50, 0)
    d.completar("hruiz", "ut_05_elaborar_propuesta", **PROPUESTA)
    (version,) = c.propuestas()
    assert (version.iva, version.total, version.estado) == (Decimal(9600), Decimal("69600.00"), "en_aprobacion")
    assert not [correo for correo in c.correos() if "cor_06" in correo]

    d.a_las("2027-01-18 10:00")
    with pytest.raises(NotAllowed):
        d.completar("hruiz", "ut_05_aprobar_propuesta", decision="aprobar")
    d.completar("abarrera", "ut_05_aprobar_propuesta", decision="aprobar")
    (version,) = c.propuestas()
    assert (version.estado, version.vigencia) == ("enviada", momento("2027-01-25 09:00"))
    assert version.pdf_sha256 == c.documentos()["Propuesta de servicios"].sha256
    assert c.correos()[-1] == "01-18 10:00 cor_06_propuesta"
    assert c.abiertas() == {"ut_06_programar_sesion", "ut_06_decidir_propuesta"}

    d.completar("hruiz", "ut_06_programar_sesion", inicio=momento("2027-01-19 11:00"))
    assert c.reuniones("sesion")[0].modalidad == "videollamada"
    d.a_las("2027-01-19 12:00")
    d.completar("hruiz", "ut_06_presentar_propuesta")
    assert c.reuniones("sesion")[0].estado == "celebrada"

    d.a_las("2027-01-20 10:00")
    fiscales = {"rfc": "LOOF850412QX2", "regimen_fiscal": "612", "cp_fiscal": "03100", "uso_cfdi": "G03"}
    c.acepta(**fiscales)
    (version,) = c.propuestas()
    assert version.estado == "aceptada"
    assert version.firma is not None
    assert version.firma["sha256"] == version.pdf_sha256
    assert version.firma["codigo_verificado"] is True
    with d.registros() as session:
        asunto = session.scalars(select(Asunto).where(Asunto.prospecto_id == c.prospecto("id"))).one()
        assert (asunto.folio, asunto.estado, asunto.tipo_cliente) == ("J-2027-0001", "por_iniciar", "nuevo")
        assert asunto.cliente.folio == "CLI-2027-0001"
        assert asunto.cliente.regimen_fiscal == "612"
        assert session.scalars(select(Plazo.asunto_id)).one() == asunto.id
    contrato = c.documentos()["Contrato de prestación de servicios profesionales"]
    assert re.fullmatch(r"[0-9a-f]{64}", contrato.sha256 or "")
    assert c.prospecto() == "ganado"
    hasta_aqui = [correo.split()[-1] for correo in c.correos()]
    assert hasta_aqui[: hasta_aqui.index("cor_06_bienvenida") + 1] == [
        "cor_01_informacion",
        "cor_02_invitacion",
        "cor_03_solicitud_documentos",
        "cor_03_rechazo",
        "cor_06_propuesta",
        "cor_02_invitacion",
        "cor_06_codigo",
        "cor_06_bienvenida",
    ]


def test_e2_rejected_inside_then_by_the_client(e2: Caso) -> None:
    c, d = e2, e2.d
    nombre, rfc = "Transportes del Bajío, S.A. de C.V.", "TBA030715H22"
    with d.transaccion(d.quien("lvega")) as tx:
        cliente = base.agregar_cliente(
            tx.session, nombre, tipo_persona="moral", rfc=rfc, correo="t@ejemplo.mx", cerrados=1
        )
        conocido = cliente.id
    c.contacto(nombre=nombre, tipo_persona="moral", rfc=rfc, correo="t@ejemplo.mx", tipo_tentativo="recurso")
    assert c.prospecto("persona_id") == conocido
    assert c.abiertas() == {"ut_01_resolver_conflicto"}
    assert d.abiertas()["ut_01_resolver_conflicto"].assignee == "hruiz"
    d.completar("hruiz", "ut_01_resolver_conflicto", dictamen="sin_conflicto", justificacion="homónimo")

    d.a_las("2027-02-03 09:00")
    c.informado()
    c.reunido(
        "2027-02-03 11:00", tipo_procedimiento="recurso", subtipo="revocacion_fiscal", surte_efectos=date(2027, 1, 25)
    )
    with d.registros() as session:
        assert session.scalars(select(Plazo.vence)).one() == date(2027, 3, 9)

    d.a_las("2027-02-04 10:00")
    assert sum(doc.obligatorio for doc in c.documentos().values()) == 4
    c.entrega()
    c.revisa(*["aceptado"] * 4)

    d.a_las("2027-02-05 10:00")
    d.completar("hruiz", "ut_04_analizar_caso", **{**ANALISIS, "viabilidad": "media", "cuantia": 2300000})
    d.a_las("2027-02-08 10:00")
    acta = {"participantes": ["hruiz", "sluna"], "conclusiones": "Procede.", "recomendacion": "seguir"}
    d.completar("hruiz", "ut_04_reunion_equipo", **acta)
    (equipo,) = c.reuniones("equipo")
    assert equipo.minuta is not None
    assert equipo.minuta["faltaron_participantes"] is True
    d.completar("hruiz", "ut_04_actualizar_analisis")

    d.a_las("2027-02-09 10:00")
    propuesta = {"alcance": "Recurso de revocación.", "honorarios": 90000, "primera_factura_pct": 20}
    with pytest.raises(Invalid) as refused:
        d.completar("hruiz", "ut_05_elaborar_propuesta", **propuesta)
    assert set(refused.value.fields) == {"justificacion"}
    d.completar("hruiz", "ut_05_elaborar_propuesta", **propuesta, justificacion="Cliente conocido")

    d.a_las("2027-02-10 10:00")
    with pytest.raises(Invalid) as refused:
        d.completar("abarrera", "ut_05_aprobar_propuesta", decision="devolver")
    assert set(refused.value.fields) == {"comentarios"}
    comentario = "Primer pago por debajo de la política"
    d.completar("abarrera", "ut_05_aprobar_propuesta", decision="devolver", comentarios=comentario)
    tarea = d.abiertas()["ut_05_elaborar_propuesta"]
    assert tarea.assignee == "hruiz"
    assert d.engine.form(tarea.id, by=d.quien("hruiz")).data["comentarios_aprobacion"] == comentario
    assert not [correo for correo in c.correos() if "cor_06" in correo]
    d.completar("hruiz", "ut_05_elaborar_propuesta", primera_factura_pct=40)

    d.a_las("2027-02-11 10:00")
    d.completar("abarrera", "ut_05_aprobar_propuesta", decision="aprobar")
    assert c.abiertas() == {"ut_06_decidir_propuesta"}
    assert c.propuestas()[1].vigencia == momento("2027-03-02 09:00")

    d.a_las("2027-02-15 10:00")
    d.completar("cliente", "ut_06_decidir_propuesta", decision="negociar", comentarios="75,000")
    d.a_las("2027-02-16 10:00")
    assert not [correo for correo in c.correos() if "cor_06_recordatorio" in correo]
    c.propone(**{**propuesta, "primera_factura_pct": 40, "descuento_pct": 10})
    v1, v2, v3 = c.propuestas()
    assert [(v.version, v.estado) for v in (v1, v2, v3)] == [(1, "devuelta"), (2, "sustituida"), (3, "enviada")]
    assert (v1.folio, v2.total, v3.total) == (v3.folio, Decimal("104400.00"), Decimal("93960.00"))
    assert v3.vigencia == momento("2027-03-02 09:00")

    d.a_las("2027-02-18 10:00")
    d.completar("cliente", "ut_06_decidir_propuesta", decision="rechazar", motivo="precio")
    assert (c.prospecto(), c.prospecto("motivo_cierre")) == ("rechazado_cliente", "precio")
    assert c.correos()[-1] == "02-18 10:00 cor_04_no_aceptacion"
    aviso = c.documentos()["Aviso de no aceptación"]
    assert aviso.estado == "generado"
    assert aviso.datos is not None
    assert [plazo["vence"] for plazo in aviso.datos["plazos"]] == [date(2027, 3, 9)]
    assert "09/03/2027" in c.ultimo_texto()
    assert (c.terminada(), c.abiertas()) == (True, set())
    with d.registros() as session:
        assert not session.scalars(select(Asunto.id).where(Asunto.prospecto_id == c.prospecto("id"))).all()


def test_e3_silent_prospect_twice(e3: Caso) -> None:
    c, d = e3, e3.d
    datos = {k: v for k, v in CONTACTO.items() if k not in ("canal", "fecha_notificacion", "tipo_tentativo")}
    datos["nombre"] = "Juan Pablo Hernández Cruz"
    visitante = Actor("publico", frozenset({"publico"}))
    with pytest.raises(Invalid) as refused, d.engine.transaction(visitante) as tx:
        contacto.publico(tx, datos)
    assert set(refused.value.fields) == {"acepto_aviso"}
    with d.engine.transaction(visitante) as tx:
        d.clave = contacto.publico(tx, {**datos, "acepto_aviso": True}).folio
    d.trabajar()
    tarea = d.abiertas()["ut_01_registrar_contacto"]
    assert d.engine.form(tarea.id, by=d.quien("lvega")).data["nombre"] == datos["nombre"]
    d.completar("lvega", "ut_01_registrar_contacto")
    d.completar("lvega", "ut_01_informar_servicios")

    d.a_las("2027-02-09 17:59")
    assert c.abiertas() == {"ut_01_resolver_dudas"}
    d.a_las("2027-02-09 18:00")
    assert (c.abiertas(), c.prospecto(), c.terminada()) == (set(), "sin_respuesta", True)
    assert c.correos() == [
        "01-25 10:00 cor_01_informacion",
        "01-28 09:00 cor_01_recordatorio",
        "02-03 09:00 cor_01_recordatorio",
        "02-09 18:00 cor_01_cierre_sin_respuesta",
    ]
    primera, persona = c.prospecto("id"), c.prospecto("persona_id")

    d.a_las("2027-02-22 10:00")
    c.contacto(**{**datos, "canal": "correo"}, fecha_notificacion=None)
    assert (c.prospecto("reapertura_de"), c.prospecto("persona_id")) == (primera, persona)
    with d.registros() as session:
        assert len(session.scalars(select(Persona).where(Persona.nombre == datos["nombre"])).all()) == 1
        assert len(session.scalars(select(RevisionConflicto)).all()) == 2
    c.informado()

    c.reunido("2027-02-23 10:00", tipo_procedimiento="queja", subtipo="condusef", surte_efectos=None)
    obligatorios = [nombre for nombre, doc in c.documentos().items() if doc.obligatorio]
    assert obligatorios == ["Identificación oficial vigente", "Estado de cuenta o póliza y folio de aclaración"]
    d.a_las("2027-03-17 17:59")
    assert [correo for correo in c.correos() if "recordatorio" in correo] == [
        "02-26 09:00 cor_03_recordatorio",
        "03-04 09:00 cor_03_recordatorio",
    ]
    assert c.abiertas() == {"ut_03_entregar_documentos"}
    d.a_las("2027-03-17 18:00")
    d.completar("hruiz", "ut_03_decidir_sin_documentos", decision="cerrar")
    assert (c.prospecto(), c.correos()[-1]) == ("sin_respuesta", "03-17 18:00 cor_01_cierre_sin_respuesta")
    assert c.terminada()
