"""Portal links: stored, expiring, revocable, bound to one matter; only the token's hash is kept (§1.13, DESIGN 9)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from engine.errors import EngineError, NotFound
from engine.values import Actor
from tasks import ajustes
from tasks.expediente import raiz
from tasks.paso import Accion, Paso
from tasks.registros import ESTADOS_ABIERTOS, Asunto, Enlace, Persona, Prospecto

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


class EnlaceVencido(EngineError):
    """This link has expired."""

    code: ClassVar[str] = "link_expired"
    status: ClassVar[int] = 410

    def __init__(self, enlace: Enlace) -> None:
        self.enlace = enlace
        super().__init__("Este enlace venció; puede pedir uno nuevo.")


class Lectura(Protocol):
    """A transaction that may only read, too."""

    @property
    def session(self) -> Session: ...
    @property
    def now(self) -> datetime: ...


def crear(
    paso: Paso,
    *,
    business_key: str,
    persona_id: str,
    destino: str = "expediente",
    vigencia: timedelta | None = None,
) -> tuple[Enlace, str]:
    """A new link and its URL. The token stands in the URL only; it cannot be read again.

    `vigencia`: natural time from now (default: setting `enlace_dias`). Raises ValueError for a page that the portal
    has not.
    """
    if destino.partition(":")[0] not in DESTINOS:
        raise ValueError(f"the portal has no page {destino!r}")
    if vigencia is None:
        vigencia = timedelta(days=int(ajustes.ajuste(paso.session, "enlace_dias")))
    token = secrets.token_urlsafe(24)
    enlace = Enlace(
        business_key=raiz(business_key),
        persona_id=persona_id,
        destino=destino,
        token_sha256=_sha256(token),
        vence=paso.now + vigencia,
    )
    paso.session.add(enlace)
    paso.session.flush()
    return enlace, f"{paso.adapters.base_url}/portal/{token}"


def abrir(paso: Lectura, token: str) -> tuple[Enlace, Actor]:
    """The link behind a token, and the portal actor (group «cliente») that it makes of the visitor.

    Changes nothing (GET). Raises NotFound for an unknown or revoked token and EnlaceVencido (410) for an expired one.
    """
    enlace = _buscar(paso.session, token)
    if enlace.vence <= paso.now:
        raise EnlaceVencido(enlace)
    return enlace, Actor(f"cliente:{enlace.persona_id}", frozenset({"cliente"}), enlace.business_key)


def renovar(tx: Any, token: str) -> None:
    """Send a new link for the page of an expired one to the address on file (`cor_00_enlace`); never to the visitor.

    `tx`: the transaction of `engine.transaction`. Asked twice, it sends one mail: a link is renewed once, until the
    new one has expired as well.
    """
    enlace = _buscar(tx.session, token)
    paso = Accion(tx, enlace.business_key)
    if enlace.vence > paso.now or _sigue_vivo(paso, enlace):
        return
    persona = paso.session.get(Persona, enlace.persona_id) if enlace.persona_id else None
    if persona is None or not persona.correo:
        raise NotFound("No hay una dirección de correo a la cual enviar el enlace.")
    from tasks import correo  # mail makes links, too

    enviado = correo.enviar(paso, "cor_00_enlace", a=persona, datos={"pedido": False}, enlace=enlace.destino)
    enlace.renovado_por = enviado.datos["enlace_id"]
    paso.session.flush()


ASUNTOS_A_LA_VEZ = 5


def enviar_a(tx: Any, direccion: str) -> int:
    """A new link for each present matter of whoever has this mail address, sent there; answers how many.

    Present: not archived, and no contact that ended. The latest come first, at most `ASUNTOS_A_LA_VEZ`.
    """
    from tasks import correo  # mail makes links, too

    abiertos = or_(Asunto.estado != "archivado", and_(Asunto.id.is_(None), Prospecto.estado.in_(ESTADOS_ABIERTOS)))
    consulta = (
        select(Prospecto)
        .join(Prospecto.persona)
        .outerjoin(Asunto, Asunto.prospecto_id == Prospecto.id)
        .where(func.lower(Persona.correo) == direccion.lower(), abiertos)
        .order_by(Prospecto.id.desc())
        .limit(ASUNTOS_A_LA_VEZ)
    )
    hallados = tx.session.scalars(consulta).all()
    for prospecto in hallados:
        paso, quien = Accion(tx, prospecto.folio), prospecto.persona
        correo.enviar(paso, "cor_00_enlace", a=quien, datos={"pedido": True}, enlace="expediente")
    return len(hallados)


def usar(paso: Paso, enlace_id: str) -> None:
    """Note that something was done through a link."""
    paso.session.execute(update(Enlace).where(Enlace.id == enlace_id).values(usado=paso.now))


def revocar(paso: Paso, enlace_id: str) -> None:
    """End a link at once."""
    paso.session.execute(
        update(Enlace).where(Enlace.id == enlace_id, Enlace.revocado.is_(None)).values(revocado=paso.now)
    )


def revocar_todos(paso: Paso, business_key: str) -> None:
    """End all links of a matter (other mail address, matter of another person)."""
    paso.session.execute(
        update(Enlace)
        .where(Enlace.business_key == raiz(business_key), Enlace.revocado.is_(None))
        .values(revocado=paso.now)
    )


def _buscar(session: Session, token: str) -> Enlace:
    enlace = session.scalar(select(Enlace).where(Enlace.token_sha256 == _sha256(token), Enlace.revocado.is_(None)))
    if enlace is None:
        raise NotFound("Este enlace no existe o ya no vale.")
    return enlace


def _sigue_vivo(paso: Paso, enlace: Enlace) -> bool:
    nuevo = paso.session.get(Enlace, enlace.renovado_por) if enlace.renovado_por else None
    return nuevo is not None and nuevo.revocado is None and nuevo.vence > paso.now


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
