"""The stamping provider's protocol, against a peer on loopback; none of it needs the extra `cfdi`."""

import socket
from types import SimpleNamespace

import pytest

from engine.errors import Invalid
from tasks import ajustes, pac
from tasks.pac import PacFalla, PacRechaza, SinPac, SwSapien
from tests.tasks.pac_local import TOKEN, Proveedor

XML = (
    b'<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Total="1.00" Sello="">'
    b'<cfdi:Emisor Rfc="BSA150301AB0"/></cfdi:Comprobante>'
)


@pytest.fixture
def proveedor():
    proveedor = Proveedor()
    yield proveedor
    proveedor.cerrar()


def test_sealed_and_stamped(proveedor):
    timbre = SwSapien(proveedor.url, TOKEN).timbrar(XML, "ref-1")
    assert timbre.uuid == "00000000-0000-4000-8000-000000000001"
    assert timbre.uuid.encode() in timbre.xml
    assert proveedor.recibidos == [XML]


def test_an_answer_that_got_lost_does_not_stamp_twice(proveedor):
    proveedor.pierde_respuestas = 1
    cliente = SwSapien(proveedor.url, TOKEN)
    with pytest.raises(PacFalla, match="no responde"):
        cliente.timbrar(XML, "ref-1")
    assert cliente.timbrar(XML, "ref-1").uuid == "00000000-0000-4000-8000-000000000001"
    assert len(proveedor.timbrados) == 1
    with pytest.raises(PacRechaza, match="CFDI3307"):
        cliente.timbrar(XML.replace(b"1.00", b"2.00"), "ref-1")


@pytest.mark.parametrize(
    ("mensaje", "codigo", "del_receptor"),
    [
        ("CFDI40145 - El campo Nombre del receptor no corresponde.", "CFDI40145", True),
        ("CFDI40161 - UsoCFDI no permitido.", "CFDI40161", True),
        ("CFDI40139 - Nombre del emisor.", "CFDI40139", False),
        ("301 - XML mal formado", "301", False),
        ("Sin saldo de timbres", "", False),
    ],
)
def test_a_refusal_says_whose_data_are_wrong(proveedor, mensaje, codigo, del_receptor):
    proveedor.rechazo = mensaje
    with pytest.raises(PacRechaza) as rechazo:
        SwSapien(proveedor.url, TOKEN).timbrar(XML, "ref-1")
    assert (rechazo.value.codigo, rechazo.value.del_receptor) == (codigo, del_receptor)
    assert mensaje in str(rechazo.value)


def test_what_may_be_tried_again(proveedor):
    with pytest.raises(PacFalla, match="CAUCE_PAC_TOKEN"):
        SwSapien(proveedor.url, "otro").timbrar(XML, "r")
    for estado in (429, 500, 503):
        proveedor.falla = estado
        with pytest.raises(PacFalla, match=str(estado)):
            SwSapien(proveedor.url, TOKEN).timbrar(XML, "r")
    with socket.create_server(("127.0.0.1", 0)) as libre:
        puerto = libre.getsockname()[1]
    with pytest.raises(PacFalla, match="no responde"):
        SwSapien(f"http://127.0.0.1:{puerto}", TOKEN).timbrar(XML, "r")
    with pytest.raises(PacFalla):
        SinPac().timbrar(XML, "r")


def test_cancelled_at_the_sat(proveedor):
    cliente = SwSapien(proveedor.url, TOKEN)
    assert b"Acuse" in cliente.cancelar("BSA150301AB0", "AAAA-1", "02")
    cliente.cancelar("BSA150301AB0", "AAAA-1", "01", "BBBB-2")
    assert proveedor.cancelados == ["BSA150301AB0/AAAA-1/02", "BSA150301AB0/AAAA-1/01/BBBB-2"]
    proveedor.codigo_cancelacion = "205"
    with pytest.raises(PacRechaza, match="no aceptó"):
        cliente.cancelar("BSA150301AB0", "AAAA-1", "02")


@pytest.mark.parametrize(
    ("url", "token"), [("http://services.sw.com.mx", "x"), ("services.sw.com.mx", "x"), ("https://services.sw.mx", "")]
)
def test_settings_that_cannot_work(url, token):
    with pytest.raises(ValueError, match="CAUCE_PAC"):
        pac.pac_de(url, token)


def test_the_token_is_not_shown():
    assert TOKEN not in repr(SwSapien("https://services.sw.com.mx", TOKEN))


def test_the_setting_says_what_is_missing(paso, monkeypatch):
    sin = paso(2027, 1, 20, adapters=SimpleNamespace(pac=SinPac()))
    con = paso(2027, 1, 20, adapters=SimpleNamespace(pac=SwSapien("https://services.sw.com.mx", TOKEN)))
    monkeypatch.setattr(pac, "find_spec", lambda nombre: None)
    with pytest.raises(Invalid) as falta:
        ajustes.cambiar(con, "facturador", "pac")
    assert "cauce[cfdi]" in falta.value.fields["facturador"]
    monkeypatch.setattr(pac, "find_spec", lambda nombre: object())
    with pytest.raises(Invalid) as falta:
        ajustes.cambiar(sin, "facturador", "pac")
    assert "CAUCE_PAC_URL" in falta.value.fields["facturador"]
    ajustes.cambiar(con, "facturador", "pac")
    assert ajustes.ajuste(con.session, "facturador") == "pac"
