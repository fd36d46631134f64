"""Fiscal data of a client, as the tax authority (SAT) wants them on a CFDI 4.0 (L23, legal-process.md §1.7, §5.1).

Used by the acceptance page and by «Capturar datos fiscales» / «Completar datos fiscales».
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.errors import Invalid
from tasks import ajustes
from tasks.bitacora import anotar
from tasks.paso import Paso
from tasks.personas import EXTRANJERO, PUBLICO_EN_GENERAL, validar_rfc
from tasks.registros import Persona

REGIMENES = {
    "601": "General de Ley Personas Morales",
    "603": "Personas Morales con Fines no Lucrativos",
    "605": "Sueldos y Salarios e Ingresos Asimilados a Salarios",
    "606": "Arrendamiento",
    "608": "Demás ingresos",
    "611": "Ingresos por Dividendos (socios y accionistas)",
    "612": "Personas Físicas con Actividades Empresariales y Profesionales",
    "614": "Ingresos por intereses",
    "616": "Sin obligaciones fiscales",
    "620": "Sociedades Cooperativas de Producción",
    "621": "Incorporación Fiscal",
    "622": "Actividades Agrícolas, Ganaderas, Silvícolas y Pesqueras",
    "625": "Actividades Empresariales por Plataformas Tecnológicas",
    "626": "Régimen Simplificado de Confianza",
}
_MORALES = frozenset({"601", "603", "620", "622", "626"})
_FISICAS = frozenset(REGIMENES) - {"601", "603", "620"}
USOS = {"G03": "Gastos en general", "S01": "Sin efectos fiscales"}
"""Uses that make sense for fees; a payment (CP01) and a credit note (G02) have their own, set by the program."""
_USOS_DE = {"G03": frozenset(REGIMENES) - {"605", "608", "611", "614", "616"}, "S01": frozenset(REGIMENES)}
"""Régimen that each use is allowed for (catalogue c_UsoCFDI of the SAT)."""
_CAPITAL = re.compile(
    r"[\s,]+(S\.?\s?A\.?\s?P?\.?\s?I?\.?|S\.? ?DE ?R\.? ?L\.?|S\.?C\.?|A\.?C\.?)(\s?DE\s?C\.?\s?V\.?)?\.?$"
)
CAMPOS = ("rfc", "razon_social", "regimen_fiscal", "uso_cfdi", "cp_fiscal")


def sin_capital(nombre: str) -> str:
    """A company's name as on a CFDI 4.0: in capitals, without régimen de capital («S.A. de C.V.», «S.C.»)."""
    return _CAPITAL.sub("", " ".join(nombre.upper().split())).strip(" ,")


def completos(persona: Persona) -> bool:
    """Whether an invoice can be issued to this person."""
    return all(getattr(persona, campo) for campo in CAMPOS)


def valores(persona: Persona) -> dict[str, Any]:
    """What the form shows: what is on file, and the options. A person without activity: 616 and S01 (§1.7)."""
    fisica = persona.tipo_persona == "fisica"
    de_la_persona = _FISICAS if fisica else _MORALES
    return {
        "tipo_persona": persona.tipo_persona,
        "publico_general": persona.rfc == PUBLICO_EN_GENERAL,
        "rfc": None if persona.rfc == PUBLICO_EN_GENERAL else persona.rfc,
        "razon_social": persona.razon_social or _CAPITAL.sub("", persona.nombre.upper()),
        "regimen_fiscal": persona.regimen_fiscal or ("616" if fisica else None),
        "uso_cfdi": persona.uso_cfdi or ("S01" if fisica else None),
        "cp_fiscal": persona.cp_fiscal,
        "correo_facturas": persona.correo_facturas,
        "regimenes": [{"value": c, "label": f"{c} {n}"} for c, n in REGIMENES.items() if c in de_la_persona],
        "usos": [{"value": c, "label": f"{c} {n}"} for c, n in USOS.items()],
    }


def guardar(paso: Paso, persona: Persona, datos: Mapping[str, Any]) -> None:
    """Check and store. Raises Invalid at the field: RFC, name with régimen de capital, régimen, use, postal code."""
    nuevos = _publico_en_general(paso, persona) if datos.get("publico_general") else _revisados(persona, datos)
    antes = {campo: getattr(persona, campo) for campo in nuevos}
    for campo, valor in nuevos.items():
        setattr(persona, campo, valor)
    anotar(paso, "persona.datos_fiscales", persona, antes=antes, despues=nuevos)
    paso.session.flush()


def _publico_en_general(paso: Paso, persona: Persona) -> dict[str, str]:
    if persona.tipo_persona != "fisica":
        raise Invalid({"publico_general": "Sólo una persona física puede facturar a «público en general»."})
    return {
        "rfc": PUBLICO_EN_GENERAL,
        "razon_social": "PÚBLICO EN GENERAL",
        "regimen_fiscal": "616",
        "uso_cfdi": "S01",
        "cp_fiscal": ajustes.ajuste(paso.session, "despacho_cp"),
    }


def _revisados(persona: Persona, datos: Mapping[str, Any]) -> dict[str, str | None]:
    faltan = {c: "Este campo es obligatorio." for c in CAMPOS if not str(datos.get(c) or "").strip()}
    if faltan:
        raise Invalid(faltan)
    rfc = validar_rfc(str(datos["rfc"]), persona.tipo_persona)
    if rfc in (PUBLICO_EN_GENERAL, EXTRANJERO):
        raise Invalid({"rfc": "Escriba el RFC propio, o marque «público en general»."})
    razon_social = " ".join(str(datos["razon_social"]).split()).upper()
    if persona.tipo_persona == "moral" and _CAPITAL.search(razon_social):
        raise Invalid({"razon_social": "Sin régimen de capital: quite «S.A. de C.V.», «S.C.» o similar."})
    regimen, uso, cp = str(datos["regimen_fiscal"]), str(datos["uso_cfdi"]), str(datos["cp_fiscal"]).strip()
    if regimen not in (_MORALES if persona.tipo_persona == "moral" else _FISICAS):
        raise Invalid({"regimen_fiscal": "Este régimen no es de ese tipo de persona."})
    if regimen not in _USOS_DE.get(uso, ()):
        raise Invalid({"uso_cfdi": "Este uso no está permitido para el régimen elegido."})
    if not re.fullmatch(r"[0-9]{5}", cp):
        raise Invalid({"cp_fiscal": "Escriba los 5 dígitos del código postal."})
    return {
        "rfc": rfc,
        "razon_social": razon_social,
        "regimen_fiscal": regimen,
        "uso_cfdi": uso,
        "cp_fiscal": cp,
        "correo_facturas": datos.get("correo_facturas") or None,
    }
