"""Stage 11 «Cierre del caso» (L39–L42), and the archive at the end of the main process."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select

from engine.errors import Invalid
from engine.handler import Context, service_task, user_task
from tasks import (
    ajustes,
    catalogos,
    correo,
    documentos,
    expediente,
    facturas,
    formato,
    pagos,
    personas,
    plazos,
    por_cuenta,
    privacidad,
    seguimiento,
)
from tasks import calendario as dias
from tasks.bitacora import anotar
from tasks.paso import Nada, Paso
from tasks.registros import Asunto, Documento, Factura, Informe

RESULTADOS = {
    "favorable": "Favorable",
    "parcial": "Parcialmente favorable",
    "desfavorable": "Desfavorable",
    "convenio": "Convenio",
    "desistimiento": "Desistimiento",
    "improcedente": "Improcedente",
}


class FacturaDeSaldo(BaseModel):
    hay_saldo_por_facturar: bool
    factura_saldo_id: str | None
    facturacion_manual: bool


class Saldo(BaseModel):
    saldo_pendiente: Decimal


class Cerrado(BaseModel):
    resultado_etapa: str = "cerrado"


# --- report and authorisation -----------------------------------------------------------------------------------------


def ultimo_informe(paso: Paso, asunto: Asunto) -> Informe | None:
    consulta = select(Informe).where(Informe.asunto_id == asunto.id)
    return paso.session.scalar(consulta.order_by(Informe.version.desc()).limit(1))


def _informe(paso: Paso, asunto: Asunto) -> Informe:
    informe = ultimo_informe(paso, asunto)
    assert informe is not None
    return informe


def _borrador(ctx: Context) -> dict[str, Any]:
    anterior = ultimo_informe(ctx, expediente.asunto(ctx.session, ctx.business_key))
    campos = ("resumen", "resultado", "cumplimiento", "recomendaciones", "originales_por_devolver")
    datos = {campo: getattr(anterior, campo) for campo in campos} if anterior else {}
    return {"devuelto": anterior.devuelto_motivo if anterior else None, **datos}


@user_task("cierre.elaborar_informe", prepare=_borrador, gives=("requiere_autorizacion", "resultado_etapa"))
def elaborar_informe(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L42: the advisor's report of results; one version per closing attempt."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    requiere = bool(ajustes.ajuste(ctx.session, "autorizar_cierre"))
    if not requiere:
        _sin_plazos_fatales(ctx, asunto, campo="")
    anterior = ultimo_informe(ctx, asunto)
    informe = Informe(
        asunto_id=asunto.id,
        version=anterior.version + 1 if anterior else 1,
        autor=ctx.actor.id,
        resumen=values["resumen"],
        resultado=values["resultado"],
        cumplimiento=values.get("cumplimiento"),
        recomendaciones=values.get("recomendaciones"),
        originales_por_devolver=values.get("originales_por_devolver"),
    )
    ctx.session.add(informe)
    asunto.resultado = values["resultado"]
    seguimiento.apuntar_oportunidades(ctx, asunto, values.get("oportunidades"), "cierre")
    return {"requiere_autorizacion": requiere, "resultado_etapa": "cerrado"}


def _por_autorizar(ctx: Context) -> dict[str, Any]:
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    informe = _informe(ctx, asunto)
    pendiente = facturas.saldo_pendiente(ctx.session, asunto.id)
    falta = facturas.por_facturar(ctx.session, asunto)
    saldo = f"Por facturar: {formato.pesos(falta)} más IVA. Saldo abierto: {formato.pesos(pendiente)}."
    return {
        "resultado": RESULTADOS[informe.resultado],
        "resumen": informe.resumen,
        "saldo_texto": saldo,
        "plazos_texto": _fatales(ctx, asunto),
    }


@user_task("cierre.autorizar", prepare=_por_autorizar, gives=("cierre_autorizado", "resultado_etapa"))
def autorizar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The Gerente authorises, or sends the matter back to stage 10. An open fatal Plazo blocks closing (§1.10)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    informe = _informe(ctx, asunto)
    autoriza = values["decision"] == "autorizar"
    if autoriza:
        _sin_plazos_fatales(ctx, asunto, campo="decision")
        informe.autorizado_por, informe.autorizado = ctx.actor.id, ctx.now
    else:
        informe.devuelto_motivo = values.get("motivo")
        _volver_al_seguimiento(ctx, asunto)
    anotar(ctx, "cierre.autorizar", informe, despues={"decision": values["decision"], "motivo": values.get("motivo")})
    return {"cierre_autorizado": autoriza, "resultado_etapa": "cerrado" if autoriza else "devolver"}


def _sin_plazos_fatales(ctx: Context, asunto: Asunto, campo: str) -> None:
    abiertos = _fatales(ctx, asunto)
    if abiertos:
        raise Invalid(
            {
                campo: f"No se puede cerrar con plazos fatales abiertos: {abiertos}. "
                "Márquelos como cumplidos o sin efecto en «Plazos» del asunto."
            }
        )


def _fatales(ctx: Context, asunto: Asunto) -> str | None:
    vivos = plazos.fatales_vivos(ctx.session, asunto.prospecto_id)
    return ", ".join(f"{p.descripcion} ({formato.fecha(p.vence)})" for p in vivos) or None


def _volver_al_seguimiento(ctx: Context, asunto: Asunto) -> None:
    asunto.estado = "en_tramite"
    ctx.session.flush()
    seguimiento.vigilar(ctx, asunto)


# --- balance and card -------------------------------------------------------------------------------------------------


@service_task("cierre.notificar_cobranza")
def notificar_cobranza(job: Nada, ctx: Context) -> None:
    """L40 (11.1): Cobranza may start to collect what is still open."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    falta = facturas.por_facturar(ctx.session, asunto)
    datos = {"asunto_folio": asunto.folio, "cliente": asunto.cliente.nombre, "por_facturar": falta}
    datos["saldo_pendiente"] = facturas.saldo_pendiente(ctx.session, asunto.id)
    correo.enviar_a_grupo(ctx, "cor_11_cobranza", "cobranza", datos=datos, enlace=f"/asuntos/{ctx.business_key}")


@service_task("cierre.preparar_factura")
def preparar_factura(job: Nada, ctx: Context) -> FacturaDeSaldo:
    """L40: what is not yet invoiced, as a draft."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    falta = facturas.por_facturar(ctx.session, asunto)
    factura: Factura | None = None
    if falta > 0:
        concepto = f"Honorarios por servicios legales, asunto {asunto.folio}, saldo"
        factura = facturas.borrador(ctx, asunto, "saldo", falta, concepto)
    return FacturaDeSaldo(
        hay_saldo_por_facturar=factura is not None,
        factura_saldo_id=factura.id if factura else None,
        facturacion_manual=pagos.es_manual(ctx),
    )


@service_task("cierre.enviar_tarjeta")
def enviar_tarjeta(job: Nada, ctx: Context) -> None:
    """L41, L42 (11.2): the card with report and agreement; the balance invoice goes in the same mail."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    informe = _informe(ctx, asunto)
    if informe.documento_id is None:
        _generar(ctx, asunto, informe)
    informe.tarjeta_enviada = ctx.now
    informe.respuesta = informe.respuesta_texto = informe.respondido = None
    saldo_id = ctx.variables.get("factura_saldo_id")
    datos = {
        "asunto_folio": asunto.folio,
        "resultado": RESULTADOS[informe.resultado],
        "resumen": informe.resumen,
        "apertura": asunto.arranque or asunto.apertura,
        "limite": _limite(ctx),
        "aclaracion": informe.aclaracion,
        "factura": pagos.en_correo(facturas.factura(ctx.session, saldo_id)) if saldo_id else None,
        "saldo_pendiente": facturas.saldo_pendiente(ctx.session, asunto.id),
    }
    correo.avisar_cliente(ctx, "cor_11_tarjeta", asunto.cliente, datos=datos, enlace="tarjeta")


def _limite(ctx: Context) -> datetime:
    """When a closing without an answer is taken as accepted (§1.10), as the diagram will wait."""
    return dias.vence(ctx.session, ctx.now, int(ajustes.ajuste(ctx.session, "dh_confirmar_cierre")))


def _generar(ctx: Context, asunto: Asunto, informe: Informe) -> None:
    asesor = expediente.asesor_de(ctx.session, asunto.prospecto)
    comun = {
        "asunto_folio": asunto.folio,
        "procedimiento": f"{catalogos.TIPOS[asunto.tipo]}: {catalogos.nombre_subtipo(asunto.tipo, asunto.subtipo)}",
        "autoridad": asunto.autoridad,
        "num_exp_autoridad": asunto.num_exp_autoridad,
        "apertura": asunto.arranque or asunto.apertura,
        "arranque": asunto.arranque,
        "cierre": dias.dia(ctx.now),
        "asesor": asesor.presentacion if asesor else "",
        "asesor_cedula": asesor.cedula_profesional if asesor else None,
        "resultado": RESULTADOS[informe.resultado],
        "resumen": informe.resumen,
        "cumplimiento": informe.cumplimiento,
        "recomendaciones": informe.recomendaciones,
        "originales_por_devolver": informe.originales_por_devolver,
        "saldo_pendiente": facturas.saldo_pendiente(ctx.session, asunto.id),
        "limite": dias.dia(_limite(ctx)),
    }

    def generar(plantilla: str, rubro: str) -> str:
        nuevo = documentos.generar(
            ctx, plantilla, prospecto=asunto.prospecto, datos=comun, rubro=rubro, asunto_id=asunto.id
        )
        return nuevo.id

    informe.documento_id = generar("informe_resultados", "Informe de resultados")
    informe.acuerdo_id = generar("acuerdo_cierre", "Acuerdo de cierre")
    informe.tarjeta_id = generar("tarjeta_cierre", "Tarjeta de cierre")
    ctx.session.flush()


# --- the client's answer ----------------------------------------------------------------------------------------------


def _tarjeta(ctx: Context) -> dict[str, Any]:
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    informe = _informe(ctx, asunto)
    limite = ctx.task.due if ctx.task else None
    asesor = expediente.asesor_de(ctx.session, asunto.prospecto)
    return {
        "folio": asunto.folio,
        "resultado": RESULTADOS[informe.resultado],
        "resumen": informe.resumen,
        "asesor": asesor.presentacion if asesor else "",
        "inicio": formato.fecha_larga(asunto.arranque) if asunto.arranque else "",
        "adjuntos": _adjuntos(ctx, informe),
        "limite": formato.momento(limite) if limite else "",
        "oposicion_voluntarias": personas.oposicion(asunto.cliente),
        **por_cuenta.datos(ctx),
    }


def _adjuntos(ctx: Context, informe: Informe) -> list[dict[str, str]]:
    """What the card opens: report, agreement and the card itself to keep (A10), once they are made."""
    rubros = {
        informe.documento_id: "Ver informe de resultados",
        informe.acuerdo_id: "Ver acuerdo de cierre",
        informe.tarjeta_id: "Guardar la tarjeta de cierre",
    }
    hechos = ((ctx.session.get(Documento, id), titulo) for id, titulo in rubros.items() if id)
    return [{"id": d.id, "titulo": titulo} for d, titulo in hechos if d is not None and d.estado == "generado"]


@user_task("cierre.confirmar", prepare=_tarjeta, gives=("respuesta_cierre",))
def confirmar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L42: the client accepts the agreement or is not content; asked again about voluntary purposes (§5.5)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    informe = _informe(ctx, asunto)
    respuesta = values["respuesta"]
    informe.respuesta, informe.respuesta_texto, informe.respondido = respuesta, values.get("texto"), ctx.now
    medio = por_cuenta.medio(ctx, values)
    privacidad.registrar_oposicion(ctx, asunto.cliente, bool(values.get("oposicion_voluntarias")), medio=medio)
    por_cuenta.asentar(ctx, asunto.prospecto, values)
    if respuesta == "inconformidad":
        asunto.inconformidad = asunto.inconformidad_abierta = True
        asunto.inconformidad_resuelta = None
    ctx.session.flush()
    return {"respuesta_cierre": respuesta}


def _inconformidad(ctx: Context) -> dict[str, Any]:
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    return {"cliente": asunto.cliente.nombre, "inconformidad_texto": _informe(ctx, asunto).respuesta_texto or ""}


@user_task("cierre.atender_inconformidad", prepare=_inconformidad, gives=("resultado_etapa",))
def atender_inconformidad(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """Explain (card again) or reopen (stage 10, later a new card); the mark stays for the bonus (§1.10)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    informe = _informe(ctx, asunto)
    informe.aclaracion = values["respuesta"]
    asunto.inconformidad_abierta, asunto.inconformidad_resuelta = False, ctx.now
    reabre = values["decision"] == "reabrir"
    if reabre:
        _volver_al_seguimiento(ctx, asunto)
    anotar(ctx, "cierre.atender_inconformidad", informe, despues={"decision": values["decision"]})
    return {"resultado_etapa": "reabrir" if reabre else "cerrado"}


@service_task("cierre.cerrar_asunto")
def cerrar_asunto(job: Nada, ctx: Context) -> Cerrado:
    """L39: closed, with the client's agreement or, without an answer in time, tacitly."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    informe = _informe(ctx, asunto)
    informe.respuesta = informe.respuesta or "tacita"
    informe.respondido = informe.respondido or ctx.now
    asunto.estado, asunto.cierre = "cerrado", dias.dia(ctx.now)
    anotar(ctx, "asunto.cerrar", asunto, despues={"estado": "cerrado", "respuesta": informe.respuesta})
    return Cerrado()


# --- end of the main process ------------------------------------------------------------------------------------------


@service_task("cierre.revisar_saldo")
def revisar_saldo(job: Nada, ctx: Context) -> Saldo:
    """Read in the transaction that enters the wait for «Saldo liquidado» (M5)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    return Saldo(saldo_pendiente=facturas.saldo_pendiente(ctx.session, asunto.id))


@service_task("cierre.archivar_asunto")
def archivar_asunto(job: Nada, ctx: Context) -> None:
    """Archived; kept for as many years as the setting says (§5.5)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    asunto.estado = "archivado"
    guardar(ctx, asunto)
    anotar(ctx, "asunto.archivar", asunto, despues={"retencion_hasta": asunto.retencion_hasta})


def guardar(paso: Paso, asunto: Asunto) -> None:
    """The file is put away today, and kept for as many years as the setting says (§5.5)."""
    asunto.archivo = dias.dia(paso.now)
    asunto.retencion_hasta = _en_anios(asunto.archivo, int(ajustes.ajuste(paso.session, "retencion_anios")))


def _en_anios(desde: date, n: int) -> date:
    try:
        return desde.replace(year=desde.year + n)
    except ValueError:  # 29 February
        return desde.replace(year=desde.year + n, day=28)
