"""Deployments: bundles of files stored by content, definitions whose version rises only when their own files change."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, text

from engine import context as contexts
from engine import operation
from engine.definitions import bundle_id
from engine.definitions.checks import check as run_checks
from engine.errors import DeployRejected, NotFound
from engine.form_keys import keys_of
from engine.handler import given_by
from engine.storage import tables as t
from engine.values import DecisionResult, Deployment, Finding, OperationChange, ProcessDefinition, Value

if TYPE_CHECKING:
    from engine.definitions import Bundle, Process
    from engine.transaction import Transaction

_d = t.deployment.c
_p = t.process_definition.c
_dd = t.deployed_definition.c


def check(tx: Transaction, resources: Mapping[str, bytes], *, verb: str = "check") -> list[Finding]:
    tx.allow(verb)
    engine = tx.engine
    return run_checks(
        resources,
        topics=engine.service_handlers,
        handlers=engine.user_task_handlers,
        functions=engine.functions,
        gives={one.topic: given_by(one) for one in engine.service_handlers.values()},
        tasks_give={one.topic: given_by(one) for one in engine.user_task_handlers.values()},
        form_keys={one.topic: keys_of(one) for one in engine.user_task_handlers.values()},
        given=engine.given,
    )


def judge(tx: Transaction, resources: Mapping[str, bytes]) -> tuple[Finding, ...] | None:
    """The warnings about what is to be deployed; None when it is the latest deployment already. Raises DeployRejected.

    It takes its time, so it is no part of the writing transaction.
    """
    tx.allow("deploy")
    before = tx.execute(select(t.deployment).where(_d.id == bundle_id(resources))).first()
    if before is not None and before.number == _last_number(tx):
        return None
    findings = check(tx, resources, verb="deploy")
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise DeployRejected(errors)
    return tuple(findings)


def deploy(
    tx: Transaction, resources: Mapping[str, bytes], name: str, warnings: tuple[Finding, ...] | None
) -> Deployment:
    """Store what `judge` let pass. One deployment at a time."""
    tx.allow("deploy")
    if tx.connection.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE deployment IN EXCLUSIVE MODE"))
    id = bundle_id(resources)
    before = tx.execute(select(t.deployment).where(_d.id == id)).first()
    if before is not None and (warnings is None or before.number == _last_number(tx)):
        return _value(tx, before, created=False)
    bundle = tx.engine.bundles.get(id, resources)
    number = _last_number(tx) + 1
    versions = _versions(tx)
    if before is not None:
        # An earlier content comes back: the same bundle is the latest again.
        tx.execute(t.deployment.update().where(_d.id == id).values(number=number))
    else:
        _insert(tx, bundle, resources, name, number)
    _subscribe(tx, bundle)
    _note(tx, id, name, versions)
    row = tx.execute(select(t.deployment).where(_d.id == id)).one()
    return _value(tx, row, created=before is None, findings=warnings or ())


def _versions(tx: Transaction) -> dict[str, int]:
    """Process key → version, of the latest deployment."""
    latest = select(_d.id).order_by(_d.number.desc()).limit(1).scalar_subquery()
    query = select(_p.key, _p.version).join(t.deployed_definition, _dd.definition_id == _p.id)
    return {row.key: row.version for row in tx.execute(query.where(_dd.deployment_id == latest))}


def _note(tx: Transaction, id: str, name: str, before: Mapping[str, int]) -> None:
    """The line of the operation log: which versions begin from now on, and which no more."""
    after = _versions(tx)
    changes = [
        OperationChange("version", key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]
    operation.note(tx, "deploy", name, changes, deployment_id=id)


def _last_number(tx: Transaction) -> int:
    return tx.execute(select(func.max(_d.number))).scalar() or 0


def _insert(tx: Transaction, bundle: Bundle, resources: Mapping[str, bytes], name: str, number: int) -> None:
    hashes = {resource: hashlib.sha256(data).hexdigest() for resource, data in resources.items()}
    known = set(tx.execute(select(t.content.c.hash).where(t.content.c.hash.in_(set(hashes.values())))).scalars())
    fresh = {digest: resources[resource] for resource, digest in hashes.items() if digest not in known}
    if fresh:
        tx.execute(t.content.insert(), [{"hash": digest, "data": data} for digest, data in fresh.items()])
    row = {"id": bundle.id, "number": number, "name": name, "deployed_at": tx.now, "deployed_by": tx.actor.id}
    tx.execute(t.deployment.insert().values(row))
    tx.execute(
        t.resource.insert(),
        [{"deployment_id": bundle.id, "name": resource, "hash": digest} for resource, digest in hashes.items()],
    )
    definitions = [
        _definition(tx, process, _own_hash(process, bundle, hashes))
        for process in bundle.processes.values()
        if process.executable
    ]
    if definitions:
        links = [{"deployment_id": bundle.id, "definition_id": definition} for definition in definitions]
        tx.execute(t.deployed_definition.insert(), links)


def _own_hash(process: Process, bundle: Bundle, hashes: Mapping[str, str]) -> str:
    """Over the definition's own files: its diagram, and the forms and decisions that its elements name."""
    named = {f"forms/{e.form_id}.form" for e in process.elements.values() if e.form_id}
    named |= {f"dmn/{e.decision_id}.dmn" for e in process.elements.values() if e.decision_id}
    own = {process.resource, *(named & hashes.keys())}
    return hashlib.sha256("\n".join(sorted(hashes[name] for name in own)).encode()).hexdigest()


def _definition(tx: Transaction, process: Process, digest: str) -> str:
    """The id of the version with these files; a new version when there is none."""
    query = select(_p.id, _p.version, _p.hash).where(_p.key == process.id).order_by(_p.version)
    versions = tx.execute(query).all()
    for row in versions:
        if row.hash == digest:
            return str(row.id)
    version = versions[-1].version + 1 if versions else 1
    id = f"{process.id}:{version}"
    values = {"id": id, "key": process.id, "version": version, "name": process.name or process.id, "hash": digest}
    tx.execute(t.process_definition.insert().values(values))
    return id


def _subscribe(tx: Transaction, bundle: Bundle) -> None:
    """The messages that start an instance of the latest deployment's processes."""
    tx.execute(t.message_start.delete())
    rows = [
        {"message": element.event.name, "process_key": process.id, "element_id": element.id}
        for process in bundle.processes.values()
        if process.executable
        for element in process.elements.values()
        if element.kind == "startEvent" and element.scope == process.id
        if element.event is not None and element.event.kind == "message" and element.event.name
    ]
    if rows:
        tx.execute(t.message_start.insert(), rows)


def _value(tx: Transaction, row: Any, *, created: bool, findings: tuple[Finding, ...] = ()) -> Deployment:
    query = (
        select(t.process_definition)
        .join(t.deployed_definition, _dd.definition_id == _p.id)
        .where(_dd.deployment_id == row.id)
        .order_by(_p.key)
    )
    definitions = tuple(
        ProcessDefinition(one.id, one.key, one.version, one.name, row.id, one.suspended) for one in tx.execute(query)
    )
    return Deployment(row.id, row.name, row.deployed_at, row.deployed_by, definitions, created, findings, row.number)


def _definition_value(row: Any, deployment_id: str) -> ProcessDefinition:
    return ProcessDefinition(row.id, row.key, row.version, row.name, deployment_id, row.suspended)


# --- reading


def deployments(tx: Transaction) -> list[Deployment]:
    tx.allow("deployments")
    rows = tx.execute(select(t.deployment).order_by(_d.number.desc())).all()
    return [_value(tx, row, created=False) for row in rows]


def definitions(tx: Transaction) -> list[ProcessDefinition]:
    tx.allow("definitions")
    row = tx.execute(select(t.deployment).order_by(_d.number.desc()).limit(1)).first()
    return [] if row is None else list(_value(tx, row, created=False).definitions)


def resources(tx: Transaction, deployment_id: str | None) -> dict[str, bytes]:
    tx.allow("resources")
    return bundle(tx, deployment_id).resources() if deployment_id else latest_bundle(tx).resources()


def latest(tx: Transaction, process_key: str, version: int | None, *, share: bool = False) -> ProcessDefinition:
    """A version of a process (None: of the latest deployment), with the latest deployment that holds it.

    `share`: nobody suspends it before this transaction ends.
    """
    query = (
        select(t.process_definition, _d.id.label("deployment_id"))
        .join(t.deployed_definition, _dd.definition_id == _p.id)
        .join(t.deployment, _d.id == _dd.deployment_id)
        .where(_p.key == process_key)
        .order_by(_d.number.desc())
        .limit(1)
    )
    if version is not None:
        query = query.where(_p.version == version)
    if share:
        query = query.with_for_update(read=True, of=t.process_definition)
    row = tx.execute(query).first()
    if row is None:
        of_version = f" en la versión {version}" if version is not None else ""
        raise NotFound(f"No hay un proceso «{process_key}»{of_version}.")
    return _definition_value(row, row.deployment_id)


def definition(tx: Transaction, deployment_id: str, process_key: str) -> ProcessDefinition:
    """The version of a process that a deployment holds. Raises NotFound."""
    query = (
        select(t.process_definition)
        .join(t.deployed_definition, _dd.definition_id == _p.id)
        .where(_dd.deployment_id == deployment_id, _p.key == process_key)
    )
    row = tx.execute(query).first()
    if row is None:
        raise NotFound(f"Esta publicación no tiene el proceso «{process_key}».")
    return _definition_value(row, deployment_id)


def latest_bundle(tx: Transaction) -> Bundle:
    id = tx.execute(select(_d.id).order_by(_d.number.desc()).limit(1)).scalar()
    if id is None:
        raise NotFound("No se ha publicado ningún proceso.")
    return bundle(tx, str(id))


def bundle(tx: Transaction, deployment_id: str) -> Bundle:
    """The bundle from the cache, else from the database. Raises NotFound."""
    return tx.engine.bundles.get(deployment_id)


def load(connection: Connection, deployment_id: str) -> dict[str, bytes]:
    """The files of a bundle. Raises NotFound."""
    query = (
        select(t.resource.c.name, t.content.c.data)
        .join(t.content, t.content.c.hash == t.resource.c.hash)
        .where(t.resource.c.deployment_id == deployment_id)
    )
    files = {row.name: row.data for row in connection.execute(query)}
    if not files:
        raise NotFound("Esta publicación no existe.")
    return files


# --- rules, outside of any instance


def decide(tx: Transaction, decision_id: str, inputs: Mapping[str, Value]) -> DecisionResult:
    tx.allow("decide")
    return contexts.StepContext(tx).decide(decision_id, inputs)


def evaluate(tx: Transaction, expression: str, known: Mapping[str, Value]) -> Value:
    tx.allow("evaluate")
    return contexts.StepContext(tx).evaluate(expression, known)
