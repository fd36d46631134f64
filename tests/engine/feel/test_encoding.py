"""Values keep their kind and content through JSON."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.feel import (
    FeelError,
    YearMonthDuration,
    check_value,
    format_value,
    from_json,
    from_model,
    parse,
    read_json,
    to_json,
    write_json,
)

MEXICO = ZoneInfo("America/Mexico_City")
VALUES = [
    None,
    True,
    "texto",
    Decimal(5),
    Decimal("-0.10"),
    Decimal("1E+40"),
    date(2026, 11, 24),
    time(9, 30, 0, 500),
    time(9, 30, tzinfo=UTC),
    datetime(2026, 11, 24, 9, 30),
    datetime(2026, 11, 24, 9, 30, 1, 250000, tzinfo=UTC),
    datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=-6))),
    datetime(2026, 11, 24, 9, 30, tzinfo=MEXICO),
    datetime(2021, 10, 31, 1, 30, tzinfo=MEXICO, fold=1),
    timedelta(days=-1, seconds=5),
    YearMonthDuration(-14),
    [Decimal(1), [None, {"n": "no tag"}]],
    {"c": {"d": "2026-01-01"}, "": []},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_round_trip(value):
    back = from_json(json.loads(json.dumps(to_json(value))))
    assert back == value
    assert repr(back) == repr(value)


@pytest.mark.parametrize(
    "data", [1.5, {"x": 1}, {"n": "1", "d": "x"}, {"d": "2026-13-01"}, {"n": "NaN"}, b"x"], ids=repr
)
def test_what_is_no_encoding_is_refused(data):
    with pytest.raises(FeelError, match="not an encoded FEEL value"):
        from_json(data)


def test_python_values_are_normalised_or_refused():
    assert check_value({"a": (1, 2.5)}) == {"a": [Decimal(1), Decimal("2.5")]}
    assert type(check_value(True)) is bool
    for bad in (object(), {1: 2}, float("nan"), Decimal("Infinity"), b"x", {"a": {1, 2}}):
        with pytest.raises(FeelError):
            check_value(bad)
    nested: list = []
    for _ in range(100):
        nested = [nested]
    with pytest.raises(FeelError, match="nested"):
        check_value(nested)


def test_unchanged_data_are_not_copied():
    data = {"a": [Decimal(1), {"b": "x"}]}
    assert check_value(data) is data


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_text_of_a_value(value):
    text = format_value(value)
    assert text
    if isinstance(value, (list, Decimal)):
        assert parse(text.replace("null", "null")).evaluate({}) == value


@pytest.mark.parametrize(
    ("text", "source"), [("=a + 1", "a + 1"), ("PT2H", '"PT2H"'), ('di "hola"\\', '"di \\"hola\\"\\\\"'), ("", '""')]
)
def test_texts_of_models(text, source):
    assert from_model(text) == source
    if not text.startswith("="):
        assert parse(source).evaluate({}) == text


def test_json_that_people_write():
    text = '{"monto": 1500.50, "n": 12345678901234567890.123, "d": "@2026-11-24", "x": ["@P3D", "@casa", null, true]}'
    value = read_json(text)
    assert value == {
        "monto": Decimal("1500.50"),
        "n": Decimal("12345678901234567890.123"),
        "d": date(2026, 11, 24),
        "x": [timedelta(days=3), "@casa", None, True],
    }
    assert write_json(value) == (
        '{"monto": 1500.50, "n": 12345678901234567890.123, "d": "2026-11-24", "x": ["P3D", "@casa", null, true]}'
    )
    for bad in ("", "{", "NaN", "[" * 100_000, '{"a": 1e99999999999999999999}'):
        with pytest.raises(FeelError):
            read_json(bad)
