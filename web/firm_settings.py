"""Configuración del despacho: its settings, and every value that the client's outline leaves to the firm.

«Valores por confirmar» shows each percentage, amount and term where it really stands: settings in their table,
decisions and times in the published process. Nothing is copied, so nothing can be out of date.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from engine.errors import Invalid
from engine.values import SYSTEM
from tasks import logo
from tasks.ajustes import AJUSTES, CAMBIO, ajuste, guardar
from tasks.calendarios import unidad_en_palabras
from tasks.definicion import Definicion
from tasks.registros import Colaborador, EventoBitacora
from tasks.tiempos import ETAPAS
from web import firm_values
from web.permissions import actor, groups
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

blueprint = Blueprint("firm_settings", __name__, url_prefix="/configuracion")

readers = groups("gerente", "direccion", "admin", "analista")
writers = groups("direccion", "admin")
WRITERS = frozenset({"direccion", "admin"})

SECTIONS = {
    _l("Reglas del proceso"): (
        "cuatro_ojos",
        "autorizar_cierre",
        "codigo_firma",
        "rondas_negociacion",
        "cuatro_ojos_publicar",
    ),
    _l("Propuestas e impuestos"): ("vigencia_dh", "descuento_max_pct", "iva_pct", "ret_isr_pct", "ret_iva_pct"),
    _l("Facturas y pagos"): ("facturador", "despacho_banco", "despacho_clabe"),
    _l("Tiempos"): ("reunion_minutos", "enlace_dias", "retencion_prospecto_anios", "retencion_anios"),
    _l("Datos del despacho"): tuple(
        f"despacho_{name}"
        for name in ("nombre", "corto", "lema", "rfc", "regimen", "domicilio", "cp", "telefono", "correo")
    ),
    _l("Privacidad"): ("aviso_version",),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a setting, in words."""

    name: str
    stage: str
    before: str
    after: str
    who: str
    at: datetime


OPTIONS = {
    "simulado": _l("Simulado, sin validez fiscal"),
    "manual": _l("Manual: se emite fuera y se sube el CFDI"),
    "pac": _l("Con un proveedor (PAC) que sella y timbra"),
}


@blueprint.get("")
@readers
def index() -> str:
    return _page({}, {})


@blueprint.post("")
@writers
def save() -> Response | tuple[str, int]:
    """Every setting of the form at once; with one error none is kept."""
    asked = {name: _sent(name) for name in AJUSTES if f"{name}._shown" in request.form and _is_here(name)}
    try:
        with engine().transaction(actor()) as tx:
            changed = guardar(tx, asked)
    except Invalid as invalid:
        return _page(asked, invalid.fields), 422
    current_app.extensions.pop("firm_name", None)
    said = ngettext("Se cambió %(num)d ajuste.", "Se cambiaron %(num)d ajustes.", len(changed))
    flash(said if changed else _("No había nada que cambiar."), "good" if changed else "")
    return redirect(url_for("firm_settings.index"))


@blueprint.post("/logo")
@writers
def set_logo() -> Response | tuple[str, int]:
    """A picture, checked before it is kept; without one: the firm's name in letters again."""
    try:
        if "quitar" in request.form:
            with engine().transaction(actor()) as tx:
                logo.quitar(tx)
            flash(_("Se quitó el logo."), "good")
        else:
            file = request.files.get("logo")
            content = file.stream.read(logo.MAX_BYTES + 1) if file else b""
            kind = logo.revisar(engine().adapters.imprenta, content)
            with engine().transaction(actor()) as tx:
                logo.poner(tx, content, kind)
            flash(_("Logo guardado; se ve en el portal y en los correos y documentos que salgan desde ahora."), "good")
    except Invalid as invalid:
        return _page({}, invalid.fields), 422
    return redirect(url_for("firm_settings.index", _anchor="logo-del-despacho"))


@blueprint.get("/por-confirmar")
@readers
def to_confirm() -> str:
    """«Valores por confirmar por el despacho» (legal-process.md §1.13)."""
    with reading() as tx:
        values = {name: shown(ajuste(tx.session, name)) for name in AJUSTES}
    deployments = engine().deployments(by=SYSTEM)
    bundle = engine().bundles.get(deployments[0].id) if deployments else None
    times = firm_values.times(bundle, values) if bundle else []
    read = {name for diagram in times for one in diagram.times for name in one.settings}
    settings = [(one, values[name]) for name, one in AJUSTES.items() if one.confirmar and name not in read]
    return render_template(
        "firm/to_confirm.html",
        settings=settings,
        decisions=firm_values.decisions(bundle) if bundle else [],
        times=times,
        may_change=may_change(),
    )


def latest_changes(tx: Transaction, names: Collection[str]) -> list[Change]:
    """Who changed these settings, from what to what, the latest first."""
    query = select(EventoBitacora).where(EventoBitacora.business_key.is_(None), EventoBitacora.accion == CAMBIO)
    found = tx.session.scalars(
        query.where(EventoBitacora.entidad_id.in_(names)).order_by(EventoBitacora.id.desc()).limit(20)
    ).all()
    who = select(Colaborador.usuario, Colaborador.nombre).where(Colaborador.usuario.in_({one.usuario for one in found}))
    people = {user: str(name) for user, name in tx.session.execute(who)}
    return [_change(one, people.get(one.usuario, one.usuario)) for one in found]


def _change(event: EventoBitacora, who: str) -> Change:
    one = AJUSTES[str(event.entidad_id)]
    before, after = (_in_words(one, str((side or {}).get("valor", ""))) for side in (event.antes, event.despues))
    return Change(one.nombre, ETAPAS.get(one.etapa, ""), before, after, who, event.momento)


def _in_words(one: Definicion, value: str) -> str:
    """A value as the log keeps it, as people read it."""
    if isinstance(one.defecto, bool):
        return str(_("Sí") if value == "True" else _("No"))
    if isinstance(one.defecto, Decimal):
        number = Decimal(value)
        return f"{shown(number)} {unidad_en_palabras(int(number), one.unidad)}" if one.unidad else shown(number)
    return str(OPTIONS.get(value, value)) if one.opciones else value


def _is_here(name: str) -> bool:
    """Whether the page «Ajustes» has a field of this setting; times and logo have forms of their own."""
    return not AJUSTES[name].propio and not AJUSTES[name].etapa


def _sent(name: str) -> Any:
    if isinstance(AJUSTES[name].defecto, bool):
        return name in request.form
    return request.form.get(name, "")


def _page(asked: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    with reading() as tx:
        values = {name: ajuste(tx.session, name) for name in AJUSTES}
        changes = latest_changes(tx, [name for name, one in AJUSTES.items() if not one.etapa])
    values |= asked
    placed = {name for names in SECTIONS.values() for name in names}
    others = tuple(name for name in AJUSTES if name not in placed and _is_here(name))
    sections = [*SECTIONS.items(), (_("Otros"), others)]
    return render_template(
        "firm/settings.html",
        sections=[(title, [AJUSTES[name] for name in names if name in AJUSTES]) for title, names in sections],
        logo=values[logo.AJUSTE],
        values={name: shown(value) for name, value in values.items()},
        errors=errors,
        changes=changes,
        options=OPTIONS,
        may_change=may_change(),
        is_yes_no=lambda one: isinstance(one.defecto, bool),
        is_number=lambda one: isinstance(one.defecto, Decimal),
    )


def may_change() -> bool:
    return bool(g.actor.groups & WRITERS)


def shown(value: Any) -> Any:
    """A number as people write it: 16 and 10.6667, not 16.000000."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value
