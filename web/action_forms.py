"""Forms of what people do outside of the flow: a form of the deployed bundle, judged, handed to an action of `tasks/`.

A page declares an `ActionForm`; `answer` draws it or carries it out. The values go to the action typed; what the action
refuses stands at the field, as with user tasks.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import flash, g, redirect, render_template, request
from werkzeug.wrappers import Response

from engine.errors import Invalid, NotFound
from engine.forms import Form
from engine.values import SYSTEM, Actor
from web import action_files, filled
from web.runtime import engine

if TYPE_CHECKING:
    from engine.transaction import Transaction

Prepare = Callable[["Transaction"], Mapping[str, Any]]
Run = Callable[["Transaction", Any, str], Any]
"""(transaction, values, request id) → whatever `done` wants to know."""


@dataclass(frozen=True, slots=True)
class ActionForm:
    """One page that carries out an action."""

    form_id: str
    title: str
    run: Run
    done: Callable[[Any], str]
    """Where to go afterwards."""
    prepare: Prepare = lambda tx: {}
    submit: str = "Guardar"
    said: str = ""
    """What the next page says."""
    template: str = "actions/form.html"
    context: Mapping[str, Any] = field(default_factory=dict)
    """What the template needs besides."""
    judged_by_action: bool = False
    """The action takes the texts as they were sent, and judges them itself (it completes a user task)."""


def answer(page: ActionForm, by: Actor) -> Response | str | tuple[str, int]:
    """The form for GET; for POST what was done, or the form again with what is wrong (422) or what changed."""
    if request.method == "GET":
        return _draw(page, by, None, {}, uuid.uuid4().hex)
    texts, refused = filled.submitted(action_files.store)
    request_id = filled.request_id()
    if filled.is_refresh():
        return _draw(page, by, texts, refused, request_id)
    try:
        if refused:
            raise Invalid(refused)
        result = _carry_out(page, by, texts, request_id)
    except Invalid as invalid:
        return _draw(page, by, texts, invalid.fields or {"": invalid.message}, request_id), 422
    if page.said:
        flash(page.said, "good")
    return redirect(page.done(result))


def form(form_id: str) -> Form:
    """A form of the latest deployment. Raises NotFound when nothing is deployed or it has no such form."""
    latest = engine().deployments(by=SYSTEM)
    if not latest:
        raise NotFound("No process has been deployed yet: cauce deploy processes/…")
    found = engine().bundles.get(latest[0].id).forms.get(form_id)
    if found is None:
        raise NotFound(f"There is no form «{form_id}» in the latest deployment.")
    return found


def _carry_out(page: ActionForm, by: Actor, texts: filled.Submitted, request_id: str) -> Any:
    found = form(page.form_id)
    with engine().transaction(by) as tx:
        if page.judged_by_action:
            return page.run(tx, texts, request_id)
        values = found.validate(texts, page.prepare(tx), raw=True, now=tx.now)
        return page.run(tx, values, request_id)


def _draw(
    page: ActionForm, by: Actor, texts: filled.Submitted | None, errors: Mapping[str, str], request_id: str
) -> str:
    found = form(page.form_id)
    with engine().reading(by) as tx:
        g.now = tx.now
        data = page.prepare(tx)
        if texts is not None and filled.is_refresh():
            errors = filled.judged_again(found, texts, errors, data=data, now=tx.now)
        views = found.render(data, errors, submitted=texts, now=tx.now)
    known = filled.labels(views)
    only_fields = bool(request.headers.get("HX-Request"))
    return render_template(
        "form/part.html" if only_fields else page.template,
        page=page,
        views=views,
        labels=known,
        focused=filled.focused(views),
        errors=filled.in_order(errors, known),
        attached=action_files.known(filled.file_ids(views)),
        refresh_url=request.path + "?campos=1",
        request_id=request_id,
        **page.context,
    )
