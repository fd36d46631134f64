"""«Bitácora de operación»: what operators did, found and downloaded through the pages."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest
from flask.testing import FlaskClient

from engine import SYSTEM, Actor, Engine
from tests.web.conftest import START, token
from tests.web.test_ops import CASO, SignIn, act, engine, olga, start, text
from web.ops import log

__all__ = ["engine", "olga"]

OLGA = Actor("operez", frozenset({"operador"}))
PAGE = "/operacion/bitacora"


def reasons(client: FlaskClient, query: str = "") -> list[str]:
    page = text(client, f"{PAGE}?{query}")
    return [found.strip() for found in re.findall(r'data-label="Motivo y cambio"><div>([^<]*)', page)]


def rows(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{PAGE}.csv?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))


def test_what_was_done_is_found_with_its_reason_and_its_change(
    engine: Engine, olga: FlaskClient, sign_in: SignIn
) -> None:
    one, two = start(engine, "PRO-2027-0001", monto=1), start(engine, "PRO-2027-0002")
    act(olga, one, "variables", reason="mal escrito", variables="monto = 2")
    act(olga, two, "suspender", reason="=HYPERLINK(1)")
    # A look before, undone, is no deed.
    path = f"/operacion/instancias/{one}/hacer/cancelar"
    assert olga.post(path, data={"csrf_token": token(olga, path), "reason": "a ver"}).status_code == 200
    engine.move_clock(START + timedelta(days=2), by=SYSTEM)
    engine.suspend_definition("caso:1", reason="alto", instances=True, by=OLGA)
    engine.deploy({"bpmn/caso.bpmn": CASO.replace(b"Revisar el caso", b"Ver el caso")}, name="dos", by=SYSTEM)

    assert reasons(olga)[:4] == ["dos", "alto", "=HYPERLINK(1)", "mal escrito"]
    page = text(olga, PAGE)
    assert "monto: 1 → 2" in page
    assert "Olga Pérez" in page
    assert f'href="/operacion/instancias/{one}">PRO-2027-0001' in page
    assert "«caso»: v1 → v2" in page
    assert '/caso">caso</a>' in page, "the version that was suspended"
    order = re.search(r"/operacion/bitacora\?orden=(\w+)\">1 asunto</a>\s+de 1", page)
    assert order
    assert reasons(olga, f"orden={order[1]}") == ["alto"]
    assert reasons(olga, "q=pro-2027-0001") == ["alto", "mal escrito"]
    assert reasons(olga, "quien=operez&que=suspend") == ["=HYPERLINK(1)"]
    assert reasons(olga, "quien=abarrera") == []
    assert "Quite alguna condición" in text(olga, f"{PAGE}?quien=abarrera")
    assert reasons(olga, "proceso=caso&desde=2027-01-13") == ["alto"]
    assert reasons(olga, "proceso=caso&hasta=2027-01-11") == ["=HYPERLINK(1)", "mal escrito"]
    # Dirección reads it too; who works on matters does not.
    assert "mal escrito" in text(sign_in("abarrera"), PAGE)
    assert sign_in("hruiz").get(PAGE).status_code == 403
    assert sign_in("hruiz").get(f"{PAGE}.csv").status_code == 403

    found = rows(olga, "proceso=caso")
    assert [one["motivo"] for one in found] == ["alto", "'=HYPERLINK(1)", "mal escrito"]
    assert found[2] == {
        "cuando": "2027-01-11 09:00:00", "usuario": "operez", "persona": "Olga Pérez", "accion": "Cambió variables",
        "asunto": "PRO-2027-0001", "proceso": "caso", "version": "1", "elemento": "", "motivo": "mal escrito",
        "cambio": "monto: 1 → 2", "asuntos": "", "instancia": one,
    }  # fmt: skip
    assert (found[0]["accion"], found[0]["asuntos"]) == ("Suspendió el proceso", "1")


def test_pages_and_what_people_type(engine: Engine, olga: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "SIZE", 2)
    monkeypatch.setattr(log, "AT_ONCE", 2)
    instance = start(engine)
    for number in range(4):
        engine.set_variables(instance, {"monto": number}, reason=f"{number}", by=OLGA)
    path, seen = f"{PAGE}?proceso=caso", []
    while path:
        page = text(olga, path)
        seen += re.findall(r'data-label="Motivo y cambio"><div>([^<]*)', page)
        following = re.search(r'href="(/operacion/bitacora\?tras=[^"]+)">Siguientes', page)
        path = following[1] if following else ""
    assert seen == ["3", "2", "1", "0"]
    assert [one["motivo"] for one in rows(olga, "proceso=caso")] == seen
    monkeypatch.setattr(log, "MOST", 2)
    assert len(rows(olga, "proceso=caso")) == 2
    for hostile, status in (
        ("desde=ayer", 422), ("hasta=9999-12-31", 422), ("tras=x", 422), ("tras=2026-01-01|", 422), ("tras=", 200),
        ("quien=%00&que=nada&proceso='--&orden=x", 200), ("q=" + "x" * 5000, 200),
    ):  # fmt: skip
        assert olga.get(f"{PAGE}?{hostile}").status_code == status, hostile
    assert olga.get(f"{PAGE}.csv?desde=ayer").location == f"{PAGE}?desde=ayer"
