"""Kinds of files of a process folder: where they lie, what they are called, how a new one begins."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from engine.definitions import safe_xml
from engine.errors import Invalid, ModelError
from web.studio import starters

PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
MAX_BYTES = 2 * 1024 * 1024
MAX_SCENARIO = 256 * 1024
MAX_NESTING = 40
QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C, ten times as fast, where PyYAML has it."""


class TooDeep(ValueError):
    """More levels than a scenario has."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One folder of the process."""

    code: str
    folder: str
    endings: tuple[str, ...]
    """What its files may end with; the first is that of a new file."""
    title: str
    one: str
    new: Callable[[str], str]
    """Content of a new file with this name."""


KINDS = {
    kind.code: kind
    for kind in (
        Kind("bpmn", "bpmn", (".bpmn",), "Diagramas", "diagrama", starters.diagram),
        Kind("dmn", "dmn", (".dmn",), "Decisiones", "decisión", starters.decision),
        Kind("form", "forms", (".form",), "Formularios", "formulario", starters.form),
        Kind("mail", "mail", (".j2", ".html"), "Correos", "correo", starters.mail),
        Kind("document", "documents", (".typ", ".svg", ".png", ".jpg"), "Documentos", "documento", starters.document),
        Kind("scenario", "scenarios", (".yaml",), "Escenarios", "escenario", starters.scenario),
    )
}
_BY_FOLDER = {kind.folder: kind for kind in KINDS.values()}


def kind_of(path: str) -> Kind:
    """The kind of a file by its path. Raises Invalid for a path that no process folder has."""
    folder, _, rest = path.partition("/")
    kind = _BY_FOLDER.get(folder)
    parts = rest.split("/")
    if kind is None or len(path) > 200 or not all(PART.fullmatch(part) for part in parts):
        raise Invalid({"nombre": "Use letras sin acento, cifras, guion y punto."})
    if not path.lower().endswith(kind.endings):
        raise Invalid({"nombre": f"Un {kind.one} termina en {' o '.join(kind.endings)}."})
    return kind


def path_for(filename: str, said: str = "") -> str:
    """Where an imported file belongs, by its name; `said`: what it is called in a refusal. Raises Invalid."""
    for kind in KINDS.values():
        if filename.lower().endswith(kind.endings):
            path = f"{kind.folder}/{filename}"
            kind_of(path)
            return path
    name = said or filename
    raise Invalid({"archivos": f"«{name}» no es un diagrama, decisión, formulario, correo, documento ni escenario."})


def plain(name: str) -> str:
    """A name as files of a process have it: «Trámite año 1.bpmn» is `Tramite_ano_1.bpmn`."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, dot, ending = ascii_only.rpartition(".")
    return (re.sub(r"[^A-Za-z0-9_.-]+", "_", stem).lstrip(".-")[:80] or "archivo") + dot + ending.strip()


def refuse_unreadable(path: str, data: bytes) -> None:
    """Raises Invalid, with the reason, for content that no editor could open again."""
    kind = kind_of(path)
    if len(data) > MAX_BYTES:
        raise Invalid({"archivo": f"«{path}» pasa de 2 MB."})
    try:
        if kind.code in ("bpmn", "dmn"):
            safe_xml.parse(path, data)
        elif kind.code == "form":
            if not isinstance(json.loads(data), dict):
                raise Invalid({"archivo": f"«{path}» no es un formulario form-js."})
        elif kind.code == "scenario":
            # Aliases can make a small file huge; a scenario needs none.
            if re.search(rb"(^|[\s\[{,:-])[&*]\w", data):
                raise Invalid({"archivo": f"«{path}» usa anclas de YAML (& o *), que aquí no se admiten."})
            if len(data) > MAX_SCENARIO:
                raise Invalid({"archivo": f"«{path}» pasa de {MAX_SCENARIO // 1024} kB."})
            _parse_yaml(data.decode("utf-8"))
        elif not path.lower().endswith((".png", ".jpg")):
            data.decode("utf-8")
    except ModelError as error:
        raise Invalid({"archivo": f"«{path}»: {error.findings[0].message} {error.findings[0].remedy}"}) from None
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise Invalid({"archivo": f"«{path}» no se puede leer: {_why(error)}."}) from None


def _why(error: Exception) -> str:
    """What is wrong with a file, for people: where, not what the library calls it."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"no es YAML bien formado en la línea {mark.line + 1}, columna {mark.column + 1}"
    match error:
        case json.JSONDecodeError():
            return f"no es JSON bien formado en la línea {error.lineno}, columna {error.colno}"
        case UnicodeDecodeError():
            return "no está codificado en UTF-8; guárdelo en UTF-8"
        case RecursionError():
            return "tiene demasiados niveles, uno dentro de otro"
        case TooDeep():
            return f"tiene más de {MAX_NESTING} niveles"
    return "tiene un valor que ningún archivo de un proceso necesita"


def _parse_yaml(text: str) -> None:
    """Raises ValueError or YAMLError. Only read, not built: building recurses, in C until the program crashes."""
    depth = 0
    for event in yaml.parse(text, QUICK):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTING:
            raise TooDeep
