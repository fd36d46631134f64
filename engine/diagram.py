"""Diagrams: what is drawn, and what an instance has done on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import deployment, history, incident, workload
from engine import instance as instances
from engine.errors import NotFound
from engine.values import Diagram, ProcessDefinition, Token

if TYPE_CHECKING:
    from engine.transaction import Transaction


def diagram(tx: Transaction, process_key: str | None, instance_id: str | None, deployment_id: str | None) -> Diagram:
    tokens: tuple[Token, ...] = ()
    taken: dict[str, int] = {}
    completed: dict[str, int] = {}
    broken: frozenset[str] = frozenset()
    definition: ProcessDefinition | None = None
    if instance_id is not None:
        instance = instances.loaded(tx, instance_id)
        tx.allow("diagram", instance.business_key)
        bundle, process_key = instance.bundle, process_key or instance.process_key
        if instance.blob is not None:
            tokens = tuple(Token(*token) for token in instance.run.tokens())
        counted = history.counted(tx, instance_id, process_key, "flow.taken", "element.completed")
        taken, completed = counted["flow.taken"], counted["element.completed"]
        around = workload.Around(bundle)
        held = {place for one in incident.places(tx, instance_id) for place in around.holders(one)}
        broken = frozenset(element_id for key, element_id in held if key == process_key)
    else:
        tx.allow("diagram")
        if process_key is None:
            raise NotFound("Falta la clave del proceso.")
        bundle = deployment.bundle(tx, deployment_id or deployment.latest(tx, process_key, None).deployment_id)
    process = bundle.processes.get(process_key)
    if process is None:
        raise NotFound(f"No hay un proceso «{process_key}» en esta publicación.")
    if instance_id is None and process.executable:
        definition = deployment.definition(tx, bundle.id, process_key)
    called = {element.id: element.called_process for element in process.elements.values() if element.called_process}
    return Diagram(
        process_key,
        process.name,
        process.resource,
        bundle.resource(process.resource),
        bundle.id,
        called,
        tokens,
        taken,
        completed,
        broken,
        definition,
    )
