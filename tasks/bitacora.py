"""The firm's append-only log: who did what to which record, before and after (legal-process.md §4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tasks.paso import Paso
from tasks.registros import EventoBitacora, Registro


def anotar(
    paso: Paso,
    accion: str,
    registro: Registro | None = None,
    *,
    business_key: str | None = None,
    antes: Mapping[str, Any] | None = None,
    despues: Mapping[str, Any] | None = None,
) -> None:
    """Add a line. `accion`: `pago.registrar`, `cierre.autorizar`, …; `business_key` defaults to the step's own."""
    paso.session.add(
        EventoBitacora(
            momento=paso.now,
            usuario=paso.actor.id,
            accion=accion,
            business_key=business_key or paso.business_key,
            entidad=registro.__tablename__ if registro is not None else None,
            entidad_id=registro.id if registro is not None else None,
            antes=_plano(antes),
            despues=_plano(despues),
        )
    )


def _plano(valores: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As JSON: dates and amounts as text, as they read."""
    if valores is None:
        return None
    return {clave: str(v) if isinstance(v, Decimal | date | datetime) else v for clave, v in valores.items()}
