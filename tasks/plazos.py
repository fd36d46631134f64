"""Legal deadlines rule waits (legal-process.md §1.0): terms of the catalogue, days left, urgency, limits, alerts.

A live fatal Plazo is *urgent* from the day on which it has 5 dh left. Alerts go out at 09:00 at −5, −3, −1 dh and on
the day itself; taken back when the Plazo is met.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.errors import Conflict, Invalid
from tasks import calendario as dias
from tasks.paso import Paso
from tasks.registros import Plazo, PlazoCatalogo, Prospecto

DIAS_URGENTE = 5
AVISOS = (5, 3, 1, 0)
"""Business days left at which an alert goes out."""


@dataclass(frozen=True, slots=True)
class PlazoSugerido:
    """What the catalogue says of a subtype: «Plazo sugerido; verifíquelo el abogado responsable»."""

    descripcion: str
    dias: int
    unidad: str
    calendario: str
    vence: date
    fundamento: str


def calcular(session: Session, tipo: str, subtipo: str, surte_efectos: date) -> PlazoSugerido | None:
    """The suggested deadline, by the row of the catalogue in force on `surte_efectos`; None without one (§5.4).

    Hábiles: the n-th dh of its calendar after `surte_efectos`. Natural: `surte_efectos` + n, moved to the next dh.
    """
    fila = session.scalar(
        select(PlazoCatalogo)
        .where(PlazoCatalogo.tipo == tipo, PlazoCatalogo.subtipo == subtipo)
        .where(PlazoCatalogo.vigente_desde <= surte_efectos)
        .where(or_(PlazoCatalogo.vigente_hasta.is_(None), PlazoCatalogo.vigente_hasta >= surte_efectos))
        .order_by(PlazoCatalogo.vigente_desde.desc())
        .limit(1)
    )
    if fila is None:
        return None
    cuando = terminar(session, surte_efectos, fila.dias, fila.unidad, fila.calendario)
    return PlazoSugerido(fila.descripcion, fila.dias, fila.unidad, fila.calendario, cuando, fila.fundamento)


def terminar(session: Session, desde: date, n: int, unidad: str, nombre: str) -> date:
    """Last day of a term of `n` units (habiles, naturales, meses, anios) that runs from the day after `desde`."""
    cal = dias.calendario(session, nombre)
    if unidad == "habiles":
        return cal.sumar(desde, n)
    if unidad == "naturales":
        return cal.en_o_despues(desde + timedelta(days=n))
    if unidad in ("meses", "anios"):
        return cal.en_o_despues(_sumar_meses(desde, n if unidad == "meses" else 12 * n))
    raise Invalid({"unidad": f"No existe la unidad «{unidad}»."})


def dias_restantes(session: Session, plazo: Plazo, hoy: date) -> int:
    """Business days of its calendar after `hoy`, up to and including `vence`."""
    return dias.calendario(session, plazo.calendario).entre(hoy, plazo.vence)


def fatales_vivos(session: Session, prospecto_id: str) -> Sequence[Plazo]:
    """The deadlines that rule waits, the earliest first."""
    consulta = select(Plazo).where(Plazo.prospecto_id == prospecto_id, Plazo.estado == "vivo", Plazo.tipo == "fatal")
    return session.scalars(consulta.order_by(Plazo.vence, Plazo.id)).all()


def vivos(session: Session, prospecto_id: str) -> Sequence[Plazo]:
    """Every live Plazo, of whatever kind, the earliest first."""
    consulta = select(Plazo).where(Plazo.prospecto_id == prospecto_id, Plazo.estado == "vivo")
    return session.scalars(consulta.order_by(Plazo.vence, Plazo.id)).all()


def plazo_urgente(session: Session, prospecto_id: str, hoy: date) -> bool:
    """Whether a live fatal Plazo has 5 dh left or fewer."""
    return any(dias_restantes(session, p, hoy) <= DIAS_URGENTE for p in fatales_vivos(session, prospecto_id))


def urgente_desde(session: Session, plazo: Plazo) -> datetime:
    """09:00 of the day on which the Plazo has 5 dh left."""
    return _aviso(session, plazo, DIAS_URGENTE)


def limite_espera(session: Session, prospecto_id: str, desde: datetime, n: int) -> datetime:
    """End of a wait of `n` dh that began at `desde`: 18:00 of the n-th dh, or 09:00 of the day on which a live fatal
    Plazo becomes urgent, whichever is earlier. If it was urgent already when the wait began (or the Plazo was recorded
    during it): 18:00 of the next dh (§1.0).
    """
    limites = [dias.vence(session, desde, n)]
    for plazo in fatales_vivos(session, prospecto_id):
        conocido = max(desde, plazo.fijado)
        urgente = urgente_desde(session, plazo)
        limites.append(urgente if urgente > conocido else dias.vence(session, conocido, 1))
    return min(limites)


def registrar(
    paso: Paso,
    prospecto: Prospecto,
    descripcion: str,
    vence: date,
    *,
    tipo: str = "fatal",
    calendario: str = "oficina",
    asunto_id: str | None = None,
    notificacion: date | None = None,
    surte_efectos: date | None = None,
    dias_termino: int | None = None,
    unidad: str | None = None,
    fundamento: str | None = None,
    sugerido: bool = False,
    reunion_id: str | None = None,
) -> Plazo:
    """Record a deadline and schedule its alerts. An action refreshes the timers of the matter afterwards."""
    plazo = Plazo(
        prospecto_id=prospecto.id,
        asunto_id=asunto_id,
        descripcion=descripcion,
        vence=vence,
        fijado=paso.now,
        tipo=tipo,
        calendario=calendario,
        notificacion=notificacion,
        surte_efectos=surte_efectos,
        dias=dias_termino,
        unidad=unidad,
        fundamento=fundamento,
        sugerido=sugerido,
        reunion_id=reunion_id,
    )
    paso.session.add(plazo)
    paso.session.flush()
    agendar_avisos(paso, plazo)
    return plazo


def registrar_sugerido(paso: Paso, prospecto: Prospecto) -> Plazo | None:
    """ST «Calcular plazo»: the term of the subtype, if `surte_efectos` is known; replaces an earlier suggestion."""
    if not (prospecto.tipo_procedimiento and prospecto.subtipo and prospecto.surte_efectos):
        return None
    for anterior in fatales_vivos(paso.session, prospecto.id):
        if anterior.sugerido:
            dejar_sin_efecto(paso, anterior)
    sugerido = calcular(paso.session, prospecto.tipo_procedimiento, prospecto.subtipo, prospecto.surte_efectos)
    if sugerido is None:
        return None
    return registrar(
        paso,
        prospecto,
        sugerido.descripcion,
        sugerido.vence,
        calendario=sugerido.calendario,
        notificacion=prospecto.fecha_notificacion,
        surte_efectos=prospecto.surte_efectos,
        dias_termino=sugerido.dias,
        unidad=sugerido.unidad,
        fundamento=sugerido.fundamento,
        sugerido=True,
    )


def cumplir(paso: Paso, plazo: Plazo) -> None:
    """The Plazo was met: no further alert. Raises Conflict when it is no longer live."""
    _cerrar(paso, plazo, "cumplido")
    plazo.cumplido, plazo.cumplido_por = paso.now, paso.actor.id


def dejar_sin_efecto(paso: Paso, plazo: Plazo) -> None:
    """The Plazo no longer counts: no further alert. Raises Conflict when it is no longer live."""
    _cerrar(paso, plazo, "sin_efecto")


def mover(paso: Paso, plazo: Plazo, vence: date) -> None:
    """Another last day (a hearing was moved, a term was corrected): alerts are computed anew."""
    if plazo.estado != "vivo":
        raise Conflict("El plazo ya no está vivo.", reason=plazo.estado)
    plazo.vence, plazo.fijado = vence, paso.now
    retirar_avisos(paso, plazo)
    agendar_avisos(paso, plazo)


def agendar_avisos(paso: Paso, plazo: Plazo) -> None:
    """Jobs `plazo.avisar` at 09:00 at −5, −3, −1, 0 dh and `plazo.vencer` on the next dh. If the Plazo has 5 dh left or
    fewer when it becomes known, one alert goes out at once instead of those that would lie in the past."""
    futuros = [(n, cuando) for n in AVISOS if (cuando := _aviso(paso.session, plazo, n)) > paso.now]
    if len(futuros) < len(AVISOS):
        paso.schedule("plazo.avisar", paso.now, f"plazo/{plazo.id}/ya", {"plazo_id": plazo.id, "a_direccion": True})
    for n, cuando in futuros:
        paso.schedule(
            "plazo.avisar", cuando, f"plazo/{plazo.id}/{n}", {"plazo_id": plazo.id, "a_direccion": n == DIAS_URGENTE}
        )
    despues = dias.calendario(paso.session).sumar(plazo.vence, 1)
    paso.schedule("plazo.vencer", dias.a_las(despues), f"plazo/{plazo.id}/vencer", {"plazo_id": plazo.id})


def retirar_avisos(paso: Paso, plazo: Plazo) -> None:
    paso.unschedule(f"plazo/{plazo.id}/*")


def _cerrar(paso: Paso, plazo: Plazo, estado: str) -> None:
    if plazo.estado != "vivo":
        raise Conflict("El plazo ya no está vivo.", reason=plazo.estado)
    plazo.estado = estado
    retirar_avisos(paso, plazo)


def _aviso(session: Session, plazo: Plazo, n: int) -> datetime:
    """09:00 of the day on which `n` business days of its calendar are left."""
    cal = dias.calendario(session, plazo.calendario)
    if n == 0:
        return dias.a_las(plazo.vence)
    # The latest day with n left: the n-th dh backwards, counted from a last day that may be no dh itself.
    ultimo = plazo.vence if cal.es_habil(plazo.vence) else cal.sumar(plazo.vence, -1)
    return dias.a_las(cal.sumar(ultimo, -n))


def _sumar_meses(desde: date, n: int) -> date:
    """The same day n months later; the last day of the month where there is no such day (LFT/CCF practice)."""
    anio, mes = divmod(desde.year * 12 + desde.month - 1 + n, 12)
    return date(anio, mes + 1, min(desde.day, calendar.monthrange(anio, mes + 1)[1]))
