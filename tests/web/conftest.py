"""A firm with its people on a fresh SQLite file, and a browser of each (Flask's test client)."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache

from tasks import base
from tests.firm import KEY, START, open_engine, settings_in
from web import create_app, seed

__all__ = ["KEY", "START", "open_engine", "settings_in"]

PASSWORD = "una frase larga 2027"
"""Of people whom a test adds to those of the demo."""
DEMO_PEOPLE = {seed.ADMIN[0], *(one.usuario for one in base.GENTE)}


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords(cheap_passwords: None) -> None:
    """People sign in at every corner."""


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
