"""Random expressions: whatever they say, the interpreter answers with a value or with an error of its own, and values
survive their text and their encoding."""

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.errors import EngineError
from engine.feel import format_value, from_json, parse, parse_unary_tests, to_json
from engine.feel.builtins import BUILTINS

ATOMS = [
    *("1", "2.5", "-3", "0", "1e6000", "-1e-6000", '"a"', '"abc,d"', '"\\ud800"', "null", "true", "false", "item", "?"),
    *("[1,2,3]", '["a","b"]', "[]", "[[1],[2,[3]]]", "[null,1]", "{}", '{a:1,b:"x"}', "a", "b", "xs", "ctx", "ctx.a"),
    *("[1..5]", "(1..5)", "(<5)", "[>=2]", '["a".."c"]', "abs", "(function(x)x)", "(function(x,y)x<y)"),
    *('@"2026-01-31"', '@"9999-12-31"', '@"0001-01-01"', '@"10:00:00"', '@"10:00:00@Europe/Paris"'),
    *('@"2026-01-01T00:00:00Z"', '@"2026-01-01T10:00:00@America/Mexico_City"', '@"P1D"', '@"P1Y2M"', '@"P999999999D"'),
]
SIGNS = ("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in")
TYPES = ("number", "list<number>", "context<a: number>", "function<Any>->Any", "date and time", "nada")
VARIABLES = {"a": Decimal(3), "b": "texto", "xs": [Decimal(1), Decimal(5)], "ctx": {"a": Decimal(1)}, "?": Decimal(2)}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Writer:
    def __init__(self, seed):
        self.chance = random.Random(seed)

    def expression(self, depth=0):
        if depth > 4:
            return self.chance.choice(ATOMS)
        forms = (self.atom, self.operation, self.call)
        form = self.chance.choice((*forms, *forms, self.other))
        return form(lambda: self.expression(depth + 1))

    def atom(self, inner):
        return self.chance.choice(ATOMS)

    def operation(self, inner):
        return f"({inner()} {self.chance.choice(SIGNS)} {inner()})"

    def call(self, inner):
        name = self.chance.choice(list(BUILTINS))
        takes = BUILTINS[name]
        most = len(takes.parameters) + 2 * takes.variadic
        count = self.chance.randint(len(takes.parameters) - takes.optional, most)
        return f"{name}({', '.join(inner() for _ in range(count))})"

    def other(self, inner):
        return self.chance.choice(
            (
                lambda: f"({inner()})[{inner()}]",
                lambda: f"(for i in {inner()} return {inner()})",
                lambda: f"(every i in {inner()} satisfies {inner()})",
                lambda: f"(if {inner()} then {inner()} else {inner()})",
                lambda: f"({inner()}).{self.chance.choice(('a', 'year', 'days', 'start', 'time offset'))}",
                lambda: f"({inner()} between {inner()} and {inner()})",
                lambda: f"{{p: {inner()}, q: {inner()}}}",
                lambda: f"(({inner()}) instance of {self.chance.choice(TYPES)})",
                lambda: f"[{inner()}..{inner()}]",
            )
        )()

    def garbage(self):
        words = [*ATOMS, *SIGNS, *"()[]{},:.", "..", "if", "then", "else", "for", "return"]
        return " ".join(self.chance.choice(words) for _ in range(self.chance.randint(1, 12)))


@pytest.mark.parametrize("seed", [1, 2, 3, None])
def test_random_expressions_give_values_or_errors_of_ours(seed):
    seed = seed or random.randrange(10**9)
    print("seed", seed)
    writer = Writer(seed)
    values = 0
    for _ in range(1500):
        source = writer.expression()
        try:
            value = parse(source).evaluate(VARIABLES, now=NOW)
            values += value is not None
            format_value(value)
            assert repr(from_json(to_json(value))) == repr(value), source
        except EngineError:
            pass
    assert values > 300


@pytest.mark.parametrize("seed", [1, 2, None])
def test_random_words_are_read_or_refused(seed):
    seed = seed or random.randrange(10**9)
    print("seed", seed)
    writer = Writer(seed)
    read = 0
    for _ in range(2000):
        source = writer.garbage()
        for reader in (parse, parse_unary_tests):
            try:
                reader(source).evaluate(VARIABLES, now=NOW)
                read += 1
            except EngineError:
                pass
    assert read > 20
