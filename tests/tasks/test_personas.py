"""RFC, conflict of interest, inputs of «Tipo de cliente»."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.errors import Invalid
from tasks import personas
from tasks.registros import Asunto, Factura, Pago, Parte, Persona, Prospecto, normalizar


@pytest.mark.parametrize(
    ("nombre", "normal"),
    [
        ("Transportes del Bajío, S.A. de C.V.", "TRANSPORTES BAJIO"),
        ("TRANSPORTES BAJIO NORTE SA DE CV", "TRANSPORTES BAJIO NORTE"),
        ("Barrera & Solís Abogados, S.C.", "BARRERA SOLIS ABOGADOS"),
        ("María de la Luz Núñez", "MARIA LUZ NUNEZ"),
        ("", ""),
    ],
)
def test_normal_names(nombre, normal):
    assert normalizar(nombre) == normal


@pytest.mark.parametrize(
    ("uno", "otro", "motivo"),
    [
        ("Transportes del Bajío, S.A. de C.V.", "Transportes Bajío Norte, S.A. de C.V.", "palabras"),
        ("Juan Pablo Hernández Cruz", "Juan Pablo Hernandes Cruz", "parecido"),
        ("López Ortega María Fernanda", "María Fernanda López Ortega", "palabras"),
        ("Noriega", "Grupo Alimentario Noriega", None),
        ("Pedro Ríos García", "María Fernanda López Ortega", None),
        ("S.A. de C.V.", "S.C.", None),
    ],
)
def test_names_that_may_be_one(uno, otro, motivo):
    assert personas.parecidos(normalizar(uno), normalizar(otro)) == motivo
    assert personas.parecidos(normalizar(otro), normalizar(uno)) == motivo


@pytest.mark.parametrize(
    ("texto", "tipo", "rfc"),
    [
        ("looF850412qx2", "fisica", "LOOF850412QX2"),
        ("TBA-030715-H22", "moral", "TBA030715H22"),
        ("GAN980520K31", None, "GAN980520K31"),
        ("RIGP760825F20", "fisica", "RIGP760825F20"),
        ("BSA150301AB0", "moral", "BSA150301AB0"),
        ("XAXX010101000", "fisica", "XAXX010101000"),
    ],
)
def test_rfc(texto, tipo, rfc):
    assert personas.validar_rfc(texto, tipo) == rfc


@pytest.mark.parametrize(
    ("texto", "tipo"),
    [
        ("LOOF850412QX3", "fisica"),
        ("LOOF851332QX2", "fisica"),
        ("LOOF850412QX2", "moral"),
        ("TBA030715H22", "fisica"),
        ("", None),
        ("TBA", None),
    ],
)
def test_wrong_rfc(texto, tipo):
    with pytest.raises(Invalid) as error:
        personas.validar_rfc(texto, tipo, campo="receptor.rfc")
    assert list(error.value.fields) == ["receptor.rfc"]


def nuevo(session, nombre, folio, *, contraparte=None, **persona):
    fila = Persona(nombre=nombre, **persona)
    session.add(fila)
    session.flush()
    prospecto = Prospecto(folio=folio, persona_id=fila.id, canal="web", descripcion="x")
    session.add(prospecto)
    session.flush()
    if contraparte:
        session.add(Parte(prospecto_id=prospecto.id, nombre=contraparte))
        session.flush()
    return prospecto


def asunto(session, prospecto, estado="en_tramite", folio="J-2026-0001"):
    fila = Asunto(
        folio=folio,
        prospecto_id=prospecto.id,
        cliente_id=prospecto.persona_id,
        tipo="juicio",
        subtipo="nulidad",
        estado=estado,
    )
    session.add(fila)
    session.flush()
    return fila


def test_prospect_against_parties_on_file(session):
    nuevo(session, "Comercial X", "PRO-2026-0011", contraparte="Transportes Bajío Norte, S.A. de C.V.")
    prospecto = nuevo(session, "Transportes del Bajío, S.A. de C.V.", "PRO-2027-0001", rfc="TBA030715H22")
    (hallada,) = personas.revisar_conflicto(session, prospecto)
    assert (hallada.motivo, hallada.con, hallada.folio) == (
        "palabras",
        "Transportes Bajío Norte, S.A. de C.V.",
        "PRO-2026-0011",
    )
    assert not hallada.cliente_activo
    assert hallada.como_dict()["con_calidad"] == "contraparte"


def test_equal_rfc_is_a_hit_whatever_the_name(session):
    otro = nuevo(session, "Comercial X", "PRO-2026-0001")
    session.add(Parte(prospecto_id=otro.id, nombre="La Fonda", rfc="TBA030715H22"))
    prospecto = nuevo(session, "Transportes del Bajío", "PRO-2027-0001", rfc="TBA030715H22")
    assert [h.motivo for h in personas.revisar_conflicto(session, prospecto)] == ["rfc"]


def test_counterpart_against_clients_and_open_prospects(session):
    cliente = nuevo(session, "Grupo Alimentario Noriega, S.A. de C.V.", "PRO-2026-0001")
    cliente.persona.folio = "CLI-2026-0001"
    asunto(session, cliente)
    cerrado = nuevo(session, "Grupo Alimentario Noriega del Sur", "PRO-2026-0002")
    cerrado.estado = "sin_respuesta"
    prospecto = nuevo(session, "Pedro Ríos García", "PRO-2027-0001", contraparte="Grupo Alimentario Noriega")
    (hallada,) = personas.revisar_conflicto(session, prospecto)
    assert (hallada.con_calidad, hallada.folio, hallada.cliente_activo) == ("cliente", "CLI-2026-0001", True)


def test_no_conflict_with_oneself(session):
    primero = nuevo(session, "Pedro Ríos García", "PRO-2026-0001", contraparte="Banco del Valle")
    segundo = Prospecto(folio="PRO-2027-0001", persona_id=primero.persona_id, canal="web", descripcion="x")
    session.add(segundo)
    session.flush()
    session.add(Parte(prospecto_id=segundo.id, nombre="Banco del Valle"))
    session.flush()
    assert personas.revisar_conflicto(session, segundo) == []


def test_a_renamed_person_is_compared_by_the_new_name(session):
    prospecto = nuevo(session, "Provisional", "PRO-2027-0001")
    prospecto.persona.nombre = "Transportes del Bajío"
    session.flush()
    assert personas.duplicados(session, "TRANSPORTES BAJIO SA") == [prospecto.persona]


def test_inputs_of_the_kind_of_client(session):
    viejo = nuevo(session, "Grupo Alimentario Noriega", "PRO-2025-0001")
    otro = Prospecto(folio="PRO-2026-0001", persona_id=viejo.persona_id, canal="web", descripcion="x")
    session.add(otro)
    session.flush()
    cerrado = asunto(session, viejo, "archivado")
    vivo = asunto(session, otro, "en_tramite", "J-2026-0002")
    hoy = date(2027, 3, 1)
    entradas = personas.entradas_tipo_cliente(session, viejo.persona, hoy)
    assert entradas == {"clasificacion_manual": None, "vencido_dias_max": 0, "convenio": False, "cerrados": 1}

    def factura(asunto, folio, vence, estado, saldo, emision=date(2026, 12, 1)):
        fila = Factura(
            prospecto_id=asunto.prospecto_id,
            asunto_id=asunto.id,
            tipo="primera",
            folio=folio,
            subtotal=Decimal(100),
            iva=Decimal(16),
            total=Decimal(116),
            saldo=Decimal(saldo),
            emision=emision,
            vencimiento=vence,
            estado=estado,
        )
        session.add(fila)
        session.flush()
        return fila

    pagada = factura(cerrado, "A-1", date(2026, 12, 10), "pagada", 0)
    session.add(Pago(factura_id=pagada.id, fecha=date(2027, 1, 10), monto=Decimal(116), referencia="x"))
    factura(vivo, "A-2", date(2027, 2, 24), "timbrada", 116)
    factura(vivo, "A-3", date(2024, 1, 1), "timbrada", 116, emision=date(2023, 12, 1))
    session.flush()
    assert personas.entradas_tipo_cliente(session, viejo.persona, hoy)["vencido_dias_max"] == 31
    assert personas.saldo_vencido(session, viejo.persona_id, hoy) == Decimal("232.00")
    assert personas.saldo_vencido(session, viejo.persona_id, hoy, excepto=vivo.id) == 0
    assert datetime.now(UTC) > viejo.creado
