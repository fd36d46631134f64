"""What a setting of the firm is: its name, default, meaning and what may stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

Valor = bool | str | Decimal


@dataclass(frozen=True, slots=True)
class Definicion:
    clave: str
    defecto: Valor
    nombre: str
    ayuda: str = ""
    confirmar: bool = False
    """A percentage, amount or term that the outline does not give: the firm is to confirm it."""
    opciones: tuple[str, ...] = ()
    minimo: Decimal = Decimal(0)
    maximo: Decimal = Decimal(100)
    """Bounds of a number; those of a term are whole (`enteros`)."""
    enteros: bool = False
    propio: bool = False
    """Has a form and an action of its own, and may be empty."""
    etapa: str = ""
    """Key of `tasks.tiempos.ETAPAS`; only the times of the process have one."""
    unidad: str = ""
    """What its number counts: a key of `tasks.calendarios.UNIDADES`."""
    despues_de: str = ""
    """Name of the setting that it must exceed: a second reminder comes after the first."""
