"""Visible folios: one counter row per prefix and year, counted in the same transaction; never reused (§4)."""

from __future__ import annotations

import re

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tasks.registros import Folio

PREFIJO_ASUNTO = {"queja": "Q", "recurso": "R", "juicio": "J"}


def siguiente_folio(session: Session, prefijo: str, anio: int) -> str:
    """The next folio: `PRO-2027-0001` (also CLI, Q, R, J, PROP); with `anio=0` without a year: `A-1` (invoices).

    The counter row stays locked until the transaction ends, so that two never get the same number.
    """
    numero = _contar(session, prefijo, anio)
    while numero is None:
        try:
            with session.begin_nested():
                session.add(Folio(prefijo=prefijo, anio=anio, ultimo=0))
        except IntegrityError:
            pass  # Somebody else has just begun this counter.
        numero = _contar(session, prefijo, anio)
    return f"{prefijo}-{anio}-{numero:04d}" if anio else f"{prefijo}-{numero}"


def reservar_folio(session: Session, folio: str) -> None:
    """A folio that was given before the program counted (`J-2027-0007`): the counter goes on behind it.

    One in another form is no number of ours and needs nothing.
    """
    hallado = re.fullmatch(r"([A-Z]{1,10})-(\d{4})-(\d{4,8})", folio)
    if hallado is None:
        return
    prefijo, anio, numero = hallado[1], int(hallado[2]), int(hallado[3])
    while (ultimo := session.get(Folio, (prefijo, anio), populate_existing=True, with_for_update=True)) is None:
        try:
            with session.begin_nested():
                session.add(Folio(prefijo=prefijo, anio=anio, ultimo=0))
        except IntegrityError:
            pass  # Somebody else has just begun this counter.
    ultimo.ultimo = max(ultimo.ultimo, numero)
    session.flush()


def _contar(session: Session, prefijo: str, anio: int) -> int | None:
    return session.scalar(
        update(Folio)
        .where(Folio.prefijo == prefijo, Folio.anio == anio)
        .values(ultimo=Folio.ultimo + 1)
        .returning(Folio.ultimo)
        .execution_options(synchronize_session=False)
    )
