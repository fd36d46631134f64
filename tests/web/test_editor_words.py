"""What the editors of bpmn.io ask to have translated has Spanish words; and other pages call elements as they do."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

from engine.definitions import Element
from engine.definitions.model import Event, EventKind
from web import process_words
from web.build import FRONTEND, node_environment


def test_no_word_that_an_editor_shows_lacks_its_spanish() -> None:
    done = subprocess.run(
        ["node", "words/check.mjs"], cwd=FRONTEND, env=node_environment(), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {}


def test_cockpit_and_comparison_call_an_element_as_the_editor_does() -> None:
    plain = [Element(kind, kind, "", "p", "p") for kind in process_words.KINDS]
    events: list[EventKind] = ["timer", "message", "compensation", "conditional", "terminate", "escalation"]
    throws = Element("t", "intermediateThrowEvent", "", "p", "p", event=Event("signal"))
    elements = [*plain, throws, *(replace(throws, kind="boundaryEvent", event=Event(one)) for one in events)]
    done = subprocess.run(
        ["node", "words/kinds.mjs", json.dumps([(one.kind, one.event and one.event.kind) for one in elements])],
        cwd=FRONTEND,
        env=node_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [process_words.kind_name(one) for one in elements] == json.loads(done.stdout)
