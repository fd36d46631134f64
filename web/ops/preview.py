"""A dry run: do it in a transaction, look at the difference, undo everything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.values import Actor, ProcessInstance
from web import timeline
from web.ops import words
from web.ops.frame import STATES

if TYPE_CHECKING:
    from engine import Engine
    from engine.transaction import Transaction

Do = Callable[["Transaction"], Any]


@dataclass(slots=True)
class Changes:
    """What would be different, in sentences."""

    revision: int = 0
    ends: list[str] = field(default_factory=list)
    begins: list[str] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    """(before, after)"""
    variables: list[tuple[str, str, str, str]] = field(default_factory=list)
    """(name, old, new, whose: nothing for those of the instance's own process)"""

    @property
    def nothing(self) -> bool:
        return not (self.ends or self.begins or self.changes or self.variables)


class _Undo(Exception):
    pass


def both_sides(
    engine: Engine, by: Actor, look: Callable[[Transaction], dict[str, str]], do: Do
) -> tuple[dict[str, str], dict[str, str]]:
    """What `look` sees (id → sentence) before and after `do`, which is undone. Raises what it raises."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    try:
        with engine.transaction(by) as tx:
            before = look(tx)
            do(tx)
            tx.flush()
            after = look(tx)
            raise _Undo
    except _Undo:
        return before, after


def differences(before: dict[str, str], after: dict[str, str]) -> Changes:
    """Of two looks."""
    found = Changes()
    for id, said in before.items():
        if id not in after:
            found.ends.append(said)
        elif after[id] != said:
            found.changes.append((said, after[id]))
    found.begins += [said for id, said in after.items() if id not in before]
    return found


def seen(look: dict[str, str]) -> str:
    """A mark of what was shown, to notice that it has changed since."""
    return hashlib.sha256("\n".join(f"{id} {said}" for id, said in sorted(look.items())).encode()).hexdigest()[:16]


def changes(engine: Engine, by: Actor, instance_id: str, do: Do) -> Changes:
    """What `do` would change, up to where the instance waits again; work for workers is not done. Raises what it
    raises."""
    found = Changes()
    try:
        with engine.transaction(by) as tx:
            before = _Snapshot(tx, instance_id)
            found.revision = before.instance.revision
            do(tx)
            tx.flush()
            _compare(before, _Snapshot(tx, instance_id), found)
            raise _Undo
    except _Undo:
        return found


class _Snapshot:
    def __init__(self, tx: Transaction, instance_id: str) -> None:
        names = timeline.Names(tx.session, None)
        self.instance: ProcessInstance = tx.instance(instance_id)
        bundle = tx.engine.bundles.get(self.instance.deployment_id).processes
        self.names = {key: process.name or key for key, process in bundle.items()}
        self.names |= {wait.element_id: wait.name for wait in tx.wait_states(instance_id)}
        self.waits = {wait.id: words.wait_words(wait, names) for wait in tx.wait_states(instance_id)}
        self.values = {
            (scope.process_key, scope.owner, scope.wait_id, name): words.shown(value)
            for scope in tx.scopes(instance_id)
            for name, value in scope.values.items()
        }


def _compare(before: _Snapshot, after: _Snapshot, found: Changes) -> None:
    if before.instance.state != after.instance.state:
        found.changes.append((str(STATES[before.instance.state][0]), str(STATES[after.instance.state][0])))
    if before.instance.deployment_id != after.instance.deployment_id:
        found.changes.append((f"versión {before.instance.version}", f"versión {after.instance.version}"))
    waits = differences(before.waits, after.waits)
    found.ends += waits.ends
    found.begins += waits.begins
    found.changes += waits.changes
    for key, value in after.values.items():
        if before.values.get(key) != value:
            process_key, owner, wait_id, name = key
            inside = before.names.get(process_key, "") if process_key != before.instance.process_key else ""
            whose = before.names.get(owner or "", owner or "") if wait_id else inside
            found.variables.append((name, before.values.get(key, "—"), value, whose))
