"""How mail leaves the house: SMTP, or not at all (then it lies in the mailbox table, which the interface shows)."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit


class CorreoRechazado(Exception):
    """The server refuses this recipient or message for good: sending it again would not help."""


class Transporte(Protocol):
    def enviar(self, mensaje: EmailMessage) -> None:
        """Hand one message over. Raises CorreoRechazado for good, any other exception when it may be tried again."""
        ...


class Buzon:
    """Without SMTP: the outbox row is the mailbox, and there is nothing else to do."""

    def enviar(self, mensaje: EmailMessage) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Smtp:
    """A real mail server. `tls`: "starttls", "tls" (from the first byte) or "no" (loopback, tests)."""

    servidor: str
    puerto: int = 587
    usuario: str | None = None
    clave: str | None = field(default=None, repr=False)
    tls: str = "starttls"
    segundos: float = 20.0

    @classmethod
    def de_url(cls, url: str) -> Smtp:
        """`smtp://user:password@host:587` (STARTTLS), `smtps://…` (TLS from the first byte), `smtp://host:25?tls=no`.

        User and password are percent-encoded where they hold special characters. Raises ValueError.
        """
        partes = urlsplit(url)
        if partes.scheme not in ("smtp", "smtps") or not partes.hostname:
            raise ValueError("the SMTP URL must look like smtp://user:password@host:587")
        tls = "tls" if partes.scheme == "smtps" else parse_qs(partes.query).get("tls", ["starttls"])[-1]
        if tls not in ("starttls", "tls", "no"):
            raise ValueError(f"tls in the SMTP URL must be starttls or no, not {tls!r}")
        usuario = unquote(partes.username) if partes.username else None
        clave = unquote(partes.password) if partes.password else None
        return cls(partes.hostname, partes.port or (465 if tls == "tls" else 587), usuario, clave, tls)

    def enviar(self, mensaje: EmailMessage) -> None:
        with self._conectar() as conexion:
            if self.tls == "starttls":
                conexion.starttls(context=ssl.create_default_context())
            if self.usuario:
                conexion.login(self.usuario, self.clave or "")
            try:
                conexion.send_message(mensaje)
            except smtplib.SMTPRecipientsRefused as error:
                codigos = {codigo for codigo, _ in error.recipients.values()}
                if all(codigo >= 500 for codigo in codigos):
                    raise CorreoRechazado(f"El servidor rechazó al destinatario: {error.recipients}") from error
                raise
            except smtplib.SMTPResponseException as error:
                if error.smtp_code >= 500:
                    raise CorreoRechazado(f"El servidor rechazó el correo: {error.smtp_error!r}") from error
                raise

    def _conectar(self) -> smtplib.SMTP:
        if self.tls == "tls":
            contexto = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.servidor, self.puerto, timeout=self.segundos, context=contexto)
        return smtplib.SMTP(self.servidor, self.puerto, timeout=self.segundos)
