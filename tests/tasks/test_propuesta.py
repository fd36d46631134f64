"""Stages 5 and 6: exact amounts, exactly the approved version goes out (A2), a signature that holds (L14–L21)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from engine import Files
from engine.errors import Conflict, Invalid, NotAllowed
from engine.values import Actor
from tasks import ajustes, catalogos, envio, plantillas, plazos, propuesta, propuestas
from tasks.adapters import Adapters
from tasks.calendario import ZONA
from tasks.envio import DeLaPropuesta
from tasks.registros import Asunto, Ausencia, CodigoFirma, Colaborador, Correo, Parte, Persona, Propuesta

DIRECCION = Actor("abarrera", frozenset({"direccion"}))
CLIENTE = Actor("cliente", frozenset({"cliente"}), business_key="PRO-2027-0001")
VALORES = {
    "alcance": "Juicio de amparo.",
    "exclusiones": None,
    "etapas": [],
    "requisitos": None,
    "honorarios": Decimal(60000),
    "gastos_estimados": None,
    "descuento_pct": Decimal(0),
    "primera_factura_pct": Decimal(50),
    "dias_credito": Decimal(0),
    "justificacion": None,
    "vigencia_dh": Decimal(15),
    "sesion": "auto",
}
APROBAR = {"decision": "aprobar", "comentarios": None, "razon_propia": None}
FIRMA = {"decision": "aceptar", "nombre_completo": "María Fernanda López Ortega", "acepto": True, "rfc": None}


@pytest.fixture
def p(session, paso, prospecto, tmp_path):
    """A step of the Gerente at a prospect whose case was analysed."""
    for usuario, grupo in (("hruiz", "gerente"), ("gsegunda", "gerente"), ("abarrera", "direccion")):
        session.add(Colaborador(usuario=usuario, nombre=usuario, correo=f"{usuario}@ejemplo.mx", grupos=[grupo]))
    prospecto.tipo_procedimiento, prospecto.subtipo, prospecto.gerente_id = "juicio", "amparo_indirecto", "hruiz"
    session.flush()
    esquema = {"primera_factura_pct": Decimal(50), "dias_credito": Decimal(0)}
    return paso(
        2027, 1, 15, 10,
        business_key=prospecto.folio,
        variables={"esquema": esquema, "tipo_cliente": "nuevo"},
        adapters=Adapters.local(Files.in_folder(tmp_path)),
    )  # fmt: skip


def elaborar(p, **cambios) -> Propuesta:
    salida = propuesta.elaborar({**VALORES, **cambios}, p)
    p.variables = {**p.variables, **salida}
    return propuestas.buscar(p.session, salida["propuesta_id"])


def enviada(p, **cambios) -> Propuesta:
    version = elaborar(p, **cambios)
    propuesta.aprobar(APROBAR, p.at(p.now, actor=DIRECCION))
    envio.enviar_propuesta(DeLaPropuesta(propuesta_id=version.id), p)
    version.pdf_sha256 = "a" * 64
    return version


@pytest.mark.parametrize(
    ("honorarios", "descuento", "moral", "esperado"),
    [
        ("60000", "0", False, ("60000.00", "9600.00", "0", "69600.00")),
        ("90000", "10", False, ("81000.00", "12960.00", "0", "93960.00")),
        ("0.05", "10", False, ("0.05", "0.01", "0", "0.06")),
        ("33333.33", "12.5", False, ("29166.66", "4666.67", "0", "33833.33")),
        ("20000", "0", True, ("20000.00", "3200.00", "4133.34", "19066.66")),
    ],
)
def test_amounts_are_rounded_half_up_to_centavos(session, paso, honorarios, descuento, moral, esperado):
    for clave, valor in (("ret_isr_pct", "10"), ("ret_iva_pct", "10.6667")):
        ajustes.cambiar(paso(2027, 1, 11), clave, Decimal(valor))
    persona = Persona(nombre="X", tipo_persona="moral" if moral else "fisica")
    hechos = propuestas.importes(session, Decimal(honorarios), Decimal(descuento), persona)
    assert (hechos.netos, hechos.iva, hechos.retenciones, hechos.total) == tuple(map(Decimal, esperado))


def test_versions_share_the_folio_and_carry_the_tables_suggestion(p):
    primera, segunda = elaborar(p, primera_factura_pct=None, dias_credito=None), elaborar(p)
    assert (primera.folio, primera.version, segunda.folio, segunda.version) == (
        "PROP-2027-0001",
        1,
        "PROP-2027-0001",
        2,
    )
    assert (primera.primera_factura_pct, primera.dias_credito, primera.estado) == (50, 0, "en_aprobacion")


def test_another_first_invoice_needs_a_justification_and_a_discount_has_a_limit(p):
    with pytest.raises(Invalid) as refused:
        elaborar(p, primera_factura_pct=Decimal(20))
    assert set(refused.value.fields) == {"justificacion"}
    assert elaborar(p, primera_factura_pct=Decimal(20), justificacion="Cliente conocido").primera_factura_pct == 20
    ajustes.cambiar(p, "descuento_max_pct", Decimal(15))
    with pytest.raises(Invalid) as refused:
        elaborar(p, descuento_pct=Decimal(16))
    assert set(refused.value.fields) == {"descuento_pct"}


def test_the_author_approves_only_with_four_eyes_off(p):
    version = elaborar(p)
    with pytest.raises(NotAllowed):
        propuesta.aprobar(APROBAR, p)
    assert propuestas.otros_gerentes(p) == ["gsegunda"]
    ajustes.cambiar(p, "cuatro_ojos", False)
    p.session.info.clear()
    p.session.info["transaction"] = p
    assert propuestas.otros_gerentes(p) == ["gsegunda", "hruiz"]
    propuesta.aprobar({**APROBAR, "razon_propia": "No hay nadie más"}, p)
    assert (version.estado, version.aprobador) == ("aprobada", "hruiz")


def a_quienes(p, plantilla: str) -> list[str]:
    consulta = select(Correo.destinatario).where(Correo.plantilla == plantilla).order_by(Correo.destinatario)
    return [correo.partition("@")[0] for correo in p.session.scalars(consulta)]


def test_everybody_who_may_approve_is_asked_and_substitutes_of_the_absent(p):
    """A1: the other Gerentes and Dirección; while one is away, the substitute too; never the author."""
    p.session.add(Colaborador(usuario="zsuple", nombre="zsuple", correo="zsuple@ejemplo.mx", grupos=["asesor"]))
    p.session.flush()
    version = elaborar(p)
    propuesta.recordar_aprobacion(DeLaPropuesta(propuesta_id=version.id), p)
    assert a_quienes(p, "cor_05_aprobacion") == ["abarrera", "gsegunda"]
    ausente = {"ausente": "gsegunda", "desde": p.now - timedelta(days=1), "hasta": p.now + timedelta(days=1)}
    fila = Ausencia(**ausente, suplente="zsuple")
    p.session.add(fila)
    p.session.flush()
    assert propuestas.otros_gerentes(p) == ["gsegunda", "zsuple"]
    fila.suplente = "hruiz"
    p.session.flush()
    assert propuestas.otros_gerentes(p) == ["gsegunda"]


@pytest.mark.parametrize(
    ("campo", "valor"),
    [
        ("honorarios", Decimal(1)),
        ("total", Decimal(1)),
        ("dias_credito", 90),
        ("primera_factura_pct", Decimal(1)),
        ("contenido", {"alcance": "Otra cosa"}),
    ],
)
def test_what_was_changed_after_approval_is_not_sent(p, campo, valor):
    version = elaborar(p)
    with pytest.raises(Conflict):
        envio.enviar_propuesta(DeLaPropuesta(propuesta_id=version.id), p)
    propuesta.aprobar(APROBAR, p.at(p.now, actor=DIRECCION))
    setattr(version, campo, valor)
    with pytest.raises(Conflict):
        envio.enviar_propuesta(DeLaPropuesta(propuesta_id=version.id), p)
    assert p.session.scalars(select(Correo.plantilla).where(Correo.plantilla == "cor_06_propuesta")).all() == []


def test_what_was_changed_before_approval_is_not_approved(p):
    elaborar(p).honorarios = Decimal(1)
    with pytest.raises(Conflict):
        propuesta.aprobar(APROBAR, p.at(p.now, actor=DIRECCION))


def test_a_longer_validity_needs_no_approval(p):
    version = enviada(p)
    envio.gestionar_vencimiento({"decision": "renovar", "vigencia_dh": Decimal(20), "comentarios": None}, p)
    envio.enviar_propuesta(DeLaPropuesta(propuesta_id=version.id), p)
    assert version.vigencia == datetime(2027, 2, 15, 18, tzinfo=ZONA)


def test_a_legal_deadline_cuts_the_validity_even_when_it_comes_later(p, prospecto):
    version = enviada(p)
    assert propuestas.vigencia_propuesta(p) == datetime(2027, 2, 8, 18, tzinfo=ZONA)
    plazos.registrar(p, prospecto, "Presentar la demanda", date(2027, 2, 2))
    assert propuestas.vigencia_propuesta(p) == datetime(2027, 1, 25, 9, tzinfo=ZONA)
    assert propuestas.vigencia(p.session, version) == datetime(2027, 1, 25, 9, tzinfo=ZONA)


def test_the_reminder_says_the_validity_that_counts(p, prospecto):
    version = enviada(p)
    plazos.registrar(p, prospecto, "Presentar la demanda", date(2027, 2, 2))
    envio.recordar(DeLaPropuesta(propuesta_id=version.id), p)
    (recordatorio,) = p.session.scalars(select(Correo).where(Correo.plantilla == "cor_06_recordatorio"))
    assert recordatorio.datos["vigencia"] == datetime(2027, 1, 25, 9, tzinfo=ZONA)


def pedir_codigo(p) -> str:
    envio.enviar_codigo(_tx(p), p.business_key)
    ultimo = p.session.scalars(
        select(Correo).where(Correo.plantilla == "cor_06_codigo").order_by(Correo.id.desc())
    ).first()
    return ultimo.datos["codigo"]


def _tx(p):
    """The step as the transaction of an action."""

    class Tx:
        session, now, actor = p.session, p.now, CLIENTE
        engine = p

        def schedule(self, *a, **k):
            """Nothing is delivered here."""

        unschedule = send = schedule

    return Tx()


def firmar(p, codigo, **mas):
    return envio.decidir_propuesta({**FIRMA, "codigo": codigo, **mas}, p.at(p.now, actor=CLIENTE))


def test_a_code_is_kept_as_a_hash_and_signs_once(p):
    version = enviada(p)
    codigo = pedir_codigo(p)
    assert codigo not in [c.sha256 for c in p.session.scalars(select(CodigoFirma))]
    p.session.info["peticion"] = {"ip": "192.0.2.7", "agente": "Navegador"}
    assert firmar(p, codigo)["decision_cliente"] == "aceptar"
    assert version.firma == {
        "nombre_completo": "María Fernanda López Ortega",
        "momento": "2027-01-15T10:00:00-06:00",
        "ip": "192.0.2.7",
        "agente": "Navegador",
        "sha256": "a" * 64,
        "codigo_verificado": True,
        "actor": "cliente",
    }
    version.estado = "enviada"
    with pytest.raises(Invalid, match="Pida primero"):
        firmar(p, codigo)


def test_a_code_bears_five_wrong_tries_then_another_one_is_needed(p):
    enviada(p)
    codigo = pedir_codigo(p)
    for _ in range(envio.INTENTOS_CODIGO):
        with pytest.raises(Invalid, match="no es correcto"):
            firmar(p, f"{(int(codigo) + 1) % 1_000_000:06d}")
        envio.codigo_equivocado(_tx(p), p.business_key)
    with pytest.raises(Invalid, match="Se agotaron los intentos"):
        firmar(p, codigo)
    assert firmar(p, pedir_codigo(p))["decision_cliente"] == "aceptar"


def test_a_code_lapses_and_belongs_to_its_version(p):
    enviada(p)
    codigo = pedir_codigo(p)
    with pytest.raises(Invalid, match="venció"):
        firmar(p.at(p.now + timedelta(minutes=31)), codigo)
    otra = enviada(p)
    assert otra.version == 2
    with pytest.raises(Invalid, match="Pida primero"):
        firmar(p, codigo)


def test_nothing_is_signed_while_the_document_is_being_made(p):
    version = enviada(p)
    version.pdf_sha256 = None
    with pytest.raises(Conflict, match="se está preparando"):
        firmar(p, pedir_codigo(p))


def test_who_has_no_address_signs_on_paper_and_the_firm_enters_it_with_the_paper(p, prospecto):
    version = enviada(p)
    p.business_key = prospecto.folio
    assert envio._por_decidir(p)["pide_codigo"] is True
    prospecto.persona.correo = None
    assert envio._por_decidir(p)["pide_codigo"] is False
    assert envio._por_decidir(p.at(p.now, actor=CLIENTE))["pide_codigo"] is True
    papel = {**FIRMA, "codigo": None, "por_cuenta_canal": "presencial"}
    with pytest.raises(Invalid) as refused:
        envio.decidir_propuesta(papel, p)
    assert set(refused.value.fields) == {"por_cuenta_evidencia"}
    with pytest.raises(Invalid, match="Pida primero"):
        envio.decidir_propuesta(papel, p.at(p.now, actor=CLIENTE))
    assert version.firma is None


def test_without_the_setting_no_code_is_asked(p):
    version = enviada(p)
    ajustes.cambiar(p, "codigo_firma", False)
    p.session.info["transaction"] = p
    firmar(p, None)
    assert version.firma is not None
    assert version.firma["codigo_verificado"] is False


@pytest.mark.parametrize("estado", ["sustituida", "vencida", "rechazada", "aprobada"])
def test_only_the_version_that_was_sent_can_be_decided(p, estado):
    enviada(p).estado = estado
    with pytest.raises(Conflict):
        envio.decidir_propuesta({"decision": "rechazar", "motivo": "precio"}, p)


def test_negotiation_counts_its_rounds(p):
    for ronda in (1, 2, 3):
        enviada(p)
        salida = envio.decidir_propuesta({"decision": "negociar", "comentarios": "Más barato"}, p)
        assert (salida["rondas_negociacion"], salida["resultado_etapa"]) == (ronda, "negociar")


def test_the_prospect_becomes_a_client_with_everything_that_was_gathered(p, prospecto, session):
    prospecto.partes.append(Parte(nombre="Banco del Valle, S.A."))
    plazo = plazos.registrar(p, prospecto, "Presentar la demanda", date(2027, 2, 2))
    version = enviada(p)
    firmar(p, pedir_codigo(p))
    hecho = envio.convertir_en_cliente(DeLaPropuesta(propuesta_id=version.id), p)
    asunto = session.get(Asunto, hecho.asunto_id)
    assert (asunto.folio, asunto.estado, asunto.tipo_cliente) == ("J-2027-0001", "por_iniciar", "nuevo")
    assert (prospecto.estado, prospecto.persona.folio) == ("ganado", "CLI-2027-0001")
    session.expire_all()
    assert (prospecto.partes[0].asunto_id, plazo.asunto_id) == (asunto.id, asunto.id)


def test_a_client_keeps_the_folio_they_have(p, prospecto):
    prospecto.persona.folio = "CLI-2024-0007"
    version = enviada(p)
    firmar(p, pedir_codigo(p))
    envio.convertir_en_cliente(DeLaPropuesta(propuesta_id=version.id), p)
    assert prospecto.persona.folio == "CLI-2024-0007"


def test_a_proposal_starts_from_the_template_of_its_subtype_and_then_from_the_version_before(p, session):
    assert plantillas.sembrar_propuestas(session) == sum(len(s) for s in catalogos.SUBTIPOS.values())
    assert plantillas.sembrar_propuestas(session) == 0
    preparar = propuesta.elaborar.cauce.prepare
    datos = preparar(p)
    assert datos["etapas"][0] == {"etapa": "Demanda e incidente de suspensión", "tiempo": "dentro del plazo legal"}
    assert "alcance" not in datos
    elaborar(p, alcance="Lo acordado", etapas=[], descuento_pct=Decimal(5))
    datos = preparar(p)
    assert (datos["alcance"], datos["etapas"], datos["descuento_pct"]) == ("Lo acordado", [], 5)
