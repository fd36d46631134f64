"""Meetings: office hours, the Gerente's agenda, one calendar event through all its dates (L7, L19)."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from engine import Files
from engine.errors import Invalid
from tasks import ajustes, ics, prospectos, reuniones
from tasks.adapters import Adapters
from tasks.calendario import ZONA
from tasks.registros import Colaborador, Correo, Reunion

LUNES = (2027, 1, 11)


def cita(*momento, minutos=60, **mas):
    datos = {"inicio": datetime(*momento, tzinfo=ZONA), "duracion_min": minutos, "modalidad": "videollamada"}
    return {**datos, "lugar_o_enlace": None, "participantes": None, **mas}


@pytest.fixture
def p(session, paso, tmp_path):
    for usuario, grupo in (("hruiz", "gerente"), ("abarrera", "direccion")):
        session.add(Colaborador(usuario=usuario, nombre=usuario, correo=f"{usuario}@ejemplo.mx", grupos=[grupo]))
    session.flush()
    return paso(*LUNES, 10, adapters=Adapters.local(Files.in_folder(tmp_path)))


def uno(p):
    prospecto = prospectos.abrir(p)
    prospecto.persona.nombre, prospecto.persona.correo = "Rosa Trujillo", "rosa@ejemplo.mx"
    p.business_key = prospecto.folio
    return prospecto


@pytest.mark.parametrize(
    ("cuando", "minutos", "campo"),
    [
        ((*LUNES, 9, 59), 60, "inicio"),
        ((2027, 1, 16, 11), 60, "inicio"),
        ((2027, 2, 1, 11), 60, "inicio"),
        ((2027, 1, 12, 8, 59), 60, "inicio"),
        ((2027, 1, 12, 17, 30), 31, "duracion_min"),
    ],
    ids=["past", "Saturday", "holiday", "too early", "too late"],
)
def test_only_in_the_future_and_within_office_hours(p, cuando, minutos, campo):
    with pytest.raises(Invalid) as refused:
        reuniones.programar(p, uno(p), "cliente", cita(*cuando, minutos=minutos), "hruiz")
    assert set(refused.value.fields) == {campo}


def test_until_closing_time_is_within(p):
    assert reuniones.programar(p, uno(p), "cliente", cita(2027, 1, 12, 17, minutos=60), "hruiz").estado == "tentativa"


@pytest.mark.parametrize(("hora", "libre"), [(10, True), (11, False), (12, True)])
def test_the_agenda_holds_one_meeting_at_a_time(p, hora, libre):
    reuniones.programar(p, uno(p), "cliente", cita(2027, 1, 12, 11), "hruiz")
    otra = uno(p)
    if libre:
        reuniones.programar(p, otra, "cliente", cita(2027, 1, 12, hora), "hruiz")
        return
    with pytest.raises(Invalid, match="de 11:00 a 12:00"):
        reuniones.programar(p, otra, "cliente", cita(2027, 1, 12, hora, 30), "hruiz")
    reuniones.programar(p, otra, "cliente", cita(2027, 1, 12, hora, 30), "abarrera")


@pytest.mark.parametrize(
    ("modalidad", "escrito", "lugar"),
    [
        ("videollamada", None, "https://sala/hruiz"),
        ("videollamada", "https://sala/otra", "https://sala/hruiz"),
        ("videollamada", "https://zoom/1", "https://zoom/1"),
        ("presencial", "https://sala/hruiz", "Reforma 1"),
        ("presencial", " Notaría 5 ", "Notaría 5"),
        ("telefonica", "https://sala/hruiz", None),
    ],
)
def test_the_place_fits_who_holds_the_meeting_and_how(p, session, modalidad, escrito, lugar):
    """§1.2: lugar_o_enlace comes from the profile; a suggestion of the form that no longer fits does not go out."""
    session.get(Colaborador, "hruiz").enlace_reunion = "https://sala/hruiz"
    session.get(Colaborador, "abarrera").enlace_reunion = "https://sala/otra"
    ajustes.cambiar(p, "despacho_domicilio", "Reforma 1")
    p.session.info["transaction"] = p
    datos = cita(2027, 1, 12, 11, modalidad=modalidad, lugar_o_enlace=escrito)
    assert reuniones.programar(p, uno(p), "cliente", datos, "hruiz").lugar == lugar


def test_a_cancelled_meeting_frees_its_time(p):
    prospecto = uno(p)
    reuniones.programar(p, prospecto, "cliente", cita(2027, 1, 12, 11), "hruiz")
    reuniones.cancelar_pendientes(p, prospecto)
    reuniones.programar(p, uno(p), "cliente", cita(2027, 1, 12, 11), "hruiz")


def test_rescheduling_keeps_the_calendar_event_and_remembers_its_dates(p):
    prospecto = uno(p)
    reunion = reuniones.programar(p, prospecto, "cliente", cita(2027, 1, 12, 11), "hruiz")
    uid = reunion.uid
    reunion.estado = "por_reprogramar"
    otra = reuniones.programar(p, prospecto, "cliente", cita(2027, 1, 13, 16, minutos=30), "hruiz")
    assert (otra.id, otra.uid, otra.sequence) == (reunion.id, uid, 1)
    assert [antes["inicio"][:10] for antes in otra.historial or []] == ["2027-01-12"]
    assert reuniones.fin_de_reunion(p, "cliente") == datetime(2027, 1, 13, 16, 30, tzinfo=ZONA)


def test_a_meeting_that_was_held_is_followed_by_another_event(p):
    prospecto = uno(p)
    primera = reuniones.programar(p, prospecto, "cliente", cita(2027, 1, 12, 11), "hruiz")
    primera.estado = "cancelada"
    segunda = reuniones.programar(p, prospecto, "cliente", cita(2027, 1, 13, 11), "hruiz")
    assert segunda.uid != primera.uid
    assert segunda.sequence == 0


def test_cancelling_tells_calendars_only_before_it_began(p, session):
    prospecto = uno(p)
    reunion = reuniones.programar(p, prospecto, "sesion", cita(2027, 1, 12, 11), "hruiz")
    reuniones.cancelar(p.at(datetime(2027, 1, 12, 11, 30, tzinfo=ZONA)), reunion, prospecto)
    assert session.query(Correo).count() == 0
    reunion.estado = "confirmada"
    reuniones.cancelar(p, reunion, prospecto)
    (correo,) = session.query(Correo).all()
    assert (correo.plantilla, correo.datos["cancelada"]) == ("cor_02_invitacion", True)
    assert reunion.sequence == 1


@pytest.mark.parametrize(("tipo", "avisos"), [("cliente", [-60]), ("audiencia", [-24 * 60, -60])])
def test_the_invitation_says_hour_zone_and_reminders_and_stays_one_event(tipo, avisos):
    """Read back by a parser: 08:00 in Tijuana is 16:00 UTC in January, wherever the reader's calendar is."""
    inicio = datetime(2027, 1, 20, 16, tzinfo=UTC)
    reunion = Reunion(
        tipo=tipo, titulo="Preliminar", inicio=inicio, fin=inicio + timedelta(hours=1), zona="America/Tijuana",
        estado="confirmada", uid="a1@cauce", sequence=0,
    )  # fmt: skip
    quienes = {"organizador": ("Héctor Ruiz, Lic.", "hruiz@x.mx"), "asistentes": [("Rosa", "rosa@x.mx")]}
    antes = leido(ics.invitacion(reunion, momento=inicio, **quienes))
    reunion.inicio, reunion.fin, reunion.sequence = inicio + timedelta(days=1), inicio + timedelta(days=1, hours=1), 1
    despues = leido(ics.invitacion(reunion, momento=inicio, **quienes))
    cancelada = leido(ics.invitacion(reunion, momento=inicio, metodo="CANCEL", **quienes))
    assert [(e["uid"], e["sequence"]) for e in (antes, despues)] == [("a1@cauce", 0), ("a1@cauce", 1)]
    assert (antes["dtstart"].dt, antes["dtstart"].params["TZID"]) == (inicio, "America/Tijuana")
    assert (antes["organizer"], antes["organizer"].params["CN"]) == ("mailto:hruiz@x.mx", "Héctor Ruiz, Lic.")
    assert [a["trigger"].dt / timedelta(minutes=1) for a in antes.walk("VALARM")] == avisos
    assert (str(cancelada["status"]), cancelada.walk("VALARM")) == ("CANCELLED", [])


def leido(texto):
    """The one event of an .ics file."""
    [evento] = Calendar.from_ical(texto).walk("VEVENT")
    return evento
