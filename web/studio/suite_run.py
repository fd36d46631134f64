"""All scenarios of a draft played beside the server: a process of its own that can be watched and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app

from web.runtime import engine
from web.settings import ROOT
from web.studio import outcomes

if TYPE_CHECKING:
    from engine import Engine

LONGEST = 1200.0
"""Seconds after which it is ended, whatever it does."""

MOST_ROUNDS = 20
"""How often a run goes on with what `again` gives."""


class Run:
    """One run. Its outcomes are written down as they come."""

    def __init__(
        self,
        engine: Engine,
        files: Mapping[str, bytes],
        paths: Sequence[str],
        author: str,
        again: Callable[[], tuple[Mapping[str, bytes], Sequence[str]]] | None = None,
    ) -> None:
        self.paths = list(paths)
        self.author = author
        self.done: dict[str, bool] = {}
        self.now = ""
        """Path of the one that is being played."""
        self.cancelled = False
        self.error = ""
        """Why it ended too early."""
        self._engine = engine
        self._again = again
        self._files = dict(files)
        self._keys = outcomes.keys(files)
        self._process: subprocess.Popen[str] | None = None
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="scenarios", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def cancel(self) -> None:
        """End it now; what has been played stays."""
        with self._guard:
            self.cancelled = True
            if self._process is not None:
                self._process.kill()

    def wait(self, seconds: float | None = None) -> None:
        """Until it has ended."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            paths: Sequence[str] = self.paths
            for _round in range(MOST_ROUNDS):
                with outcomes.in_folder(self._files) as settings, tempfile.TemporaryFile("w+") as said:
                    self._play(settings.processes, said, paths)
                if self._again is None or self.cancelled or self.error:
                    return
                files, paths = self._again()
                if not paths:
                    return
                self._files, self._keys = dict(files), outcomes.keys(files)
                self.paths += [path for path in paths if path not in self.paths]
                self.done = {path: passed for path, passed in self.done.items() if path not in paths}
        except Exception as error:  # Whoever waits for the page is told.
            self.error = str(error) or type(error).__name__

    def _play(self, folder: Path, said: Any, paths: Sequence[str]) -> None:
        command = [sys.executable, "-m", "web.scenarios.batch", str(folder), *paths]
        # None of the server's settings goes along: no database, no mail server, no secret.
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "TMPDIR", "HOME") if name in os.environ}
        environment = {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        with self._guard:
            if self.cancelled:
                return
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=said, text=True
            )
        process, timer = self._process, threading.Timer(LONGEST, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            assert process.stdout is not None
            with process.stdout as lines:
                for line in lines:
                    self._told(json.loads(line))
                    if len(self.done) == len(self.paths):
                        return  # Nobody waits for the program to tidy up.
            if process.wait() and not self.cancelled:
                said.seek(0)
                self.error = said.read()[-2000:].strip() or "El programa que los corre terminó antes de tiempo."
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            self.now = ""

    def _told(self, found: dict[str, Any]) -> None:
        self.now = found["path"]
        if "begins" not in found:
            outcomes.keep(self._engine, self._keys[self.now], found, self.author)
            self.done[self.now] = found["passed"]


def current() -> Run | None:
    """The run of this program that is going on, or was the last."""
    found: Run | None = current_app.extensions.get("suite_run")
    return found


_starting = threading.Lock()


def begin(
    files: Mapping[str, bytes],
    paths: Sequence[str],
    author: str,
    again: Callable[[], tuple[Mapping[str, bytes], Sequence[str]]] | None = None,
) -> bool:
    """Play these scenarios; False when others are being played. `again`: asked when all have been played, for files and
    paths to be played next; none to end."""
    with _starting:
        before = current()
        if before is not None and before.running:
            return False
        run = Run(engine(), files, paths, author, again)
        current_app.extensions["suite_run"] = run
        run.start()
    return True
