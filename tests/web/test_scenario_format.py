"""A scenario file that is not understood is refused with the place of the mistake."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from web.scenarios import ScenarioError, load

HEAD = "name: X\nprocess: p\nstarts: 2027-01-11 09:00\nsteps:\n"


def _write(tmp_path: Path, text: str, name: str = "x.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("  - {as: lvega, compleet: ut_x}", "steps.0.compleet"),
        ("  - {as: lvega, complete: ut_x, expect: {opened: []}}", "steps.0.expect.opened"),
        ("  - {as: lvega, complete: ut_x, action: a.b}", "un paso hace una sola cosa"),
        ("  - {complete: ut_x}", "quién lo hace"),
        ("  - {name: nothing}", "no hace nada"),
        ("  - {at: tomorrow}", "steps.0.at"),
        ("  - [", "x.yaml"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, steps: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said.replace(".", r"\.")):
        load(_write(tmp_path, HEAD + steps + "\n"))


def test_moments_are_the_wall_clock_of_the_firm(tmp_path: Path) -> None:
    scenario = load(_write(tmp_path, HEAD + "  - {at: 2027-07-01 18:00}\n"))
    assert scenario.steps[0].at == dt.datetime(2027, 7, 2, 0, 0, tzinfo=dt.UTC)


def test_a_scenario_may_continue_another(tmp_path: Path) -> None:
    _write(tmp_path, HEAD + "  - {at: 2027-01-12 09:00}\n  - {at: 2027-01-13 09:00}\n", "first.yaml")
    text = "name: Y\nprocess: p\ncontinues: {scenario: first.yaml, until: %d}\nsteps:\n  - {at: 2027-01-20 09:00}\n"
    both = load(_write(tmp_path, text % 1, "second.yaml"))
    assert [step.at.day for step in both.steps if step.at] == [12, 20]
    with pytest.raises(ScenarioError, match="no tiene el paso 3"):
        load(_write(tmp_path, text % 3, "third.yaml"))


def test_the_clock_must_begin_somewhere(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="starts"):
        load(_write(tmp_path, "name: X\nprocess: p\nsteps:\n  - {at: 2027-01-12 09:00}\n"))
