"""Stage 2 «Conocimiento de la Problemática» (L6–L7): the meeting, what was learned in it, the legal deadline."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from engine.errors import Invalid
from engine.handler import Context, service_task, user_task
from tasks import calendario as dias
from tasks import catalogos, expediente, personas, plazos, prospectos, reuniones
from tasks.bitacora import anotar
from tasks.contacto import CONTINUAR, DelProspecto
from tasks.registros import Parte, Prospecto


class PlazoCalculado(BaseModel):
    plazo_urgente: bool


def _reunion(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    gerente = expediente.gerente_de(ctx.session, prospecto)
    return {**prospectos.ficha(prospecto), **reuniones.valores(ctx.session, prospecto, gerente)}


@user_task("conocimiento.programar_reunion", prepare=_reunion, gives=())
def programar_reunion(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L7 (2.1): Ventas arranges the meeting that the Gerente holds."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    gerente = values["gerente_id"]
    if not gerente:
        raise Invalid({"gerente_id": "Elija quién atiende la reunión."})
    reuniones.programar(ctx, prospecto, "cliente", values, gerente)
    prospecto.gerente_id, prospecto.estado = gerente, "en_reunion"
    return {}


@service_task("conocimiento.enviar_invitacion")
def enviar_invitacion(job: DelProspecto, ctx: Context) -> None:
    """L7 (2.1): invitation with the .ics and «Confirmar asistencia»."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    reunion = reuniones.ultima(ctx.session, prospecto, "cliente")
    if reunion is not None:
        reuniones.invitar(ctx, reunion, prospecto)


def _minuta(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    reunion = reuniones.ultima(ctx.session, prospecto, "cliente")
    return {
        **prospectos.ficha(prospecto),
        "reunion_texto": reuniones.texto(reunion) if reunion else "",
        "subtipos": [
            {"tipo": tipo, "value": subtipo, "label": f"{catalogos.TIPOS[tipo]}: {nombre}"}
            for tipo, subtipos in catalogos.SUBTIPOS.items()
            for subtipo, nombre in subtipos.items()
        ],
        "contrapartes": [{"nombre": p.nombre, "rfc": p.rfc, "calidad": p.calidad} for p in prospecto.partes],
        "fecha_notificacion": prospecto.fecha_notificacion,
    }


@user_task(
    "conocimiento.registrar_minuta",
    prepare=_minuta,
    gives=("resultado_minuta", "resultado_etapa", "tipo_procedimiento", "subtipo"),
)
def registrar_minuta(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """What the Gerente learned (L7); who does not come twice is closed, what is no matter of the firm is referred."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    if values["asistencia"] != "asistio":
        return _no_celebrada(prospecto, values["asistencia"], ctx)
    _cerrar_reunion(ctx, prospecto, "celebrada")
    prospecto.hechos, prospecto.pretension = values["hechos"], values["pretension"]
    prospecto.autoridad = values["autoridad"]
    prospecto.num_exp_autoridad = values["numero_expediente_autoridad"]
    prospecto.cuantia = values["cuantia"]
    prospecto.fecha_notificacion = values["fecha_notificacion"]
    prospecto.surte_efectos = values["surte_efectos"]
    _poner_partes(prospecto, values["contrapartes"], ctx)
    if values["tipo_procedimiento"] == "otro":
        prospecto.canalizar_a = values["canalizar_a"]
        return {"resultado_minuta": "no_sigue", "resultado_etapa": "no_es_competencia"}
    prospecto.tipo_procedimiento, prospecto.subtipo = values["tipo_procedimiento"], values["subtipo"]
    return {
        "tipo_procedimiento": prospecto.tipo_procedimiento,
        "subtipo": prospecto.subtipo,
        "resultado_minuta": "asistio",
        "resultado_etapa": CONTINUAR,
    }


def _no_celebrada(prospecto: Prospecto, asistencia: str, ctx: Context) -> dict[str, Any]:
    anotar(ctx, "reunion.no_celebrada", prospecto, despues={"asistencia": asistencia})
    if asistencia == "reprogramar":
        _cerrar_reunion(ctx, prospecto, "por_reprogramar")
        return {"resultado_minuta": "reprogramar"}
    # A missed meeting is over: the next one is another event.
    _cerrar_reunion(ctx, prospecto, "cancelada")
    prospecto.inasistencias += 1
    if prospecto.inasistencias < 2:
        return {"resultado_minuta": "reprogramar"}
    return {"resultado_minuta": "no_sigue", "resultado_etapa": "sin_respuesta"}


def _cerrar_reunion(ctx: Context, prospecto: Prospecto, estado: str) -> None:
    reunion = reuniones.ultima(ctx.session, prospecto, "cliente")
    if reunion is not None:
        reunion.estado = estado


def _poner_partes(prospecto: Prospecto, renglones: list[dict[str, Any]], ctx: Context) -> None:
    """The minuta says who the other parties are: its rows replace what was known before."""
    for parte in list(prospecto.partes):
        ctx.session.delete(parte)
    ctx.session.flush()
    ctx.session.expire(prospecto, ["partes"])
    for r in renglones:
        rfc = personas.limpiar_rfc(r["rfc"])
        prospecto.partes.append(Parte(nombre=r["nombre"], rfc=rfc, calidad=r["calidad"] or "contraparte"))
    ctx.session.flush()


@service_task("conocimiento.calcular_plazo")
def calcular_plazo(job: DelProspecto, ctx: Context) -> PlazoCalculado:
    """The deadline that the catalogue suggests (§5.4); the lawyer in charge verifies it."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    plazos.registrar_sugerido(ctx, prospecto)
    return PlazoCalculado(plazo_urgente=plazos.plazo_urgente(ctx.session, prospecto.id, dias.dia(ctx.now)))
