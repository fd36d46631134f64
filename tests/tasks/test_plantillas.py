"""Every mail and document template of the process: on the common layout, with known blocks, and it parses."""

from __future__ import annotations

import re

import pytest
from jinja2 import Environment

from tests.tasks.firma import PROCESO

PARTES = {"asunto", "preencabezado", "saludo", "cuerpo", "boton", "nota", "despedida"}
CORREOS = sorted(f for f in (PROCESO / "mail").glob("*.j2") if not f.name.startswith("_"))
DOCUMENTOS = sorted(f for f in (PROCESO / "documents").glob("*.typ") if not f.name.startswith("_"))


@pytest.mark.parametrize("archivo", CORREOS, ids=lambda f: f.stem)
def test_mail(archivo):
    texto = archivo.read_text()
    Environment(autoescape=True).parse(texto)
    assert re.fullmatch(r"cor_(\d\d_)?[a-z_]+", archivo.stem)
    assert texto.startswith('{% extends "_base.j2" %}')
    bloques = re.findall(r"{%-? *block (\w+)", texto)
    assert set(bloques) <= PARTES
    assert len(bloques) == len(set(bloques))
    assert {"asunto", "cuerpo"} <= set(bloques)
    assert "<" not in re.sub(r"{[{%#].*?[}%#]}", "", texto, flags=re.S), "mails are written without HTML"


@pytest.mark.parametrize("archivo", DOCUMENTOS, ids=lambda f: f.stem)
def test_document(archivo):
    texto = archivo.read_text()
    assert '#import "_despacho.typ": *' in texto
    assert "#show: despacho.with(" in texto
