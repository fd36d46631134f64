"""No expression or decision, however hostile, takes more than 1 s of processor time or 64 MB."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.feel.hostile import HOSTILE, HOSTILE_DECISIONS

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and rlimits")
def test_every_hostile_expression_ends_within_its_limits():
    child = Path(__file__).with_name("hostile_child.py")
    command = [sys.executable, str(child)]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == f"{len(HOSTILE) + len(HOSTILE_DECISIONS)} tried\n"
