"""A diagram with an instance's tokens on it: what the page's script draws, and the same as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from engine.definitions import Element, Process
from engine.values import Diagram
from web.process_words import plain, plain_kind


def drawing(
    found: Diagram, process: Process | None, link: Callable[[str], str], kind: Callable[[Element], str] = plain_kind
) -> dict[str, Any]:
    """What the templates of a diagram take. `link`: process key of a called process → address of its diagram;
    `kind`: what an element is, in the words of who reads it."""
    here = {token.element_id: token.count for token in found.tokens if token.process_key == found.process_key}
    called = {element: link(target) for element, target in found.called.items()}
    return {
        "diagram": found,
        "here": here,
        "called": called,
        "kind": kind,
        "plain": plain,
        "elements": _in_reading_order(process, here),
        "data": {
            "xml": found.xml.decode(),
            "tokens": here,
            "taken": dict(found.taken),
            "completed": dict(found.completed),
            "incidents": sorted(found.incidents),
            "called": called,
            "words": {"here": _("Aquí está"), "incident": _("Algo falló aquí"), "open": _("Abrir el diagrama")},
        },
    }


def _in_reading_order(process: Process | None, here: Mapping[str, int]) -> list[Element]:
    """The elements of a process for its table: where the instance stands first, then as they follow each other."""
    if process is None:
        return []
    order = {element_id: number for number, element_id in enumerate(process.elements)}
    return sorted(process.elements.values(), key=lambda e: (e.id not in here, order[e.id]))
