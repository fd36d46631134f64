"""What a new file begins with: small, valid, and ready to be changed."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import quoteattr


def _id(name: str) -> str:
    """An id made of a file's name."""
    found = re.sub(r"[^A-Za-z0-9_]", "_", name.rpartition(".")[0] or name)
    return found if found[:1].isalpha() or found.startswith("_") else f"p{found}"


def _title(name: str) -> str:
    return (name.rpartition(".")[0] or name).replace("_", " ").strip().capitalize()


def diagram(name: str) -> str:
    """A start, a user task, an end."""
    id, title = _id(name), quoteattr(_title(name))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" \
id="df_{id}" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="{id}" name={title} isExecutable="true">
    <bpmn:startEvent id="ini_{id}" name="Empieza">
      <bpmn:outgoing>fl_{id}_1</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="ut_{id}" name="Hacer algo">
      <bpmn:extensionElements>
        <zeebe:userTask />
        <zeebe:assignmentDefinition candidateGroups="gerente" />
      </bpmn:extensionElements>
      <bpmn:incoming>fl_{id}_1</bpmn:incoming>
      <bpmn:outgoing>fl_{id}_2</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="fin_{id}" name="Termina">
      <bpmn:incoming>fl_{id}_2</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="fl_{id}_1" sourceRef="ini_{id}" targetRef="ut_{id}" />
    <bpmn:sequenceFlow id="fl_{id}_2" sourceRef="ut_{id}" targetRef="fin_{id}" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="di_{id}">
    <bpmndi:BPMNPlane id="pl_{id}" bpmnElement="{id}">
      <bpmndi:BPMNShape id="sh_1" bpmnElement="ini_{id}"><dc:Bounds x="180" y="142" width="36" height="36" />\
<bpmndi:BPMNLabel><dc:Bounds x="168" y="185" width="60" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="sh_2" bpmnElement="ut_{id}"><dc:Bounds x="280" y="120" width="100" height="80" />\
</bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="sh_3" bpmnElement="fin_{id}"><dc:Bounds x="440" y="142" width="36" height="36" />\
<bpmndi:BPMNLabel><dc:Bounds x="428" y="185" width="60" height="14" /></bpmndi:BPMNLabel></bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="ed_1" bpmnElement="fl_{id}_1"><di:waypoint x="216" y="160" /><di:waypoint x="280" y="160" />\
</bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="ed_2" bpmnElement="fl_{id}_2"><di:waypoint x="380" y="160" /><di:waypoint x="440" y="160" />\
</bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def decision(name: str) -> str:
    """A table with one input, one output and two rules."""
    id, title = _id(name), quoteattr(_title(name))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" \
xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" \
id="defs_{id}" name={title} namespace="urn:cauce:{id}">
  <decision id="{id}" name={title}>
    <variable id="var_{id}" name="{id}" />
    <decisionTable id="tabla_{id}" hitPolicy="UNIQUE">
      <input id="in_1" label="Monto"><inputExpression id="exp_1" typeRef="number"><text>monto</text></inputExpression>\
</input>
      <output id="out_1" label="Resultado" name="resultado" typeRef="string" />
      <rule id="regla_1"><inputEntry id="r1_e1"><text>&lt; 1000</text></inputEntry>\
<outputEntry id="r1_s1"><text>"poco"</text></outputEntry></rule>
      <rule id="regla_2"><inputEntry id="r2_e1"><text>&gt;= 1000</text></inputEntry>\
<outputEntry id="r2_s1"><text>"mucho"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="diagrama_{id}">
      <dmndi:DMNShape id="forma_{id}" dmnElementRef="{id}"><dc:Bounds height="80" width="180" x="160" y="100" />\
</dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""


def form(name: str) -> str:
    """One text field."""
    field = {"type": "textfield", "id": "c_nota", "key": "nota", "label": "Nota", "validate": {"required": True}}
    document = {"type": "default", "id": _id(name), "schemaVersion": 19, "components": [field]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def mail(name: str) -> str:
    return f"""{{% extends "_base.j2" %}}
{{% block asunto %}}{_title(name)}{{% endblock %}}
{{% block cuerpo %}}
Escriba aquí el texto. Un renglón en blanco separa párrafos; **así** se resalta.
{{% endblock %}}
"""


def document(name: str) -> str:
    return f"""// Los datos del documento llegan en datos.json.
#let datos = json("datos.json")
#set document(title: "{_title(name)}")
#set text(lang: "es", size: 11pt)

= {_title(name)}

Folio: #datos.folio
"""


def scenario(name: str) -> str:
    return f"""name: "{_title(name)}"
process: p00_procedimiento_legal
starts: 2027-01-11 09:00
steps:
  - name: Laura registra un contacto
    at: 2027-01-11 10:00
    as: lvega
    action: contacto.nuevo
    with: {{canal: telefono, nombre: Ana Cruz, telefono: "5512345678", descripcion_breve: Un despido.}}
"""
