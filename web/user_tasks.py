"""One user task: its form, its draft, who has it; finishing it leads to the next one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from engine.errors import Conflict, Invalid, NotFound
from engine.values import Actor, Completed, UserTask, UserTaskQuery
from tasks import acceso, ausencias, postventa, tramites
from tasks.registros import Colaborador
from web import filled, matter_facts, process_words, task_form
from web import texts as words
from web.errors import conflict_sentence
from web.files import send
from web.people import group_titles
from web.permissions import actor, staff
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("user_tasks", __name__, url_prefix="/tareas")
OFFERS = "postventa.ofrecer_servicios"
"""Handler of the user task beside which stands «Enviar oferta» (legal-process.md §1.11)."""


@blueprint.get("/<task_id>")
@staff
def show(task_id: str) -> str:
    return _page(task_id)


@blueprint.post("/<task_id>")
@staff
def complete(task_id: str) -> Response | tuple[str, int]:
    """Finish it; what is wrong comes back with everything that was typed."""
    texts, refused = filled.submitted(task_form.store(task_id, actor()))
    if refused:
        return _page(task_id, texts, refused), 422
    try:
        done = engine().complete(
            task_id,
            texts,
            request_id=filled.request_id(),
            revision=filled.revision(),
            raw=True,
            by=actor(),
        )
    except Invalid as invalid:
        return _page(task_id, texts, invalid.fields or {"": invalid.message}), 422
    except Conflict as refused_now:
        if refused_now.details.get("reason") != "suspended":
            raise
        # Somebody has stopped the matter meanwhile: what was typed is not lost by it.
        task_form.keep_draft(task_id, texts, actor())
        waits = _("Lo que escribió sigue aquí; podrá terminar la tarea cuando se reanude.")
        return _page(task_id, texts, {"": f"{conflict_sentence(refused_now)} {waits}"}), refused_now.status
    target, following = _after(done)
    said = _("Terminada: «%(name)s».", name=done.user_task.name)
    flash(f"{said} {following}".strip(), "good")
    return redirect(target)


@blueprint.post("/<task_id>/campos")
@staff
def refresh(task_id: str) -> str:
    """The form with what was typed, after a change that may show or hide fields, or add and take out rows."""
    texts, refused = filled.submitted(task_form.store(task_id, actor()))
    if engine().user_task(task_id, by=actor()).assignee == actor().id:
        task_form.keep_draft(task_id, texts, actor())
    if request.headers.get("HX-Request"):
        with reading() as tx:
            return render_template("form/part.html", **_form(tx, task_id, texts, refused, refresh=True))
    return _page(task_id, texts, refused)


@blueprint.post("/<task_id>/borrador")
@staff
def draft(task_id: str) -> Response:
    texts, _refused = filled.submitted(task_form.store(task_id, actor()))
    engine().draft(task_id, texts, by=actor())
    flash(_("Borrador guardado. Puede seguir después."), "good")
    return redirect(url_for("user_tasks.show", task_id=task_id))


@blueprint.post("/<task_id>/tomar")
@staff
def claim(task_id: str) -> Response:
    engine().claim(task_id, by=actor())
    return redirect(url_for("user_tasks.show", task_id=task_id))


@blueprint.post("/<task_id>/soltar")
@staff
def release(task_id: str) -> Response:
    engine().release(task_id, by=actor())
    flash(_("La tarea volvió a su grupo."), "good")
    return redirect(url_for("inbox.index"))


@blueprint.post("/<task_id>/asignar")
@staff
def assign(task_id: str) -> Response:
    engine().assign(task_id, request.form.get("assignee") or None, by=actor())
    flash(_("Tarea asignada."), "good")
    return redirect(url_for("user_tasks.show", task_id=task_id))


@blueprint.post("/<task_id>/oferta")
@staff
def offer(task_id: str) -> Response:
    """«Enviar oferta»: mail the services that were noticed now; what the client answers is noted down later."""
    task = engine().user_task(task_id, by=actor())
    if task.handler != OFFERS:
        raise NotFound
    with engine().transaction(actor()) as tx:
        postventa.enviar_oferta(tx, task.business_key)
    flash(_("La oferta va en camino. Anote aquí lo que responda el cliente."), "good")
    return redirect(url_for("user_tasks.show", task_id=task_id))


@blueprint.get("/<task_id>/archivos/<attachment_id>")
@staff
def attachment(task_id: str, attachment_id: str) -> Response:
    """A file that was uploaded with this user task."""
    found = engine().attachment(attachment_id, by=actor())
    if found.task_id != task_id:
        raise NotFound
    return send(found.hash, found.filename, found.type)


def _form(
    tx: Transaction,
    task_id: str,
    texts: filled.Submitted | None,
    errors: Mapping[str, str],
    *,
    refresh: bool = False,
) -> dict[str, Any]:
    url = url_for("user_tasks.refresh", task_id=task_id)
    return task_form.context(tx, task_id, texts, errors, url, refresh=refresh)


def _page(task_id: str, texts: filled.Submitted | None = None, errors: Mapping[str, str] | None = None) -> str:
    with reading() as tx:
        task = tx.user_task(task_id)
        facts = matter_facts.facts(tx, task.business_key)
        if task.state != "open":
            return render_template("user_tasks/ended.html", task=task, facts=facts, who=_name(tx, task.ended_by))
        diagram = process_words.process(tx, task.process_key, task.instance_id)
        element = diagram.elements.get(task.element_id) if diagram else None
        return render_template(
            "user_tasks/show.html",
            may_offer=task.handler == OFFERS and postventa.puede_ofrecer(tx, task.business_key),
            **_form(tx, task_id, texts, errors or {}),
            facts=facts,
            procedure=tramites.titulos(tx.session, {task.business_key}).get(task.business_key),
            assignee=_name(tx, task.assignee),
            mine=task.assignee == g.actor.id,
            candidates=_candidates(tx, task),
            hint=process_words.plain(element.documentation) if element else "",
            following=process_words.following(diagram, element) if diagram and element else [],
            request_id=filled.request_id() if texts is not None else uuid.uuid4().hex,
        )


def _candidates(tx: Transaction, task: UserTask) -> list[Colaborador]:
    """Who could be given this user task: active people of its groups; offered to those who lead.

    The client's own may be done «por cuenta del cliente» by anybody of the firm who knows the matter (§1).
    """
    if not g.actor.groups & {"gerente", "direccion", "admin"}:
        return []
    people = tx.session.scalars(select(Colaborador).where(Colaborador.activo).order_by(Colaborador.nombre))
    wanted = set(task.candidate_groups)
    if "cliente" in wanted:
        return [
            person
            for person in people
            if ausencias.DE_ASUNTOS & set(person.grupos)
            and acceso.puede_ver(tx.session, Actor(person.usuario, frozenset(person.grupos)), task.business_key)
        ]
    return [person for person in people if not wanted or wanted & set(person.grupos)]


def _name(tx: Transaction, usuario: str | None) -> str:
    if not usuario:
        return ""
    person = tx.session.get(Colaborador, usuario)
    return person.nombre if person else usuario


def _after(done: Completed) -> tuple[str, str]:
    """Where to go on (the next user task of the same matter, else the next one that is mine, else the inbox), and a
    sentence for it: who has the matter now, and that what comes on the screen is about another one."""
    following = done.next_task
    if following is not None and following.element_id == done.user_task.element_id:
        # The same again (the next periodic follow-up) is for another day.
        due = _(" (vence %(when)s)", when=words.due(following.due)) if following.due else ""
        return url_for("inbox.index"), _("La siguiente ya está en su bandeja%(due)s.", due=due)
    if following is not None:
        return url_for("user_tasks.show", task_id=following.id), ""
    mine = engine().user_tasks(UserTaskQuery(mine=True), size=1, by=actor()).items
    target = url_for("user_tasks.show", task_id=mine[0].id) if mine else url_for("inbox.index")
    key, sentences = done.user_task.business_key, []
    with reading() as tx:
        for task in tx.user_tasks(UserTaskQuery(business_key=key), size=1).items:
            who = _name(tx, task.assignee) or group_titles(task.candidate_groups)
            sentences.append(_("Sigue «%(task)s»: %(who)s.", task=task.name, who=who))
        if mine and mine[0].business_key != key:
            facts = matter_facts.facts(tx, mine[0].business_key)
            title = facts.title if facts else mine[0].business_key
            sentences.append(_("Lo que ve ahora es de otro asunto: %(title)s.", title=title))
    return target, " ".join(sentences)
