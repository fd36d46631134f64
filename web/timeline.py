"""The history of a matter in plain Spanish: who did what, which way it took and why, what went out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.feel import format_value
from engine.values import HistoryEvent, InstanceQuery
from tasks import ausencias
from tasks.registros import Colaborador, Correo
from web import process_words
from web.texts import local

if TYPE_CHECKING:
    from engine.definitions import Process
    from engine.transaction import Transaction
    from web.matter_facts import MatterFacts

KINDS = (
    "instance.*",
    "user_task.completed",
    "user_task.assigned",
    "decision.evaluated",
    "timer.fired",
    "message.received",
    "incident.*",
    "error.thrown",
)
"""What everybody wants to know."""
_RESPONSIBLE = re.compile(r'responsable\("(gerente|asesor)"\)')
"""How a diagram gives a user task to the Gerente or the advisor of the matter."""
DETAILS = ("flow.taken", "job.completed")
"""What explains the rest: which way, and what happened by itself."""
MOST = 1500
"""Events read at most: a page longer than this helps nobody."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    at: datetime
    text: str
    why: str = ""
    kind: str = ""
    """`person`, `mail`, `bad` or nothing: how the line is marked."""
    link: str = ""


class Names:
    """Names of actors, read once each; and for whom somebody acted, while a person was away."""

    def __init__(self, session: Session, facts: MatterFacts | None) -> None:
        self._session = session
        self._client = facts.client if facts else "El cliente"
        self._known: dict[str, str] = {
            "system": "El sistema",
            "consola": "Quien atiende el servidor",
            "publico": "Alguien por la página pública",
        }
        self._owners = ausencias.titulares(session, facts.prospecto) if facts else {}
        self._groups = {one.usuario: set(one.grupos) for one in session.scalars(select(Colaborador))}

    def __call__(self, actor: str) -> str:
        if actor not in self._known:
            person = self._session.get(Colaborador, actor)
            self._known[actor] = person.nombre if person else self._client
        return self._known[actor]

    def acting(self, event: HistoryEvent, process: Process | None) -> str:
        """«Ana Barrera en ausencia de Héctor Ruiz»: the user task was for the Gerente or advisor of the matter, or for
        a group to which only the absent person belongs."""
        element = process.elements.get(event.element_id or "") if process else None
        if element is None or event.actor not in self._groups:
            return self(event.actor)
        found = _RESPONSIBLE.search(element.assignee or "")
        candidates = {name.strip() for name in (element.candidate_groups or "").split(",")}
        if found:
            possible = self._owners.get(found[1], set())
        elif self._groups[event.actor] & candidates:
            possible = set()
        else:
            possible = {usuario for usuario, groups in self._groups.items() if groups & candidates}
        absent = ausencias.en_ausencia_de(self._session, event.actor, possible, event.at) if possible else None
        return f"{self(event.actor)} en ausencia de {self(absent)}" if absent else self(event.actor)


def days(
    tx: Transaction, key: str, facts: MatterFacts | None, sections: frozenset[str], *, details: bool
) -> list[tuple[date, list[Line]]]:
    """Everything about the matter, by day, the latest first; with `details` also automatic steps and ways taken."""
    names, lines = Names(tx.session, facts), []
    instances = [*tx.instances(InstanceQuery(business_key=key)).items]
    instances += tx.instances(InstanceQuery(search=key + "/"), size=100).items
    for instance in instances:
        page = tx.history(instance.id, size=MOST, kinds=KINDS + DETAILS if details else KINDS)
        for event in page.items:
            process = process_words.process(tx, event.process_key, instance.id) if event.process_key else None
            line = _line(event, process, names)
            if line:
                lines.append(line)
    if "correos" in sections:
        lines += _mails(tx.session, key)
    lines.sort(key=lambda line: line.at, reverse=True)
    return [(day, list(found)) for day, found in groupby(lines, key=lambda line: local(line.at).date())]


def _mails(session: Session, key: str) -> list[Line]:
    below = Correo.business_key.startswith(key + "/", autoescape=True)
    query = select(Correo).where(or_(Correo.business_key == key, below), Correo.enviado.is_not(None))
    return [
        Line(
            mail.enviado,
            f"Correo a {mail.destinatario_nombre or mail.destinatario}: {mail.asunto or mail.plantilla}",
            kind="mail",
            link=mail.id,
        )
        for mail in session.scalars(query)
        if mail.enviado
    ]


def _line(event: HistoryEvent, process: Process | None, names: Names) -> Line | None:
    """The sentence for one event; None for those that only matter to operators."""
    write = _SENTENCES.get(event.kind)
    return write(event, process_words.name_of(process, event.element_id), names, process) if write else None


def _started(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line:
    what = process.name if process and process.name else "el proceso"
    return Line(event.at, f"{names(event.actor)} inició: {what}", kind="person")


def _ended(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line:
    what = process.name if process and process.name else "el proceso"
    return Line(event.at, f"Terminó: {what}")


def _cancelled(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line:
    return Line(event.at, f"{names(event.actor)} canceló el proceso", str(event.details.get("reason") or ""), "bad")


def _task_completed(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line:
    return Line(event.at, f"{names.acting(event, process)} terminó «{name}»", kind="person")


def _task_assigned(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line | None:
    to = event.details.get("assignee") or event.details.get("to")
    if not to:
        return None
    why = str(event.details.get("reason") or "")
    return Line(event.at, f"{names(event.actor)} asignó «{name}» a {names(str(to))}", why, "person")


def _timer(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line:
    return Line(event.at, f"Llegó el momento: {name}")


def _message(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line:
    return Line(event.at, f"Se recibió: {name or event.details.get('message', '')}")


def _decision(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line:
    details = event.details
    inputs = ", ".join(f"{_spoken(key)} {shown(value)}" for key, value in (details.get("inputs") or {}).items())
    return Line(event.at, f"Tabla «{details.get('name') or name}»: {shown(details.get('outputs'))}", inputs)


def _flow(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line | None:
    """Only where a gateway chose: the way, and the values that decided."""
    flow = process.flows.get(event.element_id or "") if process else None
    gateway = process.elements.get(flow.source) if process and flow else None
    if flow is None or gateway is None or not flow.name or not gateway.kind.endswith("Gateway"):
        return None
    values = dict(event.details.get("values") or {})
    for refused in (event.details.get("refused") or {}).values():
        values |= refused.get("values") or {}
    why = ", ".join(f"{_spoken(key)}: {shown(value)}" for key, value in values.items())
    return Line(event.at, f"{gateway.name or 'Camino'} {flow.name}", why)


def _job(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line | None:
    return Line(event.at, f"Hecho automáticamente: {name}") if event.element_id and name else None


def _incident(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line:
    return Line(event.at, f"Algo falló en «{name}»", str(event.details.get("message") or ""), "bad")


def _resolved(event: HistoryEvent, name: str, names: Names, process: Process | None) -> Line:
    return Line(event.at, f"{names(event.actor)} resolvió la falla en «{name}»", kind="person")


def _spoken(key: str) -> str:
    return key.replace("_", " ")


def shown(value: Any) -> str:
    """A value as a sentence says it."""
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{_spoken(key)} {shown(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(shown(inner) for inner in value) or "nada"
    if value is None:
        return "nada"
    return value.replace("_", " ") if isinstance(value, str) else format_value(value)


_SENTENCES = {
    "instance.started": _started,
    "instance.completed": _ended,
    "instance.cancelled": _cancelled,
    "user_task.completed": _task_completed,
    "user_task.assigned": _task_assigned,
    "timer.fired": _timer,
    "message.received": _message,
    "decision.evaluated": _decision,
    "flow.taken": _flow,
    "job.completed": _job,
    "incident.opened": _incident,
    "incident.resolved": _resolved,
    "error.thrown": _incident,
}
