"""Rules about what a model names outside itself: topics, handlers, forms, decisions, processes, templates."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping

from engine.definitions.checks.material import Material, Problem, named
from engine.definitions.model import Element, Process


def _nearest(name: str, known: Collection[str]) -> str:
    """A hint at what was probably meant."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"¿Quiso decir «{near[0]}»?" if near else "Revise el nombre."


def work_without_definition(material: Material) -> Iterator[Problem]:
    """Every task that is work says what the work is."""
    for process, element in material.elements():
        missing = _missing(element)
        if missing:
            message = f"{named(element)} no dice {missing}."
            yield Problem(process.resource, element.id, message, "Complételo en el panel de propiedades.")


def _missing(element: Element) -> str | None:
    if element.topic:
        return None
    event = element.event
    if element.kind == "serviceTask":
        return "qué trabajo hace"
    if element.kind == "sendTask" and (event is None or not event.name):
        return "qué trabajo hace o qué mensaje manda"
    if element.kind == "businessRuleTask" and not element.decision_id:
        return "qué decisión evalúa"
    if element.kind == "scriptTask" and not element.script:
        return "qué expresión calcula"
    if element.kind == "callActivity" and not element.called_process:
        return "qué proceso llama"
    if element.kind == "receiveTask" and event is None:
        return "qué mensaje espera"
    if event is not None and event.kind == "message" and not event.name:
        return "qué mensaje espera o manda"
    if event is not None and event.kind == "signal" and not event.name:
        return "qué señal espera o manda"
    if event is not None and event.kind == "conditional" and not event.condition:
        return "qué condición espera"
    if event is not None and event.kind == "error" and element.kind == "endEvent" and not event.code:
        return "con qué código de error termina"
    return None


def unknown_topic(material: Material) -> Iterator[Problem]:
    """Every topic has a handler in the program."""
    if material.topics is None:
        return
    for process, element in material.elements():
        if element.topic and not element.topic.startswith("=") and element.topic not in material.topics:
            yield Problem(
                process.resource,
                element.id,
                f"Nadie atiende el tema «{element.topic}» de {named(element)}.",
                _nearest(element.topic, material.topics),
            )


def unknown_handler(material: Material) -> Iterator[Problem]:
    """Every handler that a user task names exists in the program."""
    if material.handlers is None:
        return
    for process, element in material.elements("userTask"):
        if element.handler is not None and element.handler not in material.handlers:
            yield Problem(
                process.resource,
                element.id,
                f"No existe quien reciba «{element.handler}», el manejador de {named(element)}.",
                _nearest(element.handler, material.handlers),
            )


def unknown_form(material: Material) -> Iterator[Problem]:
    """Every form that a user task or a start event names is in the folder."""
    known = material.form_ids()
    for process, element in material.elements("userTask", "startEvent"):
        name = element.form_id
        if not name or name.startswith("=") or name in known or f"forms/{name}.form" in material.unread:
            continue
        message = f"El formulario «{name}» de {named(element)} no existe."
        yield Problem(process.resource, element.id, message, _nearest(name, known))


def start_form_with_files(material: Material) -> Iterator[Problem]:
    """The form of a start event takes no files: they belong to a user task, and there is none yet."""
    by_id = {form.id: form for form in material.forms.values()}
    for process, element in material.elements("startEvent"):
        form = by_id.get(element.form_id or "")
        if form is not None and form.takes_files:
            message = f"El formulario «{form.id}» de {named(element)} pide archivos, y un inicio no puede recibirlos."
            remedy = "Quite de ahí el campo de archivos y pídalos en una tarea de usuario después del inicio."
            yield Problem(process.resource, element.id, message, remedy)


def user_task_without_form(material: Material) -> Iterator[Problem]:
    """A user task without form shows only a button; that may be meant."""
    for process, element in material.elements("userTask"):
        if not element.form_id:
            message = f"{named(element)} no tiene formulario: la persona sólo podrá completarla."
            yield Problem(process.resource, element.id, message, "Elija un formulario, si lo necesita.", "warning")


def unused_form(material: Material) -> Iterator[Problem]:
    """A form that no user task shows is left over, or a user task has lost it. Forms of actions and of pages say so."""
    used = {element.form_id for _, element in material.elements("userTask", "startEvent")}
    for resource, form in material.forms.items():
        if form.id not in used and not form.used_by:
            message = f"Ninguna tarea de usuario usa el formulario «{form.id}»."
            remedy = "Bórrelo, asígnelo o, si es de una acción, escriba properties.usedBy."
            yield Problem(resource, None, message, remedy, "warning")


def file_name_differs(material: Material) -> Iterator[Problem]:
    """A file carries the id of what it holds, so that people find it and the editor does not write a second one."""
    for resource, form in material.forms.items():
        if resource != f"forms/{form.id}.form":
            message = f"El formulario tiene el id «{form.id}» y el archivo otro nombre."
            yield Problem(resource, None, message, f"Llame al archivo forms/{form.id}.form.")


def form_id_twice(material: Material) -> Iterator[Problem]:
    """A form id stands for one form."""
    first: dict[str, str] = {}
    for resource, form in material.forms.items():
        if form.id in first:
            message = f"El formulario «{form.id}» está también en {first[form.id]}."
            yield Problem(resource, None, message, "Cambie uno de los dos ids.")
        first.setdefault(form.id, resource)


def decision_id_twice(material: Material) -> Iterator[Problem]:
    """A decision id stands for one decision."""
    first: dict[str, str] = {}
    for resource, decision in material.decisions:
        if decision.id in first:
            message = f"La decisión «{decision.id}» está también en {first[decision.id]}."
            yield Problem(resource, decision.id, message, "Cambie uno de los dos ids.")
        first.setdefault(decision.id, resource)


def unknown_decision(material: Material) -> Iterator[Problem]:
    """Every decision that a task evaluates is in the folder."""
    unread = any(name.startswith("dmn/") for name in material.unread)
    known = material.decision_files()
    for process, element in material.elements("businessRuleTask"):
        name = element.decision_id
        if name and not unread and not name.startswith("=") and name not in known:
            message = f"La decisión «{name}» de {named(element)} no existe."
            yield Problem(process.resource, element.id, message, _nearest(name, known))


def decision_file_name(material: Material) -> Iterator[Problem]:
    """A decision that a task evaluates has a file of its own name: a process gets a new version when that changes."""
    files = material.decision_files()
    for _, element in material.elements("businessRuleTask"):
        name = element.decision_id or ""
        resource = files.get(name)
        if resource is not None and resource != f"dmn/{name}.dmn":
            message = f"La decisión «{name}», que evalúa {named(element)}, está en un archivo con otro nombre."
            yield Problem(resource, name, message, f"Llame al archivo dmn/{name}.dmn.")


def unknown_called_process(material: Material) -> Iterator[Problem]:
    """Every called process is in the folder, executable, and starts without trigger."""
    processes = {process.id: process for process in material.processes()}
    unread = any(name.startswith("bpmn/") for name in material.unread)
    for process, element in material.elements("callActivity"):
        name = element.called_process
        if not name or name.startswith("=") or (unread and name not in processes):
            continue
        if name not in processes:
            message = f"El proceso «{name}» que llama {named(element)} no existe o no es ejecutable."
            yield Problem(process.resource, element.id, message, _nearest(name, processes))
        elif not _has_blank_start(processes[name]):
            message = f"El proceso «{name}» que llama {named(element)} no tiene un inicio sin disparador."
            yield Problem(process.resource, element.id, message, "Añádale un evento de inicio simple.")


def _has_blank_start(process: Process) -> bool:
    starts = [e for e in process.elements.values() if e.kind == "startEvent" and e.scope == process.id]
    return any(start.event is None or start.event.kind == "none" for start in starts)


def endless_call(material: Material) -> Iterator[Problem]:
    """A process does not call itself, directly or through others: nothing would say how deep that goes."""
    processes = {process.id: process for process in material.processes()}
    calls = {
        id: {str(e.called_process) for e in process.elements.values() if e.called_process in processes}
        for id, process in processes.items()
    }
    called_by: dict[str, set[str]] = {id: set() for id in processes}
    for id, called in calls.items():
        for name in called:
            called_by[name].add(id)
    for id in _in_circles(calls) & _in_circles(called_by):
        message = f"El proceso «{id}» se llama a sí mismo, directamente o a través de otros."
        yield Problem(processes[id].resource, id, message, "Use un ciclo dentro del proceso.")


def _in_circles(edges: Mapping[str, set[str]]) -> set[str]:
    """What is left when those that lead nowhere are taken away, again and again: circles and what leads to them."""
    left = {id: set(targets) for id, targets in edges.items()}
    sources: dict[str, list[str]] = {}
    for id, targets in edges.items():
        for target in targets:
            sources.setdefault(target, []).append(id)
    queue = [id for id, targets in left.items() if not targets]
    while queue:
        gone = queue.pop()
        del left[gone]
        for source in sources.get(gone, ()):
            left[source].discard(gone)
            if not left[source]:
                queue.append(source)
    return set(left)


_TEMPLATE = re.compile(r"[a-z0-9_]+")


def missing_template(material: Material) -> Iterator[Problem]:
    """A mail or document that a task names literally (input `plantilla`) is in the folder."""
    for process, element in material.elements():
        for mapping in element.inputs:
            name = mapping.source.removeprefix("=").strip().strip('"')
            literal = not mapping.source.startswith("=") or mapping.source[1:].strip().startswith('"')
            if mapping.target != "plantilla" or not literal or not _TEMPLATE.fullmatch(name):
                continue
            folder = "mail/" if (element.topic or "").startswith("correo.") else "documents/"
            if not any(resource.startswith(f"{folder}{name}.") for resource in material.resources):
                message = f"La plantilla «{name}» de {named(element)} no está en {folder}."
                yield Problem(
                    process.resource,
                    element.id,
                    message,
                    "Añada el archivo o corrija el nombre.",
                    field="input:plantilla",
                )


RULES = (
    work_without_definition,
    unknown_topic,
    unknown_handler,
    unknown_form,
    start_form_with_files,
    user_task_without_form,
    unused_form,
    file_name_differs,
    form_id_twice,
    decision_id_twice,
    unknown_decision,
    decision_file_name,
    unknown_called_process,
    endless_call,
    missing_template,
)
