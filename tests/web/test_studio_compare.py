"""What is different between two states of a file, for each kind of file."""

from __future__ import annotations

import json
import pathlib

import pytest

from web.studio import starters
from web.studio.compare_diagrams import Detail, changed_elements
from web.studio.compare_forms import changed_fields
from web.studio.compare_late import changed_parts
from web.studio.compare_lines import MOST_SHOWN, changed_lines
from web.studio.compare_tables import compared_decisions

DIAGRAM = starters.diagram("x.bpmn")
TASK = '<bpmn:userTask id="ut_x" name="Hacer algo">'
SHAPE = '<bpmndi:BPMNShape id="sh_2" '
BLUE = 'xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:stroke="#0d4372" '
NOTE = '<bpmn:textAnnotation id="nota"><bpmn:text>Ojo</bpmn:text></bpmn:textAnnotation></bpmn:process>'
NOTE_SHAPE = (
    '<bpmndi:BPMNShape id="s" bpmnElement="nota"><dc:Bounds x="1" y="1" width="9" height="9" /></bpmndi:BPMNShape>'
)
DECISION = (pathlib.Path(__file__).parents[2] / "processes/procedimiento_legal/dmn/esquema_pago.dmn").read_bytes()


def diagram(*changes: tuple[str, str]) -> list[tuple[str, str]]:
    after = DIAGRAM
    for old, new in changes:
        assert old in after
        after = after.replace(old, new)
    return [(one.id, one.change) for one in changed_elements("bpmn/x.bpmn", DIAGRAM.encode(), after.encode())]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ([], []),
        ([(TASK, TASK.replace("algo", "otra cosa"))], [("ut_x", "changed")]),
        ([('x="280" y="120"', 'x="280" y="220"')], [("ut_x", "moved")]),
        ([('x="280"', 'x="281"'), (TASK, TASK.replace("algo", "nada"))], [("ut_x", "changed"), ("fl_x_1", "moved")]),
        ([(SHAPE, SHAPE + BLUE)], [("ut_x", "coloured")]),
        ([(SHAPE, SHAPE + BLUE), ('x="280" y="120"', 'x="280" y="220"')], [("ut_x", "moved")]),
        ([(TASK, TASK.replace('name="', 'custom="a" name="'))], [("ut_x", "changed")]),
        ([("<zeebe:userTask />", '<zeebe:userTask /><o:z xmlns:o="urn:o" />')], [("ut_x", "changed")]),
        ([("</bpmn:process>", NOTE), ("</bpmndi:BPMNPlane>", f"{NOTE_SHAPE}</bpmndi:BPMNPlane>")], [("nota", "added")]),
        ([("ut_x", "ut_y")], [("ut_y", "added"), ("fl_x_1", "changed"), ("fl_x_2", "changed"), ("ut_x", "removed")]),
        ([("\n    <bpmn", "\n<bpmn")], []),
    ],
)
def test_a_diagram(changes: list[tuple[str, str]], found: list[tuple[str, str]]) -> None:
    assert diagram(*changes) == found


def test_a_changed_element_says_what_it_was_and_what_it_is() -> None:
    after = DIAGRAM.replace('candidateGroups="gerente"', 'candidateGroups="ventas"')
    (one,) = changed_elements("bpmn/x.bpmn", DIAGRAM.encode(), after.encode())
    assert one.details == (Detail("grupos", "gerente", "ventas"),)
    assert (one.process_key, one.name, one.kind) == ("x", "Hacer algo", "Tarea de usuario")
    assert [one.change for one in changed_elements("bpmn/x.bpmn", None, DIAGRAM.encode())] == ["added"] * 5


def test_a_flow_is_called_by_what_it_joins() -> None:
    new = '<bpmn:task id="t" name="Otra" /><bpmn:sequenceFlow id="fl_n" sourceRef="t" targetRef="ut_x" />'
    after = DIAGRAM.replace('targetRef="ut_x"', 'targetRef="t"').replace(TASK, new + TASK)
    found = {one.id: one for one in changed_elements("bpmn/x.bpmn", DIAGRAM.encode(), after.encode())}
    assert found["fl_n"].name == "Otra → Hacer algo"
    assert found["fl_x_1"].details == (Detail("a dónde llega", "Hacer algo", "Otra"),)


def test_a_table_says_which_rules_came_went_changed_and_moved() -> None:
    before = starters.decision("x.dmn")
    rule = before[before.index("<rule id=") : before.index('<rule id="regla_2')]
    new = rule.replace("regla_1", "regla_9").replace("poco", "nada")
    for after, found in (
        (before, None),
        (before.replace("&lt; 1000", "&lt; 900"), [("regla_1", "changed"), ("regla_2", "same")]),
        (before.replace("</decisionTable>", f"{new}</decisionTable>"), [*SAME, ("regla_9", "added")]),
        (before.replace(rule, ""), [("regla_1", "removed"), ("regla_2", "same")]),
    ):
        decisions = compared_decisions("dmn/x.dmn", before.encode(), after.encode())
        assert [[(row.id, row.state) for row in one.rows] for one in decisions] == ([found] if found else [])
    (one,) = compared_decisions("dmn/x.dmn", before.encode(), before.replace("&lt; 1000", "&lt; 900").encode())
    assert [(cell.before, cell.after) for cell in one.rows[0].cells] == [("< 1000", "< 900"), ('"poco"', '"poco"')]
    moved = before.replace(rule, "").replace("</decisionTable>", f"{rule}</decisionTable>")
    (one,) = compared_decisions("dmn/x.dmn", before.encode(), moved.encode())
    assert [row.state for row in one.rows].count("moved") == 1
    assert compared_decisions("dmn/x.dmn", DECISION, DECISION) == []
    assert [one.state for one in compared_decisions("dmn/x.dmn", DECISION, None)] == ["removed"]


SAME = [("regla_1", "same"), ("regla_2", "same")]


def test_a_form_says_which_fields_came_went_changed_and_moved() -> None:
    fields = [{"type": "textfield", "id": f"c_{name}", "key": name, "label": name} for name in "abc"]

    def changes(components: list[dict[str, object]]) -> list[tuple[str, str]]:
        one, other = ({"type": "default", "components": held} for held in (fields, components))
        return [
            (field.id, field.change) for field in changed_fields(json.dumps(one).encode(), json.dumps(other).encode())
        ]

    assert changes(fields) == []
    assert changes([fields[0], fields[2]]) == [("c_b", "removed")]
    assert changes([fields[0], {**fields[1], "label": "Otra"}, fields[2]]) == [("c_b", "changed")]
    assert ("c_b", "moved") in changes([fields[1], fields[0], fields[2]])
    assert changes([*fields, {"type": "text", "id": "t", "text": "Hola"}]) == [("t", "added")]


def test_lines_are_compared_in_bounded_work() -> None:
    text = "\n".join(map(str, range(40)))
    assert changed_lines(text, text) == []
    assert changed_lines(text, text.replace("\n20\n", "\nveinte\n")) == [
        *(" 17", " 18", " 19"),
        *("-20", "+veinte"),
        *(" 21", " 22", " 23"),
    ]
    assert "@@" in changed_lines(text, text.replace("\n5\n", "\n").replace("\n30\n", "\n"))
    long, other = "\n".join(map(str, range(9000))), "\n".join(map(str, reversed(range(9000))))
    assert len(changed_lines(long, other)) == MOST_SHOWN


def test_a_late_save_of_a_table_or_a_form_says_what_differs_in_its_own_words() -> None:
    table = starters.decision("monto.dmn").encode()
    mine = table.replace(b"&lt; 1000", b"&lt; 500").replace(b'label="Monto"', b'label="Importe"')
    parts = changed_parts("dmn/monto.dmn", table, mine.replace(b"UNIQUE", b"FIRST"))
    assert [(one["name"], one["change"], [*one["details"][0].values()][1:]) for one in parts] == [
        ("Monto", "Cambiado", ["UNIQUE", "FIRST"]),
        ("Importe (monto)", "Cambiado", ["Monto (monto)", "Importe (monto)"]),
        ("Regla 1", "Cambiado", ["< 1000", "< 500"]),
    ]
    form = starters.form("nota.form").encode()
    (field,) = changed_parts("forms/nota.form", form, form.replace(b'"Nota"', b'"Apunte"'))
    assert (field["name"], [one["after"] for one in field["details"]]) == ("Apunte", ["Apunte"])
    assert changed_parts("dmn/monto.dmn", table, b"<roto") == []
    assert changed_parts("forms/nota.form", form, b"{") == []
    assert changed_parts("mail/a.j2", b"a", b"b") == []
