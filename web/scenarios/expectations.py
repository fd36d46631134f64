"""Compares what must hold after a step with what the engine, the firm's records and the mailbox hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

import tasks.registros as registros
from engine import SYSTEM, Engine, HistoryEvent, InstanceQuery, Job, JobQuery, UserTask, UserTaskQuery
from tasks.registros import Asunto, Correo, Documento, Prospecto
from web.scenarios.comparing import same, shown, subset, with_names
from web.scenarios.format import Expect, ExpectedMail, ExpectedRows, Step

if TYPE_CHECKING:
    from web.scenarios.runner import Firm

EVERYTHING = 1000


@dataclass(frozen=True)
class Marks:
    """What there was before a step, so that only what the step brought about is compared."""

    mails: frozenset[str]
    documents: frozenset[str]

    @classmethod
    def now(cls, firm: Firm) -> Marks:
        with firm.engine.reading(SYSTEM) as tx:
            return cls(
                frozenset(tx.session.scalars(select(Correo.id))),
                frozenset(tx.session.scalars(select(Documento.id).where(Documento.origen == "generado"))),
            )


def differences(firm: Firm, step: Step, business_key: str | None, marks: Marks) -> list[str]:
    """Sentences that say what does not hold; none when all is as told."""
    expect = step.expect
    found = [
        *_incidents(firm.engine, expect),
        *_mails(firm, expect, business_key, marks),
        *(_of_matter(firm, step, business_key, marks) if business_key else ()),
    ]
    return with_names(firm.engine, found) if found else []


def _of_matter(firm: Firm, step: Step, business_key: str, marks: Marks) -> Iterator[str]:
    expect, engine = step.expect, firm.engine
    open_tasks = _tasks(engine, business_key)
    if expect.open is not None:
        yield from same("tareas abiertas", _names(open_tasks), sorted(expect.open))
    if expect.waiting is not None:
        yield from same("lo que espera", waiting(engine, business_key), sorted(expect.waiting))
    for person, elements in expect.inbox.items():
        actor = firm.actor(person, business_key)
        query = UserTaskQuery(mine=True, groups=True, search=business_key)
        seen = engine.user_tasks(query, size=EVERYTHING, by=actor).items
        yield from same(f"bandeja de {person}", _names(seen), sorted(elements))
    by_element = {task.element_id: task for task in open_tasks}
    yield from _task_facts(expect, by_element)
    for element, values in expect.form.items():
        if element in by_element and step.as_:
            shown = engine.form(by_element[element].id, by=firm.actor(step.as_, business_key)).data
            yield from subset(f"formulario de {element}", values, shown)
    yield from _timers(engine, expect, business_key)
    yield from _scheduled(engine, expect, business_key)
    yield from _documents(firm, expect, business_key, marks)
    for rows in expect.rows:
        yield from _rows(firm, rows, business_key)
    yield from _instances(engine, expect, business_key)
    yield from _history(engine, expect, business_key)


def unforeseen(engine: Engine, business_key: str | None, steps: Iterable[Step]) -> tuple[str, ...]:
    """Elements of the open user tasks of a matter that none of these steps, the rest of a scenario, names."""
    if business_key is None:
        return ()
    told = "\n".join(step.model_dump_json() for step in steps)
    return tuple(name for name in dict.fromkeys(_names(_tasks(engine, business_key))) if f'"{name}"' not in told)


def waiting(engine: Engine, business_key: str) -> list[str]:
    """Elements of everything that the matter and the instances below it wait for."""
    running = [one for one in _all_instances(engine, business_key) if one.ended_at is None]
    return sorted(wait.element_id for one in running for wait in engine.wait_states(one.id, by=SYSTEM))


def _task_facts(expect: Expect, tasks: Mapping[str, UserTask]) -> Iterator[str]:
    for element, assignee in expect.assignee.items():
        found = tasks[element].assignee if element in tasks else "no está abierta"
        yield from same(f"responsable de {element}", found, assignee)
    for element, due in expect.due.items():
        found_due = tasks[element].due if element in tasks else "no está abierta"
        yield from same(f"vencimiento de {element}", found_due, due)


def _tasks(engine: Engine, business_key: str) -> tuple[UserTask, ...]:
    return engine.user_tasks(UserTaskQuery(search=business_key), size=EVERYTHING, by=SYSTEM).items


def _names(tasks: Iterable[UserTask]) -> list[str]:
    return sorted(task.element_id for task in tasks)


def _jobs(engine: Engine, business_key: str, kind: str) -> list[Job]:
    keys = [instance.business_key for instance in _all_instances(engine, business_key)] or [business_key]
    return [
        job
        for key in dict.fromkeys(keys)
        for job in engine.jobs(JobQuery(business_key=key, kind=kind), size=EVERYTHING, by=SYSTEM).items
    ]


def _all_instances(engine: Engine, business_key: str) -> Iterable[Any]:
    found = engine.instances(InstanceQuery(search=business_key), size=EVERYTHING, by=SYSTEM).items
    return [i for i in found if i.business_key == business_key or i.business_key.startswith(business_key + "/")]


def _timers(engine: Engine, expect: Expect, business_key: str) -> Iterator[str]:
    if not expect.timers:
        return
    due = {job.element_id: job.due for job in _jobs(engine, business_key, "timer")}
    for element, moment in expect.timers.items():
        yield from same(f"temporizador {element}", due.get(element), moment)


def _scheduled(engine: Engine, expect: Expect, business_key: str) -> Iterator[str]:
    for key, moments in expect.scheduled.items():
        jobs = _jobs(engine, business_key, "scheduled")
        found = sorted(j.due for j in jobs if j.key and _matches(key, j.key))
        yield from same(f"programado {key}", found, moments)


def _matches(pattern: str, key: str) -> bool:
    return key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern


def _mails(firm: Firm, expect: Expect, business_key: str | None, marks: Marks) -> Iterator[str]:
    with firm.engine.reading(SYSTEM) as tx:
        every = list(tx.session.scalars(select(Correo).order_by(Correo.creado, Correo.id)))
    new = [mail for mail in every if mail.id not in marks.mails]
    if expect.mails is not None:
        wanted = {
            name: value if isinstance(value, ExpectedMail) else ExpectedMail(count=value)
            for name, value in expect.mails.items()
        }
        yield from same("correos", dict(Counter(m.plantilla for m in new)), {n: w.count for n, w in wanted.items()})
        for name, wish in wanted.items():
            yield from _mail([m for m in new if m.plantilla == name], name, wish)
    own = [m for m in every if business_key and (m.business_key or "").split("/")[0] == business_key]
    counts = Counter(m.plantilla for m in own)
    for name, count in expect.mails_total.items():
        yield from same(f"correos {name} en total", counts[name], count)
    if expect.client_mails is not None:
        outside = Counter(m.plantilla for m in own if not m.interno)
        if outside.total() != expect.client_mails:
            yield f"correos al cliente: {outside.total()} ({shown(outside)}); se esperaba {expect.client_mails}"


def _mail(mails: list[Correo], name: str, wish: ExpectedMail) -> Iterator[str]:
    for mail in mails:
        if wish.to is not None and mail.destinatario != wish.to:
            yield f"el correo {name} fue a {mail.destinatario}; se esperaba {wish.to}"
        if mail.estado != "enviado":
            yield f"el correo {name} quedó «{mail.estado}»: {mail.error}"
        whole = f"{mail.asunto}\n{mail.texto}\n{mail.calendario or ''}"
        for text in wish.contains:
            if text not in whole:
                yield f"el correo {name} no dice «{text}»:\n{whole}"


def _documents(firm: Firm, expect: Expect, business_key: str, marks: Marks) -> Iterator[str]:
    if expect.documents is None:
        return
    with firm.engine.reading(SYSTEM) as tx:
        rows = list(tx.session.scalars(select(Documento).where(Documento.origen == "generado")))
    new = [row for row in rows if row.id not in marks.documents]
    yield from same("documentos", sorted(row.plantilla or row.rubro for row in new), sorted(expect.documents))
    for row in new:
        if row.estado not in ("generado", "aceptado") or not row.sha256:
            yield f"el documento {row.plantilla} quedó «{row.estado}»"


def _rows(firm: Firm, wanted: ExpectedRows, business_key: str) -> Iterator[str]:
    table = getattr(registros, wanted.table, None)
    if table is None:
        yield f"no existe la tabla {wanted.table}"
        return
    with firm.engine.reading(SYSTEM) as tx:
        prospecto = tx.session.scalar(select(Prospecto).where(Prospecto.folio == business_key))
        asunto = tx.session.scalar(select(Asunto).where(Asunto.prospecto_id == prospecto.id)) if prospecto else None
        query = select(table)
        if wanted.where:
            query = query.filter_by(**wanted.where)
        elif wanted.table == "Prospecto":
            query = query.where(table.folio == business_key)
        elif hasattr(table, "prospecto_id") and prospecto is not None:
            query = query.where(table.prospecto_id == prospecto.id)
        elif hasattr(table, "asunto_id"):
            query = query.where(table.asunto_id == (asunto.id if asunto else None))
        elif hasattr(table, "asunto_origen_id"):
            query = query.where(table.asunto_origen_id == (asunto.id if asunto else None))
        rows = list(tx.session.scalars(query.order_by(table.creado, table.id) if hasattr(table, "creado") else query))
        if wanted.count is not None:
            yield from same(f"renglones de {wanted.table}", len(rows), wanted.count)
        if wanted.values:
            if not rows:
                yield f"{wanted.table}: ningún renglón; se esperaba {shown(wanted.values)}"
                return
            last = rows[-1]
            found = {name: getattr(last, name, "no existe esa columna") for name in wanted.values}
            yield from subset(wanted.table, wanted.values, found)


def _instances(engine: Engine, expect: Expect, business_key: str) -> Iterator[str]:
    states = {i.business_key: i for i in _all_instances(engine, business_key)}
    if expect.instance is not None:
        found = states[business_key].state if business_key in states else None
        yield from same("instancia", found, expect.instance)
    for below, state in expect.instances.items():
        key = f"{business_key}/{below}"
        yield from same(f"instancia {below}", states[key].state if key in states else None, state)
    if expect.variables:
        found_variables = engine.variables(states[business_key].id, by=SYSTEM)
        yield from subset("variable", expect.variables, found_variables)


def _history(engine: Engine, expect: Expect, business_key: str) -> Iterator[str]:
    if not expect.decisions and not expect.history:
        return
    events: list[HistoryEvent] = []
    for instance in _all_instances(engine, business_key):
        page = None
        while True:
            answer = engine.history(instance.id, page, EVERYTHING, by=SYSTEM)
            events += answer.items
            page = answer.next
            if page is None:
                break
    for decision, outputs in expect.decisions.items():
        evaluated = [e for e in events if e.kind == "decision.evaluated" and e.details.get("decision_id") == decision]
        if not evaluated:
            yield f"la decisión {decision} no se evaluó"
            continue
        last = max(evaluated, key=lambda e: e.at)
        yield from subset(f"decisión {decision}", {"outputs": outputs}, last.details)
    for line in expect.history:
        found = [
            e
            for e in events
            if e.kind == line.kind
            and (line.element is None or e.element_id == line.element)
            and not list(subset("", line.details, e.details))
        ]
        if line.count is None and not found:
            yield f"la historia no tiene {line.kind} {line.element or ''} {shown(line.details) if line.details else ''}"
        elif line.count is not None and len(found) != line.count:
            yield f"la historia tiene {len(found)} {line.kind} {line.element or ''}; se esperaban {line.count}"


def _incidents(engine: Engine, expect: Expect) -> Iterator[str]:
    found = engine.incidents(size=EVERYTHING, by=SYSTEM).items
    if len(found) != expect.incidents:
        told = "; ".join(f"{i.element_id}: {i.message}\n{i.details}" for i in found)
        yield f"incidentes abiertos: {len(found)}; se esperaban {expect.incidents}: {told}"
