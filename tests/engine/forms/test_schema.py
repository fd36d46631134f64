"""A form that we cannot render or judge is refused, with everything that is wrong at once."""

import json

import pytest

from engine.errors import FormError
from engine.forms import Form


def findings(*components, **more):
    schema = {"type": "default", "id": "f", "components": list(components), **more}
    with pytest.raises(FormError) as refused:
        Form.parse(json.dumps(schema).encode(), resource="forms/f.form")
    assert all(f.resource == "forms/f.form" and f.message and f.remedy for f in refused.value.findings)
    return [(finding.element_id, finding.rule) for finding in refused.value.findings]


def field(type="textfield", key="a", **more):
    return {"type": type, "id": f"c_{key}", "key": key, "label": key, **more}


@pytest.mark.parametrize(
    "kind", ["table", "html", "iframe", "image", "documentPreview", "expression", "button", "", "x"]
)
def test_component_types_that_we_do_not_render(kind):
    assert findings(field(kind)) == [("c_a", "form-component-type")]


@pytest.mark.parametrize(
    ("component", "rule"),
    [
        (field(key="", label="A"), "form-key"),
        (field(key="con blanco"), "form-key"),
        (field(key="_privada"), "form-key"),
        (field(key="año"), "form-key"),
        (field(key="in"), "form-key"),
        (field(key="a..b"), "form-key"),
        (field(label=""), "form-label"),
        ({"type": "dynamiclist", "id": "c_a", "label": "Filas", "components": []}, "form-key"),
        (field("datetime", subtype="week", dateLabel="a"), "form-component-type"),
        (field("select"), "form-options"),
        (field("select", values="abc"), "form-setting"),
        (field("number", decimalDigits="dos"), "form-setting"),
        (field("number", decimalDigits=99), "form-setting"),
        (field("number", increment="0,1"), "form-setting"),
        (field("select", valuesKey=["a"]), "form-setting"),
        (field(validate={"pattern": "(a+)+\\1"}), "form-pattern"),
        (field(validate={"pattern": "(?=a)"}), "form-pattern"),
        (field(conditional={"hide": "=a +"}), "form-expression"),
        (field(properties={"min": "=)"}), "form-expression"),
        (field(label="Total {{ a + }}"), "form-expression"),
    ],
)
def test_components(component, rule):
    assert [found for _, found in findings(component)] == [rule]


def test_everything_is_said_at_once():
    assert findings(
        field(key="a"), field(key="a"), field("html", key="b"), field(label="", key="c"), properties={"rules": [{}]}
    ) == [
        ("c_a", "form-key-twice"),
        ("c_b", "form-component-type"),
        ("c_c", "form-label"),
        (None, "form-rule"),
    ]


def test_rules_name_fields_of_the_form():
    rules = [{"expression": "=a = b", "field": field, "message": "m"} for field in ("a", "", "c")]
    assert findings(field(key="a"), properties={"rules": rules}) == [(None, "form-rule")]


def test_rows_may_repeat_keys_of_the_form():
    schema = {
        "id": "f",
        "components": [
            field(key="nombre"),
            {"type": "dynamiclist", "id": "l", "path": "filas", "label": "F", "components": [field(key="nombre")]},
        ],
    }
    form = Form.parse(json.dumps(schema).encode())
    assert [path for path, _ in form.fields()] == ["nombre", "filas.nombre"]
    assert form.component("filas.3.nombre").key == "nombre"
    assert form.component("filas.3.otro") is None


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "form-not-json"),
        (b"\xff\xfe{", "form-not-json"),
        (b"[]", "form-not-json"),
        (b'{"id": "f"}', "form-not-json"),
        (b'{"id": "f", "components": {}}', "form-not-json"),
        (b'{"id": "f", "components": [NaN]}', "form-not-json"),
        (b'{"id": "f", "components": ' + b"[" * 100_000, "form-not-json"),
        (b'{"id": "f", "components": [' + b"9" * 10_000 + b"]}", "form-not-json"),
        (b" " * 600_000, "form-too-large"),
        (json.dumps({"id": "f", "components": [{"type": "spacer"}] * 401}).encode(), "form-too-large"),
        (
            b'{"id": "f", "components": ' + b'[{"type":"group","components":' * 12 + b"[]" + b"}]" * 12 + b"}",
            "form-too-large",
        ),
        (b'{"components": []}', "form-id"),
    ],
)
def test_files(data, rule):
    with pytest.raises(FormError) as refused:
        Form.parse(data)
    assert [finding.rule for finding in refused.value.findings] == [rule]
