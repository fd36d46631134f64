"""Files that an analyst brings along, one by one or as a ZIP: each to its folder, under a name that files here have."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer

from engine.errors import Invalid
from web.people import name_of
from web.permissions import actor
from web.runtime import engine
from web.studio.blueprint import blueprint, chosen_process, modelers
from web.studio.draft import Draft
from web.studio.kinds import KINDS, MAX_BYTES, kind_of, path_for, plain
from web.studio.workspace import page
from web.texts import momento

MOST_FILES = 300
MOST_BYTES = 30 * 1024 * 1024
_FOLDERS = {kind.folder for kind in KINDS.values()}


@dataclass(slots=True)
class Brought:
    """What was brought along."""

    files: dict[str, bytes] = field(default_factory=dict)
    """Path in the draft → content."""
    left_out: list[str] = field(default_factory=list)
    """Files of a ZIP that are no part of a process: a README, say."""
    size: int = 0

    def add(self, name: str, path: str, content: bytes) -> None:
        """Raises Invalid."""
        if len(content) > MAX_BYTES:
            raise _refused(_("«%(name)s» pasa de 2 MB.", name=name))
        if path in self.files:
            raise _refused(_("Vienen dos archivos que se llamarían %(path)s.", path=path))
        self.files[path] = content
        self.size += len(content)
        if len(self.files) > MOST_FILES or self.size > MOST_BYTES:
            raise _refused(_("Son demasiados archivos para una sola vez: a lo más 300, y 30 MB."))


@blueprint.post("/importar")
@modelers
def import_files() -> Answer | tuple[str, int]:
    """Files from this machine. Those that are there stay, unless asked for; what others changed, unless asked again."""
    try:
        brought = read(request.files.getlist("archivos"))
        if not brought.files:
            raise _refused(
                _("Nada de esto es de un proceso: %(names)s.", names=_listed(brought.left_out))
                if brought.left_out
                else _("Elija uno o varios archivos.")
            )
        with engine().transaction(actor()) as tx:
            draft = Draft(tx)
            _refuse_to_replace(draft, brought.files)
            for path, data in brought.files.items():
                draft.save(path, data, draft.revision(path))
            apart = _apart(draft, list(brought.files))
    except Invalid as invalid:
        return page(invalid.fields), 422
    paths = list(brought.files)
    if len(paths) == 1:
        flash(_("Se importó %(path)s.", path=paths[0]), "good")
    else:
        flash(ngettext("Se importó %(num)d archivo.", "Se importaron %(num)d archivos.", len(paths)), "good")
    if brought.left_out:
        flash(_("No son de un proceso y se quedaron fuera: %(names)s.", names=_listed(brought.left_out)), "")
    if apart is not None:
        flash(_("Es un proceso aparte: se cambia, se prueba y se publica en su propio espacio de trabajo, éste."), "")
        return redirect(url_for("studio.edit", path=paths[0], espacio=apart))
    if len(paths) == 1:
        return redirect(url_for("studio.edit", path=paths[0]))
    return redirect(url_for("studio.index"))


def _apart(draft: Draft, paths: list[str]) -> str | None:
    """Key of the workspace of the one file that was brought, where it is not that of the page."""
    users = [one.key for one in draft.workspaces.users(paths[0])]
    here = chosen_process()
    return users[0] if here and len(paths) == 1 and users and here not in users else None


def read(uploads: Iterable[FileStorage]) -> Brought:
    """Everything that was sent. Raises Invalid, with the reason."""
    brought = Brought()
    for upload in uploads:
        name = (upload.filename or "").replace("\\", "/").rpartition("/")[2].strip()
        if not name:
            continue
        data = upload.read()
        if name.lower().endswith(".zip"):
            for inside, content in _unpacked(data):
                _bring_from_zip(brought, inside, content)
        else:
            brought.add(name, path_for(plain(name), name), data)
    return brought


def _bring_from_zip(brought: Brought, name: str, content: bytes) -> None:
    """To the place below the process folder, wherever in the archive that folder lies; else by the ending."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts:
        raise _refused(_("El ZIP quiere escribir fuera de su carpeta: «%(name)s».", name=name[:100]))
    if parts[-1].startswith(".") or "__MACOSX" in parts or ".git" in parts:
        return
    at = next((place for place, part in enumerate(parts[:-1]) if part in _FOLDERS), None)
    if at is None:
        try:
            path = path_for(plain(parts[-1]), parts[-1])
        except Invalid:
            brought.left_out.append(name)
            return
    else:
        path = "/".join((parts[at], *(re.sub(r"\W+", "_", part, flags=re.ASCII) for part in parts[at + 1 : -1])))
        path += "/" + plain(parts[-1])
        try:
            kind_of(path)
        except Invalid:
            brought.left_out.append(name)
            return
    brought.add(name, path, content)


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        # What the archive says of its sizes is checked before anything is unpacked, and again while it is.
        if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise _refused(_("El ZIP es demasiado grande: a lo más 300 archivos, y 30 MB."))
        for entry in entries:
            with archive.open(entry) as stream:
                content = stream.read(entry.file_size + 1)
            if len(content) > entry.file_size:
                raise _refused(_("El ZIP no dice la verdad sobre su tamaño."))
            yield entry.filename, content
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise _refused(_("El ZIP no se puede leer.")) from None


def _refuse_to_replace(draft: Draft, files: dict[str, bytes]) -> None:
    """Raises Invalid: there is a file of that name, or somebody else has changed it and not published it yet."""
    known = draft.files()
    there = sorted(path for path in files if path in known and known[path] != files[path])
    others = [path for path in there if path in draft.rows and draft.rows[path].author != actor().id]
    if others and request.form.get("encima") != "si":
        said = [
            _("%(path)s (%(who)s, %(when)s)", path=path, who=name_of(row.author), when=momento(row.changed))
            for path, row in ((path, draft.rows[path]) for path in others)
        ]
        raise Invalid(
            {
                "archivos": _("Otra persona los cambió y no los ha publicado: %(names)s.", names=_listed(said)),
                "encima": _("Marque esto, y elija los archivos otra vez, para perder lo que cambió."),
            }
        )
    if there and request.form.get("reemplazar") != "si":
        raise _refused(
            _("Ya existen: %(names)s. Marque «Reemplazar» o cambie el nombre.", names=_listed(there)),
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else _("%(names)s y %(n)d más", names=shown, n=len(names) - 8)


def _refused(reason: str) -> Invalid:
    return Invalid({"archivos": reason})
