"""Business days by named calendar, and office hours, in the firm's time zone (legal-process.md §1.14, §5.3).

Every calendar rests on Saturdays, Sundays, the days of the LFT and its own: fixed ones by law here, others as rows of
`DiaInhabil`, imported once a year. «dh» below is a business day (día hábil).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from io import StringIO
from zoneinfo import ZoneInfo

from holidays.countries.mexico import Mexico
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import Invalid
from tasks.registros import DiaInhabil

ZONA = ZoneInfo("America/Mexico_City")
APERTURA = time(9)
CIERRE = time(18)

CALENDARIOS = {
    "oficina": "Oficina (días de descanso de la LFT)",
    "pjf": "Poder Judicial de la Federación",
    "tfja": "Tribunal Federal de Justicia Administrativa",
    "profeco": "PROFECO",
    "condusef": "CONDUSEF",
    "sat": "SAT",
    "local": "Tribunal local",
}

# Ley de Amparo 19. The Mondays to which the LFT moves three of them are free as well.
DIAS_FIJOS = {"pjf": ((2, 5), (3, 21), (5, 5), (9, 14), (9, 16), (10, 12), (11, 20))}

MES_DE_PUBLICACION = 10
# More than any legal term; stops a calendar in which every day is marked as free.
_LIMITE = timedelta(days=366 * 12)


@dataclass(frozen=True, slots=True)
class Calendario:
    """Which days count for one authority, or for the office."""

    nombre: str
    inhabiles: frozenset[date] = frozenset()
    """Its own rows, beyond weekends, LFT and the days fixed by law."""

    def es_habil(self, dia: date) -> bool:
        if dia.weekday() >= 5 or dia in _dias_lft(dia.year) or dia in self.inhabiles:
            return False
        return (dia.month, dia.day) not in DIAS_FIJOS.get(self.nombre, ())

    def sumar(self, dia: date, n: int) -> date:
        """The n-th dh after `dia` (before it when n < 0); `dia` itself for 0, dh or not."""
        paso = timedelta(days=1 if n > 0 else -1)
        actual = dia
        for _ in range(abs(n)):
            actual += paso
            while not self.es_habil(actual):
                actual += paso
                if abs(actual - dia) > _LIMITE:
                    raise Invalid({"": f"El calendario «{self.nombre}» no tiene días hábiles suficientes."})
        return actual

    def en_o_despues(self, dia: date) -> date:
        """`dia`, or the next dh if it is none."""
        return dia if self.es_habil(dia) else self.sumar(dia, 1)

    def entre(self, desde: date, hasta: date) -> int:
        """Business days after `desde` up to and including `hasta`; 0 when `hasta` is not later."""
        dias = (hasta - desde).days
        return sum(self.es_habil(desde + timedelta(days=n)) for n in range(1, dias + 1))


def calendario(session: Session, nombre: str = "oficina") -> Calendario:
    """The calendar of this name with its rows, read once per session. Raises Invalid for an unknown name."""
    if nombre not in CALENDARIOS:
        raise Invalid({"calendario": f"No existe el calendario «{nombre}»."})
    leidos: dict[str, Calendario] = session.info.setdefault("calendarios", {})
    if nombre not in leidos:
        filas = session.scalars(select(DiaInhabil.fecha).where(DiaInhabil.calendario == nombre))
        leidos[nombre] = Calendario(nombre, frozenset(filas))
    return leidos[nombre]


def dia(momento: datetime) -> date:
    """The firm's own date at a moment."""
    return momento.astimezone(ZONA).date()


def a_las(fecha: date, hora: time = APERTURA) -> datetime:
    """A moment on a date, aware, in the firm's zone."""
    return datetime.combine(fecha, hora, ZONA)


def vence(session: Session, desde: datetime, n: int, nombre: str = "oficina") -> datetime:
    """18:00 of the n-th dh after `desde`: the due time of what was created then (§1.14)."""
    return a_las(calendario(session, nombre).sumar(dia(desde), n), CIERRE)


def recordatorio(session: Session, desde: datetime, n: int) -> datetime:
    """09:00 of the n-th dh after `desde`."""
    return a_las(calendario(session).sumar(dia(desde), n), APERTURA)


def vencimiento_de_factura(session: Session, emision: date, dias_credito: int, contado_dh: int = 3) -> date:
    """Due date of an invoice: natural days of credit, moved to the next dh; without credit `contado_dh` (§1.7)."""
    oficina = calendario(session)
    if dias_credito == 0:
        return oficina.sumar(emision, contado_dh)
    return oficina.en_o_despues(emision + timedelta(days=dias_credito))


def en_horario(session: Session, momento: datetime) -> bool:
    """Whether a moment lies within office hours of a dh (meetings, §1.2)."""
    local = momento.astimezone(ZONA)
    return calendario(session).es_habil(local.date()) and APERTURA <= local.time() <= CIERRE


def importar_dias(session: Session, texto: str) -> int:
    """Add days from CSV (`calendario,fecha,motivo`, fecha as AAAA-MM-DD, with a header); how many were new.

    Raises Invalid naming each line with an unknown calendar or a broken date; nothing is stored then.
    """
    nuevos: dict[tuple[str, date], str] = {}
    errores = []
    for numero, fila in enumerate(csv.DictReader(StringIO(texto.lstrip("\ufeff"))), start=2):
        nombre = (fila.get("calendario") or "").strip()
        if nombre not in CALENDARIOS:
            errores.append(f"Renglón {numero}: no existe el calendario «{nombre}».")
            continue
        try:
            fecha = date.fromisoformat((fila.get("fecha") or "").strip())
        except ValueError:
            errores.append(f"Renglón {numero}: la fecha debe escribirse AAAA-MM-DD.")
            continue
        nuevos[nombre, fecha] = (fila.get("motivo") or "").strip() or "Día inhábil"
    if errores:
        raise Invalid({"archivo": "\n".join(errores)})
    return agregar_dias(session, ((nombre, fecha, motivo) for (nombre, fecha), motivo in nuevos.items()))


def agregar_dias(session: Session, dias: Iterable[tuple[str, date, str]]) -> int:
    """Add (calendario, fecha, motivo) where they are not there yet; how many were new."""
    hay = {tuple(fila) for fila in session.execute(select(DiaInhabil.calendario, DiaInhabil.fecha))}
    filas = [DiaInhabil(calendario=c, fecha=f, motivo=m) for c, f, m in dias if (c, f) not in hay]
    session.add_all(filas)
    session.flush()
    session.info.pop("calendarios", None)
    return len(filas)


def calendarios_vacios(session: Session, anio: int) -> list[str]:
    """Calendars of authorities that have no row for a year yet: the page warns of them."""
    desde, hasta = date(anio, 1, 1), date(anio, 12, 31)
    consulta = (
        select(DiaInhabil.calendario).where(DiaInhabil.fecha.between(desde, hasta)).group_by(DiaInhabil.calendario)
    )
    llenos = set(session.scalars(consulta.having(func.count() > 0)))
    return [nombre for nombre in CALENDARIOS if nombre != "oficina" and nombre not in llenos]


def vacios_del_siguiente(session: Session, hoy: date) -> list[str]:
    """From October on: the calendars that have no row for the next year yet. Authorities publish theirs about then."""
    return calendarios_vacios(session, hoy.year + 1) if hoy.month >= MES_DE_PUBLICACION else []


def dias_oficiales(nombre: str, anio: int) -> list[tuple[date, str]]:
    """The days on which a calendar rests by law in a year, with their names, without its own rows."""
    ley = dict(Mexico(years=anio, language="es").items())
    for mes, n in DIAS_FIJOS.get(nombre, ()):
        ley.setdefault(date(anio, mes, n), "Ley de Amparo 19")
    return sorted(ley.items())


@lru_cache(maxsize=64)
def _dias_lft(anio: int) -> frozenset[date]:
    """Days of compulsory rest of the Ley Federal del Trabajo (art. 74) in a year."""
    return frozenset(Mexico(years=anio))


TFJA_2026 = tuple(
    ("tfja", date(2026, mes, n), "DOF 12-01-2026")
    for mes, primero, ultimo in (
        (4, 1, 3),
        (5, 4, 5),
        (7, 13, 31),
        (8, 28, 28),
        (9, 14, 15),
        (10, 12, 12),
        (11, 2, 2),
        (12, 14, 31),
    )
    for n in range(primero, ultimo + 1)
)
"""Rows of the Tribunal Federal de Justicia Administrativa for 2026 (§5.3)."""
