"""A firm with its people on a fresh SQLite file, and a browser of each (Flask's test client)."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, FileSystemBytecodeCache

from engine import Engine, MovableClock
from tasks import base
from web import accounts, create_app, create_engine, create_schema, seed
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm
from web.settings import Settings
from web.texts import ZONE

START = datetime(2027, 1, 11, 9, 0, tzinfo=ZONE)
KEY = "PRO-2027-0001"
PASSWORD = "una frase larga 2027"
"""Of people whom a test adds to those of the demo."""
DEMO_PEOPLE = {seed.ADMIN[0], *(one.usuario for one in base.GENTE)}


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes at the least cost that argon2 knows: hundreds of sign-ins would else take a minute."""
    config = cast(dict[str, Any], accounts.CONFIG)
    dear = config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"]
    config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = {
        "argon2__memory_cost": 8, "argon2__time_cost": 1, "argon2__parallelism": 1
    }  # fmt: skip
    yield
    config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = dear


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Each test makes an application of its own; the templates are compiled once."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


def settings_in(folder: pathlib.Path) -> Settings:
    return Settings(
        var=folder, database_url=f"sqlite:///{folder / 'cauce.db'}", secret_key="s" * 40, demo=True, clock=START
    )


def open_engine(settings: Settings) -> Engine:
    """The engine with a clock that stands still."""
    engine = create_engine(settings)
    engine.clock = MovableClock(start=START, frozen=True)
    return engine


@pytest.fixture(scope="session")
def firm_folder(tmp_path_factory: pytest.TempPathFactory, cheap_passwords: None) -> pathlib.Path:
    """Base data, accounts and process, made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("firm")
    settings = settings_in(folder)
    engine = open_engine(settings)
    create_schema(engine)
    with create_app(settings, engine).app_context():
        seed.demo(engine, settings.processes, story=False)
    engine.adapters.close()
    engine.close()
    return folder


@pytest.fixture(scope="session")
def matter_folder(firm_folder: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The same with one matter under way: paid, an advisor assigned, its legal deadline running."""
    folder = tmp_path_factory.mktemp("matter") / "copy"
    shutil.copytree(firm_folder, folder)
    settings = settings_in(folder)
    engine = open_engine(settings)
    scenario = load(settings.processes / "scenarios" / "e1_camino_feliz.yaml")
    report = run(scenario, lambda: ScenarioFirm(engine, keep_open=True), until=22)
    assert report.failure is None, report.failure
    engine.adapters.close()
    engine.close()
    return folder


def _served(source: pathlib.Path, target: pathlib.Path, compiled_templates: BytecodeCache) -> Iterator[Flask]:
    shutil.copytree(source, target)
    settings = settings_in(target)
    engine = open_engine(settings)
    app = create_app(settings, engine)
    app.testing = True
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    engine.adapters.close()
    engine.close()


@pytest.fixture
def app(firm_folder: pathlib.Path, tmp_path: pathlib.Path, compiled_templates: BytecodeCache) -> Iterator[Flask]:
    """The pages of the firm, with nothing going on."""
    yield from _served(firm_folder, tmp_path / "firm", compiled_templates)


@pytest.fixture
def busy_app(matter_folder: pathlib.Path, tmp_path: pathlib.Path, compiled_templates: BytecodeCache) -> Iterator[Flask]:
    """The pages of the firm with the matter `KEY` under way."""
    yield from _served(matter_folder, tmp_path / "busy", compiled_templates)


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    """A browser in which this person has signed in through the page."""
    return browser_of(app)


@pytest.fixture
def busy(busy_app: Flask) -> Callable[..., FlaskClient]:
    """The same, at the firm with a matter under way."""
    return browser_of(busy_app)


def browser_of(app: Flask) -> Callable[..., FlaskClient]:
    def open_browser(usuario: str, password: str = "") -> FlaskClient:
        client = app.test_client()
        form = {"usuario": usuario, "password": password or password_of(usuario), "csrf_token": token(client)}
        answer = client.post("/entrar", data=form)
        assert answer.status_code == 302, answer.text
        return client

    return open_browser


def password_of(usuario: str) -> str:
    return seed.password_of(usuario) if usuario in DEMO_PEOPLE else PASSWORD


def token(client: FlaskClient, path: str = "/entrar") -> str:
    """The CSRF token of the form on this page."""
    text = client.get(path).text
    return text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
