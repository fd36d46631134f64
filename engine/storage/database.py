"""Connections and transactions on both databases.

SQLite: write-ahead log, every commit flushed to the disk, BEGIN IMMEDIATE for writers (a reading snapshot cannot be
upgraded), and before it a fair lock of this process, because SQLite's own waiting is not fair. PostgreSQL: READ
COMMITTED with row locks and time-outs.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Interval, create_engine, event, func, literal
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError

from engine.errors import Invalid, Raced
from engine.storage.types import UtcDateTime

WAIT = timedelta(seconds=30)
"""Longest wait of a writer for its turn on SQLite."""
_BUSY = frozenset({"55P03", "40P01", "57014"})
"""PostgreSQL: lock not available, deadlock, statement timeout."""
_AWAY = ("08", "53", "57P", "58")
"""PostgreSQL: beginnings of the codes for a broken connection, too little of something, a stop, trouble below."""
_full: dict[str, float] = {}
"""URL of a database → when it last had no space left, by the monotonic clock of this process."""


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
    with _turn(database), _refusals(database), database.connect() as connection, connection.begin():
        yield connection


@contextmanager
def reading(database: Engine) -> Iterator[Connection]:
    """A connection in a transaction that only reads, holds no lock and waits for none."""
    with _refusals(database), database.connect() as connection:
        if database.dialect.name == "postgresql":
            # Ended by committing nothing: on a rollback psycopg forgets all the statements that it has prepared.
            with connection.execution_options(postgresql_readonly=True).begin():
                yield connection
            return
        with connection.execution_options(cauce_writing=False).begin() as transaction:
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
def _refusals(database: Engine) -> Iterator[None]:
    try:
        yield
    except DataError as error:
        # A text with a NUL, a number out of range: nothing that a person could mean.
        raise Invalid({"": "Un valor no se puede guardar ni buscar."}) from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _BUSY or "database is locked" in str(error.orig):
            raise Raced("Otra persona está cambiando esto ahora; intente de nuevo.", reason="busy") from error
        if is_full(error):
            _full[str(database.url)] = time.monotonic()
        raise


def is_full(error: BaseException) -> bool:
    """Whether the database had no space left for what was asked of it."""
    return any(_code(one) == "53100" or "database or disk is full" in str(one.orig) for one in _chain(error))


def is_away(error: BaseException) -> bool:
    """Whether it is the database that could not, whatever it was asked: it is stopped, its disk is full, the connection
    broke. The same may be asked again."""
    return is_full(error) or any(
        one.connection_invalidated
        # A server that cannot be reached gives no code; SQLite never gives one.
        or (_code(one) is None and isinstance(one, (OperationalError, InterfaceError)))
        or (_code(one) or "").startswith(_AWAY)
        or "disk I/O error" in str(one.orig)
        for one in _chain(error)
    )


def _code(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", "")


def _chain(error: BaseException | None) -> Iterator[DBAPIError]:
    """What the database said, and what it had said before: a full disk ends the transaction on SQLite, so that rolling
    back to a savepoint is the error that is seen."""
    while isinstance(error, DBAPIError):
        yield error
        error = error.orig.__context__ if error.orig is not None else None


def seconds_since_full(database: Engine) -> float:
    """Since this process was last told that the database has no space; infinite when it never was."""
    return time.monotonic() - _full.get(str(database.url), float("-inf"))


def real_time(connection: Connection) -> ColumnElement[datetime]:
    """The database's own clock, by which leases are judged. SQLite has this machine's."""
    if connection.dialect.name == "sqlite":
        return literal(datetime.now(UTC), UtcDateTime())
    return func.clock_timestamp(type_=UtcDateTime())


def real_time_after(connection: Connection, duration: timedelta) -> ColumnElement[datetime]:
    if connection.dialect.name == "sqlite":
        return literal(datetime.now(UTC) + duration, UtcDateTime())
    return func.clock_timestamp(type_=UtcDateTime()) + literal(duration, Interval())
