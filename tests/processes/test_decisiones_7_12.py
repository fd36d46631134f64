"""The decision tables of stages 7 to 12: total, one rule for every input, and the values of legal-process.md §3."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from engine.decisions import Decisions

from .despacho import PROCESO

TIPOS = ("queja", "recurso", "juicio")
SUBTIPOS = (
    "profeco", "condusef", "administrativa", "cndh", "revocacion_fiscal", "revision_administrativa", "revision_amparo",
    "queja_amparo", "reclamacion_amparo", "apelacion_mercantil", "revocacion_mercantil", "inconformidad_imss",
    "amparo_indirecto", "amparo_directo", "nulidad", "mercantil_oral", "mercantil_ejecutivo", "laboral", "civil_oral",
    "familiar", "agrario", "otro",
)  # fmt: skip
CLIENTES = ("nuevo", "recurrente", "preferente", "institucional", "con_adeudo", "desconocido")

ENTRADAS: dict[str, dict[str, tuple[Any, ...]]] = {
    "criterio_arranque": {
        "tipo_cliente": CLIENTES,
        "pct_pagado_primera": ("0", "49.99", "50", "99.99", "100"),
        "saldo_vencido_previo": ("0", "0.01", "100000"),
        "plazo_urgente": (True, False),
    },
    "seguimiento_cobranza": {
        "tipo_procedimiento": TIPOS,
        "dias_vencido": tuple(str(n) for n in range(-30, 100)),
    },
    "asignacion_asesor": {"tipo_procedimiento": TIPOS, "subtipo": SUBTIPOS},
    "plan_seguimiento": {"tipo_procedimiento": TIPOS},
    "liquidacion_cancelacion": {
        "etapa": ("antes_arranque", "en_tramite", "por_cerrar"),
        "solicitante": ("cliente", "despacho"),
        "avance_pct": ("0", "30", "31", "100"),
    },
    "bono_desempeno": {
        "puntuacion": (None, *(f"{n / 100:.2f}" for n in range(100, 501))),
        "saldo_pendiente": ("0", "0.01", "5000"),
        "inconformidad": (True, False),
    },
}


def leer(decision: str) -> Decisions:
    return Decisions.parse((PROCESO / "dmn" / f"{decision}.dmn").read_bytes())


def decidir(decision: str, *valores: Any) -> Any:
    entradas = dict(zip(ENTRADAS[decision], (_valor(v) for v in valores), strict=True))
    return leer(decision).decide(decision, entradas).outputs


def _valor(valor: Any) -> Any:
    return Decimal(valor) if isinstance(valor, str) and valor.lstrip("-").replace(".", "").isdigit() else valor


@pytest.mark.parametrize("decision", ENTRADAS)
def test_exactly_one_rule_for_every_input(decision: str) -> None:
    tabla, nombres = leer(decision), tuple(ENTRADAS[decision])
    assert tabla.findings == ()
    usadas = set()
    for valores in product(*ENTRADAS[decision].values()):
        entradas = dict(zip(nombres, (_valor(v) for v in valores), strict=True))
        resultado = tabla.decide(decision, entradas)
        assert len(resultado.matched) == 1, entradas
        assert None not in (resultado.outputs.values() if isinstance(resultado.outputs, dict) else [resultado.outputs])
        usadas |= set(resultado.matched)
    assert usadas == set(range(1, max(usadas) + 1)), "no rule is dead"


@pytest.mark.parametrize(
    ("entradas", "decision", "motivo"),
    [
        (("nuevo", "0", "0", False), "esperar_pago", "Cliente nuevo: pago previo"),
        (("nuevo", "0", "0", True), "autorizar", "Plazo legal urgente sin pago"),
        (("nuevo", "100", "0", False), "iniciar", "Primera factura cubierta"),
        (("nuevo", "100", "500", True), "iniciar", "Primera factura cubierta"),
        (("con_adeudo", "99.99", "0", True), "esperar_pago", "Cliente con adeudo: pago total previo"),
        (("con_adeudo", "100", "1", False), "autorizar", "Adeudo de otros asuntos"),
        (("preferente", "0", "0", False), "iniciar", "Cliente preferente"),
        (("preferente", "0", "1", False), "autorizar", "Preferente con adeudo vencido"),
        (("recurrente", "50", "0", False), "iniciar", "Al menos la mitad pagada"),
        (("recurrente", "49.99", "0", False), "esperar_pago", "Falta la mitad del primer pago"),
        (("institucional", "0", "9", False), "iniciar", "Convenio institucional"),
        (("otro", "0", "0", False), "autorizar", "Tipo de cliente no catalogado"),
    ],
)
def test_criterion_for_starting_to_work(entradas: tuple[Any, ...], decision: str, motivo: str) -> None:
    assert decidir("criterio_arranque", *entradas) == {"decision": decision, "motivo": motivo}


@pytest.mark.parametrize(
    ("tipo", "dias", "accion", "responsable", "siguiente", "suspender"),
    [
        ("juicio", "-2", "recordatorio_previo", "sistema", 0, False),
        ("juicio", "1", "recordatorio_vencido", "sistema", 5, False),
        ("juicio", "10", "recordatorio_vencido", "sistema", 5, False),
        ("juicio", "11", "llamada", "cobranza", 5, False),
        ("juicio", "31", "escalar", "gerente", 10, False),
        ("juicio", "61", "escalar", "direccion", 10, True),
        ("queja", "6", "llamada", "cobranza", 3, False),
        ("queja", "16", "escalar", "gerente", 5, True),
        ("recurso", "21", "escalar", "gerente", 5, True),
    ],
)
def test_follow_up_of_payments(
    tipo: str, dias: str, accion: str, responsable: str, siguiente: int, suspender: bool
) -> None:
    salida = decidir("seguimiento_cobranza", tipo, dias)
    assert (salida["accion"], salida["responsable"]) == (accion, responsable)
    assert (salida["siguiente_dh"], salida["sugerir_suspension"]) == (siguiente, suspender)


@pytest.mark.parametrize(
    ("tipo", "subtipo", "especialidad", "maximo", "nivel"),
    [
        ("queja", "condusef", "financiero", 25, "junior"),
        ("queja", "cndh", "administrativo", 25, "junior"),
        ("recurso", "queja_amparo", "constitucional", 15, "senior"),
        ("recurso", "inconformidad_imss", "administrativo", 15, "semi_senior"),
        ("juicio", "amparo_indirecto", "constitucional", 10, "senior"),
        ("juicio", "mercantil_oral", "mercantil", 12, "semi_senior"),
        ("juicio", "familiar", "civil", 12, "semi_senior"),
    ],
)
def test_requirements_of_the_advisor(tipo: str, subtipo: str, especialidad: str, maximo: int, nivel: str) -> None:
    esperado = {"especialidad": especialidad, "supervisor": "gerente", "max_asuntos": maximo, "nivel_minimo": nivel}
    assert decidir("asignacion_asesor", tipo, subtipo) == esperado


@pytest.mark.parametrize(
    ("puntuacion", "saldo", "inconformidad", "tipo_bono", "accion"),
    [
        ("5.00", "0", False, "bono", "autorizar"),
        ("5.00", "0.01", False, "bono_condicionado", "esperar_cobro"),
        ("5.00", "0", True, "reconocimiento", "ninguna"),
        ("4.99", "0", False, "reconocimiento", "ninguna"),
        ("4.49", "0", False, "sin_bono", "ninguna"),
        ("2.99", "0", False, "sin_bono", "atender_insatisfaccion"),
        (None, "0", False, "sin_bono", "ninguna"),
    ],
)
def test_bonus(puntuacion: str | None, saldo: str, inconformidad: bool, tipo_bono: str, accion: str) -> None:
    salida = decidir("bono_desempeno", puntuacion, saldo, inconformidad)
    assert (salida["tipo_bono"], salida["accion"]) == (tipo_bono, accion)


@pytest.mark.parametrize(
    ("etapa", "solicitante", "avance", "devengado"),
    [
        ("antes_arranque", "cliente", "0", 10),
        ("antes_arranque", "despacho", "0", 0),
        ("en_tramite", "cliente", "20", 30),
        ("en_tramite", "cliente", "40", 40),
        ("en_tramite", "despacho", "20", 20),
        ("por_cerrar", "cliente", "90", 100),
        ("por_cerrar", "despacho", "90", 90),
    ],
)
def test_settlement_of_a_cancellation(etapa: str, solicitante: str, avance: str, devengado: int) -> None:
    assert decidir("liquidacion_cancelacion", etapa, solicitante, avance) == devengado
