"""What people do to a matter outside of its user tasks, by one button: a deadline met, links of the portal, a service
that was put off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.errors import Conflict, NotFound
from tasks import acceso, contacto, datos_cliente, expediente, plazos, postventa
from tasks.paso import Accion
from tasks.registros import Plazo
from web.permissions import actor, groups
from web.runtime import engine

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("actions", __name__, url_prefix="/asuntos")


@blueprint.post("/<key>/plazos/<deadline_id>/cumplido")
@groups("asesor", "gerente", "direccion")
def deadline_met(key: str, deadline_id: str) -> Response:
    """The right was used in time: no more alerts, and the waits that it cut short move."""
    with engine().transaction(actor()) as tx:
        plazo = _deadline(tx, key, deadline_id)
        if plazo.estado != "vivo":
            raise Conflict(_("Ese plazo ya no corre."), who=plazo.cumplido_por, when=plazo.cumplido)
        plazos.cumplir(Accion(tx, key), plazo)
        tx.flush()
        tx.refresh_timers(key)
    flash(_("Plazo cumplido: «%(name)s».", name=plazo.descripcion), "good")
    return redirect(url_for("matters.deadlines", key=key))


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


def _deadline(tx: Transaction, key: str, deadline_id: str) -> Plazo:
    """Raises NotFound for a deadline that is not of this matter, or of a matter that is not the person's."""
    prospecto = expediente.buscar_prospecto(tx.session, key)
    plazo = tx.session.get(Plazo, deadline_id)
    if prospecto is None or plazo is None or plazo.prospecto_id != prospecto.id:
        raise NotFound
    if "plazos" not in acceso.secciones(tx.session, actor(), key):
        raise NotFound
    return plazo
