"""Scenarios played one after the other in a program of its own: `python -m web.scenarios.batch FOLDER PATH…`.

The studio runs it beside the server, so that a hundred steps hold nobody up, and can end it. For each scenario one line
of JSON: `{"path": …, "begins": true}`, then how it went (`told`). The firm's base data is put into a database once and
copied for each scenario.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from engine import EngineError
from web.scenarios.firm import ScenarioFirm
from web.scenarios.format import ScenarioError, load
from web.scenarios.runner import run
from web.settings import Settings

CPU_SECONDS = 900
MEMORY = 3 * 2**30
FILE_SIZE = 256 * 2**20


def told(processes: Path, path: str, base: Path | None = None) -> dict[str, Any]:
    """Play one scenario of a process folder: `passed`, `steps`, `step` and `problems` where it stopped (`unforeseen`
    and `undone` as in `Failure`), flows `taken`, flows `excused`. `base`: a prepared database to begin with."""
    found: dict[str, Any] = {"path": path, "name": path, "passed": False, "steps": 0, "step": 0, "title": ""}
    found |= {"problems": [], "taken": [], "excused": []}
    with tempfile.TemporaryDirectory(prefix="cauce-scenario-") as folder:
        settings = _settings(Path(folder), processes)
        try:
            scenario = load(processes / path)
            found |= {"name": scenario.name, "excused": sorted(scenario.excused)}
            if base is None:
                ScenarioFirm.prepared(settings).close()
            else:
                shutil.copy(base, Path(folder) / "cauce.db")
            report = run(scenario, lambda: ScenarioFirm.open(settings))
        except (ScenarioError, EngineError, KeyError, AssertionError, TypeError, ValueError) as error:
            said = str(error).replace(f"{processes}/", "") or type(error).__name__
            return {**found, "problems": [said]}
    found |= {"passed": report.failure is None, "steps": report.steps, "taken": sorted(map(list, report.taken))}
    if report.failure is not None:
        failure = report.failure
        found |= {"step": failure.step, "title": failure.name, "problems": list(failure.problems)}
        found |= {"unforeseen": failure.unforeseen, "undone": failure.undone}
    return found


def prepared(processes: Path, into: Path) -> Path:
    """A database with base data and the process of this folder. Raises DeployRejected."""
    ScenarioFirm.prepared(_settings(into, processes)).close()
    return into / "cauce.db"


def _settings(folder: Path, processes: Path) -> Settings:
    return Settings(
        var=folder, database_url=f"sqlite:///{folder / 'cauce.db'}", secret_key="s" * 40, demo=True, processes=processes
    )


def main(arguments: list[str]) -> None:
    for limit, value in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
    ):
        resource.setrlimit(limit, (value, value))
    processes = Path(arguments[0])
    with tempfile.TemporaryDirectory(prefix="cauce-scenarios-") as folder:
        base = prepared(processes, Path(folder))
        for path in arguments[1:]:
            print(json.dumps({"path": path, "begins": True}), flush=True)
            print(json.dumps(told(processes, path, base)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
