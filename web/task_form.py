"""The form of a user task as pages draw it, for staff and for clients alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.errors import Conflict, NotAllowed
from engine.values import Actor
from web import filled
from web.runtime import engine

if TYPE_CHECKING:
    from engine.transaction import Transaction


def context(
    tx: Transaction,
    task_id: str,
    texts: filled.Submitted | None,
    errors: Mapping[str, str],
    refresh_url: str,
    *,
    refresh: bool = False,
) -> dict[str, Any]:
    """What templates of a form need: views, errors in page order, stored files; the draft where nothing was sent.

    `refresh`: it was not sent, only changed; what was wrong with it before is judged again.
    """
    found = tx.form(task_id)
    shown = texts if texts is not None else found.draft
    if refresh and found.form and texts is not None:
        again = {"data": found.data, "context": found.context, "now": tx.now}
        errors = filled.judged_again(found.form, texts, errors, **again)
    views = (
        found.form.render(found.data, errors, submitted=shown, context=found.context, now=tx.now) if found.form else ()
    )
    known = filled.labels(views)
    return {
        "task": found.task,
        "views": views,
        "data": found.data,
        "labels": known,
        "focused": filled.focused(views),
        "errors": filled.in_order(errors, known),
        "attached": {attachment.id: attachment for attachment in found.attachments},
        "refresh_url": refresh_url,
        "is_draft": texts is None and any(text.strip() for values in (found.draft or {}).values() for text in values),
        "revision": found.revision,
        "workable": found.workable,
    }


def store(task_id: str, by: Actor) -> filled.Store:
    """Keeps files that come with a form of this user task, at once: they survive whatever is wrong with the rest."""

    def keep(path: str, stream: BinaryIO, filename: str) -> str:
        return engine().attach(task_id, path, stream, filename, by=by).id

    return keep


def keep_draft(task_id: str, texts: filled.Submitted, by: Actor) -> bool:
    """Keep what was typed on the way. False when the person may not (a candidate who only looks) or came too late."""
    try:
        engine().draft(task_id, texts, by=by)
    except (Conflict, NotAllowed):
        return False
    return True
