"""Mails and documents of the draft: every template can be seen with invented data, a test mail goes to oneself."""

from __future__ import annotations

import pathlib
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import SYSTEM, load_folder
from tasks.imprenta import Imprenta
from tasks.mensajes_de_plantilla import en_espanol
from tasks.registros import Correo
from tests.web.studio_draft import SignIn, findings_of, post, put, revision_of
from web.studio import samples
from web.studio.merge_fields import merge_fields, unknown_fields
from web.studio.titles import title_of

FOLDER = pathlib.Path(__file__).parents[2] / "processes" / "procedimiento_legal"
FIRM = dict.fromkeys(("nombre", "corto", "lema", "rfc", "domicilio", "telefono", "correo", "banco", "clabe"), "—")
MAIL = "mail/cor_02_invitacion.j2"


@pytest.fixture
def client(app: Flask, sign_in: SignIn) -> FlaskClient:
    return sign_in("admin")


def test_every_template_of_the_process_can_be_shown_with_invented_data() -> None:
    files, press, failed = load_folder(FOLDER), Imprenta(), []
    mails = {name: data for name, data in files.items() if name.startswith("mail/")}
    documents = {name: data for name, data in files.items() if name.startswith("documents/")}
    for path, data in {**mails, **documents}.items():
        name = path.partition("/")[2].rpartition(".")[0]
        if name.startswith("_"):
            continue
        try:
            if path in mails:
                press.correo(mails, name, samples.data_for(samples.of_mail(data.decode()), FIRM))
            else:
                wanted = samples.data_for(samples.of_document(data.decode()), FIRM)
                press.documento(documents, name, wanted, datetime(2027, 1, 11, tzinfo=UTC))
        except Exception as error:
            failed.append(f"{path}: {error}")
    press.close()
    assert failed == []


def test_fields_get_values_of_the_kind_that_they_are_used_as() -> None:
    source = "{{ a | pesos }}{% for x in lista %}{{ x.dia | fecha }}{% endfor %}{% if b %}{{ c.d }}{% endif %}"
    data = samples.data_for(samples.of_mail(source), FIRM)
    assert data["a"] == samples.KINDS["pesos"]
    assert [one["dia"] for one in data["lista"]] == [samples.KINDS["fecha"]] * 2
    assert data["b"] is False
    assert data["c"] == {"d": "«d»"}


def test_the_preview_is_the_draft_and_runs_nothing(client: FlaskClient) -> None:
    data = client.get(f"/estudio/archivo/{MAIL}/descargar").data
    changed = data.replace(b"{% block cuerpo %}", b"{% block cuerpo %}\nNos vemos.\n")
    put(client, MAIL, changed, revision_of(client, MAIL))
    answer = client.get(f"/estudio/carta/{MAIL}/vista")
    assert "Nos vemos" in answer.text
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "text", ["{% extends", "{{ ''.__class__.__mro__ }}", "{% for a in range(10**9) %}x{% endfor %}"]
)
def test_a_broken_or_hostile_template_says_why_in_its_preview(client: FlaskClient, text: str) -> None:
    body = '{% extends "_base.j2" %}{% block asunto %}x{% endblock %}{% block cuerpo %}' + text + "{% endblock %}"
    assert put(client, MAIL, body.encode(), revision_of(client, MAIL)).status_code == 200
    answer = client.get(f"/estudio/carta/{MAIL}/vista")
    assert answer.status_code == 200
    assert "#a1261f" in answer.text


def test_a_test_mail_goes_to_the_person_and_to_nobody_else(client: FlaskClient, app: Flask) -> None:
    assert post(client, f"/estudio/carta/{MAIL}/enviarme").status_code == 302
    with app.extensions["engine"].reading(SYSTEM) as tx:
        mail = tx.session.scalars(select(Correo).order_by(Correo.id.desc())).first()
        assert mail is not None
        assert (mail.destinatario, mail.business_key) == ("admin@barrerasolis.example", None)
        assert (mail.asunto or "").startswith("[Prueba] ")


def test_a_document_is_shown_page_by_page_and_given_as_pdf(client: FlaskClient) -> None:
    path = "documents/acuse_documentos.typ"
    shown = client.get(f"/estudio/carta/{path}/vista")
    assert shown.text.count('<img alt="Hoja ') >= 1
    assert "base64,iVBORw0KGgo" in shown.text
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert client.get(f"/estudio/carta/{path}/pdf").data.startswith(b"%PDF")
    assert client.get(f"/estudio/carta/{MAIL}/pdf").status_code == 404


@pytest.mark.parametrize(
    ("path", "change"),
    [(MAIL, (b"{% block cuerpo %}", b"{% block cuerpo %}{{ folio")), ("documents/acuse_documentos.typ", (b"#", b"##"))],
)
def test_what_cannot_be_composed_is_a_finding_and_is_not_published(
    client: FlaskClient, path: str, change: tuple[bytes, bytes]
) -> None:
    data = client.get(f"/estudio/archivo/{path}/descargar").data
    broken = data.replace(*change, 1)
    found = findings_of(client, path, broken).json["findings"]
    assert [(one["path"], one["severity"]) for one in found if one["rule"] == "not-composed"] == [(path, "error")]
    put(client, path, broken, revision_of(client, path))
    page = client.get("/estudio/publicar").text
    draft_id = page.split('name="borrador" value="', 1)[1].split('"', 1)[0]
    answer = post(client, "/estudio/publicar", nombre="rota", borrador=draft_id)
    assert answer.status_code == 422
    assert "not-composed" in answer.text


def test_a_merge_field_comes_the_way_the_text_writes_it() -> None:
    mail = {one["name"]: one["insert"] for one in merge_fields("mail/x.j2", b"{{ total | pesos }} {{ servicio }}")}
    assert (mail["total"], mail["servicio"]) == ("{{ total | pesos }}", "{{ servicio }}")
    typ = {one["name"]: one["insert"] for one in merge_fields("documents/x.typ", b"#pesos(datos.total) #datos.folio")}
    assert (typ["total"], typ["folio"]) == ("#pesos(datos.total)", "#datos.folio")


def test_no_field_of_the_firms_own_texts_is_unknown() -> None:
    files = load_folder(FOLDER)
    texts = {path: data for path, data in files.items() if path.endswith((".j2", ".typ")) and "/_" not in path}
    assert [one for path, data in texts.items() for one in unknown_fields(path, data, data, FIRM)] == []


@pytest.mark.parametrize(
    ("path", "written", "place", "remedy"),
    [
        (MAIL, "{{ persona.nombr }}", "L+1:4", "¿Quiso decir «nombre»?"),
        (MAIL, "{{ inicoi | momento }}", "L+1:4", "¿Quiso decir «inicio»?"),
        (MAIL, "{% set x = folio %}{{ x }}", None, ""),
        (MAIL, "{# {{ inventado }} #}", None, ""),
        ("documents/acuse_documentos.typ", "#datos.recibo", "L+1:8", "¿Quiso decir «recibio»?"),
    ],
)
def test_a_field_that_nothing_gives_is_told_at_its_place(
    path: str, written: str, place: str | None, remedy: str
) -> None:
    data = load_folder(FOLDER)[path]
    after = b"{% block cuerpo %}\n" if path == MAIL else b'documentos")\n'
    before, mark, rest = data.partition(after)
    changed = before + mark + written.encode() + b"\n" + rest
    found = list(unknown_fields(path, changed, data, FIRM))
    line = (before + mark).count(b"\n")
    expected = [] if place is None else [(place.replace("L+1", str(line + 1)), remedy)]
    assert [(one.element_id, one.remedy) for one in found] == expected


def test_of_a_new_text_only_what_every_one_has_is_known() -> None:
    found = unknown_fields("mail/x.j2", b"{{ lo_que_sea }} {{ asunto.folo }}", None, FIRM)
    assert [(one.element_id, one.message) for one in found] == [("1:21", "Nada da el dato «asunto.folo».")]


@pytest.mark.parametrize(
    ("said", "spanish"),
    [
        ("mail/a.j2, renglón 7: No filter named 'peso'.", "mail/a.j2, renglón 7: no hay un formato «peso»"),
        ("unexpected '}'", "el signo «}» no va aquí"),
        ("Unexpected end of template. Jinja … The innermost block that needs to be closed is 'if'.", "{% endif %}"),
        ("unknown variable: peso\nerror: unknown variable\n  ┌─ a.typ:2:1", "no hay una función ni un nombre «peso»."),
    ],
)
def test_what_cannot_be_composed_is_said_in_spanish(said: str, spanish: str) -> None:
    assert spanish in en_espanol(said)
    assert "error:" not in en_espanol(said)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("mail/cor_06_propuesta.j2", "Su propuesta de servicios …"),
        ("mail/cor_02_invitacion.j2", "Cor 02 invitacion"),
        ("mail/_base.j2", "Base"),
        ("documents/acuse_documentos.typ", "Acuse de documentos"),
    ],
)
def test_a_mail_is_called_by_its_subject_and_a_document_by_its_title(path: str, title: str) -> None:
    assert title_of(path, load_folder(FOLDER)[path]) == title
