"""A kill at any statement of an operator's verb leaves the matter as it was before, or as it is after: nothing between.

Each verb works on a copy of a prepared database, in a child that dies at its n-th statement or commit, for every n.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from engine import SYSTEM, Engine, Instruction, JobQuery, MovableClock, UserTaskQuery, attachment
from engine.storage import tables as t
from engine.storage.files import StoredFile
from tests.engine.cases import ANA, BETO, NINE, assert_rows_equal_waits, deploy, new_engine, open_engine
from tests.engine.models import boundary, message, model, parallel, timer, user_task
from tests.engine.models import service_task as service

KEY = "M-1"
MODEL = model(
    "p",
    parallel("abre"),
    user_task("uno"),
    boundary("tarde", "uno", timer="P3D"),
    boundary("agotado", "apartar", error="e_agotado"),
    timer("reloj", "P2D"),
    message("carta"),
    service("apartar", "almacen.apartar", inputs={"piezas": "=piezas"}),
    flows="""
    inicio > abre > uno > fin_uno
    abre > reloj > fin_reloj
    abre > carta > fin_carta
    abre > apartar > fin_apartar
    tarde > fin_tarde
    agotado > fin_agotado
    """,
    messages={"carta": None},
    errors={"e_agotado": "AGOTADO"},
)
LATER = MODEL.replace(b'"uno"', b'"una"').replace(b'"uno_fin_uno"', b'"una_fin_uno"').replace(b">P2D<", b">P9D<")


READ: dict[str, Any] = {}
"""Bundles that were read before: they never change, and reading them anew would be half of all the time."""


def opened(path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{path}", clock=MovableClock(start=NINE, frozen=True), after_step=0)
    for name, bundle in READ.items():
        engine.bundles._bundles[name] = bundle
    return engine


def instance(engine: Engine) -> str:
    return engine.instances(by=ANA).items[0].id


def task(engine: Engine) -> str:
    return engine.user_tasks(UserTaskQuery(business_key=KEY), by=ANA).items[0].id


def job(engine: Engine, element_id: str) -> str:
    return next(one.id for one in engine.jobs(JobQuery(), by=ANA).items if one.element_id == element_id)


def wait(engine: Engine, element_id: str) -> str:
    return next(one.id for one in engine.wait_states(instance(engine), by=ANA) if one.element_id == element_id)


def migrate(engine: Engine) -> None:
    later, first = engine.deployments(by=ANA)
    plan = engine.plan_migration(first.id, later.id, {"uno": "una", "uno_fin_uno": "una_fin_uno"}, by=ANA)
    (outcome,) = engine.migrate(plan, [instance(engine)], reason="nueva", by=ANA)
    assert outcome.done, outcome.message


def modify(engine: Engine) -> None:
    moves = [Instruction("cancel", "p", "reloj"), Instruction("start_before", "p", "uno")]
    engine.modify(instance(engine), moves, reason="cambio", by=ANA)


def attach(engine: Engine) -> None:
    """The row; its bytes are kept before, and again as often as one likes. (The file store has threads of its own,
    which do not come along into a forked process.)"""
    with engine.transaction(ANA) as tx:
        stored = StoredFile("0" * 64, 9, "application/pdf")
        attachment.attach(tx, engine.user_tasks(by=ANA).items[0].id, "carta", stored, "a.pdf")


@dataclass(frozen=True)
class Verb:
    do: Callable[[Engine], Any]
    first: Callable[[Engine], Any] | None = None
    """Done before the snapshot is taken."""


VERBS = {
    "complete": Verb(lambda e: e.complete(task(e), {"a": 1}, by=ANA)),
    "claim": Verb(lambda e: e.claim(task(e), by=ANA)),
    "release": Verb(lambda e: e.release(task(e), by=ANA), lambda e: e.claim(task(e), by=ANA)),
    "attach": Verb(attach),
    "assign": Verb(lambda e: e.assign(task(e), "beto", reason="x", by=ANA)),
    "draft": Verb(lambda e: e.draft(task(e), {"a": "b"}, by=ANA)),
    "correlate": Verb(lambda e: e.correlate("carta", business_key=KEY, by=ANA)),
    "correlate kept": Verb(lambda e: e.correlate("otra", business_key=KEY, keep="P1D", by=ANA)),
    "set_variables": Verb(lambda e: e.set_variables(instance(e), {"x": 1}, reason="x", by=ANA)),
    "suspend": Verb(lambda e: e.suspend(instance(e), reason="x", by=ANA)),
    "resume": Verb(
        lambda e: e.resume(instance(e), reason="x", by=ANA), lambda e: e.suspend(instance(e), reason="x", by=ANA)
    ),
    "suspend definition": Verb(lambda e: e.suspend_definition("p:1", reason="x", by=ANA)),
    "resume definition": Verb(
        lambda e: e.resume_definition("p:1", reason="x", by=ANA),
        lambda e: e.suspend_definition("p:1", reason="x", by=ANA),
    ),
    "cancel": Verb(lambda e: e.cancel(instance(e), reason="x", by=ANA)),
    "modify": Verb(modify),
    "skip task": Verb(lambda e: e.skip(task(e), {"a": 1}, reason="x", by=ANA)),
    "skip failed job": Verb(lambda e: e.skip(job(e, "apartar"), reason="x", by=ANA)),
    "discard": Verb(
        lambda e: e.discard(next(one.id for one in e.jobs(by=ANA).items if one.element_id is None), reason="x", by=ANA),
        lambda e: e.correlate("otra", business_key=KEY, keep="P1D", by=ANA),
    ),
    "throw_error": Verb(lambda e: e.throw_error(job(e, "apartar"), "AGOTADO", reason="x", by=ANA)),
    "fire timer": Verb(lambda e: e.fire(job(e, "reloj"), reason="x", by=ANA)),
    "fire boundary": Verb(lambda e: e.fire(job(e, "tarde"), reason="x", by=ANA)),
    "fire message": Verb(lambda e: e.fire(wait(e, "carta"), {"a": 1}, reason="x", by=ANA)),
    "set_due": Verb(lambda e: e.set_due(job(e, "reloj"), NINE + timedelta(days=9), reason="x", by=ANA)),
    "retry": Verb(lambda e: e.retry(job(e, "apartar"), {"piezas": 7}, reason="x", by=ANA)),
    "resolve": Verb(lambda e: e.resolve(e.incidents(by=ANA).items[0].id, {"piezas": 7}, reason="x", by=ANA)),
    "migrate": Verb(migrate),
    "restore": Verb(lambda e: e.restore(instance(e), reason="x", by=ANA), migrate),
    "refresh_timers": Verb(lambda e: e.refresh_timers(KEY, by=ANA)),
    "start": Verb(lambda e: e.start("p", "M-2", {"piezas": 1}, by=BETO)),
    "deploy": Verb(lambda e: deploy(e, MODEL.replace(b">P2D<", b">P7D<"))),
    "job": Verb(lambda e: e.run_due_jobs(), lambda e: e.retry(job(e, "apartar"), {"piezas": 7}, by=ANA)),
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with an instance that waits for everything, a failed job among it."""
    path = tmp_path_factory.mktemp("prepared") / "cauce.db"
    engine = new_engine(f"sqlite:///{path}", MODEL, clock=MovableClock(start=NINE, frozen=True), after_step=0)
    engine.start("p", KEY, {"piezas": 13}, by=BETO)
    engine.move_clock(NINE + timedelta(hours=1), by=ANA)
    deploy(engine, LATER)
    close(engine)
    return path


def close(engine: Engine) -> None:
    """Everything in the one file, so that it can be copied."""
    with engine.database.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.close()


def told(engine: Engine) -> list[Any]:
    """Everything that a verb may change, without ids and moments that differ from run to run."""
    found: list[Any] = []
    for one in sorted(engine.instances(by=ANA).items, key=lambda one: one.business_key):
        kinds = [(e.kind, e.element_id) for e in engine.history(one.id, size=1000, by=SYSTEM).items]
        waits = [
            (w.kind, w.element_id, w.due, w.assignee, w.state, w.message) for w in engine.wait_states(one.id, by=SYSTEM)
        ]
        scopes = [(s.process_key, s.owner, dict(s.values)) for s in engine.scopes(one.id, by=SYSTEM)]
        found.append((one.business_key, one.state, one.version, one.incidents, kinds, sorted(map(repr, waits)), scopes))
        found += [
            engine.form(one.id, by=SYSTEM).draft
            for one in engine.user_tasks(UserTaskQuery(instance_id=one.id), by=ANA).items
        ]
    jobs = sorted((j.kind, j.topic, j.element_id or "", j.due, j.state) for j in engine.jobs(size=100, by=SYSTEM).items)
    incidents = sorted(i.message for i in engine.incidents(by=SYSTEM).items)
    with engine.reading(SYSTEM) as tx:
        files = [row.filename for row in tx.execute(select(t.attachment.c.filename))]
    stopped = [one.resumed_at is None for one in engine.suspensions("p:1", by=ANA)]
    return [found, jobs, incidents, files, [d.name for d in engine.deployments(by=SYSTEM)], stopped]


@pytest.mark.parametrize("name", VERBS)
def test_before_or_after_and_nothing_between(prepared: Path, tmp_path: Path, name: str) -> None:
    verb, snapshot = VERBS[name], tmp_path / "snapshot.db"
    shutil.copyfile(prepared, snapshot)
    if verb.first is not None:
        engine = opened(snapshot)
        verb.first(engine)
        close(engine)
    before, after = _state(snapshot, tmp_path, None), _state(snapshot, tmp_path, verb.do)
    if name == "deploy":
        READ.clear()
    assert before != after or name in ("refresh_timers",)
    ends = set()
    for at in itertools.count(1):
        copy = tmp_path / "copy.db"
        _remove(copy)
        shutil.copyfile(snapshot, copy)
        if not _dies(copy, verb.do, at):
            break
        engine = opened(copy)
        found = told(engine)
        # A job takes two transactions: the first one's lease is one more state that is right.
        taken = name == "job" and found not in (before, after)
        assert taken or found in (before, after), f"killed at statement {at}"
        ends.add("taken" if taken else "before" if found == before else "after")
        assert_rows_equal_waits(engine)
        engine.close()
    assert at > 3, "it died before it did anything"
    assert "before" in ends


def _state(snapshot: Path, folder: Path, do: Callable[[Engine], Any] | None) -> list[Any]:
    copy = folder / "other.db"
    _remove(copy)
    shutil.copyfile(snapshot, copy)
    engine = opened(copy)
    if do is not None:
        do(engine)
    found = told(engine)
    READ.update(engine.bundles._bundles)
    assert_rows_equal_waits(engine)
    engine.close()
    return found


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _dies(path: Path, do: Callable[[Engine], Any], at: int) -> bool:
    """Do it in a process that dies at its `at`-th statement or commit; False when it got to the end before."""
    child = os.fork()
    if child == 0:
        try:
            engine, count = opened(path), itertools.count(1)

            def die(*_: Any) -> None:
                if next(count) == at:
                    os._exit(9)

            event.listen(engine.database, "before_cursor_execute", die)
            event.listen(engine.database, "commit", die)
            do(engine)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9)
    return code == 9
