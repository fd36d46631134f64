"""First contact: by staff («Nuevo contacto») and by anybody («Contáctanos», with the aviso de privacidad)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.errors import EngineError
from engine.values import Actor, Completed
from tasks import contacto
from tasks.ajustes import ajuste, despacho
from web import filled, languages, throttle
from web.action_forms import ActionForm, answer
from web.permissions import actor, groups, public
from web.runtime import engine

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("contact", __name__)

VISITOR = Actor("publico", frozenset({"publico"}))
"""Somebody at the firm's door: may start a contact, and see nothing."""


class TooMany(EngineError):
    """Demasiados mensajes desde su conexión. Espere unos minutos o llámenos."""

    code = "too_many"
    status = 429


@blueprint.route("/nuevo-contacto", methods=["GET", "POST"])
@groups("ventas", "gerente", "direccion")
def new() -> Response | str | tuple[str, int]:
    """Start a matter and complete «Registrar contacto» in one step."""

    def run(tx: Transaction, texts: Any, request_id: str) -> Completed:
        return contacto.nuevo(tx, texts, request_id=request_id, raw=True)

    def done(completed: Completed) -> str:
        return url_for("matters.show", key=completed.instance.business_key)

    page = ActionForm(
        "registrar_contacto",
        _("Nuevo contacto"),
        run,
        done,
        submit=_("Registrar contacto"),
        said=_("Contacto registrado."),
        judged_by_action=True,
    )
    return answer(page, actor())


@blueprint.route("/contacto", methods=["GET", "POST"])
@public
def public_form() -> Response | str | tuple[str, int]:
    """The firm's door: somebody says what happened; Ventas gets it with everything prefilled."""

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> str:
        return contacto.publico(tx, values, request_id=request_id).folio

    def done(folio: str) -> str:
        return url_for("contact.thanks", folio=folio)

    languages.switch(request.form.get("_idioma", ""))
    if request.method == "POST" and not filled.is_refresh():
        # Each message costs the firm somebody's time; the same table that slows guessing down counts them.
        name = f"contacto:{request.remote_addr}"
        if throttle.wait(engine().database, name, None):
            raise TooMany
        throttle.note(engine().database, name, None, right=False)
    page = ActionForm(
        "contactanos",
        _("Contáctenos"),
        run,
        done,
        prepare=lambda tx: {"dias_para_llamar": ajuste(tx.session, "dh_registrar_contacto")},
        submit=_("Enviar"),
        template="portal/contact.html",
        context={"firm": _firm()},
    )
    return answer(page, VISITOR)


@blueprint.get("/contacto/gracias/<folio>")
@public
def thanks(folio: str) -> str:
    """What happens now; tells nobody whether such a folio exists."""
    with engine().reading(VISITOR) as tx:
        days = int(ajuste(tx.session, "dh_registrar_contacto"))
    return render_template("portal/thanks.html", folio=folio, firm=_firm(), days=days)


@blueprint.get("/aviso-de-privacidad")
@public
def privacy() -> str:
    with engine().reading(VISITOR) as tx:
        version = ajuste(tx.session, "aviso_version")
    return render_template("portal/privacy.html", firm=_firm(), version=version)


def _firm() -> dict[str, str]:
    with engine().reading(VISITOR) as tx:
        return despacho(tx.session)
