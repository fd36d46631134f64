"""A small process for the tests of the pages: Ventas writes something down, Gerente looks at it."""

from __future__ import annotations

import json

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="urn:test">
  <bpmn:process id="two_steps" name="Dos pasos" isExecutable="true">
    <bpmn:startEvent id="ini" name="Inicio"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="ini" targetRef="ut_anotar"/>
    <bpmn:userTask id="ut_anotar" name="Anotar lo que pasó">
      <bpmn:documentation>Origen L3 (1.1): qué cuenta la persona</bpmn:documentation>
      <bpmn:extensionElements>
        <zeebe:formDefinition formId="anotar"/>
        <zeebe:assignmentDefinition candidateGroups="ventas"/>
        <zeebe:taskSchedule dueDate="2027-01-15T18:00:00-06:00"/>
      </bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f2" sourceRef="ut_anotar" targetRef="ut_revisar"/>
    <bpmn:userTask id="ut_revisar" name="Revisar lo anotado">
      <bpmn:extensionElements>
        <zeebe:assignmentDefinition candidateGroups="direccion"/>
      </bpmn:extensionElements>
      <bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f3" sourceRef="ut_revisar" targetRef="fin"/>
    <bpmn:endEvent id="fin" name="Revisado"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""

FORM = {
    "type": "default",
    "id": "anotar",
    "schemaVersion": 19,
    "components": [
        {"type": "text", "id": "t", "text": "Anote **todo** lo que recuerde."},
        {"type": "textfield", "id": "c1", "key": "titulo", "label": "Título", "validate": {"required": True}},
        {
            "type": "radio",
            "id": "c2",
            "key": "urge",
            "label": "¿Urge?",
            "defaultValue": "no",
            "values": [{"label": "Sí", "value": "si"}, {"label": "No", "value": "no"}],
        },
        {
            "type": "textarea",
            "id": "c3",
            "key": "motivo",
            "label": "Motivo de la urgencia",
            "validate": {"required": True},
            "conditional": {"hide": '=urge != "si"'},
        },
        {
            "type": "number",
            "id": "c4",
            "key": "monto",
            "label": "Monto",
            "properties": {"currency": "MXN"},
        },
        {
            "type": "dynamiclist",
            "id": "c5",
            "path": "testigos",
            "label": "Testigos",
            "defaultRepetitions": 0,
            "components": [{"type": "textfield", "id": "c6", "key": "nombre", "label": "Nombre"}],
        },
        {"type": "filepicker", "id": "c7", "key": "pruebas", "label": "Pruebas", "multiple": True, "accept": ".pdf"},
    ],
}

RESOURCES = {"bpmn/two_steps.bpmn": BPMN.encode(), "forms/anotar.form": json.dumps(FORM).encode()}
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
