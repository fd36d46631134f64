"""A copy of a SQLite database, taken while people work; what it holds; bringing it back."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from web.backup_contents import NAMES_FILES, BadBackup, Contents, digests
from web.settings import Settings


def copy(settings: Settings, target: Path) -> Contents:
    """All pages as they were at one moment."""
    source = _file(settings)
    if not source.is_file():
        raise BadBackup(f"There is no database {source} to copy; run: cauce upgrade")
    try:
        with closing(sqlite3.connect(source)) as connection, closing(sqlite3.connect(target)) as copied:
            connection.backup(copied)
            return _contents(copied)
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"SQLite cannot read {source.name}: {error}") from error


def contents(path: Path, schema: str = "") -> Contents:
    """What a copy holds, after SQLite has looked through all of it. Raises BadBackup."""
    # Opening a database may write beside it; the backup stays as it is.
    with tempfile.TemporaryDirectory() as folder:
        trial = shutil.copyfile(path, Path(folder) / "cauce.db")
        try:
            with closing(sqlite3.connect(trial)) as connection:
                said = connection.execute("PRAGMA integrity_check").fetchone()[0]
                if said != "ok":
                    raise BadBackup(f"SQLite finds damage: {said}")
                return _contents(connection)
        except sqlite3.DatabaseError as error:
            raise BadBackup(f"SQLite cannot read {path.name}: {error}") from error


def restore(settings: Settings, path: Path) -> None:
    target = _file(settings)
    if target.exists():
        raise BadBackup(f"{target} is there already; name another one, or move it away.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def _file(settings: Settings) -> Path:
    return Path(str(make_url(settings.database_url).database))


def _contents(connection: sqlite3.Connection) -> Contents:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    counts, named = {}, set[str]()
    for table in sorted(row[0] for row in names):
        counts[table] = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
        for column in (row[1] for row in connection.execute(f'PRAGMA table_info("{table}")').fetchall()):
            if (table, column) in NAMES_FILES:
                values = connection.execute(f'SELECT DISTINCT "{column}" FROM "{table}"')  # noqa: S608
                named |= digests(row[0] for row in values)
    return Contents(counts, frozenset(named))
