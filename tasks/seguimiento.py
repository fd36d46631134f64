"""Stage 10 «Seguimiento del Caso» (L33–L38): internal follow-up, publications for the client, what is watched."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select

from engine.errors import Invalid
from engine.handler import Context, service_task, user_task
from tasks import ajustes, catalogos, correo, expediente, formato, plazos, subidas
from tasks import calendario as dias
from tasks.bitacora import anotar
from tasks.paso import Paso
from tasks.registros import Asunto, Avance, Documento, Informe, Oportunidad, Plazo


class DelAvance(BaseModel):
    avance_id: str


class Aviso(BaseModel):
    asunto_id: str


def _contexto(ctx: Context) -> dict[str, Any]:
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    suspendido = asunto.estado == "suspendido"
    tipos = [("interno", "Sólo interno")]
    if not suspendido:
        tipos += [("cliente", "Para el cliente"), ("ambos", "Interno y para el cliente")]
    visible = ultimo_visible(ctx, asunto)
    return {
        "suspendido": suspendido,
        "regreso": _regreso(ctx, asunto),
        "tipo_seguimiento": "interno",  # Not what the process remembers of the last follow-up.
        "tipos": [{"value": valor, "label": nombre} for valor, nombre in tipos],
        "avance_anterior": asunto.avance_pct,
        "avance_pct": asunto.avance_pct,
        "ultimo_visible": f"Último avance publicado: {formato.fecha(visible.fecha)}." if visible else "",
        "plazos_vivos": [
            {"value": p.id, "label": f"{p.descripcion} (vence {formato.fecha(p.vence)})"} for p in _vivos(ctx, asunto)
        ],
    }


@user_task(
    "seguimiento.registrar",
    prepare=_contexto,
    reads=("nota_interna", "texto_cliente"),
    gives=("avance_id", "tipo_seguimiento", "proponer_cierre"),
)
def registrar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L34: what was done, for whom (L33); new and met deadlines, services noticed, progress that never goes back."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    _revisar(ctx, asunto, values)
    destino, texto = values["tipo_seguimiento"], values.get("texto_cliente")
    asunto.avance_pct = int(values["avance_pct"])
    avance = Avance(
        asunto_id=asunto.id,
        fecha=values["fecha"],
        actuacion=values["actuacion"],
        tipo="interno",
        nota_interna=values.get("nota_interna"),
        texto_cliente=texto if destino != "interno" else None,
        avance_pct=asunto.avance_pct,
        documentos=_documentos(ctx, asunto, values),
        autor=ctx.actor.id,
    )
    ctx.session.add(avance)
    ctx.session.flush()
    _plazos(ctx, asunto, values)
    apuntar_oportunidades(ctx, asunto, values.get("oportunidades"), "seguimiento")
    cierre = values.get("accion") == "proponer_cierre"
    if cierre:
        asunto.estado_previo, asunto.estado = None, "en_cierre"
        dejar_de_vigilar(ctx)
    else:
        vigilar(ctx, asunto)
    return {"tipo_seguimiento": destino, "avance_id": avance.id, "proponer_cierre": cierre}


def _revisar(ctx: Context, asunto: Asunto, values: dict[str, Any]) -> None:
    errores = {}
    if values["avance_pct"] < asunto.avance_pct:
        errores["avance_pct"] = f"El avance no puede ser menor que el anterior ({asunto.avance_pct} %)."
    if values["fecha"] > dias.dia(ctx.now):
        errores["fecha"] = "La fecha no puede ser futura."
    if asunto.estado == "suspendido" and values["tipo_seguimiento"] != "interno":
        errores["tipo_seguimiento"] = "El servicio está suspendido: sólo seguimiento interno."
    falta = "nota_interna" if values["tipo_seguimiento"] == "interno" else "texto_cliente"
    if not (values.get(falta) or "").strip():
        errores[falta] = "Este campo es obligatorio."
    if errores:
        raise Invalid(errores)


def _documentos(ctx: Context, asunto: Asunto, values: dict[str, Any]) -> list[str] | None:
    """Uploads become documents of the matter; the client sees them once they are published."""
    rubro = f"Seguimiento: {catalogos.ACTUACIONES[values['actuacion']]}"
    ids = [
        subidas.documento(ctx, asunto.prospecto, archivo, "documentos", rubro, asunto_id=asunto.id).id
        for archivo in values.get("documentos") or []
    ]
    return ids or None


def _plazos(ctx: Context, asunto: Asunto, values: dict[str, Any]) -> None:
    vivos = {p.id: p for p in _vivos(ctx, asunto)}
    for plazo_id in values.get("plazos_cumplidos") or []:
        if plazo_id in vivos:
            plazos.cumplir(ctx, vivos[plazo_id])
    for fila in values.get("plazos") or []:
        plazos.registrar(
            ctx,
            asunto.prospecto,
            fila["descripcion"],
            fila["vence"],
            tipo=fila.get("tipo") or "fatal",
            asunto_id=asunto.id,
        )


def apuntar_oportunidades(paso: Paso, asunto: Asunto, filas: list[dict[str, Any]] | None, etapa: str) -> None:
    """Services noticed on the way; stage 12 offers them (L47)."""
    for fila in filas or []:
        if not (fila.get("servicio") or "").strip():
            continue
        paso.session.add(
            Oportunidad(
                cliente_id=asunto.cliente_id,
                prospecto_id=asunto.prospecto_id,
                asunto_origen=asunto.id,
                servicio=fila["servicio"].strip(),
                motivo=fila.get("motivo"),
                prioridad=fila.get("prioridad"),
                etapa_deteccion=etapa,
            )
        )
    paso.session.flush()


@service_task("seguimiento.registrar_interno")
def registrar_interno(job: DelAvance, ctx: Context) -> None:
    """L35, L36: the internal follow-up goes on record."""
    avance = _avance(ctx, job.avance_id)
    anotar(ctx, "seguimiento.interno", avance, despues={"actuacion": avance.actuacion, "avance_pct": avance.avance_pct})


@service_task("seguimiento.publicar")
def publicar(job: DelAvance, ctx: Context) -> None:
    """L37, L38: the client sees the progress in the Expediente digital and gets a mail; the internal record stays."""
    interno = _avance(ctx, job.avance_id)
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    visible = Avance(
        asunto_id=asunto.id,
        fecha=interno.fecha,
        actuacion=interno.actuacion,
        tipo="cliente",
        texto_cliente=interno.texto_cliente,
        visible=True,
        avance_pct=interno.avance_pct,
        documentos=interno.documentos,
        autor=interno.autor,
    )
    ctx.session.add(visible)
    for documento_id in interno.documentos or []:
        documento = ctx.session.get(Documento, documento_id)
        if documento is not None:
            documento.visible_cliente = True
    ctx.session.flush()
    vigilar(ctx, asunto)
    datos = {
        "fecha": visible.fecha,
        "actuacion": catalogos.ACTUACIONES[visible.actuacion],
        "texto_cliente": visible.texto_cliente,
    }
    datos |= {"avance_pct": visible.avance_pct, "hay_documentos": bool(visible.documentos)}
    correo.avisar_cliente(ctx, "cor_10_avance", asunto.cliente, datos=datos, enlace="expediente")


# --- what is watched (app jobs, §1.9, §1.14) --------------------------------------------------------------------------


def vigilar(ctx: Context, asunto: Asunto) -> None:
    """Plan the two alerts to the Gerente anew: a follow-up overdue by `dh_seguimiento_atrasado`, a client
    without news `dh_sin_avance` after `cliente_cada_dh` (§1.9)."""
    if asunto.estado not in ("en_tramite", "suspendido"):
        return
    plan = ctx.variables.get("plan") or ctx.decide("plan_seguimiento", {"tipo_procedimiento": asunto.tipo}).outputs
    oficina, hoy = dias.calendario(ctx.session), dias.dia(ctx.now)
    atraso = int(ajustes.ajuste(ctx.session, "dh_seguimiento_atrasado"))
    sin_avance = int(ajustes.ajuste(ctx.session, "dh_sin_avance"))
    interno, cliente = int(plan["interno_cada_dh"]), int(plan["cliente_cada_dh"])
    asunto.seguimiento_vence = dias.vence(ctx.session, ctx.now, interno)
    visible = ultimo_visible(ctx, asunto)
    desde = max(filter(None, (asunto.arranque, visible.fecha if visible else None)), default=hoy)
    _programar(ctx, asunto, "atraso", oficina.sumar(hoy, interno + atraso))
    _programar(ctx, asunto, "sin_avance", max(oficina.sumar(desde, cliente + sin_avance), oficina.sumar(hoy, 1)))
    ctx.session.flush()


def _programar(ctx: Context, asunto: Asunto, cual: str, fecha: date) -> None:
    ctx.schedule(f"seguimiento.avisar_{cual}", dias.a_las(fecha), f"seguimiento/{cual}", {"asunto_id": asunto.id})


def dejar_de_vigilar(paso: Paso) -> None:
    """The matter is closing, or was cancelled."""
    paso.unschedule("seguimiento/*")


@service_task("seguimiento.avisar_atraso")
def avisar_atraso(job: Aviso, ctx: Context) -> None:
    """To the Gerente: the follow-up is overdue (`dh_seguimiento_atrasado`)."""
    asunto = ctx.session.get(Asunto, job.asunto_id)
    vencio = f"; venció el {formato.fecha(asunto.seguimiento_vence)}" if asunto and asunto.seguimiento_vence else ""
    _escalar(ctx, job, f"El seguimiento del asesor está atrasado{vencio}.")


@service_task("seguimiento.avisar_sin_avance")
def avisar_sin_avance(job: Aviso, ctx: Context) -> None:
    """To the Gerente: the client has not seen any progress for too long."""
    asunto = ctx.session.get(Asunto, job.asunto_id)
    if asunto is not None and asunto.estado == "suspendido":
        # Nothing may be published now; ask again every day, so that it is told once the service goes on.
        _programar(ctx, asunto, "sin_avance", dias.calendario(ctx.session).sumar(dias.dia(ctx.now), 1))
        return
    visible = ultimo_visible(ctx, asunto) if asunto else None
    desde = f"desde el {formato.fecha(visible.fecha)}" if visible else "desde el arranque"
    _escalar(ctx, job, f"El cliente no ha recibido avances {desde}.")


def _escalar(ctx: Context, job: Aviso, que: str) -> None:
    asunto = ctx.session.get(Asunto, job.asunto_id)
    if asunto is None or asunto.estado not in ("en_tramite", "suspendido"):
        return
    gerente = expediente.gerente_de(ctx.session, asunto.prospecto)
    if gerente is not None:
        datos = {
            "titulo": f"{asunto.folio}: seguimiento por atender",
            "texto": que,
            "datos": [],
            "accion": "Abrir el asunto",
        }
        correo.enviar(ctx, "cor_00_escalamiento", a=gerente, datos=datos, enlace=f"/asuntos/{asunto.prospecto.folio}")


# --- inside -----------------------------------------------------------------------------------------------------------


def ultimo_visible(paso: Paso, asunto: Asunto) -> Avance | None:
    """The last progress that the client can see."""
    consulta = select(Avance).where(Avance.asunto_id == asunto.id, Avance.visible)
    return paso.session.scalar(consulta.order_by(Avance.fecha.desc(), Avance.id.desc()).limit(1))


def _regreso(paso: Paso, asunto: Asunto) -> str | None:
    """Why the closing did not come to pass and the matter is back in follow-up: the Gerente's reason, or what the
    client is not content with."""
    consulta = select(Informe).where(Informe.asunto_id == asunto.id).order_by(Informe.version.desc())
    informe = paso.session.scalar(consulta.limit(1))
    if informe is None:
        return None
    if informe.devuelto_motivo:
        return f"**El cierre se devolvió:** {informe.devuelto_motivo}"
    return f"**El caso se reabrió. El cliente no estuvo conforme:** {informe.respuesta_texto}"


def _vivos(paso: Paso, asunto: Asunto) -> list[Plazo]:
    consulta = select(Plazo).where(Plazo.prospecto_id == asunto.prospecto_id, Plazo.estado == "vivo")
    return list(paso.session.scalars(consulta.where(Plazo.tipo != "audiencia").order_by(Plazo.vence, Plazo.id)))


def _avance(ctx: Context, avance_id: str) -> Avance:
    avance = ctx.session.get(Avance, avance_id)
    assert avance is not None
    return avance
