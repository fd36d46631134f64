"""Requests to cancel a matter (§1.12): the record, and the message that starts the instance of `cancelacion`.

Business key of that instance: `<business key of the matter>/C<n>` (M2).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from engine.errors import Conflict, Invalid
from tasks import expediente, prospectos
from tasks.acceso import exigir
from tasks.ajustes import ajuste
from tasks.bitacora import anotar
from tasks.paso import Accion, Paso
from tasks.registros import Asunto, Cancelacion, Prospecto

ETAPAS = {
    "por_iniciar": "antes_arranque",
    "asignado": "antes_arranque",
    "en_tramite": "en_tramite",
    "suspendido": "en_tramite",
    "en_cierre": "por_cerrar",
}
"""Asunto.estado when requested → Cancelacion.etapa (D12)."""


def solicitar(tx: Any, business_key: str, motivo: str) -> Cancelacion | None:
    """Action: the client asks for it in the portal, or the firm renounces. Before the acceptance there is nothing to
    settle: the prospect is closed as `no_interesado` (None then).

    Raises NotAllowed, Invalid without a reason, Conflict when the matter is over or a request is open already.
    """
    paso = Accion(tx, business_key)
    exigir(paso, "cliente", "gerente", "direccion")
    if not motivo.strip():
        raise Invalid({"motivo": "Este campo es obligatorio."})
    asunto = expediente.asunto_de(paso.session, business_key)
    if asunto is None:
        _cerrar_prospecto(paso, expediente.prospecto_de(paso.session, business_key), motivo.strip())
        return None
    if asunto.estado not in ETAPAS:
        raise Conflict("El asunto ya terminó; no se puede cancelar.", reason=asunto.estado)
    if en_curso(paso, asunto):
        raise Conflict("Ya hay una solicitud de cancelación en curso.", reason="solicitada")
    solicitante = "cliente" if "cliente" in paso.actor.groups else "despacho"
    nueva = registrar(paso, asunto, solicitante, motivo.strip())
    paso.send("msg_cancelacion_solicitada", clave_de(nueva, asunto), carga(nueva, asunto))
    return nueva


def en_curso(paso: Paso, asunto: Asunto) -> bool:
    """Whether a request waits, or proceeded: a matter is settled once."""
    abiertas = select(Cancelacion.id).where(Cancelacion.asunto_id == asunto.id, Cancelacion.estado != "retirada")
    return paso.session.scalar(abiertas.limit(1)) is not None


def posible(prospecto: Prospecto, asunto: Asunto | None) -> bool:
    """Whether a request may be made at all: not once the matter is over (§1.12)."""
    return asunto.estado in ETAPAS if asunto else prospecto.abierto


def prometido(tx: Any) -> dict[str, Any]:
    """What the request's form says of the answer: `dias_para_responder`, business days."""
    return {"dias_para_responder": ajuste(tx.session, "dh_atender_cancelacion")}


def registrar(paso: Paso, asunto: Asunto, solicitante: str, motivo: str, causa: str | None = None) -> Cancelacion:
    """The record of a request, with the stage that it finds the matter in. Raises Invalid at `decision` when there is
    one already: the decision of a form asks for it."""
    if en_curso(paso, asunto):
        raise Invalid({"decision": "Ya hay una solicitud de cancelación en curso; atiéndala, o que se retire."})
    hechas = select(func.count()).select_from(Cancelacion).where(Cancelacion.asunto_id == asunto.id)
    nueva = Cancelacion(
        prospecto_id=asunto.prospecto_id,
        asunto_id=asunto.id,
        numero=(paso.session.scalar(hechas) or 0) + 1,
        solicitante=solicitante,
        motivo=motivo,
        causa=causa,
        etapa="antes_arranque" if causa == "falta_de_pago_inicial" else ETAPAS[asunto.estado],
        avance_pct=asunto.avance_pct,
    )
    paso.session.add(nueva)
    paso.session.flush()
    anotar(paso, "cancelacion.solicitar", nueva, despues={"solicitante": solicitante, "motivo": motivo})
    return nueva


def clave_de(cancelacion: Cancelacion, asunto: Asunto) -> str:
    """Business key of the request's own instance."""
    return f"{asunto.prospecto.folio}/C{cancelacion.numero}"


def carga(cancelacion: Cancelacion, asunto: Asunto) -> dict[str, Any]:
    """Payload of `msg_cancelacion_solicitada`; `decidida`: the want of the first payment arrives decided."""
    return {
        "prospecto_id": asunto.prospecto_id,
        "asunto_id": asunto.id,
        "cancelacion_id": cancelacion.id,
        "clave_asunto": asunto.prospecto.folio,
        "tipo_procedimiento": asunto.tipo,
        "decidida": cancelacion.causa == "falta_de_pago_inicial",
    }


def _cerrar_prospecto(paso: Accion, prospecto: Prospecto, motivo: str) -> None:
    if not prospecto.abierto:
        raise Conflict("El contacto ya está cerrado.", reason=prospecto.estado)
    prospecto.motivo_cierre = motivo
    prospectos.cerrar(paso, prospecto, "no_interesado")
    paso.session.flush()
    paso.send("msg_cancelacion", prospecto.folio, {"prospecto_id": prospecto.id})
