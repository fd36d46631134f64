"""The aviso de privacidad: that it was put at a person's disposal, in which version, and what they oppose to (§5.5)."""

from __future__ import annotations

from datetime import date

from tasks import ajustes, personas
from tasks.calendario import dia
from tasks.paso import Paso
from tasks.registros import Consentimiento, Persona


def poner_aviso(
    paso: Paso, persona: Persona, *, medio_aviso: str, medio: str, opuesto: bool = False, fecha: date | None = None
) -> None:
    """The aviso of now was put at disposal on `fecha` (default: today) by `medio_aviso`; the person came by `medio`."""
    _anotar(paso, persona, opuesto, medio, aviso_fecha=fecha or dia(paso.now), aviso_medio=medio_aviso)


def registrar_oposicion(paso: Paso, persona: Persona, opuesto: bool, *, medio: str) -> None:
    """Keep what the person said about voluntary purposes; a row only when it changes."""
    if opuesto != personas.oposicion(persona):
        _anotar(paso, persona, opuesto, medio)


def _anotar(
    paso: Paso,
    persona: Persona,
    opuesto: bool,
    medio: str,
    *,
    aviso_fecha: date | None = None,
    aviso_medio: str | None = None,
) -> None:
    persona.consentimientos.append(
        Consentimiento(
            aviso_version=ajustes.ajuste(paso.session, "aviso_version"),
            aviso_fecha=aviso_fecha,
            aviso_medio=aviso_medio,
            oposicion_voluntarias=opuesto,
            fecha=paso.now,
            medio=medio,
        )
    )
    paso.session.flush()
