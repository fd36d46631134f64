"""The workspace: the tree of the draft's files; new, rename, delete, undo, export."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from engine.errors import Conflict, Invalid, NotFound
from web.permissions import actor
from web.runtime import engine, reading
from web.studio import process_templates
from web.studio.blueprint import blueprint, chosen_process, modelers
from web.studio.catalogue import form_titles
from web.studio.draft import NOTHING, Draft, Item
from web.studio.kinds import KINDS, Kind, kind_of
from web.studio.titles import title_of
from web.studio.workspaces import Workspaces


@blueprint.get("")
@modelers
def index() -> str:
    """Everything that the process is made of, with what has been changed."""
    return page({})


@blueprint.post("/nuevo")
@modelers
def new() -> Answer | tuple[str, int]:
    """A new file from a small template, opened in its editor."""
    kind = KINDS.get(request.form.get("tipo", ""))
    name = request.form.get("nombre", "").strip()
    try:
        if kind is None:
            raise Invalid({"tipo": _("Elija qué quiere crear.")})
        path = f"{kind.folder}/{_with_ending(name, kind)}"
        kind_of(path)
        with engine().transaction(actor()) as tx:
            Draft(tx).save(path, kind.new(path.partition("/")[2]).encode(), NOTHING)
    except Invalid as invalid:
        return page(invalid.fields), 422
    except Conflict as conflict:
        return page({"nombre": conflict.message}), 409
    return redirect(url_for("studio.edit", path=path))


@blueprint.post("/proceso-nuevo")
@modelers
def new_process() -> Answer | tuple[str, int]:
    """A process of its own, opened in the editor of its diagram."""
    title, template = " ".join(request.form.get("titulo", "").split()), request.form.get("plantilla", "")
    try:
        id = process_templates.id_of(title)
        files = process_templates.from_template(template, id, title) if template else process_templates.empty(id, title)
        with engine().transaction(actor()) as tx:
            draft = Draft(tx)
            known = draft.files()
            for path, data in files.items():
                # What all mails share is the firm's own, where it has one.
                if not (path in known and path.partition("/")[2].startswith("_")):
                    draft.save(path, data, NOTHING)
    except Invalid as invalid:
        return page(invalid.fields), 422
    except Conflict:
        return page({"titulo": _("Ya hay un proceso con ese nombre.")}), 409
    flash(
        _(
            "«%(title)s» está en el borrador. Cámbielo, revíselo y publíquelo; después se inicia desde Trámites.",
            title=title,
        ),
        "good",
    )
    return redirect(url_for("studio.edit", path=f"bpmn/{id}.bpmn", espacio=id))


@blueprint.get("/archivo/<path:path>/opciones")
@modelers
def options(path: str) -> str:
    """Rename, delete, undo: each says what it does before it is done."""
    with reading() as tx:
        draft = Draft(tx)
        return _options_page(draft, path, {})


@blueprint.post("/archivo/<path:path>/nombre")
@modelers
def rename(path: str) -> Answer | tuple[str, int]:
    kind = kind_of(path)
    new_path = f"{kind.folder}/{_with_ending(request.form.get('nombre', '').strip(), kind)}"
    try:
        with engine().transaction(actor()) as tx:
            Draft(tx).rename(path, new_path, request.form.get("revision", ""))
    except (Invalid, Conflict) as refused:
        with reading() as tx:
            return _options_page(Draft(tx), path, {"nombre": refused.message}), refused.status
    flash(_("El archivo se llama ahora %(path)s.", path=new_path), "good")
    return redirect(url_for("studio.edit", path=new_path))


@blueprint.post("/archivo/<path:path>/borrar")
@modelers
def delete(path: str) -> Answer | tuple[str, int]:
    try:
        with engine().transaction(actor()) as tx:
            Draft(tx).delete(path, request.form.get("revision", ""))
    except Conflict as refused:
        return _refused_page(path, refused)
    flash(_("«%(path)s» ya no está en el borrador. Lo publicado no cambia hasta que se publique.", path=path), "good")
    return redirect(url_for("studio.index"))


@blueprint.post("/archivo/<path:path>/deshacer")
@modelers
def undo(path: str) -> Answer | tuple[str, int]:
    try:
        with engine().transaction(actor()) as tx:
            Draft(tx).undo(path, request.form.get("revision", ""))
    except Conflict as refused:
        return _refused_page(path, refused)
    flash(_("«%(path)s» está otra vez como se publicó.", path=path), "good")
    return redirect(url_for("studio.index"))


def _refused_page(path: str, refused: Conflict) -> tuple[str, int]:
    """What can be done with the file as it stands now, and a way to see what it has become."""
    with reading() as tx:
        return _options_page(Draft(tx), path, {"": refused.message}), refused.status


@blueprint.get("/exportar.zip")
@modelers
def export() -> Response:
    """The draft as a folder of files, as `cauce deploy` reads it; of a workspace, what that process needs."""
    with reading() as tx:
        draft = Draft(tx, chosen_process())
        files = {path: data for path, data in draft.files().items() if path not in draft.foreign}
    return archive(files, f"{draft.process or 'proceso'}.zip")


def archive(files: Mapping[str, bytes], name: str) -> Response:
    """Files as a ZIP to be downloaded."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for path, data in files.items():
            written.writestr(path, data)
    return _download(packed.getvalue(), name, "application/zip")


@blueprint.get("/archivo/<path:path>/descargar")
@modelers
def download(path: str) -> Response:
    with reading() as tx:
        return _download(Draft(tx).read(path), path.rpartition("/")[2], "application/octet-stream")


def _download(data: bytes, name: str, media_type: str) -> Response:
    response = Response(data, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _with_ending(name: str, kind: Kind) -> str:
    return name if name.lower().endswith(kind.endings) else name + kind.endings[0]


def _options_page(draft: Draft, path: str, errors: dict[str, str]) -> str:
    item = draft.item(path)
    if item.state == "removed":
        revision, name = "", path.partition("/")[2]
    else:
        revision, name = draft.revision(path), request.form.get("nombre") or path.partition("/")[2]
    return render_template(
        "studio/options.html", item=item, kind=kind_of(path), revision=revision, name=name, errors=errors
    )


def page(errors: dict[str, str]) -> str:
    """The tree, with what was wrong in one of its forms."""
    with reading() as tx:
        draft = Draft(tx, chosen_process())
        files, items, spaces = draft.files(), draft.items(), draft.workspaces
        changed = [item for item in items if item.state != "same" and not item.path.startswith("scenarios/")]
        space = spaces.by_key.get(draft.process or "")
        used = items if space is None else [item for item in items if item.path in space.paths]
        rest = [item for item in items if item not in used]
        return render_template(
            "studio/index.html",
            space=space,
            spaces=[(one, [item for item in changed if item.path in one.paths]) for one in spaces.by_key.values()],
            kinds=[(kind, _rows(kind, used, files, spaces)) for kind in KINDS.values()],
            rest=[row for kind in KINDS.values() for row in _rows(kind, rest, files, spaces)],
            all_kinds=KINDS,
            changed=changed,
            errors=errors,
            templates=process_templates.templates(),
            asked={"tipo": request.form.get("tipo", "bpmn"), "nombre": request.form.get("nombre", "")},
            titled={"titulo": request.form.get("titulo", ""), "plantilla": request.form.get("plantilla", "")},
        )


def _rows(kind: Kind, items: list[Item], files: dict[str, bytes], spaces: Workspaces) -> list[dict[str, Any]]:
    titles = form_titles(files) if kind.code == "form" else {}
    return [
        {
            "item": item,
            "title": titles.get(item.path) or title_of(item.path, files.get(item.path)),
            "name": item.path.partition("/")[2],
            "users": [one.title for one in spaces.users(item.path)],
        }
        for item in items
        if item.path.startswith(f"{kind.folder}/")
    ]


def require_file(draft: Draft, path: str) -> bytes:
    """The content of a file that an editor opens. Raises NotFound."""
    try:
        kind_of(path)
    except Invalid:
        raise NotFound from None
    return draft.read(path)
