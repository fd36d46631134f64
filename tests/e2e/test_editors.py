"""The editors of the studio in a browser, as an analyst uses them who has never seen Python."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import served_firm
from tests.e2e.test_pages import _sign_in
from tests.e2e.walker import DESK, PHONE, Walker, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILE = "/estudio/archivo/"
STAGE = f"{FILE}bpmn/05_propuesta_servicios.bpmn"
EDITORS = {
    f"{FILE}bpmn/07_pagos.bpmn": ".bjs-powered-by",
    f"{FILE}dmn/reunion_equipo.dmn": ".bjs-powered-by:visible, .powered-by",
    f"{FILE}forms/registrar_contacto.form": ".fjs-powered-by-link",
    f"{FILE}mail/cor_06_propuesta.j2": "",
    f"{FILE}documents/propuesta.typ": "",
    f"{FILE}scenarios/e1_camino_feliz.yaml": "",
}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Walker]:
    """The firm with its process published and nothing changed in the draft."""
    with served_firm(tmp_path_factory.mktemp("studio"), browser) as found:
        yield found


def opened(studio: Walker, path: str) -> Page:
    page = studio.person("admin")
    page.goto(studio.base + path)
    _ready(page)
    return page


def _ready(page: Page) -> None:
    if page.locator("#dibujo").count():
        expect(page.locator("#dibujo[data-ready]")).to_be_visible()


def chosen(page: Page, element: str) -> Locator:
    """The properties of the element that is chosen in the list beside the diagram, all groups open."""
    page.locator("details:has(#elementos)").evaluate("one => { one.open = true; }")
    page.locator(f'#elementos [data-element="{element}"]').press("Enter")
    panel = page.locator("#panel")
    closed = panel.locator(".bio-properties-panel-group-header:not(.open)")
    closed.evaluate_all("all => { for (const one of all) one.click(); return new Promise(requestAnimationFrame); }")
    return panel


def missing(page: Page) -> list[str]:
    found = page.evaluate("document.documentElement.dataset.missing")
    return list(json.loads(found)) if found else []


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


def test_menus_offer_what_may_stand_there_and_find_it_as_people_type_it(studio: Walker) -> None:
    page = opened(studio, f"{FILE}bpmn/09_notificacion_arranque.bpmn")
    chosen(page, "ut_09_preparar_arranque")
    popup = page.locator(".djs-popup")
    page.locator('.djs-context-pad [data-action="set-color"]').click()
    colours = popup.locator(".entry").evaluate_all("all => all.map(one => one.title)")
    assert colours == ["Sin color", "Azul", "Naranja", "Verde", "Rojo", "Morado"]
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(popup.get_by_text("Compuerta inclusiva")).to_be_attached()
    expect(popup.locator("input")).to_be_focused()
    page.keyboard.type("reunion el equipo el")
    expect(popup.locator(".entry")).to_contain_text(["Reunión con el equipo"])
    expect(popup).to_contain_text("1 resultado")
    page.keyboard.press("Control+a")
    page.keyboard.type("límite cancelación")
    expect(popup).to_contain_text("0 resultados")
    assert missing(page) == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk light", "phone dark"])
def test_every_editor_is_accessible_and_its_mark_visible(
    studio: Walker, browser: Browser, size: Any, scheme: Any
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="es-MX")
    page, found = context.new_page(), []
    _sign_in(page, studio, "admin")
    for path, mark in EDITORS.items():
        page.goto(studio.base + path)
        _ready(page)
        expect(page.locator("#hallazgos-n")).not_to_have_text("Revisando…")
        if mark:
            _is_on_top(page.locator(mark).first)
        found += violations(page, path)
    context.close()
    assert not found, "\n".join(found)


def _is_on_top(mark: Locator) -> None:
    mark.scroll_into_view_if_needed()
    expect(mark).to_be_visible()
    assert mark.evaluate(
        """mark => { const box = mark.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return mark.contains(top); }"""
    )


def test_what_is_wrong_is_said_while_drawing_at_the_element_with_its_remedy(studio: Walker) -> None:
    page = opened(studio, STAGE)
    flow = "fl_gx_05_aprobada__fin_05_aprobada"
    expect(page.locator("#hallazgos-n")).to_have_text("Nada que corregir en este archivo.")
    panel = chosen(page, flow)
    panel.locator(".cm-content").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" and propuesta_")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("propuesta_id")
    page.keyboard.press("Escape")
    for _ in "propuesta_":
        page.keyboard.press("Backspace")
    page.keyboard.type("ven")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("vence(n, calendario)")
    page.keyboard.press("Escape")
    for _ in "ven":
        page.keyboard.press("Backspace")
    page.keyboard.type("decison_aprobacion = 1")
    finding = page.locator("#hallazgos li").filter(has_text="decison_aprobacion")
    expect(finding).to_contain_text("¿Quiso decir «decision_aprobacion»?")
    expect(page.locator(".finding-mark")).to_have_attribute("title", re.compile("decison_aprobacion"))
    chosen(page, "ut_05_aprobar_propuesta")
    finding.get_by_role("button", name="Sí").click()
    expect(panel.locator(".bio-properties-panel-header")).to_contain_text("Sí")
    page.get_by_role("button", name="Deshacer").click()
    expect(page.locator(".finding-mark")).to_have_count(0)
    assert studio.complaints == []


def test_a_task_that_is_added_is_for_a_person_and_asks_for_what_it_lacks(studio: Walker) -> None:
    page = opened(studio, f"{FILE}bpmn/09_notificacion_arranque.bpmn")
    expect(page.locator("#hallazgos-n")).to_have_text("Nada que corregir en este archivo.")
    chosen(page, "ini_09")
    page.locator('.djs-context-pad [data-action="append.append-task"]').click()
    page.keyboard.type("Llamar")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel .bio-properties-panel-header")).to_contain_text("Tarea de usuario", ignore_case=True)
    rules = page.locator("#hallazgos li").filter(has_text="Llamar").locator("code")
    expect(rules).to_have_text(["implicit-end", "user-task-without-form", "user-task-without-people"])
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator("#hallazgos-n")).to_have_text("Nada que corregir en este archivo.")


def test_a_way_around_a_step_is_drawn_with_the_keyboard_alone(studio: Walker) -> None:
    page = opened(studio, f"{FILE}bpmn/09_notificacion_arranque.bpmn")
    panel = chosen(page, "fl_ini_09__ut_09_preparar_arranque")
    panel.get_by_label("Insertar en medio").select_option("bpmn:ExclusiveGateway")
    expect(panel.get_by_label("Nombre", exact=True)).to_be_focused()
    page.keyboard.type("¿Hace falta?")
    page.keyboard.press("Tab")
    inserted = page.locator("#elementos li").filter(has_text="¿Hace falta? Gateway_").locator("button")
    panel = chosen(page, str(inserted.get_attribute("data-element")))
    panel.get_by_label("Conectar con").select_option("st_09_activar_expediente")
    flow = page.locator("#elementos button").filter(has_text=re.compile("^¿Hace falta.*→ Activar expediente digital$"))
    drawn = page.locator(f'[data-element-id="{flow.get_attribute("data-element")}"].djs-connection')
    step = page.locator('[data-element-id="ut_09_preparar_arranque"].djs-shape > .djs-visual').bounding_box()
    way = drawn.locator(".djs-visual").bounding_box()
    assert step
    assert way
    assert way["y"] + way["height"] > step["y"] + step["height"], "it leads around the step, not through it"
    panel.get_by_label("Flujo por omisión").select_option(str(flow.get_attribute("data-element")))
    chosen(page, str(flow.get_attribute("data-element"))).get_by_label("Lleva a").select_option(
        "ut_09_preparar_arranque"
    )
    for _ in range(5):
        page.get_by_role("button", name="Deshacer").click()
    expect(page.locator("#hallazgos-n")).to_have_text("Nada que corregir en este archivo.")
    assert missing(page) == []
    assert studio.complaints == []


def test_what_is_dropped_on_a_short_arrow_gets_room(studio: Walker) -> None:
    page = opened(studio, f"{FILE}bpmn/10_seguimiento_caso.bpmn")
    before, after, pool = (
        page.locator(f'[data-element-id="{id}"].djs-shape > .djs-visual')
        for id in ("ini_10", "br_10_plan_seguimiento", "pl_10_seguimiento_caso")
    )
    flow = page.locator('[data-element-id="fl_ini_10__br_10_plan_seguimiento"]')
    was, width = after.bounding_box(), pool.evaluate("one => one.getBBox().width")
    _drag(page, page.locator('[data-action="create.task"]'), flow)
    page.keyboard.press("Escape")
    dropped = page.locator(".djs-shape.selected > .djs-visual")
    start, middle, end = before.bounding_box(), dropped.bounding_box(), after.bounding_box()
    assert start
    assert middle
    assert end
    # A task is 100 wide and is given 50 to each side.
    assert middle["x"] - start["x"] - start["width"] > 0.45 * middle["width"]
    assert end["x"] - middle["x"] - middle["width"] > 0.45 * middle["width"]
    assert pool.evaluate("one => one.getBBox().width") > width + 90
    page.get_by_role("button", name="Deshacer").click()
    assert after.bounding_box() == was
    assert studio.complaints == []


def _drag(page: Page, what: Locator, to: Locator) -> None:
    """With the mouse, from the middle of one to the middle of the other."""
    for place, act in ((what.bounding_box(), page.mouse.down), (to.bounding_box(), page.mouse.up)):
        assert place is not None
        page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, steps=5)
        act()


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
    _ready(page)
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
    _is_on_top(page.locator(".powered-by:visible, .bjs-powered-by:visible").first)

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
    _ready(form)
    expect(form.get_by_role("heading", level=1)).to_have_text("Visto bueno de cobranza")
    expect(form.frame_locator("#previa").get_by_text("Visto bueno de Cobranza")).to_be_visible()
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    saved = page.request.get(f"{studio.base}{STAGE}/descargar").text()
    assert 'formId="visto_bueno_de_cobranza"' in saved
    form.close()
    assert missing(page) == []
    assert studio.complaints == []


def test_a_wide_diagram_opens_legibly_with_its_map_is_seen_whole_and_is_simulated(studio: Walker) -> None:
    page = opened(studio, STAGE)
    drawing = page.locator("#dibujo")
    last = page.locator('[data-element-id="fin_05_aprobada"].djs-shape')
    expect(drawing.locator(".djs-minimap.open")).to_be_visible()
    assert not _inside(last, drawing)
    page.get_by_role("button", name="Ver todo").click()
    assert _inside(last, drawing)
    expect(drawing.locator(".djs-minimap.open")).to_have_count(0)
    _is_on_top(drawing.locator(".bjs-powered-by"))

    # Tokens walk over the drawing under the page's own policy; the mark stays.
    page.get_by_role("button", name="Simular").click()
    page.locator('[data-container-id="ini_05"] button[title="Disparar el evento"]:visible').click()
    expect(page.locator(".bts-token").first).to_be_attached()
    _is_on_top(drawing.locator(".bjs-powered-by"))
    assert missing(page) == []
    assert studio.complaints == []


def _inside(one: Locator, other: Locator) -> bool:
    a, b = one.bounding_box(), other.bounding_box()
    assert a is not None
    assert b is not None
    return (
        b["x"] <= a["x"] and a["x"] + a["width"] <= b["x"] + b["width"] and a["y"] + a["height"] <= b["y"] + b["height"]
    )


def imported(studio: Walker, id: str, content: str, sizes: dict[str, int], more: str = "") -> Page:
    """The editor of a process that came in as a file, its elements in a row, each so wide and high."""
    page = studio.person("admin")
    page.goto(f"{studio.base}/estudio")
    shapes = "".join(
        f'<di:BPMNShape id="d{n}" bpmnElement="{one}"><dc:Bounds x="{120 * n}" y="80" width="{size}" height="{size}"/>'
        "</di:BPMNShape>"
        for n, (one, size) in enumerate(sizes.items())
    )
    edges = "".join(
        f'<di:BPMNEdge id="e{flow}" bpmnElement="{flow}"><wd:waypoint x="0" y="0"/><wd:waypoint x="9" y="9"/>'
        "</di:BPMNEdge>"
        for flow in re.findall('<sequenceFlow id="(.)"', content)
    )
    names = {"": "BPMN/20100524/MODEL", ":di": "BPMN/20100524/DI", ":dc": "DD/20100524/DC", ":wd": "DD/20100524/DI"}
    spaces = " ".join(f'xmlns{key}="http://www.omg.org/spec/{name}"' for key, name in names.items())
    model = f"""<definitions {spaces} xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="x" targetNamespace="x">
<process id="{id}" name="{id}" isExecutable="true">{content}</process>
<di:BPMNDiagram id="y"><di:BPMNPlane id="z" bpmnElement="{id}">{shapes}{edges}</di:BPMNPlane></di:BPMNDiagram>{more}
</definitions>"""
    page.get_by_label("Archivos").set_input_files(
        {"name": f"{id}.bpmn", "mimeType": "application/xml", "buffer": model.encode()}
    )
    page.get_by_role("button", name="Importar").click()
    _ready(page)
    return page


COMPENSATED = """<task id="a" name="Apartar"/>
<boundaryEvent id="b" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>
<task id="c" name="Soltar" isForCompensation="true"/><association id="s" sourceRef="b" targetRef="c"/>
<callActivity id="p" name="Llamar"/>
<intermediateThrowEvent id="t" name="Deshacer"><compensateEventDefinition/></intermediateThrowEvent>"""


def test_what_is_undone_is_chosen_from_what_can_be(studio: Walker) -> None:
    page = imported(studio, "deshace", COMPENSATED, dict.fromkeys(("a", "c", "p"), 80) | dict.fromkeys(("b", "t"), 36))
    panel = chosen(page, "t")
    expect(panel.locator(".bio-properties-panel-header")).to_contain_text("compensación", ignore_case=True)
    offered = panel.get_by_label("Actividad", exact=True)
    expect(offered.locator("option")).to_have_text(["Todo lo que se pueda deshacer", "Apartar"])
    offered.select_option("a")
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    saved = page.request.get(f"{studio.base}{FILE}bpmn/deshace.bpmn/descargar").text()
    assert 'activityRef="a"' in saved
    assert missing(page) == []


def _extended(tag: str, id: str, extension: str, more: str = "") -> str:
    return f'<{tag} id="{id}" name="{id}"><extensionElements>{extension}</extensionElements>{more}</{tag}>'


FAULTY = "".join(
    [
        _extended("userTask", "u", '<zeebe:userTask/><zeebe:formDefinition formId="nada"/>'
                  '<zeebe:taskSchedule dueDate="mañana"/><zeebe:priorityDefinition priority="=alta("/>'),
        _extended("serviceTask", "s", '<zeebe:taskDefinition type="correo.enviar"/><zeebe:ioMapping>'
                  '<zeebe:input source="=nadie_da" target="plantilla"/>'
                  '<zeebe:output source="=" target="x"/></zeebe:ioMapping>'),
        _extended("serviceTask", "n", ""),
        _extended("businessRuleTask", "b", '<zeebe:calledDecision decisionId="cobro"/>'),
        _extended("scriptTask", "c", '<zeebe:script expression="1 + 1" resultVariable="dos"/>'),
        _extended("callActivity", "p", '<zeebe:calledElement processId="nada"/>'),
        '<intermediateCatchEvent id="r" name="r"><timerEventDefinition id="rt"><timeDuration>2 horas</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>",
        '<intermediateCatchEvent id="m" name="m"><messageEventDefinition id="mm"/></intermediateCatchEvent>',
        '<exclusiveGateway id="g" name="g"/><task id="t"/>',
        '<sequenceFlow id="f" sourceRef="g" targetRef="t"/><sequenceFlow id="h" sourceRef="g" targetRef="u"/>',
    ]
)  # fmt: skip
MENDED = {
    ("u", "unknown-form"): "formId",
    ("u", "date-not-iso"): "taskScheduleDueDate",
    ("u", "expression-syntax"): "priorityDefinitionPriority",
    ("u", "user-task-without-people"): "assignmentDefinitionCandidateGroups",
    ("s", "unknown-variable"): "s-input-0-source",
    ("s", "empty-source"): "s-output-0-source",
    ("n", "work-without-definition"): "taskDefinitionType",
    ("b", "result-variable-missing"): "resultVariable",
    ("c", "expression-needed"): "scriptExpression",
    ("p", "unknown-called-process"): "targetProcessId",
    ("r", "timer-not-iso"): "timerEventDefinitionValue",
    ("m", "work-without-definition"): "messageRef",
    ("g", "gateway-without-default"): "defaultFlow",
    ("Tarea", "element-without-name"): "name",
}


def test_a_finding_leads_into_the_field_that_mends_it(studio: Walker) -> None:
    page = imported(studio, "faltas", FAULTY, {id: 36 if id in "rmg" else 80 for id in "usnbcprmgt"})
    expect(page.locator("#hallazgos-n")).to_contain_text("errores")
    for (id, rule), entry in MENDED.items():
        found = page.locator("#hallazgos li").filter(has=page.get_by_text(rule, exact=True))
        found.get_by_role("button", name=id, exact=True).click()
        expect(page.locator(f'#panel [data-entry-id="{entry}"]:focus-within')).to_be_visible()
    assert missing(page) == []
    assert studio.complaints == []


def test_what_is_copied_in_one_diagram_is_pasted_in_another(studio: Walker) -> None:
    page = opened(studio, f"{FILE}bpmn/09_notificacion_arranque.bpmn")
    chosen(page, "be_09_correo_no_entregado")
    page.locator("#dibujo svg").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page = imported(studio, "pegado", "", {})
    page.mouse.click(640, 500)
    page.keyboard.press("Control+v")
    page.mouse.move(660, 480, steps=3)
    page.mouse.click(660, 480)
    expect(page.locator(".djs-shape.selected").first).to_be_visible()
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    saved = page.request.get(f"{studio.base}{FILE}bpmn/pegado.bpmn/descargar").text()
    assert 'type="arranque.notificar"' in saved
    assert "=vence(ajuste(&#34;dh_preparar_arranque&#34;))" in saved
    error = re.search(r'errorRef="(\w+)"', saved)
    assert error
    assert f'<error id="{error[1]}" name="correo_no_entregado" errorCode="correo_no_entregado" />' in saved
    assert missing(page) == []
    assert studio.complaints == []


def test_leaving_at_once_after_a_change_asks_and_has_saved_it(studio: Walker) -> None:
    page = imported(studio, "deprisa", '<task id="t" name="Antes"/>', {"t": 80})
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    chosen(page, "t").get_by_label("Nombre", exact=True).fill("Después")
    page.locator("#panel").get_by_label("Nombre", exact=True).blur()
    expect(page.locator("#estado")).to_have_text("Con cambios…")
    page.goto(f"{studio.base}/bandeja")
    assert asked == ["beforeunload"]
    page.goto(f"{studio.base}{FILE}bpmn/deprisa.bpmn")
    _ready(page)
    expect(page.locator("#elementos button").first).to_have_text("Después")


def test_a_finding_inside_a_folded_subprocess_opens_it(studio: Walker) -> None:
    inside = """<di:BPMNDiagram id="i"><di:BPMNPlane id="j" bpmnElement="sub"><di:BPMNShape id="k" bpmnElement="u">
<dc:Bounds x="300" y="200" width="100" height="80"/></di:BPMNShape></di:BPMNPlane></di:BPMNDiagram>"""
    content = '<subProcess id="sub" name="Plegado"><userTask id="u" name="Dentro"/></subProcess>'
    page = imported(studio, "plegado", content, {"sub": 100}, inside)
    found = page.locator("#hallazgos li").filter(has=page.get_by_text("user-task-without-people", exact=True))
    found.get_by_role("button", name="Dentro").click()
    expect(page.locator('[data-element-id="u"].djs-shape.selected')).to_be_visible()
    expect(page.locator('#panel [data-entry-id="assignmentDefinitionCandidateGroups"]:focus-within')).to_be_visible()
