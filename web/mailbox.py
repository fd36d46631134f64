"""The mailbox: every mail that the firm sent, as it was received; the preview runs nothing and loads nothing."""

from __future__ import annotations

import re

from flask import Blueprint, Response, g, render_template, request
from sqlalchemy import false, or_, select

from engine.errors import NotFound
from tasks import acceso
from tasks.registros import Correo
from web import labels
from web.headers import MAIL_POLICY
from web.permissions import staff
from web.runtime import reading

blueprint = Blueprint("mailbox", __name__, url_prefix="/correos")

SIZE = 40
_LINK = re.compile(r"https?://[^\s<>\"')]+")


@blueprint.get("")
@staff
def index() -> str:
    """The latest first; search by the beginning of a folio or of an address."""
    search = request.args.get("q", "").strip()
    with reading() as tx:
        query = select(Correo).where(_visible())
        if search:
            folio = Correo.business_key.startswith(search.upper(), autoescape=True)
            query = query.where(or_(folio, Correo.destinatario.startswith(search.lower(), autoescape=True)))
        if after := request.args.get("tras"):
            query = query.where(Correo.id < after)
        mails = tx.session.scalars(query.order_by(Correo.id.desc()).limit(SIZE + 1)).all()
        following = mails[SIZE - 1].id if len(mails) > SIZE else None
        return render_template(
            "mailbox/index.html", mails=mails[:SIZE], following=following, search=search, correo=labels.CORREO
        )


@blueprint.get("/<mail_id>")
@staff
def show(mail_id: str) -> str:
    mail = _mail(mail_id)
    links = list(dict.fromkeys(_LINK.findall(mail.texto or "")))
    return render_template("mailbox/show.html", mail=mail, links=links, correo=labels.CORREO)


@blueprint.get("/<mail_id>/contenido")
@staff
def content(mail_id: str) -> Response:
    """The mail's own HTML, for the frame of its page."""
    # Links open beside the preview: inside it, a page of the portal could not send its form.
    response = Response('<base target="_blank">' + (_mail(mail_id).html or ""), mimetype="text/html")
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


def _visible() -> object:
    """Mails of matters whose mails the person may read; those of no matter for Dirección and administration."""
    groups = g.actor.groups
    if groups & {"direccion", "operador"}:
        return Correo.id.is_not(None)
    if groups & {"gerente", "asesor", "ventas"}:
        return acceso.Acceso().visible(g.actor, Correo.business_key)
    return false()


def _mail(mail_id: str) -> Correo:
    """Raises NotFound for a mail of a matter whose mails the person may not read."""
    with reading() as tx:
        mail = tx.session.get(Correo, mail_id)
        if mail is None:
            raise NotFound
        if mail.business_key is None:
            allowed = bool(g.actor.groups & {"direccion", "operador"})
        else:
            allowed = "correos" in acceso.secciones(tx.session, g.actor, mail.business_key)
        if not allowed:
            raise NotFound
        return mail
