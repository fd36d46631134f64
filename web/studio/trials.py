"""«Probar»: the draft in a throw-away space: begin, begin again with the draft of now, keep the way as a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import escape
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from engine import SYSTEM, Conflict, EngineError, Finding, Invalid, NotFound
from engine.definitions import bundle_id
from engine.errors import DeployRejected
from tasks.registros import Correo, Documento
from web import scenarios
from web.files import FILE_POLICY, INLINE
from web.headers import MAIL_POLICY
from web.ops import words
from web.permissions import actor
from web.runtime import engine, reading, settings
from web.scenarios.format import Step
from web.studio import trial_steps
from web.studio.blueprint import blueprint, chosen_process, modelers
from web.studio.catalogue import processes
from web.studio.draft import NOTHING, Draft
from web.studio.kinds import kind_of, plain
from web.studio.titles import title_of
from web.texts import ZONE, local
from web.trial import told, walk
from web.trial.actions import offered
from web.trial.space import Log, Space, Spaces


def spaces() -> Spaces:
    """The throw-away spaces of this program."""
    known = current_app.extensions
    if "trials" not in known:
        known["trials"] = Spaces(settings().var / "trials")
    found: Spaces = known["trials"]
    return found


@blueprint.get("/probar")
@modelers
def trials() -> str:
    """Begin one, or go on with one of those that are open."""
    return _index({})


@blueprint.post("/probar")
@modelers
def new_trial() -> Answer | str | tuple[str, int]:
    """A space with the draft as it is saved, at its beginning or at the end of a scenario."""
    form = request.form
    if "_pasos" in form:
        return _index({})
    try:
        files = _draft_files()
        starts = words.moment(form.get("starts", ""), "starts")
        how, _colon, rest = form.get("how", "").partition(":")
        values = words.assignments(form.get("variables", "")) if how == "variables" else {}
        told_before = _scenario(files, form) if how == "scenario" else None
        process = told_before.process if told_before else _process_of(how, rest, form, files)
        if told_before is not None and told_before.starts is not None:
            starts = told_before.starts
        space = spaces().new(files, process, starts, actor().id, stops="stops" in form)
    except Invalid as invalid:
        return _index(invalid.fields), 422
    except DeployRejected:
        return _index({}), 422
    except Conflict as full:
        return _index({"": full.message}), 409
    if how == "action":
        return redirect(url_for("studio.trial_action", trial_id=space.id, name=rest))
    try:
        if how == "variables":
            walk.take(space, Step.model_validate({"start": process, "with": told.plain(values)}))
        _walk_all(space, told_before.steps if told_before else [])
    except EngineError as refused:
        flash(refused.message, "bad")
    return redirect(url_for("studio.trial", trial_id=space.id))


def _draft_files() -> dict[str, bytes]:
    with reading() as tx:
        return Draft(tx, chosen_process()).files()


def _process_of(how: str, rest: str, form: Mapping[str, str], files: Mapping[str, bytes]) -> str:
    known = {process.id for process in processes(files) if process.executable}
    actions = offered(processes(files))
    if how == "action" and rest in actions and actions[rest].starts:
        return actions[rest].starts
    if how == "variables" and form.get("process") in known:
        return str(form["process"])
    raise Invalid({"how": _("Elija cómo empieza la prueba.")})


def _scenario(files: Mapping[str, bytes], form: Mapping[str, str]) -> scenarios.Scenario:
    """A scenario of the draft, with its steps up to the one that was asked for. Raises Invalid."""
    path, until = form.get("scenario", ""), form.get("until", "").strip()
    if path not in files or (until and not until.isdecimal()):
        raise Invalid({"scenario": _("Elija un escenario y, si quiere, uno de sus pasos.")})
    if until and form.get("steps_of", path) != path:
        raise Invalid({"until": _("Ese paso era de otro escenario. Elija uno de este.")})
    try:
        found = trial_steps.loaded(files, path)
    except scenarios.ScenarioError as error:
        raise Invalid({"scenario": _("El escenario no se puede leer: %(why)s", why=str(error))}) from None
    if found.process not in {process.id for process in processes(files) if process.executable}:
        raise Invalid({"scenario": _("El borrador no tiene el proceso «%(key)s» de ese escenario.", key=found.process)})
    return found.model_copy(update={"steps": found.steps[: int(until) if until else None]})


def _walk_all(space: Space, steps: list[Step]) -> None:
    """Take these steps as far as they go; what is refused as told is left out."""
    for number, step in enumerate(steps, 1):
        if step.refused is not None:
            continue
        try:
            walk.take(space, step)
        except EngineError as error:
            raise Conflict(_("El paso %(n)s no se pudo dar: %(why)s", n=number, why=error.message)) from None


@blueprint.post("/probar/<trial_id>/repetir")
@modelers
def repeat_trial(trial_id: str) -> Answer:
    """The same way again, in a new space with the draft as it is now."""
    old = spaces().get(trial_id)
    log, files = old.log, _draft_files()
    if log.process not in {process.id for process in processes(files) if process.executable}:
        flash(_("El borrador ya no tiene el proceso de esta prueba."), "bad")
        return redirect(url_for("studio.trial", trial_id=old.id))
    try:
        starts = walk.moment(log.starts)
        space = spaces().new(files, log.process, starts, actor().id, stops=log.stops, instead_of=old.id)
    except DeployRejected:
        flash(_("El borrador tiene errores; corríjalos y repita. La prueba sigue como estaba."), "bad")
        return redirect(url_for("studio.trial", trial_id=old.id))
    try:
        _walk_all(space, [Step.model_validate({**record["step"], "expect": {"waiting": []}}) for record in log.steps])
        flash(_("El mismo camino, con el borrador de ahora."), "good")
    except EngineError as refused:
        flash(refused.message, "bad")
    return redirect(url_for("studio.trial", trial_id=space.id))


@blueprint.post("/probar/<trial_id>/cerrar")
@modelers
def close_trial(trial_id: str) -> Answer:
    spaces().delete(spaces().get(trial_id).id)
    flash(_("La prueba se cerró; no queda nada de ella."), "good")
    return redirect(url_for("studio.trials"))


@blueprint.route("/probar/<trial_id>/guardar", methods=["GET", "POST"])
@modelers
def keep_trial(trial_id: str) -> Answer | str | tuple[str, int]:
    """The way walked as a scenario of the draft: its steps, and what held after each."""
    space = spaces().get(trial_id)
    log, errors = space.log, dict[str, str]()
    asked = {"archivo": request.form.get("archivo", ""), "nombre": request.form.get("nombre", "")}
    asked["descripcion"] = request.form.get("descripcion", "")
    if request.method == "POST":
        try:
            path = _kept(log, asked)
            flash(_("Guardado como «%(path)s». Pruébelo junto con los demás.", path=path), "good")
            return redirect(url_for("studio.suite"))
        except Invalid as invalid:
            errors = invalid.fields
        except Conflict as conflict:
            errors = {"archivo": conflict.message}
    text = told.scenario(log, asked["nombre"] or _("Sin nombre"), asked["descripcion"])
    page = render_template("studio/trial_keep.html", space=space, log=log, text=text, asked=asked, errors=errors)
    return (page, 422) if errors else page


def _kept(log: Log, asked: Mapping[str, str]) -> str:
    """Write it into the draft; answers its path."""
    name, title = asked["archivo"].strip().removesuffix(".yaml"), asked["nombre"].strip()
    errors = {}
    if not title:
        errors["nombre"] = _("Diga qué caso es, por ejemplo «El gerente rechaza el gasto».")
    if not log.steps:
        errors[""] = _("Todavía no hay ningún paso que guardar.")
    if errors:
        raise Invalid(errors)
    path = f"scenarios/{name or plain(f'{title}.yaml').removesuffix('.yaml').lower()}.yaml"
    try:
        kind_of(path)
    except Invalid as invalid:
        raise Invalid({"archivo": invalid.message}) from None
    with engine().transaction(actor()) as tx:
        Draft(tx).save(path, told.scenario(log, title, asked["descripcion"].strip()).encode(), NOTHING)
    return path


@blueprint.get("/probar/<trial_id>/correos/<mail_id>")
@modelers
def trial_mail(trial_id: str, mail_id: str) -> Response:
    """A mail of the space, as its receiver would see it."""
    with spaces().get(trial_id).engine.reading(SYSTEM) as tx:
        mail = tx.session.get(Correo, mail_id)
        if mail is None:
            raise NotFound
        text = mail.html or f"<pre>{escape(mail.error or mail.texto or '')}</pre>"
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@blueprint.get("/probar/<trial_id>/documentos/<document_id>")
@modelers
def trial_document(trial_id: str, document_id: str) -> Response:
    """A document that the process made in the space."""
    space = spaces().get(trial_id)
    with space.engine.reading(SYSTEM) as tx:
        found = tx.session.scalar(select(Documento).where(Documento.id == document_id))
        if found is None or not found.sha256:
            raise NotFound
        media_type = found.tipo or "application/pdf"
        response = Response(space.engine.files.read(found.sha256), mimetype=media_type)
    response.headers["Content-Disposition"] = "inline" if media_type in INLINE else "attachment"
    pdf = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
    response.headers["Content-Security-Policy"] = pdf if media_type == "application/pdf" else FILE_POLICY
    return response


def draft_id() -> str:
    """Id of the draft's deployable files now."""
    with reading() as tx:
        return bundle_id(Draft(tx, chosen_process()).resources())


def _index(errors: dict[str, str]) -> str:
    with reading() as tx:
        draft = Draft(tx, chosen_process())
        files, paths = draft.files(), draft.scenarios()
        found: list[Finding] = tx.check(draft.resources())
        now = bundle_id(draft.resources())
        wrong = {one.resource for one in found if one.severity == "error"}
        runs = {one.resource for one in processes(files) if one.executable}
        others = [] if draft.process else draft.workspaces.by_key.values()
        sound = [one for one in others if one.paths & runs and not one.paths & wrong]
        suggested = _morning(tx.now)
    runnable = [one for one in processes(files) if one.executable and one.resource not in draft.foreign]
    asked = request.form if request.method == "POST" else _preset(suggested, files, paths)
    chosen = asked["scenario"] if asked.get("scenario") in paths else next(iter(paths), "")
    return render_template(
        "studio/trials.html",
        steps=trial_steps.named(files, chosen) if chosen else [],
        steps_of=chosen,
        errors=errors,
        findings=[one for one in found if one.severity == "error"],
        sound=sound,
        processes=runnable,
        actions={name: one for name, one in offered(runnable).items() if one.starts},
        scenarios=[(path, title_of(path, files[path])) for path in paths],
        open=[(space, space.log, datetime.fromtimestamp(space.used, ZONE)) for space in spaces().all()],
        draft=now,
        asked=asked,
    )


def _preset(suggested: datetime, files: Mapping[str, bytes], scenarios: Sequence[str]) -> dict[str, Any]:
    """What the form says at first; a link from elsewhere may name a process, a scenario, or the file that was edited:
    then a scenario is chosen that leads there."""
    found = {"starts": suggested.strftime("%Y-%m-%dT%H:%M"), "how": "", "until": request.args.get("paso", "")}
    found |= {"process": request.args.get("proceso", ""), "scenario": request.args.get("escenario", "")}
    if led := trial_steps.before(files, request.args.get("desde", ""), scenarios):
        found |= {"scenario": led[0], "until": str(led[1])}
    if found["scenario"]:
        found["how"] = "scenario"
    elif found["process"]:
        found["how"] = "variables"
    return found


def _morning(now: datetime) -> datetime:
    """Nine o'clock of the next weekday: an hour at which things happen."""
    day = local(now) + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.replace(hour=9, minute=0, second=0, microsecond=0)
