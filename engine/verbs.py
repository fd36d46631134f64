"""The verbs: everything that can be done to, or asked of, the processes.

`Engine` has them with a transaction of their own each, `Transaction` within its own. Every verb takes the actor as `by`
(a transaction already has one), and passes the firm's `Access`. Lists give pages: `page` is the `next` of the page
before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from engine import (
    assignment,
    attachment,
    completion,
    deployment,
    diagram,
    history,
    inbox,
    incident,
    instance,
    instance_list,
    job,
    lifecycle,
    message,
    migration,
    repair,
    suspension,
    user_task,
    workload,
)
from engine.values import (
    Actor,
    Attachment,
    Completed,
    DecisionResult,
    Deployment,
    Diagram,
    Difference,
    Finding,
    HistoryEvent,
    Incident,
    InstanceQuery,
    Instruction,
    Job,
    JobQuery,
    Migrated,
    Page,
    Plan,
    ProcessDefinition,
    ProcessInstance,
    Standing,
    Subscription,
    Suspension,
    UserTask,
    UserTaskQuery,
    Value,
    VariableScope,
    WaitState,
    Workload,
)

if TYPE_CHECKING:
    from engine.completion import TaskForm
    from engine.transaction import Transaction

By = Actor | None


class Verbs:
    """The verbs, for whoever can open a transaction."""

    def _writing(self, by: By) -> AbstractContextManager[Transaction]:
        raise NotImplementedError

    def _reading(self, by: By) -> AbstractContextManager[Transaction]:
        raise NotImplementedError

    # --- models

    def check(self, resources: Mapping[str, bytes], *, by: By = None) -> list[Finding]:
        """Everything that is wrong with these files, errors and warnings."""
        with self._reading(by) as tx:
            return deployment.check(tx, resources)

    def deploy(self, resources: Mapping[str, bytes], *, name: str = "", by: By = None) -> Deployment:
        """Publish these files as one bundle; the same files again change nothing. Raises DeployRejected."""
        with self._reading(by) as tx:
            warnings = deployment.judge(tx, resources)
        with self._writing(by) as tx:
            return deployment.deploy(tx, resources, name, warnings)

    def deployments(self, *, by: By = None) -> list[Deployment]:
        """All deployments, the latest first."""
        with self._reading(by) as tx:
            return deployment.deployments(tx)

    def definitions(self, *, by: By = None) -> list[ProcessDefinition]:
        """The latest version of every process."""
        with self._reading(by) as tx:
            return deployment.definitions(tx)

    def resources(self, deployment_id: str | None = None, *, by: By = None) -> dict[str, bytes]:
        """The files of a deployment (None: the latest). Raises NotFound."""
        with self._reading(by) as tx:
            return deployment.resources(tx, deployment_id)

    def diagram(
        self,
        process_key: str | None = None,
        *,
        instance_id: str | None = None,
        deployment_id: str | None = None,
        by: By = None,
    ) -> Diagram:
        """A process's diagram: as the instance runs it, with its tokens and the way taken; else of a deployment.

        `process_key` may name a called process. Raises NotFound.
        """
        with self._reading(by) as tx:
            return diagram.diagram(tx, process_key, instance_id, deployment_id)

    def diff(self, source: str, target: str, *, by: By = None) -> Difference:
        """What is different between two deployments: elements, sequence flows, files."""
        with self._reading(by) as tx:
            return migration.diff(tx, source, target)

    # --- instances

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

    def suspend_definition(
        self, definition_id: str, *, reason: str, instances: bool = False, by: By = None
    ) -> Suspension:
        """Nothing new of this version (`key:version`) starts until `resume_definition`; with `instances` those under
        way are suspended, too. On the engine each is a transaction of its own, so one that dies half-way is called
        again. Raises Conflict when it is suspended already (and `instances` is False)."""
        with self._writing(by) as tx:
            found = suspension.suspend(tx, definition_id, reason, instances)
            for one in suspension.to_hold(tx, definition_id) if instances else ():
                suspension.hold(tx, one, definition_id, found.reason)
            return found

    def resume_definition(self, definition_id: str, *, reason: str, by: By = None) -> Suspension:
        """New ones start again, and the instances that were suspended with it go on."""
        with self._writing(by) as tx:
            found = suspension.resume(tx, definition_id, reason)
            for one in suspension.to_let_go(tx, definition_id):
                suspension.let_go(tx, one, reason)
            return found

    def suspensions(self, definition_id: str, *, by: By = None) -> list[Suspension]:
        """Every time that this version was suspended, the latest first."""
        with self._reading(by) as tx:
            return suspension.suspensions(tx, definition_id)

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

    def counts(self, *, by: By = None) -> dict[str, int]:
        """How many there are, each counted up to 1000 («999+»): `mine`, `groups`, `overdue` (of mine and my groups),
        `running`, `suspended`, `incidents`, `failed_jobs`."""
        with self._reading(by) as tx:
            return {**inbox.counts(tx), **instance_list.counts(tx)}

    def workload(self, *, by: By = None) -> Workload:
        """How much there is to do and who does it: instances by version, jobs, incidents, workers."""
        with self._reading(by) as tx:
            return workload.workload(tx)

    def standing(self, deployment_id: str, *, by: By = None) -> list[Standing]:
        """Where the instances of a deployment wait, and where something failed: numbers for its diagrams."""
        with self._reading(by) as tx:
            return workload.standing(tx, deployment_id)

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

    # --- repair

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

    def refresh_timers(self, business_key: str, *, by: By = None) -> int:
        """Evaluate the waiting timers (and due dates of user tasks) of this business key again, as of when they were
        entered, and move them; gives how many moved. For actions that change what those expressions read."""
        with self._writing(by) as tx:
            return lifecycle.refresh_timers(tx, business_key)

    # --- migration

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
        repair.needs(reason)
        with self._writing(by) as tx:
            return [migration.migrate(tx, plan, one, reason) for one in sorted(set(instance_ids))]

    def restorable(self, instance_id: str, *, by: By = None) -> bool:
        """Whether there is a state before a migration that `restore` can bring back now."""
        with self._reading(by) as tx:
            return migration.restorable(tx, instance_id)

    def restore(self, instance_id: str, *, reason: str, by: By = None) -> ProcessInstance:
        """Back to the state before the last migration. Raises Conflict when the instance has gone on since."""
        with self._writing(by) as tx:
            return migration.restore(tx, instance_id, reason)

    # --- user tasks

    def user_tasks(
        self, query: UserTaskQuery | None = None, page: str | None = None, size: int = 25, *, by: By = None
    ) -> Page[UserTask]:
        """A list of user tasks, of those that the actor may know of."""
        with self._reading(by) as tx:
            return inbox.find(tx, query or UserTaskQuery(), page, size)

    def user_task(self, task_id: str, *, by: By = None) -> UserTask:
        """One user task, open or ended. Raises NotFound."""
        with self._reading(by) as tx:
            return user_task.get(tx, task_id)

    def form(self, task_id: str, *, by: By = None) -> TaskForm:
        """The form of an open user task, with what its handler prepared, the process variables and the draft."""
        with self._reading(by) as tx:
            return completion.form(tx, task_id)

    def attach(self, task_id: str, field: str, stream: BinaryIO, filename: str, *, by: By = None) -> Attachment:
        """Store a file for a field of the form. Raises Invalid for what is too large, too many or no accepted type."""
        with self._reading(by) as tx:
            attachment.may_attach(tx, task_id)
            files = tx.engine.files
        # The bytes first, and not inside the writing transaction.
        stored = files.store(stream, filename, field)
        with self._writing(by) as tx:
            return attachment.attach(tx, task_id, field, stored, files.shown_name(filename))

    def attachment(self, attachment_id: str, *, by: By = None) -> Attachment:
        """What is known of a file; its bytes: `engine.files.read(hash)`. Raises NotFound."""
        with self._reading(by) as tx:
            return attachment.get(tx, attachment_id)

    def draft(self, task_id: str, values: Mapping[str, Any], *, by: By = None) -> None:
        """Keep what has been typed so far, as it is."""
        with self._writing(by) as tx:
            user_task.draft(tx, task_id, values)

    def claim(self, task_id: str, *, by: By = None) -> UserTask:
        """Take an unassigned user task. Raises Conflict when somebody else has it."""
        with self._writing(by) as tx:
            return assignment.claim(tx, task_id)

    def release(self, task_id: str, *, by: By = None) -> UserTask:
        """Give a claimed user task back to its candidates. Raises NotAllowed."""
        with self._writing(by) as tx:
            return assignment.release(tx, task_id)

    def assign(self, task_id: str, assignee: str | None, *, reason: str = "", by: By = None) -> UserTask:
        """Give a user task to a person, or (None) back to its candidates, whoever has it now."""
        with self._writing(by) as tx:
            return assignment.assign(tx, task_id, assignee, reason)

    def complete(
        self,
        task_id: str,
        submitted: Mapping[str, Any],
        *,
        request_id: str | None = None,
        revision: int | None = None,
        raw: bool = False,
        by: By = None,
    ) -> Completed:
        """Complete a user task with the values of its form: typed, or as texts from a browser (`raw`: name → list of
        texts).

        Raises Invalid with the fields, NotAllowed, and Conflict with `who` and `when` if the task is gone or was given
        to somebody else after `revision`. The same `request_id` gets the first answer again.
        """
        with self._writing(by) as tx:
            return completion.complete(tx, task_id, submitted, request_id, revision, raw)

    # --- jobs and incidents

    def jobs(
        self, query: JobQuery | None = None, page: str | None = None, size: int = 25, *, by: By = None
    ) -> Page[Job]:
        """Jobs, the earliest due first."""
        with self._reading(by) as tx:
            return job.find(tx, query or JobQuery(), page, size)

    def retry(
        self, job_id: str, variables: Mapping[str, Value] | None = None, *, reason: str = "", by: By = None
    ) -> None:
        """Try a failed job again with all its retries, after changing variables that it sees if given."""
        with self._writing(by) as tx:
            job.retry(tx, job_id, variables or {}, reason)

    def set_due(self, job_id: str, due: datetime, *, reason: str = "", by: By = None) -> None:
        """Move a waiting job or timer to another moment."""
        with self._writing(by) as tx:
            job.set_due(tx, job_id, due, reason)

    def incidents(
        self,
        page: str | None = None,
        size: int = 25,
        *,
        instance_id: str | None = None,
        resolved: bool = False,
        by: By = None,
    ) -> Page[Incident]:
        """Open (or resolved) incidents, the latest first."""
        with self._reading(by) as tx:
            return incident.find(tx, instance_id, resolved, page, size)

    def resolve(
        self, incident_id: str, variables: Mapping[str, Value] | None = None, *, reason: str = "", by: By = None
    ) -> None:
        """Try again at the same point, after changing variables that are seen there if given."""
        with self._writing(by) as tx:
            incident.resolve(tx, incident_id, variables or {}, reason)

    # --- rules, outside of any instance

    def decide(self, decision_id: str, inputs: Mapping[str, Value], *, by: By = None) -> DecisionResult:
        """Evaluate a decision of the latest deployment."""
        with self._reading(by) as tx:
            return deployment.decide(tx, decision_id, inputs)

    def evaluate(self, expression: str, context: Mapping[str, Value] | None = None, *, by: By = None) -> Value:
        """Evaluate a FEEL expression."""
        with self._reading(by) as tx:
            return deployment.evaluate(tx, expression, context or {})
