"""A dump of a PostgreSQL database, taken while people work; what it holds, read without a server; bringing it back."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, column, func, inspect, select, table
from sqlalchemy.engine import URL, make_url

from engine.storage import database as storage
from web.backup_contents import NAMES_FILES, BadBackup, Contents, digests
from web.settings import Settings

_BEGINS = re.compile(r'COPY (?:"?(?P<schema>\w+)"?\.)?"?(?P<table>\w+)"? \((?P<columns>.*)\) FROM stdin;\n')
"""Where `pg_restore` begins to write the rows of a table; they are one a line, and `\\.` ends them."""


def copy(settings: Settings, target: Path) -> Contents:
    """What is counted and what is dumped are one snapshot, however long the dump takes and whatever people do."""
    database = storage.connect(settings.database_url)
    try:
        with database.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
            # The server's patience with pages would end a large backup.
            connection.exec_driver_sql(
                "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
            )
            snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            url = make_url(settings.database_url)
            _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", "--no-owner", f"--file={target}")
            return _living(connection)
    finally:
        database.dispose()


def contents(path: Path, schema: str) -> Contents:
    """What a dump holds: all of it is unpacked and read, nothing is kept. Needs no server. Raises BadBackup."""
    with subprocess.Popen(
        [_program("pg_restore"), "--data-only", "--file=-", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        found = _dumped(reading.stdout, schema)
        said = reading.stderr.read().strip()
    if reading.returncode != 0:
        raise BadBackup(f"pg_restore cannot read {path.name}: {said}")
    return found


def restore(settings: Settings, path: Path) -> None:
    """All of it or nothing."""
    url = make_url(settings.database_url)
    _run("pg_restore", url, "--exit-on-error", "--single-transaction", "--no-owner", str(path))


def why_not(server: int) -> str:
    """Why this machine cannot dump a server of that major version; empty when it can."""
    try:
        said = subprocess.run([_program("pg_dump"), "--version"], capture_output=True, text=True, check=True).stdout
    except BadBackup as error:
        return str(error)
    found = re.search(r"\) (\d+)", said)
    if found is not None and int(found[1]) < server:
        return f"pg_dump is of version {found[1]}, the server of {server}: it refuses to copy a newer one."
    return ""


def how_to_try(settings: Settings, path: Path, name: str = "cauce_check") -> str:
    """The commands that prove a backup in an empty database beside the one of `settings`, to be run as they are."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "postgresql":
        url = URL.create("postgresql", database="postgres")
    login = "# PGPASSWORD must hold the password of the database, or ~/.pgpass.\n" if url.password else ""
    beside, there = shlex.quote(_libpq(url)), shlex.quote(_libpq(url.set(database=name)))
    return (
        f"{login}createdb --maintenance-db={beside} {name}\n"
        f"cauce migrate --check --backup {shlex.quote(str(path.resolve()))} --into {there}\n"
        f"dropdb --maintenance-db={beside} {name}"
    )


# --- parts


def _living(connection: Connection) -> Contents:
    looked = inspect(connection)
    counts, named = {}, set[str]()
    for name in sorted(looked.get_table_names()):
        counts[name] = connection.scalar(select(func.count()).select_from(table(name))) or 0
        for one in looked.get_columns(name):
            if (name, one["name"]) in NAMES_FILES:
                here = column(one["name"])
                named |= digests(connection.scalars(select(here).select_from(table(name, here))))
    return Contents(counts, frozenset(named), looked.default_schema_name or "public")


def _dumped(lines: Iterable[str], schema: str) -> Contents:
    counts, named = dict[str, int](), set[str]()
    name, places, inside, counted = "", list[int](), False, False
    for line in lines:
        if not inside:
            if begins := _BEGINS.fullmatch(line):
                name, inside = begins["table"], True
                counted = begins["schema"] == schema
                columns = [one.strip('"') for one in begins["columns"].split(", ")]
                places = [at for at, one in enumerate(columns) if counted and (name, one) in NAMES_FILES]
                if counted:
                    counts[name] = 0
        elif line == "\\.\n":
            inside = False
        elif counted:
            counts[name] += 1
            if places:
                values = line.rstrip("\n").split("\t")
                named |= digests(values[at] for at in places)
    return Contents(counts, frozenset(named), schema)


def _libpq(url: URL) -> str:
    """The URL as PostgreSQL's own programs read it, without its password: others see a program's arguments."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _program(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise BadBackup(f"{name} is not there; install PostgreSQL's client programs of the server's version.")
    return program


def _run(name: str, url: URL, *arguments: str) -> None:
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(
        [_program(name), f"--dbname={_libpq(url)}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode != 0:
        raise BadBackup(f"{name} failed: {done.stderr.strip()}")
