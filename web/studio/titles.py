"""What files are called in the tree: the name of what is drawn in them, a form's first heading, a mail's subject, else
the file's own."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import unescape

_NAMES = {
    "bpmn": re.compile(rb"<(?:\w+:)?process\b[^>]*?\sname=\"([^\"]*)\""),
    "dmn": re.compile(rb"<(?:\w+:)?decision\b[^>]*?\sname=\"([^\"]*)\""),
    "mail": re.compile(rb"\{%-?\s*block asunto\s*-?%\}(.*?)\{%-?\s*endblock", re.DOTALL),
    "documents": re.compile(rb"\btitulo:\s*\"([^\"]+)\""),
    "scenarios": re.compile(rb"^name:\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE),
}

_HEADING = re.compile(r"\*\*([^*{}\n]{1,80})\*\*|#{1,6} ([^{}\n]{1,80})")


@lru_cache(2048)
def title_of(path: str, data: bytes | None) -> str:
    """«5. Propuesta de servicios» for bpmn/05_propuesta_servicios.bpmn."""
    folder, _, rest = path.partition("/")
    pattern = _NAMES.get(folder)
    found = pattern.search(data) if pattern is not None and data is not None else None
    name = unescape(found[1].decode("utf-8", "replace")).strip() if found else ""
    if folder == "mail":
        name = _subject(name)
    if folder == "forms" and data is not None:
        name = heading(data)
    if rest.startswith("_"):
        name = ""
    return name or rest.rpartition(".")[0].replace("_", " ").strip().capitalize() or rest


@lru_cache(512)
def heading(form: bytes) -> str:
    """What a form begins with, where that is nothing but a heading without fields: `**Alta**`, `# Alta`; else empty."""
    try:
        first = json.loads(form)["components"][0]
        found = _HEADING.fullmatch(str(first.get("text", "")).strip()) if first.get("type") == "text" else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""
    return next(filter(None, found.groups())).strip() if found else ""


def _subject(text: str) -> str:
    """A subject with its fields left open: «Su propuesta de servicios …»; nothing where it is made of conditions."""
    if "{%" in text:
        return ""
    open_fields = " ".join(re.sub(r"\{\{.*?\}\}", "…", text, flags=re.DOTALL).split())
    return open_fields if len(re.sub(r"\W", "", open_fields)) > 12 else ""
