"""Stage 9 «Notificación de arranque de servicio» (L30–L32)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from engine.errors import Invalid
from engine.handler import BpmnError, Context, Outside, service_task, user_task
from tasks import calendario as dias
from tasks import correo, datos_cliente, expediente, formato, seguimiento
from tasks.bitacora import anotar
from tasks.paso import Nada
from tasks.registros import Asunto, Colaborador, Correo, Plantilla

PLANTILLA = "cor_09_arranque"
PRIMEROS_PASOS = {
    "queja": ("Revisar los documentos entregados", "Presentar la queja"),
    "recurso": ("Revisar la resolución y su notificación", "Presentar el recurso"),
    "juicio": ("Revisar el expediente y sus anexos", "Preparar y presentar la demanda"),
}
"""First steps where the firm keeps no template for the subtype."""


def _perfil(ctx: Context) -> dict[str, Any]:
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    asesor = _asesor(ctx, asunto)
    return {
        "cliente": asunto.cliente.nombre,
        "telefono": asesor.telefono,
        "correo": asesor.correo,
        "horario_atencion": asesor.horario,
        "primeros_pasos": _plantilla(ctx, asunto),
    }


def _plantilla(ctx: Context, asunto: Asunto) -> list[dict[str, Any]]:
    consulta = select(Plantilla).where(Plantilla.tipo == "primeros_pasos", Plantilla.subtipo == asunto.subtipo)
    plantilla = ctx.session.scalar(consulta.order_by(Plantilla.id).limit(1))
    pasos = plantilla.contenido.get("pasos") if plantilla else None
    return [{"paso": paso, "fecha": None} for paso in pasos or PRIMEROS_PASOS[asunto.tipo]]


@user_task("arranque.preparar", prepare=_perfil, gives=())
def preparar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L32: how and when the client reaches the advisor, and the first steps of the case."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    pasos = [fila for fila in values.get("primeros_pasos") or [] if (fila.get("paso") or "").strip()]
    if not pasos:
        raise Invalid({"primeros_pasos": "Escriba al menos un primer paso."})
    asesor = _asesor(ctx, asunto)
    telefono, mail = values.get("telefono") or asesor.telefono, values.get("correo") or asesor.correo
    asunto.primeros_pasos = [{"paso": fila["paso"].strip(), "fecha": _texto(fila.get("fecha"))} for fila in pasos]
    asunto.contacto = {
        "telefono": telefono,
        "correo": mail,
        "horario_atencion": values.get("horario_atencion") or asesor.horario,
    }
    ctx.session.flush()
    return {}


@service_task("arranque.activar")
def activar(job: Nada, ctx: Context) -> None:
    """The matter is under way: its Expediente digital shows progress, follow-up is watched from now on (L38)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    asunto.pasar_a("en_tramite")
    asunto.arranque = dias.dia(ctx.now)
    anotar(ctx, "asunto.arrancar", asunto, despues={"estado": asunto.estado})
    ctx.session.flush()
    seguimiento.vigilar(ctx, asunto)


def _por_entregar(job: Nada, ctx: Context) -> dict[str, Any] | None:
    """The outbox row of this very job (a repeat finds it again) and what its delivery needs.

    BPMN error at once when the client has no mail address; nothing to deliver when somebody told the client meanwhile
    (`tasks.correo_detenido.avisado`).
    """
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    anterior = _ultimo(ctx)
    if anterior is not None and anterior.estado == "avisado_otro_medio" and anterior.creado >= ctx.entered_at:
        return {}
    if not asunto.cliente.correo:
        return None
    if anterior is None or anterior.estado != "en_cola":
        datos = datos_arranque(ctx, asunto)
        anterior = correo.preparar(ctx, PLANTILLA, a=asunto.cliente, datos=datos, enlace="expediente")
    return correo.carga(correo.DelCorreo(correo_id=anterior.id), ctx)


def _entregado(job: Nada, resultado: dict[str, Any] | None, ctx: Context) -> None:
    enviado = _ultimo(ctx)
    if enviado is not None:
        correo.anotar_entrega(correo.DelCorreo(correo_id=enviado.id), resultado, ctx)


@service_task("arranque.notificar", outside=True, prepare=_por_entregar, finish=_entregado)
def notificar(payload: dict[str, Any] | None, outside: Outside) -> dict[str, Any] | None:
    """L31, L32: name of the advisor, means of contact, hours and first steps, by mail.

    Raises the BPMN error `correo_no_entregado` when it is refused for good, or there is no address.
    """
    if payload is None:
        raise BpmnError("correo_no_entregado", "El cliente no tiene correo electrónico.")
    if not payload:
        return None
    return correo.entregar_o_avisar(payload, outside)


def _ultimo(ctx: Context) -> Correo | None:
    consulta = select(Correo).where(Correo.business_key == ctx.business_key, Correo.plantilla == PLANTILLA)
    return ctx.session.scalar(consulta.order_by(Correo.id.desc()).limit(1))


def datos_arranque(ctx: Context, asunto: Asunto) -> dict[str, Any]:
    """Merge fields of cor_09: asesor_nombre, telefono, correo, horario_atencion, primeros_pasos (paso, fecha)."""
    pasos = [
        {"paso": fila["paso"], "fecha": date.fromisoformat(fila["fecha"]) if fila.get("fecha") else None}
        for fila in asunto.primeros_pasos or []
    ]
    return {"asesor_nombre": _asesor(ctx, asunto).presentacion, **(asunto.contacto or {}), "primeros_pasos": pasos}


def _por_otro_medio(ctx: Context) -> dict[str, Any]:
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    datos = datos_arranque(ctx, asunto)
    pasos = [
        f"- {p['paso']}" + (f" ({formato.fecha(p['fecha'])})" if p["fecha"] else "") for p in datos["primeros_pasos"]
    ]
    return {
        "cliente": asunto.cliente.nombre,
        "correo_cliente": asunto.cliente.correo or "sin correo",
        "asesor": datos["asesor_nombre"],
        "contacto": ", ".join(t for t in (datos.get("telefono"), datos.get("correo")) if t),
        "horario": datos.get("horario_atencion") or "",
        "pasos": "\n".join(pasos),
    }


@user_task("arranque.contactar", prepare=_por_otro_medio, gives=())
def contactar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The mail did not arrive: the advisor told the client in another way. A corrected address gets a link of its own;
    those that went to the wrong one end."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    antes, nuevo = asunto.cliente.correo, values.get("correo_nuevo")
    if nuevo and nuevo != antes:
        asunto.cliente.correo = nuevo
        datos_cliente.renovar_enlaces(ctx, asunto.prospecto)
    fallido = _ultimo(ctx)
    if fallido is not None and fallido.estado != "enviado":
        fallido.estado = "avisado_otro_medio"
    anotar(ctx, "arranque.contactar", asunto, antes={"correo": antes}, despues=values)
    return {}


def _asesor(ctx: Context, asunto: Asunto) -> Colaborador:
    asesor = expediente.asesor_de(ctx.session, asunto.prospecto)
    assert asesor is not None
    return asesor


def _texto(fecha: date | None) -> str | None:
    return fecha.isoformat() if fecha else None
