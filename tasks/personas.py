"""Persons: RFC, duplicates, conflict of interest, and what the firm knows of a client (L3, D0, §1.1, §5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session
from stdnum.exceptions import ValidationError
from stdnum.mx import rfc as rfc_mx

from engine.errors import Invalid
from tasks.registros import (
    ESTADOS_ABIERTOS,
    ESTADOS_ACTIVOS,
    ESTADOS_POR_COBRAR,
    Asunto,
    Factura,
    Pago,
    Parte,
    Persona,
    Prospecto,
    normalizar,
)

PARECIDO = 0.85
AUTORIDADES = ("autoridad", "autoridad_responsable")
"""Kinds of Parte on whose side nobody stands."""
PUBLICO_EN_GENERAL = "XAXX010101000"
EXTRANJERO = "XEXX010101000"


@dataclass(frozen=True, slots=True)
class Coincidencia:
    """Two names that may be the same person on both sides of a dispute."""

    nombre: str
    """Name of this matter: the prospect or its counterpart."""
    calidad: str
    """What that one is here: prospecto, or the quality of the Parte."""
    con: str
    """Name on file."""
    con_calidad: str
    """What it is there: cliente, prospecto, contraparte, tercero, …"""
    folio: str
    """Where it is on file."""
    motivo: str
    """rfc, parecido, palabras."""
    cliente_activo: bool
    """Dirección decides, not the Gerente."""

    @property
    def texto(self) -> str:
        """««Ana Ruiz» (prospecto) se parece a «A. Ruiz» (contraparte, J-2026-0001)»."""
        return f"«{self.nombre}» ({self.calidad}) se parece a «{self.con}» ({self.con_calidad}, {self.folio})"

    def como_dict(self) -> dict[str, Any]:
        """For RevisionConflicto.coincidencias."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Nombre:
    """One side of a comparison: a person or another party, and where it stands."""

    nombre: str
    normal: str
    rfc: str | None
    calidad: str
    folio: str
    persona: str
    """Whose matter it is: a person is never compared with itself, nor with the parties of its own matters."""
    activo: bool = False


class Archivo:
    """Everybody on file who may stand on the other side, each list read once, and `mas`: who is not on file yet."""

    def __init__(self, session: Session, mas_partes: Iterable[Nombre] = (), mas_conocidos: Iterable[Nombre] = ()):
        self._session, self._mas_partes, self._mas_conocidos = session, mas_partes, mas_conocidos

    @cached_property
    def partes(self) -> list[Nombre]:
        """Parties of all matters, without the authorities."""
        return [*_partes(self._session), *self._mas_partes]

    @cached_property
    def conocidos(self) -> list[Nombre]:
        """Every client and open prospect."""
        return [*_clientes_y_prospectos(self._session), *self._mas_conocidos]


def validar_rfc(texto: str, tipo_persona: str | None = None, *, campo: str = "rfc") -> str:
    """The RFC in capitals. Raises Invalid at `campo` for a wrong form, date, check digit or kind of person.

    The generic ones (público en general, extranjero) are accepted; who may use them is asked elsewhere.
    """
    limpio = limpiar_rfc(texto) or ""
    if limpio in (PUBLICO_EN_GENERAL, EXTRANJERO):
        return limpio
    try:
        rfc = str(rfc_mx.validate(limpio, validate_check_digits=True))
    except ValidationError:
        raise Invalid({campo: "El RFC no es válido; revise las letras, la fecha y el dígito verificador."}) from None
    if tipo_persona is not None and len(rfc) != (12 if tipo_persona == "moral" else 13):
        cual = "una persona moral (12 caracteres)" if tipo_persona == "moral" else "una persona física (13 caracteres)"
        raise Invalid({campo: f"El RFC no es de {cual}."})
    return rfc


def limpiar_rfc(texto: str | None) -> str | None:
    """As it is compared and kept: capitals, without blanks and hyphens; None when nothing was written."""
    return "".join((texto or "").split()).replace("-", "").upper() or None


def es_rfc(texto: str) -> bool:
    """Whether `validar_rfc` would take it."""
    try:
        validar_rfc(texto)
    except Invalid:
        return False
    return True


def parecidos(uno: str, otro: str) -> str | None:
    """Why two normalised names are taken for one: «parecido» (ratio ≥ 0.85), «palabras» (the ≥ 2 words of one are among
    those of the other), or None."""
    if not uno or not otro:
        return None
    a, b = set(uno.split()), set(otro.split())
    if (len(a) >= 2 and a <= b) or (len(b) >= 2 and b <= a):
        return "palabras"
    # The length alone bounds the ratio; this spares most of the comparisons.
    if 2 * min(len(uno), len(otro)) < PARECIDO * (len(uno) + len(otro)):
        return None
    # The ratio depends on the order; ours shall not.
    primero, segundo = sorted((uno, otro))
    comparar = SequenceMatcher(None, primero, segundo, autojunk=False)
    if comparar.quick_ratio() < PARECIDO:
        return None
    return "parecido" if comparar.ratio() >= PARECIDO else None


def duplicados(session: Session, nombre: str, rfc: str | None = None) -> list[Persona]:
    """Persons on file who may be the same as this one: for the form «Registrar contacto»."""
    normal = normalizar(nombre)
    filas = session.scalars(select(Persona).where(Persona.anonimizada.is_(None)).order_by(Persona.id))
    return [p for p in filas if (rfc and p.rfc == rfc) or parecidos(normal, p.nombre_normalizado)]


def revisar_conflicto(session: Session, prospecto: Prospecto) -> list[Coincidencia]:
    """ST «Verificar conflicto»: who of this matter may stand on the other side of a matter of the firm (§1.1).

    Compared: the prospect with every other party on file; its parties with every client and open prospect. Never a
    person with itself, nor with parties of this very matter.
    """
    persona = prospecto.persona
    propio = Nombre(
        persona.nombre, persona.nombre_normalizado, persona.rfc, "prospecto", prospecto.folio, prospecto.persona_id
    )
    partes = [
        Nombre(p.nombre, p.nombre_normalizado, p.rfc, p.calidad, prospecto.folio, prospecto.persona_id)
        for p in prospecto.partes
    ]
    return coincidencias(propio, partes, Archivo(session))


def coincidencias(propio: Nombre, partes: Iterable[Nombre], archivo: Archivo) -> list[Coincidencia]:
    """The same for a matter that is not on file yet."""
    halladas = list(_comparar(propio, archivo.partes))
    for parte in partes:
        halladas += _comparar(parte, archivo.conocidos)
    return halladas


def oposicion(persona: Persona) -> bool:
    """Whether the person is opposed to voluntary purposes of the aviso; the last row counts (§5.5)."""
    return bool(persona.consentimientos) and persona.consentimientos[-1].oposicion_voluntarias


def entradas_tipo_cliente(session: Session, persona: Persona, hoy: date) -> dict[str, Any]:
    """Inputs of D0 «Tipo de cliente»: clasificacion_manual, vencido_dias_max (24 months), convenio, cerrados."""
    cerrados = session.scalar(
        select(func.count())
        .select_from(Asunto)
        .where(Asunto.cliente_id == persona.id, Asunto.estado.in_(("cerrado", "archivado")))
    )
    return {
        "clasificacion_manual": persona.clasificacion_manual,
        "vencido_dias_max": Decimal(_vencido_dias_max(session, persona.id, hoy)),
        "convenio": persona.convenio,
        "cerrados": Decimal(cerrados or 0),
    }


def saldo_vencido(session: Session, cliente_id: str, hoy: date, excepto: str | None = None) -> Decimal:
    """What a client owes and should have paid before `hoy`, MXN; without the matter `excepto` (D5)."""
    consulta = (
        select(func.sum(Factura.saldo))
        .join(Asunto, Factura.asunto_id == Asunto.id)
        .where(Asunto.cliente_id == cliente_id, Factura.vencimiento < hoy)
        .where(Factura.estado.in_(ESTADOS_POR_COBRAR), Factura.tipo != "nota_credito")
    )
    if excepto is not None:
        consulta = consulta.where(Asunto.id != excepto)
    return session.scalar(consulta) or Decimal("0.00")


def _vencido_dias_max(session: Session, cliente_id: str, hoy: date) -> int:
    """Most natural days that an invoice of the last 24 months was, or is, overdue."""
    consulta = (
        select(Factura.vencimiento, Factura.estado, func.max(Pago.fecha))
        .join(Asunto, Factura.asunto_id == Asunto.id)
        .join(Pago, Pago.factura_id == Factura.id, isouter=True)
        .where(Asunto.cliente_id == cliente_id, Factura.emision >= hoy - timedelta(days=730))
        .where(Factura.estado.in_((*ESTADOS_POR_COBRAR, "pagada", "incobrable")), Factura.tipo != "nota_credito")
        .group_by(Factura.id, Factura.vencimiento, Factura.estado)
    )
    dias = [
        ((pagada if estado == "pagada" and pagada else hoy) - vence).days
        for vence, estado, pagada in session.execute(consulta)
    ]
    return max([0, *dias])


def _comparar(propio: Nombre, otros: Iterable[Nombre]) -> Iterator[Coincidencia]:
    for otro in otros:
        if otro.persona == propio.persona:
            continue
        motivo = "rfc" if propio.rfc and propio.rfc == otro.rfc else parecidos(propio.normal, otro.normal)
        if motivo:
            yield Coincidencia(
                propio.nombre, propio.calidad, otro.nombre, otro.calidad, otro.folio, motivo, otro.activo
            )


def _partes(session: Session) -> Iterator[Nombre]:
    consulta = (
        select(Parte, Prospecto.persona_id, Prospecto.folio, Asunto.folio)
        .join(Prospecto, Parte.prospecto_id == Prospecto.id)
        .join(Asunto, Asunto.prospecto_id == Prospecto.id, isouter=True)
        .where(Parte.calidad.notin_(AUTORIDADES))
        .order_by(Parte.id)
    )
    for parte, persona, pro, asunto in session.execute(consulta):
        yield Nombre(parte.nombre, parte.nombre_normalizado, parte.rfc, parte.calidad, asunto or pro, persona)


def _clientes_y_prospectos(session: Session) -> Iterator[Nombre]:
    activo = exists().where(Asunto.cliente_id == Persona.id, Asunto.estado.in_(ESTADOS_ACTIVOS)).correlate(Persona)
    abierto = (
        select(func.min(Prospecto.folio))
        .where(Prospecto.persona_id == Persona.id, Prospecto.estado.in_(ESTADOS_ABIERTOS))
        .correlate(Persona)
        .scalar_subquery()
    )
    for persona, folio, vivo in session.execute(select(Persona, abierto, activo).order_by(Persona.id)):
        if persona.folio is None and folio is None:
            continue
        calidad = "cliente" if persona.es_cliente else "prospecto"
        yield Nombre(
            persona.nombre,
            persona.nombre_normalizado,
            persona.rfc,
            calidad,
            persona.folio or folio,
            persona.id,
            bool(vivo),
        )
