"""Calendar invitations (.ics) of meetings, sessions and hearings: one UID for life, SEQUENCE rises with each change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from tasks.registros import Reunion

AVISOS = {"audiencia": (timedelta(days=1), timedelta(hours=1))}
"""How long before it a calendar reminds of a meeting of this kind; of the others an hour."""
TITULOS = {"cliente": "Reunión", "equipo": "Reunión con el equipo", "sesion": "Sesión", "audiencia": "Audiencia"}


def invitacion(
    reunion: Reunion,
    *,
    organizador: tuple[str, str],
    asistentes: Iterable[tuple[str, str]],
    momento: datetime,
    metodo: str = "REQUEST",
    descripcion: str = "",
) -> str:
    """The text of an .ics file. `organizador` and `asistentes`: (name, mail address). `metodo`: REQUEST or CANCEL.

    Title and text say nothing of the case (secreto profesional): calendars are shared.
    """
    nombre, correo = organizador
    evento = Event()
    evento.add("uid", reunion.uid)
    evento.add("sequence", reunion.sequence)
    evento.add("dtstamp", momento)
    zona = ZoneInfo(reunion.zona)
    evento.add("dtstart", reunion.inicio.astimezone(zona))
    evento.add("dtend", reunion.fin.astimezone(zona))
    evento.add("summary", reunion.titulo or TITULOS.get(reunion.tipo, "Reunión"))
    evento.add("status", _estado(reunion, metodo))
    if reunion.lugar:
        evento.add("location", reunion.lugar)
    if descripcion:
        evento.add("description", descripcion)
    evento["organizer"] = _direccion(nombre, correo)
    for alguien in asistentes:
        direccion = _direccion(*alguien)
        direccion.params["ROLE"] = vText("REQ-PARTICIPANT")
        direccion.params["PARTSTAT"] = vText("NEEDS-ACTION")
        direccion.params["RSVP"] = vText("FALSE")
        evento.add("attendee", direccion, encode=False)
    if metodo == "REQUEST":
        for antes in AVISOS.get(reunion.tipo, (timedelta(hours=1),)):
            evento.add_component(_aviso(antes, evento["summary"]))
    calendario = Calendar()
    calendario.add("prodid", "-//Cauce//ES")
    calendario.add("version", "2.0")
    calendario.add("method", metodo)
    calendario.add_component(evento)
    calendario.add_missing_timezones()
    texto: str = calendario.to_ical().decode()
    return texto


def _aviso(antes: timedelta, texto: str) -> Alarm:
    """A reminder on the screen (RFC 5545 §3.6.6)."""
    aviso = Alarm()
    aviso.add("action", "DISPLAY")
    aviso.add("trigger", -antes)
    aviso.add("description", texto)
    return aviso


def _estado(reunion: Reunion, metodo: str) -> str:
    if metodo == "CANCEL" or reunion.estado == "cancelada":
        return "CANCELLED"
    return "CONFIRMED" if reunion.estado == "confirmada" else "TENTATIVE"


def _direccion(nombre: str, correo: str) -> vCalAddress:
    direccion = vCalAddress(f"mailto:{correo}")
    direccion.params["CN"] = vText(nombre)
    return direccion
