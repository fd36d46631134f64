"""What races: one instance with everything in it, the verbs on it, and the pairs that are let go at once.

The pairs are those of the widest list that we know of (Camunda 7's classes of tests named after what competes), as far
as this engine has the verbs, and those of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine import Engine, Instruction, JobQuery, UserTaskQuery
from tests.engine.cases import ANA, BETO, deploy
from tests.engine.models import boundary, message, model, parallel, timer, user_task
from tests.engine.models import service_task as service

MODEL = model(
    "p",
    parallel("abre", "cierra"),
    user_task("uno"),
    boundary("tarde", "uno", timer="P3D", interrupting=False),
    boundary("vence", "uno", timer="P4D"),
    timer("reloj", "P2D"),
    message("carta"),
    service("apartar", "almacen.apartar", inputs={"piezas": "=piezas"}, retries="0"),
    user_task("dos"),
    flows="""
    inicio > abre > uno > apartar > cierra > dos > fin
    abre > reloj > cierra
    abre > carta > cierra
    tarde > fin_tarde
    vence > apartar
    """,
    messages={"carta": None},
)
LATER = MODEL.replace(b'"dos"', b'"tres"').replace(b"_dos", b"_tres").replace(b"dos_", b"tres_")
MAPPING = {"dos": "tres", "dos_fin": "tres_fin", "cierra_dos": "cierra_tres"}


@dataclass
class Round:
    """One instance, and what it waits for."""

    engine: Engine
    instance: str
    key: str
    plan: Any
    task: str = ""
    revision: int = 0
    """Of the task, as its page had it."""
    waits: dict[str, str] = field(default_factory=dict)

    def look(self) -> Round:
        self.waits = {one.element_id: one.id for one in self.engine.wait_states(self.instance, by=ANA)}
        found = self.engine.user_tasks(UserTaskQuery(instance_id=self.instance), by=ANA).items
        self.task, self.revision = (found[0].id, found[0].revision) if found else ("", 0)
        return self

    # --- verbs

    def complete(self) -> Any:
        return self.engine.complete(self.task, {}, revision=self.revision, by=ANA)

    def claim(self) -> Any:
        return self.engine.claim(self.task, by=ANA)

    def assign(self) -> Any:
        return self.engine.assign(self.task, "beto", reason="x", by=ANA)

    def draft(self) -> Any:
        return self.engine.draft(self.task, {"a": "b"}, by=ANA)

    def skip(self) -> Any:
        return self.engine.skip(self.task, reason="x", by=BETO)

    def cancel(self) -> Any:
        return self.engine.cancel(self.instance, reason="x", by=ANA)

    def suspend(self) -> Any:
        return self.engine.suspend(self.instance, reason="x", by=ANA)

    def resume(self) -> Any:
        return self.engine.resume(self.instance, reason="x", by=ANA)

    def fire(self) -> Any:
        return self.engine.fire(self.waits["reloj"], reason="x", by=ANA)

    def fire_edge(self) -> Any:
        return self.engine.fire(self.waits["vence"], reason="x", by=ANA)

    def set_due(self) -> Any:
        with self.engine.reading(ANA) as tx:
            due = tx.now
        return self.engine.set_due(self.waits["reloj"], due, reason="x", by=ANA)

    def correlate(self) -> Any:
        return self.engine.correlate("carta", business_key=self.key, by=ANA)

    def write(self) -> Any:
        return self.engine.set_variables(self.instance, {"x": 1}, reason="x", by=ANA)

    def modify(self) -> Any:
        moves = [Instruction("cancel", "p", "uno"), Instruction("start_before", "p", "apartar")]
        return self.engine.modify(self.instance, moves, reason="x", by=ANA)

    def migrate(self) -> Any:
        (outcome,) = self.engine.migrate(self.plan, [self.instance], reason="x", by=ANA)
        return outcome

    def restore(self) -> Any:
        return self.engine.restore(self.instance, reason="x", by=ANA)

    def refresh(self) -> Any:
        return self.engine.refresh_timers(self.key, by=ANA)

    def work(self) -> Any:
        return self.engine.run_jobs_of(self.instance, budget=60)

    def retry(self) -> Any:
        return self.engine.retry(self.waits["apartar"], {"piezas": 7}, reason="x", by=ANA)

    def skip_job(self) -> Any:
        return self.engine.skip(self.waits["apartar"], reason="x", by=ANA)

    def start_again(self) -> Any:
        return self.engine.start("p", self.key, by=BETO)

    def publish(self) -> Any:
        return deploy(self.engine, MODEL.replace(b">P2D<", f">PT{int(self.key[2:]) + 50}H<".encode()))

    # --- what may have to be done first

    def job_is_due(self) -> None:
        self.complete()

    def job_has_failed(self) -> None:
        self.engine.set_variables(self.instance, {"piezas": 13}, reason="x", by=ANA)
        self.complete()
        self.work()
        assert self.engine.jobs(JobQuery(instance_id=self.instance, state="failed"), by=ANA).items


Verb = Callable[[Round], Any]
_r = Round


@dataclass(frozen=True)
class Pair:
    verbs: tuple[Verb, ...]
    first: Verb | None = None
    one_wins: bool = False
    """Of two that are the same exactly one is refused."""


def _twice(verb: Verb, first: Verb | None = None) -> Pair:
    return Pair((verb, verb), first, one_wins=True)


PAIRS: dict[str, Pair] = {
    # people
    "complete twice": _twice(_r.complete),
    "complete, claim": Pair((_r.complete, _r.claim)),
    "complete, assign": Pair((_r.complete, _r.assign)),
    "complete, draft": Pair((_r.complete, _r.draft)),
    "complete, cancel": Pair((_r.complete, _r.cancel)),
    "complete, suspend": Pair((_r.complete, _r.suspend)),
    "complete, fire": Pair((_r.complete, _r.fire)),
    "complete, fire at its edge": Pair((_r.complete, _r.fire_edge)),
    "complete, correlate": Pair((_r.complete, _r.correlate)),
    "complete, set variables": Pair((_r.complete, _r.write)),
    "complete, modify": Pair((_r.complete, _r.modify)),
    "complete, skip": Pair((_r.complete, _r.skip), one_wins=True),
    "complete, migrate": Pair((_r.complete, _r.migrate)),
    "complete, restore": Pair((_r.complete, _r.restore), _r.migrate),
    "complete, refresh timers": Pair((_r.complete, _r.refresh)),
    "complete, publish": Pair((_r.complete, _r.publish)),
    # jobs
    "work twice": Pair((_r.work, _r.work), _r.job_is_due),
    "work, cancel": Pair((_r.work, _r.cancel), _r.job_is_due),
    "work, suspend": Pair((_r.work, _r.suspend), _r.job_is_due),
    "work, set variables": Pair((_r.work, _r.write), _r.job_is_due),
    "work, correlate": Pair((_r.work, _r.correlate), _r.job_is_due),
    "work, migrate": Pair((_r.work, _r.migrate), _r.job_is_due),
    "retry twice": _twice(_r.retry, _r.job_has_failed),
    "retry, cancel": Pair((_r.retry, _r.cancel), _r.job_has_failed),
    "retry, skip": Pair((_r.retry, _r.skip_job), _r.job_has_failed),
    # timers and messages
    "fire twice": _twice(_r.fire),
    "fire, set due": Pair((_r.fire, _r.set_due)),
    "fire, cancel": Pair((_r.fire, _r.cancel)),
    "fire, suspend": Pair((_r.fire, _r.suspend)),
    "correlate twice": _twice(_r.correlate),
    "correlate, cancel": Pair((_r.correlate, _r.cancel)),
    "correlate, suspend": Pair((_r.correlate, _r.suspend)),
    # operators
    "cancel twice": _twice(_r.cancel),
    "cancel, suspend": Pair((_r.cancel, _r.suspend)),
    "suspend twice": _twice(_r.suspend),
    "resume twice": _twice(_r.resume, _r.suspend),
    "set variables twice": Pair((_r.write, _r.write)),
    "modify twice": _twice(_r.modify),
    "migrate twice": Pair((_r.migrate, _r.migrate)),
    "migrate, cancel": Pair((_r.migrate, _r.cancel)),
    "migrate, fire": Pair((_r.migrate, _r.fire)),
    "migrate, correlate": Pair((_r.migrate, _r.correlate)),
    "migrate, suspend": Pair((_r.migrate, _r.suspend)),
    "restore twice": _twice(_r.restore, _r.migrate),
    "start again, cancel": Pair((_r.start_again, _r.cancel)),
    "publish twice": Pair((_r.publish, _r.publish)),
    # a join
    "three branches meet": Pair((_r.complete, _r.fire, _r.correlate, _r.work)),
}
