"""Repair: what an operator does to a running instance by hand, each with a reason, and what it waits for in words.

Every operation leaves one event `operation` in the history: the verb, the reason, and where the tokens stood before and
after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select, union_all

from engine import completion, given, task_row
from engine import instance as instances
from engine.errors import Conflict, Invalid, NotFound
from engine.storage import tables as t
from engine.values import Instruction, ProcessInstance, Value, VariableScope, WaitState

if TYPE_CHECKING:
    from engine.bpmn import Wait
    from engine.instance import Instance
    from engine.transaction import Transaction

_u, _j, _s, _n = t.user_task.c, t.job.c, t.subscription.c, t.incident.c


@dataclass(frozen=True, slots=True)
class _Found:
    """The row of something that waits."""

    table: str
    id: str
    instance_id: str
    wait_id: str
    process_key: str | None
    element_id: str | None


class Repair:
    """Between `begin` and `end` an operator changes an instance; the history then tells both sides."""

    def __init__(self, instance: Instance, verb: str, reason: str) -> None:
        given.must_have_reason(reason)
        self.instance, self.verb, self.reason = instance, verb, reason.strip()
        self.before = self._tokens()

    def end(self, *, process_key: str | None = None, element_id: str | None = None, **details: Any) -> ProcessInstance:
        """Run on, note what has changed, write. A suspended instance stays where the operation has put it."""
        instance = self.instance
        if instance.state == "running":
            instance.advance()
        instance.record(
            "operation",
            process_key=process_key,
            element_id=element_id,
            verb=self.verb,
            reason=self.reason,
            before=self.before,
            after=self._tokens(),
            **details,
        )
        instance.settle()
        instance.tx.urgent.add(instance.id)
        return instance.value()

    def _tokens(self) -> list[list[Any]]:
        return [list(token) for token in self.instance.run.tokens()]


# --- verbs


def modify(tx: Transaction, instance_id: str, instructions: Sequence[Instruction], reason: str) -> ProcessInstance:
    instance = _locked(tx, instance_id, "modify")
    operation = Repair(instance, "modify", reason)
    if not instructions:
        raise Invalid({"instructions": "Diga qué cambiar."})
    checked = [_with_values(one) for one in instructions]
    instance.run.modify(checked)
    said = [[one.action, one.process_key, one.element_id] for one in checked]
    names = {name for one in checked for name in one.variables}
    return operation.end(instructions=said, **_names(names))


def _with_values(one: Instruction) -> Instruction:
    return Instruction(one.action, one.process_key, one.element_id, one.wait_id, given.feel_values(one.variables))


def skip(tx: Transaction, id: str, result: Mapping[str, Value], reason: str) -> ProcessInstance:
    instance, found, wait = _waiting(tx, id, "skip")
    operation = Repair(instance, "skip", reason)
    values = given.feel_values(result)
    _end_row(instance, found)
    instance.run.skip(wait.id, values)
    return operation.end(process_key=found.process_key, element_id=found.element_id, result=dict(values))


def throw_error(
    tx: Transaction, id: str, code: str, text: str, variables: Mapping[str, Value], reason: str
) -> ProcessInstance:
    if tx.execute(select(_u.id).where(_u.id == id)).first() is not None:
        return completion.throw_error(tx, id, code, text, variables, reason)
    instance, found, wait = _waiting(tx, id, "throw_error")
    operation = Repair(instance, "throw_error", reason or text)
    where = {"process_key": found.process_key, "element_id": found.element_id}
    instance.record("error.thrown", **where, code=code, message=text)
    if not instance.run.throw_error(wait.id, code, text, given.feel_values(variables)):
        raise Conflict(f"Nadie atiende el error «{code}».", reason="uncaught")
    return operation.end(**where, code=code, **_names(variables))


def fire(tx: Transaction, id: str, variables: Mapping[str, Value], reason: str) -> ProcessInstance:
    """A timer now, or a message or signal by hand."""
    instance, found, wait = _waiting(tx, id, "fire")
    operation = Repair(instance, "fire", reason)
    if wait.kind == "timer" and found.table == "job":
        instance.fire_timer(found.id, wait.id)
    elif wait.kind in ("message", "signal", "condition"):
        where = {"process_key": wait.process_key, "element_id": wait.element.id}
        instance.record("message.received", **where, message=wait.name or wait.kind)
        instance.run.fire(wait.id, given.feel_values(variables))
    else:
        raise Conflict("Solo se puede disparar un temporizador o un mensaje.", reason=wait.kind)
    return operation.end(process_key=found.process_key, element_id=found.element_id, **_names(variables))


# --- what they share


def _names(variables: Iterable[str]) -> dict[str, Any]:
    """The variables that an operation writes, for its event: nothing when it writes none."""
    names = sorted(variables)
    return {"names": names} if names else {}


def _locked(tx: Transaction, instance_id: str, verb: str) -> Instance:
    instance = instances.lock(tx, instance_id)
    tx.allow(verb, instance.business_key)
    if instance.state not in ("running", "suspended"):
        instance.must_run()
    return instance


def _waiting(tx: Transaction, id: str, verb: str) -> tuple[Instance, _Found, Wait]:
    """Lock the instance of a row; answer with the row and what it stands for. Raises NotFound, Conflict."""
    found = _find(tx, id)
    instance = _locked(tx, found.instance_id, verb)
    wait = instance.wait(found.wait_id)
    if wait is None or all(row.id != id for row in instance.rows):
        raise Conflict("Ya no está en espera: el asunto siguió adelante.", reason="stale")
    return instance, found, wait


def _find(tx: Transaction, id: str) -> _Found:
    branches = [
        select(
            literal(table.name).label("table"),
            table.c.id,
            table.c.instance_id,
            table.c.wait_id,
            table.c.process_key,
            table.c.element_id,
        ).where(table.c.id == id, table.c.wait_id.is_not(None))
        for table in (t.user_task, t.job, t.subscription, t.incident)
    ]
    row = tx.execute(union_all(*branches)).first()
    if row is None:
        raise NotFound("Ya no está en espera.")
    return _Found(row.table, row.id, row.instance_id, row.wait_id, row.process_key, row.element_id)


def _end_row(instance: Instance, found: _Found) -> None:
    """The row ends as done by the operator; a failed job takes its incident with it when rows are reconciled."""
    if found.table == "user_task":
        task_row.end_skipped(instance, found.id)
        where = {"process_key": found.process_key, "element_id": found.element_id}
        instance.record("user_task.completed", **where, task=found.id, skipped=True)
        instance.rows[:] = [row for row in instance.rows if row.id != found.id]


# --- reading


def scopes(tx: Transaction, instance_id: str) -> list[VariableScope]:
    instance = instances.loaded(tx, instance_id)
    tx.allow("variables", instance.business_key)
    return [] if instance.blob is None else instance.run.scopes()


def wait_states(tx: Transaction, instance_id: str) -> list[WaitState]:
    """In the order in which they began; what holds the instance up before what may come."""
    instance = instances.loaded(tx, instance_id)
    tx.allow("instance", instance.business_key)
    if instance.blob is None:
        return []
    rows = _rows(tx, instance_id)
    found = []
    for wait in instance.run.waits():
        for table, row in rows.get(wait.id, []):
            found.append(_state(wait, table, row))
    return sorted(found, key=lambda one: one.attached)


def _rows(tx: Transaction, instance_id: str) -> dict[str, list[tuple[str, Any]]]:
    queries = {
        "user_task": select(t.user_task).where(_u.instance_id == instance_id, _u.state == "open"),
        "job": select(t.job).where(_j.instance_id == instance_id, _j.wait_id.is_not(None)),
        "subscription": select(t.subscription).where(_s.instance_id == instance_id),
        "incident": select(t.incident).where(
            _n.instance_id == instance_id, _n.resolved_at.is_(None), _n.job_id.is_(None), _n.wait_id.is_not(None)
        ),
    }
    found: dict[str, list[tuple[str, Any]]] = {}
    for table, query in queries.items():
        for row in tx.execute(query):
            found.setdefault(row.wait_id, []).append((table, row))
    return found


def _state(wait: Wait, table: str, row: Any) -> WaitState:
    facts: dict[str, Any] = {}
    if table == "user_task":
        facts = {"since": row.created, "due": row.due, "assignee": row.assignee, "groups": row.candidate_groups}
    elif table == "job":
        facts = {"since": row.entered_at, "due": row.due, "state": row.state, "retries_left": row.retries_left}
        facts |= {"topic": row.topic if row.kind == "service" else None, "message": row.error}
    elif table == "subscription":
        condition = wait.element.event.condition if wait.element.event else None
        facts = {"since": row.created, "message": row.name or condition, "correlation": row.correlation}
    else:
        facts = {"since": row.created, "message": row.message}
    kind = "failure" if table == "incident" else wait.kind
    name = wait.element.name or wait.element.id
    attached = wait.attached_to is not None
    return WaitState(row.id, kind, wait.process_key, wait.element.id, name, wait.id, attached=attached, **facts)
