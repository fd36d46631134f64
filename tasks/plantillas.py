"""Starting points of a proposal per subtype (§1.5): the firm's lawyers keep them as rows; these are the first ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tasks.catalogos import SUBTIPOS, nombre_subtipo
from tasks.registros import Plantilla

_POR_TIPO: dict[str, dict[str, Any]] = {
    "queja": {
        "exclusiones": "Los juicios o recursos contra lo que resuelva la autoridad, que se cotizan aparte.",
        "etapas": [
            {"etapa": "Redacción y presentación de la queja", "tiempo": "5 días hábiles"},
            {"etapa": "Conciliación y desahogo de requerimientos", "tiempo": "1 a 3 meses"},
            {"etapa": "Resolución o convenio", "tiempo": None},
        ],
        "requisitos": "Identificación, documentos de la operación reclamada y los comprobantes que se le pidan.",
    },
    "recurso": {
        "exclusiones": "El juicio contra la resolución del recurso, que se cotiza aparte.",
        "etapas": [
            {"etapa": "Redacción y presentación del recurso", "tiempo": "dentro del plazo legal"},
            {"etapa": "Pruebas y alegatos", "tiempo": None},
            {"etapa": "Resolución", "tiempo": "3 a 6 meses"},
        ],
        "requisitos": "La resolución impugnada con su constancia de notificación y las pruebas que se le pidan.",
    },
    "juicio": {
        "exclusiones": "Los recursos y la ejecución de la sentencia, que se cotizan aparte.",
        "etapas": [
            {"etapa": "Demanda o contestación", "tiempo": "dentro del plazo legal"},
            {"etapa": "Pruebas y audiencia", "tiempo": "3 a 8 meses"},
            {"etapa": "Sentencia de primera instancia", "tiempo": None},
        ],
        "requisitos": "Documentos originales, un domicilio para oír notificaciones y acudir cuando se le cite.",
    },
}
_AMPARO = {
    "exclusiones": "El recurso de revisión y el cumplimiento de la sentencia, que se cotizan aparte.",
    "etapas": [
        {"etapa": "Demanda e incidente de suspensión", "tiempo": "dentro del plazo legal"},
        {"etapa": "Informes, pruebas y audiencia constitucional", "tiempo": "2 a 6 meses"},
        {"etapa": "Sentencia", "tiempo": None},
    ],
    "requisitos": "El acto reclamado con su constancia de notificación y las copias que exige la Ley de Amparo.",
}


def sembrar_propuestas(session: Session) -> int:
    """One row per subtype into an empty list; how many. An existing list is the lawyers' and stays."""
    if session.scalar(select(Plantilla.id).where(Plantilla.tipo == "propuesta").limit(1)):
        return 0
    filas = [
        Plantilla(
            tipo="propuesta",
            subtipo=subtipo,
            nombre=nombre_subtipo(tipo, subtipo),
            contenido=_AMPARO if subtipo in ("amparo_indirecto", "amparo_directo") else _POR_TIPO[tipo],
        )
        for tipo, subtipos in SUBTIPOS.items()
        for subtipo in subtipos
    ]
    session.add_all(filas)
    session.flush()
    return len(filas)
