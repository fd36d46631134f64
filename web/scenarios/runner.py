"""Plays a scenario step by step on a real engine and a real database."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine import SYSTEM, Actor, Engine, EngineError, Invalid, UserTaskQuery
from web.scenarios.coverage import Coverage, taken_flows
from web.scenarios.expectations import Marks, differences
from web.scenarios.format import Refused, Scenario, Step
from web.scenarios.samples import sample_file

JOBS_AT_ONCE = 200


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

    def __str__(self) -> str:
        return f"step {self.step} «{self.name}»:\n" + "\n".join(f"  - {problem}" for problem in self.problems)


@dataclass
class Report:
    scenario: Scenario
    steps: int = 0
    failure: Failure | None = None
    taken: Coverage = field(default_factory=set)
    business_keys: list[str] = field(default_factory=list)


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
    matters: dict[str, str] = {}
    try:
        firm.engine.move_clock(scenario.starts, by=SYSTEM)
        for number, step in enumerate(scenario.steps[:until], 1):
            if restart:
                firm.close()
                firm = open_firm()
            problems = play(firm, step, matters, look)
            report.steps = number
            tell(f"{number:>3} {step.name or step.complete or step.action or 'time passes'}")
            if problems:
                report.failure = Failure(number, step.name or step.complete or step.action or "", tuple(problems))
                break
        report.business_keys = list(matters.values())
        report.taken = taken_flows(firm.engine)
    finally:
        firm.close()
    return report


def play(
    firm: Firm,
    step: Step,
    matters: dict[str, str],
    look: Callable[[Firm, Step, str | None], None] = lambda firm, step, business_key: None,
) -> list[str]:
    """Play one step; answers what did not hold. `matters`: the name of a matter in the scenario → its business key."""
    marks = Marks.now(firm)
    if step.at is not None:
        firm.engine.move_clock(step.at, by=SYSTEM)
    name = step.matter or "asunto"
    look(firm, step, matters.get(name))
    refusal: EngineError | None = None
    try:
        started = _do(firm, step, matters.get(name))
        if started is not None:
            matters[name] = started
    except EngineError as error:
        refusal = error
    run_everything_due(firm.engine)
    problems = _refusal_problems(step.refused, refusal)
    if problems:
        return problems
    return differences(firm, step, matters.get(name), marks)


def _do(firm: Firm, step: Step, business_key: str | None) -> str | None:
    if not (step.action or step.message or step.complete or step.draft or step.claim):
        return None  # Time passes, or somebody only looks.
    actor = firm.actor(step.as_, business_key) if step.as_ else SYSTEM
    key = f"{business_key}/{step.business_key}" if step.business_key else business_key
    if step.action is not None:
        return firm.act(step.action, _resolved(firm, step.with_, business_key), actor, key)
    assert key is not None, "the scenario has no matter yet"
    if step.message is not None:
        firm.engine.correlate(step.message, business_key=key, variables=step.with_, by=actor)
        return None
    task_id = _open_task(firm.engine, step.complete or step.draft or step.claim or "", key, actor)
    if step.claim is not None:
        firm.engine.claim(task_id, by=actor)
        return None
    values = _resolved(firm, step.with_, business_key)

    def attach(path: str, name: str) -> str:
        return firm.engine.attach(task_id, path, io.BytesIO(sample_file(name)), name, by=actor).id

    values = _with_files(values, attach)
    if step.draft is not None:
        firm.engine.draft(task_id, values, by=actor)
    else:
        firm.engine.complete(task_id, values, by=actor)
    return None


def _open_task(engine: Engine, element_id: str, business_key: str, actor: Actor) -> str:
    """Id of the open user task, looked up as this person: what one may not see is not found."""
    page = engine.user_tasks(UserTaskQuery(business_key=business_key, element_id=element_id), by=actor)
    if not page.items:
        from engine import NotFound

        raise NotFound(f"{actor.id} sees no open user task {element_id} in {business_key}")
    return page.items[0].id


def _resolved(firm: Firm, value: Any, business_key: str | None) -> Any:
    """References replaced by what they stand for: `{from_mail: TEMPLATE, value: FIELD}` by what the client reads in the
    last such mail, `{from_row: TABLE, value: COLUMN}` by a column of the matter's last row of that table."""
    if isinstance(value, dict):
        if "from_mail" in value or "from_row" in value:
            assert business_key is not None, "the scenario has no matter yet"
            return firm.look_up(business_key, value)
        return {name: _resolved(firm, each, business_key) for name, each in value.items()}
    if isinstance(value, list):
        return [_resolved(firm, each, business_key) for each in value]
    return value


def _with_files(value: Any, attach: Callable[[str, str], str], path: str = "") -> Any:
    """The values with every `{file: NAME}` handed in, and its id in its place."""
    if isinstance(value, dict):
        if set(value) == {"file"}:
            return [attach(path, value["file"])]
        return {name: _with_files(each, attach, f"{path}.{name}".lstrip(".")) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_files(each, attach, f"{path}.{number}") for number, each in enumerate(value)]
    return value


def run_everything_due(engine: Engine) -> None:
    """Run jobs until none is due, whatever they bring about."""
    while engine.run_due_jobs(JOBS_AT_ONCE, "scenario"):
        pass


def _refusal_problems(expected: Refused | None, refusal: EngineError | None) -> list[str]:
    if expected is None:
        return [] if refusal is None else [f"refused: {refusal.code}: {refusal.message} {refusal.details or ''}"]
    if refusal is None:
        return [f"it was accepted, but should have been refused ({expected.code})"]
    problems = []
    if refusal.code != expected.code:
        problems.append(f"refused with {refusal.code} ({refusal.message}), expected {expected.code}")
    if expected.message and expected.message not in refusal.message:
        problems.append(f"the reason is «{refusal.message}», expected «{expected.message}»")
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    for name, text in expected.fields.items():
        if text not in fields.get(name, ""):
            problems.append(f"field {name}: «{fields.get(name)}», expected «{text}»")
    return problems
