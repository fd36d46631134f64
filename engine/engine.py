"""The engine: a database, the firm's handlers, functions and rules, and a clock."""

from __future__ import annotations

import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from engine import (
    attachment,
    completion,
    deployment,
    due_jobs,
    given,
    migration,
    operation,
    suspension,
    worker,
    workload,
)
from engine import instance as instances
from engine import user_task as user_tasks
from engine.access import Access, OpenAccess
from engine.clock import Clock, SystemClock
from engine.definitions import Bundles
from engine.due_jobs import Leave
from engine.errors import Conflict, EngineError, NotAllowed, NotFound
from engine.feel import Expression, Functions, parse
from engine.handler import FeelFunction, ServiceTaskHandler, UserTaskHandler
from engine.lease import Lease
from engine.storage import database as storage
from engine.storage import metadata
from engine.storage.files import Files
from engine.transaction import Transaction
from engine.values import SYSTEM, Actor, Completed, Migrated, Plan, Suspension
from engine.verbs import By, Verbs

log = logging.getLogger(__name__)

ABANDONED = timedelta(days=30)
"""Age at which an uploaded file that was never submitted goes."""
Handler = ServiceTaskHandler | UserTaskHandler | FeelFunction


class Engine(Verbs):
    """Everything that a program needs of processes. Safe to share between threads; `close` it at the end.

    `handlers` (and `functions`): what `declared(...)` found, all in one list or in two. `adapters` is handed to the
    handlers. `files`: where uploads are kept; by default the folder `files` beside a SQLite database.
    """

    def __init__(
        self,
        database_url: str,
        *,
        handlers: Iterable[Handler] = (),
        functions: Iterable[FeelFunction] = (),
        access: Access | None = None,
        clock: Clock | None = None,
        adapters: Any = None,
        files: Files | None = None,
        lease: timedelta = timedelta(seconds=60),
        after_step: float = 0.300,
        given: Iterable[str] = (),
    ) -> None:
        """`given`: names of the variables with which the program starts processes, so that no check takes them for
        slips. `lease`: after this time without an outcome a job is taken from a worker. `after_step`: seconds that the
        thread of a person's step may spend on the jobs that it caused; 0 leaves them to the workers."""
        found = [*handlers, *functions]
        self.database = storage.connect(database_url)
        self.service_handlers = {one.topic: one for one in found if isinstance(one, ServiceTaskHandler)}
        self.user_task_handlers = {one.topic: one for one in found if isinstance(one, UserTaskHandler)}
        self.functions = Functions(one for one in found if isinstance(one, FeelFunction))
        self.access = access or OpenAccess()
        self.clock = clock or SystemClock()
        self.adapters = adapters
        self.lease = lease
        self.after_step = after_step
        self.given = frozenset(given)
        self._files = files
        self.unfinished: deque[tuple[Lease, Callable[[], object]]] = deque()
        """Jobs of this process whose outcome could not be written down yet, see `worker.finish_what_waits`."""
        self.bundles = Bundles(self._load, self.functions)
        self.expression: Callable[[str], Expression] = lru_cache(4096)(self._parse)

    # --- transactions

    @contextmanager
    def transaction(self, by: Actor) -> Iterator[Transaction]:
        """The only commit. After it, and before this returns, the inside jobs that a person's step caused are run."""
        tx: Transaction | None = None
        try:
            with storage.writing(self.database) as connection:
                tx = Transaction(self, connection, by, writes=True)
                try:
                    yield tx
                    tx.flush()
                finally:
                    tx.close()
        except Conflict as conflict:
            if conflict.details.get("reason") == "lapsed" and "instance" in conflict.details:
                # What was refused has been rolled back; that the time is over becomes visible now.
                self.run_jobs_of(conflict.details["instance"])
            raise
        if by is not SYSTEM and self.after_step > 0:
            try:
                tx.followed = due_jobs.follow(self, tx.urgent, tx.urgent_jobs, self.after_step)
            except Exception:
                # The step itself is done and stays done: what follows is left to the workers.
                log.exception("what follows a step of %s is left to the workers", by.id)

    @contextmanager
    def reading(self, by: Actor) -> Iterator[Transaction]:
        """A transaction for pages: no lock, no change, the verbs that only read."""
        with storage.reading(self.database) as connection:
            tx = Transaction(self, connection, by, writes=False)
            try:
                yield tx
            finally:
                tx.close()

    @contextmanager
    def _writing(self, by: By) -> Iterator[Transaction]:
        with self.transaction(_given(by)) as tx:
            yield tx

    @contextmanager
    def _reading(self, by: By) -> Iterator[Transaction]:
        with self.reading(_given(by)) as tx:
            yield tx

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
        """As the verb; what comes next is looked for after the jobs that this step caused."""
        with self.transaction(_given(by)) as tx:
            done = completion.complete(tx, task_id, submitted, request_id, revision, raw)
        if not tx.followed:
            return done
        with self.reading(_given(by)) as tx:
            following = user_tasks.next_task(tx, done.instance.business_key)
            return replace(done, instance=instances.get(tx, done.instance.id), next_task=following)

    def migrate(self, plan: Plan, instance_ids: Sequence[str], *, reason: str, by: By = None) -> list[Migrated]:
        """As the verb; each instance in a transaction of its own, so that one that fails holds nobody up."""
        given.must_have_reason(reason)
        outcomes = []
        with self.transaction(_given(by)) as tx:
            order = migration.order(tx, plan, instance_ids, reason)
        for instance_id in sorted(set(instance_ids)):
            try:
                with self.transaction(_given(by)) as tx, operation.part_of(tx, order):
                    outcomes.append(migration.migrate(tx, plan, instance_id, reason))
            except (Conflict, NotFound, NotAllowed) as error:
                key = next((one.business_key for one in plan.verdicts if one.instance_id == instance_id), "")
                outcomes.append(Migrated(instance_id, key, False, error.message))
        return outcomes

    def suspend_definition(
        self, definition_id: str, *, reason: str, instances: bool = False, most: int | None = None, by: By = None
    ) -> Suspension:
        """As the verb; each instance in a transaction of its own, so that nobody waits for all of them."""
        with self.transaction(_given(by)) as tx:
            found = suspension.suspend(tx, definition_id, reason, instances)
            ids = suspension.to_hold(tx, definition_id)[:most] if instances else []
            order = suspension.order(tx, "suspend_definition", definition_id)
        for one in ids:
            with self.transaction(_given(by)) as tx, operation.part_of(tx, order):
                suspension.hold(tx, one, definition_id, reason.strip())
        return found

    def resume_definition(
        self, definition_id: str, *, reason: str, most: int | None = None, by: By = None
    ) -> Suspension:
        """As the verb; each instance in a transaction of its own."""
        with self.transaction(_given(by)) as tx:
            found = suspension.resume(tx, definition_id, reason)
            ids = suspension.to_let_go(tx, definition_id)[:most]
            order = suspension.order(tx, "resume_definition", definition_id)
        for one in ids:
            with self.transaction(_given(by)) as tx, operation.part_of(tx, order):
                suspension.let_go(tx, one, reason.strip())
        return found

    # --- jobs

    def run_jobs_of(self, instance_id: str, budget: float = 0.300) -> int:
        """Run the due inside jobs of one instance, and those of others that they cause, up to `budget` seconds or 20
        jobs; answers how many."""
        return due_jobs.follow(self, {instance_id}, [], budget)

    def run_due_jobs(self, limit: int = 100, worker_name: str = "worker", *, leave: Leave | None = None) -> int:
        """Run what is due, the earliest first, and what becomes due by it, up to `limit`; answers how many ran."""
        return due_jobs.run(self, limit, worker_name, leave)

    def run_job(self, job_id: str, worker_name: str = "worker") -> bool:
        """Run this job now, to one of its outcomes; False when it is not due or somebody else has it."""
        return worker.run(self, job_id, worker_name, wait=True)

    def fail_job(self, job_id: str, text: str, worker_name: str = "worker", *, last: bool = False) -> bool:
        """Let a due job fail with this sentence instead of doing it, to try what the process does then. `last`: as
        after its last attempt, so that an incident opens. False when it is not due or somebody else has it."""
        return worker.fail(self, job_id, worker_name, text, last=last)

    def beat(self, worker_name: str, ran: int = 0) -> None:
        """A worker says that it lives, and how many jobs it ran since it last did."""
        with storage.writing(self.database) as connection:
            workload.beat(connection, worker_name, socket.gethostname(), os.getpid(), ran)

    def sign_off(self, worker_name: str) -> None:
        """A worker ends in good order, and hands back the jobs that it has not finished."""
        with storage.writing(self.database) as connection:
            workload.leave(connection, worker_name)

    def move_clock(self, to: datetime, *, by: Actor, leave: Leave | None = None) -> int:
        """Move business time forward: every job on the way runs at its own due time, in order; answers how many ran.

        Only with a `MovableClock`. Raises Invalid for a moment that has passed.
        """
        return due_jobs.move_clock(self, to, by, leave)

    # --- the ground

    def create_schema(self) -> None:
        """Create the engine's tables, for tests and tools; programs use their migrations."""
        with storage.writing(self.database) as connection:
            metadata.create_all(connection)

    @property
    def files(self) -> Files:
        if self._files is None:
            url = make_url(self.database.url)
            if url.get_backend_name() != "sqlite":
                raise EngineError("say where files are kept: Engine(files=Files.in_folder(…))")
            self._files = Files.in_folder(Path(str(url.database)).resolve().parent / "files")
        return self._files

    def sweep_files(self, used: Iterable[str] = (), *, by: Actor) -> int:
        """Forget files of drafts that were abandoned 30 days ago, and stored bytes of which no row knows; answers how
        many contents were deleted. `used`: hashes that the program's own tables refer to.

        What was stored within the last day stays: its row may be under way.
        """
        yesterday = datetime.now(UTC) - timedelta(days=1)
        stored = set(self.files.hashes(yesterday))
        with self.transaction(by) as tx:
            tx.allow("sweep_files")
            known = attachment.sweep(tx, tx.now - ABANDONED)
        return sum(self.files.delete_older(digest, yesterday) for digest in sorted(stored - known - set(used)))

    def close(self) -> None:
        """Close all connections."""
        self.database.dispose()

    def _load(self, deployment_id: str) -> dict[str, bytes]:
        with storage.reading(self.database) as connection:
            return deployment.load(connection, deployment_id)

    def _parse(self, expression: str) -> Expression:
        return parse(expression, functions=self.functions)


def _given(by: By) -> Actor:
    if by is None:
        raise TypeError("say who acts: by=Actor(…)")
    return by
