"""Plays every run of one scope with tokens, choices left open, to see whether it always comes to a good end.

Conditions are not evaluated: every choice may go either way. Sub-processes and called processes are one step here; the
inside of a sub-process is a game of its own. OR joins wait as BPMN 2.0.2, table 13.3, says. A branch that only
non-interrupting boundary events lead to runs beside the rest as often as they fire: there tokens are not counted.

Four things can be wrong (van der Aalst's soundness): a marking from which nothing moves (deadlock), a second token on a
flow (lack of synchronisation), an element that no run reaches (dead), a marking from which no run ends (livelock).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from engine.definitions.model import Process
from engine.definitions.moves import Board, Marking, Move

MAX_MARKINGS = 20_000
MAX_MOVES = 100_000
MAX_ELEMENTS = 400
MAX_WAYS = 200_000
"""Scopes with more elements, or with more ways into inclusive joins times flows, are not played."""


@dataclass(slots=True)
class Soundness:
    """What was found in one scope; ids of elements."""

    complete: bool = True
    """False when there were too many markings: then nothing is said about what no run reaches."""
    markings: int = 0
    ends: bool = False
    """Some run comes to an end."""
    deadlocked: set[str] = field(default_factory=set)
    """Joins at which tokens stay for ever."""
    crowded: set[str] = field(default_factory=set)
    """Elements at which a second token may arrive before the first has gone on."""
    dead: set[str] = field(default_factory=set)
    """Elements to which flows lead, and no run."""
    endless: set[str] = field(default_factory=set)
    """Elements from which no run ends any more."""


class TokenGame:
    """The game of one scope of a process."""

    def __init__(self, process: Process, scope: str) -> None:
        inside = process.inside.get(scope, ())
        ways = sum(len(element.incoming) for element in inside if element.kind == "inclusiveGateway")
        self.too_large = len(inside) > MAX_ELEMENTS or ways * len(process.flows) > MAX_WAYS
        self.board = Board(process, scope if not self.too_large else "")
        self.before: dict[Marking, list[Marking]] = {}
        """Every marking seen → those from which one move leads to it."""
        self.cut: set[Marking] = set()
        """Markings that are not looked beyond, since something is wrong there already."""
        self.moved: set[str] = set()
        self.result = Soundness()

    def play(self) -> Soundness:
        """Visit every marking, breadth first, up to MAX_MARKINGS markings and MAX_MOVES moves."""
        if self.too_large:
            return Soundness(complete=False)
        board, result = self.board, self.result
        queue: deque[Marking] = deque()
        for move in board.begin():
            self._make(move, None, queue)
        moves = 0
        while queue:
            marking = queue.popleft()
            if not marking:
                result.ends = True
                continue
            count = moves
            for move in board.moves(marking):
                moves += 1
                self._make(move, marking, queue)
            if moves == count:
                result.deadlocked.update(board.holders(marking))
                self.cut.add(marking)
            if moves > MAX_MOVES:
                result.complete = False
                self.cut.update(queue)
                break
        result.markings = len(self.before)
        seen = reduce(or_, self.before, 0)
        self.moved |= {id for id, place in board.passed.items() if place & seen}
        if result.complete and not result.crowded:
            result.dead = board.reachable - self.moved
        result.endless = self._endless()
        return result

    def _make(self, move: Move, marking: Marking | None, queue: deque[Marking]) -> None:
        self.moved.add(move.element)
        left = 0 if move.clears or marking is None else marking & ~move.takes
        crowd = (left & move.puts | move.twice) & ~self.board.aside
        if crowd:
            self.result.crowded.update(self.board.holders(crowd))
            self.cut.update(() if marking is None else (marking,))
        else:
            self._visit(left | move.puts, marking, queue)

    def _visit(self, marking: Marking, earlier: Marking | None, queue: deque[Marking]) -> None:
        if marking not in self.before:
            if len(self.before) >= MAX_MARKINGS:
                self.result.complete = False
                self.cut.update(() if earlier is None else (earlier,))
                return
            self.before[marking] = []
            queue.append(marking)
        if earlier is not None:
            self.before[marking].append(earlier)

    def _endless(self) -> set[str]:
        """Who holds tokens in markings from which neither an end nor anything already said can be reached."""
        good = set(self.cut) | {marking for marking in self.before if not marking}
        queue = deque(good)
        while queue:
            for earlier in self.before[queue.popleft()]:
                if earlier not in good:
                    good.add(earlier)
                    queue.append(earlier)
        return _union(self.board.holders(marking) for marking in self.before if marking not in good)


def _union(sets: Iterable[Iterator[str]]) -> set[str]:
    return {one for some in sets for one in some}
