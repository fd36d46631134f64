"""All scenarios of the draft: pass or fail with the step and the difference, and what they cover of each diagram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine.definitions import Process
from engine.errors import NotFound
from web import process_words
from web.permissions import actor
from web.runtime import reading
from web.studio import new_steps, outcomes, suite_run
from web.studio.blueprint import blueprint, chosen_process, modelers
from web.studio.catalogue import processes
from web.studio.draft import Draft
from web.studio.titles import title_of

if TYPE_CHECKING:
    from engine.transaction import Transaction


def _draft(tx: Transaction) -> Draft:
    return Draft(tx, chosen_process())


def shown(draft: Draft) -> dict[str, Any]:
    """For a page: each scenario of the workspace with how it went on the draft of now, and what they cover."""
    files, run = draft.files(), suite_run.current()
    found, stands = outcomes.known(files), outcomes.standing(files, draft.foreign)
    own = [process for process in processes(files) if process.executable and process.resource not in draft.foreign]
    return {
        "rows": [(path, title_of(path, files[path]), found.get(path)) for path in draft.scenarios()],
        "standing": stands,
        "run": run if run is not None and run.running else None,
        "ended": run if run is not None and not run.running else None,
        "coverage": [_row(process, stands) for process in own],
        "titles": _titles(files),
        "news": new_steps.news(files, {path: found[path] for path in draft.scenarios() if path in found}),
    }


def _titles(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: title_of(path, data) for path, data in files.items() if path.startswith("scenarios/")}


@blueprint.get("/escenarios")
@modelers
def suite() -> str:
    """Every scenario with how it went on the draft as it is now, and the coverage of all of them."""
    with reading() as tx:
        context = shown(_draft(tx))
    return render_template("studio/suite.html", people=new_steps.people(), **context)


def _row(process: Process, stands: outcomes.Standing) -> dict[str, Any]:
    never = stands.never.get(process.id, frozenset())
    return {"process": process, "flows": len(process.flows), "never": len(never)}


@blueprint.post("/escenarios/correr")
@modelers
def run_suite() -> Answer:
    """Play all of them, or those that have no outcome yet, or one."""
    with reading() as tx:
        draft = _draft(tx)
        files, paths = draft.files(), draft.scenarios()
    known, asked = outcomes.known(files), request.form.get("cuales", "")
    if asked == "faltan":
        paths = [path for path in paths if path not in known]
    elif asked:
        paths = [path for path in paths if path == asked]
    if paths and not suite_run.begin(files, paths, actor().id):
        flash(_("Ya se están corriendo escenarios. Espere a que terminen, o deténgalos."), "warn")
    return redirect(_back())


def _back() -> str:
    """The page on which the button was."""
    return url_for("studio.publish_page" if request.form.get("desde") == "publicar" else "studio.suite", _anchor="e-t")


@blueprint.post("/escenarios/detener")
@modelers
def stop_suite() -> Answer:
    run = suite_run.current()
    if run is not None and run.running:
        run.cancel()
        run.wait(5)
        flash(_("Se detuvo. Lo que ya se corrió queda."), "good")
    return redirect(_back())


@blueprint.get("/escenarios/avance")
@modelers
def suite_progress() -> Answer | str:
    """How far the run is, for the part of the page that asks every second."""
    run = suite_run.current()
    if run is None or not run.running:
        response = make_response("")
        response.headers["HX-Refresh"] = "true"
        return response
    with reading() as tx:
        titles = _titles(Draft(tx).files())
    return render_template("studio/suite_progress.html", run=run, titles=titles)


@blueprint.get("/escenarios/cobertura/<process_key>")
@modelers
def coverage(process_key: str) -> str:
    """One diagram with the sequence flows that no scenario takes."""
    with reading() as tx:
        draft = _draft(tx)
        files, paths = draft.files(), draft.scenarios()
    known = {process.id: process for process in processes(files)}
    process = known.get(process_key)
    if process is None:
        raise NotFound
    played = outcomes.known(files)
    counts: dict[str, int] = {}
    for outcome in played.values():
        for key, flow in outcome.taken:
            if key == process_key:
                counts[flow] = counts.get(flow, 0) + 1
    excused = {name for outcome in played.values() for name in outcome.excused}
    never = {flow: f"{process_key}.{flow}" in excused for flow in process.flows if flow not in counts}
    called = {
        element.id: url_for("studio.coverage", process_key=element.called_process)
        for element in process.elements.values()
        if element.called_process in known
    }
    return render_template(
        "studio/suite_coverage.html",
        process=process,
        flows=[
            (flow, process_words.name_of(process, flow.source), process_words.name_of(process, flow.target))
            for flow in sorted(process.flows.values(), key=lambda flow: (flow.id not in never, never.get(flow.id)))
        ],
        counts=counts,
        never=never,
        missing=[path for path in paths if path not in played],
        data={
            "xml": files[process.resource].decode("utf-8", "replace"),
            "tokens": {},
            "taken": counts,
            "completed": {},
            "incidents": [],
            "called": called,
            "marks": {flow: "never-taken excused" if known else "never-taken" for flow, known in never.items()},
            "words": {"here": "", "incident": "", "open": _("Abrir el diagrama"), "act": ""},
        },
    )
