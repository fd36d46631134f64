"""For machines that watch this one: alive, ready, numbers. Without sign-in, and without a word about any matter."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Blueprint, Response, abort, g, jsonify, request
from sqlalchemy import func, select, text

from engine import SYSTEM, Workload
from engine.storage.database import seconds_since_full
from tasks.registros import Correo
from web import schema
from web.backup import BadBackup, latest
from web.permissions import public
from web.runtime import engine, settings

blueprint = Blueprint("health", __name__)
log = structlog.get_logger(__name__)

LEAST_FREE = 200 * 2**20
"""Bytes of free disk below which this node takes no more work."""
FULL_FOR = 30
"""Seconds after the database's last refusal for lack of space in which this node takes no more work; its worker goes on
trying meanwhile."""
LATE = 300
"""Seconds that the oldest due job may wait before somebody should look."""
leaving = threading.Event()
"""Set when this process has been asked to end: it is ready for nothing new."""
_stored: dict[str, float] = {}
_answered: dict[tuple[str, str], list[float]] = {}
"""Route and class of status → number of requests that this process has answered, and seconds that they took."""
_counting = threading.Lock()


@blueprint.after_app_request
def count(response: Response) -> Response:
    took = time.perf_counter() - g.get("began", time.perf_counter())
    # By the route's name: addresses hold folios and clients' links.
    place = (request.endpoint or "none", f"{response.status_code // 100}xx")
    with _counting:
        known = _answered.setdefault(place, [0, 0.0])
        known[0] += 1
        known[1] += took
    return response


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """200 when this node can do its work, 503 with the names of what is wrong. `late` alone is a warning."""
    checks = {name: _holds(name, check) for name, check in CHECKS.items()}
    ready = all(good for name, good in checks.items() if name not in WARNINGS)
    return jsonify(ready=ready, checks=checks), 200 if ready else 503


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus' text format; only for programs on this machine, where a collector or its proxy stands."""
    if request.remote_addr not in ("127.0.0.1", "::1"):
        abort(404)
    return Response("".join(f"{line}\n" for line in _metrics()), mimetype="text/plain; version=0.0.4")


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception as error:
        log.warning("not_ready", check=name, error=type(error).__name__)
        return False


def _database() -> bool:
    began = time.monotonic()
    with engine().reading(SYSTEM) as tx:
        tx.execute(text("SELECT 1"))
    return time.monotonic() - began < 1


def _tables() -> bool:
    return schema.is_current(engine().database)


def _worker() -> bool:
    return any(one.alive for one in engine().workload(by=SYSTEM).workers)


def _disk() -> bool:
    """Here, and where the database is, as far as it has said."""
    refused = seconds_since_full(engine().database) < FULL_FOR
    return not refused and shutil.disk_usage(settings().var).free > LEAST_FREE


def _files() -> bool:
    """Bytes can be stored and read; tried once a minute."""
    if time.monotonic() - _stored.get("at", float("-inf")) > 60:
        probe = b"cauce readiness probe"
        files = engine().files
        if files.read(files.put(probe)) != probe:
            return False
        _stored["at"] = time.monotonic()
    return True


def _on_time() -> bool:
    return _oldest(engine().workload(by=SYSTEM)) < LATE


def _stays() -> bool:
    return not leaving.is_set()


CHECKS: dict[str, Callable[[], bool]] = {
    "stays": _stays,
    "database": _database,
    "tables": _tables,
    "worker": _worker,
    "disk": _disk,
    "files": _files,
    "on_time": _on_time,
}
WARNINGS = ("on_time",)


def _oldest(load: Workload) -> float:
    """Seconds of business time that the oldest due job waits."""
    if load.oldest_due is None:
        return 0.0
    with engine().reading(SYSTEM) as tx:
        return max(0.0, (tx.now - load.oldest_due).total_seconds())


def _metrics() -> Iterator[str]:
    load = engine().workload(by=SYSTEM)
    yield from _gauge(
        "cauce_jobs",
        "Jobs by state.",
        {
            'state="due"': load.due,
            'state="overdue"': load.overdue,
            'state="leased"': load.leased,
            'state="failed"': load.failed,
        },
    )
    yield from _gauge("cauce_oldest_due_job_seconds", "Age of the oldest due job.", {"": _oldest(load)})
    yield from _gauge("cauce_incidents_open", "Open incidents.", {"": load.incidents})
    for name, state in (("running", "running"), ("suspended", "suspended")):
        yield from _gauge(
            f"cauce_instances_{name}",
            f"Instances {state}, by process and version.",
            {
                f'process="{one.process_key}",version="{one.version}",deployment="{one.deployment_id[:12]}"': getattr(
                    one, name
                )
                for one in load.definitions
            },
        )
    yield from _gauge("cauce_workers_alive", "Workers seen within 30 s.", {"": sum(one.alive for one in load.workers)})
    yield from _counter(
        "cauce_worker_jobs_total", "Jobs run.", {f'worker="{one.name}"': one.ran for one in load.workers}
    )
    yield from _mails()
    yield from _requests()
    disk = shutil.disk_usage(settings().var)
    yield from _gauge("cauce_disk_free_bytes", "Free disk of the data folder.", {"": disk.free})
    yield from _gauge("cauce_disk_size_bytes", "Size of that disk.", {"": disk.total})
    try:
        found = latest(settings().var / "backups")
    except BadBackup:
        found = None
    age = (datetime.now(UTC) - found.made).total_seconds() if found else float("inf")
    yield from _gauge("cauce_backup_age_seconds", "Age of the last finished backup.", {"": age})


def _mails() -> Iterator[str]:
    with engine().reading(SYSTEM) as tx:
        query = select(Correo.estado, func.count()).group_by(Correo.estado)
        counts = {f'state="{state}"': count for state, count in tx.session.execute(query)}
        oldest = tx.session.scalar(select(func.min(Correo.creado)).where(Correo.estado == "en_cola"))
        waits = max(0.0, (tx.now - oldest).total_seconds()) if oldest else 0.0
    yield from _gauge("cauce_mails", "Mails of the outbox by state.", counts)
    yield from _gauge("cauce_oldest_mail_seconds", "Age of the oldest mail that waits.", {"": waits})


def _requests() -> Iterator[str]:
    with _counting:
        found = {f'route="{route}",status="{status}"': tuple(known) for (route, status), known in _answered.items()}
    # A Prometheus summary without quantiles: rate(sum) / rate(count) is the mean.
    yield "# HELP cauce_request_seconds Requests that this process has answered, by route and class of status."
    yield "# TYPE cauce_request_seconds summary"
    for labels, (number, seconds) in found.items():
        yield f"cauce_request_seconds_count{{{labels}}} {number:.0f}"
        yield f"cauce_request_seconds_sum{{{labels}}} {seconds:.6f}"


def _gauge(name: str, help: str, values: dict[str, Any], kind: str = "gauge") -> Iterator[str]:
    yield f"# HELP {name} {help}"
    yield f"# TYPE {name} {kind}"
    for labels, value in values.items():
        shown = "+Inf" if value == float("inf") else value
        yield f"{name}{{{labels}}} {shown}" if labels else f"{name} {shown}"


def _counter(name: str, help: str, values: dict[str, Any]) -> Iterator[str]:
    yield from _gauge(name, help, values, "counter")
