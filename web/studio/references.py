"""What an element that was deleted, or given another id, leaves behind: scenarios that name it, matters that wait
there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from engine.definitions import Element, read_model
from engine.errors import ModelError
from engine.values import Finding
from web.studio.titles import title_of

if TYPE_CHECKING:
    from web.studio.compare import Standing

MOST_NAMED = 3
"""Scenarios that one finding names."""


def gone(
    path: str, published: bytes | None, content: bytes, files: Mapping[str, bytes], standing: Callable[[], Standing]
) -> list[Finding]:
    """A warning for each published element of this diagram that `content` lacks while a scenario of `files` names it
    or a matter waits there. `standing` is asked only when something is gone."""
    before = _elements(path, published)
    after = _elements(path, content)
    if before is None or after is None or before.keys() <= after.keys():
        return []
    waiting = standing()
    return [
        found
        for id, element in before.items()
        if id not in after
        for found in _missed(path, element, _naming(id, files), waiting[element.process_id, id])
    ]


def _missed(path: str, element: Element, scenarios: list[str], waiting: int) -> Iterator[Finding]:
    said = []
    if scenarios:
        names = ", ".join(f"«{one}»" for one in scenarios[:MOST_NAMED]) + (" …" if len(scenarios) > MOST_NAMED else "")
        said.append(
            ngettext(
                "lo nombra el escenario %(names)s", "lo nombran los escenarios %(names)s", len(scenarios), names=names
            )
        )
    if waiting:
        said.append(ngettext("%(num)d asunto está ahí ahora", "%(num)d asuntos están ahí ahora", waiting))
    if said:
        message = _("«%(name)s» (%(id)s) ya no está: ", name=element.name or element.id, id=element.id)
        remedy = _(
            "Si sólo cambió su id, devuélvaselo. Si no, corrija los escenarios; al publicar, los asuntos se pasan."
        )
        yield Finding(path, None, "element-gone", f"{message}{'; '.join(said)}.", remedy, "warning")


def _elements(path: str, data: bytes | None) -> dict[str, Element] | None:
    if data is None:
        return None
    try:
        model = read_model(path, data)
    except ModelError:
        return None
    return {id: element for process in model.processes.values() for id, element in process.elements.items()}


def _naming(id: str, files: Mapping[str, bytes]) -> list[str]:
    """Titles of the scenarios in which this id stands."""
    word = re.compile(rb"(?<![\w-])" + re.escape(id.encode()) + rb"(?![\w-])")
    return [title_of(path, data) for path, data in files.items() if path.startswith("scenarios/") and word.search(data)]
