"""Rules about variables: mappings, results, loops."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.definitions.checks.material import Material, Problem, named
from engine.definitions.model import Element
from engine.definitions.reader import ZEEBE, local_name

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS = frozenset(
    {
        "and", "or", "not", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between",
        "instance", "of", "true", "false", "null", "function", "external",
    }
)  # fmt: skip
_PLACEHOLDER = re.compile(r"(Input|Output)Variable_\w{6,}")

NAMES_REMEDY = "Use letras sin acento, cifras y guion bajo, sin palabras reservadas de FEEL."


def is_name(text: str, *, dotted: bool = False) -> bool:
    """Whether a text can name a variable; `dotted` allows a path into a context."""
    parts = text.split(".") if dotted else [text]
    return all(_NAME.fullmatch(part) and part not in _KEYWORDS for part in parts)


def empty_mapping(material: Material) -> Iterator[Problem]:
    """A mapping or header without name is a button pressed and forgotten."""
    for resource, model in material.models.items():
        for node in model.root.iter(ZEEBE + "input", ZEEBE + "output", ZEEBE + "header"):
            if node.get("key" if local_name(node) == "header" else "target"):
                continue
            owner = next((a for a in node.iterancestors() if a.get("id")), None)
            id = None if owner is None else owner.get("id")
            what = {"input": "entrada", "output": "salida", "header": "encabezado"}[local_name(node)]
            message, field = f"«{id}» tiene una {what} sin nombre.", f"{local_name(node)}:"
            yield Problem(resource, id, message, "Escriba su nombre o quítela.", field=field)


def empty_source(material: Material) -> Iterator[Problem]:
    """An output without value would set its variable to null."""
    for process, element in material.elements():
        for mapping in element.outputs:
            if not mapping.source.strip("= "):
                message = f"La salida «{mapping.target}» de {named(element)} no tiene valor."
                remedy, field = "Escriba =… o quite la salida.", f"output:{mapping.target}"
                yield Problem(process.resource, element.id, message, remedy, field=field)


def invalid_name(material: Material) -> Iterator[Problem]:
    """Variables have names that FEEL can say."""
    for process, element in material.elements():
        for field, what, name in _names(element):
            if not is_name(name, dotted=what.startswith(("La entrada", "La salida"))):
                message = f"{what} de {named(element)} se llama «{name}», que no es un nombre."
                yield Problem(process.resource, element.id, message, NAMES_REMEDY, field=field)
            elif _PLACEHOLDER.fullmatch(name):
                message = f"{what} de {named(element)} conserva el nombre provisional «{name}»."
                yield Problem(process.resource, element.id, message, "Dele el nombre de lo que lleva.", field=field)


def _names(element: Element) -> Iterator[tuple[str, str, str]]:
    """(field, what it is called, the name)"""
    for mapping in element.inputs:
        yield f"input:{mapping.target}", "La entrada", mapping.target
    for mapping in element.outputs:
        yield f"output:{mapping.target}", "La salida", mapping.target
    if element.result_variable:
        yield "resultVariable", "El resultado", element.result_variable
    if element.loop:
        if element.loop.element_variable:
            yield "inputElement", "El elemento de cada instancia", element.loop.element_variable
        if element.loop.output_collection:
            yield "outputCollection", "La lista de resultados", element.loop.output_collection


def result_variable_missing(material: Material) -> Iterator[Problem]:
    """A decision or script whose value goes nowhere decides nothing."""
    for process, element in material.elements("businessRuleTask", "scriptTask"):
        if (element.decision_id or element.script) and not element.result_variable:
            message = f"{named(element)} no dice en qué variable queda su resultado."
            yield Problem(process.resource, element.id, message, "Escriba «Variable del resultado».")


def loop_without_collection(material: Material) -> Iterator[Problem]:
    """A multi-instance activity says over what it runs, and gives a list of results only whole."""
    for process, element in material.elements():
        if element.loop is None:
            continue
        loop = element.loop
        if loop.standard:
            continue
        if not loop.collection and not loop.cardinality:
            message = f"{named(element)} se repite, pero no dice sobre qué colección."
            remedy = "Escriba «Lista que se recorre», por ejemplo =documentos."
            yield Problem(process.resource, element.id, message, remedy)
        if loop.cardinality and (loop.collection or loop.element_variable):
            message = f"{named(element)} se repite un número de veces y a la vez sobre una colección."
            yield Problem(process.resource, element.id, message, "Deje «Número de veces» o «Lista que se recorre».")
        if bool(element.loop.output_collection) != bool(element.loop.output_element):
            message = f"{named(element)} tiene lista de resultados sin elemento, o elemento sin lista."
            yield Problem(process.resource, element.id, message, "Escriba los dos o ninguno.")


def endless_loop(material: Material) -> Iterator[Problem]:
    """A standard loop says when it ends: by its condition or by a maximum."""
    for process, element in material.elements():
        loop = element.loop
        if loop is None or not loop.standard:
            continue
        if loop.condition is None and loop.maximum is None:
            message = f"{named(element)} es un ciclo sin condición ni número máximo."
            yield Problem(process.resource, element.id, message, "Escriba la condición que lo hace seguir.")
        if loop.maximum is not None and not (loop.maximum.isdecimal() and len(loop.maximum) < 6):
            message = f"El máximo del ciclo de {named(element)} es «{loop.maximum}»."
            yield Problem(process.resource, element.id, message, "Escriba un número entero.")


RULES = (empty_mapping, empty_source, invalid_name, result_variable_missing, loop_without_collection, endless_loop)
