"""The two clocks. Real time (leases, sessions) is the database's or the system's own; this is the business clock, which
rules timers, due dates, back-off, link expiry, folio years and documents. In a demo or a scenario it is moved.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection


class Clock(Protocol):
    def now(self, connection: Connection) -> datetime:
        """Business time now: aware, UTC. `connection` is the transaction's, so that all of it sees one offset."""
        ...


class SystemClock:
    """Business time is real time."""

    def now(self, connection: Connection) -> datetime:
        return datetime.now(UTC)
