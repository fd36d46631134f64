"""The doors to the outside, in pairs: the real one and a local one that does the real thing on this machine (DESIGN
8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.storage.files import Files
from tasks.imprenta import Imprenta
from tasks.pac import Pac, SinPac, pac_de
from tasks.transporte import Buzon, Smtp, Transporte

REMITENTE = "Barrera & Solís Abogados <despacho@ejemplo.mx>"


class Entorno(Protocol):
    """What the composition root knows of its surroundings (`web.settings.Settings`)."""

    @property
    def files(self) -> Path: ...
    @property
    def base_url(self) -> str: ...
    @property
    def smtp_url(self) -> str: ...
    @property
    def mail_from(self) -> str: ...
    @property
    def pac_url(self) -> str: ...
    @property
    def pac_token(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Adapters:
    """What handlers find as `ctx.adapters`."""

    archivos: Files
    """Bytes under their content hash: folder or object store."""
    imprenta: Imprenta
    transporte: Transporte
    base_url: str = "http://127.0.0.1:8000"
    """Where clients and staff reach the pages; without a slash at the end."""
    remitente: str = REMITENTE
    """The From header of every mail."""
    pac: Pac = field(default_factory=SinPac)
    """Who seals and stamps invoices, when the firm has chosen that."""

    @classmethod
    def local(cls, archivos: Files, *, base_url: str = "http://127.0.0.1:8000") -> Adapters:
        """Everything on this machine: mail stays in the mailbox table."""
        return cls(archivos, Imprenta(), Buzon(), base_url)

    @classmethod
    def from_settings(cls, entorno: Entorno) -> Adapters:
        """By the settings: SMTP when `smtp_url` is set, else the mailbox alone; a stamping provider when `pac_url` is.
        Raises ValueError for a broken URL."""
        return cls(
            Files.in_folder(entorno.files),
            Imprenta(),
            Smtp.de_url(entorno.smtp_url) if entorno.smtp_url else Buzon(),
            entorno.base_url.rstrip("/"),
            entorno.mail_from,
            pac_de(entorno.pac_url, entorno.pac_token),
        )

    def close(self) -> None:
        self.imprenta.close()
