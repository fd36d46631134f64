"""The databases are set up as promised; a lost connection is made again; a thread cannot wait for itself."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase

from engine import SYSTEM, EngineError
from engine.storage import database as storage

from .cases import ANA, BETO, new_engine, open_elements, records


def test_settings_of_every_connection(database_url: str, database_kind: str) -> None:
    engine = new_engine(database_url)
    wanted = {
        "sqlite": {
            "PRAGMA journal_mode": "wal",
            "PRAGMA synchronous": 2,
            "PRAGMA foreign_keys": 1,
        },
        "postgresql": {
            "SHOW lock_timeout": "5s",
            "SHOW statement_timeout": "30s",
            "SHOW transaction_isolation": "read committed",
        },
    }[database_kind]
    for transaction in (engine.transaction, engine.reading):
        with transaction(SYSTEM) as tx:
            for statement, value in wanted.items():
                assert tx.execute(text(statement)).scalar() == value, statement
    engine.close()


def test_a_lost_connection_is_made_again(database_url: str, database_kind: str) -> None:
    if database_kind == "sqlite":
        pytest.skip("a file has no connection to lose")
    engine = new_engine(database_url)
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    with engine.reading(SYSTEM) as tx:
        backend = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
    admin = create_engine(database_url)
    with admin.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})
    admin.dispose()
    assert open_elements(engine, "P-1") == ["revisar"]
    engine.close()


def test_reading_keeps_what_the_connection_has_prepared(database_url: str, database_kind: str) -> None:
    """A page that reads costs the next verb on its connection no plan."""
    if database_kind == "sqlite":
        pytest.skip("its statements are prepared by the driver")
    engine = new_engine(database_url)
    for _ in range(8):
        open_elements(engine, "P-1")
    with engine.reading(SYSTEM) as tx:
        assert tx.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one() > 0
        with pytest.raises(DBAPIError, match="read-only"):
            tx.execute(records.delete())
    engine.close()


def test_a_thread_cannot_wait_for_itself(database_url: str, database_kind: str) -> None:
    if database_kind == "postgresql":
        pytest.skip("two transactions of one thread are two connections")
    engine = new_engine(database_url)
    with engine.transaction(ANA), pytest.raises(RuntimeError), engine.transaction(ANA):
        pass
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    engine.close()


def test_waiting_for_the_file_is_fair() -> None:
    import threading

    lock, order, ready = storage.FairLock(), list[int](), [threading.Event() for _ in range(4)]

    def wait(number: int) -> None:
        ready[number].set()
        assert lock.acquire(30)
        order.append(number)
        lock.release()

    assert lock.acquire(1)
    threads = []
    for number in range(4):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        ready[number].wait()
        while len(lock._queue) <= number:  # It stands in line.
            pass
    lock.release()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3]


def test_only_the_two_databases() -> None:
    with pytest.raises(ValueError, match="SQLite and PostgreSQL"):
        storage.connect("mysql://localhost/x")
    with pytest.raises(ValueError, match="file"):
        storage.connect("sqlite://")


class Base(DeclarativeBase):
    pass


class Shipment(Base):
    __table__ = records


def test_a_reading_transaction_changes_nothing(database_url: str) -> None:
    engine = new_engine(database_url)
    with engine.transaction(ANA) as tx:
        tx.session.add(Shipment(id="1"))
    with engine.reading(ANA) as tx, pytest.raises(EngineError):
        tx.session.add(Shipment(id="2"))
        tx.session.scalars(select(Shipment)).all()
    with engine.reading(ANA) as tx, pytest.raises(EngineError):
        tx.start("pedido", "P-1")
    with engine.reading(ANA) as tx:
        assert [shipment.id for shipment in tx.session.scalars(select(Shipment))] == ["1"]
    engine.close()
