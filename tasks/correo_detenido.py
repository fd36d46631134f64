"""A mail that could not be delivered: who is told, try again, or note that the person was told in another way (§1.12).

After three repeats its job is an incident. The people who look after the matter see it here, not only the operator.
A mail has a job of its own, `correo/<id>`; the notice of the start (L31) is delivered by its own service task.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, false, func, literal, or_, select, true, type_coerce
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid, NotFound
from engine.storage import tables
from engine.values import SYSTEM, Actor
from tasks import acceso
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import Asunto, Correo, Prospecto

_job = tables.job.c
_TAREAS = {"arranque.notificar": "cor_09_arranque"}
"""Topic of a service task that delivers a mail itself → the mail's template."""
_DE_DINERO = ("cor_liquidacion", "cor_11_cobranza")
"""Mails about money besides cor_07_…: Cobranza answers for them, and reads them."""


def visibles(actor: Actor, ahora: datetime) -> ColumnElement[bool]:
    """SQL over Correo: what this person may read. As `acceso.secciones` with «correos», and for Cobranza the mails
    about money of accepted matters; mails of no matter for Dirección and who repairs."""
    if actor == SYSTEM or "direccion" in actor.groups:
        return true()
    con_asunto = (
        select(literal(1))
        .select_from(Prospecto)
        .join(Asunto, Asunto.prospecto_id == Prospecto.id)
        .where(Prospecto.folio == acceso.raiz_clave(Correo.business_key))
        .exists()
    )
    leen: list[ColumnElement[bool]] = []
    if "operador" in actor.groups:
        leen.append(Correo.business_key.is_(None))
    if propios := actor.groups & {"gerente", "asesor"}:
        leen.append(acceso.Acceso().visible(Actor(actor.id, propios), type_coerce(Correo.business_key, String), ahora))
    if "ventas" in actor.groups:
        # After the acceptance Ventas keeps client and contact, not the file (§5.5).
        leen.append(and_(Correo.business_key.is_not(None), ~con_asunto))
    if "cobranza" in actor.groups:
        de_dinero = or_(Correo.plantilla.startswith("cor_07_", autoescape=True), Correo.plantilla.in_(_DE_DINERO))
        leen.append(and_(de_dinero, con_asunto))
    return or_(*leen) if leen else false()


def puede_leer(session: Session, actor: Actor, correo: Correo) -> bool:
    """Whether this person may read this mail."""
    consulta = (
        select(literal(1)).select_from(Correo).where(Correo.id == correo.id, visibles(actor, acceso.ahora(session)))
    )
    return bool(session.scalar(consulta))


def detenidos() -> ColumnElement[bool]:
    """SQL over Correo: all repeats of its delivery have failed."""
    fallidos = select(func.substr(_job.key, len("correo/") + 1)).where(
        _job.state == "failed", _job.topic == "correo.entregar"
    )
    de_tareas = [
        and_(
            Correo.plantilla == plantilla,
            Correo.business_key.in_(select(_job.business_key).where(_job.state == "failed", _job.topic == tema)),
        )
        for tema, plantilla in _TAREAS.items()
    ]
    return and_(Correo.estado == "en_cola", or_(Correo.id.in_(fallidos), *de_tareas))


def pendientes(session: Session, actor: Actor, limite: int = 20) -> Sequence[Correo]:
    """Mails that wait for this person: stuck, and theirs to read."""
    consulta = (
        select(Correo)
        .where(detenidos(), visibles(actor, acceso.ahora(session)))
        .order_by(Correo.id.desc())
        .limit(limite)
    )
    return session.scalars(consulta).all()


def esta_detenido(session: Session, correo: Correo) -> bool:
    """Whether the delivery of this mail has been given up."""
    return correo.estado == "en_cola" and _trabajo(session, correo) is not None


def motivo(session: Session, correo: Correo) -> str:
    """What the mail server said last."""
    return session.scalar(select(_job.error).where(_job.id == _trabajo(session, correo))) or ""


def reintentar(tx: Any, correo_id: str) -> None:
    """Action «Reintentar»: the delivery begins anew, with all its repeats. Raises NotFound, or Conflict when the
    mail is not stuck."""
    correo = _detenido(tx, correo_id)
    tx.retry(_fallido(tx, correo), reason="Reintentar")


def avisado(tx: Any, correo_id: str, medio: str) -> None:
    """Action «Avisado por otro medio»: the mail is not sent any more, its incident is closed. `medio`: how and when the
    person was told, for the log. Raises Invalid at `medio`, and as `reintentar`."""
    correo, medio = _detenido(tx, correo_id), " ".join(medio.split())
    if not medio:
        raise Invalid({"medio": "Diga cómo y cuándo avisó."})
    correo.estado, correo.error = "avisado_otro_medio", medio
    anotar(Accion(tx, correo.business_key or ""), "correo.avisado_otro_medio", correo, despues={"medio": medio})
    tx.flush()
    # The job runs once more, finds nothing to deliver, and is done.
    tx.retry(_fallido(tx, correo), reason=f"Avisado por otro medio: {medio}")


def _detenido(tx: Any, correo_id: str) -> Correo:
    correo: Correo | None = tx.session.get(Correo, correo_id)
    if correo is None or not puede_leer(tx.session, tx.actor, correo):
        raise NotFound("No existe el correo.")
    if correo.estado != "en_cola":
        raise Conflict("Este correo ya no espera.", reason=correo.estado)
    return correo


def _fallido(tx: Any, correo: Correo) -> str:
    encontrado = _trabajo(tx.session, correo)
    if encontrado is None:
        raise Conflict("Este correo todavía se está intentando enviar.", reason="due")
    return encontrado


def _trabajo(session: Session, correo: Correo) -> str | None:
    """The job that failed to deliver it."""
    suyo = _job.key == f"correo/{correo.id}"
    temas = [tema for tema, plantilla in _TAREAS.items() if plantilla == correo.plantilla]
    if temas:
        suyo = or_(suyo, and_(_job.topic.in_(temas), _job.business_key == correo.business_key))
    return session.scalar(select(_job.id).where(suyo, _job.state == "failed"))
