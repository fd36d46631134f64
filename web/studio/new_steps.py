"""Scenarios that stop at a user task which was added to the process: that step is put into all of them at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml
from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from engine.definitions import Element
from engine.errors import Conflict, Invalid, ModelError
from engine.forms import Form
from engine.values import Actor
from tasks import base
from web.permissions import actor
from web.runtime import engine
from web.studio import outcomes, suite_run
from web.studio.blueprint import blueprint, chosen_process, modelers
from web.studio.catalogue import processes
from web.studio.draft import Draft
from web.studio.outcomes import Outcome
from web.trial import filling, told

_CONTINUES = re.compile(r"^continues:.*?scenario:\s*[\"']?([\w.-]+).*?until:\s*(\d+)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class News:
    """A user task that some scenarios do not know."""

    element: Element
    process: str
    paths: tuple[str, ...]
    """Scenarios that stop there, but for those that only go on from one that does."""
    who: str
    """Who would do it: the first of its groups."""
    places: tuple[tuple[str, int, bool], ...] = ()
    """For each of the scenarios: its path, number of the step at which it stopped, whether the new one comes before."""


def news(files: Mapping[str, bytes], known: Mapping[str, Outcome]) -> list[News]:
    """Those at which scenarios have stopped, with what is needed to go on."""
    found: dict[str, list[str]] = {}
    for path, outcome in known.items():
        if not outcome.passed and len(outcome.unforeseen) == 1 and outcome.step > _borrowed(files, path):
            found.setdefault(outcome.unforeseen[0], []).append(path)
    elements = {id: (one.name or one.id, part) for one in processes(files) for id, part in one.elements.items()}
    return [
        News(
            elements[id][1],
            elements[id][0],
            tuple(paths),
            _who(elements[id][1]),
            tuple((path, known[path].step, known[path].undone) for path in paths),
        )
        for id, paths in sorted(found.items())
        if id in elements
    ]


def people() -> list[tuple[str, str]]:
    """Whoever scenarios may let do something."""
    return [*((one.usuario, f"{one.nombre} ({one.puesto})") for one in base.GENTE), ("cliente", _("El cliente"))]


def _who(element: Element) -> str:
    groups = {one.strip() for one in (element.candidate_groups or "").split(",")}
    if "cliente" in groups:
        return "cliente"
    return next((one.usuario for one in base.GENTE if groups.intersection(one.grupos)), base.GENTE[0].usuario)


def _borrowed(files: Mapping[str, bytes], path: str) -> int:
    """How many of its steps are of the scenario that it continues."""
    continues = _CONTINUES.search(files[path].decode("utf-8", "replace"))
    return int(continues[2]) if continues else 0


@blueprint.post("/escenarios/agregar")
@modelers
def add_step() -> Answer:
    """Put the step of a new user task into every scenario that stops at it, with example values in its form."""
    element, who, by, space = request.form.get("element", ""), request.form.get("who", ""), actor(), chosen_process()
    run = suite_run.current()
    if run is not None and run.running:
        raise Conflict(_("Se están corriendo escenarios. Espere a que terminen, o deténgalos."))
    files, paths, one = _written(by, space, element, who)
    if one is None:
        raise Invalid({"who": _("Ese paso ya no falta. Corra otra vez los escenarios.")})
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def again() -> tuple[Mapping[str, bytes], list[str]]:
        with app.app_context():
            return _written(by, space, element, who)[:2]

    suite_run.begin(files, paths, by.id, again)
    flash(
        ngettext(
            "«%(name)s» está ahora en %(num)d escenario; se corre otra vez y la recibe donde se detenga de nuevo.",
            "«%(name)s» está ahora en %(num)d escenarios; se corren otra vez y la reciben donde se detengan de nuevo.",
            len(one.paths),
            name=one.element.name or one.element.id,
        ),
        "good",
    )
    return redirect(url_for("studio.suite"))


def _written(by: Actor, space: str | None, element: str, who: str) -> tuple[dict[str, bytes], list[str], News | None]:
    """The draft with the step once more in every scenario that stops there; paths of those that change by it."""
    with engine().transaction(by) as tx:
        draft = Draft(tx, space)
        files = draft.files()
        known = {path: one for path, one in outcomes.known(files).items() if path in draft.scenarios()}
        one = next((one for one in news(files, known) if one.element.id == element), None)
        if one is None or who not in dict(people()):
            return files, [], None
        changed = dict(files)
        for path in one.paths:
            _add(changed, path, known[path], _step(one, who, files, tx.now))
        writing = Draft(tx)
        for path, data in changed.items():
            if data != files[path]:
                writing.save(path, data, writing.revision(path))
    return changed, [path for path in draft.scenarios() if changed[path] != files[path]], one


def _add(files: dict[str, bytes], path: str, outcome: Outcome, step: dict[str, Any]) -> None:
    """Into this scenario; those that go on from it count one step more before their own."""
    index = outcome.step - 1 - _borrowed(files, path)
    files[path] = with_step(files[path].decode(), index, step, before=outcome.undone).encode()
    _count(files, path, outcome.step)


def _count(files: dict[str, bytes], path: str, step: int) -> None:
    for other, data in list(files.items()):
        text = data.decode("utf-8", "replace") if other.startswith("scenarios/") else ""
        continues = _CONTINUES.search(text)
        if continues and f"scenarios/{continues[1]}" == path and int(continues[2]) >= step:
            start, end = continues.span(2)
            files[other] = f"{text[:start]}{int(continues[2]) + 1}{text[end:]}".encode()
            _count(files, other, step)


def _step(one: News, who: str, files: Mapping[str, bytes], now: Any) -> dict[str, Any]:
    name = f"{dict(people())[who].partition(' (')[0]} termina «{one.element.name or one.element.id}»"
    step: dict[str, Any] = {"name": name, "as": who, "complete": one.element.id}
    values = _examples(files.get(f"forms/{one.element.form_id}.form"), now)
    return {**step, "with": values} if values else step


def _examples(data: bytes | None, now: Any) -> dict[str, Any]:
    """Likely values for what the form asks for; fields inside of groups and lists are left to the analyst."""
    try:
        form = Form.parse(data or b"", functions=engine().functions)
    except ModelError:
        return {}
    found = {}
    for view in form.render({}, now=now):
        texts = filling.examples([view], now).get(view.path) if view.path else None
        if not view.required or not texts:
            continue
        if view.type in ("checklist", "taglist"):
            found[view.path] = texts
        elif view.type == "filepicker":
            found[view.path] = {"file": texts[0].removeprefix(filling.FILE)}
        else:
            found[view.path] = _value(view.type, texts[0])
    return told.plain(found)  # type: ignore[no-any-return]


def _value(kind: str, text: str) -> Any:
    if kind == "checkbox":
        return text == "true"
    if kind == "number":
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text


def with_step(text: str, index: int, step: dict[str, Any], *, before: bool) -> str:
    """The scenario with a step before or after its `index`th, everything else as it stands. What was expected of the
    step before it is then expected of the new one."""
    root = yaml.compose(text, yaml.SafeLoader)
    steps = next(value for key, value in root.value if key.value == "steps")
    item, lines = steps.value[index], text.splitlines()
    # Of the same matter, where there are several.
    about = {key.value: value.value for key, value in item.value if key.value in ("matter", "business_key")}
    first = item.start_mark.line
    last = steps.value[index + 1].start_mark.line if index + 1 < len(steps.value) else len(lines)
    while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#")):
        last -= 1
    moved: list[str] = []
    if not before:
        moved, lines[first:last] = _without_expectations(item, lines[first:last], first)
        last -= len(moved) if not item.flow_style else 0
    indent = " " * lines[first].index("-")
    written = yaml.safe_dump([{**step, **about}], sort_keys=False, allow_unicode=True, width=110).splitlines()
    new = [indent + line for line in written] + moved
    at = first if before else last
    while before and lines[at - 1].lstrip().startswith("#"):
        at -= 1  # What is said of a step stays above it.
    return "\n".join([*lines[:at], *([""] if not before else []), *new, *([""] if before else []), *lines[at:], ""])


def _without_expectations(item: Any, lines: list[str], first: int) -> tuple[list[str], list[str]]:
    """(the lines of `expect`, those that are left)."""
    keys = [key for key, _value in item.value]
    at = next((n for n, key in enumerate(keys) if key.value == "expect"), None)
    if at is None or (not item.flow_style and keys[at].start_mark.line == first):
        return [], lines
    if item.flow_style:
        return _inline(item.value[at], lines, first)
    start = keys[at].start_mark.line - first
    end = keys[at + 1].start_mark.line - first if at + 1 < len(keys) else len(lines)
    return lines[start:end], [*lines[:start], *lines[end:]]


def _inline(pair: Any, lines: list[str], first: int) -> tuple[list[str], list[str]]:
    """Of a step in braces that stands on one line; of a longer one nothing is taken away."""
    key, value = pair
    if key.start_mark.line != first or value.end_mark.line != first:
        return [], lines
    line = lines[0]
    said = line[value.start_mark.column : value.end_mark.column]
    rest = line[: key.start_mark.column].rstrip().removesuffix(",") + line[value.end_mark.column :]
    return [f"{' ' * (line.index('-') + 2)}expect: {said}"], [rest, *lines[1:]]
