"""What expressions evaluate to: one row, one rule of the standard."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from string import Formatter

import pytest

from engine.feel import FeelError, FeelSyntaxError, Functions, YearMonthDuration, parse, parse_unary_tests
from engine.handler import FeelFunction

NOW = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
VARIABLES = {
    "decision": "aprobar",
    "monto": Decimal("1500.50"),
    "urgente": False,
    "nada": None,
    "partidas": [{"concepto": "A", "importe": Decimal(10)}, {"concepto": "B", "importe": Decimal(30)}],
    "tipo cliente": "nuevo",
    "fecha": date(2026, 1, 31),
}


def value_of(source, **extra):
    return parse(source, names=VARIABLES).evaluate({**VARIABLES, **extra}, now=NOW)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 ** 2", 4),
        ("2 ** 3 ** 2", 64),
        ("0.1 + 0.2 = 0.3", True),
        ("10 / 4", Decimal("2.5")),
        ("1 / 0", None),
        ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
        ('"a" + "b"', "ab"),
        ('1 + "b"', None),
        ("decision = \"aprobar\"", True),
        ("decision != \"aprobar\"", False),
        ("decision = 1", None),
        ("desconocida = null", True),
        ("urgente and desconocida", False),
        ("not(urgente) and desconocida", None),
        ("not(urgente) or desconocida", True),
        ("if monto > 1000 then \"alto\" else \"bajo\"", "alto"),
        ("if nada then 1 else 2", 2),
        ("monto between 1000 and 2000", True),
        ("monto in [1000..1500.50)", False),
        ("monto in (< 10, >= 1500.5)", True),
        ("decision in (\"aprobar\", \"negociar\")", True),
        ("5 in ]4..5]", True),
        ("5 in (4) + 1", True),
        ("2 in ([[1, 2], [3]])[1] and true", True),
        ("2 in ({a: [1, 2]}).a", True),
        ("2 in (1..3) and 2 in (2)", True),
        ("5 in [4..5[", False),
        ("partidas.importe", [10, 30]),
        ("sum(partidas.importe)", 40),
        ("partidas[importe > 20].concepto", ["B"]),
        ("partidas[1].concepto", "A"),
        ("partidas[-1].concepto", "B"),
        ("partidas[3]", None),
        ("[1, 2, 3][item >= 2]", [2, 3]),
        ("nada[1]", None),
        ("for x in 1..3 return x * 2", [2, 4, 6]),
        ("for x in 3..1, y in [10, 20] return x + y", [13, 23, 12, 22, 11, 21]),
        ("for x in 1..5 return if x < 3 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3, 5]),
        ("some p in partidas satisfies p.importe > 20", True),
        ("every p in partidas satisfies p.importe > 20", False),
        ("{a: 1, b: a + 1}.b", 2),
        ("{\"con blanco\": 1, otro nombre: con blanco + 1}.otro nombre", 2),
        ("{doble: function(n) n * 2, r: doble(21)}.r", 42),
        ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(20)}.r", 2432902008176640000),
        ("tipo cliente = \"nuevo\"", True),
        ("string length(tipo cliente)", 5),
        ("fecha + @\"P1M\"", date(2026, 2, 28)),
        ("@\"2026-03-01\" - fecha", timedelta(days=29)),
        ("date(\"2026-11-24\").weekday", 2),
        ("date and time(\"2026-11-24T10:00:00-06:00\") = @\"2026-11-24T16:00:00Z\"", True),
        ("@\"10:00:00\" + @\"PT15H\"", time(1, 0)),
        ("@\"P1Y\" + @\"P2M\"", YearMonthDuration(14)),
        ("duration(\"PT36H\").days", 1),
        ("today()", date(2026, 11, 23)),
        ("now()", NOW),
        ("substring(string: \"foobar\", start position: 3)", "obar"),
        ("replace(\"2026-11\", \"([0-9]+)-([0-9]+)\", \"$2/$1\")", "11/2026"),
        ("matches(\"PRO-2026-0001\", \"^PRO-\\\\d{4}-\\\\d{4}$\")", True),
        ("split(\"a, b,c\", \",\\\\s*\")", ["a", "b", "c"]),
        ("sort([3, 1, 2], function(x, y) x < y)", [1, 2, 3]),
        ("context put({a: 1}, \"b\", 2)", {"a": 1, "b": 2}),
        ("is defined(decision)", True),
        ("is defined(desconocida)", False),
        ("is defined(nada)", True),
        ("is defined(partidas.otra)", True),
        ("get or else(nada, 3)", 3),
        ("1 instance of number", True),
        ("[1, \"a\"] instance of list<number>", False),
        ("@\"P1D\" instance of days and time duration", True),
        ("/* nota */ 1 // fin", 1),
        ("round half up(2.345, 2)", Decimal("2.35")),
        ("decimal(2.345, 2)", Decimal("2.34")),
        ("string(1.10) + \" MXN\"", "1.10 MXN"),
        ("\"á\\n\\u00e9\"", "á\né"),
    ],
)  # fmt: skip
def test_value(source, expected):
    assert value_of(source) == expected
    assert type(value_of(source)) in (type(expected), Decimal if type(expected) is int else type(expected))


@pytest.mark.parametrize(
    ("source", "column", "reason"),
    [
        ("", 1, "empty"),
        ("1 +", 4, "expected"),
        ("a b", 3, "left_over"),
        ("(1 + 2", 7, "expected"),
        ('"abierta', 1, "string_open"),
        ("a = ;", 5, "character"),
        ('a == "b"', 3, "instead"),
        ("a && b", 3, "instead"),
        ("a || b", 3, "instead"),
        ("!a", 1, "instead"),
        ("a <> b", 3, "instead"),
        ("a = 'b'", 5, "instead"),
        ("if a then b", 12, "expected"),
        ('@"2026-02-30"', 1, "temporal"),
        ("f(a: 1, 2)", 9, "mixed_arguments"),
        ("{a: 1, a: 2}", 8, "duplicate_key"),
        ("(" * 100 + "1" + ")" * 100, 65, "too_deep"),
        ('1 + substring("abc")', 14, "arguments"),
        ('substring(text: "abc", start position: 1)', 10, "arguments"),
        ('a > date("2026-02-30")', 9, "temporal"),
        ('duration("3 días")', 9, "temporal"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(source, column, reason):
    with pytest.raises(FeelSyntaxError) as refused:
        parse(source)
    assert (refused.value.column, refused.value.reason) == (column, reason)


def test_a_syntax_error_names_the_line():
    with pytest.raises(FeelSyntaxError) as refused:
        parse("1 +\n 2 +")
    assert (refused.value.line, refused.value.column) == (2, 5)


@pytest.mark.parametrize(
    ("cell", "input", "expected"),
    [
        ("-", None, True),
        ('"a", "b"', "b", True),
        ('"a", "b"', "c", False),
        ("[1..5]", Decimal(5), True),
        ("(1..5)", Decimal(5), False),
        ("< 5", Decimal(4), True),
        ("not(< 5)", Decimal(4), False),
        ('not("a", "b")', "c", True),
        ("not(null)", None, False),
        ("not(null)", "x", True),
        ("null", None, True),
        ("false", False, True),
        ("? > 3 and ? < 5", Decimal(4), True),
        ('matches(?, "^a")', "abc", True),
        ("limite * 2", Decimal(20), True),
        ("> limite", Decimal(20), True),
    ],
)
def test_unary_tests(cell, input, expected):
    assert parse_unary_tests(cell).evaluate({"?": input, "limite": Decimal(10)}) is expected


def test_an_expression_tells_what_it_needs():
    expression = parse("vence(dias) > fecha and count(partidas[importe > tope]) > 0 and (for x in xs return x) = xs")
    assert expression.names == {"dias", "fecha", "partidas", "xs"}
    assert expression.functions == {"vence"}


def vence(context, dias, calendario="oficina"):
    return f"{context}:{dias}:{calendario}"


def test_functions_of_the_firm_get_the_context_and_keep_their_defaults():
    functions = Functions([FeelFunction("vence", ("dias", "calendario"), vence, "", optional=1)])
    assert parse("vence(3)", functions=functions).evaluate({}, context="ctx") == "ctx:3:oficina"
    named = parse('vence(calendario: "juzgado", dias: 2)', functions=functions)
    assert named.evaluate({}, context="ctx") == "ctx:2:juzgado"
    assert named.functions == {"vence"}
    with pytest.raises(ValueError, match="built-in"):
        Functions([FeelFunction("count", (), vence, "")])


def test_a_failing_function_of_the_firm_is_named():
    def fails(context):
        raise ValueError("sin calendario")

    functions = Functions([FeelFunction("falla", (), fails, "")])
    with pytest.raises(FeelError, match="falla failed: sin calendario"):
        parse("falla()", functions=functions).evaluate({})


def test_an_unknown_function_is_an_error_and_not_null():
    with pytest.raises(FeelError) as refused:
        parse("desconocida(1)").evaluate({})
    assert refused.value.reason == "unknown_function"
    assert refused.value.params == {"name": "desconocida"}


def test_now_needs_a_clock():
    with pytest.raises(FeelError, match="no time was given"):
        parse("now()").evaluate({})


def test_python_numbers_become_decimals_on_the_way_in():
    assert parse("[a, b[1], c.x]").evaluate({"a": 1, "b": [2.5], "c": {"x": 3}}) == [1, Decimal("2.5"), 3]


def test_one_parse_for_the_same_text_and_names():
    assert parse("a + 1", names=("a", "b")) is parse("a + 1", names=["b", "a"])


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ('matches(a, "(?=x)")', 12),
        ('replace(a, "(a)\\\\1", "b")', 12),
        ('split(a, "[")', 10),
        ('matches(a, "x", "z")', 12),
    ],
)
def test_patterns_outside_re2_are_refused_when_read(source, column):
    with pytest.raises(FeelSyntaxError) as refused:
        parse(source)
    assert (refused.value.reason, refused.value.column) == ("pattern", column)


def test_every_message_is_said_in_spanish_with_the_same_parts():
    from engine.decisions import errors as decision_errors
    from engine.feel.errors import MESSAGES
    from engine.feel.spanish import MENSAJES

    for english, spanish in ((MESSAGES, MENSAJES), (decision_errors.MESSAGES, decision_errors.MENSAJES)):
        assert english.keys() == spanish.keys()
        for reason, text in english.items():
            parts = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert parts == {name for _, name, _, _ in Formatter().parse(spanish[reason]) if name}, reason


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 +", "Se esperaba un valor; hay el final. (columna 4)"),
        ("1\n+ [1 2]", "Se esperaba ]; hay 2. (línea 2, columna 6)"),
        ("[1..2", "Se esperaba ] o ) o [; hay el final. (columna 6)"),
        ('date("hoy")', "«hoy» no es una fecha, hora ni duración. (columna 5)"),
    ],
)
def test_messages_for_analysts(source, message):
    with pytest.raises(FeelSyntaxError) as refused:
        parse(source)
    assert refused.value.spanish == message


def test_a_failed_assertion_says_its_cause():
    with pytest.raises(FeelError, match="importe negativo"):
        parse('assert(monto, monto > 0, "importe negativo")').evaluate({"monto": Decimal(-1)})


def test_texts_that_a_firm_function_does_not_take_are_noted_and_the_likeliest_name_offered():
    declared = FeelFunction("ajuste", ("clave",), lambda ctx, clave: 3, "", known={"clave": ("dh_informe", "iva_pct")})
    functions = Functions([declared])
    assert parse('ajuste("iva_pct") + ajuste(clave: "dh_inform")', functions=functions).strange == (
        ("ajuste", "dh_inform"),
    )
    assert parse("ajuste(cual)", functions=functions).strange == ()
    assert functions.remedy("ajuste", "dh_inform") == "Corrija el nombre. Parecidos: «dh_informe»."
    assert functions.remedy("ajuste", "zzz") == "Corrija el nombre. Existen: dh_informe, iva_pct."
