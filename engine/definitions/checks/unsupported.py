"""What BPMN has and this engine does not execute exactly as BPMN says. It is refused, never passed over.

Here stands what only the file shows. Which kinds of elements run the executor itself says (`engine.bpmn.unsupported`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.definitions.checks.material import Material, Problem, named
from engine.definitions.reader import ACTIVITIES, BPMN, EVENTS, FLOW_NODES, ZEEBE, event_definitions, local_name

_REMEDY = "Quítelo, o dibújelo con lo que ofrecen la paleta y sus menús."

_COMPENSATE = "##Compensate"
_RESOURCES = ("performer", "humanPerformer", "potentialOwner", "resourceRole", "rendering")

_INSIDE_PROCESS = frozenset(
    {
        "documentation", "extensionElements", "laneSet", "sequenceFlow", "association", "group", "textAnnotation",
        "dataObject", "dataObjectReference", "dataStoreReference", "property", "auditing", "monitoring", "incoming",
        "outgoing", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics",
    }
)  # fmt: skip


def unknown_element(material: Material) -> Iterator[Problem]:
    """Every BPMN element inside a process is one that we know."""
    for resource, _, scope in material.nodes("process", "subProcess", "transaction", "adHocSubProcess"):
        for node in scope.iterchildren(f"{BPMN}*"):
            tag = local_name(node)
            if tag not in FLOW_NODES and tag not in _INSIDE_PROCESS:
                message = f"«{tag}» ({node.get('id')}) no es un elemento que este motor conozca."
                yield Problem(resource, node.get("id"), message, _REMEDY)


def several_event_definitions(material: Material) -> Iterator[Problem]:
    """One event, one trigger."""
    for resource, model in material.models.items():
        by_id = {node.get("id"): node for node in model.root.iter("{*}*") if node.get("id")}
        for node in model.root.iter(*(BPMN + tag for tag in EVENTS)):
            if len(event_definitions(node, by_id)) > 1 or node.get("parallelMultiple") == "true":
                message = f"El evento «{node.get('name') or node.get('id')}» tiene varios disparadores."
                yield Problem(resource, node.get("id"), message, "Deje uno, o use una compuerta de eventos.")


def unsupported_attribute(material: Material) -> Iterator[Problem]:
    """Attributes that would change what runs, and that are not executed."""
    for resource, _, node in material.nodes(*ACTIVITIES, *EVENTS):
        for message in _attributes(node) if local_name(node) in ACTIVITIES else _event_attributes(node):
            text = f"«{node.get('name') or node.get('id')}»: {message}"
            yield Problem(resource, node.get("id"), text, "Quite ese atributo.")
    for resource, _, node in material.nodes("sequenceFlow"):
        if node.get("isImmediate") in ("false", "0"):
            message = f"«{node.get('name') or node.get('id')}»: isImmediate=false deja pasar otra cosa en medio."
            yield Problem(resource, node.get("id"), message, "Quite ese atributo.")


def _attributes(node: Any) -> Iterator[str]:
    for attribute in ("startQuantity", "completionQuantity"):
        if node.get(attribute, "1") != "1":
            yield f"{attribute} distinto de 1 no se ejecuta."
    if node.get("instantiate") == "true":
        yield "una tarea de recepción que inicia el proceso no se ejecuta; use un inicio de mensaje."
    loop = node.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if loop is not None:
        if loop.get("behavior", "All") != "All":
            yield "los eventos de varias instancias (behavior) no se ejecutan."
        for tag in ("loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"):
            if loop.find(f"{BPMN}{tag}") is not None:
                yield f"{tag} no se ejecuta; escriba la colección en el panel."
    if node.find(f"{BPMN}script") is not None:
        yield "un script de código no se ejecuta; escriba una expresión FEEL."
    if node.get("operationRef"):
        yield "operationRef no llama a nadie; el tema o el mensaje del panel dice quién lo hace."
    if node.get("method", _COMPENSATE) not in (_COMPENSATE, "compensate"):
        yield "una transacción se deshace compensando (method=##Compensate)."
    yield from _data_attributes(node)
    for tag in _RESOURCES:
        if node.find(f"{BPMN}{tag}") is not None:
            yield f"{tag} no asigna a nadie; use la asignación del panel."


def _event_attributes(node: Any) -> Iterator[str]:
    yield from _data_attributes(node)
    if node.find(f"{BPMN}messageEventDefinition/{BPMN}operationRef") is not None:
        yield "operationRef no llama a nadie; el tema o el mensaje del panel dice quién lo hace."


def _data_attributes(node: Any) -> Iterator[str]:
    """Data that the file itself moves: here variables are moved by mappings alone."""
    tags = ("ioSpecification", "dataInputAssociation", "dataOutputAssociation", "dataInput", "dataOutput")
    for tag in tags:
        if node.find(f"{BPMN}{tag}") is not None:
            yield f"{tag} no se ejecuta; use las entradas y salidas del panel."


def several_times(material: Material) -> Iterator[Problem]:
    """A timer is a date, a duration or a cycle."""
    for resource, model in material.models.items():
        for node in model.root.iter(f"{BPMN}timerEventDefinition"):
            if len([child for child in node if local_name(child) in ("timeDate", "timeDuration", "timeCycle")]) > 1:
                event = node.getparent()
                message = f"«{event.get('name') or event.get('id') or node.get('id')}» tiene varios tiempos."
                yield Problem(
                    resource, event.get("id") or node.get("id"), message, "Deje la fecha, la duración o el ciclo."
                )


def other_language(material: Material) -> Iterator[Problem]:
    """An expression that says that it is written in another language is not read as FEEL."""
    for resource, model in material.models.items():
        for node in model.root.iter(f"{BPMN}*"):
            language = node.get("language", "")
            if language and "feel" not in language.lower():
                owner = next(one for one in (node, *node.iterancestors()) if one.get("id") or one is model.root)
                message = (
                    f"Una expresión de «{owner.get('name') or owner.get('id')}» está en otro lenguaje ({language})."
                )
                yield Problem(resource, owner.get("id"), message, "Escríbala en FEEL, que empieza con «=».")


def unsupported_extension(material: Material) -> Iterator[Problem]:
    """Extension elements and attributes that would make something happen in other engines, and nothing here."""
    for resource, model in material.models.items():
        for node in model.root.iter(f"{ZEEBE}*"):
            tag = local_name(node)
            ignored = [f"{tag} {name}" for name in _ignored_attributes(node)] if tag in _EXTENSIONS else [tag]
            for what in ignored:
                owner = next(one for one in node.iterancestors() if one.get("id") or one is model.root)
                if local_name(node.getparent()) not in _EXTENSIONS and node.getparent().tag.startswith(ZEEBE):
                    continue  # Said of the list that it is part of.
                yield Problem(
                    resource,
                    owner.get("id"),
                    f"«{owner.get('name') or owner.get('id')}» lleva {what}, que no se ejecuta.",
                    "Quítelo del elemento: en su panel, «No se ejecuta aquí».",
                )


_EXTENSIONS = frozenset(
    {
        "taskDefinition", "taskHeaders", "header", "ioMapping", "input", "output", "userTask", "formDefinition",
        "assignmentDefinition", "taskSchedule", "priorityDefinition", "calledDecision", "script", "calledElement",
        "loopCharacteristics", "subscription", "properties", "property", "versionTag",
    }
)  # fmt: skip
"""What is read, and notes that no engine obeys. Whatever else there is would happen elsewhere, and here not."""
_ATTRIBUTES = ("formKey", "externalReference", "versionTag", "businessId")


def _ignored_attributes(node: Any) -> Iterator[str]:
    """What would take another form, decision or process than the one that was published with the diagram."""
    yield from (name for name in _ATTRIBUTES if node.get(name))
    if node.get("bindingType", "deployment") != "deployment":
        yield f"bindingType={node.get('bindingType')}"


def instantiating_gateway(material: Material) -> Iterator[Problem]:
    """An event gateway does not start a process."""
    for resource, _, node in material.nodes("eventBasedGateway"):
        if node.get("instantiate") == "true" or node.get("eventGatewayType", "Exclusive") != "Exclusive":
            message = f"La compuerta de eventos «{node.get('name') or node.get('id')}» inicia el proceso o es paralela."
            yield Problem(resource, node.get("id"), message, "Use un evento de inicio de mensaje.")


def correlation_property(material: Material) -> Iterator[Problem]:
    """Messages find their matter by the key of their subscription, not by BPMN's correlation properties."""
    for resource, model in material.models.items():
        for node in model.root.iter(f"{BPMN}correlationProperty", f"{BPMN}correlationKey"):
            message = f"«{node.get('name') or node.get('id')}»: la correlación de BPMN no se mira."
            yield Problem(resource, node.get("id"), message, "Escriba la «Clave de correlación» del mensaje.")


def link_without_partner(material: Material) -> Iterator[Problem]:
    """Each link that throws has exactly one that catches, by name, in the same scope."""
    for process in material.processes():
        links = [e for e in process.elements.values() if e.event and e.event.kind == "link"]
        catches = Counter((e.scope, e.event and e.event.name) for e in links if e.kind == "intermediateCatchEvent")
        for element in links:
            key = (element.scope, element.event and element.event.name)
            if element.kind == "intermediateThrowEvent" and catches[key] != 1:
                message = f"El enlace {named(element)} no tiene exactamente un destino con el nombre de enlace."
                yield Problem(process.resource, element.id, message, "Dé a los dos el mismo nombre de enlace.")


RULES = (
    unknown_element,
    several_event_definitions,
    unsupported_attribute,
    several_times,
    other_language,
    unsupported_extension,
    instantiating_gateway,
    correlation_property,
    link_without_partner,
)
