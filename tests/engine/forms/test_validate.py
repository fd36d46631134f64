"""What a person sends becomes typed values, or a sentence at the field."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from engine.errors import Invalid
from engine.forms import Form
from engine.forms.typed import ZONE

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def form(*components, **more):
    return Form.parse(json.dumps({"id": "f", "components": list(components), **more}).encode())


def field(type="textfield", key="a", **more):
    return {"type": type, "id": f"c_{key}", "key": key, "label": key.title(), **more}


def raw(f, submitted, data=None):
    return f.validate(submitted, data or {}, raw=True, now=NOW)


def typed(f, submitted, data=None):
    return f.validate(submitted, data or {}, raw=False, now=NOW)


def errors(f, submitted, data=None, *, as_raw=True):
    with pytest.raises(Invalid) as refused:
        f.validate(submitted, data or {}, raw=as_raw, now=NOW)
    return refused.value.fields


COLOURS = [{"label": "Rojo", "value": "rojo"}, {"label": "Azul", "value": "azul"}]


@pytest.mark.parametrize(
    ("component", "texts", "value"),
    [
        (field(), ["  Hola  "], "Hola"),
        (field(), ["   "], None),
        (field(), [], None),
        (field("textarea"), ["uno\r\ndos"], "uno\ndos"),
        (field(), ["Jose\u0301"], "José"),
        (field(validate={"validationType": "phone"}), ["55 1234-5678"], "5512345678"),
        (field(validate={"validationType": "email"}), ["a.b@despacho.com.mx"], "a.b@despacho.com.mx"),
        (field(validate={"pattern": "^[A-Z]{3}$"}), ["ABC"], "ABC"),
        (field("number"), ["1234.5"], Decimal("1234.5")),
        (field("number"), ["1,234.50"], Decimal("1234.50")),
        (field("number"), ["-3"], Decimal(-3)),
        (field("number", properties={"currency": "MXN"}), ["$ 85,000"], Decimal("85000.00")),
        (field("number", properties={"currency": "MXN"}), ["0.1"], Decimal("0.10")),
        (field("number", decimalDigits=0), ["7"], Decimal(7)),
        (field("number", increment="0.1"), ["0.3"], Decimal("0.3")),
        (field("number", validate={"min": 1, "max": 5}), ["5"], Decimal(5)),
        (field("datetime", subtype="date"), ["2026-11-30"], date(2026, 11, 30)),
        (field("datetime", subtype="date"), ["30/11/2026"], date(2026, 11, 30)),
        (field("datetime", subtype="time"), ["09:30"], time(9, 30)),
        (field("datetime", subtype="datetime"), ["2026-11-30T09:30"], datetime(2026, 11, 30, 9, 30, tzinfo=ZONE)),
        (
            field("datetime", subtype="datetime"),
            ["2026-11-30T15:30+00:00"],
            datetime(2026, 11, 30, 9, 30, tzinfo=ZONE),
        ),
        (field("checkbox"), [], False),
        (field("checkbox"), ["on"], True),
        (field("radio", values=COLOURS), ["azul"], "azul"),
        (field("select", values=COLOURS), [""], None),
        (field("checklist", values=COLOURS), ["rojo", "azul", "rojo"], ["rojo", "azul"]),
        (field("taglist", values=COLOURS), [], []),
        (field("select", valuesExpression="=[1, 2.0, true]"), ["2"], Decimal("2.0")),
        (field("filepicker"), ["17", "", "18"], ["17", "18"]),
        (field("filepicker"), [], []),
        (field("datetime", subtype="date", properties={"min": "=today()"}), ["2026-11-24"], date(2026, 11, 24)),
    ],
)
def test_texts_become_values(component, texts, value):
    found = raw(form(component), {"a": texts})["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("component", "texts", "sentence"),
    [
        (field(validate={"required": True}), ["  "], "Este campo es obligatorio."),
        (field(validate={"minLength": 3}), [" ab "], "Escriba al menos 3 caracteres."),
        (field(validate={"maxLength": 3}), ["abcd"], "Escriba como máximo 3 caracteres (lleva 4)."),
        (field(), ["a\nb"], "El texto contiene caracteres que no se admiten."),
        (field(), ["a\0b"], "El texto contiene caracteres que no se admiten."),
        (field(), ["a" * 1001], "El texto es demasiado largo: el máximo son 1,000 caracteres."),
        (
            field(validate={"validationType": "email"}),
            ["a@b"],
            "Escriba un correo electrónico, por ejemplo nombre@ejemplo.mx.",
        ),
        (field(validate={"validationType": "phone"}), ["123"], "Escriba un teléfono de 10 dígitos."),
        (field(validate={"pattern": "^[A-Z]+$"}), ["abc"], "El texto no tiene la forma esperada."),
        (field(validate={"pattern": "^[A-Z]+$", "patternErrorMessage": "Mayúsculas."}), ["abc"], "Mayúsculas."),
        (field("number"), ["doce"], "Escriba un número, por ejemplo 1,234.50."),
        (field("number"), ["1,5"], "Escriba un número, por ejemplo 1,234.50."),
        (field("number"), ["1e9"], "Escriba un número, por ejemplo 1,234.50."),
        (field("number"), ["NaN"], "Escriba un número, por ejemplo 1,234.50."),
        (field("number"), ["."], "Escriba un número, por ejemplo 1,234.50."),
        (field("number"), ["9" * 40], "Escriba un número, por ejemplo 1,234.50."),
        (field("number", decimalDigits=0), ["1.5"], "Escriba un número entero."),
        (field("number", decimalDigits=0), ["1" + "0" * 32], "Escriba un número con menos cifras."),
        (field("number", properties={"currency": "MXN"}), ["1.005"], "Use como máximo 2 decimales."),
        (field("number", properties={"currency": "MXN", "min": "1000"}), ["999.99"], "El mínimo es $1,000.00."),
        (field("number", validate={"max": 5}), ["5.01"], "El máximo es 5."),
        (field("number", increment="0.1"), ["0.35"], "Use múltiplos de 0.1."),
        (field("datetime", subtype="date"), ["2026-02-30"], "Escriba una fecha, por ejemplo 2026-11-30."),
        (field("datetime", subtype="date"), ["0001-01-01"], "Escriba una fecha, por ejemplo 2026-11-30."),
        (field("datetime", subtype="time"), ["25:00"], "Escriba una hora, por ejemplo 09:30."),
        (field("datetime", subtype="datetime"), ["2026-11-30"], "Escriba fecha y hora, por ejemplo 2026-11-30 09:30."),
        (
            field("datetime", subtype="date", properties={"min": "=today()"}),
            ["2026-11-23"],
            "Puede ser el 24/11/2026 o después.",
        ),
        (
            field("datetime", subtype="date", properties={"max": "2026-11-24"}),
            ["2026-11-25"],
            "Puede ser el 24/11/2026 o antes.",
        ),
        (
            field("datetime", subtype="date", disallowPassedDates=True),
            ["2026-11-23"],
            "Puede ser el 24/11/2026 o después.",
        ),
        (
            field("datetime", subtype="datetime", properties={"min": "=now()"}),
            ["2026-11-24T11:59"],
            "Puede ser el 24/11/2026 12:00 o después.",
        ),
        (field("checkbox", validate={"required": True}), [], "Marque esta casilla para continuar."),
        (field("radio", values=COLOURS), ["verde"], "Elija una de las opciones."),
        (field("checklist", values=COLOURS), ["rojo", "verde"], "Elija una de las opciones."),
        (field("checklist", values=COLOURS, validate={"required": True}), [], "Elija al menos una opción."),
        (field("filepicker", validate={"required": True}), [""], "Adjunte un archivo."),
        (field("number", properties={"rule": "=a > 3", "message": "Más de tres."}), ["2"], "Más de tres."),
    ],
)
def test_wrong_texts_get_a_sentence(component, texts, sentence):
    assert errors(form(component), {"a": texts}) == {"a": sentence}


def test_typed_values_are_accepted_as_they_are():
    f = form(
        field("number", "n"),
        field("datetime", "d", subtype="date"),
        field("datetime", "dt", subtype="datetime"),
        field("checkbox", "c"),
        field("radio", "r", values=COLOURS),
        field("checklist", "l", values=COLOURS),
        field("textfield", "t"),
    )
    given = {
        "n": 0.1,
        "d": date(2026, 11, 30),
        "dt": datetime(2026, 11, 30, 9, 30),
        "c": True,
        "r": "rojo",
        "l": ["azul"],
        "t": 5,
    }
    assert typed(f, given) == given | {
        "n": Decimal("0.1"),
        "dt": datetime(2026, 11, 30, 9, 30, tzinfo=ZONE),
        "t": "5",
    }


def test_what_a_program_leaves_out_keeps_what_the_page_would_show():
    f = form(field(), field("datetime", "d", subtype="date", properties={"default": "=today()"}), field(key="z"))
    assert typed(f, {}, {"a": "de antes"}) == {"a": "de antes", "d": date(2026, 11, 24), "z": None}
    assert typed(f, {"a": None}, {"a": "de antes"})["a"] is None


HIDING = (
    field("radio", "decision", values=[{"value": "si"}, {"value": "no"}], validate={"required": True}),
    field("textarea", "motivo", conditional={"hide": '=decision != "no"'}, validate={"required": True}),
    field("number", "pct", properties={"required": '=motivo = "precio"'}),
)


def test_hidden_fields_are_dropped_and_required_only_when_shown():
    f = form(*HIDING)
    assert raw(f, {"decision": ["si"], "motivo": ["precio"]}) == {"decision": "si", "pct": None}
    assert errors(f, {"decision": ["no"]}) == {"motivo": "Este campo es obligatorio."}
    assert errors(f, {"decision": ["no"], "motivo": ["precio"]}) == {"pct": "Este campo es obligatorio."}
    assert errors(f, {}) == {"decision": "Este campo es obligatorio."}


def test_fields_that_hide_each_other_come_to_an_end():
    f = form(field(key="a", conditional={"hide": "=b != null"}), field(key="b", conditional={"hide": "=a != null"}))
    assert len(raw(f, {"a": ["1"], "b": ["2"]})) <= 2


def test_forged_fields_are_refused():
    f = form(
        field(),
        field(key="fijo", disabled=True),
        {"type": "group", "id": "g", "path": "g", "components": [field(key="x")]},
    )
    assert errors(f, {"a": ["1"], "es_admin": ["1"]}) == {"es_admin": "Este dato no forma parte del formulario."}
    assert errors(f, {"a": ["1"], "fijo": ["1"]}) == {"fijo": "Este campo no se puede cambiar."}
    assert set(errors(f, {"a": ["1"], "g.y": ["1"]})) == {"g.y"}
    assert set(errors(f, {"a": "1", "g": {"x": "1", "y": "1"}, "h": {"i": [1]}}, as_raw=False)) == {"g.y", "h.i.0"}
    assert raw(f, {"a": ["1"], "csrf_token": ["t"], "_add": ["x"], "g.x": ["2"]}, {"fijo": "z"}) == {
        "a": "1",
        "g": {"x": "2"},
    }


def test_read_only_fields_keep_the_value_of_the_task():
    f = form(field("number", "n", readonly=True), field(key="t", readonly="=n > 5", validate={"required": True}))
    assert raw(f, {"n": ["999"], "t": ["forjado"]}, {"n": Decimal(10), "t": "cierto"}) == {"n": 10, "t": "cierto"}
    assert raw(f, {"t": ["libre"]}, {"n": Decimal(1), "t": "cierto"}) == {"n": 1, "t": "libre"}


def test_options_come_from_the_task_never_from_what_was_sent():
    f = form(field("select", valuesKey="asesores"), field("select", "b", valuesKey="a"))
    data = {"asesores": ["ana", {"value": "luis", "label": "Luis"}]}
    assert raw(f, {"a": ["luis"]}, data)["a"] == "luis"
    assert errors(f, {"a": ["eva"]}, data) == {"a": "Elija una de las opciones."}
    assert errors(f, {"a": ["ana"], "b": ["ana"]}, data) == {"b": "Elija una de las opciones."}
    assert errors(f, {"asesores": ["eva"], "a": ["eva"]}, data)["asesores"]


ROWS = {
    "type": "dynamiclist",
    "id": "l",
    "path": "filas",
    "label": "Filas",
    "defaultRepetitions": 0,
    "components": [
        field("select", "resultado", values=[{"value": "ok"}, {"value": "mal"}], validate={"required": True}),
        field(key="motivo", conditional={"hide": '=resultado != "mal"'}, validate={"required": True}),
        field("checkbox", "original"),
    ],
}


def test_rows():
    f = form(ROWS)
    assert raw(f, {}) == {"filas": []}
    assert raw(f, {"filas.0.resultado": ["ok"], "filas.1.resultado": ["mal"], "filas.1.motivo": ["m"]}) == {
        "filas": [{"resultado": "ok", "original": False}, {"resultado": "mal", "motivo": "m", "original": False}]
    }
    assert errors(f, {"filas.0._row": ["1"], "filas.1.resultado": ["mal"]}) == {
        "filas.0.resultado": "Este campo es obligatorio.",
        "filas.1.motivo": "Este campo es obligatorio.",
    }
    assert set(errors(f, {"filas.0.resultado": ["ok"], "filas.0.otro": ["x"]})) == {"filas.0.otro"}
    assert typed(f, {"filas": [{"resultado": "ok", "original": True}]}) == {
        "filas": [{"resultado": "ok", "original": True}]
    }


def test_number_of_rows():
    f = form({**ROWS, "validate": {"required": True}, "properties": {"max": "2"}})
    one = {"filas.0.resultado": ["ok"]}
    assert errors(f, {}) == {"filas": "Agregue al menos un renglón."}
    assert errors(f, one | {"filas.2.resultado": ["ok"]})["filas"] == "El máximo son 2 renglones."
    assert errors(f, one | {"filas.9999.resultado": ["ok"]})["filas"] == "El máximo son 100 renglones."
    assert raw(f, one)["filas"]


def test_fixed_rows_are_those_of_the_task():
    f = form({**ROWS, "allowAddRemove": False})
    data = {"filas": [{"resultado": "ok"}]}
    assert raw(f, {"filas.0.resultado": ["mal"], "filas.0.motivo": ["m"]}, data)["filas"][0]["resultado"] == "mal"
    assert set(errors(f, {"filas.0.resultado": ["ok"], "filas.1.resultado": ["ok"]}, data)) == {"filas.1.resultado"}


def test_rules_across_fields():
    rules = [{"expression": "=correo != null or telefono != null", "field": "correo", "message": "Correo o teléfono."}]
    f = form(field(key="correo"), field(key="telefono"), properties={"rules": rules})
    assert errors(f, {}) == {"correo": "Correo o teléfono."}
    assert raw(f, {"telefono": ["1"]})["telefono"] == "1"


def test_rules_are_told_with_what_is_wrong_elsewhere_but_not_about_a_wrong_field():
    rules = [{"expression": "=correo != null or telefono != null", "field": "correo", "message": "Correo o teléfono."}]
    other = field(key="a", validate={"required": True})
    f = form(field(key="correo"), field(key="telefono", validate={"maxLength": 2}), other, properties={"rules": rules})
    assert set(errors(f, {})) == {"a", "correo"}
    assert set(errors(f, {"telefono": ["123"]})) == {"a", "telefono"}


def test_rules_let_null_pass():
    rules = [{"expression": "=fin >= inicio", "message": "El fin va después."}]
    f = form(field("number", "inicio"), field("number", "fin"), properties={"rules": rules})
    assert raw(f, {"inicio": ["3"]})
    assert errors(f, {"inicio": ["3"], "fin": ["2"]}) == {"": "El fin va después."}


def test_groups_nest_and_hide_what_they_hold():
    inner = {"type": "group", "id": "h", "components": [field(key="calle")]}
    group = {
        "type": "group",
        "id": "g",
        "path": "domicilio",
        "label": "D",
        "conditional": {"hide": "=sin = true"},
        "components": [field(key="cp", validate={"required": True}), inner],
    }
    f = form(field("checkbox", "sin"), group)
    assert raw(f, {"sin": ["on"], "domicilio.cp": ["1"]}) == {"sin": True}
    assert raw(f, {"domicilio.cp": ["06000"], "domicilio.calle": ["Roma"]}) == {
        "sin": False,
        "domicilio": {"cp": "06000", "calle": "Roma"},
    }
    assert typed(f, {"domicilio.cp": "06000"})["domicilio"] == {"cp": "06000", "calle": None}
    assert errors(f, {}) == {"domicilio.cp": "Este campo es obligatorio."}


def test_files_of_others_are_refused():
    f = form(field("filepicker"), {**ROWS, "components": [field("filepicker", "b")]})
    data = {"a": ["old"]}
    sent = {"a": ["old", "new"], "filas.0.b": ["new"]}
    assert f.validate(sent, data, raw=True, files={"new"}) == {"a": ["old", "new"], "filas": [{"b": ["new"]}]}
    with pytest.raises(Invalid) as refused:
        f.validate({"a": ["stolen"], "filas.0.b": ["stolen"]}, data, raw=True, files={"new"})
    assert refused.value.fields == dict.fromkeys(("a", "filas.0.b"), "Adjunte el archivo de nuevo: no se encontró.")
    assert f.takes_files
    assert not form(field()).takes_files
