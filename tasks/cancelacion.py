"""Process `cancelacion`: decision, settlement, handing over (§1.12). Requests stand in `tasks.cancelaciones`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select

from engine.errors import Invalid, NotFound
from engine.handler import Context, service_task, user_task
from tasks import calendario as dias
from tasks import (
    cancelaciones,
    cierre,
    correo,
    documentos,
    expediente,
    facturador,
    facturas,
    formato,
    pagos,
    reuniones,
    subidas,
)
from tasks.bitacora import anotar
from tasks.paso import Paso
from tasks.registros import Asunto, Cancelacion, Factura, Pago, Plazo

CERO = Decimal("0.00")


class DeLaCancelacion(BaseModel):
    cancelacion_id: str


class Entradas(BaseModel):
    """Inputs of D12 «Liquidación por cancelación»."""

    etapa: str
    solicitante: str
    avance_pct: Decimal


class Cargo(BaseModel):
    hay_cargo: bool
    factura_cargo_id: str | None
    facturacion_manual: bool
    factura_nota_id: str | None
    """The credit note, where Cobranza issues it in another program."""


# --- decision ---------------------------------------------------------------------------------------------------------


def _solicitud(ctx: Context) -> dict[str, Any]:
    cancelacion, asunto = _registros(ctx)
    quien = "El cliente" if cancelacion.solicitante == "cliente" else "El despacho"
    return {
        "folio": asunto.folio,
        "cliente": asunto.cliente.nombre,
        "quien": quien,
        "motivo_solicitud": cancelacion.motivo,
        "avance_pct": asunto.avance_pct,
        "plazos_texto": pagos.plazos_en_palabras(ctx),
    }


@user_task("cancelacion.atender", prepare=_solicitud, gives=("procede",))
def atender(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The Gerente: withdrawn (the matter goes on untouched), or it proceeds, with the progress confirmed. A matter that
    was closed meanwhile is not cancelled any more (§1.12)."""
    cancelacion, asunto = _registros(ctx)
    procede = values["decision"] == "procede"
    if procede and asunto.estado not in cancelaciones.ETAPAS:
        raise Invalid({"decision": "El asunto ya se cerró: no se puede cancelar. La solicitud se retira."})
    if procede:
        cancelacion.avance_pct = int(values["avance_pct"])
    else:
        cancelacion.estado = "retirada"
    anotar(ctx, "cancelacion.atender", cancelacion, despues=values)
    return {"procede": procede}


@service_task("cancelacion.cancelar_asunto")
def cancelar_asunto(job: DeLaCancelacion, ctx: Context) -> Entradas:
    """The matter is over: deadlines without effect (the mail states them), pending meetings; tells the client."""
    cancelacion, asunto = _registros(ctx)
    fatales = _plazos_vivos(ctx, asunto)
    for plazo in fatales:
        plazo.estado = "sin_efecto"
    cancelacion.estado = "en_liquidacion"
    asunto.estado_previo, asunto.estado, asunto.cierre = asunto.estado, "cancelado", dias.dia(ctx.now)
    reuniones.cancelar_pendientes(ctx, asunto.prospecto)
    anotar(ctx, "asunto.cancelar", asunto, antes={"estado": asunto.estado_previo}, despues={"estado": "cancelado"})
    datos = {"plazos": [{"descripcion": p.descripcion, "vence": p.vence} for p in fatales]}
    correo.avisar_cliente(ctx, "cor_cancelacion", asunto.cliente, datos=datos, enlace="expediente")
    assert cancelacion.etapa is not None
    return Entradas(
        etapa=cancelacion.etapa,
        solicitante=cancelacion.solicitante,
        avance_pct=Decimal(cancelacion.avance_pct or 0),
    )


# --- settlement -------------------------------------------------------------------------------------------------------


def sugerir(ctx: Context, asunto: Asunto, devengado_pct: Decimal) -> dict[str, Decimal]:
    """Amounts of the settlement: devengado, nota_credito, cargo (without IVA), reembolso (with IVA).

    What is invoiced beyond the devengado is credited; what was paid beyond its total is given back.
    """
    netos = facturas.propuesta_aceptada(ctx.session, asunto.prospecto_id).honorarios_netos
    facturado = facturas.honorarios_facturados(ctx.session, asunto.id)
    devengado = formato.redondear(netos * devengado_pct / 100)
    de_sobra = max(facturado - devengado, CERO)
    pagado = _pagado(ctx, asunto)
    total_devengado = devengado + facturas.impuestos(ctx, asunto, devengado)
    return {
        "devengado": devengado,
        "nota_credito": de_sobra,
        "cargo": max(devengado - facturado, CERO),
        "reembolso": max(pagado - total_devengado, CERO) if de_sobra > 0 else CERO,
    }


def _pagado(paso: Paso, asunto: Asunto) -> Decimal:
    consulta = (
        select(func.sum(Pago.monto))
        .join(Factura, Factura.id == Pago.factura_id)
        .where(Factura.asunto_id == asunto.id, Pago.estado == "registrado")
    )
    return paso.session.scalar(consulta) or CERO


def _por_liquidar(ctx: Context) -> dict[str, Any]:
    _, asunto = _registros(ctx)
    pct = Decimal(ctx.variables.get("devengado_pct") or 0)
    sugerido = sugerir(ctx, asunto, pct)
    return {
        "folio": asunto.folio,
        "cliente": asunto.cliente.nombre,
        "pct": formato.porcentaje(pct),
        "facturado": formato.pesos(facturas.honorarios_facturados(ctx.session, asunto.id)),
        "pagado": formato.pesos(_pagado(ctx, asunto)),
        "sugerido": sugerido,
        **sugerido,
    }


@user_task(
    "cancelacion.liquidar",
    prepare=_por_liquidar,
    reads=("devengado", "nota_credito", "cargo", "reembolso"),
    gives=(),
)
def liquidar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """Cobranza confirms the suggested amounts, or changes them and says why."""
    cancelacion, asunto = _registros(ctx)
    pct = Decimal(ctx.variables.get("devengado_pct") or 0)
    sugerido = sugerir(ctx, asunto, pct)
    montos = {clave: Decimal(values.get(clave) or 0) for clave in sugerido}
    _revisar(ctx, asunto, montos)
    if montos != sugerido and not (values.get("comentario") or "").strip():
        raise Invalid({"comentario": "Diga por qué cambian los importes sugeridos."})
    cancelacion.devengado_pct, cancelacion.devengado = pct, montos["devengado"]
    cancelacion.saldo_a_favor, cancelacion.saldo_en_contra = montos["nota_credito"], montos["cargo"]
    cancelacion.reembolso = montos["reembolso"]
    ctx.session.flush()
    anotar(ctx, "cancelacion.liquidar", cancelacion, despues={**montos, "comentario": values.get("comentario")})
    return {}


def _revisar(ctx: Context, asunto: Asunto, montos: dict[str, Decimal]) -> None:
    errores = {}
    if montos["nota_credito"] > facturas.honorarios_facturados(ctx.session, asunto.id):
        errores["nota_credito"] = "No puede ser mayor que lo facturado."
    if montos["reembolso"] > _pagado(ctx, asunto):
        errores["reembolso"] = "No puede ser mayor que lo pagado."
    if montos["nota_credito"] > 0 and montos["cargo"] > 0:
        errores["cargo"] = "O hay nota de crédito, o hay cargo."
    if errores:
        raise Invalid(errores)


@service_task("cancelacion.ajustar_cobranza")
def ajustar_cobranza(job: DeLaCancelacion, ctx: Context) -> Cargo:
    """Issue the credit note against what is invoiced, close or lower the open invoices, draft the charge; tell the
    client what was settled."""
    cancelacion, asunto = _registros(ctx)
    a_favor, en_contra = cancelacion.saldo_a_favor or CERO, cancelacion.saldo_en_contra or CERO
    nota = _acreditar(ctx, asunto, a_favor) if a_favor > 0 else None
    cargo = None
    if en_contra > 0:
        concepto = f"Honorarios devengados al cancelar el asunto {asunto.folio}"
        cargo = facturas.borrador(ctx, asunto, "cargo", en_contra, concepto)
    cancelacion.estado = "en_entrega"
    ctx.session.flush()
    datos = {
        "devengado": cancelacion.devengado,
        "nota_folio": nota.folio if nota else None,
        "nota_total": nota.total if nota else None,
        "reembolso": cancelacion.reembolso,
        "cargo_total": cargo.total if cargo else None,
        "saldo_pendiente": facturas.saldo_pendiente(ctx.session, asunto.id),
        "plazos": [{"descripcion": p.descripcion, "vence": p.vence} for p in _plazos_dejados(ctx, asunto)],
    }
    correo.avisar_cliente(ctx, "cor_liquidacion", asunto.cliente, datos=datos, enlace="pagos")
    return Cargo(
        hay_cargo=cargo is not None,
        factura_cargo_id=cargo.id if cargo else None,
        facturacion_manual=pagos.es_manual(ctx),
        factura_nota_id=nota.id if nota and pagos.es_manual(ctx) else None,
    )


def _acreditar(ctx: Context, asunto: Asunto, subtotal: Decimal) -> Factura:
    """A credit note for `subtotal`; what is still open is lowered by it first, the latest invoice first."""
    abiertas = [f for f in facturas.de_asunto(ctx.session, asunto.id) if f.tipo in ("primera", "saldo")]
    concepto = f"Honorarios no devengados al cancelar el asunto {asunto.folio}"
    nota = facturas.borrador(ctx, asunto, "nota_credito", subtotal, concepto)
    nota.relacionada_id = abiertas[-1].id if abiertas else None
    nota.saldo = CERO
    if not pagos.es_manual(ctx):
        facturador.nota_credito(ctx, nota)
    resto = nota.total
    for factura in reversed([f for f in abiertas if f.por_cobrar]):
        quita = min(factura.saldo, resto)
        factura.saldo -= quita
        resto -= quita
        if factura.saldo == 0:
            factura.estado = "cancelada" if quita == factura.total else "pagada"
        clave = f"{asunto.prospecto.folio}/{factura.folio}"
        ctx.send("msg_factura_cerrada", clave, {"prospecto_id": asunto.prospecto_id, "asunto_id": asunto.id})
    return nota


@user_task("cancelacion.registrar_nota", prepare=pagos.importes, gives=())
def registrar_nota(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The credit note issued in another program: a CFDI tipo E that relates to the invoice, checked as an invoice is.
    The client knows it from `cor_liquidacion`."""
    nota = facturas.factura(ctx.session, ctx.variables["factura_id"])
    nota.emision = dias.dia(ctx.now)
    facturador.registrar_emitida(ctx, nota, uuid=values["uuid"], xml=values["xml"][0], pdf=values["pdf"][0])
    ctx.session.flush()
    anotar(ctx, "factura.emitir", nota, despues={"total": nota.total, "uuid": nota.uuid})
    return {}


# --- handing over -----------------------------------------------------------------------------------------------------


def _por_entregar(ctx: Context) -> dict[str, Any]:
    _, asunto = _registros(ctx)
    return {"folio": asunto.folio, "cliente": asunto.cliente.nombre}


@user_task("cancelacion.entregar", prepare=_por_entregar, gives=())
def entregar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The file goes back to the client against receipt; those authorised before the authority are revoked."""
    cancelacion, asunto = _registros(ctx)
    fecha = values.get("fecha") or dias.dia(ctx.now)
    revocacion = bool(values.get("revocacion_autorizados"))
    cancelacion.entrega = {
        "fecha": fecha.isoformat(),
        "recibio": values["recibio"],
        "revocacion_autorizados": revocacion,
        "originales": values.get("originales"),
        "nota": values.get("nota"),
    }
    for archivo_id in values.get("acuse") or []:
        rubro = "Acuse de entrega del expediente"
        subidas.documento(ctx, asunto.prospecto, archivo_id, "acuse", rubro, asunto_id=asunto.id, visible_cliente=True)
    cancelacion.estado = "concluida"
    cierre.guardar(ctx, asunto)
    datos = {
        "asunto_folio": asunto.folio,
        "fecha_entrega": fecha,
        "recibio": values["recibio"],
        "originales": values.get("originales"),
        "revocacion_autorizados": revocacion,
        "entrega": ctx.actor.id,
    }
    documentos.generar(
        ctx, "acta_entrega", prospecto=asunto.prospecto, datos=datos, rubro="Acta de entrega", asunto_id=asunto.id
    )
    anotar(ctx, "cancelacion.entregar", cancelacion, despues={"recibio": values["recibio"]})
    return {}


# --- inside -----------------------------------------------------------------------------------------------------------


def _registros(ctx: Context) -> tuple[Cancelacion, Asunto]:
    cancelacion = ctx.session.get(Cancelacion, ctx.variables["cancelacion_id"])
    if cancelacion is None:
        raise NotFound("No existe la cancelación.")
    return cancelacion, expediente.asunto(ctx.session, ctx.business_key)


def _plazos_vivos(paso: Paso, asunto: Asunto) -> list[Plazo]:
    consulta = select(Plazo).where(Plazo.prospecto_id == asunto.prospecto_id, Plazo.estado == "vivo")
    return list(paso.session.scalars(consulta.order_by(Plazo.vence, Plazo.id)))


def _plazos_dejados(paso: Paso, asunto: Asunto) -> list[Plazo]:
    """Deadlines that still ran when the firm stopped watching them."""
    hoy = dias.dia(paso.now)
    consulta = select(Plazo).where(
        Plazo.prospecto_id == asunto.prospecto_id, Plazo.estado == "sin_efecto", Plazo.vence >= hoy
    )
    return list(paso.session.scalars(consulta.order_by(Plazo.vence, Plazo.id)))
