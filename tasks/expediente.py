"""From a business key to its records. The key is the prospect's folio, with `/…` for what hangs below it (M2)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from tasks.registros import Asunto, Colaborador, Prospecto


def raiz(business_key: str) -> str:
    """`PRO-2027-0001/A-1` → `PRO-2027-0001`."""
    return business_key.partition("/")[0]


def buscar_prospecto(session: Session, business_key: str) -> Prospecto | None:
    return session.scalar(select(Prospecto).where(Prospecto.folio == raiz(business_key)))


def prospecto_de(session: Session, business_key: str) -> Prospecto:
    """The prospect behind a business key. Raises NotFound."""
    prospecto = buscar_prospecto(session, business_key)
    if prospecto is None:
        raise NotFound(f"No existe el asunto «{raiz(business_key)}».", business_key=business_key)
    return prospecto


def asunto_de(session: Session, business_key: str) -> Asunto | None:
    """The matter of a business key; None before the acceptance."""
    return session.scalar(select(Asunto).join(Asunto.prospecto).where(Prospecto.folio == raiz(business_key)))


def asunto(session: Session, business_key: str) -> Asunto:
    """The matter of a business key. Raises NotFound before the acceptance."""
    encontrado = asunto_de(session, business_key)
    if encontrado is None:
        raise NotFound(f"«{raiz(business_key)}» todavía no es un asunto.", business_key=business_key)
    return encontrado


def gerente_de(session: Session, prospecto: Prospecto) -> Colaborador | None:
    """The Gerente of a matter: its supervisor, before that who leads the prospect, or the only active Gerente."""
    asunto = session.scalar(select(Asunto).where(Asunto.prospecto_id == prospecto.id))
    usuario = (asunto.supervisor_id if asunto else None) or prospecto.gerente_id
    if usuario:
        return session.get(Colaborador, usuario)
    gerentes = del_grupo(session, "gerente")
    return gerentes[0] if len(gerentes) == 1 else None


def asesor_de(session: Session, prospecto: Prospecto) -> Colaborador | None:
    """The advisor of a matter, once assigned."""
    usuario = session.scalar(select(Asunto.asesor_id).where(Asunto.prospecto_id == prospecto.id))
    return session.get(Colaborador, usuario) if usuario else None


def del_grupo(session: Session, grupo: str) -> list[Colaborador]:
    """Active people of a group, by user name. A firm is small: the list of groups is read in Python."""
    activos = session.scalars(select(Colaborador).where(Colaborador.activo).order_by(Colaborador.usuario))
    return [persona for persona in activos if grupo in persona.grupos]
