"""What templates get to draw."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from engine.forms import Form, add_row, remove_row

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def render(*components, data=None, **more):
    form = Form.parse(json.dumps({"id": "f", "components": list(components)}).encode())
    return form.render(data or {}, now=NOW, **more)


def field(type="textfield", key="a", **more):
    return {"type": type, "id": f"c_{key}", "key": key, "label": key.title(), **more}


def test_prefilled_values_and_defaults():
    views = render(
        field("number", "monto", properties={"currency": "MXN", "min": "=0"}),
        field("datetime", "fecha", subtype="date", dateLabel="Fecha", properties={"default": "=today()"}),
        field("textfield", "nombre", defaultValue="nadie"),
        field("textfield", "otro", defaultValue="nadie"),
        field("number", "entero", decimalDigits=0, defaultValue=60),
        data={"monto": Decimal("34800"), "nombre": "Ana", "otro": None},
    )
    monto, fecha, nombre, otro, entero = views
    assert (monto.text, monto.value, monto.adornments, monto.min) == (
        "34,800.00",
        Decimal("34800.00"),
        ("$", ""),
        "0.00",
    )
    assert (fecha.text, fecha.value, fecha.label) == ("2026-11-24", date(2026, 11, 24), "Fecha")
    assert (nombre.text, otro.text, entero.text) == ("Ana", "", "60")
    assert (nombre.path, nombre.id) == ("nombre", "f-nombre")


def test_moments_are_shown_on_the_firms_clocks():
    moments = {"a": datetime(2026, 11, 30, 15, 30, tzinfo=UTC), "b": datetime(2026, 11, 30, 9, 30)}
    views = render(*(field("datetime", key, subtype="datetime") for key in "ab"), data=moments)
    assert [view.text for view in views] == ["2026-11-30T09:30", "2026-11-30T09:30"]


def test_what_was_typed_survives_an_error():
    wrong = render(
        field("number", "n"),
        field("datetime", "d", subtype="date"),
        field(),
        data={"n": Decimal(1), "a": "de antes"},
        errors={"n": "Escriba un número."},
        submitted={"n": ["doce"], "d": ["31/13/2026"], "a": [""]},
    )
    assert [view.text for view in wrong] == ["doce", "31/13/2026", ""]
    assert [view.error for view in wrong] == ["Escriba un número.", None, None]


def test_hidden_components_are_not_drawn():
    shown = render(
        field("checkbox", "si"),
        field(key="detalle", conditional={"hide": "=si != true"}, properties={"required": "=si"}),
        submitted={"si": ["on"]},
    )
    assert [(view.path, view.required) for view in shown] == [("si", False), ("detalle", True)]
    assert [view.path for view in render(field(key="x", conditional={"hide": "=true"}))] == []


def test_choices():
    (view,) = render(
        field("checklist", valuesKey="servicios"),
        data={"servicios": [{"value": "q", "label": "Queja"}, "r"], "a": ["r"]},
    )
    assert view.options == (("q", "Queja"), ("r", "r"))
    assert view.chosen == {"r"}


def test_texts_speak_of_values():
    (total, plain, whole) = render(
        {"type": "text", "id": "t1", "text": "Total: **{{ honorarios * 1.16 }}**, {{nadie}}."},
        field(label="Propuesta de {{nombre}}"),
        {"type": "text", "id": "t2", "text": '="Hola " + nombre'},
        data={"honorarios": Decimal(100), "nombre": "Ana"},
    )
    assert total.text in ("Total: **116.00**, .", "Total: **116**, .")
    assert plain.label == "Propuesta de Ana"
    assert whole.text == "Hola Ana"


def test_warnings_do_not_refuse():
    text = '=if a > 20 then "Descuento alto" else null'
    component = field("number", properties={"warning": text})
    assert render(component, data={"a": Decimal(25)})[0].warning == "Descuento alto"
    assert render(component, data={"a": Decimal(5)})[0].warning is None


LIST = {"type": "dynamiclist", "id": "l", "path": "filas", "label": "F", "components": [field("checkbox", "x")]}


def test_rows_are_drawn_and_changed_without_scripts():
    (view,) = render(LIST, submitted={})
    assert (view.rows, view.may_add, view.may_remove) == ((), True, False)
    submitted = add_row(add_row({"filas.0.x": ["on"]}, "filas"), "filas")
    (view,) = render(LIST, submitted=submitted)
    assert [row[0].path for row in view.rows] == ["filas.0.x", "filas.1.x", "filas.2.x"]
    assert view.row_marks == ("filas.0._row", "filas.1._row", "filas.2._row")
    (view,) = render(LIST, submitted=remove_row(submitted, "filas", 1))
    assert [row[0].value for row in view.rows] == [True, False]
    assert remove_row({"filas.0.x": ["on"], "filas.1.x": ["y"], "b": ["c"]}, "filas", 0) == {
        "filas.0.x": ["y"],
        "b": ["c"],
    }
    (view,) = render({**LIST, "allowAddRemove": False}, data={"filas": [{"x": True}]})
    assert (len(view.rows), view.may_add, view.may_remove) == (1, False, False)


def test_a_value_that_the_field_does_not_accept_is_shown_as_it_is():
    (view,) = render(field("select", values=[{"value": "a"}]), data={"a": "lost"})
    assert (view.value, view.text) == (None, "lost")
