"""Follow-up of payments (L24): one process instance per invoice. The actions stand in `tasks.cobranza`.

Business key of the instance: `<business key of the matter>/<folio of the invoice>` (M2).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select

from engine.errors import Invalid
from engine.handler import Context, service_task, user_task
from tasks import ajustes, cancelaciones, cobranza, correo, expediente, facturas, formato, pagos, plazos, postventa
from tasks import calendario as dias
from tasks.bitacora import anotar
from tasks.paso import Paso
from tasks.registros import Asunto, Cancelacion, Factura, GestionCobranza, Pago

TRAS_CIERRE = ("cerrado", "archivado")


class DeLaFactura(BaseModel):
    factura_id: str


class Programada(BaseModel):
    hay_saldo: bool
    asunto_liquidado: bool
    proxima_accion: datetime | None
    clave_asunto: str


class DiasVencidos(BaseModel):
    dias_vencido: Decimal
    """Natural days after the due date; negative before it."""
    en_pausa: bool


class Recordatorio(DeLaFactura):
    accion: str
    siguiente_dh: Decimal


# --- the loop ---------------------------------------------------------------------------------------------------------


@service_task("seguimiento_pagos.programar")
def programar(job: DeLaFactura, ctx: Context) -> Programada:
    """Read the balance and say when to act next; goes back to the former state when a suspended matter is paid up."""
    factura = facturas.factura(ctx.session, job.factura_id)
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    reactivar(ctx, asunto)
    proxima = siguiente_accion(ctx, asunto, factura) if factura.por_cobrar else None
    factura.proxima_accion = proxima
    clave = expediente.raiz(ctx.business_key)
    if liquidado(ctx, asunto):
        postventa.liberar_bono(ctx, asunto)
    return Programada(
        hay_saldo=factura.por_cobrar,
        asunto_liquidado=liquidado(ctx, asunto),
        proxima_accion=proxima,
        clave_asunto=clave,
    )


def siguiente_accion(paso: Paso, asunto: Asunto, factura: Factura) -> datetime:
    """09:00 of the day of the next action (§1.7): what the last action said; else `dh_recordatorio_previo` before the
    due date, if that is more than a dh after the issue; else 1 dh after it. A payment that came in while it was due
    moves it to the next dh, an inconformidad to 1 dh after its settlement."""
    oficina = dias.calendario(paso.session)
    previo = int(ajustes.ajuste(paso.session, "dh_recordatorio_previo"))
    ultima = ultima_gestion(paso, factura)
    if ultima is not None and ultima.siguiente is not None:
        cuando = ultima.siguiente
    elif oficina.entre(factura.emision, factura.vencimiento) > previo + 1:
        cuando = dias.a_las(oficina.sumar(factura.vencimiento, -previo))
    else:
        cuando = dias.a_las(oficina.sumar(factura.vencimiento, 1))
    ultimo_pago = paso.session.scalar(select(func.max(Pago.creado)).where(Pago.factura_id == factura.id))
    if ultimo_pago is not None and ultimo_pago >= cuando:
        cuando = dias.a_las(oficina.sumar(dias.dia(ultimo_pago), 1))
    if en_pausa(paso, asunto):
        return max(cuando, dias.a_las(oficina.sumar(dias.dia(paso.now), 1)))
    if asunto.inconformidad_resuelta is not None:
        return max(cuando, dias.a_las(oficina.sumar(dias.dia(asunto.inconformidad_resuelta), 1)))
    return cuando


def en_pausa(paso: Paso, asunto: Asunto) -> bool:
    """An inconformidad that is not settled, or a cancellation whose amounts are not (§1.7, §1.12)."""
    if asunto.estado != "cancelado":
        return asunto.inconformidad_abierta
    abierta = select(Cancelacion.id).where(Cancelacion.asunto_id == asunto.id, Cancelacion.estado == "en_liquidacion")
    return paso.session.scalar(abierta.limit(1)) is not None


def ultima_gestion(paso: Paso, factura: Factura) -> GestionCobranza | None:
    consulta = select(GestionCobranza).where(GestionCobranza.factura_id == factura.id)
    return paso.session.scalar(consulta.order_by(GestionCobranza.fecha.desc(), GestionCobranza.id.desc()).limit(1))


def liquidado(paso: Paso, asunto: Asunto) -> bool:
    """Nothing is owed any more: `msg_saldo_liquidado` (§1.7). While the matter is being closed the balance is still to
    be invoiced; after that what was not invoiced, or was cancelled, is not waited for."""
    if facturas.saldo_pendiente(paso.session, asunto.id) > 0:
        return False
    if asunto.estado == "en_cierre":
        return facturas.por_facturar(paso.session, asunto) == 0
    return asunto.estado in TRAS_CIERRE


@service_task("seguimiento_pagos.calcular")
def calcular(job: DeLaFactura, ctx: Context) -> DiasVencidos:
    """Inputs of D6, and whether an inconformidad pauses the dunning of this matter."""
    factura = facturas.factura(ctx.session, job.factura_id)
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    return DiasVencidos(dias_vencido=Decimal(dias_vencido(ctx, factura)), en_pausa=en_pausa(ctx, asunto))


def dias_vencido(paso: Paso, factura: Factura) -> int:
    return (dias.dia(paso.now) - factura.vencimiento).days


@service_task("seguimiento_pagos.recordar")
def recordar(job: Recordatorio, ctx: Context) -> None:
    """Mail `cor_07_previo` or `cor_07_vencido`. 0 in siguiente_dh = 1 dh after the due date."""
    factura = facturas.factura(ctx.session, job.factura_id)
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    vencido = dias_vencido(ctx, factura)
    plantilla = "cor_07_previo" if job.accion == "recordatorio_previo" else "cor_07_vencido"
    datos = {
        **pagos.en_correo(factura),
        "dias_vencido": max(vencido, 0),
        "primero": not _hubo(ctx, factura, job.accion),
    }
    correo.avisar_cliente(ctx, plantilla, asunto.cliente, datos=datos, enlace="pagos")
    _gestionar(ctx, factura, job.accion, "correo", siguiente=_dentro_de(ctx, factura, job.siguiente_dh))


# --- what people do ---------------------------------------------------------------------------------------------------


def _datos_factura(ctx: Context) -> dict[str, Any]:
    factura = facturas.factura(ctx.session, ctx.variables["factura_id"])
    cliente = expediente.asunto(ctx.session, ctx.business_key).cliente
    return {
        "folio": factura.folio,
        "cliente": cliente.nombre,
        "telefono": cliente.telefono or "sin teléfono",
        "saldo": factura.saldo,
        "saldo_texto": formato.pesos(factura.saldo),
        "vencimiento_texto": formato.fecha(factura.vencimiento),
        "dias_vencido": max(dias_vencido(ctx, factura), 0),
    }


def _comprobante(ctx: Context) -> dict[str, Any]:
    datos = _datos_factura(ctx)
    return {**datos, "validar": True, "monto": datos["saldo"]}


@user_task("seguimiento_pagos.validar_comprobante", prepare=_comprobante, gives=())
def validar_comprobante(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """A receipt uploaded by the client: register the payment, or mark it as not found, with the reason."""
    factura = facturas.factura(ctx.session, ctx.variables["factura_id"])
    if values.get("comprobante_valido") == "no":
        for documento in cobranza.por_validar(ctx, factura):
            documento.estado, documento.motivo = "rechazado", values.get("motivo_rechazo")
        return {}
    comprobantes = cobranza.por_validar(ctx, factura)
    for documento in comprobantes:
        documento.estado = "aceptado"
    cobranza.asentar_pago(ctx, factura, values, comprobante=comprobantes[-1].id if comprobantes else None)
    return {}


@user_task("seguimiento_pagos.llamar", prepare=_datos_factura, gives=())
def llamar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L24: a promise sets the next action to promise + 1 dh, an agreement to its first date + 1 dh."""
    factura = facturas.factura(ctx.session, ctx.variables["factura_id"])
    promesa: date | None = values.get("fecha") if values["resultado"] == "promesa_pago" else None
    convenio = _convenio(values) if values["resultado"] == "convenio" else None
    _gestionar(
        ctx,
        factura,
        "llamada",
        "telefono",
        resultado=values["resultado"],
        promesa=promesa,
        convenio=convenio,
        motivo=values.get("nota"),
        siguiente=_tras_acuerdo(ctx, promesa, values)
        or _dentro_de(ctx, factura, Decimal(ctx.variables.get("siguiente_dh") or 5)),
    )
    return {}


def _opciones(ctx: Context) -> dict[str, Any]:
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    opciones = [("continuar", "Seguir cobrando"), ("convenio", "Convenio en varios pagos")]
    if asunto.estado in TRAS_CIERRE:
        opciones.append(("incobrable", "Declararla incobrable (sólo Dirección)"))
    else:
        opciones += [("suspender", "Suspender el servicio"), ("cancelar", "Cancelar el asunto")]
    seguimiento = ctx.variables.get("seguimiento") or {}
    return {
        **_datos_factura(ctx),
        "opciones": [{"value": valor, "label": nombre} for valor, nombre in opciones],
        "sugerencia": "La tabla sugiere suspender el servicio." if seguimiento.get("sugerir_suspension") else "",
    }


@user_task(
    "seguimiento_pagos.resolver",
    prepare=_opciones,
    gives=(
        "resolucion",
        "plazo_fatal_vivo",
        "prospecto_id",
        "asunto_id",
        "cancelacion_id",
        "clave_asunto",
        "tipo_procedimiento",
        "decidida",
        "clave_cancelacion",
    ),
)
def resolver(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The responsable of D6 decides: go on, agreement, suspend, cancel; after closing incobrable (Dirección)."""
    factura = facturas.factura(ctx.session, ctx.variables["factura_id"])
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    decision = values["decision"]
    if decision == "incobrable":
        if "direccion" not in ctx.actor.groups:
            raise Invalid({"decision": "Sólo Dirección puede declarar incobrable una factura."})
        factura.estado = "incobrable"
    _gestionar(
        ctx,
        factura,
        "escalar",
        "tarea",
        resultado=decision,
        convenio=_convenio(values) if decision == "convenio" else None,
        motivo=values.get("motivo"),
        siguiente=_tras_acuerdo(ctx, None, values)
        or _dentro_de(ctx, factura, Decimal(ctx.variables.get("siguiente_dh") or 5)),
    )
    anotar(ctx, "cobranza.resolver", factura, despues={"decision": decision, "motivo": values.get("motivo")})
    vivos = plazos.fatales_vivos(ctx.session, asunto.prospecto_id)
    salida: dict[str, Any] = {"resolucion": decision, "plazo_fatal_vivo": bool(vivos)}
    if decision == "cancelar":
        pedida = cancelaciones.registrar(ctx, asunto, "despacho", values["motivo"], "falta_de_pago")
        salida |= {**cancelaciones.carga(pedida, asunto), "clave_cancelacion": cancelaciones.clave_de(pedida, asunto)}
    return salida


def _suspension(ctx: Context) -> dict[str, Any]:
    return {**_datos_factura(ctx), "plazo_texto": pagos.plazos_en_palabras(ctx)}


@user_task("seguimiento_pagos.autorizar_suspension", prepare=_suspension, gives=("suspension_autorizada",))
def autorizar_suspension(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """With a live fatal Plazo only Dirección suspends (§1.7)."""
    factura = facturas.factura(ctx.session, ctx.variables["factura_id"])
    anotar(ctx, "cobranza.autorizar_suspension", factura, despues=values)
    return {"suspension_autorizada": values["decision"] == "si"}


@service_task("seguimiento_pagos.suspender")
def suspender(job: DeLaFactura, ctx: Context) -> None:
    """A state of the record: client publications stop, deadlines and internal follow-up go on (§1.7)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    if asunto.estado not in ("por_iniciar", "asignado", "en_tramite"):
        return
    factura = facturas.factura(ctx.session, job.factura_id)
    asunto.estado_previo, asunto.estado = asunto.estado, "suspendido"
    anotar(ctx, "asunto.suspender", asunto, antes={"estado": asunto.estado_previo}, despues={"estado": "suspendido"})
    correo.avisar_cliente(ctx, "cor_07_suspension", asunto.cliente, datos=pagos.en_correo(factura), enlace="pagos")


def reactivar(paso: Paso, asunto: Asunto) -> bool:
    """Back to the former state as soon as nothing of the matter is overdue, with a mail; whether it did."""
    hoy = dias.dia(paso.now)
    vencidas = [f for f in facturas.de_asunto(paso.session, asunto.id) if f.por_cobrar and f.vencimiento < hoy]
    if asunto.estado != "suspendido" or vencidas:
        return False
    asunto.estado, asunto.estado_previo = asunto.estado_previo or "en_tramite", None
    anotar(paso, "asunto.reactivar", asunto, despues={"estado": asunto.estado})
    correo.avisar_cliente(paso, "cor_07_reactivacion", asunto.cliente, enlace="expediente")
    return True


# --- inside -----------------------------------------------------------------------------------------------------------


def _hubo(paso: Paso, factura: Factura, accion: str) -> bool:
    consulta = select(GestionCobranza.id).where(GestionCobranza.factura_id == factura.id)
    return paso.session.scalar(consulta.where(GestionCobranza.accion == accion).limit(1)) is not None


def _dentro_de(paso: Paso, factura: Factura, siguiente_dh: Decimal) -> datetime:
    """09:00 of the n-th dh from today; 0 = 1 dh after the due date."""
    oficina = dias.calendario(paso.session)
    if siguiente_dh == 0:
        return dias.a_las(oficina.sumar(factura.vencimiento, 1))
    return dias.a_las(oficina.sumar(dias.dia(paso.now), int(siguiente_dh)))


def _tras_acuerdo(paso: Paso, promesa: date | None, values: dict[str, Any]) -> datetime | None:
    """1 dh after what the client promised: the date, or the first payment agreed on."""
    pactadas = [fila["fecha_pago"] for fila in values.get("convenio") or [] if fila.get("fecha_pago")]
    acordada = promesa or (min(pactadas) if pactadas else None)
    return dias.a_las(dias.calendario(paso.session).sumar(acordada, 1)) if acordada else None


def _convenio(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"fecha": f["fecha_pago"].isoformat(), "monto": str(f["monto_pago"])} for f in values.get("convenio") or []]


def _gestionar(ctx: Context, factura: Factura, accion: str, canal: str, **otros: Any) -> None:
    ctx.session.add(
        GestionCobranza(
            factura_id=factura.id,
            fecha=ctx.now,
            accion=accion,
            canal=canal,
            responsable=ctx.actor.id,
            dias_vencido=dias_vencido(ctx, factura),
            **otros,
        )
    )
    ctx.session.flush()
