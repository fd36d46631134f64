"""The disk under PostgreSQL is full, in its data or in its log, which takes the server down: pages say what to do, what
was answered is there, and with room made everything goes on by itself."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine import SYSTEM, Actor, Conflict, Engine, JobQuery, UserTaskQuery
from engine.storage import tables as t
from engine.storage.database import is_away, is_full
from tests.engine.cases import assert_rows_equal_waits
from tests.engine.models import model, timer, user_task
from tests.faults.conftest import SmallDisk
from tests.faults.crowd import LIMIT
from tests.faults.figures import tell
from web import create_app, create_engine, schema
from web.permissions import public
from web.server import Worker
from web.settings import Settings

CASO = model("caso", timer("espera", "PT0S"), user_task("uno"), flows="inicio > espera > uno > fin")
ANA = Actor("ana", frozenset({"ventas"}))
REFUSALS = 30
"""So often people try before there is room again."""


@pytest.fixture
def firm(small_disk: SmallDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Flask, Engine]]:
    """Pages and a worker on the small disk, with a page whose only work is to start a matter."""
    monkeypatch.setattr("web.server.PAUSE", 0.1)
    monkeypatch.setattr("web.health.FULL_FOR", 0.5)
    settings = Settings(var=tmp_path, database_url=small_disk.server.url, secret_key="s1e2c3r4" * 8)
    schema.upgrade(settings)
    engine = create_engine(settings)
    engine.deploy({"bpmn/caso.bpmn": CASO}, by=SYSTEM)
    app = create_app(settings, engine)
    app.add_url_rule("/prueba", view_func=public(lambda: _start(engine)))
    worker = Worker(engine, "uno")
    worker.start()
    yield app, engine
    assert worker.is_alive(), "it goes on trying"
    worker.stop()
    worker.join()
    engine.adapters.close()
    engine.close()


def test_full_and_then_room_again(firm: tuple[Flask, Engine], small_disk: SmallDisk, request: Any) -> None:
    rounds = 10 if request.config.getoption("--long") else 2
    app, engine = firm
    client, answered = app.test_client(), set[str]()
    healed, refused, down = list[float](), 0, 0
    for number in range(rounds):
        _until(lambda: client.get("/readyz").status_code == 200)
        in_the_log = number % 2 == 1
        small_disk.fill(leave=(1 + number // 2) * 2**20)
        if in_the_log:
            _use_up_the_log(small_disk)
        refusals = _work(engine, answered)
        refused += len(refusals)
        assert all(is_away(one) for one in refusals)
        page = client.get("/prueba")
        assert page.status_code == 503
        assert "No se guardó ningún cambio" in page.text
        assert client.get("/readyz").status_code == 503
        if in_the_log:
            down += small_disk.server.ended()
        else:
            assert is_full(refusals[-1])
            assert "El disco de la base de datos está lleno" in page.text
            assert client.get("/entrar").status_code == 200, "reading goes on"
        small_disk.make_room()
        began = time.monotonic()
        small_disk.server.start()
        _until(lambda: client.get("/readyz").status_code == 200)
        _until(lambda: not engine.jobs(JobQuery(), by=SYSTEM).items)
        healed.append(round(time.monotonic() - began, 1))
    assert down > 0, "the server never went down"
    assert max(healed) < 60
    _there(engine, answered)
    for task in _tasks(engine):
        engine.complete(task, {}, by=ANA)
    with engine.reading(SYSTEM) as tx:
        assert set(tx.execute(select(t.process_instance.c.state)).scalars()) == {"completed"}
    assert_rows_equal_waits(engine)
    tell(
        "full_disk", database="postgresql", rounds=rounds, server_down=down, refused=refused, answered=len(answered),
        missing=0, healed_s=healed,
    )  # fmt: skip


def _work(engine: Engine, answered: set[str]) -> list[Exception]:
    """Start and complete until it has been refused often; `answered` gets the ids of what was not."""
    refusals = list[Exception]()
    while len(refusals) < REFUSALS:
        for step in (lambda: _start(engine), lambda: _complete(engine)):
            try:
                answered.add(step())
            except Conflict:
                continue
            except Exception as error:
                refusals.append(error)
    return refusals


def _start(engine: Engine) -> str:
    """With a text that no database makes smaller."""
    return str(engine.start("caso", secrets.token_hex(8), {"texto": secrets.token_hex(8_000)}, by=ANA).id)


def _complete(engine: Engine) -> str:
    tasks = _tasks(engine)
    if not tasks:
        raise Conflict("nothing to do yet")
    engine.complete(tasks[0], {}, by=ANA)
    return tasks[0]


def _tasks(engine: Engine) -> list[str]:
    return [one.id for one in engine.user_tasks(UserTaskQuery(), size=200, by=ANA).items]


def _use_up_the_log(disk: SmallDisk) -> None:
    """Until a new piece of it, 16 MB, is needed."""
    with contextlib.suppress(DBAPIError):
        disk.server.ask(*["SELECT pg_logical_emit_message(true, 'cauce', 'x')", "SELECT pg_switch_wal()"] * 5)


def _until(there: Callable[[], object]) -> None:
    began = time.monotonic()
    while True:
        try:
            if there():
                return
        except Exception as error:
            if not is_away(error):
                raise
        assert time.monotonic() - began < LIMIT
        time.sleep(0.02)


def _there(engine: Engine, answered: set[str]) -> None:
    """Every id that was answered is in the database, as started or completed."""
    with engine.reading(SYSTEM) as tx:
        instances = set(tx.execute(select(t.process_instance.c.id)).scalars())
        done = set(tx.execute(select(t.user_task.c.id).where(t.user_task.c.state == "completed")).scalars())
    assert answered <= instances | done
