"""Configuración del despacho: its settings, and every value that the client's outline leaves to the firm.

«Valores por confirmar» shows each percentage, amount and term where it really stands: settings in their table,
decisions and times in the published process. Nothing is copied, so nothing can be out of date.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from engine.errors import Invalid
from engine.values import SYSTEM
from tasks import logo
from tasks.ajustes import AJUSTES, ajuste, guardar
from web import firm_values
from web.permissions import actor, groups
from web.runtime import engine, reading

blueprint = Blueprint("firm_settings", __name__, url_prefix="/configuracion")

_readers = groups("gerente", "direccion", "admin", "analista")
_writers = groups("direccion", "admin")
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
OPTIONS = {
    "simulado": _l("Simulado, sin validez fiscal"),
    "manual": _l("Manual: se emite fuera y se sube el CFDI"),
    "pac": _l("Con un proveedor (PAC) que sella y timbra"),
}


@blueprint.get("")
@_readers
def index() -> str:
    return _page({}, {})


@blueprint.post("")
@_writers
def save() -> Response | tuple[str, int]:
    """Every setting of the form at once; with one error none is kept."""
    asked = {name: _sent(name) for name, one in AJUSTES.items() if f"{name}._shown" in request.form and not one.propio}
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
@_writers
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
@_readers
def to_confirm() -> str:
    """«Valores por confirmar por el despacho» (legal-process.md §1.13)."""
    with reading() as tx:
        settings = [(one, _shown(ajuste(tx.session, one.clave))) for one in AJUSTES.values() if one.confirmar]
    deployments = engine().deployments(by=SYSTEM)
    bundle = engine().bundles.get(deployments[0].id) if deployments else None
    return render_template(
        "firm/to_confirm.html",
        settings=settings,
        decisions=firm_values.decisions(bundle) if bundle else [],
        times=firm_values.times(bundle) if bundle else [],
        may_change=_may_change(),
    )


def _sent(name: str) -> Any:
    if isinstance(AJUSTES[name].defecto, bool):
        return name in request.form
    return request.form.get(name, "")


def _page(asked: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    with reading() as tx:
        values = {name: ajuste(tx.session, name) for name in AJUSTES}
    values |= asked
    placed = {name for names in SECTIONS.values() for name in names}
    others = tuple(name for name, one in AJUSTES.items() if name not in placed and not one.propio)
    sections = [*SECTIONS.items(), (_("Otros"), others)]
    return render_template(
        "firm/settings.html",
        sections=[(title, [AJUSTES[name] for name in names if name in AJUSTES]) for title, names in sections],
        logo=values[logo.AJUSTE],
        values={name: _shown(value) for name, value in values.items()},
        errors=errors,
        options=OPTIONS,
        may_change=_may_change(),
        is_yes_no=lambda one: isinstance(one.defecto, bool),
        is_number=lambda one: isinstance(one.defecto, Decimal),
    )


def _may_change() -> bool:
    return bool(g.actor.groups & WRITERS)


def _shown(value: Any) -> Any:
    """A number as people write it: 16 and 10.6667, not 16.000000."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value
