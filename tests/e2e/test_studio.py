"""The analyst's way from a changed rule to a published version, in a browser; and what the studio shows on the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from engine import SYSTEM
from tests.e2e.walker import PHONE, Walker, violations
from web.studio import starters

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DECISION = "dmn/reunion_equipo.dmn"
FOREIGN = '<o:nota xmlns:o="urn:otra-herramienta" color="azul">Se queda</o:nota>'


def saved(page: Page) -> None:
    expect(page.locator("#estado")).to_have_text(re.compile("^Guardado, "))


def cell(page: Page, old: str, new: str, number: int = 0) -> None:
    """Write another test into the cell that says `old`."""
    found = page.locator("td.input-cell").filter(has_text=re.compile(rf"^{re.escape(old)}$")).nth(number)
    found.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(new)
    page.keyboard.press("Escape")


def test_from_a_changed_threshold_to_a_published_version(walker: Walker) -> None:
    page = walker.person("admin")
    page.goto(f"{walker.base}/estudio")
    found = violations(page, "draft")
    page.get_by_role("link", name="Reunión con el equipo").click()
    expect(page.locator("#dibujo[data-ready]")).to_be_visible()

    # The rule alone overlaps the two others: a finding, gone when they follow.
    cell(page, ">= 1000000", ">= 750000")
    overlap = page.locator("#hallazgos li.error").filter(has_text="valen a la vez")
    expect(overlap.first).to_be_visible()
    cell(page, "< 1000000", "< 750000")
    cell(page, "< 1000000", "< 750000")
    expect(overlap).to_have_count(0)
    saved(page)
    walker.picture(page, "decision mended")

    # Playing the draft comes between these two: tests/e2e/test_trial.py walks through it.

    page.get_by_role("link", name="Revisar y publicar").first.click()
    expect(page.get_by_text("Nada impide publicar")).to_be_visible()
    found += violations(page, "publish")
    page.get_by_role("link", name="Reunión con el equipo").click()
    row = page.get_by_role("row").filter(has_text=">= 750000")
    expect(row.locator("del")).to_have_text(">= 1000000")
    found += violations(page, "difference of a table")
    walker.picture(page, "difference of a table")
    page.go_back()
    page.get_by_label("Nombre de la versión").fill("Umbral de 750 mil")
    page.get_by_role("button", name="Publicar", exact=True).click()
    expect(page.get_by_role("heading", name="Umbral de 750 mil")).to_be_visible()
    found += violations(page, "version")
    decided = walker.engine.decide(
        "reunion_equipo",
        {"requiere_equipo_manual": "auto", "complejidad": 1, "cuantia": 800_000, "viabilidad": "alta"},
        by=SYSTEM,
    )
    assert decided.outputs["requiere"] is True
    page.get_by_role("link", name="Versiones", exact=True).click()
    found += violations(page, "versions")
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="Manual", exact=True).click()
    page.wait_for_url("**/estudio/manual")
    found += violations(page, "handbook on a telephone")
    assert not found, "\n".join(found)
    assert walker.complaints == []


def test_a_diagram_of_another_tool_keeps_what_only_that_tool_knows(walker: Walker) -> None:
    page = walker.person("admin")
    page.goto(f"{walker.base}/estudio")
    content = starters.diagram("ajeno.bpmn").replace("<zeebe:userTask />", f"<zeebe:userTask />{FOREIGN}")
    page.get_by_label("Archivos").set_input_files(
        {"name": "ajeno.bpmn", "mimeType": "application/xml", "buffer": content.encode()}
    )
    page.get_by_role("button", name="Importar").click()
    expect(page.locator("#dibujo[data-ready]")).to_be_visible()
    page.locator("details:has(#elementos)").evaluate("one => { one.open = true; }")
    page.locator('#elementos [data-element="ut_ajeno"]').press("Enter")
    name = page.locator("#panel").get_by_label("Nombre", exact=True)
    if not name.is_visible():
        page.locator("#panel").get_by_text("General").click()
    name.fill("Otro nombre")
    name.blur()
    saved(page)
    kept = page.request.get(f"{walker.base}/estudio/archivo/bpmn/ajeno.bpmn/descargar").text()
    assert 'name="Otro nombre"' in kept
    assert "urn:otra-herramienta" in kept
    assert ">Se queda<" in kept
    with page.expect_download() as picture:
        page.get_by_role("button", name="Guardar la imagen como PNG").click()
    with open(picture.value.path(), "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"

    # What it changes, beside nothing that was there before.
    page.goto(f"{walker.base}/estudio/diferencias/bpmn/ajeno.bpmn")
    expect(page.locator("#despues .diff-added").first).to_be_visible()
    page.get_by_role("button", name="Otro nombre", exact=True).click()
    assert violations(page, "difference of a diagram") == []
    assert walker.complaints == []


def test_a_diagram_without_a_drawing_gets_one_and_what_would_be_lost_is_said_before(walker: Walker) -> None:
    bare = re.sub(r"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", "", starters.diagram("a.bpmn"), flags=re.DOTALL)
    bare = re.sub(r"<bpmn:(incoming|outgoing)>.*?</bpmn:\1>", "", bare)
    odd = bare.replace("<zeebe:userTask />", "<zeebe:userTask /><zeebe:raro />")
    assert bare != odd
    page = walker.person("admin")

    def brought(name: str, content: str) -> Page:
        page.goto(f"{walker.base}/estudio")
        file = {"name": name, "mimeType": "application/xml", "buffer": content.encode()}
        page.get_by_label("Archivos").set_input_files(file)
        page.get_by_role("button", name="Importar", exact=True).click()
        expect(page.locator("#dibujo[data-ready]")).to_be_visible()
        return page

    expect(brought("otro.bpmn", "<html/>").locator("#aviso")).to_contain_text("no es un diagrama BPMN")
    expect(brought("bare.bpmn", odd).locator("#aviso li")).to_have_text("el elemento <zeebe:raro>")
    assert violations(page, "a diagram without a drawing") == []
    page.get_by_role("button", name="Dibujarlo").click()
    saved(page)
    expect(page.locator("#aviso")).to_be_hidden()
    expect(page.locator(".djs-shape .djs-visual")).to_have_count(5)  # Three, and two names.
    # What the flows say is enough: nothing is said to hang in the air.
    expect(page.locator("#hallazgos code", has_text=re.compile("^no-(disconnected|bpmndi)$"))).to_have_count(0)
    kept = page.request.get(f"{walker.base}/estudio/archivo/bpmn/bare.bpmn/descargar").text()
    assert kept.count("BPMNShape ") == 3
    walker.picture(page, "drawn by the editor")
    assert walker.complaints == []
