"""The diagrams against the client's outline and the conventions of legal-process.md §2.4."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.definitions.model import Element, Process
from engine.definitions.reader import read_model

CARPETA = Path(__file__).resolve().parents[2] / "processes" / "procedimiento_legal"
DIAGRAMAS = sorted((CARPETA / "bpmn").glob("*.bpmn"))
ETAPAS = [p for p in DIAGRAMAS if not p.name.startswith("00_")]
SIGLAS = {"seguimiento_pagos": "sp", "cancelacion": "cn", "derechos_arco": "ar"}
"""What stands in the ids of a diagram that is no stage, instead of its number."""
PREFIJOS = {
    "userTask": ("ut_",),
    "serviceTask": ("st_",),
    "scriptTask": ("sc_",),
    "businessRuleTask": ("br_",),
    "callActivity": ("ca_",),
    "subProcess": ("sp_",),
    "exclusiveGateway": ("gx_",),
    "parallelGateway": ("gp_",),
    "inclusiveGateway": ("gi_",),
    "eventBasedGateway": ("ge_",),
    "boundaryEvent": ("be_",),
    "startEvent": ("ini_",),
    "endEvent": ("fin_",),
    "intermediateCatchEvent": ("ev_",),
    "intermediateThrowEvent": ("ev_",),
}


def proceso(ruta: Path) -> Process:
    modelo = read_model(f"bpmn/{ruta.name}", ruta.read_bytes())
    return next(p for p in modelo.processes.values() if p.executable)


def test_the_main_diagram_is_the_clients_outline(shared: Path) -> None:
    """L1 names the process; the twelve boxes are the twelve main points, in their order and their words."""
    lineas = (shared / "domain" / "outline.txt").read_text(encoding="utf-8").splitlines()
    puntos = [re.sub(r"^1\.\d+\. ", "", linea) for linea in lineas if re.match(r"^1\.\d+\. ", linea)]
    principal = proceso(CARPETA / "bpmn" / "00_procedimiento_legal.bpmn")
    cajas = [e for e in principal.elements.values() if e.kind == "callActivity"]
    assert lineas[0] == f"1. {principal.name}"
    assert [caja.name for caja in cajas] == puntos
    assert len(cajas) == 12


def test_the_twelve_boxes_stand_in_one_line_and_open_their_diagrams() -> None:
    ruta = CARPETA / "bpmn" / "00_procedimiento_legal.bpmn"
    modelo = read_model(f"bpmn/{ruta.name}", ruta.read_bytes())
    principal = next(iter(modelo.processes.values()))
    cajas = [e for e in principal.elements.values() if e.kind == "callActivity"]
    lugares = {
        forma.get("bpmnElement"): next(b for b in forma if b.tag.endswith("}Bounds"))
        for forma in modelo.root.iter("{*}BPMNShape")
    }
    assert len({lugares[caja.id].get("y") for caja in cajas}) == 1
    izquierda = [float(lugares[caja.id].get("x")) for caja in cajas]
    assert izquierda == sorted(izquierda)
    procesos = {p.stem: proceso(p).id for p in DIAGRAMAS}
    for numero, caja in enumerate(cajas, start=1):
        archivo = next(n for n in procesos if n.startswith(f"{numero:02d}_"))
        assert caja.called_process == procesos[archivo] == f"p{archivo}"


@pytest.mark.parametrize("ruta", ETAPAS, ids=lambda p: p.stem)
def test_names_ids_and_origins(ruta: Path) -> None:
    elementos = proceso(ruta).elements.values()
    etapa = SIGLAS.get(ruta.stem, ruta.name[:2])
    for e in elementos:
        assert e.id.startswith(tuple(f"{p}{etapa}" for p in PREFIJOS[e.kind])), e.id
        assert e.id.isascii()
        if e.name:
            assert re.match(r"(Origen L\d+|Añadido \[\+\])", e.documentation), e.id
        if e.kind == "exclusiveGateway" and len(e.outgoing) > 1:
            assert re.fullmatch(r"¿.+\?", e.name), e.id
        if e.kind in ("userTask", "serviceTask") and e.name != "Reunión con el equipo":
            assert re.match(r"\w+(ar|er|ir)\b", e.name), e.name
        if e.kind == "userTask":
            assert e.form_id, e.id
            assert e.handler, e.id
    assert sum(1 for e in elementos if e.kind not in ("boundaryEvent",)) <= 32


@pytest.mark.parametrize("ruta", ETAPAS, ids=lambda p: p.stem)
def test_every_answer_of_a_form_has_its_way(ruta: Path) -> None:
    """What a gateway behind a user task asks for is what the form offers, or what its handler makes of it."""
    de_la_etapa = proceso(ruta)
    preguntas = {
        (campo, valor)
        for flujo in de_la_etapa.flows.values()
        for campo, valor in re.findall(r'(\w+) = "(\w+)"', flujo.condition or "")
    }
    assert preguntas or ruta.name[:2] in ("04", "08", "09", "10", "ca", "de")
    for campo, valor in preguntas:
        if campo.startswith("decision_"):
            assert valor in _opciones(de_la_etapa, "decision"), (campo, valor)


def _opciones(de_la_etapa: Process, clave: str) -> set[str]:
    return {
        opcion["value"]
        for e in de_la_etapa.elements.values()
        if e.kind == "userTask"
        for campo in _campos(_formulario(e))
        if campo.get("key") == clave
        for opcion in campo.get("values", ())
    }


def _formulario(e: Element) -> dict[str, Any]:
    formulario: dict[str, Any] = json.loads((CARPETA / "forms" / f"{e.form_id}.form").read_text(encoding="utf-8"))
    return formulario


def _campos(nodo: dict[str, Any]) -> list[dict[str, Any]]:
    return [c for hijo in nodo.get("components", ()) for c in (hijo, *_campos(hijo))]


@pytest.mark.parametrize("ruta", DIAGRAMAS, ids=lambda p: p.stem)
def test_flows_stay_inside_their_pool_and_words_fit_their_labels(ruta: Path) -> None:
    modelo = read_model(f"bpmn/{ruta.name}", ruta.read_bytes())
    de_quien = {forma.get("bpmnElement"): forma for forma in modelo.root.iter("{*}BPMNShape")}
    piscinas = [_caja(forma) for id, forma in de_quien.items() if id.startswith("pl_")]
    for trazo in modelo.root.iter("{*}BPMNEdge"):
        if trazo.get("bpmnElement").startswith("fl_"):
            puntos = [(float(p.get("x")), float(p.get("y"))) for p in trazo.iter("{*}waypoint")]
            assert any(
                all(x + 5 < px < x + ancho - 5 and y + 5 < py < y + alto - 5 for px, py in puntos)
                for x, y, ancho, alto in piscinas
            ), trazo.get("bpmnElement")
    for proceso_ in modelo.processes.values():
        for e in proceso_.elements.values():
            rotulo = next(de_quien[e.id].iter("{*}BPMNLabel"), None) if e.id in de_quien else None
            if rotulo is not None and e.name:
                ancho = _caja(rotulo)[2]
                largas = [palabra for palabra in e.name.split() if len(palabra) > 10]
                assert all(len(palabra) * 6.2 <= ancho for palabra in largas), (e.id, ancho)


def _caja(forma: Any) -> tuple[float, float, float, float]:
    limites = next(hijo for hijo in forma if hijo.tag.endswith("}Bounds"))
    return tuple(float(limites.get(lado)) for lado in ("x", "y", "width", "height"))  # type: ignore[return-value]
