"""The analyst's whole way in one browser: a rule and a new step with its form, what is wrong and mended, tried, kept as
a scenario, compared, published, and a matter that was under way meets the step."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Serve
from tests.e2e.editing import all_groups_open
from tests.e2e.walker import Walker, violations
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAGE = "bpmn/05_propuesta_servicios.bpmn"
NEW = "Visto bueno de Dirección"
STEP_BEFORE = ("hruiz", "ut_05_elaborar_propuesta")


@pytest.fixture
def firm(served: Serve, firm_folder: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[tuple[Walker, int]]:
    """A matter whose proposal waits for its approval, and how many steps of the scenario led there."""
    with served(firm_folder, tmp_path / "firm") as walker:
        scenario = load(walker.settings.processes / "scenarios" / "e1_camino_feliz.yaml")
        steps = next(n for n, one in enumerate(scenario.steps, 1) if (one.as_, one.complete) == STEP_BEFORE)
        report = run(scenario, lambda: ScenarioFirm(walker.engine, keep_open=True), until=steps)
        assert report.failure is None, report.failure
        yield walker, steps


def test_a_new_step_from_the_drawing_to_a_matter_that_meets_it(firm: tuple[Walker, int]) -> None:
    walker, steps = firm
    page = walker.person("admin")
    _lower_the_threshold(page, walker)
    found = _add_a_step(page, walker)
    found += _try_and_keep(page, steps)
    found += _publish(page)
    found += _migrate(page)

    walker.task("abarrera", "Aprobar propuesta", {"decision": "aprobar"})
    done = walker.task("abarrera", NEW, {"textfield": "Conforme"}, finish=False)
    found += violations(done, "the new step")
    done.get_by_role("button", name="Terminar tarea").click()
    expect(done.get_by_text(f"Terminada: «{NEW}».")).to_be_visible()
    walker.settle()
    inbox = walker.person("hruiz")
    inbox.reload()
    expect(inbox.get_by_role("link", name="Programar sesión").first).to_be_visible()
    assert not found, "\n".join(found)
    assert walker.complaints == []


def _lower_the_threshold(page: Page, walker: Walker) -> None:
    """The enter key goes to the cell below; in the last rule it stays, and adds none."""
    page.goto(f"{walker.base}/estudio")
    page.get_by_role("link", name="Reunión con el equipo").click()
    expect(page.locator("#dibujo[data-ready]")).to_be_visible()
    rules = page.locator("td.rule-index")
    expect(rules).to_have_count(6)
    for old, new in ((">= 1000000", ">= 750000"), ("< 1000000", "< 750000"), ("< 1000000", "< 750000")):
        page.locator("td.input-cell").filter(has_text=re.compile(f"^{old}$")).first.click()
        page.keyboard.press("Control+a")
        page.keyboard.type(new)
        page.keyboard.press("Enter")
    expect(rules).to_have_count(6)
    expect(page.locator("#hallazgos-n")).to_have_text("Nada que corregir en este archivo.")
    _saved(page)


def _add_a_step(page: Page, walker: Walker) -> list[str]:
    page.goto(f"{walker.base}/estudio")
    page.get_by_role("link", name="5. Propuesta de servicios").click()
    expect(page.locator("#dibujo[data-ready]")).to_be_visible()
    page.get_by_role("button", name="Ver todo").click()
    line = page.locator("[data-element-id=fl_gx_05_aprobada__fin_05_aprobada] .djs-hit").first.bounding_box()
    assert line is not None
    x, y = line["x"] + line["width"] / 2, line["y"] + line["height"] / 2
    page.get_by_role("button", name="Crear una tarea de usuario").click()
    page.mouse.move(x - 30, y + 3)
    page.mouse.move(x, y, steps=3)
    page.mouse.click(x, y)
    page.keyboard.type(NEW)
    page.keyboard.press("Control+Enter")

    # What it lacks is said at once; choosing a finding leads to the step.
    lacks = page.locator("#hallazgos li").filter(has_text=NEW)
    expect(lacks.locator("code")).to_have_text(["user-task-without-form", "user-task-without-people"])
    lacks.first.get_by_role("button", name=NEW).click()
    panel = page.locator("#panel")
    expect(panel.locator("select[name=formId]")).to_be_focused()
    all_groups_open(panel)
    panel.get_by_label("Agregar un grupo").select_option("direccion")
    panel.locator("select[name=formId]").select_option(label="Nuevo formulario: visto_bueno_de_direccion")
    expect(lacks).to_have_count(0)
    _saved(page)
    with page.context.expect_page() as other:
        panel.locator("a[href$='forms/visto_bueno_de_direccion.form']").click()
    form = other.value
    expect(form.locator("#dibujo[data-ready]")).to_be_visible()
    form.set_viewport_size({"width": 1280, "height": 800})
    room = form.locator(".form-editor .fjs-form-container").bounding_box()
    assert room is not None
    assert room["width"] > 400
    # Dragged with the mouse to below the text that stands there.
    kind = form.locator(".fjs-palette-field[data-field-type=textfield]").bounding_box()
    above = form.locator(".fjs-form-container .fjs-form-field-text").bounding_box()
    assert kind is not None
    assert above is not None
    form.mouse.move(kind["x"] + 20, kind["y"] + 20)
    form.mouse.down()
    form.mouse.move(above["x"] + 60, above["y"] + above["height"] - 4, steps=12)
    form.mouse.move(above["x"] + 64, above["y"] + above["height"] - 2, steps=3)
    form.mouse.up()
    expect(form.locator(".fjs-form-container .fjs-form-field-textfield")).to_have_count(1)
    key = form.get_by_label("Clave", exact=True)
    if not key.is_visible():
        form.locator(".bio-properties-panel-group-header-title").get_by_text("General", exact=True).click()
    key.fill("textfield")
    key.blur()
    _saved(form)
    found = violations(form, "form that was begun in the diagram")
    form.close()
    walker.picture(page, "new step")
    return found


def _try_and_keep(page: Page, steps: int) -> list[str]:
    page.get_by_role("link", name="Probar", exact=True).click()
    page.get_by_label("Donde llega un escenario").check()
    page.get_by_label("Escenario", exact=True).select_option("scenarios/e1_camino_feliz.yaml")
    until = page.get_by_label("Hasta el paso")
    expect(until.locator("option", has_text=re.compile("^1 · lvega · Laura registra el contacto$"))).to_have_count(1)
    until.select_option(str(steps))
    found = violations(page, "trial from a scenario")
    page.get_by_role("button", name="Empezar", exact=True).click()
    _card(page, "Aprobar propuesta").click()
    page.locator('[name="decision"][value="aprobar"]').check()
    _finish(page)
    _card(page, NEW).click()
    _finish(page)
    expect(page.get_by_text("Programar sesión").first).to_be_visible()
    page.get_by_role("link", name="Guardar como escenario").click()
    page.get_by_label("Qué caso es").fill("Visto bueno antes de enviar")
    page.get_by_label("Nombre del archivo").fill("visto_bueno")
    page.get_by_role("button", name="Guardar", exact=True).click()
    page.get_by_role("button", name=re.compile("Correr.*Visto bueno antes de enviar")).click()
    row = page.locator("li", has_text="visto_bueno.yaml")
    expect(row.get_by_text("Pasa", exact=True)).to_be_visible(timeout=60_000)
    return found


def _publish(page: Page) -> list[str]:
    page.get_by_role("link", name="Revisar y publicar").first.click()
    expect(page.get_by_text("Nada impide publicar")).to_be_visible()
    expect(page.get_by_text(NEW).first).to_be_visible()
    page.get_by_role("link", name="5. Propuesta de servicios").first.click()
    expect(page.locator("#despues .diff-added").first).to_be_visible()
    found = violations(page, "difference with a new step")
    page.go_back()
    page.get_by_label("Nombre de la versión").fill("Visto bueno")
    page.get_by_role("button", name="Publicar", exact=True).click()
    expect(page.get_by_role("heading", name="Visto bueno")).to_be_visible()
    return found


def _migrate(page: Page) -> list[str]:
    """The page of the published version leads to the verdicts."""
    page.get_by_role("link", name=re.compile("Pasarlos a esta versión")).click()
    expect(page.get_by_role("cell", name="Puede", exact=True).first).to_be_visible()
    found = violations(page, "verdicts")
    page.get_by_label("Motivo").fill("Dirección pidió el visto bueno")
    page.get_by_role("button", name="Migrar los elegidos").click()
    expect(page.get_by_text("1 asunto migrado.")).to_be_visible()
    return found + violations(page, "migrated")


def _card(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=re.compile(f"Llenar el formulario.*{name}"))


def _finish(page: Page) -> None:
    page.get_by_role("button", name="Llenar lo que falta con ejemplos").click()
    page.get_by_role("button", name="Terminar", exact=True).last.click()
    expect(page.locator("#diagrama[data-ready]")).to_be_visible()


def _saved(page: Page) -> None:
    expect(page.locator("#estado")).to_have_text(re.compile("^Guardado, "))
