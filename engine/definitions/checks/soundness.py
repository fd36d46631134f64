"""Rules about whole runs: does every one come to an end? Found by playing them all (`token_game`)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definitions.checks.flow import scopes
from engine.definitions.checks.material import Material, Problem, named
from engine.definitions.model import Element, Process
from engine.definitions.reader import ACTIVITIES
from engine.definitions.token_game import Soundness, TokenGame

_FROM_OUTSIDE = frozenset({"timer", "message", "signal", "conditional"})
_NOT_PLAYED = frozenset({"complexGateway", "adHocSubProcess"})


def _played(material: Material) -> Iterator[tuple[Process, str, Soundness]]:
    """The games of every scope that is drawn well enough to be played; each is played once for one check."""
    for process in material.processes():
        for scope, _, elements in scopes(process):
            key = (process.resource, process.id, scope)
            if key not in material.games:
                material.games[key] = TokenGame(process, scope).play() if _is_playable(process, elements) else None
            game = material.games[key]
            if game is not None:
                yield process, scope, game


def _is_playable(process: Process, elements: list[Element]) -> bool:
    """Whether the other rules about flows have nothing to say that would make the game meaningless."""
    ids = {element.id for element in elements}
    for element in elements:
        flows = [process.flows[id] for id in (*element.incoming, *element.outgoing)]
        inside = all(flow.source in ids and flow.target in ids for flow in flows)
        loose = element.kind == "startEvent" and element.incoming
        host = process.elements.get(element.attached_to or "")
        hangs = element.kind == "boundaryEvent" and (host is None or host.id not in ids or host.kind not in ACTIVITIES)
        if not inside or loose or hangs or element.kind in _NOT_PLAYED:
            return False
    return any(element.kind == "startEvent" for element in elements)


def never_ends(material: Material) -> Iterator[Problem]:
    """Some run of every process and sub-process comes to its end."""
    for process, scope, game in _played(material):
        if game.complete and not game.ends and not game.crowded and not _may_be_ended(process, scope):
            yield Problem(
                process.resource,
                scope,
                f"Ningún camino por «{_name(process, scope)}» llega al fin: todos se detienen o dan vueltas.",
                "Revise las compuertas de unión y los ciclos sin salida.",
            )


def _may_be_ended(process: Process, scope: str) -> bool:
    """An event from outside the runs takes them away: one on the border, or one that starts an event sub-process."""
    handlers = [element for element in process.inside.get(scope, ()) if element.triggered_by_event]
    starts = [one for handler in handlers for one in process.inside.get(handler.id, ()) if one.kind == "startEvent"]
    return any(
        one.interrupting and one.event is not None and one.event.kind in _FROM_OUTSIDE
        for one in (*process.boundaries.get(scope, ()), *starts)
    )


def _name(process: Process, scope: str) -> str:
    return process.elements[scope].name or scope if scope in process.elements else process.name


def deadlock(material: Material) -> Iterator[Problem]:
    """A join does not wait for a token that some choice before it has sent another way."""
    for process, _, game in _played(material):
        for id in sorted(game.deadlocked):
            yield Problem(
                process.resource,
                id,
                f"En {named(process.elements[id])} puede esperarse para siempre un camino que no se tomó.",
                "Una con compuerta exclusiva lo que se separó con exclusiva, y con paralela lo que con paralela.",
                "warning",
            )


def lack_of_synchronisation(material: Material) -> Iterator[Problem]:
    """Branches that run side by side are joined before what follows, or it happens twice."""
    for process, _, game in _played(material):
        for id in sorted(game.crowded):
            yield Problem(
                process.resource,
                id,
                f"A {named(process.elements[id])} pueden llegar dos caminos a la vez: lo que sigue se haría dos veces.",
                "Únalos antes con una compuerta paralela o inclusiva.",
                "warning",
            )


def dead_element(material: Material) -> Iterator[Problem]:
    """Every element is reached by some run."""
    for process, _, game in _played(material):
        for id in sorted(game.dead):
            message = f"A {named(process.elements[id])} no llega ninguna ejecución."
            yield Problem(process.resource, id, message, "Revise las compuertas que hay antes.", "warning")


def livelock(material: Material) -> Iterator[Problem]:
    """Every loop has a way out."""
    for process, scope, game in _played(material):
        if game.endless and game.ends and not _may_be_ended(process, scope):
            first = sorted(game.endless)
            names = ", ".join(named(process.elements[id]) for id in first[:5])
            message = f"De {names} no se sale: las ejecuciones de «{_name(process, scope)}» que llegan ahí no terminan."
            yield Problem(process.resource, first[0], message, "Añada al ciclo una salida.", "warning")


def too_many_runs(material: Material) -> Iterator[Problem]:
    """Small enough to be judged whole; says so when it is not."""
    for process, scope, game in _played(material):
        if not game.complete:
            message = f"«{_name(process, scope)}» es demasiado grande para revisar todos sus caminos."
            yield Problem(process.resource, scope, message, "Divida el proceso en subprocesos.", "warning")


RULES = (never_ends, deadlock, lack_of_synchronisation, dead_element, livelock, too_many_runs)
