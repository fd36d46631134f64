"""The token game and the executor agree: what the game calls sound always ends, whatever is chosen and in any order."""

import random

import pytest

from engine.bpmn import Program, Run
from engine.definitions import read_model
from engine.definitions.token_game import Soundness, TokenGame
from tests.engine.bpmn.host import TestHost
from tests.engine.definitions.models import END, START, file, flow, timer

SPLITS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway")


class Sketch:
    """Draws a random net: blocks in blocks, of which some gateways are then of the wrong kind."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.count = 0
        self.kinds: dict[str, str] = {}
        self.extra: list[str] = []
        self.flows: list[tuple[str, str]] = []

    def draw(self) -> bytes:
        self.sequence("s", "e", 3)
        for gateway in [id for id, kind in self.kinds.items() if kind in SPLITS]:
            if self.chance.random() < 0.07:
                self.kinds[gateway] = self.chance.choice(SPLITS)
        return file(START, END, *self.nodes(), *self.extra, *(self.flow(*ends) for ends in self.flows))

    def new(self, kind: str) -> str:
        self.count += 1
        self.kinds[f"n{self.count}"] = kind
        return f"n{self.count}"

    def sequence(self, source: str, target: str, depth: int) -> None:
        steps = self.chance.randint(1, 2)
        for step in range(steps):
            after = target if step == steps - 1 else self.new("task")
            self.chance.choice([self.task, self.block, self.block, self.loop] if depth else [self.task])(
                source, after, depth - 1
            )
            source = after

    def task(self, source: str, target: str, depth: int) -> None:
        task = self.new("userTask")
        self.flows += [(source, task), (task, target)]
        if self.chance.random() < 0.3:
            # What interrupts the task joins its own way again, so that the block stays sound.
            boundary, merge = f"b{task}", self.new("exclusiveGateway")
            self.flows[-1] = (task, merge)
            self.flows += [(boundary, merge), (merge, target)]
            self.extra.append(f'<boundaryEvent id="{boundary}" attachedToRef="{task}">{timer("PT1H")}</boundaryEvent>')

    def block(self, source: str, target: str, depth: int) -> None:
        kind = self.chance.choice(SPLITS)
        split, join = self.new(kind), self.new(kind)
        self.flows += [(source, split), (join, target)]
        for _ in range(self.chance.randint(2, 3)):
            self.sequence(split, join, depth)

    def loop(self, source: str, target: str, depth: int) -> None:
        merge, choice = self.new("exclusiveGateway"), self.new("exclusiveGateway")
        self.flows += [(source, merge), (choice, target)]
        self.sequence(merge, choice, depth)
        self.task(choice, merge, 0)

    def nodes(self) -> list[str]:
        found = []
        for id, kind in self.kinds.items():
            outs = [target for source, target in self.flows if source == id]
            choosing = kind in ("exclusiveGateway", "inclusiveGateway") and len(outs) > 1
            default = f'default="f_{id}_{outs[0]}"' if choosing else ""
            found.append(f'<{kind} id="{id}" {default}/>')
        return found

    def flow(self, source: str, target: str) -> str:
        outs = [other for one, other in self.flows if one == source]
        choosing = self.kinds.get(source) in ("exclusiveGateway", "inclusiveGateway") and len(outs) > 1
        return flow(source, target, "=x" if choosing and target != outs[0] else "")


class Chooser(TestHost):
    """Says yes or no to conditions as chance wants."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    def evaluate(self, expression, variables, *, element_id):
        return (
            self.chance.random() < 0.5
            if expression == "x"
            else super().evaluate(expression, variables, element_id=element_id)
        )


def is_sound(game: Soundness) -> bool:
    return game.complete and game.ends and not (game.deadlocked or game.crowded or game.endless)


def walk(program: Program, chance: random.Random) -> tuple[str, set]:
    """One run to its end: how it ended, and which elements it completed."""
    host = Chooser(chance)
    run = Run.start(program, host)
    for _ in range(300):
        run.advance()
        waits = run.waits()
        if run.completed:
            return "completed", set(host.elements())
        if any(wait.kind == "failure" for wait in waits) or not waits:
            return "stuck", set(host.elements())
        wait = chance.choice(waits)
        if wait.kind == "timer":
            run.fire(wait.id, {})
        else:
            run.complete(wait.id, {})
    return "long", set(host.elements())


@pytest.mark.parametrize("seed", range(40))
def test_what_the_game_calls_sound_always_ends(seed):
    chance = random.Random(seed)
    model = read_model("bpmn/p.bpmn", Sketch(chance).draw())
    process = model.processes["p"]
    game = TokenGame(process, "p").play()
    program = Program.compile("p", model.processes)
    for _ in range(3):
        end, completed = walk(program, chance)
        assert not (is_sound(game) and end == "stuck"), f"seed {seed}"
        if game.complete and not game.crowded:
            assert not game.dead & completed, f"seed {seed}"


def test_the_sketches_are_of_both_sorts():
    games = [
        TokenGame(read_model("x", Sketch(random.Random(seed)).draw()).processes["p"], "p").play() for seed in range(60)
    ]
    assert 15 < sum(map(is_sound, games)) < 50
