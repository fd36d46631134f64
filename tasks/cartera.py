"""Cartera: what clients owe, by how long it has been due (§1.7, KPI «antigüedad de saldos»)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, String, and_, case, func, select, type_coerce
from sqlalchemy.orm import Session

from engine.values import Actor
from tasks import calendario as dias
from tasks import hoja
from tasks.acceso import Acceso
from tasks.registros import ESTADOS_POR_COBRAR, Asunto, Factura, Persona, Prospecto

TRAMOS: dict[str, tuple[int | None, int | None]] = {
    "0": (None, 0),
    "1-30": (1, 30),
    "31-60": (31, 60),
    "61-90": (61, 90),
    "90+": (91, None),
}
"""Name → natural days overdue, from and to; 0: not due yet, or today."""
COLUMNAS = (
    "factura", "asunto", "cliente", "rfc", "emision", "vencimiento", "dias_vencida", "tramo", "total", "saldo",
    "proxima_accion",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tramo:
    """The open invoices of one age."""

    nombre: str
    facturas: int
    saldo: Decimal


def abiertas(actor: Actor, ahora: datetime) -> Select[Factura, Asunto, Persona, str]:
    """(Factura, Asunto, Persona, business key) of every invoice with a balance that the actor may know of."""
    return (
        select(Factura, Asunto, Persona, Prospecto.folio)
        .join(Asunto, Factura.asunto_id == Asunto.id)
        .join(Persona, Asunto.cliente_id == Persona.id)
        .join(Prospecto, Factura.prospecto_id == Prospecto.id)
        .where(Factura.estado.in_(ESTADOS_POR_COBRAR), Factura.saldo > 0, Factura.tipo != "nota_credito")
        .where(Acceso().visible(actor, type_coerce(Prospecto.folio, String), ahora))
    )


def del_tramo(nombre: str, hoy: date) -> ColumnElement[bool]:
    """SQL over Factura: due so long ago."""
    desde, hasta = TRAMOS[nombre]
    limites = []
    if desde is not None:
        limites.append(Factura.vencimiento <= hoy - timedelta(days=desde))
    if hasta is not None:
        limites.append(Factura.vencimiento >= hoy - timedelta(days=hasta))
    return and_(*limites)


def antiguedad(session: Session, actor: Actor, ahora: datetime) -> list[Tramo]:
    """Every age with how many invoices and how much, MXN; those without any too."""
    hoy = dias.dia(ahora)
    edad = case(*((del_tramo(nombre, hoy), nombre) for nombre in TRAMOS))
    todas = abiertas(actor, ahora).with_only_columns(edad.label("tramo"), Factura.saldo.label("saldo")).subquery()
    filas = session.execute(select(todas.c.tramo, func.count(), func.sum(todas.c.saldo)).group_by(todas.c.tramo)).all()
    hallados = {tramo: Tramo(tramo, facturas, saldo) for tramo, facturas, saldo in filas}
    return [hallados.get(nombre) or Tramo(nombre, 0, Decimal(0)) for nombre in TRAMOS]


def tramo_de(factura: Factura, hoy: date) -> str:
    """The name of an invoice's age."""
    vencida = (hoy - factura.vencimiento).days if factura.vencimiento else 0
    return next(
        nombre
        for nombre, (desde, hasta) in TRAMOS.items()
        if (desde is None or vencida >= desde) and (hasta is None or vencida <= hasta)
    )


def en_csv(session: Session, actor: Actor, ahora: datetime) -> Iterator[str]:
    """Every open invoice as a line, the first due first; for a spreadsheet, so with a BOM."""
    hoy = dias.dia(ahora)
    yield hoja.BOM + hoja.linea(COLUMNAS)
    consulta = abiertas(actor, ahora).order_by(Factura.vencimiento, Factura.id)
    for factura, asunto, cliente, _ in session.execute(consulta):
        yield hoja.linea(
            (
                factura.folio, asunto.folio, cliente.nombre, cliente.rfc, factura.emision, factura.vencimiento,
                max(0, (hoy - factura.vencimiento).days), tramo_de(factura, hoy), factura.total, factura.saldo,
                factura.proxima_accion and dias.dia(factura.proxima_accion),
            )
        )  # fmt: skip
