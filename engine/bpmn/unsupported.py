"""What this executor would not run exactly as the model says: the last fence before a deployment.

The checks in `engine.definitions` judge most of it from the drawing; here speaks the executor itself, from the same
tables that it compiles by.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.kinds import runs
from engine.definitions.model import Element, Model, Process
from engine.values import Finding

_GATEWAYS = frozenset(
    {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"}
)
_EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
_REMEDY = "Quítelo, o dibújelo con lo que ofrecen la paleta y sus menús."
_MENDED = {
    "loop-out-of-place": "Quite la repetición en «Cambiar elemento».",
    "error-must-interrupt": "Elija en «Cambiar elemento» el que interrumpe.",
    "cancel-without-boundary": "Ponga en el borde de la transacción un evento de cancelación.",
    "compensation-out-of-place": "Un evento de compensación en el borde de la actividad lleva con una asociación a la "
    "que la compensa; el menú a su lado las dibuja.",
    "event-sub-process-apart": "Quítele los flujos y los eventos de borde.",
    "dynamic-code": "Escriba el código tal cual, sin «=».",
    "mapping-out-of-place": "Quítelas en el panel.",
}
"""Rule → what to do, where it is always the same."""
_STARTED_BY_MESSAGE = "Un asunto necesita su clave y este inicio no la trae: inícielo con un mensaje."
_NOTHING_TO_WAIT_FOR = "Elija qué espera: mensaje, señal, tiempo, condición, error o escalamiento."
_INSTEAD: dict[tuple[str, str], str] = {
    ("adHocSubProcess", "none"): "Nadie dice ahí qué se hace ni cuándo basta: use una compuerta inclusiva.",
    ("complexGateway", "none"): "Use compuertas inclusivas o exclusivas.",
    ("startEvent", "timer"): _STARTED_BY_MESSAGE,
    ("startEvent", "signal"): _STARTED_BY_MESSAGE,
    ("startEvent", "conditional"): _STARTED_BY_MESSAGE,
    ("startEvent", "compensation"): "Dele al subproceso un evento de compensación en su borde.",
    ("intermediateCatchEvent", "none"): _NOTHING_TO_WAIT_FOR,
    ("boundaryEvent", "none"): _NOTHING_TO_WAIT_FOR,
    ("boundaryEvent", "cancel"): "Sólo una transacción se cancela: póngalo en su borde.",
    ("endEvent", "cancel"): "Sólo una transacción se cancela: póngalo dentro de una.",
    ("intermediateThrowEvent", "error"): "Un error termina: use un evento de fin.",
}
"""Kind and event of what does not run → what to draw instead."""


def unsupported(process: Process, model: Model | None = None) -> list[Finding]:
    """Every element of a process that would not run as it is drawn; [] when all of it does.

    `model` is not needed by any rule today; what only the XML says is judged in `engine.definitions.checks`.
    """
    return [
        Finding(process.resource, element.id, rule, f"«{element.name or element.id}» {problem}", _remedy(element, rule))
        for element in process.elements.values()
        for rule, problem in _problems(element, process)
    ]


def _remedy(element: Element, rule: str) -> str:
    if rule != "not-executed":
        return _MENDED[rule]
    if element.triggered_by_event:
        return "Dele un solo inicio: mensaje, señal, tiempo, condición, error o escalamiento."
    return _INSTEAD.get((element.kind, element.event.kind if element.event else "none"), _REMEDY)


def _problems(element: Element, process: Process) -> Iterator[tuple[str, str]]:
    kind, event = element.kind, element.event.kind if element.event else "none"
    if not runs(element, process):
        yield "not-executed", f"no se ejecuta ({kind}{'' if event == 'none' else ', ' + event})."
        return
    if element.loop is not None and kind in _GATEWAYS | _EVENTS:
        yield "loop-out-of-place", "repite por varias instancias, y sólo una actividad puede."
    if event in ("error", "cancel") and kind in ("boundaryEvent", "startEvent") and not element.interrupting:
        what = "un error" if event == "error" else "una cancelación"
        yield "error-must-interrupt", f"atrapa {what} sin interrumpir, y {what} siempre interrumpe."
    if kind == "endEvent" and event == "cancel" and not _has_cancel_boundary(element.scope, process):
        yield "cancel-without-boundary", "cancela una transacción sin evento de cancelación en su borde."
    for problem in _compensation(element, event, process):
        yield "compensation-out-of-place", problem
    if element.triggered_by_event:
        if element.incoming or element.outgoing:
            yield "event-sub-process-apart", "empieza con un evento, y ningún flujo le entra ni le sale."
        if element.loop is not None:
            yield "loop-out-of-place", "empieza con un evento, y no puede repetir por varias instancias."
        if element.id in process.boundaries:
            yield "event-sub-process-apart", "empieza con un evento, y no puede llevar eventos de borde."
    if element.event and (element.event.code or "").startswith("="):
        yield "dynamic-code", "calcula su código, y un código es fijo."
    if element.inputs and not _takes_inputs(element, event):
        yield "mapping-out-of-place", "tiene entradas, que ahí no se aplican."
    if element.outputs and not _gives_outputs(element, event):
        yield "mapping-out-of-place", "tiene salidas, que ahí no se aplican."


def _compensation(element: Element, event: str, process: Process) -> Iterator[str]:
    """What would be undone otherwise than BPMN says."""
    if element.for_compensation:
        if element.incoming or element.outgoing:
            yield "compensa a otra actividad, y ningún flujo le entra ni le sale."
        if element.id in process.boundaries:
            yield "compensa a otra actividad, y no puede llevar eventos de borde."
        if not any(other.undone_by == element.id for other in process.inside.get(element.scope, ())):
            yield "compensa, pero ningún evento de compensación lleva a ella con una asociación."
    if event == "compensation" and element.kind == "boundaryEvent":
        handler, host = process.elements.get(element.undone_by or ""), process.elements.get(element.attached_to or "")
        if handler is None or not handler.for_compensation or handler.scope != element.scope:
            yield "no lleva con una asociación a una actividad de compensación de su nivel."
        if element.outgoing:
            yield "compensa, y de él no sale un flujo sino una asociación."
        if host is not None and (host.loop is not None or host.triggered_by_event):
            yield "compensaría una actividad que se repite o que empieza con un evento."
    elif event in ("compensation", "cancel") and element.kind != "boundaryEvent":
        yield from _thrown_compensation(element, process)


def _thrown_compensation(element: Element, process: Process) -> Iterator[str]:
    activity = element.event.activity if element.event else None
    if element.event is not None and not element.event.waits:
        yield "compensa sin esperar a que termine (waitForCompletion)."
    scope = process.elements.get(element.scope)
    if scope is not None and scope.triggered_by_event:
        yield "compensa desde un subproceso de evento, donde no hay nada hecho."
    beside = {one.id: one for one in process.inside.get(element.scope, ())}
    if activity is not None and (activity not in beside or not _undone(activity, process)):
        yield f"compensa «{activity}», que no tiene compensación en su mismo nivel."
    for one in beside.values():
        within = one.kind in ("subProcess", "transaction") and activity in (None, one.id)
        if within and not _undone(one.id, process) and _compensates_inside(one.id, process):
            yield f"tendría que compensar dentro de «{one.name or one.id}», que ya terminó: dele compensación propia."


def _undone(activity: str, process: Process) -> bool:
    return any(boundary.undone_by for boundary in process.boundaries.get(activity, ()))


def _compensates_inside(scope: str, process: Process) -> bool:
    return any(one.for_compensation or _compensates_inside(one.id, process) for one in process.inside.get(scope, ()))


def _has_cancel_boundary(transaction: str, process: Process) -> bool:
    return any(
        boundary.event is not None and boundary.event.kind == "cancel"
        for boundary in process.boundaries.get(transaction, ())
    )


def _takes_inputs(element: Element, event: str) -> bool:
    if element.topic:
        return True
    if element.kind in ("intermediateThrowEvent", "endEvent"):
        return event in ("message", "signal", "error", "escalation")
    return element.kind not in _GATEWAYS | _EVENTS


def _gives_outputs(element: Element, event: str) -> bool:
    if element.topic:
        return True
    if element.kind in ("intermediateThrowEvent", "endEvent"):
        return event in ("message", "escalation")
    if element.kind == "intermediateCatchEvent":
        return event != "link"
    return element.kind not in _GATEWAYS
