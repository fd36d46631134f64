"""How mail leaves the house: SMTP, or not at all (then it lies in the mailbox table, which the interface shows)."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit


class CorreoRechazado(Exception):
    """The server refuses this recipient or message for good: sending it again would not help."""


class CorreoSinSalida(Exception):
    """The server cannot be reached, or did not take the mail this time: it may be tried again."""


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
        try:
            with self._conectar() as conexion:
                if self.tls == "starttls":
                    conexion.starttls(context=ssl.create_default_context())
                if self.usuario:
                    conexion.login(self.usuario, self.clave or "")
                self._entregar(conexion, mensaje)
        except (OSError, smtplib.SMTPException) as error:
            raise CorreoSinSalida(f"El servidor de correo {self.servidor}:{self.puerto} {_dicho(error)}.") from error

    def _entregar(self, conexion: smtplib.SMTP, mensaje: EmailMessage) -> None:
        try:
            conexion.send_message(mensaje)
        except smtplib.SMTPRecipientsRefused as error:
            # Without the address: whoever repairs processes does not learn whose they are.
            respuestas = list(error.recipients.values())
            if all(codigo >= 500 for codigo, _ in respuestas):
                raise CorreoRechazado(f"El servidor rechazó al destinatario: {_respuesta(*respuestas[0])}") from error
            raise
        except smtplib.SMTPResponseException as error:
            if error.smtp_code >= 500:
                texto = _respuesta(error.smtp_code, error.smtp_error)
                raise CorreoRechazado(f"El servidor rechazó el correo: {texto}") from error
            raise

    def _conectar(self) -> smtplib.SMTP:
        if self.tls == "tls":
            contexto = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.servidor, self.puerto, timeout=self.segundos, context=contexto)
        return smtplib.SMTP(self.servidor, self.puerto, timeout=self.segundos)


def _dicho(error: OSError | smtplib.SMTPException) -> str:
    """What went wrong on the way, as the end of a sentence about the server."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"no acepta el usuario o la contraseña: {_respuesta(error.smtp_code, error.smtp_error)}"
        case smtplib.SMTPResponseException():
            return f"no tomó el correo: {_respuesta(error.smtp_code, error.smtp_error)}"
        case smtplib.SMTPRecipientsRefused():
            return f"no tomó el correo por ahora: {_respuesta(*next(iter(error.recipients.values())))}"
        case smtplib.SMTPServerDisconnected():
            return "cortó la conexión"
        case smtplib.SMTPNotSupportedError():
            return "no sabe cifrar la conexión o pedir usuario; revise CAUCE_SMTP_URL"
        case TimeoutError():
            return "no contesta a tiempo"
        case ConnectionRefusedError():
            return "no contesta: rechaza la conexión"
        case socket.gaierror():
            return "no se encuentra: el nombre no existe o no hay red"
        case ssl.SSLError():
            return f"tiene un certificado que no sirve ({error.reason})"
        case _:
            return f"no se alcanza ({error})"


def _respuesta(codigo: int, texto: bytes | str) -> str:
    """«550 no existe», one line."""
    dicho = texto.decode("utf-8", "replace") if isinstance(texto, bytes) else texto
    return f"{codigo} {' '.join(dicho.split())}"[:300]
