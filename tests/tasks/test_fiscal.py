"""Fiscal data as the tax authority wants them (§1.7)."""

import pytest

from engine.errors import Invalid
from tasks import fiscal
from tasks.registros import EventoBitacora, Persona

FISICA = {
    "rfc": "loof850412qx2", "razon_social": " María  Fernanda López ", "regimen_fiscal": "612", "uso_cfdi": "G03",
    "cp_fiscal": "03100",
}  # fmt: skip
MORAL = {**FISICA, "rfc": "GAN980520K31", "razon_social": "Grupo Alimentario Noriega", "regimen_fiscal": "601"}


@pytest.fixture
def fisica(prospecto):
    return prospecto.persona


@pytest.fixture
def moral(session):
    persona = Persona(nombre="Grupo Alimentario Noriega, S.A. de C.V.", tipo_persona="moral")
    session.add(persona)
    session.flush()
    return persona


def test_they_are_kept_as_the_authority_writes_them(paso, fisica, session):
    assert not fiscal.completos(fisica)
    fiscal.guardar(paso(2027, 1, 20), fisica, FISICA)
    assert (fisica.rfc, fisica.razon_social) == ("LOOF850412QX2", "MARÍA FERNANDA LÓPEZ")
    assert fiscal.completos(fisica)
    assert session.query(EventoBitacora).one().accion == "persona.datos_fiscales"


@pytest.mark.parametrize(
    ("cambio", "campo"),
    [
        ({"rfc": "LOOF850412QX3"}, "rfc"),
        ({"rfc": "GAN980520K31"}, "rfc"),
        ({"rfc": "XAXX010101000"}, "rfc"),
        ({"rfc": " "}, "rfc"),
        ({"regimen_fiscal": "601"}, "regimen_fiscal"),
        ({"regimen_fiscal": "616"}, "uso_cfdi"),
        ({"uso_cfdi": "CN01"}, "uso_cfdi"),
        ({"cp_fiscal": "3100"}, "cp_fiscal"),
        ({"cp_fiscal": "0310a"}, "cp_fiscal"),
    ],
)
def test_wrong_data_of_a_person_are_refused_at_the_field(paso, fisica, cambio, campo):
    with pytest.raises(Invalid) as refused:
        fiscal.guardar(paso(2027, 1, 20), fisica, {**FISICA, **cambio})
    assert list(refused.value.fields) == [campo]
    assert fisica.rfc is None


@pytest.mark.parametrize("cola", [", S.A. de C.V.", " SAPI DE CV", " S. DE R.L.", ", S.C.", " A.C."])
def test_a_company_is_named_without_its_kind(paso, moral, cola):
    with pytest.raises(Invalid) as refused:
        fiscal.guardar(paso(2027, 1, 20), moral, {**MORAL, "razon_social": MORAL["razon_social"] + cola})
    assert list(refused.value.fields) == ["razon_social"]
    fiscal.guardar(paso(2027, 1, 20), moral, MORAL)
    assert moral.razon_social == "GRUPO ALIMENTARIO NORIEGA"


def test_the_general_public_is_for_persons_only(paso, fisica, moral):
    with pytest.raises(Invalid):
        fiscal.guardar(paso(2027, 1, 20), moral, {"publico_general": True})
    fiscal.guardar(paso(2027, 1, 20), fisica, {"publico_general": True})
    assert (fisica.rfc, fisica.regimen_fiscal, fisica.uso_cfdi) == ("XAXX010101000", "616", "S01")


def test_the_form_starts_with_what_is_known(fisica, moral):
    de_fisica, de_moral = fiscal.valores(fisica), fiscal.valores(moral)
    assert (de_fisica["regimen_fiscal"], de_fisica["uso_cfdi"]) == ("616", "S01")
    assert de_moral["razon_social"] == "GRUPO ALIMENTARIO NORIEGA"
    assert de_moral["regimen_fiscal"] is None
    assert {"601"} <= {r["value"] for r in de_moral["regimenes"]}
    assert "601" not in {r["value"] for r in de_fisica["regimenes"]}
