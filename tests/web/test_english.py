"""English, the second language of the interface: complete for clients and the inbox, nothing left untranslated."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from flask import Flask
from flask.testing import FlaskClient

from engine import Engine
from tests.conftest import ROOT
from tests.web.conftest import KEY, token
from tests.web.test_portal import link
from web import errors, labels, languages, people

WEB = ROOT / "web"
FORMS = ROOT / "processes" / "procedimiento_legal" / "forms"
MODULES = (
    "portal", "portal_file", "portal_data", "portal_door", "portal_link", "contact", "inbox", "user_tasks", "errors",
    "texts", "accounts", "second_step", "matter_list", "action_forms",
)  # fmt: skip
TEMPLATES = ("portal", "inbox", "user_tasks", "form", "accounts", "demo")
MORE_TEMPLATES = ("page.html", "staff.html", "language.html", "mailbox/stuck.html", "matters/side.html")
CLIENT_FORMS = (
    "contactanos", "entregar_documentos", "decidir_propuesta", "datos_fiscales", "confirmar_cierre", "encuesta",
    "solicitar_cancelacion", "solicitar_derecho_arco",
)  # fmt: skip
SAME_IN_BOTH = {"Cauce", "PDF", "XML"}
SHOWN = ("label", "description", "text", "patternErrorMessage", "dateLabel", "timeLabel")


@pytest.fixture
def english(busy_app: Flask) -> Iterator[Callable[[str], str]]:
    """What a text is in English; the text itself where nobody has said it."""
    with busy_app.test_request_context("/", headers={"Cookie": f"{languages.COOKIE}=en"}):
        yield languages.said


def templates() -> list[Path]:
    folders = [path for name in TEMPLATES for path in sorted((WEB / "templates" / name).glob("*.html"))]
    return folders + [WEB / "templates" / name for name in MORE_TEMPLATES]


def messages() -> Iterator[tuple[Path, str | tuple[str, ...]]]:
    """(file, msgid) of every text that goes through gettext; a pair where there is a plural."""
    keywords: dict[str, Any] = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}
    for path in [*(WEB / f"{name}.py" for name in MODULES), *templates()]:
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        with path.open("rb") as file:
            for _line, found, _comments, _context in extract(method, file, keywords, options={"silent": "false"}):
                yield path, found if isinstance(found, str) else tuple(part for part in found if part)


def test_every_text_of_the_portal_and_the_inbox_has_its_english() -> None:
    known = {message.id: message.string for each in languages.catalogues() for message in each if message.id}
    missing = {f"{path.name}: {found}" for path, found in messages() if not known.get(found)}
    assert missing == set(), "write their English in web/translations/en/LC_MESSAGES/messages.po"


def test_what_is_put_into_a_sentence_is_the_same_in_both_languages() -> None:
    holes = re.compile(r"%\(\w+\)[sd]|\{+\w+\}+")
    for catalogue in languages.catalogues():
        for message in catalogue:
            if not message.id:
                continue
            pair = (message.id, message.string)
            written, english_text = (x if isinstance(x, str) else x[1] for x in pair)
            assert sorted(set(holes.findall(written))) == sorted(set(holes.findall(english_text))), message.id


def test_no_template_of_a_client_or_the_inbox_holds_words_of_its_own() -> None:
    """Text between the tags that gettext never sees."""
    left = []
    for path in templates():
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|<!--.*?-->", "", path.read_text(), flags=re.DOTALL)
        text = re.sub(r"\{\{.*?\}\}", "", text, flags=re.DOTALL)
        for piece in re.findall(r">([^<>]+)<", text):
            words = " ".join(piece.split()).strip(" ·()")
            is_text = re.search(r"[A-Za-zÁÉÍÓÚáéíóúñ]{2}", words) and "=" not in words
            if is_text and words not in SAME_IN_BOTH:
                left.append(f"{path.name}: {words}")
    assert left == []


def test_the_words_of_codes_refusals_and_groups_have_their_english(english: Callable[[str], str]) -> None:
    said = [text for each in labels.all_of_them().values() for text in dict.values(each)]
    texts = {text if isinstance(text, str) else text[0] for text in said}
    for table in (errors.TITLES, errors.SENTENCES, errors.CLIENT_TITLES, errors.CLIENT_SENTENCES):
        texts |= set(table.values())
    texts |= {errors.FULL, errors.CLIENT_FULL}
    texts |= {*errors.REASONS.values(), *errors.CLIENT_REASONS.values(), *people.GROUPS.values()}
    texts |= {name for name, _states in labels.ETAPAS_CLIENTE}
    same = {"CNDH", "PROFECO", "CONDUSEF", "Fatal"}
    assert {text for text in texts if english(text) == text} - same == set()


@pytest.mark.parametrize("name", CLIENT_FORMS)
def test_the_clients_forms_have_their_english(name: str, english: Callable[[str], str]) -> None:
    def shown(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (node[key] for key in SHOWN if isinstance(node.get(key), str))
            for inner in node.values():
                yield from shown(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from shown(inner)

    written = [text for text in shown(json.loads((FORMS / f"{name}.form").read_text())) if not text.startswith("=")]
    # What stands in double braces is filled in before it is translated, at times with a longer piece of FEEL.
    filled = [re.sub(r"\{\{.*?\}\}", "X", text, flags=re.DOTALL) for text in written]
    texts = {text for text in filled if re.search(r"[a-záéíóúñ]{2}", text)}
    assert {text for text in texts if english(text) == text} == set()


def test_the_refusals_of_forms_have_their_english(english: Callable[[str], str]) -> None:
    """Sentences in the source of `engine.forms` and of uploads; a number stands where a value would."""
    texts = set()
    for path in [*(ROOT / "engine" / "forms").glob("*.py"), ROOT / "engine" / "storage" / "files.py"]:
        if path.name == "schema.py":
            continue  # findings for analysts
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Return | ast.Raise):
                texts |= {text for text in _sentences(node) if re.match(r"[A-ZÁÉÍ][a-záéíóúñ]+ .*\.$", text)}
    assert len(texts) > 20
    assert {text for text in texts if english(text) == text} == set()


def _sentences(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for inner in ast.iter_child_nodes(node):
            yield from _sentences(inner)


def test_a_client_chooses_english_and_goes_back_to_the_same_page(busy_app: Flask) -> None:
    engine: Engine = busy_app.extensions["engine"]
    client, path = busy_app.test_client(), link(engine)
    page = f"{path}/expediente"
    form = {"csrf_token": token(client, page), "idioma": "en", "volver": page}
    answer = client.post("/idioma", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    text = client.get(page).text
    assert '<html lang="en">' in text
    for said in ("Digital file", "Where it stands", "Under way", "Who handles your matter", "Contract of professional"):
        assert said in text
    assert client.post("/idioma", data={**form, "idioma": "es_MX"}).status_code == 303
    assert "Dónde va" in client.get(page).text


def test_the_language_changes_under_a_half_filled_contact_and_nothing_typed_is_lost(app: Flask) -> None:
    client: FlaskClient = app.test_client()
    page = client.get("/contacto").text
    assert re.search(r'<button[^>]* form="formulario" formnovalidate name="_idioma" value="en"', page)
    typed = {"nombre": "Ana <Ruiz>", "descripcion_breve": "Me multaron", "oposicion_voluntarias": "on"}
    form = {"csrf_token": token(client, "/contacto"), **typed}
    for wanted, heading in (("en", "What is happening?"), ("es_MX", "¿Qué sucede?")):
        answer = client.post("/contacto", data={**form, "_idioma": wanted})
        assert answer.status_code == 200
        assert heading in answer.text
        assert 'value="Ana &lt;Ruiz&gt;"' in answer.text
        assert ">Me multaron</textarea>" in answer.text
        assert re.search(r'name="oposicion_voluntarias"[^>]* checked', answer.text)
        assert 'aria-invalid="true"' not in answer.text
        # The next page is in it too.
        assert heading in client.get("/contacto").text
    assert "¿Qué sucede?" in client.post("/contacto", data={**form, "_idioma": "fr"}).text


@pytest.mark.parametrize("back", ["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", ""])
def test_the_way_back_never_leads_out_of_the_house(app: Flask, back: str) -> None:
    client: FlaskClient = app.test_client()
    form = {"csrf_token": token(client, "/contacto"), "idioma": "en", "volver": back}
    assert client.post("/idioma", data=form).headers["Location"] == "/"


def test_the_inbox_in_english(busy: Callable[..., FlaskClient]) -> None:
    client = busy("sluna")
    client.set_cookie(languages.COOKIE, "en")
    text = client.get("/bandeja").text
    assert "<h1>Inbox</h1>" in text
    assert "Follow up" in text
    history = client.get(f"/asuntos/{KEY}/historia").text
    assert "finished “Prepare the start”" in history
