"""Graphs of decisions, boxed expressions, functions and types."""

from decimal import Decimal

import pytest

from engine.decisions import DecisionError, Decisions
from engine.feel import Functions
from engine.handler import FeelFunction
from tests.engine.decisions.drawing import decision, definitions, literal, requires, table


def test_a_decision_gets_the_results_of_those_it_requires():
    decisions = Decisions.parse(
        definitions(
            decision(table("UNIQUE", ["tipo"], ["pct"], ['"nuevo"', "50"], ['not("nuevo")', "30"]), id="esquema"),
            decision(literal("monto * esquema / 100"), id="primera", requires=requires("esquema")),
        )
    )
    assert decisions.ids == ("esquema", "primera")
    result = decisions.decide("primera", {"tipo": "nuevo", "monto": 3000})
    assert result.outputs == 1500
    assert [(r.decision_id, r.outputs, r.matched) for r in result.required] == [("esquema", 50, (1,))]


def test_files_are_joined_and_ids_are_unique():
    one = definitions(decision(literal("1"), id="uno"))
    two = definitions(decision(literal("2"), id="dos"))
    assert Decisions.parse([one, two]).ids == ("uno", "dos")
    with pytest.raises(DecisionError) as refused:
        Decisions.parse([one, one])
    assert refused.value.reason == "duplicate_id"


def test_a_required_decision_is_made_once():
    calls = []

    def cuenta(context, value):
        calls.append(context)
        return value

    functions = Functions([FeelFunction("cuenta", ("valor",), cuenta, "")])
    content = [decision(literal("cuenta(1)"), id="d0")]
    content += [
        decision(literal(f"d{i - 1} + d{i - 1}"), id=f"d{i}", requires=requires(f"d{i - 1}", f"d{i - 1}"))
        for i in range(1, 30)
    ]
    decisions = Decisions.parse(definitions(*content), functions=functions)
    assert decisions.decide("d29", {}, context="ctx").outputs == 2**29
    assert calls == ["ctx"]


def test_a_circle_is_found_and_refused():
    decisions = Decisions.parse(
        definitions(
            decision(literal("b"), id="a", requires=requires("b")),
            decision(literal("a"), id="b", requires=requires("a")),
        )
    )
    assert [(element_id, message) for _, element_id, message in decisions.findings] == [
        ("a", "La decisión se requiere a sí misma."),
        ("b", "La decisión se requiere a sí misma."),
    ]
    with pytest.raises(DecisionError) as refused:
        decisions.decide("a", {})
    assert refused.value.reason == "cycle"


def test_a_long_chain_is_refused_and_does_not_break_python():
    content = [decision(literal("1"), id="d0")]
    content += [decision(literal("1"), id=f"d{i}", requires=requires(f"d{i - 1}")) for i in range(1, 2000)]
    decisions = Decisions.parse(definitions(*content))
    with pytest.raises(DecisionError):
        decisions.decide("d1999", {})
    assert decisions.decide("d40", {}).outputs == 1


def test_a_reference_that_leads_nowhere_is_found():
    decisions = Decisions.parse(definitions(decision(literal("1"), requires=requires("nadie"))))
    assert decisions.findings == (("decision", "decision", "La referencia #nadie no lleva a ninguna parte."),)


KNOWLEDGE = (
    '<businessKnowledgeModel id="bkm" name="con iva"><variable name="con iva"/><encapsulatedLogic>'
    '<formalParameter name="monto" typeRef="number"/>{logic}</encapsulatedLogic></businessKnowledgeModel>'
)


def with_knowledge(logic: str, source: str) -> Decisions:
    return Decisions.parse(
        definitions(
            KNOWLEDGE.format(logic=logic), decision(literal(source), requires=requires("bkm", kind="Knowledge"))
        )
    )


def test_knowledge_models_are_functions():
    decisions = with_knowledge(literal("monto * 1.16"), "con iva(100) + con iva(monto: 50)")
    assert decisions.findings == ()
    assert decisions.decide("decision", {}).outputs == 174


def test_a_knowledge_model_that_calls_itself_for_ever_ends():
    decisions = with_knowledge(literal("con iva(monto + 1)"), "con iva(1)")
    with pytest.raises(DecisionError) as refused:
        decisions.decide("decision", {})
    assert refused.value.reason == "evaluation"


def inside(**parts: str) -> str:
    return "".join(f"<{name.rstrip('_')}>{literal(source)}</{name.rstrip('_')}>" for name, source in parts.items())


def entry(name: str, source: str) -> str:
    variable = f"<variable name='{name}'/>" if name else ""
    return f"<contextEntry>{variable}{literal(source)}</contextEntry>"


def row(*sources: str) -> str:
    return f"<row>{''.join(map(literal, sources))}</row>"


def binding(name: str, source: str) -> str:
    return f"<binding><parameter name='{name}'/>{literal(source)}</binding>"


@pytest.mark.parametrize(
    ("logic", "outputs"),
    [
        ("<context>" + entry("a b", "x + 1") + entry("c", "a b * 2") + "</context>", {"a b": 4, "c": 8}),
        ("<context>" + entry("a", "x + 1") + entry("", "a * 10") + "</context>", 40),
        ("<list>" + literal("x") + literal('"b"') + "</list>", [3, "b"]),
        (
            "<relation><column name='n'/><column name='t'/>" + row("1", '"a"') + row("x", '"b"') + "</relation>",
            [{"n": 1, "t": "a"}, {"n": 3, "t": "b"}],
        ),
        ("<conditional>" + inside(if_="x > 2", then="1", else_="2") + "</conditional>", 1),
        ("<conditional>" + inside(if_="null", then="1", else_="2") + "</conditional>", 2),
        ("<for iteratorVariable='i'>" + inside(in_="[1..x]", return_="i * x") + "</for>", [3, 6, 9]),
        ("<some iteratorVariable='i'>" + inside(in_="[1, 5]", satisfies="i > x") + "</some>", True),
        ("<every iteratorVariable='i'>" + inside(in_="[1, 5]", satisfies="i > x") + "</every>", False),
        ("<filter>" + inside(in_="[1, 5, 7]", match="item > x") + "</filter>", [5, 7]),
        (
            "<invocation>" + literal("function(a, b) a - b") + binding("b", "1") + binding("a", "x") + "</invocation>",
            2,
        ),
    ],
)
def test_boxed_expressions(logic, outputs):
    decisions = Decisions.parse(definitions(decision(logic)))
    assert decisions.findings == ()
    assert decisions.decide("decision", {"x": Decimal(3)}).outputs == outputs


def test_functions_in_java_are_not_run():
    logic = "<functionDefinition kind='Java'>" + literal("{}") + "</functionDefinition>"
    content = decision(logic, id="f"), decision(literal("f()"), requires=requires("f"))
    assert Decisions.parse(definitions(*content)).decide("decision", {}).outputs is None


TYPES = (
    '<itemDefinition name="tMonto"><typeRef>number</typeRef><allowedValues><text>[0..100]</text></allowedValues>'
    '</itemDefinition><itemDefinition name="tMontos" isCollection="true"><typeRef>tMonto</typeRef></itemDefinition>'
    '<itemDefinition name="tParte"><itemComponent name="nombre"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="monto"><typeRef>tMonto</typeRef></itemComponent></itemDefinition>'
)


@pytest.mark.parametrize(
    ("source", "type_name", "outputs"),
    [
        ("5", "tMonto", 5),
        ("500", "tMonto", None),
        ('"5"', "tMonto", None),
        ("[5]", "tMonto", 5),
        ("5", "tMontos", [5]),
        ("[5, 500]", "tMontos", None),
        ('{nombre: "a", monto: 5}', "tParte", {"nombre": "a", "monto": 5}),
        ('{nombre: "a", monto: 500}', "tParte", None),
        ('{nombre: "a"}', "tParte", None),
        ('{nombre: "a", monto: 5} instance of tParte', "boolean", True),
        ('"a" instance of tParte', "boolean", False),
    ],
)
def test_results_conform_to_their_type_or_are_null(source, type_name, outputs):
    decisions = Decisions.parse(definitions(TYPES, decision(literal(source), type=type_name)))
    assert decisions.decide("decision", {}).outputs == outputs


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "xml"),
        (b"<definitions", "xml"),
        (b'<!DOCTYPE x [<!ENTITY e "e">]><definitions/>', "xml"),
        (b"<definitions/>", "namespace"),
        (definitions(namespace="urn:otro"), "namespace"),
        (definitions(decision(literal("1", expressionLanguage="urn:python"))), "language"),
        (definitions(decision(literal("1")), decision(literal("2"))), "duplicate_id"),
    ],
)
def test_files_that_are_no_dmn_are_refused(data, reason):
    with pytest.raises(DecisionError) as refused:
        Decisions.parse(data)
    assert refused.value.reason == reason


def test_an_unknown_decision_is_refused():
    with pytest.raises(DecisionError) as refused:
        Decisions.parse(definitions()).decide("nada", {})
    assert refused.value.reason == "not_found"


def test_a_decision_without_logic_is_found_and_refused():
    decisions = Decisions.parse(definitions(decision("")))
    assert decisions.findings == (("decision", "decision", "La decisión no tiene lógica."),)
    with pytest.raises(DecisionError):
        decisions.decide("decision", {})
