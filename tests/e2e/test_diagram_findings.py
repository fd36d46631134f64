"""What is wrong with a diagram is said while it is drawn, and leads to where it is mended."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.editing import FILE, chosen, imported, missing, opened
from tests.e2e.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAGE = f"{FILE}bpmn/05_propuesta_servicios.bpmn"


def test_what_is_wrong_is_said_while_drawing_at_the_element_with_its_remedy(studio: Walker) -> None:
    page = opened(studio, STAGE)
    flow = "fl_gx_05_aprobada__fin_05_aprobada"
    expect(page.locator("#hallazgos-n")).to_have_text("Nada que corregir en este archivo.")
    panel = chosen(page, flow)
    panel.locator(".cm-content").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" and propuesta_")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("propuesta_id")
    page.keyboard.press("Escape")
    for _ in "propuesta_":
        page.keyboard.press("Backspace")
    page.keyboard.type("ven")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("vence(n, calendario)")
    page.keyboard.press("Escape")
    for _ in "ven":
        page.keyboard.press("Backspace")
    page.keyboard.type("decison_aprobacion = 1")
    finding = page.locator("#hallazgos li").filter(has_text="decison_aprobacion")
    expect(finding).to_contain_text("¿Quiso decir «decision_aprobacion»?")
    expect(page.locator(".finding-mark")).to_have_attribute("title", re.compile("decison_aprobacion"))
    chosen(page, "ut_05_aprobar_propuesta")
    finding.get_by_role("button", name="Sí").click()
    expect(panel.locator(".bio-properties-panel-header")).to_contain_text("Sí")
    page.get_by_role("button", name="Deshacer").click()
    expect(page.locator(".finding-mark")).to_have_count(0)
    assert studio.complaints == []


def _extended(tag: str, id: str, extension: str, more: str = "") -> str:
    return f'<{tag} id="{id}" name="{id}"><extensionElements>{extension}</extensionElements>{more}</{tag}>'


FAULTY = "".join(
    [
        _extended("userTask", "u", '<zeebe:userTask/><zeebe:formDefinition formId="nada"/>'
                  '<zeebe:taskSchedule dueDate="mañana"/><zeebe:priorityDefinition priority="=alta("/>'),
        _extended("serviceTask", "s", '<zeebe:taskDefinition type="correo.enviar"/><zeebe:ioMapping>'
                  '<zeebe:input source="=nadie_da" target="plantilla"/>'
                  '<zeebe:output source="=" target="x"/></zeebe:ioMapping>'),
        _extended("serviceTask", "n", ""),
        _extended("businessRuleTask", "b", '<zeebe:calledDecision decisionId="cobro"/>'),
        _extended("scriptTask", "c", '<zeebe:script expression="1 + 1" resultVariable="dos"/>'),
        _extended("callActivity", "p", '<zeebe:calledElement processId="nada"/>'),
        '<intermediateCatchEvent id="r" name="r"><timerEventDefinition id="rt"><timeDuration>2 horas</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>",
        '<intermediateCatchEvent id="m" name="m"><messageEventDefinition id="mm"/></intermediateCatchEvent>',
        '<exclusiveGateway id="g" name="g"/><task id="t"/>',
        '<sequenceFlow id="f" sourceRef="g" targetRef="t"/><sequenceFlow id="h" sourceRef="g" targetRef="u"/>',
    ]
)  # fmt: skip


MENDED = {
    ("u", "unknown-form"): "formId",
    ("u", "date-not-iso"): "taskScheduleDueDate",
    ("u", "expression-syntax"): "priorityDefinitionPriority",
    ("u", "user-task-without-people"): "assignmentDefinitionCandidateGroups",
    ("s", "unknown-variable"): "s-input-0-source",
    ("s", "empty-source"): "s-output-0-source",
    ("n", "work-without-definition"): "taskDefinitionType",
    ("b", "result-variable-missing"): "resultVariable",
    ("c", "expression-needed"): "scriptExpression",
    ("p", "unknown-called-process"): "targetProcessId",
    ("r", "timer-not-iso"): "timerEventDefinitionValue",
    ("m", "work-without-definition"): "messageRef",
    ("g", "gateway-without-default"): "defaultFlow",
    ("Tarea", "element-without-name"): "name",
}


def test_a_finding_leads_into_the_field_that_mends_it(studio: Walker) -> None:
    page = imported(studio, "faltas", FAULTY, {id: 36 if id in "rmg" else 80 for id in "usnbcprmgt"})
    expect(page.locator("#hallazgos-n")).to_contain_text("errores")
    for (id, rule), entry in MENDED.items():
        found = page.locator("#hallazgos li").filter(has=page.get_by_text(rule, exact=True))
        found.get_by_role("button", name=id, exact=True).click()
        expect(page.locator(f'#panel [data-entry-id="{entry}"]:focus-within')).to_be_visible()
    assert missing(page) == []
    assert studio.complaints == []


def test_a_finding_inside_a_folded_subprocess_opens_it(studio: Walker) -> None:
    inside = """<di:BPMNDiagram id="i"><di:BPMNPlane id="j" bpmnElement="sub"><di:BPMNShape id="k" bpmnElement="u">
<dc:Bounds x="300" y="200" width="100" height="80"/></di:BPMNShape></di:BPMNPlane></di:BPMNDiagram>"""
    content = '<subProcess id="sub" name="Plegado"><userTask id="u" name="Dentro"/></subProcess>'
    page = imported(studio, "plegado", content, {"sub": 100}, inside)
    found = page.locator("#hallazgos li").filter(has=page.get_by_text("user-task-without-people", exact=True))
    found.get_by_role("button", name="Dentro").click()
    expect(page.locator('[data-element-id="u"].djs-shape.selected')).to_be_visible()
    expect(page.locator('#panel [data-entry-id="assignmentDefinitionCandidateGroups"]:focus-within')).to_be_visible()
