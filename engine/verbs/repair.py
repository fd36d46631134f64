"""Verbs of operators on one instance: move its tokens, go past what is stuck, take it to another version and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import given, lifecycle, migration, operation, repair
from engine.values import (
    Instruction,
    Migrated,
    Operation,
    OperationQuery,
    Page,
    Plan,
    ProcessInstance,
    Value,
    WaitState,
)
from engine.verbs.opening import By, Opening


class RepairVerbs(Opening):
    """What operators do, with a reason that the history keeps."""

    def wait_states(self, instance_id: str, *, by: By = None) -> list[WaitState]:
        """What the instance waits for, each with its row's facts; what only may come is last."""
        with self._reading(by) as tx:
            return repair.wait_states(tx, instance_id)

    def modify(
        self, instance_id: str, instructions: Sequence[Instruction], *, reason: str, by: By = None
    ) -> ProcessInstance:
        """Take tokens away and put others before or after elements, as one change. Raises Conflict where the state
        could not go on, and changes nothing then."""
        with self._writing(by) as tx:
            return repair.modify(tx, instance_id, instructions, reason)

    def skip(
        self, id: str, result: Mapping[str, Value] | None = None, *, reason: str, by: By = None
    ) -> ProcessInstance:
        """Go past a user task, job, timer, message or incident (by the id of its row) as if it had given this result,
        without form and handler."""
        with self._writing(by) as tx:
            return repair.skip(tx, id, result or {}, reason)

    def fire(
        self, id: str, variables: Mapping[str, Value] | None = None, *, reason: str, by: By = None
    ) -> ProcessInstance:
        """Fire a waiting timer (by the id of its job) now, or a message or signal (by the id of its subscription)."""
        with self._writing(by) as tx:
            return repair.fire(tx, id, variables or {}, reason)

    def throw_error(
        self,
        task_id: str,
        code: str,
        text: str = "",
        variables: Mapping[str, Value] | None = None,
        *,
        reason: str = "",
        by: By = None,
    ) -> ProcessInstance:
        """A BPMN error at a user task, or at what a job, subscription or incident stands for (then with a reason),
        caught by its boundary or further out. Raises Conflict when nobody catches."""
        with self._writing(by) as tx:
            return repair.throw_error(tx, task_id, code, text, variables or {}, reason)

    def refresh_timers(self, business_key: str, *, by: By = None) -> int:
        """Evaluate the waiting timers (and due dates of user tasks) of this business key again, as of when they were
        entered, and move them; gives how many moved. For actions that change what those expressions read."""
        with self._writing(by) as tx:
            return lifecycle.refresh_timers(tx, business_key)

    def plan_migration(
        self, source: str, target: str, mapping: Mapping[str, str] | None = None, *, by: By = None
    ) -> Plan:
        """What would become of every instance of a deployment on another one; changes nothing. `mapping`: elements
        and sequence flows whose ids differ. Raises Invalid for ids that are not there."""
        with self._reading(by) as tx:
            return migration.plan(tx, source, target, mapping or {})

    def migrate(self, plan: Plan, instance_ids: Sequence[str], *, reason: str, by: By = None) -> list[Migrated]:
        """Move these instances; each is judged again and tells what became of it. On the engine each is a transaction
        of its own."""
        given.must_have_reason(reason)
        with self._writing(by) as tx, operation.part_of(tx, migration.order(tx, plan, instance_ids, reason)):
            return [migration.migrate(tx, plan, one, reason) for one in sorted(set(instance_ids))]

    def restorable(self, instance_id: str, *, by: By = None) -> bool:
        """Whether there is a state before a migration that `restore` can bring back now."""
        with self._reading(by) as tx:
            return migration.restorable(tx, instance_id)

    def restore(self, instance_id: str, *, reason: str, by: By = None) -> ProcessInstance:
        """Back to the state before the last migration. Raises Conflict when the instance has gone on since."""
        with self._writing(by) as tx:
            return migration.restore(tx, instance_id, reason)

    def operations(
        self, query: OperationQuery | None = None, page: str | None = None, size: int = 25, *, by: By = None
    ) -> Page[Operation]:
        """What people did by hand, across all instances, the latest first; of instances only what the actor may see."""
        with self._reading(by) as tx:
            return operation.find(tx, query or OperationQuery(), page, size)
