"""Gaps, overlaps and dead rules are found without running a table on data, and agree with running it."""

import itertools
import random
from decimal import Decimal

import pytest

from engine.decisions import DecisionError, Decisions
from engine.decisions.analysis import Domain, analyse
from tests.engine.decisions.drawing import decision, definitions, table


def analysed(policy, inputs, *rules, domains=None, values=None):
    logic = table(policy, inputs, ["y"], *([*rule, "1"] for rule in rules), values=values)
    return analyse(Decisions.parse(definitions(decision(logic))).decision("decision").logic, domains)


def test_a_table_that_covers_everything_once():
    found = analysed("UNIQUE", ["x"], ['"a","b"'], ['not("a","b")'])
    assert found.total
    assert found.dead == ()


def test_gaps_are_told_as_tests_with_an_example():
    found = analysed("UNIQUE", ["x: number"], ["< 3"], ["(3..5]"], ["> 5"])
    assert [(str(gap), gap.example) for gap in found.gaps] == [("x: null, 3", {"x": 3})]
    assert not found.total


def test_overlaps_name_their_rules():
    found = analysed("UNIQUE", ["x: number", "z: boolean"], ["<= 3", "-"], [">= 3", "true"], ["> 3", "false"])
    assert [(overlap.rules, str(overlap.region)) for overlap in found.overlaps] == [((1, 2), "x: 3; z: true")]


def test_domains_leave_out_what_cannot_come():
    rules = ["[1..5]"], ["[6..15]"], ["> 15"]
    assert str(analysed("UNIQUE", ["d: number"], *rules).gaps[0]) == "d: null, < 1, (5..6)"
    assert analysed("UNIQUE", ["d: number"], *rules, domains={"d": Domain(">= 1", whole=True)}).total
    assert [str(gap) for gap in analysed("UNIQUE", ["d: number"], *rules, domains={"d": ">= 1"}).gaps] == ["d: (5..6)"]


def test_the_values_of_an_input_are_its_domain():
    found = analysed("UNIQUE", ["x: string"], ['"a"'], ['"b"'], values={"x": '"a","b","c"'})
    assert [str(gap) for gap in found.gaps] == ['x: null, "c"']


def test_dates_and_durations_are_lines_too():
    found = analysed("UNIQUE", ["d: date"], ['< date("2026-01-01")'], ['> @"2026-01-02"'], ["null"])
    assert [str(gap) for gap in found.gaps] == ['d: @"2026-01-01", @"2026-01-02"']


def test_dead_rules():
    assert analysed("FIRST", ["x: number"], ["> 1"], ["> 2"], ["-"]).dead == (2,)
    assert analysed("UNIQUE", ["x: number"], ["> 1"], ["(2..2)"]).dead == (2,)


def test_cells_with_more_than_constants_are_named():
    found = analysed("UNIQUE", ["x: number"], ["< otra"], [">= 5"], ["string length(?) > 3"])
    assert found.unanalysed == ("r1_1", "r3_1")
    assert not found.total


@pytest.mark.parametrize("seed", range(20))
def test_the_analysis_agrees_with_running_the_table(seed):
    """Every combination of many concrete values has no rule exactly in the gaps, and several exactly in overlaps."""
    print("seed", seed)
    chance = random.Random(seed)
    numbers = ["-", "1", "< 2", ">= 2", "[1..3)", "not(2)", "null", "1, 3"]
    texts = ["-", '"a"', '"a","b"', 'not("a")', "null", 'not("a", null)']
    flags = ["-", "true", "false", "not(true)", "null"]
    rules = [[chance.choice(column) for column in (numbers, texts, flags)] for _ in range(chance.randint(1, 5))]
    inputs = ["n: number", "t: string", "b: boolean"]
    found = analysed("UNIQUE", inputs, *rules)
    logic = table("UNIQUE", inputs, ["y"], *([*rule, "1"] for rule in rules))
    decisions = Decisions.parse(definitions(decision(logic)))
    gap = overlap = False
    values = [None, *map(Decimal, ("0", "1", "1.5", "2", "2.5", "3", "4"))]
    for n, t, b in itertools.product(values, [None, "a", "b", "z"], [None, True, False]):
        try:
            matched = decisions.decide("decision", {"n": n, "t": t, "b": b}).matched
        except DecisionError:
            overlap = True
        else:
            gap = gap or not matched
    assert (bool(found.gaps), bool(found.overlaps)) == (gap, overlap)
    for region in found.gaps:
        assert decisions.decide("decision", region.example).matched == ()
    for each in found.overlaps:
        with pytest.raises(DecisionError) as refused:
            decisions.decide("decision", each.region.example)
        assert refused.value.params["rules"] == ", ".join(map(str, each.rules))


def test_a_table_that_would_take_too_long_is_not_analysed():
    rules = [[f"[{n}..{n + 500}]"] for n in range(400)]
    assert not analysed("UNIQUE", ["x: number"], *rules).complete
    few = analysed("UNIQUE", ["x: number"], *rules[:20])
    assert few.complete
    assert 0 < few.trials < 5000
