"""Stage 6 «Envío de propuesta» (L17–L21): the approved version goes out, the client decides, and becomes a client."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid, NotFound
from engine.handler import Context, service_task, user_task
from tasks import (
    ajustes,
    correo,
    documentos,
    expediente,
    fiscal,
    formato,
    por_cuenta,
    propuestas,
    prospectos,
    reuniones,
)
from tasks import calendario as dias
from tasks.acceso import exigir
from tasks.bitacora import anotar
from tasks.contacto import CONTINUAR, DelProspecto
from tasks.folios import PREFIJO_ASUNTO, siguiente_folio
from tasks.paso import Accion, Paso
from tasks.propuesta import DeLaPropuesta
from tasks.registros import Asunto, CodigoFirma, Documento, Oportunidad, Parte, Plazo, Propuesta, Prospecto

INTENTOS_CODIGO = 5
"""Wrong tries with one code; then another one must be asked for, which the portal slows down: the one rule against
guessing."""
VIGENCIA_CODIGO = timedelta(minutes=30)


class DelAsunto(BaseModel):
    asunto_id: str


class Enviada(BaseModel):
    sesion: str


class Convertido(BaseModel):
    cliente_id: str
    asunto_id: str


@service_task("envio.enviar_propuesta")
def enviar_propuesta(job: DeLaPropuesta, ctx: Context) -> Enviada:
    """L17: exactly the approved version (A2), its validity, the legal deadline; renews an unchanged one too."""
    version = propuestas.buscar(ctx.session, job.propuesta_id)
    if version.estado not in ("aprobada", "enviada") or version.contenido_sha256 != propuestas.sello(version):
        raise Conflict("Esta versión de la propuesta no es la aprobada; no se envía.", reason=version.estado)
    prospecto = version.prospecto
    version.estado, version.enviada = "enviada", ctx.now
    version.vigencia = propuestas.vigencia(ctx.session, version)
    prospecto.estado = "propuesta_enviada"
    # The client sees the document of this version, no longer those of the ones before it.
    for otra in propuestas.versiones(ctx.session, prospecto):
        documento = ctx.session.get(Documento, otra.documento_id) if otra.documento_id else None
        if documento is not None:
            documento.visible_cliente = otra.id == version.id
    _escribir(ctx, version, "cor_06_propuesta")
    # Who has been presented the proposal is not asked for another session when it is renewed.
    presentada = reuniones.ultima(ctx.session, prospecto, "sesion")
    ya = presentada is not None and presentada.estado == "celebrada" and presentada.creado >= version.creado
    return Enviada(sesion="no" if ya else version.sesion)


def _escribir(paso: Paso, version: Propuesta, plantilla: str) -> None:
    persona = version.prospecto.persona
    if persona.correo:
        datos = propuestas.impresion(paso.session, version)
        correo.enviar(paso, plantilla, a=persona, datos=datos, enlace=f"propuesta:{version.id}")


@service_task("envio.recordar")
def recordar(job: DeLaPropuesta, ctx: Context) -> None:
    """Reminder at 3 and 8 dh; a legal deadline recorded or changed since the sending may have moved the validity."""
    version = propuestas.buscar(ctx.session, job.propuesta_id)
    version.vigencia = propuestas.vigencia(ctx.session, version)
    _escribir(ctx, version, "cor_06_recordatorio")


def _sesion(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    gerente = expediente.gerente_de(ctx.session, prospecto)
    modalidad = ctx.variables.get("modalidad_sesion")
    datos = {**prospectos.ficha(prospecto), **reuniones.valores(ctx.session, prospecto, gerente)}
    if modalidad in reuniones.MODALIDADES:
        datos["modalidad"] = modalidad
    if modalidad == "presencial":
        datos["lugar_o_enlace"] = ajustes.ajuste(ctx.session, "despacho_domicilio")
    return datos


@user_task("envio.programar_sesion", prepare=_sesion, gives=())
def programar_sesion(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L19: session to present the proposal, held by the Gerente of the matter."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    gerente = expediente.gerente_de(ctx.session, prospecto)
    reuniones.programar(ctx, prospecto, "sesion", values, gerente.usuario if gerente else ctx.actor.id)
    return {}


@service_task("envio.enviar_invitacion")
def enviar_invitacion(job: DelProspecto, ctx: Context) -> None:
    """L19: invitation to the session with its .ics."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    reunion = reuniones.ultima(ctx.session, prospecto, "sesion")
    if reunion is not None:
        reuniones.invitar(ctx, reunion, prospecto)


def _presentacion(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    reunion = reuniones.ultima(ctx.session, prospecto, "sesion")
    return {
        **prospectos.ficha(prospecto),
        **propuestas.textos(ctx.session, propuestas.vigente(ctx.session, prospecto)),
        "reunion_texto": reuniones.texto(reunion) if reunion else "",
    }


@user_task("envio.presentar_propuesta", prepare=_presentacion, gives=())
def presentar_propuesta(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L19: what was discussed."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    reunion = reuniones.ultima(ctx.session, prospecto, "sesion")
    if reunion is not None:
        reunion.estado = "celebrada" if values["resultado"] == "presentada" else "cancelada"
        reunion.minuta = {"resultado": values["resultado"], "acuerdos": values["acuerdos"]}
    return {}


def _por_decidir(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    version = propuestas.vigente(ctx.session, prospecto)
    fiscales = fiscal.valores(prospecto.persona)
    if not fiscal.completos(prospecto.persona):
        fiscales["rfc"] = None  # With an RFC the form asks for all the rest; they may be left for later.
    return {
        **fiscales,
        **prospectos.ficha(prospecto),
        **propuestas.textos(ctx.session, version),
        "vigencia_texto": formato.momento(propuestas.vigencia(ctx.session, version, ctx.now)),
        "plazo_texto": prospectos.plazo_texto(ctx.session, prospecto),
        "pide_codigo": _pide_codigo(ctx, prospecto),
        "huella": propuestas.huella(ctx.session, version),
        "documento_id": version.documento_id,
        "comentarios": None,
        **por_cuenta.datos(ctx),
    }


@user_task(
    "envio.decidir_propuesta",
    prepare=_por_decidir,
    reads=fiscal.CAMPOS,
    gives=("decision_cliente", "rondas_negociacion", "resultado_etapa"),
)
def decidir_propuesta(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L20, L21: the client's decision. A session that was still to be held is cancelled (L19)."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    version = propuestas.vigente(ctx.session, prospecto)
    if version.estado != "enviada":
        raise Conflict("Esta versión de la propuesta ya no está vigente.", reason=version.estado)
    decision = values["decision"]
    salida: dict[str, Any] = {"decision_cliente": decision, "resultado_etapa": CONTINUAR}
    if decision == "aceptar":
        _firmar(ctx, version, values)
        version.estado = "aceptada"
        if values["rfc"]:
            fiscal.guardar(ctx, prospecto.persona, values)
    elif decision == "negociar":
        version.estado, version.comentarios_cliente = "sustituida", values["comentarios"]
        ctx.session.flush()
        rondas = Decimal(propuestas.rondas(ctx.session, prospecto))
        salida |= {"resultado_etapa": "negociar", "rondas_negociacion": rondas}
    else:
        version.estado, version.motivo_rechazo = "rechazada", values["motivo"]
        prospecto.motivo_cierre = values["motivo"]
        salida["resultado_etapa"] = "rechazado_cliente"
    por_cuenta.asentar(ctx, prospecto, values)
    version.decidida = ctx.now
    reuniones.cancelar_pendientes(ctx, prospecto, "sesion")
    anotar(ctx, f"propuesta.{decision}", version)
    return salida


def _firmar(ctx: Context, version: Propuesta, values: dict[str, Any]) -> None:
    """Simple electronic signature (CCom 89 ff.): name, tick, moment, IP, browser, hash of the PDF, code by mail.

    IP and browser come from the web request, in `session.info["peticion"]`.
    """
    if not values.get("acepto"):
        raise Invalid({"acepto": "Marque esta casilla para aceptar."})
    sha256 = propuestas.huella(ctx.session, version)
    if sha256 is None:
        raise Conflict("El documento de la propuesta se está preparando; intente de nuevo en un minuto.")
    if _pide_codigo(ctx, version.prospecto):
        _gastar_codigo(ctx, version, str(values.get("codigo") or "").strip())
    elif ajustes.ajuste(ctx.session, "codigo_firma") and not values.get("por_cuenta_evidencia"):
        raise Invalid({"por_cuenta_evidencia": "El cliente no tiene correo para el código: adjunte lo que firmó."})
    peticion = ctx.session.info.get("peticion") or {}
    version.pdf_sha256 = sha256
    version.firma = {
        "nombre_completo": values["nombre_completo"].strip(),
        "momento": ctx.now.astimezone(dias.ZONA).isoformat(timespec="seconds"),
        "ip": peticion.get("ip"),
        "agente": peticion.get("agente"),
        "sha256": sha256,
        "codigo_verificado": bool(values.get("codigo")),
        "actor": ctx.actor.id,
    }


def _pide_codigo(ctx: Context, prospecto: Prospecto) -> bool:
    """Whether a signature needs the code; who has no address to get one signs on paper, and the firm enters it with
    the paper as evidence."""
    por_cuenta_sin_correo = ctx.actor.business_key is None and not prospecto.persona.correo
    return bool(ajustes.ajuste(ctx.session, "codigo_firma")) and not por_cuenta_sin_correo


def _gastar_codigo(ctx: Context, version: Propuesta, codigo: str) -> None:
    ultimo = _ultimo_codigo(ctx.session, version)
    if ultimo is None:
        raise Invalid({"codigo": "Pida primero un código con el botón «Enviarme el código»."})
    if ultimo.vence < ctx.now:
        raise Invalid({"codigo": "El código venció; pida otro."})
    if ultimo.intentos >= INTENTOS_CODIGO:
        raise Invalid({"codigo": "Se agotaron los intentos con este código; pida otro."})
    if not secrets.compare_digest(ultimo.sha256, _sha256(version, codigo)):
        raise Invalid({"codigo": "El código no es correcto."})
    ultimo.usado = ctx.now


def codigo_equivocado(tx: Any, folio: str) -> None:
    """Action of the portal page after a code was refused, in a transaction of its own: one try less with it."""
    paso = Accion(tx, folio)
    exigir(paso, "cliente", "ventas", "gerente", "direccion")
    prospecto = expediente.prospecto_de(tx.session, folio)
    ultimo = _ultimo_codigo(tx.session, propuestas.vigente(tx.session, prospecto))
    if ultimo is not None:
        ultimo.intentos += 1


def _ultimo_codigo(session: Session, version: Propuesta) -> CodigoFirma | None:
    consulta = select(CodigoFirma).where(CodigoFirma.propuesta_id == version.id, CodigoFirma.usado.is_(None))
    return session.scalar(consulta.order_by(CodigoFirma.id.desc()).limit(1))


def _sha256(version: Propuesta, codigo: str) -> str:
    return hashlib.sha256(f"{version.id}:{codigo}".encode()).hexdigest()


def enviar_codigo(tx: Any, folio: str) -> None:
    """Action of the portal page «Decidir propuesta»: a code to sign with, by mail; an earlier one no longer counts.

    Raises NotFound without an open proposal, Invalid without an address.
    """
    paso = Accion(tx, folio)
    exigir(paso, "cliente", "ventas", "gerente", "direccion")
    prospecto = expediente.prospecto_de(tx.session, folio)
    version = propuestas.vigente(tx.session, prospecto)
    if version.estado != "enviada":
        raise NotFound("No hay una propuesta por decidir.")
    if not prospecto.persona.correo:
        raise Invalid({"codigo": "No tenemos un correo registrado; llámenos."})
    anteriores = update(CodigoFirma).where(CodigoFirma.propuesta_id == version.id, CodigoFirma.usado.is_(None))
    tx.session.execute(anteriores.values(usado=paso.now))
    codigo = f"{secrets.randbelow(1_000_000):06d}"
    sha256 = _sha256(version, codigo)
    tx.session.add(CodigoFirma(propuesta_id=version.id, sha256=sha256, vence=paso.now + VIGENCIA_CODIGO))
    datos = {"codigo": codigo, "minutos": Decimal(30), "propuesta_folio": version.folio}
    correo.enviar(paso, "cor_06_codigo", a=prospecto.persona, datos=datos)
    tx.session.flush()


def _por_vencer(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    return {
        **prospectos.ficha(prospecto),
        **propuestas.textos(ctx.session, propuestas.vigente(ctx.session, prospecto)),
        "plazo_texto": prospectos.plazo_texto(ctx.session, prospecto),
        "rondas": Decimal(propuestas.rondas(ctx.session, prospecto)),
    }


@user_task("envio.gestionar_vencimiento", prepare=_por_vencer, gives=("decision_vencimiento", "resultado_etapa"))
def gestionar_vencimiento(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The validity ended without a decision: the same again (no approval, A2), another one, or the end."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    version = propuestas.vigente(ctx.session, prospecto)
    decision = values["decision"]
    reuniones.cancelar_pendientes(ctx, prospecto, "sesion")
    anotar(ctx, "propuesta.vencimiento", version, despues=values)
    if decision == "renovar":
        version.vigencia_dh = int(values["vigencia_dh"])
        return {"decision_vencimiento": decision}
    version.estado = "vencida"
    etapa = "negociar" if decision == "nueva_version" else "vencido"
    return {"decision_vencimiento": decision, "resultado_etapa": etapa}


@user_task("envio.decidir_negociacion", prepare=_por_vencer, gives=("decision_negociacion", "resultado_etapa"))
def decidir_negociacion(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """After the third round: another version, or the end (A3)."""
    decision = values["decision"]
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    anotar(ctx, "propuesta.negociacion", prospecto, despues=values)
    etapa = "negociar" if decision == "nueva_version" else "rechazado_cliente"
    return {"decision_negociacion": decision, "resultado_etapa": etapa}


@service_task("envio.convertir_en_cliente")
def convertir_en_cliente(job: DeLaPropuesta, ctx: Context) -> Convertido:
    """L21: the prospect becomes a client (A12): folio CLI, the matter with its Q/R/J folio; parties, deadlines and
    documents now belong to it."""
    version = propuestas.buscar(ctx.session, job.propuesta_id)
    prospecto, hoy = version.prospecto, dias.dia(ctx.now)
    persona = prospecto.persona
    if persona.folio is None:
        persona.folio = siguiente_folio(ctx.session, "CLI", hoy.year)
        persona.cliente_desde = ctx.now
    tipo, subtipo = prospecto.tipo_procedimiento or "", prospecto.subtipo or ""
    analisis = prospecto.analisis[-1] if prospecto.analisis else None
    asunto = Asunto(
        folio=siguiente_folio(ctx.session, PREFIJO_ASUNTO[tipo], hoy.year),
        prospecto_id=prospecto.id,
        cliente_id=persona.id,
        tipo=tipo,
        subtipo=subtipo,
        autoridad=prospecto.autoridad,
        num_exp_autoridad=prospecto.num_exp_autoridad,
        cuantia=prospecto.cuantia,
        complejidad=analisis.complejidad if analisis else None,
        viabilidad=analisis.viabilidad if analisis else None,
        tipo_cliente=ctx.variables.get("tipo_cliente"),
        estado="por_iniciar",
        apertura=hoy,
    )
    ctx.session.add(asunto)
    ctx.session.flush()
    for clase in (Parte, Plazo, Documento, Oportunidad):
        columna = "asunto_origen" if clase is Oportunidad else "asunto_id"
        ctx.session.execute(update(clase).where(clase.prospecto_id == prospecto.id).values({columna: asunto.id}))
    prospecto.estado = "ganado"
    _ganar_oportunidad(ctx, prospecto, asunto)
    anotar(ctx, "asunto.abrir", asunto, despues={"folio": asunto.folio, "cliente": persona.folio})
    return Convertido(cliente_id=persona.id, asunto_id=asunto.id)


def _ganar_oportunidad(ctx: Context, prospecto: Prospecto, asunto: Asunto) -> None:
    """L47: the cross-sold service was taken."""
    oportunidad = ctx.session.get(Oportunidad, prospecto.oportunidad_id) if prospecto.oportunidad_id else None
    if oportunidad is not None:
        oportunidad.estado, oportunidad.asunto_nuevo = "ganada", asunto.id


@service_task("envio.generar_contrato")
def generar_contrato(job: DelAsunto, ctx: Context) -> None:
    """L21: the contract of professional services, with the signature and its hash."""
    asunto = ctx.session.get_one(Asunto, job.asunto_id)
    prospecto = asunto.prospecto
    version = propuestas.vigente(ctx.session, prospecto)
    datos = {**propuestas.impresion(ctx.session, version), "asunto_folio": asunto.folio, "firma": version.firma}
    documento = documentos.generar(
        ctx,
        "contrato",
        prospecto=prospecto,
        datos=datos,
        rubro="Contrato de prestación de servicios profesionales",
        asunto_id=asunto.id,
        nombre=f"Contrato {asunto.folio}",
    )
    asunto.contrato_id = documento.id


@service_task("envio.dar_bienvenida")
def dar_bienvenida(job: DelAsunto, ctx: Context) -> None:
    """L21: welcome, with the folio of the matter and what comes next."""
    asunto = ctx.session.get_one(Asunto, job.asunto_id)
    if asunto.cliente.correo:
        datos = {"asunto_folio": asunto.folio, "servicio": prospectos.asunto_texto(asunto.prospecto)}
        correo.enviar(ctx, "cor_06_bienvenida", a=asunto.cliente, datos=datos, enlace="expediente")
