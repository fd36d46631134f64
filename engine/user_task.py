"""User tasks: their rows, who may work on them, and the verbs. Lists are in `engine/inbox.py`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from engine import context as contexts
from engine import incident, timers, wait_states
from engine import instance as instances
from engine.errors import Conflict, EngineError, Invalid, NotAllowed, NotFound
from engine.ids import new_id
from engine.storage import tables as t
from engine.storage.files import StoredFile
from engine.values import SYSTEM, Actor, Attachment, Completed, ProcessInstance, UserTask, Value

if TYPE_CHECKING:
    from engine.bpmn import Wait
    from engine.forms import Form
    from engine.instance import Instance
    from engine.transaction import Transaction

_u = t.user_task.c
_x = t.user_task_index.c
_a = t.attachment.c

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
FILES_PER_TASK = 20
_BY_ID = select(t.user_task).where(_u.id == bindparam("task"))
_INSTANCE_OF = select(_u.instance_id).where(_u.id == bindparam("task"))
_END = (
    t.user_task.update()
    .where(_u.id == bindparam("task"), _u.state == "open")
    .values(
        state=bindparam("state_"),
        ended_at=bindparam("at"),
        ended_by=bindparam("who"),
        request_id=bindparam("request"),
        draft=None,
    )
)
_UNLIST = t.user_task_index.delete().where(_x.task_id == bindparam("task"))
_INSERT = t.user_task.insert()
_LIST = t.user_task_index.insert()


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


# --- rows of waits


def open_rows(instance: Instance, waits: Sequence[Wait]) -> list[wait_states.Row]:
    """User tasks; who, until when and how urgent is evaluated once, on entry."""
    rows, opened = [], []
    for wait in waits:
        try:
            row = _row(instance, wait)
        except (EngineError, timers.TimerError, ValueError, TypeError, ArithmeticError) as error:
            sentence = f"La tarea «{wait.element.name or wait.element.id}» no se puede asignar: {error}"
            instance.run.fail(wait.id, sentence)
            opened.append(incident.open_one(instance, wait, sentence))
            continue
        rows.append(row)
        instance.record(
            "user_task.created",
            process_key=wait.process_key,
            element_id=wait.element.id,
            task=row["id"],
            assignee=row["assignee"],
            groups=list(row["candidate_groups"]),
            due=row["due"],
        )
    if rows:
        instance.tx.execute(_INSERT, rows)
        instance.tx.execute(_LIST, [listed for row in rows for listed in _listed(row)])
    return opened + [wait_states.Row("user_task", row["id"], row["wait_id"]) for row in rows]


def _row(instance: Instance, wait: Wait) -> dict[str, Any]:
    element, tx = wait.element, instance.tx
    due = instance.text(wait, element.due_date)
    follow_up = instance.text(wait, element.follow_up_date)
    priority = instance.text(wait, element.priority)
    assignee = instance.text(wait, element.assignee)
    if assignee is not None and not isinstance(assignee, str):
        raise ValueError(f"la persona asignada debe ser un texto, no {assignee!r}")
    name = element.name or element.id
    return {
        "id": new_id(),
        "instance_id": instance.id,
        "wait_id": wait.id,
        "business_key": instance.business_key,
        "process_key": wait.process_key,
        "element_id": element.id,
        "name": name,
        "search": folded(name),
        "state": "open",
        "assignee": assignee or None,
        "candidate_groups": _names(instance.text(wait, element.candidate_groups)),
        "candidate_users": _names(instance.text(wait, element.candidate_users)),
        "due": None if due is None else timers.moment(due),
        "follow_up": None if follow_up is None else timers.moment(follow_up),
        "priority": 50 if priority is None else int(priority),
        "form_id": element.form_id,
        "handler": element.handler,
        "created": tx.now,
        "revision": instance.revision + 1,
    }


def _names(value: Value) -> tuple[str, ...]:
    """A comma list, or a list of texts."""
    if value is None:
        return ()
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"los candidatos deben ser una lista de textos, no {value!r}")
    return tuple(name.strip() for name in names if name.strip())


def folded(text: str) -> str:
    """Small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))[:255]


def _listed(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The index rows of an open user task."""
    if row["assignee"] is not None:
        keys = [f"mine:{row['assignee']}"]
    else:
        keys = [f"group:{group}" for group in row["candidate_groups"]]
        keys += [f"user:{user}" for user in row["candidate_users"]]
    order = {
        "task_id": row["id"],
        "due": row["due"] or END_OF_TIME,
        "priority": -row["priority"],
        "created": row["created"],
    }
    return [{"key": key, **order} for key in dict.fromkeys(["all", *keys])]


def close_rows(instance: Instance, ids: Sequence[str]) -> None:
    """Their elements were left by another way: cancelled."""
    tx = instance.tx
    query = select(_u.id, _u.process_key, _u.element_id).where(_u.id.in_(ids), _u.state == "open")
    for row in tx.execute(query).all():
        instance.record("user_task.cancelled", process_key=row.process_key, element_id=row.element_id, task=row.id)
    tx.execute(
        t.user_task.update()
        .where(_u.id.in_(ids), _u.state == "open")
        .values(state="cancelled", ended_at=tx.now, ended_by=tx.actor.id, draft=None)
    )
    tx.execute(t.user_task_index.delete().where(_x.task_id.in_(ids)))


def refresh(instance: Instance) -> int:
    """Evaluate the due dates of the open user tasks again, as of when they were created; answers how many moved."""
    tx, moved = instance.tx, 0
    for row in tx.execute(select(t.user_task).where(_u.instance_id == instance.id, _u.state == "open")).all():
        wait = instance.wait(row.wait_id)
        if wait is None or not (wait.element.due_date or "").startswith("="):
            continue
        instance.entered_at = row.created
        try:
            value = instance.text(wait, wait.element.due_date)
            due = None if value is None else timers.moment(value)
        finally:
            instance.entered_at = None
        if due != row.due:
            tx.execute(t.user_task.update().where(_u.id == row.id).values(due=due))
            tx.execute(t.user_task_index.update().where(_x.task_id == row.id).values(due=due or END_OF_TIME))
            moved += 1
    return moved


# --- reading


def value(row: Any, revision: int) -> UserTask:
    return UserTask(
        row.id,
        row.instance_id,
        row.business_key,
        row.process_key,
        row.element_id,
        row.name,
        row.state,
        row.assignee,
        row.candidate_groups,
        row.due,
        row.follow_up,
        row.priority,
        row.form_id,
        row.handler,
        row.created,
        revision,
        row.ended_at,
        row.ended_by,
    )


def may_work(actor: Actor, row: Any) -> bool:
    """Whether the task is the actor's, or nobody's and the actor is a candidate. Without candidates: anyone's of the
    firm."""
    if actor is SYSTEM:
        return True
    if row.assignee is not None:
        return bool(row.assignee == actor.id)
    if not row.candidate_groups and not row.candidate_users:
        return actor.business_key is None
    return actor.id in row.candidate_users or not actor.groups.isdisjoint(row.candidate_groups)


def _visible(tx: Transaction, row: Any) -> bool:
    """A portal actor knows only of the tasks that are meant for it."""
    actor = tx.actor
    if actor.business_key is None:
        return True
    return row.assignee == actor.id or not actor.groups.isdisjoint(row.candidate_groups)


def _read(tx: Transaction, task_id: str) -> tuple[Any, int]:
    revision = t.process_instance.c.revision.label("instance_revision")
    query = (
        select(t.user_task, revision)
        .join(t.process_instance, t.process_instance.c.id == _u.instance_id)
        .where(_u.id == task_id, tx.visible(_u.business_key))
    )
    row = tx.execute(query).first()
    if row is None or not _visible(tx, row):
        raise NotFound("Esta tarea no existe o no es para usted.")
    return row, row.instance_revision


def get(tx: Transaction, task_id: str) -> UserTask:
    row, revision = _read(tx, task_id)
    tx.allow("user_task", row.business_key)
    return value(row, revision)


def form(tx: Transaction, task_id: str) -> TaskForm:
    row, revision = _read(tx, task_id)
    tx.allow("form", row.business_key)
    instance = instances.loaded(tx, row.instance_id)
    if row.state != "open":
        raise _gone(row)
    task = value(row, revision)
    shown, data, context = _form(tx, instance, task, row.wait_id)
    return TaskForm(task, shown, data, row.draft, revision, tuple(_attachments(tx, task_id)), context)


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


def _gone(row: Any) -> Conflict:
    done = row.state == "completed"
    sentence = f"La completó {row.ended_by}" if done else "La tarea ya no está abierta: el asunto siguió otro camino"
    return Conflict(f"{sentence}, {_shown(row.ended_at)}.", who=row.ended_by, when=row.ended_at, reason=row.state)


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(timers.ZONE):%d/%m/%Y %H:%M}"


# --- verbs


def _lock(tx: Transaction, task_id: str, verb: str) -> tuple[Instance, Any]:
    """Lock the task's instance, then read the task: open, of a running instance, known to the actor."""
    instance_id = tx.execute(_INSTANCE_OF, {"task": task_id}).scalar()
    if instance_id is None:
        raise NotFound("Esta tarea no existe o no es para usted.")
    instance = instances.lock(tx, instance_id)
    row = tx.execute(_BY_ID, {"task": task_id}).one()
    if not tx.actor.may_see(row.business_key) or not _visible(tx, row):
        raise NotFound("Esta tarea no existe o no es para usted.")
    tx.allow(verb, row.business_key)
    return instance, row


def _must_be_open(instance: Instance, row: Any) -> None:
    if row.state != "open":
        raise _gone(row)
    instance.must_run()


def complete(
    tx: Transaction,
    task_id: str,
    submitted: Mapping[str, Any],
    request_id: str | None,
    revision: int | None,
    raw: bool,
) -> Completed:
    instance, row = _lock(tx, task_id, "complete")
    if row.state == "completed" and request_id is not None and row.request_id == request_id:
        task = value(row, instance.revision)
        return Completed(instance.value(), task, next_task(tx, row.business_key), repeated=True)
    _must_be_open(instance, row)
    _must_be_mine(tx, row)
    if revision is not None and revision < row.revision:
        raise Conflict("La tarea cambió de manos mientras usted la veía.", reason="stale", who=row.assignee)
    _fire_overdue(instance, row)
    task = value(row, instance.revision)
    variables = _submit(tx, instance, task, row.wait_id, submitted, raw)
    ended = {"task": task_id, "state_": "completed", "at": tx.now, "who": tx.actor.id, "request": request_id}
    tx.execute(_END, ended)
    tx.execute(_UNLIST, {"task": task_id})
    instance.rows[:] = [known for known in instance.rows if known.id != task_id]
    instance.record("user_task.completed", process_key=row.process_key, element_id=row.element_id, task=task_id)
    instance.run.complete(row.wait_id, variables)
    instance.settle()
    done = UserTask(**{**_fields(task), "state": "completed", "ended_at": tx.now, "ended_by": tx.actor.id})
    return Completed(instance.value(), done, next_task(tx, row.business_key))


def _fields(task: UserTask) -> dict[str, Any]:
    return {name: getattr(task, name) for name in UserTask.__slots__}


def _must_be_mine(tx: Transaction, row: Any) -> None:
    if not may_work(tx.actor, row):
        if row.assignee is not None:
            raise NotAllowed(f"La tarea es de {row.assignee}.", who=row.assignee, when=row.claimed_at)
        raise NotAllowed("La tarea es de otro grupo.")


def _fire_overdue(instance: Instance, row: Any) -> None:
    """What lapsed before now is not done any more, even if no worker has come by since."""
    due = [known.due for known in instance.rows if known.kind == "timer" and known.due and known.due <= instance.tx.now]
    if not due:
        return
    instance.fire_overdue()
    if instance.wait(row.wait_id) is None:
        when = min(due)
        raise Conflict(
            f"El plazo para esto venció el {_shown(when)}.", reason="lapsed", when=when, instance=instance.id
        )


def _submit(
    tx: Transaction, instance: Instance, task: UserTask, wait_id: str, submitted: Mapping[str, Any], raw: bool
) -> dict[str, Value] | None:
    """Validate by the form, hand to the handler; answers the process variables."""
    shown, data, context = _form(tx, instance, task, wait_id)
    values: Mapping[str, Any] = submitted
    if shown is not None:
        files = {one.id for one in _attachments(tx, task.id)} if shown.takes_files else None
        values = shown.validate(submitted, data, raw=raw, context=context, now=tx.now, files=files)
    _submit_files(tx, task, values)
    handler = _handler(tx, task)
    if handler is not None:
        values = handler.function(values, context) or {}
        tx.flush()
    return instances.feel_values(values)


def _submit_files(tx: Transaction, task: UserTask, values: Mapping[str, Any]) -> None:
    """Files named in the values belong to the case from now on, not to a draft."""
    named = set(_texts(values))
    if named:
        condition = (_a.task_id == task.id) & _a.id.in_(named)
        tx.execute(t.attachment.update().where(condition).values(submitted=True))


def _texts(value: Value) -> Iterator[str]:
    """Every text in lists, at any depth: a list of files may stand in a row of another list."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for item in inner:
        if isinstance(item, str) and isinstance(value, list):
            yield item
        else:
            yield from _texts(item)


def next_task(tx: Transaction, business_key: str) -> UserTask | None:
    """The open user task of this business key that the actor may work on, the earliest first."""
    revision = t.process_instance.c.revision.label("instance_revision")
    query = (
        select(t.user_task, revision)
        .join(t.process_instance, t.process_instance.c.id == _u.instance_id)
        .where(_u.business_key == business_key, _u.state == "open")
        .order_by(_u.created, _u.id)
    )
    for row in tx.execute(query):
        if may_work(tx.actor, row):
            return value(row, row.instance_revision)
    return None


def throw_error(
    tx: Transaction, task_id: str, code: str, text: str, variables: Mapping[str, Value], reason: str = ""
) -> ProcessInstance:
    instance, row = _lock(tx, task_id, "throw_error")
    _must_be_open(instance, row)
    where = {"process_key": row.process_key, "element_id": row.element_id}
    instance.record("error.thrown", **where, code=code, message=text, reason=reason)
    if not instance.run.throw_error(row.wait_id, code, text, instances.feel_values(variables)):
        raise Conflict(f"Nadie atiende el error «{code}».", reason="uncaught")
    instance.settle()
    tx.urgent.add(instance.id)
    return instance.value()


def end_skipped(instance: Instance, task_id: str) -> None:
    """An operator went past it: completed, by them, without its form."""
    ended = {"task": task_id, "state_": "completed", "at": instance.tx.now, "who": instance.tx.actor.id}
    instance.tx.execute(_END, {**ended, "request": None})
    instance.tx.execute(_UNLIST, {"task": task_id})


def claim(tx: Transaction, task_id: str) -> UserTask:
    instance, row = _lock(tx, task_id, "claim")
    _must_be_open(instance, row)
    if row.assignee == tx.actor.id:
        return value(row, instance.revision)
    if row.assignee is not None:
        sentence = f"La tomó {row.assignee}"
        if row.claimed_at is not None:
            sentence += f", {_shown(row.claimed_at)}"
        raise Conflict(f"{sentence}.", who=row.assignee, when=row.claimed_at, reason="claimed")
    _must_be_mine(tx, row)
    return _reassign(instance, row, tx.actor.id, "user_task.claimed")


def release(tx: Transaction, task_id: str) -> UserTask:
    instance, row = _lock(tx, task_id, "release")
    _must_be_open(instance, row)
    if row.assignee is None:
        return value(row, instance.revision)
    _must_be_mine(tx, row)
    return _reassign(instance, row, None, "user_task.released")


def assign(tx: Transaction, task_id: str, assignee: str | None) -> UserTask:
    instance, row = _lock(tx, task_id, "assign")
    _must_be_open(instance, row)
    if row.assignee == assignee:
        return value(row, instance.revision)
    return _reassign(instance, row, assignee, "user_task.assigned")


def _reassign(instance: Instance, row: Any, assignee: str | None, kind: str) -> UserTask:
    tx = instance.tx
    instance.record(
        kind,
        process_key=row.process_key,
        element_id=row.element_id,
        task=row.id,
        assignee=assignee,
        previous=row.assignee,
    )
    instance.write()
    changes = {"assignee": assignee, "claimed_at": tx.now if assignee else None, "revision": instance.revision}
    tx.execute(t.user_task.update().where(_u.id == row.id).values(changes))
    tx.execute(_UNLIST, {"task": row.id})
    tx.execute(_LIST, _listed({**row._mapping, **changes}))
    return value(tx.execute(_BY_ID, {"task": row.id}).one(), instance.revision)


def draft(tx: Transaction, task_id: str, values: Mapping[str, Any]) -> None:
    """No lock of the instance: a draft changes nothing of the process."""
    row, _ = _read(tx, task_id)
    tx.allow("draft", row.business_key)
    if row.state != "open":
        raise _gone(row)
    _must_be_mine(tx, row)
    kept = t.user_task.update().where(_u.id == task_id, _u.state == "open").values(draft=dict(values))
    if tx.execute(kept).rowcount != 1:
        raise _gone(_read(tx, task_id)[0])


# --- files


def may_attach(tx: Transaction, task_id: str) -> None:
    """Raises what `attach` would, before any byte is stored."""
    row, _ = _read(tx, task_id)
    tx.allow("attach", row.business_key)
    if row.state != "open":
        raise _gone(row)
    _must_be_mine(tx, row)
    if len(_attachments(tx, task_id)) >= FILES_PER_TASK:
        raise Invalid({"": f"No se admiten más de {FILES_PER_TASK} archivos."})


def attach(tx: Transaction, task_id: str, field: str, stored: StoredFile, filename: str) -> Attachment:
    may_attach(tx, task_id)
    row, _ = _read(tx, task_id)
    attached = Attachment(
        new_id(),
        task_id,
        row.instance_id,
        row.business_key,
        field,
        filename,
        stored.hash,
        stored.size,
        stored.type,
        tx.now,
        tx.actor.id,
    )
    columns = {name: getattr(attached, name) for name in Attachment.__slots__}
    tx.execute(t.attachment.insert().values(**columns, submitted=False))
    return attached


def _attachment(row: Any) -> Attachment:
    return Attachment(**{name: getattr(row, name) for name in Attachment.__slots__})


def _attachments(tx: Transaction, task_id: str) -> list[Attachment]:
    query = select(t.attachment).where(_a.task_id == task_id).order_by(_a.id)
    return [_attachment(row) for row in tx.execute(query)]


def attachment(tx: Transaction, attachment_id: str) -> Attachment:
    row = tx.execute(select(t.attachment).where(_a.id == attachment_id, tx.visible(_a.business_key))).first()
    if row is None:
        raise NotFound("Este archivo no existe o no es para usted.")
    tx.allow("attachment", row.business_key)
    return _attachment(row)
