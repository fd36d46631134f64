"""The firm's own process, all of the happy path: a process that dies at any statement loses and doubles nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.figures import tell

SCENARIO = ROOT / "processes" / "procedimiento_legal" / "scenarios" / "e1_camino_feliz.yaml"


def test_a_matter_whose_process_dies_goes_on_as_it_is_told(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """At every n-th statement or commit (`CAUCE_STRIDE`); then every later step holds as the scenario tells it: open
    tasks, mails, documents, records. On SQLite, where a database is copied as a file."""
    if not request.config.getoption("--long"):
        pytest.skip("long: make faults")
    command = [sys.executable, "-m", "tests.faults.whole_matter", str(SCENARIO), str(tmp_path)]
    stride = os.environ.get("CAUCE_STRIDE", "25")
    done = subprocess.run([*command, stride], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    figures = json.loads(done.stdout)
    assert figures["statements"] > 3000
    assert figures["kills"] > figures["statements"] // int(stride) * 0.8
    tell("whole_matter", database="sqlite", every=int(stride), lost=0, twice=0, **figures)
