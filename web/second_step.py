"""The second step of signing in, for who wants it: a code of an authenticator app (TOTP, RFC 6238).

The app's secret is derived from the program's own secret and a number kept with the account, so that a copy of the
database alone gives no codes. A code works once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import secrets
import time

import pyotp
import qrcode
from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user, login_user
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.storage.database import writing
from web import throttle
from web.accounts import Account
from web.permissions import public, staff

blueprint = Blueprint("second_step", __name__)

STEP = 30
"""Seconds for which an app shows one code."""
PENDING = 300
"""Seconds between password and code."""


@blueprint.route("/entrar/codigo", methods=["GET", "POST"])
@public
def ask() -> Response | str | tuple[str, int]:
    """After the right password: the code."""
    pending = session.get("second_step") or {}
    account = g.accounts.find_user(usuario=pending.get("usuario", ""))
    if account is None or not account.active or time.time() - pending.get("at", 0) > PENDING:
        session.pop("second_step", None)
        return redirect(url_for("security.login"))
    if request.method == "GET":
        return render_template("accounts/second_step.html", error="")
    name = f"totp:{account.usuario}"
    if wait := throttle.wait(g.accounts.database, name, request.remote_addr):
        return _again(_("Demasiados intentos. Espere %(n)s segundos.", n=wait))
    right = accept(account, request.form.get("codigo", ""))
    throttle.note(g.accounts.database, name, request.remote_addr, right=right)
    if not right:
        return _again(_("El código no es correcto o ya se usó."))
    session.pop("second_step")
    login_user(account, authn_via=["password", "code"])
    return redirect(pending.get("next") or url_for("inbox.index"))


@blueprint.get("/cuenta/segundo-paso")
@staff
def setup() -> str:
    """A secret to be scanned; it counts from the first right code on."""
    session.setdefault("totp_number", secrets.token_hex(8))
    return _setup_page("")


@blueprint.post("/cuenta/segundo-paso")
@staff
def switch() -> Response | tuple[str, int]:
    """Turn it on, or off, with a code that shows that the app is at hand."""
    account = g.accounts.find_user(usuario=current_user.usuario)
    turning_on = account.totp_number is None
    number = session.get("totp_number", "") if turning_on else account.totp_number
    if not pyotp.TOTP(secret_of(account.usuario, number)).verify(_digits(), valid_window=1):
        return _setup_page(_("El código no es correcto. Revise la hora de su teléfono.")), 422
    with writing(g.accounts.database) as connection, Session(connection) as write:
        stored = write.get_one(Account, account.usuario)
        stored.totp_number, stored.totp_last_step = (number, None) if turning_on else (None, None)
        write.flush()
    session.pop("totp_number", None)
    said = _("Listo: al entrar se le pedirá un código.") if turning_on else _("Ya no se le pedirá un código.")
    flash(said, "good")
    return redirect(url_for("second_step.setup"))


def begin(account: Account, next_page: str) -> Response:
    """The password was right: remember who, for a few minutes, and ask for the code."""
    own = next_page if next_page.startswith("/") and not next_page.startswith(("//", "/\\")) else ""
    session["second_step"] = {"usuario": account.usuario, "at": time.time(), "next": own}
    return redirect(url_for("second_step.ask"))


def accept(account: Account, code: str) -> bool:
    """Whether this is a code of the account's app that was not used yet; then it is used up."""
    digits = "".join(letter for letter in code if letter.isdigit())
    app = pyotp.TOTP(secret_of(account.usuario, account.totp_number or ""))
    now = int(time.time()) // STEP
    with writing(g.accounts.database) as connection, Session(connection) as write:
        stored = write.get_one(Account, account.usuario)
        for step in (now - 1, now, now + 1):
            fresh = stored.totp_last_step is None or step > stored.totp_last_step
            if fresh and hmac.compare_digest(app.generate_otp(step), digits):
                stored.totp_last_step = step
                write.flush()
                return True
    return False


def secret_of(usuario: str, number: str) -> str:
    """The secret that the app holds, in base32."""
    key = (current_app.secret_key or "").encode() if isinstance(current_app.secret_key, str) else b""
    digest = hmac.digest(key, f"totp:{usuario}:{number}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:20]).decode()


def _again(error: str) -> tuple[str, int]:
    return render_template("accounts/second_step.html", error=error), 422


def _digits() -> str:
    return "".join(letter for letter in request.form.get("codigo", "") if letter.isdigit())


def _setup_page(error: str) -> str:
    account = g.accounts.find_user(usuario=current_user.usuario)
    secret = secret_of(account.usuario, session.get("totp_number", ""))
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.usuario, issuer_name="Cauce")
    return render_template(
        "accounts/second_step_setup.html", on=account.totp_number is not None, secret=secret, code=_qr(uri), error=error
    )


def _qr(text: str) -> Markup:
    picture = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, box_size=12).save(picture)
    svg = picture.getvalue().decode()
    return Markup(svg[svg.index("<svg") :])  # noqa: S704 - drawn by the library from our own text
