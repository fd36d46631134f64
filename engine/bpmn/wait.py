"""What a run waits for, and what it needs from whoever hosts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from engine.definitions.model import Element
from engine.values import Value

WaitKind = Literal["user_task", "job", "timer", "message", "signal", "condition", "failure"]


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that a run cannot go on without. Equal before and after a reload."""

    id: str
    """Stable over reloads; new for every token, so a second round through the same element has another id."""
    kind: WaitKind
    process_key: str
    """Key of the process whose diagram holds the element."""
    element: Element
    message: str | None = None
    """Of a failure: the sentence that names element and variables."""
    attached_to: str | None = None
    """Of a boundary event: id of the activity's token; the id of its wait, if the activity is one. Of the start of an
    event sub-process: id of a token that stands for the scope."""
    interrupting: bool = True
    due: Value = None
    """Of a timer: what its expression gave on entry (date and time, duration, or ISO 8601 text)."""
    repetition: int = 0
    """Of a cycle timer: how often it has fired before."""
    name: str | None = None
    """Of a message or signal: its name, evaluated on entry."""
    correlation: str | None = None
    """Of a message: the correlation key, evaluated on entry; None means the business key."""
    loop_counter: int | None = None
    """Of one instance of a multi-instance activity: its number, from 1."""


class Host(Protocol):
    """What a run asks of the engine around it. Everything here happens inside the current transaction."""

    def evaluate(self, expression: str, variables: Mapping[str, Value], *, element_id: str | None) -> Value:
        """Evaluate FEEL source (the text of the model without its "=")."""
        ...

    def decide(self, decision_id: str, variables: Mapping[str, Value], *, element_id: str | None) -> Value:
        """Evaluate a decision of the same bundle."""
        ...

    def send(
        self, message: str, correlation: str | None, variables: dict[str, Value], *, element_id: str | None
    ) -> None:
        """A message leaves this instance; `correlation` None means the sender's business key."""
        ...

    def broadcast(self, signal: str, variables: dict[str, Value], *, element_id: str | None) -> None:
        """A signal leaves this instance, for every other one that listens now."""
        ...

    def record(self, kind: str, *, process_key: str, element_id: str | None, **details: Any) -> None:
        """A line for the history; kinds of `values.HistoryEvent`."""
        ...


class Fault(Exception):
    """The element cannot go on: its message says why, for the people who repair it. Never leaves this package."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)
