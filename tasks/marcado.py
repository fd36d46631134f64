"""The light markup of mails: plain text as HTML and as what it is (README of the process, «Correos y documentos»).

Paragraphs are separated by a blank line; `- …` makes a list, `| … | … |` a table of two columns, `**…**` is strong.
Imports nothing of the firm: the press (`render.py`) loads this file on its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup, escape


def bloques(texto: str) -> Iterator[dict[str, Any]]:
    """Paragraphs (separated by a blank line), lists (`- …`) and tables of two columns (`| … | … |`)."""
    for trozo in re.split(r"\n\s*\n", texto.strip()):
        renglones = [renglon.strip() for renglon in trozo.splitlines() if renglon.strip()]
        while renglones:
            clase = _clase(renglones[0])
            cuantos = next((n for n, r in enumerate(renglones) if _clase(r) != clase), len(renglones))
            propios, renglones = renglones[:cuantos], renglones[cuantos:]
            if clase == "lista":
                yield {"clase": clase, "puntos": [_linea(r[2:]) for r in propios], "texto": "\n".join(propios)}
            elif clase == "tabla":
                filas = [[celda.strip() for celda in r.strip("|").split("|", 1)] for r in propios]
                filas = [[*fila, ""][:2] for fila in filas]
                texto_plano = "\n".join(f"{a}: {b}" for a, b in filas)
                yield {"clase": clase, "filas": [[_linea(a), _linea(b)] for a, b in filas], "texto": texto_plano}
            else:
                yield {
                    "clase": "parrafo",
                    "html": Markup("<br>").join(_linea(r) for r in propios),
                    "texto": "\n".join(propios),
                }


def _clase(renglon: str) -> str:
    return "lista" if renglon.startswith("- ") else "tabla" if renglon.startswith("|") else "parrafo"


def _linea(texto: str) -> Markup:
    """One line as HTML: everything escaped, then `**strong**` and bare addresses."""
    html = str(escape(texto))
    html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html)
    html = re.sub(r"(?<![\w/])(https?://[^\s<]*[^\s<.,;:)])", r'<a href="\1" style="color:inherit">\1</a>', html)
    return Markup(html)  # noqa: S704 escaped above
