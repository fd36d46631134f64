"""Counts what a piece of work costs: CPU, wall time, statements, commits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy import Engine as Database


@dataclass
class Meter:
    """Samples of one kind of work on one database."""

    database: Database
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)
    _sql: int = 0
    _commits: int = 0

    def __post_init__(self) -> None:
        event.listen(self.database, "before_cursor_execute", self._on_statement)
        event.listen(self.database, "commit", self._on_commit)

    def close(self) -> None:
        event.remove(self.database, "before_cursor_execute", self._on_statement)
        event.remove(self.database, "commit", self._on_commit)

    def _on_statement(self, *_: Any) -> None:
        self._sql += 1

    def _on_commit(self, connection: Connection) -> None:
        # On PostgreSQL what only reads ends with a commit, too, of nothing.
        self._commits += not connection.get_execution_options().get("postgresql_readonly", False)

    @contextmanager
    def sample(self) -> Iterator[None]:
        """One piece of work."""
        self._sql = self._commits = 0
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.cpu.append((time.process_time() - cpu) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)
        self.statements.append(self._sql)
        self.commits.append(self._commits)

    def figures(self) -> dict[str, Any]:
        """Medians; CPU as the mean, since its clock ticks coarsely on some machines. All times in milliseconds."""
        return {
            "cpu_ms": round(sum(self.cpu) / len(self.cpu), 3),
            "wall_ms_p50": round(median(self.wall), 3),
            "wall_ms_p95": round(quantiles(self.wall, n=20)[-1] if len(self.wall) > 1 else self.wall[0], 3),
            "sql": int(median(self.statements)),
            "commits": int(median(self.commits)),
            "n": len(self.cpu),
        }


def cpu_ms(work: Callable[[], Any], repeat: int) -> float:
    """Mean CPU milliseconds of `work` over `repeat` calls."""
    start = time.process_time()
    for _ in range(repeat):
        work()
    return round((time.process_time() - start) * 1000 / repeat, 3)
