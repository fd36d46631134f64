"""Merge fields that every mail and document has without asking: the firm, the addressee, the matter and its people."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from tasks import ajustes, catalogos, expediente
from tasks.registros import Asunto, Colaborador, Persona, Prospecto


def comunes(session: Session, business_key: str | None) -> dict[str, Any]:
    """`despacho` (nombre, corto, lema, rfc, domicilio, telefono, correo, banco, clabe …), `folio` (of the matter,
    before the acceptance of the prospect), `persona` (nombre, tratamiento, correo, telefono, rfc), `asunto` (folio,
    tipo, subtipo, procedimiento, autoridad, num_exp_autoridad), `gerente` and `asesor` (nombre, presentacion,
    puesto, correo, telefono, horario, enlace_reunion). What does not exist yet is null.
    """
    datos: dict[str, Any] = {
        "despacho": ajustes.despacho(session),
        "folio": None,
        "persona": None,
        "asunto": None,
        "gerente": None,
        "asesor": None,
    }
    prospecto = expediente.buscar_prospecto(session, business_key) if business_key else None
    if prospecto is None:
        return datos
    asunto = expediente.asunto_de(session, prospecto.folio)
    datos["folio"] = asunto.folio if asunto else prospecto.folio
    datos["persona"] = _persona(prospecto.persona)
    datos["asunto"] = _asunto(prospecto, asunto)
    datos["gerente"] = colaborador(expediente.gerente_de(session, prospecto))
    datos["asesor"] = colaborador(expediente.asesor_de(session, prospecto))
    return datos


def colaborador(quien: Colaborador | None) -> dict[str, Any] | None:
    """A person of the firm, as templates see them."""
    if quien is None:
        return None
    return {
        "nombre": quien.nombre,
        "presentacion": quien.presentacion,
        "puesto": quien.puesto,
        "correo": quien.correo,
        "telefono": quien.telefono,
        "horario": quien.horario,
        "enlace_reunion": quien.enlace_reunion,
    }


def destinatario(a: Persona | Colaborador) -> dict[str, Any]:
    """nombre, correo, saludo: «Apreciable Sra. López Ortega:» to the outside, «Lic. Ruiz:» inside."""
    if isinstance(a, Colaborador):
        titulo = f"{a.titulo} " if a.titulo else ""
        return {"nombre": a.nombre, "correo": a.correo, "saludo": f"{titulo}{a.nombre.split()[-1]}:"}
    return {"nombre": a.nombre, "correo": a.correo, "saludo": f"Apreciable {_trato(a)}:"}


def _trato(persona: Persona) -> str:
    """Title and surnames where there is a title; else the whole name, which needs no guess."""
    if persona.tipo_persona == "moral" or not persona.tratamiento:
        return persona.nombre
    palabras = persona.nombre.split()
    # In Mexico a name ends in two surnames; with two words there is one.
    apellidos = palabras[-2:] if len(palabras) > 2 else palabras[-1:]
    return " ".join((persona.tratamiento, *apellidos))


def _persona(persona: Persona) -> dict[str, Any]:
    return {
        "nombre": persona.nombre,
        "tratamiento": persona.tratamiento,
        "tipo_persona": persona.tipo_persona,
        "correo": persona.correo,
        "telefono": persona.telefono,
        "rfc": persona.rfc,
        "folio": persona.folio,
    }


def _asunto(prospecto: Prospecto, asunto: Asunto | None) -> dict[str, Any]:
    fuente = asunto or prospecto
    tipo = asunto.tipo if asunto else prospecto.tipo_procedimiento
    subtipo = fuente.subtipo
    procedimiento = catalogos.TIPOS.get(tipo or "", "")
    if tipo and subtipo:
        procedimiento = f"{procedimiento}: {catalogos.nombre_subtipo(tipo, subtipo)}"
    return {
        "folio": asunto.folio if asunto else None,
        "tipo": tipo,
        "subtipo": subtipo,
        "procedimiento": procedimiento or None,
        "autoridad": fuente.autoridad,
        "num_exp_autoridad": fuente.num_exp_autoridad,
    }
