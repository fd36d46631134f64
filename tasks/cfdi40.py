"""Real CFDI 4.0 documents, built and judged by satcfdi (optional extra `cfdi`): invoice, credit note, payment receipt.

What it makes is complete but for the seal: the provider seals and stamps it. Judged against the schemas and catalogues
of the SAT that come with the library (Anexo 20, c_* catalogues), so that a mistake is found before it costs a stamp.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from threading import Lock
from typing import Any

from tasks.calendario import ZONA
from tasks.cfdi import CLAVE
from tasks.fiscal import sin_capital
from tasks.personas import PUBLICO_EN_GENERAL

SIN_USO_DE_NOTA = ("605", "608", "611", "614", "616")
"""Régimen for which the use G02 of a credit note is not allowed: S01 then (catalogue c_UsoCFDI)."""
CONDONACION = "15"
"""Form of payment of a credit note: what is not due any more is remitted."""
_uno = Lock()
"""The library reads its catalogues through one connection."""


class DatosNoValidos(Exception):
    """The document breaks the schema or a catalogue. `campo`: the attribute; `del_receptor`: it is the client's."""

    def __init__(self, mensaje: str, *, campo: str = "", del_receptor: bool = False) -> None:
        super().__init__(mensaje)
        self.campo, self.del_receptor = campo, del_receptor


def factura(datos: Mapping[str, Any]) -> bytes:
    """An invoice (tipo I) or a credit note (tipo E, relación 01), without seal.

    `datos`: as `comprobante.datos`. Raises DatosNoValidos, also when the draft's taxes are not those of the rates.
    """
    from satcfdi.create.cfd import cfdi40

    with _uno:
        nota = datos["tipo"] == "nota_credito"
        if nota and not datos["relacionada_uuid"]:
            raise DatosNoValidos("La factura que se acredita no tiene folio fiscal.", campo="UUID")
        hecho = cfdi40.Comprobante(
            emisor=_emisor(cfdi40, datos),
            lugar_expedicion=datos["despacho"]["cp"],
            receptor=_receptor(cfdi40, datos, nota=nota),
            conceptos=_concepto(cfdi40, datos),
            tipo_de_comprobante="E" if nota else "I",
            serie=datos["serie"],
            folio=_numero(datos["folio_factura"]),
            metodo_pago="PUE" if nota else datos["metodo"],
            forma_pago=CONDONACION if nota else datos["forma"],
            cfdi_relacionados=cfdi40.CfdiRelacionados("01", [datos["relacionada_uuid"]]) if nota else None,
            fecha=_local(datos["momento"]),
        )
        return _juzgado(hecho)


def pago(datos: Mapping[str, Any], xml_factura: bytes) -> bytes:
    """A payment receipt (tipo P, complemento Pagos 2.0) of one payment of a stamped invoice, without seal.

    Taxes of the payment are its share of the invoice's. Raises DatosNoValidos.
    """
    from satcfdi.cfdi import CFDI
    from satcfdi.create.cfd import cfdi40

    with _uno:
        uno = datos["pago"]
        pagado = cfdi40.PagoComprobante(
            comprobante=CFDI.from_string(xml_factura),
            num_parcialidad=uno["parcialidad"],
            imp_saldo_ant=uno["saldo_anterior"],
            imp_pagado=uno["monto"],
        )
        hecho = cfdi40.Comprobante.pago_comprobantes(
            pagado,
            fecha_pago=datetime.combine(uno["fecha"], time(12)),
            forma_pago=uno["forma"],
            emisor=_emisor(cfdi40, datos),
            lugar_expedicion=datos["despacho"]["cp"],
            serie="P",
            folio=f"{_numero(datos['folio_factura'])}-{uno['parcialidad']}",
            fecha=_local(datos["momento"]),
        )
        return _juzgado(hecho)


def _emisor(cfdi40: Any, datos: Mapping[str, Any]) -> Any:
    despacho = datos["despacho"]
    return cfdi40.Emisor(
        rfc=despacho["rfc"], nombre=sin_capital(despacho["nombre"]), regimen_fiscal=despacho["regimen"]
    )


def _receptor(cfdi40: Any, datos: Mapping[str, Any], *, nota: bool) -> Any:
    quien = datos["receptor"]
    # A single invoice to the generic RFC bears the person's own name; «público en general» is for global ones.
    generico = quien["rfc"] == PUBLICO_EN_GENERAL
    uso = quien["uso_cfdi"]
    if nota:
        uso = "S01" if quien["regimen_fiscal"] in SIN_USO_DE_NOTA else "G02"
    return cfdi40.Receptor(
        rfc=quien["rfc"],
        nombre=datos["cliente"].upper() if generico else quien["razon_social"],
        domicilio_fiscal_receptor=datos["despacho"]["cp"] if generico else quien["cp_fiscal"],
        regimen_fiscal_receptor=quien["regimen_fiscal"],
        uso_cfdi=uso,
    )


def _concepto(cfdi40: Any, datos: Mapping[str, Any]) -> Any:
    retenidos = [
        cfdi40.Retencion("001", **_impuesto(datos, "ret_isr", "Retención de ISR")),
        cfdi40.Retencion("002", **_impuesto(datos, "ret_iva", "Retención de IVA")),
    ]
    return cfdi40.Concepto(
        clave_prod_serv=CLAVE,
        cantidad=1,
        clave_unidad="E48",
        descripcion=datos["concepto"],
        valor_unitario=_centavos(datos["subtotal"]),
        objeto_imp="02",
        impuestos=cfdi40.Impuestos(
            traslados=cfdi40.Traslado("002", **_impuesto(datos, "iva", "IVA")),
            retenciones=[r for r in retenidos if r["Importe"]] or None,
        ),
    )


def _impuesto(datos: Mapping[str, Any], clave: str, nombre: str) -> dict[str, Any]:
    """Base, rate and amount of one tax. Raises DatosNoValidos when the amount of the draft is not that of the rate."""
    base, importe = datos["subtotal"], datos[clave]
    tasa = (datos[f"{clave}_pct"] / 100).quantize(Decimal("0.000001"))
    # A withholding that the draft does not have is none: only companies withhold (§5.2).
    if (importe or clave == "iva") and abs(base * tasa - importe) > Decimal("0.01"):
        raise DatosNoValidos(f"{nombre}: el borrador dice {importe}, y la tasa vigente da {base * tasa:.2f}.")
    return {"tipo_factor": "Tasa", "tasa_o_cuota": tasa, "importe": _centavos(importe), "base": _centavos(base)}


def _juzgado(hecho: Any) -> bytes:
    """The XML, once it fits the schema (with stand-ins where the seal will be) and the client's postal code exists."""
    from satcfdi import catalogs
    from satcfdi.exceptions import SchemaValidationError

    codigo = hecho["Receptor"]["DomicilioFiscalReceptor"]
    if catalogs.select("C756_c_CodigoPostal", codigo) is None:
        raise DatosNoValidos(
            f"El código postal {codigo} no está en el catálogo del SAT.",
            campo="DomicilioFiscalReceptor",
            del_receptor=True,
        )
    sellado = hecho.copy()
    sellado["NoCertificado"], sellado["Certificado"], sellado["Sello"] = "0" * 20, "x", "x"
    try:
        sellado.xml_bytes(validate=True)
    except SchemaValidationError as error:
        dicho = str(error)
        raise DatosNoValidos(
            f"El CFDI no cumple el esquema del SAT: {dicho[:400]}", del_receptor="}Receptor'" in dicho
        ) from error
    return bytes(hecho.xml_bytes())


def _local(momento: datetime) -> datetime:
    """As a CFDI writes it: local time of the firm, whole seconds, no zone."""
    return momento.astimezone(ZONA).replace(tzinfo=None, microsecond=0)


def _numero(folio: str) -> str:
    return folio.rpartition("-")[2]


def _centavos(importe: Decimal) -> Decimal:
    return importe.quantize(Decimal("0.01"))
