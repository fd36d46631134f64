"""Pages that say what is different between two versions, or between the draft and what is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask import render_template, request
from flask_babel import gettext as _

from engine import SYSTEM
from engine.definitions import Element
from engine.errors import ModelError, NotFound
from web.runtime import engine, reading
from web.studio import sides
from web.studio.blueprint import allow_style_attributes, blueprint, modelers
from web.studio.catalogue import processes
from web.studio.compare_diagrams import ChangedElement, changed_elements
from web.studio.compare_forms import changed_fields
from web.studio.compare_lines import changed_lines, readable
from web.studio.compare_tables import compared_decisions
from web.studio.kinds import KINDS
from web.studio.sides import Side
from web.studio.titles import title_of

CHANGES = {
    "added": ("Nuevo", "good"),
    "removed": ("Borrado", "bad"),
    "changed": ("Cambiado", "warn"),
    "moved": ("Movido", "accent"),
    "coloured": ("Color", "accent"),
}
MOST = 400
"""Changed elements that a page lists."""
Standing = Counter[tuple[str, str]]
"""How many running instances wait, by (process key, element id)."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file that differs."""

    path: str
    title: str
    state: Literal["added", "removed", "changed"]
    users: tuple[User, ...]
    """For a form, a decision or a mail: the elements that use it."""
    standing: int
    """How many instances wait at these, or at the changed elements of the diagram."""


@dataclass(frozen=True, slots=True)
class User:
    """An element that uses a file, and how many instances wait there now."""

    process: str
    name: str
    standing: int


@dataclass(frozen=True, slots=True)
class ChangedPlace:
    """One changed element of a diagram, and how many instances wait there now."""

    path: str
    element: ChangedElement
    standing: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All that is different between two sides."""

    files: tuple[ChangedFile, ...]
    places: tuple[ChangedPlace, ...]
    more: int
    """Changed elements beyond the `MOST` that a page lists."""
    unreadable: tuple[str, ...]
    """Diagrams that cannot be read, so nobody can say what is different in them."""


def overview(before: Side, after: Side) -> Overview:
    """Compare two sides file by file, diagrams element by element."""
    paths = [path for path in sorted({*before.files, *after.files}) if before.files.get(path) != after.files.get(path)]
    standing = waiting() if paths else Counter()
    places: list[ChangedPlace] = []
    unreadable = []
    for path in paths:
        if path.startswith("bpmn/"):
            try:
                places += _places(path, before, after, standing)
            except ModelError:
                unreadable.append(path)
    files = [_file(path, before, after, standing, places) for path in paths]
    return Overview(tuple(files), tuple(places[:MOST]), max(0, len(places) - MOST), tuple(unreadable))


def waiting() -> Standing:
    """How many running instances wait at each element, of all matters: numbers only, so no matter is told of."""
    found: Standing = Counter()
    load = engine().workload(by=SYSTEM)
    for deployment_id in {one.deployment_id for one in load.definitions}:
        for place in engine().standing(deployment_id, by=SYSTEM):
            found[place.process_key, place.element_id] += place.count
    return found


@blueprint.get("/diferencias")
@modelers
def differences() -> str:
    """Which files and elements differ between any two of: draft, published, earlier versions."""
    with reading() as tx:
        before, after = sides.pair(tx, *_asked())
        return render_template(
            "studio/differences.html",
            before=before,
            after=after,
            choices=_choices(sides.titles(tx)),
            found=overview(before, after),
            changes=CHANGES,
        )


@blueprint.get("/diferencias/<path:path>")
@modelers
def difference(path: str) -> str:
    """One file: a diagram as two drawings, a table with its rules, a form by its fields, a text by its lines."""
    with reading() as tx:
        before, after = sides.pair(tx, *_asked())
    old, new = before.files.get(path), after.files.get(path)
    if old is None and new is None:
        raise NotFound(_("Ninguna de las dos versiones tiene el archivo %(path)s.", path=path))
    standing = waiting()
    texts = readable(path, old), readable(path, new)
    context: dict[str, Any] = {
        "users": users(path, {**before.files, **after.files}, standing),
        "lines": None if None in texts else changed_lines(texts[0] or "", texts[1] or ""),
    }
    try:
        if path.startswith("bpmn/"):
            allow_style_attributes()
            context |= _diagram(path, before, after, standing)
        elif path.startswith("dmn/"):
            context["decisions"] = compared_decisions(path, old, new)
        elif path.startswith("forms/"):
            fields = changed_fields(old, new)
            context |= {"fields": fields[:MOST], "more": max(0, len(fields) - MOST)}
    except (ModelError, ValueError):
        context["unreadable"] = True
    return render_template(
        "studio/difference.html",
        path=path,
        title=title_of(path, new if new is not None else old),
        before=before,
        after=after,
        changes=CHANGES,
        **context,
    )


def _asked() -> tuple[str, str]:
    return request.args.get("de", sides.PUBLISHED), request.args.get("a", sides.DRAFT)


def _choices(titles: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(sides.DRAFT, _("Borrador")), (sides.PUBLISHED, _("Publicado")), *titles.items()]


def _diagram(path: str, before: Side, after: Side, standing: Standing) -> dict[str, Any]:
    places = _places(path, before, after, standing)
    marks = {one.element.id: one.element.change for one in places}
    shown = {
        "before": _text(before.files.get(path)),
        "after": _text(after.files.get(path)),
        "changes": marks,
        "standing": {one.element.id: one.standing for one in places if one.standing},
        "words": {"standing": _("Asuntos ahí ahora"), "none": _("Este diagrama no existe en esta versión.")},
    }
    return {"places": places[:MOST], "more": max(0, len(places) - MOST), "data": shown}


def _places(path: str, before: Side, after: Side, standing: Standing) -> list[ChangedPlace]:
    found = changed_elements(path, before.files.get(path), after.files.get(path))
    return [ChangedPlace(path, one, standing[one.process_key, one.id]) for one in found]


def _file(path: str, before: Side, after: Side, standing: Standing, places: list[ChangedPlace]) -> ChangedFile:
    old, new = before.files.get(path), after.files.get(path)
    state: Any = "added" if old is None else "removed" if new is None else "changed"
    used = tuple(users(path, {**before.files, **after.files}, standing))
    here = sum(user.standing for user in used) + sum(place.standing for place in places if place.path == path)
    return ChangedFile(path, title_of(path, new if new is not None else old), state, used, here)


def users(path: str, files: Mapping[str, bytes], standing: Standing) -> list[User]:
    """The elements that name a form, a decision or a mail; none for what nothing names."""
    folder, _slash, rest = path.partition("/")
    if folder not in (KINDS["form"].folder, KINDS["dmn"].folder, KINDS["mail"].folder, KINDS["document"].folder):
        return []
    id = rest.rpartition(".")[0]
    return [
        User(process.name or process.id, one.name or one.id, standing[process.id, one.id])
        for process in processes(files)
        for one in process.elements.values()
        if _names(one, id)
    ]


def _names(element: Element, id: str) -> bool:
    return id in (element.form_id, element.decision_id) or any(
        mapping.source in (id, f'="{id}"') for mapping in element.inputs
    )


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")
