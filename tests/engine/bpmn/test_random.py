"""Random models against an independent account of what must wait (see blocks.py), in memory and through bytes."""

from __future__ import annotations

import os
import random

import pytest

from engine.bpmn import Run, Wait
from engine.errors import Conflict
from tests.engine.bpmn.blocks import Block, Drawing, Leaf, Scope, random_block, step_scope, throw_scope
from tests.engine.bpmn.host import Case

SEED = int(os.environ.get("CAUCE_TEST_SEED", "20260101"))
MODELS = 300
STEPS = 60


@pytest.mark.parametrize("part", range(10))
def test_random_walks_agree_with_the_account(part: int):
    for number in range(part, MODELS, 10):
        seed = f"{SEED}-{number}"
        try:
            walk(random.Random(seed))
        except Exception as error:
            raise AssertionError(f"random walk with seed {seed}") from error


def walk(rng: random.Random) -> None:
    block = random_block(rng)
    out = Drawing(["startEvent s"])
    out.chain(block.draw(out, "s"), "endEvent e")
    case = Case({"p": "\n".join(out.lines), **out.called}, out.variables)
    scope = Scope()
    left = block.begin(scope)
    for _ in range(STEPS):
        check(case, left, scope)
        waits = case.run.waits()
        if not waits:
            return
        wait = rng.choice(waits)
        leaf = rng.choice([one for one in leaves(left, scope) if (one.kind, one.id) == (wait.kind, wait.element.id)])
        if wait.kind == "job" and rng.random() < 0.3:
            caught, left, scope = throw_scope(left, scope, leaf)
            assert case.throw(wait.element.id, "malo") == caught
            continue
        happen(case, wait)
        left, scope = step_scope(left, scope, leaf)


def leaves(left: Block | None, scope: Scope) -> list[Leaf]:
    found = list(left.waits()) if left else []
    for extra in scope.extra:
        found += extra.waits()
    return found


def check(case: Case, left: Block | None, scope: Scope) -> None:
    run = case.run
    waits = run.waits()
    assert sorted((w.kind, w.element.id) for w in waits) == sorted((leaf.kind, leaf.id) for leaf in leaves(left, scope))
    assert run.completed == (not waits)
    assert len({wait.id for wait in waits}) == len(waits)
    assert all(run.wait(wait.id) == wait for wait in waits)
    blob = run.dump()
    again = Run.load(case.program, case.host, blob)
    assert again.dump() == blob
    assert again.waits() == waits
    assert again.tokens() == run.tokens()
    assert again.variables() == run.variables()
    again.advance()
    assert again.dump() == blob, "a state at rest stays as it is"
    # A tree of tokens: every finished node in it holds at least two branches together.
    for workflow in run._top.workflows():
        for task in workflow.tasks.values():
            finished = task.has_state(64 | 128 | 256)
            assert task is workflow.task_tree or not finished or len(task._children) > 1


def happen(case: Case, wait: Wait) -> None:
    if wait.kind in ("user_task", "job"):
        case.run.complete(wait.id, {})
    else:
        case.run.fire(wait.id, {})
    gone = case.run.wait(wait.id)
    if gone is None:
        with pytest.raises(Conflict):
            case.run.complete(wait.id, {})
    # Every other step from bytes, so that both ways are walked.
    case.reload = not case.reload
    case.go()
