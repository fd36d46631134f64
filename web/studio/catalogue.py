"""What the diagram editor offers: forms, decisions, processes, the firm's handlers and functions, known variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine import Engine
from engine.definitions import Element, Process, read_model
from engine.definitions.checks.variables import families
from engine.definitions.model import Flow
from engine.errors import ModelError
from engine.feel import FeelSyntaxError, parse
from engine.feel.builtins import BUILTINS
from engine.forms import Form
from engine.handler import FORM, FeelFunction, ServiceTaskHandler
from web.people import GROUPS
from web.studio.handler_words import AREAS, WORDS
from web.studio.titles import heading, title_of

SCHEMA = "https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json"
"""Name of the format of element templates; nothing is ever fetched from there."""
SPOKEN = {
    "String": "Texto",
    "Boolean": "Sí o no",
    "Number": "Número",
    "List": "Lista",
    "Context": "Varios datos",
    "Date": "Fecha",
    "Any": "Un dato",
}
"""Types as an analyst reads them."""
_TYPES = {
    str: "String",
    bool: "Boolean",
    int: "Number",
    Decimal: "Number",
    list: "List",
    dict: "Context",
    date: "Date",
    datetime: "Date",
}


def catalogue(
    engine: Engine, functions: Iterable[FeelFunction], files: Mapping[str, bytes], path: str
) -> dict[str, Any]:
    """Everything for the page of the diagram editor, as JSON."""
    mails = [{"value": one["value"], "name": one["value"]} for one in _named(files, "mail/") if one["value"][0] != "_"]
    return {
        "catalogue": {
            "forms": _form_choices(files),
            "decisions": _named(files, "dmn/"),
            "processes": [
                {"value": one.id, "label": one.name or one.id, "path": one.resource} for one in processes(files)
            ],
            "handlers": [_option(topic) for topic in _offered(engine.user_task_handlers)],
            "topics": [_option(topic) for topic in _offered(engine.service_handlers)],
            "groups": [{"value": code, "label": title} for code, title in GROUPS.items()],
        },
        "templates": [
            *(_service_template(engine.service_handlers[one], mails) for one in _offered(engine.service_handlers)),
            *(_user_template(topic) for topic in _offered(engine.user_task_handlers)),
        ],
        **feel(functions),
        "variables": variables(engine, files, lambda process: process.resource == path),
    }


def feel(functions: Iterable[FeelFunction]) -> dict[str, Any]:
    """The functions that expressions may call, as every FEEL field offers them."""
    return {
        "feelFunctions": [_function(one) for one in functions],
        "feelBuiltins": [*sorted(BUILTINS), "is defined"],
    }


def decision_variables(engine: Engine, files: Mapping[str, bytes], path: str) -> list[dict[str, Any]]:
    """The names that a decision may use: those of the processes that ask it, or of all while none does."""
    id = path.partition("/")[2].rpartition(".")[0]

    def asks(process: Process) -> bool:
        return any(element.decision_id == id for element in process.elements.values())

    asked = any(asks(process) for process in processes(files))
    return variables(engine, files, asks if asked else lambda process: True)


def processes(files: Mapping[str, bytes]) -> list[Process]:
    """The processes of the diagrams that can be read."""
    return [process for path, data in files.items() if path.startswith("bpmn/") for process in _read(path, data)]


@lru_cache(128)
def _read(path: str, data: bytes) -> tuple[Process, ...]:
    try:
        return tuple(read_model(path, data).processes.values())
    except ModelError:
        return ()


def _named(files: Mapping[str, bytes], folder: str) -> list[dict[str, str]]:
    paths = [path for path in files if path.startswith(folder)]
    return [
        {"value": path.removeprefix(folder).rpartition(".")[0], "label": title_of(path, files[path]), "path": path}
        for path in paths
    ]


def _form_choices(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    titles = form_titles(files)
    return [one | {"label": f"{titles[one['path']]} ({one['value']})"} for one in _named(files, "forms/")]


def form_titles(files: Mapping[str, bytes]) -> dict[str, str]:
    """Path of each form → its heading; without one, the name of the first user task that shows it; else of its file."""
    tasks = [one for process in processes(files) for one in process.elements.values() if one.form_id and one.name]
    shown = {f"forms/{one.form_id}.form": one.name for one in reversed(tasks)}
    return {
        path: heading(data) or shown.get(path) or title_of(path, data)
        for path, data in files.items()
        if path.startswith("forms/")
    }


def _offered(topics: Iterable[str]) -> list[str]:
    return sorted(topic for topic in topics if topic in WORDS)


def _option(topic: str) -> dict[str, str]:
    return {"value": topic, "label": f"{WORDS[topic][0]} ({topic})"}


# --- handlers as element templates


def _service_template(handler: ServiceTaskHandler, mails: list[dict[str, str]]) -> dict[str, Any]:
    hidden = {"type": "Hidden", "value": handler.topic, "binding": {"type": "zeebe:taskDefinition", "property": "type"}}
    mails = mails if handler.topic.startswith("correo.") else []
    inputs = [_input(name, field, mails) for name, field in fields(handler.input).items()]
    outputs = [_output(name, field) for name, field in fields(handler.output).items()]
    return _template("handler", handler.topic, "bpmn:ServiceTask", [hidden, *inputs, *outputs])


def _user_template(topic: str) -> dict[str, Any]:
    properties = [
        {"type": "Hidden", "value": topic, "binding": {"type": "zeebe:taskHeader", "key": "handler"}},
        {"type": "Hidden", "binding": {"type": "zeebe:userTask"}},
    ]
    return _template("tarea", topic, "bpmn:UserTask", properties)


def _template(prefix: str, topic: str, element: str, properties: list[dict[str, Any]]) -> dict[str, Any]:
    area = AREAS[topic.partition(".")[0]]
    name, what = WORDS[topic]
    return {
        "$schema": SCHEMA,
        "id": f"{prefix}.{topic}",
        "name": name,
        "description": f"{what} ({topic})",
        "category": {"id": area, "name": area},
        "appliesTo": [element],
        "elementType": {"value": element},
        "groups": [{"id": "entradas", "label": "Lo que recibe"}, {"id": "salidas", "label": "Lo que entrega"}],
        "properties": properties,
    }


def fields(model: Any) -> dict[str, FieldInfo]:
    """The fields of a handler's typed input or output."""
    return model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}


def _input(name: str, field: FieldInfo, mails: list[dict[str, str]]) -> dict[str, Any]:
    kind = type_name(field.annotation)
    without = "la variable del mismo nombre" if field.is_required() else "se usa la variable de ese nombre, o nada"
    found = {
        "id": f"in_{name}",
        "group": "entradas",
        "label": name,
        "description": f"{SPOKEN[kind]}. Vacío: {without}.",
        "type": kind if kind in ("Number", "Boolean") else "String",
        "feel": "optional",
        "optional": True,
        "binding": {"type": "zeebe:input", "name": name},
    }
    if name == "plantilla" and mails:
        # A mail is chosen from those that there are.
        del found["feel"], found["optional"]
        found |= {"type": "Dropdown", "choices": mails, "description": "El correo que se manda."}
    return found


def _output(name: str, field: FieldInfo) -> dict[str, Any]:
    return {
        "id": f"out_{name}",
        "group": "salidas",
        "label": name,
        "description": f"{SPOKEN[type_name(field.annotation)]}. Variable que lo recibe; vacía: la del mismo nombre.",
        "type": "String",
        "optional": True,
        "binding": {"type": "zeebe:output", "source": f"={name}"},
    }


# --- FEEL


def _function(function: FeelFunction) -> dict[str, Any]:
    info = escape(function.documentation).replace("\n\n", "</p><p>")
    info = re.sub(r"`([^`]+)`", r"<code>\1</code>", info)
    return {"name": function.name, "params": [{"name": name} for name in function.parameters], "info": f"<p>{info}</p>"}


def variables(engine: Engine, files: Mapping[str, bytes], chosen: Callable[[Process], bool]) -> list[dict[str, Any]]:
    """The names that expressions of the chosen processes may use, with where each comes from: these, those that they
    call and those that call them, and what the program starts processes with."""
    found = {name: {"name": name, "type": "Any", "info": "Al iniciar"} for name in engine.given}
    forms = _forms(files)
    related = [one for one in families(processes(files)) if any(chosen(process) for process in one)]
    for process in (process for family in related for process in family):
        for element in process.elements.values():
            for name, kind in _given_by(element, engine, forms):
                # What says a type says more.
                if name not in found or (found[name]["type"] == "Any" and kind != "Any"):
                    found[name] = {"name": name, "type": kind, "info": f"De «{element.name or element.id}»"}
    return sorted(found.values(), key=lambda one: str(one["name"]))


def _forms(files: Mapping[str, bytes]) -> dict[str, Form]:
    found = {}
    for path, data in files.items():
        if path.startswith("forms/"):
            try:
                form = _form(data)
            except ModelError:
                continue
            found[form.id] = form
    return found


@lru_cache(512)
def _form(data: bytes) -> Form:
    return Form.parse(data)


def _given_by(element: Element, engine: Engine, forms: Mapping[str, Form]) -> Iterator[tuple[str, str]]:
    """(variable, type) that this element brings into the process."""
    handler = engine.service_handlers.get(element.topic or "")
    given = {name: type_name(field.annotation) for name, field in fields(handler.output if handler else None).items()}
    for mapping in (*element.inputs, *element.outputs):
        yield mapping.target.partition(".")[0], given.get(mapping.source.lstrip("= "), "Any")
    if element.result_variable:
        yield element.result_variable, "Any"
    if element.loop:
        for name in (element.loop.element_variable, element.loop.output_collection):
            if name:
                yield name, "Any"
    if not element.outputs:
        yield from given.items()
    if element.handler is not None:
        known = engine.user_task_handlers.get(element.handler)
        gives = (known.gives if known else None) or ()
        yield from ((name, "Any") for name in gives if name != FORM)
        if FORM not in gives:
            return
    form = forms.get(element.form_id or "")
    if form is not None:
        for component in form.components:
            if component.key:
                yield component.key.partition(".")[0], "Any"


def expressions(part: Element | Flow) -> Iterator[str]:
    texts = [part.condition] if isinstance(part, Flow) else [mapping.source for mapping in part.inputs]
    if isinstance(part, Element) and part.script:
        texts.append(part.script)
    for text in texts:
        if text and text.startswith("="):
            yield text[1:]


@lru_cache(4096)
def names_in(expression: str) -> frozenset[str]:
    try:
        return parse(expression).names
    except FeelSyntaxError:
        return frozenset()


def type_name(annotation: Any) -> str:
    """A Python type in the words of the FEEL editor."""
    for one in (annotation, get_origin(annotation), *get_args(annotation)):
        if one in _TYPES:
            return _TYPES[one]
    return "Any"
