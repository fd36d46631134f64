"""ARCO rights (§5.5; LFPDPPP): a client's request about personal data, and the answer of Dirección.

Business key of a request's own instance: `<business key of the matter>/D<n>` (M2).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.errors import Conflict, Invalid
from engine.handler import Context, user_task
from tasks import calendario as dias
from tasks import correo, expediente, formato
from tasks.acceso import exigir
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import SolicitudArco

DERECHOS = {
    "acceso": "Acceso a sus datos",
    "rectificacion": "Rectificación de un dato",
    "cancelacion": "Cancelación de sus datos",
    "oposicion": "Oposición a un uso",
}
DECISIONES = {"procede": "Procede", "procede_en_parte": "Procede en parte", "no_procede": "No procede"}
RESPUESTA_DH = 20
"""Business days to answer in (LFPDPPP); the user task is due with them."""
ABIERTAS_A_LA_VEZ = 3
"""Requests of one matter that may wait for an answer at once."""


def solicitar(tx: Any, business_key: str, derecho: str, detalle: str) -> SolicitudArco:
    """Action of the client in the portal: the record, an acknowledgement by mail, the message that starts the process.

    Raises NotAllowed, Invalid, and Conflict while enough requests are open.
    """
    paso = Accion(tx, business_key)
    exigir(paso, "cliente", "direccion")
    if derecho not in DERECHOS:
        raise Invalid({"derecho": "Elija una de las opciones."})
    if not detalle.strip():
        raise Invalid({"detalle": "Este campo es obligatorio."})
    prospecto = expediente.prospecto_de(paso.session, business_key)
    suyas = paso.session.scalars(select(SolicitudArco).where(SolicitudArco.prospecto_id == prospecto.id)).all()
    abiertas = [una for una in suyas if una.estado == "abierta"]
    for una in abiertas:
        if (una.derecho, una.detalle) == (derecho, detalle.strip()):
            return una  # sent twice
    if len(abiertas) >= ABIERTAS_A_LA_VEZ:
        raise Conflict("Ya tiene solicitudes por responder; espere nuestra respuesta o llámenos.", reason="abierta")
    nueva = SolicitudArco(
        persona_id=prospecto.persona_id,
        prospecto_id=prospecto.id,
        numero=len(suyas) + 1,
        derecho=derecho,
        detalle=detalle.strip(),
        recibida=paso.now,
        vence=dias.dia(dias.vence(paso.session, paso.now, RESPUESTA_DH)),
    )
    paso.session.add(nueva)
    paso.session.flush()
    anotar(paso, "arco.solicitar", nueva, despues={"derecho": derecho})
    correo.avisar_cliente(paso, "cor_00_arco", prospecto.persona, datos=_datos(nueva), enlace="mis_datos")
    carga = {"prospecto_id": prospecto.id, "solicitud_arco_id": nueva.id}
    paso.send("msg_solicitud_arco", f"{prospecto.folio}/D{nueva.numero}", carga)
    return nueva


def _datos(solicitud: SolicitudArco) -> dict[str, Any]:
    return {
        "derecho": DERECHOS[solicitud.derecho],
        "detalle": solicitud.detalle,
        "recibida": solicitud.recibida,
        "limite": solicitud.vence,
        "decision": DECISIONES.get(solicitud.decision or ""),
        "respuesta": solicitud.respuesta,
    }


def _por_responder(ctx: Context) -> dict[str, Any]:
    solicitud = ctx.session.get_one(SolicitudArco, str(ctx.variables["solicitud_arco_id"]))
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    return {
        "cliente": prospecto.persona.nombre,
        "folio": prospecto.folio,
        "derecho_texto": DERECHOS[solicitud.derecho].lower(),
        "recibida_texto": formato.momento(solicitud.recibida),
        "detalle": solicitud.detalle,
    }


@user_task("arco.responder", prepare=_por_responder, gives=())
def responder(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The answer, kept and sent; what follows from it (a corrected datum, an opposition) is done by hand."""
    solicitud = ctx.session.get_one(SolicitudArco, str(ctx.variables["solicitud_arco_id"]))
    solicitud.decision, solicitud.respuesta = values["decision"], values["respuesta"]
    solicitud.estado, solicitud.atendida, solicitud.atendida_por = "atendida", ctx.now, ctx.actor.id
    anotar(ctx, "arco.responder", solicitud, despues={"decision": values["decision"]})
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    correo.avisar_cliente(ctx, "cor_00_arco", prospecto.persona, datos=_datos(solicitud), enlace="mis_datos")
    return {}
