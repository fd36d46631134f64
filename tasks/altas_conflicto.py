"""The conflict-of-interest check of «Alta de asunto en curso»: that of a new contact, before the matter comes in.

A matter that enters in the middle of the process has passed by «Verificar conflicto» and «Resolver conflicto» (§1.1);
so whoever registers it rules here: hits are shown, and only a reason of who may rule lets it in. The ruling is kept as
the process keeps it. Nobody outside is told anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from engine.values import SYSTEM, Actor
from tasks import personas
from tasks.altas_registros import conocida
from tasks.bitacora import anotar
from tasks.paso import Accion
from tasks.personas import Archivo, Coincidencia, Nombre
from tasks.registros import Parte, Prospecto, RevisionConflicto, normalizar

CAMPO = "justificacion_conflicto"
ES_CLIENTE = 7
"""From this stage on the client of a matter is a client of the firm."""


def nombres(session: Session, valores: Mapping[str, Any], folio: str) -> tuple[Nombre, list[Nombre]]:
    """The person of a matter that is not on file, and its other parties; `folio`: what stands for it in a hit."""
    persona = conocida(session, valores)
    normal = normalizar(valores["nombre"])
    medio = valores.get("correo") or valores.get("telefono") or ""
    quien = persona.id if persona else valores.get("rfc") or f"{normal}/{medio}"
    rfc = (persona.rfc if persona else None) or (valores.get("rfc") or "").upper() or None
    calidad, activo = ("cliente", True) if int(valores["etapa"]) >= ES_CLIENTE else ("prospecto", False)
    propio = Nombre(valores["nombre"].strip(), normal, rfc, calidad, folio, quien, activo)
    partes = [
        Nombre(uno["nombre"], normalizar(uno["nombre"]), _rfc(uno), _calidad(uno), folio, quien)
        for uno in valores.get("contrapartes") or []
    ]
    return propio, partes


def errores(session: Session, actor: Actor, valores: Mapping[str, Any]) -> tuple[list[Coincidencia], dict[str, str]]:
    """The hits of one matter, and why it may not come in with them, at `justificacion_conflicto`."""
    propio, partes = nombres(session, valores, "")
    halladas = personas.coincidencias(propio, partes, Archivo(session))
    return halladas, juzgar(actor, halladas, valores)


def juzgar(actor: Actor, halladas: Sequence[Coincidencia], valores: Mapping[str, Any]) -> dict[str, str]:
    """Gerente rules, Dirección where an active client is concerned; who may not is shown no names of other matters."""
    if not halladas:
        return {}
    if actor != SYSTEM:
        if any(c.cliente_activo for c in halladas) and "direccion" not in actor.groups:
            return {CAMPO: "Hay un posible conflicto de interés con un cliente activo: lo da de alta Dirección."}
        if not actor.groups & {"gerente", "direccion"}:
            return {CAMPO: "Hay un posible conflicto de interés: lo da de alta un gerente o Dirección."}
    if not (valores.get(CAMPO) or "").strip():
        return {CAMPO: f"{aviso(halladas)} Si no lo hay, escriba por qué; si lo hay, no dé de alta el asunto."}
    return {}


def aviso(halladas: Iterable[Coincidencia]) -> str:
    """The hits as one sentence."""
    return f"Posible conflicto de interés: {'; '.join(c.texto for c in halladas)}."


def rfc_dudosos(valores: Mapping[str, Any]) -> str:
    """A sentence for other parties whose RFC is none; they come in all the same: foreigners have none."""
    malos = [rfc for uno in valores.get("contrapartes") or [] if (rfc := _rfc(uno)) and not personas.es_rfc(rfc)]
    return f"No parece un RFC: {', '.join(malos)}." if malos else ""


def poner_partes(prospecto: Prospecto, valores: Mapping[str, Any]) -> None:
    """The other parties of the matter: every later contact is compared with them."""
    for uno in valores.get("contrapartes") or []:
        prospecto.partes.append(Parte(nombre=uno["nombre"].strip(), rfc=_rfc(uno), calidad=_calidad(uno)))


def asentar(paso: Accion, prospecto: Prospecto, halladas: Sequence[Coincidencia], valores: Mapping[str, Any]) -> None:
    """Keep the check and the ruling (secreto profesional: for the firm alone)."""
    dictamen = "sin_conflicto" if halladas else "sin_coincidencias"
    revision = RevisionConflicto(
        prospecto_id=prospecto.id,
        coincidencias=[c.como_dict() for c in halladas],
        dictamen=dictamen,
        justificacion=valores[CAMPO].strip() if halladas else None,
        autor=paso.actor.id if halladas else SYSTEM.id,
    )
    paso.session.add(revision)
    paso.session.flush()
    if halladas:
        anotar(paso, "conflicto.resolver", revision, despues={"dictamen": dictamen, "justificacion": valores[CAMPO]})


def _rfc(parte: Mapping[str, Any]) -> str | None:
    return personas.limpiar_rfc(parte.get("rfc"))


def _calidad(parte: Mapping[str, Any]) -> str:
    return parte.get("calidad") or "contraparte"
