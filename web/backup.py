"""Copies of everything that is written: the database while it is in use, the files, a manifest that proves both.

A backup is a folder: `manifest.json`, the database (`cauce.db`, or `cauce.dump` of `pg_dump`), and `files/` with the
stored documents under their content hash. Secrets and settings are not in it: without `secret` people sign in anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select, table
from sqlalchemy.engine import make_url

from engine.storage import database as storage
from web.settings import Settings

DATABASES = {"sqlite": "cauce.db", "postgresql": "cauce.dump"}


class BadBackup(ValueError):
    """The backup is not complete or not what its manifest says."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a manifest says."""

    path: Path
    made: datetime
    program: str
    database: str
    digest: str
    counts: dict[str, int]
    files: dict[str, int]
    """Name → size."""


def make(settings: Settings, into: Path | None = None) -> Backup:
    """Copy everything into a new folder below `into` (default: `backups` in the data folder). People go on working.

    Database first: every file that it names is then in the folder already. Raises OSError, CalledProcessError.
    """
    made = datetime.now(UTC)
    target = (into or settings.var / "backups") / f"{made:%Y%m%dT%H%M%S%f}Z"
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.mkdir(parents=True)
    kind = make_url(settings.database_url).get_backend_name()
    copy = unfinished / DATABASES[kind]
    counts = _copy_sqlite(settings, copy) if kind == "sqlite" else _copy_postgresql(settings, copy)
    manifest = {
        "made": made.isoformat(),
        "program": version("cauce"),
        "database": copy.name,
        "digest": _digest(copy),
        "counts": counts,
        "files": _copy_files(settings.files, unfinished / "files"),
    }
    (unfinished / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))
    unfinished.rename(target)
    return read(target)


def read(path: Path) -> Backup:
    """The manifest of a backup. Raises BadBackup."""
    try:
        found = json.loads((path / "manifest.json").read_text())
        return Backup(path, datetime.fromisoformat(found.pop("made")), **found)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadBackup(f"{path} holds no readable manifest.json: {error}") from error


def latest(folder: Path) -> Backup | None:
    """The newest finished backup below a folder."""
    finished = sorted(one.parent for one in folder.glob("*/manifest.json") if one.parent.suffix != ".unfinished")
    return read(finished[-1]) if finished else None


def check(path: Path) -> Backup:
    """Prove a backup without touching anything: digests, the database's own check, counts, every named file.

    Raises BadBackup with everything that is wrong.
    """
    found = read(path)
    wrong = list(_wrong(found))
    if wrong:
        raise BadBackup("\n".join(wrong))
    return found


def restore(settings: Settings, path: Path) -> Backup:
    """Bring a checked backup back, into an empty data folder and database only. Raises BadBackup."""
    found = check(path)
    url = make_url(settings.database_url)
    if DATABASES[url.get_backend_name()] != found.database:
        raise BadBackup(
            f"This backup is {found.database}; CAUCE_DATABASE_URL names a {url.get_backend_name()} database."
        )
    if url.get_backend_name() == "sqlite":
        if Path(str(url.database)).exists():
            raise BadBackup(f"{url.database} is there already; name another one, or move it away.")
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path / found.database, str(url.database))
    else:
        _tool("pg_restore", "--exit-on-error", "--no-owner", "--dbname", _plain(settings), str(path / found.database))
    for name in found.files:
        target = settings.files / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path / "files" / name, target)
    return found


def unpacked(settings: Settings, path: Path, folder: Path) -> Settings:
    """Settings of a copy of a checked backup in an empty folder, to look at. Raises BadBackup; SQLite only."""
    if read(path).database != DATABASES["sqlite"]:
        # A copy needs an empty database on a server, and nobody but the operator knows which one may be used.
        raise BadBackup(
            "This is a backup of PostgreSQL, so its copy needs an empty database that only you can name. "
            "Make one (createdb cauce_check), set CAUCE_DATABASE_URL to it and CAUCE_VAR to an empty folder, then run: "
            f"cauce restore {path} && cauce upgrade && cauce migrate --check"
        )
    check(path)
    there = replace(settings, var=folder, database_url=f"sqlite:///{folder / 'cauce.db'}")
    restore(there, path)
    return there


# --- parts


def _copy_sqlite(settings: Settings, copy: Path) -> dict[str, int]:
    source = str(make_url(settings.database_url).database)
    if not Path(source).is_file():
        raise BadBackup(f"There is no database {source} to copy; run: cauce upgrade")
    with closing(sqlite3.connect(source)) as connection, closing(sqlite3.connect(copy)) as target:
        connection.backup(target)
        return _counts_sqlite(target)


def _counts_sqlite(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    tables = sorted(row[0] for row in names)
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def _copy_postgresql(settings: Settings, copy: Path) -> dict[str, int]:
    """Counts and dump see the same snapshot."""
    database = storage.connect(settings.database_url)
    try:
        with database.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
            snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            names = inspect(connection).get_table_names()
            counts = {
                name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in sorted(names)
            }
            _tool(
                "pg_dump", "--format=custom", f"--snapshot={snapshot}", "--no-owner", f"--file={copy}", _plain(settings)
            )
    finally:
        database.dispose()
    return counts


def _plain(settings: Settings) -> str:
    """The URL as PostgreSQL's own programs read it."""
    return make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def _tool(name: str, *arguments: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise BadBackup(f"{name} is not there; install PostgreSQL's client programs of the server's version.")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BadBackup(f"{name} failed: {done.stderr.strip()}")
    return done.stdout


def _copy_files(source: Path, target: Path) -> dict[str, int]:
    """Content-addressed and never changed: those of an earlier backup could be linked; a copy is plain and safe."""
    copied: dict[str, int] = {}
    target.mkdir()
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        if path.is_file() and not path.name.startswith("."):
            name = path.relative_to(source).as_posix()
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / name)
            copied[name] = (target / name).stat().st_size
    return copied


def _wrong(found: Backup) -> Iterator[str]:
    copy = found.path / found.database
    if not copy.is_file():
        yield f"The database {copy.name} is missing."
        return
    if _digest(copy) != found.digest:
        yield f"The database {copy.name} is not the one that was copied."
        return
    for name, size in found.files.items():
        file = found.path / "files" / name
        if not file.is_file() or file.stat().st_size != size:
            yield f"The file {name} is missing or cut off."
        elif len(file.name) == 64 and _digest(file) != file.name:
            yield f"The file {name} is damaged."
    if found.database == DATABASES["sqlite"]:
        yield from _wrong_sqlite(found, copy)
    else:
        _tool("pg_restore", "--list", str(copy))


def _wrong_sqlite(found: Backup, copy: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(shutil.copyfile(copy, Path(folder) / "cauce.db"))
        with closing(sqlite3.connect(trial)) as connection:
            said = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if said != "ok":
                yield f"SQLite finds damage: {said}"
                return
            counts = _counts_sqlite(connection)
            for name, count in found.counts.items():
                if counts.get(name) != count:
                    yield f"The table {name} has {counts.get(name)} rows, the manifest says {count}."
            names = {Path(name).name for name in found.files}
            if "attachment" in counts:
                for (digest,) in connection.execute("SELECT DISTINCT hash FROM attachment"):
                    if digest not in names:
                        yield f"The file {digest} belongs to a matter and is not in the backup."


def _digest(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def as_json(found: Backup) -> dict[str, Any]:
    """For the command line's --json."""
    return {
        "path": str(found.path),
        "made": found.made.isoformat(),
        "program": found.program,
        "rows": sum(found.counts.values()),
        "files": len(found.files),
        "bytes": sum(found.files.values()),
    }
