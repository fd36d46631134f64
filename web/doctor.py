"""`cauce doctor`: everything that this program stands on, looked at once, each with what to do when it is not well."""

from __future__ import annotations

import os
import shutil
import smtplib
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import text

from engine import SYSTEM, Engine, InstanceQuery, Transaction
from engine.instance import loaded
from engine.storage.database import reading
from web import assets, backup, backup_postgresql, schema
from web.settings import Settings

Grade = Literal["good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one look found."""

    grade: Grade
    said: str
    remedy: str = ""


def examine(settings: Settings, engine: Engine) -> Iterator[tuple[str, Answer]]:
    """Every check by name. A check that fails in itself is a bad answer, never an exception."""
    for name, check in CHECKS.items():
        try:
            yield name, check(settings, engine)
        except Exception as error:
            yield name, Answer("bad", f"{type(error).__name__}: {error}")


def _versions(settings: Settings, engine: Engine) -> Answer:
    with reading(engine.database) as connection:
        server = connection.dialect.server_version_info or ()
    said = f"Cauce {version('cauce')}, {engine.database.dialect.name} {'.'.join(map(str, server))}"
    if engine.database.dialect.name == "sqlite" and sqlite3.sqlite_version_info < (3, 35):
        return Answer("bad", said, "SQLite 3.35 or newer is needed.")
    return Answer("good", said)


def _tables(settings: Settings, engine: Engine) -> Answer:
    if schema.is_current(engine.database):
        return Answer("good", "The tables are those of this program.")
    return Answer("bad", "The tables are not those of this program.", "Run: cauce upgrade")


def _commits(settings: Settings, engine: Engine) -> Answer:
    """How often the disk of the data folder can be made to keep something for good."""
    path = settings.var / ".doctor"
    count, began = 0, time.perf_counter()
    try:
        with path.open("wb", buffering=0) as file:
            while time.perf_counter() - began < 0.5 and count < 2000:
                file.write(b"x" * 4096)
                os.fsync(file.fileno())
                count += 1
    finally:
        path.unlink(missing_ok=True)
    rate = count / (time.perf_counter() - began)
    said = f"The disk keeps {rate:.0f} writes a second."
    if rate < 50:
        return Answer("warning", said, "Every step of a matter is one; people will wait. Use a faster disk.")
    if rate > 20_000:
        return Answer("warning", said, "That is faster than disks are: does it really flush? See its write cache.")
    return Answer("good", said)


def _space(settings: Settings, engine: Engine) -> Answer:
    usage = shutil.disk_usage(settings.var)
    said = f"{usage.free / 2**30:.1f} GB free in {settings.var} ({usage.free * 100 // usage.total} %)."
    if usage.free < 200 * 2**20:
        return Answer("bad", said, "Nothing can be saved soon; make space now.")
    if usage.free * 10 < usage.total:
        return Answer("warning", said, "Make space, or move the data folder (CAUCE_VAR).")
    return Answer("good", said)


def _secret(settings: Settings, engine: Engine) -> Answer:
    path = settings.var / "secret"
    if len(set(settings.secret_key)) < 8:
        return Answer("bad", "The secret key is not random.", "Make one: openssl rand -hex 32")
    if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Answer("bad", f"Others can read {path}.", f"chmod 600 {path}")
    return Answer("good", "The secret key is long and kept apart.")


def _time_zone(settings: Settings, engine: Engine) -> Answer:
    # Mexico City has had no daylight saving time since 2022: older zone data are an hour wrong in summer.
    offset = datetime(2027, 7, 1, 12, tzinfo=ZoneInfo("America/Mexico_City")).utcoffset()
    if offset != timedelta(hours=-6):
        return Answer("bad", f"The time zone data say UTC{offset} for July 2027.", "Update the package tzdata.")
    return Answer("good", "America/Mexico_City is UTC-6 all year.")


def _clock(settings: Settings, engine: Engine) -> Answer:
    if engine.database.dialect.name == "sqlite":
        return Answer("good", "The database has this machine's clock.")
    with reading(engine.database) as connection:
        there = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs((datetime.now(UTC) - there).total_seconds())
    said = f"This machine's clock and the database's are {apart:.1f} s apart."
    if apart > 30:
        return Answer("warning", said, "Leases go by the database's clock; due times by this one. Set up NTP.")
    return Answer("good", said)


def _mail(settings: Settings, engine: Engine) -> Answer:
    if not settings.smtp_url:
        grade: Grade = "good" if settings.demo else "warning"
        return Answer(grade, "No mail server: mails lie in the mailbox only.", "Set CAUCE_SMTP_URL.")
    url = urlsplit(settings.smtp_url)
    with smtplib.SMTP(url.hostname or "", url.port or 25, timeout=5) as server:
        code, _answer = server.ehlo()
    if code != 250:
        return Answer("bad", f"The mail server answers {code}.", "See its log.")
    return Answer("good", f"The mail server {url.hostname} answers.")


def _files(settings: Settings, engine: Engine) -> Answer:
    probe = b"cauce doctor"
    digest = engine.files.put(probe)
    if engine.files.read(digest) != probe:
        return Answer("bad", "What was stored cannot be read back.", f"See {settings.files}.")
    return Answer("good", "Files can be stored and read.")


def _pages(settings: Settings, engine: Engine) -> Answer:
    try:
        assets.read_manifest(settings.static)
    except assets.NotBuilt:
        return Answer("bad", "Scripts and styles of the pages are not built.", "Run: python -m web.build")
    return Answer("good", "Scripts and styles of the pages are there.")


def _workers(settings: Settings, engine: Engine) -> Answer:
    load = engine.workload(by=SYSTEM)
    alive = [one.name for one in load.workers if one.alive]
    if not alive:
        return Answer("warning", "No worker is alive.", "Start one: cauce serve, or cauce worker")
    return Answer("good", f"{len(alive)} alive: {', '.join(alive)}")


def _jobs(settings: Settings, engine: Engine) -> Answer:
    load = engine.workload(by=SYSTEM)
    said = f"{load.overdue} overdue jobs, {load.failed} failed, {load.incidents} open incidents."
    if load.overdue or load.failed or load.incidents:
        return Answer("warning", said, "See /operacion/")
    return Answer("good", said)


def _backup(settings: Settings, engine: Engine) -> Answer:
    if engine.database.dialect.name == "postgresql":
        with reading(engine.database) as connection:
            server = (connection.dialect.server_version_info or (0,))[0]
        if why := backup_postgresql.why_not(server):
            return Answer("bad", why, f"Install PostgreSQL's client programs of version {server}.")
    found = backup.latest(settings.var / "backups")
    if found is None:
        return Answer("warning", "There is no backup.", "Run every night: cauce backup")
    age = datetime.now(UTC) - found.made
    said = f"The last backup is {age.total_seconds() / 3600:.0f} h old: {found.path}"
    if age > timedelta(hours=26):
        return Answer("warning", said, "Run every night: cauce backup")
    return Answer("good", said)


def _states(settings: Settings, engine: Engine) -> Answer:
    broken = list(unproven(engine))
    if broken:
        names = ", ".join(name for name, _why in broken[:5])
        return Answer("bad", f"This program cannot go on with {len(broken)}: {names}", "See: cauce migrate --check")
    return Answer("good", "Every instance under way can go on with this program.")


def unproven(engine: Engine) -> Iterator[tuple[str, str]]:
    """What is under way and cannot go on with this program, and why: deployments that it would not accept any more, and
    instances whose state it does not read, or reads as waiting for something else than the database says."""
    used = {one.deployment_id for one in engine.workload(by=SYSTEM).definitions if one.running or one.suspended}
    for deployment_id in sorted(used):
        for finding in engine.check(engine.resources(deployment_id, by=SYSTEM), by=SYSTEM):
            if finding.severity == "error":
                yield f"deployment {deployment_id[:12]}", str(finding)
    for state in ("running", "suspended"):
        page: str | None = None
        while True:
            with engine.reading(SYSTEM) as tx:
                answer = tx.instances(InstanceQuery(state=state), page, 200)  # type: ignore[arg-type]
                for one in answer.items:
                    if why := _unproven(tx, one.id):
                        yield one.business_key, why
            page = answer.next
            if page is None:
                break


def _unproven(tx: Transaction, instance_id: str) -> str:
    try:
        instance = loaded(tx, instance_id)
        waits = {wait.id for wait in instance.run.waits()}
        kept = {row.wait_id for row in instance.rows}
        instance.run.dump()
    except Exception as error:
        return f"its state cannot be read: {error}"
    if waits != kept:
        return (
            f"it would wait for {len(waits - kept)} things that have no row; {len(kept - waits)} rows stand for nothing"
        )
    return "" if waits else "it would wait for nothing"


CHECKS: dict[str, Callable[[Settings, Engine], Answer]] = {
    "versions": _versions,
    "tables": _tables,
    "disk speed": _commits,
    "disk space": _space,
    "secret": _secret,
    "time zone": _time_zone,
    "clock": _clock,
    "mail": _mail,
    "files": _files,
    "pages": _pages,
    "workers": _workers,
    "jobs": _jobs,
    "backup": _backup,
    "instances": _states,
}

__all__ = ["CHECKS", "Answer", "examine", "unproven"]
