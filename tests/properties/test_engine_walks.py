"""Whatever happens in whatever order: rows and wait states stay equal, what runs waits for something, and the history
only grows."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine import SYSTEM, Conflict, Engine, InstanceQuery, MovableClock, UserTaskQuery
from tests.engine.cases import ANA, NINE, assert_rows_equal_waits, frozen, new_engine, open_engine
from tests.engine.models import boundary, exclusive, message, model, parallel, script, service_task, timer, user_task

MAZE = model(
    "laberinto",
    parallel("abrir", "juntar"),
    user_task("pedir", assignee='=if vueltas = 1 then "ana" else null'),
    boundary("recordar", "pedir", timer="R2/PT5H", kind="timeCycle", interrupting=False),
    user_task("insistir"),
    boundary("rendirse", "pedir", timer="PT40H"),
    service_task("apartar", "almacen.apartar", inputs={"piezas": "=piezas"}),
    boundary("agotado", "apartar", error="e_agotado"),
    timer("pausa", "PT3H"),
    message("pago"),
    boundary("sin_pago", "cobrar", timer="=plazo(2)", kind="timeDate"),
    user_task("cobrar"),
    exclusive("unir_a", "unir_a_juntar"),
    exclusive("unir_b", "unir_b_juntar"),
    exclusive("pedir_o_no", "pedir_o_no_apartar"),
    exclusive("empezar", "empezar_abrir"),
    exclusive("otra_vez", "otra_vez_fin"),
    flows="""
    inicio > empezar > abrir > pedir > pedir_o_no > apartar > unir_a > juntar
    abrir > pausa > pago > cobrar > unir_b > juntar
    juntar > otra_vez > fin
    otra_vez > empezar
    recordar > insistir > fin_recordado
    rendirse > pedir_o_no
    agotado > unir_a
    sin_pago > unir_b
    """,
    conditions={"otra_vez_empezar": "=vueltas < 2"},
    messages={"pago": None, "dejar": None},
    errors={"e_agotado": "AGOTADO"},
)


def handler(id: str, trigger: str, inside: str, end: str = "", interrupting: str = "false") -> str:
    """An event sub-process of one step."""
    name = inside.split('id="')[1].split('"')[0]
    return (
        f'<bpmn:subProcess id="{id}" name="{id}" triggeredByEvent="true">'
        f'<bpmn:startEvent id="{id}_inicio" name="{id}" isInterrupting="{interrupting}">{trigger}</bpmn:startEvent>'
        f'{inside}<bpmn:endEvent id="{id}_fin" name="{id}">{end}</bpmn:endEvent>'
        f'<bpmn:sequenceFlow id="{id}_1" sourceRef="{id}_inicio" targetRef="{name}"/>'
        f'<bpmn:sequenceFlow id="{id}_2" sourceRef="{name}" targetRef="{id}_fin"/></bpmn:subProcess>'
    )


CYCLE = "<bpmn:timerEventDefinition><bpmn:timeCycle>R2/PT7H</bpmn:timeCycle></bpmn:timerEventDefinition>"
SIGNAL = '<bpmn:signalEventDefinition signalRef="eco"/>'
# Every matter calls out twice, all others and itself hear it; one message ends it before its time.
HANDLERS = (
    handler("llamar", CYCLE, script("contar", "=1", "llamadas"), SIGNAL)
    + handler("oir", SIGNAL, user_task("contestar"))
    + handler("dejar", '<bpmn:messageEventDefinition messageRef="m_dejar"/>', user_task("cerrar"), "", "true")
)
MAZE = MAZE.replace(b"</bpmn:process>", HANDLERS.encode() + b"</bpmn:process>").replace(
    b"</bpmn:definitions>", b'<bpmn:signal id="eco" name="eco"/></bpmn:definitions>'
)


class Walk:
    """One seeded walk; every step is one of these methods."""

    def __init__(self, url: str, seed: int) -> None:
        self.url, self.dice = url, random.Random(seed)
        self.engine: Engine = new_engine(url, MAZE, clock=frozen())
        self.keys: list[str] = []
        self.moment = NINE
        self.lines: dict[str, int] = {}

    def start(self) -> None:
        self.keys.append(f"L-{len(self.keys)}")
        values = {"piezas": self.dice.choice([5, 5, 13, 200]), "vueltas": self.dice.choice([1, 2])}
        self.engine.start("laberinto", self.keys[-1], values, by=ANA)

    def complete(self) -> None:
        tasks = self.engine.user_tasks(UserTaskQuery(groups=True, mine=True), size=50, by=ANA).items
        if tasks:
            task = self.dice.choice(tasks)
            values = {"vueltas": 2} if self.dice.random() < 0.5 else {"piezas": 5}
            self.engine.complete(task.id, values, by=ANA)

    def claim(self) -> None:
        tasks = self.engine.user_tasks(UserTaskQuery(groups=True), by=ANA).items
        if tasks:
            self.engine.claim(self.dice.choice(tasks).id, by=ANA)

    def pass_time(self) -> None:
        self.moment += timedelta(hours=self.dice.choice([1, 4, 12, 50]))
        self.engine.move_clock(self.moment, by=ANA)

    def pay(self) -> None:
        keep = self.dice.choice([None, "P1D"])
        self.engine.correlate("pago", business_key=self.dice.choice(self.keys), keep=keep, by=ANA)

    def leave(self) -> None:
        self.engine.correlate("dejar", business_key=self.dice.choice(self.keys), by=ANA)

    def stand_still(self) -> None:
        for instance in self.engine.instances(InstanceQuery(), by=ANA).items:
            if instance.state == "suspended":
                self.engine.resume(instance.id, reason="sigue", by=ANA)
                return
        running = self.engine.instances(InstanceQuery(state="running"), by=ANA).items
        if running:
            self.engine.suspend(self.dice.choice(running).id, reason="espera", by=ANA)

    def mend(self) -> None:
        incidents = self.engine.incidents(by=ANA).items
        if incidents:
            self.engine.resolve(self.dice.choice(incidents).id, {"piezas": 5}, by=ANA)

    def cancel(self) -> None:
        running = self.engine.instances(InstanceQuery(state="running"), by=ANA).items
        if len(running) > 2:
            self.engine.cancel(self.dice.choice(running).id, reason="ya no", by=ANA)

    def restart(self) -> None:
        self.engine.close()
        self.engine = open_engine(self.url, clock=MovableClock(frozen=True))

    def check(self) -> None:
        assert_rows_equal_waits(self.engine)
        for instance in self.engine.instances(InstanceQuery(), size=100, by=SYSTEM).items:
            lines = len(self.engine.history(instance.id, size=5000, by=SYSTEM).items)
            assert lines >= self.lines.get(instance.id, 0)
            self.lines[instance.id] = lines


@pytest.mark.parametrize("seed", range(5))
def test_rows_and_waits_stay_equal(database_url: str, seed: int) -> None:
    walk = Walk(database_url, seed)
    walk.start()
    steps: list[Callable[[], None]] = [
        *[walk.complete] * 6,
        *[walk.pass_time] * 3,
        *[walk.pay] * 3,
        *[walk.start, walk.claim, walk.leave, walk.stand_still, walk.mend, walk.mend, walk.cancel, walk.restart],
    ]
    for _ in range(40):
        step = walk.dice.choice(steps)
        with contextlib.suppress(Conflict):  # Suspended, lapsed, nobody waits: refusals are part of the walk.
            step()
        walk.check()
    walk.engine.close()
