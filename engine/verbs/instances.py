"""Verbs about process instances: start, find, read, stop, and hand them a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import history, instance, instance_list, lifecycle, message, repair
from engine.values import (
    HistoryEvent,
    InstanceQuery,
    Instruction,
    Page,
    ProcessInstance,
    Subscription,
    Value,
    VariableScope,
)
from engine.verbs.opening import By, Opening


class InstanceVerbs(Opening):
    """Process instances, each as a whole."""

    def start(
        self,
        process_key: str,
        business_key: str,
        variables: Mapping[str, Value] | None = None,
        *,
        request_id: str | None = None,
        version: int | None = None,
        at: Sequence[Instruction] = (),
        by: By = None,
    ) -> ProcessInstance:
        """Start an instance; once for each request id, and once for each process and business key: the second call
        gives the first instance. `at`: instructions that put its tokens in the middle, for a case that began before
        the program did. Raises NotFound for an unknown process or element."""
        with self._writing(by) as tx:
            return lifecycle.start(tx, process_key, business_key, variables or {}, request_id, version, at=at)

    def instance(self, instance_id: str, *, by: By = None) -> ProcessInstance:
        """One instance. Raises NotFound."""
        with self._reading(by) as tx:
            return instance.read(tx, instance_id)

    def instances(
        self, query: InstanceQuery | None = None, page: str | None = None, size: int = 25, *, by: By = None
    ) -> Page[ProcessInstance]:
        """Instances, the latest first."""
        with self._reading(by) as tx:
            return instance_list.find(tx, query or InstanceQuery(), page, size)

    def count_instances(self, query: InstanceQuery | None = None, *, by: By = None) -> int:
        """How many instances a query means, counted to the last."""
        with self._reading(by) as tx:
            return instance_list.number(tx, query or InstanceQuery())

    def variables(self, instance_id: str, *, by: By = None) -> dict[str, Value]:
        """The variables of the process scope; of an ended instance: as they were at its end."""
        with self._reading(by) as tx:
            return instance.variables(tx, instance_id)

    def scopes(self, instance_id: str, *, by: By = None) -> list[VariableScope]:
        """All variables of a running instance, by the scope that they belong to; the process first."""
        with self._reading(by) as tx:
            return repair.scopes(tx, instance_id)

    def set_variables(
        self,
        instance_id: str,
        values: Mapping[str, Value],
        *,
        reason: str,
        wait_id: str | None = None,
        by: By = None,
    ) -> None:
        """Change process variables by hand; conditional events see it. `wait_id`: as the element that waits there
        would, in the nearest scope that has the name."""
        with self._writing(by) as tx:
            lifecycle.set_variables(tx, instance_id, values, reason, wait_id)

    def suspend(self, instance_id: str, *, reason: str, by: By = None) -> ProcessInstance:
        """Stand still: no job runs, no user task is completed, until `resume`."""
        with self._writing(by) as tx:
            return lifecycle.suspend(tx, instance_id, reason)

    def resume(self, instance_id: str, *, reason: str, by: By = None) -> ProcessInstance:
        """Go on after `suspend`. Raises Conflict when it is not suspended."""
        with self._writing(by) as tx:
            return lifecycle.resume(tx, instance_id, reason)

    def cancel(self, instance_id: str, *, reason: str, by: By = None) -> ProcessInstance:
        """End the instance here and now."""
        with self._writing(by) as tx:
            return lifecycle.cancel(tx, instance_id, reason)

    def history(
        self,
        instance_id: str,
        page: str | None = None,
        size: int = 200,
        *,
        kinds: Sequence[str] = (),
        latest_first: bool = False,
        by: By = None,
    ) -> Page[HistoryEvent]:
        """What happened, in order, or the latest first. A kind ending in `*` means all that begin so."""
        with self._reading(by) as tx:
            return history.find(tx, instance_id, page, size, kinds, latest_first)

    def flows_taken(self, *, by: By = None) -> set[tuple[str, str]]:
        """Process key and sequence flow of everything that any instance has taken. Reads the whole history."""
        with self._reading(by) as tx:
            return history.flows_taken(tx)

    def subscriptions(self, instance_id: str, *, by: By = None) -> list[Subscription]:
        """What the instance waits for from outside."""
        with self._reading(by) as tx:
            return message.subscriptions(tx, instance_id)

    def correlate(
        self,
        name: str,
        *,
        business_key: str,
        correlation: str | None = None,
        variables: Mapping[str, Value] | None = None,
        keep: str | None = None,
        by: By = None,
    ) -> ProcessInstance | None:
        """Deliver a message to the one instance that waits for it under this correlation key (None: the business key),
        or start what it starts. Nobody waits: kept for the duration `keep` (then None), else Conflict."""
        with self._writing(by) as tx:
            return message.correlate(tx, name, business_key, correlation, variables or {}, keep)
