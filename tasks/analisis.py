"""Stage 4 «Análisis del Caso» (L10–L13): the Gerente's analysis, and the meeting with the team when it is needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.handler import Context, user_task
from tasks import calendario as dias
from tasks import documentos, expediente, prospectos, reuniones
from tasks.contacto import CONTINUAR
from tasks.registros import Analisis, Colaborador, Oportunidad, Prospecto, Reunion
from tasks.registros.tipos import nuevo_id

RECOMENDACIONES = {"seguir": "seguir", "ajustar": "ajustar la estrategia", "no_tomar": "no tomar el caso"}


_CAMPOS = ("viabilidad", "estrategia", "complejidad", "cuantia", "riesgos", "probabilidad_exito", "horas_estimadas")
"""Columns of the analysis that its form fills."""
VIABILIDAD = {"alta": "Alta", "media": "Media", "baja": "Baja", "no_viable": "No viable"}


def vigente(prospecto: Prospecto) -> Analisis | None:
    """The latest version of the analysis."""
    return prospecto.analisis[-1] if prospecto.analisis else None


def _prepara(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    return {
        **prospectos.ficha(prospecto),
        "plazo_texto": prospectos.plazo_texto(ctx.session, prospecto),
        "reunion_texto": None,
        "es_actualizacion": False,
        "cuantia": prospecto.cuantia,
        "servicios_identificados": [],
    }


def _prepara_actualizacion(ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    datos = {**_prepara(ctx), "es_actualizacion": True, "reunion_texto": _resumen(ctx, prospecto)}
    anterior = vigente(prospecto)
    if anterior is not None:
        datos |= {campo: getattr(anterior, campo) for campo in _CAMPOS}
    datos["servicios_identificados"] = [
        {"servicio": o.servicio, "motivo": o.motivo, "prioridad": o.prioridad}
        for o in _oportunidades(ctx.session, prospecto)
    ]
    return datos


def _resumen(ctx: Context, prospecto: Prospecto) -> str | None:
    reunion = reuniones.ultima(ctx.session, prospecto, "equipo")
    if reunion is None or reunion.minuta is None:
        return None
    return f"recomienda {RECOMENDACIONES[reunion.minuta['recomendacion']]}. {reunion.minuta['conclusiones']}"


@user_task(
    "analisis.analizar",
    prepare=_prepara,
    reads=_CAMPOS,
    gives=("viabilidad", "complejidad", "cuantia", "requiere_equipo_manual", "resultado_etapa"),
)
def analizar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L11 (4.1): the analysis; its figures are what the table «Reunión con el equipo» reads."""
    manual = values["requiere_equipo_manual"]
    return {**_guardar(values, manual, ctx), "requiere_equipo_manual": manual}


@user_task(
    "analisis.actualizar",
    prepare=_prepara_actualizacion,
    reads=_CAMPOS,
    gives=("viabilidad", "complejidad", "cuantia", "resultado_etapa"),
)
def actualizar(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L13 (4.2): the analysis after the meeting, as its next version."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    anterior = vigente(prospecto)
    return _guardar(values, anterior.requiere_equipo_manual if anterior else "auto", ctx)


def _guardar(values: dict[str, Any], manual: str, ctx: Context) -> dict[str, Any]:
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    analisis = Analisis(
        version=len(prospecto.analisis) + 1,
        requiere_equipo_manual=manual,
        **{campo: values[campo] for campo in _CAMPOS},
    )
    prospecto.analisis.append(analisis)
    prospecto.cuantia = values["cuantia"]
    _poner_oportunidades(prospecto, values["servicios_identificados"], ctx)
    _dictamen(ctx, prospecto, analisis)
    return {
        "viabilidad": values["viabilidad"],
        "complejidad": values["complejidad"],
        "cuantia": values["cuantia"],
        "resultado_etapa": "no_viable" if values["viabilidad"] == "no_viable" else CONTINUAR,
    }


def _dictamen(ctx: Context, prospecto: Prospecto, analisis: Analisis) -> None:
    """L11: the analysis as a document of the firm; the client does not see it."""
    quien = ctx.session.get(Colaborador, ctx.actor.id)
    campos = ("probabilidad_exito", "complejidad", "cuantia", "horas_estimadas", "estrategia", "riesgos", "version")
    datos = {
        "asunto_texto": prospectos.asunto_texto(prospecto),
        "autoridad": prospecto.autoridad,
        "hechos": prospecto.hechos,
        "viabilidad": VIABILIDAD[analisis.viabilidad],
        "reunion": _resumen(ctx, prospecto),
        "plazo": prospectos.plazo_texto(ctx.session, prospecto),
        "elaboro": quien.presentacion if quien else ctx.actor.id,
        **{campo: getattr(analisis, campo) for campo in campos},
    }
    nombre = f"Dictamen {prospecto.folio} v{analisis.version}"
    documentos.generar(
        ctx, "dictamen", prospecto=prospecto, datos=datos, rubro="Dictamen", visible_cliente=False, nombre=nombre
    )


def _oportunidades(session: Session, prospecto: Prospecto) -> list[Oportunidad]:
    consulta = select(Oportunidad).where(
        Oportunidad.prospecto_id == prospecto.id, Oportunidad.etapa_deteccion == "analisis"
    )
    return list(session.scalars(consulta.order_by(Oportunidad.id)))


def _poner_oportunidades(prospecto: Prospecto, renglones: list[dict[str, Any]], ctx: Context) -> None:
    """L47: services the client could need too; the rows of this stage replace its earlier ones."""
    for anterior in _oportunidades(ctx.session, prospecto):
        ctx.session.delete(anterior)
    for renglon in renglones:
        ctx.session.add(
            Oportunidad(
                cliente_id=prospecto.persona_id,
                prospecto_id=prospecto.id,
                servicio=renglon["servicio"],
                motivo=renglon["motivo"],
                prioridad=renglon["prioridad"],
                etapa_deteccion="analisis",
            )
        )
    ctx.session.flush()


def _equipo(ctx: Context) -> dict[str, Any]:
    grupos = ("gerente", "asesor")
    gente = {c.usuario: c for grupo in grupos for c in expediente.del_grupo(ctx.session, grupo)}
    return {
        "equipo": [{"value": c.usuario, "label": c.presentacion} for c in gente.values()],
        "participantes_min": ctx.variables.get("participantes_min"),
        "motivo_reunion": ctx.variables.get("motivo_reunion"),
    }


@user_task("analisis.reunion_equipo", prepare=_equipo, gives=())
def reunion_equipo(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """L13 (4.2): the meeting took place; fewer participants than suggested are accepted and noted down."""
    prospecto = expediente.prospecto_de(ctx.session, ctx.business_key)
    id, inicio = nuevo_id(), dias.a_las(values["fecha"])
    minimo = ctx.variables.get("participantes_min") or 0
    responsable = ctx.session.get(Colaborador, ctx.actor.id)
    ctx.session.add(
        Reunion(
            id=id,
            uid=f"{id}@cauce",
            prospecto_id=prospecto.id,
            tipo="equipo",
            titulo="Reunión con el equipo",
            responsable_id=responsable.usuario if responsable else None,
            inicio=inicio,
            fin=inicio + timedelta(hours=1),
            asistentes=list(values["participantes"]),
            estado="celebrada",
            minuta={
                "conclusiones": values["conclusiones"],
                "recomendacion": values["recomendacion"],
                "faltaron_participantes": len(values["participantes"]) < minimo,
            },
        )
    )
    return {}
