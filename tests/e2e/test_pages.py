"""Every page, as each role, on a telephone and on a desk, light and dark: accessible, and nothing sideways."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from engine import SYSTEM, UserTaskQuery
from tasks.registros import Correo
from tests.e2e.walker import CONTRAST, DESK, PHONE, Walker, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEY = "PRO-2027-0001"
MATTER = f"/asuntos/{KEY}"
STAFF = {
    "hruiz": [
        "/bandeja", "/bandeja?vista=vencidas&q=nada", "/asuntos", MATTER, f"{MATTER}/historia?detalle=si",
        f"{MATTER}/diagrama", f"{MATTER}/diagrama/p10_seguimiento_caso", f"{MATTER}/documentos", f"{MATTER}/dinero",
        f"{MATTER}/plazos", f"{MATTER}/correos", "/nuevo-contacto", "/correos",
        "/tramites", "/tramites/nuevo/solicitud_con_aprobacion", "/tramites/TRA-2027-0001",
        "/tramites/TRA-2027-0001/diagrama", "/carga", "/carga/sluna", "/ausencias", "/demostracion", "/cuenta/clave",
        "/nada",
    ],
    "msoto": ["/cartera", MATTER, f"{MATTER}/dinero"],
    "admin": ["/personas", "/personas/nueva", "/personas/sluna"],
}  # fmt: skip
PARTS = {"/estudio/escenarios/avance"}
"""Pieces that a page asks for while it is open: no documents of their own."""
PUBLIC = ["/entrar", "/portal", "/contacto", "/contacto/gracias/PRO-2027-0009", "/aviso-de-privacidad"]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_is_accessible(matter: Walker, browser: Browser, size: Any) -> None:
    """What darkness changes are the colours: there only the contrast is judged again."""
    walker, found = matter, []
    for usuario, paths in {None: PUBLIC, **STAFF}.items():
        context = browser.new_context(viewport=size, color_scheme="light", reduced_motion="reduce")
        page = context.new_page()
        if usuario:
            walker.sign_in(page, usuario)
        for path in dict.fromkeys([*paths, *_tasks_of(walker, usuario), *_plain_pages(walker, usuario)]):
            answer = page.goto(walker.base + path)
            if answer is None or answer.status == 403 or "text/html" not in answer.headers.get("content-type", ""):
                continue
            if "/diagrama" in path:
                expect(page.locator("#diagrama[data-ready]")).to_be_visible()
            found += violations(page, f"{usuario} {path}")
            page.emulate_media(color_scheme="dark")
            found += violations(page, f"{usuario} {path} in the dark", rules=CONTRAST)
            page.emulate_media(color_scheme="light")
        context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def test_the_clients_pages_are_accessible(matter: Walker, browser: Browser, size: Any, scheme: Any) -> None:
    walker, found = matter, []
    page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
    link = walker.link("cor_09_arranque") if walker.mails("cor_09_arranque") else walker.link("cor_06_bienvenida")
    for path in ("", "/expediente", "/pagos", "/mis-datos", "/mis-datos/derechos", "/cancelar"):
        page.goto(link + path)
        found += violations(page, path)
    page.goto(walker.link("cor_02_invitacion"))
    found += violations(page, "attendance")
    page.goto(walker.base + "/portal/no-es-un-enlace")
    found += violations(page, "unknown link")
    page.context.close()
    assert not found, "\n".join(found)


def test_the_mark_of_the_diagram_library_stays_visible(matter: Walker) -> None:
    page = matter.person("hruiz")
    page.goto(f"{matter.base}{MATTER}/diagrama")
    mark = page.locator(".bjs-powered-by")
    mark.scroll_into_view_if_needed()
    expect(mark).to_be_visible()
    on_top = mark.evaluate(
        """mark => { const box = mark.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return mark.contains(top); }"""
    )
    assert on_top


def test_a_double_click_on_a_stage_opens_its_diagram_and_back(matter: Walker) -> None:
    page = matter.person("hruiz")
    page.goto(f"{matter.base}{MATTER}/diagrama")
    expect(page.locator("#diagrama[data-ready]")).to_be_visible()
    page.locator('[data-element-id^="ca_10"].djs-shape').dblclick()
    page.wait_for_url("**/diagrama/p10_seguimiento_caso*")
    page.get_by_role("link", name="Procedimientos legales").click()
    page.wait_for_url("**/diagrama?instancia=*")
    assert matter.complaints == []


def test_colours_of_ones_own_hide_neither_the_drawing_nor_where_one_is(matter: Walker) -> None:
    """Contrast themes of the system take every background away, also the white one below a black drawing."""
    page = matter.person("hruiz")
    page.goto(f"{matter.base}{MATTER}/diagrama")
    # Else colours are on their way for a moment, and are read there.
    page.emulate_media(forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    expect(page.locator("#diagrama")).to_have_css("background-color", "rgb(255, 255, 255)")
    border = "all => all.map(one => getComputedStyle(one).borderBottomColor)"
    (here,) = page.locator(".tabs a[aria-current]").evaluate_all(border)
    others = page.locator(".tabs a:not([aria-current])").evaluate_all(border)
    assert others
    assert here not in others
    page.emulate_media(forced_colors="none", color_scheme="light", reduced_motion="no-preference")


def test_the_menu_on_a_telephone_keeps_the_keyboard_until_it_is_closed(matter: Walker) -> None:
    page = matter.person("hruiz")
    page.set_viewport_size(PHONE)
    page.goto(f"{matter.base}/bandeja")
    button = page.get_by_role("button", name="Menú")
    button.press("Enter")
    menu = page.locator("#menu")
    expect(menu).to_be_visible()
    for key in ("Shift+Tab", "Tab", "Tab"):
        page.keyboard.press(key)
        expect(menu.locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(menu).not_to_be_visible()
    expect(button).to_be_focused()
    page.set_viewport_size(DESK)


def test_the_clock_of_the_demo_moves_and_things_happen(matter: Walker) -> None:
    page = matter.person("hruiz")
    page.goto(f"{matter.base}/demostracion")
    page.get_by_role("button", name="Mañana, 9:00").click()
    expect(page.get_by_text("El reloj está en")).to_be_visible()
    page.get_by_label("O hasta una fecha y hora").fill("2027-01-01T09:00")
    page.get_by_role("button", name="Avanzar").click()
    expect(page.get_by_text("El reloj solo avanza.")).to_be_visible()
    assert matter.complaints == []


def _tasks_of(walker: Walker, usuario: str | None) -> list[str]:
    """Pages of the user tasks that this person has."""
    tasks = walker.engine.user_tasks(UserTaskQuery(business_key=KEY), by=SYSTEM).items
    return [f"/tareas/{task.id}" for task in tasks if task.assignee == usuario]


def _plain_pages(walker: Walker, usuario: str | None) -> list[str]:
    """Every page without an argument in its address, for the one who may open most of them."""
    if usuario != "admin":
        return []
    return [
        rule.rule
        for rule in walker.app.url_map.iter_rules()
        # With a dot in its address it is a file.
        if not rule.arguments and "GET" in (rule.methods or ()) and "." not in rule.rule and rule.rule not in PARTS
    ]


def test_a_mail_is_copied_for_whatsapp(matter: Walker) -> None:
    page = matter.person("hruiz")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with matter.engine.reading(SYSTEM) as tx:
        [mail_id] = tx.session.scalars(select(Correo.id).where(Correo.plantilla == "cor_09_arranque"))
    page.goto(f"{matter.base}/correos/{mail_id}")
    page.get_by_role("button", name="Copiar").click()
    expect(page.get_by_role("status").filter(has_text="Copiado")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#texto").input_value()
    assert "/portal/" in copied
