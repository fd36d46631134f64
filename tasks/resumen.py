"""The daily digest: one mail per person of what is due by tomorrow or overdue, 09:00 of each business day (§1.14)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.handler import Context, service_task
from engine.storage import tables
from engine.values import Actor
from tasks import ausencias, correo, expediente
from tasks import calendario as dias
from tasks.acceso import Acceso
from tasks.paso import Accion
from tasks.registros import Asunto, Colaborador, Prospecto

CLAVE = "resumen/diario"
_t = tables.user_task.c


class Diario(BaseModel):
    pass


def programar(tx: Any) -> None:
    """Have the digest come every business day from the next one on; to be called at set-up, repeating changes nothing
    but the next moment. `tx`: the transaction of `engine.transaction`."""
    _siguiente(Accion(tx, ""))


@service_task("resumen.enviar")
def enviar(job: Diario, ctx: Context) -> None:
    """Write to everybody who has something due, then wait for the next business day."""
    hasta = dias.vence(ctx.session, ctx.now, 1)
    for quien in ctx.session.scalars(select(Colaborador).where(Colaborador.activo).order_by(Colaborador.usuario)):
        tareas = pendientes(ctx.session, quien, hasta, ctx.now)
        if tareas:
            datos = {"tareas": [_fila(ctx.session, tarea, ctx.now) for tarea in tareas], "cuantas": len(tareas)}
            correo.enviar(ctx, "cor_00_resumen", a=quien, datos=datos, enlace="/bandeja")
    _siguiente(ctx)


def pendientes(session: Session, quien: Colaborador, hasta: datetime, ahora: datetime) -> list[Any]:
    """Open user tasks due until then that are this person's, or nobody's in one of their groups; first due first."""
    actor = Actor(quien.usuario, ausencias.grupos_de(session, quien, ahora))
    consulta = (
        select(_t.name, _t.business_key, _t.due, _t.assignee, _t.candidate_groups)
        .where(_t.state == "open", _t.due <= hasta, Acceso().visible(actor, _t.business_key, ahora))
        .where((_t.assignee == quien.usuario) | _t.assignee.is_(None))
        .order_by(_t.due, _t.id)
    )
    return [fila for fila in session.execute(consulta) if fila.assignee or actor.groups & set(fila.candidate_groups)]


def _fila(session: Session, tarea: Any, ahora: datetime) -> dict[str, Any]:
    folio = session.scalar(
        select(Asunto.folio).join(Asunto.prospecto).where(Prospecto.folio == expediente.raiz(tarea.business_key))
    )
    return {
        "nombre": tarea.name,
        "folio": folio or expediente.raiz(tarea.business_key),
        "vence": tarea.due,
        "vencida": tarea.due <= ahora,
    }


def _siguiente(paso: Any) -> None:
    cuando = dias.recordatorio(paso.session, paso.now, 1)
    paso.schedule("resumen.enviar", cuando, CLAVE)
