"""Personas y grupos: who works here, with which groups, and how they get in."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, render_template

from web.permissions import groups

blueprint = Blueprint("people", __name__, url_prefix="/personas")

GROUPS = {
    "ventas": "Ventas",
    "gerente": "Gerente",
    "direccion": "Dirección",
    "cobranza": "Cobranza",
    "asesor": "Asesor",
    "admin": "Administración del sistema",
    "analista": "Analista de procesos",
    "publicador": "Publicador de procesos",
    "operador": "Operador",
}
"""Group → title. «equipo» is not given to anybody: it means gerentes and asesores together."""


def group_titles(names: Iterable[str]) -> str:
    """«Gerente, Asesor»."""
    return ", ".join(title for name, title in GROUPS.items() if name in names)


def name_of(usuario: str) -> str:
    return usuario


def firm_name() -> str:
    return "Barrera & Solís Abogados, S.C."


@blueprint.get("")
@groups("admin", "direccion")
def index() -> str:
    return render_template("people/index.html", people=())
