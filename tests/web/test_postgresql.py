"""The same pages on both databases: tables by migration, a sign-in, a contact, its first task."""

from __future__ import annotations

import io
import pathlib
import re
from datetime import date

from tests.web.conftest import browser_of, token
from web import create_app, create_engine, schema, seed
from web.settings import Settings


def test_a_contact_goes_through_the_pages(database_url: str, tmp_path: pathlib.Path) -> None:
    settings = Settings(var=tmp_path, database_url=database_url, secret_key="s" * 40, demo=True)
    schema.upgrade(settings)
    schema.require_current(settings)
    engine = create_engine(settings)
    app = create_app(settings, engine)
    app.testing = True
    try:
        with app.app_context():
            seed.demo(engine, settings.processes, story=False)
        visitor, ventas = app.test_client(), browser_of(app)("lvega")
        form = {
            "csrf_token": token(visitor, "/contacto"), "nombre": "Ana Cruz", "tipo_persona": "fisica",
            "telefono": "5512345678", "descripcion_breve": "Un despido.", "acepto_aviso": "true",
        }  # fmt: skip
        assert visitor.post("/contacto", data=form).status_code == 302
        assert "Registrar contacto" in ventas.get("/bandeja").text
        for path in ("/asuntos?q=ana", "/asuntos/" + _folio(ventas), "/correos", "/bandeja?orden=priority&q=registrar"):
            assert ventas.get(path).status_code == 200, path
        assert "Ana Cruz" in ventas.get("/asuntos?q=ana").text
        _matters_under_way(browser_of(app)("hruiz"))
        direction = browser_of(app)("abarrera")
        away = {"csrf_token": token(direction, "/ausencias"), "ausente": "sluna", "suplente": "rcampos"}
        assert direction.post("/ausencias", data={**away, "hasta": f"{date.today():%Y}-12-31"}).status_code == 302
        assert "Usted suple a Sofía Luna" in browser_of(app)("rcampos").get("/bandeja").text
        for path in ("/carga", "/carga/sluna", "/cartera?antiguedad=0", "/cartera?vista=vencidas", "/personas"):
            assert direction.get(path).status_code == 200, path
        assert "$23,200.00" in direction.get("/cartera").text
        assert "Papelera del Valle" in direction.get("/cartera/cartera.csv").text
    finally:
        engine.adapters.close()
        engine.close()


def _matters_under_way(manager) -> None:
    """The file that the page itself offers as an example, looked at and taken."""
    page = "/asuntos/alta/archivo"
    file = (io.BytesIO(manager.get(f"{page}/ejemplo.csv").data), "a.csv")
    seen = manager.post(page, data={"csrf_token": token(manager, page), "archivo": file}).text
    hidden = dict(re.findall(r'name="(csrf_token|_request_id|contenido)" value="([^"]*)"', seen))
    assert manager.post(f"{page}/importar", data=hidden).status_code == 302
    assert "Papelera del Valle" in manager.get("/asuntos").text


def _folio(client) -> str:
    return client.get("/asuntos?q=ana").text.split('class="row-title" href="/asuntos/', 1)[1].split('"', 1)[0]
