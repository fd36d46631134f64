"""Rules about every text that may be FEEL: it parses, it calls functions that exist, it stands where FEEL may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.definitions.checks.material import Material, Problem, named
from engine.definitions.model import Element, Process
from engine.feel import FeelSyntaxError, Functions, parse


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a model: whose it is, and what it is for."""

    resource: str
    element_id: str
    what: str
    text: str
    field: str
    """As in `Finding`."""
    must_be_feel: bool = False


def texts(process: Process) -> Iterator[Text]:
    """Every text of a process that may be, or must be, an expression."""
    for flow in process.flows.values():
        if flow.condition:
            what = f"La condición del flujo «{flow.name or flow.id}»"
            yield Text(process.resource, flow.id, what, flow.condition, "condition", must_be_feel=True)
    for element in process.elements.values():
        for field, what, text, must in _of_element(element):
            if text:
                yield Text(process.resource, element.id, f"{what} de {named(element)}", text, field, must)


def _of_element(element: Element) -> Iterator[tuple[str, str, str | None, bool]]:
    """(field, what it is called, its text, whether it must be an expression)"""
    for mapping in element.inputs:
        yield f"input:{mapping.target}", f"La entrada «{mapping.target}»", mapping.source, False
    for mapping in element.outputs:
        yield f"output:{mapping.target}", f"La salida «{mapping.target}»", mapping.source, False
    yield "assignee", "El responsable", element.assignee, False
    yield "candidateGroups", "Los grupos candidatos", element.candidate_groups, False
    yield "candidateUsers", "Las personas candidatas", element.candidate_users, False
    yield "dueDate", "El vencimiento", element.due_date, False
    yield "followUpDate", "La fecha de seguimiento", element.follow_up_date, False
    yield "priority", "La prioridad", element.priority, False
    yield "retries", "El número de reintentos", element.retries, False
    yield "expression", "El script", element.script, True
    if element.event:
        yield "timer", "El temporizador", element.event.timer, False
        yield (
            element.event.kind,
            "El nombre del mensaje",
            element.event.name if element.event.kind in ("message", "signal") else None,
            False,
        )
        yield "correlationKey", "La clave de correlación", element.event.correlation_key, False
        yield "condition", "La condición", element.event.condition, True
    if element.loop:
        yield "inputCollection", "La colección", element.loop.collection, True
        yield "outputElement", "El resultado de cada instancia", element.loop.output_element, True
        yield "loopCondition", "La condición del ciclo", element.loop.condition, True
        number = element.loop.cardinality or ""
        yield "loopCardinality", "El número de instancias", number, not number.isdecimal()
        yield "completionCondition", "La condición de término", element.loop.completion_condition, True


def expression_syntax(material: Material) -> Iterator[Problem]:
    """Every expression parses."""
    for text in _all(material):
        if text.text.startswith("="):
            try:
                parse(text.text[1:], functions=material.functions)
            except FeelSyntaxError as error:
                yield Problem(
                    text.resource,
                    text.element_id,
                    f"{text.what} no se entiende: {error.spanish} («{text.text}»).",
                    "Corrija la expresión FEEL.",
                    field=text.field,
                )


def unknown_function(material: Material) -> Iterator[Problem]:
    """Expressions call built-in functions and functions of the firm, none else."""
    if material.functions is None:
        return
    known = set(material.functions.names)
    for text in _all(material):
        unknown = _called(text.text) - known
        if unknown:
            yield Problem(
                text.resource,
                text.element_id,
                f"{text.what} llama a {', '.join(sorted(unknown))}, que no existe.",
                f"Corrija el nombre. Funciones del despacho: {', '.join(sorted(known)) or 'ninguna'}.",
                field=text.field,
            )


def unknown_argument(material: Material) -> Iterator[Problem]:
    """Texts handed to functions of the firm mean something to them: settings and the like exist under that name."""
    if material.functions is None:
        return
    for text in _all(material):
        for function, argument in _strange(text.text, material.functions):
            yield Problem(
                text.resource,
                text.element_id,
                f'{text.what} pide {function}("{argument}"), que no existe.',
                material.functions.remedy(function, argument),
                field=text.field,
            )


def _strange(text: str, functions: Functions) -> tuple[tuple[str, str], ...]:
    if not text.startswith("="):
        return ()
    try:
        return parse(text[1:], functions=functions).strange
    except FeelSyntaxError:
        return ()


def _called(text: str) -> set[str]:
    if not text.startswith("="):
        return set()
    try:
        return set(parse(text[1:]).functions)
    except FeelSyntaxError:
        return set()


def expression_needed(material: Material) -> Iterator[Problem]:
    """Conditions, scripts and collections are FEEL: without "=" they are a mere text."""
    for text in _all(material):
        if text.must_be_feel and not text.text.startswith("="):
            yield Problem(
                text.resource,
                text.element_id,
                f"{text.what} es un texto literal («{text.text}»).",
                _as_feel(text.text),
                field=text.field,
            )


_JUEL = re.compile(r"[$#]\{(.*)\}", re.DOTALL)


def _as_feel(text: str) -> str:
    """What to do with a text that is no expression; other tools write `${…}`."""
    found = _JUEL.fullmatch(text.strip())
    if found is None:
        return "Empiece la expresión con =."
    inside = found[1].replace("==", "=").replace("&&", " and ").replace("||", " or ")
    inside = re.sub(r"(?:!(?!=)\s*|\bnot\s+)([\w.]+)", r"not(\1)", " ".join(inside.split()))
    try:
        parse(inside)
    except FeelSyntaxError:
        return "Viene de otra herramienta; escríbala en FEEL, que empieza con =."
    return f"Viene de otra herramienta; escríbala en FEEL, por ejemplo ={inside}."


def _all(material: Material) -> Iterator[Text]:
    for process in material.processes():
        yield from texts(process)


def dynamic_reference(material: Material) -> Iterator[Problem]:
    """Topic, form, decision and called process are written out, so that they can be checked before anybody waits."""
    for process, element in material.elements():
        for field, what, text in (
            ("type", "El tema", element.topic),
            ("formId", "El formulario", element.form_id),
            ("decisionId", "La decisión", element.decision_id),
            ("processId", "El proceso llamado", element.called_process),
        ):
            if text and text.startswith("="):
                yield Problem(
                    process.resource,
                    element.id,
                    f"{what} de {named(element)} es una expresión («{text}»).",
                    "Escriba el nombre; use una compuerta si hay varios.",
                    field=field,
                )


_DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_CYCLE = re.compile(r"R(\d*)/(P.+)")


def timer_not_iso(material: Material) -> Iterator[Problem]:
    """A timer that is no expression is an ISO 8601 date with zone, duration or bounded cycle, as its kind says."""
    for process, element in material.elements():
        if element.event is None or element.event.kind != "timer":
            continue
        kind, text = element.event.timer_kind, element.event.timer
        if kind is None or not text:
            message = f"El temporizador {named(element)} está vacío."
        elif text.startswith("=") or _ISO[kind](text):
            continue
        else:
            message = f"El temporizador {named(element)} dice «{text}», que no es {_SPOKEN[kind]}."
        yield Problem(
            process.resource,
            element.id,
            message,
            "Escriba PT2H, 2026-11-30T09:00:00-06:00, R3/P1D o una expresión, por ejemplo =vence(3).",
        )


def is_date_with_zone(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_duration(text: str) -> bool:
    return _DURATION.fullmatch(text) is not None and not text.endswith("T")


def _is_cycle(text: str) -> bool:
    match = _CYCLE.fullmatch(text)
    return match is not None and _is_duration(match[2])


_ISO = {"date": is_date_with_zone, "duration": _is_duration, "cycle": _is_cycle}
_SPOKEN = {
    "date": "una fecha ISO 8601 con hora y zona",
    "duration": "una duración ISO 8601",
    "cycle": "un ciclo ISO 8601 (R, número, duración)",
}


def unbounded_cycle(material: Material) -> Iterator[Problem]:
    """A cycle says how often: one that never ends keeps its matter awake for ever."""
    for process, element in material.elements():
        event = element.event
        if event is None or event.timer_kind != "cycle" or not event.timer:
            continue
        match = _CYCLE.fullmatch(event.timer)
        if match and (not match[1] or int(match[1][:6]) > 1000):
            yield Problem(
                process.resource,
                element.id,
                f"El ciclo {named(element)} («{event.timer}») no tiene un número razonable de repeticiones.",
                "Escriba cuántas veces, hasta 1000: R3/P1D.",
            )


def date_not_iso(material: Material) -> Iterator[Problem]:
    """Due and follow-up dates that are no expressions are ISO 8601 with time and zone."""
    for process, element in material.elements("userTask"):
        for field, what, text in (
            ("dueDate", "El vencimiento", element.due_date),
            ("followUpDate", "La fecha de seguimiento", element.follow_up_date),
        ):
            if text and not text.startswith("=") and not is_date_with_zone(text):
                message = f"{what} de {named(element)} dice «{text}», que no es una fecha ISO 8601 con hora y zona."
                remedy = "Escriba una expresión, por ejemplo =vence(3)."
                yield Problem(process.resource, element.id, message, remedy, field=field)


def number_out_of_range(material: Material) -> Iterator[Problem]:
    """Priorities are whole numbers from 0 to 100, retries from 0 to 100."""
    for process, element in material.elements():
        for field, what, text in (
            ("priority", "La prioridad", element.priority),
            ("retries", "El número de reintentos", element.retries),
        ):
            if text and not text.startswith("=") and not (text.isdecimal() and len(text) < 4 and int(text) <= 100):
                message = f"{what} de {named(element)} dice «{text}»."
                remedy = "Escriba un número entero de 0 a 100."
                yield Problem(process.resource, element.id, message, remedy, field=field)


RULES = (
    expression_syntax,
    unknown_function,
    unknown_argument,
    expression_needed,
    dynamic_reference,
    timer_not_iso,
    unbounded_cycle,
    date_not_iso,
    number_out_of_range,
)
