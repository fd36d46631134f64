"""What is wrong with a scenario while it is written: each with its line, as other files have it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import yaml
from pydantic import ValidationError

from engine.errors import Invalid
from engine.values import Finding
from web.scenarios.format import Scenario, said
from web.studio.kinds import refuse_unreadable

MOST = 50
"""Findings that one file gets."""
_INDENTED = "Revise ahí los dos puntos, los guiones y los espacios del principio: cada nivel lleva dos espacios más."
_ANCHOR = re.compile(r"(^|[\s\[{,:-])([&*]\w+)", re.MULTILINE)


def problems(path: str, data: bytes, files: Collection[str]) -> list[Finding]:
    """Of one scenario, in the order of its lines; `files`: paths of the draft. What cannot be read is told alone."""
    text = data.decode("utf-8", "replace")
    try:
        refuse_unreadable(path, data)
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        return [_unreadable(path, text, error, "")]
    except Invalid as refused:
        return [_unreadable(path, text, refused.__cause__ or refused.__context__, refused.message)]
    tagged = [_tagged(path, node) for node in _nodes(root) if node.tag not in yaml.SafeLoader.yaml_constructors]
    if tagged:
        return tagged[:MOST]
    if not isinstance(root, yaml.MappingNode):
        message = "El archivo no es un escenario."
        return [Finding(path, "1", "scenario-not-readable", message, "Empiece con «name:», «process:» y «steps:».")]
    found = [*_twice(path, root), *_refused(path, root, yaml.safe_load(text), files)]
    return sorted(found, key=lambda one: [int(part) for part in (one.element_id or "0").split(":")])[:MOST]


def _unreadable(path: str, text: str, error: BaseException | None, said: str) -> Finding:
    mark = getattr(error, "problem_mark", None)
    anchor = _ANCHOR.search(text) if mark is None else None
    place, message, remedy = None, said, "Corrija el archivo ahí."
    if mark is not None:
        place = f"{mark.line + 1}:{mark.column + 1}"
        message = f"El archivo no es YAML bien formado en la línea {mark.line + 1}, columna {mark.column + 1}."
        lines = [*text.splitlines(), ""]
        tab = "\t" in lines[min(mark.line, len(lines) - 1)]
        remedy = "Use espacios, no tabuladores." if tab else _INDENTED
    elif anchor is not None:
        place = str(text.count("\n", 0, anchor.start(2)) + 1)
        remedy = f"Escriba ahí los valores en lugar de «{anchor[2]}», o el texto entre comillas."
    return Finding(path, place, "scenario-not-readable", message, remedy)


def _tagged(path: str, node: Any) -> Finding:
    tag = node.tag.replace("tag:yaml.org,2002:", "!!")
    message = f"«{tag}» es una etiqueta de YAML, que aquí no se admite: un escenario solo lleva datos."
    return Finding(path, _place(node), "scenario-not-readable", message, "Quítela y deje el valor, entre comillas.")


def _nodes(node: Any) -> Iterator[Any]:
    waiting = [node] if node is not None else []
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, yaml.MappingNode):
            waiting += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            waiting += one.value


def _twice(path: str, root: Any) -> Iterator[Finding]:
    """Of two equal keys YAML keeps the last one and says nothing."""
    for node in _nodes(root):
        seen = set()
        for key, _value in node.value if isinstance(node, yaml.MappingNode) else ():
            if str(key.value) in seen:
                message = f"«{key.value}» está dos veces; solo contaría la última."
                yield Finding(path, _place(key), "scenario-key", message, "Junte las dos en una.")
            seen.add(str(key.value))


def _refused(path: str, root: Any, told: Any, files: Collection[str]) -> Iterator[Finding]:
    """What no scenario has, or this one lacks."""
    try:
        scenario = Scenario.model_validate(told)
    except ValidationError as error:
        seen = set()
        for one in error.errors():
            place, where = _found(root, one["loc"])
            if place not in seen:  # Of a value that may be one of several kinds, each kind complains.
                seen.add(place)
                yield Finding(path, place, "scenario-key", f"{where}: {said(one)}.", _remedy(one["type"]))
        return
    if scenario.continues is None and scenario.starts is None:
        message = "Falta «starts», el momento en que empieza el reloj del escenario."
        yield Finding(path, "1", "scenario-key", message, "Escriba por ejemplo «starts: 2027-01-11 09:00».")
    if scenario.continues is not None and f"scenarios/{scenario.continues.scenario}" not in files:
        place, _where = _found(root, ("continues", "scenario"))
        message = f"No hay un escenario «{scenario.continues.scenario}»."
        yield Finding(path, place, "scenario-key", message, "Escriba el nombre de un archivo de «Escenarios».")


def _remedy(kind: str) -> str:
    if kind == "extra_forbidden":
        return "Corrija su nombre o quítela; processes/README.md dice qué lleva un paso."
    return "Agréguela." if kind == "missing" else "Corrija el valor; processes/README.md dice qué va ahí."


def _found(root: Any, location: tuple[int | str, ...]) -> tuple[str, str]:
    """(line:column of the key, or of what should hold it; how people call it: «Paso 2, expect.open»)."""
    node = at = root
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if pair is None:
                break
            at, node = pair
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            at = node = node.value[part]
        else:
            break
    if location[:1] == ("steps",) and len(location) > 1 and isinstance(location[1], int):
        rest = ".".join(map(str, location[2:]))
        return _place(at), f"Paso {location[1] + 1}, {rest}" if rest else f"Paso {location[1] + 1}"
    return _place(at), ".".join(map(str, location)) or "El archivo"


def _place(node: Any) -> str:
    return f"{node.start_mark.line + 1}:{node.start_mark.column + 1}"
