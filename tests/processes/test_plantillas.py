"""The processes that ship as templates: no finding, and a scenario that takes every sequence flow."""

from __future__ import annotations

from pathlib import Path

import pytest

import tasks
from engine import load_folder
from engine.definitions import check
from engine.feel import Functions
from engine.handler import FeelFunction, ServiceTaskHandler, UserTaskHandler
from tests.conftest import ROOT
from web.scenarios import load, run
from web.scenarios.coverage import all_flows, never_taken
from web.scenarios.firm import ScenarioFirm
from web.settings import Settings
from web.studio.process_templates import SHIPPED, from_template

FOLDERS = [ROOT / "processes" / name for name in SHIPPED]


@pytest.mark.parametrize("folder", FOLDERS, ids=SHIPPED)
def test_its_scenarios_go_as_told_and_take_every_flow(folder: Path, tmp_path: Path, database_url: str) -> None:
    settings = Settings(var=tmp_path, database_url=database_url, secret_key="s" * 40, demo=True, processes=folder)
    taken = set()
    for path in (folder / "scenarios").glob("*.yaml"):
        ScenarioFirm.prepared(settings).close()
        report = run(load(path), lambda: ScenarioFirm.open(settings), restart=True)
        assert report.failure is None, report.failure
        taken |= report.taken
    assert never_taken(all_flows(load_folder(folder)), taken) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_found_in_it_nor_in_a_process_made_of_it(name: str) -> None:
    handlers = tasks.HANDLERS
    for files in (load_folder(ROOT / "processes" / name), from_template(name, "otro", "Otro & más")):
        found = check(
            {path: data for path, data in files.items() if not path.startswith("scenarios/")},
            topics=[one.topic for one in handlers if isinstance(one, ServiceTaskHandler)],
            handlers=[one.topic for one in handlers if isinstance(one, UserTaskHandler)],
            functions=Functions(one for one in handlers if isinstance(one, FeelFunction)),
        )
        assert found == []
