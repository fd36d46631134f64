"""Base of the firm's tables: the columns that every record has, and who last wrote it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Connection, ForeignKey, MetaData, String, Text, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, mapped_column, object_session

from engine import UtcDateTime
from engine import metadata as engine_metadata
from tasks.registros.tipos import Datos, Dinero, Entero, nuevo_id

Clave = Annotated[str, mapped_column(String(24), primary_key=True, default=nuevo_id)]
Texto = Annotated[str, mapped_column(Text)]
Codigo = Annotated[str, mapped_column(String(40))]
"""A stored code: lower case, no accents (legal-process.md, marks)."""
Importe = Annotated[Decimal, mapped_column(Dinero)]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=engine_metadata.naming_convention)
    type_annotation_map = {
        datetime: UtcDateTime,
        int: Entero,
        Decimal: Dinero,
        str: Text,
        dict[str, Any]: Datos,
        list[Any]: Datos,
        list[str]: Datos,
        list[dict[str, Any]]: Datos,
    }


class Registro(Base):
    """What every record of the firm has (legal-process.md §4). `creado` and `actualizado` are business time."""

    __abstract__ = True

    id: Mapped[Clave]
    creado: Mapped[datetime]
    actualizado: Mapped[datetime]
    usuario: Mapped[str] = mapped_column(String(80), default="system")
    """Actor id of the last writer."""


def referencia(destino: str, *, index: bool = True) -> Any:
    """A foreign key column to `tabla.columna`."""
    return mapped_column(ForeignKey(destino), index=index)


@event.listens_for(Registro, "before_insert", propagate=True)
def _al_crear(mapper: Mapper[Any], connection: Connection, registro: Registro) -> None:
    ahora, usuario = _transaccion(registro)
    registro.creado = registro.creado or ahora
    registro.actualizado = registro.actualizado or ahora
    registro.usuario = registro.usuario or usuario or "system"


@event.listens_for(Registro, "before_update", propagate=True)
def _al_cambiar(mapper: Mapper[Any], connection: Connection, registro: Registro) -> None:
    registro.actualizado, usuario = _transaccion(registro)
    registro.usuario = usuario or registro.usuario


def _transaccion(registro: Registro) -> tuple[datetime, str | None]:
    """Business time and actor of the engine's transaction that this session belongs to."""
    session = object_session(registro)
    transaccion = session.info.get("transaction") if session is not None else None
    if transaccion is None:
        return datetime.now(UTC), None
    return transaccion.now, transaccion.actor.id
