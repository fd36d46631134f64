"""Another process in the draft: from a folder that ships as a template, or empty. Every file gets a name of its own."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from flask_babel import gettext as _

from engine.errors import Invalid
from web.studio import starters
from web.studio.kinds import KINDS

TEMPLATES = Path(__file__).parents[2] / "processes"
SHIPPED = ("solicitud_con_aprobacion",)
"""Folders of `TEMPLATES`; the diagram that the process begins with is called as the folder."""
LONGEST = 60


def templates() -> dict[str, str]:
    """Folder → title, as its README begins."""
    return {name: (TEMPLATES / name / "README.md").read_text("utf-8").splitlines()[0].lstrip("# ") for name in SHIPPED}


def id_of(title: str) -> str:
    """`permiso_de_vacaciones` for «Permiso de vacaciones». Raises Invalid for a title without letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    id = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST].rstrip("_")
    if not id or not id[0].isalpha():
        raise Invalid(
            {"titulo": _("Escriba un nombre que empiece con una letra, por ejemplo «Permiso de vacaciones».")}
        )
    return id


def empty(id: str, title: str) -> dict[str, bytes]:
    """A start with a form, a user task, an end."""
    start = f'<bpmn:startEvent id="ini_{id}" name="Empieza">'
    form = f'<bpmn:extensionElements><zeebe:formDefinition formId="{id}" /></bpmn:extensionElements>'
    diagram = starters.diagram(f"{id}.bpmn").replace(start, f"{start}\n      {form}", 1)
    return {
        f"bpmn/{id}.bpmn": _titled(diagram, id, title).encode(),
        f"forms/{id}.form": starters.form(f"{id}.form").encode(),
    }


def from_template(name: str, id: str, title: str) -> dict[str, bytes]:
    """The files of a template, under names that begin with the new process's. Raises Invalid."""
    if name not in SHIPPED:
        raise Invalid({"plantilla": _("Elija una plantilla de la lista.")})
    folder = TEMPLATES / name
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for kind in KINDS.values()
        for path in sorted((folder / kind.folder).glob("*"))
    }
    stems = {path.partition("/")[2].rpartition(".")[0] for path in found}
    names = {stem: id if stem == name else f"{id}_{stem}" for stem in stems if not stem.startswith("_")}
    return {_renamed(path, names): _rewritten(path, data, names, id, title) for path, data in found.items()}


def _renamed(path: str, names: Mapping[str, str]) -> str:
    folder, _slash, rest = path.partition("/")
    stem, _dot, ending = rest.rpartition(".")
    return f"{folder}/{names.get(stem, stem)}.{ending}"


def _rewritten(path: str, data: bytes, names: Mapping[str, str], id: str, title: str) -> bytes:
    """The content with the new names wherever a file names another one, or itself."""
    if path.startswith("bpmn/"):
        text = data.decode()
        for old, new in names.items():
            text = text.replace(f'="{old}"', f'="{new}"')
        return _titled(text, id, title).encode()
    if path.startswith("forms/"):
        form = json.loads(data)
        form["id"] = names.get(form["id"], form["id"])
        return (json.dumps(form, ensure_ascii=False, indent=2) + "\n").encode()
    if path.startswith("scenarios/"):
        text = data.decode()
        for old, new in names.items():
            text = re.sub(rf"(?<=process: ){old}\b|(?<=proceso: ){old}\b|\b{old}(?=: \{{)", new, text)
        return text.encode()
    return data


def _titled(diagram: str, id: str, title: str) -> str:
    """The process's own name; that of its elements stays."""
    return re.sub(
        rf'(<bpmn:process id="{id}" name=)"[^"]*"', lambda found: found[1] + quoteattr(title), diagram, count=1
    )
