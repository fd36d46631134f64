"""Lists that the firm's lawyers keep: kinds of procedure, steps in it, legal terms (§5.4, §5.6).

Terms are seeded as rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tasks.registros import PlazoCatalogo

TIPOS = {"queja": "Queja", "recurso": "Recurso", "juicio": "Juicio"}

SUBTIPOS = {
    "queja": {
        "profeco": "PROFECO",
        "condusef": "CONDUSEF",
        "administrativa": "Administrativa",
        "cndh": "CNDH",
    },
    "recurso": {
        "revocacion_fiscal": "Revocación fiscal",
        "revision_administrativa": "Revisión administrativa",
        "revocacion_mercantil": "Revocación mercantil",
        "apelacion_mercantil": "Apelación mercantil",
        "revision_amparo": "Revisión en amparo",
        "queja_amparo": "Queja en amparo",
        "reclamacion_amparo": "Reclamación en amparo",
        "inconformidad_imss": "Inconformidad IMSS",
    },
    "juicio": {
        "amparo_indirecto": "Amparo indirecto",
        "amparo_directo": "Amparo directo",
        "nulidad": "Nulidad (contencioso administrativo)",
        "mercantil_oral": "Mercantil oral",
        "mercantil_ejecutivo": "Mercantil ejecutivo",
        "laboral": "Laboral",
        "civil_oral": "Civil oral",
        "familiar": "Familiar",
        "agrario": "Agrario",
    },
}


ACTUACIONES = {
    "presentacion": "Presentación",
    "acuerdo": "Acuerdo",
    "audiencia": "Audiencia",
    "prueba": "Prueba",
    "sentencia": "Sentencia",
    "gestion": "Gestión",
    "otra": "Otra actuación",
}
"""What a follow-up reports (L34)."""


def nombre_subtipo(tipo: str, subtipo: str) -> str:
    """Label of a subtype; the code itself when it is not in the list."""
    return SUBTIPOS.get(tipo, {}).get(subtipo, subtipo)


@dataclass(frozen=True, slots=True)
class _Termino:
    tipo: str
    subtipo: str
    descripcion: str
    dias: int
    unidad: str
    calendario: str
    fundamento: str
    verificado: bool
    nota: str | None = None


_NATURAL_PROFECO = "No procede para servicios profesionales que no sean mercantiles."
_AMPARO = (
    "30 días si la norma es autoaplicativa; 8 años, 7 años o cualquier tiempo en casos especiales: captúrese a mano."
)

# D10. Prescription of juicio mercantil and civil is not computed: it is typed by the lawyer.
_TERMINOS = (
    _Termino("queja", "profeco", "Presentar la queja", 1, "anios", "profeco", "LFPC 105", True, _NATURAL_PROFECO),
    _Termino("queja", "condusef", "Presentar la reclamación", 2, "anios", "condusef", "LPDUSF 65", False),
    _Termino(
        "recurso",
        "revocacion_fiscal",
        "Interponer el recurso",
        30,
        "habiles",
        "sat",
        "CFF 121",
        True,
        "Por buzón tributario.",
    ),
    _Termino("recurso", "revision_administrativa", "Interponer el recurso", 15, "habiles", "oficina", "LFPA 85", True),
    _Termino("recurso", "revocacion_mercantil", "Interponer el recurso", 3, "habiles", "local", "CCom 1335", True),
    _Termino("recurso", "apelacion_mercantil", "Interponer la apelación", 9, "habiles", "local", "CCom 1344", False),
    _Termino("recurso", "revision_amparo", "Interponer la revisión", 10, "habiles", "pjf", "Ley de Amparo 86", True),
    _Termino("recurso", "queja_amparo", "Interponer la queja", 5, "habiles", "pjf", "Ley de Amparo 98", False),
    _Termino(
        "recurso", "reclamacion_amparo", "Interponer la reclamación", 3, "habiles", "pjf", "Ley de Amparo 104", False
    ),
    _Termino(
        "juicio", "amparo_indirecto", "Presentar la demanda", 15, "habiles", "pjf", "Ley de Amparo 17", True, _AMPARO
    ),
    _Termino(
        "juicio", "amparo_directo", "Presentar la demanda", 15, "habiles", "pjf", "Ley de Amparo 17", True, _AMPARO
    ),
    _Termino("juicio", "nulidad", "Presentar la demanda", 30, "habiles", "tfja", "LFPCA 13", False),
    _Termino(
        "juicio",
        "laboral",
        "Presentar la demanda por despido",
        2,
        "meses",
        "local",
        "LFT 518",
        True,
        "Se suspende con la conciliación (LFT 684-B).",
    ),
)


def sembrar_plazos(session: Session, desde: date = date(2025, 1, 1)) -> int:
    """Put the terms of §5.4 into an empty catalogue; how many. An existing catalogue is the lawyers' and stays."""
    if session.scalar(select(PlazoCatalogo.id).limit(1)):
        return 0
    for termino in _TERMINOS:
        session.add(
            PlazoCatalogo(
                tipo=termino.tipo,
                subtipo=termino.subtipo,
                descripcion=termino.descripcion,
                dias=termino.dias,
                unidad=termino.unidad,
                calendario=termino.calendario,
                fundamento=termino.fundamento,
                verificado=termino.verificado,
                nota=termino.nota,
                vigente_desde=desde,
            )
        )
    session.flush()
    return len(_TERMINOS)
