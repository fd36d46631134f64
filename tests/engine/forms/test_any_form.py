"""Whatever is in a schema or is sent to a form of the firm, the answer is values or sentences, never a crash."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import FormError, Invalid
from engine.forms import Form
from engine.forms.component import TYPES

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
FORMS = {
    path.stem: Form.parse(path.read_bytes())
    for path in sorted(Path(__file__).parents[3].glob("processes/procedimiento_legal/forms/*.form"))
}

SCRAPS = st.sampled_from(
    ["", "1", "on", "true", "-5", "1,234.50", "2026-11-30", "2026-11-30T09:30", "09:30", "a@b.mx", "5512345678", "si"]
) | st.text(max_size=12)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def submission(form):
    """What a browser might send: known names, rows, choices that exist, and rubbish."""
    names, choices = [], []
    for path, component in form.fields():
        names += [path.replace(".", f".{number}.", 1) for number in (0, 1)] if "." in path else [path]
        choices += [str(option["value"]) for option in component.settings.get("values", ())]
    texts = SCRAPS | st.sampled_from(choices or [""])
    return st.dictionaries(st.sampled_from(names), st.lists(texts, min_size=1, max_size=2), max_size=len(names))


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=10, deadline=None)
@given(st.data())
def test_the_firms_forms(name, data):
    form = FORMS[name]
    sent = data.draw(submission(form))
    known = data.draw(st.dictionaries(st.sampled_from([path for path, _ in form.fields()]), VALUES, max_size=3))
    form.render(known, now=NOW)
    form.render(known, {"x": "y"}, submitted=sent, now=NOW)
    with suppress(Invalid):
        values = form.validate(sent, known, raw=True, now=NOW)
        assert form.validate(values, known, raw=False, now=NOW) == values


KEYS = st.sampled_from(
    ["type", "id", "key", "path", "label", "components", "values", "validate", "properties", "conditional", "required",
     "min", "max", "pattern", "decimalDigits", "increment", "defaultValue", "defaultRepetitions", "subtype", "readonly",
     "disabled", "valuesKey", "valuesExpression", "layout", "columns", "hide", "default", "rule", "warning", "rules",
     "expression", "message", "field", "currency", "text", "value", "allowAddRemove", "multiple", "accept",
     "appearance"]
)  # fmt: skip
LEAVES = (
    st.sampled_from([*sorted(TYPES), "a", "b", "a.b", "=a", "=a > 1", "=true", "={", "{{a}}", "{{", "(", "date", "MXN"])
    | st.none()
    | st.booleans()
    | st.integers(-3, 300)
    | st.floats(allow_nan=False, allow_infinity=False)
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=8), max_leaves=40
)
SMALL = st.integers(0, 3)
COMPONENTS = st.deferred(lambda: component)
component = st.fixed_dictionaries(
    {
        "type": st.sampled_from(sorted(TYPES)),
        "key": st.sampled_from("abcdefgh"),
        "path": st.sampled_from("stuvwxyz"),
        "label": st.just("L {{a}}"),
        "valuesExpression": st.just('=["a", 2, null, {value: 1, label: null}]'),
    },
    optional=dict.fromkeys(("min", "readonly", "defaultValue", "disabled", "multiple", "accept"), LEAVES)
    | dict.fromkeys(("increment", "decimalDigits", "defaultRepetitions", "height"), SMALL)
    | {
        "validate": st.dictionaries(KEYS.filter(lambda key: key != "pattern"), LEAVES, max_size=4),
        "properties": st.dictionaries(KEYS, LEAVES, max_size=4),
        "conditional": st.dictionaries(KEYS, LEAVES, max_size=2),
        "components": st.lists(COMPONENTS, max_size=3),
        "allowAddRemove": st.booleans(),
        "layout": TREES,
    },
)


@settings(max_examples=80, deadline=None)
@given(st.lists(component, max_size=3) | TREES, TREES, st.dictionaries(st.sampled_from("abcxyz"), VALUES, max_size=3))
def test_any_schema(components, properties, data):
    schema = json.dumps({"id": "f", "components": components, "properties": properties}).encode()
    try:
        form = Form.parse(schema)
    except FormError:
        return
    form.render(data, now=NOW)
    sent = {path: ["1"] for path, _ in form.fields()}
    form.render(data, submitted=sent, now=NOW)
    for given_values, raw in ((sent, True), ({}, False), (dict.fromkeys(sent, Decimal(1)), False)):
        with suppress(Invalid):
            form.validate(given_values, data, raw=raw, now=NOW)
