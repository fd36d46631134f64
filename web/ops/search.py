"""Find instances: by folio, state, element, variable, error text and time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import render_template, request

from engine import DefinitionLoad, IncidentQuery, InstanceQuery, Invalid, Page, ProcessInstance
from web.matter_facts import as_key
from web.ops import words
from web.ops.frame import STATES, blueprint, see_matters
from web.runtime import engine, reading
from web.texts import ZONE

if TYPE_CHECKING:
    from engine.transaction import Transaction

SIZE = 25
FIELDS = ("q", "estado", "proceso", "elemento", "error", "variable", "desde", "hasta")
WAITS = ("userTask", "serviceTask", "sendTask", "receiveTask", "intermediateCatchEvent", "exclusiveGateway")
MOST = 500
"""Instances whose variables are looked at, the latest first: they lie in the state, not in a column."""


@blueprint.get("/asuntos")
@see_matters
def search() -> tuple[str, int]:
    asked = {name: request.args.get(name, "").strip() for name in FIELDS}
    errors: dict[str, str] = {}
    page: Page[ProcessInstance] = Page(())
    limited = False
    with reading() as tx:
        try:
            known = _elements(tx)
            query, wanted = _query(tx, asked, known), words.assignments(asked["variable"], "variable")
            if wanted:
                page, limited = _by_variables(tx, query, wanted)
            else:
                page = tx.instances(query, request.args.get("tras"), SIZE)
        except Invalid as invalid:
            errors = invalid.fields
        waits = {one.id: _waits(tx, one) for one in page.items}
        loose = Counter(one.business_key for one in tx.incidents(IncidentQuery(loose=True), size=MOST).items)
        return render_template(
            "ops/search.html",
            asked=asked,
            errors=errors,
            page=page,
            limited=limited,
            most=MOST,
            waits=waits,
            failures={one.id: one.incidents + loose[one.business_key] for one in page.items},
            processes={f"{one.process_key}:{one.version}": f"{one.name} v{one.version}" for one in _known(tx)},
            elements=known,
            process_name=_process_name,
        ), 422 if errors else 200


def _known(tx: Transaction) -> list[DefinitionLoad]:
    """Each version once, those with matters under way and those that are suspended."""
    return list({(one.process_key, one.version): one for one in tx.workload().definitions}.values())


def _elements(tx: Transaction) -> list[tuple[str, str]]:
    """(id, name) of what an instance can wait at, of the latest deployment and those with matters under way, to choose
    from while typing."""
    ids = dict.fromkeys(one.deployment_id for one in (*tx.definitions()[:1], *tx.workload().definitions))
    processes = (process for id in ids for process in engine().bundles.get(id).processes.values())
    return list(
        {
            element.id: (element.id, f"{element.name or element.id} · {process.name or process.id}")
            for process in processes
            for element in process.elements.values()
            if element.kind in WAITS
        }.values()
    )


def _meant(typed: str, known: list[tuple[str, str]]) -> tuple[str, ...]:
    """The elements with this id, or with this name, or with this in their name."""
    if not typed or any(id == typed for id, _said in known):
        return (typed,) if typed else ()
    names = {id: said.partition(" · ")[0].casefold() for id, said in known}
    exact = tuple(id for id, name in names.items() if name == typed.casefold())
    return exact or tuple(id for id, name in names.items() if typed.casefold() in name) or (typed,)


def _process_name(instance: ProcessInstance) -> str:
    process = engine().bundles.get(instance.deployment_id).processes.get(instance.process_key)
    return process.name or process.id if process else instance.process_key


def _waits(tx: Transaction, instance: ProcessInstance) -> list[str]:
    """Where it is held up, by name."""
    return [wait.name for wait in tx.wait_states(instance.id) if not wait.attached]


def _query(tx: Transaction, asked: dict[str, str], known: list[tuple[str, str]]) -> InstanceQuery:
    return InstanceQuery(
        # People know a matter by the folio of its file, too.
        search=as_key(tx.session, asked["q"]).upper() or None,
        state=asked["estado"] if asked["estado"] in STATES else None,  # type: ignore[arg-type]
        with_incidents=asked["estado"] == "fallas",
        definition_id=asked["proceso"] or None,
        element_ids=_meant(asked["elemento"], known),
        error=asked["error"] or None,
        started_from=_day(asked, "desde"),
        started_to=_day(asked, "hasta", timedelta(days=1)),
    )


def _day(asked: dict[str, str], name: str, plus: timedelta = timedelta(0)) -> datetime | None:
    if not asked[name]:
        return None
    try:
        return datetime.fromisoformat(asked[name]).replace(tzinfo=ZONE) + plus
    except ValueError:
        raise Invalid({name: "Escriba una fecha."}) from None


def _by_variables(tx: Transaction, query: InstanceQuery, wanted: dict[str, Any]) -> tuple[Page[ProcessInstance], bool]:
    """Those of the latest `MOST` in which some scope holds all of these values."""
    candidates = tx.instances(query, None, MOST)
    found = []
    for one in candidates.items:
        if one.ended_at is not None:
            scopes = [tx.variables(one.id)]
        else:
            scopes = [dict(scope.values) for scope in tx.scopes(one.id)]
        if all(any(name in scope and scope[name] == value for scope in scopes) for name, value in wanted.items()):
            found.append(one)
    return Page(tuple(found)), candidates.next is not None
