"""Serve the pages with waitress and run jobs in the same process; stop without cutting anything off.

On SIGTERM `/readyz` says 503 at once and no job is begun any more; `NOTICE` seconds later, when whoever sends requests
here has had time to see it, no connection is taken; running requests and jobs have `DRAIN` seconds to finish, what is
not done by then is handed back. A second SIGTERM ends at once.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

import structlog
import waitress
from flask import Flask

from engine import Engine
from engine.storage.database import is_away
from web import health

log = structlog.get_logger(__name__)

POLL = 0.5
"""Seconds between two looks for due jobs when there were none."""
BEAT = 10.0
"""Seconds between two signs of life; others count a worker as dead after three missed ones."""
PAUSE = 3.0
"""Seconds after a failure, e.g. a database that is gone, before the next look."""
NOTICE = 3.0
"""Seconds between the first SIGTERM and the end of serving."""
DAY = 24 * 3600.0
"""Seconds between two rounds of what is done daily; the first one an hour after the start."""
DRAIN = 20
"""Seconds that running requests and jobs have to finish when the program is stopped."""

Daily = Callable[[Engine], object]
"""Work that answers what it did, for the log."""


class Worker(threading.Thread):
    """Runs due jobs until it is stopped. A failure outside of a job is logged and tried again, never the end.

    `daily`: called once a day between jobs, e.g. to sweep files; several workers may do it at the same time.
    """

    def __init__(self, engine: Engine, name: str = "", daily: Daily | None = None) -> None:
        super().__init__(name=name or f"{socket.gethostname()}-{id(self):x}", daemon=True)
        self.engine = engine
        self._stop_asked = threading.Event()
        self._beaten, self._ran = float("-inf"), 0
        self._daily, self._done = daily, time.monotonic() - DAY + 3600

    def run(self) -> None:
        while not self._stop_asked.is_set():
            try:
                ran = self._round()
            except Exception as error:
                if is_away(error):
                    # The database is asked again until it is back, or has space.
                    said = str(getattr(error, "orig", error)).partition("\n")[0]
                    log.error("database_away", worker=self.name, error=said)
                else:
                    log.exception("worker_failed", exc_info=error)
                self._stop_asked.wait(PAUSE)
                continue
            if ran == 0:
                self._stop_asked.wait(POLL)
        with contextlib.suppress(Exception):
            self.engine.sign_off(self.name)

    def _round(self) -> int:
        """Some due jobs, and now and then a sign of life with how many there were."""
        now = time.monotonic()
        if now - self._beaten >= BEAT:
            self.engine.beat(self.name, self._ran)
            self._beaten, self._ran = now, 0
        ran = self.engine.run_due_jobs(20, self.name)
        self._ran += ran
        if self._daily is not None and now - self._done >= DAY:
            self._done = now
            log.info("daily", worker=self.name, done=self._daily(self.engine))
        return ran

    def stop(self) -> None:
        """Take no further job; the one that runs is finished."""
        self._stop_asked.set()


def serve(app: Flask, engine: Engine, *, host: str, port: int, threads: int, daily: Daily) -> None:
    """Until SIGTERM or Ctrl+C: then no new jobs, running requests and jobs finish, connections are closed."""
    worker = Worker(engine, daily=daily)
    server = waitress.create_server(
        app, host=host, port=port, threads=threads, ident="cauce", clear_untrusted_proxy_headers=True
    )
    # Waitress waits 5 s by itself, then cuts requests off.
    server.task_dispatcher.shutdown = partial(server.task_dispatcher.shutdown, cancel_pending=False, timeout=DRAIN)
    _leave_at_sigterm([worker], NOTICE)
    worker.start()
    try:
        server.run()
    finally:
        _finish([worker], engine)
        server.close()


def work(engine: Engine, daily: Daily, threads: int = 2) -> None:
    """Only jobs, until SIGTERM or Ctrl+C."""
    count = threads if engine.database.dialect.name == "postgresql" else 1
    workers = [Worker(engine, daily=daily if n == 0 else None) for n in range(count)]
    _leave_at_sigterm(workers, 0)
    for worker in workers:
        worker.start()
    try:
        while True:
            # Not `join`: a signal that interrupts it makes Python 3.11 take the running thread for ended.
            signal.pause()
    except (KeyboardInterrupt, SystemExit):
        _finish(workers, engine)


def _finish(workers: list[Worker], engine: Engine) -> None:
    for worker in workers:
        worker.stop()
    until = time.monotonic() + DRAIN
    for worker in workers:
        worker.join(max(0.0, until - time.monotonic()))
        if worker.is_alive():
            log.warning("handed_back", worker=worker.name)
            with contextlib.suppress(Exception):
                engine.sign_off(worker.name)
    engine.close()


def _leave_at_sigterm(workers: list[Worker], notice: float) -> None:
    def end(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    def leave(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        health.leaving.set()
        for worker in workers:
            worker.stop()
        if notice:
            signal.signal(signal.SIGALRM, end)
            signal.setitimer(signal.ITIMER_REAL, notice)
        else:
            end(_signal, _frame)

    signal.signal(signal.SIGTERM, leave)
