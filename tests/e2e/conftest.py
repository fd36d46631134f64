"""The demo firm served on loopback, and a Chromium to look at it. Time is the scenario's: nothing sleeps."""

from __future__ import annotations

import os
import pathlib
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import waitress
from jinja2 import BytecodeCache
from playwright.sync_api import Browser, expect, sync_playwright

from engine import SYSTEM, Actor, load_folder
from tasks import tramites
from tests.browser import launch_options
from tests.e2e.walker import PATIENCE, Walker
from tests.firm import open_engine, settings_in
from web import create_app

Serve = Callable[[pathlib.Path, pathlib.Path], AbstractContextManager[Walker]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
        yield found
        found.close()


@pytest.fixture(scope="session")
def served(browser: Browser, cheap_passwords: None, compiled_templates: BytecodeCache) -> Serve:
    """`served(prepared, folder)`: a copy of that firm in a new folder, served on a free port while the context is
    open."""

    @contextmanager
    def serve(prepared: pathlib.Path, folder: pathlib.Path) -> Iterator[Walker]:
        shutil.copytree(prepared, folder)
        settings = settings_in(folder)
        engine = open_engine(settings)
        app = create_app(settings, engine)
        app.jinja_env.bytecode_cache = compiled_templates
        server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        base = f"http://127.0.0.1:{server.effective_port}"
        found = Walker(app, settings, browser, base, os.environ.get("CAUCE_PICTURES"))
        yield found
        found.close()
        server.close()
        thread.join(5)
        engine.adapters.close()
        engine.close()

    return serve


@pytest.fixture
def walker(served: Serve, firm_folder: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[Walker]:
    """The demo firm on 2027-01-11 at nine, its clock standing still between two moves."""
    with served(firm_folder, tmp_path / "firm") as found:
        yield found


@pytest.fixture(scope="module")
def matter(served: Serve, matter_folder: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    """The firm with one matter under way, its legal deadline still running, and a trámite; shared by tests that only
    look."""
    with served(matter_folder, tmp_path_factory.mktemp("matter") / "firm") as found:
        template = load_folder(found.settings.processes.parent / "solicitud_con_aprobacion")
        found.engine.deploy({**template, **found.engine.resources(by=SYSTEM)}, by=SYSTEM)
        with found.engine.transaction(Actor("sluna", frozenset({"asesor"}))) as tx:
            tramites.nuevo(tx, "solicitud_con_aprobacion", {"que_se_pide": "Un monitor", "monto": 6000})
        yield found


@pytest.fixture(scope="module")
def studio(served: Serve, firm_folder: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    """The firm with its process published and nothing changed in the draft."""
    with served(firm_folder, tmp_path_factory.mktemp("studio") / "firm") as found:
        yield found
