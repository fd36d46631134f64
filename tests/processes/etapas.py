"""A small main process for tests: stages 7 to 12 as the real one calls them, from «Propuesta aceptada» on."""

from __future__ import annotations

_NS = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)

CLAVE = "etapas_7_12"

_LLAMADAS = {
    "ca_07": "p07_pagos",
    "ca_08": "p08_asignacion_asesor",
    "ca_09": "p09_notificacion_arranque",
    "ca_10": "p10_seguimiento_caso",
    "ca_11": "p11_cierre_caso",
    "ca_12": "p12_servicio_postventa",
}

# source, target, condition ("default" marks the default flow of a gateway)
_FLUJOS = (
    ("ini", "ca_07", ""),
    ("ca_07", "gx_iniciar", ""),
    ("gx_iniciar", "ca_08", '=resultado_etapa = "iniciar"'),
    ("gx_iniciar", "fin_no", "default"),
    ("ca_08", "ca_09", ""),
    ("ca_09", "ca_10", ""),
    ("ca_10", "ca_11", ""),
    ("ca_11", "gx_cerrado", ""),
    ("gx_cerrado", "ca_12", '=resultado_etapa = "cerrado"'),
    ("gx_cerrado", "ca_10", "default"),
    ("ca_12", "st_saldo", ""),
    ("st_saldo", "gx_saldo", ""),
    ("gx_saldo", "ev_saldo", "=saldo_pendiente > 0"),
    ("gx_saldo", "st_archivar", "default"),
    ("ev_saldo", "st_archivar", ""),
    ("st_archivar", "fin", ""),
)


def principal() -> bytes:
    """The model, as XML."""
    nodos = ['<bpmn:startEvent id="ini" name="Propuesta aceptada"/>']
    for id, proceso in _LLAMADAS.items():
        nodos.append(
            f'<bpmn:callActivity id="{id}" name="{proceso}"><bpmn:extensionElements><zeebe:calledElement '
            f'processId="{proceso}" propagateAllChildVariables="true"/></bpmn:extensionElements></bpmn:callActivity>'
        )
    for id, tema in (("st_saldo", "cierre.revisar_saldo"), ("st_archivar", "cierre.archivar_asunto")):
        nodos.append(
            f'<bpmn:serviceTask id="{id}" name="{tema}"><bpmn:extensionElements><zeebe:taskDefinition type="{tema}"/>'
            "</bpmn:extensionElements></bpmn:serviceTask>"
        )
    for id in ("gx_iniciar", "gx_cerrado", "gx_saldo"):
        nodos.append(f'<bpmn:exclusiveGateway id="{id}" name="{id}" default="{_por_omision(id)}"/>')
    nodos.append(
        '<bpmn:intermediateCatchEvent id="ev_saldo" name="Saldo liquidado"><bpmn:messageEventDefinition id="d" '
        'messageRef="msg_saldo_liquidado"/></bpmn:intermediateCatchEvent>'
    )
    nodos += ['<bpmn:endEvent id="fin" name="Archivado"/>', '<bpmn:endEvent id="fin_no" name="No iniciado"/>']
    flujos = "".join(_flujo(*flujo) for flujo in _FLUJOS)
    return (
        f'<bpmn:definitions {_NS} id="df" targetNamespace="urn:prueba">'
        f'<bpmn:process id="{CLAVE}" name="Etapas 7 a 12" isExecutable="true">{"".join(nodos)}{flujos}</bpmn:process>'
        '<bpmn:message id="msg_saldo_liquidado" name="msg_saldo_liquidado"/></bpmn:definitions>'
    ).encode()


def _por_omision(compuerta: str) -> str:
    return next(f"{s}__{t}" for s, t, condicion in _FLUJOS if s == compuerta and condicion == "default")


def _flujo(origen: str, destino: str, condicion: str) -> str:
    cuerpo = ""
    if condicion.startswith("="):
        texto = condicion.replace(">", "&gt;")
        cuerpo = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{texto}</bpmn:conditionExpression>'
    extremos = f'id="{origen}__{destino}" sourceRef="{origen}" targetRef="{destino}"'
    return f"<bpmn:sequenceFlow {extremos}>{cuerpo}</bpmn:sequenceFlow>"
