"""Random block-structured models, and an independent account of what must wait after each step.

The account knows nothing of tokens: a state is what is left of the tree of blocks (its residual).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

# What is left: a block that runs; None when it is over.


@dataclass
class Block:
    id: str

    def draw(self, out: Drawing, after: str) -> str:
        """Draw this block behind the element `after`; answers the element that it ends with."""
        raise NotImplementedError

    def begin(self, scope: Scope) -> Block | None:
        raise NotImplementedError

    def waits(self) -> Iterator[Leaf]:
        yield from ()

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        """What is left after `leaf`, one of `waits`, has happened."""
        raise NotImplementedError

    def throw(self, leaf: Leaf, scope: Scope) -> tuple[bool, Block | None]:
        """Whether an error thrown at `leaf` is caught inside this block, and what is left then."""
        return False, self

    def holds(self, leaf: Leaf) -> bool:
        return any(one is leaf for one in self.waits())


@dataclass
class Scope:
    """A process or sub-process that runs: its main line, and what left it by events that do not interrupt."""

    extra: list[Block] = field(default_factory=list)


@dataclass
class Drawing:
    lines: list[str] = field(default_factory=list)
    variables: dict[str, object] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)

    def chain(self, after: str, line: str) -> str:
        id = line.split()[1]
        self.lines += [line, f"{after} -> {id}"]
        return id


@dataclass(eq=False)
class Leaf(Block):
    """Something that waits: `kind` as the run calls it, `fact` its facts in the drawing."""

    kind: str = "user_task"
    tag: str = "userTask"
    fact: str = ""

    def draw(self, out: Drawing, after: str) -> str:
        return out.chain(after, f"{self.tag} {self.id} {self.fact}")

    def begin(self, scope: Scope) -> Block | None:
        return Leaf(self.id, self.kind, self.tag, self.fact)

    def waits(self) -> Iterator[Leaf]:
        yield self

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        return None


@dataclass
class Automatic(Block):
    def draw(self, out: Drawing, after: str) -> str:
        return out.chain(after, f'scriptTask {self.id} script="=1 + 1" result=r_{self.id}')

    def begin(self, scope: Scope) -> Block | None:
        return None


@dataclass
class Sequence(Block):
    parts: list[Block]

    def draw(self, out: Drawing, after: str) -> str:
        for part in self.parts:
            after = part.draw(out, after)
        return after

    def begin(self, scope: Scope) -> Block | None:
        for place, part in enumerate(self.parts):
            left = part.begin(scope)
            if left is not None:
                return Sequence(self.id, [left, *self.parts[place + 1 :]])
        return None

    def waits(self) -> Iterator[Leaf]:
        yield from self.parts[0].waits()

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        return self._after(self.parts[0].step(leaf, scope), scope)

    def _after(self, left: Block | None, scope: Scope) -> Block | None:
        if left is not None:
            return Sequence(self.id, [left, *self.parts[1:]])
        return Sequence(self.id, self.parts[1:]).begin(scope)

    def throw(self, leaf: Leaf, scope: Scope) -> tuple[bool, Block | None]:
        caught, left = self.parts[0].throw(leaf, scope)
        return caught, self._after(left, scope) if caught else self


@dataclass
class Branches(Block):
    """A gateway that takes some of its branches, and the join of the same kind."""

    gateway: str
    parts: list[Block]
    taken: list[int]

    def draw(self, out: Drawing, after: str) -> str:
        split = out.chain(after, f"{self.gateway}Gateway {self.id}")
        join = f"{self.id}j"
        out.lines.append(f"{self.gateway}Gateway {join}")
        for place, part in enumerate(self.parts):
            first = len(out.lines)
            last = part.draw(out, split)
            if self.gateway != "parallel":
                name = f"t_{self.id}_{place}"
                out.variables[name] = place in self.taken
                entry = next(i for i in range(first, len(out.lines)) if out.lines[i].startswith(f"{split} -> "))
                out.lines[entry] += f" if ={name}"
            out.lines.append(f"{last} -> {join}")
        return join

    def begin(self, scope: Scope) -> Block | None:
        left = [one for place in self.taken if (one := self.parts[place].begin(scope)) is not None]
        return Branches(self.id, self.gateway, left, []) if left else None

    def waits(self) -> Iterator[Leaf]:
        for part in self.parts:
            yield from part.waits()

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        return self._after({id(part): part.step(leaf, scope) for part in self.parts if part.holds(leaf)})

    def _after(self, changed: dict[int, Block | None]) -> Block | None:
        left = [after for part in self.parts if (after := changed.get(id(part), part)) is not None]
        return Branches(self.id, self.gateway, left, []) if left else None

    def throw(self, leaf: Leaf, scope: Scope) -> tuple[bool, Block | None]:
        part = next(part for part in self.parts if part.holds(leaf))
        caught, left = part.throw(leaf, scope)
        return caught, self._after({id(part): left}) if caught else self


@dataclass
class Loop(Block):
    """Its part, so many times over."""

    part: Block
    rounds: int
    left: Block | None = None

    def draw(self, out: Drawing, after: str) -> str:
        count = f"n_{self.id}"
        zero = out.chain(after, f'scriptTask {self.id}z script="=0" result={count}')
        merge = out.chain(zero, f"exclusiveGateway {self.id}m")
        last = self.part.draw(out, merge)
        more = out.chain(last, f'scriptTask {self.id}c script="={count} + 1" result={count}')
        again = out.chain(more, f"exclusiveGateway {self.id}g")
        out.lines += [f"task {self.id}", f"{again} -> {self.id} default"]
        out.lines.append(f"{again} -> {merge} if ={count} < {self.rounds}")
        return self.id

    def begin(self, scope: Scope) -> Block | None:
        return self._round(self.rounds, scope)

    def _round(self, rounds: int, scope: Scope) -> Block | None:
        while rounds:
            left = self.part.begin(scope)
            if left is not None:
                return Loop(self.id, self.part, rounds, left)
            rounds -= 1
        return None

    def waits(self) -> Iterator[Leaf]:
        assert self.left
        yield from self.left.waits()

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        assert self.left
        return self._after(self.left.step(leaf, scope), scope)

    def _after(self, left: Block | None, scope: Scope) -> Block | None:
        return Loop(self.id, self.part, self.rounds, left) if left else self._round(self.rounds - 1, scope)

    def throw(self, leaf: Leaf, scope: Scope) -> tuple[bool, Block | None]:
        assert self.left
        caught, left = self.left.throw(leaf, scope)
        return caught, self._after(left, scope) if caught else self


@dataclass
class Multi(Block):
    """A user task once for each of `count` items, or so many times, or in a loop that ends after so many."""

    count: int
    sequential: bool
    how: str = "each"
    left: list[Leaf] = field(default_factory=list)

    def draw(self, out: Drawing, after: str) -> str:
        items = ",".join("0" * self.count)
        fact = {"each": f'each="=[{items}]"', "times": f"times={self.count}", "most": f"most={self.count}"}[self.how]
        return out.chain(after, f"userTask {self.id} {fact} sequential={str(self.sequential).lower()}")

    def begin(self, scope: Scope) -> Block | None:
        leaves = [Leaf(self.id) for _ in range(self.count)]
        return Multi(self.id, self.count, self.sequential, self.how, leaves) if leaves else None

    def waits(self) -> Iterator[Leaf]:
        yield from self.left[:1] if self.sequential else self.left

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        left = [one for one in self.left if one is not leaf]
        return Multi(self.id, self.count, self.sequential, self.how, left) if left else None


@dataclass
class Inside(Block):
    """A sub-process or call activity."""

    part: Block
    called: bool
    left: Block | None = None
    scope: Scope = field(default_factory=Scope)

    def draw(self, out: Drawing, after: str) -> str:
        inner = Drawing([f"startEvent {self.id}s"], out.variables, out.called)
        last = self.part.draw(inner, f"{self.id}s")
        inner.chain(last, f"endEvent {self.id}e")
        if self.called:
            out.called[f"q{self.id}"] = "\n".join(inner.lines)
            return out.chain(after, f"callActivity {self.id} called=q{self.id}")
        out.lines += [f"subProcess {self.id}", *inner.lines, f"end {self.id}", f"{after} -> {self.id}"]
        return self.id

    def begin(self, scope: Scope) -> Block | None:
        inner = Scope()
        return self._state(self.part.begin(inner), inner)

    def _state(self, left: Block | None, inner: Scope) -> Block | None:
        return Inside(self.id, self.part, self.called, left, inner) if left or inner.extra else None

    def waits(self) -> Iterator[Leaf]:
        yield from self.left.waits() if self.left else ()
        for extra in self.scope.extra:
            yield from extra.waits()

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        return self._state(*step_scope(self.left, self.scope, leaf))

    def throw(self, leaf: Leaf, scope: Scope) -> tuple[bool, Block | None]:
        caught, left, inner = throw_scope(self.left, self.scope, leaf)
        return caught, self._state(left, inner) if caught else self


@dataclass
class Handled(Block):
    """A sub-process with an event sub-process in it."""

    part: Block
    event: Leaf
    handler: Block
    interrupting: bool
    left: Block | None = None
    scope: Scope = field(default_factory=Scope)
    armed: bool = True

    def draw(self, out: Drawing, after: str) -> str:
        start = f"startEvent {self.event.id} {self.event.fact} interrupting={str(self.interrupting).lower()}"
        handler = Drawing([start], out.variables, out.called)
        handler.chain(self.handler.draw(handler, self.event.id), f"endEvent {self.id}f")
        inner = Drawing([f"startEvent {self.id}s"], out.variables, out.called)
        inner.chain(self.part.draw(inner, f"{self.id}s"), f"endEvent {self.id}e")
        out.lines += [f"subProcess {self.id}", *inner.lines, f"subProcess {self.id}h triggered=1", *handler.lines]
        out.lines += [f"end {self.id}h", f"end {self.id}", f"{after} -> {self.id}"]
        return self.id

    def begin(self, scope: Scope) -> Block | None:
        inner = Scope()
        return self._state(self.part.begin(inner), inner, True)

    def _state(self, left: Block | None, inner: Scope, armed: bool) -> Block | None:
        if not left and not inner.extra:
            return None
        return Handled(self.id, self.part, self.event, self.handler, self.interrupting, left, inner, armed)

    def waits(self) -> Iterator[Leaf]:
        if self.armed and self.event.kind != "error":
            yield self.event
        yield from self.left.waits() if self.left else ()
        for extra in self.scope.extra:
            yield from extra.waits()

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        if leaf is not self.event:
            return self._state(*step_scope(self.left, self.scope, leaf), self.armed)
        return self._handle()

    def _handle(self) -> Block | None:
        begun = Inside(f"{self.id}h", self.handler, False).begin(Scope())
        fresh = [begun] if begun else []
        if self.interrupting:
            return self._state(None, Scope(fresh), False)
        return self._state(self.left, Scope([*self.scope.extra, *fresh]), self.event.kind == "message")

    def throw(self, leaf: Leaf, scope: Scope) -> tuple[bool, Block | None]:
        caught, left, inner = throw_scope(self.left, self.scope, leaf)
        if caught:
            return True, self._state(left, inner, self.armed)
        return (True, self._handle()) if self.armed and self.event.kind == "error" else (False, self)


@dataclass
class Guarded(Block):
    """An activity with an event on its boundary."""

    part: Block
    event: Leaf
    handler: Block
    interrupting: bool
    left: Block | None = None
    armed: bool = True

    def draw(self, out: Drawing, after: str) -> str:
        activity = self.part.draw(out, after)
        event, interrupting = self.event, str(self.interrupting).lower()
        out.lines.append(f"boundaryEvent {event.id} on={activity} {event.fact} interrupting={interrupting}")
        last = self.handler.draw(out, event.id)
        if self.interrupting:
            merge = out.chain(activity, f"exclusiveGateway {self.id}")
            out.lines.append(f"{last} -> {merge}")
            return merge
        out.chain(last, f"endEvent {self.id}e")
        return activity

    def begin(self, scope: Scope) -> Block | None:
        left = self.part.begin(scope)
        return self._state(left, True) if left else None

    def _state(self, left: Block, armed: bool) -> Block:
        return Guarded(self.id, self.part, self.event, self.handler, self.interrupting, left, armed)

    def waits(self) -> Iterator[Leaf]:
        assert self.left
        if self.armed:
            yield self.event
        yield from self.left.waits()

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        assert self.left
        if leaf is not self.event:
            left = self.left.step(leaf, scope)
            return self._state(left, self.armed) if left else None
        handled = self.handler.begin(scope)
        if self.interrupting:
            return Sequence(self.id, [handled]) if handled else None
        if handled:
            scope.extra.append(handled)
        return self._state(self.left, self.event.kind == "message")

    def throw(self, leaf: Leaf, scope: Scope) -> tuple[bool, Block | None]:
        assert self.left
        caught, left = self.left.throw(leaf, scope) if self.left.holds(leaf) else (False, None)
        return caught, (self._state(left, self.armed) if left else None) if caught else self


@dataclass
class Catching(Block):
    """An activity with an error event on its boundary."""

    part: Block
    handler: Block
    left: Block | None = None

    def draw(self, out: Drawing, after: str) -> str:
        activity = self.part.draw(out, after)
        out.lines.append(f"boundaryEvent {self.id}b on={activity} error=malo")
        last = self.handler.draw(out, f"{self.id}b")
        merge = out.chain(activity, f"exclusiveGateway {self.id}")
        out.lines.append(f"{last} -> {merge}")
        return merge

    def begin(self, scope: Scope) -> Block | None:
        left = self.part.begin(scope)
        return Catching(self.id, self.part, self.handler, left) if left else None

    def waits(self) -> Iterator[Leaf]:
        assert self.left
        yield from self.left.waits()

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        assert self.left
        left = self.left.step(leaf, scope)
        return Catching(self.id, self.part, self.handler, left) if left else None

    def throw(self, leaf: Leaf, scope: Scope) -> tuple[bool, Block | None]:
        assert self.left
        caught, left = self.left.throw(leaf, scope)
        if caught:
            return True, Catching(self.id, self.part, self.handler, left) if left else None
        handled = self.handler.begin(scope)
        return True, Sequence(self.id, [handled]) if handled else None


@dataclass
class Race(Block):
    """An event gateway: the first event decides what follows."""

    events: list[Leaf]
    follow: list[Block]

    def draw(self, out: Drawing, after: str) -> str:
        gateway = out.chain(after, f"eventBasedGateway {self.id}")
        merge = f"{self.id}m"
        out.lines.append(f"exclusiveGateway {merge}")
        for event, block in zip(self.events, self.follow, strict=True):
            last = block.draw(out, event.draw(out, gateway))
            out.lines.append(f"{last} -> {merge}")
        return merge

    def begin(self, scope: Scope) -> Block | None:
        return Race(self.id, [Leaf(one.id, one.kind, one.tag, one.fact) for one in self.events], self.follow)

    def waits(self) -> Iterator[Leaf]:
        yield from self.events

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        return self.follow[next(place for place, one in enumerate(self.events) if one is leaf)].begin(scope)


@dataclass
class Ends(Block):
    """A sub-process that a terminating end may cut short: `part` beside `cutter`, which terminates after it."""

    part: Block
    cutter: Block
    left: Block | None = None
    cut: Block | None = None
    scope: Scope = field(default_factory=Scope)

    def draw(self, out: Drawing, after: str) -> str:
        inner = Drawing([f"startEvent {self.id}s", f"parallelGateway {self.id}f"], out.variables, out.called)
        inner.lines.append(f"{self.id}s -> {self.id}f")
        inner.chain(self.part.draw(inner, f"{self.id}f"), f"endEvent {self.id}e")
        inner.chain(self.cutter.draw(inner, f"{self.id}f"), f"endEvent {self.id}t terminate=1")
        out.lines += [f"subProcess {self.id}", *inner.lines, f"end {self.id}", f"{after} -> {self.id}"]
        return self.id

    def begin(self, scope: Scope) -> Block | None:
        inner = Scope()
        left, cut = self.part.begin(inner), self.cutter.begin(inner)
        return Ends(self.id, self.part, self.cutter, left, cut, inner) if cut else None

    def waits(self) -> Iterator[Leaf]:
        assert self.cut
        yield from self.left.waits() if self.left else ()
        yield from self.cut.waits()
        for extra in self.scope.extra:
            yield from extra.waits()

    def step(self, leaf: Leaf, scope: Scope) -> Block | None:
        return self._change(leaf, lambda block, inner: (True, block.step(leaf, inner)))[1]

    def throw(self, leaf: Leaf, scope: Scope) -> tuple[bool, Block | None]:
        return self._change(leaf, lambda block, inner: block.throw(leaf, inner))

    def _change(
        self, leaf: Leaf, change: Callable[[Block, Scope], tuple[bool, Block | None]]
    ) -> tuple[bool, Block | None]:
        inner = Scope(list(self.scope.extra))
        left, cut, done = self.left, self.cut, False
        if left and left.holds(leaf):
            done, left = change(left, inner)
        elif cut and cut.holds(leaf):
            done, cut = change(cut, inner)
        else:
            done, inner = change_extra(inner, leaf, change)
        if not done:
            return False, self
        return True, Ends(self.id, self.part, self.cutter, left, cut, inner) if cut else None


def step_scope(left: Block | None, scope: Scope, leaf: Leaf) -> tuple[Block | None, Scope]:
    after = Scope(list(scope.extra))
    if left and left.holds(leaf):
        return left.step(leaf, after), after
    return left, change_extra(after, leaf, lambda block, inner: (True, block.step(leaf, inner)))[1]


def throw_scope(left: Block | None, scope: Scope, leaf: Leaf) -> tuple[bool, Block | None, Scope]:
    after = Scope(list(scope.extra))
    if left and left.holds(leaf):
        caught, left = left.throw(leaf, after)
        return caught, left, after
    caught, after = change_extra(after, leaf, lambda block, inner: block.throw(leaf, inner))
    return caught, left, after


def change_extra(
    scope: Scope, leaf: Leaf, change: Callable[[Block, Scope], tuple[bool, Block | None]]
) -> tuple[bool, Scope]:
    """Change the one block beside the main line that holds `leaf`."""
    place = next(place for place, block in enumerate(scope.extra) if block.holds(leaf))
    spawned = Scope()
    done, kept = change(scope.extra[place], spawned)
    if not done:
        return False, scope
    extra = [*scope.extra[:place], *([kept] if kept else []), *scope.extra[place + 1 :], *spawned.extra]
    return True, Scope(extra)


def random_block(rng: random.Random, depth: int = 4) -> Block:
    count = iter(range(10_000))

    def fresh() -> str:
        return f"x{next(count)}"

    def leaf() -> Block:
        return rng.choice(
            [
                lambda: Leaf(fresh()),
                lambda: Leaf(fresh(), "job", "serviceTask", "topic=t"),
                lambda: Leaf(fresh(), "message", "intermediateCatchEvent", "message=m"),
                lambda: Leaf(fresh(), "timer", "intermediateCatchEvent", "timer=PT1H"),
                lambda: Automatic(fresh()),
            ]
        )()

    def guarded(depth: int) -> Block:
        part = rng.choice([lambda: Leaf(fresh()), lambda: Inside(fresh(), block(depth), rng.random() < 0.5)])()
        kind, fact = rng.choice([("timer", "timer=PT1H"), ("message", "message=m")])
        interrupting = rng.random() < 0.5
        # Several tokens may be in the handler of an event that does not interrupt: nothing in it counts or joins them.
        handler = block(depth) if interrupting else Sequence(fresh(), [leaf() for _ in range(rng.randint(1, 3))])
        return Guarded(fresh(), part, Leaf(fresh(), kind, "", fact), handler, interrupting)

    def catching(depth: int) -> Block:
        job = Leaf(fresh(), "job", "serviceTask", "topic=t")
        inside = Inside(fresh(), Sequence(fresh(), [block(depth), job]), rng.random() < 0.5)
        return Catching(fresh(), rng.choice([job, inside]), block(depth))

    def handled(depth: int) -> Block:
        kind, fact = rng.choice([("timer", "timer=PT1H"), ("message", "message=m"), ("error", "error=malo")])
        job = Leaf(fresh(), "job", "serviceTask", "topic=t")
        part = Sequence(fresh(), [block(depth), job])
        interrupting = kind == "error" or rng.random() < 0.5
        # Several of the same may run beside each other, and nobody could tell which one went on.
        handler = block(depth) if interrupting else Sequence(fresh(), [leaf() for _ in range(rng.randint(1, 3))])
        return Handled(fresh(), part, Leaf(fresh(), kind, "", fact), handler, interrupting)

    def race(depth: int) -> Block:
        kinds = [("message", "intermediateCatchEvent", "message=m"), ("timer", "intermediateCatchEvent", "timer=PT1H")]
        events = [Leaf(fresh(), *rng.choice(kinds)) for _ in range(rng.randint(2, 3))]
        return Race(fresh(), events, [block(depth) for _ in events])

    def branches(depth: int) -> Block:
        gateway = rng.choice(["exclusive", "parallel", "inclusive"])
        parts = [block(depth) for _ in range(rng.randint(2, 3))]
        places = list(range(len(parts)))
        taken = {"exclusive": [rng.choice(places)], "parallel": places}.get(
            gateway, sorted(rng.sample(places, rng.randint(1, len(places))))
        )
        return Branches(fresh(), gateway, parts, taken)

    def block(depth: int) -> Block:
        if depth <= 0:
            return leaf()
        makers: list[Callable[[], Block]] = [
            leaf,
            lambda: Sequence(fresh(), [block(depth - 1) for _ in range(rng.randint(2, 3))]),
            lambda: branches(depth - 1),
            lambda: Loop(fresh(), block(depth - 2), rng.randint(1, 3)),
            lambda: Multi(fresh(), rng.randint(0, 3), rng.random() < 0.5, rng.choice(["each", "times"])),
            lambda: Multi(fresh(), rng.randint(0, 3), True, "most"),
            lambda: handled(depth - 2),
            lambda: Inside(fresh(), block(depth - 1), rng.random() < 0.5),
            lambda: guarded(depth - 2),
            lambda: catching(depth - 2),
            lambda: race(depth - 2),
            lambda: Ends(fresh(), block(depth - 2), Sequence(fresh(), [block(depth - 2), Leaf(fresh())])),
        ]
        return rng.choice(makers)()

    return block(depth)
