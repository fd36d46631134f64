"""What handlers, FEEL functions and expressions get of the step in which they run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine import assignment, deployment, outbox
from engine.errors import EngineError
from engine.values import Actor, DecisionResult, UserTask, Value

if TYPE_CHECKING:
    from engine.definitions.bundle import Bundle
    from engine.instance import Instance
    from engine.transaction import Transaction


class StepContext:
    """`handler.Context`: of a handler at an element, of a scheduled job, or of a mere evaluation."""

    def __init__(
        self,
        tx: Transaction,
        *,
        instance: Instance | None = None,
        business_key: str | None = None,
        element_id: str | None = None,
        process_key: str | None = None,
        wait_id: str | None = None,
        idempotency_key: str = "",
        entered_at: datetime | None = None,
        task: UserTask | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._tx = tx
        self._instance = instance
        self._wait_id = wait_id
        self._process_key = process_key
        self.instance_id = instance.id if instance else None
        self.business_key: str = business_key or (instance.business_key if instance else "")
        self.element_id = element_id
        self.idempotency_key = idempotency_key
        self.actor: Actor = tx.actor
        self.now: datetime = tx.now
        self.entered_at: datetime = entered_at or tx.now
        self.adapters: Any = tx.engine.adapters
        self.task = task
        self.headers: Mapping[str, str] = headers or {}

    @property
    def session(self) -> Session:
        return self._tx.session

    @cached_property
    def variables(self) -> Mapping[str, Value]:
        if self._instance is None or self._instance.blob is None:
            return {}
        return self._instance.run.variables(self._wait_id)

    @property
    def _bundle(self) -> Bundle:
        if self._instance is not None:
            return self._instance.bundle
        return deployment.latest_bundle(self._tx)

    def resource(self, name: str) -> bytes:
        return self._bundle.resource(name)

    def resources(self, prefix: str) -> Mapping[str, bytes]:
        return self._bundle.resources(prefix)

    def evaluate(self, expression: str, variables: Mapping[str, Value] | None = None) -> Value:
        known = self.variables if variables is None else variables
        return self._tx.engine.expression(expression).evaluate(known, context=self, now=self.now)

    def decide(self, decision_id: str, inputs: Mapping[str, Value]) -> DecisionResult:
        result: DecisionResult = self._bundle.decisions.decide(decision_id, inputs, context=self, now=self.now)
        pending = [result]
        while pending and self._instance is not None:
            one = pending.pop(0)
            self.note(
                "decision.evaluated",
                decision_id=one.decision_id,
                name=one.name,
                inputs=dict(one.inputs),
                rules=list(one.matched),
                outputs=one.outputs,
            )
            pending.extend(one.required)
        return result

    def schedule(self, topic: str, due: datetime, key: str, input: Mapping[str, Any] | None = None) -> None:
        outbox.schedule(self._tx, topic, due, key, input, business_key=self.business_key, instance_id=self.instance_id)

    def unschedule(self, key: str) -> None:
        outbox.unschedule(self._tx, key, business_key=self.business_key)

    def send(
        self,
        message: str,
        business_key: str | None = None,
        variables: Mapping[str, Value] | None = None,
        *,
        correlation: str | None = None,
        keep: str | None = None,
    ) -> None:
        if self._instance is not None:
            self.note("message.sent", message=message, receiver=business_key or self.business_key)
        outbox.request_message(
            self._tx,
            message,
            business_key or self.business_key,
            variables,
            correlation=correlation,
            keep=keep,
            instance_id=self.instance_id,
            element_id=self.element_id,
        )

    def start(self, process_key: str, business_key: str, variables: Mapping[str, Value] | None = None) -> None:
        outbox.request_start(self._tx, process_key, business_key, variables, instance_id=self.instance_id)

    def assign(self, task_id: str, assignee: str | None, reason: str = "") -> None:
        if self._instance is not None:
            raise EngineError("a step of an instance does not assign user tasks; schedule a job for it")
        assignment.assign(self._tx, task_id, assignee, reason)

    def note(self, kind: str, **details: Any) -> None:
        if self._instance is None:
            raise EngineError("what belongs to no instance has no history to note this in")
        if self._tx.writes:
            self._instance.events.append((kind, self._process_key, self.element_id, details))
