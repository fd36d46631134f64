"""What pages say about a matter, read from the firm's records: who, what, in which state, by when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from tasks import expediente
from tasks.registros import Asunto, Colaborador, Plazo, Prospecto
from web.labels import ASUNTO, PROSPECTO, SUBTIPO, TIPO

if TYPE_CHECKING:
    from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class MatterFacts:
    """The facts that stand at the side of every page about a matter."""

    business_key: str
    folio: str
    """Q/R/J folio once there is one, else the PRO folio."""
    title: str
    client: str
    is_client: bool
    email: str
    phone: str
    kind: str
    """«Juicio · Amparo indirecto», empty before it is known."""
    state: str
    state_label: str
    state_class: str
    manager: str
    advisor: str
    deadline: date | None
    deadline_name: str
    description: str
    prospecto: Prospecto = field(repr=False)
    asunto: Asunto | None = field(repr=False)


def facts(tx: Transaction, business_key: str) -> MatterFacts | None:
    """Facts of the matter behind a business key; None when no record has it (processes that are not of the firm)."""
    prospecto = expediente.buscar_prospecto(tx.session, business_key)
    if prospecto is None:
        return None
    asunto = tx.session.scalar(select(Asunto).where(Asunto.prospecto_id == prospecto.id))
    persona, plazo = prospecto.persona, _next_deadline(tx.session, prospecto.id)
    state = asunto.estado if asunto else prospecto.estado
    label, css = (ASUNTO if asunto else PROSPECTO).get(state, (state, ""))
    tipo, subtipo = prospecto.tipo_procedimiento or prospecto.tipo_tentativo or "", prospecto.subtipo or ""
    kind = " · ".join(part for part in (TIPO.get(tipo, tipo), SUBTIPO.get(subtipo, subtipo.replace("_", " "))) if part)
    folio = asunto.folio if asunto else prospecto.folio
    return MatterFacts(
        business_key=prospecto.folio,
        folio=folio,
        title=f"{folio} · {persona.nombre}",
        client=persona.nombre,
        is_client=persona.es_cliente,
        email=persona.correo or "",
        phone=persona.telefono or "",
        kind=kind,
        state=state,
        state_label=label,
        state_class=css,
        manager=_name(expediente.gerente_de(tx.session, prospecto)),
        advisor=_name(expediente.asesor_de(tx.session, prospecto)),
        deadline=plazo.vence if plazo else None,
        deadline_name=plazo.descripcion if plazo else "",
        description=prospecto.descripcion,
        prospecto=prospecto,
        asunto=asunto,
    )


def as_key(session: Session, search: str) -> str:
    """A whole folio of a matter («R-2027-0001», what people see) as its business key; other texts as they are."""
    found = session.scalar(
        select(Prospecto.folio).join(Asunto, Asunto.prospecto_id == Prospecto.id).where(Asunto.folio == search.upper())
    )
    return found or search


def titles(session: Session, business_keys: set[str]) -> dict[str, tuple[str, str]]:
    """Business key → (folio, client), for lists: one statement for all of them."""
    roots = {expediente.raiz(key): key for key in business_keys}
    if not roots:
        return {}
    found: dict[str, tuple[str, str]] = {}
    rows = session.execute(
        select(Prospecto, Asunto.folio)
        .outerjoin(Asunto, Asunto.prospecto_id == Prospecto.id)
        .where(Prospecto.folio.in_(roots))
    ).all()
    by_root = {prospecto.folio: (folio or prospecto.folio, prospecto.persona.nombre) for prospecto, folio in rows}
    for key in business_keys:
        if expediente.raiz(key) in by_root:
            found[key] = by_root[expediente.raiz(key)]
    return found


def _next_deadline(session: Session, prospecto_id: str) -> Plazo | None:
    return session.scalar(
        select(Plazo)
        .where(Plazo.prospecto_id == prospecto_id, Plazo.estado == "vivo", Plazo.tipo == "fatal")
        .order_by(Plazo.vence)
        .limit(1)
    )


def _name(person: Colaborador | None) -> str:
    return person.presentacion if person else ""
