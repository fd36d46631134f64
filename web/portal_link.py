"""The link that opens the client's pages: stored, expiring, revocable, bound to one matter.

Every page asks for the link again, so a revoked one ends at once.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, g, render_template, request
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import NotFound
from engine.values import SYSTEM, Actor, UserTask, UserTaskQuery
from tasks import enlaces, expediente
from tasks.ajustes import despacho
from tasks.paso import Accion
from tasks.registros import Enlace
from web.runtime import engine

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("portal", __name__, url_prefix="/portal/<token>")
"""Of `portal` (what the client is asked for) and `portal_file` (what the client sees)."""


@blueprint.url_value_preprocessor
def open_link(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The link of this request, and the actor that it makes of the visitor, in `g`."""
    g.token = (values or {}).pop("token", "")


@blueprint.before_request
def check_link() -> tuple[str, int] | None:
    """Unknown and revoked links are not there; an expired one offers a new one. Both say how to go on."""
    with engine().reading(SYSTEM) as tx:
        g.now = tx.now
        g.firm = despacho(tx.session)
        try:
            g.link, g.client = enlaces.abrir(tx, g.token)
        except enlaces.EnlaceVencido:
            if request.endpoint == "portal.renew":
                return None
            return render_template("portal/expired.html", firm=g.firm, token=g.token), 410
        except NotFound:
            return render_template("portal/unknown.html", firm=g.firm), 404
    return None


@blueprint.after_request
def note_use(answer: Response) -> Response:
    """When something was last done through the link; reading leaves no trace (mail scanners read too), nor does typing.

    What was done stands: that it cannot be noted just now spoils nothing.
    """
    done = request.method == "POST" and request.endpoint != "portal.refresh" and answer.status_code < 400
    if done and "link" in g:
        with suppress(SQLAlchemyError), engine().transaction(SYSTEM) as tx:
            enlaces.usar(Accion(tx, g.link.business_key), g.link.id)
    return answer


def frame(tx: Transaction) -> dict[str, Any]:
    """What the head of every page of the portal needs."""
    link: Enlace = g.link
    prospecto = expediente.prospecto_de(tx.session, link.business_key)
    asunto = expediente.asunto_de(tx.session, link.business_key)
    return {
        "firm": g.firm,
        "token": g.token,
        "prospecto": prospecto,
        "asunto": asunto,
        "folio": asunto.folio if asunto else prospecto.folio,
        "client": prospecto.persona,
    }


def asked(tx: Transaction) -> tuple[UserTask, ...]:
    """What the client is asked for in this matter."""
    client: Actor = g.client
    query = UserTaskQuery(groups=True, mine=True, business_key=client.business_key)
    return tx.user_tasks(query, size=20).items
