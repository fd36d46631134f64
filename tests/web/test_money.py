"""Cartera: what is owed by age, with totals, and as a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import Actor, Engine
from tasks import altas

SignIn = Callable[..., FlaskClient]
TODAY = date(2027, 1, 11)
OWED = {"0": "1000", "1-30": "300", "31-60": "60", "61-90": "90", "90+": "91"}
"""Age → what the oldest edge of it owes; the first is due today."""
DAYS = {"0": 0, "1-30": 30, "31-60": 31, "61-90": 90, "90+": 91}


@pytest.fixture
def collector(app: Flask, sign_in: SignIn) -> FlaskClient:
    """msoto, in a firm with one open invoice of each age; the client's name looks like a formula."""
    engine: Engine = app.extensions["engine"]
    invoices = [
        {"total": Decimal(2000), "saldo": Decimal(OWED[age]), "vencimiento": TODAY - timedelta(days=days)}
        for age, days in DAYS.items()
    ]
    matter = {
        "nombre": "=HYPERLINK(1)", "tipo": "juicio", "subtipo": "laboral", "etapa": 10, "asesor_id": "dpaz",
        "honorarios": Decimal(90000), "facturas": invoices,
    }  # fmt: skip
    with engine.transaction(Actor("hruiz", frozenset({"gerente"}))) as tx:
        altas.registrar(tx, matter)
    return sign_in("msoto")


def test_balances_by_age_with_totals(collector: FlaskClient) -> None:
    page = collector.get("/cartera").text
    table = page.split("Antigüedad de saldos", 1)[1].split("</table>", 1)[0]
    figures = [re.sub(r"<.*?>", "", cell) for cell in re.findall(r'<td class="number".*?</td>', table, re.S)]
    assert figures == ["1", "$1,000.00", "1", "$300.00", "1", "$60.00", "1", "$90.00", "1", "$91.00", "5", "$1,541.00"]
    assert "$541.00" in page  # overdue
    only = collector.get("/cartera?antiguedad=31-60").text
    assert only.count("Registrar pago<") == 1
    assert "$60.00" in only.split("Registrar pago<", 1)[0].rsplit("<tr>", 1)[1]
    assert collector.get("/cartera?vista=por_vencer").text.count("Registrar pago<") == 1
    assert collector.get("/cartera?vista=vencidas").text.count("Registrar pago<") == 4
    assert collector.get("/cartera?tras=mal_&antiguedad=x").status_code == 200


def test_a_payment_is_registered_on_the_list_in_one_step(app: Flask, collector: FlaskClient) -> None:
    page = collector.get("/cartera?antiguedad=1-30").text
    path = re.search(r'action="(/cartera/[^"]+/pago)"', page)[1]
    sent = dict(re.findall(r'<input [^>]*name="(\w+)"[^>]* value="([^"]*)"', page.split("popover id=", 1)[1]))
    assert (sent["monto"], sent["fecha"], sent["forma_pago"]) == ("300.00", "2027-01-11", "03")
    wrong = collector.post(path, data=sent)
    assert wrong.status_code == 422, "the whole form says what is missing, and still knows where to go back"
    assert 'name="_antiguedad" value="1-30"' in wrong.text
    # The receipt of a payment says how it was paid: «99 Por definir» is for invoices only (complemento de pagos 2.0).
    assert ['value="03"' in wrong.text, 'value="99"' in wrong.text] == [True, False]
    done = collector.post(path, data={**sent, "referencia": "SPEI 77", "monto": "120"})
    assert (done.status_code, done.location) == (302, "/cartera?antiguedad=1-30")
    again = collector.get(done.location).text
    assert "Pago registrado." in again
    assert "$180.00" in again


def test_the_file_holds_every_open_invoice_and_runs_nothing(collector: FlaskClient) -> None:
    answer = collector.get("/cartera/cartera.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=cartera-2027-01-11.csv"
    rows = list(csv.DictReader(answer.text.removeprefix("\ufeff").splitlines()))
    assert [(row["tramo"], row["saldo"], row["dias_vencida"]) for row in rows] == [
        (age, f"{OWED[age]}.00", str(DAYS[age])) for age in reversed(DAYS)
    ]
    assert rows[0]["cliente"] == "'=HYPERLINK(1)"
