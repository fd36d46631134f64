"""What the tests of the studio share: a small process deployed, an analyst and a publisher, saving as the page does."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine import SYSTEM, Engine
from tasks.registros import Colaborador
from tests.web.conftest import password_of, token
from tests.web.two_steps import RESOURCES
from web import accounts

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def engine(app: Flask) -> Engine:
    """The app's engine with a small process deployed, an analyst and a publisher."""
    found: Engine = app.extensions["engine"]
    found.deploy(RESOURCES, name="primera", by=SYSTEM)
    with app.app_context(), found.transaction(SYSTEM) as tx:
        for usuario, nombre, grupos in (
            ("nrey", "Nora Rey", ["analista"]),
            ("osanz", "Óscar Sanz", ["analista", "publicador"]),
        ):
            tx.session.add(Colaborador(usuario=usuario, nombre=nombre, correo=f"{usuario}@despacho.mx", grupos=grupos))
            accounts.create(tx.session, usuario, password_of(usuario), temporary=False)
    return found


@pytest.fixture
def analyst(engine: Engine, sign_in: SignIn) -> FlaskClient:
    return sign_in("nrey")


def revision_of(client: FlaskClient, path: str) -> str:
    text = client.get(f"/estudio/archivo/{path}").text
    return text.split('"revision": "', 1)[1].split('"', 1)[0]


def put(client: FlaskClient, path: str, content: bytes, seen: str) -> TestResponse:
    headers = {"X-CSRFToken": token(client, "/estudio"), "If-Match": seen, "Accept": "application/json"}
    return client.put(f"/estudio/archivo/{path}", data=content, headers=headers)


def post(client: FlaskClient, url: str, **values: object) -> TestResponse:
    return client.post(url, data={"csrf_token": token(client, "/estudio"), **values})


def findings_of(client: FlaskClient, path: str, content: bytes) -> TestResponse:
    """What the editor of this file is told about content that is not saved."""
    headers = {"X-CSRFToken": token(client, "/estudio"), "Accept": "application/json"}
    return client.post(f"/estudio/hallazgos/{path}", data=content, headers=headers)


def upload(client: FlaskClient, name: str, data: bytes, **values: str) -> TestResponse:
    return post(client, "/estudio/importar", archivos=(io.BytesIO(data), name), **values)
