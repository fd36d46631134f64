"""How amounts, dates and moments read in mails, documents and forms (es-MX, the firm's time zone).

Imports nothing of the firm: the press (`render.py`) loads this file on its own.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

ZONA = ZoneInfo("America/Mexico_City")
MESES = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
CENTAVO = Decimal("0.01")


def redondear(importe: Decimal) -> Decimal:
    """To centavos, half up (legal-process.md §1.5)."""
    return importe.quantize(CENTAVO, ROUND_HALF_UP)


def pesos(importe: Decimal) -> str:
    """`$34,800.00`."""
    return f"${redondear(importe):,.2f}"


def porcentaje(valor: Decimal) -> str:
    """`50` for 50.00, `33.33` as it is."""
    return f"{redondear(valor).normalize():f}"


def fecha(valor: date) -> str:
    """`25/01/2027`; a moment counts by the firm's own date."""
    return _local(valor).strftime("%d/%m/%Y")


def fecha_larga(valor: date) -> str:
    """`25 de enero de 2027`."""
    dia = _local(valor)
    return f"{dia.day} de {MESES[dia.month - 1]} de {dia.year}"


def momento(valor: datetime) -> str:
    """`25 de enero de 2027 a las 09:00`."""
    return f"{fecha_larga(valor)} a las {valor.astimezone(ZONA):%H:%M}"


def _local(valor: date) -> date:
    return valor.astimezone(ZONA).date() if isinstance(valor, datetime) else valor
