"""A stamping provider on loopback that speaks the JSON protocol of SW sapien over real HTTP, and can be told to fail.

It seals with a certificate that is none, and stamps with folios that count: 00000000-0000-4000-8000-000000000001, …
"""

from __future__ import annotations

import email
import json
import threading
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lxml import etree

TFD = "http://www.sat.gob.mx/TimbreFiscalDigital"
CFDI = "{http://www.sat.gob.mx/cfd/4}"
TOKEN = "T0KEN"


class Proveedor:
    """What it got: `timbrados` (customid → XML as answered), `recibidos` (each XML as sent), `cancelados` (paths)."""

    def __init__(self):
        self.timbrados, self.recibidos, self.cancelados = {}, [], []
        self.rechazo = None  # message of a refusal
        self.falla = None  # HTTP state of a failure
        self.pierde_respuestas = 0  # stamps, and breaks off before answering
        self.codigo_cancelacion = "201"
        proveedor = self

        class Puerta(BaseHTTPRequestHandler):
            def do_POST(self):
                cuerpo = self.rfile.read(int(self.headers["Content-Length"]))
                proveedor._atender(self, cuerpo)

            def log_message(self, *_):
                return None

        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Puerta)
        self.url = f"http://127.0.0.1:{self._servidor.server_port}"
        threading.Thread(target=self._servidor.serve_forever, args=(0.02,), daemon=True).start()

    def cerrar(self):
        self._servidor.shutdown()
        self._servidor.server_close()

    def _atender(self, puerta, cuerpo):
        if puerta.headers["Authorization"] != f"Bearer {TOKEN}":
            return self._contestar(puerta, 401, {"status": "error", "message": "Token inválido"})
        if self.falla:
            return self._contestar(puerta, self.falla, {"status": "error", "message": "ocupado"})
        if puerta.path.startswith("/cfdi33/cancel/"):
            return self._cancelar(puerta)
        if puerta.path != "/v4/cfdi33/issue/v4":
            return self._contestar(puerta, 404, {"status": "error", "message": "no existe"})
        xml, clave = _parte_xml(puerta.headers["Content-Type"], cuerpo), puerta.headers["customid"]
        self.recibidos.append(xml)
        if self.rechazo:
            return self._contestar(puerta, 400, {"status": "error", "message": self.rechazo, "messageDetail": None})
        if clave in self.timbrados:
            antes, timbrado = self.timbrados[clave]
            if antes != xml:
                return self._contestar(puerta, 400, {"status": "error", "message": "CFDI3307 - Timbre duplicado."})
            duplicado = {"status": "error", "message": "307. El comprobante contiene un timbre previo."}
            return self._contestar(puerta, 400, {**duplicado, "data": {"cfdi": timbrado}})
        folio = f"00000000-0000-4000-8000-{len(self.timbrados) + 1:012d}"
        timbrado = _timbrar(xml, folio)
        self.timbrados[clave] = (xml, timbrado)
        if self.pierde_respuestas:
            self.pierde_respuestas -= 1
            puerta.close_connection = True
            return None
        return self._contestar(puerta, 200, {"status": "success", "data": {"cfdi": timbrado, "uuid": folio}})

    def _cancelar(self, puerta):
        self.cancelados.append(puerta.path.removeprefix("/cfdi33/cancel/"))
        folio = puerta.path.split("/")[4]
        datos = {"acuse": f"<Acuse UUID='{folio}'/>", "uuid": {folio: self.codigo_cancelacion}}
        return self._contestar(puerta, 200, {"status": "success", "data": datos})

    def _contestar(self, puerta, estado, datos):
        cuerpo = json.dumps(datos).encode()
        puerta.send_response(estado)
        puerta.send_header("Content-Type", "application/json")
        puerta.send_header("Content-Length", str(len(cuerpo)))
        puerta.end_headers()
        puerta.wfile.write(cuerpo)


def _parte_xml(tipo, cuerpo):
    mensaje = email.message_from_bytes(f"Content-Type: {tipo}\r\n\r\n".encode() + cuerpo, policy=policy.HTTP)
    (parte,) = mensaje.iter_parts()
    assert parte.get_param("name", header="content-disposition") == "xml"
    return parte.get_payload(decode=True)


def _timbrar(xml, folio):
    raiz = etree.fromstring(xml)
    assert not raiz.get("Sello"), "the provider seals; it must come without"
    raiz.set("NoCertificado", "30001000000500003416")
    raiz.set("Certificado", "TUlJ")
    raiz.set("Sello", "c2VsbG8gZGVsIGVtaXNvcg12345678==")
    complemento = raiz.find(f"{CFDI}Complemento")
    if complemento is None:
        complemento = etree.SubElement(raiz, f"{CFDI}Complemento")
    timbre = etree.SubElement(complemento, f"{{{TFD}}}TimbreFiscalDigital", nsmap={"tfd": TFD})
    for nombre, valor in {
        "Version": "1.1",
        "UUID": folio,
        "FechaTimbrado": "2027-01-20T10:00:05",
        "RfcProvCertif": "SPR190613I52",
        "SelloCFD": raiz.get("Sello"),
        "NoCertificadoSAT": "30001000000500003456",
        "SelloSAT": "c2VsbG8gZGVsIFNBVA==",
    }.items():
        timbre.set(nombre, valor)
    return etree.tostring(raiz, encoding="unicode")
