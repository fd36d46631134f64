"""Real CFDI 4.0: built and judged by satcfdi, stamped by a provider on loopback. Skipped without the extra `cfdi`."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from lxml import etree
from sqlalchemy import select

from engine import SYSTEM
from tasks import ajustes, cfdi, cfdi40, cobranza, facturador, facturas
from tasks.calendario import ZONA
from tasks.pac import SwSapien
from tasks.paso import Accion
from tasks.registros import Asunto, Correo, Documento, Factura, Pago, Propuesta
from tests.engine.models import boundary, model, service_task, user_task
from tests.tasks.firma import INICIO, archivos, prospecto
from tests.tasks.pac_local import TOKEN, Proveedor

pytest.importorskip("satcfdi", reason="the extra `cfdi` is not installed: pip install cauce[cfdi]")

NS = {"c": "http://www.sat.gob.mx/cfd/4", "p": "http://www.sat.gob.mx/Pagos20"}
MORAL = {
    "rfc": "EKU9003173C9", "razon_social": "ESCUELA KEMPER URGATE", "regimen_fiscal": "601", "uso_cfdi": "G03",
    "cp_fiscal": "42501",
}  # fmt: skip


DESPACHO = {"rfc": "BSA150301AB0", "nombre": "Barrera & Solís Abogados, S.C.", "regimen": "612", "cp": "03100"}


def datos(**cambios):
    """The example of §5.2: fees of 20,000 with both withholdings."""
    return {
        "despacho": DESPACHO,
        "cliente": "Escuela Kemper Urgate", "receptor": MORAL, "tipo": "primera", "serie": "A", "folio_factura": "A-7",
        "concepto": "Honorarios", "metodo": "PPD", "forma": "99",
        "momento": datetime(2027, 1, 20, 10, 0, 5, tzinfo=ZONA),
        "subtotal": Decimal(20000), "iva": Decimal(3200), "ret_isr": Decimal(2000), "ret_iva": Decimal("2133.34"),
        "total": Decimal("19066.66"), "iva_pct": Decimal(16), "ret_isr_pct": Decimal(10),
        "ret_iva_pct": Decimal("10.6667"), "relacionada_uuid": None, "pago": None, **cambios,
    }  # fmt: skip


def test_an_invoice_with_withholdings():
    raiz = etree.fromstring(cfdi40.factura(datos()))
    esperado = {
        "Version": "4.0", "Serie": "A", "Folio": "7", "Fecha": "2027-01-20T10:00:05", "Total": "19066.66",
        "SubTotal": "20000.00", "TipoDeComprobante": "I",
    }  # fmt: skip
    assert {clave: raiz.get(clave) for clave in esperado} == esperado
    assert raiz.find("c:Emisor", NS).get("Nombre") == "BARRERA & SOLÍS ABOGADOS"
    tasas = [(t.get("TasaOCuota"), t.get("Importe")) for t in raiz.iterfind(".//c:Concepto//c:Retencion", NS)]
    assert tasas == [("0.100000", "2000.00"), ("0.106667", "2133.34")]
    assert raiz.get("Sello") == ""


def test_a_credit_note():
    nota = datos(
        tipo="nota_credito", ret_isr=Decimal(0), ret_iva=Decimal(0), total=Decimal(23200),
        relacionada_uuid="00000000-0000-4000-8000-000000000001",
    )  # fmt: skip
    raiz = etree.fromstring(cfdi40.factura(nota))
    assert (raiz.get("TipoDeComprobante"), raiz.get("Total"), raiz.get("MetodoPago")) == ("E", "23200.00", "PUE")
    assert raiz.find("c:CfdiRelacionados", NS).get("TipoRelacion") == "01"
    assert raiz.find(".//c:CfdiRelacionado", NS).get("UUID") == nota["relacionada_uuid"]
    assert raiz.find("c:Receptor", NS).get("UsoCFDI") == "G02"
    sin_actividad = {**MORAL, "rfc": "XAXX010101000", "regimen_fiscal": "616", "uso_cfdi": "S01", "cp_fiscal": "03100"}
    raiz = etree.fromstring(cfdi40.factura({**nota, "receptor": sin_actividad, "cliente": "María López"}))
    receptor = raiz.find("c:Receptor", NS)
    assert (receptor.get("UsoCFDI"), receptor.get("Nombre")) == ("S01", "MARÍA LÓPEZ")
    with pytest.raises(cfdi40.DatosNoValidos, match="folio fiscal"):
        cfdi40.factura({**nota, "relacionada_uuid": None})


@pytest.mark.parametrize(
    ("cambio", "del_receptor"),
    [
        ({"receptor": {**MORAL, "cp_fiscal": "00001"}}, True),
        ({"receptor": {**MORAL, "regimen_fiscal": "999"}}, True),
        ({"receptor": {**MORAL, "uso_cfdi": "Z99"}}, True),
        ({"receptor": {**MORAL, "rfc": "NADA"}}, True),
        ({"forma": "00"}, False),
        ({"metodo": "XXX"}, False),
        ({"concepto": ""}, False),
        ({"ret_iva": Decimal("2000")}, False),
        ({"iva_pct": Decimal(8)}, False),
    ],
)
def test_what_breaks_a_catalogue_is_found_before_it_costs_a_stamp(cambio, del_receptor):
    with pytest.raises(cfdi40.DatosNoValidos) as error:
        cfdi40.factura(datos(**cambio))
    assert error.value.del_receptor is del_receptor


# --- the whole way, through the engine


@pytest.fixture
def proveedor():
    proveedor = Proveedor()
    yield proveedor
    proveedor.cerrar()


@pytest.fixture
def timbra(firma, proveedor):
    """A firm that stamps by the provider, with a draft of 30,000 for a client that is a company."""
    firma = firma(pac=SwSapien(proveedor.url, TOKEN))
    with firma.tx() as tx:
        paso = Accion(tx, "PRO-2027-0001")
        ajustes.cambiar(paso, "facturador", "pac")
        pro = prospecto(tx)
        for campo, valor in {**MORAL, "tipo_persona": "moral"}.items():
            setattr(pro.persona, campo, valor)
        tx.session.add(
            Propuesta(
                folio="PROP-2027-0001", prospecto_id=pro.id, honorarios=Decimal(60000), iva=Decimal(0),
                honorarios_netos=Decimal(60000), total=Decimal(60000), primera_factura_pct=Decimal(50), dias_credito=0,
                estado="aceptada", autor="hruiz",
            )
        )  # fmt: skip
        asunto = Asunto(
            folio="J-2027-0001", prospecto_id=pro.id, cliente_id=pro.persona_id, tipo="juicio", subtipo="laboral"
        )
        tx.session.add(asunto)
        tx.session.flush()
        firma.asunto_id = asunto.id
        firma.factura_id = facturas.borrador(paso, asunto, "primera", Decimal(30000), "Honorarios").id
        facturador.emitir(paso, tx.session.get(Factura, firma.factura_id))
    firma.trabajar()
    return firma


def leer(firma, clase, **donde):
    with firma.tx() as tx:
        return tx.session.scalars(select(clase).filter_by(**donde).order_by(clase.id.desc())).first()


def xml_de(firma, digest):
    return etree.fromstring(firma.archivos.read(digest))


def test_stamped_printed_and_kept(timbra):
    factura = leer(timbra, Factura)
    assert (factura.estado, factura.total, factura.saldo) == ("timbrada", 34800, 34800)
    assert factura.uuid == "00000000-0000-4000-8000-000000000001"
    assert factura.receptor["rfc"] == "EKU9003173C9"
    xml = timbra.archivos.read(factura.xml)
    cfdi.comprobar(xml, uuid=factura.uuid, emisor="BSA150301AB0", receptor="EKU9003173C9", total=Decimal(34800))
    assert timbra.archivos.read(factura.pdf).startswith(b"%PDF")
    assert "fe=12345678" not in cfdi.timbre(xml)["verificacion"], "the last eight of the seal, padding included"
    assert cfdi.timbre(xml)["verificacion"].endswith("fe=345678%3D%3D")


def test_partial_payments_each_get_their_receipt(timbra):
    for monto, referencia in (("10000.01", "SPEI 1"), ("24799.99", "SPEI 2")):
        with timbra.tx() as tx:
            cobranza.registrar_pago(tx, timbra.factura_id, referencia=referencia, monto=Decimal(monto))
        timbra.trabajar()
    assert leer(timbra, Factura).estado == "pagada"
    vistos = []
    for referencia in ("SPEI 1", "SPEI 2"):
        raiz = xml_de(timbra, leer(timbra, Pago, referencia=referencia).complemento)
        assert (raiz.get("TipoDeComprobante"), raiz.get("Total"), raiz.get("Moneda")) == ("P", "0", "XXX")
        assert raiz.find("c:Receptor", NS).get("UsoCFDI") == "CP01"
        docto = raiz.find(".//p:DoctoRelacionado", NS)
        assert docto.get("IdDocumento") == "00000000-0000-4000-8000-000000000001"
        vistos.append(
            [docto.get(k) for k in ("NumParcialidad", "ImpSaldoAnt", "ImpPagado", "ImpSaldoInsoluto")]
            + [docto.find(".//p:TrasladoDR", NS).get("ImporteDR")]
        )
    assert vistos[0][:4] == ["1", "34800.00", "10000.01", "24799.99"]
    assert vistos[1][:4] == ["2", "24799.99", "24799.99", "0.00"]
    assert sum(Decimal(v[4]) for v in vistos) == 4800, "the IVA of the payments is that of the invoice"


def test_an_invoice_is_cancelled_at_the_sat(timbra, proveedor):
    with timbra.tx() as tx:
        cobranza.cerrar_factura(tx, timbra.factura_id, estado="cancelada", motivo="Se emitió con otro concepto")
    timbra.trabajar()
    assert proveedor.cancelados == ["BSA150301AB0/00000000-0000-4000-8000-000000000001/02"]
    acuse = leer(timbra, Documento, rubro="Acuse de cancelación A-1")
    assert b"Acuse" in timbra.archivos.read(acuse.sha256)
    assert acuse.visible_cliente is False
    assert leer(timbra, Factura).estado == "cancelada"


def test_a_credit_note_goes_to_the_provider(timbra):
    with timbra.tx() as tx:
        asunto = tx.session.get(Asunto, timbra.asunto_id)
        paso = Accion(tx, "PRO-2027-0001")
        nota = facturas.borrador(paso, asunto, "nota_credito", Decimal(10000), "Honorarios no devengados")
        nota.relacionada_id, nota.saldo = timbra.factura_id, Decimal(0)
        facturador.nota_credito(paso, nota)
    timbra.trabajar()
    nota = leer(timbra, Factura, tipo="nota_credito")
    assert (nota.estado, nota.uuid) == ("timbrada", "00000000-0000-4000-8000-000000000002")
    raiz = xml_de(timbra, nota.xml)
    assert raiz.find(".//c:CfdiRelacionado", NS).get("UUID") == "00000000-0000-4000-8000-000000000001"


def test_down_then_up_is_one_stamp_and_a_refusal_an_incident(timbra, proveedor):
    def pagar(referencia):
        with timbra.tx() as tx:
            cobranza.registrar_pago(tx, timbra.factura_id, referencia=referencia, monto=Decimal(100))
        timbra.trabajar()

    proveedor.falla = 503
    pagar("uno")
    assert leer(timbra, Pago, referencia="uno").complemento is None
    proveedor.falla, proveedor.pierde_respuestas = None, 1
    timbra.ir_a(INICIO + timedelta(minutes=10))
    assert leer(timbra, Pago, referencia="uno").complemento is not None
    assert len(proveedor.timbrados) == 2, "the invoice and one receipt, though its first answer was lost"
    assert proveedor.recibidos[-1] == proveedor.recibidos[-2], "a repeat is the very same document"
    proveedor.rechazo = "CRP20240 - Monto."
    pagar("dos")
    timbra.ir_a(INICIO + timedelta(hours=2))
    (incidente,) = timbra.engine.incidents(by=SYSTEM).items
    assert "CRP20240" in incidente.message


EMITIR = model(
    "emitir",
    service_task("st_emitir", "pagos.emitir_factura", inputs={"factura_id": "=factura_id"}),
    boundary("be_malos", "st_emitir", error="e_datos", outputs={"datos_fiscales_aviso": "=datos_fiscales_aviso"}),
    user_task("ut_completar"),
    user_task("ut_cobrar"),
    flows="""
    inicio > st_emitir > ut_cobrar > fin
    be_malos > ut_completar > st_emitir
    """,
    errors={"e_datos": "datos_fiscales_invalidos"},
)


def test_wrong_fiscal_data_go_to_who_completes_them_and_come_back(timbra, proveedor):
    """As the diagrams do: the service task waits for the stamp; wrong data of the client are a BPMN error."""
    motor = timbra.engine
    motor.deploy(archivos("mail") | archivos("documents") | {"bpmn/emitir.bpmn": EMITIR}, name="emitir", by=SYSTEM)
    with timbra.tx() as tx:
        paso, asunto = Accion(tx, "PRO-2027-0001"), tx.session.get(Asunto, timbra.asunto_id)
        factura_id = facturas.borrador(paso, asunto, "saldo", Decimal(30000), "Honorarios").id
    proveedor.rechazo = "CFDI40147 - DomicilioFiscalReceptor no corresponde."
    corrida = motor.start("emitir", "PRO-2027-0001", {"factura_id": factura_id}, by=SYSTEM)
    timbra.trabajar()
    (tarea,) = motor.user_tasks(by=SYSTEM).items
    assert tarea.element_id == "ut_completar"
    assert "CFDI40147" in motor.variables(corrida.id, by=SYSTEM)["datos_fiscales_aviso"]
    assert leer(timbra, Factura, folio="A-2").estado == "borrador"
    proveedor.rechazo = None
    motor.complete(tarea.id, {}, by=SYSTEM)
    timbra.trabajar()
    (tarea,) = motor.user_tasks(by=SYSTEM).items
    assert tarea.element_id == "ut_cobrar"
    factura = leer(timbra, Factura, folio="A-2")
    assert (factura.estado, factura.emision, factura.saldo) == ("timbrada", date(2027, 1, 12), 34800)
    assert factura.uuid == "00000000-0000-4000-8000-000000000002"
    aviso = leer(timbra, Correo, plantilla="cor_07_factura")
    assert (aviso.estado, aviso.datos["simulada"]) == ("enviado", False)
