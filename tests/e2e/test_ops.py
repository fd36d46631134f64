"""An operator in a browser: a matter has failed, the reason is read, a variable is corrected, the matter goes on."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from engine import SYSTEM, InstanceQuery, JobQuery, UserTaskQuery
from tests.e2e.walker import DESK, PHONE, Walker, violations
from tests.engine.models import call, exclusive, model, user_task
from tests.engine.models import service_task as service
from tests.tasks.firma import prospecto

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OUTER = model(
    "cobro",
    call("llama", "envio"),
    exclusive("grande", "grande_fin"),
    user_task("cobrar", groups="operador", name="Cobrar"),
    flows="inicio > llama > grande > cobrar > fin_cobrar\ngrande > fin",
    conditions={"grande_cobrar": "=monto > 10"},
)
INNER = model(
    "envio",
    service("mandar", "correo.enviar", inputs={"plantilla": "=plantilla"}, retries="0"),
    user_task("ver"),
    flows="inicio > mandar > ver > fin",
)
KEY = "PRO-2027-0900"


def failed_matter(walker: Walker) -> str:
    """Its handler got a number for a name, its job has no retries left."""
    with walker.engine.transaction(SYSTEM) as tx:
        prospecto(tx, KEY)
    walker.engine.deploy({"bpmn/a.bpmn": OUTER, "bpmn/b.bpmn": INNER}, name="prueba", by=SYSTEM)
    started = walker.engine.start("cobro", KEY, {"monto": "mucho", "plantilla": 7}, by=SYSTEM)
    walker.settle()
    assert walker.engine.instance(started.id, by=SYSTEM).incidents == 1
    return started.id


def confirm(page: Page, title: str) -> None:
    page.get_by_role("button", name="Ver qué cambiará").click()
    expect(page.get_by_role("heading", name="Esto cambiará")).to_be_visible()
    page.get_by_role("button", name=f"Confirmar: {title}").click()
    expect(page.get_by_text(f"{title}: hecho.")).to_be_visible()


def test_from_the_failure_to_the_end(walker: Walker) -> None:
    instance = failed_matter(walker)
    page = walker.person("admin")
    page.get_by_role("link", name="Operación").click()
    expect(page.get_by_text("Fallas por resolver")).to_be_visible()
    page.get_by_role("link", name=KEY).first.click()
    expect(page.get_by_role("heading", name="Falla en «mandar»")).to_be_visible()
    expect(page.get_by_text("línea")).to_be_visible()
    page.get_by_text("Detalle técnico").click()
    expect(page.get_by_text("Traceback")).to_be_visible()
    walker.picture(page, "falla")
    expect(page.get_by_text("plantilla debe ser un texto y es 7").first).to_be_visible()
    page.get_by_role("link", name="Reintentar").first.click()
    page.get_by_label("Variables por corregir").fill('plantilla = "cor_00_enlace"')
    page.get_by_label("Motivo").fill("era el nombre de la plantilla")
    confirm(page, "Reintentar")
    walker.settle()
    page.reload()
    expect(page.get_by_text("«ver»: la puede tomar")).to_be_visible()

    # The called process is done; now the gateway cannot decide, because a text is no number.
    walker.engine.complete(_task(walker), {}, by=SYSTEM)
    page.reload()
    expect(page.get_by_text("monto = mucho").first).to_be_visible()
    page.get_by_role("link", name="Reintentar").click()
    page.get_by_label("Variables por corregir").fill("monto = ")
    page.get_by_label("Motivo").fill("era una cifra")
    page.get_by_role("button", name="Ver qué cambiará").click()
    expect(page.get_by_text("Línea 1")).to_be_visible()
    page.get_by_label("Variables por corregir").fill("monto = 12.50")
    confirm(page, "Reintentar")
    expect(page.get_by_text("«Cobrar»: la puede tomar Operador")).to_be_visible()
    expect(page.get_by_text("Motivo: era una cifra.").or_(page.get_by_text("era una cifra")).first).to_be_visible()

    page.get_by_role("link", name="Historia", exact=True).click()
    expect(page.get_by_text("=monto > 10, con monto = 12.5")).to_be_visible()
    walker.engine.complete(_task(walker), {}, by=SYSTEM)
    assert walker.engine.instance(instance, by=SYSTEM).state == "completed"
    assert walker.complaints == []


def _task(walker: Walker) -> str:
    (task,) = walker.engine.user_tasks(UserTaskQuery(business_key=KEY), by=SYSTEM).items
    return task.id


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_the_cockpit_is_accessible(matter: Walker, browser: Browser, size: Any) -> None:
    walker, found = matter, []
    instance = walker.engine.instances(InstanceQuery(business_key="PRO-2027-0001"), by=SYSTEM).items[0]
    base = f"/operacion/instancias/{instance.id}"
    wait = walker.engine.wait_states(instance.id, by=SYSTEM)[0].id
    jobs = walker.engine.jobs(JobQuery(business_key=instance.business_key), by=SYSTEM).items
    job = f"/operacion/trabajos/{next(one.id for one in jobs if one.kind == 'scheduled')}"
    paths = [
        "/operacion/", "/operacion/asuntos", "/operacion/fallas", "/operacion/bitacora", "/operacion/manual",
        f"/operacion/migrar?de={instance.deployment_id}",
        f"/operacion/publicaciones/{instance.deployment_id}/{instance.process_key}",
        f"/operacion/publicaciones/{instance.deployment_id}/{instance.process_key}/suspender",
        base, f"{base}/diagrama", f"{base}/variables", f"{base}/historia?todo=si", f"{base}/trabajos",
        "/operacion/trabajos?ver=programados", job, f"{job}/mover", "/operacion/fallas?ver=sueltas",
        f"{base}/hacer/modificar", f"{base}/hacer/mensaje", f"{base}/hacer/reasignar?en={wait}",
        f"{base}/hacer/cancelar",
    ]  # fmt: skip
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    page = context.new_page()
    walker.sign_in(page, "admin")
    for path in paths:
        page.goto(walker.base + path)
        if "/diagrama" in path or path.endswith(instance.process_key):
            expect(page.locator("#diagrama[data-ready]")).to_be_visible()
        found += violations(page, path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size["width"]:
            found.append(f"{path}: {wide} px wide")
    context.close()
    assert not found, "\n".join(found)
