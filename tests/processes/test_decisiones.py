"""The firm's decision tables: every one is total, no two rules fight (M7), and the borders lie where §3 puts them."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.decisions import Decisions

DMN = Path(__file__).resolve().parents[2] / "processes" / "procedimiento_legal" / "dmn"
NS = {"d": "https://www.omg.org/spec/DMN/20191111/MODEL/"}
TABLAS = sorted(path.stem for path in DMN.glob("*.dmn"))

# Inputs whose values are a closed list: options of a form, or what another table answers. All others get «otro» too.
CERRADAS: dict[str, tuple[Any, ...]] = {
    "tipo_procedimiento": ("queja", "recurso", "juicio"),
    "tipo_persona": ("fisica", "moral"),
    "requiere_equipo_manual": ("auto", "si", "no"),
    "viabilidad": ("alta", "media", "baja", "no_viable"),
    "sesion": ("auto", "si", "no"),
    "complejidad": tuple(Decimal(n) for n in range(1, 6)),
    "puntuacion": (None, *(Decimal(n) / 20 for n in range(20, 101))),
    "etapa": ("antes_arranque", "en_tramite", "por_cerrar"),
    "solicitante": ("cliente", "despacho"),
}
# Whole numbers, never negative ones.
CUENTAS = {"cerrados", "vencido_dias_max"}
NO_NEGATIVOS = {"cuantia", "honorarios", "pct_pagado_primera", "saldo_vencido_previo", "saldo_pendiente", "avance_pct"}


def decisiones(tabla: str) -> Decisions:
    return Decisions.parse((DMN / f"{tabla}.dmn").read_bytes())


def entradas(tabla: str) -> dict[str, list[Any]]:
    """Per input every value that its cells name, the values around each number, and one that no cell names."""
    raiz = etree.parse(str(DMN / f"{tabla}.dmn")).getroot()
    columnas = raiz.findall(".//d:decisionTable/d:input", NS)
    reglas = [
        [e.findtext("d:text", "", NS) for e in r.findall("d:inputEntry", NS)] for r in raiz.iterfind(".//d:rule", NS)
    ]
    halladas = {}
    for n, columna in enumerate(columnas):
        expresion = columna.find("d:inputExpression", NS)
        assert expresion is not None
        nombre = expresion.findtext("d:text", "", NS)
        halladas[nombre] = list(_valores(nombre, expresion.get("typeRef", ""), [regla[n] for regla in reglas]))
    return halladas


def _valores(nombre: str, tipo: str, celdas: list[str]) -> dict[Any, None]:
    if nombre in CERRADAS:
        return dict.fromkeys(CERRADAS[nombre])
    if tipo == "boolean":
        return dict.fromkeys((True, False))
    valores: dict[Any, None] = {}
    for celda in celdas:
        if "null" in celda:
            valores[None] = None
        if tipo == "string":
            valores |= dict.fromkeys(re.findall(r'"([^"]*)"', celda))
            continue
        paso = Decimal(1) if nombre in CUENTAS or nombre.startswith("dias") else Decimal("0.01")
        for numero in map(Decimal, re.findall(r"\d+(?:\.\d+)?", celda)):
            valores |= dict.fromkeys((numero - paso, numero, numero + paso))
    if tipo == "string":
        valores["otro"] = None
    if nombre in CUENTAS | NO_NEGATIVOS:
        valores = {v: None for v in valores if v is None or v >= 0}
    return valores or {"otro": None}


def combinaciones(tabla: str) -> list[dict[str, Any]]:
    columnas = entradas(tabla)
    return [dict(zip(columnas, valores, strict=True)) for valores in itertools.product(*columnas.values())]


@pytest.mark.parametrize("tabla", TABLAS)
def test_every_input_meets_exactly_one_rule(tabla: str) -> None:
    """COLLECT: at least one rule, and no document twice."""
    modelo = decisiones(tabla)
    assert not modelo.findings
    casos = combinaciones(tabla)
    assert len(casos) > 1
    for caso in casos:
        # `avance_pct` is read by an output of D12, not by a column.
        resultado = modelo.decide(tabla, {"avance_pct": Decimal(40), **caso})
        if tabla == "documentos_requeridos":
            nombres = [fila["documento"] for fila in resultado.outputs]
            assert nombres, caso
            assert len(nombres) == len(set(nombres)), caso
        else:
            assert len(resultado.matched) == 1, f"{caso} meets the rules {resultado.matched}"


@pytest.mark.parametrize("tabla", TABLAS)
def test_every_rule_is_met_by_some_input(tabla: str) -> None:
    modelo = decisiones(tabla)
    reglas = len(etree.parse(str(DMN / f"{tabla}.dmn")).getroot().findall(".//d:rule", NS))
    resultados = [modelo.decide(tabla, {"avance_pct": Decimal(40), **caso}) for caso in combinaciones(tabla)]
    vistas = {n for resultado in resultados for n in resultado.matched}
    assert vistas == set(range(1, reglas + 1))


def decide(tabla: str, **valores: Any) -> Any:
    return decisiones(tabla).decide(tabla, {k: Decimal(v) if type(v) is int else v for k, v in valores.items()}).outputs


@pytest.mark.parametrize(
    ("manual", "vencido", "convenio", "cerrados", "esperado"),
    [
        (None, 0, False, 0, "nuevo"),
        (None, 60, False, 1, "recurrente"),
        (None, 60, False, 4, "recurrente"),
        (None, 0, False, 5, "preferente"),
        (None, 60, True, 9, "institucional"),
        (None, 61, True, 9, "con_adeudo"),
        ("preferente", 900, False, 0, "preferente"),
    ],
)
def test_client_type(manual: str | None, vencido: int, convenio: bool, cerrados: int, esperado: str) -> None:
    hechos = {"vencido_dias_max": vencido, "convenio": convenio, "cerrados": cerrados}
    assert decide("tipo_cliente", clasificacion_manual=manual, **hechos) == esperado


def documentos(tipo: str, subtipo: str, persona: str) -> set[str]:
    filas = decide("documentos_requeridos", tipo_procedimiento=tipo, subtipo=subtipo, tipo_persona=persona)
    return {fila["documento"] for fila in filas if fila["obligatorio"]}


def test_mandatory_documents() -> None:
    """E1 row 5, E2 row 3, E3 row 5."""
    identificacion = "Identificación oficial vigente"
    assert documentos("juicio", "amparo_indirecto", "fisica") == {
        identificacion,
        "Acto reclamado y constancia de notificación",
    }
    assert documentos("recurso", "revocacion_fiscal", "moral") == {
        identificacion,
        "Acta constitutiva y poder del representante",
        "Resolución o acto impugnado",
        "Constancia de notificación",
    }
    assert documentos("queja", "condusef", "fisica") == {
        identificacion,
        "Estado de cuenta o póliza y folio de aclaración",
    }


@pytest.mark.parametrize(
    ("manual", "complejidad", "cuantia", "viabilidad", "esperado"),
    [
        ("auto", 3, 400000, "alta", (False, 0, "Caso ordinario")),
        ("auto", 3, 1000000, "alta", (True, 3, "Cuantía relevante")),
        ("auto", 4, 0, "alta", (True, 3, "Complejidad alta")),
        ("auto", 1, 0, "no_viable", (True, 2, "Viabilidad dudosa")),
        ("si", 1, 0, "alta", (True, 2, "Solicitada por el gerente")),
        ("no", 5, 0, "baja", (False, 0, "Descartada por el gerente")),
    ],
)
def test_team_meeting(
    manual: str, complejidad: int, cuantia: int, viabilidad: str, esperado: tuple[bool, int, str]
) -> None:
    caso = {"complejidad": complejidad, "cuantia": cuantia, "viabilidad": viabilidad}
    salida = decide("reunion_equipo", requiere_equipo_manual=manual, **caso)
    assert (salida["requiere"], salida["participantes_min"], salida["motivo"]) == esperado


@pytest.mark.parametrize(
    ("honorarios", "tipo", "esperado"),
    [
        ("49999.99", "nuevo", (False, "correo")),
        ("50000", "nuevo", (True, "videollamada")),
        ("50000", "recurrente", (False, "correo")),
        ("149999.99", "nuevo", (True, "videollamada")),
        ("150000", "institucional", (True, "presencial")),
    ],
)
def test_session(honorarios: str, tipo: str, esperado: tuple[bool, str]) -> None:
    salida = decide("sesion_presentacion", sesion="auto", honorarios=Decimal(honorarios), tipo_cliente=tipo)
    assert (salida["requiere"], salida["modalidad"]) == esperado


@pytest.mark.parametrize(
    ("cliente", "tipo", "esperado"),
    [
        ("nuevo", "queja", (100, 0)),
        ("nuevo", "recurso", (60, 0)),
        ("nuevo", "juicio", (50, 0)),
        ("recurrente", "queja", (40, 7)),
        ("preferente", "juicio", (30, 15)),
        ("institucional", "recurso", (50, 30)),
        ("con_adeudo", "juicio", (100, 0)),
    ],
)
def test_payment_scheme(cliente: str, tipo: str, esperado: tuple[int, int]) -> None:
    salida = decide("esquema_pago", tipo_cliente=cliente, tipo_procedimiento=tipo)
    assert (salida["primera_factura_pct"], salida["dias_credito"]) == esperado
