"""A state moved from one program to another: the tokens stay where they are, under the names of the new diagram.

Nothing runs and nothing is reset: ids, variables, due values and what was typed stay. What could not go on as drawn is
refused with the reason; what will be different for the instance is noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import codec
from engine.bpmn.activities import CallActivity, EventSubProcess, MultiInstance, SubProcess, Waiting
from engine.bpmn.events import WAITED_FOR
from engine.bpmn.gateways import EventGateway, InclusiveGateway, ParallelGateway
from engine.bpmn.joins import came_from
from engine.bpmn.nodes import Node, Trigger
from engine.bpmn.program import Program

Row = list[Any]
"""A token as the codec writes it: id, parent's id, name, state and, of an unfinished one, its facts and variables."""


@dataclass(slots=True)
class Move:
    """What became of a state."""

    state: dict[str, Any]
    reasons: list[str] = field(default_factory=list)
    """Why it cannot be; empty when it can."""
    notes: list[str] = field(default_factory=list)
    to_arm: list[tuple[str, str]] = field(default_factory=list)
    """Token of an activity, and a boundary event that the new diagram has given it."""
    topics: list[str] = field(default_factory=list)
    """Waits for a job whose topic is another one now."""

    @property
    def blob(self) -> bytes:
        return codec.packed(self.state)


def move(old: Program, new: Program, blob: bytes, mapping: Mapping[str, str]) -> Move:
    """Judge a state and rename it. `mapping`: element or flow of the old diagram → of the new one, where they differ;
    `process/element` names one of several processes. Raises codec.BadState."""
    found = Move(codec.opened(blob))
    for workflow in found.state["workflows"]:
        _Scope(old, new, mapping, workflow, found).move()
    return found


class _Scope:
    """One process, called process or sub-process of the state."""

    def __init__(
        self, old: Program, new: Program, mapping: Mapping[str, str], workflow: dict[str, Any], found: Move
    ) -> None:
        self.workflow, self.found, self.mapping = workflow, found, mapping
        self.process_key, _, inner = workflow["spec"].partition(":")
        self.name = self.process_key + (f":{self.renamed(inner)}" if inner else "")
        self.old = old.specs[workflow["spec"]]
        self.new: Any = new.specs.get(self.name)

    def renamed(self, name: str) -> str:
        """An id, or the name of a node with what stands behind its colon, in the new diagram."""
        base, colon, rest = name.partition(":")
        target = self.mapping.get(f"{self.process_key}/{base}", self.mapping.get(base, base))
        return target + colon + rest

    def refuse(self, sentence: str) -> None:
        if sentence not in self.found.reasons:
            self.found.reasons.append(sentence)

    def note(self, sentence: str) -> None:
        if sentence not in self.found.notes:
            self.found.notes.append(sentence)

    def move(self) -> None:
        if self.new is None:
            self.refuse(f"El asunto está dentro de «{self.name}», que ya no existe.")
            return
        self._scope_triggers()
        rows: list[Row] = []
        here: dict[str, Node] = {}
        for row in self.workflow["tasks"]:
            if len(row) == 4:
                # Finished, and only held for the branches that hang on it: any name that exists will do.
                rows.append([*row[:2], self._known(row[2]), row[3]])
                continue
            target = self._target(row, here)
            if target is not None:
                here[row[0]] = self.old.task_specs[row[2]]
                rows.append(self._row(row, target))
        self._joins(here)
        self._undoable()
        self.workflow["spec"] = self.name
        self.workflow["tasks"] = rows
        self.workflow["arrived"] = {self.renamed(name): ids for name, ids in self.workflow["arrived"].items()}

    def _scope_triggers(self) -> None:
        """Event sub-processes that the new diagram has got: what starts them is waited for from now on."""
        had = {self.renamed(trigger.name) for trigger in self.old.start.boundaries}
        interrupted = any(
            len(row) > 4 and isinstance(node := self.old.task_specs[row[2]], EventSubProcess) and node.interrupting
            for row in self.workflow["tasks"]
        )
        for trigger in self.new.start.boundaries:
            if trigger.name not in had and trigger.event.kind in WAITED_FOR and not interrupted:
                self.found.to_arm.append((self.workflow["tasks"][0][0], trigger.bpmn_id))
                self.note(f"«{_said(trigger)}» empieza a esperarse desde ahora.")

    def _undoable(self) -> None:
        """What could be undone, by the names of the new diagram."""
        kept = []
        for name in self.workflow.get("undoable", ()):
            if self.renamed(name) in self.new.task_specs:
                kept.append(self.renamed(name))
            else:
                self.note(f"«{_said(self.old.task_specs[name])}» ya no compensará lo que se hizo.")
        if "undoable" in self.workflow:
            self.workflow["undoable"] = kept

    def _known(self, name: str) -> str:
        target = self.renamed(name)
        return target if target in self.new.task_specs else ":start"

    def _target(self, row: Row, here: Mapping[str, Node]) -> Node | None:
        """Where this token stands in the new diagram; None when it has no place, or is not needed, there."""
        node, facts = self.old.task_specs[row[2]], row[4]
        target: Node | None = self.new.task_specs.get(self.renamed(row[2]))
        attached = "attached" in facts
        if attached and (target is None or not self._same_activity(node, target)):
            self.note(f"«{_said(node)}» deja de esperarse: ya no está en su actividad.")
            return None
        if target is None:
            self.refuse(f"Está en «{_said(node)}», que ya no existe: diga a qué elemento pasa.")
            return None
        if not _alike(node, target):
            self.refuse(f"«{_said(node)}» y «{_said(target)}» no son de la misma clase.")
        else:
            self._details(row, node, target)
        return target

    def _same_activity(self, node: Node, target: Node) -> bool:
        if isinstance(node, Trigger) and isinstance(target, Trigger):
            return True
        return target.element.attached_to == self.renamed(node.element.attached_to or "")

    def _details(self, row: Row, node: Node, target: Node) -> None:
        facts = row[4]
        if isinstance(node, MultiInstance) and "total" in facts and not self._same_loop(node, target):
            self.refuse(f"«{_said(node)}» está en curso y su repetición cambió.")
        if isinstance(node, SubProcess) and isinstance(target, SubProcess) and row[3] == TaskState.STARTED:
            inside = node.inside if isinstance(node, CallActivity) else self._inner(node.inside)
            if inside != target.inside:
                self.refuse(f"«{_said(node)}» está en curso y lo que lleva dentro es otro proceso.")
        if isinstance(node, EventGateway) and row[3] == TaskState.STARTED and self._race(node) != _ways(target):
            self.refuse(f"«{_said(node)}» espera a uno de varios sucesos, y los sucesos cambiaron.")
        if lost := [name for name in facts.get("undo", ()) if self.renamed(name) not in self.new.task_specs]:
            gone = _list(self.old.task_specs[name].said for name in lost)
            self.refuse(f"«{_said(node)}» está compensando con {gone}, que ya no existe.")
        said = {way.id: way.said for way in node.ways} | {self.renamed(way.id): way.said for way in node.ways}
        if unknown := [way for way in self._take(facts) if way not in _ways(target)]:
            self.refuse(f"«{_said(node)}» ya eligió {_list(said.get(way, way) for way in unknown)}, que ya no existe.")
        self._notes(row, node, target)

    def _inner(self, inside: str) -> str:
        process, _, element = inside.partition(":")
        return f"{process}:{self.renamed(element)}"

    def _same_loop(self, node: MultiInstance, target: Node) -> bool:
        return isinstance(target, MultiInstance) and node.element.loop == target.element.loop

    def _race(self, node: Node) -> dict[str, str]:
        return {self.renamed(way): self.renamed(name) for way, name in _ways(node).items()}

    def _take(self, facts: Mapping[str, Any]) -> list[str]:
        return [
            ":start:" + self.renamed(way[7:]) if way.startswith(":start:") else self.renamed(way)
            for way in facts.get("take", [])
        ]

    def _notes(self, row: Row, node: Node, target: Node) -> None:
        before, after, facts = node.element, target.element, row[4]
        if isinstance(node, Waiting):
            if before.topic != after.topic:
                self.found.topics.append(row[0])
                self.note(f"«{_said(target)}» lo hará «{after.topic}» en lugar de «{before.topic}».")
            if before.form_id != after.form_id:
                self.note(f"«{_said(target)}» usa otro formulario; lo escrito se conserva.")
        if "values" in facts and before.event and after.event:
            if before.event.timer != after.event.timer:
                self.note(f"«{_said(target)}» conserva la fecha que ya tenía.")
            if (before.event.name, before.event.correlation_key) != (after.event.name, after.event.correlation_key):
                self.note(f"«{_said(target)}» sigue esperando el mensaje con el que empezó.")
        if "armed" in facts or "total" in facts:
            had = {self.renamed(boundary.bpmn_id) for boundary in node.boundaries}
            for boundary in target.boundaries:
                if boundary.bpmn_id not in had and boundary.event.kind in WAITED_FOR:
                    self.found.to_arm.append((row[0], boundary.bpmn_id))
                    self.note(f"«{_said(boundary)}» empieza a esperarse desde ahora.")

    def _row(self, row: Row, target: Node) -> Row:
        facts = dict(row[4])
        if "flow" in facts:
            facts["flow"] = self.renamed(facts["flow"])
        if "take" in facts:
            facts["take"] = self._take(facts)
        if "undo" in facts:
            facts["undo"] = [self.renamed(name) for name in facts["undo"]]
        return [row[0], row[1], target.name, row[3], facts, row[5]]

    # Joins

    def _joins(self, here: Mapping[str, Node]) -> None:
        """Tokens that are to meet must still meet, by the same flows; nobody may be left waiting for nobody."""
        tokens = [node for id, node in here.items() if not self._waits_aside(id)]
        names = {node.name for node in tokens}
        for join in self.old.task_specs.values():
            if _is_join(join) and self._under_way(join, tokens):
                target = self.new.task_specs.get(self.renamed(join.name))
                flows = {self.renamed(flow) for flow in join.incoming}
                if target is None or not _alike(join, target) or flows != set(target.incoming):
                    self.refuse(f"Hay caminos en paralelo hacia «{_said(join)}», cuyas entradas cambiaron.")
        after = {self.renamed(name) for name in names}
        for join in self.new.task_specs.values():
            if isinstance(join, ParallelGateway) and len(join.incoming) > 1:
                missing = self._missing(join, after)
                if missing and not self._was_missing(join, names):
                    self.refuse(f"«{_said(join)}» esperaría por {', '.join(missing)}, y por ahí ya no viene nadie.")

    def _waits_aside(self, id: str) -> bool:
        row = next(row for row in self.workflow["tasks"] if row[0] == id)
        return "attached" in row[4]

    def _under_way(self, join: Any, tokens: list[Node]) -> bool:
        """Some token waits there already, or two can come by different flows."""
        if any(node is join for node in tokens):
            return True
        ways = [{node.name for node in tokens if node.name in join.sources[flow]} for flow in join.incoming]
        ways = [way for way in ways if way]
        return len(ways) > 1 and len(set().union(*ways)) > 1

    def _missing(self, join: Any, names: set[str]) -> list[str]:
        """Flows by which nobody can come although somebody comes by another one; tokens at the join itself count."""
        coming = [flow for flow in join.incoming if names & join.sources[flow]]
        if not coming or join.name in names:
            return []
        return [
            f"el camino de «{came_from(self.new.task_specs, flow)}»" for flow in join.incoming if flow not in coming
        ]

    def _was_missing(self, join: Any, names: set[str]) -> bool:
        for before in self.old.task_specs.values():
            if self.renamed(before.name) == join.name and isinstance(before, ParallelGateway) and _is_join(before):
                return bool(self._missing(before, names))
        return False


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"«{name}»" for name in names)


def _is_join(node: Any) -> bool:
    return isinstance(node, ParallelGateway | InclusiveGateway) and len(node.incoming) > 1


def _alike(node: Node, target: Node) -> bool:
    """Whether a token at the one can stand at the other."""
    if type(node) is not type(target) or node.instance != target.instance:
        return False
    if isinstance(node, Waiting) and isinstance(target, Waiting) and node.kind != target.kind:
        return False
    if isinstance(node, MultiInstance) and isinstance(target, MultiInstance) and not _alike(node.each, target.each):
        return False
    return node.element.kind == target.element.kind and node.event.kind == target.event.kind


def _ways(node: Node) -> dict[str, str]:
    return {way.id: way.target.name for way in node.ways}


def _said(node: Node) -> str:
    return node.element.name or node.bpmn_id
