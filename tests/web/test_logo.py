"""The firm's logo: what is no picture is refused; portal, mails and documents show it."""

from __future__ import annotations

import email
import io
import struct
import zlib
from collections.abc import Callable
from email import policy

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM
from engine.errors import Invalid
from tasks import correo, documentos, logo, retencion
from tasks.ajustes import ajuste, guardar
from tasks.paso import Accion
from tasks.registros import Correo, Documento, Prospecto
from tests.web.conftest import KEY, token

SignIn = Callable[[str], FlaskClient]
PAGE = "/configuracion"


def png(width: int = 60, height: int = 20, *, broken: bool = False) -> bytes:
    """A picture in one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\0" + b"\x12\x34\x3b" * width for _ in range(height)))
    if broken:
        rows = rows[: len(rows) // 2]
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def send(client: FlaskClient, content: bytes, **more: str):
    return client.post(
        f"{PAGE}/logo",
        data={"csrf_token": token(client, PAGE), "logo": (io.BytesIO(content), "logo.png"), **more},
    )


def test_it_is_shown_where_clients_look(busy_app: Flask, busy: SignIn) -> None:
    engine, picture = busy_app.extensions["engine"], png()
    client = busy("abarrera")
    assert client.get("/logo").status_code == 302
    assert send(client, picture).status_code == 302
    shown = busy_app.test_client().get("/logo")
    assert (shown.data, shown.mimetype) == (picture, "image/png")
    assert 'src="/logo?v=' in busy_app.test_client().get("/contacto").text
    with engine.transaction(SYSTEM) as tx:
        assert ajuste(tx.session, logo.AJUSTE).partition(".")[0] in retencion.archivos_en_uso(tx.session)
        paso = Accion(tx, KEY)
        prospecto = tx.session.query(Prospecto).filter_by(folio=KEY).one()
        mail_id = correo.enviar(paso, "cor_00_enlace", a=prospecto.persona).id
        document = documentos.generar(paso, "aviso_privacidad", prospecto=prospecto, datos={}).id
    while engine.run_due_jobs():
        pass
    with engine.reading(SYSTEM) as tx:
        mail, paper = tx.session.get_one(Correo, mail_id), tx.session.get_one(Documento, document)
        html, made = mail.html or "", (paper.estado, paper.sha256)
        payload = {
            "nombre": "Ana",
            "direccion": "ana@x.mx",
            "message_id": "<1@x>",
            "momento": tx.now,
            "calendario": None,
        }
        inside = logo.del_correo(mail.datos, html, engine.adapters.archivos)
        raw = correo.componer(payload, "A", "a", html, engine.adapters.remitente, inside).as_bytes()
    parsed = email.message_from_bytes(raw, policy=policy.default)
    [image] = [part for part in parsed.walk() if part.get_content_maintype() == "image"]
    assert (image["Content-ID"], image.get_content()) == ("<logo>", picture)
    assert 'src="data:image/png;base64,' in client.get(f"/correos/{mail_id}/contenido").text
    assert made[0] == "generado"
    assert b"/Subtype/Image" in engine.adapters.archivos.read(made[1])
    assert send(client, b"", quitar="1").status_code == 302
    assert "/logo?v=" not in busy_app.test_client().get("/contacto").text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Elija una imagen"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no es una imagen PNG o JPG"),
        (png() + b"x" * logo.MAX_BYTES, "pasa de 512 KB"),
        (png(20000, 10), "debe medir"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "debe medir"),
        (b"\xff\xd8\xff" + b"\xff" * 40, "debe medir"),
        (png(broken=True), "dañada"),
    ],
)
def test_what_is_no_picture_is_refused(app: Flask, content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        logo.revisar(app.extensions["engine"].adapters.imprenta, content)
    assert said in caught.value.fields["logo"]


def test_only_who_keeps_the_settings_changes_it(app: Flask, sign_in: SignIn) -> None:
    assert send(sign_in("hruiz"), png()).status_code == 403
    page = send(sign_in("abarrera"), b"GIF89a")
    assert page.status_code == 422
    assert 'id="logo-error"' in page.text
    with app.extensions["engine"].transaction(SYSTEM) as tx:
        # Not by the form of the other settings, either: there the file would go unchecked.
        assert guardar(tx, {logo.AJUSTE: "nada.png"}) == []
