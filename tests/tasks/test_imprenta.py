"""The press: what it composes, and what it refuses or survives."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tasks.imprenta import Imprenta, RenderError

PROCESO = Path(__file__).parents[2] / "processes" / "procedimiento_legal"
DESPACHO = {
    "nombre": "Barrera & Solís Abogados, S.C.",
    "corto": "Barrera & Solís",
    "lema": "Abogados",
    "domicilio": "Av. Insurgentes Sur 1240",
    "telefono": "55 5555 0100",
    "correo": "contacto@ejemplo.mx",
}
DATOS = {
    "despacho": DESPACHO,
    "destinatario": {"saludo": "Apreciable Sra. López Ortega:"},
    "folio": "PRO-2027-0001",
    "interno": False,
    "enlace": "https://ejemplo.mx/portal/abc",
    "aviso_url": "https://ejemplo.mx/aviso",
    "nombre": "López",
}
MOMENTO = datetime(2027, 1, 18, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def imprenta():
    imprenta = Imprenta(segundos=1)
    yield imprenta
    imprenta.close()


def base(carpeta):
    return {f"{carpeta}/{f.name}": f.read_bytes() for f in (PROCESO / carpeta).iterdir() if f.name.startswith("_")}


def correo(imprenta, cuerpo, **datos):
    plantilla = '{% extends "_base.j2" %}{% block asunto %}Asunto{% endblock %}{% block cuerpo %}' + cuerpo
    archivos = {**base("mail"), "mail/prueba.j2": f"{plantilla}{{% endblock %}}".encode()}
    return imprenta.correo(archivos, "prueba", {**DATOS, **datos})


def documento(imprenta, texto, **datos):
    archivos = {**base("documents"), "documents/prueba.typ": texto.encode()}
    return imprenta.documento(archivos, "prueba", {"despacho": DESPACHO, "folio": "X", **datos}, MOMENTO)


def test_a_mail_reads_the_same_in_both_forms(imprenta):
    pieza = imprenta.correo(
        {
            **base("mail"),
            "mail/prueba.j2": b"""{% extends "_base.j2" %}
{% block asunto %}Propuesta para {{ nombre }}{% endblock %}
{% block cuerpo %}
Primer **paso**.
Segundo renglon.

- uno
- dos
| Total | {{ total | pesos }} |
| Vence | {{ vence }} |
{% endblock %}
{% block boton %}Leer la propuesta{% endblock %}""",
        },
        "prueba",
        {**DATOS, "total": Decimal("34800.00"), "vence": datetime(2027, 1, 25, 15, tzinfo=UTC)},
    )
    assert pieza.asunto == "Propuesta para López"
    assert "Primer paso.\nSegundo renglon.\n\n- uno\n- dos\n\nTotal: $34,800.00\n" in pieza.texto
    assert "Vence: 25 de enero de 2027 a las 09:00" in pieza.texto
    assert "Leer la propuesta:\nhttps://ejemplo.mx/portal/abc" in pieza.texto
    assert pieza.texto.startswith("Apreciable Sra. López Ortega:\n\n")
    for parte in ("<strong>paso</strong>", "$34,800.00", 'href="https://ejemplo.mx/portal/abc"', "Aviso de privacidad"):
        assert parte in pieza.html


def test_values_never_become_markup(imprenta):
    pieza = correo(imprenta, "Hola {{ nombre }}", nombre='<script>alert("x")</script>\x1easunto\x1fOtro')
    assert "<script>" not in pieza.html
    assert "&lt;script&gt;" in pieza.html
    assert pieza.asunto == "Asunto"


@pytest.mark.parametrize(
    ("valor", "se_lee"),
    [
        (Decimal("1.50"), "1.5"),
        (date(2027, 1, 25), "25/01/2027"),
        (True, "sí"),
        (None, "[]"),
        (datetime(2027, 1, 26, 5, 30, tzinfo=UTC), "25 de enero de 2027 a las 23:30"),
    ],
)
def test_values_read_as_people_write_them(imprenta, valor, se_lee):
    assert se_lee in correo(imprenta, "[{{ valor }}]", valor=valor).texto


@pytest.mark.parametrize(
    ("cuerpo", "dice"),
    [
        ("{{ no_existe }}", "no hay un dato «no_existe»"),
        ("{% if %}", "renglón 1"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ destinatario.update({'saludo': 'x'}) }}", "unsafe|not safely callable"),
        ("{% for a in range(999999999) %}x{% endfor %}", "Range too big|range"),
        ("{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}", "segundos"),
        ("{{ 'x' * 900000000 }}", "MB"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "sin fin"),
        ("{% include '/etc/passwd' %}", "/etc/passwd"),
        ("", "no pueden quedar vacíos"),
    ],
)
def test_a_bad_mail_says_what_is_wrong_and_hurts_nobody(imprenta, cuerpo, dice):
    with pytest.raises(RenderError, match=dice):
        correo(imprenta, cuerpo)
    assert correo(imprenta, "Después").asunto == "Asunto"


def test_a_mail_without_the_layout_is_refused(imprenta):
    with pytest.raises(RenderError, match="_base.j2"):
        imprenta.correo({"mail/x.j2": b"Hola"}, "x", DATOS)
    with pytest.raises(RenderError, match="no existe mail/y.j2"):
        imprenta.correo({"mail/x.j2": b"Hola"}, "y", DATOS)


def test_a_document_is_archival_and_repeatable(imprenta):
    texto = (
        '#import "_despacho.typ": *\n#show: despacho.with(titulo: "Hola")\n#pesos(datos.total) #fecha-larga(datos.dia)'
    )
    primero = documento(imprenta, texto, total=Decimal("34800.00"), dia=date(2027, 1, 25))
    assert primero.startswith(b"%PDF-")
    assert b"pdfaid" in primero
    assert documento(imprenta, texto, total=Decimal("34800.00"), dia=date(2027, 1, 25)) == primero
    assert documento(imprenta, texto, total=Decimal("34800.01"), dia=date(2027, 1, 25)) != primero


@pytest.mark.parametrize(
    ("texto", "dice"),
    [
        ("#let x = ", "falta una expresión"),
        ('#read("/etc/passwd")', "no existe el archivo"),
        ('#read("../../etc/passwd")', "escape|outside|not found|access"),
        ('#import "@preview/cetz:0.3.4": canvas', "paquete de fuera"),
        ("#while true {}", "always true"),
        ("#for i in range(100000) { for j in range(100000) {} }", "segundos"),
        ('#let s = "x" * 1000000000\n#s', "MB|falló|memory"),
    ],
)
def test_a_bad_document_says_what_is_wrong_and_hurts_nobody(imprenta, texto, dice):
    with pytest.raises(RenderError, match=dice):
        documento(imprenta, texto)
    assert documento(imprenta, "Hola").startswith(b"%PDF-")


def test_files_cannot_leave_the_folder(imprenta):
    archivos = {"documents/../../fuera.typ": b"x", "documents/a.typ": b"x"}
    with pytest.raises(RenderError, match="se sale"):
        imprenta.documento(archivos, "a", {"despacho": DESPACHO}, MOMENTO)


def test_a_dead_helper_is_replaced(imprenta):
    assert correo(imprenta, "uno").asunto == "Asunto"
    os.kill(imprenta._ayudante.pid, 9)
    assert correo(imprenta, "dos").asunto == "Asunto"
