"""Stage 7 «Pagos» (L22–L25): fiscal data, first invoice, and the criterion for starting to work."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from engine.errors import Invalid
from engine.handler import BpmnError, Context, Outside, service_task, user_task
from tasks import (
    ajustes,
    cancelaciones,
    correo,
    expediente,
    facturador,
    facturas,
    fiscal,
    formato,
    personas,
    plazos,
    por_cuenta,
    timbrado,
)
from tasks import calendario as dias
from tasks.bitacora import anotar
from tasks.cfdi40 import DatosNoValidos
from tasks.pac import PacRechaza
from tasks.paso import Nada
from tasks.registros import Asunto, Factura


class DeLaFactura(BaseModel):
    factura_id: str
    avisar: bool = True
    """False: the mail goes out with the closing card (L41)."""


class FacturaPreparada(BaseModel):
    factura_primera_id: str
    datos_fiscales_completos: bool
    facturacion_manual: bool
    espera_dh: Decimal | None = None
    """A prórroga; without one the start waits as long as the setting `dh_espera_pago` says (§1.7)."""


class FacturaEmitida(BaseModel):
    factura_clave: str
    """Business key of its follow-up: `<business key>/<folio>` (M2)."""


class LoPagado(BaseModel):
    pct_pagado_primera: Decimal
    saldo_vencido_previo: Decimal
    plazo_urgente: bool
    resultado_etapa: str = "iniciar"


@service_task("pagos.preparar_factura")
def preparar_factura(job: Nada, ctx: Context) -> FacturaPreparada:
    """L23: the first invoice as a draft; whether the fiscal data are there, and who issues it."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    propuesta = facturas.propuesta_aceptada(ctx.session, asunto.prospecto_id)
    concepto = f"Honorarios por servicios legales, asunto {asunto.folio}, primer pago"
    factura = facturas.borrador(ctx, asunto, "primera", facturas.primer_subtotal(propuesta), concepto)
    return FacturaPreparada(
        factura_primera_id=factura.id,
        datos_fiscales_completos=fiscal.completos(asunto.cliente),
        facturacion_manual=es_manual(ctx),
    )


@service_task("pagos.recordar_datos_fiscales")
def recordar_datos_fiscales(job: Nada, ctx: Context) -> None:
    """Reminder on the third dh."""
    cliente = expediente.asunto(ctx.session, ctx.business_key).cliente
    correo.avisar_cliente(ctx, "cor_07_datos_fiscales", cliente, enlace="datos_fiscales")


def _datos_fiscales(ctx: Context) -> dict[str, Any]:
    return {
        "aviso": None,
        "por_cuenta": False,
        **fiscal.valores(expediente.asunto(ctx.session, ctx.business_key).cliente),
    }


def _del_cliente(ctx: Context) -> dict[str, Any]:
    return {**_datos_fiscales(ctx), **por_cuenta.datos(ctx)}


@user_task(
    "pagos.capturar_datos_fiscales", prepare=_del_cliente, reads=fiscal.CAMPOS, gives=("datos_fiscales_completos",)
)
def capturar_datos_fiscales(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The client gives the fiscal data, or somebody of the firm to whom they were handed over on paper."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    fiscal.guardar(ctx, asunto.cliente, values)
    por_cuenta.asentar(ctx, asunto.prospecto, values)
    return {"datos_fiscales_completos": True}


def _por_completar(ctx: Context) -> dict[str, Any]:
    aviso = ctx.variables.get("datos_fiscales_aviso")
    return {**_datos_fiscales(ctx), "aviso": aviso}


@user_task(
    "pagos.completar_datos_fiscales",
    prepare=_por_completar,
    reads=fiscal.CAMPOS,
    gives=("datos_fiscales_completos", "datos_fiscales_aviso"),
)
def completar_datos_fiscales(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """Cobranza completes what is missing, or mends what the tax authority refuses."""
    return {**capturar_datos_fiscales(values, ctx), "datos_fiscales_aviso": None}


def _por_emitir(job: DeLaFactura, ctx: Context) -> dict[str, Any]:
    """Whether the fiscal data are there, and what the stamping provider is to stamp, where the firm has one."""
    factura = facturas.factura(ctx.session, job.factura_id)
    completos = fiscal.completos(expediente.asunto(ctx.session, ctx.business_key).cliente)
    por_pac = completos and ajustes.ajuste(ctx.session, "facturador") == "pac"
    return {"completos": completos, "timbrar": timbrado.carga(ctx, factura) if por_pac else None}


def _emitir(job: DeLaFactura, timbre: dict[str, str] | None, ctx: Context) -> FacturaEmitida:
    factura = facturas.factura(ctx.session, job.factura_id)
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    if timbre is not None:
        factura.vencimiento = facturas.vencimiento(ctx, asunto, factura.emision)
        timbrado.anotar_timbre(factura, timbre)
    elif factura.uuid is None:
        _fechar(ctx, asunto, factura)
        facturador.emitir(ctx, factura)
    return _emitida(ctx, asunto, factura, job.avisar)


@service_task("pagos.emitir_factura", outside=True, prepare=_por_emitir, finish=_emitir)
def emitir_factura(payload: dict[str, Any], outside: Outside) -> dict[str, str] | None:
    """L23, L40: issue a draft. BPMN error `datos_fiscales_invalidos` when the client's data are not accepted, with what
    is wrong in `datos_fiscales_aviso`."""
    if not payload["completos"]:
        raise BpmnError("datos_fiscales_invalidos", "Faltan datos fiscales.", datos_fiscales_aviso="Faltan datos.")
    if payload["timbrar"] is None:
        return None
    try:
        return timbrado.timbrar(payload["timbrar"], outside)
    except (PacRechaza, DatosNoValidos) as error:
        if not error.del_receptor:
            raise
        raise BpmnError("datos_fiscales_invalidos", str(error), datos_fiscales_aviso=str(error)) from error


def importes(ctx: Context) -> dict[str, Any]:
    """What Cobranza copies into the other program. `relacion`: the invoice that a credit note takes from."""
    factura = facturas.factura(ctx.session, ctx.variables["factura_id"])
    cliente = expediente.asunto(ctx.session, ctx.business_key).cliente
    relacionada = facturas.factura(ctx.session, factura.relacionada_id) if factura.relacionada_id else None
    return {
        "folio": factura.folio,
        "comprobante": "Egreso (nota de crédito)" if factura.tipo == "nota_credito" else "Ingreso",
        "relacion": f"01, con {relacionada.uuid or relacionada.folio}" if relacionada else "ninguna",
        "receptor": f"{cliente.rfc or ''} {cliente.razon_social or cliente.nombre}".strip(),
        "concepto": factura.concepto,
        "subtotal": formato.pesos(factura.subtotal),
        "iva": formato.pesos(factura.iva),
        "retenciones": formato.pesos(factura.ret_isr + factura.ret_iva),
        "total": formato.pesos(factura.total),
        "metodo": factura.metodo,
        "forma": factura.forma,
    }


@user_task("pagos.registrar_factura_emitida", prepare=importes, gives=("factura_clave",))
def registrar_factura_emitida(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L23, L40: the CFDI issued in another program; its UUID, RFCs and total are checked against the draft."""
    factura = facturas.factura(ctx.session, ctx.variables["factura_id"])
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    _fechar(ctx, asunto, factura)
    facturador.registrar_emitida(ctx, factura, uuid=values["uuid"], xml=values["xml"][0], pdf=values["pdf"][0])
    emitida = _emitida(ctx, asunto, factura, ctx.variables.get("avisar") is not False)
    return emitida.model_dump()


@service_task("pagos.revisar_pago")
def revisar_pago(job: DeLaFactura, ctx: Context) -> LoPagado:
    """L25: what the criterion reads. In one transaction with the wait behind it, so that no payment is missed (M5)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    hoy = dias.dia(ctx.now)
    return LoPagado(
        pct_pagado_primera=facturas.pct_pagado(facturas.factura(ctx.session, job.factura_id)),
        saldo_vencido_previo=personas.saldo_vencido(ctx.session, asunto.cliente_id, hoy, asunto.id),
        plazo_urgente=plazos.plazo_urgente(ctx.session, asunto.prospecto_id, hoy),
    )


def _situacion(ctx: Context) -> dict[str, Any]:
    factura = facturas.factura(ctx.session, ctx.variables["factura_primera_id"])
    criterio = ctx.variables.get("criterio") or {}
    return {
        "motivo_criterio": criterio.get("motivo") or "Se pide autorización",
        "pct_pagado": formato.porcentaje(facturas.pct_pagado(factura)),
        "total": formato.pesos(factura.total),
        "saldo": formato.pesos(factura.saldo),
        "plazo_texto": plazos_en_palabras(ctx),
    }


@user_task("pagos.autorizar_arranque", prepare=_situacion, gives=("criterio", "espera_dh"))
def autorizar_arranque(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L25, grey zone: Dirección decides; the reason is kept in the log."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    anotar(ctx, "arranque.autorizar", asunto, despues={"decision": values["decision"], "motivo": values["motivo"]})
    decision = "iniciar" if values["decision"] == "si" else "esperar_pago"
    return {"criterio": {"decision": decision, "motivo": "Decisión de Dirección"}, "espera_dh": None}


@user_task(
    "pagos.decidir_espera",
    prepare=_situacion,
    gives=(
        "espera_decision",
        "espera_dh",
        "resultado_etapa",
        "prospecto_id",
        "asunto_id",
        "cancelacion_id",
        "clave_asunto",
        "tipo_procedimiento",
        "decidida",
        "clave_cancelacion",
    ),
)
def decidir_espera(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """No payment within the limit: longer, ask Dirección, or close (then `falta_de_pago_inicial`, §1.12)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    anotar(ctx, "arranque.decidir_espera", asunto, despues=values)
    decision = values["decision"]
    pedido: dict[str, Any] = {}
    if decision == "cerrar":
        motivo = values.get("motivo") or "No se recibió el primer pago."
        pedida = cancelaciones.registrar(ctx, asunto, "despacho", motivo, "falta_de_pago_inicial")
        pedido = {
            **cancelaciones.carga(pedida, asunto),
            "clave_cancelacion": cancelaciones.clave_de(pedida, asunto),
        }
    return {
        **pedido,
        "espera_decision": decision,
        "espera_dh": Decimal(values.get("dias") or 5) if decision == "prorroga" else None,
        "resultado_etapa": "cerrar" if decision == "cerrar" else "iniciar",
    }


def es_manual(ctx: Context) -> bool:
    """Whether Cobranza issues the invoices in another program (§5.1)."""
    return bool(ajustes.ajuste(ctx.session, "facturador") == "manual")


def plazos_en_palabras(ctx: Context) -> str | None:
    """«El plazo … vence el 02/02/2027.» for each live fatal deadline; None without one."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    vivos = plazos.fatales_vivos(ctx.session, prospecto.id)
    return " ".join(f"Plazo «{p.descripcion}»: vence el {formato.fecha(p.vence)}." for p in vivos) or None


def _fechar(ctx: Context, asunto: Asunto, factura: Factura) -> None:
    """A draft may be older than its issue: dates count from the issue."""
    if factura.estado != "borrador":
        raise Invalid({"": f"La factura {factura.folio} ya se emitió."})
    factura.emision = dias.dia(ctx.now)
    factura.vencimiento = facturas.vencimiento(ctx, asunto, factura.emision)


def _emitida(ctx: Context, asunto: Asunto, factura: Factura, avisar: bool) -> FacturaEmitida:
    ctx.session.flush()
    anotar(ctx, "factura.emitir", factura, despues={"total": factura.total, "vencimiento": factura.vencimiento})
    if avisar:
        correo.avisar_cliente(ctx, "cor_07_factura", asunto.cliente, datos=en_correo(factura), enlace="pagos")
    return FacturaEmitida(factura_clave=f"{expediente.raiz(ctx.business_key)}/{factura.folio}")


def en_correo(factura: Factura) -> dict[str, Any]:
    """Merge fields of an invoice: factura_folio, concepto, subtotal, iva, total, saldo, vencimiento, referencia."""
    return {
        "factura_folio": factura.folio,
        "concepto": factura.concepto,
        "subtotal": factura.subtotal,
        "iva": factura.iva,
        "retenciones": factura.ret_isr + factura.ret_iva,
        "total": factura.total,
        "saldo": factura.saldo,
        "vencimiento": factura.vencimiento,
        "referencia": factura.referencia,
        "simulada": factura.estado == "timbrada_simulada",
    }
