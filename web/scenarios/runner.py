"""Plays a scenario step by step on a real engine and a real database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine import SYSTEM, Actor, Engine, EngineError, Invalid
from engine.due_jobs import Leave
from web.scenarios import deeds
from web.scenarios.comparing import shown, with_names
from web.scenarios.coverage import Coverage, taken_flows
from web.scenarios.expectations import Marks, differences, unforeseen
from web.scenarios.format import Refused, Scenario, Step

JOBS_AT_ONCE = 200
FIRST = "asunto"
"""Name of the matter that a step is about when it says nothing."""


class Firm(Protocol):
    """The program on one database, as the runner needs it."""

    engine: Engine

    def actor(self, name: str, business_key: str | None) -> Actor:
        """A person of the firm by user name; `cliente` is the client of that matter in the portal."""
        ...

    def act(self, action: str, values: Mapping[str, Any], by: Actor, business_key: str | None) -> str | None:
        """Do an action of the firm; answers the business key of the matter that it began, if it began one."""
        ...

    def look_up(self, business_key: str, reference: Mapping[str, str]) -> Any:
        """What a reference of a scenario stands for, see `_resolved`."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Failure:
    """A step that did not go as told; the scenario stops there."""

    step: int
    name: str
    problems: tuple[str, ...]
    unforeseen: tuple[str, ...] = ()
    """Elements of user tasks that are open there, and that the scenario says nothing of: it was written before them."""
    undone: bool = False
    """The step itself was refused; else it was done, and something else held than was told."""

    def __str__(self) -> str:
        return f"paso {self.step} «{self.name}»:\n" + "\n".join(f"  - {problem}" for problem in self.problems)


@dataclass
class Report:
    scenario: Scenario
    steps: int = 0
    failure: Failure | None = None
    taken: Coverage = field(default_factory=set)
    business_keys: list[str] = field(default_factory=list)


@dataclass
class Way:
    """How far a scenario has come."""

    matters: dict[str, str] = field(default_factory=dict)
    """Name of a matter → its business key."""
    held: frozenset[str] = frozenset()
    """Elements of the jobs that the last step left waiting."""
    undone: bool = False
    """Whether the last step was not done as told."""

    def key_of(self, step: Step) -> str | None:
        """Business key of the matter that the step is about."""
        return self.matters.get(step.matter or FIRST)


def run(
    scenario: Scenario,
    open_firm: Callable[[], Firm],
    *,
    restart: bool = False,
    until: int | None = None,
    tell: Callable[[str], None] = lambda line: None,
    look: Callable[[Firm, Step, str | None], None] = lambda firm, step, business_key: None,
) -> Report:
    """Play the scenario. `open_firm` opens the program on a prepared, otherwise empty database; with `restart` it is
    closed and opened again before every step, so that everything comes from storage. `look` is called before each step,
    when its moment has come, with the business key of its matter."""
    report = Report(scenario)
    firm = open_firm()
    way = Way()
    try:
        firm.engine.move_clock(scenario.starts, by=SYSTEM)
        for number, step in enumerate(scenario.steps[:until], 1):
            if restart:
                firm.close()
                firm = open_firm()
            problems = play(firm, step, way, look)
            report.steps = number
            tell(f"{number:>3} {step.title or 'pasa el tiempo'}")
            if problems:
                news = unforeseen(firm.engine, way.key_of(step), scenario.steps[number - 1 :])
                report.failure = Failure(number, step.title, tuple(problems), news, way.undone)
                break
        report.business_keys = list(way.matters.values())
        report.taken = taken_flows(firm.engine)
    finally:
        firm.close()
    return report


def play(
    firm: Firm,
    step: Step,
    way: Way,
    look: Callable[[Firm, Step, str | None], None] = lambda firm, step, business_key: None,
) -> list[str]:
    """Play one step; answers what did not hold."""
    marks = Marks.now(firm)
    before = held({*way.held, *step.hold})
    refusal = advance(firm, step, way, moving=before, after=held(step.hold), look=look)
    problems = _refusal_problems(step.refused, refusal)
    way.undone = bool(problems)
    return with_names(firm.engine, problems) if problems else differences(firm, step, way.key_of(step), marks)


def advance(
    firm: Firm,
    step: Step,
    way: Way,
    *,
    moving: Leave,
    after: Leave,
    look: Callable[[Firm, Step, str | None], None] = lambda firm, step, business_key: None,
) -> EngineError | None:
    """One step: time passes, the deed is done, what is due runs. Answers how the deed was refused. The jobs that
    `moving` names are left alone while time passes, those of `after` at the end."""
    if step.at is not None:
        firm.engine.move_clock(step.at, by=SYSTEM, leave=moving)
    look(firm, step, way.key_of(step))
    refusal: EngineError | None = None
    follows = firm.engine.after_step
    if step.hold:
        # The thread of a person's step would run the jobs that it causes.
        firm.engine.after_step = 0
    try:
        started = deeds.do(firm, step, way.key_of(step), len(way.matters))
        if started is not None:
            way.matters[step.matter or FIRST] = started
    except EngineError as error:
        refusal = error
    finally:
        firm.engine.after_step = follows
    run_everything_due(firm.engine, after)
    way.held = frozenset(step.hold)
    return refusal


def run_everything_due(engine: Engine, leave: Leave | None = None) -> None:
    """Run jobs until none is due, whatever they bring about, but for those that are to be left."""
    while engine.run_due_jobs(JOBS_AT_ONCE, "scenario", leave=leave):
        pass


def held(elements: Collection[str]) -> Leave:
    """Leaves the jobs of these elements alone."""
    return lambda job: job.kind == "service" and job.element_id in elements


def _refusal_problems(expected: Refused | None, refusal: EngineError | None) -> list[str]:
    if expected is None:
        return (
            []
            if refusal is None
            else [f"se rechazó ({refusal.code}): {refusal.message} {refusal.details or ''}".rstrip()]
        )
    if refusal is None:
        return [f"se aceptó, y debía rechazarse ({expected.code})"]
    problems = []
    if refusal.code != expected.code:
        problems.append(f"se rechazó con {refusal.code} ({refusal.message}); se esperaba {expected.code}")
    if expected.message and expected.message not in refusal.message:
        problems.append(f"el motivo es «{refusal.message}»; se esperaba «{expected.message}»")
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    for name, text in expected.fields.items():
        if text not in fields.get(name, ""):
            problems.append(f"campo {name}: «{fields.get(name, '')}»; se esperaba «{text}»")
    return problems


def _fields(refusal: EngineError) -> str:
    return shown(refusal.fields) if isinstance(refusal, Invalid) else ""
