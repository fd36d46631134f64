"""PostgreSQL crashes and recovers while everybody works: nobody ends, nothing is lost, nothing happens twice."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from engine import SYSTEM, Conflict, Engine
from engine.storage.database import is_away
from tests.engine.cases import BETO, kinds, new_engine, record_ids
from tests.engine.models import model, timer, user_task
from tests.engine.models import service_task as service
from tests.faults.conftest import OwnServer
from tests.faults.crowd import LIMIT, Crowd, check, progress, running
from tests.faults.figures import tell
from tests.faults.node import CASO
from web import create_app, create_engine, schema
from web.server import Worker
from web.settings import Settings

AVISO = model(
    "aviso",
    service("mandar", "correo", inputs={"para": '="luz"'}, retries="0"),
    service("apartar", "almacen.apartar", inputs={"piezas": "=7"}, retries="0"),
    flows="inicio > mandar > apartar > fin",
)
PASO = model("paso", timer("espera", "PT0S"), user_task("uno"), flows="inicio > espera > uno > fin")


def test_crashes_and_restarts_under_load(own_server: OwnServer, tmp_path: Path, request: Any) -> None:
    """In turn: a process of the server is killed, the server is stopped at once and started again."""
    long = request.config.getoption("--long")
    # CAUCE_MATTERS: how many with --long.
    instances, interruptions = (int(os.environ.get("CAUCE_MATTERS", "2000")), 6) if long else (24, 2)
    settings = Settings(var=tmp_path, database_url=own_server.url, secret_key="s1e2c3r4" * 8)
    schema.upgrade(settings)
    engine = new_engine(own_server.url, CASO)
    for number in range(instances):
        engine.start("caso", f"C-{number:04}", by=BETO)
    crowd = Crowd(own_server.url, tmp_path, ("worker", "worker", "people"))
    pages = Pages(settings)
    recovered: list[float] = []
    try:
        for number in range(interruptions):
            _further(engine, instances * 4 // interruptions)
            (own_server.crash, own_server.restart)[number % 2]()
            began = time.monotonic()
            _further(engine, 1)
            recovered.append(round(time.monotonic() - began, 1))
        began = time.monotonic()
        while _patient(engine, running) and time.monotonic() - began < LIMIT:
            time.sleep(0.05)
        assert all(node.alive for node in crowd.nodes), "a process ended because its database was away"
        while pages.ready != "200":
            assert time.monotonic() - began < LIMIT
    finally:
        pages.end()
        crowd.end()
    assert max(recovered) < 60
    facts = check(engine, instances, tmp_path)
    engine.close()
    tell(
        "crashed_database", instances=instances, crashes=(interruptions + 1) // 2, restarts=interruptions // 2,
        recovered_s=recovered, pages=dict(sorted(pages.answers.items())), **facts,
    )  # fmt: skip
    assert set(pages.answers) <= {"200", "503"}, "a page works, or says that the database is away"


class Pages(threading.Thread):
    """Somebody who asks for pages all the time."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self._engine = create_engine(settings)
        self._client = create_app(settings, self._engine).test_client()
        self._enough = threading.Event()
        self.answers: Counter[str] = Counter()
        self.ready = ""
        self.start()

    def run(self) -> None:
        while not self._enough.wait(0.02):
            self.answers[str(self._client.get("/entrar").status_code)] += 1
            self.ready = str(self._client.get("/readyz").status_code)
            self.answers[self.ready] += 1

    def end(self) -> None:
        self._enough.set()
        self.join()
        self._engine.adapters.close()
        self._engine.close()


def test_a_restart_under_web_and_worker(own_server: OwnServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is away pages say so and `/readyz` is red; when it is back everything goes on by itself."""
    monkeypatch.setattr("web.server.PAUSE", 0.1)
    settings = Settings(var=tmp_path, database_url=own_server.url, secret_key="s1e2c3r4" * 8)
    schema.upgrade(settings)
    engine = create_engine(settings)
    app = create_app(settings, engine)
    client, worker = app.test_client(), Worker(engine, "uno")
    engine.deploy({"bpmn/paso.bpmn": PASO}, by=SYSTEM)
    worker.start()
    try:
        while client.get("/readyz").status_code != 200:
            pass
        engine.start("paso", "PRO-2027-0001", by=SYSTEM)
        own_server.halt()
        assert client.get("/readyz").status_code == 503
        page = client.get("/entrar")
        assert page.status_code == 503
        assert "No se guardó ningún cambio" in page.text
        assert client.get("/healthz").status_code == 200
        own_server.start()
        began = time.monotonic()
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() - began < LIMIT
        assert client.get("/entrar").status_code == 200
        engine.start("paso", "PRO-2027-0002", by=SYSTEM)
        while len(engine.user_tasks(by=SYSTEM).items) < 2:
            assert time.monotonic() - began < LIMIT
            time.sleep(0.05)
        healed = time.monotonic() - began
        assert worker.is_alive()
    finally:
        worker.stop()
        worker.join()
        engine.adapters.close()
        engine.close()
    tell("restarted_database", database="postgresql", web_and_worker_again_s=round(healed, 1))


class Cut(list[Any]):
    """A post office; when the first letter has been handed in, the database is gone."""

    def __init__(self, server: OwnServer) -> None:
        super().__init__()
        self._server = server

    def append(self, entry: Any) -> None:
        super().append(entry)
        if len(self) == 1:
            self._server.halt()


def test_what_was_done_while_the_database_went_away_is_written_down_later(own_server: OwnServer) -> None:
    """Outside the house it is not done again, inside it is done anew; neither has used up an attempt."""
    posts = Cut(own_server)
    engine = new_engine(own_server.url, AVISO, adapters=posts, after_step=0)
    instance = engine.start("aviso", "A-1", by=BETO)
    with pytest.raises(DBAPIError) as away:
        engine.run_due_jobs()
    assert is_away(away.value)
    own_server.start()
    broken: list[str] = []

    @event.listens_for(engine.database, "before_cursor_execute")
    def cut_again(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO shipment") and not broken:
            broken.append(statement)
            own_server.halt()

    with pytest.raises(DBAPIError):
        engine.run_due_jobs()
    own_server.start()
    assert engine.run_due_jobs() == 1
    assert engine.instance(instance.id, by=SYSTEM).state == "completed"
    assert (len(posts), len(broken), len(record_ids(engine))) == (1, 1, 1)
    told = kinds(engine, instance.id)
    assert (told.count("job.completed"), told.count("job.failed")) == (2, 0)
    assert not engine.unfinished
    engine.close()


def _further(engine: Engine, steps: int) -> None:
    """Wait until so many more steps are in the database, or nothing is left to do."""
    seen, began = _patient(engine, progress), time.monotonic()
    while _patient(engine, progress) < seen + steps and _patient(engine, running):
        assert time.monotonic() - began < LIMIT
        time.sleep(0.01)


def _patient(engine: Engine, ask: Any) -> int:
    """Ask until the database answers."""
    while True:
        try:
            return int(ask(engine))
        except (DBAPIError, Conflict):
            time.sleep(0.05)
