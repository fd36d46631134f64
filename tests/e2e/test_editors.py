"""The editors of the studio in a browser, as an analyst uses them who has never seen Python."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.editing import FILE, chosen, is_on_top, missing, opened, ready
from tests.e2e.test_pages import _sign_in
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
    assert studio.complaints == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk light", "phone dark"])
def test_every_editor_is_accessible_and_its_mark_visible(
    studio: Walker, browser: Browser, size: Any, scheme: Any
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="es-MX")
    page, found = context.new_page(), []
    _sign_in(page, studio, "admin")
    for path, mark in EDITORS.items():
        page.goto(studio.base + path)
        ready(page)
        expect(page.locator("#hallazgos-n")).not_to_have_text("Revisando…")
        if mark:
            is_on_top(page.locator(mark).first)
        found += violations(page, path)
    context.close()
    assert not found, "\n".join(found)


def test_a_gap_of_a_table_is_closed_with_a_rule_and_tried(studio: Walker) -> None:
    page = opened(studio, f"{FILE}dmn/reunion_equipo.dmn")
    gap = page.locator("#analisis li").filter(has_text="complejidad: vacío")
    gap.get_by_role("button", name="Agregar esa regla").click()
    expect(page.locator("#analisis li").filter(has_text="complejidad: vacío")).to_have_count(0)
    page.locator("#entradas input").first.fill("auto")
    page.get_by_role("button", name="Probar", exact=True).click()
    expect(page.locator("#resultado")).to_contain_text("Regla 7")
    matched = page.locator("td.rule-index").last
    expect(matched).to_have_css("background-color", "rgb(205, 238, 224)")
    expect(page.locator("td.rule-index").first).not_to_have_css("background-color", "rgb(205, 238, 224)")
    assert missing(page) == []
    assert studio.complaints == []


def created(studio: Walker, kind: str, name: str) -> Page:
    """The editor of a new file, made from nothing."""
    page = studio.person("admin")
    page.goto(f"{studio.base}/estudio")
    page.get_by_label("Qué").select_option(kind)
    page.get_by_label("Nombre", exact=True).fill(name)
    page.get_by_role("button", name="Crear y abrir", exact=True).click()
    ready(page)
    return page


def test_a_new_table_gets_types_values_and_rules_with_the_mouse(studio: Walker) -> None:
    page = created(studio, "dmn", "urgencia_caso")
    page.locator("th.input-cell").dblclick()
    menu = page.locator(".context-menu")
    expect(menu.get_by_role("combobox", name="Tipo")).to_have_text("número")
    # The list opens by its arrow too; the menu stays.
    menu.locator(".type-ref-edit .dms-input-select-icon").click()
    page.locator(".option").get_by_text("texto", exact=True).click()
    values = menu.get_by_placeholder("uno, otro")
    values.click()
    page.keyboard.type("alta, media,baja")
    page.keyboard.press("Enter")
    expect(menu.get_by_role("button", name=re.compile('^Quitar "'))).to_have_count(3)
    page.keyboard.press("Escape")

    # A rule takes one of the values by the pencil beside its cell; its row is no higher than it must be.
    cell = page.locator("td.input-cell").first
    cell.click()
    page.locator(".simple-mode-button").click()
    menu.get_by_text('"media"').click()
    expect(cell).to_have_text('"media"')
    expect(menu.get_by_label('"media"')).to_be_checked()
    page.keyboard.press("Escape")
    box = page.locator("td.annotation").last.bounding_box()
    assert box is not None
    assert box["height"] < 70

    # The second rule goes above the first.
    page.locator("td.rule-index").nth(1).hover()
    drag = page.locator("td.rule-index .dmn-icon-drag").nth(1)
    drag.drag_to(cell, target_position={"x": 30, "y": 3})
    expect(cell).to_have_text(">= 1000")
    assert missing(page) == []
    assert studio.complaints == []


def test_a_graph_of_decisions_is_drawn_from_nothing_and_tried(studio: Walker) -> None:
    page = created(studio, "dmn", "cobro")
    page.get_by_role("button", name="Gráfico de requisitos").click()
    shape = page.locator(".djs-shape").filter(has_text="Cobro")
    shape.click()
    pad = page.locator(".djs-context-pad")
    pad.locator('[data-action="append.decision"]').click()
    page.keyboard.type("recargo")
    page.keyboard.press("Enter")
    pad.locator('[data-action="append.input-data"]').click()
    page.keyboard.type("importe")
    page.keyboard.press("Enter")
    page.get_by_label("Tipo", exact=True).select_option(label="número")
    page.locator(".djs-shape").filter(has_text="recargo").click(position={"x": 120, "y": 60})
    pad.locator('[data-action="replace"]').click()
    page.locator(".djs-popup").get_by_text("Expresión").click()

    # The expression completes the names of the graph and of the process, and no function that does not run here.
    page.get_by_role("button", name="Expresión: recargo").click()
    page.locator(".dmn-literal-expression-container .cm-content").click()
    page.keyboard.type("imp")
    offered = page.locator(".cm-tooltip-autocomplete")
    expect(offered).to_contain_text("importe")
    expect(offered).not_to_contain_text("fromAi")
    page.keyboard.press("Escape")
    page.keyboard.type("orte * 0.05")
    is_on_top(page.locator(".powered-by:visible, .bjs-powered-by:visible").first)

    # The table asks for the lower decision; the try for what that one needs.
    page.get_by_role("button", name="Tabla: Cobro").click()
    page.locator("th.input-cell").dblclick()
    page.locator(".context-menu .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("recargo")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    field = page.locator("#entradas").get_by_label("importe")
    field.fill("30,000")
    field.press("Enter")
    expect(page.locator("#resultado li")).to_have_text(["recargo: 1500.00", re.compile(r"Cobro: mucho\s*Regla 2")])
    expect(page.locator("td.rule-index").nth(1)).to_have_css("background-color", "rgb(205, 238, 224)")

    # A word without quotes is told at its cell, with what to write.
    cell = page.locator("td.output-cell").first
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("nada")
    page.keyboard.press("Escape")
    finding = page.locator("#hallazgos li").filter(has_text="no es el nombre de ningún dato")
    expect(finding).to_contain_text('va entre comillas: "nada"')
    assert "va entre comillas" in cell.evaluate("one => getComputedStyle(one, '::after').content")
    page.get_by_role("button", name="Gráfico de requisitos").click()
    finding.get_by_role("button", name="Regla 1, Resultado").click()
    expect(cell.locator(":focus")).to_have_count(1)
    assert missing(page) == []
    assert studio.complaints == []


ENGLISH = re.compile(
    r"\b(the|of|with|click|create|list|value|item|items|element|to|add|remove|none|text|form|your|drag|select|file|and)\b",
    re.IGNORECASE,
)
WORDS = """one => [one.innerText, ...[...one.querySelectorAll('[title], [aria-label], [placeholder], option')].flatMap(
  (part) => [part.title, part.getAttribute('aria-label'), part.placeholder, part.localName === 'option' && part.text])]
  .filter(Boolean).flatMap((words) => words.split('\\n'))"""


def test_nothing_that_the_form_editor_says_is_left_in_english(studio: Walker) -> None:
    page = created(studio, "form", "todo_junto")
    editor, said = page.locator("#dibujo"), set[str]()
    kinds = page.locator(".fjs-palette-field").evaluate_all("all => all.map((one) => one.dataset.fieldType)")
    for kind in kinds:
        page.locator(f'.fjs-palette-field[data-field-type="{kind}"]').click()
        closed = editor.locator(".bio-properties-panel-group-header:not(.open)")
        closed.evaluate_all("all => { for (const one of all) one.click(); return new Promise(requestAnimationFrame); }")
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


def test_a_rule_task_gets_a_new_decision_and_misses_it_when_it_is_deleted(studio: Walker) -> None:
    page = opened(studio, f"{FILE}bpmn/12_servicio_postventa.bpmn")
    rule = page.locator("#elementos [data-element^=br_]").first.get_attribute("data-element")
    panel = chosen(page, rule or "")
    panel.get_by_label("Nombre", exact=True).fill("Medir el riesgo")
    panel.get_by_label("Nombre", exact=True).blur()
    panel.locator("select[name=decisionId]").select_option(label="Nueva decisión: medir_el_riesgo")
    with page.context.expect_page() as other:
        panel.locator("a[href$='dmn/medir_el_riesgo.dmn']").click()
    table = other.value
    ready(table)
    expect(table.get_by_role("heading", level=1)).to_have_text("Medir el riesgo")
    table.get_by_role("link", name="Opciones").click()
    table.get_by_role("button", name="Borrar").click()
    table.close()
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    page.reload()
    ready(page)
    finding = page.locator("#hallazgos > li").filter(has_text="unknown-decision")
    expect(finding).to_contain_text("medir_el_riesgo")
    assert missing(page) == []
    assert studio.complaints == []


def test_a_graph_is_worked_on_without_a_mouse_and_its_decision_keeps_its_id(studio: Walker) -> None:
    page = created(studio, "dmn", "por_teclado")
    page.get_by_role("button", name="Gráfico de requisitos").press("Enter")
    page.locator("#partes summary").press("Enter")
    page.get_by_role("button", name="Decide con expresión: Por teclado").press("Enter")
    page.get_by_role("button", name="Agregar dato: Por teclado").press("Enter")
    page.keyboard.type("monto")
    page.keyboard.press("Enter")
    expect(page.locator("#partes li")).to_contain_text(["Decisión: Por teclado", "Dato de entrada: monto"])
    page.get_by_role("button", name="Expresión: Por teclado").press("Enter")
    page.locator(".dmn-literal-expression-container .cm-content").focus()
    page.keyboard.type("monto * 2")
    page.locator("#entradas").get_by_label("monto").fill("21")
    page.keyboard.press("Enter")
    expect(page.locator("#resultado")).to_contain_text("Por teclado: 42")
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    saved = page.request.get(f"{studio.base}{FILE}dmn/por_teclado.dmn/descargar").text()
    assert '<decision id="por_teclado"' in saved
    assert violations(page, "graph") == []
    assert missing(page) == []
    assert studio.complaints == []


def test_a_cell_of_every_type_is_edited_in_spanish(studio: Walker) -> None:
    types = ["string", "boolean", "number", "date", "time", "dateTime", "dayTimeDuration", "yearMonthDuration"]
    columns = "".join(
        f'<input id="i{one}"><inputExpression id="e{one}" typeRef="{one}"><text>{one.lower()}</text></inputExpression>'
        "</input>"
        for one in types
    ) + "".join(f'<output id="o{one}" name="s{one}" typeRef="{one}"/>' for one in types)
    cells = "".join(f'<inputEntry id="a{one}"><text></text></inputEntry>' for one in types)
    cells += "".join(f'<outputEntry id="b{one}"><text></text></outputEntry>' for one in types)
    page = uploaded(studio, "tipos.dmn", f'{columns}<rule id="r">{cells}</rule>')
    menu, said = page.locator(".context-menu"), set[str]()
    for number in range(2 * len(types)):
        page.locator("tbody td.cell").nth(number).click()
        page.locator(".simple-mode-button").click()
        said.update(menu.evaluate(WORDS))
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    assert [words for words in said if ENGLISH.search(words) or "{" in words] == []
    assert "por ejemplo 2027-01-31" in " ".join(said)
    assert missing(page) == []
    # A try asks for each by its kind.
    kinds = page.locator("#entradas input, #entradas select").evaluate_all("all => all.map((one) => one.type)")
    assert kinds == ["text", "select-one", "text", "date", "time", "datetime-local", "text", "text"]


def uploaded(studio: Walker, name: str, table: str, version: str = "20191111") -> Page:
    """The editor of a decision that came in as a file."""
    head = f'<definitions xmlns="https://www.omg.org/spec/DMN/{version}/MODEL/" id="x" name="x" namespace="n">'
    id = name.partition(".")[0]
    logic = f'<decision id="{id}" name="{id}"><decisionTable id="t">{table}</decisionTable></decision></definitions>'
    page = studio.person("admin")
    page.goto(f"{studio.base}/estudio")
    upload = {"name": name, "mimeType": "application/xml", "buffer": (head + logic).encode()}
    page.get_by_label("Archivos").set_input_files(upload)  # type: ignore[arg-type]
    page.get_by_role("button", name="Importar").click()
    ready(page)
    return page


def test_a_decision_that_the_editor_does_not_understand_is_said_before_it_is_lost(studio: Walker) -> None:
    column = '<input id="i"><inputExpression id="e"><text>a</text></inputExpression></input><output id="o" name="s"/>'
    cells = '<inputEntry id="q"><text>1</text></inputEntry><outputEntry id="w"><text>2</text></outputEntry>'
    table = f'{column}<rule id="no es un id">{cells}</rule>'
    page = uploaded(studio, "rara.dmn", table)
    expect(page.locator("#conflicto")).to_contain_text("se pierde lo que no entiende")
    page = uploaded(studio, "otra.dmn", table, "20230324")
    expect(page.locator("#conflicto")).to_contain_text("el archivo es de otra versión")


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
    expect(form.get_by_role("heading", level=1)).to_have_text("Visto bueno de cobranza")
    expect(form.frame_locator("#previa").get_by_text("Visto bueno de Cobranza")).to_be_visible()
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    saved = page.request.get(f"{studio.base}{STAGE}/descargar").text()
    assert 'formId="visto_bueno_de_cobranza"' in saved
    form.close()
    assert missing(page) == []
    assert studio.complaints == []
