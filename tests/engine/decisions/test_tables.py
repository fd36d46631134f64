"""Decision tables: each hit policy in its real meaning, and what is refused."""

from decimal import Decimal

import pytest

from engine.decisions import DecisionError, Decisions
from tests.engine.decisions.drawing import decision, definitions, table

RULES = ['"a"', "1"], ['"a"', "2"], ['"b"', "2"], ["-", "3"]


def decide(logic: str, **variables):
    return Decisions.parse(definitions(decision(logic))).decide("decision", variables)


def fault(logic: str, **variables):
    with pytest.raises(DecisionError) as refused:
        decide(logic, **variables)
    return refused.value


@pytest.mark.parametrize(
    ("policy", "aggregation", "x", "outputs", "matched"),
    [
        ("FIRST", "", "a", 1, (1,)),
        ("FIRST", "", "c", 3, (4,)),
        ("RULE ORDER", "", "a", [1, 2, 3], (1, 2, 4)),
        ("COLLECT", "", "a", [1, 2, 3], (1, 2, 4)),
        ("COLLECT", "", "c", [3], (4,)),
        ("COLLECT", "SUM", "a", 6, (1, 2, 4)),
        ("COLLECT", "MIN", "a", 1, (1, 2, 4)),
        ("COLLECT", "MAX", "a", 3, (1, 2, 4)),
        ("COLLECT", "COUNT", "a", 3, (1, 2, 4)),
        ("PRIORITY", "", "a", 3, (1, 2, 4)),
        ("OUTPUT ORDER", "", "a", [3, 2, 1], (1, 2, 4)),
    ],
)
def test_hit_policy(policy, aggregation, x, outputs, matched):
    logic = table(policy, ["x"], ["y"], *map(list, RULES), aggregation=aggregation, values={"y": "3, 2, 1"})
    result = decide(logic, x=x)
    assert (result.outputs, result.matched, result.inputs) == (outputs, matched, {"x": x})


def test_unique_reports_rules_that_overlap():
    logic = table("UNIQUE", ["x"], ["y"], ['"a"', "1"], ['"b"', "2"], ['"a","b"', "1"])
    refused = fault(logic, x="b")
    assert (refused.reason, refused.element_id, refused.params) == ("overlap", "tabla", {"rules": "2, 3"})
    assert refused.decision_id == "decision"


def test_any_agrees_or_fails():
    logic = table("ANY", ["x: number"], ["y"], ["> 1", '"alto"'], ["> 2", '"alto"'], ["> 3", '"otro"'])
    result = decide(logic, x=Decimal(3))
    assert (result.outputs, result.matched) == ("alto", (1, 2))
    assert fault(logic, x=Decimal(4)).reason == "disagreement"


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER"])
def test_no_rule_gives_null_or_the_defaults(policy):
    rules = [['"a"', "1", "2"]]
    result = decide(table(policy, ["x"], ["y", "z"], *rules), x="b")
    assert (result.outputs, result.matched) == (None, ())
    assert decide(table(policy, ["x"], ["y", "z"], *rules, defaults=['"nada"', "x"]), x="b").outputs == {
        "y": "nada",
        "z": "b",
    }


@pytest.mark.parametrize("aggregation", ["SUM", "COUNT", "MIN", "MAX"])
def test_nothing_to_aggregate_is_null_and_not_zero(aggregation):
    assert decide(table("COLLECT", ["x"], ["y"], ['"a"', "1"], aggregation=aggregation), x="b").outputs is None


def test_several_outputs_are_a_context_by_name():
    logic = table("RULE ORDER", ["x"], ["y", "z"], ["-", "1", '"uno"'], ["-", "2", '"dos"'])
    assert decide(logic, x="").outputs == [{"y": 1, "z": "uno"}, {"y": 2, "z": "dos"}]


def test_priority_goes_by_the_first_output_with_values_then_the_next():
    rules = ["-", '"b"', '"n"'], ["-", '"a"', '"m"'], ["-", '"a"', '"n"']
    logic = table("PRIORITY", ["x"], ["y", "z"], *map(list, rules), values={"y": '"a","b"', "z": '"n","m"'})
    assert decide(logic, x=None).outputs == {"y": "a", "z": "n"}


def test_a_result_without_priority_is_an_error():
    logic = table("PRIORITY", ["x"], ["y"], ["-", '"z"'], values={"y": '"a"'})
    assert fault(logic, x=None).reason == "priority_value"


@pytest.mark.parametrize(
    ("cell", "x", "matches"),
    [
        ("", "a", True),
        ("-", None, True),
        ('"a", "b"', "b", True),
        ('"a", "b"', None, False),
        ('not("a", "b")', "c", True),
        ('not("a", "b")', "b", False),
        ('not("a", "b")', None, True),
        ('not("a", "b")', Decimal(1), False),
        ('not("a", null)', None, False),
        ("not(null)", Decimal(1), True),
        ("not(null)", ["a"], True),
        ("null", ["a"], False),
        ('"a"', ["a"], False),
        ("1, 2", Decimal("2.0"), True),
        ("1", True, False),
        ("true", True, True),
        ("true", None, False),
        ("false", None, False),
        ("cuota = 5", "x", True),
        ("cuota = 6", "x", False),
        ("otra", "z", True),
        ("< cuota", Decimal(1), True),
        ("? + 1 > cuota", Decimal(5), True),
    ],
)
def test_cells(cell, x, matches):
    result = decide(table("FIRST", ["x"], ["y"], [cell, "1"]), x=x, otra="z", cuota=Decimal(5))
    assert (result.matched == (1,)) is matches


def test_an_input_outside_its_values_or_type_is_an_error_and_null_is_not():
    logic = table("UNIQUE", ["x: string"], ["y"], ["-", "1"], values={"x": '"a","b"'})
    assert decide(logic, x="a").outputs == 1
    assert decide(logic, x=None).outputs == 1
    refused = fault(logic, x="c")
    assert (refused.reason, refused.element_id) == ("input_value", "en_x")
    assert fault(logic, x=Decimal(1)).reason == "input_type"


def test_what_cannot_be_summed_is_an_error():
    logic = table("COLLECT", ["x"], ["y"], ["-", "1"], ["-", '"a"'], aggregation="SUM")
    assert fault(logic, x=None).reason == "aggregate"


def test_a_broken_cell_is_found_at_once_and_fails_only_when_it_is_reached():
    logic = table("FIRST", ["x"], ["y"], ['"a"', "1"], ['"b" or', "2"], ['"c"', "desconocida(1)"])
    decisions = Decisions.parse(definitions(decision(logic)))
    assert [(decision_id, element_id) for decision_id, element_id, _ in decisions.findings] == [
        ("decision", "r2_1"),
        ("decision", "r3_2"),
    ]
    assert decisions.decide("decision", {"x": "a"}).outputs == 1
    with pytest.raises(DecisionError) as refused:
        decisions.decide("decision", {"x": "b"})
    assert refused.value.element_id == "r2_1"


@pytest.mark.parametrize(
    ("logic", "reason"),
    [
        (table("BEST", ["x"], ["y"]), "hit_policy"),
        (table("COLLECT", ["x"], ["y", "z"], aggregation="SUM"), "aggregation"),
        (table("UNIQUE", ["x"], []), "no_output"),
        (table("UNIQUE", ["x"], ["y", "y"]), "output_names"),
        (table("UNIQUE", ["x"], ["y"], ["-"]), "cells"),
    ],
)
def test_tables_that_mean_nothing_are_refused(logic, reason):
    with pytest.raises(DecisionError) as refused:
        Decisions.parse(definitions(decision(logic)))
    assert refused.value.reason == reason
