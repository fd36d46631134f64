"""A line of the operation log in words: who, about what, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine import Operation, OperationChange
from web import timeline
from web.ops import words
from web.runtime import engine
from web.texts import momento

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.definitions import Process
    from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Told:
    """One line."""

    line: Operation
    who: str
    process: str
    """Name of the process that it is about; of a publication: its number."""
    element: str
    changes: tuple[str, ...]


class Words:
    """What the lines of one page need to be told, read once."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.names = timeline.Names(tx.session, None)

    def told(self, line: Operation) -> Told:
        processes = self._processes_of(line)
        if line.process_key is not None:
            process = processes.get(line.process_key)
            about = process.name or line.process_key if process else line.process_key
        else:
            about = self._publication(line.deployment_id) if line.deployment_id else ""
        element = words.element_name(processes, line.element_id, line.process_key) if line.element_id else ""
        told = (self._change(one, processes) for one in line.changes)
        return Told(line, self.names(line.actor), about, element, tuple(one for one in told if one))

    def _processes_of(self, line: Operation) -> Mapping[str, Process]:
        return engine().bundles.get(line.deployment_id).processes if line.deployment_id else {}

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """Deployment → its number."""
        return {one.id: one.number for one in self._tx.deployments()}

    def _publication(self, deployment_id: str) -> str:
        return f"Publicación n.º {self._numbers.get(deployment_id, '?')}"

    def _change(self, one: OperationChange, processes: Mapping[str, Process]) -> str:
        """«plazas: 13 → 12»; nothing for what the line tells elsewhere."""
        if one.kind == "due":
            return f"{_moment(one.old)} → {_moment(one.new)}"
        if one.kind == "assignee":
            return f"{self._person(one.old)} → {self._person(one.new)}"
        if one.kind == "tokens":
            return f"{_places(one.old, processes)} → {_places(one.new, processes)}"
        if one.kind == "deployment":
            return f"{self._publication(str(one.old))} → n.º {self._numbers.get(str(one.new), '?')}"
        if one.kind == "version":
            process = processes.get(one.name or "")
            return f"«{process.name or one.name if process else one.name}»: {_version(one.old)} → {_version(one.new)}"
        if one.kind == "error":
            return f"Error {one.name}" + (f": {one.new}" if one.new else "")
        if one.kind == "job":
            return f"Trabajo «{words.JOBS.get(one.name or '') or words.topic_words(one.name or '')}»"
        if one.kind == "result":
            return f"{one.name} = {words.brief(one.new)}"
        if one.kind == "variable":
            return f"{one.name}: {words.brief(one.old)} → {words.brief(one.new)}"
        return ""

    def _person(self, actor: Any) -> str:
        return self.names(str(actor)) if actor else "su grupo"


def meant(line: Operation) -> int | None:
    """For how many instances an order was; None when it does not say."""
    return next((int(one.new) for one in line.changes if one.kind == "instances"), None)  # type: ignore[arg-type]


def _moment(value: Any) -> str:
    return momento(value) if value is not None else "—"


def _places(tokens: Any, processes: Mapping[str, Process]) -> str:
    names = dict.fromkeys(words.element_name(processes, one[1], one[0]) for one in tokens or ())
    return ", ".join(f"«{name}»" for name in names) or "fin"


def _version(value: Any) -> str:
    return f"v{value}" if value is not None else "—"
