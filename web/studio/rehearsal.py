"""Scenarios played on the draft: a program of its own on a throw-away database, as `cauce scenario run` does it."""

from __future__ import annotations

import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine import EngineError
from engine.definitions import bundle_id
from web import scenarios
from web.scenarios.firm import ScenarioFirm
from web.settings import Settings

_one_at_a_time = threading.Lock()
_MOST = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario went on one state of the draft."""

    name: str
    passed: bool
    steps: int
    problem: str = ""
    taken: frozenset[tuple[str, str]] = frozenset()


class Busy(Exception):
    """Another scenario is being played."""


_outcomes: OrderedDict[tuple[str, str], Outcome] = OrderedDict()
"""By (id of the draft's files, path): the same files give the same outcome."""


def known(files: Mapping[str, bytes]) -> dict[str, Outcome]:
    """The outcomes of this state of the draft, by path."""
    draft = bundle_id(files)
    return {path: outcome for (id, path), outcome in list(_outcomes.items()) if id == draft}


def play(files: Mapping[str, bytes], path: str) -> Outcome:
    """Play one scenario of the draft. Raises Busy: one at a time, they take all of a processor."""
    if not _one_at_a_time.acquire(timeout=60):
        raise Busy
    try:
        outcome = _play(files, path)
    finally:
        _one_at_a_time.release()
    _outcomes[bundle_id(files), path] = outcome
    while len(_outcomes) > _MOST:
        _outcomes.popitem(last=False)
    return outcome


def _play(files: Mapping[str, bytes], path: str) -> Outcome:
    with in_folder(files) as settings:
        try:
            told = scenarios.load(settings.processes / path)
            ScenarioFirm.prepared(settings).close()
            report = scenarios.run(told, lambda: ScenarioFirm.open(settings))
        except (scenarios.ScenarioError, EngineError, KeyError, AssertionError, TypeError, ValueError) as error:
            problem = str(error).replace(f"{settings.processes}/", "")
            return Outcome(path, False, 0, problem or type(error).__name__)
        problem = "\n".join(report.failure.problems) if report.failure else ""
        if report.failure:
            problem = f"Paso {report.failure.step}, «{report.failure.name}»:\n{problem}"
        return Outcome(told.name, report.failure is None, report.steps, problem, frozenset(report.taken))


@contextmanager
def in_folder(files: Mapping[str, bytes]) -> Iterator[Settings]:
    """Settings of a program of its own with these files as its process folder, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="cauce-studio-") as folder:
        root = Path(folder)
        for name, data in files.items():
            target = root / "process" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        yield Settings(
            var=root,
            database_url=f"sqlite:///{root / 'cauce.db'}",
            secret_key="s" * 40,
            demo=True,
            processes=root / "process",
        )
