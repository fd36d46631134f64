"""The mailbox: every mail that the firm sent, as it was received; the preview runs nothing and loads nothing.

What could not be delivered stands first, with «Reintentar» and «Avisado por otro medio» (legal-process.md §1.12).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from werkzeug.wrappers import Response as AnyResponse

from engine.errors import Invalid, NotFound
from tasks import correo_detenido, logo
from tasks.registros import Correo
from tasks.transporte import Buzon
from web import labels, matter_facts
from web.headers import MAIL_POLICY
from web.permissions import actor, groups, staff
from web.runtime import engine, reading

blueprint = Blueprint("mailbox", __name__, url_prefix="/correos")

SIZE = 40
_answers_for_mails = groups("ventas", "gerente", "asesor", "cobranza", "direccion", "operador")
_WRITE_MAILS = {"analista", "publicador", "operador", "admin"}
"""Groups to whom the name of a mail's template says something."""
_LINK = re.compile(r"https?://[^\s<>\"')]+")
LONGEST_NAME = 80
"""Characters before a link that still name it; more of them are a sentence."""
_BELOW = "\n-- \n"
"""Between the words of a mail and the firm's address (`tasks.render`)."""
_SIGNATURE_CODE = "cor_06_codigo"
_CODE = re.compile(r"\b\d{6}\b")


@blueprint.get("")
@staff
def index() -> str:
    """The latest first; search by the beginning of a folio or of an address."""
    search = request.args.get("q", "").strip()
    with reading() as tx:
        query = select(Correo).where(correo_detenido.visibles(g.actor, tx.now))
        if search:
            key = matter_facts.as_key(tx.session, search)
            folio = Correo.business_key.startswith(key.upper(), autoescape=True)
            query = query.where(or_(folio, Correo.destinatario.startswith(search.lower(), autoescape=True)))
        if after := request.args.get("tras"):
            query = query.where(Correo.id < after)
        mails = tx.session.scalars(query.order_by(Correo.id.desc()).limit(SIZE + 1)).all()
        following = mails[SIZE - 1].id if len(mails) > SIZE else None
        return render_template(
            "mailbox/index.html",
            mails=mails[:SIZE],
            following=following,
            search=search,
            correo=labels.CORREO,
            stuck=correo_detenido.pendientes(tx.session, g.actor),
        )


@blueprint.get("/<mail_id>")
@staff
def show(mail_id: str) -> str:
    return _page(mail_id)


@blueprint.post("/<mail_id>/reintentar")
@_answers_for_mails
def retry(mail_id: str) -> AnyResponse:
    """«Reintentar»: the delivery begins anew."""
    with engine().transaction(actor()) as tx:
        correo_detenido.reintentar(tx, mail_id)
    flash(_("El correo se está enviando de nuevo."), "good")
    return redirect(url_for("mailbox.show", mail_id=mail_id))


@blueprint.post("/<mail_id>/avisado")
@_answers_for_mails
def told(mail_id: str) -> AnyResponse | tuple[str, int]:
    """«Avisado por otro medio»: it is not sent any more."""
    try:
        with engine().transaction(actor()) as tx:
            correo_detenido.avisado(tx, mail_id, request.form.get("medio", ""))
    except Invalid as invalid:
        return _page(mail_id, invalid.fields.get("medio", "")), 422
    flash(_("Queda anotado que se avisó por otro medio."), "good")
    return redirect(url_for("mailbox.show", mail_id=mail_id))


def _page(mail_id: str, problem: str = "") -> str:
    mail = _mail(mail_id)
    text = _for_staff(mail, mail.texto or "")
    with reading() as tx:
        stuck = correo_detenido.esta_detenido(tx.session, mail)
        said = correo_detenido.motivo(tx.session, mail) if stuck else ""
    return render_template(
        "mailbox/show.html",
        mail=mail,
        text=text,
        whatsapp=_for_whatsapp(mail, text),
        links=_links(text),
        correo=labels.CORREO,
        stuck=stuck,
        said=said,
        problem=problem,
        wants_names=bool(g.actor.groups & _WRITE_MAILS),
    )


@blueprint.get("/<mail_id>/contenido")
@staff
def content(mail_id: str) -> Response:
    """The mail's own HTML, for the frame of its page."""
    # Links open beside the preview: inside it, a page of the portal could not send its form.
    mail = _mail(mail_id)
    html = logo.a_la_vista(_for_staff(mail, mail.html or ""), mail.datos, engine().adapters.archivos)
    response = Response('<base target="_blank">' + html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@blueprint.get("/<mail_id>/invitacion.ics")
@staff
def calendar(mail_id: str) -> Response:
    mail = _mail(mail_id)
    if not mail.calendario:
        raise NotFound
    response = Response(mail.calendario, mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=invitacion.ics"
    return response


def _links(text: str) -> dict[str, str]:
    """Address → what the mail says before it, on its line or the one above («Confirmar asistencia»), else its host."""
    found: dict[str, str] = {}
    above = ""
    for line in filter(None, (line.strip() for line in text.splitlines())):
        for match in _LINK.finditer(line):
            before = line[: match.start()].strip() or above
            said = before.removesuffix(":").removeprefix("- ").strip()
            url = match.group()
            found.setdefault(url, said if 0 < len(said) <= LONGEST_NAME else urlsplit(url).netloc)
        above = line
    return found


def _for_staff(mail: Correo, text: str) -> str:
    """The mail's text without the code with which the client signs: nobody of the firm may sign in a client's place.

    Where mail stays in this mailbox there is no other place to read it.
    """
    if mail.plantilla != _SIGNATURE_CODE or isinstance(engine().adapters.transporte, Buzon):
        return text
    return _CODE.sub("••••••", text)


def _for_whatsapp(mail: Correo, text: str) -> str:
    """A client's mail as a message: its subject in bold, its words and link, without the firm's address below them.

    Empty for internal mails, and for the code that proves that the client reads this very mailbox.
    """
    if mail.interno or not text or mail.plantilla == _SIGNATURE_CODE:
        return ""
    return f"*{mail.asunto}*\n\n{text.partition(_BELOW)[0].strip()}"


def _mail(mail_id: str) -> Correo:
    """Raises NotFound for a mail that the person may not read."""
    with reading() as tx:
        mail = tx.session.get(Correo, mail_id)
        if mail is None or not correo_detenido.puede_leer(tx.session, g.actor, mail):
            raise NotFound
        return mail
