"""Slows guessing down: of passwords, of portal links, of signature codes. Never locks anybody out for good.

Counts stand in a table, so that several web processes share them; the clock is the real one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, DateTime, Engine, Integer, String, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.storage.database import reading, writing
from web.tables import metadata

FREE = 5
"""Failures of one name before it has to wait."""
FREE_PER_ADDRESS = 30
"""Failures of one address before it has to wait; an office shares one address."""
LONGEST_WAIT = timedelta(minutes=15)
FORGET = timedelta(hours=1)
"""Failures older than this no longer count."""


FAILURES = Table(
    "failure",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last", DateTime(timezone=True), nullable=False),
)


def wait(database: Engine, name: str, address: str | None) -> int:
    """Seconds that `name` from `address` still has to wait before the next try; 0: none."""
    now = datetime.now(UTC)
    longest = 0.0
    with reading(database) as connection:
        for key, free in _keys(name, address):
            row = connection.execute(select(FAILURES.c.count, FAILURES.c.last).where(FAILURES.c.key == key)).first()
            if row is None or row.count < free:
                continue
            pause = min(timedelta(minutes=2 ** min(row.count - free, 6)), LONGEST_WAIT)
            longest = max(longest, (_aware(row.last) + pause - now).total_seconds())
    return max(0, int(longest + 0.999))


def note(database: Engine, name: str, address: str | None, *, right: bool) -> None:
    """Count a wrong try; a right one forgets those of the name."""
    now = datetime.now(UTC)
    with writing(database) as connection:
        if right:
            connection.execute(delete(FAILURES).where(FAILURES.c.key == f"name:{name}"))
            return
        connection.execute(delete(FAILURES).where(FAILURES.c.last < now - FORGET))
        for key, _free in _keys(name, address):
            done = connection.execute(
                update(FAILURES).where(FAILURES.c.key == key).values(count=FAILURES.c.count + 1, last=now)
            )
            if done.rowcount:
                continue
            try:
                with connection.begin_nested():
                    connection.execute(insert(FAILURES).values(key=key, count=1, last=now))
            except IntegrityError:  # another process was first; its count stands for both
                continue


def _keys(name: str, address: str | None) -> list[tuple[str, int]]:
    keys = [(f"name:{name[:180]}", FREE)]
    if address:
        keys.append((f"address:{address}", FREE_PER_ADDRESS))
    return keys


def _aware(moment: datetime) -> datetime:
    """SQLite gives times back without their zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
