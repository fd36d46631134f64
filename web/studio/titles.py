"""What files are called in the tree: the name of what is drawn in them, else the file's own."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

_NAMES = {
    "bpmn": re.compile(rb"<(?:\w+:)?process\b[^>]*?\sname=\"([^\"]*)\""),
    "dmn": re.compile(rb"<(?:\w+:)?decision\b[^>]*?\sname=\"([^\"]*)\""),
    "scenarios": re.compile(rb"^name:\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE),
}


@lru_cache(2048)
def title_of(path: str, data: bytes | None) -> str:
    """«5. Propuesta de servicios» for bpmn/05_propuesta_servicios.bpmn."""
    folder, _, rest = path.partition("/")
    pattern = _NAMES.get(folder)
    found = pattern.search(data) if pattern is not None and data is not None else None
    name = unescape(found[1].decode("utf-8", "replace")).strip() if found else ""
    return name or rest.rpartition(".")[0].replace("_", " ").strip().capitalize() or rest
