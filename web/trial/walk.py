"""One step in a space: done, told, kept so that one can come back to before it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import SYSTEM, Conflict, EngineError, HistoryEvent, InstanceQuery, JobQuery
from tasks.registros import Correo, Documento
from web.ops.words import shown
from web.scenarios.format import Step
from web.scenarios.runner import advance, held
from web.texts import local
from web.trial import told
from web.trial.space import MOST_BYTES, MOST_STEPS, Log, Space

if TYPE_CHECKING:
    from engine import ProcessInstance
    from engine.transaction import Transaction

LONGEST = 20.0
"""Seconds that one step may take."""
MOST_JOBS = 2000
"""Due jobs that one step may come by."""
EVERYTHING = 1000


class TooLong(EngineError):
    """Este paso no termina: un trabajo sigue a otro sin parar. Busque en el diagrama un ciclo en el que nada espera."""

    code = "too_long"
    status = 409


class TooMuch(Conflict):
    """Esta prueba ya es muy larga. Guárdela como escenario, vuelva a un paso anterior o empiece otra."""


def take(space: Space, step: Step, seen: int | None = None) -> None:
    """Take this step and keep it. When it is refused, everything is as before.

    `seen`: how many steps whoever asks for it has seen. Raises Conflict when somebody else has gone on, TooLong,
    TooMuch, and whatever refuses the step itself.
    """
    with space.turn():
        log = space.log
        if seen is not None and seen != len(log.steps):
            raise Conflict(
                "Otra persona siguió con esta prueba. Vea dónde está ahora y repita su paso.", reason="stale"
            )
        if len(log.steps) >= MOST_STEPS or space.size > MOST_BYTES:
            raise TooMuch
        before = space.snapshot()
        try:
            record = _taken(space, log, step)
        except BaseException:
            space.restore(before)
            raise
        space.keep(len(log.steps) + 1, before)
        log.steps.append(record)
        space.save(log)


def back(space: Space, to: int, seen: int | None = None) -> None:
    """Go back to how it was after step `to` (0: at the beginning); what came after is forgotten."""
    with space.turn():
        log = space.log
        if seen is not None and seen != len(log.steps):
            raise Conflict(
                "Otra persona siguió con esta prueba. Vea dónde está ahora y repita su paso.", reason="stale"
            )
        if not 0 <= to < len(log.steps):
            return
        space.restore(space.before(to + 1).read_bytes())
        for number in range(to + 1, len(log.steps) + 1):
            space.before(number).unlink(missing_ok=True)
        del log.steps[to:]
        last = log.steps[-1]["state"] if log.steps else {"matters": {}, "held": [], "seen": {}}
        log.matters, log.held, log.seen = dict(last["matters"]), list(last["held"]), dict(last["seen"])
        space.save(log)


def _must_have_seen(log: Log, seen: int | None) -> None:
    if seen is not None and seen != len(log.steps):
        raise Conflict("Otra persona siguió con esta prueba. Vea dónde está ahora y repita su paso.", reason="stale")


def stop(space: Space, stops: bool) -> None:
    """Whether service tasks wait for a click from the next step on."""
    with space.turn():
        log = space.log
        log.stops = stops
        space.save(log)


def _taken(space: Space, log: Log, step: Step) -> dict[str, Any]:
    engine, way = space.engine, log.way
    marks = _marks(space)
    patience = _patience()
    stops = log.stops

    def leaving(elements: frozenset[str]) -> Callable[[Any], bool]:
        known = held(elements)
        return lambda job: patience() and ((stops and job.kind == "service") or known(job))

    refusal = advance(space.firm, step, way, moving=leaving(way.held), after=leaving(frozenset()))
    if refusal is not None:
        raise refusal
    waiting = _held(space) if stops else []
    way.held = frozenset(waiting)
    step = step.model_copy(update={"hold": waiting})
    with engine.reading(SYSTEM) as tx:
        seen, events = _events(tx, log)
        now = local(tx.now)
        record = {
            "step": told.written(step),
            "at": now.isoformat(sep=" ", timespec="minutes")[:16],
            "name": told.said(tx, step, log, way, events),
            "changes": [_change(event) for event in events if event.kind == "variable.changed"],
            "flows": [[e.process_key, e.element_id] for e in events if e.kind == "flow.taken"],
            # The last failure of a job opens an incident with the same words.
            "failed": list(
                dict.fromkeys(
                    str(e.details.get("message")) for e in events if e.kind in ("incident.opened", "job.failed")
                )
            ),
            **_made(tx, marks),
            "expect": told.expectations(space.firm, tx, step, way, marks),
            "state": {"matters": way.matters, "held": sorted(way.held), "seen": seen},
        }
    log.matters, log.held, log.seen = way.matters, sorted(way.held), seen
    return record


def _patience() -> Callable[[], bool]:
    """Asked before each due job; raises TooLong when there were too many, or it takes too long."""
    until, left = time.monotonic() + LONGEST, [MOST_JOBS]

    def ask() -> bool:
        left[0] -= 1
        if left[0] < 0 or time.monotonic() > until:
            raise TooLong
        return True

    return ask


def _held(space: Space) -> list[str]:
    """Elements of the service jobs that are due and were left."""
    query = JobQuery(kind="service", state="due", due_before=space.now + timedelta(microseconds=1))
    found = space.engine.jobs(query, size=EVERYTHING, by=SYSTEM).items
    return sorted({job.element_id for job in found if job.element_id})


def _marks(space: Space) -> dict[str, set[str]]:
    with space.engine.reading(SYSTEM) as tx:
        return {"mails": set(tx.session.scalars(select(Correo.id))), "documents": set(_documents(tx))}


def _documents(tx: Transaction) -> dict[str, str]:
    rows = tx.session.scalars(select(Documento).where(Documento.origen == "generado"))
    return {row.id: row.plantilla or row.rubro for row in rows}


def _made(tx: Transaction, marks: dict[str, set[str]]) -> dict[str, Any]:
    """Ids and templates of the mails and documents that came with the step."""
    mails = tx.session.scalars(select(Correo).order_by(Correo.creado, Correo.id))
    new = [[mail.id, mail.plantilla] for mail in mails if mail.id not in marks["mails"]]
    documents = [[id, name] for id, name in _documents(tx).items() if id not in marks["documents"]]
    return {"mails": new, "documents": documents}


def _events(tx: Transaction, log: Log) -> tuple[dict[str, int], list[HistoryEvent]]:
    """What happened since the last step, and the last event of each instance."""
    seen, events = dict(log.seen), list[HistoryEvent]()
    for instance in instances(tx):
        for event in _history(tx, instance.id, seen.get(instance.id)):
            events.append(event)
            seen[instance.id] = event.sequence
    return seen, sorted(events, key=lambda event: event.at)


def _history(tx: Transaction, instance_id: str, after: int | None) -> Iterator[HistoryEvent]:
    page = None if after is None else str(after)
    while True:
        found = tx.history(instance_id, page, EVERYTHING)
        yield from found.items
        page = found.next
        if page is None:
            return


def instances(tx: Transaction) -> list[ProcessInstance]:
    """Those of the space that its steps brought about, the first one first. The invented old matters have none."""
    return list(tx.instances(InstanceQuery(), size=EVERYTHING).items)[::-1]


def _change(event: HistoryEvent) -> list[str]:
    found = event.details
    old = "" if found.get("old") is None else shown(found["old"])
    return [str(found.get("name")), old, shown(found.get("new")), event.process_key or "", event.element_id or ""]


def moment(text: str) -> datetime:
    """A moment of the log."""
    from web.scenarios.format import ZONE

    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


__all__ = ["TooLong", "TooMuch", "back", "instances", "moment", "stop", "take"]
