"""What a browser sent for a form of `engine.forms`: texts by name, files stored at once, rows added and taken out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from flask import request

from engine.errors import Invalid
from engine.forms import Form, View, add_row, remove_row

Submitted = dict[str, list[str]]
Store = Callable[[str, BinaryIO, str], str]
"""Keeps one file for a field (path, bytes, name) and answers its id."""


def submitted(store: Store) -> tuple[Submitted, dict[str, str]]:
    """The texts of this request, with newly sent files stored and their ids among the texts of their field.

    A file that is refused does not stop the others: the second value holds the sentence for each such field.
    """
    texts = {name: list(values) for name, values in request.form.lists() if not is_own(name)}
    errors: dict[str, str] = {}
    for path, files in request.files.lists():
        for file in files:
            if not file.filename:
                continue
            try:
                stored = store(path, file.stream, file.filename)
            except Invalid as refused:
                errors[path] = refused.fields.get(path) or refused.message
            else:
                texts.setdefault(path, []).append(stored)
    return changed(texts), errors


def is_own(name: str) -> bool:
    """Names that belong to the page, not to the form."""
    return name == "csrf_token" or name.startswith("_")


def changed(texts: Submitted) -> Submitted:
    """Rows added or taken out, files dropped, by the buttons `_add`, `_remove` and `_drop`."""
    if path := request.form.get("_add"):
        texts = add_row(texts, path)
    if place := request.form.get("_remove"):
        path, _, number = place.rpartition(":")
        if number.isdecimal():
            texts = remove_row(texts, path, int(number))
    if place := request.form.get("_drop"):
        path, _, file_id = place.partition(":")
        texts[path] = [text for text in texts.get(path, []) if text != file_id]
    return texts


def judged_again(form: Form, texts: Submitted, errors: Mapping[str, str], **where: Any) -> dict[str, str]:
    """Which of the fields for which a form was refused before (`_judged`) are still wrong; it is only looked at now.

    `where`: what `Form.validate` judges with (data, context, now). What the firm's handlers found is found again when
    the form is sent.
    """
    before = set(request.form.getlist("_judged"))
    if not before:
        return dict(errors)
    try:
        form.validate(texts, raw=True, **where)
    except Invalid as still:
        return {**{path: said for path, said in still.fields.items() if path in before}, **errors}
    return dict(errors)


def is_refresh() -> bool:
    """Whether this request only wants to see the form again, with what its values show and hide."""
    return bool(request.args.get("campos")) or any(
        request.form.get(name) for name in ("_add", "_remove", "_drop", "_idioma")
    )


def request_id() -> str:
    """The id that makes this submit count once: the page's own, or a new one."""
    return request.form.get("_request_id") or uuid.uuid4().hex


def revision() -> int | None:
    """The instance's revision that the person saw."""
    given = request.form.get("_revision", "")
    return int(given) if given.isdecimal() else None


def labels(views: Iterable[View]) -> dict[str, tuple[str, str]]:
    """Path → (id of the element to go to, label), for the summary of errors."""
    found: dict[str, tuple[str, str]] = {}
    for view in views:
        if view.path:
            found[view.path] = (_anchor(view), view.label)
        for inner in (view.children, *view.rows):
            found.update(labels(inner))
    return found


def file_ids(views: Iterable[View]) -> set[str]:
    """Ids of the files that these fields hold."""
    found: set[str] = set()
    for view in views:
        if view.type == "filepicker":
            found.update(view.value or ())
        for inner in (view.children, *view.rows):
            found |= file_ids(inner)
    return found


def focused(views: Iterable[View]) -> str:
    """Id of the element that goes on where a button has changed the form: the first field of a row that was added, the
    button that adds another after one was taken out, the empty input of a file that was dropped. Nothing otherwise."""
    added, removed, dropped = (request.form.get(name, "") for name in ("_add", "_remove", "_drop"))
    path = added or removed.rpartition(":")[0] or dropped.partition(":")[0]
    view = _at(views, path) if path else None
    if view is None:
        return ""
    if view.type != "dynamiclist":
        return _anchor(view)
    row = view.rows[-1] if view.rows and (added or not view.may_add) else ()
    return next(_anchors(row), _anchor(view))


def _at(views: Iterable[View], path: str) -> View | None:
    """The field of this path, or the list."""
    for view in views:
        if view.path == path and view.type != "group":
            return view
        for inner in (view.children, *view.rows):
            if found := _at(inner, path):
                return found
    return None


def _anchors(views: Iterable[View]) -> Iterator[str]:
    """Elements that can take the focus, in the order of the page."""
    for view in views:
        if view.type == "group":
            yield from _anchors(view.children)
        elif view.path and not view.disabled:
            yield _anchor(view)


def _anchor(view: View) -> str:
    """The element that takes the focus: the first choice of several, what adds a row, the input elsewhere."""
    if view.type in ("radio", "checklist", "taglist"):
        return f"{view.id}-0"
    if view.type == "filepicker":
        return f"{view.id}-{len(view.value or ())}"
    if view.type == "dynamiclist" and view.may_add:
        return f"{view.id}-add"
    return view.id


def in_order(errors: Mapping[str, str], known: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Errors in the order of the fields on the page; those of no field last."""
    first = {path: errors[path] for path in known if path in errors}
    return {**first, **errors}
