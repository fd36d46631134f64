"""The proposal of an advisor (§1.8)."""

from decimal import Decimal

import pytest

from tasks import base
from tasks.asignacion import Requisitos, elegir
from tasks.registros import Asesor, AsignacionHistorial, Asunto, Ausencia, Colaborador


@pytest.fixture
def asunto(session, paso):
    paso(2027, 1, 12)
    base.sembrar(session)
    return session.query(Asunto).filter_by(estado="archivado").first()


def requisitos(especialidad="constitucional", maximo=10, nivel="senior"):
    return Requisitos(especialidad=especialidad, max_asuntos=Decimal(maximo), nivel_minimo=nivel)


def test_fewest_active_matters_first(session, asunto):
    assert elegir(session, requisitos(), asunto) == "sluna", "4 < 7"
    assert elegir(session, requisitos("mercantil", 12, "semi_senior"), asunto) == "dpaz", "6 < 7"
    assert elegir(session, requisitos("financiero", 25, "junior"), asunto) == "knieto"


def test_the_level_and_the_limit_hold(session, asunto):
    assert elegir(session, requisitos("mercantil", 12, "senior"), asunto) == "rcampos"
    assert elegir(session, requisitos("financiero", 25, "semi_senior"), asunto) is None
    assert elegir(session, requisitos(maximo=4), asunto) is None, "4 matters are the limit already"
    assert elegir(session, requisitos(maximo=5), asunto) == "sluna"


def test_not_available_away_inactive_or_excluded(session, asunto, paso):
    assert elegir(session, requisitos(), asunto, excepto="sluna") == "rcampos"
    ayer, manana = paso(2027, 1, 11).now, paso(2027, 1, 13).now
    session.add(Ausencia(ausente="sluna", suplente="dpaz", desde=ayer, hasta=manana))
    session.flush()
    paso(2027, 1, 12)
    assert elegir(session, requisitos(), asunto) == "rcampos"
    paso(2027, 1, 13)
    assert elegir(session, requisitos(), asunto) == "sluna", "back again"
    session.get(Asesor, "sluna").disponible = False
    assert elegir(session, requisitos(), asunto) == "rcampos"
    session.get(Colaborador, "rcampos").activo = False
    assert elegir(session, requisitos(), asunto) is None


def test_with_equal_load_the_longest_without_an_assignment(session, asunto):
    activos = session.query(Asunto).filter_by(asesor_id="rcampos", estado="en_tramite").limit(3)
    for activo in activos.all():
        activo.estado = "archivado"
    session.flush()
    por_asesor = {}
    for fila in session.query(AsignacionHistorial):
        por_asesor[fila.asesor_nuevo] = max(por_asesor.get(fila.asesor_nuevo, fila.fecha), fila.fecha)
    antes = min(("sluna", "rcampos"), key=por_asesor.get)
    assert elegir(session, requisitos(), asunto) == antes


def test_who_left_a_matter_of_this_client_for_a_conflict_is_not_proposed(session, paso, asunto):
    session.add(
        AsignacionHistorial(
            asunto_id=asunto.id, asesor_anterior="sluna", asesor_nuevo="rcampos", motivo="conflicto",
            fecha=paso(2027, 1, 1).now,
        )
    )  # fmt: skip
    session.flush()
    assert elegir(session, requisitos(), asunto) == "rcampos"
