"""Stage 5 «Propuesta de servicios» (L14–L16): the Gerente writes a version, somebody else approves exactly that one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from engine.errors import Conflict, Invalid, NotAllowed
from engine.handler import Context, service_task, user_task
from tasks import ajustes, correo, documentos, expediente, formato, personas, plazos, propuestas, prospectos
from tasks import calendario as dias
from tasks.bitacora import anotar
from tasks.contacto import CONTINUAR, DelProspecto
from tasks.folios import siguiente_folio
from tasks.registros import Propuesta, Prospecto

TIPOS_DE_CLIENTE = {
    "nuevo": "nuevo",
    "recurrente": "recurrente",
    "preferente": "preferente",
    "institucional": "institucional",
    "con_adeudo": "con adeudo",
}


class DeLaPropuesta(BaseModel):
    propuesta_id: str


class DatosDelCliente(BaseModel):
    """Inputs of the table «Tipo de cliente»."""

    clasificacion_manual: str | None
    vencido_dias_max: Decimal
    convenio: bool
    cerrados: Decimal


@service_task("propuesta.reunir_datos")
def reunir_datos(job: DelProspecto, ctx: Context) -> DatosDelCliente:
    """L25: what the firm's records know of this client."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    prospecto.estado = "en_propuesta"
    return DatosDelCliente(**personas.entradas_tipo_cliente(ctx.session, prospecto.persona, dias.dia(ctx.now)))


def _prepara(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    todas = propuestas.versiones(ctx.session, prospecto)
    anterior = todas[-1] if todas else None
    tipo = str(ctx.variables.get("tipo_cliente") or "")
    sugerido = {
        "primera_factura_pct": _esquema(ctx, "primera_factura_pct"),
        "dias_credito": _esquema(ctx, "dias_credito"),
    }
    return {
        **prospectos.ficha(prospecto),
        "tipo_cliente_texto": TIPOS_DE_CLIENTE.get(tipo, tipo),
        "primera_factura_sugerida": sugerido["primera_factura_pct"],
        "dias_credito_sugeridos": sugerido["dias_credito"],
        "iva_pct": ajustes.ajuste(ctx.session, "iva_pct"),
        "comentarios_aprobacion": anterior.comentarios_aprobacion if anterior else None,
        "comentarios_cliente": anterior.comentarios_cliente if anterior else None,
        **_vigencia_posible(ctx, prospecto),
        **sugerido,
        "vigencia_dh": ajustes.ajuste(ctx.session, "vigencia_dh"),
        **(_valores(anterior) if anterior else propuestas.plantilla(ctx.session, prospecto.subtipo)),
    }


def _esquema(ctx: Context, campo: str) -> Decimal | None:
    esquema = ctx.variables.get("esquema")
    return esquema.get(campo) if isinstance(esquema, dict) else None


def _valores(anterior: Propuesta) -> dict[str, Any]:
    """A new version starts from the one before."""
    campos = ("honorarios", "gastos_estimados", "descuento_pct", "primera_factura_pct", "dias_credito", "vigencia_dh")
    return {
        **{clave: anterior.contenido.get(clave) for clave in propuestas.TEXTOS},
        **{campo: getattr(anterior, campo) for campo in (*campos, "sesion", "justificacion")},
    }


def _vigencia_posible(ctx: Context, prospecto: Prospecto) -> dict[str, Any]:
    """How long an offer sent today could hold before a legal deadline ends it: the author is warned (§1.5)."""
    vivos = plazos.fatales_vivos(ctx.session, prospecto.id)
    if not vivos:
        return {"plazo_texto": None, "vigencia_maxima_dh": None, "vigencia_limite_texto": None}
    limite = plazos.limite_espera(ctx.session, prospecto.id, ctx.now, 30)
    habiles = dias.calendario(ctx.session).entre(dias.dia(ctx.now), dias.dia(limite))
    # A limit at 09:00 does not let its own day count.
    completo = limite.astimezone(dias.ZONA).time() >= dias.CIERRE
    return {
        "plazo_texto": prospectos.plazo_texto(ctx.session, prospecto),
        "vigencia_maxima_dh": Decimal(habiles if completo else habiles - 1),
        "vigencia_limite_texto": formato.momento(limite),
    }


@user_task(
    "propuesta.elaborar",
    prepare=_prepara,
    reads=propuestas.TEXTOS,
    gives=("propuesta_id", "honorarios", "primera_factura_pct", "dias_credito", "sesion"),
)
def elaborar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L15 (5.1): the next version, immutable from here on; its content's hash is what gets approved (A2)."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    pct = _o(values["primera_factura_pct"], _esquema(ctx, "primera_factura_pct"), "primera_factura_pct")
    credito = _o(values["dias_credito"], _esquema(ctx, "dias_credito"), "dias_credito")
    justificacion = values.get("justificacion")
    if pct != _esquema(ctx, "primera_factura_pct") and not justificacion:
        raise Invalid({"justificacion": "Explique por qué la primera factura no es la de la tabla."})
    tope: Decimal = ajustes.ajuste(ctx.session, "descuento_max_pct")
    if values["descuento_pct"] > tope:
        raise Invalid({"descuento_pct": f"El descuento máximo es {formato.porcentaje(tope)} %."})
    todas = propuestas.versiones(ctx.session, prospecto)
    cifras = propuestas.importes(ctx.session, values["honorarios"], values["descuento_pct"], prospecto.persona)
    version = Propuesta(
        folio=todas[-1].folio if todas else siguiente_folio(ctx.session, "PROP", dias.dia(ctx.now).year),
        version=len(todas) + 1,
        prospecto_id=prospecto.id,
        contenido={clave: values[clave] for clave in propuestas.TEXTOS},
        honorarios=values["honorarios"],
        gastos_estimados=values["gastos_estimados"],
        descuento_pct=values["descuento_pct"],
        honorarios_netos=cifras.netos,
        iva=cifras.iva,
        retenciones=cifras.retenciones,
        total=cifras.total,
        primera_factura_pct=pct,
        dias_credito=int(credito),
        justificacion=justificacion,
        vigencia_dh=int(values["vigencia_dh"]),
        sesion=values["sesion"],
        estado="en_aprobacion",
        autor=ctx.actor.id,
    )
    version.prospecto = prospecto
    ctx.session.add(version)
    ctx.session.flush()
    version.contenido_sha256 = propuestas.sello(version)
    anotar(ctx, "propuesta.elaborar", version, despues={"version": version.version, "total": version.total})
    return {
        "propuesta_id": version.id,
        "primera_factura_pct": pct,
        "dias_credito": credito,
        "sesion": version.sesion,
        "honorarios": version.honorarios_netos,
    }


def _o(valor: Decimal | None, sugerido: Decimal | None, campo: str) -> Decimal:
    """What was typed, else what the table suggests."""
    elegido = valor if valor is not None else sugerido
    if elegido is None:
        raise Invalid({campo: "Este campo es obligatorio."})
    return elegido


@service_task("propuesta.generar_pdf")
def generar_pdf(job: DeLaPropuesta, ctx: Context) -> None:
    """The document of this version, hidden from the client until it is sent; tells who may approve it."""
    version = propuestas.buscar(ctx.session, job.propuesta_id)
    documento = documentos.generar(
        ctx,
        "propuesta",
        prospecto=version.prospecto,
        datos=propuestas.impresion(ctx.session, version),
        rubro="Propuesta de servicios",
        visible_cliente=False,
        nombre=f"{version.folio} v{version.version}",
    )
    version.documento_id = documento.id
    _pedir_aprobacion(ctx, version, "nueva")


def _pedir_aprobacion(ctx: Context, version: Propuesta, motivo: str) -> None:
    """`cor_05_aprobacion` to everybody who may approve it (A1); not to its author, who may not."""
    datos = {**propuestas.textos(ctx.session, version), "cliente": version.prospecto.persona.nombre, "motivo": motivo}
    direccion = expediente.del_grupo(ctx.session, "direccion")
    quienes = dict.fromkeys([*direccion, *propuestas.gerentes_que_aprueban(ctx, version)])
    solo_otros = ajustes.ajuste(ctx.session, "cuatro_ojos")
    for quien in quienes:
        if not (solo_otros and quien.usuario == version.autor):
            correo.enviar(ctx, "cor_05_aprobacion", a=quien, datos=datos)


def _por_aprobar(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    version = propuestas.vigente(ctx.session, prospecto)
    limite = propuestas.vigencia(ctx.session, version, ctx.now)
    return {
        **prospectos.ficha(prospecto),
        **propuestas.textos(ctx.session, version),
        "vigencia_texto": f"{version.vigencia_dh} días hábiles; enviada hoy, hasta el {formato.momento(limite)}",
        "plazo_texto": prospectos.plazo_texto(ctx.session, prospecto),
        "documento_enlace": propuestas.enlace(ctx.session, version),
        "es_autor": ctx.actor.id == version.autor and ajustes.ajuste(ctx.session, "cuatro_ojos"),
        "aprueba_propia": ctx.actor.id == version.autor and not ajustes.ajuste(ctx.session, "cuatro_ojos"),
    }


@user_task("propuesta.aprobar", prepare=_por_aprobar, gives=("decision_aprobacion", "resultado_etapa"))
def aprobar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L16 (5.2): approve, send back or refuse. With `cuatro_ojos` never by the author (A1)."""
    version = propuestas.buscar(ctx.session, str(ctx.variables["propuesta_id"]))
    if ctx.actor.id == version.autor and ajustes.ajuste(ctx.session, "cuatro_ojos"):
        raise NotAllowed("Quien elaboró la propuesta no puede aprobarla.", reason="cuatro_ojos")
    if version.estado != "en_aprobacion" or version.contenido_sha256 != propuestas.sello(version):
        raise Conflict("La propuesta cambió después de enviarse a aprobación.", reason="stale")
    decision = values["decision"]
    version.comentarios_aprobacion = values["comentarios"]
    if decision == "aprobar":
        version.estado, version.aprobador, version.aprobada = "aprobada", ctx.actor.id, ctx.now
    else:
        version.estado = "devuelta" if decision == "devolver" else "rechazada"
    anotar(ctx, f"propuesta.{decision}", version, despues={**values, "sha256": version.contenido_sha256})
    return {
        "decision_aprobacion": decision,
        "resultado_etapa": "rechazado_interno" if decision == "rechazar" else CONTINUAR,
    }


@service_task("propuesta.recordar_aprobacion")
def recordar_aprobacion(job: DeLaPropuesta, ctx: Context) -> None:
    """One dh without a decision."""
    version = propuestas.buscar(ctx.session, job.propuesta_id)
    _pedir_aprobacion(ctx, version, "recordatorio")


@service_task("propuesta.escalar_aprobacion")
def escalar_aprobacion(job: DeLaPropuesta, ctx: Context) -> None:
    """Three dh without a decision: all of Dirección are told."""
    version = propuestas.buscar(ctx.session, job.propuesta_id)
    texto = (
        f"{version.folio} v{version.version} de {version.prospecto.persona.nombre} lleva 3 días hábiles sin decisión."
    )
    datos = {"titulo": "Propuesta sin aprobar", "texto": texto, "datos": [], "accion": "Abrir el asunto"}
    correo.enviar_a_grupo(ctx, "cor_00_escalamiento", "direccion", datos=datos)
