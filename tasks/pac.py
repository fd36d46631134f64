"""The stamping provider (PAC) as a door to the outside: seal and stamp a CFDI, cancel one (legal-process.md §5.1).

`SwSapien` speaks the JSON protocol of SW sapien (https://developers.sw.com.mx, «Timbrado V4 – CustomID» and
«Cancelación»). The firm's seal (CSD) is kept by the provider, which seals and stamps in one call («issue»): no private
key lives in this program.
"""

from __future__ import annotations

import http.client
import json
import re
import uuid
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

CANCELADO = ("201", "202")
"""Answers of the SAT that mean: the cancellation is accepted, or was before."""
_CODIGO = re.compile(r"\b(CFDI\d{5}|CRP\d{5}|\d{3})\b")


class PacRechaza(Exception):
    """The provider refuses this document for good: sending it again would not help. `codigo` as the SAT names it."""

    def __init__(self, codigo: str, mensaje: str) -> None:
        super().__init__(f"{codigo}: {mensaje}" if codigo and not mensaje.startswith(codigo) else mensaje)
        self.codigo = codigo

    @property
    def del_receptor(self) -> bool:
        """Whether the client's fiscal data are what is wrong (rules CFDI40143 to CFDI40161 of the SAT)."""
        numero = self.codigo.removeprefix("CFDI")
        return self.codigo.startswith("CFDI") and 40143 <= int(numero) <= 40161


class PacFalla(Exception):
    """The provider cannot be reached, is busy, or does not know us: it may be tried again."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """A stamped CFDI: its fiscal folio, in capitals, and the whole XML."""

    uuid: str
    xml: bytes


class Pac(Protocol):
    def timbrar(self, xml: bytes, referencia: str) -> Timbre:
        """Seal and stamp. The same `referencia` with the same XML is stamped once only (for 72 hours). Raises
        PacRechaza, PacFalla."""
        ...

    def cancelar(self, rfc: str, folio_fiscal: str, motivo: str, sustituye: str | None = None) -> bytes:
        """Cancel a stamped CFDI (`motivo`: 01 to 04 of the SAT); answers the SAT's acknowledgement. Raises
        PacRechaza, PacFalla."""
        ...


class SinPac:
    """No provider is set up."""

    def timbrar(self, xml: bytes, referencia: str) -> Timbre:
        raise PacFalla(impedimento(self) or "")

    def cancelar(self, rfc: str, folio_fiscal: str, motivo: str, sustituye: str | None = None) -> bytes:
        raise PacFalla(impedimento(self) or "")


@dataclass(frozen=True, slots=True)
class SwSapien:
    """SW sapien, at `servidor` (production `https://services.sw.com.mx`, tests `https://services.test.sw.com.mx`)."""

    servidor: str
    token: str = field(repr=False)
    segundos: float = 60.0

    def __post_init__(self) -> None:
        partes = urlsplit(self.servidor)
        local = partes.hostname in ("127.0.0.1", "localhost", "::1")
        if not partes.hostname or not (partes.scheme == "https" or (partes.scheme == "http" and local)):
            raise ValueError("CAUCE_PAC_URL must look like https://services.sw.com.mx")
        if not self.token:
            raise ValueError("CAUCE_PAC_TOKEN is missing: the token of the account at the stamping provider")

    def timbrar(self, xml: bytes, referencia: str) -> Timbre:
        frontera = uuid.uuid4().hex
        cuerpo = b"".join(
            (
                f"--{frontera}\r\n".encode(),
                b'Content-Disposition: form-data; name="xml"; filename="xml"\r\nContent-Type: text/xml\r\n\r\n',
                xml,
                f"\r\n--{frontera}--\r\n".encode(),
            )
        )
        tipo = {"Content-Type": f"multipart/form-data; boundary={frontera}", "customid": referencia}
        respuesta = self._pedir("/v4/cfdi33/issue/v4", cuerpo, tipo)
        datos = respuesta.get("data") or {}
        # «307» with a CFDI: this very document was stamped before, only its answer got lost.
        if respuesta.get("status") == "success" or (_codigo(respuesta) == "307" and datos.get("cfdi")):
            xml_timbrado = str(datos["cfdi"]).encode()
            return Timbre(str(datos.get("uuid") or _uuid(xml_timbrado)).upper(), xml_timbrado)
        raise _rechazo(respuesta)

    def cancelar(self, rfc: str, folio_fiscal: str, motivo: str, sustituye: str | None = None) -> bytes:
        ruta = "/".join(quote(parte) for parte in (rfc, folio_fiscal, motivo, *([sustituye] if sustituye else [])))
        respuesta = self._pedir(f"/cfdi33/cancel/{ruta}", b"", {})
        if respuesta.get("status") != "success":
            raise _rechazo(respuesta)
        datos = respuesta["data"]
        codigo = str(datos["uuid"].get(folio_fiscal, ""))
        if codigo not in CANCELADO:
            raise PacRechaza(codigo, f"El SAT no aceptó la cancelación del folio fiscal {folio_fiscal}.")
        return str(datos.get("acuse") or "").encode()

    def _pedir(self, ruta: str, cuerpo: bytes, cabeceras: dict[str, str]) -> dict[str, Any]:
        partes = urlsplit(self.servidor)
        clase = http.client.HTTPSConnection if partes.scheme == "https" else http.client.HTTPConnection
        conexion = clase(partes.hostname or "", partes.port, timeout=self.segundos)
        try:
            propias = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
            conexion.request("POST", partes.path.rstrip("/") + ruta, cuerpo, {**propias, **cabeceras})
            respuesta = conexion.getresponse()
            estado, texto = respuesta.status, respuesta.read()
        except (OSError, http.client.HTTPException) as error:
            raise PacFalla(f"El proveedor de timbrado no responde: {error}") from error
        finally:
            conexion.close()
        if estado in (401, 403):
            raise PacFalla("El proveedor de timbrado no acepta la clave de la cuenta (CAUCE_PAC_TOKEN).")
        if estado == 429 or estado >= 500:
            raise PacFalla(f"El proveedor de timbrado está ocupado o en falla ({estado}).")
        try:
            leido = json.loads(texto)
        except ValueError:
            leido = None
        if not isinstance(leido, dict):
            raise PacFalla(f"El proveedor de timbrado contestó algo que no se entiende ({estado}).")
        return leido


def pac_de(url: str, token: str) -> Pac:
    """By the settings. Raises ValueError, naming the setting, for what cannot be used."""
    return SwSapien(url.rstrip("/"), token) if url else SinPac()


def impedimento(pac: Pac | None) -> str | None:
    """Why invoices cannot be stamped here, and what to do about it; None when they can."""
    if find_spec("satcfdi") is None:
        return "Falta el extra «cfdi»: instálelo con «pip install cauce[cfdi]» y reinicie."
    if pac is None or isinstance(pac, SinPac):
        return "Falta la cuenta del proveedor de timbrado: CAUCE_PAC_URL y CAUCE_PAC_TOKEN."
    return None


def _codigo(respuesta: dict[str, Any]) -> str:
    hallado = _CODIGO.search(str(respuesta.get("message") or ""))
    return hallado.group(1) if hallado else ""


def _rechazo(respuesta: dict[str, Any]) -> PacRechaza:
    partes = (respuesta.get("message"), respuesta.get("messageDetail"))
    return PacRechaza(_codigo(respuesta), " ".join(str(p).strip() for p in partes if p) or "Sin explicación.")


def _uuid(xml: bytes) -> str:
    hallado = re.search(rb'UUID="([0-9A-Fa-f-]{36})"', xml)
    if hallado is None:
        raise PacFalla("El proveedor de timbrado devolvió un CFDI sin folio fiscal.")
    return hallado.group(1).decode()
