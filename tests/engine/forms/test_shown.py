"""A field that was not on the page when it was sent starts as it would have shown (a choice made it visible, a row was
added); one that was there keeps what the person made of it, nothing included."""

import json

import pytest

from engine.errors import Invalid
from engine.forms import Form, add_row

FORM = Form.parse(
    json.dumps(
        {
            "type": "default",
            "id": "f",
            "components": [
                {
                    "type": "radio",
                    "id": "c_decision",
                    "key": "decision",
                    "label": "Decisión",
                    "validate": {"required": True},
                    "values": [{"label": v, "value": v} for v in ("renovar", "cerrar")],
                },
                {
                    "type": "group",
                    "id": "g",
                    "label": "Renovar",
                    "conditional": {"hide": '=decision != "renovar"'},
                    "components": [
                        {"type": "number", "id": "c_dias", "key": "dias", "label": "Días", "defaultValue": 15},
                        {"type": "checkbox", "id": "c_avisar", "key": "avisar", "label": "Avisar"},
                        {
                            "type": "select",
                            "id": "c_por",
                            "key": "por",
                            "label": "Por",
                            "values": [{"label": v, "value": v} for v in ("correo", "telefono")],
                        },
                    ],
                },
                {
                    "type": "dynamiclist",
                    "id": "l",
                    "path": "filas",
                    "label": "Filas",
                    "allowAddRemove": True,
                    "defaultRepetitions": 0,
                    "components": [
                        {"type": "checkbox", "id": "c_si", "key": "si", "label": "Sí", "defaultValue": True},
                        {"type": "textfield", "id": "c_que", "key": "que", "label": "Qué", "defaultValue": "algo"},
                    ],
                },
            ],
        }
    ).encode()
)
DATA = {"avisar": True, "por": "correo"}


def values(**sent):
    texts = {name.replace("__", "."): [text] for name, text in sent.items()}
    return FORM.validate(texts, DATA, raw=True)


def test_what_a_choice_has_just_made_visible_starts_prefilled():
    shown = FORM.render(DATA, submitted={"decision._shown": ["1"], "decision": ["renovar"]})
    dias, avisar, por = shown[1].children
    assert (dias.text, avisar.value, por.value) == ("15", True, "correo")


def test_what_was_on_the_page_is_what_the_person_made_of_it():
    marks = {"decision___shown": "1", "avisar___shown": "1"}
    got = values(decision="renovar", dias="", por="", **marks)
    assert (got["dias"], got["avisar"], got["por"]) == (None, False, None)
    assert values(decision="renovar", dias="7", por="telefono", avisar="true", **marks) == {
        "decision": "renovar",
        "dias": 7,
        "avisar": True,
        "por": "telefono",
        "filas": [],
    }


def test_a_choice_left_empty_on_the_page_is_empty_not_prefilled():
    with pytest.raises(Invalid) as refused:
        FORM.validate({"decision._shown": ["1"]}, {"decision": "cerrar"}, raw=True)
    assert set(refused.value.fields) == {"decision"}


def test_a_row_that_was_added_starts_with_its_defaults_and_a_row_of_the_page_does_not():
    sent = {"decision": ["cerrar"], "filas.0._row": ["1"], "filas.0.si._shown": ["1"], "filas.0.que": [""]}
    rows = FORM.render({}, submitted=add_row(sent, "filas"))[1].rows
    assert [(si.value, que.text) for si, que in rows] == [(False, ""), (True, "algo")]


def test_marks_are_no_data():
    assert "_shown" not in str(values(decision="cerrar", decision___shown="1"))


def test_whoever_sends_no_marks_has_shown_every_choice():
    assert values(decision="renovar", dias="1", por="")["avisar"] is False
