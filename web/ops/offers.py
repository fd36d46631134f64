"""What the form of an action offers to choose from, so that nobody has to know ids by heart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import ProcessInstance, WaitState
from tasks.registros import Colaborador
from web import process_words
from web.ops import words

if TYPE_CHECKING:
    from engine.definitions import Element, Process
    from engine.transaction import Transaction

Processes = Mapping[str, "Process"]
Choice = tuple[str, str]
"""(value, what it is called)"""


def offered(
    tx: Transaction,
    instance: ProcessInstance,
    fields: Collection[str],
    processes: Processes,
    waits: Sequence[WaitState],
    wait: WaitState | None,
) -> dict[str, Any]:
    """For the template of an action with these fields; `wait`: what the action is about, if it is about one."""
    found: dict[str, Any] = {"now": _values(tx, instance, wait) if "variables" in fields else []}
    if "cancel" in fields:
        found["tokens"] = _tokens(tx, instance, processes)
        active = (value.partition("/")[0] for value, _said in found["tokens"])
        keys = list(dict.fromkeys((*active, *_reachable(processes, instance.process_key))))
        found["before"] = _places(processes, keys, ("boundaryEvent",))
        found["after"] = _places(processes, keys, ("endEvent", "eventBasedGateway"))
    if "assignee" in fields:
        people = select(Colaborador).where(Colaborador.activo).order_by(Colaborador.nombre)
        found["people"] = tx.session.scalars(people).all()
    if "message" in fields:
        found["messages"] = [(one.message, one.name) for one in waits if one.kind == "message" and one.message]
    if "code" in fields:
        found["codes"] = _codes(processes, {instance.process_key, *([wait.process_key] if wait else [])})
    return found


def _values(tx: Transaction, instance: ProcessInstance, wait: WaitState | None) -> list[Choice]:
    """The variables that are seen there, as the lines that would write them again."""
    key = wait.process_key if wait else instance.process_key
    seen: dict[str, Any] = {}
    for scope in tx.scopes(instance.id):
        if scope.process_key == key and scope.wait_id in (None, wait.wait_id if wait else None):
            seen |= scope.values
    return [(name, words.shown(value)) for name, value in sorted(seen.items())]


def _tokens(tx: Transaction, instance: ProcessInstance, processes: Processes) -> list[Choice]:
    """Where tokens stand, the outermost first; inside of a called process with its name."""
    tokens = tx.diagram(instance_id=instance.id).tokens
    order = list(processes)
    found = []
    for one in sorted(tokens, key=lambda one: (one.process_key != instance.process_key, order.index(one.process_key))):
        process = processes.get(one.process_key)
        said = process_words.name_of(process, one.element_id)
        if process is not None and one.process_key != instance.process_key:
            said = f"{said} · {process.name}"
        found.append((f"{one.process_key}/{one.element_id}", said))
    return found


def _reachable(processes: Processes, root: str) -> list[str]:
    """The process itself and those that it calls, and they call."""
    found = [root]
    for key in found:
        called = (one.called_process for one in processes[key].elements.values())
        found += [one for one in dict.fromkeys(called) if one in processes and one not in found]
    return found


def _places(processes: Processes, keys: Iterable[str], without: Collection[str]) -> list[tuple[str, list[Choice]]]:
    """Process → elements that a token can be put at."""
    found = []
    for key in keys:
        process = processes[key]
        elements = [one for one in process.elements.values() if one.kind not in without]
        names = Counter(one.name for one in elements)
        found.append((process.name or key, [(f"{key}/{one.id}", _place(one, names)) for one in elements]))
    return found


def _place(element: Element, names: Counter[str]) -> str:
    """«¿Continuar? · Compuerta exclusiva (gw_02)»: the id only where the name alone would not do."""
    said = f"{element.name or element.id} · {process_words.kind_name(element)}"
    return f"{said} ({element.id})" if element.name and names[element.name] > 1 else said


def _codes(processes: Processes, keys: Iterable[str]) -> list[Choice]:
    """Codes of errors that some event of these processes catches, with its name."""
    events = (one for key in keys for one in processes[key].elements.values() if one.event and one.kind != "endEvent")
    caught = {one.event.code: one.name or one.id for one in events if one.event and one.event.kind == "error"}
    return sorted((code, said) for code, said in caught.items() if code)
