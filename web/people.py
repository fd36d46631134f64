"""Personas y grupos: who works here, in which groups, and how they get in: a Colaborador plus an account."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from werkzeug.wrappers import Response

from engine.errors import Conflict, NotFound
from engine.values import SYSTEM
from tasks import ausencias
from tasks.ajustes import ajuste
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import ESTADOS_ACTIVOS, Asesor, Asunto, Colaborador
from web import accounts
from web.accounts import Account
from web.languages import said
from web.permissions import actor, groups
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("people", __name__, url_prefix="/personas")

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
NO_MATTER = ""
"""Business key of what concerns no matter, in the firm's log."""
USER_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_managers = groups("admin", "direccion")


@dataclass(slots=True)
class Person:
    """What the form of a person holds, with what is wrong with it."""

    usuario: str
    nombre: str
    titulo: str
    puesto: str
    correo: str
    telefono: str
    grupos: list[str]
    nivel: str
    especialidades: list[str]
    disponible: bool
    errors: dict[str, str]


def group_titles(names: Iterable[str]) -> str:
    """«Gerente, Asesor»."""
    names = set(names)
    titles = [title for name, title in GROUPS.items() if name in names]
    titles += [_("Equipo")] * ("equipo" in names) + [_("Cliente")] * ("cliente" in names)
    return ", ".join(said(title) for title in titles)


def name_of(usuario: str) -> str:
    """The name of a person of the firm; who is no such person is the client or the program."""
    with engine().reading(SYSTEM) as tx:
        person = tx.session.get(Colaborador, usuario)
    if person is not None:
        return person.nombre
    return _("el sistema") if usuario == "system" else _("el cliente")


def firm_name() -> str:
    """The firm's name, for titles and the portal's head; read once for each process."""
    known = current_app.extensions
    if "firm_name" not in known:
        with engine().reading(SYSTEM) as tx:
            known["firm_name"] = str(ajuste(tx.session, "despacho_nombre"))
    return str(known["firm_name"])


@blueprint.get("")
@_managers
def index() -> str:
    with reading() as tx:
        people = tx.session.scalars(select(Colaborador).order_by(Colaborador.activo.desc(), Colaborador.nombre)).all()
        active = dict(tx.session.execute(select(Account.usuario, Account.active)).all())
        away = ausencias.ausentes(tx.session, tx.now)
        return render_template("people/index.html", people=people, accounts=active, away=away)


@blueprint.get("/nueva")
@_managers
def new() -> str:
    return _form_page(Person("", "", "", "", "", "", [], "junior", [], True, {}), is_new=True)


@blueprint.post("/nueva")
@_managers
def create() -> Response | tuple[str, int]:
    """A person with an account and a temporary password, shown once."""
    person = _read("")
    with engine().transaction(actor()) as tx:
        if not person.errors and tx.session.get(Colaborador, person.usuario):
            person.errors["usuario"] = _("Ese usuario ya existe.")
        if not person.errors:
            record = Colaborador(usuario=person.usuario)
            _write(tx, record, person)
            tx.session.add(record)
            password = new_password()
            accounts.create(tx.session, person.usuario, password)
            anotar(
                Accion(tx, NO_MATTER), "personas.crear", despues={"usuario": person.usuario, "grupos": person.grupos}
            )
    if person.errors:
        return _form_page(person, is_new=True), 422
    _tell_password(person.nombre, password)
    return redirect(url_for("people.edit", usuario=person.usuario))


@blueprint.get("/<usuario>")
@_managers
def edit(usuario: str) -> str:
    with reading() as tx:
        record = _record(tx, usuario)
        advisor = record.asesor
        person = Person(
            record.usuario,
            record.nombre,
            record.titulo or "",
            record.puesto or "",
            record.correo,
            record.telefono or "",
            list(record.grupos),
            advisor.nivel if advisor else "junior",
            list(advisor.especialidades) if advisor else [],
            advisor.disponible if advisor else True,
            {},
        )
        return _form_page(person, is_new=False, active=record.activo, matters=_open_matters(tx, usuario))


@blueprint.post("/<usuario>")
@_managers
def save(usuario: str) -> Response | tuple[str, int]:
    person = _read(usuario)
    if person.errors:
        return _form_page(person, is_new=False), 422
    with engine().transaction(actor()) as tx:
        record = _record(tx, usuario)
        before = sorted(record.grupos)
        _write(tx, record, person)
        if before != sorted(person.grupos):
            # New rights, new session.
            _end_sessions(tx, usuario)
            anotar(
                Accion(tx, NO_MATTER),
                "personas.grupos",
                antes={"usuario": usuario, "grupos": before},
                despues={"usuario": usuario, "grupos": sorted(person.grupos)},
            )
    flash(_("Guardado."), "good")
    return redirect(url_for("people.index"))


@blueprint.post("/<usuario>/clave")
@_managers
def reset_password(usuario: str) -> Response:
    """A new temporary password; every session of the person ends."""
    password = new_password()
    with engine().transaction(actor()) as tx:
        record = _record(tx, usuario)
        accounts.set_temporary_password(tx.session, usuario, password)
        anotar(Accion(tx, NO_MATTER), "personas.clave", despues={"usuario": usuario})
    _tell_password(record.nombre, password)
    return redirect(url_for("people.edit", usuario=usuario))


@blueprint.post("/<usuario>/activa")
@_managers
def set_active(usuario: str) -> Response:
    """Deactivate (refused while active matters remain) or activate again."""
    active = request.form.get("activa") == "si"
    with engine().transaction(actor()) as tx:
        record = _record(tx, usuario)
        if not active and usuario == g.actor.id:
            raise Conflict(_("No puede desactivarse a usted mismo."), reason="self")
        if not active and _open_matters(tx, usuario):
            raise Conflict(_("Reasigne primero sus asuntos activos."), reason="matters")
        record.activo = active
        account = tx.session.get(Account, usuario)
        if account is not None:
            account.active = active
            _end_sessions(tx, usuario)
        anotar(
            Accion(tx, NO_MATTER), "personas.activar" if active else "personas.desactivar", despues={"usuario": usuario}
        )
    flash(_("Activada.") if active else _("Desactivada: ya no puede entrar."), "good")
    return redirect(url_for("people.index"))


def _record(tx: Transaction, usuario: str) -> Colaborador:
    record = tx.session.get(Colaborador, usuario)
    if record is None:
        raise NotFound
    return record


def _read(usuario: str) -> Person:
    """The form of this request, judged."""
    form = request.form
    person = Person(
        usuario or form.get("usuario", "").strip().lower(),
        form.get("nombre", "").strip(),
        form.get("titulo", "").strip(),
        form.get("puesto", "").strip(),
        form.get("correo", "").strip().lower(),
        form.get("telefono", "").strip(),
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
    if person.nivel not in LEVELS:
        person.errors["nivel"] = _("Elija una de las opciones.")
    if usuario == g.actor.id and "admin" in g.actor.groups and "admin" not in person.grupos:
        person.errors["grupos"] = _("No puede quitarse a usted mismo la administración.")
    return person


def _write(tx: Transaction, record: Colaborador, person: Person) -> None:
    record.nombre, record.correo, record.grupos = person.nombre, person.correo, person.grupos
    record.titulo, record.puesto = person.titulo or None, person.puesto or None
    record.telefono = person.telefono or None
    if "asesor" in person.grupos:
        record.asesor = record.asesor or Asesor(usuario=record.usuario)
        record.asesor.nivel, record.asesor.especialidades = person.nivel, person.especialidades
        record.asesor.disponible = person.disponible


def _end_sessions(tx: Transaction, usuario: str) -> None:
    account = tx.session.get(Account, usuario)
    if account is not None:
        account.fs_uniquifier = secrets.token_hex(16)


def _open_matters(tx: Transaction, usuario: str) -> int:
    query = select(func.count()).where(
        or_(Asunto.asesor_id == usuario, Asunto.supervisor_id == usuario), Asunto.estado.in_(ESTADOS_ACTIVOS)
    )
    return tx.session.scalar(query) or 0


def new_password() -> str:
    """Easy to read out on the telephone, with 70 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _tell_password(nombre: str, password: str) -> None:
    flash(
        _("Contraseña temporal de %(name)s: %(password)s. No se vuelve a mostrar.", name=nombre, password=password),
        "warn",
    )


def _form_page(person: Person, *, is_new: bool, active: bool = True, matters: int = 0) -> str:
    context: dict[str, Any] = {"groups": GROUPS, "specialities": SPECIALITIES, "levels": LEVELS}
    return render_template("people/edit.html", person=person, is_new=is_new, active=active, matters=matters, **context)
