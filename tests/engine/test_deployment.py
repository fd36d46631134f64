"""Deployments: once for each content; a version rises when a definition's own files change."""

from __future__ import annotations

import pytest

from engine import SYSTEM, DeployRejected, NotFound
from engine.storage import tables as t

from .cases import ANA, BETO, PEDIDO, how_many, new_engine, open_elements, open_engine
from .models import model, user_task
from .models import service_task as service

OTRO = model("otro", user_task("ver"), flows="inicio > ver > fin")
OTRO_2 = model("otro", user_task("ver"), user_task("firmar"), flows="inicio > ver > firmar > fin")


def _files(pedido: bytes, otro: bytes, mail: bytes) -> dict[str, bytes]:
    return {"bpmn/pedido.bpmn": pedido, "bpmn/otro.bpmn": otro, "mail/hola.j2": mail}


def test_the_same_files_are_one_deployment(database_url: str) -> None:
    engine = new_engine(database_url, OTRO)
    first = engine.deploy(_files(PEDIDO, OTRO, b"hola"), name="uno", by=ANA)
    again = engine.deploy(_files(PEDIDO, OTRO, b"hola"), name="dos", by=ANA)
    assert (first.created, again.created) == (True, False)
    assert (again.id, again.name) == (first.id, "uno")
    assert how_many(engine, t.deployment) == 2
    engine.close()


def test_a_version_rises_only_with_its_own_files(database_url: str) -> None:
    engine = new_engine(database_url, OTRO)
    engine.deploy(_files(PEDIDO, OTRO, b"hola"), by=ANA)
    assert {d.key: d.version for d in engine.definitions(by=ANA)} == {"otro": 1, "pedido": 1}
    mail = engine.deploy(_files(PEDIDO, OTRO, b"buenos dias"), by=ANA)
    assert {d.key: d.version for d in mail.definitions} == {"otro": 1, "pedido": 1}
    changed = engine.deploy(_files(PEDIDO, OTRO_2, b"buenos dias"), by=ANA)
    assert {d.key: d.version for d in changed.definitions} == {"otro": 2, "pedido": 1}
    before = how_many(engine, t.content)
    back = engine.deploy(_files(PEDIDO, OTRO, b"hola"), by=ANA)
    assert {d.key: d.version for d in back.definitions} == {"otro": 1, "pedido": 1}
    assert how_many(engine, t.content) == before
    assert [d.version for d in engine.definitions(by=ANA)] == [1, 1]
    engine.close()


def test_an_instance_keeps_its_bundle(database_url: str) -> None:
    engine = new_engine(database_url, OTRO)
    old = engine.start("otro", "O-1", by=BETO)
    new = engine.deploy({"bpmn/otro.bpmn": OTRO_2}, by=ANA)
    started = engine.start("otro", "O-2", by=BETO)
    assert (old.version, started.version, started.deployment_id) == (1, 2, new.id)
    assert engine.start("otro", "O-3", version=1, by=BETO).version == 1
    engine.close()
    engine = open_engine(database_url)
    assert b"firmar" not in engine.diagram(instance_id=old.id, by=ANA).xml
    assert b"firmar" in engine.diagram("otro", by=ANA).xml
    with pytest.raises(NotFound):
        engine.start("otro", "O-4", version=7, by=BETO)
    with pytest.raises(NotFound):
        engine.start("nadie", "O-4", by=BETO)
    engine.close()


def test_findings_refuse_a_deployment(database_url: str) -> None:
    engine = new_engine(database_url, OTRO)
    broken = model("roto", service("hacer", "nadie.lo.hace"), flows="inicio > hacer > fin")
    assert engine.check({"bpmn/roto.bpmn": broken}, by=ANA)
    with pytest.raises(DeployRejected) as refused:
        engine.deploy({"bpmn/roto.bpmn": broken}, by=ANA)
    assert refused.value.findings[0].element_id == "hacer"
    assert how_many(engine, t.deployment) == 1
    engine.close()


def test_a_diagram_shows_tokens_and_the_way_taken(database_url: str) -> None:
    engine = new_engine(database_url)
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    (task,) = engine.user_tasks(by=ANA).items
    engine.complete(task.id, {}, by=ANA)
    diagram = engine.diagram(instance_id=instance.id, by=ANA)
    assert [(token.element_id, token.count) for token in diagram.tokens] == [("entregar", 1)]
    assert set(diagram.taken) == {"inicio_revisar", "revisar_apartar", "apartar_entregar"}
    assert diagram.completed == {"inicio": 1, "revisar": 1, "apartar": 1}
    assert diagram.incidents == frozenset()
    assert engine.flows_taken(by=SYSTEM) == {("pedido", flow) for flow in diagram.taken}
    assert open_elements(engine, "P-1") == ["entregar"]
    engine.close()
