"""The press: mails and documents are composed in a child process that can be killed (DESIGN 8, legal-process.md §1.13).

Templates are written by people of the firm, so they are rendered where they can do no harm: a child of its own for
every piece, with limits on processor time, memory and files, without a network, in an empty folder that holds the
bundle's files only. The children are forked by a small helper process (`render.py`) that has Jinja and typst loaded
already, so that a piece costs milliseconds.
"""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.feel import check_value, to_json
from engine.values import Value
from tasks.mensajes_de_plantilla import en_espanol

SEGUNDOS = 2
"""Processor time for one piece."""
ESPERA = 30
"""Wall-clock seconds for one piece: a busy machine is no fault of the template."""
MEGABYTES = 512
MAXIMO = 20 * 1024 * 1024
"""Bytes of one composed piece."""


class RenderError(Exception):
    """A template could not be composed. The message names the template and what an analyst can mend."""


@dataclass(frozen=True, slots=True)
class Pieza:
    """A composed mail."""

    asunto: str
    texto: str
    html: str


class Imprenta:
    """Composes mails (Jinja) and documents (typst). Safe for threads: one piece at a time.

    The helper starts with the first piece, and again when it has died; `close` ends it.
    """

    def __init__(self, *, segundos: int = SEGUNDOS, megabytes: int = MEGABYTES, espera: float = ESPERA) -> None:
        self._limites = {"segundos": segundos, "megabytes": megabytes, "espera": espera, "maximo": MAXIMO}
        self._turno = threading.Lock()
        self._ayudante: subprocess.Popen[bytes] | None = None
        self._final: weakref.finalize[Any, Any] | None = None

    def correo(self, archivos: Mapping[str, bytes], plantilla: str, datos: Mapping[str, Any]) -> Pieza:
        """Compose `mail/<plantilla>.j2`. `archivos`: the bundle's files below `mail/`, by full name. Raises
        RenderError."""
        pedido = {"que": "correo", "plantilla": plantilla, "archivos": _por_nombre(archivos, "mail/"), "datos": datos}
        respuesta = self._pedir(pedido, f"El correo «{plantilla}»")
        return Pieza(respuesta["asunto"], respuesta["texto"], respuesta["html"])

    def documento(
        self, archivos: Mapping[str, bytes], plantilla: str, datos: Mapping[str, Any], momento: datetime
    ) -> bytes:
        """Compose `documents/<plantilla>.typ` as PDF/A-2a. `archivos`: the bundle's files below `documents/`;
        `momento` is the date of creation in the PDF (the same data and moment give the same bytes). Raises
        RenderError."""
        return base64.b64decode(self._documento(archivos, plantilla, datos, momento)["pdf"])

    def hojas(
        self, archivos: Mapping[str, bytes], plantilla: str, datos: Mapping[str, Any], momento: datetime
    ) -> list[bytes]:
        """The pages of the same document as pictures (PNG), for a preview that every browser can show. Raises
        RenderError for whatever `documento` refuses."""
        respuesta = self._documento(archivos, plantilla, datos, momento, hojas=True)
        return [base64.b64decode(hoja) for hoja in respuesta["hojas"]]

    def _documento(
        self,
        archivos: Mapping[str, bytes],
        plantilla: str,
        datos: Mapping[str, Any],
        momento: datetime,
        *,
        hojas: bool = False,
    ) -> dict[str, Any]:
        pedido = {
            "que": "documento",
            "plantilla": plantilla,
            "archivos": _por_nombre(archivos, "documents/"),
            "datos": datos,
            "momento": int(momento.timestamp()),
            "hojas": hojas,
        }
        return self._pedir(pedido, f"El documento «{plantilla}»")

    def close(self) -> None:
        """End the helper. It would start again with the next piece."""
        with self._turno:
            self._terminar()

    def _pedir(self, pedido: dict[str, Any], que: str) -> dict[str, Any]:
        pedido = {**pedido, "datos": to_json(_en_utc(check_value(dict(pedido["datos"])))), "limites": self._limites}
        cuerpo = json.dumps(pedido, ensure_ascii=False).encode()
        with self._turno:
            respuesta = self._hablar(cuerpo) or self._hablar(cuerpo)
        if respuesta is None:
            raise RenderError(f"{que} no se pudo componer: el proceso de composición terminó.")
        if "error" in respuesta:
            raise RenderError(f"{que} no se pudo componer: {en_espanol(respuesta['error'])}")
        return respuesta

    def _hablar(self, cuerpo: bytes) -> dict[str, Any] | None:
        """One question and its answer; None when the helper has died (composing is repeatable)."""
        ayudante = self._ayudante
        if ayudante is None or ayudante.poll() is not None:
            ayudante = self._empezar()
        assert ayudante.stdin is not None
        assert ayudante.stdout is not None
        try:
            ayudante.stdin.write(len(cuerpo).to_bytes(4) + cuerpo)
            ayudante.stdin.flush()
            largo = ayudante.stdout.read(4)
            texto = ayudante.stdout.read(int.from_bytes(largo)) if len(largo) == 4 else b""
            respuesta: dict[str, Any] = json.loads(texto)
        except (OSError, ValueError):
            self._terminar()
            return None
        return respuesta

    def _empezar(self) -> subprocess.Popen[bytes]:
        self._terminar()
        # By path and isolated: neither the firm's modules nor our environment (secrets, settings) go along.
        self._ayudante = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("render.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1", "LANG": "C.UTF-8"},
            cwd="/",
        )
        self._final = weakref.finalize(self, _parar, self._ayudante)
        return self._ayudante

    def _terminar(self) -> None:
        if self._final is not None:
            self._final()
        self._ayudante = self._final = None


def _parar(ayudante: subprocess.Popen[bytes]) -> None:
    ayudante.kill()
    for tubo in (ayudante.stdin, ayudante.stdout):
        if tubo is not None:
            # What was still buffered for it does not matter.
            with contextlib.suppress(OSError):
                tubo.close()
    ayudante.wait()


def _en_utc(valor: Value) -> Value:
    """The press knows the firm's zone only: moments go there in UTC."""
    if isinstance(valor, dict):
        return {clave: _en_utc(parte) for clave, parte in valor.items()}
    if isinstance(valor, list):
        return [_en_utc(parte) for parte in valor]
    return valor.astimezone(UTC) if isinstance(valor, datetime) else valor


def _por_nombre(archivos: Mapping[str, bytes], carpeta: str) -> dict[str, str]:
    """Names without the folder, contents as base64 (fonts and pictures are not text)."""
    return {
        nombre.removeprefix(carpeta): base64.b64encode(contenido).decode()
        for nombre, contenido in archivos.items()
        if nombre.startswith(carpeta)
    }
