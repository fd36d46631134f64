"""The page with a file's editor, and what the editor asks the server: save, compare, findings."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _

import tasks
from engine.errors import Conflict, Invalid
from engine.handler import FeelFunction
from engine.values import Finding
from tasks import ajustes
from web.people import name_of
from web.permissions import actor
from web.runtime import engine, reading
from web.studio import letters, scenario_findings
from web.studio.blueprint import allow_style_attributes, blueprint, chosen_process, modelers
from web.studio.catalogue import catalogue, decision_variables, feel, form_titles
from web.studio.compare import waiting
from web.studio.compare_late import changed_parts
from web.studio.compare_lines import changed_lines
from web.studio.draft import Draft
from web.studio.forms import uses
from web.studio.kinds import MAX_BYTES, Kind, kind_of
from web.studio.merge_fields import merge_fields
from web.studio.references import gone
from web.studio.titles import title_of
from web.studio.workspace import require_file
from web.texts import momento

BUNDLES = {"bpmn": "modeler", "dmn": "decisions", "form": "forms"}
"""Kind → page of `web/frontend/pages`; the others are edited as text."""


@blueprint.get("/archivo/<path:path>")
@modelers
def edit(path: str) -> str:
    """The editor for this kind of file."""
    with reading() as tx:
        draft = Draft(tx)
        data, kind = require_file(draft, path), kind_of(path)
        files = draft.files()
        context = {
            "path": path,
            "kind": kind,
            "item": draft.item(path),
            "title": form_titles(files).get(path) or title_of(path, data),
            "uses": uses(path, files) if kind.code == "form" else None,
            "trial_preset": {"escenario" if kind.code == "scenario" else "desde": path},
        }
        content = _as_text(data)
        if kind.code in ("mail", "document"):
            shown = content is not None and not path.partition("/")[2].startswith("_")
            context["preview"] = shown
            context["fields"] = merge_fields(path, data)
        extra = _extra(kind, path, files)
        fields = context.get("fields", [])
        given = {**_file_data(path, content, draft.revision(path)), "fields": fields, **extra}
    allow_style_attributes()
    page = BUNDLES.get(kind.code, "letters")
    return render_template(f"studio/{page}.html", data=given, page=page, readable=content is not None, **context)


def _file_data(path: str, content: str | None, revision: str) -> dict[str, Any]:
    """What every editor's script gets as JSON."""
    return {
        "path": path,
        "content": content or "",
        "revision": revision,
        "urls": {
            "save": url_for("studio.save", path=path),
            "compare": url_for("studio.compare", path=path),
            "findings": url_for("studio.findings", path=path),
            "open": url_for("studio.edit", path="", espacio=None),
            "analysis": url_for("studio.analysis", path=path),
            "preview": url_for("studio.form_preview", path=path),
            "new": url_for("studio.new"),
            "try": url_for("studio.try_decision", path=path),
        },
    }


def _extra(kind: Kind, path: str, files: dict[str, bytes]) -> dict[str, Any]:
    """What only the editor of this kind needs."""
    functions = [item for item in tasks.HANDLERS if isinstance(item, FeelFunction)]
    if kind.code == "bpmn":
        return catalogue(engine(), functions, files, path)
    if kind.code == "dmn":
        return {**feel(functions), "variables": decision_variables(engine(), files, path)}
    return feel(functions) if kind.code == "form" else {}


def _as_text(data: bytes) -> str | None:
    """None for a picture."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


@blueprint.put("/archivo/<path:path>")
@modelers
def save(path: str) -> tuple[Response, int]:
    """Save what the editor holds, seen with the revision of the header If-Match; 409 when somebody was faster."""
    data = request.get_data()
    try:
        with engine().transaction(actor()) as tx:
            revision = Draft(tx).save(path, data, request.headers.get("If-Match", ""))
            when = momento(tx.now)
    except Invalid as invalid:
        return jsonify(message=invalid.message), 422
    except Conflict as conflict:
        who, when = conflict.details.get("who"), conflict.details.get("when")
        sentence = conflict.message
        if who == actor().id:
            sentence = _("Usted guardó este archivo en otra ventana, %(when)s.", when=momento(when))
        elif who:
            sentence += _(" La última versión es de %(who)s, %(when)s.", who=name_of(str(who)), when=momento(when))
        return jsonify(message=sentence), 409
    return jsonify(revision=revision, when=when), 200


@blueprint.post("/comparar/<path:path>")
@modelers
def compare(path: str) -> Response:
    """The file as it is saved against what this person holds, by its elements, rules or fields and line by line, with
    the revision to save over it."""
    mine = request.get_data().decode("utf-8", "replace")
    with reading() as tx:
        draft = Draft(tx)
        saved = draft.files().get(path, b"").decode("utf-8", "replace")
        revision = draft.revision(path)
    elements = changed_parts(path, saved.encode(), mine.encode())
    return jsonify(elements=elements, lines=changed_lines(saved, mine), revision=revision, content=saved)


@blueprint.post("/hallazgos/<path:path>")
@modelers
def findings(path: str) -> Response | tuple[Response, int]:
    """Everything that the checks of a publication say about the draft with this file as the editor holds it, unsaved.

    The body is the file's content.
    """
    content = request.get_data()
    try:
        kind_of(path)
        if len(content) > MAX_BYTES:
            raise Invalid({"archivo": _("El archivo pasa de 2 MB.")})
    except Invalid as invalid:
        return jsonify(message=invalid.message), 422
    with reading() as tx:
        draft = Draft(tx, chosen_process())
        resources, published, files = draft.resources(), draft.published, draft.files()
        if not path.startswith("scenarios/"):
            resources[path] = content
        found = tx.check(resources)
        firm, now = ajustes.despacho(tx.session), tx.now
    if path.startswith("scenarios/"):
        found += scenario_findings.problems(path, content, files)
    found += letters.problems(resources, [path], firm, now, published=published)
    if path.startswith("bpmn/"):
        found += gone(path, published.get(path), content, files, waiting)
    return jsonify(findings=[finding_data(one) for one in found])


def finding_data(finding: Finding) -> dict[str, Any]:
    """One finding for a script."""
    return {
        "path": finding.resource,
        "element": finding.element_id,
        "rule": finding.rule,
        "message": finding.message,
        "remedy": finding.remedy,
        "severity": finding.severity,
        "field": finding.field,
    }
