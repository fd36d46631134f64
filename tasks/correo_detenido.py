"""A mail that could not be delivered: try again, or note that the person was told in another way (§1.12)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.errors import Conflict, NotFound
from engine.storage import tables
from tasks import acceso
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import Correo


def reintentar(tx: Any, correo_id: str) -> None:
    """Action «Reintentar»: the delivery begins anew, with all its repeats. Raises NotFound, or Conflict when the
    mail is not stuck."""
    correo = _detenido(tx, correo_id)
    tx.retry(_trabajo(tx, correo), reason="Reintentar")


def avisado(tx: Any, correo_id: str, medio: str) -> None:
    """Action «Avisado por otro medio»: the mail is not sent any more, its incident is closed. `medio`: how and when the
    person was told, for the log. Raises as `reintentar`."""
    correo = _detenido(tx, correo_id)
    correo.estado, correo.error = "avisado_otro_medio", medio
    anotar(Accion(tx, correo.business_key or ""), "correo.avisado_otro_medio", correo, despues={"medio": medio})
    tx.flush()
    # The job runs once more, finds nothing to deliver, and is done.
    tx.retry(_trabajo(tx, correo), reason=f"Avisado por otro medio: {medio}")


def _detenido(tx: Any, correo_id: str) -> Correo:
    correo: Correo | None = tx.session.get(Correo, correo_id)
    if correo is None or not _puede_leer(tx, correo):
        raise NotFound("No existe el correo.")
    if correo.estado != "en_cola":
        raise Conflict("Este correo ya no espera.", reason=correo.estado)
    return correo


def _puede_leer(tx: Any, correo: Correo) -> bool:
    if correo.business_key is None:
        return bool(tx.actor.groups & {"direccion", "operador"})
    partes = acceso.secciones(tx.session, tx.actor, correo.business_key)
    return bool(partes & {"correos", "proceso"})


def _trabajo(tx: Any, correo: Correo) -> str:
    """The job that failed to deliver it."""
    job = tables.job.c
    consulta = select(job.id).where(job.key == f"correo/{correo.id}", job.state == "failed")
    encontrado: str | None = tx.session.scalar(consulta)
    if encontrado is None:
        raise Conflict("Este correo todavía se está intentando enviar.", reason="due")
    return encontrado
