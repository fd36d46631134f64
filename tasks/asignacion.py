"""Stage 8 «Asignación de Asesor operativo» (L26–L29), and the action «Reasignar asesor»."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from engine.handler import Context, service_task, user_task
from tasks import ausencias, correo, expediente
from tasks import calendario as dias
from tasks.acceso import ahora, exigir
from tasks.bitacora import anotar
from tasks.paso import Accion, Nada, Paso
from tasks.registros import ESTADOS_ACTIVOS, Asesor, AsignacionHistorial, Asunto, Avance, Colaborador

NIVELES = ("junior", "semi_senior", "senior")
"""From the lowest to the highest."""
NOMBRE_NIVEL = {"junior": "junior", "semi_senior": "semi sénior", "senior": "sénior"}
_NUNCA = datetime(1970, 1, 1, tzinfo=UTC)


class Requisitos(BaseModel):
    """Outputs of D7 «Asignación de asesor operativo»."""

    especialidad: str
    max_asuntos: Decimal
    nivel_minimo: str


class Propuesto(BaseModel):
    asesor_propuesto: str | None
    """None: «Sin asesor disponible»."""


@service_task("asignacion.proponer")
def proponer(job: Requisitos, ctx: Context) -> Propuesto:
    """L27: the proposal by the rule of §1.8."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    return Propuesto(asesor_propuesto=elegir(ctx.session, job, asunto))


def elegir(session: Session, requisitos: Requisitos, asunto: Asunto, excepto: str | None = None) -> str | None:
    """Active, available, here, of the speciality and level, below the limit, without conflict; fewest active matters
    first, then the longest without an assignment (§1.8). None: «Sin asesor disponible»."""
    carga, ultimas = asuntos_activos(session), _ultimas_asignaciones(session)
    conflictos = _apartados(session, asunto) | ausencias.ausentes(session, ahora(session)).keys()
    minimo = NIVELES.index(requisitos.nivel_minimo)
    aptos = [
        asesor.usuario
        for asesor in session.scalars(select(Asesor).join(Asesor.colaborador).where(Colaborador.activo))
        if asesor.disponible
        and asesor.usuario not in conflictos
        and asesor.usuario != excepto
        and requisitos.especialidad in asesor.especialidades
        and NIVELES.index(asesor.nivel) >= minimo
        and carga.get(asesor.usuario, 0) < requisitos.max_asuntos
    ]
    return min(aptos, key=lambda u: (carga.get(u, 0), ultimas.get(u, _NUNCA), u), default=None)


def asuntos_activos(session: Session) -> dict[str, int]:
    """Active matters of each advisor."""
    consulta = select(Asunto.asesor_id, func.count()).where(Asunto.estado.in_(ESTADOS_ACTIVOS))
    filas = session.execute(consulta.where(Asunto.asesor_id.is_not(None)).group_by(Asunto.asesor_id))
    return {usuario: cuantos for usuario, cuantos in filas if usuario}


def _ultimas_asignaciones(session: Session) -> dict[str, datetime]:
    consulta = select(AsignacionHistorial.asesor_nuevo, func.max(AsignacionHistorial.fecha))
    filas = session.execute(consulta.group_by(AsignacionHistorial.asesor_nuevo))
    return {fila[0]: fila[1] for fila in filas}


def _apartados(session: Session, asunto: Asunto) -> set[str]:
    """Advisors who left a matter of this client because of a conflict of interest."""
    consulta = (
        select(AsignacionHistorial.asesor_anterior)
        .join(Asunto, Asunto.id == AsignacionHistorial.asunto_id)
        .where(Asunto.cliente_id == asunto.cliente_id, AsignacionHistorial.motivo == "conflicto")
    )
    return {usuario for usuario in session.scalars(consulta) if usuario}


def opciones(session: Session, excepto: str | None = None) -> list[dict[str, str]]:
    """Active advisors to choose from, each with what speaks for it: level, specialities, load."""
    carga, ausentes = asuntos_activos(session), ausencias.ausentes(session, ahora(session))
    asesores = session.scalars(
        select(Asesor).join(Asesor.colaborador).where(Colaborador.activo).order_by(Colaborador.nombre)
    )
    return [
        {
            "value": a.usuario,
            "label": f"{a.colaborador.nombre} ({NOMBRE_NIVEL[a.nivel]}; {', '.join(a.especialidades)}; "
            f"{carga.get(a.usuario, 0)} activos{_reparo(a, a.usuario in ausentes)})",
        }
        for a in asesores
        if a.usuario != excepto
    ]


def _reparo(asesor: Asesor, ausente: bool) -> str:
    """Why the rule does not propose this advisor."""
    if ausente:
        return "; ausente"
    return "" if asesor.disponible else "; no disponible"


def _ofrecer(ctx: Context) -> dict[str, Any]:
    propuesto = ctx.variables.get("asesor_propuesto")
    requisitos = ctx.variables.get("asignacion") or {}
    colaborador = ctx.session.get(Colaborador, propuesto) if propuesto else None
    return {
        "propuesto": propuesto,
        "propuesto_nombre": colaborador.nombre if colaborador else None,
        "especialidad_texto": requisitos.get("especialidad") or "",
        "carga_texto": f"{asuntos_activos(ctx.session).get(propuesto or '', 0)} asuntos activos",
        "asesores": opciones(ctx.session),
        "asesor_id": propuesto,
    }


@user_task("asignacion.asignar", prepare=_ofrecer, gives=())
def asignar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L28, L29: the Gerente confirms or changes the proposal, and supervises."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    propuesto = ctx.variables.get("asesor_propuesto")
    _revisar(ctx, values["asesor_id"], propuesto, values.get("justificacion"))
    asunto.asesor_id = values["asesor_id"]
    asunto.supervisor_id = asunto.prospecto.gerente_id or (ctx.actor.id if "gerente" in ctx.actor.groups else None)
    asunto.pasar_a("asignado")
    _historiar(ctx, asunto, None, propuesto, justificacion=values.get("justificacion"))
    return {}


@service_task("asignacion.avisar")
def avisar(job: Nada, ctx: Context) -> None:
    """Internal mail to the new advisor."""
    asunto = expediente.asunto(ctx.session, ctx.business_key)
    asesor = expediente.asesor_de(ctx.session, asunto.prospecto)
    if asesor is not None:
        correo.enviar(
            ctx, "cor_08_asignacion", a=asesor, datos={"reasignado": False}, enlace=f"/asuntos/{ctx.business_key}"
        )


def preparar_reasignacion(tx: Any, business_key: str) -> dict[str, Any]:
    """What the form «reasignar_asesor» shows; the present advisor is excluded from the proposal."""
    paso = Accion(tx, business_key)
    asunto = expediente.asunto(paso.session, business_key)
    actual = expediente.asesor_de(paso.session, asunto.prospecto)
    propuesto = _proponer_otro(tx, asunto)
    colaborador = paso.session.get(Colaborador, propuesto) if propuesto else None
    return {
        "actual_nombre": actual.nombre if actual else "sin asignar",
        "propuesto": propuesto,
        "propuesto_nombre": colaborador.nombre if colaborador else None,
        "asesores": opciones(paso.session, asunto.asesor_id),
        "asesor_nuevo": propuesto,
    }


def reasignar(tx: Any, business_key: str, valores: dict[str, Any]) -> None:
    """Action of the Gerente, any time from stage 8 on (§1.8): open user tasks follow at once, due dates kept; the
    client is told. Raises NotAllowed, Conflict (before stage 8, after the end), Invalid."""
    paso = Accion(tx, business_key)
    exigir(paso, "gerente", "direccion")
    asunto = expediente.asunto(paso.session, business_key)
    anterior = asunto.asesor_id
    if anterior is None or not asunto.activo:
        raise Conflict("El asunto no tiene un asesor que se pueda cambiar.", reason=asunto.estado)
    nuevo = valores["asesor_nuevo"]
    if nuevo == anterior:
        raise Invalid({"asesor_nuevo": "Ya es el asesor del asunto."})
    propuesto = _proponer_otro(tx, asunto)
    _revisar(paso, nuevo, propuesto, valores.get("justificacion"), campo="asesor_nuevo")
    asunto.asesor_id = nuevo
    otros = {clave: valores.get(clave) for clave in ("justificacion", "motivo", "nota_entrega")}
    _historiar(paso, asunto, anterior, propuesto, **otros)
    _entregar(tx, paso, asunto, anterior, valores["nota_entrega"])
    asesor = paso.session.get(Colaborador, nuevo)
    assert asesor is not None
    correo.avisar_cliente(paso, "cor_10_cambio_asesor", asunto.cliente, enlace="expediente")
    correo.enviar(paso, "cor_08_asignacion", a=asesor, datos={"reasignado": True}, enlace=f"/asuntos/{business_key}")


def _entregar(tx: Any, paso: Accion, asunto: Asunto, anterior: str, nota: str) -> None:
    """The new advisor finds the note in the file, and gets the open user tasks."""
    saliente = paso.session.get_one(Colaborador, anterior)
    texto, hoy = f"Nota de entrega de {saliente.nombre}: {nota.strip()}", dias.dia(paso.now)
    paso.session.add(Avance(asunto_id=asunto.id, fecha=hoy, actuacion="otra", nota_interna=texto, autor=paso.actor.id))
    paso.session.flush()
    assert asunto.asesor_id is not None
    pasar_tareas(tx, paso, [paso.business_key], anterior, asunto.asesor_id, "asesor")


def pasar_tareas(tx: Any, paso: Accion, folios: Collection[str], de: str, a: str, grupo: str) -> None:
    """Hand over the open user tasks of these matters, and of what hangs below them, that somebody has in this role, or
    their substitute has meanwhile. Due dates stay."""
    suplente = ausencias.suplente_de(paso.session, de, paso.now)
    de_quienes = (de, suplente.usuario) if suplente else (de,)
    for tarea in paso.session.execute(ausencias.tareas_abiertas(*de_quienes)).all():
        # A substitute has work of their own, and one person may be advisor and Gerente at once.
        if expediente.raiz(tarea.business_key) in folios and grupo in tarea.candidate_groups:
            tx.assign(tarea.id, a)


def _proponer_otro(tx: Any, asunto: Asunto) -> str | None:
    entradas = {"tipo_procedimiento": asunto.tipo, "subtipo": asunto.subtipo}
    requisitos = Requisitos.model_validate(tx.decide("asignacion_asesor", entradas).outputs)
    return elegir(tx.session, requisitos, asunto, excepto=asunto.asesor_id)


def _revisar(
    paso: Paso, elegido: str, propuesto: str | None, justificacion: str | None, campo: str = "asesor_id"
) -> None:
    asesor = paso.session.get(Asesor, elegido)
    if asesor is None or not asesor.colaborador.activo:
        raise Invalid({campo: "Elija a un asesor activo."})
    if elegido != propuesto and not (justificacion or "").strip():
        raise Invalid({"justificacion": "Diga por qué se elige a alguien distinto del propuesto."})


def _historiar(paso: Paso, asunto: Asunto, anterior: str | None, propuesto: str | None, **otros: Any) -> None:
    assert asunto.asesor_id is not None
    paso.session.add(
        AsignacionHistorial(
            asunto_id=asunto.id,
            asesor_anterior=anterior,
            asesor_nuevo=asunto.asesor_id,
            propuesto=propuesto,
            fecha=paso.now,
            **otros,
        )
    )
    anotar(paso, "asunto.asignar", asunto, antes={"asesor": anterior}, despues={"asesor": asunto.asesor_id})
    paso.session.flush()
