"""PostgreSQL crashes and recovers while everybody works: nobody ends, nothing is lost, nothing happens twice."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from engine import SYSTEM, Conflict, Engine
from tests.engine.cases import BETO, new_engine
from tests.engine.models import model, timer, user_task
from tests.faults.conftest import OwnServer
from tests.faults.crowd import LIMIT, Crowd, check, progress, running
from tests.faults.figures import tell
from tests.faults.node import CASO
from web import create_app, create_engine, schema
from web.server import Worker
from web.settings import Settings

PASO = model("paso", timer("espera", "PT0S"), user_task("uno"), flows="inicio > espera > uno > fin")


def test_crash_and_recovery(own_server: OwnServer, tmp_path: Path, request: Any) -> None:
    long = request.config.getoption("--long")
    instances, crashes = (300, 3) if long else (24, 2)
    engine = new_engine(own_server.url, CASO)
    for number in range(instances):
        engine.start("caso", f"C-{number:04}", by=BETO)
    crowd = Crowd(own_server.url, tmp_path, ("worker", "worker", "people"))
    recovered: list[float] = []
    try:
        for _ in range(crashes):
            seen = _patient(engine, progress)
            while _patient(engine, progress) < seen + instances and _patient(engine, running):
                pass
            seen = _patient(engine, progress)
            own_server.crash()
            crashed = time.monotonic()
            while _patient(engine, progress) <= seen and _patient(engine, running):
                pass
            recovered.append(round(time.monotonic() - crashed, 1))
        began = time.monotonic()
        while _patient(engine, running) and time.monotonic() - began < LIMIT:
            time.sleep(0.05)
        assert all(node.alive for node in crowd.nodes), "a process ended because its database was away"
    finally:
        crowd.end()
    facts = check(engine, instances, tmp_path)
    engine.close()
    tell("crashed_database", instances=instances, crashes=crashes, recovered_s=recovered, **facts)


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


def _patient(engine: Engine, ask: Any) -> int:
    """Ask until the database answers."""
    while True:
        try:
            return int(ask(engine))
        except (DBAPIError, Conflict):
            time.sleep(0.05)
