"""The client decides a proposal (E2): two browsers at once, guessed codes, links of versions that were replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import SYSTEM, Engine
from tasks import envio
from tasks.registros import CodigoFirma, Correo, Documento, Enlace, Propuesta
from tests.conftest import ROOT
from web import throttle
from web.scenarios import load
from web.scenarios.firm import ScenarioFirm
from web.scenarios.format import Step
from web.scenarios.runner import Way, play, run_everything_due


@dataclass
class Story:
    """E2, played up to a step; the client's answers come through the pages."""

    app: Flask
    steps: Iterator[Step]
    way: Way = field(default_factory=Way)

    @property
    def engine(self) -> Engine:
        found: Engine = self.app.extensions["engine"]
        return found

    def to(self, name: str, *, instead_of: str = "") -> None:
        """Play to the end of the step of this name; the step `instead_of` has been done through the pages."""
        firm = ScenarioFirm(self.engine, keep_open=True)
        for step in self.steps:
            if step.name != instead_of:
                assert play(firm, step, self.way) == []
            if step.name == name:
                return
        raise AssertionError(f"there is no step {name}")

    def link(self) -> str:
        """Path of the link in the latest mail with a proposal."""
        with self.engine.reading(SYSTEM) as tx:
            query = select(Correo).where(Correo.plantilla == "cor_06_propuesta").order_by(Correo.id.desc())
            url: str = tx.session.scalars(query).first().datos["enlace"]
        return "/" + url.split("/", 3)[3]


@dataclass
class Page:
    """The form of the decision, open in a browser."""

    browser: FlaskClient
    path: str
    hidden: dict[str, str]

    @classmethod
    def open(cls, app: Flask, link: str) -> Page:
        browser = app.test_client()
        answer = browser.get(link, follow_redirects=True)
        names = ("csrf_token", "_request_id", "_revision")
        hidden = {name: re.search(f'name="{name}" value="([^"]*)"', answer.text)[1] for name in names}
        return cls(browser, answer.request.path, hidden)

    def send(self, **values: str) -> tuple[int, str]:
        answer = self.browser.post(self.path, data={**self.hidden, **values})
        return answer.status_code, answer.text


@pytest.fixture
def story(app: Flask) -> Story:
    scenario = load(ROOT / "processes" / "procedimiento_legal" / "scenarios" / "e2_rechazos.yaml")
    return Story(app, iter(scenario.steps))


def test_each_version_is_decided_once_by_its_own_link(story: Story) -> None:
    story.to("Ana aprueba; no hace falta sesión")
    earlier = story.link()
    phone, desk = Page.open(story.app, earlier), Page.open(story.app, earlier)
    signature = {"decision": "aceptar", "nombre_completo": "Pedro Ruiz", "acepto": "true", "codigo": "000000"}
    _codes_cannot_be_guessed(story, phone, signature)
    # A double click is one answer, and the other browser hears that there is one.
    change = {"decision": "negociar", "comentarios": "75,000"}
    assert [phone.send(**change)[0] for _ in range(2)] == [302, 302]
    status, text = desk.send(**signature)
    assert (status, "Esto ya se respondió el 1" in text, "Ver mi expediente" in text) == (409, True, True)
    run_everything_due(story.engine)
    story.to("Ana la aprueba", instead_of="El cliente pide un precio menor")
    assert desk.send(**signature)[0] == 409
    again = desk.browser.get(earlier, follow_redirects=True).text
    assert "Esa versión de la propuesta se sustituyó" in again
    assert 'name="decision"' not in again
    assert 'name="decision"' in desk.browser.get(story.link(), follow_redirects=True).text
    with story.engine.reading(SYSTEM) as tx:
        versions = tx.session.scalars(select(Propuesta).order_by(Propuesta.version)).all()
        sent = tx.session.scalars(select(Enlace.destino).where(Enlace.destino.startswith("propuesta:"))).all()
        documents = select(Documento.nombre).where(Documento.plantilla == "propuesta", Documento.visible_cliente)
        shown = tx.session.scalars(documents).all()
    assert [one.estado for one in versions] == ["devuelta", "sustituida", "enviada"]
    assert versions[1].comentarios_cliente == "75,000"
    assert sent == [f"propuesta:{one.id}" for one in versions[1:]]
    assert shown == ["PROP-2027-0001 v3.pdf"]


def _codes_cannot_be_guessed(story: Story, page: Page, signature: dict[str, str]) -> None:
    answer = page.browser.post(f"{page.path}/codigo", data={**page.hidden, **signature})
    assert "Le enviamos un código" in answer.text
    assert "Pedro Ruiz" in answer.text
    run_everything_due(story.engine)
    with story.engine.reading(SYSTEM) as tx:
        mail = tx.session.scalars(select(Correo).where(Correo.plantilla == "cor_06_codigo")).one()
    right = mail.datos["codigo"]
    wrong = {**signature, "codigo": "111111" if right != "111111" else "222222"}
    told = [page.send(**wrong) for _ in range(envio.INTENTOS_CODIGO)]
    assert {status for status, _text in told} == {422}
    assert all("El código no es correcto." in text for _status, text in told)
    # After five tries the right one does not help either: another one must be asked for, at once or after a wait.
    status, text = page.send(**{**signature, "codigo": right})
    assert (status, "Se agotaron los intentos con este código; pida otro." in text) == (422, True)
    codes = [page.browser.post(f"{page.path}/codigo", data=page.hidden).text for _ in range(throttle.FREE)]
    assert ["Le enviamos un código" in text for text in codes] == [True] * (throttle.FREE - 1) + [False]
    assert "Demasiados códigos. Espere un minuto" in codes[-1]
    with story.engine.reading(SYSTEM) as tx:
        assert len(tx.session.scalars(select(CodigoFirma)).all()) == throttle.FREE
    # The page comes back without the code among what is kept.
    assert right not in page.browser.get(page.path).text
