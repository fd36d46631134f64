"""Verbs about what there is to do: jobs, incidents, and how many of everything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine import inbox, incident, instance_list, job, workload
from engine.values import Incident, IncidentQuery, Job, JobQuery, Page, Standing, Value, Workload
from engine.verbs.opening import By, Opening


class JobVerbs(Opening):
    """Jobs and incidents, each by its id; and numbers."""

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

    def discard(self, job_id: str, *, reason: str, by: By = None) -> None:
        """Take back a job that no element waits for (a mail, a notice, a message, a start) and close its incident."""
        with self._writing(by) as tx:
            job.discard(tx, job_id, reason)

    def incidents(
        self, query: IncidentQuery | None = None, page: str | None = None, size: int = 25, *, by: By = None
    ) -> Page[Incident]:
        """Open (or resolved) incidents, the latest first."""
        with self._reading(by) as tx:
            return incident.find(tx, query or IncidentQuery(), page, size)

    def resolve(
        self, incident_id: str, variables: Mapping[str, Value] | None = None, *, reason: str = "", by: By = None
    ) -> None:
        """Try again at the same point, after changing variables that are seen there if given."""
        with self._writing(by) as tx:
            incident.resolve(tx, incident_id, variables or {}, reason)

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
