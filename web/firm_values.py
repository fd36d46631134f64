"""What the published process says that the outline does not give: tables of decisions, and times of its diagrams."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import ngettext

from engine.decisions import model
from engine.decisions.reader import read
from engine.definitions import Element
from web.process_words import plain

if TYPE_CHECKING:
    from engine.definitions.bundle import Bundle

DECISIONS = (
    "tipo_cliente", "reunion_equipo", "sesion_presentacion", "esquema_pago", "criterio_arranque",
    "seguimiento_cobranza",
    "asignacion_asesor", "plan_seguimiento", "bono_desempeno", "liquidacion_cancelacion",
)  # fmt: skip
"""Those with percentages, amounts or terms: D0, D2–D9, D12 (legal-process.md §3)."""
ORIGIN = re.compile(r"Origen (L\d+(?:[–-]L?\d+)?)")
SETTING = re.compile(r'ajuste\("(\w+)"\)')
CALL = re.compile(r"(vence|recordatorio|limite_espera)\((\d+)\)")
URGENT = re.compile(r"vence\(if plazo_urgente\(\) then (\d+) else (\d+)\)")
LONGER = re.compile(r"limite_espera\(if \w+ = null then (\d+) else \w+\)")
PERIOD = re.compile(r'P(\d+)D|duration\("P" \+ string\((\d+)\) \+ "D"\)')


@dataclass(frozen=True, slots=True)
class DecisionValues:
    """One decision table as people read it."""

    id: str
    name: str
    question: str
    origin: str
    resource: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]
    """Cells of each rule: inputs, then outputs."""


@dataclass(frozen=True, slots=True)
class TimeValue:
    """One term of a diagram."""

    element: str
    kind: str
    said: str
    """In words; empty when only the expression can say it."""
    expression: str
    resource: str
    settings: tuple[str, ...] = ()
    """Names of the settings of the firm that it reads."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """The times of one diagram."""

    process_id: str
    name: str
    times: tuple[TimeValue, ...]


def decisions(bundle: Bundle) -> list[DecisionValues]:
    """The tables with values to confirm, in the order of the process."""
    found = {}
    for resource, data in bundle.resources("dmn/").items():
        for element in _read(data).elements.values():
            if isinstance(element, model.Decision) and isinstance(element.logic, model.Table):
                found[element.id] = _decision(resource, element, element.logic)
    return [found[name] for name in DECISIONS if name in found]


def times(bundle: Bundle, values: Mapping[str, Any]) -> list[Diagram]:
    """Due times, reminders and limits of every diagram; `values`: what the settings that they read say now."""
    found = []
    for resource in sorted(bundle.models):
        for process in bundle.models[resource].processes.values():
            found_here = tuple(
                one for element in process.elements.values() for one in _times_of(element, resource, values)
            )
            if found_here:
                found.append(Diagram(process.id, process.name, found_here))
    return found


@lru_cache(maxsize=64)
def _read(data: bytes) -> model.Definitions:
    return read(data)


def _decision(resource: str, element: model.Decision, table: model.Table) -> DecisionValues:
    origin, said = ORIGIN.search(element.documentation), plain(element.documentation)
    return DecisionValues(
        element.id,
        element.name,
        said[:1].upper() + said[1:],
        origin[1] if origin else "",
        resource,
        tuple(one.label or one.expression.text for one in table.inputs),
        tuple(one.label or one.name or "" for one in table.outputs),
        tuple(tuple(_cell(cell.text) for cell in (*rule.inputs, *rule.outputs)) for rule in table.rules),
    )


def _cell(text: str) -> str:
    """«-» means any value; yes and no as people say it."""
    text = text.strip() or "-"
    return {"-": _("cualquiera"), "true": _("sí"), "false": _("no")}.get(text, text)


def _times_of(element: Element, resource: str, values: Mapping[str, Any]) -> Iterator[TimeValue]:
    timer = element.event.timer if element.event is not None else None
    for kind, expression in ((_("Vence"), element.due_date), (_("Espera"), timer)):
        if expression:
            settings = tuple(SETTING.findall(expression))
            said = in_words(expression, values)
            yield TimeValue(element.name or element.id, kind, said, expression, resource, settings)


def in_words(expression: str, values: Mapping[str, Any] | None = None) -> str:
    """«3 días hábiles, 18:00» for `=vence(3)`; empty when only the expression can say it. `values`: settings."""
    expression = expression.removeprefix("=").strip().strip('"')
    expression = SETTING.sub(lambda found: str((values or {}).get(found[1], found[0])), expression)
    if found := PERIOD.fullmatch(expression):
        return ngettext("%(num)d día natural", "%(num)d días naturales", int(found[1] or found[2]))
    if found := URGENT.fullmatch(expression):
        return _(
            "%(days)s, 18:00; con un plazo legal urgente, %(urgent)s", days=_days(found[2]), urgent=_days(found[1])
        )
    if found := LONGER.fullmatch(expression):
        return _("%(time)s; con prórroga, lo que ésta diga", time=in_words(f"limite_espera({found[1]})"))
    found = CALL.fullmatch(expression)
    if found is None:
        return ""
    if found[1] == "limite_espera":
        return _("%(days)s, 18:00, o antes si un plazo legal se acerca", days=_days(found[2]))
    return f"{_days(found[2])}, {'09:00' if found[1] == 'recordatorio' else '18:00'}"


def _days(number: str) -> str:
    return ngettext("%(num)d día hábil", "%(num)d días hábiles", int(number))
