"""Trámites: processes that are no client's matter. Staff start them with a form, and see how theirs go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import SYSTEM, InstanceQuery, ProcessInstance, UserTaskQuery
from engine.errors import NotFound
from tasks import acceso, tramites
from web import filled, process_words, timeline
from web.action_forms import ActionForm, answer
from web.drawing import drawing
from web.people import group_titles
from web.permissions import actor, groups, staff
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("procedures", __name__, url_prefix="/tramites")

_starters = groups(*acceso.PERSONAL)


def init_app(app: Flask) -> None:
    """The menu offers trámites where there are any."""
    app.jinja_env.globals["has_procedures"] = lambda: bool(_startable())


@blueprint.get("")
@staff
def index() -> str:
    """What can be started, and the trámites that one takes part in."""
    with reading() as tx:
        query = InstanceQuery(search=f"{tramites.PREFIJO}-", state=request.args.get("estado") or None)  # type: ignore[arg-type]
        page = tx.instances(query, page=request.args.get("tras"), size=25)
        return render_template(
            "procedures/index.html",
            startable=_startable() if actor().groups & acceso.PERSONAL else [],
            page=page,
            titles=tramites.titulos(tx.session, {one.business_key for one in page.items}),
            open_tasks={one.id: _waiting_for(tx, one) for one in page.items if one.state == "running"},
        )


@blueprint.route("/nuevo/<process_key>", methods=["GET", "POST"])
@_starters
def new(process_key: str) -> Response | str | tuple[str, int]:
    """The form of the start event; what is filled in starts the process."""
    found = next((one for one in _startable() if one["key"] == process_key), None)
    if found is None:
        raise NotFound

    def run(tx: Transaction, values: Any, request_id: str) -> ProcessInstance:
        return tramites.nuevo(tx, process_key, values, request_id)

    def done(started: ProcessInstance) -> str:
        return url_for("procedures.show", key=started.business_key)

    page = ActionForm(
        found["form"],
        found["name"],
        run,
        done,
        submit=_("Iniciar"),
        said=_("Trámite iniciado."),
        context={"lead": found["about"]},
    )
    return answer(page, actor())


@blueprint.get("/<key>")
@staff
def show(key: str) -> str:
    """Where it stands, who has to do what, what was asked, and what has happened."""
    with reading() as tx:
        instance, sections = _instance(tx, key)
        return render_template(
            "procedures/show.html",
            **_head(tx, instance),
            tasks=tx.user_tasks(UserTaskQuery(business_key=key), size=50).items,
            names=timeline.Names(tx.session, None),
            asked=_asked(tx, instance) if "expediente" in sections else [],
            days=timeline.days(tx, key, None, sections, details=False),
        )


@blueprint.get("/<key>/diagrama")
@staff
def diagram(key: str) -> str:
    """The diagram with where it stands; a called process by the query `proceso`."""
    with reading() as tx:
        instance, _sections = _instance(tx, key)
        found = tx.diagram(request.args.get("proceso") or instance.process_key, instance_id=instance.id)
        process = process_words.process(tx, found.process_key, instance.id)

        def link(target: str) -> str:
            return url_for("procedures.diagram", key=key, proceso=target)

        return render_template("procedures/diagram.html", **_head(tx, instance), **drawing(found, process, link))


def _startable() -> list[dict[str, str]]:
    with reading(SYSTEM) as tx:
        return [
            {
                "key": process.id,
                "name": process.name or process.id,
                "about": process_words.plain(process.documentation),
                "form": start.form_id or "",
            }
            for process, start in tramites.iniciables(tx)
        ]


def _instance(tx: Transaction, key: str) -> tuple[ProcessInstance, frozenset[str]]:
    """Raises NotFound for what the person may not know of."""
    sections = acceso.secciones(tx.session, g.actor, key)
    found = tx.instances(InstanceQuery(business_key=key)).items if sections else ()
    if not found or not key.startswith(f"{tramites.PREFIJO}-"):
        raise NotFound
    return found[0], sections


def _head(tx: Transaction, instance: ProcessInstance) -> dict[str, Any]:
    key = instance.business_key
    return {"instance": instance, "key": key, "title": tramites.titulos(tx.session, {key})[key][1]}


def _waiting_for(tx: Transaction, instance: ProcessInstance) -> str:
    """«Aprobar (Gerente)» for the list."""
    tasks = tx.user_tasks(UserTaskQuery(business_key=instance.business_key), size=3).items
    names = timeline.Names(tx.session, None)
    return ", ".join(
        f"{task.name} ({names(task.assignee) if task.assignee else group_titles(task.candidate_groups)})"
        for task in tasks
    )


def _asked(tx: Transaction, instance: ProcessInstance) -> list[tuple[str, str]]:
    """What was filled in at the start, as it stands now: (label, value)."""
    bundle = engine().bundles.get(instance.deployment_id)
    process = bundle.processes[instance.process_key]
    start = next((one for one in process.elements.values() if one.kind == "startEvent" and one.form_id), None)
    form = bundle.forms.get(start.form_id or "") if start else None
    if form is None:
        return []
    values = engine().variables(instance.id, by=SYSTEM)
    labels = filled.labels(form.render(values, {}, now=tx.now))
    return [
        (label, timeline.shown(values[key])) for key, (_anchor, label) in labels.items() if values.get(key) is not None
    ]
