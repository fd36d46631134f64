"""«Alta de asunto en curso»: by the form, and by a file that is looked at before anything is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

from engine import SYSTEM, Engine
from tasks.registros import Asunto, Colaborador, Correo, Parte, Prospecto
from tests.web.conftest import token
from web import accounts, seed

SignIn = Callable[..., FlaskClient]
FORM, FILE = "/asuntos/alta", "/asuntos/alta/archivo"
VALUES = {
    "nombre": "Papelera del Valle, S.A. de C.V.", "tipo_persona": "moral", "rfc": "", "correo": "", "telefono": "",
    "tipo": "juicio", "subtipo": "laboral", "etapa": "10", "folio": "J-2025-0042", "asesor_id": "dpaz", "autoridad": "",
    "num_exp_autoridad": "", "avance_pct": "35", "descripcion": "", "honorarios": "100000",
    "facturas.0.total": "58000", "facturas.0.saldo": "58000", "facturas.0.vencimiento": "2027-01-20",
}  # fmt: skip


def matters(app: Flask) -> list[str]:
    engine: Engine = app.extensions["engine"]
    with engine.reading(SYSTEM) as tx:
        assert tx.session.scalars(select(Correo)).all() == []
        return list(
            tx.session.scalars(select(Asunto.folio).join(Asunto.prospecto).where(Prospecto.folio.like("PRO-2027-%")))
        )


def look(client: FlaskClient, content: bytes, path: str = FILE):
    sent = {"csrf_token": token(client, FILE), "archivo": (BytesIO(content), "asuntos.csv")}
    builder = EnvironBuilder(path=path, method="POST", data=sent)
    environ = builder.get_environ()
    answer = client.open(environ)
    # A large request is a temporary file of the test's own.
    environ["wsgi.input"].close()
    builder.close()
    return answer


def test_one_by_the_form(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("hruiz")
    assert f'href="{FORM}"' in client.get("/asuntos").text
    send = {"csrf_token": token(client, FORM), "_request_id": "r1", **VALUES}
    refused = client.post(FORM, data={**send, "honorarios": ""})
    assert refused.status_code == 422
    hearing = {"audiencias.0.titulo": "Preliminar", "audiencias.0.inicio": "2027-03-03T10:00"}
    send |= hearing | {"audiencias.0.zona": "America/Tijuana"}
    answer = client.post(FORM, data=send)
    assert answer.status_code == 302, answer.text
    dates = client.get(f"{answer.location}/plazos").text
    assert "3 mar 2027, 12:00" in dates
    assert "10:00, hora de Baja California" in dates
    assert answer.location == client.post(FORM, data=send).location
    assert "J-2025-0042" in client.get(answer.location).text
    assert matters(app) == ["J-2025-0042"]


def test_a_doubtful_rfc_of_another_party_is_a_warning(app: Flask, sign_in: SignIn) -> None:
    """It is judged while the form is filled in; foreigners and strangers have none, so the matter comes in."""
    client = sign_in("hruiz")
    send = {
        "csrf_token": token(client, FORM),
        **VALUES,
        "contrapartes.0.nombre": "Otra",
        "contrapartes.0.rfc": "bsa 150301 ab",
    }
    assert "No parece un RFC" in client.post(f"{FORM}?campos=1", data=send).text
    good = {**send, "contrapartes.0.rfc": "BSA 150301AB0"}
    assert "No parece un RFC" not in client.post(f"{FORM}?campos=1", data=good).text
    assert client.post(FORM, data=send).status_code == 302
    with app.extensions["engine"].reading(SYSTEM) as tx:
        assert tx.session.scalars(select(Parte.rfc).where(Parte.nombre == "Otra")).all() == ["BSA150301AB"]
    seen = look(client, b"nombre,etapa,tipo,subtipo,contrapartes\nAna Ruiz,4,queja,profeco,Beto Cruz|BSA15\n")
    assert "No parece un RFC: BSA15." in seen.text
    assert 'name="contenido"' in seen.text


def test_many_by_a_file_seen_before(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("hruiz")
    example = client.get("/asuntos/alta/archivo/ejemplo.csv").data
    seen = look(client, example)
    assert seen.status_code == 200
    assert "Papelera del Valle" in seen.text
    assert matters(app) == []
    hidden = dict(re.findall(r'name="(csrf_token|_request_id|contenido)" value="([^"]*)"', seen.text))
    taken = client.post(f"{FILE}/importar", data=hidden)
    assert taken.status_code == 302, taken.text
    assert client.post(f"{FILE}/importar", data=hidden).status_code == 302
    assert matters(app) == ["J-2026-0042"]
    # The same file on another day: its folio is taken by now.
    again = client.post(f"{FILE}/importar", data={**hidden, "_request_id": "r2"})
    assert again.status_code == 422
    assert "Ya hay un asunto con este folio." in again.text


def test_what_is_wrong_stands_in_its_cell(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("hruiz")
    seen = look(client, b"nombre,etapa,tipo,subtipo\n<b>Eva</b>,2,queja,profeco\n")
    assert 'data-label="etapa"><div class="cell">2<p class="error">Elija una etapa, de 3 a 12.</p>' in seen.text
    assert "&lt;b&gt;Eva" in seen.text
    assert "contenido" not in re.findall(r'name="(\w+)"', seen.text)
    for content, said in (
        (b"", "El archivo está vacío."),
        (b"\x00\x01", "Faltan columnas"),
        (b"a" * 2**21, "pasa de 1 MB"),
    ):
        refused = look(client, content)
        assert (refused.status_code, said in refused.text) == (422, True)
    assert (
        client.post(f"{FILE}/importar", data={"csrf_token": token(client, FILE), "contenido": "?"}).status_code == 422
    )
    assert matters(app) == []


def test_a_conflict_of_interest_stands_in_its_line_until_there_is_a_reason(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("hruiz")
    head = "nombre,correo,etapa,tipo,subtipo,contrapartes,justificacion_conflicto\n"
    lines = head + "Ana Ruiz,ana@x.mx,4,queja,profeco,Beto Cruz Lara,{}\nBeto Cruz Lara,b@x.mx,4,queja,profeco,,{}\n"
    seen = look(client, lines.replace("{}", "").encode()).text
    assert seen.count("Si no lo hay, escriba por qué") == 2
    assert 'name="contenido"' not in seen
    seen = look(client, lines.replace("{}", "Son homónimos").encode()).text
    assert seen.count("Posible conflicto</span>") == 2
    assert 'name="contenido"' in seen


def test_administration_registers_what_it_may_not_read(app: Flask, sign_in: SignIn) -> None:
    engine: Engine = app.extensions["engine"]
    with app.app_context(), engine.transaction(SYSTEM) as tx:
        tx.session.add(Colaborador(usuario="soporte", nombre="Soporte", correo="s@x.mx", grupos=["admin"]))
        tx.session.flush()
        accounts.create(tx.session, "soporte", seed.password_of("soporte"), temporary=False)
    client = sign_in("soporte", seed.password_of("soporte"))
    answer = client.post(FORM, data={"csrf_token": token(client, FORM), **VALUES})
    assert (answer.status_code, answer.location) == (302, FORM)
    assert "Asunto dado de alta" in client.get(FORM).text
    assert matters(app) == ["J-2025-0042"]
