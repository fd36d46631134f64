"""Mails and documents of the draft: the fields that they may use, a preview with invented data, a test mail."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import make_msgid
from html import escape
from typing import TYPE_CHECKING, Any

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from jinja2 import TemplateSyntaxError
from werkzeug.wrappers import Response as Answer

from engine.errors import Invalid, NotFound
from engine.values import Finding
from tasks import ajustes, logo
from tasks.adapters import Adapters
from tasks.correo import componer
from tasks.imprenta import Pieza, RenderError
from tasks.mensajes_de_plantilla import en_espanol, renglon
from tasks.registros import Colaborador, Correo
from web.headers import MAIL_POLICY
from web.permissions import actor
from web.runtime import engine, reading
from web.studio import samples
from web.studio.blueprint import blueprint, modelers
from web.studio.draft import Draft
from web.studio.merge_fields import unknown_fields

if TYPE_CHECKING:
    from engine.transaction import Transaction


@blueprint.get("/carta/<path:path>/vista")
@modelers
def letter_preview(path: str) -> Response:
    """The mail as it would be received, or the pages of the document; what is wrong with it, in words, if it is."""
    with reading() as tx:
        files = Draft(tx).files()
        if path not in files or not path.startswith(("mail/", "documents/")):
            raise NotFound
        firm, now = ajustes.despacho(tx.session), tx.now
    try:
        if path.startswith("mail/"):
            mail = _mail(files, path, firm)
            subject = f"<p style='font:600 15px sans-serif;padding:0 16px'>{escape(mail.asunto)}</p>"
            return _page(subject + logo.a_la_vista(mail.html, {"despacho": firm}, engine().adapters.archivos))
        pages = _pages(files, path, firm, now)
        return _page("".join(_sheet(number, page) for number, page in enumerate(pages, 1)))
    except (RenderError, TemplateSyntaxError) as error:
        message = escape(_said(error, path)).replace("\n", "<br>")
        return _page(f"<div style='font:15px sans-serif;padding:16px;color:#a1261f'>{message}</div>")


@blueprint.get("/carta/<path:path>/pdf")
@modelers
def letter_pdf(path: str) -> Response:
    """The document with invented data as the file that people get. Raises Invalid when it cannot be composed."""
    with reading() as tx:
        files = Draft(tx).files()
        if path not in files or not path.startswith("documents/"):
            raise NotFound
        firm, now = ajustes.despacho(tx.session), tx.now
    documents, data = _material(files, path, firm)
    try:
        pdf = engine().adapters.imprenta.documento(documents, _template(path), data, now)
    except RenderError as error:
        raise Invalid(message=str(error)) from None
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{_template(path)}.pdf"'
    return response


def problems(
    files: Mapping[str, bytes],
    paths: Iterable[str],
    firm: dict[str, Any],
    now: datetime,
    adapters: Adapters | None = None,
    *,
    published: Mapping[str, bytes] | None = None,
) -> list[Finding]:
    """What keeps these mails and documents from being composed with invented data, and, beside `published` texts, the
    merge fields that nothing gives. A part that others share, `_…`, is tried in all of its folder. Takes its time: not
    inside of a transaction."""
    tried = set(paths)
    for folder in ("mail/", "documents/"):
        if any(path.startswith(f"{folder}_") for path in tried):
            tried |= {path for path in files if path.startswith(folder)}
    found = []
    adapters = adapters or engine().adapters
    for path in sorted(tried & set(files)):
        if not path.endswith((".j2", ".typ")) or path.partition("/")[2].startswith("_"):
            continue
        if published is not None:
            found += unknown_fields(path, files[path], published.get(path), firm)
        try:
            if path.startswith("mail/"):
                _mail(files, path, firm, adapters)
            else:
                documents, data = _material(files, path, firm, adapters)
                adapters.imprenta.documento(documents, _template(path), data, now)
        except (RenderError, TemplateSyntaxError) as error:
            message = _said(error, path)
            line = renglon(message, path)
            remedy = "Corrija ese renglón." if line else "Corrija el texto."
            found.append(Finding(path, str(line) if line else None, "not-composed", message, remedy))
    return found


def _page(html: str) -> Response:
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@blueprint.post("/carta/<path:path>/enviarme")
@modelers
def send_to_me(path: str) -> Answer:
    """The draft's mail with invented data, to the person's own address. Raises Invalid when it cannot be composed."""
    with reading() as tx:
        files, firm = Draft(tx).files(), ajustes.despacho(tx.session)
    if path not in files or not path.startswith("mail/"):
        raise NotFound
    try:
        mail = _mail(files, path, firm)
    except (RenderError, TemplateSyntaxError) as error:
        raise Invalid(message=_said(error, path)) from None
    with engine().transaction(actor()) as tx:
        row = _row(tx, path, mail, firm)
    payload = {
        "nombre": row.destinatario_nombre,
        "direccion": row.destinatario,
        "message_id": row.message_id,
        "momento": row.enviado,
        "calendario": None,
    }
    adapters = engine().adapters
    picture = logo.del_correo(row.datos, mail.html, adapters.archivos)
    message = componer(payload, row.asunto or "", mail.texto, mail.html, adapters.remitente, picture)
    adapters.transporte.enviar(message)
    flash(_("El correo de prueba va a %(to)s.", to=row.destinatario), "good")
    return redirect(url_for("studio.edit", path=path))


def _row(tx: Transaction, path: str, mail: Pieza, firm: dict[str, Any]) -> Correo:
    """The test mail in the mailbox; of no matter."""
    person = tx.session.get(Colaborador, actor().id)
    if person is None or not person.correo:
        raise Invalid(message=_("Su cuenta no tiene correo."))
    row = Correo(
        plantilla=_template(path),
        interno=True,
        destinatario=person.correo,
        destinatario_nombre=person.nombre,
        datos={"despacho": firm},
        asunto=f"[Prueba] {mail.asunto}",
        texto=mail.texto,
        html=mail.html,
        message_id=make_msgid(domain="cauce.invalid"),
        estado="enviado",
        enviado=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def _mail(files: Mapping[str, bytes], path: str, firm: dict[str, Any], adapters: Adapters | None = None) -> Pieza:
    wanted = samples.of_mail(files[path].decode("utf-8", "replace"))
    mails = {name: data for name, data in files.items() if name.startswith("mail/")}
    printer = (adapters or engine().adapters).imprenta
    piece: Pieza = printer.correo(mails, _template(path), samples.data_for(wanted, firm))
    return piece


def _pages(files: Mapping[str, bytes], path: str, firm: dict[str, Any], now: datetime) -> list[bytes]:
    documents, data = _material(files, path, firm)
    pages: list[bytes] = engine().adapters.imprenta.hojas(documents, _template(path), data, now)
    return pages


def _material(
    files: Mapping[str, bytes], path: str, firm: dict[str, Any], adapters: Adapters | None = None
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files that documents may use, and invented data for this one."""
    wanted = samples.of_document(files[path].decode("utf-8", "replace"))
    documents = {name: data for name, data in files.items() if name.startswith("documents/")}
    return logo.con_logo(documents, samples.data_for(wanted, firm), (adapters or engine().adapters).archivos)


def _sheet(number: int, picture: bytes) -> str:
    source = f"data:image/png;base64,{b64encode(picture).decode()}"
    style = "display:block;width:100%;max-width:56rem;margin:0 auto 12px;box-shadow:0 1px 4px #0004"
    return f'<img alt="Hoja {number}" style="{style}" src="{source}">'


def _said(error: RenderError | TemplateSyntaxError, path: str) -> str:
    """Why a text could not be composed, with its line where that is known."""
    if isinstance(error, TemplateSyntaxError):
        what = en_espanol(f"{path}, renglón {error.lineno}: {error.message}")
        return f"El correo «{_template(path)}» no se pudo componer: {what}"
    return str(error)


def _template(path: str) -> str:
    return path.partition("/")[2].rpartition(".")[0]
