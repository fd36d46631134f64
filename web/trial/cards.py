"""What waits in a space, as cards: in words, with everything that can be done to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import JobQuery, WaitState
from tasks.registros import Colaborador
from web import people, process_words, timeline
from web.ops import words
from web.trial import told, walk

if TYPE_CHECKING:
    from datetime import datetime

    from engine import ProcessInstance
    from engine.definitions import Process
    from engine.transaction import Transaction
    from web.trial.space import Log

CLIENT, VISITOR = "cliente", "publico"
ANY = "CUALQUIERA"
"""Thrown where the diagram catches every code."""


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that waits."""

    wait: WaitState
    instance: ProcessInstance
    said: str
    process_name: str
    number: int
    """Which of several at the same element, from 1."""
    actor: str = ""
    """Who would do a user task."""
    due: bool = False
    """Of a job: whether it can be done now."""
    codes: tuple[tuple[str, str], ...] = field(default=())
    """BPMN errors that are caught: (code, where)."""
    target: tuple[str, str] = ("", "")
    """Matter and key below it, as a step names them."""


def cards(tx: Transaction, log: Log) -> list[Card]:
    """Everything that waits, what holds something up first."""
    found: list[Card] = []
    names, processes = timeline.Names(tx.session, None), told.processes(tx)
    for instance in walk.instances(tx):
        if instance.ended_at is not None:
            continue
        waits = tx.wait_states(instance.id)
        for wait in waits:
            same = sorted(one.id for one in waits if one.element_id == wait.element_id)
            process = processes.get(wait.process_key)
            found.append(
                Card(
                    wait,
                    instance,
                    words.wait_words(wait, names, tx.now),
                    (process.name if process else "") or wait.process_key,
                    same.index(wait.id) + 1,
                    actor=person_for(tx, wait) if wait.kind == "user_task" else "",
                    due=wait.kind == "job" and wait.state == "due" and wait.due is not None and wait.due <= tx.now,
                    codes=caught(processes, wait),
                    target=target_of(log, instance.business_key),
                )
            )
    return sorted(found, key=lambda card: card.wait.attached)


def target_of(log: Log, business_key: str) -> tuple[str, str]:
    """The matter's name in the log, and what hangs below it; of an instance that no step began: the first matter."""
    for name, key in log.matters.items():
        if business_key == key or business_key.startswith(key + "/"):
            return name, business_key[len(key) + 1 :]
    return next(iter(log.matters), ""), ""


def person_for(tx: Transaction, wait: WaitState) -> str:
    """Who does this user task: its assignee, else the first person of its groups."""
    if wait.assignee:
        return wait.assignee
    wanted = set(wait.groups)
    if CLIENT in wanted:
        return CLIENT
    if "equipo" in wanted:
        wanted |= {"gerente", "asesor"}
    for person in staff(tx):
        if not wanted or wanted & set(person.grupos):
            return person.usuario
    return CLIENT


def staff(tx: Transaction) -> list[Colaborador]:
    """The invented people of the space."""
    rows = tx.session.scalars(select(Colaborador).where(Colaborador.activo)).all()
    return sorted(rows, key=lambda person: (list(people.GROUPS).index(person.grupos[0]), person.usuario))


def caught(processes: Mapping[str, Process], wait: WaitState) -> tuple[tuple[str, str], ...]:
    """The error codes that something around this element catches, the nearest first: (code, where)."""
    if wait.kind not in ("user_task", "job"):
        return ()
    found: dict[str, str] = {}
    for process_key, around in _around(processes, wait.process_key, wait.element_id, set()):
        for element in processes[process_key].elements.values():
            event = element.event
            if event is None or event.kind != "error" or element.kind == "endEvent":
                continue
            holder = processes[process_key].elements.get(element.scope)
            inside = element.kind == "startEvent" and holder is not None and holder.scope in around
            if element.attached_to in around or inside:
                found.setdefault(event.code or ANY, element.name or process_words.KINDS.get(element.kind, ""))
    return tuple(found.items())


def _around(
    processes: Mapping[str, Process], process_key: str, element_id: str, seen: set[str]
) -> Iterator[tuple[str, set[str]]]:
    """(process, the element and everything that it lies in), then the same for whatever calls that process."""
    if process_key in seen or process_key not in processes:
        return
    seen.add(process_key)
    elements, around, here = processes[process_key].elements, {element_id, process_key}, element_id
    while here in elements:
        here = elements[here].scope
        around.add(here)
    yield process_key, around
    for other in processes.values():
        for element in other.elements.values():
            if element.called_process == process_key:
                yield from _around(processes, other.id, element.id, seen)


def next_due(tx: Transaction) -> tuple[datetime, str] | None:
    """The next moment at which something happens by itself (timers, retries, reminders, deliveries), and what."""
    found = tx.jobs(JobQuery(state="due"), size=200).items
    later = [job for job in found if job.due > tx.now]
    if not later:
        return None
    job = later[0]
    return job.due, told.element_name(tx, job.element_id) if job.element_id else words.topic_words(job.topic)


def message_names(processes: Mapping[str, Process]) -> list[str]:
    """Messages that the draft names literally."""
    found: set[str] = set()
    for process in processes.values():
        for element in process.elements.values():
            event = element.event
            if event is not None and event.kind == "message" and event.name and not event.name.startswith("="):
                found.add(event.name)
    return sorted(found)


def actor_title(tx: Transaction, name: str) -> str:
    """«Laura Vega (Ventas)»."""
    if name == CLIENT:
        return "El cliente"
    if name == VISITOR:
        return "Alguien de fuera"
    person: Any = tx.session.get(Colaborador, name)
    return f"{person.nombre} ({people.group_titles(person.grupos)})" if person else name
