"""Stamping by a provider (PAC): the jobs that leave the house, and what comes back (L22, legal-process.md §1.7, §5.1).

An invoice is stamped by its own service task (`tasks.pagos.emitir_factura`), which sends what is wrong with the
client's fiscal data to «Completar datos fiscales». Credit notes, payment receipts and cancellations have jobs of their
own; what is refused there is an incident.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import qrcode
import qrcode.image.svg
from pydantic import BaseModel

from engine.handler import Context, Outside, service_task
from tasks import ajustes, cfdi, cfdi40, comprobante, logo
from tasks.bitacora import anotar
from tasks.calendario import dia
from tasks.pac import PacFalla, impedimento
from tasks.registros import Documento, Factura, Pago

VENTANA = timedelta(hours=70)
"""A CFDI is stamped within 72 hours of its date; the provider knows a repeat for as long."""
ACUSE = "Acuse de cancelación"


class DeTimbre(BaseModel):
    factura_id: str
    pago_id: str | None = None


class DeCancelacion(BaseModel):
    factura_id: str
    motivo: str = "02"


def carga(ctx: Context, factura: Factura, pago: Pago | None = None) -> dict[str, Any] | None:
    """What stamping works on; None when it has been done before. A repeat of the same job makes the same document."""
    if (factura.uuid if pago is None else pago.complemento) is not None:
        return None
    momento = ctx.entered_at if ctx.now - ctx.entered_at < VENTANA else ctx.now
    if pago is None:
        factura.emision, factura.receptor = dia(momento), comprobante.receptor(ctx, factura)
    return {
        "datos": comprobante.datos(ctx, factura, pago, simulada=False, momento=momento),
        "factura_xml": factura.xml,
        "momento": momento,
    }


def timbrar(payload: dict[str, Any], outside: Outside) -> dict[str, str]:
    """Build, judge, seal and stamp; XML and PDF are kept by their hash.

    Raises cfdi40.DatosNoValidos, PacRechaza (for good), PacFalla (may be tried again).
    """
    adapters, datos = outside.adapters, payload["datos"]
    if falta := impedimento(adapters.pac):
        raise PacFalla(falta)
    if datos["pago"]:
        xml = cfdi40.pago(datos, adapters.archivos.read(payload["factura_xml"]))
    else:
        xml = cfdi40.factura(datos)
    timbre = adapters.pac.timbrar(xml, outside.idempotency_key)
    total = Decimal(0) if datos["pago"] else datos["total"]
    partes = {"emisor": datos["despacho"]["rfc"], "receptor": datos["receptor"]["rfc"]}
    cfdi.comprobar(timbre.xml, uuid=timbre.uuid, total=total, **partes)
    impreso = {**datos, "timbre": _impreso(timbre.xml)}
    if not datos["pago"]:
        impreso["uuid"] = timbre.uuid
    recursos, impreso = logo.con_logo(outside.resources("documents/"), impreso, adapters.archivos)
    pdf = adapters.imprenta.documento(recursos, "factura", impreso, payload["momento"])
    return {"uuid": timbre.uuid, "xml": adapters.archivos.put(timbre.xml), "pdf": adapters.archivos.put(pdf)}


def anotar_timbre(factura: Factura, timbre: dict[str, str]) -> None:
    """The invoice or credit note is stamped."""
    factura.uuid, factura.xml, factura.pdf = timbre["uuid"], timbre["xml"], timbre["pdf"]
    factura.estado = "timbrada"


def _carga(job: DeTimbre, ctx: Context) -> dict[str, Any] | None:
    factura = ctx.session.get_one(Factura, job.factura_id)
    return carga(ctx, factura, ctx.session.get_one(Pago, job.pago_id) if job.pago_id else None)


def _anotar(job: DeTimbre, resultado: dict[str, str] | None, ctx: Context) -> None:
    if resultado is None:
        return
    if job.pago_id is not None:
        ctx.session.get_one(Pago, job.pago_id).complemento = resultado["xml"]
        return
    factura = ctx.session.get_one(Factura, job.factura_id)
    anotar_timbre(factura, resultado)
    anotar(ctx, "factura.timbrar", factura, despues={"uuid": factura.uuid})


@service_task("factura.timbrar", outside=True, prepare=_carga, finish=_anotar)
def timbrar_aparte(payload: dict[str, Any] | None, outside: Outside) -> dict[str, str] | None:
    """A credit note or a payment receipt."""
    return timbrar(payload, outside) if payload is not None else None


def _por_cancelar(job: DeCancelacion, ctx: Context) -> dict[str, Any]:
    factura = ctx.session.get_one(Factura, job.factura_id)
    return {"rfc": ajustes.ajuste(ctx.session, "despacho_rfc"), "uuid": factura.uuid, "motivo": job.motivo}


def _cancelada(job: DeCancelacion, resultado: str, ctx: Context) -> None:
    factura = ctx.session.get_one(Factura, job.factura_id)
    acuse = Documento(
        prospecto_id=factura.prospecto_id,
        asunto_id=factura.asunto_id,
        rubro=f"{ACUSE} {factura.folio}",
        origen="generado",
        nombre=f"acuse-{factura.folio}.xml",
        tipo="application/xml",
        sha256=resultado,
        estado="generado",
        visible_cliente=False,
    )
    ctx.session.add(acuse)
    ctx.session.flush()
    anotar(ctx, "factura.cancelar", factura, despues={"motivo": job.motivo, "acuse": acuse.id})


@service_task("factura.cancelar", outside=True, prepare=_por_cancelar, finish=_cancelada)
def cancelar(payload: dict[str, Any], outside: Outside) -> str:
    """Tell the SAT, through the provider; its acknowledgement is kept."""
    acuse = outside.adapters.pac.cancelar(payload["rfc"], payload["uuid"], payload["motivo"])
    digest: str = outside.adapters.archivos.put(acuse)
    return digest


def _impreso(xml: bytes) -> dict[str, str]:
    """What the printed form has to show besides: fecha, certificado, sellos, cadena, and the code that the SAT's page
    verifies, as SVG."""
    datos = cfdi.timbre(xml)
    svg = qrcode.make(datos["verificacion"], image_factory=qrcode.image.svg.SvgPathImage, box_size=10)
    texto = BytesIO()
    svg.save(texto)
    return {**datos, "qr": texto.getvalue().decode()}
