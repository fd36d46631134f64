"""Forms of the draft: drawn by our own renderer, as people will see them, and where each key is used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import render_template, request, url_for

from engine.definitions import Element
from engine.errors import Invalid, ModelError, NotFound
from engine.form_keys import keys_of
from engine.forms import Form
from engine.handler import UserTaskHandler
from web import filled
from web.runtime import engine, reading
from web.studio.blueprint import blueprint, modelers
from web.studio.catalogue import expressions, names_in, processes
from web.studio.draft import Draft


@blueprint.route("/formulario/<path:path>/vista", methods=["GET", "POST"])
@modelers
def form_preview(path: str) -> str | tuple[str, int]:
    """The form as a page of its own, for the frame beside the editor: it shows, hides and checks as the real one."""
    with reading() as tx:
        data = Draft(tx).files().get(path)
        if data is None or not path.startswith("forms/"):
            raise NotFound
        try:
            form = Form.parse(data, resource=path, functions=engine().functions)
        except ModelError as error:
            return render_template("studio/form_preview.html", findings=error.findings, path=path), 200
        sent = filled.changed(dict(request.form.lists())) if request.method == "POST" else {}
        example = examples(json.loads(data))
        errors: dict[str, str] = {}
        values = None
        if "_probar" in request.form:
            try:
                values = form.validate(sent, example, raw=True, now=tx.now)
            except Invalid as invalid:
                errors = dict(invalid.fields)
        views = form.render(example, errors, submitted=sent or None, now=tx.now)
    known = filled.labels(views)
    return render_template(
        "studio/form_preview.html",
        path=path,
        views=views,
        labels=known,
        errors=filled.in_order(errors, known),
        attached={},
        values=values,
        refresh_url=url_for("studio.form_preview", path=path),
        part=request.headers.get("HX-Request") == "true",
    )


def examples(schema: Any) -> dict[str, Any]:
    """Options where a form takes them from data, so that its preview is not empty."""
    found: dict[str, Any] = {}
    for component in _components(schema):
        key = component.get("valuesKey")
        if isinstance(key, str) and key:
            found[key] = [{"value": f"opcion_{n}", "label": f"Opción {n} (de «{key}»)"} for n in (1, 2)]
    return found


def _components(node: Any) -> Iterator[dict[str, Any]]:
    for component in node.get("components", ()) if isinstance(node, dict) else ():
        if isinstance(component, dict):
            yield component
            yield from _components(component)


def uses(path: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Which user tasks show the form of a file and who gets its values; for each key, the expressions that name it."""
    form_id = path.partition("/")[2].rpartition(".")[0]
    try:
        schema = json.loads(files[path])
    except ValueError:
        return {"tasks": [], "keys": []}
    keys = [str(one["key"]) for one in _components(schema) if one.get("key")]
    found = processes(files)
    tasks = [
        {"process": process.name or process.id, "path": process.resource, "name": one.name or one.id, **_receiver(one)}
        for process in found
        for one in process.elements.values()
        if one.form_id == form_id
    ]
    own = _own_names(files[path])
    used: dict[str, list[str]] = {key: [] for key in keys}
    by_variable: dict[str, list[str]] = {}
    for key in used:
        by_variable.setdefault(key.partition(".")[0], []).append(key)
    if any(not task["handler"] for task in tasks):
        for process in found:
            for part in (*process.elements.values(), *process.flows.values()):
                named = {name for text in expressions(part) for name in names_in(text)}
                for key in (key for name in sorted(named) for key in by_variable.get(name, ())):
                    used[key].append(f"{process.name or process.id}: {part.name or part.id}")
    return {
        "tasks": tasks,
        "keys": [
            {
                "key": key,
                "form": key.partition(".")[0] in own,
                "used": used[key],
                "readers": _readers(key.partition(".")[0], {str(task["handler"]) for task in tasks}),
            }
            for key in dict.fromkeys(keys)
        ],
    }


def _readers(key: str, handlers: set[str]) -> list[dict[str, str]]:
    """Who receives a key, and whether it is needed («needs»), read («reads») or not known to be («gets»)."""
    found = []
    for topic in sorted(handlers & set(engine().user_task_handlers)):
        wanted = keys_of(engine().user_task_handlers[topic])
        if key in wanted.needed:
            found.append({"handler": topic, "how": "needs"})
        elif key in wanted.sometimes:
            found.append({"handler": topic, "how": "reads"})
        elif not wanted.complete:
            found.append({"handler": topic, "how": "gets"})
    return found


def _own_names(data: bytes) -> set[str]:
    """What the form's own expressions name."""
    try:
        return {name for expression in Form.parse(data).expressions() for name in expression.names}
    except ModelError:
        return set()


def _receiver(element: Element) -> dict[str, str]:
    handler: UserTaskHandler | None = engine().user_task_handlers.get(element.handler or "")
    return {"handler": element.handler or "", "known": "sí" if handler else ""}
