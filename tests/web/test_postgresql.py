"""The same pages on both databases: tables by migration, a sign-in, a contact, its first task."""

from __future__ import annotations

import pathlib

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
    finally:
        engine.adapters.close()
        engine.close()


def _folio(client) -> str:
    return client.get("/asuntos?q=ana").text.split('class="row-title" href="/asuntos/', 1)[1].split('"', 1)[0]
