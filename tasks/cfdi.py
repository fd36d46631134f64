"""A CFDI 4.0 as XML, in the shape of the SAT's schema: for the simulated stamping, without seal or UUID (§5.1)."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from engine.errors import Invalid

CFDI = "http://www.sat.gob.mx/cfd/4"
PAGO = "http://www.sat.gob.mx/Pagos20"
TIMBRE = "http://www.sat.gob.mx/TimbreFiscalDigital"
VERIFICACION = "https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx"
CLAVE = "80121600"
"""ClaveProdServ «Servicios de derecho»: the accountant's choice."""


def escribir(datos: Mapping[str, Any], marca: str) -> bytes:
    """The XML of an invoice, a credit note (tipo E) or a payment receipt (tipo P). `marca` stands in front as a
    comment."""
    pago = datos["pago"]
    tipo = "P" if pago else "E" if datos["tipo"] == "nota_credito" else "I"
    raiz = etree.Element(f"{{{CFDI}}}Comprobante", nsmap={"cfdi": CFDI, **({"pago20": PAGO} if pago else {})})
    _poner(
        raiz,
        Version="4.0",
        Serie=datos["serie"],
        Folio=str(datos["folio_factura"]).rpartition("-")[2],
        Fecha=f"{datos['fecha'].isoformat()}T12:00:00",
        SubTotal="0" if pago else _importe(datos["subtotal"]),
        Moneda="XXX" if pago else "MXN",
        Total="0" if pago else _importe(datos["total"]),
        TipoDeComprobante=tipo,
        Exportacion="01",
        LugarExpedicion=datos["despacho"]["cp"],
        **({} if pago else {"MetodoPago": datos["metodo"], "FormaPago": datos["forma"]}),
    )
    if datos["relacionada"]:
        relacion = _poner(etree.SubElement(raiz, f"{{{CFDI}}}CfdiRelacionados"), TipoRelacion="01")
        _poner(etree.SubElement(relacion, f"{{{CFDI}}}CfdiRelacionado"), UUID=datos["relacionada"])
    _partes(raiz, datos, tipo)
    conceptos = etree.SubElement(raiz, f"{{{CFDI}}}Conceptos")
    if pago:
        _concepto_de_pago(conceptos)
        _complemento(raiz, datos, pago)
    else:
        _concepto(conceptos, datos)
        _impuestos(raiz, datos, con_base=False)
    documento = etree.ElementTree(raiz)
    raiz.addprevious(etree.Comment(f" {marca.replace('--', '—')} "))
    return etree.tostring(documento, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def comprobar(xml: bytes, *, uuid: str, emisor: str, receptor: str | None, total: Decimal) -> str | None:
    """Check a stamped CFDI against what it should be; answers the RFC of whom it was issued to. `receptor` None: the
    firm does not know it yet. Raises Invalid at `uuid` or `xml`, saying what differs."""
    try:
        raiz = etree.fromstring(xml, _lector())
    except etree.XMLSyntaxError:
        raise Invalid({"xml": "El archivo no es un XML que se pueda leer."}) from None
    if raiz.tag != f"{{{CFDI}}}Comprobante":
        raise Invalid({"xml": "El archivo no es un CFDI 4.0."})
    timbre = raiz.find(f".//{{{TIMBRE}}}TimbreFiscalDigital")
    if timbre is None or (timbre.get("UUID") or "").upper() != uuid:
        raise Invalid({"uuid": "El folio fiscal no es el del XML."})
    hallados = {parte: _rfc(raiz, parte) for parte in ("Emisor", "Receptor")}
    if hallados["Emisor"] != emisor:
        raise Invalid({"xml": f"El emisor del XML es {hallados['Emisor'] or 'otro'}, no {emisor}."})
    if receptor is not None and hallados["Receptor"] != receptor:
        raise Invalid({"xml": f"El receptor del XML es {hallados['Receptor'] or 'otro'}, no {receptor}."})
    if _decimal(raiz.get("Total")) != total:
        raise Invalid({"xml": f"El total del XML es {raiz.get('Total')}, no {total}."})
    return hallados["Receptor"]


def timbre(xml: bytes) -> dict[str, str]:
    """Of a stamped CFDI, for its printed form: fecha, certificado, certificado_sat, rfc_pac, sello, sello_sat, cadena
    (of the stamp) and verificacion (the SAT's page that shows whether it is valid)."""
    raiz = etree.fromstring(xml, _lector())
    nodo = raiz.find(f".//{{{TIMBRE}}}TimbreFiscalDigital")
    if nodo is None:
        raise ValueError("the CFDI is not stamped")
    uuid, sello = nodo.get("UUID") or "", nodo.get("SelloCFD") or ""
    partes = (nodo.get("Version"), uuid, nodo.get("FechaTimbrado"), nodo.get("RfcProvCertif"), nodo.get("Leyenda"))
    cadena = "|".join(p for p in (*partes, sello, nodo.get("NoCertificadoSAT")) if p)
    preguntas = {"id": uuid, "re": _rfc(raiz, "Emisor"), "rr": _rfc(raiz, "Receptor"), "tt": raiz.get("Total")}
    return {
        "fecha": nodo.get("FechaTimbrado") or "",
        "certificado": raiz.get("NoCertificado") or "",
        "certificado_sat": nodo.get("NoCertificadoSAT") or "",
        "rfc_pac": nodo.get("RfcProvCertif") or "",
        "sello": sello,
        "sello_sat": nodo.get("SelloSAT") or "",
        "cadena": f"||{cadena}||",
        "verificacion": f"{VERIFICACION}?{urlencode({**preguntas, 'fe': sello[-8:]})}",
    }


def uuid_valido(texto: str) -> str:
    """A fiscal folio in capitals. Raises Invalid at `uuid`."""
    try:
        return str(uuids.UUID(texto.strip())).upper()
    except ValueError:
        raise Invalid({"uuid": "El folio fiscal (UUID) no tiene la forma correcta."}) from None


def _lector() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _partes(raiz: Any, datos: Mapping[str, Any], tipo: str) -> None:
    despacho, receptor = datos["despacho"], datos["receptor"]
    _poner(
        etree.SubElement(raiz, f"{{{CFDI}}}Emisor"),
        Rfc=despacho["rfc"],
        Nombre=despacho["nombre"].upper(),
        RegimenFiscal=despacho["regimen"],
    )
    _poner(
        etree.SubElement(raiz, f"{{{CFDI}}}Receptor"),
        Rfc=receptor.get("rfc"),
        Nombre=receptor.get("razon_social"),
        DomicilioFiscalReceptor=receptor.get("cp_fiscal"),
        RegimenFiscalReceptor=receptor.get("regimen_fiscal"),
        UsoCFDI={"P": "CP01", "E": "G02"}.get(tipo, receptor.get("uso_cfdi")),
    )


def _concepto(conceptos: Any, datos: Mapping[str, Any]) -> None:
    concepto = _poner(
        etree.SubElement(conceptos, f"{{{CFDI}}}Concepto"),
        ClaveProdServ=CLAVE,
        Cantidad="1",
        ClaveUnidad="E48",
        Descripcion=datos["concepto"],
        ValorUnitario=_importe(datos["subtotal"]),
        Importe=_importe(datos["subtotal"]),
        ObjetoImp="02",
    )
    _impuestos(concepto, datos, con_base=True)


def _concepto_de_pago(conceptos: Any) -> None:
    _poner(
        etree.SubElement(conceptos, f"{{{CFDI}}}Concepto"),
        ClaveProdServ="84111506",
        Cantidad="1",
        ClaveUnidad="ACT",
        Descripcion="Pago",
        ValorUnitario="0",
        Importe="0",
        ObjetoImp="01",
    )


def _impuestos(padre: Any, datos: Mapping[str, Any], *, con_base: bool) -> None:
    """IVA (002) carried over; ISR (001) and IVA withheld where there is any."""
    impuestos = etree.SubElement(padre, f"{{{CFDI}}}Impuestos")
    retenidos = [("001", datos["ret_isr"]), ("002", datos["ret_iva"])]
    tasa = f"{Decimal(datos['iva_pct']) / 100:.6f}"
    if not con_base:
        if any(monto for _, monto in retenidos):
            impuestos.set("TotalImpuestosRetenidos", _importe(datos["ret_isr"] + datos["ret_iva"]))
        impuestos.set("TotalImpuestosTrasladados", _importe(datos["iva"]))
    if any(monto for _, monto in retenidos):
        grupo = etree.SubElement(impuestos, f"{{{CFDI}}}Retenciones")
        for clave, monto in retenidos:
            if monto:
                _poner(etree.SubElement(grupo, f"{{{CFDI}}}Retencion"), Impuesto=clave, Importe=_importe(monto))
    traslados = etree.SubElement(impuestos, f"{{{CFDI}}}Traslados")
    _poner(
        etree.SubElement(traslados, f"{{{CFDI}}}Traslado"),
        Base=_importe(datos["subtotal"]),
        Impuesto="002",
        TipoFactor="Tasa",
        TasaOCuota=tasa,
        Importe=_importe(datos["iva"]),
    )


def _complemento(raiz: Any, datos: Mapping[str, Any], pago: Mapping[str, Any]) -> None:
    complemento = etree.SubElement(raiz, f"{{{CFDI}}}Complemento")
    pagos = _poner(etree.SubElement(complemento, f"{{{PAGO}}}Pagos"), Version="2.0")
    uno = _poner(
        etree.SubElement(pagos, f"{{{PAGO}}}Pago"),
        FechaPago=f"{pago['fecha'].isoformat()}T12:00:00",
        FormaDePagoP=pago["forma"],
        MonedaP="MXN",
        TipoCambioP="1",
        Monto=_importe(pago["monto"]),
    )
    _poner(
        etree.SubElement(uno, f"{{{PAGO}}}DoctoRelacionado"),
        IdDocumento=datos["uuid"] or datos["folio_factura"],
        MonedaDR="MXN",
        ImpSaldoAnt=_importe(pago["saldo_anterior"]),
        ImpPagado=_importe(pago["monto"]),
        ImpSaldoInsoluto=_importe(pago["saldo"]),
    )


def _poner(elemento: Any, **atributos: str | None) -> Any:
    for nombre, valor in atributos.items():
        if valor is not None:
            elemento.set(nombre, valor)
    return elemento


def _rfc(raiz: Any, parte: str) -> str | None:
    nodo = raiz.find(f"{{{CFDI}}}{parte}")
    return nodo.get("Rfc") if nodo is not None else None


def _decimal(texto: str | None) -> Decimal | None:
    try:
        return Decimal(texto or "")
    except InvalidOperation:
        return None


def _importe(valor: Decimal) -> str:
    return f"{Decimal(valor):.2f}"
