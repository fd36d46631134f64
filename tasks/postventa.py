"""Stage 12 «Servicio Post-Venta» (L43–L47): survey, bonus of the advisor, services noticed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select

from engine.errors import Conflict, Invalid, NotFound
from engine.handler import Context, service_task, user_task
from tasks import calendario as dias
from tasks import correo, expediente, facturas, formato, personas, por_cuenta, prospectos
from tasks.acceso import exigir
from tasks.bitacora import anotar
from tasks.paso import Accion, Nada, Paso
from tasks.registros import Asunto, Bono, Colaborador, Encuesta, Oportunidad, Prospecto

PREGUNTAS = ("p1", "p2", "p3", "p4", "p5")
OFRECIBLES = ("identificada", "ofrecida")
"""Oportunidad.estado of what stage 12 offers."""


class Resultado(BaseModel):
    """Inputs of D9 «Bono por desempeño»."""

    puntuacion: Decimal | None
    saldo_pendiente: Decimal
    inconformidad: bool


class TerminosBono(BaseModel):
    pct: Decimal
    tope: Decimal


class BonoRegistrado(BaseModel):
    bono_id: str
    saldo_pendiente: Decimal


class HayOportunidades(BaseModel):
    hay_oportunidades: bool


class DeOportunidad(BaseModel):
    oportunidad_id: str


# --- survey (L44) -----------------------------------------------------------------------------------------------------


@service_task("postventa.enviar_encuesta")
def enviar_encuesta(job: Nada, ctx: Context) -> None:
    """L44 (12.1): share the survey."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    ctx.session.add(Encuesta(asunto_id=asunto.id, enviada=ctx.now))
    correo.avisar_cliente(
        ctx, "cor_12_encuesta", asunto.cliente, datos={"asunto_folio": asunto.folio}, enlace="encuesta"
    )


@service_task("postventa.recordar_encuesta")
def recordar_encuesta(job: Nada, ctx: Context) -> None:
    """After 3 and 7 dh without an answer."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    correo.avisar_cliente(
        ctx, "cor_12_recordatorio", asunto.cliente, datos={"asunto_folio": asunto.folio}, enlace="encuesta"
    )


def _encuesta(paso: Paso, asunto: Asunto) -> Encuesta:
    consulta = select(Encuesta).where(Encuesta.asunto_id == asunto.id)
    encuesta = paso.session.scalar(consulta.order_by(Encuesta.enviada.desc(), Encuesta.id.desc()).limit(1))
    assert encuesta is not None
    return encuesta


def _folio(ctx: Context) -> dict[str, Any]:
    return {"folio": expediente.asunto(ctx.session, ctx.business_key).folio}


def _por_responder(ctx: Context) -> dict[str, Any]:
    return {**_folio(ctx), **por_cuenta.datos(ctx)}


@user_task(
    "postventa.responder_encuesta",
    prepare=_por_responder,
    reads=PREGUNTAS,
    gives=("puntuacion", "saldo_pendiente", "inconformidad"),
)
def responder_encuesta(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L44: puntuacion = mean of the five marks, two decimals."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    encuesta = _encuesta(ctx, asunto)
    for pregunta in PREGUNTAS:
        setattr(encuesta, pregunta, int(values[pregunta]))
    encuesta.nps = None if values.get("nps") is None else int(values["nps"])
    encuesta.comentario = values.get("comentario")
    encuesta.puntuacion = formato.redondear(sum((Decimal(values[p]) for p in PREGUNTAS), Decimal(0)) / 5)
    encuesta.estado, encuesta.respondida = "respondida", ctx.now
    por_cuenta.asentar(ctx, asunto.prospecto, values)
    ctx.session.flush()
    return _resultado(ctx, asunto, encuesta.puntuacion).model_dump()


@service_task("postventa.cerrar_encuesta")
def cerrar_encuesta(job: Nada, ctx: Context) -> Resultado:
    """10 dh without an answer: closed, puntuacion null."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    _encuesta(ctx, asunto).estado = "sin_respuesta"
    return _resultado(ctx, asunto, None)


def _resultado(paso: Paso, asunto: Asunto, puntuacion: Decimal | None) -> Resultado:
    saldo = facturas.saldo_pendiente(paso.session, asunto.id)
    return Resultado(puntuacion=puntuacion, saldo_pendiente=saldo, inconformidad=asunto.inconformidad)


def _insatisfecho(ctx: Context) -> dict[str, Any]:
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    encuesta = _encuesta(ctx, asunto)
    puntuacion = f"{encuesta.puntuacion:.2f}" if encuesta.puntuacion is not None else ""
    return {"cliente": asunto.cliente.nombre, "puntuacion": puntuacion, "comentario": encuesta.comentario}


@user_task("postventa.atender_insatisfaccion", prepare=_insatisfecho, gives=())
def atender_insatisfaccion(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """puntuacion < 3: what the Gerente did about it."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    anotar(ctx, "postventa.atender_insatisfaccion", asunto, despues=values)
    return {}


# --- bonus (L45) ------------------------------------------------------------------------------------------------------


@service_task("postventa.registrar_bono")
def registrar_bono(job: TerminosBono, ctx: Context) -> BonoRegistrado:
    """importe = min(base × pct / 100, tope), base = fees without IVA invoiced. The balance is read again, in the
    transaction that enters the wait for it (M5)."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    saldo = facturas.saldo_pendiente(ctx.session, asunto.id)
    base = facturas.honorarios_facturados(ctx.session, asunto.id)
    assert asunto.asesor_id is not None
    bono = Bono(
        asunto_id=asunto.id,
        asesor_id=asunto.asesor_id,
        puntuacion=_encuesta(ctx, asunto).puntuacion,
        base=base,
        pct=job.pct,
        tope=job.tope,
        importe=min(formato.redondear(base * job.pct / 100), job.tope),
        estado="condicionado" if saldo > 0 else "por_autorizar",
    )
    ctx.session.add(bono)
    ctx.session.flush()
    return BonoRegistrado(bono_id=bono.id, saldo_pendiente=saldo)


def liberar_bono(paso: Paso, asunto: Asunto) -> None:
    """The balance is paid: a conditional bonus now waits for Dirección."""
    consulta = select(Bono).where(Bono.asunto_id == asunto.id, Bono.estado == "condicionado")
    for bono in paso.session.scalars(consulta):
        bono.estado = "por_autorizar"


@service_task("postventa.vencer_bono")
def vencer_bono(job: Nada, ctx: Context) -> None:
    """90 natural days without the balance."""
    _bono(ctx).estado = "vencido"


def _bono(ctx: Context) -> Bono:
    bono = ctx.session.get(Bono, ctx.variables["bono_id"])
    assert bono is not None
    return bono


def _por_autorizar(ctx: Context) -> dict[str, Any]:
    bono = _bono(ctx)
    asesor = ctx.session.get(Colaborador, bono.asesor_id)
    return {
        **_folio(ctx),
        "puntuacion": f"{bono.puntuacion:.2f}" if bono.puntuacion is not None else "",
        "asesor": asesor.nombre if asesor else bono.asesor_id,
        "base": formato.pesos(bono.base),
        "pct": formato.porcentaje(bono.pct),
        "tope": formato.pesos(bono.tope),
        "importe": formato.pesos(bono.importe),
    }


@user_task("postventa.autorizar_bono", prepare=_por_autorizar, gives=())
def autorizar_bono(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """Always decided by Dirección; the app never pays (A11)."""
    bono = _bono(ctx)
    autoriza = values["decision"] == "autorizar"
    bono.estado = "autorizado" if autoriza else "rechazado"
    bono.motivo, bono.autorizado_por, bono.autorizado = values.get("motivo"), ctx.actor.id, ctx.now
    anotar(ctx, "bono.autorizar", bono, despues={"estado": bono.estado, "importe": bono.importe})
    asesor = ctx.session.get(Colaborador, bono.asesor_id)
    if autoriza and asesor is not None:
        datos = {"asunto_folio": _folio(ctx)["folio"], "importe": bono.importe, "puntuacion": bono.puntuacion}
        correo.enviar(ctx, "cor_12_bono", a=asesor, datos=datos, enlace=f"/asuntos/{ctx.business_key}")
    return {}


# --- services noticed on the way (L46, L47) ---------------------------------------------------------------------------


def ofrecibles(paso: Paso, asunto: Asunto) -> Sequence[Oportunidad]:
    consulta = select(Oportunidad).where(
        Oportunidad.prospecto_id == asunto.prospecto_id, Oportunidad.estado.in_(OFRECIBLES)
    )
    return paso.session.scalars(consulta.order_by(Oportunidad.id)).all()


@service_task("postventa.revisar_oportunidades")
def revisar_oportunidades(job: Nada, ctx: Context) -> HayOportunidades:
    """L47: only what was noticed before, and only if the client is not opposed to voluntary purposes."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    hay = bool(ofrecibles(ctx, asunto))
    if hay and personas.oposicion(asunto.cliente):
        anotar(ctx, "postventa.no_ofrecer", asunto, despues={"motivo": "Opuesto a finalidades voluntarias"})
        hay = False
    return HayOportunidades(hay_oportunidades=hay)


def _ofertas(ctx: Context) -> dict[str, Any]:
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    filas = ofrecibles(ctx, asunto)
    return {
        "cliente": asunto.cliente.nombre,
        "oferta_enviada": any(o.estado == "ofrecida" for o in filas),
        "ofertas": [{"servicio": o.servicio, "motivo": o.motivo} for o in filas],
    }


def enviar_oferta(tx: Any, business_key: str) -> None:
    """Action of Ventas, button «Enviar oferta»: one mail with what was noticed. Raises NotAllowed; Conflict when it was
    sent, when there is nothing to offer, or the client has no mail address or is opposed."""
    paso = Accion(tx, business_key)
    exigir(paso, "ventas", "direccion")
    asunto = expediente.asunto(paso.session, business_key)
    if not asunto.cliente.correo:
        raise Conflict("El cliente no tiene correo; ofrézcale los servicios por otro medio.", reason="sin_correo")
    _enviar_oferta(paso, asunto)


def puede_ofrecer(tx: Any, business_key: str) -> bool:
    """Whether «Enviar oferta» would send one now."""
    paso = Accion(tx, business_key)
    asunto = expediente.asunto(paso.session, business_key)
    filas = ofrecibles(paso, asunto)
    enviada = any(o.estado == "ofrecida" for o in filas)
    return bool(filas) and not enviada and bool(asunto.cliente.correo) and not personas.oposicion(asunto.cliente)


def _enviar_oferta(paso: Paso, asunto: Asunto) -> None:
    filas = ofrecibles(paso, asunto)
    if personas.oposicion(asunto.cliente):
        raise Conflict("El cliente se opuso a finalidades voluntarias.", reason="oposicion")
    if not filas or any(o.estado == "ofrecida" for o in filas):
        raise Conflict("La oferta ya se envió, o no hay servicios que ofrecer.", reason="ofrecida")
    for oportunidad in filas:
        oportunidad.estado = "ofrecida"
    servicios = [{"servicio": o.servicio, "motivo": o.motivo} for o in filas]
    correo.avisar_cliente(paso, "cor_12_oferta", asunto.cliente, datos={"servicios": servicios}, enlace="mis_datos")
    paso.session.flush()


@user_task("postventa.ofrecer_servicios", prepare=_ofertas, gives=("hay_interesados",))
def ofrecer_servicios(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L46, L47: what the client answers to each service."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    filas = ofrecibles(ctx, asunto)
    respuestas = values.get("ofertas") or []
    if len(respuestas) != len(filas):
        raise Invalid({"ofertas": "Responda por cada uno de los servicios."})
    if values.get("enviar_oferta") and not any(o.estado == "ofrecida" for o in filas):
        _enviar_oferta(ctx, asunto)
    for oportunidad, respuesta in zip(filas, respuestas, strict=True):
        _responder(ctx, oportunidad, respuesta)
    ctx.session.flush()
    return {"hay_interesados": any(o.estado == "interesado" for o in filas)}


def _responder(ctx: Context, oportunidad: Oportunidad, respuesta: dict[str, Any]) -> None:
    que = respuesta["respuesta"]
    oportunidad.estado = {"interesado": "interesado", "no_interesado": "rechazada", "mas_adelante": "pospuesta"}[que]
    if que == "mas_adelante":
        oportunidad.recontacto = respuesta["fecha"]
        cuando = dias.a_las(dias.calendario(ctx.session).en_o_despues(respuesta["fecha"]))
        ctx.schedule(
            "postventa.recontactar", cuando, f"oportunidad/{oportunidad.id}", {"oportunidad_id": oportunidad.id}
        )


@service_task("postventa.iniciar_asunto")
def iniciar_asunto(job: Nada, ctx: Context) -> None:
    """L47: a new contact for each service that interests the client; Ventas completes «Registrar contacto»."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    consulta = select(Oportunidad).where(
        Oportunidad.prospecto_id == asunto.prospecto_id,
        Oportunidad.estado == "interesado",
        Oportunidad.asunto_nuevo.is_(None),
    )
    for oportunidad in ctx.session.scalars(consulta.order_by(Oportunidad.id)).all():
        nuevo = _contacto_nuevo(ctx, asunto, oportunidad)
        ctx.start(prospectos.PROCESO, nuevo.folio, {"prospecto_id": nuevo.id})


def _contacto_nuevo(paso: Paso, asunto: Asunto, oportunidad: Oportunidad) -> Prospecto:
    nuevo = prospectos.abrir(
        paso, persona=asunto.cliente, canal="venta_cruzada", origen="venta_cruzada", oportunidad_id=oportunidad.id
    )
    nuevo.descripcion = f"{oportunidad.servicio}. {oportunidad.motivo or ''}".strip()
    oportunidad.asunto_nuevo = nuevo.folio
    paso.session.flush()
    return nuevo


def retomar(tx: Any, business_key: str, oportunidad_id: str, *, interesado: bool) -> Prospecto | None:
    """Action of Ventas: what the client says to a service put off until later. Interested: a new contact, which is
    returned. Raises NotAllowed, NotFound, and Conflict when it no longer waits for an answer."""
    paso = Accion(tx, business_key)
    exigir(paso, "ventas", "direccion")
    asunto = expediente.asunto(paso.session, business_key)
    oportunidad = paso.session.get(Oportunidad, oportunidad_id)
    if oportunidad is None or oportunidad.prospecto_id != asunto.prospecto_id:
        raise NotFound("No existe esa oportunidad.")
    if oportunidad.estado != "pospuesta":
        raise Conflict("Ese servicio ya no espera respuesta.", reason=oportunidad.estado)
    oportunidad.estado = "interesado" if interesado else "rechazada"
    paso.unschedule(f"oportunidad/{oportunidad.id}")
    anotar(paso, "oportunidad.retomar", oportunidad, despues={"estado": oportunidad.estado})
    paso.session.flush()
    if not interesado:
        return None
    nuevo = _contacto_nuevo(paso, asunto, oportunidad)
    tx.start(prospectos.PROCESO, nuevo.folio, {"prospecto_id": nuevo.id})
    return nuevo


@service_task("postventa.recontactar")
def recontactar(job: DeOportunidad, ctx: Context) -> None:
    """«Más adelante»: tell Ventas on that day (an app job; the instance does not wait)."""
    oportunidad = ctx.session.get(Oportunidad, job.oportunidad_id)
    if oportunidad is None or oportunidad.estado != "pospuesta":
        return
    datos = {
        "titulo": f"Volver a ofrecer «{oportunidad.servicio}»",
        "texto": "El cliente pidió que se le buscara más adelante, y es hoy.",
        "datos": [{"dato": "Por qué", "valor": oportunidad.motivo or "—"}],
        "accion": "Abrir el asunto",
    }
    correo.enviar_a_grupo(ctx, "cor_00_escalamiento", "ventas", datos=datos, enlace=f"/asuntos/{ctx.business_key}")
