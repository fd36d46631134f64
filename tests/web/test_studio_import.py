"""Files that are brought to the studio: each to its folder, nothing lost by it, refused with the reason."""

from __future__ import annotations

import html
import io
import pathlib
import zipfile

import pytest
from flask.testing import FlaskClient

from engine import Engine
from tests.web.studio_draft import SignIn, analyst, engine, findings_of, put, revision_of, upload
from tests.web.two_steps import RESOURCES
from web.studio import starters

__all__ = ["analyst", "engine"]

FORM = next(path for path in RESOURCES if path.startswith("forms/"))


def zip_of(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return packed.getvalue()


def test_an_imported_file_replaces_another_only_when_asked(analyst: FlaskClient, engine: Engine) -> None:
    name, changed = FORM.partition("/")[2], RESOURCES[FORM] + b" "
    assert upload(analyst, name, changed).status_code == 422
    assert upload(analyst, name, changed, reemplazar="si").status_code == 302
    assert analyst.get(f"/estudio/archivo/{FORM}/descargar").data == changed


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.bpmn", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "DOCTYPE"),
        ("a.bpmn", b"<a>\n<b></a>", "línea 2, columna 8"),
        ("a.dmn", b"\xff\xfe<x/>", "UTF-8"),
        ("a.form", b"[" * 100_000, "demasiados niveles"),
        ("a.form", b"{,}", "línea 1, columna 2"),
        ("a.form", b"[" + b"9" * 5000 + b"]", "no se puede leer"),
        ("a.form", b"[]", "no es un formulario"),
        ("a.yaml", b"a: &x [1]\nb: [*x, *x]", "anclas"),
        ("a.yaml", b"a: [1", "YAML bien formado en la línea 2"),
        ("a.yaml", b"[" * 100_000, "niveles"),
        ("a.yaml", b"- 1\n" * 100_000, "256 kB"),
        ("a.exe", b"MZ", "no es un diagrama"),
        ("a.zip", zip_of(*((f"bpmn/a{n}.bpmn", b" " * 9_000_000) for n in range(4))), "demasiado grande"),
        ("a.zip", zip_of(("a.bpmn", b" " * 3_000_000)), "«a.bpmn» pasa de 2 MB"),
        ("a.zip", zip_of(("x.zip", b"PK")), "Nada de esto es de un proceso: x.zip"),
        ("a.zip", zip_of(("a.mail", b"x"), ("..\\..\\bpmn\\x.bpmn", b"<x/>")), "fuera de su carpeta"),
        ("a.zip", zip_of(("bpmn/../../etc/x.bpmn", b"<x/>")), "fuera de su carpeta"),
        ("a.zip", zip_of(("uno/a.form", b"{}"), ("dos/a.form", b"{}")), "dos archivos que se llamarían forms/a.form"),
        ("a.zip", b"PK no", "no se puede leer"),
    ],
)
def test_hostile_and_broken_uploads_are_refused_with_the_reason(
    analyst: FlaskClient, engine: Engine, name: str, data: bytes, reason: str
) -> None:
    answer = upload(analyst, name, data)
    assert answer.status_code == 422
    shown = answer.text.split('id="archivos-e">', 1)[1].split("</p>", 1)[0]
    assert reason in html.unescape(shown)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Trámite año 1.bpmn", "bpmn/Tramite_ano_1.bpmn"),
        ("../../a.bpmn", "bpmn/a.bpmn"),
        ("<img src=x onerror=alert(1)>.bpmn", "bpmn/_img_src_x_onerror_alert_1_.bpmn"),
        ("..bpmn", "bpmn/archivo.bpmn"),
    ],
)
def test_a_name_becomes_one_that_files_of_a_process_have(
    analyst: FlaskClient, engine: Engine, name: str, path: str
) -> None:
    answer = upload(analyst, name, starters.diagram("a.bpmn").encode())
    assert answer.location == f"/estudio/archivo/{path}"
    assert analyst.get(f"/estudio/archivo/{path}").status_code == 200


def test_what_a_zip_holds_besides_the_process_is_left_out_by_name(analyst: FlaskClient, engine: Engine) -> None:
    files = ("proceso/README.md", b"# x"), ("__MACOSX/._a.bpmn", b"\0"), ("proceso/.git/config", b"")
    mail = ("proceso/mail/_marco nuevo.html.j2", b"x")
    answer = upload(analyst, "proceso.zip", zip_of(*files, mail))
    assert answer.location == "/estudio/archivo/mail/_marco_nuevo.html.j2"
    assert "se quedaron fuera: proceso/README.md." in analyst.get("/estudio").text


def test_what_somebody_else_changed_is_replaced_only_when_that_is_said(
    analyst: FlaskClient, engine: Engine, sign_in: SignIn
) -> None:
    theirs, mine = RESOURCES[FORM] + b" ", RESOURCES[FORM] + b"\n\n"
    other = sign_in("osanz")
    put(other, FORM, theirs, revision_of(other, FORM))
    name = FORM.partition("/")[2]
    answer = upload(analyst, name, mine, reemplazar="si")
    assert answer.status_code == 422
    assert "Óscar Sanz" in answer.text
    assert analyst.get(f"/estudio/archivo/{FORM}/descargar").data == theirs
    assert upload(analyst, name, mine, reemplazar="si", encima="si").status_code == 302
    assert analyst.get(f"/estudio/archivo/{FORM}/descargar").data == mine


def test_an_exported_zip_can_be_imported_again(analyst: FlaskClient, engine: Engine) -> None:
    exported = analyst.get("/estudio/exportar.zip").data
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        assert {
            name: archive.read(name) for name in archive.namelist() if not name.startswith("scenarios/")
        } == RESOURCES
    assert upload(analyst, "proceso.zip", exported).status_code == 302


IMPORTS = pathlib.Path(__file__).parent / "imports"
"""Diagrams of our own, written as other tools write theirs."""


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("c8_pedido", {"unknown-topic", "unknown-form", "unknown-decision", "unsupported-extension"}),
        ("c7_factura", {"work-without-definition", "expression-needed", "unsupported-attribute"}),
        ("signavio_alta", {"no-executable-process"}),
        ("adonis_compra", {"no-executable-process"}),
        ("bpmnio_dibujo", {"no-executable-process"}),
    ],
)
def test_a_diagram_of_another_tool_says_what_is_to_be_done(analyst: FlaskClient, name: str, rules: set[str]) -> None:
    path, data = f"bpmn/{name}.bpmn", (IMPORTS / f"{name}.bpmn").read_bytes()
    assert upload(analyst, f"{name}.bpmn", data).status_code == 302
    found = findings_of(analyst, path, data).json["findings"]
    own = [one for one in found if one["path"] == path]
    assert rules <= {one["rule"] for one in own}
    assert all(one["remedy"] for one in own)
    assert analyst.get(f"/estudio/archivo/{path}/descargar").data == data
    # Of a list of listeners it is said once.
    assert not [one for one in own if "lleva taskListener," in one["message"]]
