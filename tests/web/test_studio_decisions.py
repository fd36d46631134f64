"""Decisions of the draft can be tried, and their tables say what they leave open or answer twice."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from engine import Engine
from tests.web.conftest import token
from tests.web.studio_draft import analyst, engine, post, put, revision_of

__all__ = ["analyst", "engine"]

PATH = "dmn/monto.dmn"


@pytest.fixture
def table(analyst: FlaskClient) -> FlaskClient:
    """An analyst with the starter's table in the draft: under 1000 «poco», from 1000 on «mucho»."""
    post(analyst, "/estudio/nuevo", tipo="dmn", nombre="monto")
    return analyst


def tried(client: FlaskClient, **inputs: str) -> dict[str, Any]:
    headers = {"X-CSRFToken": token(client, "/estudio")}
    body = {"decision": "monto", "inputs": inputs}
    return client.post(f"/estudio/decision/{PATH}/probar", json=body, headers=headers).json


def test_the_rule_that_matches_is_told_with_its_outputs(table: FlaskClient) -> None:
    assert tried(table, monto="999.99")["result"]["matched"] == [1]
    assert tried(table, monto="1000")["result"]["outputs"] == "mucho"
    assert tried(table, monto="")["result"]["matched"] == []


def test_what_the_table_refuses_is_said_in_spanish(table: FlaskClient) -> None:
    assert "debe ser de tipo" in tried(table, monto="mucho")["message"]


def test_a_changed_threshold_is_tried_and_its_gap_found_before_it_is_published(table: FlaskClient) -> None:
    assert [one["table"]["overlaps"] for one in analysed(table)] == [[]]
    data = table.get(f"/estudio/archivo/{PATH}/descargar").data.replace(b"&lt; 1000", b"&lt; 500")
    assert put(table, PATH, data, revision_of(table, PATH)).status_code == 200
    (decision,) = analysed(table)
    gap = next(one for one in decision["table"]["gaps"] if "500, (500..1000)" in one["region"])
    assert [(cell["column"], cell["said"]) for cell in gap["cells"]] == [("in_1", gap["region"].partition(": ")[2])]
    assert tried(table, monto="700")["result"]["matched"] == []


def test_the_inputs_that_a_table_needs_are_named(table: FlaskClient) -> None:
    (decision,) = analysed(table)
    assert [(one["name"], one["type"]) for one in decision["inputs"]] == [("monto", "number")]


def analysed(client: FlaskClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/estudio/decision/{PATH}/analisis").json["decisions"]
    return found


def test_files_that_are_no_decisions_are_not_found(analyst: FlaskClient, engine: Engine) -> None:
    assert analyst.get("/estudio/decision/bpmn/x.bpmn/analisis").status_code == 404
