"""«Mis datos»: what the firm holds of its client, to see and to take away, and the opposition to voluntary purposes."""

from __future__ import annotations

import json
import tempfile
import zipfile
from typing import IO, TYPE_CHECKING, Any

from flask import Response as Sent
from flask import flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from tasks import arco, mis_datos, personas, privacidad
from tasks.paso import Accion
from tasks.registros import Documento, SolicitudArco
from web.action_forms import ActionForm, answer
from web.permissions import public
from web.portal_link import blueprint, frame
from web.runtime import engine

if TYPE_CHECKING:
    from engine.transaction import Transaction

IN_MEMORY = 8 * 2**20
"""Bytes of an archive that are kept in memory; a larger one goes to a temporary file."""


@blueprint.get("/mis-datos")
@public
def personal_data() -> str:
    with engine().reading(g.client) as tx:
        shown = frame(tx)
        mine = select(SolicitudArco).where(SolicitudArco.prospecto_id == shown["prospecto"].id)
        return render_template(
            "portal/personal_data.html",
            **shown,
            opposed=personas.oposicion(shown["client"]),
            requests=tx.session.scalars(mine.order_by(SolicitudArco.id.desc())).all(),
            rights=arco.DERECHOS,
            decisions=arco.DECISIONES,
        )


@blueprint.post("/mis-datos")
@public
def oppose() -> Response:
    """Oppose to voluntary purposes, or take that back; the last word counts."""
    wanted = request.form.get("oposicion") == "si"
    with engine().transaction(g.client) as tx:
        paso = Accion(tx, g.link.business_key)
        privacidad.registrar_oposicion(paso, frame(tx)["client"], wanted, medio="portal")
    flash(_("Guardamos su preferencia."), "good")
    return redirect(url_for("portal.personal_data", token=g.token))


@blueprint.get("/mis-datos/datos.json")
@public
def data_as_json() -> Response:
    """The records alone, readable by programs."""
    with engine().reading(g.client) as tx:
        folio, text = _records(tx)
    sent = Sent(text, mimetype="application/json")
    sent.headers["Content-Disposition"] = f'attachment; filename="mis-datos-{folio}.json"'
    return sent


@blueprint.get("/mis-datos/todo.zip")
@public
def data_as_zip() -> Response:
    """The records, and every document that the client may open."""
    with engine().reading(g.client) as tx:
        folio, text = _records(tx)
        documents = mis_datos.visibles(tx.session, frame(tx)["prospecto"])
    archive: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - sent, then closed
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("mis-datos.json", text)
        for number, one in enumerate(documents, 1):
            writer.writestr(f"documentos/{number:02d} {_file_name(one)}", engine().files.read(one.sha256 or ""))
    archive.seek(0)
    sent = send_file(archive, "application/zip", as_attachment=True, download_name=f"mis-datos-{folio}.zip")
    sent.call_on_close(archive.close)
    return sent


@blueprint.route("/mis-datos/derechos", methods=["GET", "POST"])
@public
def rights() -> Response | str | tuple[str, int]:
    """A request about personal data (ARCO): Dirección answers it."""
    with engine().reading(g.client) as tx:
        shown = frame(tx)

    def run(tx: Transaction, values: dict[str, Any], request_id: str) -> None:
        arco.solicitar(tx, g.link.business_key, values["derecho"], values["detalle"])

    page = ActionForm(
        "solicitar_derecho_arco",
        _("Ejercer un derecho (ARCO)"),
        run,
        lambda _result: url_for("portal.personal_data", token=g.token),
        submit=_("Enviar solicitud"),
        said=_("Recibimos su solicitud. Le enviamos el acuse por correo."),
        template="portal/action.html",
        context=shown,
    )
    return answer(page, g.client)


def _records(tx: Transaction) -> tuple[str, str]:
    """(folio, the records as JSON)."""
    shown = frame(tx)
    found: dict[str, Any] = mis_datos.reunir(tx.session, g.link.business_key)
    return shown["folio"], json.dumps({"fecha": tx.now.isoformat(), **found}, ensure_ascii=False, indent=2)


def _file_name(document: Documento) -> str:
    """The name of a document, without what would lead out of the archive's folder."""
    name = (document.nombre or document.rubro).replace("/", "-").replace("\\", "-")
    return "".join(c for c in name if c.isprintable()).strip(". ") or "documento"
