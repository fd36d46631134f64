"""Documents and invoices: row, job, bytes under their hash; the simulated stamping says what it is worth."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from lxml import etree
from sqlalchemy import select

from engine import SYSTEM
from engine.errors import Invalid
from tasks import cfdi, documentos, facturador
from tasks.ajustes import cambiar
from tasks.paso import Accion
from tasks.registros import Documento, Factura, Pago, Propuesta
from tests.tasks.firma import INICIO, archivos, prospecto

CFDI = {"c": cfdi.CFDI, "p": cfdi.PAGO}


def texto_de(pdf, tmp_path):
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) reads the PDF; it is not installed")
    (tmp_path / "x.pdf").write_bytes(pdf)
    hecho = subprocess.run(["pdftotext", "-layout", tmp_path / "x.pdf", "-"], capture_output=True, check=True)
    return hecho.stdout.decode()


def factura(tx, pro, **valores):
    pro.persona.rfc, pro.persona.razon_social = "LOOF850412QX2", "MARÍA FERNANDA LÓPEZ ORTEGA"
    pro.persona.regimen_fiscal, pro.persona.uso_cfdi, pro.persona.cp_fiscal = "612", "G03", "03100"
    fila = Factura(
        **{
            "prospecto_id": pro.id,
            "tipo": "primera",
            "folio": "A-1",
            "concepto": "Honorarios, primer pago",
            "subtotal": Decimal("30000.00"),
            "iva": Decimal("4800.00"),
            "total": Decimal("34800.00"),
            "saldo": Decimal("34800.00"),
            "emision": date(2027, 1, 20),
            "vencimiento": date(2027, 1, 25),
            "referencia": "A-1",
            **valores,
        }
    )
    tx.session.add(fila)
    tx.session.flush()
    return fila


def test_a_document_gets_its_bytes_after_the_step(firma):
    firma = firma()
    firma.engine.deploy(
        {**archivos("mail"), **archivos("documents"), "documents/carta.typ": CARTA}, name="x", by=SYSTEM
    )
    with firma.tx() as tx:
        pro = prospecto(tx)
        uno = documentos.generar(Accion(tx, pro.folio), "carta", prospecto=pro, datos={"para": "María"}, rubro="Carta")
        tx.session.add(
            Propuesta(
                **dict.fromkeys(("honorarios", "honorarios_netos", "iva", "total"), Decimal(1)),
                folio="PROP-2027-0001",
                prospecto_id=pro.id,
                primera_factura_pct=Decimal(50),
                dias_credito=0,
                autor="hruiz",
                documento_id=uno.id,
            )
        )
        assert (uno.estado, uno.nombre, uno.version, uno.sha256) == ("en_proceso", "carta-PRO-2027-0001.pdf", 1, None)
    firma.trabajar()
    with firma.tx() as tx:
        uno = tx.session.scalar(select(Documento))
        pdf = firma.archivos.read(uno.sha256)
        assert hashlib.sha256(pdf).hexdigest() == uno.sha256
        assert (uno.estado, uno.tamano, uno.entregado) == ("generado", len(pdf), INICIO)
        assert tx.session.scalar(select(Propuesta.pdf_sha256)) == uno.sha256
        dos = documentos.generar(
            Accion(tx, "PRO-2027-0001"), "carta", prospecto=pro, datos={"para": "x"}, rubro="Carta"
        )
        assert dos.version == 2


CARTA = b'#import "_despacho.typ": *\n#show: despacho.with(titulo: "Carta")\nPara #datos.para, #datos.persona.nombre'


def test_a_template_that_fails_is_an_incident_that_names_it(firma):
    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        documentos.generar(Accion(tx, pro.folio), "no_existe", prospecto=pro, datos={})
    for minutos in (0, 1, 6, 36):
        firma.ir_a(datetime(2027, 1, 12, 16, minutos, tzinfo=UTC))
    (incidente,) = firma.engine.incidents(by=SYSTEM).items
    assert "no_existe" in incidente.message


def test_the_simulated_invoice_says_that_it_is_worth_nothing(firma, tmp_path):
    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        una = factura(tx, pro)
        facturador.emitir(Accion(tx, pro.folio), una)
        assert (una.estado, una.uuid, una.receptor["rfc"]) == ("timbrada_simulada", None, "LOOF850412QX2")
        with pytest.raises(Invalid, match="ya se emitió"):
            facturador.emitir(Accion(tx, pro.folio), una)
    firma.trabajar()
    with firma.tx() as tx:
        una = tx.session.scalar(select(Factura))
        xml, pdf = firma.archivos.read(una.xml), firma.archivos.read(una.pdf)
    assert "SIN VALIDEZ FISCAL — timbrado simulado" in xml.decode()
    raiz = etree.fromstring(xml)
    assert (raiz.get("Total"), raiz.get("SubTotal"), raiz.get("TipoDeComprobante")) == ("34800.00", "30000.00", "I")
    assert raiz.find("c:Receptor", CFDI).get("Rfc") == "LOOF850412QX2"
    (traslado,) = raiz.findall("c:Impuestos/c:Traslados/c:Traslado", CFDI)
    assert (traslado.get("TasaOCuota"), traslado.get("Importe")) == ("0.160000", "4800.00")
    texto = texto_de(pdf, tmp_path)
    for parte in ("SIN VALIDEZ FISCAL — timbrado simulado", "$34,800.00", "Factura A-1", "25 de enero de 2027"):
        assert parte in texto


def test_a_payment_receipt_knows_the_balance_before_and_after(firma):
    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        una = factura(tx, pro)
        facturador.emitir(Accion(tx, pro.folio), una)
        for monto in ("10000.00", "24800.00"):
            pago = Pago(factura_id=una.id, fecha=date(2027, 1, 21), monto=Decimal(monto), referencia="x")
            tx.session.add(pago)
            facturador.complemento_pago(Accion(tx, pro.folio), pago)
    firma.trabajar()
    with firma.tx() as tx:
        raices = [
            etree.fromstring(firma.archivos.read(p.complemento))
            for p in tx.session.scalars(select(Pago).order_by(Pago.id))
        ]
    docs = [raiz.find(".//p:DoctoRelacionado", CFDI) for raiz in raices]
    assert [(d.get("ImpSaldoAnt"), d.get("ImpPagado"), d.get("ImpSaldoInsoluto")) for d in docs] == [
        ("34800.00", "10000.00", "24800.00"),
        ("24800.00", "24800.00", "0.00"),
    ]
    assert raices[0].get("TipoDeComprobante") == "P"


def test_a_credit_note_relates_to_its_invoice(firma):
    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        una = factura(tx, pro)
        nota = factura(tx, pro, folio="A-2", tipo="nota_credito", relacionada_id=una.id)
        facturador.nota_credito(Accion(tx, pro.folio), nota)
    firma.trabajar()
    with firma.tx() as tx:
        raiz = etree.fromstring(firma.archivos.read(tx.session.get_one(Factura, nota.id).xml))
    assert raiz.get("TipoDeComprobante") == "E"
    assert raiz.find(".//c:CfdiRelacionado", CFDI).get("UUID") == "A-1"


def test_by_hand_nothing_is_issued_by_itself(firma):
    firma = firma()
    with firma.tx() as tx:
        paso = Accion(tx, "")
        cambiar(paso, "facturador", "manual")
        pro = prospecto(tx)
        with pytest.raises(Invalid, match="otro programa"):
            facturador.emitir(Accion(tx, pro.folio), factura(tx, pro))


UUID = "6F2B1C3D-1111-4222-8333-444455556666"
TIMBRADO = f"""<cfdi:Comprobante xmlns:cfdi="{cfdi.CFDI}" Total="34800.00"><cfdi:Emisor Rfc="BSA150301AB0"/>
<cfdi:Receptor Rfc="LOOF850412QX2"/><cfdi:Complemento>
<t:TimbreFiscalDigital xmlns:t="{cfdi.TIMBRE}" UUID="{UUID.lower()}"/>
</cfdi:Complemento></cfdi:Comprobante>"""


@pytest.mark.parametrize(
    ("viejo", "nuevo", "campo"),
    [
        ("", "", None),
        (UUID.lower(), UUID.replace("6F", "7F"), "uuid"),
        ("BSA150301AB0", "XAXX010101000", "xml"),
        ("LOOF850412QX2", "XAXX010101000", "xml"),
        ("34800.00", "34800.01", "xml"),
        ("Total", "Totall", "xml"),
        ("cfdi:Comprobante", "cfdi:Otro", "xml"),
        (TIMBRADO, "<a>", "xml"),
        (TIMBRADO, '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml"),
    ],
)
def test_what_was_issued_elsewhere_must_agree(viejo, nuevo, campo):
    def comprobar():
        cfdi.comprobar(
            TIMBRADO.replace(viejo, nuevo).encode() if viejo else TIMBRADO.encode(),
            uuid=UUID,
            emisor="BSA150301AB0",
            receptor="LOOF850412QX2",
            total=Decimal("34800.00"),
        )

    if campo is None:
        comprobar()
        return
    with pytest.raises(Invalid) as error:
        comprobar()
    assert list(error.value.fields) == [campo]


def test_fiscal_folios():
    assert cfdi.uuid_valido(f" {UUID.lower()} ") == UUID
    with pytest.raises(Invalid):
        cfdi.uuid_valido("6F2B")
