"""Stage 1 «Contacto inicial» (L2–L5): contact, conflict of interest, information, doubts; and how a prospect is closed.

The conflict check runs again in stage 2, after the minuta (§1.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from engine.errors import Invalid
from engine.handler import Context, service_task, user_task
from tasks import correo, expediente, personas, privacidad, prospectos
from tasks.acceso import exigir
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import Duda, Parte, Persona, Prospecto, RevisionConflicto

CONTINUAR = "continuar"
"""`resultado_etapa` with which a stage hands over to the next one; anything else is why the prospect is closed."""


class DelProspecto(BaseModel):
    prospecto_id: str


class Coincidencias(BaseModel):
    hay_coincidencias: bool
    grupo_conflicto: str
    """Who decides: gerente, or direccion when an active client is concerned."""


class Resultado(BaseModel):
    resultado_etapa: str


def _registrado(ctx: Context) -> dict[str, Any]:
    """What the public form or the cross-selling brought along."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    persona = prospecto.persona
    if not persona.nombre:
        return {}
    consentimiento = persona.consentimientos[-1] if persona.consentimientos else None
    return {
        "nombre": persona.nombre,
        "tipo_persona": persona.tipo_persona,
        "correo": persona.correo,
        "telefono": persona.telefono,
        "rfc": persona.rfc,
        "cliente_existente_id": persona.folio,
        "canal": prospecto.canal,
        "fuente": prospecto.fuente,
        "descripcion_breve": prospecto.descripcion,
        "tipo_tentativo": prospecto.tipo_tentativo,
        "fecha_notificacion": prospecto.fecha_notificacion,
        "contraparte": prospecto.partes[0].nombre if prospecto.partes else None,
        **(
            {
                "aviso_fecha": consentimiento.aviso_fecha,
                "aviso_medio": consentimiento.aviso_medio,
                "oposicion_voluntarias": consentimiento.oposicion_voluntarias,
            }
            if consentimiento
            else {}
        ),
    }


@user_task(
    "contacto.registrar",
    prepare=_registrado,
    reads=("correo", "telefono"),
    gives=("prospecto_id", "tipo_persona", "modo_contacto", "resultado_etapa"),
)
def registrar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L3 (1.1): the prospect, its person, its other party and the aviso de privacidad."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    persona = prospectos.identificar(ctx, prospecto, values)
    prospecto.canal, prospecto.fuente = values["canal"], values["fuente"]
    prospecto.descripcion = values["descripcion_breve"]
    prospecto.tipo_tentativo = values["tipo_tentativo"]
    prospecto.fecha_notificacion = values["fecha_notificacion"]
    prospecto.ya_informe_y_resolvi = bool(values["ya_informe_y_resolvi"])
    prospectos.poner_contraparte(ctx, prospecto, values["contraparte"])
    privacidad.poner_aviso(
        ctx,
        persona,
        medio_aviso=values["aviso_medio"],
        medio=values["canal"],
        opuesto=bool(values["oposicion_voluntarias"]),
        fecha=values["aviso_fecha"],
    )
    anotar(ctx, "contacto.registrar", prospecto)
    modo = "venta_cruzada" if prospecto.canal == "venta_cruzada" else "informar"
    if modo == "informar" and prospecto.ya_informe_y_resolvi:
        modo = "ya_informado"
    return {
        "prospecto_id": prospecto.id,
        "tipo_persona": persona.tipo_persona,
        "modo_contacto": modo,
        "resultado_etapa": CONTINUAR,
    }


@service_task("contacto.verificar_conflicto")
def verificar_conflicto(job: DelProspecto, ctx: Context) -> Coincidencias:
    """Conflict of interest [+]: who of this matter stands on the other side of another. What was ruled «sin conflicto»
    before in this matter is not asked again."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    ya_vistas = {
        (c["nombre"], c["con"], c["folio"])
        for revision in prospectos.revisiones(ctx.session, prospecto)
        if revision.dictamen == "sin_conflicto"
        for c in revision.coincidencias
    }
    halladas = [
        c for c in personas.revisar_conflicto(ctx.session, prospecto) if (c.nombre, c.con, c.folio) not in ya_vistas
    ]
    ctx.session.add(
        RevisionConflicto(
            prospecto_id=prospecto.id,
            coincidencias=[c.como_dict() for c in halladas],
            dictamen=None if halladas else "sin_coincidencias",
            autor=None if halladas else "system",
        )
    )
    grupo = "direccion" if any(c.cliente_activo for c in halladas) else "gerente"
    return Coincidencias(hay_coincidencias=bool(halladas), grupo_conflicto=grupo)


def _coincidencias(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    abierta = prospectos.revision_abierta(ctx.session, prospecto)
    renglones = [f"- {personas.Coincidencia(**c).texto}" for c in (abierta.coincidencias if abierta else [])]
    return {"coincidencias_texto": "\n".join(renglones)}


@user_task("contacto.resolver_conflicto", prepare=_coincidencias, gives=("dictamen_conflicto", "resultado_etapa"))
def resolver_conflicto(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """The ruling of Gerente or Dirección; kept in the log, never told to the prospect (secreto profesional)."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    abierta = prospectos.revision_abierta(ctx.session, prospecto)
    if abierta is not None:
        abierta.dictamen, abierta.justificacion = values["dictamen"], values["justificacion"]
        abierta.autor = ctx.actor.id
    anotar(ctx, "conflicto.resolver", abierta or prospecto, despues=values)
    salida = {"dictamen_conflicto": values["dictamen"]}
    return {**salida, "resultado_etapa": "declinado_conflicto"} if values["dictamen"] == "conflicto" else salida


def _servicios(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    propios = prospectos.servicios_de(prospecto.tipo_tentativo)
    return {
        **prospectos.ficha(prospecto),
        # Those of the kind that the prospect spoke of come first.
        "servicios_catalogo": sorted(prospectos.SERVICIOS, key=lambda s: s["value"] not in propios),
        "servicios": prospecto.servicios or propios,
    }


@user_task("contacto.informar", prepare=_servicios, gives=())
def informar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L4 (1.2): which services the prospect is told of, and the message that goes with them."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    prospecto.servicios, prospecto.mensaje = values["servicios"], values["mensaje"]
    return {}


@service_task("contacto.enviar_informacion")
def enviar_informacion(job: DelProspecto, ctx: Context) -> None:
    """L4 (1.2): the information mail; a prospect without an address was told by telephone."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    prospecto.servicios = prospecto.servicios or prospectos.servicios_de(prospecto.tipo_tentativo)
    prospecto.estado = "en_contacto"
    if prospecto.persona.correo:
        servicios = prospectos.servicios_por_tipo(prospecto.servicios)
        datos = {"servicios": servicios, "mensaje": prospecto.mensaje}
        correo.enviar(ctx, "cor_01_informacion", a=prospecto.persona, datos=datos, enlace="mis_datos")
        prospecto.informado = ctx.now


def _dudas(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    dudas = prospectos.dudas(ctx.session, prospecto)
    return {
        **prospectos.ficha(prospecto),
        "dudas": [{"pregunta": d.pregunta, "respuesta": d.respuesta} for d in dudas],
    }


@user_task("contacto.resolver_dudas", prepare=_dudas, gives=("resultado_contacto", "resultado_etapa"))
def resolver_dudas(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L5 (1.3): doubts with their answers, and how the contact ended."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    for anterior in prospectos.dudas(ctx.session, prospecto):
        ctx.session.delete(anterior)
    ctx.session.add_all(Duda(prospecto_id=prospecto.id, **duda) for duda in values["dudas"])
    resultado = values["resultado_contacto"]
    if resultado == CONTINUAR:
        prospecto.estado = "en_reunion"
    return {"resultado_contacto": resultado, "resultado_etapa": resultado}


@service_task("contacto.asentar_dudas")
def asentar_dudas(job: DelProspecto, ctx: Context) -> Resultado:
    """L5 (1.3): Ventas informed and resolved doubts in the first contact already."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    prospecto.estado = "en_reunion"
    anotar(ctx, "contacto.dudas_resueltas", prospecto)
    return Resultado(resultado_etapa=CONTINUAR)


@service_task("contacto.recordar")
def recordar(job: DelProspecto, ctx: Context) -> None:
    """Reminder at 3 and 6 dh without an answer."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    if prospecto.persona.correo:
        correo.enviar(ctx, "cor_01_recordatorio", a=prospecto.persona)


class Cierre(BaseModel):
    prospecto_id: str
    motivo: str
    """`resultado_etapa` of the stage: one of `registros.ESTADOS_FINALES`."""


@service_task("contacto.cerrar_prospecto")
def cerrar_prospecto(job: Cierre, ctx: Context) -> None:
    """The prospect did not go on: record why, tell them what has to be told, end its meetings and deadlines."""
    prospectos.cerrar(ctx, expediente.prospecto_de(ctx.session, ctx.business_key), job.motivo)


# --- actions: what people do outside the flow


def nuevo(tx: Any, datos: Mapping[str, Any], *, request_id: str | None = None, raw: bool = False) -> Any:
    """Staff page «Nuevo contacto»: start the matter and complete «Registrar contacto» at once; answers
    `engine.values.Completed`.

    `datos`: what the form `registrar_contacto` gave, typed or (`raw`) as a browser sends it. Raises Invalid with the
    fields of that form.
    """
    antes = prospectos.tarea_del_envio(tx.session, request_id)
    if antes is not None:
        return tx.complete(antes, datos, request_id=request_id, raw=raw)
    prospecto = prospectos.abrir(tx)
    instancia = tx.start(prospectos.PROCESO, prospecto.folio, {"prospecto_id": prospecto.id}, request_id=request_id)
    prospecto.instance_id = instancia.id
    tx.session.flush()
    tarea = prospectos.primera_tarea(tx, prospecto)
    if "ventas" not in tx.actor.groups:
        # It is a task of Ventas; a Gerente or Dirección who answered the telephone takes it on.
        tx.assign(tarea, tx.actor.id, reason="Nuevo contacto")
    return tx.complete(tarea, datos, request_id=request_id, raw=raw)


def publico(tx: Any, datos: Mapping[str, Any], *, request_id: str | None = None) -> Prospecto:
    """Public form «Contáctanos» (`forms/contactanos.form`, typed values): start and prefill; Ventas completes it.

    Raises Invalid without the aviso.
    """
    if not datos.get("acepto_aviso"):
        raise Invalid({"acepto_aviso": "Marque esta casilla para continuar."})
    antes = prospectos.prospecto_del_envio(tx.session, request_id)
    if antes is not None:
        return antes
    persona = Persona(
        nombre=datos["nombre"],
        tipo_persona=datos.get("tipo_persona") or "fisica",
        correo=datos.get("correo"),
        telefono=datos.get("telefono"),
    )
    prospecto = prospectos.abrir(tx, persona=persona, canal="web", origen="publico")
    prospecto.descripcion = datos["descripcion_breve"]
    prospecto.tipo_tentativo = datos.get("tipo_tentativo")
    prospecto.fecha_notificacion = datos.get("fecha_notificacion")
    if datos.get("contraparte"):
        tx.session.add(Parte(prospecto_id=prospecto.id, nombre=datos["contraparte"]))
    opuesto = bool(datos.get("oposicion_voluntarias"))
    privacidad.poner_aviso(Accion(tx, prospecto.folio), persona, medio_aviso="portal", medio="web", opuesto=opuesto)
    instancia = tx.start(prospectos.PROCESO, prospecto.folio, {"prospecto_id": prospecto.id}, request_id=request_id)
    prospecto.instance_id = instancia.id
    return prospecto


def respuesta(tx: Any, folio: str) -> None:
    """The prospect wrote back: the terms of «Resolver dudas» count anew (L5)."""
    prospecto = expediente.prospecto_de(tx.session, folio)
    paso = Accion(tx, folio)
    exigir(paso, "cliente", "ventas", "gerente", "direccion")
    anotar(paso, "contacto.respuesta", prospecto)
    paso.send("msg_respuesta_prospecto", folio, {"prospecto_id": prospecto.id})
