"""README.md of the process: each of the 47 lines of the client's outline has its place, and what it cites is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

import tasks
from engine.definitions.model import Element
from engine.definitions.reader import read_model

CARPETA = Path(__file__).resolve().parents[2] / "processes" / "procedimiento_legal"
RENGLON = re.compile(r"^\| L(\d+) \|(.*)\|$", re.MULTILINE)
CITADO = re.compile(r"`([^`]+)`")
CAJAS = (2, 6, 8, 10, 14, 17, 22, 26, 30, 33, 39, 43)
"""Lines that are the twelve boxes of the main diagram."""


@dataclass(frozen=True)
class Renglon:
    numero: int
    esquema: str
    elementos: list[str]
    formularios: list[str]
    atienden: str
    salidas: list[str]
    escenario: str


def renglones() -> list[Renglon]:
    hallados = []
    for numero, celdas in RENGLON.findall((CARPETA / "README.md").read_text(encoding="utf-8")):
        esquema, elementos, formularios, atienden, salidas, escenario = (c.strip() for c in celdas.split("|"))
        citados = [CITADO.findall(celda) for celda in (elementos, formularios, salidas)]
        hallados.append(Renglon(int(numero), esquema, citados[0], citados[1], atienden, citados[2], escenario))
    return hallados


@pytest.fixture(scope="module")
def elementos() -> dict[str, Element]:
    found: dict[str, Element] = {}
    for ruta in (CARPETA / "bpmn").glob("*.bpmn"):
        for proceso in read_model(f"bpmn/{ruta.name}", ruta.read_bytes()).processes.values():
            found |= proceso.elements
            como_elemento = Element(proceso.id, "process", proceso.name, proceso.id, "")
            found[proceso.id] = como_elemento
    return found


def lineas_de(documentacion: str) -> set[int]:
    """The outline's lines that an element says it comes from: «Origen L19 a L21» is three of them."""
    origen = re.match(r"Origen ([^:(]*)", documentacion)
    numeros = [int(n) for n in re.findall(r"L(\d+)", origen[1])] if origen else []
    if len(numeros) == 2 and " a " in origen[1]:  # type: ignore[index]
        return set(range(numeros[0], numeros[1] + 1))
    return set(numeros)


def test_every_line_of_the_outline_is_there_in_its_own_words(shared: Path) -> None:
    esquema = (shared / "domain" / "outline.txt").read_text(encoding="utf-8").splitlines()
    assert len(esquema) == 47
    assert [(r.numero, r.esquema) for r in renglones()] == [
        (n, linea.split(" ", 1)[1]) for n, linea in enumerate(esquema, start=1)
    ]


@pytest.mark.parametrize("renglon", renglones(), ids=lambda r: f"L{r.numero}")
def test_what_a_line_cites_is_there(renglon: Renglon, elementos: dict[str, Element]) -> None:
    assert renglon.elementos
    faltan = [id for id in renglon.elementos if id not in elementos]
    assert not faltan
    propios = [elementos[id] for id in renglon.elementos]
    if renglon.numero > 1:
        assert (
            any(renglon.numero in lineas_de(e.documentation) for e in propios)
            or "seguimiento_pagos" in renglon.elementos
        )
    assert renglon.formularios == list(dict.fromkeys(e.form_id for e in propios if e.form_id))
    atienden = [e.handler or e.topic or e.decision_id for e in propios]
    assert CITADO.findall(renglon.atienden) == list(dict.fromkeys(a for a in atienden if a))
    topics = {getattr(handler, "topic", None) for handler in tasks.HANDLERS}
    for e in propios:
        assert e.decision_id is None or (CARPETA / "dmn" / f"{e.decision_id}.dmn").is_file()
        assert not (e.handler or e.topic) or (e.handler or e.topic) in topics
    for salida in renglon.salidas:
        assert (CARPETA / "mail" / f"{salida}.j2").is_file() or (CARPETA / "documents" / f"{salida}.typ").is_file()


@pytest.mark.parametrize("renglon", [r for r in renglones() if r.escenario], ids=lambda r: f"L{r.numero}")
def test_the_step_of_a_scenario_is_there(renglon: Renglon) -> None:
    archivo = CITADO.findall(renglon.escenario)[0]
    paso = re.search(r"«(.+)»", renglon.escenario)
    cuento = yaml.safe_load((CARPETA / "scenarios" / f"{archivo}.yaml").read_text(encoding="utf-8"))
    assert paso
    assert paso[1] in [uno["name"] for uno in cuento["steps"]]


def test_every_line_but_the_boxes_is_shown_by_a_scenario() -> None:
    sin_escenario = {r.numero for r in renglones() if not r.escenario}
    assert sin_escenario - set(CAJAS) == {1}


def test_the_twelve_boxes_bear_the_outlines_names(elementos: dict[str, Element]) -> None:
    for renglon in renglones():
        if renglon.numero in CAJAS:
            assert elementos[renglon.elementos[0]].kind == "callActivity"
            assert elementos[renglon.elementos[0]].name == renglon.esquema
    assert elementos["p00_procedimiento_legal"].name == renglones()[0].esquema


def test_every_origin_is_a_line_of_the_outline(elementos: dict[str, Element]) -> None:
    for elemento in elementos.values():
        assert lineas_de(elemento.documentation) <= set(range(1, 48)), elemento.id
