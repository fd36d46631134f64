"""Rules about how elements hang together: starts, ends, flows, gateways."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definitions.checks.material import Material, Problem, named
from engine.definitions.model import Element, Process
from engine.definitions.reader import GATEWAYS, SUB_PROCESSES
from engine.feel import FeelSyntaxError, parse
from engine.feel.nodes import Binary, Literal, Node

_CHOOSING = ("exclusiveGateway", "inclusiveGateway")


def flow_across_scopes(material: Material) -> Iterator[Problem]:
    """A sequence flow stays inside one process and one sub-process."""
    for process in material.processes():
        for flow in process.flows.values():
            source, target = process.elements.get(flow.source), process.elements.get(flow.target)
            if source is None or target is None or source.scope != target.scope:
                yield Problem(
                    process.resource,
                    flow.id,
                    f"El flujo «{flow.name or flow.id}» no une dos elementos del mismo nivel.",
                    "Termine el subproceso con un evento de fin y siga desde su borde; entre procesos use mensajes.",
                )


def flow_at_wrong_end(material: Material) -> Iterator[Problem]:
    """Nothing flows into a start or boundary event, nothing out of an end event."""
    for process, element in material.elements("startEvent", "boundaryEvent"):
        if element.incoming:
            message = f"Al evento {named(element)} le entra un flujo, y sólo puede iniciar."
            yield Problem(process.resource, element.id, message, "Quite el flujo o use un evento intermedio.")
    for process, element in material.elements("endEvent"):
        if element.outgoing:
            message = f"Del evento de fin {named(element)} sale un flujo."
            yield Problem(process.resource, element.id, message, "Quite el flujo o use un evento intermedio.")


def scopes(process: Process) -> Iterator[tuple[str, Element | None, list[Element]]]:
    """(id, its element or None for the process itself, the elements directly inside) for every scope."""
    inside: dict[str, list[Element]] = {process.id: []}
    for element in process.elements.values():
        inside.setdefault(element.scope, []).append(element)
        if element.kind in SUB_PROCESSES:
            inside.setdefault(element.id, [])
    for id, elements in inside.items():
        yield id, process.elements.get(id), elements


def start_event(material: Material) -> Iterator[Problem]:
    """A process has a start and at most one without trigger; a sub-process exactly one, without trigger; an event
    sub-process exactly one, with trigger. More or fewer would leave open where tokens begin."""
    for process in material.processes():
        for id, scope, elements in scopes(process):
            starts = [element for element in elements if element.kind == "startEvent"]
            blank = [element for element in starts if element.event is None or element.event.kind == "none"]
            where = f"El proceso «{process.name}»" if scope is None else f"El subproceso {named(scope)}"
            if scope is not None and scope.kind == "adHocSubProcess":
                continue
            if scope is not None and scope.triggered_by_event:
                if len(starts) != 1 or blank:
                    message = f"{where}, que empieza con un evento, no tiene exactamente un inicio con disparador."
                    yield Problem(process.resource, id, message, "Deje un inicio de mensaje, señal, error o tiempo.")
            elif scope is not None and (len(starts) != 1 or len(blank) != 1):
                message = f"{where} no tiene exactamente un evento de inicio sin disparador."
                yield Problem(process.resource, id, message, "Deje un solo evento de inicio, sin disparador.")
            elif not starts or len(blank) > 1:
                message = f"{where} tiene {len(blank)} eventos de inicio sin disparador y {len(starts)} en total."
                yield Problem(process.resource, id, message, "Deje un evento de inicio sin disparador.")


def _is_apart(element: Element) -> bool:
    """No flow leads to it or away: an event starts it, or it undoes another activity."""
    return element.triggered_by_event or element.for_compensation


def implicit_start(material: Material) -> Iterator[Problem]:
    """Every element but starts, boundary events, link catches and event sub-processes is reached by a flow."""
    for process, element in material.elements():
        if element.incoming or element.kind in ("startEvent", "boundaryEvent") or _is_apart(element):
            continue
        if element.event is not None and element.event.kind == "link" and element.kind == "intermediateCatchEvent":
            continue
        yield Problem(
            process.resource,
            element.id,
            f"A {named(element)} no llega ningún flujo.",
            "Conéctelo con el elemento que va antes, o bórrelo.",
        )


def implicit_end(material: Material) -> Iterator[Problem]:
    """Every path ends in an end event, so that readers see where and how it ends."""
    for process, element in material.elements():
        if element.outgoing or element.kind == "endEvent" or _is_apart(element):
            continue
        if element.event is not None and element.event.kind == "compensation" and element.kind == "boundaryEvent":
            continue
        if element.event is not None and element.event.kind == "link" and element.kind == "intermediateThrowEvent":
            continue
        yield Problem(
            process.resource,
            element.id,
            f"De {named(element)} no sale ningún flujo.",
            "Conéctelo con lo que sigue o con un evento de fin.",
        )


def duplicate_flow(material: Material) -> Iterator[Problem]:
    """Two flows between the same elements send two tokens along, or hide a condition."""
    for process in material.processes():
        seen: dict[tuple[str, str], str] = {}
        for flow in process.flows.values():
            first = seen.setdefault((flow.source, flow.target), flow.id)
            source = process.elements.get(flow.source)
            if first != flow.id and (source is None or source.kind not in _CHOOSING):
                message = f"El flujo «{flow.id}» une los mismos elementos que «{first}»."
                yield Problem(process.resource, flow.id, message, "Borre uno de los dos.")


def _choices(material: Material) -> Iterator[tuple[Process, Element]]:
    for process, element in material.elements(*_CHOOSING):
        if len(element.outgoing) > 1:
            yield process, element


def gateway_without_default(material: Material) -> Iterator[Problem]:
    """A choice has a way for what nobody thought of; without it the matter would stop with an incident.

    Only a warning for an inclusive gateway, whose default cannot be taken together with others; nothing where its
    conditions leave no case out.
    """
    for process, element in _choices(material):
        if element.default_flow is not None:
            continue
        if element.kind == "exclusiveGateway" or not _one_always_holds(process, element):
            yield Problem(
                process.resource,
                element.id,
                f"La compuerta {named(element)} no tiene flujo por omisión.",
                "Elija su «Flujo por omisión» y deje la condición en los demás.",
                "error" if element.kind == "exclusiveGateway" else "warning",
            )


def _one_always_holds(process: Process, element: Element) -> bool:
    """Whether two of its conditions say `x != a` and `x != b`, or `x = a` and `x != a`: one is true whatever x is."""
    other_than: dict[Node, set[Node]] = {}
    equal: set[tuple[Node, Node]] = set()
    for id in element.outgoing:
        match _parsed(process.flows[id].condition):
            case Binary("!=", left, Literal() as right):
                other_than.setdefault(left, set()).add(right)
            case Binary("=", left, Literal() as right):
                equal.add((left, right))
    return any(
        len(values) > 1 or any((name, value) in equal for value in values) for name, values in other_than.items()
    )


def _parsed(text: str | None) -> Node | None:
    try:
        return parse(text[1:]).node if text and text.startswith("=") else None
    except FeelSyntaxError:
        return None


def gateway_flow_without_condition(material: Material) -> Iterator[Problem]:
    """Every flow of a choice says when it is taken, but the default, which must not."""
    for process, element in _choices(material):
        for id in element.outgoing:
            flow = process.flows[id]
            if id != element.default_flow and flow.condition is None:
                message = f"El flujo «{flow.name or id}» de la compuerta {named(element)} no tiene condición."
                yield Problem(process.resource, id, message, "Escriba su condición, por ejemplo =requiere = true.")
            if id == element.default_flow and flow.condition is not None:
                message = f"El flujo por omisión «{flow.name or id}» lleva una condición, que no se mira."
                yield Problem(process.resource, id, message, "Borre la condición.", "warning")


def condition_out_of_place(material: Material) -> Iterator[Problem]:
    """Conditions stand after choices and activities; elsewhere BPMN does not look at them."""
    for process in material.processes():
        for flow in process.flows.values():
            source = process.elements.get(flow.source)
            if flow.condition is None or source is None:
                continue
            if source.kind.endswith("Event") or (source.kind in GATEWAYS and source.kind not in _CHOOSING):
                message = f"El flujo «{flow.name or flow.id}» lleva una condición y sale de {named(source)}."
                yield Problem(
                    process.resource, flow.id, message, "Ponga una compuerta exclusiva antes, o borre la condición."
                )


def activity_with_conditions_without_default(material: Material) -> Iterator[Problem]:
    """If all flows of an activity are conditional, one may have none that is true."""
    for process, element in material.elements():
        if element.kind in GATEWAYS or element.kind.endswith("Event") or not element.outgoing:
            continue
        if element.default_flow is None and all(process.flows[id].condition for id in element.outgoing):
            message = f"Todos los flujos que salen de {named(element)} llevan condición y ninguno es por omisión."
            yield Problem(process.resource, element.id, message, "Ponga una compuerta exclusiva con flujo por omisión.")


def event_gateway(material: Material) -> Iterator[Problem]:
    """An event gateway leads to two or more events that wait, of which at most one is a timer."""
    for process, element in material.elements("eventBasedGateway"):
        targets = [process.elements.get(process.flows[id].target) for id in element.outgoing]
        waiting = [t for t in targets if t is not None and t.kind in ("intermediateCatchEvent", "receiveTask")]
        if len(waiting) != len(targets) or len(targets) < 2:
            yield Problem(
                process.resource,
                element.id,
                f"La compuerta de eventos {named(element)} no lleva a dos o más eventos que esperan.",
                "Conecte cada salida con un evento intermedio de captura.",
            )
        timers = [target for target in waiting if target.event is not None and target.event.kind == "timer"]
        if len(timers) > 1:
            yield Problem(
                process.resource,
                element.id,
                f"La compuerta de eventos {named(element)} tiene {len(timers)} temporizadores y sólo vale el menor.",
                "Deje un temporizador.",
            )
        for target in waiting:
            if len(target.incoming) > 1:
                yield Problem(
                    process.resource,
                    target.id,
                    f"Al evento {named(target)}, que espera tras una compuerta de eventos, le llega otro flujo.",
                    "Deje sólo el de la compuerta.",
                )


def gateway_alone(material: Material) -> Iterator[Problem]:
    """A gateway with one way in and one way out decides nothing."""
    for process, element in material.elements(*GATEWAYS):
        if len(element.incoming) == 1 and len(element.outgoing) == 1:
            message = f"La compuerta {named(element)} tiene una entrada y una salida: no hace nada."
            yield Problem(process.resource, element.id, message, "Bórrela, o añada el camino que falta.", "warning")


RULES = (
    flow_across_scopes,
    flow_at_wrong_end,
    start_event,
    implicit_start,
    implicit_end,
    duplicate_flow,
    gateway_without_default,
    gateway_flow_without_condition,
    condition_out_of_place,
    activity_with_conditions_without_default,
    event_gateway,
    gateway_alone,
)
