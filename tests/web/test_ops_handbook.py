"""The operator's handbook explains all that the program has: what is new and unexplained fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any, get_args, get_type_hints

import pytest
from flask.testing import FlaskClient

from engine.values import Incident, Job, WaitState
from tests.conftest import ROOT
from tests.web import test_ops
from web import doctor, health, labels
from web.ops import actions, definitions, frame, handbook_words, loose

engine, olga = test_ops.engine, test_ops.olga
ALERTS = set(re.findall(r"alert: (\w+)", (ROOT / "docs" / "alerts.yaml").read_text()))


def codes(value: type, field: str) -> set[str]:
    """The values that a field of Literals can have."""
    return set(get_args(get_type_hints(value)[field]))


EXPLAINED: list[tuple[str, set[str]]] = [
    ("INSTANCES", set(frame.STATES) | {"held", "stopped"}),
    ("WAITS", codes(WaitState, "kind")),
    ("JOBS", codes(Job, "state")),
    ("INCIDENTS", codes(Incident, "kind")),
    ("MAILS", set(labels.CORREO)),
    ("CHECKS", set(doctor.CHECKS)),
    ("READY", set(health.CHECKS)),
    ("ALERTS", ALERTS),
]


@pytest.mark.parametrize(("chapter", "known"), EXPLAINED, ids=[name for name, _ in EXPLAINED])
def test_every_state_check_and_alert_is_explained(chapter: str, known: set[str]) -> None:
    assert known
    assert set(getattr(handbook_words, chapter)) == known


def sentences(pattern: str, *modules: str) -> Iterator[str]:
    """The texts that this call is given in these modules, without what is filled in."""
    for module in modules:
        for path in sorted(ROOT.glob(module)):
            for found in re.finditer(pattern + r'\s*f?"((?:[^"\\]|\\.)*[a-záéíóúñ](?:[^"\\]|\\.)*)"', path.read_text()):
                yield found[1]


def test_every_sentence_of_a_failure_is_explained() -> None:
    pattern = r"(?:raise Fault\(|machine\.fail\([^\n]*?,|sentence =|give_up\(tx, row,)"
    modules = ("bpmn/*", "job", "message", "task_row", "lease", "worker")
    said = list(sentences(pattern, *(f"engine/{name}.py" for name in modules)))
    assert len(said) > 15
    assert [one for one in said if not any(known in one for known in handbook_words.FAILURES)] == []


def test_every_refusal_of_a_migration_is_explained() -> None:
    pattern = r"(?:\.refuse\(|_refused\(instance,|reasons\.append\()"
    said = list(sentences(pattern, "engine/bpmn/migration.py", "engine/migration.py"))
    assert len(said) > 8
    assert [one for one in said if not any(known in one for known in handbook_words.REFUSALS)] == []


def test_the_page_holds_it_all(olga: FlaskClient) -> None:
    page = unescape(olga.get("/operacion/manual").text)
    entries: list[Any] = [one for name, _ in EXPLAINED for one in getattr(handbook_words, name).values()]
    for entry in entries:
        assert entry.means in page, entry.title
        assert entry.do in page, entry.title
    for action in (*actions.ACTIONS.values(), *loose.DEEDS.values(), loose.DISMISS, *definitions.DEEDS.values()):
        assert action.title in page
        assert action.explains in page
    for said in (*handbook_words.FAILURES, *handbook_words.REFUSALS):
        assert f"«{said}»" in page
    # Each link of the contents leads to a chapter.
    for target in re.findall(r'href="#(\w+)"', page.split("<main", 1)[1]):
        assert f'id="{target}"' in page, target
