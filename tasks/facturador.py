"""How invoices come to be: `Facturador` {emitir, complemento_pago, cancelar, nota_credito} (L22, legal-process.md
§5.1).

Adapters by the setting `facturador`: **simulado** (demo: XML and PDF marked «SIN VALIDEZ FISCAL — timbrado simulado»,
state `timbrada_simulada`, no UUID), **manual** (issued in another program, brought in by `registrar_emitida`) and
**pac** (sealed and stamped by a provider, `tasks.timbrado`).
"""

from __future__ import annotations

from typing import Any, Protocol

from pydantic import BaseModel

from engine.errors import Invalid
from engine.handler import Context, Outside, service_task
from tasks import ajustes, cfdi, comprobante, logo, subidas
from tasks.comprobante import receptor
from tasks.paso import Paso
from tasks.registros import Factura, Pago

MARCA = "SIN VALIDEZ FISCAL — timbrado simulado"


class Facturador(Protocol):
    """What issues tax documents. Called inside the step; what leaves the house does so by jobs."""

    def emitir(self, paso: Paso, factura: Factura) -> None: ...

    def complemento_pago(self, paso: Paso, pago: Pago) -> None: ...

    def cancelar(self, paso: Paso, factura: Factura, motivo: str) -> None: ...

    def nota_credito(self, paso: Paso, nota: Factura) -> None: ...


class Simulado:
    """Does all but the stamping: XML and PDF are made and kept, and both say that they are worth nothing."""

    def emitir(self, paso: Paso, factura: Factura) -> None:
        if factura.estado != "borrador":
            raise Invalid({"": f"La factura {factura.folio} ya se emitió."})
        factura.receptor = receptor(paso, factura)
        factura.estado = "timbrada_simulada"
        self._documentar(paso, factura)

    def nota_credito(self, paso: Paso, nota: Factura) -> None:
        self.emitir(paso, nota)

    def complemento_pago(self, paso: Paso, pago: Pago) -> None:
        paso.session.flush()
        datos = {"factura_id": pago.factura_id, "pago_id": pago.id}
        paso.schedule("factura.documentar", paso.now, f"pago/{pago.id}", datos)

    def cancelar(self, paso: Paso, factura: Factura, motivo: str) -> None:
        factura.estado = "cancelada"

    def _documentar(self, paso: Paso, factura: Factura) -> None:
        paso.session.flush()
        paso.schedule("factura.documentar", paso.now, f"factura/{factura.id}", {"factura_id": factura.id})


class Manual:
    """Cobranza issues in another program: here nothing happens by itself."""

    def emitir(self, paso: Paso, factura: Factura) -> None:
        raise Invalid({"": "La factura se emite en otro programa; registre aquí su XML y su PDF."})

    def nota_credito(self, paso: Paso, nota: Factura) -> None:
        self.emitir(paso, nota)

    def complemento_pago(self, paso: Paso, pago: Pago) -> None:
        return None

    def cancelar(self, paso: Paso, factura: Factura, motivo: str) -> None:
        factura.estado = "cancelada"


class Timbrado:
    """A provider (PAC) seals and stamps. The first stamp of an invoice belongs to its service task, which waits for it;
    what is asked here leaves by jobs of its own, and its refusal is an incident of theirs."""

    def emitir(self, paso: Paso, factura: Factura) -> None:
        if factura.estado != "borrador":
            raise Invalid({"": f"La factura {factura.folio} ya se emitió."})
        factura.receptor = receptor(paso, factura)
        paso.session.flush()
        paso.schedule("factura.timbrar", paso.now, f"factura/{factura.id}", {"factura_id": factura.id})

    def nota_credito(self, paso: Paso, nota: Factura) -> None:
        self.emitir(paso, nota)

    def complemento_pago(self, paso: Paso, pago: Pago) -> None:
        paso.session.flush()
        factura = paso.session.get_one(Factura, pago.factura_id)
        if factura.uuid is None:
            # Issued while stamping was simulated: its receipt is, too.
            FACTURADORES["simulado"].complemento_pago(paso, pago)
        elif factura.metodo == "PPD":
            datos = {"factura_id": pago.factura_id, "pago_id": pago.id}
            paso.schedule("factura.timbrar", paso.now, f"pago/{pago.id}", datos)

    def cancelar(self, paso: Paso, factura: Factura, motivo: str) -> None:
        factura.estado = "cancelada"
        if factura.uuid is not None:
            paso.session.flush()
            datos = {"factura_id": factura.id, "motivo": motivo}
            paso.schedule("factura.cancelar", paso.now, f"factura/{factura.id}", datos)
        else:
            paso.unschedule(f"factura/{factura.id}")


FACTURADORES: dict[str, Facturador] = {"simulado": Simulado(), "manual": Manual(), "pac": Timbrado()}


def facturador(paso: Paso) -> Facturador:
    """The adapter that the firm has chosen."""
    return FACTURADORES[ajustes.ajuste(paso.session, "facturador")]


def emitir(paso: Paso, factura: Factura) -> None:
    """Issue a draft. Raises Invalid when it is none, or when the firm issues by hand."""
    facturador(paso).emitir(paso, factura)


def complemento_pago(paso: Paso, pago: Pago) -> None:
    """Issue the payment receipt (complemento de pago) of a payment of a PPD invoice."""
    facturador(paso).complemento_pago(paso, pago)


def cancelar(paso: Paso, factura: Factura, motivo: str = "02") -> None:
    """Cancel an invoice. `motivo`: catalogue of the SAT, 02 «errores sin relación», 03 «no se llevó a cabo la
    operación»."""
    facturador(paso).cancelar(paso, factura, motivo)


def nota_credito(paso: Paso, nota: Factura) -> None:
    """Issue a credit note (CFDI tipo E, relación 01) that was drafted as a Factura with `relacionada_id`."""
    facturador(paso).nota_credito(paso, nota)


def registrar_emitida(paso: Paso, factura: Factura, *, uuid: str, xml: str, pdf: str) -> None:
    """A CFDI issued in another program: `xml` and `pdf` are ids of attached files.

    Raises Invalid at `uuid` or `xml` when UUID, RFCs or total do not agree with the draft. Reads the XML inside the
    step: it is a small file, and what is wrong with it must be said at the field.
    """
    if factura.estado != "borrador":
        raise Invalid({"": f"La factura {factura.folio} ya se emitió."})
    subido_xml, subido_pdf = subidas.subida(paso.session, xml, "xml"), subidas.subida(paso.session, pdf, "pdf")
    quien = receptor(paso, factura)
    factura.uuid = cfdi.uuid_valido(uuid)
    rfc = cfdi.comprobar(
        paso.adapters.archivos.read(subido_xml.hash),
        uuid=factura.uuid,
        emisor=ajustes.ajuste(paso.session, "despacho_rfc"),
        receptor=quien["rfc"],
        total=factura.total,
    )
    factura.receptor = {**quien, "rfc": rfc}
    factura.xml, factura.pdf, factura.estado = subido_xml.hash, subido_pdf.hash, "timbrada"


# --- XML and PDF of the simulated stamping


class DeFactura(BaseModel):
    factura_id: str
    pago_id: str | None = None


def _carga(job: DeFactura, ctx: Context) -> dict[str, Any]:
    factura = ctx.session.get_one(Factura, job.factura_id)
    pago = ctx.session.get_one(Pago, job.pago_id) if job.pago_id else None
    momento = factura.creado if pago is None else pago.creado
    return {
        "datos": comprobante.datos(ctx, factura, pago, simulada=True, momento=momento),
        "momento": momento,
    }


def _anotar(job: DeFactura, resultado: dict[str, str], ctx: Context) -> None:
    if job.pago_id is not None:
        ctx.session.get_one(Pago, job.pago_id).complemento = resultado["xml"]
        return
    factura = ctx.session.get_one(Factura, job.factura_id)
    factura.xml, factura.pdf = resultado["xml"], resultado["pdf"]


@service_task("factura.documentar", outside=True, prepare=_carga, finish=_anotar)
def documentar(payload: dict[str, Any], outside: Outside) -> dict[str, str]:
    """XML and PDF, kept by their hash."""
    adapters, datos = outside.adapters, payload["datos"]
    xml = cfdi.escribir(datos, MARCA)
    recursos, datos = logo.con_logo(outside.resources("documents/"), datos, adapters.archivos)
    pdf = adapters.imprenta.documento(recursos, "factura", datos, payload["momento"])
    return {"xml": adapters.archivos.put(xml), "pdf": adapters.archivos.put(pdf)}
