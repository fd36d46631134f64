"""Completing a user task: its form, its handler, what they put into the process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import attachment, given, task_row
from engine import context as contexts
from engine import instance as instances
from engine import user_task as user_tasks
from engine.errors import Conflict, NotFound
from engine.handler import FORM
from engine.values import Attachment, Completed, ProcessInstance, UserTask, Value

if TYPE_CHECKING:
    from engine.forms import Form
    from engine.instance import Instance
    from engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class TaskForm:
    """What the page of a user task shows."""

    task: UserTask
    form: Form | None
    data: dict[str, Value]
    """Process variables, and over them what the handler prepared: prefilled values, options, texts."""
    draft: dict[str, Any] | None
    """What was typed and kept before, as it was typed."""
    revision: int
    attachments: tuple[Attachment, ...] = ()
    context: Any = None
    """For functions of the firm in the form's expressions: `form.render(…, context=context)`, in the transaction."""
    workable: bool = True
    """Whether this actor may complete it; others only read it."""


def form(tx: Transaction, task_id: str) -> TaskForm:
    row, revision = user_tasks.read(tx, task_id)
    user_tasks.allow_reading(tx, row, "form")
    instance = instances.loaded(tx, row.instance_id)
    if row.state != "open":
        raise user_tasks.gone(row)
    task = user_tasks.value(row, revision)
    shown, data, context = _form(tx, instance, task, row.wait_id)
    workable = user_tasks.may_work(tx.actor, row)
    return TaskForm(task, shown, data, row.draft, revision, tuple(attachment.of_task(tx, task_id)), context, workable)


def _form(
    tx: Transaction, instance: Instance, task: UserTask, wait_id: str
) -> tuple[Form | None, dict[str, Value], contexts.StepContext]:
    """The form, what it shows, and the context of the handler."""
    context = contexts.StepContext(
        tx,
        instance=instance,
        element_id=task.element_id,
        process_key=task.process_key,
        wait_id=wait_id,
        idempotency_key=task.id,
        entered_at=task.created,
        task=task,
    )
    data = dict(context.variables)
    handler = _handler(tx, task)
    if handler is not None and handler.prepare is not None:
        data.update(handler.prepare(context) or {})
    found = None
    if task.form_id is not None:
        found = instance.bundle.forms.get(task.form_id)
        if found is None:
            raise NotFound(f"El proceso publicado no tiene el formulario «{task.form_id}».")
    return found, data, context


def _handler(tx: Transaction, task: UserTask) -> Any:
    if task.handler is None:
        return None
    handler = tx.engine.user_task_handlers.get(task.handler)
    if handler is None:
        raise NotFound(f"No hay quien atienda la tarea «{task.handler}».")
    return handler


def complete(
    tx: Transaction,
    task_id: str,
    submitted: Mapping[str, Any],
    request_id: str | None,
    revision: int | None,
    raw: bool,
) -> Completed:
    given.short("request_id", request_id)
    instance, row = user_tasks.lock(tx, task_id, "complete")
    if row.state == "completed" and request_id is not None and row.request_id == request_id:
        task = user_tasks.value(row, instance.revision)
        return Completed(instance.value(), task, user_tasks.next_task(tx, row.business_key), repeated=True)
    user_tasks.must_be_open(instance, row)
    if revision is not None and revision < row.revision:
        raise Conflict("La tarea cambió de manos mientras usted la veía.", reason="stale", who=row.assignee)
    user_tasks.must_be_mine(tx, row)
    _fire_overdue(instance, row)
    task = user_tasks.value(row, instance.revision)
    variables = _submit(tx, instance, task, row.wait_id, submitted, raw)
    task_row.end(instance, task_id, request_id)
    instance.record("user_task.completed", process_key=row.process_key, element_id=row.element_id, task=task_id)
    instance.run.complete(row.wait_id, variables)
    instance.settle()
    done = UserTask(**{**_fields(task), "state": "completed", "ended_at": tx.now, "ended_by": tx.actor.id})
    return Completed(instance.value(), done, user_tasks.next_task(tx, row.business_key))


def _fields(task: UserTask) -> dict[str, Any]:
    return {name: getattr(task, name) for name in UserTask.__slots__}


def _fire_overdue(instance: Instance, row: Any) -> None:
    """What lapsed before now is not done any more, even if no worker has come by since."""
    due = [known.due for known in instance.rows if known.kind == "timer" and known.due and known.due <= instance.tx.now]
    if not due:
        return
    instance.fire_overdue()
    if instance.wait(row.wait_id) is None:
        when = min(due)
        raise Conflict(
            f"El plazo para esto venció el {user_tasks.shown(when)}.", reason="lapsed", when=when, instance=instance.id
        )


def _submit(
    tx: Transaction, instance: Instance, task: UserTask, wait_id: str, submitted: Mapping[str, Any], raw: bool
) -> dict[str, Value] | None:
    """Validate by the form, hand to the handler; answers the process variables."""
    shown, data, context = _form(tx, instance, task, wait_id)
    values: Mapping[str, Any] = submitted
    if shown is not None:
        files = {one.id for one in attachment.of_task(tx, task.id)} if shown.takes_files else None
        values = shown.validate(submitted, data, raw=raw, context=context, now=tx.now, files=files)
    attachment.submit(tx, task.id, values)
    handler = _handler(tx, task)
    if handler is not None:
        values = handler.function(values, context) or {}
        undeclared = () if handler.gives is None or FORM in handler.gives else sorted(set(values) - set(handler.gives))
        if undeclared:
            raise TypeError(f"{handler.topic} returned {', '.join(undeclared)}, not named in `gives`.")
        tx.flush()
    return given.feel_values(values)


def throw_error(
    tx: Transaction, task_id: str, code: str, text: str, variables: Mapping[str, Value], reason: str = ""
) -> ProcessInstance:
    instance, row = user_tasks.lock(tx, task_id, "throw_error")
    user_tasks.must_be_open(instance, row)
    where = {"process_key": row.process_key, "element_id": row.element_id}
    instance.record("error.thrown", **where, code=code, message=text, reason=reason)
    if not instance.run.throw_error(row.wait_id, code, text, given.feel_values(variables)):
        raise Conflict(f"Nadie atiende el error «{code}».", reason="uncaught")
    instance.settle()
    tx.urgent.add(instance.id)
    return instance.value()
