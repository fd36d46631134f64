"""The languages of the interface: Spanish, in which everything is written, and English for whoever chooses it.

The catalogue is `web/translations/en/LC_MESSAGES/*.po`, read as it is (nothing is compiled): `messages.po` for the
pages, `proceso.po` for what comes from models, forms and refusals. There a msgid may hold names in braces,
`Escriba al menos {n} caracteres.`: it stands for every such sentence, and `said` puts what it finds into the English.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, g, has_request_context, redirect, request, url_for
from flask_babel import Babel, Domain, get_locale, gettext, refresh
from werkzeug.wrappers import Response

from web.permissions import public

blueprint = Blueprint("languages", __name__)

LANGUAGES = {"es_MX": "Español", "en": "English"}
COOKIE = "idioma"
IN_BOTH = {
    "contact", "demo", "home", "inbox", "languages", "portal", "portal_door", "second_step", "security", "user_tasks"
}  # fmt: skip
"""Blueprints whose pages speak English too. What the others say is Spanish, whatever the menu around it speaks."""
ONE_YEAR = 365 * 24 * 3600
FOLDER = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES"
_NAME = re.compile(r"\{+(\w+)\}+")


class Interface(Babel):
    """Babel with our catalogue in place of compiled files."""

    @property
    def domain_instance(self) -> Domain:
        return _DOMAIN


class _Catalogue(Domain):
    def get_translations(self) -> NullTranslations:
        return english() if _speaks_english() else _SPANISH


_SPANISH = NullTranslations()
_DOMAIN = _Catalogue()


def init_app(app: Flask) -> None:
    """Choose the language of each request by its cookie, and give templates the filter `said`."""
    Interface(app, locale_selector=chosen)
    app.jinja_env.filters["said"] = said
    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.globals["only_spanish"] = only_spanish
    app.after_request(_remember)


def chosen() -> str:
    """The language of this request; Spanish unless the person has chosen."""
    if not has_request_context():
        return "es_MX"
    wanted = g.get("language") or request.cookies.get(COOKIE, "")
    return wanted if wanted in LANGUAGES else "es_MX"


@blueprint.post("/idioma")
@public
def choose() -> Response:
    """Remember the language in this browser, and go back to where the button was."""
    back = request.form.get("volver", "")
    # Within this site only: «//elsewhere» and «/\\elsewhere» lead out of it.
    safe = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    answer = redirect(back if safe else url_for("home.index"), 303)
    wanted = request.form.get("idioma", "")
    switch(wanted)
    return answer


def switch(wanted: str) -> None:
    """Answer this request in `wanted` and remember it in this browser; anything but a language changes nothing.

    For a page that is half filled in: it sends its form with the language, and is drawn again with what was typed.
    """
    if wanted in LANGUAGES:
        g.language = wanted
        refresh()


def _remember(answer: Response) -> Response:
    if wanted := g.get("language"):
        answer.set_cookie(COOKIE, wanted, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def only_spanish() -> bool:
    """Whether the page has to say that it is Spanish below an English menu, so that it is read aloud as Spanish."""
    return _speaks_english() and request.blueprint is not None and request.blueprint not in IN_BOTH


def said(text: Any) -> Any:
    """A sentence of a model, a form or a refusal in the language of the request; as it is where there is no other."""
    if not text or not isinstance(text, str) or not _speaks_english():
        return text
    found = gettext(text)
    if found != text:
        return found
    for pattern, translated in _sentences():
        match = pattern.fullmatch(text)
        if match:
            return _put_into(translated, {name: said(part) for name, part in match.groupdict().items()})
    return text


def _put_into(sentence: str, parts: Mapping[str, str]) -> str:
    return _NAME.sub(lambda name: parts[name[1]], sentence)


def catalogues() -> list[Catalog]:
    """The catalogues as they are written."""
    found = []
    for path in sorted(FOLDER.glob("*.po")):
        with path.open("rb") as file:
            found.append(read_po(file, locale="en"))
    return found


@cache
def english() -> Translations:
    """What the pages ask; read once for each process."""
    joined = Catalog(locale="en")
    for catalogue in catalogues():
        for message in catalogue:
            if message.id:
                joined.add(message.id, message.string)
    file = io.BytesIO()
    write_mo(file, joined)
    file.seek(0)
    return Translations(fp=file)


@cache
def _sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Messages with names in braces, as patterns; the ones with most words of their own first."""
    found = [
        (message.id, str(message.string))
        for catalogue in catalogues()
        for message in catalogue
        if isinstance(message.id, str) and message.string and _NAME.search(message.id)
    ]
    found.sort(key=lambda pair: -len(_NAME.sub("", pair[0])))
    return tuple((_pattern(written), english_text) for written, english_text in found)


def _pattern(written: str) -> re.Pattern[str]:
    pieces, seen = [], set()
    for number, piece in enumerate(_NAME.split(written)):
        if number % 2 == 0:
            pieces.append(re.escape(piece))
        elif piece in seen:
            pieces.append(f"(?P={piece})")
        else:
            seen.add(piece)
            pieces.append(f"(?P<{piece}>.*?)")
    return re.compile("".join(pieces), re.DOTALL)


def _speaks_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"
