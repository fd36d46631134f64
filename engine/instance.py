"""Process instances: the locked one with its run, and the verbs about whole instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, select

from engine import context as contexts
from engine import deployment, history, job, message, operation, outbox, timers, wait_states
from engine.bpmn import Run
from engine.errors import Conflict, EngineError, NotFound, Raced
from engine.storage import tables as t
from engine.values import InstanceState, ProcessInstance, Value

if TYPE_CHECKING:
    from engine.bpmn import Wait
    from engine.definitions.bundle import Bundle
    from engine.definitions.model import Element
    from engine.transaction import Transaction

_i = t.process_instance.c
_LOCK = select(t.process_instance).where(_i.id == bindparam("instance")).with_for_update()
_INSTANCE_OF_TASK = select(t.user_task.c.instance_id).where(t.user_task.c.id == bindparam("task"))
_LOCK_OF_TASK = (
    select(t.process_instance)
    .where(_i.id == _INSTANCE_OF_TASK.scalar_subquery())
    .with_for_update(of=t.process_instance)
)
_UPDATE = (
    t.process_instance.update()
    .where(_i.id == bindparam("instance"), _i.revision == bindparam("old"))
    .values(
        revision=bindparam("new"),
        state=bindparam("state_"),
        blob=bindparam("blob_"),
        ended_at=bindparam("ended"),
        changed_at=bindparam("changed"),
        changed_by=bindparam("who"),
        incidents=bindparam("incidents_"),
    )
)
_WITHOUT_BLOB = [column for column in t.process_instance.c if column.name not in ("blob", "request_id")]
PLAIN = select(*_WITHOUT_BLOB)
"""Instances without their state, whoever may see them."""


class Instance:
    """A process instance that this transaction has locked; the host of its run.

    Verbs change it through `run`, then call `settle`. After an exception it is thrown away with the transaction.
    """

    def __init__(self, tx: Transaction, row: Row[Any]) -> None:
        self.tx = tx
        self.row = row
        self.id: str = row.id
        self.business_key: str = row.business_key
        self.process_key: str = row.process_key
        self.version: int = row.version
        self.state: InstanceState = row.state
        self.revision: int = row.revision
        self.blob: bytes | None = row.blob
        self.ended_at: datetime | None = row.ended_at
        self.incidents: int = row.incidents
        self.events: list[history.Event] = []
        self.entered_at: datetime | None = None
        """Set while expressions are evaluated as of an earlier moment."""
        self.last_firing: dict[str, datetime] = {}
        """Element of a timer that fired in this step → when it was due: its next repetition counts from there."""

    @cached_property
    def bundle(self) -> Bundle:
        return deployment.bundle(self.tx, self.row.deployment_id)

    @cached_property
    def run(self) -> Run:
        if self.blob is None:
            raise Conflict("El asunto ya terminó.", reason=self.state, when=self.row.ended_at, who=self.row.changed_by)
        return Run.load(self.bundle.program(self.process_key), self, self.blob)

    @cached_property
    def rows(self) -> list[wait_states.Row]:
        return wait_states.rows(self)

    # --- what the run asks of its host

    def evaluate(self, expression: str, variables: Mapping[str, Value], *, element_id: str | None) -> Value:
        context = contexts.StepContext(self.tx, instance=self, element_id=element_id, entered_at=self.entered_at)
        return self.tx.engine.expression(expression).evaluate(variables, context=context, now=self.tx.now)

    def decide(self, decision_id: str, variables: Mapping[str, Value], *, element_id: str | None) -> Value:
        context = contexts.StepContext(self.tx, instance=self, element_id=element_id)
        return context.decide(decision_id, variables).outputs

    def send(
        self, message: str, correlation: str | None, variables: Mapping[str, Value], *, element_id: str | None
    ) -> None:
        outbox.request_message(
            self.tx,
            message,
            self.business_key,
            variables,
            correlation=correlation,
            instance_id=self.id,
            element_id=element_id,
        )
        self.record("message.sent", process_key=self.process_key, element_id=element_id, message=message)

    def broadcast(self, signal: str, variables: Mapping[str, Value], *, element_id: str | None) -> None:
        """To every other instance that listens now; each hears it in a transaction of its own."""
        others = [one for one in message.listeners(self.tx, signal) if one[0] != self.id]
        if others:
            outbox.request_signal(
                self.tx,
                signal,
                others,
                variables,
                business_key=self.business_key,
                instance_id=self.id,
                element_id=element_id,
            )
        self.record("signal.thrown", process_key=self.process_key, element_id=element_id, signal=signal)

    def record(
        self, kind: str, *, process_key: str | None = None, element_id: str | None = None, **details: Any
    ) -> None:
        self.events.append((kind, process_key, element_id, details))

    # --- steps

    def wait(self, wait_id: str) -> Wait | None:
        return self.run.wait(wait_id)

    def text(self, wait: Wait, source: str | None) -> Value:
        """What a text of the model gives at this wait: FEEL after "=", else the text itself; None for none."""
        return self.run.evaluate(wait.id, source) if source else None

    def advance(self) -> None:
        self.run.advance()

    def must_run(self) -> None:
        """Raises Conflict unless the instance is running."""
        if self.state != "running":
            sentence = "El asunto está suspendido." if self.state == "suspended" else "El asunto ya terminó."
            raise Conflict(sentence, reason=self.state, who=self.row.changed_by, when=self.row.changed_at)

    def fire_overdue(self) -> None:
        """Fire what is due, in order of due time. A verb does this first: what has lapsed cannot be done any more."""
        overdue = sorted(
            (row for row in self.rows if row.due and row.kind == "timer" and row.due <= self.tx.now),
            key=lambda row: (row.due, row.id),
        )
        for row in overdue:
            self.fire_timer(row.id, row.wait_id)

    def fire_timer(self, job_id: str, wait_id: str) -> None:
        """Fire one timer, if it still waits, and run on."""
        row = next((row for row in self.rows if row.id == job_id), None)
        wait = self.wait(wait_id)
        if row is None or wait is None:
            return
        assert row.due is not None
        job.delete(self.tx, [job_id])
        self.rows.remove(row)
        self.last_firing[wait.element.id] = row.due
        self.record("timer.fired", process_key=wait.process_key, element_id=wait.element.id, due=row.due)
        self.run.fire(wait_id, None)
        self.advance()

    def settle(self) -> None:
        """Run to stability, make the rows equal to the waits, write the state if nobody was faster."""
        if self.state == "running":
            self.advance()
        wait_states.reconcile(self)
        if self.run.completed and self.state == "running":
            self.state = "completed"
            self.record("instance.completed", process_key=self.process_key)
        ended = self.state in ("completed", "cancelled")
        self.blob = None if ended else self.run.dump()
        self.ended_at = self.tx.now if ended else None
        self.write()

    def write(self) -> None:
        """Write the row and the new history. Raises Conflict when the revision is not the one that was locked."""
        new = self.revision + 1
        self.incidents = sum(row.table == "incident" for row in self.rows)
        written = self.tx.execute(
            _UPDATE,
            {
                "instance": self.id,
                "old": self.revision,
                "new": new,
                "state_": self.state,
                "blob_": self.blob,
                "ended": self.ended_at,
                "changed": self.tx.now,
                "who": self.tx.actor.id,
                "incidents_": self.incidents,
            },
        )
        if written.rowcount != 1:
            now = get(self.tx, self.id)
            raise Raced("Alguien cambió este asunto al mismo tiempo.", reason="stale", revision=now.revision)
        self.revision = new
        history.write(self.tx, self.id, self.events)
        operation.write(self)
        self.events.clear()
        self.last_firing.clear()

    def value(self) -> ProcessInstance:
        """As it stands, after `settle`."""
        return replace(
            value(self.row), state=self.state, revision=self.revision, ended_at=self.ended_at, incidents=self.incidents
        )


def lock(tx: Transaction, instance_id: str) -> Instance:
    """Lock an instance for this transaction. Raises NotFound.

    A transaction locks one instance; another one only if its id is greater (`refresh_timers` goes through several in
    that order), so that two transactions can never wait for each other.
    """
    tx.write()
    if instance_id in tx.locked:
        return tx.locked[instance_id]
    if tx.last_lock > instance_id:
        raise EngineError("one transaction locks one instance: send a message to the other one instead")
    return _locked(tx, tx.execute(_LOCK, {"instance": instance_id}).first())


def lock_of_task(tx: Transaction, task_id: str) -> Instance:
    """Lock the instance of a user task. Raises NotFound."""
    if tx.last_lock:
        # It may be one that this transaction has already.
        instance_id = tx.execute(_INSTANCE_OF_TASK, {"task": task_id}).scalar()
        if instance_id is None:
            raise NotFound()
        return lock(tx, instance_id)
    tx.write()
    return _locked(tx, tx.execute(_LOCK_OF_TASK, {"task": task_id}).first())


def _locked(tx: Transaction, row: Row[Any] | None) -> Instance:
    if row is None:
        raise NotFound()
    instance = Instance(tx, row)
    tx.locked[instance.id], tx.last_lock = instance, instance.id
    return instance


# --- reading


def value(row: Any) -> ProcessInstance:
    return ProcessInstance(
        row.id,
        row.process_key,
        row.definition_id,
        row.version,
        row.deployment_id,
        row.business_key,
        row.state,
        row.revision,
        row.started_at,
        row.started_by,
        row.ended_at,
        row.incidents,
        row.held,
    )


def get(tx: Transaction, instance_id: str) -> ProcessInstance:
    """Raises NotFound, also for what the actor may not see."""
    query = select(*_WITHOUT_BLOB).where(_i.id == instance_id, tx.visible(_i.business_key))
    row = tx.execute(query).first()
    if row is None:
        raise NotFound()
    return value(row)


def read(tx: Transaction, instance_id: str) -> ProcessInstance:
    """The verb."""
    found = get(tx, instance_id)
    tx.allow("instance", found.business_key)
    return found


def loaded(tx: Transaction, instance_id: str) -> Instance:
    """The instance for reading: not locked, never written."""
    if instance_id in tx.locked:
        return tx.locked[instance_id]
    query = select(t.process_instance).where(_i.id == instance_id, tx.visible(_i.business_key))
    row = tx.execute(query).first()
    if row is None:
        raise NotFound()
    return Instance(tx, row)


def variables(tx: Transaction, instance_id: str) -> dict[str, Value]:
    instance = loaded(tx, instance_id)
    tx.allow("variables", instance.business_key)
    if instance.blob is None:
        return history.final_variables(tx, instance_id, instance.process_key)
    return dict(instance.run.variables())


def due_of(instance: Instance, wait: Wait) -> datetime | None:
    """When a timer fires, from what its expression gave on entry; None: it has fired as often as it should.

    Raises timers.TimerError.
    """
    element: Element = wait.element
    assert element.event is not None
    assert element.event.timer_kind is not None
    entered = instance.last_firing.get(element.id, instance.tx.now) if wait.repetition else instance.tx.now
    return timers.due(element.event.timer_kind, wait.due, entered, repetition=wait.repetition)
