"""Every scenario of the process, as told, plain and with everything read anew from storage before each step."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.conftest import ROOT
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm
from web.settings import Settings

SCENARIOS = sorted((ROOT / "processes" / "procedimiento_legal" / "scenarios").glob("*.yaml"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(var=tmp_path, database_url=database_url, secret_key="s" * 40, demo=True)


EVERYWHERE = ("e1_camino_feliz", "e1b_nadie_paga", "e2_rechazos", "e3_prospecto_silencioso")
"""Told on both databases, plain and with restarts; the others once, so that all of them together stay affordable."""


@pytest.mark.slow
@pytest.mark.parametrize("restart", [False, True], ids=["plain", "restart"])
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path, restart: bool, settings: Settings) -> None:
    if path.stem not in EVERYWHERE and (restart or not settings.database_url.startswith("sqlite")):
        pytest.skip("told once, on SQLite")
    ScenarioFirm.prepared(settings).close()
    report = run(load(path), lambda: ScenarioFirm.open(settings), restart=restart)
    assert report.failure is None, str(report.failure)
    assert report.steps == len(report.scenario.steps)


def test_a_wrong_expectation_fails_and_names_the_step(settings: Settings) -> None:
    ScenarioFirm.prepared(settings).close()
    scenario = load(SCENARIOS[0])
    first = scenario.steps[0]
    wrong = first.model_copy(update={"expect": first.expect.model_copy(update={"open": ["ut_99_nada"]})})
    report = run(scenario.model_copy(update={"steps": [wrong]}), lambda: ScenarioFirm.open(settings))
    assert report.failure is not None
    assert report.failure.step == 1
    assert "ut_99_nada" in str(report.failure)
    assert dataclasses.replace(report.failure, problems=()).name == first.name
