"""The page of one trial: where it stands, what can be done next, what has been done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from engine import SYSTEM, EngineError, Invalid, NotFound, ProcessInstance
from tasks.registros import Correo, Documento
from web import process_words
from web.ops import words
from web.scenarios.format import Step
from web.studio.blueprint import blueprint, modelers
from web.studio.trials import draft_id, spaces
from web.texts import local
from web.trial import told, walk
from web.trial.actions import offered
from web.trial.cards import Card, actor_title, cards, message_names, next_due

if TYPE_CHECKING:
    from engine.transaction import Transaction
    from web.trial.space import Log, Space

FARTHEST = timedelta(days=400)
"""One move of the clock at most."""


@blueprint.get("/probar/<trial_id>")
@modelers
def trial(trial_id: str) -> str:
    return page(spaces().get(trial_id))


@blueprint.post("/probar/<trial_id>/paso")
@modelers
def trial_step(trial_id: str) -> Answer | tuple[str, int]:
    """One step, as the buttons of the page say it."""
    space, form = spaces().get(trial_id), request.form
    try:
        walk.take(space, _step(space, form), steps_seen())
    except Invalid as invalid:
        return page(space, problem=invalid.message), 422
    except EngineError as refused:
        return page(space, problem=refused.message), refused.status
    return redirect(url_for("studio.trial", trial_id=space.id, _anchor="ahora"))


@blueprint.post("/probar/<trial_id>/volver")
@modelers
def trial_back(trial_id: str) -> Answer | tuple[str, int]:
    """As it was after an earlier step."""
    space, to = spaces().get(trial_id), request.form.get("to", "")
    try:
        walk.back(space, int(to) if to.isdecimal() else -1, steps_seen())
    except EngineError as refused:
        return page(space, problem=refused.message), refused.status
    return redirect(url_for("studio.trial", trial_id=space.id, _anchor="ahora"))


@blueprint.post("/probar/<trial_id>/modo")
@modelers
def trial_mode(trial_id: str) -> Answer:
    """Whether automatic work stops for a click."""
    space = spaces().get(trial_id)
    walk.stop(space, request.form.get("stops") == "si")
    return redirect(url_for("studio.trial", trial_id=space.id, _anchor="ahora"))


def steps_seen() -> int | None:
    """How many steps the page showed."""
    text = request.form.get("_visto", "")
    return int(text) if text.isdecimal() else None


def _step(space: Space, form: Mapping[str, str]) -> Step:
    """The step that this form asks for. Raises Invalid."""
    deed, element = form.get("deed", ""), form.get("element", "")
    about: dict[str, Any] = {"matter": form.get("matter") or None, "business_key": form.get("below") or None}
    if about["matter"] == "asunto":
        about["matter"] = None
    about["number"] = int(form["number"]) if form.get("number", "").isdecimal() else 1
    if deed == "time":
        return Step.model_validate({"at": _moment(space, form), **about})
    if deed == "go_on":
        return Step.model_validate({"at": space.now, **about})
    values = told.plain(words.assignments(form.get("variables", "")))
    if deed == "set":
        if not values:
            raise Invalid({"variables": _("Escriba al menos una línea nombre = valor.")})
        return Step.model_validate({"set": values, **about})
    if deed == "message":
        name = form.get("message", "").strip()
        if not name:
            raise Invalid({"message": _("Elija el mensaje.")})
        about["correlation"] = form.get("correlation") or None
        return Step.model_validate({"message": name, "with": values, **about})
    if deed not in ("do", "fail", "throw", "skip", "fire", "retry", "complete") or not element:
        raise NotFound
    more: dict[str, Any] = {"with": values}
    if deed == "fail":
        more |= {"last": "last" in form, "error": form.get("error", "").strip() or _("Falló en la prueba.")}
    if deed == "throw":
        code = form.get("code", "").strip()
        if not code:
            raise Invalid({"code": _("Elija o escriba el código del error.")})
        more |= {"code": code, "error": form.get("error", "").strip() or _("Lanzado en la prueba.")}
    if deed == "complete":
        more["as"] = form.get("actor", "")
    return Step.model_validate({deed: element, **more, **about})


def _moment(space: Space, form: Mapping[str, str]) -> datetime:
    """Where the clock goes: a step from now, or a day and hour."""
    now, by = space.now, form.get("by", "")
    if by in ("hour", "day", "week"):
        return now + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[by]
    if by == "due":
        try:
            target = datetime.fromisoformat(form.get("due", ""))
        except ValueError:
            raise NotFound from None
        if target.tzinfo is None:
            raise NotFound
    else:
        target = words.moment(form.get("moment", ""), "moment")
    if target <= now:
        raise Invalid({"moment": _("El reloj solo avanza. Para volver, use «Volver aquí» en el camino.")})
    if target - now > FARTHEST:
        raise Invalid({"moment": _("Avance como máximo 400 días de una vez.")})
    return target


# --- what the page shows


def page(space: Space, problem: str = "") -> str:
    log = space.log
    with space.engine.reading(SYSTEM) as tx:
        waiting = cards(tx, log)
        instances = walk.instances(tx)
        context = {
            "space": space,
            "log": log,
            "now": local(tx.now),
            "cards": waiting,
            "instances": instances,
            "next": next_due(tx),
            "title": told.processes(tx)[log.process].name or log.process,
            "actor_title": lambda name: actor_title(tx, name),
            "actions": offered(told.processes(tx).values()),
            "messages": message_names(told.processes(tx)),
            "scopes": _scopes(tx, instances),
            "mails": {mail.id: mail for mail in tx.session.scalars(select(Correo).order_by(Correo.creado))},
            "documents": {one.id: one for one in tx.session.scalars(select(Documento).order_by(Documento.id))},
            "place": lambda process, element: _place(tx, process, element),
            **_diagram(tx, space, log, waiting, instances),
        }
        return render_template(
            "studio/trial.html",
            problem=problem,
            asked=request.form,
            changed=log.draft != draft_id(),
            kind=process_words.kind_name,
            **context,
        )


def _diagram(
    tx: Transaction, space: Space, log: Log, waiting: list[Card], instances: list[ProcessInstance]
) -> dict[str, Any]:
    """The diagram that was asked for; else the one in which something waits, or happened last."""
    if not instances:
        return {"diagram": None, "data": None}
    asked, key = request.args.get("instancia"), request.args.get("proceso")
    lead = next((card for card in waiting if not card.wait.attached), None)
    chosen = next((one for one in instances if one.id == asked), lead.instance if lead else instances[-1])
    if key is None:
        flows = log.steps[-1]["flows"] if log.steps else []
        here = [card.wait.process_key for card in waiting if card.instance.id == chosen.id and not card.wait.attached]
        key = here[0] if here else flows[-1][0] if flows else None
    try:
        found = tx.diagram(key, instance_id=chosen.id)
    except NotFound:
        found = tx.diagram(instance_id=chosen.id)
    process = told.processes(tx)[found.process_key]
    tokens = {token.element_id: token.count for token in found.tokens if token.process_key == found.process_key}
    called = {
        element: url_for("studio.trial", trial_id=space.id, instancia=chosen.id, proceso=target)
        for element, target in found.called.items()
    }
    links = {card.wait.element_id: f"#c-{card.wait.id}" for card in waiting if card.instance.id == chosen.id}
    inside = {token.process_key for token in found.tokens}
    data = {
        "xml": found.xml.decode(),
        "tokens": tokens,
        "taken": dict(found.taken),
        "completed": dict(found.completed),
        "incidents": sorted(found.incidents),
        "called": called,
        "links": links,
        "words": {
            "here": _("Aquí está"),
            "incident": _("Algo falló aquí"),
            "open": _("Abrir el diagrama"),
            "act": _("Qué puedo hacer en"),
        },
    }
    return {
        "diagram": found,
        "chosen": chosen,
        "called": called,
        "here": tokens,
        "elements": sorted(process.elements.values(), key=lambda element: element.id not in tokens),
        "processes": _processes(tx, space, chosen, inside, found.process_key),
        "data": data,
    }


def _processes(
    tx: Transaction, space: Space, chosen: ProcessInstance, inside: set[str], shown: str
) -> list[tuple[str, str, bool, bool]]:
    """(name, address, whether something stands there, whether it is shown) of the process and those under way in it."""
    known = told.processes(tx)
    keys = dict.fromkeys([chosen.process_key, *sorted(inside), shown])
    return [
        (
            known[key].name or key,
            url_for("studio.trial", trial_id=space.id, instancia=chosen.id, proceso=key),
            key in inside,
            key == shown,
        )
        for key in keys
        if key in known
    ]


def _scopes(tx: Transaction, instances: list[ProcessInstance]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """(where, (name, type, value)) of all variables now."""
    found = []
    for instance in instances:
        if instance.ended_at is not None:
            values = {None: tx.variables(instance.id)}
        else:
            values = {scope.owner or scope.process_key: dict(scope.values) for scope in tx.scopes(instance.id)}
        for where, variables in values.items():
            name = told.element_name(tx, where) if where else _("Al terminar")
            process = told.processes(tx).get(where or "")
            rows = [(key, words.type_name(value), words.shown(value)) for key, value in sorted(variables.items())]
            found.append((f"{instance.business_key} · {process.name if process else name}", rows))
    return found


def _place(tx: Transaction, process_key: str, element_id: str) -> str:
    process = told.processes(tx).get(process_key)
    if process is None:
        return ""
    return process_words.name_of(process, element_id) if element_id in process.elements else process.name or process_key
