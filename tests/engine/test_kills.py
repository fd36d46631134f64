"""A process that dies at any statement or commit: the next one finishes the case as if nothing had happened."""

from __future__ import annotations

import itertools
import os
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from engine import Engine, InstanceQuery, UserTaskQuery

from .cases import ANA, BETO, assert_rows_equal_waits, kinds, new_engine, open_engine, record_ids


def walk(engine: Engine) -> None:
    """One order from wherever it stands to its end, by somebody who repeats every request until it is answered."""
    instance = engine.start("pedido", "P-1", {"piezas": 7}, request_id="inicio", by=BETO)
    while engine.instance(instance.id, by=ANA).state == "running":
        engine.run_due_jobs()
        for task in engine.user_tasks(UserTaskQuery(business_key="P-1"), by=ANA).items:
            engine.complete(task.id, {"hecho": task.element_id}, request_id=task.element_id, by=ANA)


def _killed(url: str, at: int) -> bool:
    """Walk in a process that dies at its `at`-th statement or commit; False when it got to the end before."""
    child = os.fork()
    if child == 0:
        try:
            engine = open_engine(url, lease=timedelta(0))
            count = itertools.count(1)

            def die(*_: Any) -> None:
                if next(count) == at:
                    os._exit(9)

            event.listen(engine.database, "before_cursor_execute", die)
            event.listen(engine.database, "commit", die)
            walk(engine)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9)
    return code == 9


def test_a_kill_at_any_statement_heals(database_url: str, database_kind: str) -> None:
    engine = new_engine(database_url)
    walk(engine)
    (done,) = engine.instances(InstanceQuery(), by=ANA).items
    undisturbed = kinds(engine, done.id)
    assert len(record_ids(engine)) == 2
    _wipe(engine)
    engine.close()
    # Every statement on SQLite; on PostgreSQL, where a process takes longer to begin, every third.
    for at in itertools.count(1, 1 if database_kind == "sqlite" else 3):
        if not _killed(database_url, at):
            break
        engine = open_engine(database_url, lease=timedelta(0))
        walk(engine)
        (instance,) = engine.instances(InstanceQuery(), by=ANA).items
        assert instance.state == "completed", f"killed at statement {at}"
        assert kinds(engine, instance.id) == undisturbed, f"killed at statement {at}"
        assert len(record_ids(engine)) == 2, f"killed at statement {at}"
        assert_rows_equal_waits(engine)
        _wipe(engine)
        engine.close()
    assert at > 40, "the walk has fewer statements than it can have"


def _wipe(engine: Engine) -> None:
    """Forget all instances, keep what is deployed."""
    from engine import SYSTEM
    from engine.storage import tables as t

    from .cases import records

    with engine.transaction(SYSTEM) as tx:
        for table in (t.history, t.incident, t.subscription, t.job, t.user_task_index, t.user_task, t.process_instance):
            tx.execute(table.delete())
        tx.execute(records.delete())
