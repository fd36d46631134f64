"""Walks through the pages as the people of the firm and as a client, each in a browser of their own."""

from __future__ import annotations

import pathlib
import re
from datetime import datetime
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from engine import SYSTEM, Engine
from tasks.registros import Correo
from web import seed
from web.settings import Settings
from web.texts import ZONE

AXE = pathlib.Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = '{"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}'
CONTRAST = '{"runOnly": ["color-contrast"]}'
PORTAL = re.compile(r"https?://[^/\s]+(/portal/[\w-]+)")
PHONE = {"width": 390, "height": 844}
PATIENCE = 15_000
"""Milliseconds that a page has for an answer: a step of the process is real work, on a machine that may be busy."""
DESK = {"width": 1280, "height": 800}


class Walker:
    """The firm's browsers. `settle` runs what the steps caused, as the worker would."""

    def __init__(self, app: Flask, settings: Settings, browser: Browser, base: str, pictures: str | None) -> None:
        self.app = app
        self.engine: Engine = app.extensions["engine"]
        self.settings = settings
        self.browser = browser
        self.base = base
        self.pictures = pathlib.Path(pictures) if pictures else None
        self.pages: dict[str, Page] = {}
        self.complaints: list[str] = []
        """Errors of scripts and of the content policy, on any page."""
        self._taken = 0

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()

    # --- people and time

    def person(self, usuario: str) -> Page:
        """The browser in which this person has signed in through the page."""
        if usuario not in self.pages:
            self.sign_in(self._open(usuario, DESK), usuario)
        return self.pages[usuario]

    def sign_in(self, page: Page, usuario: str) -> None:
        """Through the page, until the inbox is there: whoever goes on before is a stranger still."""
        page.goto(f"{self.base}/entrar")
        page.get_by_label("Usuario").fill(usuario)
        page.get_by_label("Contraseña").fill(seed.password_of(usuario))
        page.get_by_role("button", name="Entrar").click()
        expect(page.get_by_role("heading", name="Bandeja")).to_be_visible()

    def visitor(self, name: str = "cliente") -> Page:
        """A telephone of somebody who has no account; another name is another browser."""
        return self.pages.get(name) or self._open(name, PHONE)

    def at(self, moment: str) -> None:
        """Business time moves to this wall time of the firm; what is due on the way happens."""
        self.settle()
        self.engine.move_clock(datetime.fromisoformat(moment).replace(tzinfo=ZONE), by=SYSTEM)
        self.settle()

    def settle(self) -> None:
        while self.engine.run_due_jobs(200):
            pass

    # --- steps

    def task(self, usuario: str, name: str, values: dict[str, Any] | None = None, *, finish: bool = True) -> Page:
        """Open this user task from the person's inbox, fill its form and finish it."""
        self.settle()
        page = self.person(usuario)
        page.goto(f"{self.base}/bandeja")
        page.get_by_role("link", name=name).first.click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        fill(page, values or {})
        self.picture(page, name)
        if finish:
            page.get_by_role("button", name="Terminar tarea").click()
            expect(page.get_by_text(f"Terminada: «{name}».")).to_be_visible()
            self.settle()
        return page

    def link(self, template: str) -> str:
        """The portal link in the latest mail of this template."""
        self.settle()
        mail = self.mail(template)
        found = PORTAL.search(mail.texto or "")
        assert found, f"{template} has no portal link: {mail.texto}"
        return self.base + found[1]

    def mail(self, template: str) -> Correo:
        with self.engine.reading(SYSTEM) as tx:
            query = select(Correo).where(Correo.plantilla == template).order_by(Correo.id.desc()).limit(1)
            found = tx.session.scalar(query)
        assert found is not None, f"no mail {template} was sent"
        return found

    def mails(self, template: str) -> int:
        with self.engine.reading(SYSTEM) as tx:
            return len(tx.session.scalars(select(Correo.id).where(Correo.plantilla == template)).all())

    def client_task(self, template: str, values: dict[str, Any]) -> Page:
        """Open the link of a mail on the client's telephone, fill the form there and send it."""
        page = self.visitor()
        page.goto(self.link(template))
        fill(page, values)
        self.picture(page, f"portal {template}")
        page.get_by_role("button", name="Enviar", exact=True).last.click()
        expect(page.get_by_role("heading", name="Gracias")).to_be_visible()
        self.settle()
        return page

    def picture(self, page: Page, name: str) -> None:
        """A picture of the page, when somebody wants to look at them."""
        if self.pictures is None:
            return
        self._taken += 1
        self.pictures.mkdir(parents=True, exist_ok=True)
        safe = re.sub(r"\W+", "_", name)
        page.screenshot(path=self.pictures / f"{self._taken:02d}_{safe}.png", full_page=True)

    def _open(self, name: str, size: Any) -> Page:
        page = self.browser.new_context(viewport=size, locale="es-MX", timezone_id="America/Mexico_City").new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heard(page, said))
        self.pages[name] = page
        return page

    def _heard(self, page: Page, said: Any) -> None:
        # A refused form is an answer, not a fault.
        if said.type == "error" and "422" not in said.text and "409" not in said.text and "403" not in said.text:
            self.complaints.append(f"{page.url}: {said.text}")


def violations(page: Page, where: str, rules: str = RULES) -> list[str]:
    """What axe finds on this page, and whether it is wider than the window. Asked from outside of the page's content
    policy, which stays as it is. A window that has just changed its size is measured when it has been drawn anew."""
    page.wait_for_load_state()
    if page.viewport_size is not None:
        page.wait_for_function("width => innerWidth === width", arg=page.viewport_size["width"])
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    session = page.context.new_cdp_session(page)
    if not page.evaluate("'axe' in window"):
        session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    # Where everything is in order need not be written down: that takes longer than finding it.
    script = f"axe.run(document, {{...{rules}, resultTypes: ['violations']}}).then((found) => found.violations)"
    answer = session.send("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
    session.detach()
    found = [
        f"{where}: {one['id']}: {one['help']} ({', '.join(str(node['target']) for node in one['nodes'][:3])})"
        for one in answer["result"]["value"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth")
    if page.viewport_size is not None and wide > page.viewport_size["width"]:
        found.append(f"{where}: {wide} px wide")
    return found


def fill(page: Page, values: dict[str, Any]) -> None:
    """Fill fields by the names of their inputs, in this order; each change may show more fields."""
    for name, value in values.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            _fill_rows(page, name, value)
        else:
            _fill_one(page, name, value)


def _fill_rows(page: Page, path: str, rows: list[dict[str, Any]]) -> None:
    for number, row in enumerate(rows):
        if page.locator(f'[name="{path}.{number}._row"]').count() == 0:
            page.locator(f'button[name="_add"][value="{path}"]').click()
            page.locator(f'[name="{path}.{number}._row"]').wait_for(state="attached")
        for name, value in row.items():
            _fill_one(page, f"{path}.{number}.{name}", value)


def _fill_one(page: Page, name: str, value: Any) -> None:
    field = page.locator(f'[name="{name}"]:not([type=hidden])')
    kind = field.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
    if kind == "radio":
        _changing(page, page.locator(f'[name="{name}"][value="{value}"]'), "check")
    elif kind == "checkbox":
        chosen = value if isinstance(value, list) else ["true"] if value else []
        for box in chosen:
            _changing(page, page.locator(f'[name="{name}"][value="{box}"]'), "check")
    elif kind == "select":
        _changing(page, field.first, "select_option", value)
    elif kind == "file":
        _changing(page, field.first, "set_input_files", value)
    else:
        _changing(page, field.first, "fill", str(value))


def _changing(page: Page, field: Locator, act: str, *arguments: Any) -> None:
    """Do this to a field and wait until the page has been told and has drawn what changed."""
    if act == "check" and field.is_checked():
        return
    if act == "fill" and field.input_value() == arguments[0]:
        return
    with page.expect_response(lambda answer: "campos" in answer.url and answer.request.method == "POST"):
        getattr(field, act)(*arguments)
        if act == "fill":
            field.press("Tab")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
