"""The editors of the studio in a browser, as an analyst uses them who has never seen Python."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.editing import ENGLISH, FILE, WORDS, all_groups_open, chosen, created, is_on_top, missing, opened, ready
from tests.e2e.walker import DESK, PHONE, Walker, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAGE = f"{FILE}bpmn/05_propuesta_servicios.bpmn"
EDITORS = {
    f"{FILE}bpmn/07_pagos.bpmn": ".bjs-powered-by",
    f"{FILE}dmn/reunion_equipo.dmn": ".bjs-powered-by:visible, .powered-by",
    f"{FILE}forms/registrar_contacto.form": ".fjs-powered-by-link",
    f"{FILE}mail/cor_06_propuesta.j2": "",
    f"{FILE}documents/propuesta.typ": "",
    f"{FILE}scenarios/e1_camino_feliz.yaml": "",
}


def test_nothing_that_the_diagram_editor_says_is_left_in_english(studio: Walker) -> None:
    page = opened(studio, f"{FILE}bpmn/06_envio_propuesta.bpmn")
    seen: set[str] = set()
    ids = page.locator("#elementos [data-element]").evaluate_all("all => all.map(one => one.dataset.element)")
    for element in ids:
        kind = element.partition("_")[0]
        if kind not in seen:
            seen.add(kind)
            chosen(page, element)
            replace = page.locator('.djs-context-pad [data-action="replace"]')
            if replace.count():
                replace.first.click()
    page.locator("#dibujo svg").first.focus()
    page.keyboard.press("n")
    expect(page.locator(".djs-popup")).to_be_visible()
    assert len(seen) > 6
    assert missing(page) == []
    titles = page.locator("#panel [title]").evaluate_all("all => all.map(one => one.title)")
    assert titles
    assert not {one for one in titles if re.search("(?i)toggle|select|create|contains|delete", one)}
    assert studio.complaints == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk light", "phone dark"])
def test_every_editor_is_accessible_and_its_mark_visible(
    studio: Walker, browser: Browser, size: Any, scheme: Any
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="es-MX")
    page, found = context.new_page(), []
    studio.sign_in(page, "admin")
    for path, mark in EDITORS.items():
        page.goto(studio.base + path)
        ready(page)
        expect(page.locator("#hallazgos-n")).not_to_have_text("Revisando…")
        if mark:
            is_on_top(page.locator(mark).first)
        found += violations(page, path)
    context.close()
    assert not found, "\n".join(found)


def test_nothing_that_the_form_editor_says_is_left_in_english(studio: Walker) -> None:
    page = created(studio, "form", "todo_junto")
    editor, said = page.locator("#dibujo"), set[str]()
    kinds = page.locator(".fjs-palette-field").evaluate_all("all => all.map((one) => one.dataset.fieldType)")
    for kind in kinds:
        page.locator(f'.fjs-palette-field[data-field-type="{kind}"]').click()
        all_groups_open(editor)
        said.update(editor.evaluate(WORDS))
    assert len(kinds) == 15
    assert [words for words in said if ENGLISH.search(words)] == []
    assert studio.complaints == []


def test_a_field_is_dragged_to_its_place_and_named_by_its_label(studio: Walker) -> None:
    page = opened(studio, f"{FILE}forms/registrar_contacto.form")
    before = page.locator(".fjs-form-container .fjs-element").nth(2)
    place, sign = before.bounding_box(), page.locator('[data-field-type="datetime"]').first.bounding_box()
    assert place is not None
    assert sign is not None
    page.mouse.move(sign["x"] + 30, sign["y"] + 30)
    page.mouse.down()
    page.mouse.move(sign["x"] + 60, sign["y"] + 40, steps=3)
    page.mouse.move(place["x"] + 150, place["y"] + place["height"] - 4, steps=12)
    page.mouse.up()
    panel = page.locator(".fjs-properties-container")
    panel.get_by_label("Etiqueta de la fecha").fill("Última audiencia")
    expect(panel.get_by_label("Clave", exact=True)).to_have_value("ultima_audiencia")
    expect(page.frame_locator("#previa").get_by_label("Última audiencia")).to_be_visible()

    # An option that is added gets its value from its label.
    page.locator('[data-field-type="radio"]').first.click()
    page.locator(".bio-properties-panel-group-header").get_by_text("Opciones", exact=True).click()
    panel.locator(".bio-properties-panel-collapsible-entry-header").first.click()
    option = panel.get_by_role("textbox", name="Etiqueta", exact=True).last
    option.fill("Persona física")
    expect(panel.get_by_label("Valor", exact=True).last).to_have_value("persona_fisica")

    # A field that was there keeps its key, which diagrams and handlers use.
    page.locator(".fjs-form-container").get_by_text("Teléfono", exact=True).click(force=True)
    panel.get_by_label("Etiqueta", exact=True).fill("Celular")
    expect(page.frame_locator("#previa").get_by_label("Celular")).to_be_visible()
    expect(panel.get_by_label("Clave", exact=True)).to_have_value("telefono")
    assert studio.complaints == []


def test_a_mail_offers_its_fields_and_says_at_the_line_what_is_wrong(studio: Walker) -> None:
    page = opened(studio, f"{FILE}mail/cor_02_invitacion.j2")
    text = page.locator("#dibujo .cm-content")
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("{{ persona.tra")
    page.locator(".cm-tooltip-autocomplete li").get_by_text("{{ persona.tratamiento }}").click()
    page.keyboard.type(" {{ persona.nombr }}")
    finding = page.locator("#hallazgos > li").filter(has_text="persona.nombr")
    expect(finding).to_contain_text("¿Quiso decir «nombre»?")
    expect(page.locator(".cm-lintRange-warning")).to_have_text("persona.nombr")
    page.keyboard.press("Control+Home")
    finding.get_by_role("button", name=re.compile("^Renglón ")).click()
    page.keyboard.press("Shift+End")
    assert page.evaluate("getSelection().toString()").startswith("persona.nombr }}")

    # A click on a field puts it where the cursor is; it is undone, and sent to oneself without asking to leave.
    page.get_by_role("button", name="persona.correo", exact=True).click()
    expect(text).to_contain_text("{{ {{ persona.correo }}")
    page.get_by_role("button", name="Deshacer").click()
    page.get_by_role("button", name="Deshacer").click()
    expect(finding).to_have_count(0)
    page.get_by_role("button", name="Enviarme una prueba").click()
    expect(page.get_by_text("El correo de prueba va a ")).to_be_visible()
    expect(text).not_to_contain_text("persona.nombr }}")
    assert studio.complaints == []


def test_a_key_that_somebody_needs_is_missed_where_it_was(studio: Walker) -> None:
    page = opened(studio, f"{FILE}forms/autorizar_cierre.form")
    page.locator('[data-id="c_decision"]').click(position={"x": 200, "y": 8}, force=True)
    page.locator(".fjs-properties-container").get_by_label("Clave", exact=True).fill("decison")
    missed = page.locator("#hallazgos > li").filter(has_text="missing-key")
    expect(missed).to_contain_text("¿Se cambió por «decison»?")
    expect(page.locator('[data-id="c_decision"]')).to_have_css("box-shadow", "rgb(128, 80, 11) 0px 0px 0px 3px")
    page.get_by_role("button", name="Deshacer").click()
    expect(page.locator("#hallazgos-n")).to_have_text("Nada que corregir en este archivo.")
    assert studio.complaints == []


def test_a_step_gets_a_new_form_and_the_group_that_does_it(studio: Walker) -> None:
    page = opened(studio, STAGE)
    panel = chosen(page, "ut_05_aprobar_propuesta")
    panel.get_by_label("Agregar un grupo").select_option("cobranza")
    panel.get_by_label("Nombre", exact=True).fill("Visto bueno de Cobranza")
    panel.get_by_label("Nombre", exact=True).blur()
    panel.locator("select[name=formId]").select_option(label="Nuevo formulario: visto_bueno_de_cobranza")
    with page.context.expect_page() as other:
        panel.locator("a[href$='forms/visto_bueno_de_cobranza.form']").click()
    form = other.value
    ready(form)
    expect(form.get_by_role("heading", level=1)).to_have_text("Visto bueno de Cobranza")
    expect(form.frame_locator("#previa").get_by_text("Visto bueno de Cobranza")).to_be_visible()
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    saved = page.request.get(f"{studio.base}{STAGE}/descargar").text()
    assert 'formId="visto_bueno_de_cobranza"' in saved
    form.close()
    assert missing(page) == []
    assert studio.complaints == []
