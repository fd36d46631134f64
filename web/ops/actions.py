"""What an operator does to an instance: each action asks for a reason, shows what it will change, and is then done.

The first POST is a dry run, undone at the end; the second one (`confirmar`) does it, unless the instance has changed in
between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import Conflict, EngineError, IncidentQuery, Instruction, Invalid, NotFound, ProcessInstance, WaitState
from tasks.registros import Colaborador
from web import timeline
from web.ops import offers, preview, words
from web.ops.frame import blueprint, repair
from web.permissions import actor
from web.runtime import engine, reading

if TYPE_CHECKING:
    from engine.transaction import Transaction

Form = Mapping[str, str]
Do = Callable[["Transaction", ProcessInstance, str, Form], Any]
"""(transaction, instance, id of the row it is about, the form)"""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do, with the fields that it needs beside the reason."""

    title: str
    explains: str
    """What it means and when to use it, one or two sentences."""
    do: Do
    fields: tuple[str, ...] = ()
    danger: bool = False
    kinds: tuple[str, ...] = ()
    """Of the wait states that it is for; empty: for the instance."""
    states: tuple[str, ...] = field(default=())
    """Of a job."""


def required_reason(form: Form) -> str:
    if not form.get("reason", "").strip():
        raise Invalid({"reason": "Escriba el motivo: queda en la historia."})
    return form["reason"].strip()


def _retry(tx: Transaction, instance: ProcessInstance, target: str, form: Form) -> None:
    values = words.assignments(form.get("variables", ""))
    incidents = tx.incidents(IncidentQuery(instance_id=instance.id), size=100).items
    if any(one.id == target for one in incidents):
        tx.resolve(target, values, reason=required_reason(form))
    else:
        tx.retry(target, values, reason=required_reason(form))


def _skip(tx: Transaction, instance: ProcessInstance, target: str, form: Form) -> None:
    tx.skip(target, words.assignments(form.get("variables", "")), reason=required_reason(form))


def _throw(tx: Transaction, instance: ProcessInstance, target: str, form: Form) -> None:
    code = form.get("code", "").strip()
    if not code:
        raise Invalid({"code": "Escriba el código del error, como está en el diagrama."})
    tx.throw_error(target, code, form.get("text", "").strip(), reason=required_reason(form))


def _fire(tx: Transaction, instance: ProcessInstance, target: str, form: Form) -> None:
    tx.fire(target, words.assignments(form.get("variables", "")), reason=required_reason(form))


def _move(tx: Transaction, instance: ProcessInstance, target: str, form: Form) -> None:
    tx.set_due(target, words.moment(form.get("due", "")), reason=required_reason(form))


def _assign(tx: Transaction, instance: ProcessInstance, target: str, form: Form) -> None:
    person = form.get("assignee", "")
    if person and tx.session.get(Colaborador, person) is None:
        raise Invalid({"assignee": "Elija a una persona de la firma."})
    tx.assign(target, person or None, reason=required_reason(form))


def _set_variables(tx: Transaction, instance: ProcessInstance, target: str, form: Form) -> None:
    values = words.assignments(form.get("variables", ""))
    if not values:
        raise Invalid({"variables": "Escriba al menos una línea nombre = valor."})
    tx.set_variables(instance.id, values, reason=required_reason(form), wait_id=target or None)


def _correlate(tx: Transaction, instance: ProcessInstance, target: str, form: Form) -> None:
    name, values = form.get("message", "").strip(), words.assignments(form.get("variables", ""))
    if not name:
        raise Invalid({"message": "Escriba el nombre del mensaje."})
    correlation = form.get("correlation", "").strip() or instance.business_key
    for wait in tx.wait_states(instance.id):
        if wait.kind == "message" and (wait.message, wait.correlation) == (name, correlation):
            tx.fire(wait.id, values, reason=required_reason(form))
            return
    raise Conflict(f"Este asunto no espera el mensaje «{name}» para {correlation}.", reason="nobody_waits")


def _modify(tx: Transaction, instance: ProcessInstance, target: str, form: Form) -> None:
    values = words.assignments(form.get("variables", ""))
    found = [Instruction("cancel", *_place(one)) for one in form.get("cancel", "").split() if one]
    for action in ("start_before", "start_after"):
        found += [Instruction(action, *_place(one), variables=values) for one in form.get(action, "").split()]  # type: ignore[arg-type]
    tx.modify(instance.id, found, reason=required_reason(form))


def _place(text: str) -> tuple[str, str]:
    process_key, _slash, element_id = text.partition("/")
    if not element_id:
        raise Invalid({"start_before": "Elija un elemento de la lista."})
    return process_key, element_id


ACTIONS: dict[str, Action] = {
    "reintentar": Action(
        "Reintentar",
        "Vuelve a intentar lo que falló, con todos sus intentos. Si falló por un dato, corríjalo aquí mismo.",
        _retry,
        ("variables",),
        kinds=("failure", "job", "timer"),
        states=("failed",),
    ),
    "omitir": Action(
        "Omitir",
        "Da el paso por hecho, sin su formulario ni su trabajo, con el resultado que usted escriba.",
        _skip,
        ("variables",),
        danger=True,
        kinds=("user_task", "job", "timer", "message", "signal", "condition", "failure"),
    ),
    "error": Action(
        "Lanzar un error",
        "Sigue por la salida de error del diagrama, como si el paso hubiera fallado de manera prevista. Un código que "
        "el diagrama no atiende se rechaza.",
        _throw,
        ("code", "text"),
        danger=True,
        kinds=("user_task", "job"),
    ),
    "disparar": Action(
        "Disparar ahora",
        "El temporizador, o el mensaje, llega en este momento.",
        _fire,
        ("variables",),
        kinds=("timer", "message", "signal"),
    ),
    "mover": Action(
        "Mover la fecha",
        "El temporizador o el trabajo ocurre en otro momento.",
        _move,
        ("due",),
        kinds=("timer", "job"),
        states=("due",),
    ),
    "reasignar": Action(
        "Reasignar",
        "La tarea pasa a otra persona, o vuelve a su grupo.",
        _assign,
        ("assignee",),
        kinds=("user_task",),
    ),
    "variables": Action(
        "Cambiar variables",
        "Escribe variables del proceso. Los expedientes y registros de la firma no cambian con esto.",
        _set_variables,
        ("variables",),
    ),
    "mensaje": Action(
        "Entregar un mensaje",
        "Entrega un mensaje a quien lo espera en este asunto.",
        _correlate,
        ("message", "correlation", "variables"),
    ),
    "modificar": Action(
        "Modificar el recorrido",
        "Quita el asunto de donde está y lo pone antes o después de otro elemento. Úselo cuando reintentar, omitir o "
        "lanzar un error no alcanzan.",
        _modify,
        ("cancel", "start_before", "start_after", "variables"),
        danger=True,
    ),
    "suspender": Action(
        "Suspender",
        "Nada corre y nadie puede completar tareas hasta que se reanude.",
        lambda tx, instance, target, form: tx.suspend(instance.id, reason=required_reason(form)),
    ),
    "reanudar": Action(
        "Reanudar",
        "Sigue donde se quedó; lo que venció mientras tanto ocurre ahora.",
        lambda tx, instance, target, form: tx.resume(instance.id, reason=required_reason(form)),
    ),
    "cancelar": Action(
        "Cancelar el asunto",
        "El proceso termina aquí y no se puede reabrir. El expediente se conserva.",
        lambda tx, instance, target, form: tx.cancel(instance.id, reason=required_reason(form)),
        danger=True,
    ),
    "regresar": Action(
        "Regresar a antes de la migración",
        "Devuelve el estado y la versión que tenía antes de su última migración; solo mientras no haya avanzado.",
        lambda tx, instance, target, form: tx.restore(instance.id, reason=required_reason(form)),
        danger=True,
    ),
}


def for_wait(wait: WaitState) -> list[tuple[str, Action]]:
    """The actions that make sense for a wait state."""
    found = []
    for name, action in ACTIONS.items():
        if wait.kind not in action.kinds or (wait.attached and name == "omitir"):
            continue
        if action.states and wait.state is not None and wait.state not in action.states:
            continue
        found.append((name, action))
    return found


def for_instance(instance: ProcessInstance, restorable: bool) -> list[tuple[str, Action]]:
    hidden = {"reanudar"} if instance.state == "running" else {"suspender", "mensaje"}
    if not restorable:
        hidden.add("regresar")
    if instance.ended_at is not None:
        return []
    return [(name, action) for name, action in ACTIONS.items() if not action.kinds and name not in hidden]


@blueprint.app_context_processor
def _offered() -> dict[str, Any]:
    return {"actions_for_wait": for_wait, "actions_for_instance": for_instance}


@blueprint.route("/instancias/<instance_id>/hacer/<name>", methods=["GET", "POST"])
@repair
def action(instance_id: str, name: str) -> Response | str | tuple[str, int]:
    """The form; its dry run; the deed."""
    if name not in ACTIONS:
        raise NotFound
    chosen, target = ACTIONS[name], request.values.get("en", "")
    if request.method == "GET":
        return _page(instance_id, name, target, {})
    form = {key: " ".join(request.form.getlist(key)) if key == "cancel" else request.form[key] for key in request.form}
    with reading() as tx:
        instance = tx.instance(instance_id)
    try:
        if "confirmar" in form:
            with engine().transaction(actor()) as tx:
                if str(tx.instance(instance_id).revision) != form.get("revision"):
                    raise Conflict(
                        "El asunto cambió mientras usted lo revisaba: vea de nuevo qué cambiará.", reason="seen"
                    )
                chosen.do(tx, instance, target, form)
            flash(_("%(what)s: hecho.", what=chosen.title), "good")
            return redirect(url_for("ops.instance", instance_id=instance_id))
        changes = preview.changes(engine(), actor(), instance_id, lambda tx: chosen.do(tx, instance, target, form))
    except Invalid as invalid:
        return _page(instance_id, name, target, form, errors=invalid.fields), 422
    except (Conflict, NotFound) as refused:
        return _page(instance_id, name, target, form, refused=refused), refused.status
    return _page(instance_id, name, target, form, changes=changes)


def _page(
    instance_id: str,
    name: str,
    target: str,
    form: Form,
    *,
    errors: Mapping[str, str] | None = None,
    refused: EngineError | None = None,
    changes: preview.Changes | None = None,
) -> str:
    with reading() as tx:
        instance = tx.instance(instance_id)
        names = timeline.Names(tx.session, None)
        waits = tx.wait_states(instance_id)
        wait = next((one for one in waits if target in (one.id, one.wait_id) and target), None)
        processes = engine().bundles.get(instance.deployment_id).processes
        return render_template(
            "ops/action.html",
            instance=instance,
            process=processes[instance.process_key],
            name=name,
            action=ACTIONS[name],
            target=target,
            wait=words.wait_words(wait, names) if wait else "",
            form=form,
            errors=errors or {},
            refused=refused,
            changes=changes,
            **offers.offered(tx, instance, ACTIONS[name].fields, processes, waits, wait),
        )
