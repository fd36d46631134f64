"""An analyst tries the first stage of the process in a browser, goes back, keeps the way, and sees that it passes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.walker import PHONE, Walker, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def task(page: Page, name: str) -> Locator:
    """The way to the form of this user task."""
    return page.get_by_role("link", name=re.compile(f"Llenar el formulario.*{name}"))


def finish(page: Page) -> None:
    """Fill in what is missing with examples, and finish."""
    page.get_by_role("button", name="Llenar lo que falta con ejemplos").click()
    page.get_by_role("button", name="Terminar", exact=True).last.click()
    expect(page.locator("#diagrama[data-ready]")).to_be_visible()


def from_the_top(page: Page, where: str) -> list[str]:
    """What lies half under the head of a page that is scrolled down would count as too small."""
    page.evaluate("scrollTo(0, 0)")
    return violations(page, where)


def test_an_analyst_plays_the_first_stage_and_keeps_it_as_a_scenario(walker: Walker) -> None:
    page = walker.person("admin")
    page.goto(f"{walker.base}/estudio")
    page.get_by_role("link", name="Probar", exact=True).first.click()
    page.get_by_role("button", name="Empezar", exact=True).click()
    found = violations(page, "form")
    finish(page)
    expect(page.locator(".badge.token")).to_have_count(1)
    expect(page.get_by_text("«Informar servicios»: la puede tomar Ventas")).to_be_visible()

    # The number on the diagram leads to what can be done there.
    page.locator("a.badge.token").click()
    expect(page.locator(".card-now:target")).to_be_visible()
    task(page, "Informar servicios").click()
    finish(page)
    expect(page.get_by_text("cor_01_informacion").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Volver aquí.*después del paso 1")).click()
    expect(task(page, "Informar servicios")).to_be_visible()
    task(page, "Informar servicios").click()
    finish(page)
    page.get_by_role("button", name=re.compile("Avanzar hasta lo siguiente")).click()
    expect(page.get_by_text("Pasa el tiempo hasta").first).to_be_visible()
    found += violations(page, "trial")
    page.set_viewport_size(PHONE)
    found += from_the_top(page, "trial on a telephone")
    walker.picture(page, "trial on a telephone")
    page.get_by_role("link", name="Guardar como escenario").click()
    page.get_by_label("Qué caso es").fill("Etapa 1: el prospecto no contesta")
    page.get_by_label("Nombre del archivo").fill("etapa_uno")
    found += from_the_top(page, "keep")
    page.get_by_role("button", name="Guardar", exact=True).click()

    page.get_by_role("button", name=re.compile("Correr.*Etapa 1: el prospecto no contesta")).click()
    row = page.locator("li", has_text="etapa_uno.yaml")
    expect(row.get_by_text("Pasa", exact=True)).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="1. Contacto inicial").click()
    expect(page.locator("#diagrama[data-ready]")).to_be_visible()
    expect(page.locator(".way-taken").first).to_be_attached()
    expect(page.locator(".never-taken").first).to_be_attached()
    found += violations(page, "coverage")
    assert found == []
    assert walker.complaints == []


def test_a_scenario_chosen_before_the_script_ran_has_its_own_steps(walker: Walker) -> None:
    page = walker.person("admin")
    chosen = "document.getElementById('scenario').value = 'scenarios/s10_altas_en_curso.yaml'"
    page.add_init_script(
        "document.addEventListener('readystatechange', () => {"
        f" if (document.readyState === 'interactive' && document.getElementById('scenario')) {chosen}; }})"
    )
    page.goto(f"{walker.base}/estudio/probar")
    first = page.locator("#until option", has_text=re.compile("^1 · hruiz · Héctor da de alta el asunto de Jacinta"))
    expect(first).to_have_count(1)
