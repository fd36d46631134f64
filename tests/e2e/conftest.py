"""The demo firm served on loopback, and a Chromium to look at it. Time is the scenario's: nothing sleeps."""

from __future__ import annotations

import os
import pathlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
import waitress
from playwright.sync_api import Browser, sync_playwright

from engine import SYSTEM, Actor, MovableClock, load_folder
from tasks import tramites
from tests.browser import launch_options
from tests.e2e.walker import Walker
from web import create_app, create_engine, create_schema, seed
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm
from web.settings import Settings
from web.texts import ZONE

START = datetime(2027, 1, 11, 9, 0, tzinfo=ZONE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
        yield found
        found.close()


@pytest.fixture
def walker(tmp_path: pathlib.Path, browser: Browser) -> Iterator[Walker]:
    """The demo firm on 2027-01-11 at nine, its clock standing still between two moves."""
    with served_firm(tmp_path, browser) as found:
        yield found


@pytest.fixture(scope="module")
def matter(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Walker]:
    """The firm with one matter under way, its legal deadline still running, and a trámite; shared by tests that only
    look."""
    with served_firm(tmp_path_factory.mktemp("firm"), browser) as found:
        scenario = load(found.settings.processes / "scenarios" / "e1_camino_feliz.yaml")
        report = run(scenario, lambda: ScenarioFirm(found.engine, keep_open=True), until=22)
        assert report.failure is None, report.failure
        template = load_folder(found.settings.processes.parent / "solicitud_con_aprobacion")
        found.engine.deploy({**template, **found.engine.resources(by=SYSTEM)}, by=SYSTEM)
        with found.engine.transaction(Actor("sluna", frozenset({"asesor"}))) as tx:
            tramites.nuevo(tx, "solicitud_con_aprobacion", {"que_se_pide": "Un monitor", "monto": 6000})
        yield found


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Walker]:
    """The firm with its process published and nothing changed in the draft."""
    with served_firm(tmp_path_factory.mktemp("studio"), browser) as found:
        yield found


@contextmanager
def served_firm(tmp_path: pathlib.Path, browser: Browser) -> Iterator[Walker]:
    """Base data, people and process on a fresh database, served on a free port."""
    settings = Settings(
        var=tmp_path, database_url=f"sqlite:///{tmp_path / 'cauce.db'}", secret_key="s" * 40, demo=True, clock=START
    )
    engine = create_engine(settings)
    engine.clock = MovableClock(start=START, frozen=True)
    create_schema(engine)
    app = create_app(settings, engine)
    with app.app_context():
        seed.demo(engine, settings.processes, story=False)
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    found = Walker(
        app, settings, browser, f"http://127.0.0.1:{server.effective_port}", os.environ.get("CAUCE_PICTURES")
    )
    yield found
    found.close()
    server.close()
    thread.join(5)
    engine.adapters.close()
    engine.close()
