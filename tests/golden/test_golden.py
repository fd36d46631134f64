"""Instances that earlier programs have stored load, wait for what they waited for, and come to their end."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from engine import SYSTEM
from engine.bpmn.codec import VERSION
from engine.feel import from_json
from engine.instance import lock
from engine.wait_states import reconcile
from tests.engine.cases import BETO, assert_rows_equal_waits, frozen, new_engine
from tests.golden.walk import walk

STORED = sorted((Path(__file__).parent / "stored").glob("*.json"))


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
def test_a_stored_instance_loads_and_finishes(file: Path, tmp_path: Path) -> None:
    golden = json.loads(file.read_text(encoding="utf-8"))
    models = [one.encode() for one in golden["models"]]
    engine = new_engine(f"sqlite:///{tmp_path / 'cauce.db'}", *models, clock=frozen(), after_step=0)
    instance = engine.start("p", "G-1", {"monto": "x", "piezas": 0, "n": 0}, by=BETO).id
    with engine.transaction(SYSTEM) as tx:
        # In place of its own state it gets the stored one, and the rows that belong to that.
        one = lock(tx, instance)
        assert one.rows
        one.blob = base64.b64decode(golden["state"])
        reconcile(one)
        one.settle()
    assert_rows_equal_waits(engine)
    waits = sorted(f"{one.kind} {one.element_id}" for one in engine.wait_states(instance, by=SYSTEM))
    assert waits == golden["waits"]
    assert engine.variables(instance, by=SYSTEM) == from_json(golden["variables"])
    walk(engine, instance)
    assert engine.instance(instance, by=SYSTEM).state == "completed"
    engine.close()


def test_there_are_golden_instances_of_this_format() -> None:
    assert [file for file in STORED if file.stem.startswith(f"v{VERSION}_")], "run: python -m tests.golden.make"
