"""Copies of everything that is written: the database while it is in use, the files, a manifest that proves both.

A backup is a folder: `manifest.json`, the database (`cauce.db`, or `cauce.dump` of `pg_dump`), and `files/` with the
stored documents under their content hash. Secrets and settings are not in it: without `secret` people sign in anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy.engine import make_url

from web import backup_postgresql, backup_sqlite
from web.backup_contents import BadBackup
from web.settings import Settings

DATABASES = {"sqlite": "cauce.db", "postgresql": "cauce.dump"}
KINDS: dict[str, ModuleType] = {"cauce.db": backup_sqlite, "cauce.dump": backup_postgresql}
"""How each is copied, read and brought back: `copy`, `contents`, `restore`."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a manifest says."""

    path: Path
    made: datetime
    program: str
    database: str
    digest: str
    counts: dict[str, int]
    """Table → rows, of the moment of the copy."""
    files: dict[str, int]
    """Name → size."""
    named: tuple[str, ...] = ()
    """Content hashes of the files that a row named at that moment; none in backups of before November 2026."""
    schema: str = "public"
    """Of PostgreSQL: where the tables are."""


def make(settings: Settings, into: Path | None = None) -> Backup:
    """Copy everything into a new folder below `into` (default: `backups` in the data folder). People go on working.

    Database first: every file that it names is then in the folder already. Raises OSError, BadBackup; then nothing is
    left of it.
    """
    made = datetime.now(UTC)
    target = (into or settings.var / "backups") / f"{made:%Y%m%dT%H%M%S%f}Z"
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.mkdir(parents=True)
    try:
        _fill(settings, unfinished, made)
    except BaseException:
        # One that fails every night must not be what fills the disk.
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    unfinished.rename(target)
    return read(target)


def _fill(settings: Settings, folder: Path, made: datetime) -> None:
    copy = folder / DATABASES[make_url(settings.database_url).get_backend_name()]
    held = KINDS[copy.name].copy(settings, copy)
    manifest = {
        "made": made.isoformat(),
        "program": version("cauce"),
        "database": copy.name,
        "digest": _digest(copy),
        "counts": held.counts,
        "named": sorted(held.named),
        "schema": held.schema,
        "files": _copy_files(settings.files, folder / "files"),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))


def read(path: Path) -> Backup:
    """The manifest of a backup. Raises BadBackup."""
    try:
        found = json.loads((path / "manifest.json").read_text())
        found["named"] = tuple(found.get("named", ()))
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
    KINDS[found.database].restore(settings, path / found.database)
    for name in found.files:
        target = settings.files / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path / "files" / name, target)
    return found


def unpacked(settings: Settings, path: Path, folder: Path, into: str | None = None) -> Settings:
    """Settings of a copy of a checked backup in an empty folder, to look at; one of PostgreSQL needs the URL of an
    empty database besides. Raises BadBackup; without that URL it says how to make one, and what to run then."""
    if read(path).database == DATABASES["sqlite"]:
        into = f"sqlite:///{folder / 'cauce.db'}"
    elif into is None:
        # Nobody but the operator knows which server may be used.
        raise BadBackup(
            "This is a backup of PostgreSQL, so its copy needs an empty database. Run these lines, with another name "
            f"than cauce_check when there is one:\n{backup_postgresql.how_to_try(settings, path)}"
        )
    there = replace(settings, var=folder, database_url=into)
    restore(there, path)
    return there


# --- parts


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
    if found.database not in KINDS or not copy.is_file():
        yield f"The database {copy.name} is missing."
        return
    if _digest(copy) != found.digest:
        yield f"The database {copy.name} is not the one that was copied: it was cut off, damaged or exchanged."
        return
    for name, size in found.files.items():
        file = found.path / "files" / name
        if not file.is_file() or file.stat().st_size != size:
            yield f"The file {name} is missing or cut off."
        elif len(file.name) == 64 and _digest(file) != file.name:
            yield f"The file {name} is damaged."
    try:
        held = KINDS[found.database].contents(copy, found.schema)
    except BadBackup as error:
        yield str(error)
        return
    for name in sorted(found.counts.keys() | held.counts.keys()):
        there, said = held.counts.get(name, "no"), found.counts.get(name, "none")
        if there != said:
            yield f"The table {name} has {there} rows, the manifest says {said}."
    for digest in sorted(held.named.union(found.named) - {Path(name).name for name in found.files}):
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
