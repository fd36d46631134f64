"""Base data of §8: people, active matters, and no false conflict with the names of the scenarios."""

import pytest
from sqlalchemy import func, select

from tasks import base
from tasks.folios import siguiente_folio
from tasks.personas import duplicados, revisar_conflicto
from tasks.registros import ESTADOS_ACTIVOS, Asesor, Asunto, Colaborador, Parte, Persona, Prospecto


def test_people_and_their_active_matters(session):
    assert base.sembrar(session)
    activos = dict(
        tuple(fila)
        for fila in session.execute(
            select(Asunto.asesor_id, func.count()).where(Asunto.estado.in_(ESTADOS_ACTIVOS)).group_by(Asunto.asesor_id)
        )
    )
    assert activos == {"sluna": 4, "rcampos": 7, "dpaz": 6, "knieto": 9}
    assert {c.usuario: c.grupos for c in session.scalars(select(Colaborador))} == {
        "lvega": ["ventas"],
        "hruiz": ["gerente"],
        "abarrera": ["direccion"],
        "msoto": ["cobranza"],
        **{usuario: ["asesor"] for usuario in ("sluna", "rcampos", "dpaz", "knieto")},
    }
    assert session.get(Asesor, "sluna").especialidades == ["constitucional", "fiscal"]
    assert session.get(Colaborador, "sluna").correo == "sofia.luna@barrerasolis.example"
    viejo = session.scalar(select(Parte).join(Asunto).where(Asunto.folio == "Q-2026-0011"))
    assert viejo.nombre == "Transportes Bajío Norte, S.A. de C.V."


def test_twice_changes_nothing_and_2027_starts_at_one(session):
    base.sembrar(session)
    cuantos = session.scalar(select(func.count()).select_from(Asunto))
    assert not base.sembrar(session)
    assert session.scalar(select(func.count()).select_from(Asunto)) == cuantos
    assert [siguiente_folio(session, p, 2027) for p in ("PRO", "J", "CLI")] == [
        "PRO-2027-0001",
        "J-2027-0001",
        "CLI-2027-0001",
    ]
    assert siguiente_folio(session, "A", 0) == "A-1"


@pytest.mark.parametrize(
    ("nombre", "halla"),
    [
        ("María Fernanda López Ortega", []),
        ("Transportes del Bajío, S.A. de C.V.", ["Q-2026-0011"]),
        ("Juan Pablo Hernández Cruz", []),
        ("Grupo Alimentario Noriega, S.A. de C.V.", []),
        ("Pedro Ríos García", []),
    ],
)
def test_names_of_the_scenarios(session, nombre, halla):
    base.sembrar(session)
    assert duplicados(session, nombre) == []
    persona = Persona(nombre=nombre)
    session.add(persona)
    session.flush()
    prospecto = Prospecto(folio="PRO-2027-0001", persona_id=persona.id, canal="telefono", descripcion="x")
    session.add(prospecto)
    session.flush()
    assert [c.folio for c in revisar_conflicto(session, prospecto)] == halla


def test_a_client_with_a_past(session):
    base.sembrar(session)
    noriega = base.agregar_cliente(
        session, "Grupo Alimentario Noriega", tipo_persona="moral", rfc="GAN980520K31", cerrados=6
    )
    filas = session.scalars(select(Asunto.estado).where(Asunto.cliente_id == noriega.id)).all()
    assert filas == ["archivado"] * 6
