"""Decisions of the draft can be tried, and their tables say what they leave open or answer twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine import Engine
from engine.errors import Invalid
from engine.feel import YearMonthDuration
from tests.web.conftest import token
from tests.web.studio_draft import analyst, engine, post, put, revision_of
from web.studio.decision_inputs import Given

__all__ = ["analyst", "engine"]

PATH = "dmn/monto.dmn"


@pytest.fixture
def table(analyst: FlaskClient) -> FlaskClient:
    """An analyst with the starter's table in the draft: under 1000 «poco», from 1000 on «mucho»."""
    post(analyst, "/estudio/nuevo", tipo="dmn", nombre="monto")
    return analyst


def tried(client: FlaskClient, content: str | None = None, **inputs: str) -> dict[str, Any]:
    headers = {"X-CSRFToken": token(client, "/estudio")}
    body = {"decision": "monto", "inputs": inputs, "content": content}
    return client.post(f"/estudio/decision/{PATH}/probar", json=body, headers=headers).json


def test_the_rule_that_matches_is_told_with_its_outputs(table: FlaskClient) -> None:
    assert tried(table, monto="999.99")["result"]["matched"] == [1]
    assert tried(table, monto="1000")["result"]["outputs"] == "mucho"
    assert tried(table, monto="")["result"]["matched"] == []


def test_what_the_table_refuses_is_said_in_spanish(table: FlaskClient) -> None:
    assert tried(table, monto="mucho")["message"] == "Monto: escriba un número."


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


TYPED = [
    ("string", "01", "01"),
    ("string", "no viable", "no viable"),
    ("string", '"con comillas"', "con comillas"),
    ("number", "$1,000,000.50", Decimal("1000000.50")),
    ("boolean", "Sí", True),
    ("boolean", "no", False),
    ("date", "2027-01-31", date(2027, 1, 31)),
    ("days and time duration", "2 días y 3 horas", timedelta(days=2, hours=3)),
    ("days and time duration", "P1D", timedelta(days=1)),
    ("years and months duration", "1 año, 2 meses", YearMonthDuration(14)),
    ("Any", "[1, 2]", [1, 2]),
    ("Any", "auto", "auto"),
    ("string", "", None),
]


@pytest.mark.parametrize(("type_", "text", "value"), TYPED)
def test_what_is_typed_is_of_the_type_of_its_column(type_: str, text: str, value: object) -> None:
    found = Given("dato", "Dato", type_).value(text, datetime(2027, 1, 11, tzinfo=UTC))
    assert found == value
    assert type(found) is type(value)


def test_a_list_is_typed_with_commas_and_a_moment_as_its_field_gives_it() -> None:
    now = datetime(2027, 1, 11, tzinfo=UTC)
    assert Given("dato", "Dato", "string", many=True).value("alta, 01", now) == ["alta", "01"]
    moment = Given("dato", "Dato", "date and time").value("2027-01-31T09:30", now)
    assert (moment.day, moment.hour, moment.minute) == (31, 9, 30)  # type: ignore[union-attr]


@pytest.mark.parametrize(("type_", "text"), [("date", "mañana"), ("date", '2027"); x("'), ("number", "dos")])
def test_what_is_not_of_the_type_is_refused_with_an_example(type_: str, text: str) -> None:
    with pytest.raises(Invalid, match="Dato: escriba un"):
        Given("dato", "Dato", type_).value(text, datetime(2027, 1, 11, tzinfo=UTC))


GRAPH = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="x" name="x" namespace="n">
<itemDefinition id="t" name="Materia"><typeRef>string</typeRef>
<allowedValues><text>"civil", "penal"</text></allowedValues>
</itemDefinition>
<inputData id="i1" name="importe"><variable id="v1" name="importe" typeRef="number"/></inputData>
<inputData id="i2" name="materia"><variable id="v2" name="materia" typeRef="Materia"/></inputData>
<businessKnowledgeModel id="k" name="con iva"><variable id="v3" name="con iva"/><encapsulatedLogic>
<formalParameter id="p" name="monto"/><literalExpression id="l1"><text>monto * 1.16</text></literalExpression>
</encapsulatedLogic></businessKnowledgeModel>
<decision id="recargo" name="Recargo"><variable id="v4" name="Recargo" typeRef="number"/>
<informationRequirement id="r1"><requiredInput href="#i1"/></informationRequirement>
<knowledgeRequirement id="r2"><requiredKnowledge href="#k"/></knowledgeRequirement>
<literalExpression id="l2"><text>con iva(importe) * 0.05</text></literalExpression></decision>
<decision id="monto" name="Cobro"><variable id="v5" name="monto"/>
<informationRequirement id="r3"><requiredDecision href="#recargo"/></informationRequirement>
<informationRequirement id="r4"><requiredInput href="#i2"/></informationRequirement>
<decisionTable id="d"><input id="c1" label="Recargo">
<inputExpression id="e1"><text>Recargo</text></inputExpression></input>
<input id="c2" label="Materia del caso"><inputExpression id="e2"><text>materia</text></inputExpression></input>
<output id="o" name="cobro"/><rule id="g"><inputEntry id="x1"><text>&gt; 50</text></inputEntry>
<inputEntry id="x2"><text>"civil"</text></inputEntry><outputEntry id="y"><text>"se cobra"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def test_a_graph_asks_for_what_its_lower_decisions_need_and_shows_each(table: FlaskClient) -> None:
    assert put(table, PATH, GRAPH, revision_of(table, PATH)).status_code == 200
    cobro = next(one for one in analysed(table) if one["id"] == "monto")
    assert [(one["name"], one["label"], one["type"], one["options"]) for one in cobro["inputs"]] == [
        ("importe", "importe", "number", []),
        ("materia", "Materia del caso", "string", ["civil", "penal"]),
    ]
    result = tried(table, importe="1,000", materia="civil")["result"]
    assert (result["outputs"], result["matched"], result["required"][0]["outputs"]) == ("se cobra", [1], "58.0000")


def test_what_the_editor_holds_is_tried_before_it_is_saved(table: FlaskClient) -> None:
    held = table.get(f"/estudio/archivo/{PATH}/descargar").text.replace("&lt; 1000", "&lt; 5")
    assert tried(table, held, monto="9")["result"]["matched"] == []
    assert tried(table, monto="9")["result"]["matched"] == [1]


def analysed(client: FlaskClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/estudio/decision/{PATH}/analisis").json["decisions"]
    return found


def test_files_that_are_no_decisions_are_not_found(analyst: FlaskClient, engine: Engine) -> None:
    assert analyst.get("/estudio/decision/bpmn/x.bpmn/analisis").status_code == 404
