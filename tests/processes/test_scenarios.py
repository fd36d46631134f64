"""Every scenario of the process, as told; those of the specification also with everything read anew from storage before
each step, and on both databases. All together take every sequence flow of every diagram."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from engine import load_folder
from tests.conftest import ROOT
from web.scenarios import Report, load, run
from web.scenarios.coverage import Coverage, all_flows, never_taken
from web.scenarios.firm import ScenarioFirm
from web.settings import Settings

from .peso import Peso

FOLDER = ROOT / "processes" / "procedimiento_legal"
SCENARIOS = sorted((FOLDER / "scenarios").glob("*.yaml"))


def settings_in(folder: Path, url: str) -> Settings:
    return Settings(var=folder, database_url=url, secret_key="s" * 40, demo=True)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, database_url)


@pytest.mark.slow
def test_all_scenarios_and_every_sequence_flow(
    tmp_path: Path, subtests: pytest.Subtests, request: pytest.FixtureRequest
) -> None:
    """All in one test, so that one process sees the flows of all of them."""
    if request.config.getoption("--database") == "postgresql":
        pytest.skip("told on SQLite; test_again tells the main ones on PostgreSQL")
    empty = tmp_path / "empty"
    empty.mkdir()
    ScenarioFirm.prepared(settings_in(empty, f"sqlite:///{empty}/cauce.db")).close()
    taken: Coverage = set()
    excused: dict[str, str] = {}
    peso = Peso()
    for path in SCENARIOS:
        place = shutil.copytree(empty, tmp_path / path.stem)
        settings = settings_in(place, f"sqlite:///{place}/cauce.db")
        told = load(path)
        look = peso.mirar if path.stem == "e1_camino_feliz" else lambda firm, step, business_key: None
        with subtests.test(path.stem):
            report = run(told, lambda settings=settings: ScenarioFirm.open(settings), look=look)
            must_be_as_told(report)
            taken |= report.taken
            excused |= told.excused
    flows = all_flows(load_folder(FOLDER))
    with subtests.test("every sequence flow is taken by a scenario"):
        assert never_taken(flows, taken, excused) == []
    with subtests.test("what is excused is there, is not taken after all, and says why"):
        assert {f"{process}.{flow}" for process, flow in flows - taken} == set(excused)
        assert all(len(reason) > 20 for reason in excused.values())
    with subtests.test("what people must type on the happy path"):
        peso.comprobar()


def must_be_as_told(report: Report) -> None:
    assert report.failure is None, str(report.failure)
    assert report.steps == len(report.scenario.steps)


AGAIN = {
    "e1_camino_feliz": {("postgresql", True)},
    "e1b_nadie_paga": {("postgresql", False)},
    "e2_rechazos": {("postgresql", True)},
    "e3_prospecto_silencioso": {("postgresql", True)},
    "e4_preferente": {("sqlite", True), ("postgresql", False)},
    "e5_cancelacion": {("sqlite", True), ("postgresql", False)},
}
"""Scenarios of the specification → on which database, with or without restarts: each way at least twice. `--long` tells
all of them in every way."""


@pytest.mark.slow
@pytest.mark.parametrize("restart", [False, True], ids=["plain", "restart"])
@pytest.mark.parametrize("name", AGAIN)
def test_again(
    name: str, restart: bool, database_kind: str, settings: Settings, request: pytest.FixtureRequest
) -> None:
    if (database_kind, restart) not in AGAIN[name] and not request.config.getoption("--long"):
        pytest.skip("told in another way")
    ScenarioFirm.prepared(settings).close()
    told = load(FOLDER / "scenarios" / f"{name}.yaml")
    must_be_as_told(run(told, lambda: ScenarioFirm.open(settings), restart=restart))


def test_a_wrong_expectation_fails_and_names_the_step(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/cauce.db")
    ScenarioFirm.prepared(settings).close()
    scenario = load(FOLDER / "scenarios" / "e1_camino_feliz.yaml")
    first = scenario.steps[0]
    wrong = first.model_copy(update={"expect": first.expect.model_copy(update={"open": ["ut_99_nada"]})})
    report = run(scenario.model_copy(update={"steps": [wrong]}), lambda: ScenarioFirm.open(settings))
    assert report.failure is not None
    assert report.failure.step == 1
    assert "ut_99_nada" in str(report.failure)
    assert dataclasses.replace(report.failure, problems=()).name == first.name
