"""Every refusal of the engine as a page in Spanish, or as JSON for programs: one shape for all."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from engine.errors import Conflict, EngineError, NotAllowed
from engine.storage import database as storage
from engine.values import SYSTEM
from tasks.ajustes import despacho
from web.languages import said
from web.runtime import engine
from web.texts import momento

log = structlog.get_logger(__name__)

TITLES = {
    400: "Esto no se pudo recibir",
    403: "No tiene permiso",
    404: "No se encontró",
    405: "Así no se puede abrir esta página",
    409: "Alguien llegó antes",
    413: "El archivo es demasiado grande",
    422: "Hay datos por corregir",
    429: "Demasiados intentos",
    500: "Algo falló de nuestro lado",
    503: "Por ahora no se puede",
}
SENTENCES = {
    400: "Vuelva a la página anterior, actualícela e inténtelo de nuevo.",
    403: "Su grupo no puede abrir esta página o hacer este cambio. Si debería, avise a quien administra el sistema.",
    404: "La página no existe, o no es de un asunto que usted lleve.",
    405: "Use los botones de la página.",
    413: "Suba archivos de hasta 20 MB cada uno.",
    429: "Espere unos minutos e inténtelo de nuevo.",
    500: "No se guardó ningún cambio. El detalle quedó en el registro del sistema.",
    503: "La base de datos no contesta. No se guardó ningún cambio; inténtelo de nuevo en un minuto.",
}
FULL = (
    "El disco de la base de datos está lleno. No se guardó ningún cambio: avise a quien administra el sistema "
    "e inténtelo de nuevo cuando haya espacio."
)
PAUSED = "Por ahora no se puede"
"""Title where a matter is suspended: nobody was first, it is only stopped."""
CLIENT_FULL = "Por ahora no podemos guardar nada. No se guardó ningún cambio; inténtelo más tarde o llámenos."
CLIENT_SENTENCES = {
    403: "Esto no se puede abrir con su enlace.",
    404: "Esto no existe, o no es de su asunto.",
    500: "No se guardó ningún cambio. Inténtelo de nuevo en unos minutos o llámenos.",
}
"""The same for a client in the portal."""
CLIENT_TITLES = {403: "Su enlace no abre esto", 409: "Ya no se puede"}
CLIENT_REASONS = {
    "completed": "Esto ya se respondió",
    "cancelled": "Esto ya no hace falta",
    "lapsed": "El plazo para responder venció",
}


def init_app(app: Flask) -> None:
    """Handle the engine's errors, HTTP errors and everything unexpected."""

    @app.errorhandler(EngineError)
    def refused(error: EngineError) -> tuple[Response | str, int]:
        if error.status >= 500:
            log.exception("engine_failed", code=error.code, exc_info=error)
        paused = isinstance(error, Conflict) and error.details.get("reason") == "suspended"
        return answer(error.status, error.code, sentence_of(error), PAUSED if paused else None)

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> tuple[Response | str, int]:
        if g.get("actor") is None and not _is_outside():
            said_so = _(
                "Su sesión terminó. Lo que escribió sigue en la página anterior: vuelva atrás, cópielo y entre."
            )
            return answer(400, "csrf", said_so)
        return answer(400, "csrf", _("La página estuvo abierta demasiado tiempo. Actualícela e inténtelo de nuevo."))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        if error.response is not None or (error.code or 500) < 400:
            return error
        return answer(error.code or 500, "http", None)

    @app.errorhandler(DBAPIError)
    def no_database(error: DBAPIError) -> tuple[Response | str, int]:
        if not isinstance(error, (OperationalError, InterfaceError)) and not storage.is_away(error):
            return unexpected(error)
        # It is away, or its disk is full: it comes back, and nothing is half done.
        log.error("database_failed", endpoint=request.endpoint, error=str(error.orig))
        if not storage.is_full(error):
            return answer(503, "database", None)
        return answer(503, "database_full", CLIENT_FULL if _is_outside() else FULL)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[Response | str, int]:
        # Not the path: in the portal it holds the client's link.
        log.exception("request_failed", endpoint=request.endpoint, exc_info=error)
        if app.testing:
            raise error
        return answer(500, "internal", None)


def answer(status: int, code: str, sentence: str | None, heading: str | None = None) -> tuple[Response | str, int]:
    """The error page, or its JSON form for a caller that prefers it. `heading`: instead of the usual one."""
    title, usual = TITLES.get(status, TITLES[500]), SENTENCES
    if request.blueprint == "portal":
        title, usual = CLIENT_TITLES.get(status, title), {**SENTENCES, **CLIENT_SENTENCES}
    title, sentence = said(heading or title), said(sentence or usual.get(status) or usual[500])
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(error={"code": code, "status": status, "title": title, "message": sentence}), status
    if request.headers.get("HX-Request"):
        # Put above the fields, which stay as they were typed.
        part = current_app.jinja_env.get_template("errors/part.html").render(title=title, sentence=sentence)
        response = make_response(part, status)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#fallo", "innerHTML"
        return response, status
    if status == 503:
        # The usual page asks the database for the firm's name and who is signed in.
        alone = current_app.jinja_env.get_template("errors/alone.html")
        return alone.render(title=title, sentence=sentence), status
    if status < 500 and _is_outside() and g.get("actor") is None:
        return render_template("portal/error.html", firm=_firm(), title=title, sentence=sentence), status
    return render_template("errors/error.html", status=status, title=title, sentence=sentence), status


def _is_outside() -> bool:
    """Whether the page is for clients and visitors; «Nuevo contacto» is not, though it stands beside theirs."""
    return request.blueprint in ("portal", "portal_door", "contact") and request.endpoint != "contact.new"


def _firm() -> dict[str, str]:
    """The firm's name and address, for a page that a client sees."""
    with engine().reading(SYSTEM) as tx:
        return despacho(tx.session)


REASONS = {
    "completed": "Esta tarea ya fue terminada",
    "cancelled": "Esta tarea ya no hace falta",
    "lapsed": "El plazo de esta tarea venció",
    "suspended": "El asunto está detenido",
    "stale": "El asunto cambió mientras usted trabajaba",
}


def sentence_of(error: EngineError) -> str | None:
    """What the page says: who was first, else what was said where it was refused; None for the usual sentence."""
    if isinstance(error, Conflict) and error.details.get("reason") in REASONS:
        return conflict_sentence(error)
    if isinstance(error, NotAllowed) and "who" in error.details and request.blueprint == "portal":
        # A colleague answers in the client's place (§1); who that is, is the firm's own affair.
        return _("En el despacho ya están respondiendo esto por usted. Si quiere cambiar algo, escríbanos.")
    # A class's own docstring is for programmers.
    if error.status >= 500 or error.message in (type(error).__doc__ or ""):
        return None
    return error.message


def conflict_sentence(error: Conflict) -> str:
    """Who was first, and when: «Esta tarea ya fue terminada por Laura Vega el 12 ene 2027, 10:31.»."""
    details = error.details
    known = {**REASONS, **CLIENT_REASONS} if request.blueprint == "portal" else REASONS
    sentence = said(known.get(str(details.get("reason")), REASONS["stale"]))
    # A client is not told who of the firm it was.
    if details.get("who") and request.blueprint != "portal":
        from web.people import name_of  # a look-up in the database, needed here only

        sentence += _(" por %(who)s", who=name_of(str(details["who"])))
    if details.get("when"):
        sentence += _(" el %(when)s", when=momento(details["when"]))
    return sentence + "."
