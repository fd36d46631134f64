"""Drawing in a browser, as an analyst does who has never seen Python."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.editing import FILE, chosen, imported, is_on_top, missing, opened, ready
from tests.e2e.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAGE = f"{FILE}bpmn/05_propuesta_servicios.bpmn"


def test_menus_offer_what_may_stand_there_and_find_it_as_people_type_it(studio: Walker) -> None:
    page = opened(studio, f"{FILE}bpmn/09_notificacion_arranque.bpmn")
    chosen(page, "ut_09_preparar_arranque")
    popup = page.locator(".djs-popup")
    page.locator('.djs-context-pad [data-action="set-color"]').click()
    expect(popup.locator(".entry")).to_have_count(6)
    colours = popup.locator(".entry").evaluate_all("all => all.map(one => one.title)")
    assert colours == ["Sin color", "Azul", "Naranja", "Verde", "Rojo", "Morado"]
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    page.locator("#dibujo svg").first.focus()
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


def test_what_is_added_is_named_by_what_is_typed_next(studio: Walker) -> None:
    page = imported(studio, "nombres", '<task id="t" name="Antes"/>', {"t": 80})
    names = page.locator("#elementos button")
    chosen(page, "t")
    page.locator('.djs-context-pad [data-action="append.gateway"]').click()
    page.keyboard.type("¿Se aprueba?")
    page.keyboard.press("Enter")
    expect(names.filter(has_text=re.compile("^¿Se aprueba[?]$"))).to_have_count(1)

    # A handler brings its own name, which is typed over or kept, in one step that is undone as one.
    for typed, name in (("Avisar al jefe", "Avisar al jefe"), ("", "Enviar un correo")):
        page.locator("#dibujo svg").first.focus()
        page.keyboard.press("a")
        expect(page.locator(".djs-popup input")).to_be_focused()
        page.keyboard.type("enviar un correo")
        expect(page.locator(".djs-popup .entry").first).to_contain_text("correo.enviar")
        page.keyboard.press("Enter")
        expect(page.locator(".djs-direct-editing-content")).to_have_text("Enviar un correo")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(names.filter(has_text=re.compile(f"^{name}$"))).to_have_count(1)
    page.get_by_role("button", name="Deshacer").click()
    expect(names.filter(has_text="Enviar un correo")).to_have_count(0)
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


def test_what_the_keyboard_creates_finds_a_place_below_all_in_the_pool(studio: Walker) -> None:
    page = opened(studio, f"{FILE}bpmn/09_notificacion_arranque.bpmn")
    page.goto(page.url + "#ut_09_contactar_cliente")
    page.reload()
    ready(page)
    expect(page.locator("#panel .bio-properties-panel-header")).to_contain_text("Contactar")
    pool = page.locator('[data-element-id="pl_09_notificacion_arranque"].djs-shape > .djs-visual')
    height = pool.evaluate("one => one.getBBox().height")
    page.locator("#dibujo svg").first.focus()
    page.keyboard.press("n")
    expect(page.locator(".djs-popup input")).to_be_focused()
    drawing, menu = page.locator("#dibujo").bounding_box(), page.locator(".djs-popup").bounding_box()
    assert drawing
    assert menu
    assert menu["x"] > drawing["x"]
    page.keyboard.type("tarea de usuario")
    expect(page.locator(".djs-popup .entry").first).to_have_text("Tarea de usuario")
    page.keyboard.press("Enter")
    expect(page.locator(".djs-direct-editing-content")).to_be_focused()
    said = page.locator("#dicho")
    expect(said).to_have_text("Agregado: Tarea de usuario.")
    page.keyboard.type("Archivar")
    page.keyboard.press("Enter")
    general = page.locator("#panel").get_by_role("button", name="General", exact=True)
    was_open = general.get_attribute("aria-expanded") == "true"
    general.press("Enter")
    expect(general).to_have_attribute("aria-expanded", str(not was_open).lower())
    created = page.locator(".djs-shape.selected > .djs-visual")
    expect(created).to_contain_text("Archivar")
    lowest = page.locator('[data-element-id="ut_09_contactar_cliente"].djs-shape > .djs-visual').bounding_box()
    box = created.bounding_box()
    assert lowest
    assert box
    assert box["y"] > lowest["y"] + lowest["height"]
    assert pool.evaluate("one => one.getBBox().height") > height
    for _ in range(2):
        page.get_by_role("button", name="Deshacer").click()
    expect(page.locator("#elementos button").filter(has_text="Archivar")).to_have_count(0)
    expect(said).to_have_text("Borrado: Tarea de usuario.")
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


def test_a_wide_diagram_opens_legibly_with_its_map_is_seen_whole_and_is_simulated(studio: Walker) -> None:
    page = opened(studio, STAGE)
    drawing = page.locator("#dibujo")
    last = page.locator('[data-element-id="fin_05_aprobada"].djs-shape')
    expect(drawing.locator(".djs-minimap.open")).to_be_visible()
    assert not _inside(last, drawing)
    page.get_by_role("button", name="Ver todo").click()
    assert _inside(last, drawing)
    expect(drawing.locator(".djs-minimap.open")).to_have_count(0)
    is_on_top(drawing.locator(".bjs-powered-by"))

    # Tokens walk over the drawing under the page's own policy; the mark stays.
    page.get_by_role("button", name="Simular").click()
    page.locator('[data-container-id="ini_05"] button[title="Disparar el evento"]:visible').click()
    expect(page.locator(".bts-token").first).to_be_attached()
    is_on_top(drawing.locator(".bjs-powered-by"))
    assert missing(page) == []
    assert studio.complaints == []


def _inside(one: Locator, other: Locator) -> bool:
    a, b = one.bounding_box(), other.bounding_box()
    assert a is not None
    assert b is not None
    return (
        b["x"] <= a["x"] and a["x"] + a["width"] <= b["x"] + b["width"] and a["y"] + a["height"] <= b["y"] + b["height"]
    )


COMPENSATED = """<task id="a" name="Apartar"/>
<boundaryEvent id="b" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>
<task id="c" name="Soltar" isForCompensation="true"/><association id="s" sourceRef="b" targetRef="c"/>
<callActivity id="p" name="Llamar"/>
<intermediateThrowEvent id="t" name="Deshacer"><compensateEventDefinition/></intermediateThrowEvent>"""


def test_what_is_undone_is_chosen_from_what_can_be(studio: Walker) -> None:
    page = imported(studio, "deshace", COMPENSATED, dict.fromkeys(("a", "c", "p"), 80) | dict.fromkeys(("b", "t"), 36))
    panel = chosen(page, "t")
    expect(panel.locator(".bio-properties-panel-header")).to_contain_text("compensación", ignore_case=True)
    # It gives nothing, so it is not offered to.
    expect(panel.get_by_text("Salidas", exact=True)).to_have_count(0)
    offered = panel.get_by_label("Actividad", exact=True)
    expect(offered.locator("option")).to_have_text(["Todo lo que se pueda deshacer", "Apartar"])
    offered.select_option("a")
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    saved = page.request.get(f"{studio.base}{FILE}bpmn/deshace.bpmn/descargar").text()
    assert 'activityRef="a"' in saved
    assert missing(page) == []


LISTENED = """<userTask id="a" name="Ver"><extensionElements><zeebe:userTask/><zeebe:formDefinition formId="f"
bindingType="latest"/><zeebe:taskListeners><zeebe:taskListener eventType="creating" type="t"/></zeebe:taskListeners>
<zeebe:properties><zeebe:property name="n" value="v"/></zeebe:properties></extensionElements></userTask>"""


def test_what_another_tool_would_obey_is_taken_away_in_the_panel(studio: Walker) -> None:
    page = imported(studio, "oye", LISTENED, {"a": 80})
    panel = chosen(page, "a")
    expect(panel.get_by_text("oyentes de la tarea, versión que se toma")).to_be_visible()
    expect(page.locator("#hallazgos")).to_contain_text("unsupported-extension")
    panel.get_by_role("button", name="Quitarlo").click()
    expect(page.locator("#hallazgos")).not_to_contain_text("unsupported-extension")
    expect(panel.get_by_role("button", name="Quitarlo")).to_have_count(0)
    expect(page.locator("#estado")).to_contain_text("Guardado,")
    saved = page.request.get(f"{page.url.partition('#')[0].partition('?')[0]}/descargar").text()
    assert "istener" not in saved
    assert "bindingType" not in saved
    assert '<zeebe:property name="n" value="v"' in saved


TIMES = """<task id="a" name="Avisar"><multiInstanceLoopCharacteristics>
<loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></task>"""


def test_how_many_times_an_imported_activity_is_done_is_changed_in_the_panel(studio: Walker) -> None:
    page = imported(studio, "veces", TIMES, {"a": 80})
    field = chosen(page, "a").get_by_label("Número de veces", exact=True)
    expect(field).to_have_value("3")
    field.fill("4")
    expect(page.locator("#estado")).to_contain_text("Guardado,")
    saved = page.request.get(f"{page.url.partition('#')[0].partition('?')[0]}/descargar").text()
    assert re.search(r"<loopCardinality[^>]*>4</loopCardinality>", saved)
    assert saved.count("<loopCardinality") == 1


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
    field = chosen(page, "t").get_by_label("Nombre", exact=True)
    field.focus()
    # In one go: a second later it would have been saved anyway.
    said = field.evaluate(
        """(field, away) => {
          document.execCommand('selectAll');
          document.execCommand('insertText', false, 'Después');
          field.blur();
          location.assign(away);
          return document.getElementById('estado').textContent;
        }""",
        f"{studio.base}/bandeja",
    )
    assert said == "Con cambios…"
    page.wait_for_url("**/bandeja")
    assert asked == ["beforeunload"]
    # It is sent while the page goes away; nobody sees it arrive.
    page.wait_for_function(
        "async (file) => (await (await fetch(file)).text()).includes('Después')",
        arg=f"{studio.base}{FILE}bpmn/deprisa.bpmn/descargar",
    )
    page.goto(f"{studio.base}{FILE}bpmn/deprisa.bpmn")
    ready(page)
    expect(page.locator("#elementos button").first).to_have_text("Después")


def test_a_colour_is_saved_with_the_diagram_and_seen_again(studio: Walker) -> None:
    page = imported(studio, "colores", '<task id="t" name="Con color"/>', {"t": 80})
    chosen(page, "t")
    page.locator('.djs-context-pad [data-action="set-color"]').click()
    page.locator('.djs-popup .entry[title="Verde"]').click()
    expect(page.locator("#estado")).to_contain_text("Guardado, ")
    saved = page.request.get(f"{studio.base}{FILE}bpmn/colores.bpmn/descargar").text()
    assert 'color:background-color="#c8e6c9" color:border-color="#205022"' in saved
    page.reload()
    ready(page)
    box = page.locator('[data-element-id="t"].djs-shape .djs-visual > rect')
    assert box.evaluate("one => getComputedStyle(one).fill") == "rgb(200, 230, 201)"
    # No check minds it.
    expect(page.locator("#hallazgos li").filter(has_text="color")).to_have_count(0)
