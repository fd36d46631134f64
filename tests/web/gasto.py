"""A small process that is not the firm's: an expense is asked for, booked by a job, approved in time or not at all."""

from __future__ import annotations

import json

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="urn:test">
  <bpmn:error id="er" name="Sin fondos" errorCode="sin_fondos"/>
  <bpmn:message id="me" name="msg_recibo"/>
  <bpmn:process id="gasto" name="Un gasto" isExecutable="true">
    <bpmn:startEvent id="ini" name="Alguien pide"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="ut_pedir" name="Pedir el gasto">
      <bpmn:extensionElements><zeebe:userTask/><zeebe:formDefinition formId="gasto"/>
        <zeebe:assignmentDefinition candidateGroups="ventas"/></bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
    <bpmn:serviceTask id="st_apartar" name="Apartar el dinero">
      <bpmn:extensionElements><zeebe:taskDefinition type="contacto.verificar_conflicto" retries="1"/>
      </bpmn:extensionElements>
      <bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing></bpmn:serviceTask>
    <bpmn:boundaryEvent id="be_fondos" name="No alcanza" attachedToRef="st_apartar">
      <bpmn:outgoing>f6</bpmn:outgoing><bpmn:errorEventDefinition id="ed" errorRef="er"/></bpmn:boundaryEvent>
    <bpmn:userTask id="ut_aprobar" name="Aprobar el gasto">
      <bpmn:extensionElements><zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="direccion"/>
      </bpmn:extensionElements>
      <bpmn:incoming>f3</bpmn:incoming><bpmn:outgoing>f4</bpmn:outgoing></bpmn:userTask>
    <bpmn:boundaryEvent id="be_tarde" name="Nadie aprueba" attachedToRef="ut_aprobar">
      <bpmn:outgoing>f7</bpmn:outgoing><bpmn:timerEventDefinition id="td">
        <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P3D</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:boundaryEvent>
    <bpmn:intermediateCatchEvent id="ev_recibo" name="Llega el recibo">
      <bpmn:incoming>f4</bpmn:incoming><bpmn:outgoing>f5</bpmn:outgoing>
      <bpmn:messageEventDefinition id="md" messageRef="me"/></bpmn:intermediateCatchEvent>
    <bpmn:endEvent id="fin" name="Pagado"><bpmn:incoming>f5</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="fin_fondos" name="Sin fondos"><bpmn:incoming>f6</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="fin_tarde" name="Caducó"><bpmn:incoming>f7</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="ini" targetRef="ut_pedir"/>
    <bpmn:sequenceFlow id="f2" sourceRef="ut_pedir" targetRef="st_apartar"/>
    <bpmn:sequenceFlow id="f3" sourceRef="st_apartar" targetRef="ut_aprobar"/>
    <bpmn:sequenceFlow id="f4" sourceRef="ut_aprobar" targetRef="ev_recibo"/>
    <bpmn:sequenceFlow id="f5" sourceRef="ev_recibo" targetRef="fin"/>
    <bpmn:sequenceFlow id="f6" sourceRef="be_fondos" targetRef="fin_fondos"/>
    <bpmn:sequenceFlow id="f7" sourceRef="be_tarde" targetRef="fin_tarde"/>
  </bpmn:process>
</bpmn:definitions>
"""
FORM = {
    "type": "default",
    "id": "gasto",
    "schemaVersion": 19,
    "components": [
        {"type": "textfield", "id": "c1", "key": "concepto", "label": "Concepto", "validate": {"required": True}},
        {"type": "number", "id": "c2", "key": "monto", "label": "Monto", "validate": {"required": True}},
        {"type": "datetime", "subtype": "date", "id": "c3", "key": "fecha", "label": "Fecha", "dateLabel": "Fecha"},
        {"type": "filepicker", "id": "c4", "key": "recibo", "label": "Recibo", "accept": ".pdf"},
    ],
}
RESOURCES = {"bpmn/gasto.bpmn": BPMN.encode(), "forms/gasto.form": json.dumps(FORM).encode()}
