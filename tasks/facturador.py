"""Invoices (CFDI 4.0): how a draft becomes an invoice, by the setting `facturador` (legal-process.md §5.1)."""

from __future__ import annotations

from tasks.paso import Paso
from tasks.registros import Factura, Pago


def emitir(paso: Paso, factura: Factura) -> None:
    """Issue a draft: receiver as stamped, XML and PDF, `estado` «timbrada_simulada» (or «timbrada»).

    Raises BpmnError `datos_fiscales_invalidos` when the client's fiscal data are not accepted.
    """
    raise NotImplementedError


def registrar_emitida(paso: Paso, factura: Factura, *, uuid: str, xml: str, pdf: str) -> None:
    """A CFDI issued in another program: `xml` and `pdf` are ids of attached files.

    Raises Invalid at `uuid` or `xml` when UUID, RFCs or total do not agree with the draft.
    """
    raise NotImplementedError


def complemento_pago(paso: Paso, pago: Pago) -> None:
    """The complemento de pago of a payment (PPD)."""
    raise NotImplementedError
