"""A firm with its people on a fresh SQLite file, and a browser of each (Flask's test client)."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM
from tasks.registros import Colaborador
from web import accounts, create_app, create_engine, create_schema
from web.settings import Settings

PASSWORD = "una frase larga 2027"
PEOPLE = {
    "lvega": ("Laura Vega", ["ventas"]),
    "pmora": ("Pablo Mora", ["ventas"]),
    "hruiz": ("Héctor Ruiz", ["gerente"]),
    "abarrera": ("Ana Barrera", ["direccion", "admin"]),
    "msoto": ("Miguel Soto", ["cobranza"]),
    "sluna": ("Sofía Luna", ["asesor"]),
}


@pytest.fixture
def app(tmp_path: pathlib.Path) -> Iterator[Flask]:
    settings = Settings(var=tmp_path, database_url=f"sqlite:///{tmp_path / 'cauce.db'}", secret_key="s" * 40, demo=True)
    engine = create_engine(settings)
    app = create_app(settings, engine)
    app.testing = True
    create_schema(engine)
    with app.app_context(), engine.transaction(SYSTEM) as tx:
        for usuario, (nombre, grupos) in PEOPLE.items():
            tx.session.add(Colaborador(usuario=usuario, nombre=nombre, correo=f"{usuario}@despacho.mx", grupos=grupos))
            accounts.create(tx.session, usuario, PASSWORD, temporary=False)
    yield app
    engine.close()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser in which this person has signed in through the page."""

    def open_browser(usuario: str, password: str = PASSWORD) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/entrar", data={"usuario": usuario, "password": password, "csrf_token": token(client)})
        assert answer.status_code == 302, answer.text
        return client

    return open_browser


def token(client: FlaskClient, path: str = "/entrar") -> str:
    """The CSRF token of the form on this page."""
    text = client.get(path).text
    return text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
