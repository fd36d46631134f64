"""Files for a spreadsheet (CSV): no cell of them is a formula, whatever somebody typed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

BOM = "\ufeff"
"""Begins the file, or spreadsheets read the accents wrong."""


def linea(celdas: Iterable[object]) -> str:
    """One line; None is an empty cell."""
    salida = StringIO()
    csv.writer(salida).writerow(["" if celda is None else _inofensiva(str(celda)) for celda in celdas])
    return salida.getvalue()


def _inofensiva(texto: str) -> str:
    """A name that begins like a formula is a name: a spreadsheet must not run it."""
    return f"'{texto}" if texto[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else texto
