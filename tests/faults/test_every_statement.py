"""A kill at every single statement and commit of each walk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.test_kills import CASES, kill_and_heal


@pytest.mark.parametrize("name", CASES)
def test_a_kill_at_every_statement_heals(
    database_url: str, tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--long", default=False):
        pytest.skip("long: make faults")
    kill_and_heal(CASES[name], database_url, tmp_path, stride=1)
