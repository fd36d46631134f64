"""Carga de trabajo: the figures beside which an advisor is chosen, and what one may see behind them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Engine
from tasks import carga
from tasks.registros import Colaborador
from tests.web.conftest import KEY
from web import accounts, seed
from web.texts import ZONE

SignIn = Callable[..., FlaskClient]


def row_of(page: str, name: str) -> list[str]:
    """The figures of one advisor, as the page shows them."""
    [row] = [row for row in re.findall(r"<tr>.*?</tr>", page, re.S) if name in row]
    return [re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r'<td class="number".*?>(.*?)</td>', row, re.S)]


def test_the_figures_are_those_of_the_proposal(busy_app: Flask, busy: SignIn) -> None:
    """sluna had 4 active matters at the start (E1), and works on the one that runs here since 22 January."""
    client = busy("hruiz")
    page = client.get("/carga").text
    assert row_of(page, "Sofía Luna") == ["5", "1", "0", "0"]
    assert row_of(page, "Raúl Campos") == ["7", "0", "0", "0"]
    engine: Engine = busy_app.extensions["engine"]
    # Its deadline is 2 February, five business days from the 25th on; the follow-up is due on 8 February.
    engine.move_clock(datetime(2027, 1, 25, 9, tzinfo=ZONE), by=SYSTEM)
    assert row_of(client.get("/carga").text, "Sofía Luna") == ["5", "1", "0", "1"]
    engine.move_clock(datetime(2027, 2, 9, 9, tzinfo=ZONE), by=SYSTEM)
    assert row_of(client.get("/carga").text, "Sofía Luna")[1:3] == ["1", "1"]
    with engine.reading(SYSTEM) as tx:
        assert [one.asesor.usuario for one in carga.de_asesores(tx.session, tx.now)][0] == "knieto"


def test_from_there_a_matter_is_reassigned(busy_app: Flask, busy: SignIn) -> None:
    page = busy("hruiz").get("/carga/sluna").text
    assert f'href="/asuntos/{KEY}/reasignar"' in page
    assert "Dar seguimiento" in page
    engine: Engine = busy_app.extensions["engine"]
    with busy_app.app_context(), engine.transaction(SYSTEM) as tx:
        tx.session.add(Colaborador(usuario="otro", nombre="Otro", correo="o@x.mx", grupos=["gerente"]))
        tx.session.flush()
        accounts.create(tx.session, "otro", seed.password_of("otro"), temporary=False)
    other = busy("otro", seed.password_of("otro"))
    page = other.get("/carga/sluna").text
    assert KEY not in page
    assert "María Fernanda" not in page
    assert "5 asuntos más" in page
    assert other.get("/carga/lvega").status_code == 404
    assert busy("sluna").get("/carga").status_code == 403
