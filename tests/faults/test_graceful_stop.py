"""SIGTERM: not ready at once, what runs is finished, what cannot be finished is handed back."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from engine import SYSTEM, Engine, JobQuery
from engine.handler import declared
from engine.handler import service_task as handles
from tests.engine.models import model
from tests.engine.models import service_task as service
from tests.faults.crowd import LIMIT
from web import health, server

SLOW = model("lento", service("tarda", "tarda"), flows="inicio > tarda > fin")


@handles("tarda", outside=True, retries=0)
def tarda(payload: Any, outside: Any) -> None:
    (outside.adapters / "begun").touch()
    while not (outside.adapters / "go").exists():
        time.sleep(0.01)


HANDLERS = declared(sys.modules[__name__])


class Served:
    """A process that serves and works, as `cauce serve` does; or only works, as `cauce worker`."""

    def __init__(self, url: str, folder: Path, *, notice: float, drain: float, pages: bool = True) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.pid = os.fork()
        if self.pid == 0:
            try:
                server.NOTICE, server.DRAIN = notice, drain
                engine = Engine(url, handlers=HANDLERS, adapters=folder)
                if pages:
                    app = _app(engine, folder)
                    server.serve(app, engine, host="127.0.0.1", port=self.port, threads=4, daily=lambda _engine: 0)
                else:
                    server.work(engine, daily=lambda _engine: 0)
                os._exit(0)
            except SystemExit:
                os._exit(0)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        connection.request("GET", path)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def wait_for(self, name: str) -> None:
        began = time.monotonic()
        while not (self.folder / name).exists():
            assert time.monotonic() - began < LIMIT
            assert os.waitpid(self.pid, os.WNOHANG) == (0, 0), "the process has ended"
            time.sleep(0.01)

    def end(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _app(engine: Engine, folder: Path) -> Flask:
    app = Flask("served")
    app.extensions["engine"] = engine

    @app.get("/readyz")
    def ready() -> tuple[dict[str, bool], int]:
        return {"stays": not health.leaving.is_set()}, 503 if health.leaving.is_set() else 200

    @app.get("/slow")
    def slow() -> str:
        (folder / "asked").touch()
        while not (folder / "go").exists():
            time.sleep(0.01)
        return "hecho"

    return app


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(database_url, handlers=HANDLERS, adapters=tmp_path)
    engine.create_schema()
    engine.deploy({"bpmn/lento.bpmn": SLOW}, by=SYSTEM)
    yield engine
    engine.close()


def test_what_runs_is_finished(engine: Engine, database_url: str, tmp_path: Path) -> None:
    instance = engine.start("lento", "L-1", by=SYSTEM)
    served, answers = Served(database_url, tmp_path, notice=2.0, drain=LIMIT), []
    served.wait_for("begun")
    slow = threading.Thread(target=lambda: answers.append(served.get("/slow")))
    slow.start()
    served.wait_for("asked")
    assert served.get("/readyz")[0] == 200
    os.kill(served.pid, signal.SIGTERM)
    while (answer := served.get("/readyz"))[0] == 200:
        pass
    assert json.loads(answer[1]) == {"stays": False}
    (tmp_path / "go").touch()
    slow.join()
    assert served.end() == 0
    assert answers == [(200, b"hecho")]
    assert engine.instance(instance.id, by=SYSTEM).state == "completed"
    assert engine.workload(by=SYSTEM).workers == ()


def test_what_takes_too_long_is_handed_back(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Its lease would last another minute; the next worker may have it now."""
    instance = engine.start("lento", "L-1", by=SYSTEM)
    served = Served(database_url, tmp_path, notice=0.1, drain=0.1)
    served.wait_for("begun")
    os.kill(served.pid, signal.SIGTERM)
    assert served.end() == 0
    (job,) = engine.jobs(JobQuery(instance_id=instance.id), by=SYSTEM).items
    assert (job.state, job.lease_owner) == ("due", None)
    (tmp_path / "go").touch()
    assert engine.run_due_jobs() == 1
    assert engine.instance(instance.id, by=SYSTEM).state == "completed"


@pytest.mark.parametrize("drain", [LIMIT, 0.1])
def test_a_worker_without_pages_finishes_or_hands_back(
    engine: Engine, database_url: str, tmp_path: Path, drain: float
) -> None:
    instance = engine.start("lento", "L-1", by=SYSTEM)
    worker = Served(database_url, tmp_path, notice=0, drain=drain, pages=False)
    worker.wait_for("begun")
    os.kill(worker.pid, signal.SIGTERM)
    if drain > 1:
        (tmp_path / "go").touch()
    assert worker.end() == 0
    (tmp_path / "go").touch()
    assert engine.run_due_jobs() == (drain < 1)
    assert engine.instance(instance.id, by=SYSTEM).state == "completed"
    assert engine.workload(by=SYSTEM).workers == ()
