"""Accounts of the firm's people: password, session, throttle of sign-ins. Who they are is a `Colaborador` of `tasks/`.

Flask-Security signs in and out and changes passwords; its store keeps no session open between two calls, because a held
read would stand in the way of the engine on SQLite.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from flask import Flask, abort, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_security import LoginForm, RoleMixin, Security, UserDatastore, UserMixin, current_user, hash_password
from flask_security.signals import password_changed
from sqlalchemy import Boolean, DateTime, Engine, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired

from engine.clock import Clock
from engine.storage.database import reading, writing
from engine.values import Actor
from tasks import ausencias
from tasks.registros import Colaborador
from web import throttle
from web.tables import Base

log = structlog.get_logger(__name__)

IDLE = timedelta(hours=2)
"""A session ends when nothing was asked for so long."""
LONGEST = timedelta(hours=12)
"""A session ends so long after the sign-in, whatever happened."""


class Account(Base, UserMixin):
    """How a person of the firm signs in. `usuario` is that of the `Colaborador`."""

    __tablename__ = "account"

    usuario: Mapped[str] = mapped_column(String(80), primary_key=True)
    password: Mapped[str | None] = mapped_column(String(255))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    """What a session carries; a new value ends every session of this account."""
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    password_is_temporary: Mapped[bool] = mapped_column(Boolean, default=False)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    totp_number: Mapped[str | None] = mapped_column(String(32))
    """Set while an authenticator app is asked for, see `web.second_step`."""
    totp_last_step: Mapped[int | None]
    """The latest code that was used: it does not work again."""

    groups: frozenset[str] = frozenset()
    """Groups of the Colaborador, and of whom they stand in for; read with the account."""
    nombre: str = ""

    @property
    def roles(self) -> list[Role]:
        return [Role(name) for name in sorted(self.groups)]

    @property
    def email(self) -> str:
        """The library wants one in its log lines."""
        return self.usuario


class Role(RoleMixin):
    """A group, in the words of Flask-Security."""

    def __init__(self, name: str) -> None:
        self.name = name


class Accounts(UserDatastore):
    """Flask-Security's store: every call has a session of its own, closed before it returns."""

    def __init__(self, database: Engine, clock: Clock) -> None:
        super().__init__(Account, Role)
        self.database = database
        self.clock = clock
        self._changed: list[Account] = []

    def find_user(self, case_insensitive: bool = False, **criteria: Any) -> Account | None:
        """The account with this `usuario` or `fs_uniquifier`, with the groups of its person; None if there is none."""
        with reading(self.database) as connection, Session(connection, expire_on_commit=False) as read:
            account = read.scalar(select(Account).filter_by(**criteria))
            if account is None:
                return None
            person = read.get(Colaborador, account.usuario)
            if person is not None:
                account.groups = ausencias.grupos_de(read, person, self.clock.now(connection))
                account.nombre = person.nombre
            read.expunge_all()
            return account

    def find_role(self, role: str) -> Role:
        return Role(role)

    def put(self, model: Account) -> Account:
        self._changed.append(model)
        return model

    def commit(self) -> None:
        """Write what was put since the last commit."""
        changed, self._changed = self._changed, []
        with writing(self.database) as connection, Session(connection) as write:
            for account in changed:
                write.merge(account)
            write.flush()

    def set_user_uniquifier(self, user: Account, uniquifier: str | None = None) -> None:
        user.fs_uniquifier = uniquifier or uuid.uuid4().hex
        self.put(user)


class SignInForm(LoginForm):
    """User name and password; one answer for every kind of mismatch."""

    email = None
    remember = None
    usuario = StringField(validators=[DataRequired()])

    def validate(self, **kwargs: Any) -> bool:
        usuario = (self.usuario.data or "").strip().lower()
        accounts: Accounts = g.accounts
        wait = throttle.wait(accounts.database, usuario, request.remote_addr)
        if wait:
            self.form_errors.append(_("Demasiados intentos. Espere %(n)s segundos.", n=wait))
            return False
        self.ifield = self.usuario
        self.user = accounts.find_user(usuario=usuario)
        right = bool(super().validate(**kwargs))
        if self.usuario.data and self.password.data:
            throttle.note(accounts.database, usuario, request.remote_addr, right=right)
        if not right:
            log.info("sign_in_refused", address=request.remote_addr)
            self.form_errors.append(_("El usuario o la contraseña no son correctos."))
        elif self.user.totp_number is not None:
            from web import second_step  # knows accounts

            abort(second_step.begin(self.user, self.next.data or ""))
        return right


def init_app(app: Flask, database: Engine, clock: Clock) -> Accounts:
    """Signing in and out on `app`; who is signed in stands in `g.actor` for every request."""
    accounts = Accounts(database, clock)
    app.config.update(CONFIG)
    Security(app, accounts, login_form=SignInForm)

    @app.before_request
    def who() -> Response | None:
        g.accounts, g.actor = accounts, None
        if request.endpoint == "static" or not current_user.is_authenticated:
            return None
        if _too_old():
            session.clear()
            flash(_("Su sesión terminó por inactividad. Entre de nuevo."), "warn")
            return redirect(url_for("security.login", next=request.path))
        g.actor = Actor(current_user.usuario, current_user.groups)
        if current_user.password_is_temporary and request.endpoint not in OPEN_WITH_TEMPORARY:
            return redirect(url_for("security.change_password"))
        return None

    @password_changed.connect_via(app)
    def chosen_by_the_person(_app: Flask, user: Account, **_rest: Any) -> None:
        user.password_is_temporary = False

    # The signal holds its receiver weakly.
    app.extensions["cauce-password-changed"] = chosen_by_the_person
    return accounts


OPEN_WITH_TEMPORARY = ("security.change_password", "security.logout")

CONFIG: Mapping[str, Any] = {
    "SECURITY_LOGIN_URL": "/entrar",
    "SECURITY_LOGOUT_URL": "/salir",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/bandeja",
    "SECURITY_POST_LOGOUT_VIEW": "/entrar",
    "SECURITY_CHANGEABLE": True,
    "SECURITY_CHANGE_URL": "/cuenta/clave",
    "SECURITY_POST_CHANGE_VIEW": "/bandeja",
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_PASSWORD_LENGTH_MIN": 12,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    # OWASP's second choice: 46 MB, one pass; 63 ms on the machine on which it was measured.
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": 47104,
        "argon2__time_cost": 1,
        "argon2__parallelism": 1,
    },
    "SECURITY_PASSWORD_SINGLE_HASH": True,
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"usuario": {"mapper": lambda text: text, "case_insensitive": False}}],
    "SECURITY_FRESHNESS": timedelta(minutes=-1),
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
    "SECURITY_CHANGE_PASSWORD_TEMPLATE": "accounts/change_password.html",
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_MSG_INVALID_PASSWORD": ("La contraseña actual no es correcta.", "error"),
    "SECURITY_MSG_PASSWORD_MISMATCH": ("Las dos contraseñas no son iguales.", "error"),
    "SECURITY_MSG_PASSWORD_IS_THE_SAME": ("La contraseña nueva debe ser distinta.", "error"),
    "SECURITY_MSG_PASSWORD_INVALID_LENGTH": ("Use al menos %(length)s caracteres.", "error"),
    "SECURITY_MSG_PASSWORD_NOT_PROVIDED": ("Escriba la contraseña.", "error"),
    "SECURITY_MSG_RETYPE_PASSWORD_MISMATCH": ("Las dos contraseñas no son iguales.", "error"),
    "PERMANENT_SESSION_LIFETIME": LONGEST,
}


def create(write: Session, usuario: str, password: str, *, temporary: bool = True) -> Account:
    """A new account, within the transaction of `write`; a temporary password must be changed at the first sign-in."""
    account = Account(
        usuario=usuario,
        password=hash_password(password),
        fs_uniquifier=uuid.uuid4().hex,
        active=True,
        password_is_temporary=temporary,
        created=datetime.now(UTC),
    )
    write.add(account)
    return account


def set_temporary_password(write: Session, usuario: str, password: str) -> None:
    """A new password, to be changed at the next sign-in; every session of the account ends. Makes a missing account."""
    account = write.get(Account, usuario)
    if account is None:
        create(write, usuario, password)
        return
    account.password = hash_password(password)
    account.password_is_temporary = True
    # Who lost the telephone gets in again this way.
    account.totp_number = account.totp_last_step = None
    account.fs_uniquifier = uuid.uuid4().hex


def _too_old() -> bool:
    """Whether this session was idle too long or began too long ago; notes that it was used now."""
    now = datetime.now(UTC).timestamp()
    began, seen = session.setdefault("began", now), session.get("seen", now)
    if now - seen > IDLE.total_seconds() or now - began > LONGEST.total_seconds():
        return True
    # Not at every request: each change sends the cookie again.
    if "seen" not in session or now - seen > 60:
        session["seen"] = now
    return False
