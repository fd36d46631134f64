"""The client's side of scenario E1 on a telephone: each step from the link in its mail; staff's are the file's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine import SYSTEM
from tests.e2e.walker import Walker, fill, violations
from web.scenarios import load
from web.scenarios.firm import ScenarioFirm
from web.scenarios.format import Step
from web.scenarios.runner import Way, advance, held
from web.scenarios.samples import sample_file

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def file(name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/pdf", "buffer": sample_file(name)}


class Phone:
    """The client with a telephone; each page that opens is looked at by axe."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.found: list[str] = []

    def open(self, template: str, path: str = "") -> Page:
        page = self.walker.visitor()
        page.goto(self.walker.link(template) + path)
        self.look(page, f"{template} {path}")
        return page

    def look(self, page: Page, name: str) -> None:
        self.walker.picture(page, name)
        self.found += violations(page, name)

    def send(self, page: Page, values: dict[str, Any], name: str) -> None:
        fill(page, values)
        self.look(page, f"{name} lleno")
        page.get_by_role("button", name="Enviar", exact=True).last.click()
        expect(page.get_by_role("heading", name="Gracias")).to_be_visible()
        self.look(page, f"{name} gracias")


def confirm(phone: Phone) -> None:
    page = phone.open("cor_02_invitacion")
    page.get_by_role("button", name="Confirmo que asisto").click()
    expect(page.get_by_text("Confirmada")).to_be_visible()
    phone.look(page, "asistencia confirmada")


def hand_in(phone: Phone) -> None:
    page = phone.open("cor_03_solicitud_documentos")
    files = {"documentos": [{"archivo": file("ine.pdf")}, {"archivo": file("acto.pdf")}]}
    phone.send(page, files, "documentos")


def hand_in_again(phone: Phone) -> None:
    page = phone.open("cor_03_rechazo")
    expect(page.get_by_text("ilegible")).to_be_visible()
    phone.send(page, {"documentos": [{"archivo": file("ine_legible.pdf")}]}, "documentos otra vez")


def ask_for_the_code(phone: Phone) -> None:
    page = phone.open("cor_06_propuesta")
    expect(page.get_by_text("$69,600.00")).to_be_visible()
    fill(page, {"decision": "aceptar", "nombre_completo": "María Fernanda López Ortega", "acepto": True})
    page.get_by_role("button", name="Enviarme el código").click()
    expect(page.get_by_text("Le enviamos un código")).to_be_visible()
    phone.look(page, "firma con código pedido")


def sign(phone: Phone) -> None:
    page = phone.walker.visitor()
    found = re.search(r"\b\d{6}\b", phone.walker.mail("cor_06_codigo").texto or "")
    assert found is not None
    fiscal = {
        "rfc": "LOOF850412QX2", "razon_social": "MARIA FERNANDA LOPEZ ORTEGA", "regimen_fiscal": "612",
        "cp_fiscal": "03100", "uso_cfdi": "G03",
    }  # fmt: skip
    fill(page, fiscal)
    fill(page, {"codigo": "000000" if found[0] != "000000" else "111111"})
    page.get_by_role("button", name="Enviar", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("código no es correcto")
    phone.look(page, "código equivocado")
    phone.send(page, {"codigo": found[0]}, "firma")
    page.goto(phone.walker.link("cor_06_propuesta"))
    expect(page.get_by_text("ya se respondió")).to_be_visible()


def close(phone: Phone) -> None:
    page = phone.open("cor_11_tarjeta")
    expect(page.get_by_role("link", name="Informe de resultados (PDF)")).to_be_visible()
    phone.send(page, {"respuesta": "acepto"}, "tarjeta de cierre")
    for name in ("Expediente", "Facturas y pagos", "Mis datos"):
        page.get_by_role("link", name=name, exact=True).click()
        phone.look(page, name)


def answer_the_survey(phone: Phone) -> None:
    page = phone.open("cor_12_encuesta")
    phone.send(page, {**{f"p{n}": "5" for n in range(1, 6)}, "nps": "10"}, "encuesta")


STEPS: dict[str, Callable[[Phone], None]] = {
    "La clienta confirma su asistencia": confirm,
    "La clienta entrega sus documentos": hand_in,
    "La clienta entrega otra vez la identificación": hand_in_again,
    "La clienta pide su código de firma": ask_for_the_code,
    "La clienta acepta y firma": sign,
    "La clienta acepta el cierre": close,
    "La clienta responde la encuesta": answer_the_survey,
}


def test_the_client_does_everything_on_a_telephone(walker: Walker) -> None:
    scenario = load(walker.settings.processes / "scenarios" / "e1_camino_feliz.yaml")
    assert {step.name for step in scenario.steps if step.as_ == "cliente"} == set(STEPS)
    firm, phone = ScenarioFirm(walker.engine, keep_open=True), Phone(walker)
    way = Way()
    nothing = held(())
    for step in scenario.steps:
        if step.name in STEPS:
            _on_the_phone(walker, phone, step)
        elif "de 8)" not in (step.name or ""):  # progress without news, eight times over
            refusal = advance(firm, step, way, moving=nothing, after=nothing)
            assert (refusal is None) == (step.refused is None), step.name
    assert phone.found == []
    assert walker.complaints == []


def _on_the_phone(walker: Walker, phone: Phone, step: Step) -> None:
    if step.at is not None:
        walker.engine.move_clock(step.at, by=SYSTEM)
    STEPS[step.name or ""](phone)
    walker.settle()
