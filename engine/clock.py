"""The two clocks. Real time (leases, sessions) is the database's or the system's own; this is the business clock, which
rules timers, due dates, back-off, link expiry, folio years and documents. In a demo or a scenario it is moved.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, func, select

from engine.errors import Invalid
from engine.storage import tables as t

ASK = 30.0
"""Seconds for which an answer of the database about the time is good."""
SLACK = timedelta(seconds=5)
"""By so much a clock may be set back without anybody seeing it."""
HOLD = timedelta(minutes=5)
"""How long a flowing clock may be held at one moment of its way."""


class Clock(Protocol):
    def now(self, connection: Connection) -> datetime:
        """Business time now: aware, UTC. `connection` is the transaction's, so that all of it sees one offset."""
        ...


class SystemClock:
    """Business time is real time: the database's, so that a machine whose own clock is wrong, or is set while it works,
    fires no timer early or late.

    PostgreSQL is asked every `ASK` seconds; between, what has passed since is counted by a clock that nobody can set.
    On SQLite there is one machine, and its clock is the database's.

    It never goes back a little: a late answer to the question, or a clock that is being set right, would make jobs wait
    that were due a moment ago, and the step that caused them would return without what follows.
    """

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._asked: tuple[datetime, float] | None = None
        """What the database said, and the reading of the monotonic clock then."""

    def now(self, connection: Connection) -> datetime:
        moment = self._now(connection)
        if timedelta(0) < self._latest - moment < SLACK:
            return self._latest
        self._latest = moment
        return moment

    def _now(self, connection: Connection) -> datetime:
        if connection.dialect.name != "postgresql":
            return datetime.now(UTC)
        asked = self._asked
        if asked is None or time.monotonic() - asked[1] > ASK:
            said = connection.execute(select(func.clock_timestamp())).scalar_one()
            asked = self._asked = (said.astimezone(UTC), time.monotonic())
        return asked[0] + timedelta(seconds=time.monotonic() - asked[1])


class MovableClock:
    """Business time is real time plus an offset kept in the database; it only moves forward.

    A frozen one stands still between moves, so that a scenario sees exact moments; `start` is where it begins.
    """

    def __init__(self, *, start: datetime | None = None, frozen: bool = False) -> None:
        self._start = start
        self._frozen = frozen

    def now(self, connection: Connection) -> datetime:
        row = connection.execute(select(t.clock)).first()
        real = datetime.now(UTC)
        if row is None:
            # Nobody has moved it yet.
            return self._start or real
        flowing = real + timedelta(microseconds=row.offset_us)
        # While it is moved, a flowing clock is held; whoever died doing so must not stop time for good.
        if row.frozen_at is not None and (self._frozen or flowing - row.frozen_at < HOLD):
            moment: datetime = row.frozen_at
            return moment
        return flowing

    def set(self, connection: Connection, moment: datetime, *, hold: bool = False) -> None:
        """Move to this moment and, with `hold`, stand still there. Raises Invalid for a moment that has passed; the
        first move may go anywhere."""
        if not self.never_moved(connection):
            now = self.now(connection)
            if moment < now and not hold:
                raise Invalid({"to": "El reloj solo avanza."})
            moment = max(moment, now)
        values = {
            "id": 1,
            "offset_us": (moment - datetime.now(UTC)) // timedelta(microseconds=1),
            "frozen_at": moment if hold or self._frozen else None,
        }
        connection.execute(t.clock.delete())
        connection.execute(t.clock.insert().values(values))

    def never_moved(self, connection: Connection) -> bool:
        return connection.execute(select(t.clock.c.id)).first() is None
