"""Forms in a trial: a user task filled in as whoever one likes, an action of the firm, both drawn by our renderer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine import SYSTEM, EngineError, Invalid, NotAllowed, NotFound, UserTaskQuery
from engine.forms import Form, View
from web import filled
from web.scenarios.format import Step
from web.studio.blueprint import blueprint, modelers
from web.studio.trial_page import steps_seen
from web.studio.trials import spaces
from web.texts import momento
from web.trial import filling, told, walk
from web.trial.actions import Offered, offered
from web.trial.cards import CLIENT, VISITOR, Card, cards, staff

if TYPE_CHECKING:
    from engine.transaction import Transaction
    from web.trial.space import Space

EVERYTHING = 1000
Texts = dict[str, list[str]]


@blueprint.route("/probar/<trial_id>/tarea/<task_id>", methods=["GET", "POST"])
@modelers
def trial_task(trial_id: str, task_id: str) -> Answer | str | tuple[str, int]:
    """The form of an open user task of the space."""
    space = spaces().get(trial_id)
    card = _card(space, task_id)
    who = request.values.get("_como") or card.actor
    texts, errors, status = None, dict[str, str](), 200
    if request.method == "POST":
        texts, errors = filled.submitted(filling.store)
        if "_terminar" in request.form and not errors:
            try:
                walk.take(space, _completed(space, card, who, texts), steps_seen())
                return redirect(url_for("studio.trial", trial_id=space.id, _anchor="ahora"))
            except EngineError as refused:
                errors, status = _errors(refused), refused.status
    page = _task_page(space, card, who, texts, errors)
    return page if status == 200 else (page, status)


def _errors(refused: EngineError) -> dict[str, str]:
    fields = dict(refused.fields) if isinstance(refused, Invalid) else {}
    return fields or {"": refused.message}


def _card(space: Space, task_id: str) -> Card:
    with space.engine.reading(SYSTEM) as tx:
        found = next((card for card in cards(tx, space.log) if card.wait.id == task_id), None)
    if found is None or found.wait.kind != "user_task":
        raise NotFound("Esa tarea ya no está abierta en la prueba. Vuelva a ella y vea dónde está ahora.")
    return found


def _completed(space: Space, card: Card, who: str, texts: Texts) -> Step:
    """The step that these texts mean. Raises Invalid, NotAllowed."""
    key = space.log.matters.get(card.target[0])
    about = {"matter": card.target[0] if card.target[0] != "asunto" else None, "business_key": card.target[1] or None}
    values: dict[str, Any] = {}
    with space.engine.reading(space.firm.actor(who, key)) as tx:
        found = tx.form(card.wait.id)
        query = UserTaskQuery(business_key=card.instance.business_key, element_id=card.wait.element_id)
        seen = [task.id for task in tx.user_tasks(query, size=EVERYTHING).items]
        if found.form is not None:
            judged = found.form.validate(texts, found.data, raw=True, context=found.context, now=tx.now)
            shown = found.form.render(found.data, context=found.context, now=tx.now)
            values = filling.written(judged, shown)
    if key is not None:
        values = filling.with_references(values, lambda text: space.firm.reference_to(key, text))
    step = {
        "complete": card.wait.element_id,
        "as": who,
        "number": seen.index(card.wait.id) + 1,
        "with": told.plain(values),
    }
    return Step.model_validate({**step, **about})


def _task_page(space: Space, card: Card, who: str, texts: Texts | None, errors: Mapping[str, str]) -> str:
    key = space.log.matters.get(card.target[0])
    views: Sequence[View] = ()
    attached: dict[str, Any] = {}
    try:
        with space.engine.reading(space.firm.actor(who, key)) as tx:
            found = tx.form(card.wait.id)
            if found.form is not None:
                if "_ejemplo" in request.values:
                    shown = found.form.render(found.data, submitted=texts, context=found.context, now=tx.now)
                    texts = filling.examples(shown, tx.now)
                views = found.form.render(found.data, errors, submitted=texts, context=found.context, now=tx.now)
            attached = {one.id: one for one in found.attachments}
    except (NotAllowed, NotFound) as refused:
        errors = {"": _("Esta persona no puede hacer esta tarea: %(why)s", why=refused.message)}
    with space.engine.reading(SYSTEM) as tx:
        people = _people(tx)
    return _form_page(
        space,
        views,
        errors,
        attached | filling.named(texts),
        title=card.wait.name,
        card=card,
        who=who,
        people=people,
        action_url=url_for("studio.trial_task", trial_id=space.id, task_id=card.wait.id),
    )


def _people(tx: Transaction) -> list[tuple[str, str]]:
    from web.trial.cards import actor_title

    return [*((one.usuario, actor_title(tx, one.usuario)) for one in staff(tx)), (CLIENT, _("El cliente"))]


def _form_page(
    space: Space, views: Sequence[View], errors: Mapping[str, str], attached: Mapping[str, Any], **more: Any
) -> str:
    known = filled.labels(views)
    part = bool(request.headers.get("HX-Request"))
    log = space.log
    return render_template(
        "form/part.html" if part else "studio/trial_form.html",
        space=space,
        steps=len(log.steps),
        now=momento(space.now),
        views=views,
        labels=known,
        focused=filled.focused(views),
        errors=filled.in_order(errors, known),
        attached=attached,
        refresh_url=more["action_url"] + "?campos=1",
        **more,
    )


# --- actions of the firm


@blueprint.route("/probar/<trial_id>/accion/<name>", methods=["GET", "POST"])
@modelers
def trial_action(trial_id: str, name: str) -> Answer | str | tuple[str, int]:
    """Something that people do outside of user tasks: its form, or its values as a scenario writes them."""
    space = spaces().get(trial_id)
    with space.engine.reading(SYSTEM) as tx:
        chosen = offered(told.processes(tx).values()).get(name)
    if chosen is None:
        raise NotFound
    who, lines = request.values.get("_como") or chosen.actor, request.form.get("_valores", chosen.example)
    texts, errors, status = None, dict[str, str](), 200
    if request.method == "POST":
        texts, errors = filled.submitted(filling.store)
        if "_terminar" in request.form and not errors:
            try:
                walk.take(space, _acted(space, name, chosen, who, texts, lines), steps_seen())
                return redirect(url_for("studio.trial", trial_id=space.id, _anchor="ahora"))
            except EngineError as refused:
                errors, status = _errors(refused), refused.status
    page = _action_page(space, name, chosen, who, texts, errors, lines)
    return page if status == 200 else (page, status)


def _form(space: Space, action: Offered) -> Form | None:
    with space.engine.reading(SYSTEM) as tx:
        latest = next(iter(tx.deployments()))
        return space.engine.bundles.get(latest.id).forms.get(action.form_id or "")


def _acted(space: Space, name: str, action: Offered, who: str, texts: Texts, lines: str) -> Step:
    form = _form(space, action)
    if form is not None:
        values = {
            key: value for key, value in form.validate(texts, {}, raw=True, now=space.now).items() if value is not None
        }
    else:
        values = _values(lines)
    matters = space.log.matters
    new = f"asunto_{len(matters) + 1}" if action.starts and matters else None
    given = told.plain({**action.fixed, **values})
    return Step.model_validate({"action": name.partition(":")[0], "as": who, "matter": new, "with": given})


def _values(lines: str) -> dict[str, Any]:
    """`nombre: valor` on each line, as in a scenario. Raises Invalid."""
    try:
        # Anchors could make a small text huge.
        if len(lines) > 10_000 or re.search(r"(^|[\s\[{,:-])[&*]\w", lines):
            raise ValueError
        found = yaml.safe_load(lines) or {}
        if not isinstance(found, dict):
            raise ValueError
    except (ValueError, RecursionError, yaml.YAMLError):
        raise Invalid({"": _("Escriba en cada renglón nombre: valor.")}) from None
    return {str(key): value for key, value in found.items()}


def _action_page(
    space: Space,
    name: str,
    action: Offered,
    who: str,
    texts: Texts | None,
    errors: Mapping[str, str],
    lines: str,
) -> str:
    form, views = _form(space, action), tuple[View, ...]()
    if form is not None:
        if "_ejemplo" in request.values:
            texts = filling.examples(form.render({}, submitted=texts, now=space.now), space.now)
        views = form.render({}, errors, submitted=texts, now=space.now)
    with space.engine.reading(SYSTEM) as tx:
        people = [*_people(tx), (VISITOR, _("Alguien de fuera"))]
    return _form_page(
        space,
        views,
        errors,
        filling.named(texts),
        title=action.title,
        card=None,
        who=who,
        people=people,
        lines=None if form is not None else lines,
        action_url=url_for("studio.trial_action", trial_id=space.id, name=name),
    )
