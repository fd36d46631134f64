"""What people do to a matter outside of its user tasks, by one button: a deadline met, links of the portal, a service
that was put off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.errors import NotFound
from tasks import acceso, contacto, datos_cliente, postventa
from web.permissions import actor, groups
from web.runtime import engine

if TYPE_CHECKING:
    pass

blueprint = Blueprint("actions", __name__, url_prefix="/asuntos")


@blueprint.post("/<key>/respuesta")
@groups("ventas", "gerente", "direccion")
def answered(key: str) -> Response:
    """The prospect wrote or called back: reminders and the end without an answer count anew (L5)."""
    with engine().transaction(actor()) as tx:
        contacto.respuesta(tx, key)
    flash(_("Anotado: el prospecto contestó."), "good")
    return redirect(url_for("matters.show", key=key))


@blueprint.post("/<key>/enlaces/enviar")
@groups("ventas", "gerente", "direccion")
def send_link(key: str) -> Response:
    """A new link of the portal, to the client's address on file."""
    with engine().transaction(actor()) as tx:
        datos_cliente.enviar_enlace(tx, key)
    flash(_("Enviamos un enlace del portal al correo del cliente."), "good")
    return redirect(url_for("matters.show", key=key))


@blueprint.post("/<key>/enlaces/revocar")
@groups("ventas", "gerente", "direccion")
def revoke_links(key: str) -> Response:
    """Every link that the client has of this matter stops working."""
    with engine().transaction(actor()) as tx:
        datos_cliente.revocar_enlaces(tx, key)
    flash(_("Los enlaces del portal de este asunto ya no sirven."), "good")
    return redirect(url_for("matters.show", key=key))


@blueprint.post("/<key>/oportunidades/<opportunity_id>")
@groups("ventas", "direccion")
def opportunity(key: str, opportunity_id: str) -> Response:
    """What the client says to a service that was put off until later (L46): a new contact, or no longer."""
    wants = request.form.get("respuesta") == "interesado"
    with engine().transaction(actor()) as tx:
        if "oportunidades" not in acceso.secciones(tx.session, actor(), key):
            raise NotFound
        made = postventa.retomar(tx, key, opportunity_id, interesado=wants)
    if made is None:
        flash(_("Anotado: ya no le interesa."), "good")
        return redirect(url_for("matters.show", key=key))
    flash(_("Se abrió un contacto nuevo para este servicio."), "good")
    return redirect(url_for("matters.show", key=made.folio))
