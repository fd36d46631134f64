"""Matters: the list, and the page of one with what happens now, what comes next, and everything on file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.values import InstanceQuery, ProcessInstance, UserTask, UserTaskQuery
from tasks import acceso, expediente
from tasks.registros import (
    Asunto,
    Avance,
    Correo,
    Documento,
    Factura,
    Oportunidad,
    Plazo,
    Propuesta,
    Prospecto,
    Reunion,
)
from web import labels, matter_facts, process_words, timeline
from web.drawing import drawing
from web.files import send
from web.permissions import staff
from web.runtime import reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("matters", __name__, url_prefix="/asuntos")

MAIN = "p00_procedimiento_legal"
TABS = {
    "show": (_l("Resumen"), None),
    "history": (_l("Historia"), "proceso"),
    "diagram": (_l("Diagrama"), "proceso"),
    "documents": (_l("Documentos"), "documentos"),
    "money": (_l("Dinero"), "dinero"),
    "deadlines": (_l("Plazos y reuniones"), "plazos"),
    "mails": (_l("Correos"), "correos"),
}
"""Endpoint → (title, section of `tasks.acceso.secciones` that one must be allowed to read)."""


@blueprint.get("/<key>")
@staff
def show(key: str) -> str:
    """In words: where it stands, who has to do what, what comes after that."""
    with reading() as tx:
        page = _head(tx, key)
        prospecto, asunto = page["facts"].prospecto, page["facts"].asunto
        tasks = tx.user_tasks(UserTaskQuery(business_key=key), size=50).items
        instance = _main(tx, key)
        latest = select(Propuesta).where(Propuesta.prospecto_id == prospecto.id).order_by(Propuesta.version.desc())
        return render_template(
            "matters/show.html",
            **page,
            tasks=tasks,
            names=timeline.Names(tx.session, page["facts"]),
            following=_following(tx, tasks),
            instance=instance,
            stages=_stages(tx, instance) if "proceso" in page["sections"] else [],
            proposal=tx.session.scalar(latest.limit(1)) if "expediente" in page["sections"] else None,
            progress=_progress(tx, asunto) if "avances" in page["sections"] else [],
            opportunities=_of(tx, Oportunidad, prospecto) if "oportunidades" in page["sections"] else [],
        )


@blueprint.get("/<key>/historia")
@staff
def history(key: str) -> str:
    with reading() as tx:
        page = _head(tx, key)
        details = request.args.get("detalle") == "si"
        days = timeline.days(tx, key, page["facts"], page["sections"], details=details)
        return render_template("matters/history.html", **page, days=days, details=details)


@blueprint.get("/<key>/diagrama")
@blueprint.get("/<key>/diagrama/<process_key>")
@staff
def diagram(key: str, process_key: str | None = None) -> str:
    """The diagram that the matter runs, with its tokens; `instancia` for one of those below it."""
    with reading() as tx:
        page = _head(tx, key)
        instances = _instances(tx, key)
        wanted = request.args.get("instancia")
        instance = next((one for one in instances if one.id == wanted), None) or _main(tx, key)
        if instance is None:
            raise NotFound
        found = tx.diagram(process_key or instance.process_key, instance_id=instance.id)
        process = process_words.process(tx, found.process_key, instance.id)
        main = tx.diagram(instance.process_key, instance_id=instance.id)
        return render_template(
            "matters/diagram.html",
            **page,
            main=main,
            process=process,
            instance=instance,
            instances=instances,
            names={one.id: _process_name(tx, one) for one in instances},
            **drawing(
                found,
                process,
                lambda target: url_for("matters.diagram", key=key, process_key=target, instancia=instance.id),
            ),
        )


@blueprint.get("/<key>/documentos")
@staff
def documents(key: str) -> str:
    with reading() as tx:
        page = _head(tx, key)
        found = _of(tx, Documento, page["facts"].prospecto)
        return render_template("matters/documents.html", **page, documents=found)


@blueprint.get("/<key>/documentos/<document_id>")
@staff
def document(key: str, document_id: str) -> Response:
    """The file itself."""
    with reading() as tx:
        page = _head(tx, key)
        found = tx.session.get(Documento, document_id)
        if found is None or found.prospecto_id != page["facts"].prospecto.id or not found.sha256:
            raise NotFound
    return send(found.sha256, found.nombre or found.rubro, found.tipo or "application/pdf")


@blueprint.get("/<key>/dinero")
@staff
def money(key: str) -> str:
    with reading() as tx:
        page = _head(tx, key)
        invoices = _of(tx, Factura, page["facts"].prospecto)
        for invoice in invoices:
            _ = invoice.pagos  # read while the transaction is open
        return render_template("matters/money.html", **page, invoices=invoices)


@blueprint.get("/<key>/plazos")
@staff
def deadlines(key: str) -> str:
    with reading() as tx:
        page = _head(tx, key)
        prospecto = page["facts"].prospecto
        return render_template(
            "matters/deadlines.html",
            **page,
            deadlines=sorted(_of(tx, Plazo, prospecto), key=lambda plazo: plazo.vence),
            meetings=_of(tx, Reunion, prospecto),
        )


@blueprint.get("/<key>/correos")
@staff
def mails(key: str) -> str:
    with reading() as tx:
        page = _head(tx, key)
        below = Correo.business_key.startswith(key + "/", autoescape=True)
        query = select(Correo).where(or_(Correo.business_key == key, below)).order_by(Correo.id.desc()).limit(200)
        return render_template("matters/mails.html", **page, mails=tx.session.scalars(query).all())


@blueprint.get("/<key>/<path:below>")
@staff
def part(key: str, below: str) -> Response:
    """A key below the matter (an invoice, a cancellation) leads to the matter."""
    return redirect(url_for("matters.show", key=key))


def _head(tx: Transaction, key: str) -> dict[str, Any]:
    """What the head of every page of a matter needs. Raises NotFound for what the person may not know of."""
    sections = acceso.secciones(tx.session, g.actor, key)
    facts = matter_facts.facts(tx, key)
    if facts is None or not sections or key != expediente.raiz(key):
        raise NotFound
    if "contacto" not in sections:
        # Who repairs processes need not know whose they are (secreto profesional).
        facts = replace(facts, client=facts.folio, title=facts.folio, email="", phone="", description="")
    endpoint = (request.endpoint or "").partition(".")[2]
    tab = "documents" if endpoint == "document" else endpoint
    needed = TABS[tab][1]
    if needed and needed not in sections:
        raise NotFound
    tabs = {name: title for name, (title, section) in TABS.items() if section is None or section in sections}
    return {"facts": facts, "sections": sections, "key": key, "tabs": tabs, "tab": tab, **labels.all_of_them()}


def _instances(tx: Transaction, key: str) -> list[ProcessInstance]:
    """The matter's own instance first, then those below it (payments of an invoice, cancellations)."""
    found = [*tx.instances(InstanceQuery(business_key=key)).items]
    found += tx.instances(InstanceQuery(search=key + "/"), size=100).items
    return found


def _main(tx: Transaction, key: str) -> ProcessInstance | None:
    found = tx.instances(InstanceQuery(business_key=key)).items
    return next((one for one in found if one.process_key == MAIN), found[0] if found else None)


def _process_name(tx: Transaction, instance: ProcessInstance) -> str:
    process = process_words.process(tx, instance.process_key, instance.id)
    return process.name if process and process.name else instance.process_key


def _stages(tx: Transaction, instance: ProcessInstance | None) -> list[tuple[str, str]]:
    """(name, state) of the twelve boxes: `done`, `now` or nothing yet."""
    if instance is None or instance.process_key != MAIN:
        return []
    found = tx.diagram(MAIN, instance_id=instance.id)
    process = process_words.process(tx, MAIN, instance.id)
    here = {token.element_id for token in found.tokens if token.process_key == MAIN}
    if process is None:
        return []
    boxes = sorted((e for e in process.elements.values() if e.kind == "callActivity"), key=lambda e: e.id)
    return [(box.name, "now" if box.id in here else "done" if found.completed.get(box.id) else "") for box in boxes]


def _following(tx: Transaction, tasks: tuple[UserTask, ...]) -> dict[str, list[process_words.Step]]:
    """User task → what may come after it."""
    found = {}
    for task in tasks:
        process = process_words.process(tx, task.process_key, task.instance_id)
        if process and task.element_id in process.elements:
            found[task.id] = process_words.following(process, process.elements[task.element_id])
    return found


def _progress(tx: Transaction, asunto: Asunto | None) -> list[Avance]:
    if asunto is None:
        return []
    query = select(Avance).where(Avance.asunto_id == asunto.id).order_by(Avance.fecha.desc(), Avance.id.desc())
    return list(tx.session.scalars(query.limit(20)))


def _of(tx: Transaction, kind: Any, prospecto: Prospecto) -> list[Any]:
    """All records of this kind that belong to the matter, the latest first."""
    return list(tx.session.scalars(select(kind).where(kind.prospecto_id == prospecto.id).order_by(kind.id.desc())))
