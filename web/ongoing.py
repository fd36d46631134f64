"""«Alta de asunto en curso»: matters that began before the program, one by a form or many by a CSV file (§1.12).

The file is looked at first: every row with what is wrong in each cell, nothing written. Its bytes travel in the page
between that look and the import, so that personal data of a file that nobody imports is kept nowhere.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from engine.errors import Invalid
from tasks import acceso, altas, altas_archivo, asignacion
from tasks.catalogos import SUBTIPOS
from tasks.registros import ZONAS
from web.action_forms import ActionForm, answer
from web.csv_upload import sent_csv
from web.permissions import actor, groups
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction
    from tasks.registros import Prospecto

blueprint = Blueprint("ongoing", __name__, url_prefix="/asuntos/alta")

_registrars = groups(*altas.REGISTRAN)


@blueprint.route("", methods=["GET", "POST"])
@_registrars
def new() -> AnyResponse | str | tuple[str, int]:
    """One matter, by a form."""

    def prepare(tx: Transaction) -> Mapping[str, Any]:
        kinds = [
            {"clase": kind, "value": code, "label": label}
            for kind, ones in SUBTIPOS.items()
            for code, label in ones.items()
        ]
        return {"subtipos": kinds, "asesores": asignacion.opciones(tx.session)}

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> Prospecto:
        return altas.registrar(tx, values, request_id)

    def done(prospecto: Prospecto) -> str:
        with reading() as tx:
            seen = acceso.puede_ver(tx.session, actor(), prospecto.folio)
        return url_for("matters.show", key=prospecto.folio) if seen else url_for("ongoing.new")

    page = ActionForm(
        "alta_en_curso",
        _("Alta de asunto en curso"),
        run,
        done,
        prepare,
        submit=_("Dar de alta"),
        said=_("Asunto dado de alta; no se escribió al cliente."),
        template="matters/ongoing.html",
    )
    return answer(page, actor())


@blueprint.get("/archivo")
@_registrars
def file() -> str:
    return _file_page()


@blueprint.get("/archivo/ejemplo.csv")
@_registrars
def example() -> Response:
    """A file to start from: the columns and one matter of each half of the process."""
    with reading() as tx:
        content = altas_archivo.ejemplo(tx)
    response = Response(content, mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=asuntos-en-curso.csv"
    return response


@blueprint.post("/archivo")
@_registrars
def look() -> str | tuple[str, int]:
    """Every row as it would come in; writes nothing."""
    try:
        content = sent_csv()
        with reading() as tx:
            rows = altas_archivo.revisar(tx, content)
    except Invalid as invalid:
        return _file_page(problem=invalid.fields.get("archivo") or invalid.message), 422
    return _file_page(rows, content)


@blueprint.post("/archivo/importar")
@_registrars
def take() -> AnyResponse | tuple[str, int]:
    """All rows that were looked at, or none: what has changed since then is shown instead."""
    try:
        content = base64.b64decode(request.form.get("contenido", ""), validate=True)
    except binascii.Error:
        content = b""
    try:
        with engine().transaction(actor()) as tx:
            made = altas_archivo.importar(tx, content, request.form.get("_request_id") or uuid.uuid4().hex)
    except Invalid as invalid:
        with reading() as tx:
            try:
                rows = altas_archivo.revisar(tx, content)
            except Invalid:
                return _file_page(problem=invalid.fields.get("archivo") or invalid.message), 422
        return _file_page(rows, content), 422
    flash(ngettext("Se dio de alta %(num)d asunto.", "Se dieron de alta %(num)d asuntos.", len(made)), "good")
    return redirect(url_for("matters.index"))


def _file_page(
    rows: list[altas_archivo.Renglon] | None = None, content: bytes = b"", problem: str | None = None
) -> str:
    rows = rows or []
    return render_template(
        "matters/ongoing_file.html",
        rows=rows,
        columns=[
            name for name in altas_archivo.COLUMNAS if any(row.celdas[name] or name in row.errores for row in rows)
        ],
        wrong=sum(1 for row in rows if row.errores),
        content=base64.b64encode(content).decode(),
        request_id=uuid.uuid4().hex,
        problem=problem,
        every_column=altas_archivo.COLUMNAS,
        needed=altas_archivo.OBLIGATORIAS,
        largest=altas_archivo.MAX_RENGLONES,
        kinds=SUBTIPOS,
        zones=ZONAS,
    )
