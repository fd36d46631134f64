"""What one step of a scenario does, on a real engine."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine import SYSTEM, Actor, Conflict, Engine, InstanceQuery, Instruction, NotFound, UserTaskQuery, WaitState
from engine.feel import check_value
from tasks import tramites
from web.scenarios.format import ZONE, Step
from web.scenarios.samples import sample_file

if TYPE_CHECKING:
    from web.scenarios.runner import Firm

REASON = "Escenario"
"""What the history says of everything that an operator would need a reason for."""
EVERYTHING = 1000


def do(firm: Firm, step: Step, business_key: str | None, matters: int) -> str | None:
    """Do the step's deed on this matter; answers the business key of a matter that it began. `matters`: how many there
    are. Raises EngineError when it is refused."""
    if step.deed is None:
        return None  # Time passes, or somebody only looks.
    actor = firm.actor(step.as_, business_key) if step.as_ else SYSTEM
    key = f"{business_key}/{step.business_key}" if step.business_key else business_key
    if step.action is not None:
        return firm.act(step.action, resolved(firm, step.with_, business_key), actor, key)
    if step.start is not None:
        # As a trámite: whoever has a user task in it may see it.
        return _start(firm, step, actor, f"{tramites.PREFIJO}-PRUEBA-{matters + 1}")
    if key is None:
        raise NotFound("El escenario todavía no tiene un asunto.")
    if step.message is not None:
        firm.engine.correlate(
            step.message,
            business_key=key,
            correlation=step.correlation,
            variables=typed(resolved(firm, step.with_, business_key)),
            by=actor,
        )
    elif step.deed in ("complete", "draft", "claim"):
        _user_task(firm, step, key, business_key, actor)
    elif step.set_:
        _set(firm.engine, key, typed(step.set_))
    else:
        _at_wait(firm, step, key, business_key)
    return None


def _start(firm: Firm, step: Step, actor: Actor, key: str) -> str:
    assert step.start is not None
    values = typed(resolved(firm, step.with_, None))
    at = [Instruction("start_before", step.start, step.before)] if step.before else []
    return firm.engine.start(step.start, key, values, at=at, by=actor).business_key


def _user_task(firm: Firm, step: Step, key: str, business_key: str | None, actor: Actor) -> None:
    element = step.complete or step.draft or step.claim or ""
    task_id = _open_task(firm.engine, element, key, actor, step.number)
    if step.claim is not None:
        firm.engine.claim(task_id, by=actor)
        return

    def attach(path: str, name: str, text: str | None) -> str:
        data = sample_file(name) if text is None else text.encode()
        return firm.engine.attach(task_id, path, io.BytesIO(data), name, by=actor).id

    values = _with_files(resolved(firm, step.with_, business_key), attach)
    if step.draft is not None:
        firm.engine.draft(task_id, values, by=actor)
    else:
        firm.engine.complete(task_id, values, by=actor)


def _open_task(engine: Engine, element_id: str, business_key: str, actor: Actor, number: int) -> str:
    """Id of the open user task, the `number`th of those that this person sees there, the earliest due first: what one
    may not see is not found."""
    query = UserTaskQuery(business_key=business_key, element_id=element_id)
    found = engine.user_tasks(query, size=EVERYTHING, by=actor).items
    if len(found) < number:
        raise NotFound(f"{actor.id} no tiene a la vista la tarea {element_id} en {business_key}.")
    return found[number - 1].id


def _set(engine: Engine, key: str, values: dict[str, Any]) -> None:
    for instance in engine.instances(InstanceQuery(business_key=key), by=SYSTEM).items:
        if instance.ended_at is None:
            engine.set_variables(instance.id, values, reason=REASON, by=SYSTEM)
            return
    raise NotFound(f"Nada corre en {key}.")


def _at_wait(firm: Firm, step: Step, key: str, business_key: str | None) -> None:
    """What is done to something that waits, other than completing a user task."""
    engine, element = firm.engine, step.do or step.fail or step.throw or step.skip or step.fire or step.retry or ""
    wait = waiting_at(engine, key, element, step.number)
    values = typed(resolved(firm, step.with_, business_key))
    if step.throw is not None:
        engine.throw_error(wait.id, step.code or "", step.error, values, reason=REASON, by=SYSTEM)
    elif step.skip is not None:
        engine.skip(wait.id, values, reason=REASON, by=SYSTEM)
    elif step.fire is not None:
        engine.fire(wait.id, values, reason=REASON, by=SYSTEM)
    elif step.retry is not None:
        again = engine.resolve if wait.kind == "failure" else engine.retry
        again(wait.id, values, reason=REASON, by=SYSTEM)
    elif wait.kind != "job" or not _run_or_fail(engine, step, wait.id):
        raise Conflict(f"En {element} no hay ningún trabajo por hacer.", reason="not_due")


def _run_or_fail(engine: Engine, step: Step, job_id: str) -> bool:
    if step.fail is not None:
        return engine.fail_job(job_id, step.error, "scenario", last=step.last)
    return engine.run_job(job_id, "scenario")


def waiting_at(engine: Engine, business_key: str, element_id: str, number: int) -> WaitState:
    """The wait state at this element; the `number`th of several. Raises NotFound."""
    instances = engine.instances(InstanceQuery(business_key=business_key), by=SYSTEM).items
    found = [
        wait
        for instance in instances
        for wait in engine.wait_states(instance.id, by=SYSTEM)
        if wait.element_id == element_id
    ]
    if len(found) < number:
        raise NotFound(f"Nada espera en {element_id} de {business_key}.")
    return sorted(found, key=lambda wait: wait.id)[number - 1]


# --- values as an analyst writes them


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers exact and moments on the firm's wall clock, as a form gives them."""
    return {name: check_value(_exact(value)) for name, value in values.items()}


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=ZONE)
    return value


def resolved(firm: Firm, value: Any, business_key: str | None) -> Any:
    """References replaced by what they stand for: `{from_mail: TEMPLATE, value: FIELD}` by what the client reads in the
    last such mail, `{from_row: TABLE, value: COLUMN}` by a column of the matter's last row of that table."""
    if isinstance(value, dict):
        if "from_mail" in value or "from_row" in value:
            if business_key is None:
                raise NotFound("El escenario todavía no tiene un asunto.")
            return firm.look_up(business_key, value)
        return {name: resolved(firm, each, business_key) for name, each in value.items()}
    if isinstance(value, list):
        return [resolved(firm, each, business_key) for each in value]
    return value


def _with_files(value: Any, attach: Callable[[str, str, str | None], str], path: str = "") -> Any:
    """The values with every `{file: NAME}` (or a list of names) handed in, and its id in its place. `text` beside it:
    what the file says."""
    if isinstance(value, dict):
        if "file" in value and set(value) <= {"file", "text"}:
            names = value["file"] if isinstance(value["file"], list) else [value["file"]]
            return [attach(path, str(name), value.get("text")) for name in names]
        return {name: _with_files(each, attach, f"{path}.{name}".lstrip(".")) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_files(each, attach, f"{path}.{number}") for number, each in enumerate(value)]
    return value
