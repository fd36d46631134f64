"""«Bitácora de operación»: what people did by hand in all matters, by person, action, time, folio and process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, get_args

from flask import Response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from engine import Invalid, Operation, OperationQuery, Page
from engine.values import Action
from tasks import hoja
from tasks.registros import Colaborador
from web import timeline
from web.ops.frame import blueprint, see_matters
from web.ops.log_words import Told, Words, meant
from web.runtime import reading
from web.texts import ZONE, local

if TYPE_CHECKING:
    from engine.transaction import Transaction

SIZE = 50
MOST = 10_000
"""Lines of a download, the latest first."""
AT_ONCE = 500
FEW = 4
"""Changes of a line that are shown at once."""
FIELDS = ("q", "quien", "que", "proceso", "desde", "hasta", "orden")
ACTIONS = {
    "retry": _l("Reintentó"),
    "discard": _l("Descartó"),
    "skip": _l("Omitió un paso"),
    "throw_error": _l("Lanzó un error"),
    "fire": _l("Disparó"),
    "set_due": _l("Movió la fecha"),
    "set_variables": _l("Cambió variables"),
    "assign": _l("Reasignó"),
    "modify": _l("Modificó el recorrido"),
    "suspend": _l("Suspendió el asunto"),
    "resume": _l("Reanudó el asunto"),
    "cancel": _l("Canceló el asunto"),
    "migrate": _l("Migró"),
    "restore": _l("Regresó a antes de la migración"),
    "suspend_definition": _l("Suspendió el proceso"),
    "resume_definition": _l("Reanudó el proceso"),
    "deploy": _l("Publicó"),
}
COLUMNS = (
    *("cuando", "usuario", "persona", "accion", "asunto", "proceso", "version", "elemento", "motivo", "cambio"),
    *("asuntos", "instancia"),
)


@blueprint.get("/bitacora")
@see_matters
def log() -> tuple[str, int]:
    asked = _asked()
    errors: dict[str, str] = {}
    page: Page[Operation] = Page(())
    with reading() as tx:
        try:
            page = tx.operations(_query(asked), request.args.get("tras") or None, SIZE)
        except Invalid as invalid:
            errors = invalid.fields
        words = Words(tx)
        return render_template(
            "ops/log.html",
            asked=asked,
            shown={name: value for name, value in asked.items() if value},
            errors=errors,
            lines=[words.told(one) for one in page.items],
            following=page.next,
            actions=ACTIONS,
            people=_people(tx),
            processes=_processes(tx),
            most=MOST,
            meant=meant,
            few=FEW,
        ), 422 if errors else 200


@blueprint.get("/bitacora.csv")
@see_matters
def log_download() -> Answer:
    """The same lines for a spreadsheet, up to `MOST`."""
    asked = _asked()
    try:
        query = _query(asked)
    except Invalid:
        return redirect(url_for("ops.log", **{name: value for name, value in asked.items() if value}))
    with reading() as tx:
        words = Words(tx)
        content = hoja.BOM + hoja.linea(COLUMNS)
        content += "".join(hoja.linea(_cells(words.told(one))) for one in _all(tx, query))
        name = f"bitacora-{local(tx.now).date()}.csv"
    response = Response(content, mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _all(tx: Transaction, query: OperationQuery) -> Iterator[Operation]:
    found, key = 0, None
    while found < MOST:
        page = tx.operations(query, key, AT_ONCE)
        yield from page.items
        found, key = found + len(page.items), page.next
        if key is None:
            return


def _cells(told: Told) -> tuple[object, ...]:
    line = told.line
    return (
        local(line.at).strftime("%Y-%m-%d %H:%M:%S"),
        line.actor,
        told.who,
        ACTIONS.get(line.action, line.action),
        line.business_key,
        told.process,
        line.version,
        told.element,
        line.reason,
        "; ".join(told.changes),
        line.parts or None,
        line.instance_id,
    )


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "").replace("\0", "").strip() for name in FIELDS}


def _query(asked: dict[str, str]) -> OperationQuery:
    """Raises Invalid for what is no day."""
    return OperationQuery(
        search=asked["q"].upper() or None,
        actor=asked["quien"] or None,
        action=asked["que"] if asked["que"] in get_args(Action) else None,  # type: ignore[arg-type]
        process_key=asked["proceso"] or None,
        order_id=asked["orden"] or None,
        since=_day(asked, "desde"),
        until=_day(asked, "hasta", timedelta(days=1)),
    )


def _day(asked: dict[str, str], name: str, plus: timedelta = timedelta(0)) -> datetime | None:
    if not asked[name]:
        return None
    try:
        return datetime.fromisoformat(asked[name]).replace(tzinfo=ZONE) + plus
    except (ValueError, OverflowError):
        raise Invalid({name: "Escriba una fecha."}) from None


def _people(tx: Transaction) -> dict[str, str]:
    """Everybody of the firm, also those who left, and the command line."""
    rows = tx.session.execute(select(Colaborador.usuario, Colaborador.nombre).order_by(Colaborador.nombre))
    names = timeline.Names(tx.session, None)
    return {row.usuario: row.nombre for row in rows} | {one: names(one) for one in ("consola", "system")}


def _processes(tx: Transaction) -> dict[str, str]:
    """Those that are published now, by name."""
    return dict(sorted(((one.key, one.name) for one in tx.definitions()), key=lambda pair: pair[1].casefold()))
