"""Personas y grupos: who works here, in which groups, and how they get in: a Colaborador plus an account."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select
from werkzeug.wrappers import Response

from engine.errors import Conflict, NotFound
from engine.values import SYSTEM
from tasks import ausencias, bajas, supervision
from tasks.ajustes import ajuste
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import ESTADOS_ACTIVOS, Asunto, Colaborador, Prospecto
from web import accounts, person_form
from web.accounts import Account
from web.languages import said
from web.permissions import actor, groups
from web.person_form import GROUPS, LEVELS, SPECIALITIES, Person
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("people", __name__, url_prefix="/personas")

NO_MATTER = ""
"""Business key of what concerns no matter, in the firm's log."""
_managers = groups("admin", "direccion")


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
    return _form_page(person_form.empty(), is_new=True)


@blueprint.post("/nueva")
@_managers
def create() -> Response | tuple[str, int]:
    """A person with an account and a temporary password, shown once."""
    person = person_form.read("")
    with engine().transaction(actor()) as tx:
        person_form.judge_substitute(tx.session, person)
        if not person.errors and tx.session.get(Colaborador, person.usuario):
            person.errors["usuario"] = _("Ese usuario ya existe.")
        if not person.errors:
            record = Colaborador(usuario=person.usuario)
            person_form.write(record, person)
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
        matters = _open_matters(tx, usuario)
        person, active = person_form.of(record), record.activo
    return _form_page(person, is_new=False, active=active, matters=matters)


@blueprint.post("/<usuario>")
@_managers
def save(usuario: str) -> Response | tuple[str, int]:
    person = person_form.read(usuario)
    with reading() as tx:
        person_form.judge_substitute(tx.session, person)
    if person.errors:
        return _form_page(person, is_new=False), 422
    with engine().transaction(actor()) as tx:
        record = _record(tx, usuario)
        before = sorted(record.grupos)
        person_form.write(record, person)
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
        if not active and (left := _open_matters(tx, usuario)):
            named = ", ".join(left)
            raise Conflict(_("Reasigne primero sus asuntos activos: %(folios)s.", folios=named), reason="matters")
        account = tx.session.get(Account, usuario)
        if account is not None:
            account.active = active
            _end_sessions(tx, usuario)
        if active:
            record.activo = True
            anotar(Accion(tx, NO_MATTER), "personas.activar", despues={"usuario": usuario})
        else:
            bajas.dar_de_baja(tx, record)
    left = _("Desactivada: ya no puede entrar, y lo que había tomado vuelve a sus grupos.")
    flash(_("Activada.") if active else left, "good")
    return redirect(url_for("people.index"))


def _record(tx: Transaction, usuario: str) -> Colaborador:
    record = tx.session.get(Colaborador, usuario)
    if record is None:
        raise NotFound
    return record


def _end_sessions(tx: Transaction, usuario: str) -> None:
    account = tx.session.get(Account, usuario)
    if account is not None:
        account.fs_uniquifier = secrets.token_hex(16)


def _open_matters(tx: Transaction, usuario: str) -> Sequence[str]:
    """Folios of the open prospects that the person leads, and of the active matters that they advise or supervise."""
    advises = and_(Asunto.asesor_id == usuario, Asunto.estado.in_(ESTADOS_ACTIVOS))
    folio = func.coalesce(Asunto.folio, Prospecto.folio)
    query = select(folio).select_from(Prospecto).outerjoin(Asunto, Asunto.prospecto_id == Prospecto.id)
    return tx.session.scalars(query.where(or_(supervision.dirige(usuario), advises)).order_by(folio)).all()


def new_password() -> str:
    """Easy to read out on the telephone, with 70 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _tell_password(nombre: str, password: str) -> None:
    flash(
        _("Contraseña temporal de %(name)s: %(password)s. No se vuelve a mostrar.", name=nombre, password=password),
        "warn",
    )


def _form_page(person: Person, *, is_new: bool, active: bool = True, matters: Sequence[str] = ()) -> str:
    context: dict[str, Any] = {"groups": GROUPS, "specialities": SPECIALITIES, "levels": LEVELS}
    with reading() as tx:
        usual = [(one.usuario, one.nombre) for one in person_form.substitutes(tx.session, person)]
    return render_template(
        "people/edit.html", person=person, is_new=is_new, active=active, matters=matters, usual=usual, **context
    )
