"""How values look to people: dates and times of Mexico City, money, due times in words. Filters of every template."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Flask, g
from flask_babel import format_date, format_datetime, ngettext
from flask_babel import gettext as _

from web.markdown import markdown

ZONE = ZoneInfo("America/Mexico_City")


def init_app(app: Flask) -> None:
    """Register the filters."""
    app.jinja_env.filters.update(
        fecha=fecha,
        momento=momento,
        hora=hora,
        money=money,
        due=due,
        due_class=due_class,
        iso=iso,
        count=count,
        words=words,
        day_class=day_class,
        size=size,
        tel=tel,
        markdown=markdown,
    )


def local(moment: datetime) -> datetime:
    """This moment in Mexico City; naive ones are taken as UTC (SQLite forgets the zone)."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(ZONE)


def fecha(day: date | datetime | str | None) -> str:
    """«lun 11 ene 2027»; also of an ISO date from a JSON column."""
    if not day:
        return ""
    if isinstance(day, str):
        day = date.fromisoformat(day[:10])
    if isinstance(day, datetime):
        day = local(day).date()
    return format_date(day, "EEE d MMM y").replace(".", "")


def momento(moment: datetime | None) -> str:
    """«11 ene 2027, 10:00»."""
    if moment is None:
        return ""
    return format_datetime(local(moment), "d MMM y, HH:mm", rebase=False).replace(".", "")


def hora(moment: datetime | None) -> str:
    """«10:00»."""
    return "" if moment is None else format_datetime(local(moment), "HH:mm", rebase=False)


def iso(moment: date | datetime | None) -> str:
    """For the attribute `datetime` of <time>."""
    if moment is None:
        return ""
    return local(moment).isoformat(timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()


def money(amount: Decimal | int | None) -> str:
    """«$34,800.00»; never a float."""
    return "" if amount is None else f"${Decimal(amount):,.2f}"


def due(moment: datetime | None, seen_from: datetime | None = None) -> str:
    """A due time in words, seen from the business clock (or another one): «hoy, 18:00», «venció hace 2 días»,
    «vie 15 ene, 18:00»."""
    if moment is None:
        return ""
    now, then = local(seen_from or business_now()), local(moment)
    days = (then.date() - now.date()).days
    at = hora(moment)
    if then < now:
        if days == 0:
            return _("venció hoy, %(at)s", at=at)
        if days == -1:
            return _("venció ayer, %(at)s", at=at)
        return ngettext("venció hace %(num)d día", "venció hace %(num)d días", -days)
    if days == 0:
        return _("hoy, %(at)s", at=at)
    if days == 1:
        return _("mañana, %(at)s", at=at)
    pattern = "EEE d MMM, HH:mm" if then.year == now.year else "d MMM y, HH:mm"
    return format_datetime(then, pattern, rebase=False).replace(".", "")


def due_class(moment: datetime | None) -> str:
    """Style of a due time: `overdue`, `soon` (within a day) or nothing."""
    if moment is None:
        return ""
    now = business_now()
    if local(moment) < now:
        return "overdue"
    return "soon" if local(moment) - now < timedelta(hours=24) else ""


def day_class(day: date | None) -> str:
    """Style of a legal deadline: `overdue`, `soon` (within a week) or nothing."""
    if day is None:
        return ""
    left = (day - local(business_now()).date()).days
    return "overdue" if left < 0 else "soon" if left <= 7 else ""


def size(number: int | None) -> str:
    """«120 kB»."""
    if number is None:
        return ""
    if number >= 1_000_000_000:
        return f"{number / 1_000_000_000:.1f} GB"
    return f"{number / 1_000_000:.1f} MB" if number >= 1_000_000 else f"{max(1, round(number / 1000))} kB"


def tel(phone: str) -> str:
    """The address of a call: «55 5555 0100 ext. 105» → «tel:5555550100,105» (the telephone waits, then dials on)."""
    number, _ext, extension = phone.lower().partition("ext")
    digits = ["".join(c for c in part if c.isdigit() or c == "+") for part in (number, extension)]
    return "tel:" + ",".join(part for part in digits if part)


def count(number: int, limit: int = 999) -> str:
    """«12», and «999+» where counting further would only cost."""
    return f"{limit}+" if number > limit else str(number)


def words(code: str | None) -> str:
    """A stored code as text where no better label is known: «en_tramite» → «En tramite»."""
    return (code or "").replace("_", " ").capitalize()


def business_now() -> datetime:
    """Business time of this request, one moment for all of the page; `web.runtime.reading` sets it too."""
    if "now" not in g:
        from web.runtime import now

        g.now = now()
    moment: datetime = g.now
    return moment
