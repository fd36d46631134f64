"""The form of a person of the firm: what it holds, how it is judged, how it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import g, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tasks import ausencias
from tasks.registros import Asesor, Colaborador

GROUPS = {
    "ventas": "Ventas",
    "gerente": "Gerente",
    "direccion": "Dirección",
    "cobranza": "Cobranza",
    "asesor": "Asesor",
    "admin": "Administración del sistema",
    "analista": "Analista de procesos",
    "publicador": "Publicador de procesos",
    "operador": "Operador",
}
"""Group → title. «equipo» is not given to anybody: it means gerentes and asesores together."""
SPECIALITIES = ("consumo", "financiero", "administrativo", "fiscal", "constitucional", "mercantil", "laboral", "civil")
LEVELS = {"junior": "Junior", "semi_senior": "Semi senior", "senior": "Senior"}
USER_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LINK = re.compile(r"https://[^\s<>\"]{4,300}")
LICENCE = re.compile(r"[A-Z0-9/-]{4,20}")
"""Of the federal register: up to eight digits; some states have letters."""
USUAL_HOURS = "lunes a viernes, 9:00 a 18:00"
LONGEST_HOURS = 120


@dataclass(slots=True)
class Person:
    """What the form of a person holds, with what is wrong with it."""

    usuario: str
    nombre: str
    titulo: str
    puesto: str
    correo: str
    telefono: str
    cedula_profesional: str
    horario: str
    enlace_reunion: str
    suplente: str
    grupos: list[str]
    nivel: str
    especialidades: list[str]
    disponible: bool
    errors: dict[str, str]


def of(record: Colaborador) -> Person:
    """What the form of somebody on file begins with."""
    advisor = record.asesor
    return Person(
        record.usuario,
        record.nombre,
        record.titulo or "",
        record.puesto or "",
        record.correo,
        record.telefono or "",
        record.cedula_profesional or "",
        record.horario,
        record.enlace_reunion or "",
        record.suplente or "",
        list(record.grupos),
        advisor.nivel if advisor else "junior",
        list(advisor.especialidades) if advisor else [],
        advisor.disponible if advisor else True,
        {},
    )


def empty() -> Person:
    """What the form of a new person begins with."""
    return of(Colaborador(usuario="", nombre="", correo="", horario=USUAL_HOURS, grupos=[]))


def read(usuario: str) -> Person:
    """The form of this request, judged."""
    form = request.form
    person = Person(
        usuario or form.get("usuario", "").strip().lower(),
        form.get("nombre", "").strip(),
        form.get("titulo", "").strip(),
        form.get("puesto", "").strip(),
        form.get("correo", "").strip().lower(),
        form.get("telefono", "").strip(),
        form.get("cedula_profesional", "").strip().upper(),
        form.get("horario", "").strip(),
        form.get("enlace_reunion", "").strip(),
        form.get("suplente", ""),
        [name for name in form.getlist("grupos") if name in GROUPS],
        form.get("nivel", "junior"),
        [name for name in form.getlist("especialidades") if name in SPECIALITIES],
        "disponible" in form,
        {},
    )
    if not USER_NAME.fullmatch(person.usuario):
        person.errors["usuario"] = _("Minúsculas sin acento, cifras, punto o guion; de 2 a 40.")
    if not person.nombre:
        person.errors["nombre"] = _("Este campo es obligatorio.")
    if not EMAIL.fullmatch(person.correo):
        person.errors["correo"] = _("Escriba un correo, por ejemplo nombre@despacho.mx.")
    if person.cedula_profesional and not LICENCE.fullmatch(person.cedula_profesional):
        person.errors["cedula_profesional"] = _("Solo el número, por ejemplo 1234567.")
    if len(person.horario) > LONGEST_HOURS:
        person.errors["horario"] = _("A lo más %(n)s caracteres.", n=LONGEST_HOURS)
    if person.enlace_reunion and not LINK.fullmatch(person.enlace_reunion):
        person.errors["enlace_reunion"] = _("Escriba una dirección que empiece con https://.")
    if person.nivel not in LEVELS:
        person.errors["nivel"] = _("Elija una de las opciones.")
    if usuario == g.actor.id and "admin" in g.actor.groups and "admin" not in person.grupos:
        person.errors["grupos"] = _("No puede quitarse a usted mismo la administración.")
    return person


def write(record: Colaborador, person: Person) -> None:
    record.nombre, record.correo, record.grupos = person.nombre, person.correo, person.grupos
    record.titulo, record.puesto = person.titulo or None, person.puesto or None
    record.telefono = person.telefono or None
    record.cedula_profesional = person.cedula_profesional or None
    # An empty field means the usual hours: mails to clients must name some.
    record.horario = person.horario or USUAL_HOURS
    record.enlace_reunion, record.suplente = person.enlace_reunion or None, person.suplente or None
    if "asesor" in person.grupos:
        record.asesor = record.asesor or Asesor(usuario=record.usuario)
        record.asesor.nivel, record.asesor.especialidades = person.nivel, person.especialidades
        record.asesor.disponible = person.disponible


def substitutes(session: Session, person: Person) -> list[Colaborador]:
    """Who may usually stand in for this person, by the groups that the form says."""
    return ausencias.pueden_suplir(session, Colaborador(usuario=person.usuario, grupos=person.grupos))


def judge_substitute(session: Session, person: Person) -> None:
    """Notes it when the usual substitute may not stand in."""
    if person.suplente and person.suplente not in {one.usuario for one in substitutes(session, person)}:
        person.errors["suplente"] = _("Elija a alguien del mismo grupo, a un gerente o a Dirección.")
