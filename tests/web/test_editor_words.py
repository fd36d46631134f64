"""What the editors of bpmn.io ask to have translated has Spanish words; what they ask nobody is written into them."""

from __future__ import annotations

import json
import subprocess

from web.build import FRONTEND, node_environment


def test_no_word_that_an_editor_shows_lacks_its_spanish() -> None:
    done = subprocess.run(
        ["node", "words/check.mjs"], cwd=FRONTEND, env=node_environment(), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {}
