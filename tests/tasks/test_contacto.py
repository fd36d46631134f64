"""Stage 1 and the end of a prospect: who is known already, what is asked, what is told (L2–L5, §1.1)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine import Files
from engine.errors import Invalid
from tasks import base, contacto, plazos, prospectos
from tasks.adapters import Adapters
from tasks.contacto import Cierre, DelProspecto
from tasks.registros import Ajuste, Asunto, Correo, Documento, Persona, Prospecto, Reunion, RevisionConflicto

DATOS = {
    "canal": "telefono",
    "nombre": "Rosa Elena Trujillo Báez",
    "tipo_persona": "fisica",
    "correo": "rosa@ejemplo.mx",
    "telefono": None,
    "rfc": None,
    "cliente_existente_id": None,
    "fuente": None,
    "descripcion_breve": "Una multa.",
    "tipo_tentativo": "recurso",
    "fecha_notificacion": None,
    "contraparte": None,
    "aviso_fecha": None,
    "aviso_medio": "correo",
    "oposicion_voluntarias": False,
    "ya_informe_y_resolvi": False,
}


@pytest.fixture
def nuevo(session, paso, tmp_path):
    """A contact that has just been opened, with a step at it. Olga Zamudio is a client with a matter in progress."""
    olga = base.agregar_cliente(session, "Olga Zamudio Peralta")
    anterior = Prospecto(
        folio="PRO-2026-0001", persona_id=olga.id, canal="referido", descripcion="Anterior", estado="ganado"
    )
    session.add(anterior)
    session.flush()
    en_curso = {"tipo": "juicio", "subtipo": "laboral", "estado": "en_tramite"}
    session.add(Asunto(folio="J-2026-0001", prospecto_id=anterior.id, cliente_id=olga.id, **en_curso))

    def abrir(*moment):
        p = paso(*(moment or (2027, 1, 11, 10)), adapters=Adapters.local(Files.in_folder(tmp_path)))
        prospecto = prospectos.abrir(p)
        p.business_key = prospecto.folio
        return p, prospecto

    return abrir


@pytest.mark.parametrize(
    ("cambio", "modo"),
    [({}, "informar"), ({"ya_informe_y_resolvi": True}, "ya_informado"), ({"canal": "venta_cruzada"}, "venta_cruzada")],
)
def test_what_is_still_to_be_done(nuevo, cambio, modo):
    p, prospecto = nuevo()
    variables = contacto.registrar({**DATOS, **cambio}, p)
    assert variables["modo_contacto"] == modo
    assert variables["prospecto_id"] == prospecto.id
    assert prospecto.persona.consentimientos[-1].aviso_fecha == date(2027, 1, 11)


def test_the_aviso_is_kept_in_the_version_that_was_shown(nuevo, session):
    p, prospecto = nuevo()
    session.add(Ajuste(clave="aviso_version", valor={"valor": "2027-2"}))
    session.flush()
    contacto.registrar(DATOS, p)
    assert prospecto.persona.consentimientos[-1].aviso_version == "2027-2"


def test_variables_carry_no_personal_data(nuevo):
    p, _ = nuevo()
    assert set(contacto.registrar(DATOS, p)) == {"prospecto_id", "tipo_persona", "modo_contacto", "resultado_etapa"}


@pytest.mark.parametrize("como", ["rfc", "folio", "nombre y correo"])
def test_who_is_known_is_not_written_down_twice(nuevo, session, como):
    p, prospecto = nuevo()
    conocida = base.agregar_cliente(session, DATOS["nombre"], rfc="LOOF850412QX2", correo=DATOS["correo"])
    provisional = prospecto.persona_id
    dicho = {
        "rfc": {"nombre": "Rosa Trujillo", "correo": "otra@ejemplo.mx", "rfc": "loof850412qx2"},
        "folio": {"nombre": "Rosa Trujillo", "correo": None, "cliente_existente_id": conocida.folio.lower()},
        "nombre y correo": {"nombre": "ROSA ELENA TRUJILLO BAEZ"},
    }[como]
    contacto.registrar({**DATOS, **dicho}, p)
    assert prospecto.persona_id == conocida.id
    assert session.get(Persona, provisional) is None


def test_a_name_alone_makes_nobody_the_same(nuevo, session):
    p, prospecto = nuevo()
    otra = base.agregar_cliente(session, DATOS["nombre"], correo="homonima@ejemplo.mx")
    contacto.registrar(DATOS, p)
    assert prospecto.persona_id != otra.id


def test_an_unknown_client_folio_and_a_wrong_rfc_are_refused_at_their_field(nuevo):
    p, _ = nuevo()
    for campo, valor in (("cliente_existente_id", "CLI-2026-9999"), ("rfc", "LOOF850412QX3")):
        with pytest.raises(Invalid) as refused:
            contacto.registrar({**DATOS, campo: valor}, p)
        assert set(refused.value.fields) == {campo}


@pytest.mark.parametrize(("meses", "sigue"), [(5, True), (7, False)])
def test_who_comes_back_within_six_months_continues(nuevo, meses, sigue):
    p, antes = nuevo()
    contacto.registrar(DATOS, p)
    contacto.cerrar_prospecto(Cierre(prospecto_id=antes.id, motivo="sin_respuesta"), p)
    despues = p.at(p.now + timedelta(days=30 * meses))
    ahora = prospectos.abrir(despues)
    despues.business_key = ahora.folio
    contacto.registrar(DATOS, despues)
    assert ahora.persona_id == antes.persona_id
    assert (ahora.reapertura_de, ahora.origen) == ((antes.id, "reapertura") if sigue else (None, None))


def test_a_conflict_is_found_ruled_and_not_asked_again(nuevo, session):
    p, prospecto = nuevo()
    contacto.registrar({**DATOS, "contraparte": "Olga Zamudio Peralta"}, p)
    pregunta = contacto.verificar_conflicto(DelProspecto(prospecto_id=prospecto.id), p)
    assert (pregunta.hay_coincidencias, pregunta.grupo_conflicto) == (True, "direccion")
    salida = contacto.resolver_conflicto({"dictamen": "sin_conflicto", "justificacion": "Homónima"}, p)
    assert salida == {"dictamen_conflicto": "sin_conflicto"}
    otra_vez = contacto.verificar_conflicto(DelProspecto(prospecto_id=prospecto.id), p)
    assert otra_vez.hay_coincidencias is False
    assert session.scalars(select(RevisionConflicto.dictamen).order_by(RevisionConflicto.id)).all() == [
        "sin_conflicto",
        "sin_coincidencias",
    ]


def correos(session):
    return list(session.scalars(select(Correo.plantilla).order_by(Correo.id)))


def test_without_an_address_nobody_is_written_to(nuevo, session):
    p, prospecto = nuevo()
    contacto.registrar({**DATOS, "correo": None, "telefono": "5512345678"}, p)
    contacto.enviar_informacion(DelProspecto(prospecto_id=prospecto.id), p)
    contacto.recordar(DelProspecto(prospecto_id=prospecto.id), p)
    contacto.cerrar_prospecto(Cierre(prospecto_id=prospecto.id, motivo="no_viable"), p)
    assert (correos(session), prospecto.informado) == ([], None)
    assert prospecto.servicios == prospectos.servicios_de("recurso")


@pytest.mark.parametrize(
    ("motivo", "informado", "espera"),
    [
        ("sin_respuesta", True, ["cor_01_cierre_sin_respuesta"]),
        ("sin_respuesta", False, []),
        ("no_interesado", True, []),
        ("rechazado_cliente", True, []),
        ("vencido", True, []),
        ("declinado_conflicto", False, ["cor_04_no_aceptacion"]),
        ("no_es_competencia", True, ["cor_04_no_aceptacion"]),
        ("no_viable", True, ["cor_04_no_aceptacion"]),
        ("rechazado_interno", True, ["cor_04_no_aceptacion"]),
    ],
)
def test_what_the_end_tells_the_prospect(nuevo, session, motivo, informado, espera):
    p, prospecto = nuevo()
    contacto.registrar(DATOS, p)
    prospecto.informado = p.now if informado else None
    contacto.cerrar_prospecto(Cierre(prospecto_id=prospecto.id, motivo=motivo), p)
    assert (correos(session), prospecto.estado, prospecto.cerrado) == (espera, motivo, p.now)
    avisos = session.scalars(select(Documento).where(Documento.plantilla == "aviso_no_aceptacion")).all()
    assert len(avisos) == ("cor_04_no_aceptacion" in espera)


@pytest.mark.parametrize("motivo", ["sin_respuesta", "no_interesado", "rechazado_cliente", "vencido"])
def test_a_live_deadline_is_always_told_and_its_alerts_end(nuevo, session, motivo):
    p, prospecto = nuevo()
    contacto.registrar(DATOS, p)
    plazo = plazos.registrar(p, prospecto, "Interponer el recurso", date(2027, 3, 9))
    contacto.cerrar_prospecto(Cierre(prospecto_id=prospecto.id, motivo=motivo), p)
    (aviso,) = session.scalars(select(Correo).where(Correo.plantilla == "cor_04_no_aceptacion"))
    assert aviso.datos["plazos"] == [{"descripcion": "Interponer el recurso", "vence": date(2027, 3, 9)}]
    assert plazo.estado == "sin_efecto"
    assert not [clave for clave in p.jobs if clave.startswith("plazo/")]


def test_a_hearing_is_told_and_never_cancelled_in_a_calendar(nuevo, session):
    """It is the authority's: the firm does not go, but it takes place. Alerts end for every kind of Plazo."""
    p, prospecto = nuevo()
    contacto.registrar(DATOS, p)
    inicio = p.now + timedelta(days=20)
    audiencia = Reunion(prospecto_id=prospecto.id, tipo="audiencia", titulo="Preliminar", inicio=inicio,
                        fin=inicio + timedelta(hours=1), estado="confirmada", uid="a@cauce")  # fmt: skip
    session.add(audiencia)
    session.flush()
    plazo = plazos.registrar(p, prospecto, "Audiencia: Preliminar", inicio.date(), tipo="audiencia")
    contacto.cerrar_prospecto(Cierre(prospecto_id=prospecto.id, motivo="no_interesado"), p)
    (aviso,) = session.scalars(select(Correo))
    assert aviso.plantilla == "cor_04_no_aceptacion"
    assert [a["titulo"] for a in aviso.datos["audiencias"]] == ["Preliminar"]
    assert (audiencia.estado, plazo.estado) == ("cancelada", "sin_efecto")
    assert not [clave for clave in p.jobs if clave.startswith("plazo/")]


def test_an_end_that_does_not_exist_is_a_fault_of_the_diagram(nuevo):
    p, prospecto = nuevo()
    with pytest.raises(ValueError, match="continuar"):
        contacto.cerrar_prospecto(Cierre(prospecto_id=prospecto.id, motivo="continuar"), p)


def test_the_reasons_of_a_conflict_are_never_told(nuevo, session):
    p, prospecto = nuevo()
    contacto.registrar({**DATOS, "contraparte": "Olga Zamudio Peralta"}, p)
    prospecto.canalizar_a = "otro despacho"
    contacto.cerrar_prospecto(Cierre(prospecto_id=prospecto.id, motivo="declinado_conflicto"), p)
    (aviso,) = session.scalars(select(Correo).where(Correo.plantilla == "cor_04_no_aceptacion"))
    assert aviso.datos["canalizar_a"] is None
    assert "Zamudio" not in str(aviso.datos)
