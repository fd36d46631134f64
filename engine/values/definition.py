"""What is deployed: findings, process definitions in their versions, their diagrams, what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a model, said so that an analyst can mend it."""

    resource: str
    """Path inside the process folder, e.g. `bpmn/05_propuesta_servicios.bpmn`."""
    element_id: str | None
    rule: str
    """Stable name of the rule, e.g. `gateway-without-default`."""
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"
    field: str | None = None
    """What of the element, where the rule looks at several and one is meant: the attribute's name in the dialect, e.g.
    `dueDate`, `condition`; `input:` or `output:` and the variable for a mapping."""

    def __str__(self) -> str:
        where = f"{self.resource}: {self.element_id}" if self.element_id else self.resource
        return f"{where}: {self.message} {self.remedy} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """One executable process in one version."""

    id: str
    key: str
    version: int
    name: str
    deployment_id: str
    suspended: bool = False
    """Nothing new of this version starts."""


@dataclass(frozen=True, slots=True)
class Suspension:
    """One time that a process definition was suspended; the `resumed` ones are None while it is."""

    id: str
    definition_id: str
    at: datetime
    by: str
    reason: str
    with_instances: bool
    resumed_at: datetime | None
    resumed_by: str | None
    resumed_reason: str | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """One immutable bundle of resources, known by the hash of its content."""

    id: str
    name: str
    deployed_at: datetime
    deployed_by: str
    definitions: tuple[ProcessDefinition, ...]
    created: bool
    """False when exactly this content had been deployed before."""
    findings: tuple[Finding, ...] = ()
    """Warnings only; errors refuse the deployment."""
    number: int = 0
    """Its place in the order of deployments; content that is published again moves to the end."""


@dataclass(frozen=True, slots=True)
class ElementChange:
    """One element or sequence flow that differs between two deployments."""

    process_key: str
    element_id: str
    name: str
    kind: str
    change: Literal["added", "removed", "changed"]
    fields: tuple[str, ...] = ()
    """What is different, by the names of `definitions.Element`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different between two deployments."""

    source: str
    target: str
    elements: tuple[ElementChange, ...]
    files: Mapping[str, Literal["added", "removed", "changed"]]
    """Every file that differs, by name."""


@dataclass(frozen=True, slots=True)
class Token:
    """How many tokens stand at an element."""

    process_key: str
    element_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """One process's diagram, and what an instance has done on it."""

    process_key: str
    name: str
    resource: str
    xml: bytes
    deployment_id: str
    called: Mapping[str, str]
    """Call activity → key of the process that it calls."""
    tokens: tuple[Token, ...] = ()
    """Of all processes of the instance, so that a call activity can show what goes on inside."""
    taken: Mapping[str, int] = field(default_factory=dict)
    """Sequence flow of this process → how often it was taken."""
    completed: Mapping[str, int] = field(default_factory=dict)
    """Element of this process → how often it was completed."""
    incidents: frozenset[str] = frozenset()
    """Elements of this process with an open incident, also inside of what they call."""
    definition: ProcessDefinition | None = None
    """Of a deployment's diagram; None where the process cannot be started by itself."""
