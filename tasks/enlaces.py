"""Portal links: stored, expiring, revocable, bound to one matter; only the token's hash is kept (§1.13, DESIGN 9)."""

from __future__ import annotations

from datetime import timedelta

from engine.values import Actor
from tasks.paso import Paso
from tasks.registros import Enlace

DESTINOS = (
    "expediente",
    "asistencia",
    "documentos",
    "propuesta",
    "datos_fiscales",
    "pagos",
    "tarjeta",
    "encuesta",
    "cancelacion",
    "mis_datos",
)
"""Pages of the portal that a link may open; after a colon an id may follow: `tarjeta:<informe_id>`."""


def crear(
    paso: Paso,
    *,
    business_key: str,
    persona_id: str,
    destino: str = "expediente",
    vigencia: timedelta = timedelta(days=30),
) -> tuple[Enlace, str]:
    """A new link and its URL. The token stands in the URL only; it cannot be read again."""
    raise NotImplementedError


def abrir(paso: Paso, token: str) -> tuple[Enlace, Actor]:
    """The link behind a token, and the portal actor (group «cliente») that it makes of the visitor.

    Changes nothing (GET). Raises NotFound for an unknown or revoked token and `EnlaceVencido` (410) for an expired one,
    which carries the link, so that the page can offer a new one by mail.
    """
    raise NotImplementedError


def revocar(paso: Paso, enlace_id: str) -> None:
    """End a link at once."""
    raise NotImplementedError
