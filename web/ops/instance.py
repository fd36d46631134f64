"""One instance, with everything that an operator asks about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for
from sqlalchemy import select

from engine import HistoryEvent, IncidentQuery, JobQuery, NotFound, OperationQuery, VariableScope
from tasks.correo_detenido import detenidos
from tasks.registros import Correo
from web import labels, process_words, timeline
from web.drawing import drawing
from web.ops import jobs, told, words
from web.ops.frame import blueprint, see_matters
from web.ops.log import ACTIONS
from web.ops.log_words import Told, Words
from web.permissions import actor
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.definitions import Process
    from engine.transaction import Transaction

EVENTS = 300
"""Events on one page of the history."""
MOST_JOBS = 200
OPERATIONS = 50


@blueprint.get("/instancias/<instance_id>")
@see_matters
def instance(instance_id: str) -> str:
    with reading() as tx:
        page = _head(tx, instance_id)
        names = timeline.Names(tx.session, None)
        waits = [(wait, words.wait_words(wait, names)) for wait in tx.wait_states(instance_id)]
        page["started_by"] = names(page["instance"].started_by)
        return render_template(
            "ops/instance.html",
            **page,
            waits=waits,
            incidents=tx.incidents(IncidentQuery(instance_id=instance_id), size=100).items,
            handler_line=words.handler_line,
            failed_names=lambda one: words.element_name(page["processes"], one.element_id, one.process_key),
            inside=lambda one: _inside(page, one.process_key),
            operations=_operations(tx, page["instance"].business_key),
            operation_names=ACTIONS,
            restorable=tx.restorable(instance_id),
        )


@blueprint.get("/instancias/<instance_id>/diagrama")
@blueprint.get("/instancias/<instance_id>/diagrama/<process_key>")
@see_matters
def instance_diagram(instance_id: str, process_key: str | None = None) -> str:
    with reading() as tx:
        page = _head(tx, instance_id)
        found = tx.diagram(process_key, instance_id=instance_id)
        return render_template(
            "ops/instance_diagram.html",
            **page,
            **drawing(
                found,
                page["processes"][found.process_key],
                lambda target: url_for("ops.instance_diagram", instance_id=instance_id, process_key=target),
                process_words.kind_name,
            ),
        )


@blueprint.get("/instancias/<instance_id>/variables")
@see_matters
def instance_variables(instance_id: str) -> str:
    """By scope with types; then every change, old and new, by whom and at which element."""
    with reading() as tx:
        page = _head(tx, instance_id)
        names = timeline.Names(tx.session, None)
        if page["instance"].ended_at is None:
            scopes = _scopes(tx, page)
        else:
            scopes = [("Al terminar", None, False, _typed(tx.variables(instance_id)))]
        found = tx.history(instance_id, request.args.get("tras"), EVENTS, kinds=["variable.changed"], latest_first=True)
        return render_template(
            "ops/instance_variables.html",
            **page,
            scopes=scopes,
            changes=[_change(event, page["processes"], names) for event in found.items],
            following=found.next,
        )


@blueprint.get("/instancias/<instance_id>/historia")
@see_matters
def instance_history(instance_id: str) -> str:
    """Why each gateway went its way, which rules matched, who did what with which reason."""
    everything, forward = request.args.get("todo") == "si", request.args.get("orden") == "inicio"
    with reading() as tx:
        page = _head(tx, instance_id)
        names = timeline.Names(tx.session, None)
        found = tx.history(instance_id, request.args.get("tras"), EVENTS, latest_first=not forward)
        return render_template(
            "ops/instance_history.html",
            **page,
            events=[
                told.event(event, page["processes"], names)
                for event in found.items
                if everything or not told.is_quiet(event)
            ],
            everything=everything,
            forward=forward,
            following=found.next,
        )


@blueprint.get("/instancias/<instance_id>/trabajos")
@see_matters
def instance_jobs(instance_id: str) -> str:
    with reading() as tx:
        page = _head(tx, instance_id)
        key = page["instance"].business_key
        own = tx.jobs(JobQuery(instance_id=instance_id), size=MOST_JOBS).items
        loose = tx.jobs(JobQuery(business_key=key, loose=True), size=MOST_JOBS).items
        mails = select(Correo).where(Correo.business_key == key).order_by(Correo.id.desc()).limit(100)
        return render_template(
            "ops/instance_jobs.html",
            **page,
            jobs=sorted(own + loose, key=lambda one: (one.state != "failed", one.due)),
            mails=tx.session.scalars(mails).all(),
            stuck=set(tx.session.scalars(select(Correo.id).where(Correo.business_key == key, detenidos()))),
            correo=labels.CORREO,
            mail_words=words.mail_words,
            job_states=jobs.STATES,
            link=jobs.link_of,
            title=lambda one: jobs.job_title(tx, one),
        )


def _head(tx: Transaction, instance_id: str) -> dict[str, Any]:
    """What the head of every page of an instance needs. Raises NotFound."""
    found = tx.instance(instance_id)
    processes = engine().bundles.get(found.deployment_id).processes
    if found.process_key not in processes:
        raise NotFound
    return {
        "instance": found,
        "loose": tx.incidents(IncidentQuery(business_key=found.business_key, loose=True), size=100).items,
        "processes": processes,
        "process": processes[found.process_key],
        "endpoint": (request.endpoint or "").partition(".")[2],
        "may_repair": "operador" in actor().groups,
    }


def _inside(page: Mapping[str, Any], process_key: str | None) -> str:
    """The name of a called process where something is; nothing for the instance's own."""
    called = process_key is not None and process_key != page["instance"].process_key
    found = page["processes"].get(process_key) if called else None
    return (found.name or found.id) if found else ""


def _operations(tx: Transaction, key: str) -> list[Told]:
    """The latest lines of the log about this matter, those about its mails and notices among them."""
    said = Words(tx)
    return [said.told(one) for one in tx.operations(OperationQuery(business_key=key), None, OPERATIONS).items]


def _scopes(tx: Transaction, page: Mapping[str, Any]) -> list[tuple[str, str | None, bool, list[tuple[str, str, str]]]]:
    """(title, wait from which it is written, whether it can be, values) of each scope."""
    instance, waits = page["instance"], tx.wait_states(page["instance"].id)
    scopes = tx.scopes(instance.id)
    found = []
    for number, scope in enumerate(scopes):
        target = scope.wait_id
        if target is None and number:
            # A called process that runs once is written as something that waits in it would write.
            alone = sum(one.process_key == scope.process_key and one.wait_id is None for one in scopes) == 1
            inside = (one.wait_id for one in waits if one.process_key == scope.process_key)
            target = next(inside, None) if alone else None
        found.append((_scope_title(scope, page["processes"]), target, bool(target) or not number, _typed(scope.values)))
    return found


def _scope_title(scope: VariableScope, processes: Mapping[str, Process]) -> str:
    process = processes.get(scope.process_key)
    name = process.name if process else scope.process_key
    if scope.wait_id is not None:
        return f"Propias de «{process_words.name_of(process, scope.owner)}»"
    return f"Del proceso «{name}»" + (
        f", llamado por «{words.element_name(processes, scope.owner)}»" if scope.owner else ""
    )


def _typed(values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(name, words.type_name(value), words.shown(value)) for name, value in sorted(values.items())]


def _change(event: HistoryEvent, processes: Mapping[str, Process], names: words.Name) -> words.Change:
    found = event.details
    return words.Change(
        event.at,
        names(event.actor),
        str(found.get("name")),
        "nada" if found.get("old") is None else words.shown(found["old"]),
        "nada" if found.get("new") is None else words.shown(found["new"]),
        told.element(event, processes),
    )
