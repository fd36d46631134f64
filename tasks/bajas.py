"""Somebody leaves the firm: what they had taken goes back to the groups that it is for, as `responsable` says."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from engine.handler import Context, service_task
from tasks import ausencias
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import Colaborador


class DeColaborador(BaseModel):
    usuario: str


def dar_de_baja(tx: Any, colaborador: Colaborador) -> None:
    """The person is not active any more. Matters are handed over before: nobody but people can say to whom."""
    paso = Accion(tx, "")
    colaborador.activo = False
    anotar(paso, "personas.desactivar", despues={"usuario": colaborador.usuario})
    usuario = colaborador.usuario
    paso.schedule("colaborador.devolver_tareas", paso.now, f"colaborador/{usuario}/tareas", {"usuario": usuario})


@service_task("colaborador.devolver_tareas")
def devolver_tareas(job: DeColaborador, ctx: Context) -> None:
    """Nobody's any more, open to everybody of its groups."""
    colaborador = ctx.session.get_one(Colaborador, job.usuario)
    if colaborador.activo:
        return
    for tarea in ctx.session.execute(ausencias.tareas_abiertas(job.usuario)).all():
        ctx.assign(tarea.id, None, f"{colaborador.nombre} ya no está en el despacho")
