"""The action «Cambiar Gerente»: who leads a prospect, and supervises its matter (L29), hands it over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from tasks import acciones, asignacion, expediente
from tasks.acceso import exigir
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.registros import ESTADOS_ABIERTOS, ESTADOS_ACTIVOS, Asunto, Colaborador, Prospecto


def preparar(tx: Any, business_key: str) -> dict[str, Any]:
    """What the form «cambiar_gerente» shows: who leads now, what else they lead, and everybody else who could."""
    paso = Accion(tx, business_key)
    prospecto, asunto = _en_curso(paso)
    actual = expediente.gerente_de(paso.session, prospecto)
    otros = [uno for uno in expediente.del_grupo(paso.session, "gerente") if uno is not actual]
    return {
        "con_expediente": asunto is not None,
        "actual_nombre": actual.nombre if actual else "nadie en particular",
        "otros_asuntos": len(_los_demas(paso.session, actual, prospecto)),
        "gerentes": [{"value": uno.usuario, "label": uno.nombre} for uno in otros],
        "gerente_nuevo": otros[0].usuario if len(otros) == 1 else None,
    }


def cambiar(tx: Any, business_key: str, valores: dict[str, Any]) -> None:
    """Action of the Gerente or Dirección, from first contact to the end of the matter: the open user tasks follow at
    once, due dates kept.

    `valores`: gerente_nuevo, nota_entrega, todos (with it goes everything else that the Gerente leads).
    Raises NotAllowed, Conflict (it has ended), Invalid.
    """
    paso = Accion(tx, business_key)
    exigir(paso, "gerente", "direccion")
    prospecto, _asunto = _en_curso(paso)
    anterior = expediente.gerente_de(paso.session, prospecto)
    nuevo = paso.session.get(Colaborador, valores["gerente_nuevo"])
    if nuevo is None or not nuevo.activo or "gerente" not in nuevo.grupos:
        raise Invalid({"gerente_nuevo": "Elija a un Gerente activo."})
    if nuevo is anterior:
        raise Invalid({"gerente_nuevo": "Ya es el Gerente del asunto."})
    folios = [prospecto.folio, *(_los_demas(paso.session, anterior, prospecto) if valores.get("todos") else ())]
    # While they are still the matters of whoever hands them over: afterwards they may not touch them any more.
    if anterior is not None:
        asignacion.pasar_tareas(tx, paso, folios, anterior.usuario, nuevo.usuario, "gerente")
    for folio in folios:
        _entregar(tx, Accion(tx, folio), anterior, nuevo, valores.get("nota_entrega") or "")


def dirige(usuario: str) -> ColumnElement[bool]:
    """SQL, over Prospecto joined with its Asunto if it has one: in progress, and this person is its Gerente."""
    prospecto = and_(Prospecto.gerente_id == usuario, Prospecto.estado.in_(ESTADOS_ABIERTOS), Asunto.id.is_(None))
    return or_(prospecto, and_(Asunto.supervisor_id == usuario, Asunto.estado.in_(ESTADOS_ACTIVOS)))


def _los_demas(session: Session, gerente: Colaborador | None, prospecto: Prospecto) -> list[str]:
    if gerente is None:
        return []
    consulta = select(Prospecto.folio).outerjoin(Asunto, Asunto.prospecto_id == Prospecto.id)
    folios = session.scalars(consulta.where(dirige(gerente.usuario)).order_by(Prospecto.folio))
    return [folio for folio in folios if folio != prospecto.folio]


def _entregar(tx: Any, paso: Accion, anterior: Colaborador | None, nuevo: Colaborador, nota: str) -> None:
    prospecto, asunto = _en_curso(paso)
    if asunto is not None:
        de = anterior.nombre if anterior else "nadie en particular"
        acciones.nota(tx, paso.business_key, f"Nota de entrega de {de} a {nuevo.nombre}: {nota.strip()}")
        asunto.supervisor_id = nuevo.usuario
    prospecto.gerente_id = nuevo.usuario
    anotar(
        paso,
        "asunto.cambiar_gerente",
        asunto or prospecto,
        antes={"gerente": anterior.usuario if anterior else None},
        despues={"gerente": nuevo.usuario},
    )
    paso.session.flush()


def _en_curso(paso: Accion) -> tuple[Prospecto, Asunto | None]:
    prospecto = expediente.prospecto_de(paso.session, paso.business_key)
    asunto = expediente.asunto_de(paso.session, paso.business_key)
    if not (asunto.activo if asunto else prospecto.abierto):
        raise Conflict("El asunto ya terminó.", reason=(asunto or prospecto).estado)
    return prospecto, asunto
