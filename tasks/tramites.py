"""Trámites: every process that is not a client's matter. Analysts draw them in the studio; staff start them.

A process can be started from «Trámites» when its start event has a form; what is filled in there are its first
variables, with `solicitante` (user name), `solicitante_nombre` and `folio`. The engine's own rows are all its record.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Text, literal, or_, select, type_coerce
from sqlalchemy.orm import Session

from engine.definitions import Element, Process
from engine.errors import NotAllowed, NotFound
from engine.forms import Form
from engine.handler import FORM, Context, user_task
from engine.storage import tables
from engine.values import Actor, ProcessInstance
from tasks import calendario as dias
from tasks.folios import siguiente_folio
from tasks.registros import Colaborador

PREFIJO = "TRA"
"""Of the folio, which is the business key: `TRA-2027-0001`."""


def es_tramite(business_key: ColumnElement[str]) -> ColumnElement[bool]:
    """SQL: whether a business key is that of a trámite, or hangs below one."""
    return business_key.startswith(f"{PREFIJO}-", autoescape=True)


def participa(actor: Actor, raiz: ColumnElement[str], suyo: Any) -> ColumnElement[bool]:
    """SQL: whether an actor started the instance with this key, or has or had a user task in it, alone or as a group.

    `suyo`: (column, actor) → the column names the actor, or somebody whom the actor stands in for.
    """
    i, u = tables.process_instance.alias(), tables.user_task.alias()
    candidatos = type_coerce(u.c.candidate_groups, Text)  # A list of names as JSON text.
    grupos = [candidatos.contains(f'"{grupo}"', autoescape=True) for grupo in sorted(actor.groups)]
    empezo = select(literal(1)).where(i.c.business_key == raiz, suyo(i.c.started_by, actor))
    trabaja = (
        select(literal(1))
        .select_from(u.join(i, i.c.id == u.c.instance_id))
        .where(i.c.business_key == raiz, or_(suyo(u.c.assignee, actor), *grupos))
    )
    return or_(empezo.exists(), trabaja.exists())


def iniciables(tx: Any) -> tuple[tuple[Process, Element], ...]:
    """The processes of the latest publication that people start, each with the start event whose form they fill in."""
    publicado = _publicado(tx)
    return _con_formulario(publicado) if publicado is not None else ()


def formulario(tx: Any, proceso: str) -> Form:
    """The form with which people start a process. Raises NotFound."""
    for uno, inicio in iniciables(tx):
        hallado: Form | None = _publicado(tx).forms.get(inicio.form_id) if uno.id == proceso else None
        if hallado is not None:
            return hallado
    raise NotFound(f"Nadie inicia «{proceso}» desde un formulario.")


def _publicado(tx: Any) -> Any:
    d = tables.deployment.c
    id = tx.session.scalar(select(d.id).order_by(d.number.desc()).limit(1))
    return None if id is None else tx.engine.bundles.get(id)


@lru_cache(8)
def _con_formulario(publicado: Any) -> tuple[tuple[Process, Element], ...]:
    hallados = []
    for proceso in publicado.processes.values():
        for elemento in proceso.elements.values() if proceso.executable else ():
            inicio = elemento.kind == "startEvent" and elemento.scope == proceso.id and elemento.form_id
            if inicio and (elemento.event is None or elemento.event.kind == "none"):
                hallados.append((proceso, elemento))
    return tuple(sorted(hallados, key=lambda par: par[0].name or par[0].id))


def nuevo(tx: Any, proceso: str, valores: Mapping[str, Any], request_id: str | None = None) -> ProcessInstance:
    """Start a process with what was filled in. The same `request_id` again answers the first one.

    Raises NotFound for a process that nobody starts from a form, NotAllowed for who may start none.
    """
    formulario(tx, proceso)
    anterior = del_envio(tx.session, request_id)
    folio = anterior or siguiente_folio(tx.session, PREFIJO, dias.dia(tx.now).year)
    quien = tx.session.get(Colaborador, tx.actor.id)
    if quien is None:
        raise NotAllowed("Sólo una persona del despacho inicia un trámite.")
    variables = {**valores, "solicitante": quien.usuario, "solicitante_nombre": quien.nombre, "folio": folio}
    iniciada: ProcessInstance = tx.start(proceso, folio, variables, request_id=request_id)
    return iniciada


@user_task("tramites.otra_persona", gives=(FORM,))
def otra_persona(values: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """Four eyes: whoever started the trámite does not resolve it. Everything in the form enters the process."""
    if ctx.actor.id == ctx.variables.get("solicitante"):
        raise NotAllowed("Usted lo pidió; lo resuelve otra persona (cuatro ojos).")
    return values


def del_envio(session: Session, request_id: str | None) -> str | None:
    """Business key of what this submit started before: a double click gets the first answer."""
    fila = tables.process_instance.c
    hallada: str | None = (
        session.scalar(select(fila.business_key).where(fila.request_id == request_id)) if request_id else None
    )
    return hallada


def titulos(session: Session, claves: set[str]) -> dict[str, tuple[str, str]]:
    """Business key → (folio, «Solicitud con aprobación · Sofía Luna»), for lists: one statement for all of them."""
    raices = {clave.partition("/")[0]: clave for clave in claves if clave.startswith(f"{PREFIJO}-")}
    if not raices:
        return {}
    i, d = tables.process_instance, tables.process_definition
    filas = session.execute(
        select(i.c.business_key, d.c.name, i.c.started_by, Colaborador.nombre)
        .join(d, d.c.id == i.c.definition_id)
        .outerjoin(Colaborador, Colaborador.usuario == i.c.started_by)
        .where(i.c.business_key.in_(raices))
    )
    return {raices[f.business_key]: (f.business_key, f"{f.name} · {f.nombre or f.started_by}") for f in filas}
