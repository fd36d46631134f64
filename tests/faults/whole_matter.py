"""One matter of the firm, from the first contact to the archive; its process dies at a statement and is started anew.

`python -m tests.faults.whole_matter SCENARIO FOLDER STRIDE [FIRST]`: a program of its own, because it forks, and the
file store has threads that do not come along. Everything is played in children; this one only says where they die.
"""

from __future__ import annotations

import itertools
import json
import os
import pickle
import random
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from engine import EngineError
from tests.engine.cases import assert_rows_equal_waits
from web.scenarios import deeds, load, runner
from web.scenarios.expectations import Marks, differences
from web.scenarios.firm import ScenarioFirm
from web.scenarios.format import Scenario
from web.settings import Settings

DIED = 9
FOLLOWING, TO_THE_END = 3, 8
"""So many steps are played after a kill; after every eighth, all of them."""


@dataclass(frozen=True)
class Before:
    """What there was before a step, and how many statements and commits it takes."""

    marks: Marks
    way: runner.Way
    after: runner.Way
    statements: int


class Play:
    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self.scenario, self.folder = scenario, folder
        self.place = folder / "place"

    def snapshot(self, number: int) -> Path:
        return self.folder / f"before-{number}"

    def open(self) -> ScenarioFirm:
        firm = ScenarioFirm.open(_settings(self.place))
        # What a dead process had is free at once.
        firm.engine.lease = timedelta(0)
        return firm

    def undisturbed(self) -> None:
        """Play it, keeping what there was before each step."""
        ScenarioFirm.prepared(_settings(self.place)).close()
        firm, way = self.open(), runner.Way()
        firm.engine.move_clock(self.scenario.starts, by=runner.SYSTEM)
        for number, step in enumerate(self.scenario.steps):
            firm.close()
            shutil.copytree(self.place, self.snapshot(number))
            firm = self.open()
            marks, before, count = Marks.now(firm), pickle.dumps(way), itertools.count()
            _listen(firm, lambda _kind, count=count: next(count))
            must_hold(number, runner.play(firm, step, way))
            entry = Before(marks, pickle.loads(before), way, next(count))
            (self.folder / f"{number}.pickle").write_bytes(pickle.dumps(entry))
        firm.close()

    def before(self, number: int) -> Before:
        return pickle.loads((self.folder / f"{number}.pickle").read_bytes())

    def die(self, number: int, at: int) -> None:
        """Play a step until its `at`-th statement or commit; leaves word whether its deed was committed by then."""
        firm, kept, step = self.open(), self.before(number), self.scenario.steps[number]
        count, deed = itertools.count(1), _Deed()

        def look(kind: str) -> None:
            if next(count) == at:
                (self.folder / "died").write_text(json.dumps(deed.done))
                os._exit(DIED)
            deed.commits += deed.begun and kind == "commit"

        _listen(firm, look)
        if step.deed in ("complete", "draft"):
            # Its files come before it, each in a transaction of its own.
            setattr(firm.engine, step.deed, deed.around(getattr(firm.engine, step.deed)))
        else:
            deeds.do = deed.around(deeds.do)
        self._advance(firm, number, kept.way)

    def heal(self, number: int, following: int | None) -> None:
        """Play the step to its end with what is there, then so many (None: all) that follow; everything must hold as it
        is told: what is open, the mails and documents of the step, the firm's records."""
        kept, step = self.before(number), self.scenario.steps[number]
        firm, real = self.open(), deeds.do
        if json.loads((self.folder / "died").read_text()):
            deeds.do = lambda *_: None
        refusal = self._advance(firm, number, kept.way)
        deeds.do = real
        if step.refused is None and refusal is not None:
            must_hold(number, [str(refusal)])
        way = kept.after
        must_hold(number, differences(firm, step, way.key_of(step), kept.marks))
        assert_rows_equal_waits(firm.engine)
        last = None if following is None else number + 1 + following
        for later, step in enumerate(self.scenario.steps[number + 1 : last], number + 1):
            must_hold(later, runner.play(firm, step, way))
        assert_rows_equal_waits(firm.engine)
        firm.close()

    def _advance(self, firm: ScenarioFirm, number: int, way: runner.Way) -> EngineError | None:
        step = self.scenario.steps[number]
        moving = runner.held({*way.held, *step.hold})
        return runner.advance(firm, step, way, moving=moving, after=runner.held(step.hold))


class _Deed:
    """What a step does: a verb, which is one transaction; what it causes comes after it."""

    def __init__(self) -> None:
        self.begun, self.commits = False, 0

    @property
    def done(self) -> bool:
        return self.commits > 0

    def around(self, do: Callable[..., Any]) -> Callable[..., Any]:
        def doing(*given: Any, **more: Any) -> Any:
            self.begun = True
            return do(*given, **more)

        return doing


def _listen(firm: ScenarioFirm, look: Callable[[str], Any]) -> None:
    event.listen(firm.engine.database, "before_cursor_execute", lambda *_: look("statement"))
    event.listen(firm.engine.database, "commit", lambda *_: look("commit"))


def _settings(place: Path) -> Settings:
    place.mkdir(parents=True, exist_ok=True)
    return Settings(var=place, database_url=f"sqlite:///{place}/cauce.db", secret_key="s" * 40, demo=True)


def must_hold(number: int, problems: list[str]) -> None:
    if problems:
        raise AssertionError(f"step {number + 1}: " + "; ".join(problems))


def in_a_child(do: Callable[[], None]) -> int:
    """Its exit code: 0, or 9 when it died where it should; 1 with a trace for everything else."""
    child = os.fork()
    if child == 0:
        try:
            do()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def places(play: Play, stride: int, first: int) -> Iterator[tuple[int, int]]:
    """Every `stride`-th statement of the whole, as step and statement of the step."""
    total = 0
    for number in range(len(play.scenario.steps)):
        for at in range(1, play.before(number).statements + 1):
            total += 1
            if total % stride == first:
                yield number, at


def main(scenario: str, folder: str, stride: str, first: str = "") -> None:
    play, step = Play(load(Path(scenario)), Path(folder)), int(stride)
    assert in_a_child(play.undisturbed) == 0
    chosen = int(first) if first else random.randrange(step)
    print(f"first {chosen}", file=sys.stderr)
    kills = 0
    for number, at in places(play, step, chosen):
        shutil.rmtree(play.place)
        shutil.copytree(play.snapshot(number), play.place)
        code = in_a_child(lambda number=number, at=at: play.die(number, at))
        # A step may take some statements fewer than in the first run.
        assert code in (0, DIED), f"step {number + 1}, statement {at}"
        if code == DIED:
            kills += 1
            following = None if kills % TO_THE_END == 0 else FOLLOWING
            healed = in_a_child(lambda number=number, following=following: play.heal(number, following))
            assert healed == 0, f"step {number + 1}, statement {at}"
    steps = len(play.scenario.steps)
    statements = sum(play.before(number).statements for number in range(steps))
    print(json.dumps({"steps": steps, "statements": statements, "kills": kills, "to_the_end": kills // TO_THE_END}))


if __name__ == "__main__":
    main(*sys.argv[1:])
