"""The decision editor in a browser: tables, graphs, expressions, as an analyst uses them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.editing import ENGLISH, FILE, WORDS, chosen, created, is_on_top, missing, opened, ready
from tests.e2e.walker import Walker, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]


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
    cells = page.locator("#dibujo tbody td [role=textbox]").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert cells
    assert all(re.fullmatch(r"Regla \d+, .+", cell) for cell in cells)
    assert len(set(cells)) == len(cells)
    assert missing(page) == []
    assert studio.complaints == []


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

    # A column that is added asks at once what it is.
    page.locator(".add-input").first.click()
    expect(menu.get_by_role("combobox", name="Tipo")).to_be_visible()
    page.keyboard.type("Plazo")
    expect(page.locator("th.input-cell").last).to_contain_text("Plazo")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Deshacer").click()
    page.get_by_role("button", name="Deshacer").click()
    expect(page.locator("th.input-cell")).to_have_count(1)

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
