"""Scenarios played on the draft: how each went on these very files, and what all of them together say.

An outcome is kept by the content of what was played, so it holds as long as neither the process nor the scenario (or
the one that it continues) has changed, whoever ran it and whatever has been saved in between. Where the elements of a
diagram stand and which colour they have is no part of it.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import SYSTEM
from engine.definitions import bundle_id
from engine.errors import ModelError
from web.runtime import engine
from web.scenarios.coverage import Coverage, all_flows
from web.settings import Settings
from web.studio.tables import ScenarioOutcome

if TYPE_CHECKING:
    from engine import Engine

_CONTINUES = re.compile(rb"^continues:.*?scenario:\s*[\"']?([\w.-]+)", re.MULTILINE | re.DOTALL)
_DRAWING = re.compile(rb"<((?:[\w.-]+:)?BPMNDiagram)\b[^>]*(?<!/)>.*?</\1\s*>", re.DOTALL)
MOST_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario went on one state of the draft."""

    name: str
    passed: bool
    steps: int
    problem: str = ""
    taken: frozenset[tuple[str, str]] = frozenset()
    step: int = 0
    """Number of the step that did not go as told; 0 when the scenario could not even begin."""
    excused: frozenset[str] = frozenset()
    ran: datetime | None = None
    author: str = ""
    unforeseen: tuple[str, ...] = ()
    """Elements of user tasks at which it stopped and that it does not name."""
    undone: bool = False
    """It stopped before that step; else after it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What all scenarios together say of a draft: for the page that publishes it."""

    total: int
    passed: int
    failed: tuple[str, ...]
    """Paths."""
    missing: tuple[str, ...]
    """Paths of those that have not been played on this state of the draft."""
    flows: int
    never: Mapping[str, frozenset[str]]
    """Process → its sequence flows that no scenario took and none excuses."""

    @property
    def good(self) -> bool:
        """Every scenario was played, and passed."""
        return self.total > 0 and self.passed == self.total

    @property
    def covered(self) -> int:
        return self.flows - sum(map(len, self.never.values()))


def keys(files: Mapping[str, bytes]) -> dict[str, str]:
    """Path of each scenario → hash of everything that its outcome depends on."""
    resources = bundle_id(
        {path: _meant(path, data) for path, data in files.items() if not path.startswith("scenarios/")}
    )
    return {path: _key(resources, path, files) for path in files if path.startswith("scenarios/")}


def _meant(path: str, data: bytes) -> bytes:
    """A diagram without its drawing; as it is where a comment could hold the mark of one."""
    if not path.startswith("bpmn/") or b"<!" in data:
        return data
    return _DRAWING.sub(b"", data)


def _key(resources: str, path: str, files: Mapping[str, bytes]) -> str:
    total, seen = hashlib.sha256(resources.encode()), set[str]()
    while path in files and path not in seen:
        seen.add(path)
        total.update(hashlib.sha256(files[path]).digest())
        before = _CONTINUES.search(files[path])
        path = f"scenarios/{before[1].decode()}" if before else ""
    return total.hexdigest()


def known(files: Mapping[str, bytes]) -> dict[str, Outcome]:
    """The outcomes that hold for these files, by path."""
    wanted = keys(files)
    with engine().reading(SYSTEM) as tx:
        rows = tx.session.scalars(select(ScenarioOutcome).where(ScenarioOutcome.key.in_(set(wanted.values()))))
        found = {row.key: _outcome(row) for row in rows}
    return {path: found[key] for path, key in wanted.items() if key in found}


def standing(files: Mapping[str, bytes], foreign: Collection[str] = ()) -> Standing:
    """Passed, failed, not played; and the sequence flows that no scenario takes. Without what is of other processes."""
    outcomes = {path: outcome for path, outcome in known(files).items() if path not in foreign}
    paths = [path for path in files if path.startswith("scenarios/") and path not in foreign]
    flows = flows_of({path: data for path, data in files.items() if path not in foreign})
    taken = {flow for outcome in outcomes.values() for flow in outcome.taken}
    excused = {name for outcome in outcomes.values() for name in outcome.excused}
    never: dict[str, set[str]] = {}
    for process, flow in flows - taken:
        if f"{process}.{flow}" not in excused:
            never.setdefault(process, set()).add(flow)
    return Standing(
        len(paths),
        sum(outcome.passed for outcome in outcomes.values()),
        tuple(path for path in paths if path in outcomes and not outcomes[path].passed),
        tuple(path for path in paths if path not in outcomes),
        len(flows),
        {process: frozenset(found) for process, found in sorted(never.items())},
    )


def flows_of(files: Mapping[str, bytes]) -> Coverage:
    """Every sequence flow of the draft; none when a diagram cannot be read."""
    try:
        return all_flows(files)
    except ModelError:
        return set()


def keep(engine: Engine, key: str, found: Mapping[str, Any], author: str) -> Outcome:
    """Write down how one went."""
    row = ScenarioOutcome(
        key=key,
        path=found["path"],
        name=found["name"],
        passed=found["passed"],
        steps=found["steps"],
        step=found["step"],
        problem=_problem(found),
        details={key: found[key] for key in ("taken", "excused", "unforeseen", "undone") if key in found},
        author=author,
        ran=datetime.now(UTC),
    )
    with engine.transaction(SYSTEM) as tx:
        tx.session.merge(row)
        tx.flush()
        old = select(ScenarioOutcome).order_by(ScenarioOutcome.ran.desc()).offset(MOST_KEPT)
        for one in tx.session.scalars(old):
            tx.session.delete(one)
    return _outcome(row)


def _problem(found: Mapping[str, Any]) -> str:
    said = "\n".join(found["problems"])
    return f"Paso {found['step']}, «{found['title']}»:\n{said}" if found["step"] else said


def _outcome(row: ScenarioOutcome) -> Outcome:
    taken = frozenset((process, flow) for process, flow in row.details["taken"])
    excused = frozenset(row.details["excused"])
    said = (row.name, row.passed, row.steps, row.problem, taken, row.step, excused, row.ran, row.author)
    return Outcome(*said, tuple(row.details.get("unforeseen", ())), bool(row.details.get("undone")))


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
