"""Connections and transactions on both databases.

SQLite: write-ahead log, every commit flushed to the disk, BEGIN IMMEDIATE for writers (a reading snapshot cannot be
upgraded), and before it a fair lock of this process, because SQLite's own waiting is not fair. PostgreSQL: READ
COMMITTED with row locks and time-outs.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Interval, create_engine, event, func, literal
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, DBAPIError

from engine.errors import Invalid, Raced
from engine.storage.types import UtcDateTime

WAIT = timedelta(seconds=30)
"""Longest wait of a writer for its turn on SQLite."""
_BUSY = frozenset({"55P03", "40P01", "57014"})
"""PostgreSQL: lock not available, deadlock, statement timeout."""


class FairLock:
    """First come, first served. A thread that holds it must not ask for it again."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._held = False
        self._owner: int | None = None

    def acquire(self, timeout: float) -> bool:
        with self._guard:
            if self._held and self._owner == threading.get_ident():
                raise RuntimeError("this thread already has a writing transaction open")
            if not self._held and not self._queue:
                self._take()
                return True
            turn = threading.Event()
            self._queue.append(turn)
        if turn.wait(timeout):
            self._owner = threading.get_ident()
            return True
        with self._guard:
            if turn.is_set():  # Its turn came just after the time was up.
                self._owner = threading.get_ident()
                return True
            self._queue.remove(turn)
        return False

    def release(self) -> None:
        with self._guard:
            self._owner = None
            if self._queue:
                self._queue.popleft().set()
            else:
                self._held = False

    def _take(self) -> None:
        self._held, self._owner = True, threading.get_ident()


_locks: dict[str, FairLock] = {}
_locks_guard = threading.Lock()


def connect(database_url: str | URL) -> Engine:
    """SQLAlchemy's engine for this URL (`sqlite:///path` or `postgresql+psycopg://…`), set up as this module says."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    if url.get_backend_name() == "postgresql":
        return _postgresql(url)
    raise ValueError(f"Cauce runs on SQLite and PostgreSQL, not on {url.get_backend_name()}")


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("a SQLite database must be a file")
    database = create_engine(
        url, connect_args={"isolation_level": None, "timeout": WAIT.total_seconds(), "check_same_thread": False}
    )

    @event.listens_for(database, "connect")
    def set_up(dbapi_connection: Any, record: Any) -> None:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "journal_size_limit = 67108864",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(database, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("cauce_writing", True)
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE" if writing else "BEGIN").close()

    return database


def _postgresql(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    database = create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=15)

    @event.listens_for(database, "connect")
    def set_up(dbapi_connection: Any, record: Any) -> None:
        dbapi_connection.autocommit = True
        dbapi_connection.execute(
            "SET lock_timeout = '5s'; SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '30s'"
        )
        dbapi_connection.autocommit = False

    return database


@contextmanager
def writing(database: Engine) -> Iterator[Connection]:
    """A connection in a transaction that may write; commits at the end, rolls back on any exception."""
    with _turn(database), _refusals(), database.connect() as connection, connection.begin():
        yield connection


@contextmanager
def reading(database: Engine) -> Iterator[Connection]:
    """A connection in a transaction that only reads, holds no lock and waits for none."""
    with _refusals(), database.connect() as connection:
        if database.dialect.name == "postgresql":
            connection = connection.execution_options(postgresql_readonly=True)
        else:
            connection = connection.execution_options(cauce_writing=False)
        with connection.begin() as transaction:
            try:
                yield connection
            finally:
                if transaction.is_active:
                    transaction.rollback()


@contextmanager
def _turn(database: Engine) -> Iterator[None]:
    if database.dialect.name != "sqlite":
        yield
        return
    with _locks_guard:
        lock = _locks.setdefault(str(database.url.database), FairLock())
    if not lock.acquire(WAIT.total_seconds()):
        raise Raced("La base de datos está ocupada; intente de nuevo.", reason="busy")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except DataError as error:
        # A text with a NUL, a number out of range: nothing that a person could mean.
        raise Invalid({"": "Un valor no se puede guardar ni buscar."}) from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _BUSY or "database is locked" in str(error.orig):
            raise Raced("Otra persona está cambiando esto ahora; intente de nuevo.", reason="busy") from error
        raise


def real_time(connection: Connection) -> ColumnElement[datetime]:
    """The database's own clock, by which leases are judged. SQLite has this machine's."""
    if connection.dialect.name == "sqlite":
        return literal(datetime.now(UTC), UtcDateTime())
    return func.clock_timestamp(type_=UtcDateTime())


def real_time_after(connection: Connection, duration: timedelta) -> ColumnElement[datetime]:
    if connection.dialect.name == "sqlite":
        return literal(datetime.now(UTC) + duration, UtcDateTime())
    return func.clock_timestamp(type_=UtcDateTime()) + literal(duration, Interval())
