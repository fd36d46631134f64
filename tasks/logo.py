"""The firm's logo: checked as a picture, kept by its hash, shown on the portal, in mails and on documents (§1.13)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.errors import Invalid, NotAllowed, NotFound
from engine.storage.files import Files
from tasks.ajustes import CAMBIAN, ajuste, cambiar
from tasks.imprenta import Imprenta, RenderError
from tasks.paso import Accion

AJUSTE = "despacho_logo"
CID = "cid:logo"
"""How a mail's HTML names the picture that goes along in the message."""
MAX_BYTES = 512 * 1024
MAX_LADO = 3000
"""Pixels: a small file must not unfold into a picture that fills the memory of whoever opens a mail."""
TIPOS = {"png": "image/png", "jpg": "image/jpeg"}
_FIRMAS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
_PRUEBA = '#set document(title: "Logo")\n#image("{}", height: 26pt, alt: "logo")'


def revisar(imprenta: Imprenta, contenido: bytes) -> str:
    """Its ending, png or jpg. Raises Invalid for what is no picture: the press itself must be able to print it."""
    if not contenido:
        raise Invalid({"logo": "Elija una imagen PNG o JPG."})
    if len(contenido) > MAX_BYTES:
        raise Invalid({"logo": f"La imagen pasa de {MAX_BYTES // 1024} KB."})
    tipo = next((tipo for tipo, firma in _FIRMAS.items() if contenido.startswith(firma)), None)
    if tipo is None:
        raise Invalid({"logo": "El archivo no es una imagen PNG o JPG."})
    ancho, alto = _medidas(tipo, contenido)
    if not (0 < ancho <= MAX_LADO and 0 < alto <= MAX_LADO):
        raise Invalid({"logo": f"La imagen debe medir a lo más {MAX_LADO} por {MAX_LADO} puntos."})
    nombre = f"logo.{tipo}"
    archivos = {"documents/prueba.typ": _PRUEBA.format(nombre).encode(), f"documents/{nombre}": contenido}
    try:
        imprenta.documento(archivos, "prueba", {}, datetime(2027, 1, 1, tzinfo=UTC))
    except RenderError:
        raise Invalid({"logo": "La imagen está dañada: no se puede imprimir."}) from None
    return tipo


def poner(tx: Any, contenido: bytes, tipo: str) -> None:
    """Action: from now on this is the logo. Raises NotAllowed."""
    cambiar(_permitido(tx), AJUSTE, f"{tx.engine.adapters.archivos.put(contenido)}.{tipo}")


def quitar(tx: Any) -> None:
    """Action: the firm's name in letters again. Raises NotAllowed."""
    cambiar(_permitido(tx), AJUSTE, "")


def leer(session: Any, archivos: Files) -> tuple[bytes, str]:
    """The picture and its media type. Raises NotFound when there is none."""
    nombre = ajuste(session, AJUSTE)
    if not nombre:
        raise NotFound("El despacho no tiene un logo.")
    return _bytes(nombre, archivos), TIPOS[nombre.rpartition(".")[2]]


def con_logo(
    recursos: Mapping[str, bytes], datos: Mapping[str, Any], archivos: Files
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """What a document is made of, with the picture that its data name; without it when the file is gone."""
    despacho = datos.get("despacho") or {}
    nombre = despacho.get("logo")
    if not nombre:
        return dict(recursos), dict(datos)
    try:
        return {**recursos, f"documents/{nombre}": _bytes(nombre, archivos)}, dict(datos)
    except NotFound:
        return dict(recursos), {**datos, "despacho": {**despacho, "logo": ""}}


def del_correo(datos: Mapping[str, Any], html: str, archivos: Files) -> tuple[bytes, str] | None:
    """The picture that a mail takes along, and its ending; None when its HTML shows none."""
    nombre = (datos.get("despacho") or {}).get("logo")
    if not nombre or CID not in html:
        return None
    try:
        return _bytes(nombre, archivos), nombre.rpartition(".")[2]
    except NotFound:
        return None


def a_la_vista(html: str, datos: Mapping[str, Any], archivos: Files) -> str:
    """A mail's HTML as a page that loads nothing shows it: the picture inside."""
    imagen = del_correo(datos, html, archivos)
    if imagen is None:
        return html
    return html.replace(CID, f"data:{TIPOS[imagen[1]]};base64,{base64.b64encode(imagen[0]).decode()}")


def _permitido(tx: Any) -> Accion:
    paso = Accion(tx, "")
    if not paso.actor.groups & CAMBIAN:
        raise NotAllowed("Solo Dirección y Administración cambian la configuración del despacho.")
    return paso


def _bytes(nombre: str, archivos: Files) -> bytes:
    return archivos.read(nombre.partition(".")[0])


def _medidas(tipo: str, contenido: bytes) -> tuple[int, int]:
    """Width and height as the file's head says; (0, 0) when it does not. PNG: IHDR. JPEG: the first frame header."""
    if tipo == "png":
        return int.from_bytes(contenido[16:20]), int.from_bytes(contenido[20:24])
    lugar = 2
    while lugar + 9 < len(contenido) and contenido[lugar] == 0xFF:
        marca = contenido[lugar + 1]
        if 0xC0 <= marca <= 0xCF and marca not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(contenido[lugar + 7 : lugar + 9]), int.from_bytes(contenido[lugar + 5 : lugar + 7])
        lugar += 2 + int.from_bytes(contenido[lugar + 2 : lugar + 4])
    return 0, 0
