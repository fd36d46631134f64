"""Every verb asks the firm's rules: who may nothing gets nothing, not even a count."""

from __future__ import annotations

import inspect
import io
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import Session

from engine import SYSTEM, Actor, Engine, Files, Instruction, NotAllowed, NotFound, UserTaskQuery
from engine.incident import open_without_element

from .cases import ANA, BETO, NINE, PEDIDO, deploy, new_engine, only_task, open_engine
from .test_public_names import VERBS

NOBODY = Actor("nadie", frozenset({"ventas", "almacen"}))
ANSWER_OTHERWISE = {"refresh_timers", "migrate", "restorable", "resolve"}
"""`refresh_timers` decides nothing: it evaluates again what the diagram says, for actions that were allowed. `migrate`
tells of each instance that it was refused, `restorable` says no. `resolve` has a test of its own below."""


class Rules:
    """An `Access` that says yes or no to everything and notes what it was asked."""

    def __init__(self, *, sees: bool, may: bool) -> None:
        self._sees, self._may = sees, may
        self.asked: set[str] = set()

    def visible(self, actor: Actor, business_key: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
        return true() if self._sees else false()

    def may(self, actor: Actor, verb: str, business_key: str | None, session: Session) -> bool:
        self.asked.add(verb)
        return self._may


def prepared(url: str, files: Files) -> dict[str, Any]:
    """A database with something of everything, and an argument for every parameter that a verb has."""
    engine = new_engine(url, files=files)
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    broken = engine.start("pedido", "P-2", {"piezas": 13}, by=BETO)
    engine.complete(only_task(engine, "P-2").id, {}, by=ANA)
    (job,) = [job for job in engine.jobs(by=ANA).items if job.instance_id == broken.id]
    task = only_task(engine, "P-1")
    attached = engine.attach(task.id, "f", io.BytesIO(b"%PDF-1.7 a"), "a.pdf", by=ANA)
    first = engine.deployments(by=ANA)[0].id
    second = deploy(engine, PEDIDO.replace(b'name="revisar"', b'name="Revisar"')).id
    plan = engine.plan_migration(first, second, by=ANA)
    engine.close()
    return {
        "resources": {"bpmn/1.bpmn": PEDIDO},
        "deployment_id": first,
        "process_key": "pedido",
        "source": first,
        "target": second,
        "business_key": "P-9",
        "instance_id": instance.id,
        "instance_ids": [instance.id],
        "values": {"a": 1},
        "reason": "prueba",
        "name": "pago",
        "task_id": task.id,
        "id": task.id,
        "code": "X",
        "instructions": [Instruction("start_before", "pedido", "revisar")],
        "plan": plan,
        "field": "f",
        "stream": io.BytesIO(b"%PDF-1.7 b"),
        "filename": "b.pdf",
        "attachment_id": attached.id,
        "assignee": "ana",
        "submitted": {},
        "job_id": job.id,
        "due": NINE,
        "decision_id": "d",
        "definition_id": "pedido:1",
        "inputs": {},
        "expression": "1 + 1",
    }


def call(engine: Engine, verb: str, arguments: dict[str, Any]) -> Any:
    """The verb with what it cannot do without."""
    function = getattr(engine, verb)
    needed = {
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    return function(**{name: arguments[name] for name in needed}, by=NOBODY)


def test_who_may_nothing_is_refused_by_every_verb(database_url: str, tmp_path: Any) -> None:
    files = Files.in_folder(tmp_path / "files")
    arguments = prepared(database_url, files)
    engine = open_engine(database_url, files=files)
    for verb in sorted(set(VERBS.split()) - ANSWER_OTHERWISE):
        rules = Rules(sees=True, may=False)
        engine.access = rules
        with pytest.raises(NotAllowed):
            call(engine, verb, arguments)
        assert rules.asked, verb
    assert [one.done for one in call(engine, "migrate", arguments)] == [False]
    assert call(engine, "restorable", arguments) is False
    engine.close()


def test_who_may_not_repair_cannot_resolve(database_url: str) -> None:
    engine = new_engine(database_url, PEDIDO)
    engine.start("pedido", "P-1", {"piezas": 500}, by=BETO)
    with engine.transaction(SYSTEM) as tx:
        open_without_element(tx, "message", "nadie vino", business_key="P-1")
    (incident,) = engine.incidents(by=ANA).items
    engine.access = Rules(sees=True, may=False)
    with pytest.raises(NotAllowed):
        engine.resolve(incident.id, by=NOBODY)
    engine.access = Rules(sees=False, may=True)
    with pytest.raises(NotFound):
        engine.resolve(incident.id, by=NOBODY)
    engine.close()


def test_who_sees_nothing_finds_nothing(database_url: str, tmp_path: Any) -> None:
    files = Files.in_folder(tmp_path / "files")
    arguments = prepared(database_url, files)
    engine = open_engine(database_url, files=files)
    engine.access = Rules(sees=False, may=True)
    by_id = "attach attachment draft form history instance retry scopes set_due subscriptions user_task variables"
    for verb in [*by_id.split(), "wait_states"]:
        with pytest.raises(NotFound):
            call(engine, verb, arguments)
    with pytest.raises(NotFound):
        engine.diagram(instance_id=arguments["instance_id"], by=NOBODY)
    assert engine.user_tasks(UserTaskQuery(), by=NOBODY).items == ()
    assert engine.user_tasks(UserTaskQuery(groups=True, mine=True), by=NOBODY).items == ()
    assert engine.instances(by=NOBODY).items == ()
    assert engine.jobs(by=NOBODY).items == ()
    assert engine.incidents(by=NOBODY).items == ()
    assert set(engine.counts(by=NOBODY).values()) == {0}
    engine.close()
