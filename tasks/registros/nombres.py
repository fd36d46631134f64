"""How names are compared: upper case, no accents, without the words that say nothing of who it is (§1.1)."""

from __future__ import annotations

import re
import unicodedata

# Régimen de capital and particles.
_VACIAS = frozenset(
    {"SA", "DE", "CV", "SC", "AC", "SAB", "SAPI", "SAS", "RL", "SRL", "SOFOM", "ENR", "S", "A", "C", "V", "R", "L"}
    | {"DEL", "LA", "LAS", "LOS", "EL", "Y", "E", "EN"}
)


def normalizar(nombre: str) -> str:
    """`Transportes del Bajío, S.A. de C.V.` → `TRANSPORTES BAJIO`."""
    sin_acentos = "".join(c for c in unicodedata.normalize("NFKD", nombre.upper()) if not unicodedata.combining(c))
    palabras = re.split(r"[^A-Z0-9Ñ]+", sin_acentos.replace(".", ""))
    return " ".join(p for p in palabras if p and p not in _VACIAS)
