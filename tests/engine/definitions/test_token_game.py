"""The token game finds what is unsound in small nets, and nothing in sound ones."""

import pytest

from engine.definitions import read_model
from engine.definitions.token_game import TokenGame
from tests.engine.definitions.models import END, START, catch, chain, file, flow, timer


def tasks(ids: str) -> str:
    return "".join(f'<task id="{id}" name="{id}"/>' for id in ids)


def gateways(**kinds: str) -> str:
    names = {"x": "exclusiveGateway", "p": "parallelGateway", "i": "inclusiveGateway", "v": "eventBasedGateway"}
    return "".join(f'<{names[kind]} id="{id}"/>' for id, kind in kinds.items())


def boundary(id: str, on: str, definition: str = "", interrupting: bool = True) -> str:
    stays = "" if interrupting else 'cancelActivity="false"'
    return f'<boundaryEvent id="{id}" attachedToRef="{on}" {stays}>{definition or timer("PT1H")}</boundaryEvent>'


def flows(text: str) -> str:
    """`s>a a>e:x`: flows, with ":x" the condition."""
    found = []
    for one in text.split():
        ends, _, condition = one.partition(":")
        source, target = ends.split(">")
        found.append(flow(source, target, condition))
    return "".join(found)


def play(*parts: str, scope: str = "p"):
    model = read_model("bpmn/p.bpmn", file(START, END, *parts))
    game = TokenGame(model.processes["p"], scope).play()
    assert game.complete
    return game


def is_sound(game) -> bool:
    return game.ends and not (game.deadlocked or game.crowded or game.dead or game.endless)


SOUND = {
    "a line": tasks("a") + flows("s>a a>e"),
    "a choice": gateways(x="x", y="x") + tasks("ab") + flows("s>x x>a x>b a>y b>y y>e"),
    "a parallel block": gateways(p="p", q="p") + tasks("ab") + flows("s>p p>a p>b a>q b>q q>e"),
    "two ends": gateways(p="p") + flows("s>p p>e p>e2") + '<endEvent id="e2"/>',
    "a loop": gateways(x="x") + tasks("ab") + flows("s>a a>x x>b b>a x>e"),
    "an inclusive block": gateways(i="i", j="i") + tasks("ab") + flows("s>i i>a:=1 i>b:=2 a>j b>j j>e"),
    "an inclusive join of a parallel block": gateways(p="p", j="i") + tasks("ab") + flows("s>p p>a p>b a>j b>j j>e"),
    "an inclusive block in a loop": gateways(i="i", j="i", x="x")
    + tasks("ab")
    + flows("s>i i>a:=1 i>b:=2 a>j b>j j>x x>i x>e"),
    "an event gateway": gateways(v="v")
    + catch(timer("PT1H"), "c")
    + catch(timer("PT2H"), "d")
    + flows("s>v v>c v>d c>e d>e"),
    "an interrupting boundary": tasks("a") + boundary("b", "a") + flows("s>a a>e b>e"),
    "a reminder beside": tasks("ar")
    + boundary("b", "a", interrupting=False)
    + flows("s>a a>e b>r r>e2")
    + '<endEvent id="e2"/>',
    "a reminder in a loop": gateways(x="x")
    + tasks("ar")
    + boundary("b", "a", interrupting=False)
    + flows("s>a a>x x>a x>e b>r r>e2")
    + '<endEvent id="e2"/>',
    "two branches, one of which ends all": gateways(p="p", q="p")
    + tasks("ab")
    + boundary("x", "a")
    + flows("s>p p>a p>b a>q b>q q>e x>t")
    + '<endEvent id="t"><terminateEventDefinition/></endEvent>',
    "a link": '<intermediateThrowEvent id="l"><linkEventDefinition name="A"/></intermediateThrowEvent>'
    + catch('<linkEventDefinition name="A"/>', "m")
    + flows("s>l m>e"),
    "conditional flows out of a task, joined inclusively": gateways(j="i")
    + tasks("abc")
    + flows("s>a a>b:=1 a>c b>j c>j j>e"),
}


@pytest.mark.parametrize("name", SOUND)
def test_sound(name):
    assert is_sound(play(SOUND[name]))


def test_deadlock():
    game = play(gateways(x="x", q="p") + tasks("ab") + flows("s>x x>a x>b a>q b>q q>e"))
    assert (game.deadlocked, game.dead, game.ends) == ({"q"}, {"q", "e"}, False)


def test_deadlock_after_an_interrupted_branch():
    game = play(
        gateways(p="p", q="p") + tasks("ab") + boundary("x", "a") + flows("s>p p>a p>b a>q b>q q>e x>e2"),
        '<endEvent id="e2"/>',
    )
    assert (game.deadlocked, game.ends) == ({"q"}, True)


def test_lack_of_synchronisation():
    game = play(gateways(p="p", y="x") + tasks("ab") + flows("s>p p>a p>b a>y b>y y>e"))
    assert game.crowded == {"e"}
    assert not game.deadlocked


def test_two_tokens_in_one_activity():
    game = play(gateways(p="p") + tasks("abc") + boundary("x", "c") + flows("s>p p>a p>b a>c b>c c>e x>e"))
    assert "c" in game.crowded


def test_a_side_branch_that_comes_back_is_counted():
    game = play(tasks("ar") + boundary("b", "a", interrupting=False) + flows("s>a a>r b>r r>e"))
    assert game.crowded == {"e"}


def test_livelock():
    game = play(gateways(x="x") + tasks("ab") + flows("s>x x>e x>a a>b b>a"))
    assert game.ends
    assert game.endless
    assert game.endless <= {"a", "b"}


def test_the_inside_of_a_sub_process_is_a_game_of_its_own():
    inner = chain('<startEvent id="ss"/>', '<task id="i" name="I"/>', '<endEvent id="se"/>')
    parts = f'<subProcess id="sp" name="S">{inner}</subProcess>' + flows("s>sp sp>e")
    assert is_sound(play(parts))
    inside = play(parts, scope="sp")
    assert is_sound(inside)
    assert inside.markings == 2


def test_too_many_markings_are_given_up():
    branches = "".join(tasks_with_exit(n) + flow("p1", f"t{n}") + flow(f"t{n}", "p2") for n in range(20))
    stop = '<endEvent id="x"><terminateEventDefinition/></endEvent>'
    model = read_model(
        "x", file(START, END, stop, gateways(p1="p", p2="p"), branches, flow("s", "p1"), flow("p2", "e"))
    )
    game = TokenGame(model.processes["p"], "p").play()
    assert (game.complete, game.dead) == (False, set())
    assert game.markings <= 20_000


def tasks_with_exit(n: int) -> str:
    return f'<task id="t{n}" name="T"/>' + boundary(f"b{n}", f"t{n}") + flow(f"b{n}", "x")


def test_many_plain_tasks_side_by_side_are_few_markings():
    branches = "".join(f'<task id="t{n}" name="T"/>' + flow("p1", f"t{n}") + flow(f"t{n}", "p2") for n in range(20))
    assert play(gateways(p1="p", p2="p"), branches, flow("s", "p1"), flow("p2", "e")).markings < 5
