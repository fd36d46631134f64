"""The board of the token game: places as bits, and what can move from a marking.

A place is a flow, a running activity that has boundary events, or a non-interrupting boundary event that has fired
(it fires once for each run of its activity here; more would show nothing new). An element that only passes tokens on
makes no move of its own: the flows into it and the one out of it are one place, which keeps the number of markings low.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from engine.definitions.model import Element, Process

Marking = int
"""One bit for each place that holds a token."""

_CHOICES = frozenset({"exclusiveGateway", "eventBasedGateway"})
_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
_MOST_CONDITIONAL = 8
"""Up to so many conditional flows all combinations are tried; beyond, each alone and all together."""


class Move(NamedTuple):
    """One step of one element: the places that it empties and fills."""

    element: str
    takes: Marking
    puts: Marking
    clears: bool = False
    """A terminate, error or cancel end: nothing of this scope remains."""
    twice: Marking = 0
    """Places that it would fill with two tokens."""
    unless: Marking = 0


class Board:
    """The places and moves of one scope."""

    def __init__(self, process: Process, scope: str) -> None:
        self.flows = process.flows
        self.elements = {e.id: e for e in process.inside.get(scope, ()) if not _is_apart(e)}
        self.starts = [element for element in self.elements.values() if element.kind == "startEvent"]
        self.boundaries: dict[str, list[Element]] = {}
        for element in self.elements.values():
            if element.attached_to:
                self.boundaries.setdefault(element.attached_to, []).append(element)
        self.links = {
            e.event.name: e for e in self.elements.values() if e.event and _is_link(e, "intermediateCatchEvent")
        }
        self._bits: dict[str, int] = {}
        self._holder: dict[int, str] = {}
        self._number_places()
        main, self.reachable = self._reach(beside=False), self._reach(beside=True)
        self.aside = self._behind(self.reachable - main) & ~self._behind(main)
        self._by_place: dict[int, list[Move]] = {}
        self._joins: dict[int, Element] = {}
        self._outs: dict[str, list[Move]] = {}
        self._prepare()

    def _number_places(self) -> None:
        self._fuse()
        for element in self.elements.values():
            for flow in element.incoming:
                if self._same(flow) == flow:
                    self._place(flow, self.flows[self._last(flow)].target)
            if element.id in self.boundaries:
                self._place(f"@{element.id}", element.id)
            if element.attached_to:
                self._place(f"!{element.id}", element.attached_to)
        for element in self.elements.values():
            self._bits.update({flow: self._bits[self._same(flow)] for flow in element.incoming})
        self.passed = {id: self._bits[self.elements[id].outgoing[0]] for id in self._passing}

    def _fuse(self) -> None:
        """Make one place of the flows around each element that only passes on; circles of such stay apart at one."""
        self._parent: dict[str, str] = {}
        self._passing: set[str] = set()
        for element in self.elements.values():
            if not self._passes(element):
                continue
            last = self._same(element.outgoing[0])
            firsts = {self._same(flow) for flow in element.incoming}
            if last not in firsts:
                self._parent.update(dict.fromkeys(firsts, last))
                self._passing.add(element.id)

    def _passes(self, element: Element) -> bool:
        joins = element.kind in _JOINS and len(element.incoming) > 1
        waits = element.id in self.boundaries or element.kind in ("startEvent", "endEvent", "boundaryEvent")
        return not (joins or waits or not element.incoming or len(element.outgoing) != 1)

    def _same(self, flow: str) -> str:
        """The flow that stands for the place."""
        while flow in self._parent:
            flow = self._parent[flow]
        return flow

    def _last(self, flow: str) -> str:
        """The flow of the same place from which a token has to be moved."""
        while self.flows[flow].target in self._passing:
            flow = self.elements[self.flows[flow].target].outgoing[0]
        return flow

    def _place(self, name: str, holder: str) -> None:
        bit = 1 << len(self._holder)
        self._bits[name] = bit
        self._holder[bit] = holder

    def mask(self, places: Iterable[str]) -> Marking:
        found = 0
        for place in places:
            found |= self._bits.get(place, 0)
        return found

    def holders(self, marking: Marking) -> Iterator[str]:
        """The elements at which the tokens stand."""
        for bit in _each(marking):
            yield self._holder[bit]

    def _reach(self, *, beside: bool) -> set[str]:
        """The elements to which flows lead from the start; `beside`: over non-interrupting boundary events, too."""
        found = {start.id for start in self.starts}
        queue = list(found)
        while queue:
            element = self.elements[queue.pop()]
            following = [self.flows[flow].target for flow in element.outgoing]
            following += [b.id for b in self.boundaries.get(element.id, ()) if beside or _interrupts(b)]
            following += [target.id for target in self._link_target(element)]
            fresh = {id for id in following if id not in found and id in self.elements}
            found |= fresh
            queue += fresh
        return found

    def _behind(self, ids: Iterable[str]) -> Marking:
        return self.mask(place for id in ids for place in (f"@{id}", *self.elements[id].outgoing))

    def _link_target(self, element: Element) -> list[Element]:
        if element.event and _is_link(element, "intermediateThrowEvent") and element.event.name in self.links:
            return [self.links[element.event.name]]
        return []

    # Moves, worked out once for every place

    def _prepare(self) -> None:
        for element in self.elements.values():
            if element.id in self._passing:
                continue
            joins = element.kind in _JOINS and len(element.incoming) > 1
            outs = list(self._out(element))
            self._outs[element.id] = outs
            for flow in element.incoming:
                bit = self._bits[flow]
                if joins:
                    self._joins[bit] = element
                elif element.id in self.boundaries:
                    self._by_place[bit] = [Move(element.id, bit, self._bits[f"@{element.id}"])]
                else:
                    self._by_place[bit] = [out._replace(takes=bit) for out in outs]
            if element.id in self.boundaries:
                self._by_place[self._bits[f"@{element.id}"]] = list(self._running(element, outs))
            if element.attached_to:
                self._by_place[self._bits[f"!{element.id}"]] = []
        self._upstream = {
            join.id: [(self._bits[flow], self._before(flow, join)) for flow in join.incoming]
            for join in self._joins.values()
            if join.kind == "inclusiveGateway"
        }

    def _running(self, element: Element, outs: list[Move]) -> Iterator[Move]:
        """An activity with boundary events ends, or is interrupted, or something starts beside it (once)."""
        boundaries = self.boundaries[element.id]
        here = self.mask([f"@{element.id}", *(f"!{boundary.id}" for boundary in boundaries)])
        for out in outs:
            yield out._replace(takes=here)
        for boundary in boundaries:
            move = self._leaving(boundary.id, boundary.outgoing)
            if _interrupts(boundary):
                yield move._replace(takes=here)
            else:
                fired = self._bits[f"!{boundary.id}"]
                yield move._replace(puts=move.puts | fired, unless=fired)

    def _out(self, element: Element) -> Iterator[Move]:
        """The ways in which tokens leave an element."""
        if element.kind == "endEvent":
            kind = element.event.kind if element.event else "none"
            yield Move(element.id, 0, 0, clears=kind in ("terminate", "error", "cancel"))
        elif element.event and _is_link(element, "intermediateThrowEvent"):
            for target in self._link_target(element) or [element]:
                yield self._leaving(element.id, target.outgoing)
                yield self._leaving(target.id, target.outgoing)
        elif element.kind in _CHOICES:
            for flow in element.outgoing:
                yield self._leaving(element.id, (flow,))
        else:
            for puts in self._splits(element):
                yield self._leaving(element.id, puts)

    def _leaving(self, id: str, flows: Iterable[str]) -> Move:
        puts = twice = 0
        for flow in flows:
            bit = self._bits.get(flow, 0)
            twice |= puts & bit
            puts |= bit
        return Move(id, 0, puts, twice=twice)

    def begin(self) -> Iterator[Move]:
        """One run for each start event."""
        for start in self.starts:
            yield self._leaving(start.id, start.outgoing)

    def _splits(self, element: Element) -> Iterator[tuple[str, ...]]:
        """Which flows get a token: all without condition, and any of the conditional ones, or the default."""
        default = element.default_flow
        conditional = [id for id in element.outgoing if self.flows[id].condition and id != default]
        if not conditional or element.kind == "parallelGateway":
            yield element.outgoing
            return
        always = tuple(id for id in element.outgoing if id not in conditional and id != default)
        if always or default in element.outgoing:
            yield tuple(id for id in element.outgoing if id not in conditional)
        counts = range(1, len(conditional) + 1) if len(conditional) <= _MOST_CONDITIONAL else (1, len(conditional))
        for count in counts:
            for some in combinations(conditional, count):
                yield (*always, *some)

    def _before(self, flow: str, join: Element) -> Marking:
        """The places from which a token can come by this flow without passing the join."""
        found: set[str] = set()
        queue = [flow]
        while queue:
            source = self.elements.get(self.flows[queue.pop()].source)
            if source is None or source.id == join.id:
                continue
            host = source.attached_to or source.id
            earlier = list(self.elements[host].incoming) if host in self.elements else []
            if source.event and source.event.kind == "link":
                throwers = [e for e in self.elements.values() if source in self._link_target(e)]
                earlier += [incoming for thrower in throwers for incoming in thrower.incoming]
            queue += [place for place in earlier if place not in found]
            found |= {f"@{host}", *earlier}
        return self.mask(found)

    # Playing

    def moves(self, marking: Marking) -> Iterator[Move]:
        """Everything that can happen next."""
        joins: dict[str, Element] = {}
        for bit in _each(marking):
            join = self._joins.get(bit)
            if join is not None:
                joins[join.id] = join
                continue
            for move in self._by_place[bit]:
                if not move.unless & marking:
                    yield move
        for join in joins.values():
            here = self.mask(join.incoming) & marking
            if self._is_full(join, here, marking):
                for out in self._outs[join.id]:
                    yield out._replace(takes=here)

    def _is_full(self, join: Element, here: Marking, marking: Marking) -> bool:
        """A parallel join has a token on each flow; no other token must still be waited for at an inclusive one."""
        if join.kind == "parallelGateway":
            return here == self.mask(join.incoming)
        empty = filled = 0
        for bit, before in self._upstream[join.id]:
            if bit & here:
                filled |= before
            else:
                empty |= before
        return not marking & ~here & empty & ~filled


def _each(marking: Marking) -> Iterator[int]:
    while marking:
        bit = marking & -marking
        yield bit
        marking ^= bit


def _is_apart(element: Element) -> bool:
    """What no token of this scope comes to by a flow: it has a game of its own, or only undoes what is done."""
    compensates = element.kind == "boundaryEvent" and element.event is not None and element.event.kind == "compensation"
    return element.triggered_by_event or element.for_compensation or compensates


def _is_link(element: Element, kind: str) -> bool:
    return element.kind == kind and element.event is not None and element.event.kind == "link"


def _interrupts(boundary: Element) -> bool:
    return boundary.interrupting or (boundary.event is not None and boundary.event.kind == "error")
