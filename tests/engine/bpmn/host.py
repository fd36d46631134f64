"""A host for tests: evaluates, and notes what a run asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn import Program, Run, Wait
from engine.feel import parse
from engine.values import Value
from tests.engine.bpmn.drawing import processes


class TestHost:
    __test__ = False

    def __init__(self) -> None:
        self.sent: list[tuple[str, str | None, dict[str, Value]]] = []
        self.broadcasts: list[tuple[str, dict[str, Value]]] = []
        self.history: list[tuple[str, str | None, dict[str, Any]]] = []
        self.decisions: dict[str, Any] = {"doble": lambda variables: variables["x"] * 2}

    def evaluate(self, expression: str, variables: Mapping[str, Value], *, element_id: str | None) -> Value:
        return parse(expression).evaluate(variables)

    def decide(self, decision_id: str, variables: Mapping[str, Value], *, element_id: str | None) -> Value:
        return self.decisions[decision_id](variables)

    def send(
        self, message: str, correlation: str | None, variables: dict[str, Value], *, element_id: str | None
    ) -> None:
        self.sent.append((message, correlation, variables))

    def broadcast(self, signal: str, variables: dict[str, Value], *, element_id: str | None) -> None:
        self.broadcasts.append((signal, variables))

    def record(self, kind: str, *, process_key: str, element_id: str | None, **details: Any) -> None:
        self.history.append((kind, element_id, details))

    def elements(self, kind: str = "element.completed") -> list[str | None]:
        return [element_id for one, element_id, _ in self.history if one == kind]


class Case:
    """One run in a test; with `reload` it goes through its bytes after every step."""

    def __init__(
        self,
        texts: dict[str, str] | str,
        variables: dict[str, Value] | None = None,
        *,
        reload: bool = False,
        edit: tuple[str, str] | None = None,
        **start: Any,
    ) -> None:
        texts = {"p": texts} if isinstance(texts, str) else texts
        self.program = Program.compile(next(iter(texts)), processes(edit=edit, **texts))
        self.host = TestHost()
        self.reload = reload
        self.run = Run.start(self.program, self.host, variables or {}, **start)
        self.go()

    def go(self) -> None:
        self.restart()
        self.run.advance()
        self.restart()

    def restart(self) -> None:
        if not self.reload:
            return
        blob = self.run.dump()
        before = self.run.waits()
        self.run = Run.load(self.program, self.host, blob)
        assert self.run.dump() == blob
        assert self.run.waits() == before

    def one(self, element_id: str, kind: str | None = None) -> Wait:
        found = [wait for wait in self.run.waits() if wait.element.id == element_id and kind in (None, wait.kind)]
        assert found, f"{element_id} does not wait; these do: {self.waiting()}"
        return found[0]

    def waiting(self) -> list[str]:
        """What waits, as `kind id`."""
        return [f"{wait.kind} {wait.element.id}" for wait in self.run.waits()]

    def complete(self, element_id: str, **result: Value) -> None:
        self.run.complete(self.one(element_id).id, result)
        self.go()

    def fire(self, element_id: str, **payload: Value) -> None:
        self.run.fire(self.one(element_id).id, payload)
        self.go()

    def throw(self, element_id: str, code: str, **variables: Value) -> bool:
        caught = self.run.throw_error(self.one(element_id).id, code, "", variables)
        self.go()
        return caught
