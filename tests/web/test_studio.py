"""The studio's drafts: apart from what is published, never written over unseen, put back."""

from __future__ import annotations

import json
import pathlib

import pytest
from flask.testing import FlaskClient

from engine import SYSTEM, Engine
from tests.engine.definitions.test_hostile import HOSTILE
from tests.web.conftest import token
from tests.web.studio_draft import SignIn, analyst, engine, findings_of, post, put, revision_of, upload
from tests.web.two_steps import RESOURCES
from web.studio import starters

__all__ = ["analyst", "engine"]

MAILS = pathlib.Path(__file__).parents[2] / "processes" / "procedimiento_legal" / "mail"
FORM = next(path for path in RESOURCES if path.startswith("forms/"))
DIAGRAM = next(path for path in RESOURCES if path.startswith("bpmn/"))


def test_only_analysts_and_publishers_enter(engine: Engine, sign_in: SignIn) -> None:
    assert sign_in("nrey").get("/estudio").status_code == 200
    assert sign_in("lvega").get("/estudio").status_code == 403


def test_a_saved_change_is_in_the_draft_and_not_in_what_is_published(analyst: FlaskClient, engine: Engine) -> None:
    changed = RESOURCES[FORM].replace(b'"label"', b'"label" ', 1)
    answer = put(analyst, FORM, changed, revision_of(analyst, FORM))
    assert answer.status_code == 200
    assert answer.json["revision"] == revision_of(analyst, FORM)
    assert analyst.get(f"/estudio/archivo/{FORM}/descargar").data == changed
    assert engine.resources(by=SYSTEM)[FORM] == RESOURCES[FORM]
    assert "Cambiado" in analyst.get("/estudio").text


def test_a_stale_save_is_refused_with_who_and_when_and_overwrites_nothing(
    analyst: FlaskClient, sign_in: SignIn
) -> None:
    seen = revision_of(analyst, FORM)
    theirs, mine = RESOURCES[FORM] + b" ", RESOURCES[FORM] + b"\n\n"
    assert put(sign_in("osanz"), FORM, theirs, seen).status_code == 200
    answer = put(analyst, FORM, mine, seen)
    assert answer.status_code == 409
    assert "Óscar Sanz" in answer.json["message"]
    assert analyst.get(f"/estudio/archivo/{FORM}/descargar").data == theirs


def test_what_is_saved_and_what_one_holds_can_be_compared(analyst: FlaskClient) -> None:
    mine = RESOURCES[FORM].replace(b"{", b'{"nuevo": 1,', 1)
    headers = {"X-CSRFToken": token(analyst, "/estudio")}
    answer = analyst.post(f"/estudio/comparar/{FORM}", data=mine, headers=headers)
    assert any(line.startswith("+") and "nuevo" in line for line in answer.json["lines"])
    assert answer.json["revision"] == revision_of(analyst, FORM)


def test_two_states_of_a_diagram_are_compared_by_what_an_analyst_sees_of_them(analyst: FlaskClient) -> None:
    mine = RESOURCES[DIAGRAM].replace(b'name="Revisar lo anotado"', b'name="Otra cosa"')
    headers = {"X-CSRFToken": token(analyst, "/estudio")}
    answer = analyst.post(f"/estudio/comparar/{DIAGRAM}", data=mine, headers=headers)
    assert answer.json["elements"] == [
        {
            "name": "Otra cosa",
            "kind": "Tarea de usuario",
            "change": "Cambiado",
            "details": [{"name": "nombre", "before": "Revisar lo anotado", "after": "Otra cosa"}],
        }
    ]
    broken = analyst.post(f"/estudio/comparar/{DIAGRAM}", data=mine[:-20], headers=headers)
    assert broken.json["elements"] == []
    assert broken.json["lines"]


def test_who_saved_in_another_window_is_told_so(analyst: FlaskClient) -> None:
    seen = revision_of(analyst, FORM)
    assert put(analyst, FORM, RESOURCES[FORM] + b" ", seen).status_code == 200
    answer = put(analyst, FORM, RESOURCES[FORM] + b"\n", seen)
    assert answer.status_code == 409
    assert answer.json["message"].startswith("Usted guardó este archivo en otra ventana, ")


def test_an_element_that_is_gone_is_missed_by_scenarios_and_matters(analyst: FlaskClient, engine: Engine) -> None:
    other = RESOURCES[DIAGRAM].replace(b"ut_anotar", b"ut_apuntar")

    def said() -> list[str]:
        found = findings_of(analyst, DIAGRAM, other).json["findings"]
        return [one["message"] for one in found if one["rule"] == "element-gone"]

    assert said() == []
    put(analyst, "scenarios/anota.yaml", b"name: Anota\nsteps:\n  - {complete: ut_anotar}\n", "")
    put(analyst, "scenarios/otro.yaml", b"name: Otro\nsteps:\n  - {complete: ut_anotar_2}\n", "")
    assert said() == ["«Anotar lo que pasó» (ut_anotar) ya no está: lo nombra el escenario «Anota»."]
    engine.start("two_steps", "PRO-2027-0001", by=SYSTEM)
    [both] = said()
    assert both.endswith("lo nombra el escenario «Anota»; 1 asunto está ahí ahora.")


def test_undo_brings_the_published_file_back(analyst: FlaskClient) -> None:
    put(analyst, FORM, RESOURCES[FORM] + b" ", revision_of(analyst, FORM))
    seen = revision_of(analyst, FORM)
    assert post(analyst, f"/estudio/archivo/{FORM}/deshacer", revision=seen).status_code == 302
    assert analyst.get(f"/estudio/archivo/{FORM}/descargar").data == RESOURCES[FORM]


@pytest.mark.parametrize("verb", ["deshacer", "borrar"])
def test_what_somebody_else_wrote_meanwhile_is_neither_undone_nor_deleted(
    analyst: FlaskClient, sign_in: SignIn, verb: str
) -> None:
    other = sign_in("osanz")
    put(other, FORM, RESOURCES[FORM] + b" ", revision_of(other, FORM))
    seen = revision_of(analyst, FORM)
    put(other, FORM, RESOURCES[FORM] + b"\n\n", seen)
    answer = post(analyst, f"/estudio/archivo/{FORM}/{verb}", revision=seen)
    assert answer.status_code == 409
    assert f'href="/estudio/diferencias/{FORM}' in answer.text
    assert analyst.get(f"/estudio/archivo/{FORM}/descargar").data == RESOURCES[FORM] + b"\n\n"


def test_a_deleted_file_stays_published_and_can_be_put_back(analyst: FlaskClient, engine: Engine) -> None:
    seen = revision_of(analyst, FORM)
    assert post(analyst, f"/estudio/archivo/{FORM}/borrar", revision="0" * 64).status_code == 409
    assert post(analyst, f"/estudio/archivo/{FORM}/borrar", revision=seen).status_code == 302
    assert analyst.get(f"/estudio/archivo/{FORM}").status_code == 404
    assert FORM in engine.resources(by=SYSTEM)
    post(analyst, f"/estudio/archivo/{FORM}/deshacer", revision="")
    assert analyst.get(f"/estudio/archivo/{FORM}").status_code == 200


def test_a_renamed_file_keeps_its_content(analyst: FlaskClient) -> None:
    answer = post(analyst, f"/estudio/archivo/{FORM}/nombre", nombre="otro_nombre", revision=revision_of(analyst, FORM))
    assert answer.status_code == 302
    assert analyst.get("/estudio/archivo/forms/otro_nombre.form/descargar").data == RESOURCES[FORM]
    assert analyst.get(f"/estudio/archivo/{FORM}").status_code == 404


@pytest.mark.parametrize("kind", ["bpmn", "dmn", "form", "mail", "document", "scenario"])
def test_a_new_file_of_every_kind_opens_and_does_not_forbid_publishing(
    analyst: FlaskClient, engine: Engine, kind: str
) -> None:
    if kind == "mail":
        # What every mail of the firm is set in.
        for name in ("_base.j2", "_base.html"):
            put(analyst, f"mail/{name}", (MAILS / name).read_bytes(), "")
    answer = post(analyst, "/estudio/nuevo", tipo=kind, nombre="visto_bueno")
    assert answer.status_code == 302, answer.text
    assert analyst.get(answer.location).status_code == 200
    path = answer.location.partition("/archivo/")[2]
    found = findings_of(analyst, path, analyst.get(f"/estudio/archivo/{path}/descargar").data).json["findings"]
    assert [one for one in found if one["severity"] == "error"] == []


@pytest.mark.parametrize("name", ["", "../fuera", "con blancos", "ñandú", ".oculto", "a/../b"])
def test_names_that_are_no_file_names_are_refused(analyst: FlaskClient, engine: Engine, name: str) -> None:
    answer = post(analyst, "/estudio/nuevo", tipo="form", nombre=name)
    assert answer.status_code == 422
    assert 'id="nombre-e"' in answer.text


def test_a_new_file_never_replaces_one_that_is_there(analyst: FlaskClient, engine: Engine) -> None:
    assert post(analyst, "/estudio/nuevo", tipo="form", nombre=FORM.partition("/")[2]).status_code == 409


def overlapping_table(rules: int) -> bytes:
    """Every rule overlaps all others."""
    text = starters.decision("a.dmn")
    rule, end = text.index("      <rule"), text.index("    </decisionTable>")
    rows = "".join(
        f'<rule id="r{n}"><inputEntry id="e{n}"><text>[{n}..{n + rules}]</text></inputEntry>'
        f'<outputEntry id="s{n}"><text>"x"</text></outputEntry></rule>'
        for n in range(rules)
    )
    return (text[:rule] + rows + text[end:]).encode()


def many_fields(count: int) -> bytes:
    fields = [{"type": "textfield", "id": f"c{n}", "key": f"k{n}", "label": "x"} for n in range(count)]
    return json.dumps({"type": "default", "id": "a", "components": fields}).encode()


LARGE = {
    "bpmn/a.bpmn": HOSTILE["a mesh of gateways"][0],
    "dmn/a.dmn": overlapping_table(2000),
    "forms/a.form": many_fields(5000),
}


@pytest.mark.parametrize("path", ["bpmn/a.bpmn", "dmn/a.dmn", "forms/a.form"])
def test_what_is_large_and_hostile_but_readable_is_shown_as_anything_else(analyst: FlaskClient, path: str) -> None:
    assert upload(analyst, path.partition("/")[2], LARGE[path]).status_code == 302
    for page in ("/estudio", f"/estudio/archivo/{path}", f"/estudio/diferencias/{path}", "/estudio/publicar"):
        assert analyst.get(page).status_code == 200, page


def test_findings_are_those_of_a_deployment_and_of_what_is_not_yet_saved(analyst: FlaskClient, engine: Engine) -> None:
    broken = RESOURCES[DIAGRAM].replace(b'formId="', b'formId="no_', 1)
    found = findings_of(analyst, DIAGRAM, broken).json["findings"]
    assert [one["rule"] for one in found if one["severity"] == "error"] == ["unknown-form"]
    assert (found[0]["path"], bool(found[0]["remedy"])) == (DIAGRAM, True)
    assert analyst.get(f"/estudio/archivo/{DIAGRAM}/descargar").data == RESOURCES[DIAGRAM]


@pytest.mark.parametrize("content", [b"", b"<a", b"x" * (2 * 1024 * 1024 + 1)])
def test_content_that_cannot_be_read_is_said_to_be_so(analyst: FlaskClient, engine: Engine, content: bytes) -> None:
    answer = findings_of(analyst, DIAGRAM, content)
    assert answer.status_code == 422 or [one["path"] for one in answer.json["findings"] if one["severity"] == "error"]
    assert findings_of(analyst, "../x.bpmn", b"").status_code == 422


def test_editor_pages_allow_style_attributes_and_no_other_page_does(analyst: FlaskClient, engine: Engine) -> None:
    editor = analyst.get(f"/estudio/archivo/{DIAGRAM}").headers["Content-Security-Policy"]
    assert "style-src-attr 'unsafe-inline'" in editor
    assert "script-src 'self';" in editor
    assert "unsafe" not in analyst.get("/estudio").headers["Content-Security-Policy"]


def test_the_migration_makes_the_tables_of_the_studio(tmp_path: pathlib.Path) -> None:
    from sqlalchemy import inspect

    from engine.storage import database as storage
    from web import schema

    database = storage.connect(f"sqlite:///{tmp_path / 'x.db'}")
    schema.upgrade_database(database)
    schema.upgrade_database(database)
    assert {"draft_file", "publication"} <= set(inspect(database).get_table_names())
    database.dispose()
